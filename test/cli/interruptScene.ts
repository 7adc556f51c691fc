import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { cli, type Folder, folder } from '../support/cli.ts'
import { type ServedSandbox, serveSandbox } from '../support/sandbox.ts'
import { seedOf as seed, subscription, topology } from '../support/threeSubnets.ts'

export { hub, lockOnHub as keep, lockProperties as properties, subscription, topology } from '../support/threeSubnets.ts'

interface Scene {
  readonly here: Folder
  readonly served: ServedSandbox
  readonly env: Readonly<Record<string, string>>
  /** Every request so far, as `METHOD path`. */
  requests(): readonly string[]
  /** Every lock there is, with all that has to come back. */
  locks(): Promise<string[]>
}

export async function scene(
  speed: number,
  { lock, faults }: { readonly lock?: object; readonly faults?: readonly object[] } = {}
): Promise<Scene> {
  const here = folder({ 'topology.yaml': topology, 'seed.json': seed(lock), 'faults.json': JSON.stringify(faults ?? []) })
  const log = join(here.path, 'requests.ndjson')
  const at = (file: string): string => join(here.path, file)
  const served = await serveSandbox(['--speed', String(speed), '--seed', at('seed.json'), '--faults', at('faults.json'), '--log', log])
  onTestFinished(async () => void (await served.stop()))
  return {
    here,
    served,
    env: { NODE_EXTRA_CA_CERTS: served.caFile, PGLINK_ARM_ENDPOINT: served.url, ARM_TOKEN: 'sandbox', AZURE_SUBSCRIPTION_ID: subscription },
    requests: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .split('\n')
            .filter(line => line.endsWith('}'))
            .map(line => JSON.parse(line) as { method: string; path: string })
            .map(({ method, path }) => `${method} ${path}`)
        : [],
    locks: () => locksAt(served)
  }
}

async function locksAt({ url, ca }: ServedSandbox): Promise<string[]> {
  const path = `/subscriptions/${subscription}/providers/Microsoft.Authorization/locks?api-version=2020-05-01`
  const asking = request(`${url}${path}`, { agent: new Agent({ ca }), headers: { authorization: 'Bearer somebody' } }).end()
  const [answer] = await once(asking, 'response')
  let text = ''
  for await (const part of answer) text += String(part)
  const { value } = JSON.parse(text) as { value: { id: string; properties: object }[] }
  return value.map(one => `${one.id} ${JSON.stringify(one.properties)}`).sort()
}

interface Apply {
  readonly child: ChildProcess
  said(): string
  /** Until it has said this. */
  says(what: RegExp): Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

export function apply({ here, env }: Pick<Scene, 'here' | 'env'>, args: readonly string[] = [], nodeArgs: readonly string[] = []): Apply {
  const child = spawn(process.execPath, [...nodeArgs, '--', cli, 'apply', '--auto-approve', ...args], {
    cwd: here.path,
    env: { PATH: process.env['PATH'] ?? '', HOME: here.path, LANG: 'C.UTF-8', ...env }
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  return { child, ended, said: () => said, says: what => until(() => what.test(said), `${what} in: ${said}`) }
}

export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let left = 3_000; !holds(); left -= 1) {
    if (left === 0) throw new Error(`never came: ${what}`)
    await wait(10)
  }
}

export const isWrite = (one: string): boolean => !one.startsWith('GET ')
