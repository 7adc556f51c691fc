import { nameOf, parentOf, sameId, typeOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import { invalidReference, type Refusal } from '../../refusal.ts'
import { ofSubnet } from '../../rights/linkedScopes.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Reading, ResourceType, World, Write } from '../../type.ts'
import { blockOf, isInside, overlap } from './addressSpace.ts'
import { sameContent } from './content.ts'
import { purposeOf } from './delegations.ts'
import { overlapping } from './overlap.ts'
import { associationOf, foreignLinks, missingDelegation, serversIn, shownLinks } from './serviceAssociations.ts'
import { addedServices, delegatedFrom, filledIn, keptServiceEndpoints, shownProperties, withPolicies } from './subnetMembers.ts'
import { beginTail, isSettling } from './tail.ts'
import { networkVersions } from './versions.ts'

export const subnetType = 'Microsoft.Network/virtualNetworks/subnets'

/** A subnet says its prefixes in one of two ways, and is answered in the same. */
export function prefixesOf(properties: JsonObject): string[] {
  const one = textAt(properties, 'addressPrefix')
  const many = listAt(properties, 'addressPrefixes').filter(prefix => typeof prefix === 'string')
  return one === undefined ? many : [one]
}

/** IPv6 is stored and not looked into. */
const isIPv6 = (prefix: string): boolean => prefix.includes(':')

const invalid = (code: string, message: string): Refusal => ({ status: 400, code, message, details: [] })

/** A prefix must be one, lie inside the network's address space, and not overlap with that of another subnet. */
export function checkPrefixes(
  id: string,
  space: readonly string[],
  prefixes: readonly string[],
  others: readonly (readonly string[])[]
): Refusal | undefined {
  const [name, network] = [nameOf(id), nameOf(parentOf(id))]
  if (prefixes.length === 0)
    return invalid('InvalidRequestFormat', `Subnet '${name}' in virtual network '${network}' has no address prefix.`)
  for (const prefix of prefixes.filter(each => !isIPv6(each))) {
    if (blockOf(prefix) === undefined) return badPrefix(prefix, id)
    if (!space.some(each => isInside(prefix, each))) {
      return invalid(
        'NetcfgSubnetRangeOutsideVnet',
        `Subnet '${name}' is not valid because its IP address range is outside the IP address range of virtual network '${network}'.`
      )
    }
    if (others.some(other => other.some(each => overlap(prefix, each)))) {
      return invalid(
        'NetcfgSubnetRangesOverlap',
        `Subnet '${name}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${network}'.`
      )
    }
  }
  return undefined
}

/** @param id of the network, or of the subnet [GH Azure/azure-service-operator#997] */
export const badPrefix = (prefix: string, id: string): Refusal =>
  invalid(
    'InvalidAddressPrefixFormat',
    `Address prefix ${prefix} of resource ${id} is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24.`
  )

/** Ids of the IP configurations that have an address in the subnet, then of the link of the servers that were put into it. */
function usersOf(world: World, subnet: string): string[] {
  const interfaces = world.store.ofType('Microsoft.Network/networkInterfaces').flatMap(one =>
    listAt(one.body, 'properties', 'ipConfigurations')
      .filter(each => sameId(textAt(each, 'properties', 'subnet', 'id') ?? '', subnet))
      .map(each => `${one.id}/ipConfigurations/${textAt(each, 'name') ?? ''}`)
  )
  return [...interfaces, ...(serversIn(world, subnet).length > 0 ? [associationOf(subnet)] : [])]
}

/** HTTP 400, and the same for the delete of the whole network (CORPUS). */
export function inUse(world: World, subnet: string): Refusal | undefined {
  const [user] = usersOf(world, subnet)
  if (user === undefined) return undefined
  return invalid(
    'InUseSubnetCannotBeDeleted',
    `Subnet ${nameOf(subnet)} is in use by ${user} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.`
  )
}

const references = (properties: JsonObject): string[] =>
  ['networkSecurityGroup', 'routeTable', 'natGateway'].flatMap(key => textAt(properties, key, 'id') ?? [])

/** Checks one subnet, whether it comes by itself or within its network. A type that is not played here is taken as being there. */
export function checkReferences(world: World, id: string, properties: JsonObject): Refusal | undefined {
  const here = textAt(world.store.get(parentOf(id))?.body, 'location')
  const missing = references(properties).find(ref => {
    const there = textAt(world.store.get(ref)?.body, 'location')
    const far = here !== undefined && there !== undefined && here !== there
    return world.type(typeOf(ref)) !== undefined && (!world.store.has(ref) || far)
  })
  return missing === undefined ? undefined : invalidReference(missing, id)
}

/** An address range cannot move under what has an address in it, and a delegation not go from under a server. */
export function checkMove(world: World, live: StoredResource, properties: JsonObject): Refusal | undefined {
  const moved = prefixesOf(objectAt(live.body, 'properties')).join() !== prefixesOf(properties).join()
  if (moved && usersOf(world, live.id).length > 0)
    return invalid('InUseSubnetCannotBeUpdated', `Subnet ${nameOf(live.id)} is in use and cannot be updated.`)
  const missing = missingDelegation(world, live.id, properties)
  return missing === undefined ? undefined : invalid('SubnetMissingRequiredDelegation', missing)
}

function checkSubnet(world: World, write: Write): Refusal | undefined {
  const { method, id, body, live } = write
  const virtualNetwork = world.store.get(parentOf(id))
  if (virtualNetwork === undefined) return undefined
  const busy = overlapping(world, virtualNetwork.id, write)
  if (busy) return busy
  if (method === 'DELETE') return inUse(world, id)
  const properties = objectAt(body, 'properties')
  const others = world.store.ofType(subnetType, virtualNetwork.id).filter(one => !sameId(one.id, id))
  const space = listAt(virtualNetwork.body, 'properties', 'addressSpace', 'addressPrefixes').filter(each => typeof each === 'string')
  return (
    checkPrefixes(
      id,
      space,
      prefixesOf(properties),
      others.map(one => prefixesOf(objectAt(one.body, 'properties')))
    ) ??
    checkReferences(world, id, properties) ??
    (live ? checkMove(world, live, properties) : undefined)
  )
}

const computed = ['provisioningState', 'ipConfigurations', 'privateEndpoints', 'purpose', 'subnetID']

/** Computed members are not kept, or a GET sent back would freeze them. */
function keptSubnet(body: ArmBody, now: number): ArmBody {
  const properties = objectAt(body, 'properties')
  const delegations = listAt(properties, 'delegations').map(each => ({
    name: textAt(each, 'name') ?? '',
    properties: without(objectAt(each, 'properties'), 'actions', 'provisioningState')
  }))
  const serviceEndpoints = keptServiceEndpoints(properties)
  return {
    ...without(body, 'id', 'name', 'type', 'etag'),
    properties: {
      ...without(properties, ...computed, 'serviceAssociationLinks', 'serviceEndpoints', 'delegations'),
      ...foreignLinks(properties),
      ...filledIn(properties, now),
      ...(serviceEndpoints.length > 0 && { serviceEndpoints }),
      ...(delegations.length > 0 && { delegations })
    }
  }
}

/** @param live the subnet as it is before the write */
export const keptWithAdded = (
  body: ArmBody,
  live: StoredResource | undefined,
  now: number
): { readonly body: ArmBody; readonly memory: JsonObject } => ({
  body: keptSubnet(body, now),
  memory: { ...live?.memory, addedServices: addedServices(live, objectAt(body, 'properties')) }
})

/** Group, resource and leaf in capitals: so the network provider writes ids that lead back (CORPUS). */
const backReference = (id: string): JsonObject => ({
  id: id
    .split('/')
    .map((segment, index) => (index === 4 || (index > 6 && index % 2 === 0) ? segment.toUpperCase() : segment))
    .join('/')
})

const endpointsIn = (world: World, subnet: string): StoredResource[] =>
  world.store
    .ofType('Microsoft.Network/privateEndpoints')
    .filter(one => sameId(textAt(one.body, 'properties', 'subnet', 'id') ?? '', subnet))

/** Whether a subnet stays as it is: then there is nothing to do, and the first answer says that it is done (CORPUS). */
export function isSameSubnet(live: StoredResource, body: ArmBody, now: number): boolean {
  const [was, is] = [live.body, keptSubnet(body, now)].map(each => objectAt(each, 'properties'))
  return sameContent({ ...was, ...withPolicies(was ?? {}) }, { ...is, ...withPolicies(is ?? {}) })
}

function showSubnet(world: World, resource: StoredResource, { apiVersion, in: within }: Reading): ArmBody {
  const { id, body, provisioning } = resource
  const virtualNetwork = world.store.get(parentOf(id))
  // A nested resource has the etag of what it is nested in (CORPUS).
  const etag = networkEtag(virtualNetwork ?? resource)
  const inEdgeZone = virtualNetwork?.body['extendedLocation'] !== undefined
  const configurations = usersOf(world, id).filter(user => /\/ipConfigurations\//.test(user))
  const endpoints = endpointsIn(world, id)
  const purpose = purposeOf(listAt(body, 'properties', 'delegations'))
  return {
    ...body,
    etag,
    properties: {
      provisioningState: provisioning === 'Succeeded' && isSettling(world, resource) ? 'Updating' : provisioning,
      ...shownProperties(world, resource, { etag, inEdgeZone }, apiVersion),
      ...shownLinks(world, resource, etag, within === 'LIST'),
      ...(configurations.length > 0 && { ipConfigurations: configurations.map(backReference) }),
      ...(endpoints.length > 0 && { privateEndpoints: endpoints.map(one => backReference(one.id)) }),
      ...(purpose !== undefined && { purpose })
    }
  }
}

/** Its own answer changes with it, so its etag does too. */
export function touchNetwork(world: World, subnet: string): void {
  world.store.update(parentOf(subnet), {})
}

export const subnets: ResourceType = {
  type: subnetType,
  apiVersions: networkVersions,
  style: 'network',
  timing: timings.subnet,
  failedStays: true,
  etagHeader: 'GET',
  typeShownFrom: delegatedFrom,
  operationName: ({ method }) => `${method === 'DELETE' ? 'Delete' : 'Put'}SubnetOperation`,
  duration({ now }, { method, live, body }) {
    const { create, update, remove } = timings.subnet
    if (method === 'DELETE') return remove.ms
    if (live === undefined) return create.ms
    return live.provisioning === 'Succeeded' && isSameSubnet(live, body, now) ? 0 : update.ms
  },
  linked: ofSubnet,
  check: checkSubnet,
  kept: ({ now }, write) => keptWithAdded(write.body, write.live, now),
  accepted: (world, { resource }) => touchNetwork(world, resource.id),
  done(world, { resource }) {
    touchNetwork(world, resource.id)
    beginTail(world, resource.id)
    return undefined
  },
  removed: (world, resource) => touchNetwork(world, resource.id),
  show: showSubnet,
  missing: (_world, id) => ({ status: 404, code: 'NotFound', message: `Resource ${id} not found.`, details: [] })
}
