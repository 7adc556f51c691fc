import type { Azure } from '../azure/azure.ts'
import { readLocksAt } from '../azure/locks.ts'
import { isLoweredFrom } from '../locks/lockBody.ts'
import { staleMs } from '../locks/restore.ts'
import type { Action } from '../model/change.ts'
import { type ResourceId, resourceId } from '../model/id.ts'
import { isSame } from '../model/lockBody.ts'
import { isMarker } from '../model/marker.ts'
import type { Lock } from '../model/resource.ts'
import type { Run } from './run.ts'

/**
 * Whether a lock is in the way that this run has not lifted: another one, or what somebody has put in the place of a lifted one. Azure's
 * refusal names scopes and not locks, and a lock that was lifted is still enforced for a while.
 */
export async function isStrangerOn(scopes: readonly ResourceId[], action: Action, run: Run, azure: Azure): Promise<boolean> {
  for (const scope of scopes) {
    // A lock that we may not list is not known to be in the way.
    const locks = await readLocksAt(azure, scope).catch(() => [])
    const others = locks.filter(lock => lock.scope === scope && !isMarker(lock) && !isLiftedBy(run, lock))
    if (others.some(({ level }) => level === 'ReadOnly' || action.do === 'delete')) return true
  }
  return false
}

/** Also where a read shows it as it was: that may be a read of before, until so long after the lift. */
function isLiftedBy({ plan, executor: { azure }, liftedAt }: Run, now: Lock): boolean {
  const lift = plan.steps.flatMap(({ action }) =>
    action.do === 'unlock' && resourceId(action.lock.path) === resourceId(now.path) ? [action] : []
  )[0]
  if (lift === undefined) return false
  const isBehind = azure.clock.now() - (liftedAt.get(lift.lock.path) ?? azure.clock.now()) < staleMs
  return isLoweredFrom(now, lift.lock) || (isSame(now.properties, lift.lock.properties) && isBehind)
}
