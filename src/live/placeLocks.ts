import type { LocksRead } from '../azure/allLocks.ts'
import type { Kind } from '../kinds/kind.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { type ResourceId, resourceId, scopesOf, typeOf } from '../model/id.ts'
import type { Desired, Found } from '../model/resource.ts'
import type { Reading } from './reading.ts'

/** Locks come in one list of their own; a declared one is found in it by its id. */
export function placeLocks(all: Desired, { locks, unreadable }: LocksRead, reading: Reading): void {
  const byId = new Map(locks.map(lock => [resourceId(lock.path), lock]))
  for (const resource of all.values()) {
    if (resource.kind !== managementLock.name) continue
    const lock = byId.get(resource.id)
    if (lock === undefined && unseen(resource.id, unreadable))
      reading.found.set(resource.id, {
        kind: managementLock.name,
        path: resource.path,
        observed: { state: 'unreadable', reason: 'the locks there may not be listed' }
      })
    else if (lock === undefined)
      reading.found.set(resource.id, { kind: managementLock.name, path: resource.path, observed: { state: 'absent' } })
    else reading.found.set(resource.id, { kind: managementLock.name, path: lock.path, observed: present(managementLock, lock.properties) })
  }
}

/** Whether no list of locks could show this one: of its own scope, or of the top resource that is in. A scope above is another list's. */
function unseen(lock: ResourceId, unreadable: readonly ResourceId[]): boolean {
  const [, scope = lock] = scopesOf(lock)
  const top = scopesOf(scope).findLast(one => typeOf(one).includes('/') && !typeOf(one).startsWith('microsoft.resources/'))
  return unreadable.includes(scope) || (top !== undefined && unreadable.includes(top))
}

const present = (kind: Kind, properties: unknown): Found['observed'] => {
  const props = kind.fromArm(properties)
  return { state: 'present', props, tags: {}, refs: kind.refs(props), reach: [], facts: {} }
}
