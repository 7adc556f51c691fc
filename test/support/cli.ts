import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import pkg from '../../package.json' with { type: 'json' }
import { explain } from '../../src/commands/failure.ts'
import { run } from '../../src/commands/program.ts'
import type { Terminal } from '../../src/commands/terminal.ts'
import { inRunOfItsOwn } from '../../src/model/perRun.ts'
import { cli } from './dist.ts'
import { inProcesses } from './parts.ts'
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
   * Runs the command line here, with nothing of this process's environment but PATH: in this process, or in one of its own from `dist/`
   * where `npm run test:rest` runs the test or Node itself is given arguments.
   */
  pglink(args: string, env?: Readonly<Record<string, string>>, nodeArgs?: readonly string[]): Promise<Ran>
}

const subscription = '11111111-1111-4111-8111-111111111111'

/** A folder of its own for one test, gone after it. */
export function folder(files: Readonly<Record<string, string>> = {}): Folder {
  const path = mkdtempSync(join(tmpdir(), 'pglink-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), text)
  }
  for (const [file, text] of Object.entries(files)) write(file, text)
  return {
    path,
    write,
    read: file => readFileSync(join(path, file), 'utf8'),
    pglink: (args, env = {}, nodeArgs = []) => {
      const where = { cwd: path, env: { ...fewVariables(path), ...env }, nodeArgs }
      return inProcesses || nodeArgs.length > 0 ? inOwnProcess(args, where) : inThisProcess(args, where)
    }
  }
}

interface Where {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly nodeArgs: readonly string[]
}

const fewVariables = (home: string): Where['env'] => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  LANG: 'C.UTF-8',
  AZURE_SUBSCRIPTION_ID: subscription
})

const wordsOf = (args: string): string[] => args.split(' ').filter(word => word !== '')

/** As `src/cli.ts` runs a command, with a terminal that keeps the text. */
async function inThisProcess(args: string, { cwd, env }: Where): Promise<Ran> {
  const said = { stdout: '', stderr: '' }
  const terminal: Terminal = {
    env,
    cwd,
    platform: process.platform,
    isTty: false,
    columns: 0,
    interactive: false,
    out(text) {
      said.stdout += text
    },
    err(text) {
      said.stderr += text
    },
    ask: async () => undefined,
    onSignal: () => () => undefined,
    exit(code) {
      throw new Error(`ended with ${code}`)
    }
  }
  const code = await trusting(env, () =>
    inRunOfItsOwn(() => run(wordsOf(args), terminal, pkg.version).catch(error => explain(error, terminal)))
  )
  return { command: `pglink ${args}`.trim(), ...said, code }
}

function inOwnProcess(args: string, { cwd, env, nodeArgs }: Where): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeArgs, '--', cli, ...wordsOf(args)], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', code => resolve({ command: `pglink ${args}`.trim(), stdout, stderr, code }))
  })
}

/** As it was on the screen, with what is never the same twice left out. */
export const transcript = (...runs: readonly Ran[]): string =>
  runs
    .map(({ command, stdout, stderr, code }) => `$ ${command}\n${stdout}${stderr === '' ? '' : `(stderr)\n${stderr}`}[exit ${code}]\n`)
    .join('\n')
    .replace(/sha256:[0-9a-f]{64}/g, 'sha256:…')
    .replace(/run [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'run …')
