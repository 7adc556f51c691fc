import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { linksByZone, networkOf } from '../live/paths.ts'
import { namesToAsk } from '../live/zonesAround.ts'
import type { EndpointProof } from '../model/change.ts'
import { nameOf, type ResourceId } from '../model/id.ts'
import { sameAddresses } from '../model/paths.ts'
import { shellWord } from '../model/shell.ts'
import { type Judging, mended, unseenHop } from './ends.ts'
import { peeringBetween } from './path.ts'
import type { VerifiedHop } from './verify.ts'

/** The name of a server as clients in these networks look for it. */
export interface Looked {
  readonly zone: ResourceId
  readonly server: ResourceId
  /** The addresses that its record should have; `undefined` where the server itself keeps it. */
  readonly addresses: readonly string[] | undefined
  /** The network of the endpoint, or that the server is integrated with. */
  readonly own: ResourceId | undefined
}

/** Where the name of an endpoint's server is looked for, and from where; `undefined` of one without DNS. */
export function lookedFor(endpoint: EndpointProof, addresses: readonly string[], { desired, live }: Judging): Looked | undefined {
  const { dns, server } = endpoint
  return dns && { zone: dns.zone, server, addresses, own: networkOf(endpoint.endpoint, desired, live) }
}

/** The networks that the file links a zone to. */
const declaredNetworks = (zone: ResourceId, { desired }: Judging): ResourceId[] => [
  ...new Set((linksByZone(desired).get(zone) ?? []).flatMap(({ refs }) => refs))
]

/** Only where the zone is missing: its links and records then say so too. */
export function zoneHop(zone: ResourceId, judging: Judging): VerifiedHop {
  const { desired, live } = judging
  const one = desired.get(zone)
  const name = one?.address ?? nameOf(zone)
  const found = live.resources.get(zone)
  if (found === undefined) {
    // Its links tell of one that is no entry of the file.
    const links = judging.around.links.get(zone)
    if (links?.as === 'seen') return { hop: 'zone', as: 'holds', message: `${name} is there` }
    if (links?.as === 'absent')
      return { hop: 'zone', as: 'broken', message: `${name} is not there`, fix: mended(zone, judging, 'makes it') }
    return { hop: 'zone', as: 'unknown', message: `whether the zone ${name} is there is unknown`, why: links?.reason ?? 'it was not read' }
  }
  return (
    unseenHop('zone', found.observed, { name, fix: mended(zone, judging, 'makes it') }) ?? {
      hop: 'zone',
      as: 'holds',
      message: `${name} is there`
    }
  )
}

/** For the endpoint's own network, where the file does not declare its link: clients there may have another DNS server that answers them. */
export function ownLinkHop({ zone, own }: Looked, judging: Judging): VerifiedHop[] {
  if (own === undefined || declaredNetworks(zone, judging).includes(own)) return []
  const network = judging.around.networks.get(own)
  // Such a network does not ask Azure: the hop on its DNS servers says so.
  if (network?.as === 'seen' && network.value.dnsServers.length > 0) return []
  const links = judging.around.links.get(zone)
  const question = `whether clients in ${nameOf(own)} find the server is unknown`
  if (links?.as !== 'seen')
    return [
      { hop: 'link', as: 'unknown', message: question, why: links?.as === 'unreadable' ? links.reason : `${nameOf(zone)} is not there` }
    ]
  const link = links.value.find(one => one.network === own)
  if (link?.done) return [{ hop: 'link', as: 'holds', message: `${nameOf(zone)} is linked to ${nameOf(own)}` }]
  if (link !== undefined)
    return [
      { hop: 'link', as: 'waiting', message: `${nameOf(zone)} is not linked to ${nameOf(own)} yet`, why: 'Azure is still linking it' }
    ]
  const why = `${nameOf(zone)} is not linked to it, and the file declares no link: clients there find the server only where another DNS server answers them, as in a hub`
  return [{ hop: 'link', as: 'unknown', message: question, why }]
}

/**
 * Whether a network asks another zone of the name: it is linked to one of them at most [Restrictions of virtual network links], so that
 * one that is linked to ours is not linked to another.
 */
