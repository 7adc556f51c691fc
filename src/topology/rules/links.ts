import type { PrivateDnsZone, VirtualNetworkLink } from '../../model/topology.generated.ts'
import type { Path } from '../tree.ts'
import { isOurs } from '../walk.ts'
import { identify } from './entries.ts'
import type { Finding, Rule, RuleContext } from './rule.ts'
import { type At, endpointsOf, entriesOf, nameOf, serversOf, zonesOf } from './walk.ts'

interface LinkedNetwork extends At<VirtualNetworkLink> {
  readonly zone: At<PrivateDnsZone>
  /** The network that the link leads to; undefined when it is not known. */
  readonly network: string | undefined
}

/** The key of a link is the reference to its network, unless `network` says otherwise. */
function* linkedNetworks(ctx: RuleContext): Generator<LinkedNetwork> {
  const identity = identify(ctx)
  for (const zone of zonesOf(ctx)) {
    for (const link of entriesOf(zone.entry.links, [...zone.path, 'links'])) {
      const at = [...link.path, 'network']
      const byKey = ['networks', link.key.replace(/^networks\//, '')]
      const target = ctx.declared(at)
        ? ctx.target('networks', at)
        : ctx.declared(byKey)
          ? ({ kind: 'entry', path: byKey } as const)
          : undefined
      yield { ...link, zone, network: identity(target) }
    }
  }
}

const pointAt = (ctx: RuleContext, path: Path): Pick<Finding, 'path' | 'aim'> =>
  ctx.declared([...path, 'network']) ? { path: [...path, 'network'] } : { path, aim: 'key' }

function* repeatedLinks(ctx: RuleContext): Generator<Finding> {
  const first = new Map<string, LinkedNetwork>()
  for (const link of linkedNetworks(ctx)) {
    if (link.network === undefined) continue
    const key = `${link.zone.key} ${link.network}`
    const other = first.get(key)
    if (!other) first.set(key, link)
    else
      yield {
        ...pointAt(ctx, link.path),
        summary: `zone ${link.zone.key} is linked to this network already`,
        related: [{ ...pointAt(ctx, other.path), message: 'the other link' }]
      }
  }
}

function* zonesOfOneName(ctx: RuleContext): Generator<Finding> {
  const first = new Map<string, LinkedNetwork>()
  for (const link of linkedNetworks(ctx)) {
    const name = zoneName(ctx, link.zone)
    if (link.network === undefined || name === undefined) continue
    const key = `${name} ${link.network}`
    const other = first.get(key)
    if (!other) first.set(key, link)
    else if (other.zone.key !== link.zone.key)
      yield {
        ...pointAt(ctx, link.path),
        summary: `the network is linked to another zone named ${name} already: ${other.zone.key}`,
        related: [{ ...pointAt(ctx, other.path), message: 'the other link' }]
      }
  }
}

function zoneName(ctx: RuleContext, { path, key, entry }: At<PrivateDnsZone>): string | undefined {
  const isOpen = ['id', 'name'].some(setting => ctx.declared([...path, setting]) && ctx.text([...path, setting]) === undefined)
  return isOpen ? undefined : nameOf(entry, key)?.toLowerCase()
}

function* privatelinkRegistration(ctx: RuleContext): Generator<Finding> {
  for (const { path, entry, zone } of linkedNetworks(ctx)) {
    if (entry.registration !== true || !zoneName(ctx, zone)?.startsWith('privatelink.')) continue
    yield { path: [...path, 'registration'], summary: `every machine of the network would be registered in ${zoneName(ctx, zone)}` }
  }
}

function* registrationZones(ctx: RuleContext): Generator<Finding> {
  const first = new Map<string, LinkedNetwork>()
  for (const link of linkedNetworks(ctx)) {
    if (link.network === undefined || link.entry.registration !== true) continue
    const other = first.get(link.network)
    if (!other) first.set(link.network, link)
    else if (other.zone.key !== link.zone.key)
      yield {
        path: [...link.path, 'registration'],
        summary: `the network registers its machines in zone ${other.zone.key} already`,
        related: [{ path: [...other.path, 'registration'], message: 'the other link' }]
      }
  }
}

function* unlinkedIntegrationZone(ctx: RuleContext): Generator<Finding> {
  const identity = identify(ctx)
  const byZone = new Map<string, (string | undefined)[]>()
  for (const { zone, network } of linkedNetworks(ctx)) {
    const linked = byZone.get(zone.key)
    if (linked) linked.push(network)
    else byZone.set(zone.key, [network])
  }
  for (const { path, key, entry } of serversOf(ctx)) {
    if (!isOurs(entry)) continue
    const at = [...path, 'networking', 'virtualNetwork']
    const zone = ctx.target('privateDnsZones', [...at, 'privateDnsZone'])
    const subnet = ctx.target('networks/*/subnets', [...at, 'subnet'])
    const ours = zone?.kind === 'entry' ? ctx.topology.privateDnsZones?.[String(zone.path[1])] : undefined
    if (zone?.kind !== 'entry' || !ours || !isOurs(ours) || !subnet) continue
    const network =
      subnet.kind === 'entry' ? identity({ kind: 'entry', path: subnet.path.slice(0, 2) }) : subnet.id.toLowerCase().split('/subnets/')[0]
    const own = byZone.get(String(zone.path[1]))
    if (own?.some(linked => linked === undefined || linked === network)) continue
    yield {
      path: [...at, 'privateDnsZone'],
      summary: `zone ${zone.path[1]} is not linked to the network of server ${key}`,
      related: [{ path: zone.path, aim: 'key', message: 'the zone' }]
    }
  }
}

function* sharedEndpointZone(ctx: RuleContext): Generator<Finding> {
  const identity = identify(ctx)
  const first = new Map<string, Path>()
  for (const { path, server } of endpointsOf(ctx)) {
    const at = [...path, 'privateDns', 'zone']
    const zone = identity(ctx.target('privateDnsZones', at))
    if (zone === undefined) continue
    const key = `${server.key} ${zone}`
    const other = first.get(key)
    if (!other) first.set(key, at)
    else
      yield {
        path: at,
        summary: `another private endpoint of server ${server.key} writes its address into this zone`,
        related: [{ path: other, message: 'the other endpoint' }]
      }
  }
}

const linkDoc = 'https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links'

export const linkRules: readonly Rule[] = [
  {
    id: 'PGL045',
    name: 'endpoint-zone-shared',
    severity: 'error',
    source: 'https://learn.microsoft.com/azure/private-link/private-endpoint-dns, https://github.com/MicrosoftDocs/azure-docs/issues/58044',
    summary: 'Two private endpoints of one server do not write into one zone.',
    why: 'Both write the one record of the server: the second takes the place of the first, and when either goes, the record goes with it. Where the other endpoint is in another file, or in none, `plan` refuses it as record-of-another.',
    fix: 'use another zone of that name, linked to other networks, or privateDns: none for one of the two',
    check: sharedEndpointZone
  },
  {
    id: 'PGL046',
    name: 'repeated-link',
    severity: 'error',
    source: `${linkDoc} (Restrictions)`,
    summary: 'A zone has one link to a network.',
    why: 'Azure refuses the second link.',
    fix: 'keep one of the two',
    check: repeatedLinks
  },
  {
    id: 'PGL047',
    name: 'zones-of-one-name',
    severity: 'error',
    source: `${linkDoc} (Restrictions)`,
    summary: 'A network is linked to one zone of a name.',
    why: 'A name could have two answers. Azure refuses the second link.',
    fix: 'link the network to one of the zones',
    check: zonesOfOneName
  },
  {
    id: 'PGL048',
    name: 'privatelink-registration',
    severity: 'warning',
    lowerable: true,
    source: 'https://learn.microsoft.com/azure/dns/private-dns-autoregistration',
    summary: 'A link of a privatelink zone registers no machines.',
    why: 'A network has one zone to register in. Used up for this, its machines stand among the records of the endpoints.',
    fix: 'take registration: true out',
    check: privatelinkRegistration
  },
  {
    id: 'PGL049',
    name: 'registration-zones',
    severity: 'error',
    source: 'https://learn.microsoft.com/azure/dns/private-dns-autoregistration (Restrictions)',
    summary: 'A network registers its machines in one zone.',
    why: 'Azure refuses the second link with registration.',
    fix: 'leave registration: true to one of the two',
    check: registrationZones
  },
  {
    id: 'PGL050',
    name: 'integration-zone-link',
    severity: 'error',
    lowerable: true,
    source: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private (Use a Private DNS zone)',
    summary: 'The zone of a server with VNet integration is linked to the network of the server.',
    why: 'Azure no longer looks for the link when it makes the server. Without it, nothing in the network finds the server.',
    fix: 'add the network under links: of the zone, or lower PGL050 under rules: with a reason',
    check: unlinkedIntegrationZone
  }
]
