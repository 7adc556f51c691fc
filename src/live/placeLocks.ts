import type { LocksRead } from '../azure/allLocks.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { type ResourceId, resourceId, scopesOf, typeOf } from '../model/id.ts'
import type { Desired, Found, Lock } from '../model/resource.ts'
import type { Reading } from './reading.ts'

/** Locks come in one list of their own; a declared one is found in it by its id. */
export function placeLocks(all: Desired, { locks, unreadable }: LocksRead, reading: Reading): void {
  const byId = new Map(locks.map(lock => [resourceId(lock.path), lock]))
  for (const resource of all.values()) {
    if (resource.kind !== managementLock.name) continue
    const seen = lockAt(resource.path, byId.get(resource.id))
    const isHidden = seen.observed.state === 'absent' && unseen(resource.id, unreadable)
    const observed = isHidden ? ({ state: 'unreadable', reason: 'the locks there may not be listed' } as const) : seen.observed
    reading.resources.set(resource.id, { kind: managementLock.name, path: seen.path, observed })
  }
}

/** Whether no list of locks could show this one: of its own scope, or of the top resource that is in. A scope above is another list's. */
function unseen(lock: ResourceId, unreadable: readonly ResourceId[]): boolean {
  const [, scope = lock] = scopesOf(lock)
  const top = scopesOf(scope).findLast(one => typeOf(one).includes('/') && !typeOf(one).startsWith('microsoft.resources/'))
  return unreadable.includes(scope) || (top !== undefined && unreadable.includes(top))
}

/** As a read of one lock would find it. */
export function lockAt(path: string, lock: Lock | undefined): Pick<Found, 'path' | 'observed'> {
  if (lock === undefined) return { path, observed: { state: 'absent' } }
  const props = managementLock.fromArm(lock.properties)
  return { path: lock.path, observed: { state: 'present', props, tags: {}, refs: [], reach: [], facts: {} } }
}
