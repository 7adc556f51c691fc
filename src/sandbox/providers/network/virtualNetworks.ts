import { keyOf, nameOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, isObject, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import { ofVirtualNetwork } from '../../rights/linkedScopes.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Change, Provider, Reading, ResourceType, World, Write } from '../../type.ts'
import { checkIPAddressAvailability } from './addressAvailability.ts'
import { blockOf } from './addressSpace.ts'
import { sameContent } from './content.ts'
import { availableEndpointTypes } from './endpointTypes.ts'
import { membersSent, membersStay, settleMembers, writeMembers } from './nestedLists.ts'
import { endSuperseded, overlapping, supersede } from './overlap.ts'
import { checkPeerings, peeringsOf, peeringType, virtualNetworkPeerings } from './peerings.ts'
import { isOfOld, isSince, poolsOf } from './subnetMembers.ts'
import {
  badPrefix,
  checkMove,
  checkPrefixes,
  checkReferences,
  inUse,
  isSameSubnet,
  keptWithAdded,
  prefixesOf,
  subnets,
  subnetType
} from './subnets.ts'
import { beginTail, isSettling } from './tail.ts'
import { networkVersions } from './versions.ts'

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
  const busy = method === 'PATCH' ? undefined : overlapping(world, id, write)
  if (busy) return busy
  const going = method === 'DELETE' ? world.store.ofType(subnetType, id) : droppedBy(world, write)
  for (const subnet of going) {
    const used = inUse(world, subnet.id)
    if (used) return used
  }
  return method === 'PUT' ? (checkAddresses(world, id, objectAt(body, 'properties')) ?? checkPeerings(world, write)) : undefined
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
      checkPrefixes(subnetId(id, subnet), space, prefixesOf(own), others) ??
      checkReferences(world, subnetId(id, subnet), own) ??
      (live ? checkMove(world, live, own) : undefined)
    if (refusal) return refusal
  }
  return undefined
}

/** Subnets and peerings are resources of their own. */
const notOfItsOwn = ['provisioningState', 'resourceGuid', 'subnets', 'virtualNetworkPeerings', 'enableVmProtection']

function keptBody(body: ArmBody): ArmBody {
  const properties = without(objectAt(body, 'properties'), ...notOfItsOwn)
  const { dhcpOptions, encryption } = properties
  return {
    ...without(body, 'id', 'name', 'type', 'etag'),
    properties: {
      ...properties,
      ...(isObject(dhcpOptions) && { dhcpOptions: { dnsServers: [], ...dhcpOptions } }),
      ...(isObject(encryption) && { encryption: { enforcement: 'AllowUnencrypted', ...encryption } })
    }
  }
}

/** Values that Azure fills in, so that they are no change when they are sent back. */
const defaults: JsonObject = { enableDdosProtection: false, privateEndpointVNetPolicies: 'Disabled' }

/** A PUT that changes no more than tags has nothing to do, and its answer says that it is done (CORPUS). */
function duration(world: World, write: Write): number {
  const { method, id, body, sent, live } = write
  const { create, update, remove } = timings.virtualNetwork
  if (method === 'PATCH') return 0
  if (method === 'DELETE') return remove.ms
  if (live === undefined) return create.ms
  const [is, was] = [keptBody(body), live.body].map(each => ({ ...defaults, ...objectAt(each, 'properties') }))
  const same = sameContent(is, was)
  const subnetsStay = namedSubnets(objectAt(sent, 'properties')).every(one => {
    const subnet = world.store.get(subnetId(id, one))
    return subnet !== undefined && isSameSubnet(subnet, one, world.now)
  })
  const peerings = membersSent(sent, peeringsOf)
  const peeringsStay = peerings === undefined || membersStay(world, id, peeringsOf, peerings)
  const stays = same && subnetsStay && peeringsStay && droppedBy(world, write).length === 0
  return live.provisioning === 'Succeeded' && stays ? 0 : update.ms
}

