import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import type { LogEntry } from '../../src/sandbox/sandbox.ts'
import type { SandboxState } from '../../src/sandbox/state.ts'
import { type Disk, journalsUnder, temporary } from './run.ts'
import { heavy, heavyFiles } from './scenes.ts'

const cli = join(process.cwd(), 'dist/cli.js')

const speed = 1_000

/** The module that is loaded into the command line before it starts. */
const dying = join(process.cwd(), 'test/simulate/dying.mjs')

export interface Ended {
  readonly code: number | null
  readonly text: string
}

/** Where the command line finds its Azure, and the authority that it trusts there. */
interface Way {
  readonly url: string
  readonly ca: string
}

/** An example, or the heavy scene, in a folder, and a sandbox in a process of its own for it. */
export interface Served {
  /** How the sandbox itself is reached. */
  readonly way: Way
  /** Begins anew: the estate as it was, which is returned, these faults, no data directory. */
  reset(faults: readonly object[]): Promise<SandboxState>
  /**
   * @param dies where it kills itself: `line before 3`, `line after 3`, or `request` for the first that is not answered; or
   *   `trace to FILE`, for what it does in which order
   */
  start(command: string, dies?: string, through?: Way): { readonly child: ChildProcess; readonly ended: Promise<Ended> }
  state(): Promise<SandboxState>
  log(): Promise<readonly LogEntry[]>
  clearFaults(): Promise<void>
  read(file: string): string
  /** The journals, byte for byte. */
  disk(): Disk
  stop(): Promise<void>
}

export async function serve(example: string): Promise<Served> {
  const folder = mkdtempSync(join(temporary, 'pglink-kill-'))
  const at = (file: string): string => join(folder, file)
  if (example === heavy) for (const [file, text] of Object.entries(heavyFiles())) writeFileSync(at(file), text)
  else cpSync(join(process.cwd(), 'examples', example), folder, { recursive: true })
  const files = ['--state', 'estate.json', '--ca-out', 'ca.pem', ...(existsSync(at('sandbox.json')) ? ['--seed', 'sandbox.json'] : [])]
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder }
  const sandbox = spawn(process.execPath, ['--', cli, 'sandbox', '--port', '0', '--speed', `${speed}`, ...files], { cwd: folder, env })
  const gone = once(sandbox, 'exit')
  let said = ''
  for await (const text of sandbox.stdout.iterator({ destroyOnReturn: false })) {
    said += String(text)
    if (said.includes('\n')) break
  }
  const { url }: { readonly url: string } = JSON.parse(said.slice(0, said.indexOf('\n')))
  const agent = new Agent({ keepAlive: true, ca: readFileSync(at('ca.pem')) })
  const ask = (method: string, path: string, body?: unknown): Promise<unknown> => asked(`${url}/_sandbox/${path}`, { method, agent }, body)
  const begin = (await ask('GET', 'state')) as SandboxState
  return {
    async reset(faults) {
      rmSync(at('data'), { recursive: true, force: true })
      await ask('DELETE', 'faults')
      await ask('PUT', 'state', { ...begin, now: ((await ask('GET', 'state')) as SandboxState).now })
      await ask('DELETE', 'log')
      await ask('PUT', 'faults', faults)
      return begin
    },
    way: { url, ca: readFileSync(at('ca.pem'), 'utf8') },
    start(command, dies = '', through) {
      if (through !== undefined) writeFileSync(at('way.pem'), through.ca)
      const whole = `${command} --arm-endpoint ${through?.url ?? url} --env-file .env.example --data-dir data`
      const own = { ...env, NODE_EXTRA_CA_CERTS: at(through === undefined ? 'ca.pem' : 'way.pem'), ARM_TOKEN: 'any', DIES: dies }
      const child = spawn(process.execPath, ['--import', dying, '--', cli, ...whole.split(' ')], { cwd: folder, env: own })
      let text = ''
      const hear = (more: string): void => {
        text += more
      }
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear)
      const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, text }))
      return { child, ended }
    },
    state: async () => (await ask('GET', 'state')) as SandboxState,
    log: async () => ((await ask('GET', 'log')) as { readonly entries: readonly LogEntry[] }).entries,
    clearFaults: async () => void (await ask('DELETE', 'faults')),
    read: file => readFileSync(at(file), 'utf8'),
    disk: () => journalsUnder(at('data')),
    async stop() {
      agent.destroy()
      sandbox.kill('SIGKILL')
      await gone
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/**
 * Runs a command of which nobody keeps the answers back. Time passes twenty times as fast for it: where the machine is so busy that an answer
 * takes a few seconds, it is one that never came, and the command is run again as it says.
 */
export async function unhindered<T extends Ended | undefined>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const ran = await run()
    if (ran?.code !== 1 || !/could not be reached: No answer after/.test(ran.text) || tries === unhinderedTriesMax) return ran
  }
}

const unhinderedTriesMax = 3

function asked(url: string, options: { readonly method: string; readonly agent: Agent }, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asking = request(url, options, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        if ((response.statusCode ?? 500) >= 400) reject(new Error(`${options.method} ${url}: ${text}`))
        else resolve(text === '' ? undefined : JSON.parse(text))
      })
    })
    asking.on('error', reject)
    asking.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
