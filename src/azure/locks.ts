import { locksUnder, nameOf, resourceId, scopePathOf } from '../model/id.ts'
import type { Body } from '../model/json.ts'
import type { Lock } from '../model/resource.ts'
import type { Azure } from './azure.ts'
import { asking } from './error.ts'
import { gathered, itemsOf } from './items.ts'

const apiVersion = '2020-05-01'

interface LockBody {
  readonly id?: string
  readonly level?: string
  readonly notes?: string
  readonly owners?: unknown
}

/** Nothing is filled in: a lock is restored as it was read, to the byte. */
function lockFrom({ id = '', level, notes, owners }: LockBody): Lock {
  const properties = {
    level: level ?? '',
    ...(notes !== undefined && { notes }),
    ...(owners !== undefined && { owners: owners as Body[] })
  }
  return { scope: resourceId(scopePathOf(id)), path: id, name: nameOf(id), level: level as Lock['level'], properties }
}

/** Every lock in a subscription, wherever in it, in one call. */
export const readLocks = (shared: Azure, subscription: string): Promise<readonly Lock[]> =>
  shared.listed(`locks ${subscription}`, azure =>
    asking(`GET locks of /subscriptions/${subscription}`, async () => {
      const { managementLocks } = await azure.client('locks', subscription)
      const locks = (await gathered(managementLocks.listAtSubscriptionLevel())).map(lockFrom)
      return locks.sort((a, b) => (a.path < b.path ? -1 : 1))
    })
  )

/** As ARM gives it, without the SDK. */
interface RawLock {
  readonly id?: string
  readonly properties?: Omit<LockBody, 'id'>
}

/** The locks of one scope and of what lies beneath it. A lock that the scope inherits is not in it [CORPUS; 74 of 74 recorded]. */
export const readLocksAt = (azure: Azure, scope: string): Promise<Lock[]> =>
  asking(`GET locks of ${scope}`, async () => {
    const locks = await gathered(itemsOf<RawLock>(azure.send, locksUnder(scope), apiVersion))
    return locks.map(({ id = '', properties }) => lockFrom({ id, ...properties }))
  })

// Sent raw: the SDK escapes the slashes of the scope in its by-scope operations, and its other ones
// split an id into seven strings only to join them again.
/** @returns whether there was none before, by the status: 201 for a new one and 200 for one that was there [REC] */
export async function putLock(azure: Azure, { path, properties }: Pick<Lock, 'path' | 'properties'>): Promise<{ readonly isNew: boolean }> {
  let isNew = false
  const answered = (status: number): void => {
    isNew = status === 201
  }
  await azure.forLocks.send({ method: 'PUT', path, apiVersion, body: { properties }, answered })
  return { isNew }
}

export const deleteLock = (azure: Azure, { path }: Pick<Lock, 'path'>): Promise<unknown> =>
  azure.forLocks.send({ method: 'DELETE', path, apiVersion })

/** The lock as it is now. @throws ArmError 404 when it is not there. */
export const getLock = (azure: Azure, path: string): Promise<Lock> =>
  asking(`GET ${path}`, async () => {
    const body = (await azure.forLocks.send({ method: 'GET', path, apiVersion })) as RawLock
    return lockFrom({ id: body.id ?? path, ...body.properties })
  })
