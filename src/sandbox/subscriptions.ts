import { subscriptionOf } from './armPath.ts'
import type { Core } from './core.ts'
import type { JsonObject } from './json.ts'
import { locations } from './locations.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import type { ArmRequest } from './request.ts'
import { listAll, listGroups, listTagNames } from './resourceIndex.ts'
import { hasPartIn } from './rights/caller.ts'
import { registrationPolicy, registrationState } from './rights/registration.ts'
import { subscriptionTags } from './tags.ts'
import type { Answer, ResourceType } from './type.ts'

/** One tenant for all subscriptions. */
export const tenantId = '72f988bf-0000-4000-8000-2d7cd011db47'

/** The one that is there for whoever does not care which. */
export const usualSubscription = '11111111-1111-4111-8111-111111111111'

function subscriptionBody(core: Core, id: string): JsonObject {
  const tags = subscriptionTags(core, `/subscriptions/${id}`)
  return { ...plainSubscription(id), ...(tags !== undefined && { tags }) }
}

const plainSubscription = (id: string): JsonObject => ({
  id: `/subscriptions/${id}`,
  subscriptionId: id,
  tenantId,
  displayName: `Sandbox ${id.slice(0, 8)}`,
  state: 'Enabled',
  subscriptionPolicies: { locationPlacementId: 'Public_2014-09-01', quotaId: 'PayAsYouGo_2014-09-01', spendingLimit: 'Off' },
  authorizationSource: 'RoleBased'
})

const tenant: JsonObject = {
  id: `/tenants/${tenantId}`,
  tenantId,
  countryCode: 'US',
  displayName: 'Sandbox',
  domains: ['sandbox.local'],
  tenantCategory: 'Home',
  defaultDomain: 'sandbox.local',
  tenantType: 'AAD'
}

const locationBody = (scope: string, { name, displayName }: (typeof locations)[number]): JsonObject => ({
  id: `${scope}/locations/${name}`,
  name,
  type: 'Region',
  displayName,
  regionalDisplayName: displayName,
  metadata: { regionType: 'Physical' }
})

/** Answers a path without a provider in it, below the tenant, a subscription or a group. */
export function aboveProviders(core: Core, request: ArmRequest): Answer | Refusal {
  const { path, method } = request
  const [first, ...more] = path.tail.map(segment => segment.toLowerCase())
  const played = more.length === 0 && /^(subscriptions|tenants|resourcegroups|resources|providers|locations|tagnames)?$/.test(first ?? '')
  if (!played) return gatewayErrors.pathNotFound(request.url.pathname)
  if (method !== 'GET') return gatewayErrors.methodNotAllowed(method)
  if (path.subscription === undefined) return tenantWide(core, first, request)
  if (path.resourceGroup !== undefined && !core.store.has(path.scope)) return gatewayErrors.groupNotFound(path.resourceGroup)
  switch (first) {
    case undefined:
      return { status: 200, body: subscriptionBody(core, path.subscription) }
    case 'resourcegroups':
      return listGroups(core, path.scope, request)
    case 'resources':
      return listAll(core, path.scope, request)
    case 'providers':
      return { status: 200, body: { value: namespaces(core).map(one => providerBody(core, path.scope, one)) } }
    case 'locations':
      return { status: 200, body: { value: locations.map(one => locationBody(path.scope, one)) } }
    case 'tagnames':
      return listTagNames(core, path.scope)
    default:
      return gatewayErrors.pathNotFound(request.url.pathname)
  }
}

function tenantWide(core: Core, first: string | undefined, request: ArmRequest): Answer | Refusal {
  switch (first) {
    case 'subscriptions': {
      // Every subscription exists; a list can only name those in which something lies, and some that it was told of.
      const lie = core.store.beneath('/subscriptions').map(one => subscriptionOf(one.id))
      const granted = request.caller.grants.map(one => subscriptionOf(one.scope)).filter(one => one !== '')
      const known = [...new Set([...core.behaviours.subscriptions, ...lie, ...granted].map(one => one.toLowerCase()))]
        .filter(one => hasPartIn(request.caller, `/subscriptions/${one}`))
        .sort()
      return { status: 200, body: { value: known.map(one => subscriptionBody(core, one)), count: { type: 'Total', value: known.length } } }
    }
    case 'tenants':
      return { status: 200, body: { value: [tenant] } }
    case 'providers':
      return { status: 200, body: { value: namespaces(core).map(one => providerBody(core, '', one)) } }
    default:
      return gatewayErrors.pathNotFound(request.url.pathname)
  }
}

const namespaces = (core: Core): string[] => [...new Set(core.registry.providers.map(one => one.namespace))].sort()

/** The versions in which a type is offered: those that are known, unless a switch has others. */
export const versionsOf = ({ behaviours }: Pick<Core, 'behaviours'>, { type, apiVersions }: Offered): readonly string[] =>
  behaviours.apiVersions[type] ?? apiVersions

type Offered = Pick<ResourceType, 'type' | 'apiVersions'>

export function providerBody(core: Core, scope: string, namespace: string): JsonObject {
  const types = core.registry.providers.filter(one => one.namespace === namespace).flatMap(one => one.types)
  return {
    id: `${scope}/providers/${namespace}`,
    namespace,
    registrationState: registrationState(core, subscriptionOf(scope), namespace),
    registrationPolicy: registrationPolicy(namespace),
    resourceTypes: types.map(type => ({
      resourceType: type.type.slice(namespace.length + 1),
      locations: type.location === undefined || type.location === 'none' ? [] : locations.map(one => one.displayName),
      // The Azure CLI takes the first that is no preview.
      apiVersions: [...versionsOf(core, type)].reverse()
    }))
  }
}
