import { shellWord } from '../../model/shell.ts'
import type { Server } from '../../model/topology.generated.ts'
import { subscriptionIn } from '../place.ts'
import type { Path } from '../tree.ts'
import type { RuleContext, RuleText } from './rule.ts'
import { type At, each, entriesOf, ourServersOf, referredTo } from './walk.ts'

function* integratedServers(ctx: RuleContext): Generator<At<Server> & { readonly zoneAt: Path }> {
  for (const server of ourServersOf(ctx)) {
    const zoneAt = [...server.path, 'networking', 'virtualNetwork', 'privateDnsZone']
    if (ctx.declared(zoneAt)) yield { ...server, zoneAt }
  }
}

const lockedZone = each(integratedServers, function* ({ path, key, entry, zoneAt }, ctx) {
  const mode = entry.highAvailability?.mode ?? 'Disabled'
  const zone = referredTo(ctx, 'privateDnsZones', zoneAt)
  if (mode === 'Disabled' || !zone) return
  const locks = ctx.topology.privateDnsZones?.[String(zone[1])]?.locks
  for (const lock of entriesOf(locks, [...zone, 'locks'])) {
    yield {
      path: lock.path,
      aim: 'key',
      summary: `the lock is in the way when server ${key} fails over: its record in the zone could not be changed`,
      related: [{ path: [...path, 'highAvailability'], aim: 'key', message: 'the server is highly available' }]
    }
  }
})

const zoneElsewhere = each(integratedServers, function* ({ path, key, zoneAt }, ctx) {
  const zone = ctx.target('privateDnsZones', zoneAt)
  const own = ctx.place(path).subscription
  const other = zone?.kind === 'id' ? subscriptionIn(zone.id, [...zoneAt, 'id']) : zone && ctx.place(zone.path).subscription
  if (!own || !other || own.value.toLowerCase() === other.value.toLowerCase()) return
  yield {
    path: zoneAt,
    summary: `the zone of server ${key} is in subscription ${other.value}, which must have Microsoft.DBforPostgreSQL registered`,
    fix: `az provider register --namespace Microsoft.DBforPostgreSQL --subscription ${shellWord(other.value)}, then lower PGL052 under rules: with that as the reason`
  }
})

export const integrationRules: readonly RuleText[] = [
  {
    id: 'PGL051',
    name: 'lock-on-integration-zone',
    severity: 'warning',
    lowerable: true,
    source:
      'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private (Unsupported virtual network scenarios), https://github.com/MicrosoftDocs/azure-docs/issues/90654',
    summary: 'The zone of a highly available server with VNet integration has no locks.',
    why: 'At a failover the service changes the record of the server. A lock of either level on the zone or the record can keep it from doing so.',
    fix: 'take the lock out',
    check: lockedZone
  },
  {
    id: 'PGL052',
    name: 'integration-zone-subscription',
    severity: 'warning',
    lowerable: true,
    source: 'https://github.com/MicrosoftDocs/azure-databases-docs/pull/200',
    summary: 'The zone of a server with VNet integration is in a subscription where Microsoft.DBforPostgreSQL is registered.',
    why: 'The service writes the record of the server into that zone. Where the provider is not registered, making the server fails.',
    fix: 'register Microsoft.DBforPostgreSQL in the subscription of the zone',
    check: zoneElsewhere
  }
]
