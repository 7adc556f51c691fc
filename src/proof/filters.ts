import { subnet } from '../kinds/subnet.ts'
import { type Around, policiesOn, type Route, type SecurityRule, type SubnetAround, subnetOf } from '../live/around.ts'
import { holds, isRange, prefixOf } from '../live/ranges.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import type { Desired, Live } from '../model/resource.ts'
import { shellWord } from '../model/shell.ts'
import type { VerifiedHop } from './verify.ts'

interface Filtered {
  readonly desired: Desired
  readonly live: Pick<Live, 'resources'>
  readonly around: Pick<Around, 'networks' | 'securityGroups' | 'routeTables'>
}

const port = 5432

const hop = (as: VerifiedHop['as'], message: string, more: Pick<VerifiedHop, 'fix' | 'why'> = {}): VerifiedHop => ({
  hop: subnet.name,
  as,
  message,
  ...more
})

/**
 * Whether the subnet of an endpoint lets clients through. Its security group, and the routes of its network's subnets, hold for an endpoint only
 * where `privateEndpointNetworkPolicies` of its subnet is on for them [DOC-PENP].
 */
export function subnetHops(endpoint: ResourceId, addresses: readonly string[], { desired, live, around }: Filtered): VerifiedHop[] {
  const id = subnetOf(endpoint, { desired, live })
  if (id === undefined) return []
  const network = around.networks.get(parentOf(id) ?? id)
  const name = `${nameOf(parentOf(id) ?? '')}/${nameOf(id)}`
  if (network === undefined || network.as === 'unreadable')
    return [hop('unknown', `whether ${name} lets clients through is unknown`, { why: network?.reason ?? 'its network was not read' })]
  const own = network.as === 'seen' ? network.value.subnets.get(id) : undefined
  if (own === undefined)
    return [hop('broken', `the subnet ${name} is not there`, { fix: '`pglink apply` makes what the file declares of it.' })]
  const [groups, routes] = [policiesOn(own, 'NetworkSecurityGroupEnabled'), policiesOn(own, 'RouteTableEnabled')]
  if (!groups && !routes) return [hop('holds', `${name} filters nothing: its network policies for private endpoints are off`)]
  const space = network.as === 'seen' ? (network.value.props.addressSpace ?? []) : []
  const subnets = network.as === 'seen' ? network.value.subnets : new Map<ResourceId, SubnetAround>()
  const found = [
    ...(groups && own.networkSecurityGroup ? [groupHop(own.networkSecurityGroup, { name, addresses, space }, around)] : []),
    ...(routes ? routeHops(subnets, { addresses, space }, around) : [])
  ]
  return found.length > 0 ? found : [hop('holds', `${name} has nothing that filters, although its network policies are on`)]
}

interface Target {
  readonly addresses: readonly string[]
  /** The address space of the endpoint's network. */
  readonly space: readonly string[]
}

function groupHop(
  id: ResourceId,
  { name, ...target }: Target & { readonly name: string },
  { securityGroups }: Filtered['around']
): VerifiedHop {
  const group = securityGroups.get(id)
  if (group?.as !== 'seen') {
    const why = group?.as === 'unreadable' ? group.reason : 'it is not there'
    return hop('unknown', `whether ${nameOf(id)}, the security group of ${name}, lets clients through is unknown`, { why })
  }
  const rule = denies(group.value, target)
  if (rule === undefined) return hop('holds', `no rule of ${nameOf(id)} denies ${port} from the whole VirtualNetwork`)
  const { priority } = rule.properties ?? {}
  return hop('broken', `the rule ${rule.name ?? ''} (${String(priority)}) of ${nameOf(id)} denies ${port} from the whole VirtualNetwork`, {
    fix: `Take it away (az network nsg rule delete --ids ${shellWord(`${id}/securityRules/${rule.name ?? ''}`)}), or allow ${port} from VirtualNetwork by a rule with a lower number than ${String(priority)}.`
  })
}

/**
 * The rule that denies our port from the whole VirtualNetwork, if there is one. Rules are looked at by their priority, and the first that fits
 * decides [DOC-NSG]: one before it that lets a part of the network through makes it a denial of the rest only.
 */
