import { flexibleServer } from '../kinds/flexibleServer.ts'
import { subnet as subnetKind } from '../kinds/subnet.ts'
import type { EndpointProof } from '../model/change.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import { presentIn, type Resource } from '../model/resource.ts'
import { endpointHop, type Judging, mended, serverHop } from './ends.ts'
import { clientHops, testHops } from './factory.ts'
import { subnetHops } from './filters.ts'
import {
  dnsServersHop,
  type Looked,
  lookedFor,
  ownLinkHop,
  peeringHops,
  recordsToNothing,
  secondZoneHop,
  zoneHop,
  zonesIn
} from './nameHops.ts'
import { type EndpointPath, type Hop, linkHops, pathsOf } from './path.ts'

/** One thing that has to be right for a client to get through, as `verify` says it. */
export interface VerifiedHop {
  readonly hop: string
  /** `waiting`: a person, a policy or Azure has to act first; `unknown`: it could not be seen. */
  readonly as: Hop['as']
  /** A sentence of its own: the fact, or the fault. */
  readonly message: string
  /** How one that is broken is mended. */
  readonly fix?: string
  /** Why one could not be seen, or waits. */
  readonly why?: string
  /** Milliseconds that it took, where it was tried from this machine. */
  readonly ms?: number
  /** `HOST:PORT` that was connected to in the stead of the address. */
  readonly through?: string
}

/** A private path to a server that the file declares, or a zone in which names of servers are looked for. */
export interface VerifiedPath {
  readonly address: string
  readonly via: 'private endpoint' | 'managed private endpoint' | 'virtual network' | 'private DNS zone'
  /** `undefined` of a zone, which many servers may share. */
  readonly server: string | undefined
  readonly fqdn: string | undefined
  /** In the order in which the first that is broken is the one to mend first. */
  readonly hops: readonly VerifiedHop[]
}

export interface VerifyInput extends Judging {
  readonly endpoints: readonly EndpointProof[]
}

/** Every declared path to a server, hop by hop, and the zones. Pure: it judges what was read. */
export function verifiedPaths(input: VerifyInput): VerifiedPath[] {
  const paths = pathsOf(input)
  const overEndpoints = input.endpoints.flatMap((endpoint, index) => {
    const path = paths[index]
    return path === undefined ? [] : [overEndpoint(endpoint, path, input)]
  })
  const integrated = [...input.desired.values()].flatMap(one => integratedPath(one, input) ?? [])
  return [...overEndpoints, ...integrated, ...zonesIn(input).map(zone => zonePath(zone, input))]
}

const addressOf = (id: ResourceId, { desired }: Judging): string => desired.get(id)?.address ?? nameOf(id)

function overEndpoint(endpoint: EndpointProof, path: EndpointPath, input: VerifyInput): VerifiedPath {
  const { server, managed } = endpoint
  const hops = (...which: readonly Hop['hop'][]): VerifiedHop[] =>
    path.hops.filter(({ hop }) => which.includes(hop)).map(hop => withMore(hop, endpoint))
  const ends = [serverHop(server, input), ...hops('publicAccess')]
  const own = [endpointHop(endpoint, input), ...hops('connection')]
  const looked = lookedFor(endpoint, path.addresses, input)
  return {
    address: endpoint.address,
    via: managed ? 'managed private endpoint' : 'private endpoint',
    server: addressOf(server, input),
    fqdn: path.fqdn,
    hops: managed
      ? [...clientHops(endpoint, input), ...own, ...ends, ...testHops(endpoint, input)]
      : [
          ...ends,
          ...own,
          ...subnetHops(endpoint.endpoint, path.addresses, input),
          ...(looked === undefined
            ? []
            : [...brokenZone(looked, input), ...hops('zoneGroup', 'record'), ...lookedHops(looked, hops('link'), input)])
        ]
  }
}

/** Said with a path only where it explains what is broken behind it. */
const brokenZone = ({ zone }: Looked, input: VerifyInput): VerifiedHop[] => [zoneHop(zone, input)].filter(({ as }) => as === 'broken')

/** A network is linked to one zone of a name: a second one comes first, since it is why ours is not linked. */
const lookedHops = (looked: Looked, links: readonly VerifiedHop[], input: VerifyInput): VerifiedHop[] => [
  ...secondZoneHop(looked, input),
  ...links,
  ...ownLinkHop(looked, input),
  ...dnsServersHop(looked, input),
  ...peeringHops(looked, input)
]

