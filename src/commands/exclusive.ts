import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Prepared } from './topology.ts'
import { Stop } from './usage.ts'

interface Holder {
  readonly pid: number
  /** When the process began, as the system counts it: a number is given to another process in time. */
  readonly started: string
  readonly run: string
  readonly since: string
}

/**
 * Does what writes to a topology, and keeps a second run of it on this machine away for as long. A file that a dead process
 * left behind is taken over.
 *
 * @throws Stop that names the process which has it
 */
export async function alone<T>(prepared: Prepared, run: string, work: () => Promise<T>): Promise<T> {
  const release = holdAlone(prepared, run)
  try {
    return await work()
  } finally {
    release()
  }
}

function holdAlone({ dataDir, resolved }: Prepared, run: string): () => void {
  const place = join(dataDir, `${resolved.name}.lock`)
  mkdirSync(dataDir, { recursive: true })
  const mine: Holder = { pid: process.pid, started: startOf(process.pid), run, since: new Date().toISOString() }
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (taken(place, mine)) return () => rmSync(place, { force: true })
    const holder = holderOf(place)
    if (holder !== undefined && isAlive(holder))
      throw new Stop(
        1,
        `Another run of ${resolved.name} is at it on this machine: process ${holder.pid}, run ${holder.run}, since ${holder.since}. Nothing was changed. Wait for its end, or stop it with Ctrl-C there.`
      )
    rmSync(place, { force: true })
  }
  throw new Stop(1, `Another run of ${resolved.name} is just beginning on this machine. Nothing was changed. Try again.`)
}

function taken(place: string, mine: Holder): boolean {
  try {
    const file = openSync(place, 'wx', 0o600)
    writeSync(file, JSON.stringify(mine))
    closeSync(file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** `undefined` for a file that says nothing of the kind: torn by a crash. */
function holderOf(place: string): Holder | undefined {
  try {
    const { pid, started = '', run = '', since = '' }: Partial<Holder> = JSON.parse(readFileSync(place, 'utf8'))
    return typeof pid === 'number' ? { pid, started: String(started), run: String(run), since: String(since) } : undefined
  } catch {
    return undefined
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // A process of another user lives, too.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return startOf(pid) === started
}

/** Where the system tells it; elsewhere the process number has to do. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Fields are counted after the command, which may hold blanks and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
