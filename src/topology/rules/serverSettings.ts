import type { Server } from '../../model/topology.generated.ts'
import type { RuleText, Sound } from './rule.ts'
import { each, ourServersOf } from './walk.ts'

/** The letter of the series decides the tier; DC and EC are the confidential ones of D and E. */
const tierOfSeries = { b: 'Burstable', d: 'GeneralPurpose', e: 'MemoryOptimized' } as const
const isSeries = (letter: string): letter is keyof typeof tierOfSeries => letter in tierOfSeries

function seriesOf(size: string): keyof typeof tierOfSeries | undefined {
  const series = /^standard_(?:(b)\d+m?s|([de])c?\d+[a-z]*s_v\d+)$/i.exec(size)
  const letter = (series?.[1] ?? series?.[2] ?? '').toLowerCase()
  return isSeries(letter) ? letter : undefined
}

const sizeOfTier = each(ourServersOf, function* ({ path, entry }) {
  const { tier, size } = entry.compute ?? {}
  if (size === undefined) return
  const at = [...path, 'compute', 'size']
  const letter = seriesOf(size)
  if (!letter) {
    const isShort = seriesOf(`Standard_${size}`) !== undefined
    yield { path: at, summary: `${size} is no size of a server`, ...(isShort && { fix: `write Standard_${size}` }) }
  } else if (tier !== undefined && tier !== tierOfSeries[letter]) {
    yield {
      path: at,
      summary: `the size ${size} is of the tier ${tierOfSeries[letter]}, not ${tier}`,
      related: [{ path: [...path, 'compute', 'tier'], message: 'the tier' }]
    }
  }
})

/** The sizes that the capabilities of PostgreSQL named in any region by this date [CORPUS]. */
const sizesAt = '2026-11'
const sizes: ReadonlySet<string> = new Set([
  ...['1ms', '2s', '2ms', '4ms', '8ms', '12ms', '16ms', '20ms'].map(size => `standard_b${size}`),
  ...['s_v3', 'ds_v4', 'ds_v5', 'ads_v5', 'ds_v6', 'ads_v6'].flatMap(series =>
    [2, 4, 8, 16, 32, 48, 64, ...(/v[56]/.test(series) ? [96] : []), ...(series.includes('v6') ? [128, 192] : [])].flatMap(vCores => [
      `standard_d${vCores}${series}`,
      `standard_e${vCores}${series}`
    ])
  ),
  ...['s_v3', 'ds_v4', 'ds_v5', 'ads_v5', 'ds_v6', 'ads_v6'].map(series => `standard_e20${series}`),
  ...[2, 4, 8, 16, 32, 48, 64, 96].flatMap(vCores => [`standard_dc${vCores}ads_v5`, `standard_ec${vCores}ads_v5`])
])

const unknownSize = each(ourServersOf, function* ({ path, entry }) {
  const size = entry.compute?.size
  if (size === undefined || !seriesOf(size) || sizes.has(size.toLowerCase())) return
  yield { path: [...path, 'compute', 'size'], summary: `${size} is no size that PostgreSQL had in any region in ${sizesAt}` }
})

const retired = new Set(['11', '12', '13'])

const retiredVersion = each(ourServersOf, function* ({ path, entry }) {
  if (entry.version === undefined || !retired.has(entry.version)) return
  yield { path: [...path, 'version'], summary: `PostgreSQL ${entry.version} gets no more fixes from its makers` }
})

const hasStandby = ({ highAvailability }: Sound<Server>): boolean =>
  highAvailability?.mode !== undefined && highAvailability.mode !== 'Disabled'

const burstableStandby = each(ourServersOf, function* ({ path, entry }) {
  if (entry.compute?.tier !== 'Burstable' || !hasStandby(entry)) return
  yield {
    path: [...path, 'highAvailability', 'mode'],
    summary: 'a server of the tier Burstable cannot be highly available',
    related: [{ path: [...path, 'compute', 'tier'], message: 'the tier' }]
  }
})

