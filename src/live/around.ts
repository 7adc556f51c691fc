import type { Azure } from '../azure/azure.ts'
import { type ConnectionLook, lookAtConnection } from '../kinds/connectionTest.ts'
import { dataFactory } from '../kinds/dataFactory.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import { integrationRuntime } from '../kinds/integrationRuntime.ts'
import { linkedService } from '../kinds/linkedService.ts'
import { managedPrivateEndpoint } from '../kinds/managedPrivateEndpoint.ts'
import { managedVirtualNetwork } from '../kinds/managedVirtualNetwork.ts'
import { others } from '../kinds/others.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { subnet } from '../kinds/subnet.ts'
import { virtualNetwork } from '../kinds/virtualNetwork.ts'
import { virtualNetworkLink } from '../kinds/virtualNetworkLink.ts'
import type { EndpointProof } from '../model/change.ts'
import { grouped } from '../model/grouped.ts'
import { ancestorOfType, parentOf, type ResourceId, resourceId, subscriptionOf, typeOf } from '../model/id.ts'
import type { Peering } from '../model/paths.ts'
import { type Desired, type Listed, type Live, listKey, type Observed, type Present, present, presentIn } from '../model/resource.ts'
import { inBatches } from './batches.ts'
import { linksByZone, networkOf } from './paths.ts'
import { type Looks, looksThrough, type Seen } from './preflight/looks.ts'
import { readZones, type ZonesAround } from './zonesAround.ts'

/** One rule of a security group, as Azure has it. */
export interface SecurityRule {
  readonly name?: string
  readonly properties?: Readonly<Record<string, unknown>>
}

/** One route of a route table, as Azure has it. */
export interface Route {
  readonly name?: string
  readonly properties?: { readonly addressPrefix?: string; readonly nextHopType?: string; readonly nextHopIpAddress?: string }
}

/** A network in which clients or endpoints of a path stand. */
export interface NetworkAround {
  readonly props: { readonly addressSpace?: readonly string[] | undefined }
  readonly dnsServers: readonly string[]
  readonly peerings: readonly Peering[]
  readonly subnets: ReadonlyMap<ResourceId, SubnetAround>
}

export interface SubnetAround {
  readonly addressPrefixes?: readonly string[] | undefined
  readonly delegation?: string | undefined
  readonly networkSecurityGroup?: ResourceId | undefined
  readonly routeTable?: ResourceId | undefined
  readonly privateEndpointNetworkPolicies?: string | undefined
}

/** The surroundings of the declared paths, beside the resources that make them: `verify` alone reads them. */
export interface Around extends ZonesAround {
  readonly networks: ReadonlyMap<ResourceId, Seen<NetworkAround>>
  /** The rules of security groups, and the routes of route tables, that hold for an endpoint. */
  readonly securityGroups: ReadonlyMap<ResourceId, Seen<readonly SecurityRule[]>>
  readonly routeTables: ReadonlyMap<ResourceId, Seen<readonly Route[]>>
  /** Servers that an endpoint leads to and the file has no entry for. */
  readonly servers: ReadonlyMap<ResourceId, Observed>
  /** Data Factory's own tests of the connections of linked services for which the file asks for one. */
  readonly tests: ReadonlyMap<ResourceId, ConnectionLook>
}

export interface AroundWanted {
  readonly desired: Desired
  readonly endpoints: readonly EndpointProof[]
  readonly live: Live
}

/** The kinds that stand on a path; the rest of a file is not read for it. */
const onPath: ReadonlySet<string> = new Set(
  [
    virtualNetwork,
    subnet,
    privateDnsZone,
    virtualNetworkLink,
    flexibleServer,
    privateEndpoint,
    privateDnsZoneGroup,
    dataFactory,
    managedVirtualNetwork,
    integrationRuntime,
    managedPrivateEndpoint,
    linkedService
  ].map(({ name }) => name)
)

