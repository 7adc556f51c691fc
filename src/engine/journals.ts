import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type Begun,
  type Entry,
  isAlive,
  type JournalFile,
  type Journals,
  type LeftoverMarkers,
  leftIn,
  namesIn,
  type Owed,
  openJournal,
  openJournals,
  owedLocks,
  type ProcessId,
  type RunFile,
  type Running,
  runFilesIn
} from '../locks/index.ts'
import { counted } from '../model/counted.ts'
import { type Estate, estateTitle } from '../model/estate.ts'
import { printable } from '../model/printable.ts'
import { runsFolder } from './dataDir.ts'
import { errorLine } from './errorText.ts'
import { isAtIt } from './exclusive.ts'
import type { Host, RestoreMore } from './host.ts'
import type { Settings } from './settings.ts'
import { Stop } from './stop.ts'
import type { Prepared } from './topology.ts'

export interface Run {
  readonly run: string
  readonly estate: Estate
  /** How many topologies of the same run were opened before: the first has the file that is called as the run is. */
  readonly nth?: number
  /** Lines of journals that cannot be read are left out, and are for the command to name. */
  readonly asFarAsReadable?: boolean
}

/**
 * This machine's memory of a topology in one estate, and the journal that was brought from another machine.
 *
 * @throws Stop when the journal that was named is not there, or speaks of something else
 */
export function journalsOf(
  prepared: Prepared,
  { run, estate, nth = 0, asFarAsReadable = false }: Run,
  settings: Pick<Settings, 'journal' | 'cwd'>,
  { notify }: Pick<Host, 'notify'>
): Journals {
  const topology = prepared.resolved.name
  const folder = runsFolder(prepared.dataDir, estate)
  const whose = { folder, estate: estateTitle(estate), topology, run, isAtIt: (other: string) => isAtIt(prepared, estate, other) }
  const brought = settings.journal === undefined ? undefined : broughtFrom(resolve(settings.cwd, settings.journal), whose)
  const changed = (place: string): void => notify({ type: 'journal changed', place })
  return openJournals({
    ...whose,
    asFarAsReadable,
    changed,
    ...(nth > 0 && { name: `${run}.${nth}.${topology}` }),
    ...(brought && { brought })
  })
}

/** `undefined` where it is one of those that are read in any case. */
function broughtFrom(place: string, { folder, estate, topology }: { readonly [key in 'folder' | 'estate' | 'topology']: string }) {
  if (!existsSync(place)) throw new Stop('error', `There is no journal ${place}.`)
  const file = openJournal(place)
  const began = orStop(() => file.first())
  if (began?.type !== 'run' || began.version === 1) return file
  if (began.estate !== estate)
    throw new Stop(
      'refused',
      `The journal ${place} is of another estate: ${began.estate}, and this is ${estate}. Nothing was changed. Restore its locks there.`
    )
  if (began.topology !== topology)
    throw new Stop(
      'refused',
      `The journal ${place} is of the topology ${began.topology}, and this is ${topology}. Nothing was changed. Restore its locks with the file of that one.`
    )
  return resolve(place, '..') === folder ? undefined : file
}

export interface LeftBehind {
  /** Locks that `locks restore` can restore. */
  readonly owed: readonly Owed[]
  /** Those whose scope was gone: they are restored when it is made again. */
  readonly awaitingScope: readonly Owed[]
  /** Those that are back, with markers that could not be deleted. */
  readonly leftover: readonly LeftoverMarkers[]
  readonly running: readonly Running[]
  /** Announced, and not known to have ended. */
  readonly writes: readonly Begun[]
  /** A run did not come to its end. */
  readonly unfinished: boolean
  /** Off, and left alone: the run that has them off is at it in another process of this machine. */
  readonly held: readonly Held[]
}

interface Held {
  readonly owed: Owed
  readonly process: ProcessId
}

/** The leftovers of earlier runs. @throws Stop when a journal cannot be read */
export function leftBehind(journals: Journals): LeftBehind {
  const { owed, ...left } = orStop(() => journals.left())
  return {
    ...left,
    owed: owed.filter(({ scopeGone }) => scopeGone !== true),
    awaitingScope: owed.filter(({ scopeGone }) => scopeGone === true),
    held: orStop(() => journals.atIt().flatMap(one => owedLocks(one.entries()).map(lock => ({ owed: lock, process: one.began.process }))))
  }
}

/** @throws Stop where a journal is damaged, or a newer pglink's */
function orStop<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Stop('lockNotRestored', errorLine(error))
  }
}

/** A journal in the data directory that is not restored from here, with the locks that it owes; or why that cannot be told. */
export interface NotOurs {
  readonly place: string
  readonly topology: string
  readonly owed: readonly Owed[]
  readonly damaged?: string
  /** An older pglink wrote it, which did not write down of which estate. */
  readonly older: boolean
}

const olderName = /^journal-(.+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.ndjson$/

/** Journals that runs of other topologies left in this estate, and those of an older pglink in any. Runs that are at it are left out. */
export const notOurs = ({ dataDir }: Pick<Prepared, 'dataDir'>, journals: Journals): readonly NotOurs[] => {
  const others = orStop(() => journals.others()).filter(({ began }) => isAlive(began.process) !== true)
  const older = olderIn(dataDir).map(({ place, topology }) => ({ place, topology, entries: openJournal(place).entries, older: true }))
  return [...others.map(({ place, began, entries }) => ({ place, topology: began.topology, entries, older: false })), ...older].flatMap(
    ({ entries, ...one }) => {
      const owed = owedIn(entries)
      if (typeof owed === 'string') return [{ ...one, owed: [], damaged: owed }]
      return owed.length === 0 ? [] : [{ ...one, owed }]
    }
  )
}

function owedIn(entries: () => readonly Entry[]): readonly Owed[] | string {
  try {
    return owedLocks(entries())
  } catch (error) {
    return errorLine(error)
  }
}

function olderIn(dataDir: string): readonly { readonly place: string; readonly topology: string }[] {
  return namesIn(dataDir).flatMap(name => {
    const topology = olderName.exec(name)?.[1]
    return topology === undefined ? [] : [{ place: join(dataDir, name), topology }]
  })
}

/** The sentence on a journal that is left alone, to follow its name. */
export function notOursSaid({ place, topology, owed, damaged, older }: NotOurs, restoreLine: (more?: RestoreMore) => string): string {
  const whose = older ? `an older pglink, for the topology ${printable(topology)}` : `the topology ${printable(topology)}`
  if (damaged !== undefined) return `is of ${whose}, and is left alone: ${damaged}`
  const what = `owes ${counted(owed.length, 'lock')} (${owed.map(({ lock }) => printable(lock.name)).join(', ')})`
  return older
    ? `is of ${whose}, and ${what} of an estate that it does not name. If that is this one: ${restoreLine({ journal: place })}`
    : `is of ${whose}, and ${what}: only a command with the file of that topology restores them`
}

/** Whether any journal in a data directory says that something is off, or cannot say: of whatever topology and estate. */
export function owesAnything(dataDir: string): boolean {
  try {
    const files = [
      // Every estate has a folder of its own.
      ...namesIn(dataDir).flatMap(name => runFilesIn(join(dataDir, name, 'runs'))),
      ...olderIn(dataDir).map(({ place }) => openJournal(place))
    ]
    return files.map((one: RunFile | JournalFile) => leftIn(one.entries())).some(({ owed, unfinished }) => unfinished || owed.length > 0)
  } catch {
    return true
  }
}
