import { orAbsent } from '../azure/error.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import type { Read } from '../kinds/kind.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import { virtualNetwork } from '../kinds/virtualNetwork.ts'
import { virtualNetworkLink } from '../kinds/virtualNetworkLink.ts'
import type { EndpointProof } from '../model/change.ts'
import { grouped } from '../model/grouped.ts'
import { ancestorOfType, nameOf, parentOf, type ResourceId, within } from '../model/id.ts'
import { oncePer } from '../model/once.ts'
import type { ConnectionSeen, NetworkSeen, PathsRead } from '../model/paths.ts'
import { type Desired, type Existing, type Live, listKey, present, presentIn, type Resource } from '../model/resource.ts'
import { inBatches } from './batches.ts'
import { leavingRecords } from './leaving.ts'
import { orUnseen } from './orUnseen.ts'
import type { Reading } from './reading.ts'
import { type RecordWanted, readRecords } from './records.ts'

export interface PathsWanted {
  readonly desired: Desired
  readonly endpoints: readonly EndpointProof[]
  /** Resources that may be deleted: a zone group of an endpoint among them may hold the record of a server that stays. */
  readonly leaving: readonly Pick<Existing, 'kind' | 'id' | 'path' | 'refs'>[]
  /** The addresses of the endpoints, read before. */
  readonly addresses: PathsRead['addresses']
  /** Endpoints for whose zone group a record stands. */
  readonly byRecord: ReadonlySet<ResourceId>
}

/** Reads the parts of the paths to the declared servers that no body carries which was read already. */
export async function readPaths(reading: Reading, wanted: PathsWanted): Promise<PathsRead> {
  const [[groups, records], linked, networks] = await Promise.all([
    readGroups(reading, wanted).then(async groups => [groups, await readRecords(reading, recordsOf(reading, wanted, groups))] as const),
    readLinked(reading, wanted),
    readNetworks(reading, wanted)
  ])
  return { addresses: wanted.addresses, groups, records, linked, networks, connections: await readConnections(reading, wanted, records) }
}

/** The record of each declared endpoint, and those that Azure takes away with what may be deleted or made again. */
function recordsOf(reading: Reading, { endpoints, leaving }: PathsWanted, groups: PathsRead['groups']): RecordWanted[] {
  const declared = endpoints.flatMap(({ server, dns }) => (dns === undefined ? [] : [{ zone: dns.zone, server }]))
  return [...declared, ...leavingRecords({ reading, endpoints, leaving, groups })]
}

/** A server's body carries them; of a server that is no entry, they are asked for where a record that goes may be of another endpoint. */
async function readConnections(
  reading: Reading,
  { endpoints, leaving }: PathsWanted,
  records: PathsRead['records']
): Promise<PathsRead['connections']> {
  const seen = new Map<ResourceId, readonly ConnectionSeen[]>()
  const going = leaving.flatMap(({ refs }) => refs.flatMap(ref => ancestorOfType(ref, flexibleServer.type) ?? []))
  for (const server of new Set([...endpoints.map(one => one.server), ...going])) {
    const body = reading.bodies.get(server)
    const isAsked = body === undefined && going.includes(server) && !reading.resources.has(server) && isHeld(server, records)
    const reads =
      body !== undefined ? privateEndpointConnection.embedded?.(body) : isAsked ? await listedConnections(reading, server) : undefined
    if (reads !== undefined) seen.set(server, reads.flatMap(connectionIn))
  }
  return seen
}

const isHeld = (server: ResourceId, records: PathsRead['records']): boolean =>
  [...records].some(([id, { state }]) => state !== 'absent' && nameOf(id) === nameOf(server))

/** None of a server that is gone; `undefined` where they may not be listed. */
const listedConnections = ({ azure }: Reading, server: ResourceId): Promise<readonly Read[] | undefined> =>
  orUnseen(orAbsent(privateEndpointConnection.list(azure, server)).then(reads => reads ?? []))

/** A connection as a server shows it. */
export function connectionIn({ observed }: Read): ConnectionSeen[] {
  const { from, connection } = present(observed)?.facts ?? {}
  return from === undefined ? [] : [{ from, status: connection?.status ?? '', description: connection?.description ?? '' }]
}

