import { expect } from 'vitest'
import type { Arm, Json, Reply } from './arm.ts'

/** One request of a client as it is seen on the wire, and what that client takes for an answer. */
export interface Step {
  readonly call: `${'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'} ${string}`
  readonly version: string
  readonly body?: Json
  /** Any other status is an error to the client. */
  readonly takes: readonly number[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends one request, holds its status against what the client takes, and waits as the client does: by the operation's own address. */
export async function exchange(arm: Arm, { call, version, body, takes, headers }: Step): Promise<Reply> {
  const [method = '', path = ''] = call.split(/ (.*)/s)
  const reply = await arm.send(method, path, body, { apiVersion: version, ...(headers && { headers }) })
  expect(takes, `${call} answered ${reply.status} ${reply.text.slice(0, 400)}`).toContain(reply.status)
  const poll = method === 'GET' ? null : (reply.headers.get('azure-asyncoperation') ?? reply.headers.get('location'))
  if (poll === null) return reply
  // A client that polls at once and then sleeps for as long as it is told; without a number from 1 on it would be 30 seconds.
  for (let polls = 0; polls < 500; polls += 1) {
    expect(poll).toMatch(/^https:\/\//)
    const status = await arm.send('GET', poll, undefined, headers ? { headers } : {})
    if (status.status !== 202 && status.body?.['status'] !== ('InProgress' as unknown)) {
      if (status.body?.['status'] !== undefined) expect(status.body, call).toMatchObject({ status: 'Succeeded' })
      return reply
    }
    const wait = Number(status.headers.get('retry-after') ?? reply.headers.get('retry-after'))
    expect(wait, `${call} is polled without being told when`).toBeGreaterThanOrEqual(1)
    await arm.wait(wait)
  }
  throw new Error(`${call} has no end.`)
}
