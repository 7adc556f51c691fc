import { request } from 'node:https'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { login } from '../support/login.ts'
import { type ServedSandbox, sandboxHere } from '../support/sandbox.ts'
import { type Json, subscriptionId } from './arm.ts'

/*
 * Every operation of one of Microsoft's own clients, as it comes: its default options, its own polling and paging, over
 * https to a sandbox in a process of its own. The client says by itself which operations it has; the table says of each
 * one how it is called, or why it is not.
 */

/** How one operation is called, so that it works and so that it is refused. */
type Row<Client> = Called<Client> | { readonly leftOut: string }

interface Called<Client> {
  /** Throws, or expects in vain, when it does not work. */
  happy(client: Client): Promise<unknown>
  /** Rejects. Absent with a reason where nothing that can be asked for is refused. */
  readonly unhappy: ((client: Client) => Promise<unknown>) | { readonly cannotFail: string }
  /** Which error `unhappy` ends with; with '' the message decides. */
  readonly code?: string
  /** Tells the error by its message, where the code alone says too little. */
  readonly message?: RegExp
}

/** By `group.operation`, where `beginDelete` and `beginDeleteAndWait` are the one operation `delete`; `group.*` leaves out a whole group. */
export type Table<Client> = Readonly<Record<string, Row<Client>>>

export interface Conformance<Client> {
  /** The package's name, as it stands in the titles. */
  readonly client: string
  make(credential: Credential, options: ClientOptions): Client
  /** The estate before each test. */
  readonly seed: Readonly<Record<string, Json>>
  readonly behaviours?: Readonly<Record<string, Json>>
  readonly table: Table<Client>
  /** How much faster than Azure the sandbox's clock goes. The least wait between two polls stays one second. */
  readonly speed?: number
}

type Credential = ReturnType<typeof login>

/** Nothing but what leads to the sandbox: everything else is the client's own default. */
interface ClientOptions {
  readonly endpoint: string
  readonly $host: string
  readonly tlsOptions: { readonly ca: string }
}

const credential: Credential = login()

const optionsFor = (endpoint: string, ca: string): ClientOptions => ({ endpoint, $host: endpoint, tlsOptions: { ca } })

/** The items of a list, over all of its pages. */
export async function all<Item>(pages: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of pages) items.push(item)
  return items
}

/** `group.operation` of all that a client can be asked, and `client.operation` of what it does itself. */
function operationsOf(client: object): string[] {
  const groups = Object.entries(client).filter(([, value]) => isGroup(value))
  const named = groups.flatMap(([group, value]) => methodsOf(value).map(method => `${group}.${operationOf(method)}`))
  const own = methodsOf(client).map(method => `client.${operationOf(method)}`)
  return [...new Set([...named, ...own])].sort()
}

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && /\wImpl$/.test(Object.getPrototypeOf(value)?.constructor?.name ?? '')

/** Not the clients' inner ones: of paging, and of their own making. */
const methodsOf = (value: object): string[] =>
  Object.getOwnPropertyNames(Object.getPrototypeOf(value)).filter(
    name => !/^_|Paging(Page|All)$|^(constructor|addCustomApiVersionPolicy)$/.test(name)
  )

function operationOf(method: string): string {
  const begun = /^begin(\w+?)(AndWait)?$/.exec(method)?.[1]
  return begun === undefined ? method : `${begun.charAt(0).toLowerCase()}${begun.slice(1)}`
}

const rowOf = <Client>(table: Table<Client>, operation: string): Row<Client> | undefined =>
  table[operation] ?? table[operation.replace(/\.[^.]*$/, '.*')]

/** Registers the tests: one for each operation that is called, and one that the table and the client name the same ones. */
export function conforms<Client extends object>({
  client: name,
  make,
  seed,
  behaviours,
  table,
  speed = 20_000
}: Conformance<Client>): void {
  // They serve a sandbox of their own, whatever the other tests are pointed at.
  describe.skipIf(process.env['ARM_ENDPOINT'] !== undefined)(name, () => {
    let served: ServedSandbox
    let client: Client
    beforeAll(async () => {
      served = await sandboxHere(['--speed', String(speed)])
      client = make(credential, optionsFor(served.url, served.ca))
    })
    beforeEach(() => reset(served, { seed, ...(behaviours && { behaviours }) }))
    afterAll(() => served?.stop())

    test('has a row, or a reason, for each of its operations, and no other', () => {
      const operations = operationsOf(client)
      expect(operations.length).toBeGreaterThan(0)
      const unnamed = operations.filter(one => rowOf(table, one) === undefined)
      const invented = Object.keys(table).filter(one => !operations.some(known => known === one || known.replace(/\.[^.]*$/, '.*') === one))
      expect({ unnamed, invented }).toEqual({ unnamed: [], invented: [] })
    })

    test.each(reasonsOf(table))('%s is left out, or cannot fail, for a written reason', (_operation, reason) => {
      expect(reason.length).toBeGreaterThan(20)
    })

    for (const [operation, row] of Object.entries(table)) {
      if ('leftOut' in row) continue
      test(`${operation} works`, () => row.happy(client))
      const { unhappy } = row
      if (typeof unhappy === 'function')
        test(`${operation} is refused`, async () => expectRefusal(await errorOf(unhappy, client), row.code ?? '', row.message))
    }
  })
}

const reasonsOf = <Client>(table: Table<Client>): [string, string][] =>
  Object.entries(table).flatMap(([operation, row]): [string, string][] => {
    if ('leftOut' in row) return [[operation, row.leftOut]]
    return typeof row.unhappy === 'function' ? [] : [[operation, row.unhappy.cannotFail]]
  })

async function errorOf<Client>(call: (client: Client) => Promise<unknown>, client: Client): Promise<unknown> {
  let answer: unknown
  try {
    answer = await call(client)
  } catch (error) {
    return error
  }
  throw new Error(`It was answered: ${JSON.stringify(answer)}`)
}

/** The error of a failed operation has no code of its own in these clients: it stands in the message. */
function expectRefusal(error: unknown, code: string, message = /./): void {
  expect(error).toBeInstanceOf(Error)
  const { code: own, message: text } = error as Error & { readonly code?: string }
  if (code !== '' && own !== code) expect(text).toContain(`The long-running operation has failed. ${code}.`)
  expect(text).toMatch(message)
}

async function reset(served: ServedSandbox, beginning: Json): Promise<void> {
  const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(`${served.url}/_sandbox/reset`, { method: 'POST', ca: served.ca }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(beginning))
  })
  if (answer.status >= 300) throw new Error(`The sandbox does not begin like this: ${answer.text}`)
}

/** In which the seeds of these tests lie. */
export const conformanceSubscription = subscriptionId
export const conformanceGroup = `/subscriptions/${subscriptionId}/resourceGroups/rg-net`