/** Groups that no file declares: a policy's, and those of endpoints that may go, where they lead to a server that stays. */
async function readGroups(reading: Reading, { endpoints, leaving, byRecord }: PathsWanted): Promise<PathsRead['groups']> {
  const goes = new Set(leaving.map(({ id }) => id))
  const known = new Set([...reading.resources].flatMap(([id, { kind }]) => (kind === privateDnsZoneGroup.name ? [parentOf(id)] : [])))
  const asked = new Map<ResourceId, string>()
  const found = new Map<ResourceId, readonly ResourceId[]>()
  for (const { endpoint, dns } of endpoints) {
    const there = dns?.managedBy === 'policy' ? reading.resources.get(endpoint) : undefined
    if (dns !== undefined && there !== undefined && byRecord.has(endpoint)) found.set(endpoint, [dns.zone])
    else if (there !== undefined && there.observed.state !== 'absent') asked.set(endpoint, there.path)
  }
  for (const { kind: own, id, path, refs } of leaving)
    if (own === privateEndpoint.name && !known.has(id) && refs.some(ref => ancestorOfType(ref, flexibleServer.type) && !goes.has(ref)))
      asked.set(id, path)
  await inBatches([...asked], async ([endpoint, path]) => {
    const groups = await orUnseen(privateDnsZoneGroup.list(reading.azure, path))
    const zones = groups?.flatMap(({ observed }) => present(observed)?.refs ?? [])
    if (zones !== undefined) found.set(endpoint, zones)
  })
  return found
}

/** The network that an endpoint lies in, by its subnet: as it is, or as it is to be. */
export function networkOf(endpoint: ResourceId, desired: Desired, live: Pick<Live, 'resources'>): ResourceId | undefined {
  const refs = [...(desired.get(endpoint)?.refs ?? []), ...(presentIn(live, endpoint)?.refs ?? [])]
  return refs.flatMap(ref => ancestorOfType(ref, virtualNetwork.type) ?? []).at(0)
}

/** The links that the file declares. */
export const linksByZone = oncePer(
  (desired: Desired): ReadonlyMap<ResourceId, readonly Resource[]> =>
    grouped(
      [...desired.values()].filter(({ kind }) => kind === virtualNetworkLink.name),
      ({ id }) => parentOf(id) ?? id
    )
)

/** Reads whether an endpoint's network is linked to a zone although no file declares it. */
async function readLinked(reading: Reading, { desired, endpoints }: PathsWanted): Promise<PathsRead['linked']> {
  const linked = new Map<ResourceId, readonly ResourceId[]>()
  const kind = virtualNetworkLink
  const declared = linksByZone(desired)
  const listed = reading.listed.get(kind.name) ?? []
  const zones = new Set(
    endpoints.flatMap(({ endpoint, dns }) => {
      const network = dns === undefined ? undefined : networkOf(endpoint, desired, reading)
      if (dns === undefined || network === undefined) return []
      return declared.get(dns.zone)?.some(({ refs }) => refs.includes(network)) ? [] : [dns.zone]
    })
  )
  await inBatches([...zones], async zone => {
    const there = reading.resources.get(zone)
    if (there?.observed.state === 'absent') return
    const own = listed.filter(({ path }) => within(path.toLowerCase() as ResourceId, zone))
    const none = presentIn(reading, zone)?.facts.links === 0
    const links = none || own.length > 0 ? own : await orUnseen(kind.list(reading.azure, there?.path ?? zone))
    if (links === undefined) return
    reading.lists.set(listKey(kind.name, zone), links)
    linked.set(
      zone,
      links.flatMap(({ observed }) => present(observed)?.refs ?? [])
    )
  })
  return linked
}

/** Reads networks that are no entry of the file; an entry has been read. */
async function readNetworks(reading: Reading, { desired, endpoints }: PathsWanted): Promise<PathsRead['networks']> {
  const networks = new Map<ResourceId, NetworkSeen>()
  const kind = virtualNetwork
  const linked = [...linksByZone(desired).values()].flat().flatMap(({ refs }) => refs)
  const own = endpoints.flatMap(({ endpoint, dns }) => (dns === undefined ? [] : (networkOf(endpoint, desired, reading) ?? [])))
  const asked = new Set([...linked, ...own])
  const listed = new Map((reading.listed.get(kind.name) ?? []).map(read => [read.path.toLowerCase(), read]))
  await inBatches([...asked], async network => {
    if (reading.resources.has(network)) return
    const read = listed.get(network) ?? (await orUnseen(kind.observe(reading.azure, network)))
    const found = present(read?.observed)?.facts
    if (found?.dnsServers?.length || found?.peerings?.length) networks.set(network, found)
  })
  return networks
}
