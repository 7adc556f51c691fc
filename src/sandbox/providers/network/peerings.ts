import { parentOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import { invalidReference, type Refusal } from '../../refusal.ts'
import { ofPeering } from '../../rights/linkedScopes.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Reading, ResourceType, World, Write } from '../../type.ts'
import { overlap } from './addressSpace.ts'
import { isSameMember, keptMember, memberId, membersSent, type NestedList } from './nestedLists.ts'
import { overlapping } from './overlap.ts'
import { isSince } from './subnetMembers.ts'
import { touchNetwork } from './subnets.ts'
import { networkVersions } from './versions.ts'

export const peeringType = 'Microsoft.Network/virtualNetworks/virtualNetworkPeerings'

/** Recorded without what both sides know in 2020-11-01, and with it in 2021-08-01 and since (CORPUS). */
const sinceBothSides = '2021-02-01'

const computed = ['resourceGuid', 'peeringState', 'peeringSyncLevel', 'remoteAddressSpace', 'remoteVirtualNetworkAddressSpace']

const remoteOf = (body: ArmBody): string => textAt(body, 'properties', 'remoteVirtualNetwork', 'id') ?? ''

/** The members that both networks make of it are computed, but where the other one is not there, as in a seed, it keeps what it says of it. */
const keptPeering = (world: World, body: ArmBody): ArmBody =>
  keptMember(body, 'routeServiceVips', ...(world.store.has(remoteOf(body)) ? computed : []))

/** The other network may go before its peering does. */
function memoryOf(world: World, body: ArmBody): JsonObject {
  const remote = world.store.get(remoteOf(body))
  return remote ? { remote: { resourceGuid: guidOf(remote), addressPrefixes: prefixesOf(remote) } } : {}
}

export const peeringsOf: NestedList = {
  list: 'virtualNetworkPeerings',
  type: peeringType,
  given: {
    allowVirtualNetworkAccess: true,
    allowForwardedTraffic: false,
    allowGatewayTransit: false,
    useRemoteGateways: false,
    doNotVerifyRemoteGateways: false,
    peerCompleteVnets: true
  },
  kept: keptPeering,
  memory: memoryOf
}

/** The peering of the other network that leads back. */
const backOf = (world: World, network: string, remote: string): StoredResource | undefined =>
  world.store.ofType(peeringType, remote).find(one => sameId(remoteOf(one.body), network))

const isDisconnected = ({ memory }: StoredResource): boolean => memory['disconnected'] === true

const invalid = (code: string, message: string): Refusal => ({ status: 400, code, message, details: [] })

const prefixesOf = (network: StoredResource | undefined): string[] =>
  listAt(network?.body, 'properties', 'addressSpace', 'addressPrefixes').filter(each => typeof each === 'string')

/** One peering, whether it comes by itself or within its network. */
function checkPeering(world: World, id: string, body: ArmBody): Refusal | undefined {
  const network = parentOf(id)
  const remote = remoteOf(body)
  if (remote === '') return invalid('InvalidRequestFormat', 'Cannot parse the request.')
  const there = world.store.get(remote)
  if (there === undefined || sameId(remote, network)) return invalidReference(remote, id)
  const live = world.store.get(id)
  if (live && !sameId(remoteOf(live.body), remote))
    return invalid('PropertyChangeNotAllowed', `Changing property 'remoteVirtualNetwork' of peering ${id} is not allowed.`)
  const other = world.store.ofType(peeringType, network).find(one => !sameId(one.id, id) && sameId(remoteOf(one.body), remote))
  if (other)
    return invalid(
      'AnotherPeeringAlreadyReferencesRemoteVnet',
      `Peering ${other.id} already references remote virtual network ${there.id}. Cannot add another peering ${id} referencing the same remote virtual network.`
    )
  const back = backOf(world, network, remote)
  if (back && isDisconnected(back))
    return invalid(
      'RemotePeeringIsDisconnected',
      `Cannot create or update peering ${id} because remote peering ${back.id} referencing parent virtual network ${network} is in Disconnected state. Update or re-create the remote peering to get it back to Initiated state. Peering gets Disconnected when remote vnet or remote peering is deleted and re-created.`
    )
  return checkSpaces(id, [world.store.get(network), there])
}

function checkSpaces(id: string, [one, other]: readonly [StoredResource | undefined, StoredResource]): Refusal | undefined {
  const both = prefixesOf(one).flatMap(mine => prefixesOf(other).flatMap(theirs => (overlap(mine, theirs) ? [[mine, theirs]] : [])))
  if (both.length === 0) return undefined
  return invalid(
    'VnetAddressSpacesOverlap',
    `Cannot create or update peering ${id}. Virtual networks ${one?.id} and ${other.id} cannot be peered because their address spaces overlap. Overlapping address prefixes: ${both[0]?.join(', ')}.`
  )
}

/** The peerings within a network's own PUT, which names other networks that are there; a seed can name any. */
export function checkPeerings(world: World, { id, sent, seeded }: Write): Refusal | undefined {
  if (seeded) return undefined
  for (const one of membersSent(sent, peeringsOf) ?? []) {
    const refusal = checkPeering(world, memberId(id, peeringsOf, one), one)
    if (refusal) return refusal
  }
  return undefined
}

function check(world: World, write: Write): Refusal | undefined {
  const { method, id, body, seeded } = write
  const busy = overlapping(world, parentOf(id), write)
  if (busy || method === 'DELETE' || seeded) return busy
  const [running] = world.inFlight(remoteOf(body)).filter(one => !/\/virtualNetworkPeerings\//i.test(one.resource))
  // A 400 here, which clients take for one to be tried again [TF-PEERING].
  if (running)
    return invalid(
      'ReferencedResourceNotProvisioned',
      `Cannot proceed with operation because resource ${remoteOf(body)} used by resource ${id} is not in Succeeded state. Resource is in Updating state and the last operation that updated/is updating the resource is ${running.name}.`
    )
  return checkPeering(world, id, body)
}

/** Bit by bit, as the guids of two networks make that of both of their peerings (CORPUS: 4 of 4). */
function guidOfBoth(one: string, other: string): string {
  const digits = [one, other].map(each => BigInt(`0x${each.replaceAll('-', '') || '0'}`))
  const both = ((digits[0] ?? 0n) ^ (digits[1] ?? 0n)).toString(16).padStart(32, '0')
  return both.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const guidOf = (network: StoredResource | undefined): string => textAt(network?.memory, 'resourceGuid') ?? ''

/** The members that the two networks make of it; nothing where the other one was never there. */
function ofBoth(world: World, peering: StoredResource, apiVersion: string): JsonObject {
  const network = world.store.get(parentOf(peering.id))
  const remote = world.store.get(remoteOf(peering.body))
  const known = objectAt(remote ? memoryOf(world, peering.body) : peering.memory, 'remote')
  if (!('resourceGuid' in known)) return {}
  const back = backOf(world, parentOf(peering.id), remoteOf(peering.body))
  const connected = back !== undefined && !isDisconnected(back)
  const peeringState = isDisconnected(peering) ? 'Disconnected' : connected ? 'Connected' : 'Initiated'
  const space = { addressPrefixes: listAt(known, 'addressPrefixes') }
  return {
    resourceGuid: guidOfBoth(guidOf(network), textAt(known, 'resourceGuid') ?? ''),
    peeringState,
    remoteAddressSpace: space,
    ...(isSince(apiVersion, sinceBothSides) && {
      peeringSyncLevel: peeringState === 'Connected' ? 'FullyInSync' : 'RemoteNotInSync',
      remoteVirtualNetworkAddressSpace: space
    })
  }
}

function show(world: World, resource: StoredResource, { apiVersion }: Reading): ArmBody {
  const { id, body, provisioning } = resource
  return {
    ...body,
    etag: networkEtag(world.store.get(parentOf(id)) ?? resource),
    properties: {
      provisioningState: provisioning,
      ...(isSince(apiVersion, sinceBothSides) ? peeringsOf.given : without(peeringsOf.given, 'peerCompleteVnets')),
      ...objectAt(body, 'properties'),
      ...ofBoth(world, resource, apiVersion),
      routeServiceVips: {}
    }
  }
}

/** The other side says so until it is written again, or goes [DOC-VNET]. */
function disconnectOther(world: World, { id, body }: StoredResource): void {
  const back = backOf(world, parentOf(id), remoteOf(body))
  if (back) world.store.update(back.id, { memory: { ...back.memory, disconnected: true } })
}

export const virtualNetworkPeerings: ResourceType = {
  type: peeringType,
  apiVersions: networkVersions,
  style: 'network',
  timing: timings.peering,
  failedStays: true,
  etagHeader: 'GET',
  asyncNotification: false,
  duration(world, { method, live, body }) {
    const { create, update, remove } = timings.peering
    if (method === 'DELETE') return remove.ms
    if (live === undefined) return create.ms
    const same = isSameMember(world, peeringsOf, live, body)
    return live.provisioning === 'Succeeded' && same && !isDisconnected(live) ? 0 : update.ms
  },
  linked: ofPeering,
  check,
  kept: (world, { body }) => ({ body: keptPeering(world, body), memory: memoryOf(world, body) }),
  accepted: (world, { resource }) => touchNetwork(world, resource.id),
  done(world, { resource }) {
    touchNetwork(world, resource.id)
    return undefined
  },
  removed(world, resource) {
    disconnectOther(world, resource)
    touchNetwork(world, resource.id)
  },
  show,
  missing: (_world, id) => ({ status: 404, code: 'NotFound', message: `Resource ${id} not found.`, details: [] })
}
