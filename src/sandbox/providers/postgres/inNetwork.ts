import { nameOf, parentOf, sameId } from '../../armPath.ts'
import { type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import { pairedWith } from '../../locations.ts'
import type { StoredResource } from '../../state.ts'
import type { World } from '../../type.ts'
import { usableAddresses } from '../network/addressSpace.ts'
import { serversIn } from '../network/serviceAssociations.ts'
import { prefixesOf, touchNetwork } from '../network/subnets.ts'

const storage = 'Microsoft.Storage'

/** Seconds, as clients have seen it; no record of a server was recorded. */
const recordTtl = 30

/** Members of a server's memory: its address in the subnet, and the record that names it. */
const addressMember = 'address'
const recordMember = 'record'

const subnetOf = (server: StoredResource): string | undefined => textAt(server.body, 'properties', 'network', 'delegatedSubnetResourceId')

/** The subnet's answer changes with the servers in it. */
export function touchSubnet(world: World, server: StoredResource): void {
  const subnet = subnetOf(server)
  if (subnet !== undefined) touchNetwork(world, subnet)
}

/** A new server keeps its backups over a service endpoint, which it adds to its subnet and leaves there when it goes (REC). */
export function addStorageEndpoint(world: World, server: StoredResource): void {
  const subnet = world.store.get(subnetOf(server) ?? '')
  if (subnet === undefined) return
  const properties = objectAt(subnet.body, 'properties')
  const serviceEndpoints = listAt(properties, 'serviceEndpoints')
  if (serviceEndpoints.some(one => textAt(one, 'service')?.toLowerCase() === storage.toLowerCase())) return
  const location = textAt(world.store.get(parentOf(subnet.id))?.body, 'location') ?? ''
  const added = { service: storage, locations: [location, ...pairedWith(location)] }
  world.store.update(subnet.id, { body: { ...subnet.body, properties: { ...properties, serviceEndpoints: [...serviceEndpoints, added] } } })
}

/** The lowest address of the subnet that no other server has. */
function addressIn(world: World, subnet: StoredResource, server: StoredResource): string | undefined {
  const others = serversIn(world, subnet.id).filter(one => !sameId(one.id, server.id))
  const taken = new Set(others.map(one => textAt(one.memory, addressMember)))
  for (const prefix of prefixesOf(objectAt(subnet.body, 'properties')))
    for (const address of usableAddresses(prefix)) if (!taken.has(address)) return address
  return undefined
}

/** Makes the zone of a server name its address, and that of an earlier zone no more [DOC-VNET]. */
export function settleRecord(world: World, server: StoredResource): void {
  const zone = world.store.get(textAt(server.body, 'properties', 'network', 'privateDnsZoneArmResourceId') ?? '')
  const subnet = world.store.get(subnetOf(server) ?? '')
  const written = textAt(server.memory, recordMember)
  if (written !== undefined && zone !== undefined && sameId(written.split('/A/')[0] ?? '', zone.id)) return
  removeRecord(world, server)
  const address = textAt(server.memory, addressMember) ?? (subnet && addressIn(world, subnet, server))
  if (zone === undefined || subnet === undefined || address === undefined) {
    world.store.update(server.id, { memory: without(server.memory, recordMember) })
    return
  }
  // The name of the machine that the server runs on, and not its own, which leads there.
  const record = `${zone.id}/A/${written === undefined ? world.random.hex(12) : nameOf(written)}`
  const properties = { ttl: recordTtl, aRecords: [{ ipv4Address: address }] }
  world.put({ id: record, type: 'Microsoft.Network/privateDnsZones/A', body: { properties } })
  world.store.update(server.id, { memory: { ...server.memory, [addressMember]: address, [recordMember]: record } })
}

/** A server's memory once it has left its network, where its record goes. */
export function memoryOutside(world: World, server: StoredResource): JsonObject {
  removeRecord(world, server)
  return without(server.memory, addressMember, recordMember)
}

export function removeRecord(world: World, { memory }: StoredResource): void {
  const record = textAt(memory, recordMember)
  if (record !== undefined && world.store.has(record)) world.remove(record)
}
