import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { openSandbox } from '../../src/engine/inSandbox.ts'
import { type ServedSandbox, sandboxHere } from '../support/sandbox.ts'
import { temporaryFolder } from '../support/temporary.ts'

export const subscription = '11111111-1111-4111-8111-111111111111'

/** An estate, and what a job has to know to take it for Azure. */
export interface Estate {
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  get(path: string, apiVersion: string): Promise<unknown>
  put(path: string, apiVersion: string, body: unknown): Promise<void>
  remove(path: string, apiVersion: string): Promise<void>
  /** Every lock of the subscription, with all that has to come back. */
  locks(): Promise<readonly string[]>
}

/** In a process of its own, over HTTPS, where time goes by. */
export interface ServedEstate extends Estate {
  readonly served: ServedSandbox
}

interface Answer {
  readonly body: unknown
  /** Where an operation that it began can be followed. */
  readonly follow: string | string[] | undefined
}

interface Wanted {
  readonly seed?: object
  readonly speed?: number
  /** Arguments of the sandbox, beside the port and the files. */
  readonly args?: readonly string[]
}

export async function estate({ seed = {}, speed = 2_000, args = [] }: Wanted = {}): Promise<ServedEstate> {
  const file = join(temporaryFolder(), 'seed.json')
  writeFileSync(file, JSON.stringify(seed))
  const served = await sandboxHere(['--speed', String(speed), '--seed', file, ...args])
  onTestFinished(async () => void (await served.stop()))
  const agent = new Agent({ ca: served.ca, keepAlive: true })
  onTestFinished(() => agent.destroy())
  const ask = (method: string, url: string, body?: unknown): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: 'Bearer test', 'content-type': 'application/json' }
      const sent = request(url, { method, agent, headers }, answer => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        answer.on('end', () => {
          const follow = answer.headers['azure-asyncoperation']
          if ((answer.statusCode ?? 500) < 400) resolve({ body: text === '' ? undefined : JSON.parse(text), follow })
          else reject(new Error(`${method} ${url}: ${answer.statusCode} ${text}`))
        })
      })
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  const at = (path: string, apiVersion: string): string => `${served.url}${encodeURI(path)}?api-version=${apiVersion}`
  /** Until it is over: what was only accepted is not there yet. */
  const done = async (method: string, url: string, body?: unknown): Promise<void> => {
    const { follow } = await ask(method, url, body)
    if (follow === undefined) return
    while (/InProgress|Accepted|Running/.test(JSON.stringify((await ask('GET', String(follow))).body))) await wait(50)
  }
  return {
    served,
    inputs: { 'arm-endpoint': served.url, 'subscription-id': subscription },
    env: { ARM_TOKEN: 'test', NODE_EXTRA_CA_CERTS: served.caFile },
    get: async (path, apiVersion) => (await ask('GET', at(path, apiVersion))).body,
    put: (path, apiVersion, body) => done('PUT', at(path, apiVersion), body),
    remove: (path, apiVersion) => done('DELETE', at(path, apiVersion)),
    locks: async () => locksIn((await ask('GET', at(allLocks, '2020-05-01'))).body)
  }
}

/** In a file that each step opens for itself, as it would ask Azure: nothing is waited for, since its time moves by itself. */
export function estateInFile(seed: object): Estate {
  const folder = temporaryFolder()
  const state = join(folder, 'estate.json')
  const seedFile = join(folder, 'seed.json')
  writeFileSync(seedFile, JSON.stringify(seed))
  const ask = async (method: string, path: string, apiVersion: string, body?: unknown): Promise<unknown> => {
    const none = { faults: undefined, log: undefined }
    const { sandbox, close } = openSandbox(state, { seed: seedFile, ...none }, folder)
    try {
      const headers = { authorization: 'Bearer test', 'content-type': 'application/json' }
      const url = `https://management.azure.com${encodeURI(path)}?api-version=${apiVersion}`
      const answer = await sandbox.handle(new Request(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }))
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      // An operation that it began is over by then.
      await sandbox.clock.sleep(10 * 60_000)
      return text === '' ? undefined : JSON.parse(text)
    } finally {
      close()
    }
  }
  return {
    inputs: { sandbox: 'true', 'sandbox-state': state, 'sandbox-seed': seedFile, 'subscription-id': subscription },
    env: {},
    get: (path, apiVersion) => ask('GET', path, apiVersion),
    put: async (path, apiVersion, body) => void (await ask('PUT', path, apiVersion, body)),
    remove: async (path, apiVersion) => void (await ask('DELETE', path, apiVersion)),
    locks: async () => locksIn(await ask('GET', allLocks, '2020-05-01'))
  }
}

const allLocks = `/subscriptions/${subscription}/providers/Microsoft.Authorization/locks`

const locksIn = (list: unknown): readonly string[] =>
  (list as { readonly value: readonly { readonly id: string; readonly properties: unknown }[] }).value
    .map(({ id, properties }) => JSON.stringify({ id, properties }))
    .sort()
