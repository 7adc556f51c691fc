import type { Azure } from '../azure/azure.ts'
import { readLocksAt } from '../azure/locks.ts'
import type { Action, Plan } from '../model/change.ts'
import { type ResourceId, resourceId } from '../model/id.ts'
import { isMarker } from '../model/memory.ts'

/**
 * Whether a lock is in the way that the plan does not lift. Azure's refusal names scopes and not locks: while one that was lifted is
 * still enforced on a scope, another one may have been put there.
 */
export async function isStrangerOn(scopes: readonly ResourceId[], action: Action, plan: Plan, azure: Azure): Promise<boolean> {
  const lifted = new Set(plan.steps.flatMap(({ action: one }) => (one.do === 'unlock' ? [resourceId(one.lock.path)] : [])))
  for (const scope of scopes) {
    // A lock that we may not list is not known to be in the way.
    const locks = await readLocksAt(azure, scope).catch(() => [])
    const others = locks.filter(lock => lock.scope === scope && !lifted.has(resourceId(lock.path)) && !isMarker(lock))
    if (others.some(({ level }) => level === 'ReadOnly' || action.do === 'delete')) return true
  }
  return false
}
