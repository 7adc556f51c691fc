import { nameOf, parentOf, sameId } from '../armPath.ts'
import { textAt } from '../json.ts'
import { peeringType } from '../providers/network/peerings.ts'
import { serverType, stateOf } from '../providers/postgres/server.ts'
import { connectionsOf, endpointType, liveState } from '../providers/privateLink/connection.ts'
import type { StoredResource } from '../state.ts'
import type { World } from '../type.ts'

/** An address in a network behind which a server stands. */
export interface Way {
  /** The id of the private endpoint, or of the server that lies in the network itself. */
  readonly id: string
  readonly address: string
  readonly port: number
  /** The id of the network that the address lies in. */
  readonly network: string
  readonly server: string
  /** Whether a connection is let through at this moment. */
  readonly open: boolean
}

const networkType = 'Microsoft.Network/virtualNetworks'

const postgresPort = 5432
const bouncerPort = 6432

/** Every address of a PostgreSQL server in the estate, on the port of PostgreSQL and on that of PgBouncer where it is on. */
export const waysIn = (world: World): Way[] => [
  ...world.store.ofType(endpointType).flatMap(endpoint => waysOfEndpoint(world, endpoint)),
  ...world.store.ofType(serverType).flatMap(server => waysOfServer(world, server))
]

/** Only a connection that is approved sends traffic [DOC-PEOV]. */
function waysOfEndpoint(world: World, endpoint: StoredResource): Way[] {
  const address = textAt(endpoint.memory, 'address')
  const server = world.store.get(connectionsOf(endpoint.body)[0]?.target ?? '')
  if (!address || server?.type.toLowerCase() !== serverType.toLowerCase()) return []
  const connection = textAt(endpoint.memory, 'connection')
  const isApproved = connection !== undefined && liveState(world, connection).status === 'Approved'
  const network = parentOf(textAt(endpoint.body, 'properties', 'subnet', 'id') ?? '')
  const open = isApproved && endpoint.provisioning === 'Succeeded' && stateOf(server) === 'Ready'
  return portsOf(world, server).map(port => ({ id: endpoint.id, address, port, network, server: server.id, open }))
}

function waysOfServer(world: World, server: StoredResource): Way[] {
  const address = textAt(server.memory, 'address')
  const subnet = textAt(server.body, 'properties', 'network', 'delegatedSubnetResourceId')
  if (address === undefined || subnet === undefined) return []
  const open = stateOf(server) === 'Ready'
  return portsOf(world, server).map(port => ({ id: server.id, address, port, network: parentOf(subnet), server: server.id, open }))
}

function portsOf(world: World, server: StoredResource): number[] {
  const bouncer = world.store.get(`${server.id}/configurations/pgbouncer.enabled`)
  return textAt(bouncer?.body, 'properties', 'value')?.toLowerCase() === 'true' ? [postgresPort, bouncerPort] : [postgresPort]
}

/** A network in which a client can stand, and those whose addresses it reaches from there. */
export interface Place {
  readonly network: string
  readonly name: string
  readonly reaches: readonly string[]
}

/** The networks of the estate by id. Two of one name are told from each other by their groups. */
export function placesIn(world: World): Place[] {
  const networks = world.store.ofType(networkType)
  return networks.map(({ id }) => {
    const isAlone = networks.filter(other => nameOf(other.id).toLowerCase() === nameOf(id).toLowerCase()).length === 1
    return { network: id, name: isAlone ? nameOf(id) : `${id.split('/')[4]}.${nameOf(id)}`, reaches: [id, ...peersOf(world, id)] }
  })
}

/** Peered on both sides, and no further: peering is not transitive [DOC-VNET]. */
const peersOf = (world: World, network: string): string[] =>
  world.store
    .ofType(peeringType, network)
    .filter(peering => textAt(world.show(peering), 'properties', 'peeringState') === 'Connected')
    .flatMap(peering => textAt(peering.body, 'properties', 'remoteVirtualNetwork', 'id') ?? [])

export const isReached = (place: Place, way: Way): boolean => place.reaches.some(network => sameId(network, way.network))
