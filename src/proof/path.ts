import { linksByZone, networkOf } from '../live/paths.ts'
import type { EndpointProof, Note } from '../model/change.ts'
import { nameOf, type ResourceId } from '../model/id.ts'
import { type NetworkSeen, recordIn, sameAddresses } from '../model/paths.ts'
import { type Desired, type Facts, type Live, presentIn } from '../model/resource.ts'

/** `waiting`: Azure, a policy or a person still has to act; `broken`: it is wrong, and stays so until it is mended. */
type HopState = 'holds' | 'waiting' | 'broken' | 'unknown'

export interface Hop {
  readonly hop: 'connection' | 'zoneGroup' | 'record' | 'link' | 'publicAccess'
  readonly as: HopState
  /** A sentence of its own: what holds, or what is wrong and where. */
  readonly message: string
  /** Why it could not be seen, or waits: the sentence ends in it. */
  readonly why?: string
  /** The party that a connection waits for: the server's owner to decide, or the server to show it. */
  readonly of?: 'approval' | 'server'
}

/** The path of a client to a server through one declared private endpoint. */
export interface EndpointPath {
  readonly endpoint: ResourceId
  readonly address: string
  readonly server: ResourceId
  /** The address of the zone in which the server's name is looked for; `undefined` with `privateDns: none`. */
  readonly zone: string | undefined
  readonly as: 'whole' | 'waiting' | 'broken' | 'unknown'
  readonly hops: readonly Hop[]
  /** True of the path, and no fault of it. */
  readonly notes: readonly string[]
  /** The endpoint's own; empty where this login may not read them, and for a managed endpoint that does not say them. */
  readonly addresses: readonly string[]
  readonly fqdn: string | undefined
  /** The state of the connection at the endpoint's end; `undefined` where there is none to be read. */
  readonly connection: string | undefined
}

export interface PathInput {
  readonly desired: Desired
  readonly live: Pick<Live, 'resources' | 'paths'>
  readonly endpoints: readonly EndpointProof[]
}

/**
 * Whether a client reaches each server through each endpoint that the file declares: the connection is Approved at both ends, the
 * zone group stands, the server's record in its zone holds exactly the endpoint's addresses, the zone is linked to every network
 * that the file links it to, and public access is as declared. Pure: it judges what was read.
 */
export function pathsOf(input: PathInput): EndpointPath[] {
  return input.endpoints.map(endpoint => pathOf(endpoint, input))
}

function pathOf(endpoint: EndpointProof, look: PathInput): EndpointPath {
  const connection = connectionHop(endpoint, look)
  const hops = [connection, ...dnsHops(endpoint, connection, look), ...publicAccessHop(endpoint, look)]
  const { address, server } = endpoint
  return {
    endpoint: endpoint.endpoint,
    address,
    server,
    zone: endpoint.dns && look.desired.get(endpoint.dns.zone)?.address,
    as: worstOf(hops),
    hops,
    notes: notesOf(endpoint, look),
    addresses: addressesOf(endpoint, look.live),
    fqdn: factsOf(look.live, server)?.fqdn,
    connection: factsOf(look.live, endpoint.endpoint)?.connection?.status
  }
}

function worstOf(hops: readonly Hop[]): EndpointPath['as'] {
  const has = (as: HopState): boolean => hops.some(hop => hop.as === as)
  return has('broken') ? 'broken' : has('waiting') ? 'waiting' : has('unknown') ? 'unknown' : 'whole'
}

const factsOf = (live: PathInput['live'], id: ResourceId | undefined): Facts | undefined => presentIn(live, id)?.facts

type Seen = 'present' | 'absent' | { readonly as: 'waiting' | 'unknown'; readonly reason: string }

/** Whether a resource is there; what is busy is waited for, and what may not be read is unknown. */
function seen(live: PathInput['live'], id: ResourceId): Seen {
  const observed = live.resources.get(id)?.observed ?? { state: 'absent' }
  if (observed.state !== 'unreadable') return observed.state
  return { as: observed.busy === undefined ? 'unknown' : 'waiting', reason: observed.reason }
}

const is = (status: string | undefined, wanted: string): boolean => status?.toLowerCase() === wanted.toLowerCase()

