import { managementLock } from '../kinds/managementLock.ts'
import type { Drift } from '../model/drift.ts'
import { type ResourceId, resourceId, within } from '../model/id.ts'
import type { How } from '../model/marker.ts'
import type { Desired, Lock } from '../model/resource.ts'
import type { Sides } from './paths.ts'

/** A lock that some run has off. */
export interface LockOff {
  readonly lock: Lock
  readonly how: How
  readonly run: string
  /** When its lease ends. ISO 8601. */
  readonly until: string
  /** Why that run does not restore it any more; absent while it may. */
  readonly left: 'lease over' | 'process gone' | 'workflow over' | undefined
}

export interface LocksOffInput extends Pick<Sides, 'desired' | 'baseline'> {
  readonly off: readonly LockOff[]
}

/**
 * Locks that are off. A lock has drifted where its run is known to be dead, or did not restore it before its lease ended. A lock that a
 * live run has off is only said, and does not count.
 */
export const locksOff = ({ desired, baseline, off }: LocksOffInput): Drift[] =>
  off.map(({ lock, how, run, until, left }): Drift => {
    const id = resourceId(lock.path)
    const declared = desired.get(id)
    const done = how === 'lower' ? 'was lowered to CanNotDelete' : 'was removed'
    const subject = {
      kind: managementLock.name,
      id,
      path: lock.path,
      address: declared?.address ?? lock.path,
      at: declared?.at
    }
    if (left === undefined)
      return { ...subject, class: 'leased', counts: false, message: `${done} by the run ${run}, which has until ${until} to restore it` }
    return {
      ...subject,
      class: baseline === undefined ? 'differs' : 'drifted',
      counts: true,
      message: `${done} by the run ${run}, ${because[left]}${left === 'lease over' ? ` until ${until}` : ''}: an apply does, or \`pglink locks restore\``
    }
  })

/** Where we may not list the locks, one that is off is not seen. A lock that is declared there has an entry of its own. */
export const locksUnseen = (desired: Desired, scopes: readonly ResourceId[]): Drift[] =>
  widest(scopes).map(scope => ({
    kind: managementLock.name,
    id: scope,
    path: scope,
    address: desired.get(scope)?.address ?? scope,
    at: desired.get(scope)?.at,
    class: 'unknown',
    counts: false,
    beside: true,
    message: 'is unknown as to locks: those on it and beneath it may not be listed, and one that is off is not seen'
  }))

const widest = (scopes: readonly ResourceId[]): ResourceId[] =>
  scopes.filter(scope => !scopes.some(other => other !== scope && within(scope, other)))

const because = {
  'lease over': 'which did not restore it',
  'process gone': 'whose process on this machine has ended and did not restore it',
  'workflow over': 'whose workflow run is completed and did not restore it'
} as const
