import { serverSuffixes } from '../../kinds/names.ts'
import type { Path } from '../tree.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'
import { azureName, endpointsOf, nameOf, ourServersOf, zonesOf } from './walk.ts'

const suffixOf = (ctx: RuleContext): string => serverSuffixes[ctx.topology.cloud ?? 'AzureCloud']
const misspelt = 'privatelink.postgresql.database.azure.com'

/** Where the name of the zone at `path` is written: its `name`, or its key. */
const nameAt = (ctx: RuleContext, path: Path): Pick<Finding, 'path' | 'aim'> => {
  const written = ['id', 'name'].map(key => [...path, key]).find(ctx.declared)
  return written ? { path: written } : { path, aim: 'key' }
}

function* misspeltZone(ctx: RuleContext): Generator<Finding> {
  const summary = `no service uses the zone ${misspelt}: the records of the servers would not be found`
  for (const { path, key, entry } of zonesOf(ctx)) {
    if (nameOf(entry, key)?.toLowerCase() !== misspelt) continue
    const written = nameAt(ctx, path)
    // A key is in the addresses of others, and an id leads to what is there.
    yield { ...written, summary, ...(written.path.at(-1) === 'name' && { instead: `privatelink.${suffixOf(ctx)}` }) }
  }
  for (const { path } of endpointsOf(ctx)) {
    const zone = ctx.target('privateDnsZones', [...path, 'privateDns', 'zone'])
    if (zone?.kind === 'id' && azureName(ctx, zone)?.toLowerCase() === misspelt)
      yield { path: [...path, 'privateDns', 'zone', 'id'], summary }
  }
}

function* endpointZoneName(ctx: RuleContext): Generator<Finding> {
  const wanted = `privatelink.${suffixOf(ctx)}`
  for (const { path } of endpointsOf(ctx)) {
    const at = [...path, 'privateDns', 'zone']
    const { name, related = [] } = zoneAt(ctx, at) ?? {}
    if (name === undefined || name === wanted || name === misspelt) continue
    yield { path: at, summary: `the zone is named ${name}; Azure writes the record of the endpoint only into ${wanted}`, related }
  }
}

/** The name of the zone that a reference leads to, unless a variable without a value decides on it. */
function zoneAt(ctx: RuleContext, at: Path): { readonly name: string; readonly related: NonNullable<Finding['related']> } | undefined {
  const zone = ctx.target('privateDnsZones', at)
  const name = zone && azureName(ctx, zone)?.toLowerCase()
  if (name === undefined) return undefined
  if (zone?.kind !== 'entry') return { name, related: [] }
  const isOpen = ctx.topology.privateDnsZones?.[String(zone.path[1])]?.name === undefined && ctx.declared([...zone.path, 'name'])
  return isOpen ? undefined : { name, related: [{ ...nameAt(ctx, zone.path), message: 'the zone gets its name here' }] }
}

/** The problems that `wrong` finds in the zones of servers with VNet integration, each at its reference. */
const ofIntegrationZones = (wrong: (name: string, suffix: string, server: string) => string | undefined) =>
  function* (ctx: RuleContext): Generator<Finding> {
    for (const { path, key, entry } of ourServersOf(ctx)) {
      const at = [...path, 'networking', 'virtualNetwork', 'privateDnsZone']
      const zone = zoneAt(ctx, at)
      const summary = zone && wrong(zone.name, suffixOf(ctx), entry.name ?? key)
      if (summary) yield { path: at, summary, related: zone.related }
    }
  }

const integrationZoneName = ofIntegrationZones((name, suffix, server) => {
  if (name === `${server.toLowerCase()}.${suffix}`) return `the zone has the full name of the server, ${name}`
  return name.endsWith(`.${suffix}`) ? undefined : `the zone is named ${name}; it has to end in .${suffix}`
})

const integrationZoneShared = ofIntegrationZones((name, suffix) =>
  name === `privatelink.${suffix}`
    ? `${name} is for private endpoints; a server with VNet integration should have a zone of another name`
    : undefined
)

export const zoneRules: readonly RuleText[] = [
  {
    id: 'PGL001',
    name: 'misspelt-privatelink-zone',
    source: 'https://github.com/MicrosoftDocs/azure-docs/issues/118641',
    summary: 'The private link zone of PostgreSQL is not spelt privatelink.postgresql.database.azure.com.',
    why: 'A Microsoft how-to spells it so, but no service uses that name. Azure accepts the zone, writes no record into it, and the server goes on resolving to its public address.',
    fix: 'name the zone privatelink.postgres.database.azure.com',
    check: misspeltZone
  },
  {
    id: 'PGL010',
    name: 'integration-zone-name',
    source:
      'https://github.com/MicrosoftDocs/azure-docs/issues/94259, https://github.com/hashicorp/terraform-provider-azurerm/issues/24549',
    summary: 'The zone of a server with VNet integration ends in .postgres.database.azure.com, and is not the full name of the server.',
    why: 'Azure refuses other names with PrivateDnsZoneNameNotValid, but only after a minute of making the server.',
    fix: 'use a zone such as NAME.private.postgres.database.azure.com',
    check: integrationZoneName
  },
  {
    id: 'PGL011',
    name: 'endpoint-zone-name',
    source: 'https://learn.microsoft.com/azure/private-link/private-endpoint-dns (Databases)',
    summary: 'The zone of a private endpoint is the privatelink zone of PostgreSQL in its cloud.',
    why: 'Azure accepts a zone group on any zone, but writes a record only where the name fits. Without one the server goes on resolving to its public address.',
    fix: 'refer to the privatelink zone, or write privateDns: none',
    check: endpointZoneName
  },
  {
    id: 'PGL069',
    name: 'integration-zone-privatelink',
    lowerable: true,
    source:
      'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private (Use a Private DNS zone), https://learn.microsoft.com/azure/private-link/private-endpoint-dns (Databases)',
    summary: 'The zone of a server with VNet integration is not the privatelink zone.',
    why: 'Azure keeps the records of private endpoints in that zone. No source says that it refuses such a server, and there are some: a file that has one lowers this.',
    fix: 'use a zone such as NAME.private.postgres.database.azure.com, or lower the rule under rules: with a reason',
    check: integrationZoneShared
  }
]