/** The way in of a server that lies in a network itself. */
function integratedPath(server: Resource, input: VerifyInput): VerifiedPath | undefined {
  if (server.kind !== flexibleServer.name) return undefined
  const declared = server.props as { readonly delegatedSubnet?: ResourceId; readonly privateDnsZone?: ResourceId }
  const live = presentIn(input.live, server.id)
  const { delegatedSubnet: subnet, privateDnsZone: zone } = { ...declared, ...(live?.props as typeof declared | undefined) }
  if (subnet === undefined) return undefined
  const looked: Looked | undefined = zone && { zone, server: server.id, addresses: undefined, own: parentOf(subnet) }
  return {
    address: server.address,
    via: 'virtual network',
    server: server.address,
    fqdn: live?.facts.fqdn,
    hops: [
      serverHop(server.id, input),
      delegationHop(subnet, input),
      ...(looked === undefined ? [] : [zoneHop(looked.zone, input), ...lookedHops(looked, declaredLinks(looked.zone, input), input)])
    ]
  }
}

/** Azure keeps a subnet for servers that is delegated to them [DOC-VNET]. */
function delegationHop(subnet: ResourceId, input: VerifyInput): VerifiedHop {
  const name = `${nameOf(parentOf(subnet) ?? '')}/${nameOf(subnet)}`
  const network = input.around.networks.get(parentOf(subnet) ?? subnet)
  if (network === undefined || network.as === 'unreadable')
    return {
      hop: subnetKind.name,
      as: 'unknown',
      message: `how ${name} stands is unknown`,
      why: network?.reason ?? 'its network was not read'
    }
  const own = network.as === 'seen' ? network.value.subnets.get(subnet) : undefined
  const fix = mended(subnet, input, 'makes it, delegated to servers')
  if (own === undefined) return { hop: subnetKind.name, as: 'broken', message: `the subnet ${name} is not there`, fix }
  return own.delegation?.toLowerCase() === flexibleServer.type.toLowerCase()
    ? { hop: subnetKind.name, as: 'holds', message: `${name} is delegated to servers` }
    : { hop: subnetKind.name, as: 'broken', message: `${name} is not delegated to servers`, fix }
}

const declaredLinks = (zone: ResourceId, input: VerifyInput): VerifiedHop[] => linkHops(zone, input).map(hop => withMore(hop, undefined))

/** A zone by itself: its links, where no path has them, and the records that lead nowhere. */
function zonePath(zone: ResourceId, input: VerifyInput): VerifiedPath {
  const { desired, endpoints } = input
  const isOnPath =
    endpoints.some(({ dns }) => dns?.zone === zone) ||
    [...desired.values()].some(({ kind, refs }) => kind === flexibleServer.name && refs.includes(zone))
  return {
    address: addressOf(zone, input),
    via: 'private DNS zone',
    server: undefined,
    fqdn: undefined,
    hops: [zoneHop(zone, input), ...(isOnPath ? [] : declaredLinks(zone, input)), ...recordsToNothing(zone, endpoints, input)]
  }
}

/** The reason has a line of its own where the sentence would end in it. */
function withMore(hop: Hop, endpoint: EndpointProof | undefined): VerifiedHop {
  const { as, message } = hop
  if (as === 'broken') return { hop: hop.hop, as, message, fix: fixOf(hop, endpoint) }
  const { why = hop.of === undefined ? undefined : waitsOn[hop.of] } = hop
  const end = why === undefined ? -1 : message.indexOf(`: ${why}`)
  return { hop: hop.hop, as, message: end < 0 ? message : message.slice(0, end), ...(as !== 'holds' && why !== undefined && { why }) }
}

const waitsOn = {
  approval: 'the owner of the server has not decided on it',
  server: 'the server is behind, or the connection was removed there: look again in a minute'
}

function fixOf({ hop, message }: Hop, endpoint: EndpointProof | undefined): string {
  const address = endpoint?.address ?? ''
  if (endpoint?.dns?.managedBy === 'policy' && (hop === 'zoneGroup' || hop === 'record'))
    return 'The owner of the policy mends it: pglink writes neither the zone group nor its record there.'
  switch (hop) {
    case 'connection':
      if (/is not there$/.test(message)) return '`pglink apply` makes the endpoint, and with it the connection.'
      return /Rejected/.test(message)
        ? `A rejected connection cannot be approved any more. Settle it with the owner of the server, give ${address} another \`name\`, then \`pglink apply\`.`
        : '`pglink apply` makes the endpoint again, and with it the connection.'
    case 'zoneGroup':
    case 'record':
      return '`pglink apply` writes the zone group again, and Azure its record.'
    case 'link':
      return '`pglink apply` links the zone.'
    default:
      return '`pglink apply` sets it as the file says.'
  }
}
