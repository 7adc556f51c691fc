import { isObject, type Json, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { World } from '../../type.ts'
import { showDelegation } from './delegations.ts'

/*
 * Members of a subnet that depend on the api-version, on where its network is, or on how far a write has come. Where
 * nothing was recorded between two versions that differ, the boundary is the one of the published specification.
 */

/** An answer that is embedded for the sandbox's own use has no version, and has everything. */
export const isSince = (apiVersion: string, version: string): boolean => apiVersion === '' || apiVersion >= version

/** The members that were in answers of 2018-11-01 and 2020-06-01, and in none before or after them (CORPUS). */
export const isOfOld = (apiVersion: string, first: string): boolean => apiVersion >= first && apiVersion < '2020-07-01'

/** 2015-06-15 has no delegations and no `type`, 2018-11-01 has both (CORPUS). */
export const delegatedFrom = '2018-08-01'

/** Network policies came with private endpoints: 2018-11-01 has none, 2020-06-01 has both (CORPUS). */
const policiesFrom = '2019-04-01'

/**
 * A subnet that was written before this day enforces policies on private endpoints unless it said otherwise, whatever the version:
 * 2020-11-01 was recorded with both. The day lies between the recordings of 2020 and of 2023 [GH Azure/azure-powershell#18706].
 */
const policiesOffFrom = Date.UTC(2022, 6, 1)

/** Subnets of an edge zone are private: in none of the answers of 2021-05-01, and in all from here on (CORPUS). */
const privateInEdgeZonesFrom = '2021-08-01'

/** The oldest version in which it was recorded (CORPUS). */
const poolsFrom = '2023-11-01'

const policies = ['privateEndpointNetworkPolicies', 'privateLinkServiceNetworkPolicies'] as const

export const withPolicies = (properties: JsonObject): JsonObject => ({
  privateEndpointNetworkPolicies: textAt(properties, policies[0]) ?? 'Disabled',
  privateLinkServiceNetworkPolicies: textAt(properties, policies[1]) ?? 'Enabled'
})

/** The members that the day of the write fills in, and that are kept. */
export const filledIn = (properties: JsonObject, now: number): JsonObject =>
  now >= policiesOffFrom || policies[0] in properties ? {} : { [policies[0]]: 'Enabled' }

const empty: JsonObject = { ipamPoolPrefixAllocations: [] }

/** The empty list of address pools, of a subnet and of a network's address space. */
export const poolsOf = ({ behaviours }: World, apiVersion: string): JsonObject =>
  behaviours.emptyAddressPools && apiVersion >= poolsFrom ? empty : {}

export const keptServiceEndpoints = (properties: JsonObject): JsonObject[] =>
  listAt(properties, 'serviceEndpoints')
    .filter(isObject)
    .map(each => ({ locations: ['*'], ...without(each, 'provisioningState') }))

/** Only those that a write adds are `Updating` as long as it runs (CORPUS). */
export function addedServices(live: StoredResource | undefined, properties: JsonObject): Json[] {
  const had = listAt(live?.body, 'properties', 'serviceEndpoints').map(each => textAt(each, 'service'))
  return keptServiceEndpoints(properties).flatMap(each => (had.includes(textAt(each, 'service')) ? [] : (each['service'] ?? [])))
}

function shownServiceEndpoints({ body, memory, provisioning }: StoredResource): JsonObject {
  const endpoints = listAt(body, 'properties', 'serviceEndpoints').filter(isObject)
  if (endpoints.length === 0) return {}
  const added = provisioning === 'Updating' ? listAt(memory, 'addedServices') : []
  return {
    serviceEndpoints: endpoints.map(each => ({
      provisioningState: added.includes(each['service'] ?? '') ? 'Updating' : 'Succeeded',
      ...each
    }))
  }
}

/** The properties of a subnet as one version has them, without its state and what leads back to its users. */
export function shownProperties(
  world: World,
  subnet: StoredResource,
  network: { readonly etag: string; readonly inEdgeZone: boolean },
  apiVersion: string
): JsonObject {
  const properties = objectAt(subnet.body, 'properties')
  return {
    ...poolsOf(world, apiVersion),
    ...(network.inEdgeZone && isSince(apiVersion, privateInEdgeZonesFrom) && { defaultOutboundAccess: false }),
    ...without(properties, 'delegations', ...policies),
    ...shownServiceEndpoints(subnet),
    ...(isSince(apiVersion, delegatedFrom) && {
      delegations: listAt(properties, 'delegations').map(each => showDelegation(subnet.id, network.etag, each))
    }),
    ...(isSince(apiVersion, policiesFrom) && withPolicies(properties))
  }
}
