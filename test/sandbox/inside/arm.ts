import type { Json } from '../../../src/sandbox/json.ts'
import { createSandbox, type LogEntry, type Sandbox, type SandboxOptions } from '../../../src/sandbox/sandbox.ts'

export const subscription = '/subscriptions/11111111-1111-4111-8111-111111111111'
export const group = `${subscription}/resourceGroups/rg-net`
export const networks = `${group}/providers/Microsoft.Network/virtualNetworks`

interface Reply {
  readonly status: number
  readonly headers: Headers
  /** Read member by member in a test; null when the answer had no body. */
  readonly body: Body
}

type Body = { readonly [key: string]: Body } & { readonly [index: number]: Body }

export interface Arm {
  readonly sandbox: Sandbox
  readonly log: LogEntry[]
  send(method: string, path: string, body?: Json, apiVersion?: string): Promise<Reply>
  /** Sends, and follows the operation to its end; the last answer of the poll, or the write's when there was none. */
  done(method: string, path: string, body?: Json): Promise<Reply>
  wait(seconds: number): Promise<void>
}

const versions: readonly (readonly [part: RegExp, version: string])[] = [
  [/Microsoft\.Authorization\/locks/i, '2020-05-01'],
  [/Microsoft\.Network\/privateDnsZones(\/|$)/i, '2024-06-01'],
  [/Microsoft\.Network/i, '2025-05-01'],
  [/./, '2025-04-01']
]

/** Clients of ARM know nothing of the sandbox but its address. */
export function arm(options: SandboxOptions = {}): Arm {
  const log: LogEntry[] = []
  const sandbox = createSandbox({ ...options, log: entry => log.push(entry) })

  async function send(method: string, path: string, body?: Json, apiVersion?: string): Promise<Reply> {
    const url = new URL(path, 'https://management.azure.com')
    const version = apiVersion ?? versions.find(([part]) => part.test(url.pathname))?.[1] ?? ''
    if (!url.searchParams.has('api-version') && version !== '') url.searchParams.set('api-version', version)
    const response = await sandbox.handle(new Request(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) }))
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
  }

  async function done(method: string, path: string, body?: Json): Promise<Reply> {
    let reply = await send(method, path, body)
    const poll = reply.headers.get('azure-asyncoperation') ?? reply.headers.get('location')
    for (let polls = 0; poll !== null && polls < 100; polls += 1) {
      reply = await send('GET', poll)
      if (reply.status !== 202 && reply.body?.['status'] !== ('InProgress' as unknown)) return reply
      await sandbox.clock.sleep(Number(reply.headers.get('retry-after') ?? 5) * 1000)
    }
    return reply
  }

  return { sandbox, log, send, done, wait: seconds => sandbox.clock.sleep(seconds * 1000) }
}

/** A sandbox in which there is a group already. */
export async function armWithGroup(options: SandboxOptions = {}): Promise<Arm> {
  const client = arm(options)
  await client.send('PUT', group, { location: 'eastus2' })
  return client
}
