/** The part of a path that begins at a `providers` segment: a type, and a name for each of its levels, or one name less for a collection. */
export interface ProviderPart {
  readonly namespace: string
  readonly types: readonly string[]
  readonly names: readonly string[]
}

/** A path of ARM, in the casing it was written in, names percent-decoded and double slashes collapsed. */
export interface ArmPath {
  readonly subscription: string | undefined
  readonly resourceGroup: string | undefined
  /** The scope of the last provider part: '', a subscription, a group, or a resource (extension resources, such as locks). */
  readonly scope: string
  readonly part: ProviderPart | undefined
  /** Segments that no provider part claims, such as `resourceGroups` or `operationresults/…`. */
  readonly tail: readonly string[]
}

const same = (one: string | undefined, other: string): boolean => one?.toLowerCase() === other

/** Undefined when a percent escape is broken, which ARM refuses as a bad request. */
export function parseArmPath(pathname: string): ArmPath | undefined {
  let segments: string[]
  try {
    // Decoded before it is taken apart: some clients escape the slashes of a scope [SDK-LOCK], which no name can have in it.
    const text = pathname.includes('%') ? pathname.split('/').map(decodeURIComponent).join('/') : pathname
    segments = text.split('/').filter(Boolean)
  } catch {
    return undefined
  }
  let at = 0
  let scope = ''
  let subscription: string | undefined
  let resourceGroup: string | undefined
  let part: ProviderPart | undefined
  if (same(segments[0], 'subscriptions') && segments[1] !== undefined) {
    subscription = segments[1]
    at = 2
    if (same(segments[2], 'resourcegroups') && segments[3] !== undefined) {
      resourceGroup = segments[3]
      at = 4
    }
  }
  while (same(segments[at], 'providers') && segments[at + 1] !== undefined) {
    scope = `/${segments.slice(0, at).join('/')}`
    const from = at + 2
    at = from
    // A `providers` in the place of a type begins the next part; in the place of a name it is a name.
    while (at < segments.length && ((at - from) % 2 === 1 || !same(segments[at], 'providers'))) at += 1
    const chain = segments.slice(from, at)
    part = {
      namespace: segments[from - 1] ?? '',
      types: chain.filter((_, index) => index % 2 === 0),
      names: chain.filter((_, index) => index % 2 === 1)
    }
  }
  if (part === undefined) scope = `/${segments.slice(0, at).join('/')}`
  return { subscription, resourceGroup, scope: scope === '/' ? '' : scope, part, tail: segments.slice(at) }
}

/** Under which a resource is kept: ids are the same whatever their case. */
export function keyOf(id: string): string {
  const key = id.toLowerCase()
  // Nearly every id is written as it should be, and this is asked thousands of times in a request.
  return key.includes('//') || key.endsWith('/') ? key.replace(/\/{2,}/g, '/').replace(/\/$/, '') : key
}

export const sameId = (one: string, other: string): boolean => keyOf(one) === keyOf(other)

export const nameOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1)

/** `Microsoft.Network/virtualNetworks/subnets`, as cased in the id; `Microsoft.Resources/resourceGroups` for a group, '' for a subscription. */
export function typeOf(id: string): string {
  const path = parseArmPath(id.replaceAll('%', '%25'))
  if (path?.part) return [path.part.namespace, ...path.part.types].join('/')
  return path?.resourceGroup === undefined ? '' : 'Microsoft.Resources/resourceGroups'
}

/**
 * Before and after the last `/providers/`; `undefined` where there is none. Never by an index into the lower case, which is longer for
 * some letters (İ) than what it is the lower case of.
 */
export function atProvider(id: string): { readonly scope: string; readonly rest: string } | undefined {
  const [, scope, rest] = /^(.*)\/providers\/(.*)$/is.exec(id) ?? []
  return scope === undefined || rest === undefined ? undefined : { scope, rest }
}

/** The resource one level up; the scope of an extension resource; the group of a top-level one. */
export function parentOf(id: string): string {
  const at = atProvider(id)
  if (at === undefined) return /\/resourcegroups\//i.test(id) ? id.split('/').slice(0, 3).join('/') : ''
  return at.rest.split('/').length > 3 ? id.split('/').slice(0, -2).join('/') : at.scope
}

export const subscriptionOf = (id: string): string => id.split('/')[2] ?? ''

export const groupNameOf = (id: string): string => (/^\/subscriptions\/[^/]+\/resourcegroups\/([^/]+)/i.exec(id) ?? [])[1] ?? ''

/** The id of the group that a resource lies in. */
export const groupOf = (id: string): string => id.split('/').slice(0, 5).join('/')

/** As ARM names a resource in its messages: `Microsoft.Network/privateDnsZones/Z/virtualNetworkLinks/L`. */
export const shortOf = (id: string): string => atProvider(id)?.rest ?? id

export const isBeneath = (id: string, scope: string): boolean => keyOf(id).startsWith(`${keyOf(scope)}/`)

/** The scope itself, or anything beneath it. */
export const isWithin = (id: string, scope: string): boolean => keyOf(id) === keyOf(scope) || isBeneath(id, scope)
