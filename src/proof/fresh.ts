import type { Azure } from '../azure/azure.ts'
import { isForbidden, isNotFound } from '../azure/error.ts'
import { lookupIn, type Read } from '../kinds/kind.ts'
import { managedPrivateEndpoint } from '../kinds/managedPrivateEndpoint.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import { virtualNetworkLink } from '../kinds/virtualNetworkLink.ts'
import { interfaceAddresses } from '../live/addresses.ts'
import { connectionIn } from '../live/paths.ts'
import { recordAt } from '../live/records.ts'
import type { EndpointProof, ProofDepth } from '../model/change.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import { invariant } from '../model/invariant.ts'
import { type ConnectionSeen, nothingRead, type PathsRead, recordIn } from '../model/paths.ts'
import type { Desired, Found, Observed, Resource } from '../model/resource.ts'
import { type EndpointPath, type Hop, pathsOf } from './path.ts'

/** The parts of a path that a look of each depth takes in. Public access is no part of an endpoint's proof. */
const hopsOf: Readonly<Record<ProofDepth, readonly Hop['hop'][]>> = {
  connection: ['connection'],
  record: ['connection', 'zoneGroup', 'record'],
  path: ['connection', 'zoneGroup', 'record', 'link']
}

/** The path through one endpoint as it is now, judged by the model that judges all paths. */
export async function freshPath(azure: Azure, endpoint: EndpointProof, desired: Desired, depth: ProofDepth): Promise<EndpointPath> {
  const own = await ownEnd(azure, endpoint)
  const resources = new Map<ResourceId, Found>([[endpoint.endpoint, own]])
  const connections = await connectionsOf(azure, endpoint.server)
  const dns = depth === 'connection' ? undefined : endpoint.dns
  const links = dns === undefined || depth !== 'path' ? [] : [...desired.values()].filter(one => isLinkOf(one, dns.zone))
  const looked = { ...endpoint, dns }
  const read = dns === undefined ? {} : await namesFor(azure, endpoint, dns, own, resources)
  if (dns !== undefined) await readLinks(azure, dns.zone, links, resources)
  const paths: PathsRead = { ...nothingRead, ...(connections && { connections: new Map([[endpoint.server, connections]]) }), ...read }
  const named = new Map(links.map(link => [link.id, link]))
  const server = desired.get(endpoint.server)
  if (server !== undefined) named.set(server.id, server)
  const [path] = pathsOf({ desired: named, live: { resources, paths }, endpoints: [looked] })
  invariant(path !== undefined, 'no path of an endpoint')
  return { ...path, hops: path.hops.filter(({ hop }) => hopsOf[depth].includes(hop)) }
}

type Dns = NonNullable<EndpointProof['dns']>

const isLinkOf = ({ id, kind }: Resource, zone: ResourceId): boolean => kind === virtualNetworkLink.name && parentOf(id) === zone

/** A resource that may not be read is unknown, and a missing one is absent. */
export async function seen<T>(reading: Promise<T>): Promise<T | Exclude<Observed, { state: 'present' }>> {
  try {
    return await reading
  } catch (error) {
    if (isNotFound(error)) return { state: 'absent' }
    // We look once more after any other failure.
    if (isForbidden(error)) return { state: 'unreadable', reason: (error as Error).message }
    throw error
  }
}

async function ownEnd(azure: Azure, { path, managed }: EndpointProof): Promise<Found> {
  const kind = managed ? managedPrivateEndpoint : privateEndpoint
  const read = await seen(kind.observe(azure, path))
  return { kind: kind.name, path, observed: 'observed' in read ? read.observed : read }
}

/** As they are now; `undefined`: they may not be listed. */
export async function connectionsOf(azure: Azure, server: ResourceId): Promise<readonly ConnectionSeen[] | undefined> {
  const reads = await seen(privateEndpointConnection.list(azure, server))
  if ('state' in reads) return reads.state === 'absent' ? [] : undefined
  return reads.flatMap(connectionIn)
}

/** The zone group, the record, and the addresses that it should lead to. */
async function namesFor(
  azure: Azure,
  { endpoint, path, server }: EndpointProof,
  { zone, group }: Dns,
  own: Found,
  resources: Map<ResourceId, Found>
): Promise<Pick<PathsRead, 'records' | 'groups' | 'addresses'>> {
  if (own.observed.state !== 'present') return { records: new Map(), groups: new Map(), addresses: new Map() }
  const kind = privateDnsZoneGroup
  const { addresses: said = [], interfaces = [] } = own.observed.facts
  const [groups, record, addresses] = await Promise.all([
    seen(kind.list(azure, path)),
    recordAt(azure, zone, nameOf(server)),
    said.length > 0 ? said : seen(Promise.all(interfaces.map(one => interfaceAddresses(azure, one))))
  ])
  const found: Observed = 'state' in groups ? groups : (groups[0]?.observed ?? { state: 'absent' })
  if (group !== undefined) resources.set(group, { kind: kind.name, path: group, observed: found })
  const known = 'state' in addresses ? [] : addresses.flat()
  return {
    records: new Map([[recordIn(zone, server), record]]),
    groups: found.state === 'unreadable' ? new Map() : new Map([[endpoint, found.state === 'present' ? found.refs : []]]),
    addresses: known.length === 0 ? new Map() : new Map([[endpoint, known]])
  }
}

async function readLinks(azure: Azure, zone: ResourceId, links: readonly Resource[], resources: Map<ResourceId, Found>): Promise<void> {
  if (links.length === 0) return
  const kind = virtualNetworkLink
  const reads: readonly Read[] | Exclude<Observed, { state: 'present' }> = await seen(kind.list(azure, zone))
  for (const link of links) {
    const path = 'state' in reads ? undefined : kind.match?.(link.props, reads, lookupIn({ resources }))
    const read = 'state' in reads ? undefined : reads.find(one => one.path === path)
    const observed: Observed = 'state' in reads ? reads : (read?.observed ?? { state: 'absent' })
    resources.set(link.id, { kind: kind.name, path: read?.path ?? link.path, observed })
  }
}
