import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:https'
import { onTestFinished, test, vi } from 'vitest'
import { type Reached, steeredSandbox } from '../support/sandbox.ts'

/*
 * The tests of how the sandbox behaves speak HTTP and nothing else, so that the same files can be pointed at Azure itself:
 *
 *   ARM_ENDPOINT=https://management.azure.com ARM_TOKEN=… ARM_SUBSCRIPTION_ID=… npx vitest run --isolate test/sandbox
 *
 * A test of what the sandbox alone does, or of a switch that Azure does not have, is written with `ours`: there it must fail.
 */
const elsewhere = process.env['ARM_ENDPOINT']

/** For what is not so on Azure. Pointed at Azure such a test has to fail, and says so when it does not. */
export const ours = elsewhere === undefined ? test : test.fails

// There a server takes minutes, and nobody can put the clock forward.
if (elsewhere !== undefined) vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 3_600_000 })

const suffix = elsewhere === undefined ? '' : `-${randomBytes(3).toString('hex')}`

/** A name that nobody else on Azure has: of a server, a factory, a group. */
export const unique = (name: string): string => `${name}${suffix}`

export const subscriptionId = process.env['ARM_SUBSCRIPTION_ID'] ?? '11111111-1111-4111-8111-111111111111'
export const subscription = `/subscriptions/${subscriptionId}`
export const group = `${subscription}/resourceGroups/${unique('rg-net')}`
export const networks = `${group}/providers/Microsoft.Network/virtualNetworks`
export const hub = `${networks}/hub`

export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json }

export interface Reply {
  readonly status: number
  readonly headers: Headers
  /** Read member by member in a test; null when the answer had no body or one that is not JSON. */
  readonly body: Body
  readonly text: string
}

export type Body = { readonly [key: string]: Body } & { readonly [index: number]: Body }

/** How a sandbox begins: see `POST /_sandbox/reset`. */
export interface Beginning {
  readonly seed?: { readonly [id: string]: Json }
  readonly behaviours?: { readonly [name: string]: Json }
  readonly faults?: readonly Json[]
  /** The seed of guids and of Azure's choices. */
  readonly random?: number
  readonly [setting: string]: Json
}

export interface Sent {
  readonly apiVersion?: string
  readonly headers?: Readonly<Record<string, string>>
  /** In place of the caller's usual one. */
  readonly token?: string
}

export interface Arm {
  send(method: string, path: string, body?: Json, more?: string | Sent): Promise<Reply>
  /** Sends, and follows the operation to its end; the last answer of the poll, or the write's when there was none. */
  done(method: string, path: string, body?: Json, more?: string | Sent): Promise<Reply>
  /** Time passes for everybody: on the sandbox at once. */
  wait(seconds: number): Promise<void>
  /** Speaks to the sandbox itself, below `/_sandbox/`; throws what it refuses. */
  control(method: string, path: string, body?: Json): Promise<Body>
}

