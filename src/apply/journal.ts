import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync
} from 'node:fs'
import { dirname } from 'node:path'
import { type ResourceId, resourceId, subscriptionOf, within } from '../model/id.ts'
import { invariant } from '../model/invariant.ts'
import { isBody } from '../model/json.ts'
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

/** Whether no run is to come that needs any of it. */
const isSettled = (entries: readonly Entry[]): boolean =>
  !isUnfinished(entries) && [debtsIn, runningOperations, openWrites].every(left => left(entries).length === 0)

/** What a file held when it was last read here or written to; good for as long as it is as it was then. */
interface Known {
  readonly as: Stats
  readonly entries: readonly Entry[]
}

const isSame = (one: Stats, other: Stats): boolean =>
  one.ino === other.ino && one.dev === other.dev && one.size === other.size && one.mtimeMs === other.mtimeMs

/**
 * The journal of a topology in one subscription on this machine: NDJSON, one line and one fsync an entry. A last line that
 * was torn by a crash is no entry: what it announced had not begun.
 */
export function openJournal(place: string): Journal {
  let known: Known | undefined
  const read = (): readonly Entry[] => {
    const as = statSync(place, { throwIfNoEntry: false })
    if (as === undefined) return []
    if (known === undefined || !isSame(known.as, as)) known = { as, entries: entriesIn(readFileSync(place, 'utf8'), place) }
    return known.entries
  }
  return {
    place,
    async append(entry) {
      const line = JSON.stringify(entry)
      const before = known
      // A line that could not be written may be there in part.
      known = undefined
      try {
        if (entry.type === 'run') beginAnew(place, read)
        const { from, to } = appendLine(place, line)
        if (before !== undefined && isSame(before.as, from)) known = { as: to, entries: [...before.entries, JSON.parse(line)] }
      } catch (error) {
        // What is said of an open file does not say which.
        throw error instanceof Error ? Object.assign(error, { path: place }) : error
      }
    },
    read: async () => read()
  }
}

/** @returns what the file was like before and is like now */
function appendLine(place: string, line: string): { readonly from: Stats; readonly to: Stats } {
  const folder = dirname(place)
  const isNew = !existsSync(place)
  mkdirSync(folder, { recursive: true })
  const file = openSync(place, 'a+', 0o600)
  try {
    const from = fstatSync(file)
    writeWhole(file, `${endOfTorn(file, from.size)}${line}\n`)
    // A file that is new is in its folder for good only once the folder is on the disk, too.
    if (isNew) syncFolder(folder)
    return { from, to: fstatSync(file) }
  } finally {
    closeSync(file)
  }
}

/** On the disk when it returns. Where the disk is all but full a write takes a part, and only the next one says why not the rest. */
function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    const written = writeSync(file, bytes, at)
    invariant(written > 0, 'a write to the journal took nothing, and did not say why')
    at += written
  }
  fsyncSync(file)
}

/** All of a journal is read when a run begins: longer than this it may not grow for the sake of what is over. */
const longBytes = 1 << 20

/** Of a long journal that nobody owes anything to, the last run is kept, for whoever looks. Whole or not at all. */
function beginAnew(place: string, read: () => readonly Entry[]): void {
  const file = lstatSync(place, { throwIfNoEntry: false })
  if (file === undefined || file.size < longBytes || !file.isFile()) return
  const entries = read()
  const last = entries.slice(entries.findLastIndex(({ type }) => type === 'run'))
  if (![entries, last].every(isSettled)) return
  if (!replaced(place, last.map(entry => `${JSON.stringify(entry)}\n`).join(''))) return
  // What is written to it from here on must not be lost with its name.
  syncFolder(dirname(place))
}

/** @returns whether it could be: where there is no room for it, the file is only longer than it need be */
function replaced(place: string, text: string): boolean {
  const next = `${place}.next`
  try {
    const file = openSync(next, 'w', 0o600)
    try {
      writeWhole(file, text)
    } finally {
      closeSync(file)
    }
    renameSync(next, place)
    return true
  } catch {
    rmSync(next, { force: true })
    return false
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
    try {
      await journal.append(run)
    } catch (error) {
      // What is written to it later is to come after the line that says whose it is.
      used.delete(subscription)
      throw error
    }
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
function endOfTorn(file: number, size: number): string {
  if (size === 0 || textAt(file, size - 1, 1) === '\n') return ''
  const text = textAt(file, 0, size)
  return entryOf(valueIn(text.slice(text.lastIndexOf('\n') + 1))) === undefined ? `${torn}\n` : '\n'
}

function textAt(file: number, position: number, length: number): string {
  const bytes = Buffer.alloc(length)
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, length, position))
}

/** `undefined` where it is no JSON. */
function valueIn(line: string): unknown {
  if (line === '') return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const entryOf = (value: unknown): Entry | undefined => (isEntry(value) ? value : undefined)

function entriesIn(text: string, place: string): Entry[] {
  const lines = text.split('\n')
  const values = lines.map(valueIn)
  // What else a newer one writes is not known here, and is not damaged for that.
  if (values.some(isOfNewer))
    throw new JournalDamaged(
      `The journal ${place} was written by a newer pglink. Nothing was changed. Use that one for this topology, also to put its locks back.`
    )
  return lines.flatMap((line, index) => {
    if (line === '') return []
    const entry = entryOf(values[index])
    if (entry !== undefined) return [entry]
    // Torn by a crash, whether it is still last or a later run wrote after it: it never became an entry.
    if (index === lines.length - 1 || line.endsWith(torn)) return []
    throw new JournalDamaged(
      `Line ${index + 1} of the journal ${place} is damaged. Move the file away, then see with \`pglink locks list\` which locks are missing, and put them back.`
    )
  })
}

const isOfNewer = (value: unknown): boolean =>
  isBody(value) && value['type'] === 'run' && typeof value['version'] === 'number' && value['version'] !== 1
