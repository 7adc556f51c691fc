import { groupNameOf } from './armPath.ts'
import type { Core } from './core.ts'
import { groupType } from './groups.ts'
import type { JsonObject } from './json.ts'
import { textAt, valueAt } from './json.ts'
import { locations } from './locations.ts'
import { listResources, page } from './read.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import { supported } from './registry.ts'
import type { ArmRequest } from './request.ts'
import type { StoredResource } from './state.ts'
import type { Answer } from './type.ts'

/** One tenant for all subscriptions. */
export const tenantId = '72f988bf-0000-4000-8000-2d7cd011db47'

const subscriptionBody = (id: string): JsonObject => ({
  id: `/subscriptions/${id}`,
  subscriptionId: id,
  tenantId,
  displayName: `Sandbox ${id.slice(0, 8)}`,
  state: 'Enabled',
  subscriptionPolicies: { locationPlacementId: 'Public_2014-09-01', quotaId: 'PayAsYouGo_2014-09-01', spendingLimit: 'Off' },
  authorizationSource: 'RoleBased'
})

/** What a path without a provider in it leads to, below the tenant, a subscription or a group. */
export function aboveProviders(core: Core, request: ArmRequest): Answer | Refusal {
  const { path, method } = request
  const [first, ...more] = path.tail.map(segment => segment.toLowerCase())
  if (method !== 'GET') return gatewayErrors.methodNotAllowed(method)
  if (more.length > 0) return gatewayErrors.pathNotFound(request.url.pathname)
  if (path.subscription === undefined) return tenantWide(core, first, request)
  if (path.resourceGroup !== undefined && !core.store.has(path.scope)) return gatewayErrors.groupNotFound(path.resourceGroup)
  switch (first) {
    case undefined:
      return { status: 200, body: subscriptionBody(path.subscription) }
    case 'resourcegroups':
      return listGroups(core, path.scope, request)
    case 'resources':
      return listAll(core, path.scope, request)
    case 'providers':
      return { status: 200, body: { value: namespaces(core).map(one => providerBody(core, path.scope, one)) } }
    case 'locations':
      return { status: 200, body: { value: locations.map(one => ({ id: `${path.scope}/locations/${one.name}`, ...one })) } }
    default:
      return gatewayErrors.pathNotFound(request.url.pathname)
  }
}

function tenantWide(core: Core, first: string | undefined, request: ArmRequest): Answer | Refusal {
  switch (first) {
    case 'subscriptions': {
      // Every subscription exists; a list can only name those in which something lies.
      const known = [...new Set(core.store.all().map(one => one.id.split('/')[2]?.toLowerCase() ?? ''))].sort()
      return { status: 200, body: { value: known.map(subscriptionBody), count: { type: 'Total', value: known.length } } }
    }
    case 'tenants':
      return { status: 200, body: { value: [{ id: `/tenants/${tenantId}`, tenantId, tenantCategory: 'Home' }] } }
    case 'providers':
      return { status: 200, body: { value: namespaces(core).map(one => providerBody(core, '', one)) } }
    default:
      return gatewayErrors.pathNotFound(request.url.pathname)
  }
}

function listGroups(core: Core, scope: string, request: ArmRequest): Answer | Refusal {
  const type = core.registry.type(groupType)
  if (type === undefined) return gatewayErrors.pathNotFound(request.url.pathname)
  const listed = listResources(core, type, scope, request)
  const matches = filterOf(request)
  if ('code' in listed || matches === undefined) return listed
  return page(core, request, core.store.ofType(groupType, scope).filter(matches), one => core.show(one))
}

/** All that has a location: ARM keeps those in an index of its own, and what is nested without one is not in it. */
function listAll(core: Core, scope: string, request: ArmRequest): Answer {
  const matches = filterOf(request) ?? (() => true)
  const tracked = core.store
    .all()
    .filter(one => one.type !== groupType && one.id.toLowerCase().startsWith(`${scope.toLowerCase()}/`))
    .filter(one => textAt(one.body, 'location') !== undefined && matches(one))
  return page(core, request, tracked, one => {
    const { id, name, type, location, tags } = core.show(one, { in: 'LIST' })
    return { id: id ?? one.id, name: name ?? '', type: type ?? one.type, location: location ?? '', ...(tags !== undefined && { tags }) }
  })
}

/** The comparisons that ARM's generic lists know, joined by `and`. */
function filterOf({ url }: ArmRequest): ((one: StoredResource) => boolean) | undefined {
  const text = url.searchParams.get('$filter')
  if (text === null) return undefined
  const wanted = new Map([...text.matchAll(/(\w+) eq '([^']*)'/gi)].map(([, key = '', value = '']) => [key.toLowerCase(), value]))
  const is = (key: string, value: string): boolean => wanted.get(key)?.toLowerCase() === value.toLowerCase() || !wanted.has(key)
  return one => {
    const tag = wanted.get('tagname')
    const tagged = tag === undefined ? undefined : valueAt(one.body, 'tags', tag)
    if (tag !== undefined && (tagged === undefined || (wanted.has('tagvalue') && tagged !== wanted.get('tagvalue')))) return false
    return is('resourcetype', one.type) && is('resourcegroup', groupNameOf(one.id)) && is('name', one.id.slice(one.id.lastIndexOf('/') + 1))
  }
}

const namespaces = (core: Core): string[] => [...new Set(core.registry.providers.map(one => one.namespace))].sort()

/** Every namespace is registered in every subscription. */
export function providerBody(core: Core, scope: string, namespace: string): JsonObject {
  const types = core.registry.providers.filter(one => one.namespace === namespace).flatMap(one => one.types)
  return {
    id: `${scope}/providers/${namespace}`,
    namespace,
    registrationState: 'Registered',
    registrationPolicy: 'RegistrationRequired',
    resourceTypes: types.map(type => ({
      resourceType: type.type.slice(namespace.length + 1),
      locations: type.location === undefined || type.location === 'none' ? [] : locations.map(one => one.displayName),
      apiVersions: supported(type.apiVersions).split(', ')
    }))
  }
}
