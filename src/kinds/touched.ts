import type { Action } from '../model/change.ts'
import { type ResourceId, within } from '../model/id.ts'
import { unreachable } from '../model/invariant.ts'
import type { Lock, Reach } from '../model/resource.ts'
import { kindOf } from './index.ts'
import { managementLock } from './managementLock.ts'

const lockDocument = 'learn.microsoft.com/azure/azure-resource-manager/management/lock-resources'

/** Which levels stand in the way of what. The whole of the matrix: what a kind reaches elsewhere is in the kind. */
export const lockMatrix: Readonly<Record<Reach['as'], readonly Lock['level'][]>> = {
  write: ['ReadOnly'],
  delete: ['CanNotDelete', 'ReadOnly']
}

/** Every scope a step goes to, itself or through Azure. An update may also take away what the old one had. */
export function touched(action: Action): readonly Reach[] {
  switch (action.do) {
    case 'lift':
    case 'restore':
    case 'prove':
      return []
    case 'create':
      return action.resource.kind === managementLock.name ? [] : [own(action.resource.id, 'write'), ...action.resource.reach]
    case 'update':
      return action.resource.kind === managementLock.name
        ? []
        : [
            own(action.resource.id, 'write'),
            ...later(action.resource.reach),
            // A call takes it out of there, with all that was of it.
            ...later(action.old?.reach ?? []).map(reach => (action.call === undefined ? { ...reach, as: 'write' as const } : reach))
          ]
    case 'delete':
      if (action.old.kind === managementLock.name) return []
      // A resource without a DELETE is written back to its default.
      return [own(action.old.id, kindOf(action.old).removedBy), ...action.old.reach]
    case 'invoke':
      // A POST under a ReadOnly lock is refused as a write [java#2560].
      return [own(action.id, 'write')]
    default:
      return unreachable(action)
  }
}

const own = (scope: ResourceId, as: Reach['as']): Reach => ({ scope, as, source: lockDocument })

/** The reach of a write of a resource that is there. */
const later = (reach: readonly Reach[]): readonly Reach[] => reach.filter(({ only }) => only !== 'create')

/** Whether ARM refuses to go to a scope so, or fails half-way there, while the lock is on. */
export const isStopped = ({ scope, as }: Pick<Reach, 'scope' | 'as'>, lock: Pick<Lock, 'scope' | 'level'>): boolean =>
  within(scope, lock.scope) && lockMatrix[as].includes(lock.level)