function connectionHop(endpoint: EndpointProof, { live, desired }: PathInput): Hop {
  const { address } = endpoint
  const say = (as: HopState, message: string): Hop => ({ hop: 'connection', as, message })
  const there = seen(live, endpoint.endpoint)
  if (there === 'absent') return say('broken', `${address} is not there`)
  if (there !== 'present') return { ...say(there.as, `the connection of ${address} is unknown: ${there.reason}`), why: there.reason }
  const server = desired.get(endpoint.server)?.address ?? nameOf(endpoint.server)
  const own = factsOf(live, endpoint.endpoint)?.connection?.status ?? ''
  const others = live.paths.connections.get(endpoint.server)
  const from = sourceOf(endpoint, live)
  const at = others?.find(one => from !== undefined && one.from === from)?.status
  for (const status of [own, at])
    if (is(status, 'Rejected') || is(status, 'Disconnected')) return say('broken', `${address} is ${status} on ${server}`)
  const forApproval = (status: string): Hop => ({ ...say('waiting', `${address} is ${status} on ${server}`), of: 'approval' })
  if (is(at, 'Pending') || (is(own, 'Pending') && !is(at, 'Approved'))) return forApproval('Pending')
  if (!is(own, 'Approved')) return say('waiting', `${address} has not noticed its approval yet`)
  if (others === undefined) return say('unknown', `${address} says that it is Approved, and the connections of ${server} could not be read`)
  if (from === undefined)
    return say('unknown', `${address} says that it is Approved, and Azure does not tell which connection of ${server} is its own`)
  if (at === undefined) return { ...say('waiting', `${server} does not show the connection of ${address} yet`), of: 'server' }
  if (!is(at, 'Approved')) return forApproval(at)
  return say('holds', `${address} is Approved at both ends`)
}

/** The id by which the server names an endpoint. A managed one has another there, which Data Factory did not tell before 2022 [REC-ADF]. */
const sourceOf = ({ endpoint, managed }: EndpointProof, live: PathInput['live']): ResourceId | undefined =>
  managed ? factsOf(live, endpoint)?.endpointId : endpoint

function dnsHops(endpoint: EndpointProof, connection: Hop, look: PathInput): Hop[] {
  const { dns } = endpoint
  if (dns === undefined) return []
  const group = zoneGroupHop(endpoint, dns, look)
  return [group, recordHop(endpoint, dns, { connection, group }, look), ...linkHops(dns.zone, look)]
}

type Dns = NonNullable<EndpointProof['dns']>

const byPolicy = 'waiting on the policy, which writes it'
const afterThat = 'Azure writes it after that'

function zoneGroupHop({ address, endpoint }: EndpointProof, { zone, group, managedBy }: Dns, { live }: PathInput): Hop {
  const say = (as: HopState, message: string): Hop => ({ hop: 'zoneGroup', as, message })
  const name = nameOf(zone)
  const holds = say('holds', `${address} has a zone group in ${name}`)
  const none = `${address} has no zone group in ${name}`
  if (managedBy === 'policy' || group === undefined) {
    const zones = seen(live, endpoint) === 'absent' ? [] : live.paths.groups.get(endpoint)
    if (zones === undefined) return say('unknown', `whether ${address} has a zone group in ${name} could not be read`)
    if (zones.includes(zone)) return holds
    // An endpoint has one group, and a policy that finds one writes no other.
    if (zones.length > 0)
      return say(
        'broken',
        `the zone group of ${address} is for ${zones.join(', ')}, and not for ${zone}: the policy writes that group, not pglink`
      )
    return { ...say('waiting', `${none} yet: ${byPolicy}`), why: byPolicy }
  }
  const there = seen(live, group)
  if (there === 'absent') return say('broken', none)
  if (there !== 'present') return { ...say(there.as, `the zone group of ${address} is unknown: ${there.reason}`), why: there.reason }
  const facts = factsOf(live, group)
  if (is(facts?.state, 'Failed')) return say('broken', `the last write of the zone group of ${address} failed`)
  return facts?.zones?.some(one => one.zone === zone) ? holds : say('broken', none)
}

