import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { cli } from './dist.ts'
import { inProcesses } from './parts.ts'
import { temporaryFolder } from './temporary.ts'
import { inThisProcess, type Where } from './terminal.ts'
import { trusting } from './trust.ts'

export { cli }

export interface Ran {
  readonly command: string
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

export interface Folder {
  readonly path: string
  write(file: string, text: string): void
  read(file: string): string
  /**
   * Runs the command line here, with little of this process's environment: in this process, or in one of its own from `dist/`
   * where `npm run test:rest` runs the test or Node itself is given arguments.
   */
  pglink(args: string, env?: Readonly<Record<string, string>>, nodeArgs?: readonly string[]): Promise<Ran>
  /** Begins the built command line here, in a process of its own. */
  start(args: string, env?: Readonly<Record<string, string>>): Started
}

/** The lines of a file of JSON, one value a line. */
export const jsonLines = <Line>(here: Pick<Folder, 'read'>, file: string): readonly Line[] =>
  here
    .read(file)
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<Ran>
}

const subscription = '11111111-1111-4111-8111-111111111111'

/** A folder of its own for one test, gone after it. */
export function folder(files: Readonly<Record<string, string>> = {}): Folder {
  const path = temporaryFolder()
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), text)
  }
  for (const [file, text] of Object.entries(files)) write(file, text)
  const env = (more: Where['env']): Where['env'] => ({ ...fewVariables(path), ...more })
  return {
    path,
    write,
    read: file => readFileSync(join(path, file), 'utf8'),
    start: (args, more = {}) => started(args, { cwd: path, env: env(more), nodeArgs: [] }),
    pglink: (args, more = {}, nodeArgs = []) => {
      const where = { cwd: path, env: env(more), nodeArgs }
      if (inProcesses || nodeArgs.length > 0) return started(args, where).ended
      return trusting(where.env, () => inThisProcess(wordsOf(args), where)).then(ended => ({ command: commandOf(args), ...ended }))
    }
  }
}

interface OwnProcess extends Where {
  readonly nodeArgs: readonly string[]
}

const fewVariables = (home: string): Where['env'] => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
  LANG: 'C.UTF-8',
  AZURE_SUBSCRIPTION_ID: subscription
})

const commandOf = (args: string): string => `pglink ${args}`.trim()

const wordsOf = (args: string): string[] => args.split(' ').filter(word => word !== '')

function started(args: string, { cwd, env, nodeArgs }: OwnProcess): Started {
  const child = spawn(process.execPath, [...nodeArgs, '--', cli, ...wordsOf(args)], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ command: commandOf(args), ...said, code }))
  })
  return { child, ended }
}

/** As it was on the screen, with what is never the same twice left out. */
export const transcript = (...runs: readonly Ran[]): string =>
  runs
    .map(({ command, stdout, stderr, code }) => `$ ${command}\n${stdout}${stderr === '' ? '' : `(stderr)\n${stderr}`}[exit ${code}]\n`)
    .join('\n')
    .replace(/sha256:[0-9a-f]{64}/g, 'sha256:…')
    .replace(/run [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'run …')