function keptNetwork(world: World, write: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const { body, live, sent, method } = write
  // Only the tags of a network can be changed by PATCH.
  if (method === 'PATCH')
    return { body: { ...live?.body, ...(sent['tags'] !== undefined && { tags: sent['tags'] }) }, memory: live?.memory ?? {} }
  return {
    body: keptBody(body),
    // Kept of subnets and peerings only until `accepted`, which makes resources of them.
    memory: {
      resourceGuid: live?.memory['resourceGuid'] ?? world.random.guid(),
      subnets: namedSubnets(objectAt(sent, 'properties')),
      dropped: droppedBy(world, write).map(one => one.id),
      peerings: membersSent(sent, peeringsOf) ?? null
    }
  }
}

/** The subnets and peerings in its body are resources of their own, in the network's own operation. */
function writeChildren(world: World, { resource, method }: Change): void {
  if (method !== 'PUT') return
  for (const id of listAt(resource.memory, 'dropped')) if (typeof id === 'string') world.remove(id)
  for (const subnet of listAt(resource.memory, 'subnets').filter(isObject)) {
    const id = subnetId(resource.id, subnet)
    world.put({ id, type: subnetType, ...keptWithAdded(subnet, world.store.get(id), world.now), provisioning: 'Updating' })
  }
  // A PUT that says nothing of peerings leaves them as they are (CORPUS).
  const { peerings } = resource.memory
  if (Array.isArray(peerings)) writeMembers(world, resource.id, peeringsOf, peerings.filter(isObject))
  world.store.update(resource.id, { memory: without(resource.memory, 'subnets', 'dropped', 'peerings') })
}

function settleChildren(world: World, network: string): void {
  for (const type of [subnetType, peeringType]) settleMembers(world, network, type)
}

function showNetwork(world: World, resource: StoredResource, { apiVersion }: Reading): ArmBody {
  const { id, body, memory, provisioning } = resource
  // A write to a subnet keeps its network busy too [TF-SUBNET].
  const subnets = world.store.ofType(subnetType, id)
  const busy = world.inFlight(id).length > 0 || [resource, ...subnets].some(one => isSettling(world, one))
  const state = provisioning === 'Succeeded' && busy ? 'Updating' : provisioning
  const properties = objectAt(body, 'properties')
  const { bgpCommunities } = properties
  return {
    etag: networkEtag(resource),
    ...body,
    properties: {
      provisioningState: state,
      resourceGuid: memory['resourceGuid'] ?? '',
      ...without(properties, 'privateEndpointVNetPolicies', 'enableDdosProtection'),
      ...(isObject(properties['addressSpace']) && { addressSpace: { ...poolsOf(world, apiVersion), ...properties['addressSpace'] } }),
      subnets: subnets.map(one => world.show(one, { in: 'LIST', apiVersion })),
      // 2015-06-15 has none of these three, 2018-11-01 has them all (CORPUS); in between as the specification has them.
      ...(isSince(apiVersion, '2016-06-01') && {
        virtualNetworkPeerings: world.store.ofType(peeringType, id).map(one => world.show(one, { apiVersion }))
      }),
      ...(isSince(apiVersion, '2017-09-01') && { enableDdosProtection: properties['enableDdosProtection'] ?? false }),
      ...(isOfOld(apiVersion, '2017-09-01') && { enableVmProtection: false }),
      // The number of the one region that was recorded (CORPUS).
      ...(isObject(bgpCommunities) && { bgpCommunities: { regionalCommunity: '12076:50006', ...bgpCommunities } }),
      ...(apiVersion >= '2024-03-01' && {
        privateEndpointVNetPolicies: textAt(properties, 'privateEndpointVNetPolicies') ?? 'Disabled'
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
  duration,
  linked: ofVirtualNetwork,
  check: checkNetwork,
  kept: keptNetwork,
  accepted: writeChildren,
  done(world, { resource, method }) {
    settleChildren(world, resource.id)
    if (method === 'PUT') beginTail(world, resource.id)
    return undefined
  },
  show: showNetwork,
  questions: { CheckIPAddressAvailability: checkIPAddressAvailability }
}

export const network: Provider = {
  namespace: 'Microsoft.Network',
  types: [virtualNetworks, subnets, virtualNetworkPeerings],
  functions: [availableEndpointTypes],
  effects: {
    [supersede](world, args) {
      const ended = endSuperseded(world, args)
      if (ended !== undefined) settleChildren(world, ended)
    }
  }
}
