import { groupOf, type ResourceId, resourceId, scopesOf, subscriptionOf, typeOf } from '../model/id.ts'
import { asBefore, type MarkersFound, markedIn } from '../model/marker.ts'
import type { Lock } from '../model/resource.ts'
import type { Azure } from './azure.ts'
import { isForbidden, isNotFound } from './error.ts'
import { readLocks, readLocksAt } from './locks.ts'

export interface LocksRead extends MarkersFound {
  /** As they are to be: those that some run has off are on, and what remembers them is left out. */
  readonly locks: readonly Lock[]
  /** As the lists show them. */
  readonly raw: readonly Lock[]
  readonly unreadable: readonly ResourceId[]
}

export interface LocksWanted {
  readonly subscriptions: readonly string[]
  readonly scopes: readonly ResourceId[]
  /** Locks that are off, by a journal on this machine. */
  readonly owed?: readonly Lock[]
  /** Whether a lock is as the file wants it: then its markers are only leftover. */
  readonly isDeclared?: (lock: Lock) => boolean
}

/**
 * Every lock that can matter: one list for each subscription. Where that is not allowed, one for each group, and where
 * not even that, one for each top resource. Those lists do not show what a scope inherits, so what lies above stays unknown
 * and is said to be so.
 */
export async function readAllLocks(azure: Azure, { subscriptions, scopes, owed = [], isDeclared }: LocksWanted): Promise<LocksRead> {
  const locks = new Map<ResourceId, Lock>()
  const unreadable: ResourceId[] = []
  for (const subscription of subscriptions) {
    const wide = await byEither(azure, login => readLocks(login, subscription))
    if (wide !== undefined) {
      add(locks, wide)
      continue
    }
    unreadable.push(resourceId(`/subscriptions/${subscription}`))
    const mine = scopes.filter(scope => subscriptionOf(scope) === subscription)
    for (const group of new Set(mine.flatMap(scope => groupOf(scope) ?? []))) {
      const at = resourceId(`/subscriptions/${subscription}/resourceGroups/${group}`)
      const inGroup = await locksSeenAt(azure, at)
      if (inGroup !== undefined) {
        add(locks, inGroup)
        continue
      }
      unreadable.push(at)
      for (const top of topResources(mine, at)) {
        const own = await locksSeenAt(azure, top)
        if (own === undefined) unreadable.push(top)
        else add(locks, own)
      }
    }
  }
  const raw = [...locks.values()]
  const memory = markedIn(raw, isDeclared)
  return { raw, locks: asBefore(raw, [...memory.marked.map(({ lock }) => lock), ...owed]), unreadable, ...memory }
}

const add = (locks: Map<ResourceId, Lock>, found: readonly Lock[]): void => {
  for (const lock of found) locks.set(resourceId(lock.path), lock)
}

/** The resources of a group that lie in nothing else: a list of locks there shows all beneath. */
const topResources = (scopes: readonly ResourceId[], group: ResourceId): ResourceId[] => [
  ...new Set(
    scopes.flatMap(scope => {
      const above = scopesOf(scope)
      const top = above[above.indexOf(group) - 1]
      return above.includes(group) && top !== undefined && typeOf(top).includes('/') ? [top] : []
    })
  )
]

/** By the login for locks where the first one may not see them: the first has more answers already. */
const byEither = async (azure: Azure, list: (login: Azure) => Promise<readonly Lock[]>): Promise<readonly Lock[] | undefined> =>
  (await allowed(() => list(azure))) ?? (azure.forLocks === azure ? undefined : allowed(() => list(azure.forLocks)))

/** The locks of one scope and of what lies beneath it; `undefined` where no login of this run may list them. @throws what else Azure says */
export const locksSeenAt = (azure: Azure, scope: string): Promise<readonly Lock[] | undefined> =>
  byEither(azure, login => readLocksAt(login, scope))

/** `undefined`: not for us to see. A scope that is not there has no locks. */
async function allowed(list: () => Promise<readonly Lock[]>): Promise<readonly Lock[] | undefined> {
  try {
    return await list()
  } catch (error) {
    if (isForbidden(error)) return undefined
    if (isNotFound(error)) return []
    throw error
  }
}
