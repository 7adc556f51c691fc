import { type ResourceId, resourceId, within } from '../model/id.ts'
import type { How, Lease } from '../model/memory.ts'
import type { Lock, Reach } from '../model/resource.ts'
import type { ProcessId } from './process.ts'

/** With what the journal of a run begins. */
export interface RunBegan {
  readonly type: 'run'
  readonly version: 2
  readonly run: string
  readonly topology: string
  /** Where the locks are that it speaks of. */
  readonly estate: string
  readonly process: ProcessId
  readonly at: string
}

/** Written before the call it speaks of, so that a run that dies leaves behind what it had lifted and what it had begun. */
export type Entry =
  | RunBegan
  /** An older pglink wrote it: its journal holds many runs and names no estate. */
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
  /** The scope of a lock was not there to be locked again: it is restored when that is made again. */
  | { readonly type: 'scope-gone'; readonly lock: Pick<Lock, 'path'>; readonly at: string }
  | {
      readonly type: 'writing'
      readonly step: string
      readonly path: string
      /** Every scope that it goes to, itself or through Azure. */
      readonly touches?: readonly Touch[]
      /** For how long the step may go on. */
      readonly limitMs?: number
      readonly at: string
    }
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

/** A lock that was lifted and not restored, and how it was lifted. */
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

/** The locks a journal says were lifted and not restored. */
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
      // The first body is owed: a second lift in the same debt would only know the rest of it.
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

/** A scope that a write goes to. */
export type Touch = Pick<Reach, 'scope' | 'as'>

/** A write that was announced, with what the journal says of it: an older one says neither what it touches nor for how long it may go on. */
export interface Begun {
  readonly step: string
  readonly path: string
  readonly touches?: readonly Touch[]
  readonly limitMs?: number
  readonly at?: string
}

/** Writes that were announced and whose end is not known: the run died, or gave them up. */
export function openWrites(entries: readonly Entry[]): Begun[] {
  const open = new Map<ResourceId, Begun>()
  for (const entry of entries) {
    if (entry.type === 'writing') {
      const { type: _, ...begun } = entry
      open.set(resourceId(entry.path), begun)
    }
    if (entry.type === 'wrote' && entry.as !== 'unknown') open.delete(resourceId(entry.path))
    // Before it ends, a run looks at what it gave up.
    if (entry.type === 'ended') open.clear()
  }
  return [...open.values()]
}

/** Whether a run that had something to do did not come to its end. */
export const isUnfinished = (entries: readonly Entry[]): boolean =>
  entries.slice(entries.findLastIndex(({ type }) => type === 'ended') + 1).some(({ type }) => type === 'unlocking' || type === 'writing')

/** Whether a journal of one run says that the run came to its end. */
export const isFinished = (entries: readonly Entry[]): boolean => !isUnfinished(entries) && entries.some(({ type }) => type === 'ended')

/** The entries from which something is still owed, in flight or open. */
export interface Left {
  readonly owed: readonly Owed[]
  readonly standing: readonly Standing[]
  readonly running: readonly Running[]
  /** Announced, and not known to have ended. */
  readonly writes: readonly Begun[]
  readonly unfinished: boolean
}

export const leftIn = (entries: readonly Entry[]): Left => ({
  owed: owedLocks(entries),
  standing: standingLocks(entries),
  running: runningOperations(entries),
  writes: openWrites(entries),
  unfinished: isUnfinished(entries)
})