/** The declared resources that stand on paths to servers. */
export const onPaths = (desired: Desired): Desired => new Map([...desired].filter(([, { kind }]) => onPath.has(kind)))

/** Reads what lies around the declared paths; what may not be read is unknown, and ends nothing. */
export async function readAround(azure: Azure, wanted: AroundWanted): Promise<Around> {
  const looks = looksThrough(azure)
  const networks = await readNetworks(looks, wanted)
  const [securityGroups, routeTables, servers, tests, zones] = await Promise.all([
    readThose<{ readonly securityRules?: readonly SecurityRule[] }, readonly SecurityRule[]>(
      filtersOf('NetworkSecurityGroupEnabled', 'networkSecurityGroup', networks, wanted),
      looks,
      ({ securityRules = [] }) => securityRules
    ),
    readThose<{ readonly routes?: readonly Route[] }, readonly Route[]>(
      filtersOf('RouteTableEnabled', 'routeTable', networks, wanted),
      looks,
      ({ routes = [] }) => routes
    ),
    readServers(looks, wanted),
    readTests(azure, wanted),
    readZones(azure, looks, { ...wanted, networks })
  ])
  return { networks, securityGroups, routeTables, servers, tests, ...zones }
}

/** The networks of the endpoints, those that the zones on the paths are linked to, and those that servers are integrated with. */
async function readNetworks(looks: Looks, { desired, endpoints, live }: AroundWanted): Promise<Around['networks']> {
  const own = endpoints.flatMap(({ endpoint, managed }) => (managed ? [] : (networkOf(endpoint, desired, live) ?? [])))
  const linked = [...linksByZone(desired).values()].flat().flatMap(({ refs }) => refs)
  const integrated = [...desired.values()].flatMap(one =>
    one.kind === flexibleServer.name ? one.refs.flatMap(ref => ancestorOfType(ref, virtualNetwork.type) ?? []) : []
  )
  const networks = new Map<ResourceId, Seen<NetworkAround>>()
  await inBatches([...new Set([...own, ...linked, ...integrated])], async id => {
    const found = live.resources.get(id)
    const lists = live.lists.get(listKey(subnet.name, id))
    if (found !== undefined) {
      networks.set(id, seenAs(found.observed, lists ?? []))
      return
    }
    const read = await looks.by(`observe ${id}`, azure => virtualNetwork.observe(azure, id))
    networks.set(id, read.as === 'seen' ? seenAs(read.value.observed, subnet.embedded?.(read.value.body) ?? []) : read)
  })
  return networks
}

function seenAs(observed: Observed, subnets: readonly Listed[]): Seen<NetworkAround> {
  if (observed.state === 'absent') return { as: 'absent' }
  if (observed.state === 'unreadable') return { as: 'unreadable', reason: observed.reason }
  const inside = subnets.flatMap(one => {
    const props = present(one.observed)?.props as SubnetAround | undefined
    return props === undefined ? [] : [[resourceId(one.path), props] as const]
  })
  const { props, facts } = observed as Present & { readonly props: NetworkAround['props'] }
  return { as: 'seen', value: { props, dnsServers: facts.dnsServers ?? [], peerings: facts.peerings ?? [], subnets: new Map(inside) } }
}

/** Whether the policies of a subnet are on for a sort of filter: `Enabled` is both [DOC-PENP]. */
export const policiesOn = (subnet: SubnetAround, sort: 'NetworkSecurityGroupEnabled' | 'RouteTableEnabled'): boolean =>
  new RegExp(`^(enabled|${sort})$`, 'i').test(subnet.privateEndpointNetworkPolicies ?? '')

/**
 * The filters that hold for an endpoint: the security group of its subnet, and the route tables of all subnets of its network, since it
 * is the clients' route that a table changes; each only where the endpoint's subnet has the policy on for it [DOC-PENP].
 */
