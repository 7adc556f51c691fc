import { type Agent, request } from 'node:https'
import type { ServedSandbox } from '../support/sandbox.ts'
import type { Json } from './arm.ts'

interface Asked {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** One request to a sandbox that a test has started for itself, over a connection of its own unless there is an agent. */
export const ask = (
  { url, ca }: Pick<ServedSandbox, 'url' | 'ca'>,
  method: string,
  path: string,
  body?: Json,
  more: { readonly agent?: Agent; readonly headers?: Readonly<Record<string, string>> } = {}
): Promise<Asked> =>
  new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(text)}`, ...more.headers }
    const sent = request(`${url}${path}`, { method, ca, headers, agent: more.agent ?? false, servername: 'localhost' }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() })
      )
    })
    sent.on('error', reject)
    sent.end(text)
  })