function recordHop(
  endpoint: EndpointProof,
  dns: Dns,
  { connection, group }: { readonly connection: Hop; readonly group: Hop },
  { live }: PathInput
): Hop {
  const say = (as: HopState, message: string): Hop => ({ hop: 'record', as, message })
  const [name, zone] = [nameOf(endpoint.server), nameOf(dns.zone)]
  const record = live.paths.records.get(recordIn(dns.zone, endpoint.server)) ?? { state: 'absent' }
  if (record.state === 'unreadable')
    return {
      ...say('unknown', `the record of ${name} in ${zone} is unknown: ${record.reason}${lastWritten(dns, live)}`),
      why: record.reason
    }
  const has = record.state === 'present' ? record.addresses : []
  const leads = has.length === 0 ? `${name} has no record in ${zone}` : `${name} leads to ${has.join(', ')} in ${zone}`
  // Azure writes the record once the connection is approved and the group is there.
  if (connection.as === 'waiting' || group.as === 'waiting') return { ...say('waiting', `${leads}: ${afterThat}`), why: afterThat }
  const wanted = addressesOf(endpoint, live)
  if (wanted.length === 0)
    return connection.as === 'broken'
      ? say('broken', leads)
      : say('unknown', `${leads}, and the address of ${endpoint.address} could not be read`)
  const should = wanted.join(', ')
  if (sameAddresses(has, wanted)) return say('holds', `${name} leads to ${should} in ${zone}`)
  if (has.length === 0 && dns.managedBy === 'policy' && group.as !== 'broken')
    return { ...say('waiting', `${leads} yet: ${byPolicy}`), why: byPolicy }
  const theirs = dns.managedBy === 'policy' ? ': the policy writes that record, not pglink' : ''
  if (has.length === 0) return say('broken', `${leads}, which should lead to ${endpoint.address} (${should})`)
  const more = wanted.every(one => has.includes(one)) ? ', which is more than the address' : ', and not to the address'
  return say('broken', `${leads}${more} of ${endpoint.address} (${should})${theirs}`)
}

/** The addresses that the zone group says, for a record that this login may not read. */
function lastWritten({ zone, group }: Dns, live: PathInput['live']): string {
  const said = factsOf(live, group)?.zones?.find(one => one.zone === zone)?.addresses ?? []
  return said.length === 0 ? '' : ` (${said.join(', ')} is what Azure said when it wrote it)`
}

/** The endpoint's own, by its network interface; where that may not be read, as Azure said them when it wrote the record. */
function addressesOf({ endpoint, dns }: EndpointProof, live: PathInput['live']): readonly string[] {
  const own = live.paths.addresses.get(endpoint) ?? factsOf(live, endpoint)?.addresses ?? []
  if (own.length > 0 || dns === undefined) return own
  return factsOf(live, dns.group)?.zones?.find(({ zone }) => zone === dns.zone)?.addresses ?? []
}

/** Whether a zone is linked to each network that the file links it to. */
export function linkHops(zone: ResourceId, { desired, live }: Omit<PathInput, 'endpoints'>): Hop[] {
  return (linksByZone(desired).get(zone) ?? []).map((link): Hop => {
    const say = (as: HopState, message: string): Hop => ({ hop: 'link', as, message })
    const network = nameOf((link.props as { readonly network?: ResourceId }).network ?? link.id)
    const there = seen(live, link.id)
    if (there !== 'present' && there !== 'absent')
      return { ...say(there.as, `whether ${nameOf(zone)} is linked to ${network} is unknown: ${there.reason}`), why: there.reason }
    const found = presentIn(live, link.id)
    const joins = found !== undefined && link.refs.every(ref => found.refs.includes(ref))
    if (joins && found.facts.linking) return say('waiting', `Azure is still linking ${nameOf(zone)} to ${network}`)
    return joins ? say('holds', `${nameOf(zone)} is linked to ${network}`) : say('broken', `${nameOf(zone)} is not linked to ${network}`)
  })
}

