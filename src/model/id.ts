declare const brand: unique symbol

/**
 * An ARM resource id in canonical form: lower case, no trailing slash. Compare, sort, key on it and
 * point with it. Do not address with it: ARM keeps a name in the case it was created with, so a PUT
 * goes to the `path` beside it.
 */
export type ResourceId = string & { readonly [brand]: 'ResourceId' }

export const resourceId = (path: string): ResourceId => path.replace(/\/+$/, '').toLowerCase() as ResourceId

/** Where the locks of a scope lie, in the casing ARM documents. */
export const locksUnder = (scope: string): string => `${scope}/providers/Microsoft.Authorization/locks`

/** By the characters and not by a length in lower case, which is another for some letters. */
const ofLock = /^(.*)\/providers\/microsoft\.authorization\/locks\/[^/]+$/is

/** The path of the scope that a lock is on, as it is written in the lock's own; empty where that is no lock's. */
export const scopePathOf = (lockPath: string): string => ofLock.exec(lockPath)?.[1] ?? ''

/**
 * Whether this is the path of a lock. A name may hold whatever Azure may take [REST: locks, resource name rules], also `#`; a part that
 * would lead elsewhere on the wire is no name.
 */
export const isLockPath = (path: unknown): path is string =>
  typeof path === 'string' && /^\/subscriptions\//i.test(scopePathOf(path)) && path.split('/').slice(1).every(isName)

const isName = (part: string): boolean => !/^\.{0,2}$/.test(part) && !/[\\?\p{Cc}\p{Cs}]/u.test(part)

/** A path as an address has it: with whatever is in a name, it leads to what it names. @throws URIError for half a character */
export const encodedPath = (path: string): string => encodeURI(path).replaceAll('#', '%23').replaceAll('?', '%3F')

/** The scopes whose locks reach `id`: itself first, then each ancestor up to the subscription. */
export function scopesOf(id: ResourceId): ResourceId[] {
  const parts = id.split('/').slice(1)
  const scopes: ResourceId[] = []
  for (let end = parts.length; end >= 2; end -= 2) {
    if (parts[end - 2] !== 'providers') scopes.push(`/${parts.slice(0, end).join('/')}` as ResourceId)
  }
  return scopes
}

/** The nearest scope above `id`: the parent resource, else the group, else the subscription. */
export const parentOf = (id: ResourceId): ResourceId | undefined => scopesOf(id)[1]

/** Whether `id` is `scope` or lies beneath it. */
export const within = (id: ResourceId, scope: ResourceId): boolean => id === scope || id.startsWith(`${scope}/`)

/** `/…/providers/N/a/x/b/y` → `n/a/b`; of a group or subscription the type ARM gives it. Lower case. */
export function typeOf(path: string): string {
  const at = path.toLowerCase().lastIndexOf('/providers/')
  if (at < 0)
    return path.toLowerCase().includes('/resourcegroups/') ? 'microsoft.resources/resourcegroups' : 'microsoft.resources/subscriptions'
  const [namespace = '', ...rest] = path
    .toLowerCase()
    .slice(at + '/providers/'.length)
    .split('/')
  return [namespace, ...rest.filter((_, index) => index % 2 === 0)].join('/')
}

export const nameOf = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? ''

export const subscriptionOf = (path: string): string => path.split('/')[2] ?? ''

/** The group's name, or nothing for what lies right under a subscription. */
export const groupOf = (path: string): string | undefined =>
  path.split('/')[3]?.toLowerCase() === 'resourcegroups' ? path.split('/')[4] : undefined

/** The ancestor-or-self of `id` that is of this type, if there is one. `type` in any case. */
export const ancestorOfType = (id: ResourceId, type: string): ResourceId | undefined =>
  scopesOf(id).find(scope => typeOf(scope) === type.toLowerCase())

/** Whether a value is a GUID, of whatever version. */
export const isGuid = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)