function filtersOf(
  sort: 'NetworkSecurityGroupEnabled' | 'RouteTableEnabled',
  field: 'networkSecurityGroup' | 'routeTable',
  networks: Around['networks'],
  { desired, endpoints, live }: AroundWanted
): readonly ResourceId[] {
  const found = endpoints.flatMap(({ endpoint, managed }) => {
    const id = managed ? undefined : subnetOf(endpoint, { desired, live })
    const network = id && networks.get(parentOf(id) ?? id)
    if (id === undefined || network?.as !== 'seen') return []
    const own = network.value.subnets.get(id)
    if (own === undefined || !policiesOn(own, sort)) return []
    return field === 'routeTable' ? [...network.value.subnets.values()].flatMap(one => one[field] ?? []) : (own[field] ?? [])
  })
  return [...new Set(found)]
}

/** The subnet that an endpoint lies in: as it is, or as the file has it. */
export function subnetOf(endpoint: ResourceId, { desired, live }: { readonly desired: Desired; readonly live: Pick<Live, 'resources'> }) {
  const of = (resource: { readonly props: unknown } | undefined): ResourceId | undefined =>
    (resource?.props as { readonly subnet?: ResourceId } | undefined)?.subnet
  return of(presentIn(live, endpoint)) ?? of(desired.get(endpoint))
}

interface Answered {
  readonly id?: string
  readonly properties?: unknown
}

/** Security groups or route tables: by the list of a subscription where two or more lie in it, else one by one. */
async function readThose<Body, Value>(
  ids: readonly ResourceId[],
  looks: Looks,
  take: (body: Body) => Value
): Promise<ReadonlyMap<ResourceId, Seen<Value>>> {
  const found = new Map<ResourceId, Seen<Value>>()
  const keep = (id: ResourceId, { properties = {} }: Answered): unknown => found.set(id, { as: 'seen', value: take(properties as Body) })
  const apiVersionOf = (id: ResourceId): string => others[typeOf(id)]?.apiVersion ?? '2024-05-01'
  await inBatches([...grouped(ids, one => `${subscriptionOf(one)} ${typeOf(one)}`)], async ([, [first, ...more]]) => {
    if (first === undefined || more.length === 0) return
    const path = `/subscriptions/${subscriptionOf(first)}/providers/${typeOf(first)}`
    const all = await looks.list<Answered>(path, apiVersionOf(first))
    for (const one of all.as === 'seen' ? all.value : []) keep(resourceId(one.id ?? ''), one)
  })
  await inBatches(
    ids.filter(id => !found.has(id)),
    async id => {
      const one = await looks.get<Answered>(id, apiVersionOf(id))
      if (one.as === 'seen') keep(id, one.value)
      else found.set(id, one)
    }
  )
  return found
}

async function readServers(looks: Looks, { endpoints, live }: AroundWanted): Promise<Around['servers']> {
  const servers = new Map<ResourceId, Observed>()
  const unread = new Set(endpoints.map(({ server }) => server).filter(server => !live.resources.has(server)))
  await inBatches([...unread], async server => {
    const read = await looks.by(`observe ${server}`, azure => flexibleServer.observe(azure, server))
    servers.set(server, read.as === 'seen' ? read.value.observed : read.as === 'absent' ? { state: 'absent' } : unreadableFor(read.reason))
  })
  return servers
}

const unreadableFor = (reason: string): Observed => ({ state: 'unreadable', reason })

/** Data Factory has no list of them: two calls for each linked service whose entry asks for a test. */
async function readTests(azure: Azure, { desired, live }: AroundWanted): Promise<Around['tests']> {
  const tests = new Map<ResourceId, ConnectionLook>()
  const asked = [...desired.values()].filter(
    ({ kind, id, props }) =>
      kind === linkedService.name &&
      (props as { readonly testConnection?: boolean }).testConnection === true &&
      presentIn(live, id) !== undefined
  )
  await inBatches(asked, async ({ id, path }) => void tests.set(id, await lookAtConnection(azure, path)))
  return tests
}
