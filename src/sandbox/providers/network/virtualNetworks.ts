import { keyOf, nameOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, isObject, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Change, Provider, Reading, ResourceType, World, Write } from '../../type.ts'
import { blockOf } from './addressSpace.ts'
import { overlapping } from './overlap.ts'
import {
  badPrefix,
  checkMove,
  checkPrefixes,
  checkReferences,
  inUse,
  keptSubnet,
  networkVersions,
  prefixesOf,
  subnets,
  subnetType
} from './subnets.ts'

/** From this version on, a PUT that says nothing about subnets leaves them as they are; before, it deleted them all (bicep-types-az#1687). */
const keepsSubnetsFrom = '2023-11-01'

const namedSubnets = (properties: JsonObject): JsonObject[] =>
  listAt(properties, 'subnets')
    .filter(isObject)
    .filter(one => typeof one['name'] === 'string')

const subnetId = (virtualNetwork: string, subnet: JsonObject): string => `${virtualNetwork}/subnets/${textAt(subnet, 'name') ?? ''}`

/** A list of subnets is the whole list: what is not in it goes. */
function droppedBy(world: World, { id, sent, method, apiVersion }: Write): StoredResource[] {
  const properties = objectAt(sent, 'properties')
  const said = 'subnets' in properties
  if (method !== 'PUT' || (!said && apiVersion.slice(0, 10) >= keepsSubnetsFrom)) return []
  const listed = namedSubnets(properties).map(one => keyOf(subnetId(id, one)))
  return world.store.ofType(subnetType, id).filter(one => !listed.includes(keyOf(one.id)))
}

function checkNetwork(world: World, write: Write): Refusal | undefined {
  const { method, id, body } = write
  const busy = overlapping(world, id)
  if (busy) return busy
  const going = method === 'DELETE' ? world.store.ofType(subnetType, id) : droppedBy(world, write)
  for (const subnet of going) {
    const used = inUse(world, subnet.id)
    if (used) return used
  }
  return method === 'PUT' ? checkAddresses(world, id, objectAt(body, 'properties')) : undefined
}

function checkAddresses(world: World, id: string, properties: JsonObject): Refusal | undefined {
  const space = listAt(properties, 'addressSpace', 'addressPrefixes').filter(each => typeof each === 'string')
  const wrong = space.find(prefix => !prefix.includes(':') && blockOf(prefix) === undefined)
  if (wrong !== undefined) return badPrefix(wrong, id)
  const given = namedSubnets(properties)
  const listed = 'subnets' in properties ? given : world.store.ofType(subnetType, id).map(one => ({ ...one.body, name: nameOf(one.id) }))
  for (const [index, subnet] of listed.entries()) {
    const own = objectAt(subnet, 'properties')
    const others = listed.filter((_, at) => at < index).map(each => prefixesOf(objectAt(each, 'properties')))
    const live = world.store.get(subnetId(id, subnet))
    const refusal =
      checkPrefixes(textAt(subnet, 'name') ?? '', { name: nameOf(id), space }, prefixesOf(own), others) ??
      checkReferences(world, subnetId(id, subnet), own) ??
      (live ? checkMove(world, live, own) : undefined)
    if (refusal) return refusal
  }
  return undefined
}

function keptNetwork(world: World, write: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const { body, live, sent, method } = write
  // Only the tags of a network can be changed by PATCH.
  if (method === 'PATCH')
    return { body: { ...live?.body, ...(sent['tags'] !== undefined && { tags: sent['tags'] }) }, memory: live?.memory ?? {} }
  const properties = without(objectAt(body, 'properties'), 'provisioningState', 'resourceGuid', 'subnets', 'enableVmProtection')
  const dhcpOptions = properties['dhcpOptions']
  return {
    body: {
      ...without(body, 'id', 'name', 'type', 'etag'),
      properties: { ...properties, ...(isObject(dhcpOptions) && { dhcpOptions: { dnsServers: [], ...dhcpOptions } }) }
    },
    // Kept of the subnets only until `accepted`, which makes resources of them.
    memory: {
      resourceGuid: live?.memory['resourceGuid'] ?? world.random.guid(),
      subnets: namedSubnets(objectAt(sent, 'properties')),
      dropped: droppedBy(world, write).map(one => one.id)
    }
  }
}

/** The subnets in its body are resources of their own, in the network's own operation. */
function writeSubnets(world: World, { resource, method }: Change): void {
  if (method !== 'PUT') return
  for (const id of listAt(resource.memory, 'dropped')) if (typeof id === 'string') world.remove(id)
  for (const subnet of listAt(resource.memory, 'subnets').filter(isObject)) {
    world.put({ id: subnetId(resource.id, subnet), type: subnetType, body: keptSubnet(subnet), provisioning: 'Updating' })
  }
  world.store.update(resource.id, { memory: without(resource.memory, 'subnets', 'dropped') })
}

function settleSubnets(world: World, { resource }: Change): undefined {
  for (const subnet of world.store.ofType(subnetType, resource.id)) {
    if (subnet.provisioning === 'Updating' && !world.inFlight(subnet.id).some(one => sameId(one.resource, subnet.id))) {
      world.store.update(subnet.id, { provisioning: 'Succeeded' })
    }
  }
  return undefined
}

function showNetwork(world: World, resource: StoredResource, { apiVersion }: Reading): ArmBody {
  const { id, body, memory, provisioning } = resource
  // A write to a subnet keeps its network busy too [TF-SUBNET].
  const state = provisioning === 'Succeeded' && world.inFlight(id).length > 0 ? 'Updating' : provisioning
  return {
    etag: networkEtag(resource),
    ...body,
    properties: {
      provisioningState: state,
      resourceGuid: memory['resourceGuid'] ?? '',
      ...objectAt(body, 'properties'),
      subnets: world.store.ofType(subnetType, id).map(one => world.show(one, { apiVersion })),
      virtualNetworkPeerings: listAt(body, 'properties', 'virtualNetworkPeerings'),
      enableDdosProtection: objectAt(body, 'properties')['enableDdosProtection'] ?? false,
      ...(apiVersion >= '2024-03-01' && {
        privateEndpointVNetPolicies: textAt(body, 'properties', 'privateEndpointVNetPolicies') ?? 'Disabled'
      })
    }
  }
}

const virtualNetworks: ResourceType = {
  type: 'Microsoft.Network/virtualNetworks',
  apiVersions: networkVersions,
  style: 'network',
  timing: timings.virtualNetwork,
  location: 'short',
  methods: ['PUT', 'PATCH', 'DELETE'],
  failedStays: true,
  etagHeader: 'GET',
  operationName: ({ method }) => `${method === 'DELETE' ? 'Delete' : 'Put'}VirtualNetworkOperation`,
  check: checkNetwork,
  kept: keptNetwork,
  accepted: writeSubnets,
  done: settleSubnets,
  show: showNetwork
}

export const network: Provider = {
  namespace: 'Microsoft.Network',
  types: [virtualNetworks, subnets]
}