function publicAccessHop({ server }: EndpointProof, { desired, live }: PathInput): Hop[] {
  const resource = desired.get(server)
  const wanted = (resource?.props as { readonly publicAccess?: boolean } | undefined)?.publicAccess
  if (resource === undefined || !resource.managed || wanted === undefined) return []
  const say = (as: HopState, message: string): Hop => ({ hop: 'publicAccess', as, message })
  const { address } = resource
  const there = seen(live, server)
  if (there === 'absent') return [say('broken', `${address} is not there`)]
  if (there !== 'present') return [{ ...say(there.as, `the public access of ${address} is unknown: ${there.reason}`), why: there.reason }]
  const has = (presentIn(live, server)?.props as { readonly publicAccess?: boolean } | undefined)?.publicAccess === true
  const state = `the public access of ${address} is ${has ? 'on' : 'off'}`
  return [has === wanted ? say('holds', state) : say('broken', `${state}, and declared ${wanted ? 'on' : 'off'}`)]
}

/**
 * Notes on networks that do not ask the zone, and for which the file declares no link: that is fine where another DNS server answers there.
 * A network with DNS servers of its own asks those, and they have to forward [DOC-PEDNS].
 */
function notesOf(endpoint: EndpointProof, { desired, live }: PathInput): string[] {
  const { dns } = endpoint
  if (dns === undefined) return []
  const zone = nameOf(dns.zone)
  const own = networkOf(endpoint.endpoint, desired, live)
  const declared = (linksByZone(desired).get(dns.zone) ?? []).flatMap(({ refs }) => refs)
  const linked = live.paths.linked.get(dns.zone)
  const missing = own !== undefined && linked !== undefined && !declared.includes(own) && !linked.includes(own)
  const asked = [...new Set([...declared, ...(own === undefined ? [] : [own])])]
  const unlinked = `${zone} is not linked to ${nameOf(own ?? '')}, the network of ${endpoint.address}: clients there find the server only where another DNS server answers them, as in a hub`
  return [
    ...(missing ? [unlinked] : []),
    ...asked.flatMap(network => [...forwarding(network, dns.zone, live), ...peered(network, own, live)])
  ]
}

/** A network as it is there, of the file or not. */
const networkFacts = (network: ResourceId, live: PathInput['live']): NetworkSeen | undefined =>
  live.paths.networks.get(network) ?? factsOf(live, network)

/**
 * The peering by which clients in a network reach the endpoint in another, as each of the two says; empty where neither has one, since there are
 * other ways between networks: a hub, a gateway, Virtual WAN.
 */
export const peeringBetween = (a: ResourceId, b: ResourceId, of: (network: ResourceId) => NetworkSeen | undefined) =>
  [
    [a, b],
    [b, a]
  ].flatMap(([from, to]) =>
    from === undefined ? [] : (of(from)?.peerings ?? []).flatMap(one => (one.with === to ? [{ from, state: one.state }] : []))
  )

/** Notes on a network whose clients find an endpoint that lies in another, where the peering between the two lets nothing through. */
function peered(clients: ResourceId, own: ResourceId | undefined, live: PathInput['live']): string[] {
  if (own === undefined || own === clients) return []
  const open = peeringBetween(clients, own, network => networkFacts(network, live)).find(({ state }) => !is(state, 'Connected'))
  if (open === undefined) return []
  return [
    `the peering of ${nameOf(clients)} with ${nameOf(own)} is ${open.state} at ${nameOf(open.from)}: clients in ${nameOf(clients)} reach the endpoint there by no peering until its owner mends it`
  ]
}

/** Notes on a network that does not ask Azure's own DNS servers. */
function forwarding(network: ResourceId, zone: ResourceId, live: PathInput['live']): string[] {
  const servers = networkFacts(network, live)?.dnsServers ?? []
  if (servers.length === 0) return []
  const own = `${nameOf(network)} asks DNS servers of its own (${servers.join(', ')})`
  return [`${own}: names in ${nameOf(zone)} are found there only where those forward to 168.63.129.16`]
}

/** Notes on the declared paths and links that are no faults: each once, also where it is true of many endpoints. */
export function notesOn(paths: readonly EndpointPath[], { desired, live }: Omit<PathInput, 'endpoints'>): Note[] {
  const ofPaths = paths.flatMap(({ address, notes }) => notes.map(message => ({ address, message })))
  const ofLinks = [...linksByZone(desired)].flatMap(([zone, links]) =>
    links.flatMap(({ address, refs }) => refs.flatMap(network => forwarding(network, zone, live).map(message => ({ address, message }))))
  )
  return [...new Map([...ofLinks, ...ofPaths].map(note => [note.message, note])).values()]
}
