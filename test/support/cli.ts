import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

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
  /** Runs the built command line here, with nothing of this process's environment but PATH. */
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
    pglink: (args, env = {}, nodeArgs = []) => run(args, { cwd: path, env, nodeArgs })
  }
}

interface Where {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly nodeArgs: readonly string[]
}

function run(args: string, { cwd, env, nodeArgs }: Where): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const words = args.split(' ').filter(word => word !== '')
    const child = spawn(process.execPath, [...nodeArgs, '--', cli, ...words], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd, LANG: 'C.UTF-8', AZURE_SUBSCRIPTION_ID: subscription, ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
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
