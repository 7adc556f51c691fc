import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, noted so that a later run can tell whether it is still alive. */
export interface ProcessId {
  readonly host: string
  readonly pid: number
  /** When it began, as the system counts it, since the system gives a number to another process later. '' where it does not tell. */
  readonly started: string
}

export const thisProcess = (): ProcessId => ({ host: hostname(), pid: process.pid, started: statOf(process.pid).started })

export const isSameProcess = (one: ProcessId, other: ProcessId): boolean =>
  one.host === other.host && one.pid === other.pid && one.started === other.started

/** `undefined` for a process of another machine, of which nothing is known here. */
export function isAlive({ host, pid, started }: ProcessId): boolean | undefined {
  if (host !== hostname()) return undefined
  if (!isProcess(pid)) return false
  const now = statOf(pid)
  return now.started === started && !hasEnded.has(now.state)
}

/** Whether there is a process of this number on this machine. */
export function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user lives, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** States of a process that has ended while its parent has not asked how: in a container, perhaps none ever does. */
const hasEnded = new Set(['Z', 'X'])

/** Empty where the system does not tell: then the process number has to be enough. */
function statOf(pid: number): { readonly state: string; readonly started: string } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Fields are counted after the command, which may hold blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', started: fields[19] ?? '' }
  } catch {
    return { state: '', started: '' }
  }
}