export function secondZoneHop(looked: Looked, judging: Judging): VerifiedHop[] {
  const { zone, own } = looked
  const { around } = judging
  const networks = [...new Set([...(own === undefined ? [] : [own]), ...declaredNetworks(zone, judging)])]
  if (networks.length === 0) return []
  const name = nameOf(zone)
  const rivals = around.rivals.filter(one => nameOf(one.zone) === name && one.zone !== zone)
  for (const rival of rivals) {
    const link = rival.links.as === 'seen' ? rival.links.value.find(({ network }) => networks.includes(network)) : undefined
    if (link === undefined || answersAlike(rival.records, looked)) continue
    const message = `${nameOf(link.network)} is linked to another zone named ${name}, which hides this one there: ${rival.path}`
    const fix = `Take that link away (az resource delete --ids ${shellWord(link.path)}) and \`pglink apply\`; or declare that zone, as privateDnsZones: { KEY: { id: ${rival.path} } }, and let the endpoints use it.`
    return [{ hop: 'secondZone', as: 'broken', message, fix }]
  }
  const ours = around.links.get(zone)
  const linked = new Set(ours?.as === 'seen' ? ours.value.map(({ network }) => network) : [])
  const open = networks.filter(network => !linked.has(network))
  const unread = [
    ...around.rivalsUnseen,
    ...rivals.flatMap(({ path, links }) => (links.as === 'unreadable' ? [`the links of ${path} may not be read`] : []))
  ]
  const [why] = unread
  if (open.length > 0 && why !== undefined)
    return [
      {
        hop: 'secondZone',
        as: 'unknown',
        message: `whether another zone named ${name} hides this one in ${open.map(nameOf).join(', ')} is unknown`,
        why
      }
    ]
  return [{ hop: 'secondZone', as: 'holds', message: `no other zone named ${name} hides this one in ${networks.map(nameOf).join(', ')}` }]
}

/** A record there that leads to the same addresses hides nothing. */
function answersAlike(records: Judging['around']['rivals'][number]['records'], { server, addresses }: Looked): boolean {
  const record = records.as === 'seen' ? records.value.get(nameOf(server)) : undefined
  return record?.state === 'present' && addresses !== undefined && addresses.length > 0 && sameAddresses(record.addresses, addresses)
}

/** A network with DNS servers of its own asks those, and they have to forward to Azure's [DOC-PEDNS]: ARM does not say whether they do. */
export function dnsServersHop({ zone, own }: Looked, judging: Judging): VerifiedHop[] {
  const networks = [...new Set([...(own === undefined ? [] : [own]), ...declaredNetworks(zone, judging)])]
  const hops = networks.flatMap((network): VerifiedHop[] => {
    const seen = judging.around.networks.get(network)
    const message = `whether clients in ${nameOf(network)} are answered from ${nameOf(zone)} is unknown`
    if (seen === undefined || seen.as === 'absent') return []
    if (seen.as === 'unreadable') return [{ hop: 'dnsServers', as: 'unknown', message, why: `the network may not be read: ${seen.reason}` }]
    const servers = seen.value.dnsServers
    if (servers.length === 0) return []
    const why = `the network asks DNS servers of its own (${servers.join(', ')}), and only a machine there sees whether those forward to 168.63.129.16`
    return [{ hop: 'dnsServers', as: 'unknown', message, why }]
  })
  if (hops.length > 0 || networks.length === 0) return hops
  return [
    {
      hop: 'dnsServers',
      as: 'holds',
      message: `${networks.map(nameOf).join(', ')} ${networks.length === 1 ? 'asks' : 'ask'} Azure's own DNS`
    }
  ]
}

/**
 * The peerings by which clients in the linked networks reach an endpoint, or a server, that lies in another. Where there is none nothing is said: a gateway or
 * a firewall may lead there [learn.microsoft.com/azure/virtual-network/virtual-network-troubleshoot-peering-issues].
 */
