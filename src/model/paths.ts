import { nameOf, type ResourceId } from './id.ts'

/** The private endpoint for which Azure wrote a record, as the record itself says. */
export interface Creator {
  readonly endpoint: string
  /** The endpoint's `resourceGuid`: an endpoint that is made again under its name has another. */
  readonly guid: string
}

/** One A record set as a read found it. `unreadable` is not `absent`. `registered`: by a machine of a network, by itself. */
export type RecordSeen =
  | { readonly state: 'absent' }
  | { readonly state: 'present'; readonly addresses: readonly string[]; readonly creator: Creator | undefined; readonly registered?: true }
  | { readonly state: 'unreadable'; readonly reason: string }

/** One private endpoint connection, as the server has it. */
export interface ConnectionSeen {
  readonly from: ResourceId
  readonly status: string
  readonly description: string
}

/** One zone of an endpoint's zone group, and the record that Azure said it wrote there. */
export interface GroupZone {
  readonly zone: ResourceId
  readonly addresses: readonly string[]
}

/** One half of a peering, as the network that has it says. */
export interface Peering {
  /** The other network. */
  readonly with: ResourceId
  /** `Connected` where both halves are there and alike; else `Initiated` or `Disconnected`. */
  readonly state: string
}

/** The facts of a network that decide how clients in it find a name, and what they reach. */
export interface NetworkSeen {
  readonly dnsServers?: readonly string[] | undefined
  readonly peerings?: readonly Peering[] | undefined
}

/** Facts on the paths to the declared servers that lie beside the resources themselves. */
export interface PathsRead {
  /** By the id of the record set, see {@link recordIn}. None was looked for in a zone that is not there. */
  readonly records: ReadonlyMap<ResourceId, RecordSeen>
  /** By the endpoint. None where neither the endpoint nor its network interface says it. */
  readonly addresses: ReadonlyMap<ResourceId, readonly string[]>
  /** By the server. None of a server that is not there, or that may not be read. */
  readonly connections: ReadonlyMap<ResourceId, readonly ConnectionSeen[]>
  /** The zones of an endpoint's zone group, by the endpoint, where the group is in no file: a policy's, or of an endpoint that left the file. */
  readonly groups: ReadonlyMap<ResourceId, readonly ResourceId[]>
  /** The networks that a zone is linked to, by the zone. None where no check needs it, or the links may not be listed. */
  readonly linked: ReadonlyMap<ResourceId, readonly ResourceId[]>
  /** The DNS servers and the peerings of networks that are no entry of the file, by the network. */
  readonly networks: ReadonlyMap<ResourceId, NetworkSeen>
}

export const nothingRead: PathsRead = {
  records: new Map(),
  addresses: new Map(),
  connections: new Map(),
  groups: new Map(),
  linked: new Map(),
  networks: new Map()
}

/** The record set that a zone group keeps in `zone` for an endpoint of `server`: in the one zone that Azure looks for it, it has the server's name. */
export const recordIn = (zone: ResourceId, server: string): ResourceId => `${zone}/a/${nameOf(server).toLowerCase()}` as ResourceId

export const sameAddresses = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join() === [...b].sort().join()
