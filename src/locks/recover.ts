import { isForbidden, isNotFound } from '../azure/error.ts'
import { lockRights } from '../kinds/managementLock.ts'
import { type ResourceId, resourceId, within } from '../model/id.ts'
import type { Lease, MarkedLock } from '../model/marker.ts'
import type { Desired, Lock } from '../model/resource.ts'
import { type InFlight, type RestoredFor, restoreFor } from './inFlight.ts'
import type { LeftoverMarkers, Owed } from './journal.ts'
import { isOver, turn } from './lift.ts'
import { standsAsRead } from './lockBody.ts'
import { type LockPorts, type MarkerLeft, type OwedLock, owedFrom, stamp, strikeOff } from './restore.ts'

export interface Restored {
  readonly lock: Lock
  /** `not waited for`: a run elsewhere still has it off, and the user interrupted our wait. */
  readonly outcome: 'restored' | 'already there' | 'kept' | 'scope is gone' | 'went with its scope' | 'not waited for' | 'failed'
  readonly error?: Error
  /** The client id of the login for locks that lifted it, as far as a journal here knows. */
  readonly by?: string
  /** Azure refused this login: the rights that whoever restores it has, and the run that lifted it, or the workflow run that it was of. */
  readonly takes?: { readonly rights: readonly string[]; readonly run: string | undefined }
  /** Markers of it that could not be deleted. The lock itself is right. */
  readonly left?: readonly MarkerLeft[]
  /** Writes still in flight under it, or through it, after as long as they may take: it is restored all the same. */
  readonly over?: readonly string[]
}

/** The locks that are owed, by the journals and by the markers, and the writes in flight. */
export interface AllOwed {
  readonly owed: readonly Owed[]
  readonly marked: readonly MarkedLock[]
  readonly going: InFlight
  /** Paths of locks that a person changed meanwhile and wants as they are now. */
  readonly keep: readonly string[]
  /** Restores also the locks of runs that may be alive on another machine. */
  readonly atOnce: boolean
  /** Why a lock is not made although a marker or a journal says that it is owed; `undefined` where it is. */
  readonly refusal?: (lock: Lock, lease: Lease | undefined) => string | undefined
}

/**
 * Restores every lock that is owed. A lock that stands already is only struck off; one on a scope that is gone has nothing to protect. We
 * wait for a lock that a run elsewhere still has off, unless the lease is our own. A failure does not keep the other locks off.
 */
export async function restoreLocks(allOwed: AllOwed, ports: LockPorts): Promise<readonly Restored[]> {
  const results: Restored[] = []
  for (const owedLock of joined(allOwed)) {
    const { lock, elsewhere } = owedLock
    try {
      results.push({ lock, ...(await restoredAs(owedLock, allOwed, ports)) })
    } catch (error) {
      if (ports.signal?.aborted && elsewhere !== undefined) results.push({ lock, outcome: 'not waited for' })
      else results.push(await failedOrGone(owedLock, error as Error, allOwed.going, ports))
    }
  }
  return results
}

async function restoredAs(owedLock: Joined, allOwed: AllOwed, ports: LockPorts): Promise<Omit<Restored, 'lock'>> {
  const { lock, lease, elsewhere } = owedLock
  const { keep, refusal, atOnce, going } = allOwed
  if (keep.some(path => resourceId(path) === resourceId(lock.path))) return { outcome: 'kept', left: await strikeOff(owedLock, ports) }
  const refused = refusal?.(lock, lease)
  // Where the lock stands already we only delete its markers.
  if (refused !== undefined && !(await standsAsRead(lock, ports.azure))) return { outcome: 'failed', error: new Error(refused) }
  if (elsewhere === undefined || atOnce || elsewhere.lease.run === ports.run || isOver(elsewhere, ports))
    return became(await restoreFor(owedLock, going, elsewhere !== undefined, ports))
  const done = await turn(elsewhere, going, ports)
  return done === undefined ? { outcome: 'restored' } : became(done)
}

/** Deletes the markers of locks on scopes that are gone and that no file declares any more. */
export const forgetWhatWent = (awaiting: readonly Owed[], desired: Desired, ports: LockPorts): Promise<readonly Restored[]> =>
  struckOff(
    awaiting.filter(({ lock }) => !isWanted(lock, desired)),
    'went with its scope',
    ports
  )

/** Deletes the leftover markers of locks that are back. */
export const clearMarkers = (leftover: readonly LeftoverMarkers[], ports: LockPorts): Promise<readonly Restored[]> =>
  struckOff(leftover, 'already there', ports)

async function struckOff(all: readonly OwedLock[], outcome: Restored['outcome'], ports: LockPorts): Promise<readonly Restored[]> {
  const results: Restored[] = []
  for (const owedLock of all) results.push({ lock: owedLock.lock, outcome, left: await strikeOff(owedLock, ports) })
  return results
}

interface Joined extends OwedLock, Pick<Owed, 'by'> {
  /** Set where only Azure knows it: another machine lifted it, or the journal is lost. */
  readonly elsewhere?: MarkedLock
}

/** A journal says most of a lock; the markers in Azure are added to what it says. */
function joined({ owed, marked }: AllOwed): readonly Joined[] {
  const all = new Map<ResourceId, Joined>(
    owed.map(({ lock, how, lease, markers, by }) => [resourceId(lock.path), { lock, how, lease, markers, ...(by !== undefined && { by }) }])
  )
  for (const one of marked) {
    const id = resourceId(one.lock.path)
    const known = all.get(id)
    const owedLock = owedFrom(one)
    all.set(id, known ? { ...known, markers: [...new Set([...known.markers, ...owedLock.markers])] } : { ...owedLock, elsewhere: one })
  }
  return [...all.values()]
}

const became = ({ stood, left, over }: RestoredFor): Omit<Restored, 'lock'> => ({
  outcome: stood ? 'already there' : 'restored',
  left,
  ...(over.length > 0 && { over })
})

/** A 404 on a PUT of a lock means that what it lay on is not there. */
async function failedOrGone(owedLock: Joined, error: Error, { desired }: InFlight, ports: LockPorts): Promise<Restored> {
  const { lock, how, markers, elsewhere, by, lease } = owedLock
  if (!isNotFound(error))
    return {
      lock,
      outcome: 'failed',
      error,
      ...(by !== undefined && { by }),
      ...(isForbidden(error) && { takes: { rights: lockRights, run: lease?.workflow ?? lease?.run } })
    }
  // A scope that no file wants is not made again: the lock went with it.
  if (!isWanted(lock, desired)) return { lock, outcome: 'went with its scope', left: await strikeOff(owedLock, ports) }
  // We keep it: a run that died between a delete and the create after it leaves this behind. The step that makes the scope again asks this
  // machine's journal for it, in which a lost disk left nothing.
  if (elsewhere !== undefined)
    await ports.journal.append({ type: 'unlocking', lock, how, lease: elsewhere.lease, markers, at: stamp(ports) })
  await ports.journal.append({ type: 'scope-gone', lock: { path: lock.path }, at: stamp(ports) })
  return { lock, outcome: 'scope is gone' }
}

/** Whether the file declares the scope of a lock: then an apply makes it again. */
const isWanted = ({ scope }: Lock, desired: Desired): boolean => [...desired.keys()].some(id => within(id, scope))