const versions: readonly (readonly [part: RegExp, version: string])[] = [
  [/Microsoft\.Authorization\/locks/i, '2020-05-01'],
  [/Microsoft\.Network\/privateDnsZones(\/|$)/i, '2024-06-01'],
  [/Microsoft\.Network/i, '2025-05-01'],
  [/Microsoft\.DBforPostgreSQL/i, '2025-08-01'],
  [/Microsoft\.DataFactory/i, '2018-06-01'],
  [/\/_sandbox\/|\/metadata\/|\/oauth2\/|well-known|\/msi\//, ''],
  [/./, '2025-04-01']
]

const agent = new Agent({ keepAlive: true })
let served: Promise<Reached> | undefined

/** The one sandbox of these tests, in memory, which is begun anew for each test. Its clock stands still unless it is put forward. */
export const theSandbox = (): Promise<Reached> => {
  served ??= steeredSandbox()
  return served
}

const endpoint = async (): Promise<string> => elsewhere ?? (await theSandbox()).url

async function send(method: string, path: string, body?: Json, more: string | Sent = {}): Promise<Reply> {
  const origin = await endpoint()
  const { apiVersion, headers = {}, token = process.env['ARM_TOKEN'] ?? 'sandbox' } = typeof more === 'string' ? { apiVersion: more } : more
  const url = new URL(path.startsWith('http') ? path : `${origin}${path}`)
  const version = apiVersion ?? versions.find(([part]) => part.test(url.pathname))?.[1] ?? ''
  if (!url.searchParams.has('api-version') && version !== '') url.searchParams.set('api-version', version)
  if (elsewhere !== undefined && method === 'PUT' && /\/locks\/[^/]+$|\/resourcegroups\/[^/]+$/i.test(url.pathname)) made.add(url.pathname)
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const ca = elsewhere === undefined ? { ca: (await theSandbox()).ca } : {}
  const given = {
    ...(token !== '' && { authorization: `Bearer ${token}` }),
    ...(text !== '' && { 'content-type': 'application/json' }),
    'content-length': String(Buffer.byteLength(text)),
    ...headers
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: given, ...ca }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve(replyOf(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString())))
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

function replyOf(status: number, headers: Readonly<Record<string, string | string[] | undefined>>, text: string): Reply {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]]
  )
  return { status, headers: new Headers(entries), body: jsonOf(text), text }
}

function jsonOf(text: string): Body {
  try {
    return JSON.parse(text)
  } catch {
    return JSON.parse('null')
  }
}

async function wait(seconds: number): Promise<void> {
  if (elsewhere === undefined) await control('POST', 'clock', { advanceSeconds: seconds })
  else await new Promise(resolve => setTimeout(resolve, seconds * 1000))
}

async function done(method: string, path: string, body?: Json, more?: string | Sent): Promise<Reply> {
  const asked = typeof more === 'object' ? { ...(more.token !== undefined && { token: more.token }) } : {}
  let reply = await send(method, path, body, more)
  const poll = reply.headers.get('azure-asyncoperation') ?? reply.headers.get('location')
  for (let polls = 0; poll !== null && polls < 1000; polls += 1) {
    reply = await send('GET', poll, undefined, asked)
    if (reply.status !== 202 && reply.body?.['status'] !== ('InProgress' as unknown)) return reply
    await wait(Number(reply.headers.get('retry-after') ?? 5))
  }
  return reply
}

async function control(method: string, path: string, body?: Json): Promise<Body> {
  const reply = await send(method, `/_sandbox/${path}`, body)
  if (reply.status >= 300) throw new Error(`${method} /_sandbox/${path}: ${reply.status} ${reply.text}`)
  return reply.body
}

/** On Azure: the locks and groups that a test has made, of which nothing is to be left; locks first, since they keep the groups. */
const made = new Set<string>()

async function clear(): Promise<void> {
  const locks = [...made].filter(path => /\/locks\//i.test(path)).sort((one, other) => other.length - one.length)
  for (const path of locks) await send('DELETE', path)
  for (const path of made) if (!locks.includes(path)) await done('DELETE', path)
  made.clear()
}

/** An estate with nothing in it. On Azure the groups of these tests are deleted, and what only the sandbox can begin with fails. */
export async function arm(beginning: Beginning = {}): Promise<Arm> {
  if (elsewhere === undefined) await control('POST', 'reset', beginning)
  else if (Object.keys(beginning).length > 0)
    throw new Error('Only the sandbox can begin like this: the test has to be written with `ours`.')
  else onTestFinished(clear)
  return { send, done, wait, control }
}

/** An estate in which there is a group. */
export async function armWithGroup(beginning: Beginning = {}): Promise<Arm> {
  const client = await arm(beginning)
  await client.send('PUT', group, { location: 'eastus2' })
  return client
}

/** To a day on which Azure answered otherwise: the clock only goes forward, but a state brings its own time. @returns the time it was */
export async function setBack(client: Arm, day: string): Promise<string> {
  const state = await client.control('GET', 'state')
  await client.control('PUT', 'state', { ...state, now: Date.parse(day) })
  return new Date(Number(state['now'])).toISOString()
}
