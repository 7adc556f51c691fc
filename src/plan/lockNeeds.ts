import type { Action, LockNeed } from '../model/change.ts'
import { parentOf, type ResourceId, typeOf, within } from '../model/id.ts'
import { unreachable } from '../model/invariant.ts'
import type { Advice, Lock, Reach } from '../model/resource.ts'
import { idOf } from './graph.ts'

const lockDocument = 'learn.microsoft.com/azure/azure-resource-manager/management/lock-resources'

/** Which levels stand in the way of what. The whole of the matrix: what a kind reaches elsewhere is in the kind. */
export const lockMatrix: Readonly<Record<Reach['as'], readonly Lock['level'][]>> = {
  write: ['ReadOnly'],
  delete: ['CanNotDelete', 'ReadOnly']
}

/** Every scope a step goes to, itself or through Azure. An update may also take away what the old one had. */
export function touched(action: Action): readonly Reach[] {
  switch (action.do) {
    case 'unlock':
    case 'relock':
    case 'prove':
      return []
    case 'create':
      return action.resource.kind === 'managementLock' ? [] : [own(action.resource.id, 'write'), ...action.resource.reach]
    case 'update':
      return action.resource.kind === 'managementLock'
        ? []
        : [
            own(action.resource.id, 'write'),
            ...action.resource.reach,
            ...(action.old?.reach.map(reach => ({ ...reach, as: 'write' as const })) ?? [])
          ]
    case 'delete':
      if (action.old.kind === 'managementLock') return []
      // What has no DELETE is written back to its default.
      return [own(action.old.id, action.old.kind === 'configuration' ? 'write' : 'delete'), ...action.old.reach]
    case 'invoke':
      // A POST under a ReadOnly lock is refused as a write [java#2560].
      return [own(action.id, 'write')]
    default:
      return unreachable(action)
  }
}

const own = (scope: ResourceId, as: Reach['as']): Reach => ({ scope, as, source: lockDocument })

const advised = (action: Action): readonly Advice[] => (action.do === 'create' ? action.resource.advice : [])

/** Why `lock` is in the way of `action`: what ARM refuses, then what the how-to asks. A lock can meet both. */
export function needsOf(lock: Lock, action: Action, follows: 'advised' | 'required'): LockNeed[] {
  const step = idOf(action)
  const refused = touched(action).find(
    ({ scope, as }) => (within(scope, lock.scope) || takesAlong(action, lock)) && lockMatrix[as].includes(lock.level)
  )
  const advice = advised(action).find(
    ({ scope, children }) => lock.scope === scope || (parentOf(lock.scope) === scope && typeOf(lock.scope) === children.toLowerCase())
  )
  return [
    ...(refused ? [{ step, strength: 'required' as const, as: refused.as, source: refused.source }] : []),
    ...(advice && follows === 'advised' ? [{ step, strength: 'advised' as const, as: 'write' as const, source: advice.source }] : [])
  ]
}

/** A delete of a resource with all it holds is refused for a lock on any of that: Azure never deletes a part [DOC-LOCK, CORPUS]. */
const takesAlong = (action: Action, lock: Lock): boolean =>
  action.do === 'delete' && touched(action).length > 0 && within(lock.scope, action.old.id)

export const liesUnder = (lock: Lock, action: Action): boolean =>
  touched(action).some(({ scope }) => within(scope, lock.scope)) || takesAlong(action, lock)

/** Set on something above any resource: lifting it exposes what we know nothing of. */
export const inherits = ({ scope }: Lock): boolean => typeOf(scope).startsWith('microsoft.resources/')

/**
 * Made by a service for itself: taking it off breaks what it guards. Azure Backup names its lock and says so in the
 * notes [REC-LOCK]; a managed application's carries the owner.
 */
export const madeByService = ({ name, properties }: Lock): boolean =>
  name === 'AzureBackupProtectionLock' || /^auto-created by azure/i.test(String(properties['notes'] ?? ''))