function denies(rules: readonly SecurityRule[], target: Target): SecurityRule | undefined {
  const inbound = rules
    .filter(({ properties = {} }) => is(properties['direction'], 'Inbound') && /^(\*|tcp)$/i.test(String(properties['protocol'])))
    .filter(rule => membersOf(rule, 'destinationPortRange').some(coversPort))
    .sort((a, b) => Number(a.properties?.['priority']) - Number(b.properties?.['priority']))
  for (const rule of inbound) {
    const sources = membersOf(rule, 'sourceAddressPrefix')
    if (is(rule.properties?.['access'], 'Allow')) {
      const some = groupsIn(rule, 'source') || sources.some(one => isWhole(one) || isInside(one, target.space))
      if (some && (groupsIn(rule, 'destination') || leadsTo(rule, target))) return undefined
    } else if (sources.some(isWhole) && membersOf(rule, 'sourcePortRange').some(one => one === '*') && leadsTo(rule, target)) return rule
  }
  return undefined
}

const is = (value: unknown, wanted: string): boolean => String(value).toLowerCase() === wanted.toLowerCase()

/** A rule has one of a sort, or a list of them. */
function membersOf({ properties = {} }: SecurityRule, name: string): string[] {
  const many = properties[name.endsWith('Prefix') ? `${name}es` : `${name}s`]
  return [properties[name], ...(Array.isArray(many) ? many : [])].filter(one => typeof one === 'string' && one !== '') as string[]
}

const groupsIn = ({ properties = {} }: SecurityRule, end: 'source' | 'destination'): boolean => {
  const groups = properties[`${end}ApplicationSecurityGroups`]
  return Array.isArray(groups) && groups.length > 0
}

function coversPort(range: string): boolean {
  if (range === '*') return true
  const [first = Number.NaN, last = first] = range.split('-').map(Number)
  return first <= port && port <= last
}

const isWhole = (prefix: string): boolean => /^(\*|any|virtualnetwork|0\.0\.0\.0\/0)$/i.test(prefix)

/** Networks have private ranges; what is none of them, and not of this network, is outside of the VirtualNetwork. */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']

const isInside = (prefix: string, space: readonly string[]): boolean =>
  isRange(prefix) && [...privateRanges, ...space].some(range => holds(range, prefix) || holds(prefix, range))

/** Where the address of the endpoint is not known, only what leads everywhere leads to it. */
const leadsTo = (rule: SecurityRule, { addresses }: Target): boolean =>
  membersOf(rule, 'destinationAddressPrefix').some(prefix => isWhole(prefix) || addresses.some(address => holds(prefix, address)))

/**
 * A route at least as narrow as the network's address space overrides the endpoint's own /32, and 0.0.0.0/0 does not [DOC-PENP]. ARM does not say
 * whether an appliance lets a client on, nor which subnet a client is in: so a route breaks nothing for certain.
 */
function routeHops(subnets: ReadonlyMap<ResourceId, SubnetAround>, target: Target, { routeTables }: Filtered['around']): VerifiedHop[] {
  const hops = [...subnets].flatMap(([from, { routeTable }]): VerifiedHop[] => {
    if (routeTable === undefined) return []
    const table = routeTables.get(routeTable)
    const clients = `how clients of ${nameOf(from)} come to the endpoint is unknown`
    if (table?.as !== 'seen')
      return [hop('unknown', clients, { why: table?.as === 'unreadable' ? table.reason : 'its route table is not there' })]
    const route = routeOf(table.value, target)
    const { nextHopType = '', nextHopIpAddress } = route?.properties ?? {}
    if (route === undefined || is(nextHopType, 'VnetLocal')) return []
    const over = nextHopIpAddress === undefined ? nextHopType : `${nextHopType} ${nextHopIpAddress}`
    const why = is(nextHopType, 'None')
      ? `the route ${route.name ?? ''} of ${nameOf(routeTable)} drops what they send; clients elsewhere do not go by it`
      : `the route ${route.name ?? ''} of ${nameOf(routeTable)} leads them over ${over}, and only that knows whether it lets ${port} on`
    return [hop('unknown', clients, { why })]
  })
  return hops.length > 0 ? hops : [hop('holds', 'no route of its network leads clients elsewhere')]
}

/** Azure takes the route with the longest prefix. */
function routeOf(routes: readonly Route[], { addresses, space }: Target): Route | undefined {
  const least = Math.min(...space.filter(range => addresses.some(address => holds(range, address))).map(prefixOf), 32)
  return routes
    .filter(
      ({ properties: { addressPrefix = '' } = {} }) =>
        prefixOf(addressPrefix) >= least && addresses.some(address => holds(addressPrefix, address))
    )
    .sort((a, b) => prefixOf(b.properties?.addressPrefix ?? '') - prefixOf(a.properties?.addressPrefix ?? ''))
    .at(0)
}
