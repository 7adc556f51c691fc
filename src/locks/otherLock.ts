import { locksSeenAt } from '../azure/allLocks.ts'
import type { Azure } from '../azure/azure.ts'
import type { Action, Step } from '../model/change.ts'
import { type ResourceId, resourceId } from '../model/id.ts'
import { isSame } from '../model/lockBody.ts'
import { isMarker } from '../model/marker.ts'
import type { Lock } from '../model/resource.ts'
import { isLoweredFrom } from './lockBody.ts'
import { staleMs } from './restore.ts'

/** The locks that a run lifts, and since when each is off, by its path. */
interface LiftedByRun {
  readonly azure: Azure
  readonly lifts: readonly Pick<Step, 'action'>[]
  readonly liftedAt: ReadonlyMap<string, number>
}

/**
 * Whether a lock is in the way that this run has not lifted: another one, or one that a person has put in the place of a lifted one.
 * Azure's refusal names scopes and not locks, and Azure still enforces a lifted lock for a while.
 */
export async function isOtherLockOn(scopes: readonly ResourceId[], action: Action, lifting: LiftedByRun): Promise<boolean> {
  for (const scope of scopes) {
    // We take no lock to be in the way that no login of this run may list.
    const locks = (await locksSeenAt(lifting.azure, scope).catch(() => undefined)) ?? []
    const others = locks.filter(lock => lock.scope === scope && !isMarker(lock) && !isLiftedBy(lifting, lock))
    if (others.some(({ level }) => level === 'ReadOnly' || action.do === 'delete')) return true
  }
  return false
}

/** Also where a read shows it as it was before: for a while after the lift a read may be behind. */
function isLiftedBy({ azure, lifts, liftedAt }: LiftedByRun, now: Lock): boolean {
  const lock = lifts.flatMap(({ action }) =>
    action.do === 'lift' && resourceId(action.lock.path) === resourceId(now.path) ? [action.lock] : []
  )[0]
  if (lock === undefined) return false
  const isBehind = azure.clock.now() - (liftedAt.get(lock.path) ?? azure.clock.now()) < staleMs
  return isLoweredFrom(now, lock) || (isSame(now.properties, lock.properties) && isBehind)
}
