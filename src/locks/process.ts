import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, so that it is known later whether it still lives. */
export interface ProcessId {
  readonly host: string
  readonly pid: number
  /** When it began, as the system counts it: a number is given to another process in time. '' where the system does not tell. */
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

/** It has ended, and its parent has not asked how: in a container no process may do so. */
const hasEnded = new Set(['Z', 'X'])

/** Where the system tells it; elsewhere the process number has to do. */
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
