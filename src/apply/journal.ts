import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type ResourceId, resourceId, subscriptionOf, within } from '../model/id.ts'
import type { How, Lease } from '../model/memory.ts'
import type { Lock } from '../model/resource.ts'
import { isEntry, JournalDamaged } from './journalEntry.ts'

/** Written before the call it speaks of, so that a run that dies leaves behind what it had taken off and what it had begun. */
export type Entry =
  | { readonly type: 'run'; readonly version: 1; readonly run: string; readonly topology: string; readonly at: string }
  | {
      readonly type: 'unlocking'
      readonly lock: Lock
      readonly how: How
      readonly lease: Lease
      /** Paths of the marker locks that remember it in Azure. */
      readonly markers: readonly string[]
      readonly at: string
    }
  | { readonly type: 'relocked'; readonly lock: Pick<Lock, 'path'>; readonly at: string }
  /** It is back, and nothing is owed; but these of its markers could not be deleted. */
  | { readonly type: 'standing'; readonly lock: Pick<Lock, 'path'>; readonly markers: readonly string[]; readonly at: string }
  /** What a lock was on was not there to be locked again: it goes back when that is made again. */
  | { readonly type: 'scope-gone'; readonly lock: Pick<Lock, 'path'>; readonly at: string }
  | { readonly type: 'writing'; readonly step: string; readonly path: string; readonly at: string }
  /** A long-running operation that a write began, and where to ask how it goes. */
  | {
      readonly type: 'operation'
      readonly path: string
      readonly url: string
      /** It went on when its run was over. */
      readonly left?: true
      readonly at: string
    }
  /** An operation that an earlier run left behind has come to its end, whatever that was. */
  | { readonly type: 'over'; readonly path: string; readonly at: string }
  | {
      readonly type: 'wrote'
      readonly step: string
      readonly path: string
      readonly as: 'done' | 'failed' | 'unknown'
      readonly at: string
    }
  | { readonly type: 'ended'; readonly at: string }

/** `append` resolves when the entry is on the disk. */
export interface Journal {
  append(entry: Entry): Promise<void>
  read(): Promise<readonly Entry[]>
  /** Where it is kept, for messages. */
  readonly place: string
}

/** A lock that was lifted and not put back, and how it was lifted. */
export interface Owed {
  readonly lock: Lock
  readonly how: How
  readonly lease: Lease
  readonly markers: readonly string[]
  /** `locks restore` can do nothing for it; the apply that makes its scope again puts it back. */
  readonly scopeGone?: true
}

/** A lock that is back, and of whose memory in Azure something is left. */
export type Standing = Pick<Owed, 'lock' | 'how' | 'markers'>

/** The locks a journal says were taken off, or lowered, and not put back. */
export const owedLocks = (entries: readonly Entry[]): Owed[] =>
  debtsIn(entries).flatMap(({ standing, ...owed }) => (standing === true ? [] : [owed]))

/** The locks that a journal says are back, with markers that could not be deleted. */
export const standingLocks = (entries: readonly Entry[]): Standing[] =>
  debtsIn(entries).flatMap(({ standing, lock, how, markers }) => (standing === true ? [{ lock, how, markers }] : []))

function debtsIn(entries: readonly Entry[]): readonly (Owed & { readonly standing?: true })[] {
  const owed = new Map<string, Owed & { readonly standing?: true }>()
  for (const entry of entries) {
    if (entry.type === 'unlocking') {
      const { lock, how, lease, markers } = entry
      const before = owed.get(lock.path)
      // What is owed is the first body: a second lifting in the same debt would only know what was left of it.
      const all = { markers: [...new Set([...(before?.markers ?? []), ...markers])] }
      owed.set(lock.path, before === undefined || before.standing ? { lock, how, lease, ...all } : { ...before, ...all })
    }
    const back = entry.type === 'standing' ? owed.get(entry.lock.path) : undefined
    if (entry.type === 'standing' && back !== undefined)
      owed.set(back.lock.path, { lock: back.lock, how: back.how, lease: back.lease, markers: entry.markers, standing: true })
    const debt = entry.type === 'scope-gone' ? owed.get(entry.lock.path) : undefined
    if (debt !== undefined) owed.set(debt.lock.path, { ...debt, scopeGone: true })
    if (entry.type === 'relocked') owed.delete(entry.lock.path)
  }
  return [...owed.values()]
}

export interface Running {
  readonly path: string
  readonly url: string
  /** The run that began it is over, and it went on. */
  readonly left?: true
}

