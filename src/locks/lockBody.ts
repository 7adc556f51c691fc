import type { Azure } from '../azure/azure.ts'
import { isNotFound } from '../azure/error.ts'
import { getLock } from '../azure/locks.ts'
import { isSame } from '../model/lockBody.ts'
import { markedIn, needsMarkers } from '../model/marker.ts'
import type { Lock } from '../model/resource.ts'

/** A person or another tool changed a lock since the plan was made: we do not lift or restore it as planned. */
export class LockMoved extends Error {
  override readonly name = 'LockMoved'
}

/** `undefined` where the lock is not there, or its scope is not. */
export const lockNow = (azure: Azure, path: string): Promise<Lock | undefined> =>
  getLock(azure, path).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })

/** Whether this is `lock` as some run has lowered it: the body it owes is in its notes, or in markers where they have no room for it. */
export const isLoweredFrom = (now: Lock, lock: Lock): boolean =>
  markedIn([now]).marked.some(one => isSame(one.lock.properties, lock.properties)) ||
  (needsMarkers(lock) && isSame(now.properties, { ...lock.properties, level: 'CanNotDelete' }))

/** Whether a lock is as it was read before; `false` also where that cannot be told. */
export const standsAsRead = ({ path, properties }: Lock, azure: Azure): Promise<boolean> =>
  lockNow(azure, path).then(
    now => now !== undefined && isSame(now.properties, properties),
    () => false
  )
