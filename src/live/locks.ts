import type { Azure } from '../azure/azure.ts'
import { isForbidden, isNotFound } from '../azure/error.ts'
import { readLocks, readLocksAt } from '../azure/locks.ts'
import { groupOf, type ResourceId, resourceId, scopesOf, subscriptionOf, typeOf } from '../model/id.ts'
import type { Lock } from '../model/resource.ts'

export interface LocksRead {
  readonly locks: readonly Lock[]
  readonly unreadable: readonly ResourceId[]
}

/**
 * Every lock that can matter: one list for each subscription. Where that is not allowed, one for each group, and where
 * not even that, one for each top resource. Those lists do not show what a scope inherits, so what lies above stays unknown
 * and is said to be so.
 */
export async function readAllLocks(
  azure: Azure,
  { subscriptions, scopes }: { readonly subscriptions: readonly string[]; readonly scopes: readonly ResourceId[] }
): Promise<LocksRead> {
  const locks = new Map<ResourceId, Lock>()
  const unreadable: ResourceId[] = []
  for (const subscription of subscriptions) {
    const wide = await allowed(() => readLocks(azure, subscription))
    if (wide !== undefined) {
      add(locks, wide)
      continue
    }
    unreadable.push(resourceId(`/subscriptions/${subscription}`))
    const mine = scopes.filter(scope => subscriptionOf(scope) === subscription)
    for (const group of new Set(mine.flatMap(scope => groupOf(scope) ?? []))) {
      const at = resourceId(`/subscriptions/${subscription}/resourceGroups/${group}`)
      const inGroup = await allowed(() => readLocksAt(azure, at))
      if (inGroup !== undefined) {
        add(locks, inGroup)
        continue
      }
      unreadable.push(at)
      for (const top of topResources(mine, at)) {
        const own = await allowed(() => readLocksAt(azure, top))
        if (own === undefined) unreadable.push(top)
        else add(locks, own)
      }
    }
  }
  return { locks: [...locks.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), unreadable }
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

/** `undefined`: not for us to see. A scope that is not there has no locks. */
async function allowed(list: () => Promise<Lock[]>): Promise<readonly Lock[] | undefined> {
  try {
    return await list()
  } catch (error) {
    if (isForbidden(error)) return undefined
    if (isNotFound(error)) return []
    throw error
  }
}
