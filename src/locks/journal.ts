import { type ResourceId, resourceId, within } from '../model/id.ts'
import type { How, Lease } from '../model/marker.ts'
import type { Lock, Reach } from '../model/resource.ts'
import type { ProcessId } from './process.ts'

interface Of<Type extends string> {
  readonly type: Type
  readonly at: string
}

/** The first line of a run's journal. */
export interface RunBegan extends Of<'run'> {
  readonly version: 2
  readonly run: string
  readonly topology: string
  /** The estate of the locks that it names. */
  readonly estate: string
  readonly process: ProcessId
}

interface OfLock<Type extends string> extends Of<Type> {
  readonly lock: Pick<Lock, 'path'>
}

/** An entry is written before the call that it announces: the journal of a run that dies says what the run had lifted and begun. */
export type Entry =
  | RunBegan
  /** An older pglink wrote it: its journal holds many runs and names no estate. */
  | (Of<'run'> & { readonly version: 1 } & Pick<RunBegan, 'run' | 'topology'>)
  | (Of<'unlocking'> & Omit<Owed, 'scopeGone'>)
  | OfLock<'relocked'>
  /** The lock was restored, but these of its markers could not be deleted. */
  | (OfLock<'standing'> & Pick<Owed, 'markers'>)
  /** The scope was gone when the lock was to be restored: the apply that makes the scope again restores the lock. */
  | OfLock<'scope-gone'>
  | (Of<'writing'> & Begun)
  /** A long-running operation that a write began. */
  | (Of<'operation'> & Running)
  /** An operation that an earlier run left behind has ended, well or not. */
  | (Of<'over'> & Pick<Running, 'path'>)
  | (Of<'wrote'> & Pick<Begun, 'step' | 'path'> & { readonly as: 'done' | 'failed' | 'unknown' })
  | Of<'ended'>

/** `append` resolves when the entry is on the disk. */
export interface Journal {
  append(entry: Entry): Promise<void>
  /** The sum of its entries. @throws JournalDamaged */
  left(): Left
  /** Where it is kept, for messages. */
  readonly place: string
}

/** A lock that was lifted and not restored, and how it was lifted. */
export interface Owed {
  readonly lock: Lock
  readonly how: How
  readonly lease: Lease
  /** Paths of the marker locks that remember it in Azure. */
  readonly markers: readonly string[]
  /** The client id of the login for locks that lifted it, where the run had a second one. */
  readonly by?: string
  /** `locks restore` can do nothing for it; the apply that makes its scope again restores it. */
  readonly scopeGone?: true
}

/** A lock that was restored, and markers of it that are still in Azure. */
export type LeftoverMarkers = Pick<Owed, 'lock' | 'how' | 'markers'>

/** The locks a journal says were lifted and not restored. */
export const owedLocks = (entries: readonly Entry[]): readonly Owed[] => leftIn(entries).owed

/** An operation that was begun and whose end no run has seen. */
export interface Running {
  readonly path: string
  /** Where to ask how it goes. */
  readonly url: string
  /** It went on when the run that began it was over. */
  readonly left?: true
}

/** A scope that a write goes to. */
export type Touch = Pick<Reach, 'scope' | 'as'>

/** A write that was announced. The journal of an older pglink has no `touches` and no `limitMs`. */
export interface Begun {
  readonly step: string
  readonly path: string
  /** Every scope that it goes to, itself or through Azure. */
  readonly touches?: readonly Touch[]
  /** For how long the step may go on. */
  readonly limitMs?: number
  readonly at?: string
}

/** Whether a journal of one run says that the run came to its end. */
export const isFinished = (entries: readonly Entry[]): boolean =>
  !leftIn(entries).unfinished && entries.some(({ type }) => type === 'ended')

/** The entries from which something is still owed, in flight or open. */
export interface Left {
  readonly owed: readonly Owed[]
  readonly leftover: readonly LeftoverMarkers[]
  readonly running: readonly Running[]
  /** Announced, and not known to have ended: the run died, or gave them up. */
  readonly writes: readonly Begun[]
  /** A run that had something to do did not come to its end. */
  readonly unfinished: boolean
}

export const leftIn = (entries: readonly Entry[]): Left => new Tally().with(entries).left()

/** The sum of a journal's entries, to which each further one is added as it comes. */
export class Tally {
  readonly #allOwed = new Map<string, Owed & { readonly leftover?: true }>()
  readonly #running = new Map<ResourceId, Running>()
  readonly #writes = new Map<ResourceId, Begun>()
  #unfinished = false

  with(entries: Iterable<Entry>): this {
    for (const entry of entries) this.#add(entry)
    return this
  }

  left(): Left {
    const all = [...this.#allOwed.values()]
    return {
      owed: all.flatMap(({ leftover, ...owedLock }) => (leftover ? [] : [owedLock])),
      leftover: all.flatMap(({ lock, how, markers, leftover }) => (leftover ? [{ lock, how, markers }] : [])),
      running: [...this.#running.values()],
      writes: [...this.#writes.values()],
      unfinished: this.#unfinished
    }
  }

  #add(entry: Entry): void {
    if ('lock' in entry) this.#addOfLock(entry)
    else this.#addOfWrite(entry)
    if (entry.type === 'unlocking' || entry.type === 'writing') this.#unfinished = true
    if (entry.type === 'ended') this.#unfinished = false
  }

  #addOfLock(entry: Extract<Entry, { lock: unknown }>): void {
    const before = this.#allOwed.get(entry.lock.path)
    if (entry.type === 'unlocking') {
      const { lock, how, lease, markers, by } = entry
      // The body of the first lift is owed: a second lift before the restore read a lock that was lowered already.
      const all = { markers: [...new Set([...(before?.markers ?? []), ...markers])] }
      const own = { lock, how, lease, ...(by !== undefined && { by }) }
      this.#allOwed.set(lock.path, before === undefined || before.leftover ? { ...own, ...all } : { ...before, ...all })
    }
    if (entry.type === 'relocked') this.#allOwed.delete(entry.lock.path)
    if (before === undefined) return
    const { lock, how, lease } = before
    if (entry.type === 'standing') this.#allOwed.set(lock.path, { lock, how, lease, markers: entry.markers, leftover: true })
    if (entry.type === 'scope-gone') this.#allOwed.set(lock.path, { ...before, scopeGone: true })
  }

  #addOfWrite(entry: Exclude<Entry, { lock: unknown }>): void {
    if (entry.type === 'writing') {
      const { type: _, ...begun } = entry
      this.#writes.set(resourceId(entry.path), begun)
    }
    if (entry.type === 'operation') {
      const { path, url, left } = entry
      this.#running.set(resourceId(path), { path, url, ...(left && { left }) })
    }
    if (entry.type === 'over') this.#running.delete(resourceId(entry.path))
    if (entry.type === 'wrote') this.#wrote(resourceId(entry.path), entry.as)
    // A run that came to its end has waited for all operations but those that it gave up.
    if (entry.type === 'ended') {
      for (const [id, { left }] of this.#running) if (left !== true) this.#running.delete(id)
      this.#writes.clear()
    }
  }

  #wrote(id: ResourceId, as: 'done' | 'failed' | 'unknown'): void {
    if (as !== 'unknown') {
      this.#running.delete(id)
      this.#writes.delete(id)
      return
    }
    // An operation that was given up, or whose answer was lost, may go on, and so may those on resources beneath.
    for (const [one, running] of this.#running) if (within(one, id)) this.#running.set(one, { ...running, left: true })
  }
}
