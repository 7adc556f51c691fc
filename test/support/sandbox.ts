import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Surroundings } from '../../src/cli/terminal.ts'
import { realClock } from '../../src/sandbox/clock.ts'
import { control } from '../../src/sandbox/control.ts'
import { requestLog } from '../../src/sandbox/requestLog.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { startSandboxServer } from '../../src/sandbox/serve.ts'
import { cli } from './dist.ts'
import { ranOn, silentTerminal } from './terminal.ts'

/** The address of a served sandbox, and the PEM of the authority to trust. */
export interface Reached {
  readonly url: string
  readonly ca: string
}

/** A `pglink sandbox`, which other processes can reach. */
export interface ServedSandbox extends Reached {
  /** The file with the authority. */
  readonly caFile: string
  readonly stateFile: string
  readonly pid: number
  /** Ends it as a user does, and leaves nothing behind. @returns the exit code */
  stop(): Promise<number | null>
  /** Ends it without a warning; a state of its own stays until `stop`. */
  kill(): Promise<void>
}

/** The first line that a program prints, which for the sandbox says how to reach it. */
export async function firstLine(stream: Readable): Promise<string> {
  let said = ''
  for await (const text of stream.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += String(text)
    const end = said.indexOf('\n')
    if (end >= 0) return said.slice(0, end)
  }
  throw new Error(`It ended without a line: ${said}`)
}

/** Its files, and the arguments that name them. */
function placed(args: readonly string[], state: string | undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'pglink-sandbox-'))
  const stateFile = state ?? join(folder, 'estate.json')
  const caFile = join(folder, 'ca.pem')
  return { folder, stateFile, caFile, all: ['sandbox', '--port', '0', '--ca-out', caFile, '--state', stateFile, ...args] }
}

function notStarted(folder: string, complained: string): Error {
  rmSync(folder, { recursive: true, force: true })
  return new Error(`The sandbox did not start: ${complained}`)
}

/**
 * Begins one in this process.
 *
 * @param args flags beside the port and the files
 * @param state a file to begin with, or to go on with
 */
export async function sandboxHere(args: readonly string[] = [], state?: string): Promise<ServedSandbox> {
  const { folder, stateFile, caFile, all } = placed(args, state)
  let complained = ''
  let stop = (): void => undefined
  let ended = Promise.resolve(0)
  const line = await new Promise<string>(resolve => {
    const silent = silentTerminal({ cwd: folder, env: {} }, resolve, text => {
      complained += text
    })
    const onSignal: Surroundings['onSignal'] = listener => {
      stop = () => listener('SIGTERM')
      return () => undefined
    }
    ended = ranOn({ ...silent, onSignal }, all)
    void ended.then(() => resolve(''))
  })
  if (line === '') throw notStarted(folder, complained)
  const { url }: { url: string } = JSON.parse(line)
  const end = async (): Promise<number> => {
    stop()
    return ended
  }
  return {
    url,
    ca: readFileSync(caFile, 'utf8'),
    caFile,
    stateFile,
    pid: process.pid,
    async stop() {
      const code = await end()
      rmSync(folder, { recursive: true, force: true })
      return code
    },
    kill: async () => void (await end())
  }
}

/** Serves a sandbox in memory whose clock stands still unless it is put forward, until this process ends. */
export async function steeredSandbox(): Promise<Reached> {
  const log = requestLog()
  const sandbox = createSandbox({ clock: realClock({ speed: 0 }), log: log.add })
  const { url, authority = '' } = await startSandboxServer({ sandbox, control: control(sandbox, log), port: 0 })
  return { url, ca: authority }
}

/** Begins one in a process of its own; see {@link sandboxHere}. */
export async function serveSandbox(args: readonly string[] = [], state?: string): Promise<ServedSandbox> {
  const { folder, stateFile, caFile, all } = placed(args, state)
  const child = spawn(process.execPath, ['--', cli, ...all], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const ended = once(child, 'exit')
  let complained = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text
  })
  const line = await firstLine(child.stdout).catch(() => '')
  if (line === '') throw notStarted(folder, complained)
  const { url }: { url: string } = JSON.parse(line)
  return {
    url,
    ca: readFileSync(caFile, 'utf8'),
    caFile,
    stateFile,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      const [code] = (await ended) as [number | null]
      rmSync(folder, { recursive: true, force: true })
      return code
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
      // The state that the next one goes on with lies elsewhere.
      if (state !== undefined) rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** The token of an application of this sandbox that signs in with the secret `s`. */
export function tokenFrom({ url, ca }: Reached, client: string): Promise<string> {
  const form = `grant_type=client_credentials&client_id=${client}&client_secret=s&scope=x/.default`
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    const tokens = `${url}/72f988bf-0000-4000-8000-2d7cd011db47/oauth2/v2.0/token`
    const asked = request(tokens, { method: 'POST', ca, headers }, async answer =>
      resolve((JSON.parse(await text(answer)) as { access_token: string }).access_token)
    )
    asked.on('error', reject).end(form)
  })
}
