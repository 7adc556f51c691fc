import { grouped } from '../../model/grouped.ts'
import type { PrivateDnsZone, VirtualNetworkLink } from '../../model/topology.generated.ts'
import type { Path } from '../tree.ts'
import { isOurs } from '../walk.ts'
import { identify } from './entries.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'
import { type At, each, entriesOf, nameOf, ourEndpointsOf, ourServersOf, referredTo, repeated, serversOf, zonesOf } from './walk.ts'

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
  const keyOf = ({ zone, network }: LinkedNetwork) => network && `${zone.key} ${network}`
  for (const [link, other] of repeated(linkedNetworks(ctx), keyOf))
    yield {
      ...pointAt(ctx, link.path),
      summary: `zone ${link.zone.key} is linked to this network already`,
      related: [{ ...pointAt(ctx, other.path), message: 'the other link' }]
    }
}

function* zonesOfOneName(ctx: RuleContext): Generator<Finding> {
  const keyOf = ({ zone, network }: LinkedNetwork) => network && zoneName(ctx, zone) && `${zoneName(ctx, zone)} ${network}`
  for (const [link, other] of repeated(linkedNetworks(ctx), keyOf))
    if (other.zone.key !== link.zone.key)
      yield {
        ...pointAt(ctx, link.path),
        summary: `the network is linked to another zone named ${zoneName(ctx, link.zone)} already: ${other.zone.key}`,
        related: [{ ...pointAt(ctx, other.path), message: 'the other link' }]
      }
}

function zoneName(ctx: RuleContext, { path, key, entry }: At<PrivateDnsZone>): string | undefined {
  const isOpen = ['id', 'name'].some(setting => ctx.declared([...path, setting]) && ctx.text([...path, setting]) === undefined)
  return isOpen ? undefined : nameOf(entry, key)?.toLowerCase()
}

const privatelinkRegistration = each(linkedNetworks, function* ({ path, entry, zone }, ctx) {
  if (entry.registration !== true || !zoneName(ctx, zone)?.startsWith('privatelink.')) return
  yield { path: [...path, 'registration'], summary: `every machine of the network would be registered in ${zoneName(ctx, zone)}` }
})

function* registrationZones(ctx: RuleContext): Generator<Finding> {
  const keyOf = ({ entry, network }: LinkedNetwork) => (entry.registration === true ? network : undefined)
  for (const [link, other] of repeated(linkedNetworks(ctx), keyOf))
    if (other.zone.key !== link.zone.key)
      yield {
        path: [...link.path, 'registration'],
        summary: `the network registers its machines in zone ${other.zone.key} already`,
        related: [{ path: [...other.path, 'registration'], message: 'the other link' }]
      }
}

function* unlinkedIntegrationZone(ctx: RuleContext): Generator<Finding> {
  const identity = identify(ctx)
  const links = grouped(linkedNetworks(ctx), ({ zone }) => zone.key)
  for (const { path, key } of ourServersOf(ctx)) {
    const at = [...path, 'networking', 'virtualNetwork']
    const zone = referredTo(ctx, 'privateDnsZones', [...at, 'privateDnsZone'])
    const subnet = ctx.target('networks/*/subnets', [...at, 'subnet'])
    const name = String(zone?.[1])
    const declared = ctx.topology.privateDnsZones?.[name]
    if (!zone || !declared || !isOurs(declared) || !subnet) continue
    const network =
      subnet.kind === 'entry' ? identity({ kind: 'entry', path: subnet.path.slice(0, 2) }) : subnet.id.toLowerCase().split('/subnets/')[0]
    if (links.get(name)?.some(linked => linked.network === undefined || linked.network === network)) continue
    yield {
      path: [...at, 'privateDnsZone'],
      summary: `zone ${name} is not linked to the network of server ${key}`,
      related: [{ path: zone, aim: 'key', message: 'the zone' }]
    }
  }
}

function* sharedEndpointZone(ctx: RuleContext): Generator<Finding> {
  const identity = identify(ctx)
  for (const server of serversOf(ctx)) {
    const zones = ourEndpointsOf(server).map(({ path }) => [...path, 'privateDns', 'zone'])
    for (const [path, other] of repeated(zones, at => identity(ctx.target('privateDnsZones', at))))
      yield {
        path,
        summary: `another private endpoint of server ${server.key} writes its address into this zone`,
        related: [{ path: other, message: 'the other endpoint' }]
      }
  }
}

const linkDoc = 'https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links'

export const linkRules: readonly RuleText[] = [
  {
    id: 'PGL045',
    name: 'endpoint-zone-shared',
    source: 'https://learn.microsoft.com/azure/private-link/private-endpoint-dns, https://github.com/MicrosoftDocs/azure-docs/issues/58044',
    summary: 'Two private endpoints of one server do not write into one zone.',
    why: 'Both write the one record of the server: the second takes the place of the first, and when either goes, the record goes with it. Where the other endpoint is in another file, or in none, `plan` refuses it as record-of-another.',
    fix: 'use another zone of that name, linked to other networks, or privateDns: none for one of the two',
    check: sharedEndpointZone
  },
  {
    id: 'PGL046',
    name: 'repeated-link',
    source: `${linkDoc} (Restrictions)`,
    summary: 'A zone has one link to a network.',
    why: 'Azure refuses the second link.',
    fix: 'keep one of the two',
    check: repeatedLinks
  },
  {
    id: 'PGL047',
    name: 'zones-of-one-name',
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
    source: 'https://learn.microsoft.com/azure/dns/private-dns-autoregistration (Restrictions)',
    summary: 'A network registers its machines in one zone.',
    why: 'Azure refuses the second link with registration.',
    fix: 'leave registration: true to one of the two',
    check: registrationZones
  },
  {
    id: 'PGL050',
    name: 'integration-zone-link',
    lowerable: true,
    source: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private (Use a Private DNS zone)',
    summary: 'The zone of a server with VNet integration is linked to the network of the server.',
    why: 'Azure no longer looks for the link when it makes the server. Without it, nothing in the network finds the server.',
    fix: 'add the network under links: of the zone, or lower PGL050 under rules: with a reason',
    check: unlinkedIntegrationZone
  }
]
