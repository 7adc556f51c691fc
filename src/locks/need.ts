import { isStopped, lockMatrix, touched } from '../kinds/touched.ts'
import type { Action, LockNeed } from '../model/change.ts'
import { idOf } from '../model/graph.ts'
import { parentOf, typeOf, within } from '../model/id.ts'
import type { Advice, Lock } from '../model/resource.ts'

const advised = (action: Action): readonly Advice[] => (action.do === 'create' ? action.resource.advice : [])

/** Why `lock` is in the way of `action`: what ARM refuses, then what the how-to asks. A lock can meet both. */
export function needsOf(lock: Lock, action: Action, follows: 'advised' | 'required'): LockNeed[] {
  const step = idOf(action)
  const refused = touched(action).find(one => isStopped(one, lock) || (takesAlong(action, lock) && lockMatrix[one.as].includes(lock.level)))
  const advice = advised(action).find(
    ({ scope, children }) => lock.scope === scope || (parentOf(lock.scope) === scope && typeOf(lock.scope) === children.toLowerCase())
  )
  return [
    ...(refused ? [{ step, strength: 'required' as const, as: refused.as, source: refused.source }] : []),
    ...(advice && follows === 'advised' ? [{ step, strength: 'advised' as const, as: 'write' as const, source: advice.source }] : [])
  ]
}

/** Azure refuses to delete a resource while a lock is on anything in it: it never deletes a part [DOC-LOCK, CORPUS]. */
const takesAlong = (action: Action, lock: Lock): boolean =>
  action.do === 'delete' && touched(action).length > 0 && within(lock.scope, action.old.id)

export const liesUnder = (lock: Lock, action: Action): boolean =>
  touched(action).some(({ scope }) => within(scope, lock.scope)) || takesAlong(action, lock)

/** Whether it is set on a group or a subscription: lifting it exposes resources that we do not know. */
export const inherits = ({ scope }: Lock): boolean => typeOf(scope).startsWith('microsoft.resources/')

/**
 * Made by a service for itself: taking it off breaks what it guards. Azure Backup names its lock and says so in the
 * notes [REC-LOCK]; a managed application's carries the owner.
 */
export const madeByService = ({ name, properties }: Lock): boolean =>
  name === 'AzureBackupProtectionLock' || /^auto-created by azure/i.test(String(properties['notes'] ?? ''))
