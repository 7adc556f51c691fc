import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type Begun,
  type Entry,
  isUnfinished,
  type Journal,
  journalFile,
  journalOf,
  type Owed,
  openJournal,
  openWrites,
  owedLocks,
  type Running,
  runningOperations,
  type Standing,
  standingLocks
} from '../apply/journal.ts'
import { journalsAsOne } from '../apply/recover.ts'
import { errorLine } from '../report/errorText.ts'
import type { Flags } from './flags.ts'
import type { Terminal } from './terminal.ts'
import type { Prepared } from './topology.ts'
import { Stop } from './usage.ts'

const name = /^journal-(.+)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.ndjson$/

/**
 * Every journal of a topology in its data directory, and the one that was brought from another machine. Not only those a run
 * would write to now: a file that moved to another subscription still owes the locks of the old.
 *
 * @throws Stop when the journal that was named is not there
 */
export function journalsOf(
  { dataDir, resolved }: Prepared,
  { journal }: Pick<Flags, 'journal'>,
  { cwd }: Pick<Terminal, 'cwd'>
): Journal[] {
  const own = existsSync(dataDir) ? readdirSync(dataDir).sort() : []
  const places = own.filter(file => name.exec(file)?.[1] === resolved.name).map(file => join(dataDir, file))
  if (journal === undefined) return places.map(openJournal)
  const brought = resolve(cwd, journal)
  if (!existsSync(brought)) throw new Stop(1, `There is no journal ${brought}.`)
  return [...new Set([...places, brought])].map(openJournal)
}

const firstOf = ({ resolved }: Prepared): string => resolved.subscriptions[0]?.toLowerCase() ?? '00000000-0000-0000-0000-000000000000'

/** Where this run remembers what it lifts and begins: a file for each subscription it writes to. */
export function journalFor(prepared: Prepared, run: string): Journal {
  const { dataDir, resolved } = prepared
  const begun: Extract<Entry, { type: 'run' }> = { type: 'run', version: 1, run, topology: resolved.name, at: new Date().toISOString() }
  return journalOf(begun, subscription => openJournal(join(dataDir, journalFile(resolved.name, subscription))), firstOf(prepared))
}

/** The journals as one, for putting back what they owe; what none of them knows goes where the run that deals with it looks. */
export const joinedJournal = (prepared: Prepared, journals: readonly Journal[]): Journal =>
  journalsAsOne(journals, subscription =>
    openJournal(join(prepared.dataDir, journalFile(prepared.resolved.name, subscription || firstOf(prepared))))
  )

export interface LeftBehind {
  /** Locks that `locks restore` can put back. */
  readonly owed: readonly Owed[]
  /** Those whose scope was gone: they go back when it is made again. */
  readonly awaitingScope: readonly Owed[]
  /** Those that are back, with markers that could not be deleted. */
  readonly standing: readonly Standing[]
  readonly running: readonly Running[]
  /** Announced, and not known to have ended. */
  readonly writes: readonly Begun[]
  /** A run did not come to its end. */
  readonly unfinished: boolean
}

/** What earlier runs left behind. @throws Stop when a journal cannot be read */
export async function leftBehind(journals: readonly Journal[]): Promise<LeftBehind> {
  const read = await Promise.all(journals.map(entriesOf))
  const owed = read.flatMap(owedLocks)
  return {
    owed: owed.filter(({ scopeGone }) => scopeGone !== true),
    awaitingScope: owed.filter(({ scopeGone }) => scopeGone === true),
    standing: read.flatMap(standingLocks),
    running: read.flatMap(runningOperations),
    writes: read.flatMap(openWrites),
    unfinished: read.some(isUnfinished)
  }
}

async function entriesOf(journal: Journal): Promise<readonly Entry[]> {
  try {
    return await journal.read()
  } catch (error) {
    throw new Stop(9, errorLine(error))
  }
}
