import { type ChildProcess, spawn } from 'node:child_process'
import { get, request } from 'node:https'
import { onTestFinished } from 'vitest'
import { cli, type Folder } from '../support/cli.ts'
import { firstLine } from '../support/sandbox.ts'

interface Served {
  readonly child: ChildProcess
  /** The variables that the other shell has to export. */
  readonly env: Readonly<Record<string, string>>
  /** The line that it prints. */
  readonly ready: { readonly url: string; readonly ca?: string; readonly state: string; readonly control: string }
}

export async function serve(here: Folder, ...args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [cli, 'sandbox', ...args], { cwd: here.path, env: { PATH: process.env['PATH'] ?? '' } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ready = JSON.parse(await firstLine(child.stdout))
  const { url, ca } = ready
  return { child, ready, env: { NODE_EXTRA_CA_CERTS: ca, PGLINK_ARM_ENDPOINT: url, ARM_TOKEN: 'sandbox' } }
}

/** The status and the JSON of an answer, from whoever the certificate is trusted of. */
export const ask = (url: string, ca: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly [number, unknown]> =>
  new Promise((resolve, reject) => {
    const sent = get(url, { ca, headers, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve([response.statusCode ?? 0, JSON.parse(text)]))
    })
    sent.on('error', reject)
  })

export const post = (url: string, ca: string, body: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', ca, agent: false }, response => response.resume().on('end', () => resolve()))
    sent.on('error', reject)
    sent.end(body)
  })

export const subscriptions = '/subscriptions?api-version=2022-12-01'