const standbyZone = each(ourServersOf, function* ({ path, entry }, ctx) {
  const { mode, standbyZone: standby } = entry.highAvailability ?? {}
  if (mode === undefined || standby === undefined) return
  const at = [...path, 'highAvailability', 'standbyZone']
  const isZoneOpen = entry.zone === undefined && ctx.declared([...path, 'zone'])
  const related = entry.zone === undefined ? [] : [{ path: [...path, 'zone'], message: 'the zone of the server' }]
  if (mode === 'Disabled') {
    const summary = 'a server that is not highly available has no standby zone'
    const disabled = [{ path: [...path, 'highAvailability', 'mode'], message: 'there is no standby' }]
    yield { path: at, summary, fix: 'take standbyZone out', related: disabled }
  } else if (entry.zone === undefined && !isZoneOpen) {
    const summary = 'the standby has a zone but the server has none: Azure might put the server into the same'
    if (mode === 'ZoneRedundant') yield { path: at, summary, fix: 'add zone: to the server' }
  } else if (mode === 'ZoneRedundant' && entry.zone === standby) {
    yield { path: at, summary: `the standby is in zone ${standby}, as is the server`, related }
  } else if (mode === 'SameZone' && !isZoneOpen && entry.zone !== standby) {
    yield { path: at, summary: `the mode is SameZone, but the standby is in zone ${standby}, the server in ${entry.zone}`, related }
  }
})

const retention = each(ourServersOf, function* ({ path, entry }) {
  const days = entry.backup?.retentionDays
  if (days === undefined || (days >= 7 && days <= 35)) return
  yield { path: [...path, 'backup', 'retentionDays'], summary: `backups can be kept for 7 to 35 days, not ${days}` }
})

const compute = 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-compute'
const availability = 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-high-availability'

export const serverSettingRules: readonly RuleText[] = [
  {
    id: 'PGL027',
    name: 'compute-size',
    source: `${compute} (Compute tiers, vCores, and server types)`,
    summary: 'The size of a server is one of its tier: B sizes are Burstable, D sizes GeneralPurpose, E sizes MemoryOptimized.',
    why: 'Azure takes the request, and fails the operation with ServerEditionIncompatibleWithSkuSize.',
    fix: 'use a size such as Standard_B2s (Burstable), Standard_D2ds_v5 (GeneralPurpose) or Standard_E2ds_v5 (MemoryOptimized)',
    check: sizeOfTier
  },
  {
    id: 'PGL064',
    name: 'unknown-size',
    severity: 'warning',
    lowerable: true,
    source: `${compute} (Compute tiers, vCores, and server types), and recorded capabilities, as of ${sizesAt}`,
    summary: 'The size of a server is one that PostgreSQL is offered on.',
    why: 'Azure refuses a size that it does not offer. A size that is newer than this list is only warned of; a plan asks the region itself.',
    fix: 'use a size such as Standard_D2ds_v5; `az postgres flexible-server list-skus --location REGION` shows those of a region',
    check: unknownSize
  },
  {
    id: 'PGL030',
    name: 'retired-version',
    severity: 'warning',
    lowerable: true,
    source: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-version-policy (Retired PostgreSQL versions)',
    summary: 'The version of a server is one that PostgreSQL still supports.',
    why: 'Azure runs 11, 12 and 13 for longer, for an additional charge and without fixes by PostgreSQL.',
    fix: 'use 14 or later; the upgrade is made in place and cannot be undone',
    check: retiredVersion
  },
  {
    id: 'PGL031',
    name: 'burstable-high-availability',
    source: `${availability} (Limitations)`,
    summary: 'A server of the tier Burstable is not highly available.',
    why: 'Azure offers a standby for GeneralPurpose and MemoryOptimized only.',
    fix: 'use another tier, or highAvailability: {mode: Disabled}',
    check: burstableStandby
  },
  {
    id: 'PGL032',
    name: 'standby-zone',
    source: `${availability} (Zone-redundant and zonal deployments), https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/azure/cli/command_modules/postgresql/utils/validators.py (_pg_zonal_resiliency_validator)`,
    summary: 'The standby is in another zone than the server when the mode is ZoneRedundant, in the same when it is SameZone.',
    why: 'Azure refuses a zone that contradicts the mode. The zone of a standby cannot be changed once it is there.',
    fix: 'change zone, standbyZone or mode',
    check: standbyZone
  },
  {
    id: 'PGL033',
    name: 'backup-retention',
    source: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-backup-restore (Backup retention)',
    summary: 'Backups are kept for 7 to 35 days.',
    why: 'Azure refuses any other number.',
    fix: 'use a number from 7 to 35; for longer there is Azure Backup',
    check: retention
  }
]
