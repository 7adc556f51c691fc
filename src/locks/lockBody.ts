import type { Azure } from '../azure/azure.ts'
import { isNotFound } from '../azure/error.ts'
import { getLock } from '../azure/locks.ts'
import { isSame } from '../model/lockBody.ts'
import { markedIn, needsMarkers } from '../model/marker.ts'
import type { Lock } from '../model/resource.ts'

/** Someone else changed a lock between the plan and now: it is not ours to lift, or to restore, as planned. */
export class LockMoved extends Error {
  override readonly name = 'LockMoved'
}

/** `undefined` when it is not there, or what it lies on is not. */
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
