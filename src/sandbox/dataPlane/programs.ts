import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'

/** Where Debian and Ubuntu put each version's programs: `initdb` and `postgres` are in no folder of PATH. */
const versions = '/usr/lib/postgresql'

/** The folder of the newest PostgreSQL's programs; `undefined` where none is installed. */
export function postgresFolder(): string | undefined {
  const found = (existsSync(versions) ? readdirSync(versions) : [])
    .filter(version => existsSync(`${versions}/${version}/bin/initdb`) && existsSync(`${versions}/${version}/bin/postgres`))
    .sort((one, other) => Number(other) - Number(one))[0]
  return found === undefined ? undefined : `${versions}/${found}/bin`
}

/** The user that PostgreSQL runs as. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * PostgreSQL refuses to run as root [initdb's own message]: then it runs as Debian's `postgres`, or as `nobody`. `undefined` where this
 * process is nobody's superuser, and PostgreSQL runs as the same user.
 */
export function unprivileged(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const rows = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(row => row.split(':'))
  const row = ['postgres', 'nobody'].map(name => rows.find(each => each[0] === name)).find(each => each !== undefined)
  if (row === undefined) throw new Error('PostgreSQL cannot run as root, and this machine has no user postgres or nobody.')
  return { uid: Number(row[2]), gid: Number(row[3]) }
}

/** Variables of PostgreSQL in this process's environment must not change what runs here. */
const plainEnvironment: Readonly<Record<string, string>> = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' }

const running = promisify(execFile)

/** Runs a program to its end. @throws an Error with what it printed */
export async function ran(file: string, args: readonly string[], cwd: string, owner: Owner | undefined): Promise<void> {
  await running(file, args, { cwd, env: plainEnvironment, ...owner })
}

/**
 * Starts a program in a session of its own, since Ctrl-C on the terminal is for the sandbox, which ends it. It keeps no process waiting; its
 * input is open until this process ends.
 */
export function started(file: string, args: readonly string[], owner: Owner | undefined): ChildProcess {
  const child = spawn(file, args, { cwd: '/', env: plainEnvironment, stdio: ['pipe', 'ignore', 'ignore'], detached: true, ...owner })
  child.unref()
  return child
}
