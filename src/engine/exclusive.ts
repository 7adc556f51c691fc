import { randomUUID } from 'node:crypto'
import { constants, copyFileSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { isAlive, type ProcessId, thisProcess } from '../locks/index.ts'
import type { Estate } from '../model/estate.ts'
import { estateFolder, madeDataDir } from './dataDir.ts'
import type { Session } from './session.ts'
import { Stop } from './stop.ts'
import type { Prepared } from './topology.ts'

interface Holder extends ProcessId {
  readonly run: string
  readonly since: string
}

type Held = Pick<Session, 'prepared' | 'run' | 'connection'>

/**
 * Does what writes to a topology in an estate, and keeps a second run of it on this machine away for as long. A file that a dead process
 * left behind is taken over.
 *
 * @param beside the topologies of the same command: one of the same name is kept away for both
 * @throws Stop that names the process which has it
 */
export async function alone<T>(session: Held, work: () => Promise<T>, beside: readonly Held[] = []): Promise<T> {
  const place = (one: Held): string => placeOf(one.prepared, one.connection.estate)
  if (beside.some(one => place(one) === place(session))) return work()
  const release = await holdAlone(session)
  try {
    return await work()
  } finally {
    release()
  }
}

/** A process that was killed is gone a moment later. */
const looksMax = 10
const lookEveryMs = 100

const placeOf = ({ dataDir, resolved }: Pick<Prepared, 'dataDir' | 'resolved'>, estate: Estate): string =>
  join(estateFolder(dataDir, estate), `${resolved.name}.lock`)

/** Whether this process is at the run of the topology. */
export const isAtIt = (prepared: Prepared, estate: Estate, run: string): boolean => holderOf(placeOf(prepared, estate))?.run === run

async function holdAlone({ prepared, run, connection: { estate } }: Held): Promise<() => void> {
  const { dataDir, resolved } = prepared
  const place = placeOf(prepared, estate)
  madeDataDir(dataDir, estate)
  const mine: Holder = { ...thisProcess(), run, since: new Date().toISOString() }
  for (let look = 1; ; look += 1) {
    if (taken(place, mine)) return () => rmSync(place, { force: true })
    const holder = holderOf(place)
    if (holder === undefined || isAlive(holder) !== true) removed(place, holder)
    else if (look >= looksMax || holder.pid === process.pid)
      throw new Stop(
        'error',
        `Another run of ${resolved.name} is at it on this machine: process ${holder.pid}, run ${holder.run}, since ${holder.since}. Nothing was changed. Wait for its end, or stop it with Ctrl-C there.`
      )
    else await wait(lookEveryMs)
    if (look > 2 * looksMax)
      throw new Stop('error', `Another run of ${resolved.name} is just beginning on this machine. Nothing was changed. Try again.`)
  }
}

/** Whole or not at all: no run reads half of it. */
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

/** Removes the file of a dead process; but one that another run has put there since the look at it stays. */
function removed(place: string, dead: Holder | undefined): void {
  const aside = `${place}.${randomUUID()}`
  try {
    renameSync(place, aside)
  } catch {
    // Another run was as quick: we look next at what is there now.
    return
  }
  const moved = holderOf(aside)
  if (moved !== undefined && moved.run !== dead?.run) linked(aside, place)
  rmSync(aside, { force: true })
}

/** `undefined` for a file that says nothing of the kind: torn by a crash. */
function holderOf(place: string): Holder | undefined {
  try {
    const { pid, host = hostname(), started = '', run = '', since = '' }: Partial<Holder> = JSON.parse(readFileSync(place, 'utf8'))
    return typeof pid === 'number'
      ? { pid, host: String(host), started: String(started), run: String(run), since: String(since) }
      : undefined
  } catch {
    return undefined
  }
}