/** Operations that were begun and whose end no run has seen. */
export function runningOperations(entries: readonly Entry[]): Running[] {
  const running = new Map<ResourceId, Running>()
  for (const entry of entries) {
    if (entry.type === 'operation') {
      const { path, url, left } = entry
      running.set(resourceId(path), { path, url, ...(left && { left }) })
    }
    if (entry.type === 'over' || (entry.type === 'wrote' && entry.as !== 'unknown')) running.delete(resourceId(entry.path))
    // One that was given up, or lost, may go on, as may what its step does beneath.
    if (entry.type === 'wrote' && entry.as === 'unknown')
      for (const [id, one] of running) if (within(id, resourceId(entry.path))) running.set(id, { ...one, left: true })
    // A run that lived waited for all of the others.
    if (entry.type === 'ended') for (const [id, { left }] of running) if (left !== true) running.delete(id)
  }
  return [...running.values()]
}

/** A write that was announced. */
export interface Begun {
  readonly step: string
  readonly path: string
}

/** Writes that were announced and whose end is not known: the run died, or gave them up. */
export function openWrites(entries: readonly Entry[]): Begun[] {
  const open = new Map<ResourceId, Begun>()
  for (const entry of entries) {
    if (entry.type === 'writing') open.set(resourceId(entry.path), { step: entry.step, path: entry.path })
    if (entry.type === 'wrote' && entry.as !== 'unknown') open.delete(resourceId(entry.path))
    // Before it ends, a run looks at what it gave up.
    if (entry.type === 'ended') open.clear()
  }
  return [...open.values()]
}

/** Whether the last run did not come to its end. */
export const isUnfinished = (entries: readonly Entry[]): boolean => {
  const last = entries.findLastIndex(({ type }) => type === 'run')
  return last >= 0 && !entries.slice(last).some(({ type }) => type === 'ended')
}

export const journalFile = (topology: string, subscription: string): string => `journal-${topology}-${subscription.toLowerCase()}.ndjson`

/**
 * The journal of a topology in one subscription on this machine: NDJSON, one line and one fsync an entry. A last line that
 * was torn by a crash is no entry: what it announced had not begun.
 */
export function openJournal(place: string): Journal {
  return {
    place,
    async append(entry) {
      const folder = join(place, '..')
      const isNew = !existsSync(place)
      mkdirSync(folder, { recursive: true })
      const file = openSync(place, 'a', 0o600)
      try {
        writeSync(file, `${endOfTorn(place)}${JSON.stringify(entry)}\n`)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      // A file that is new is in its folder for good only once the folder is on the disk, too.
      if (isNew) syncFolder(folder)
    },
    read: async () => (existsSync(place) ? entriesIn(readFileSync(place, 'utf8'), place) : [])
  }
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/**
 * One journal of several: an entry goes where the subscription of its resource has its file, beginning with the run it
 * belongs to; what is of the whole run goes to each file that has something of it.
 */
export function journalOf(run: Extract<Entry, { type: 'run' }>, open: (subscription: string) => Journal, first: string): Journal {
  const used = new Map<string, Journal>()
  const into = async (subscription: string): Promise<Journal> => {
    const known = used.get(subscription)
    if (known) return known
    const journal = open(subscription)
    used.set(subscription, journal)
    await journal.append(run)
    return journal
  }
  return {
    place: open(first).place,
    async append(entry) {
      const path = 'lock' in entry ? entry.lock.path : 'path' in entry ? entry.path : undefined
      if (path !== undefined) return (await into(subscriptionOf(path).toLowerCase() || first)).append(entry)
      for (const journal of used.values()) await journal.append(entry)
    },
    async read() {
      const all = await Promise.all([...used.values()].map(journal => journal.read()))
      return all.flat()
    }
  }
}

/** What a line torn by a crash ends with, so that it is never taken for one that was damaged later. */
const torn = ' torn'

/** What ends the last line, where a crash has left it open. All of an entry but its line's end may be there: then it is one. */
function endOfTorn(place: string): string {
  const text = existsSync(place) ? readFileSync(place, 'utf8') : ''
  const tail = text.slice(text.lastIndexOf('\n') + 1)
  if (tail === '') return ''
  return entryIn(tail) === undefined ? `${torn}\n` : '\n'
}

function entryIn(line: string): Entry | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    return isEntry(entry) ? entry : undefined
  } catch {
    return undefined
  }
}

function entriesIn(text: string, place: string): Entry[] {
  const lines = text.split('\n')
  const entries = lines.flatMap((line, index) => {
    if (line === '') return []
    const entry = entryIn(line)
    if (entry !== undefined) return [entry]
    // Torn by a crash, whether it is still last or a later run wrote after it: it never became an entry.
    if (index === lines.length - 1 || line.endsWith(torn)) return []
    throw new JournalDamaged(
      `Line ${index + 1} of the journal ${place} is damaged. Move the file away, then see with \`pglink locks list\` which locks are missing, and put them back.`
    )
  })
  const newer = entries.find(entry => entry.type === 'run' && entry.version !== 1)
  if (newer !== undefined)
    throw new JournalDamaged(`The journal ${place} was written by a newer pglink. Use that one to put its locks back.`)
  return entries
}