export function peeringHops({ zone, own }: Looked, judging: Judging): VerifiedHop[] {
  if (own === undefined) return []
  const seen = (network: ResourceId) => {
    const found = judging.around.networks.get(network)
    return found?.as === 'seen' ? found.value : undefined
  }
  return declaredNetworks(zone, judging).flatMap((clients): VerifiedHop[] => {
    const halves = clients === own ? [] : peeringBetween(clients, own, seen)
    if (halves.length === 0) return []
    const open = halves.find(({ state }) => !/^connected$/i.test(state))
    const [from, to] = [nameOf(clients), nameOf(own)]
    if (open === undefined) return [{ hop: 'peering', as: 'holds', message: `${from} and ${to} are peered` }]
    const fix = `Its owner makes both halves anew: \`az network vnet peering list\` shows those of ${nameOf(open.from)}, and one that is Disconnected has to be deleted first.`
    return [{ hop: 'peering', as: 'broken', message: `the peering of ${from} with ${to} is ${open.state} at ${nameOf(open.from)}`, fix }]
  })
}

/** Records in a zone that lead clients of a name to nothing: no server has the name, or no endpoint of the server made it. */
export function recordsToNothing(zone: ResourceId, endpoints: readonly EndpointProof[], judging: Judging): VerifiedHop[] {
  const { around, desired, live } = judging
  const records = around.records.get(zone)
  if (records === undefined) return []
  const name = nameOf(zone)
  if (records.as !== 'seen') {
    const why = records.as === 'unreadable' ? records.reason : 'the zone is not there'
    return [{ hop: 'orphanRecord', as: 'unknown', message: `whether each record in ${name} leads to an endpoint is unknown`, why }]
  }
  const path = live.resources.get(zone)?.path ?? zone
  const broken = (record: string, message: string): VerifiedHop => ({
    hop: 'orphanRecord',
    as: 'broken',
    message,
    fix: `Delete the record: az resource delete --ids ${shellWord(`${path}/A/${record}`)}`
  })
  const asked = namesToAsk(records.value, zone, { desired, endpoints, networks: around.networks })
  const hops = asked.flatMap((record): VerifiedHop[] => {
    const seen = around.named.get(record)
    const has = records.value.get(record)
    const leads = has?.state === 'present' ? has.addresses.join(', ') : ''
    if (seen?.as === 'seen' && !seen.value)
      return [broken(record, `the record ${record} in ${name} leads to ${leads}, and no server has that name`)]
    return []
  })
  const unasked = asked.filter(record => around.named.get(record)?.as !== 'seen')
  const [first] = unasked
  if (first !== undefined) {
    const seen = around.named.get(first)
    const why = seen?.as === 'unreadable' ? seen.reason : 'Azure is asked for no more names than 20 a zone'
    hops.push({
      hop: 'orphanRecord',
      as: 'unknown',
      message: `whether servers have the names of the records ${unasked.join(', ')} in ${name} is unknown`,
      why
    })
  }
  hops.push(
    ...leftBehind(zone, endpoints, judging).map(({ record, endpoint, server }) =>
      broken(record, `the record ${record} in ${name} is that of the endpoint ${endpoint}, which has no connection to ${server} any more`)
    )
  )
  return hops.length > 0
    ? hops
    : [{ hop: 'orphanRecord', as: 'holds', message: `every record in ${name} that is ours to see leads to an endpoint` }]
}

/** Records of servers of the file that a private endpoint made which is gone, in a zone where the file has no endpoint of the server. */
function leftBehind(zone: ResourceId, endpoints: readonly EndpointProof[], { around, desired, live }: Judging) {
  const records = around.records.get(zone)
  const here = new Set(endpoints.flatMap(({ dns, server }) => (dns?.zone === zone ? [server] : [])))
  if (records?.as !== 'seen') return []
  return [...desired.values()].flatMap(({ id, address }) => {
    const connections = live.paths.connections.get(id)
    const record = here.has(id) || connections === undefined ? undefined : records.value.get(nameOf(id))
    if (record?.state !== 'present' || record.creator === undefined) return []
    const { endpoint } = record.creator
    return connections?.some(({ from }) => nameOf(from) === endpoint) ? [] : [{ record: nameOf(id), endpoint, server: address }]
  })
}

/** The zones that the file has, in its order. */
export const zonesIn = ({ desired }: Pick<Judging, 'desired'>): readonly ResourceId[] =>
  [...desired.values()].flatMap(({ kind, id }) => (kind === privateDnsZone.name ? [id] : []))
