import { randomUUID } from 'node:crypto'
import { constants, copyFileSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
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
  const release = await holdAlone(prepared, run)
  try {
    return await work()
  } finally {
    release()
  }
}

/** A process that was killed is gone a moment later. */
const looksMax = 10
const lookEveryMs = 100

async function holdAlone({ dataDir, resolved }: Prepared, run: string): Promise<() => void> {
  const place = join(dataDir, `${resolved.name}.lock`)
  mkdirSync(dataDir, { recursive: true })
  const mine: Holder = { pid: process.pid, started: statOf(process.pid).started, run, since: new Date().toISOString() }
  for (let look = 1; ; look += 1) {
    if (taken(place, mine)) return () => rmSync(place, { force: true })
    const holder = holderOf(place)
    if (holder === undefined || !isAlive(holder)) removed(place, holder)
    else if (look >= looksMax || holder.pid === process.pid)
      throw new Stop(
        1,
        `Another run of ${resolved.name} is at it on this machine: process ${holder.pid}, run ${holder.run}, since ${holder.since}. Nothing was changed. Wait for its end, or stop it with Ctrl-C there.`
      )
    else await wait(lookEveryMs)
    if (look > 2 * looksMax)
      throw new Stop(1, `Another run of ${resolved.name} is just beginning on this machine. Nothing was changed. Try again.`)
  }
}

/** Whole or not at all: nobody reads half of it. */
function taken(place: string, mine: Holder): boolean {
  const own = `${place}.${randomUUID()}`
  writeFileSync(own, JSON.stringify(mine), { mode: 0o600 })
  try {
    return linked(own, place)
  } finally {
    rmSync(own, { force: true })
  }
}

/** @returns false where there is one */
function linked(from: string, to: string): boolean {
  const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'
  try {
    linkSync(from, to)
  } catch (error) {
    if (isThere(error)) return false
    // Not every file system has links.
    try {
      copyFileSync(from, to, constants.COPYFILE_EXCL)
    } catch (second) {
      if (isThere(second)) return false
      throw second
    }
  }
  return true
}

/** What a dead process left; but what another run has put there since the look at it goes back. */
function removed(place: string, dead: Holder | undefined): void {
  const aside = `${place}.${randomUUID()}`
  try {
    renameSync(place, aside)
  } catch {
    // Somebody else was as quick, and what is there now is looked at next.
    return
  }
  const moved = holderOf(aside)
  if (moved !== undefined && moved.run !== dead?.run) linked(aside, place)
  rmSync(aside, { force: true })
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
  const now = statOf(pid)
  return now.started === started && !hasEnded.has(now.state)
}

/** It has ended, and nobody has asked how: in a container there may be nobody who does. */
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
