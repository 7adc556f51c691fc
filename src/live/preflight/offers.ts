import type { Capability, ServerEditionCapability, ServerSkuCapability } from '@azure/arm-postgresql-flexible'
import { gathered } from '../../azure/items.ts'
import type { Offer } from '../../kinds/need.ts'
import { sameText } from '../../kinds/rule.ts'
import { subscriptionOf } from '../../model/id.ts'
import { inBatches } from '../batches.ts'
import { type Asked, found, needsIn, type Wanting } from './asked.ts'

/** Checks a region's offer to this subscription: versions, sizes, zones, high availability; and whether it offers anything. */
export async function checkOffers(asked: Asked): Promise<void> {
  await inBatches(needsIn(asked, 'offer'), async wants => {
    const { location } = wants.need.offer
    const subscription = subscriptionOf(wants.resource.path)
    const seen = await asked.looks.by(`capabilities ${subscription} ${location}`, async azure => {
      const { capabilitiesByLocation } = await azure.client('postgres', subscription)
      return gathered(capabilitiesByLocation.list(location))
    })
    if (seen.as === 'unreadable')
      asked.answers.unknown.push({ address: wants.resource.address, message: `what ${location} offers could not be read: ${seen.reason}` })
    if (seen.as === 'seen') checkOffer(wants, seen.value, asked)
  })
}

/** Azure's words are enabled and disabled, of the restriction as of what is offered. */
const isOn = (word: string | undefined): boolean => sameText(word, 'Enabled')
const isOff = (word: string | undefined): boolean => sameText(word, 'Disabled')

function checkOffer({ resource, isNew, need }: Wanting<'offer'>, sets: readonly Capability[], asked: Asked): void {
  const { location } = need.offer
  const [set] = sets
  const restricted = sets
    .flatMap(one => one.supportedFeatures ?? [])
    .some(({ name, status }) => sameText(name, 'OfferRestricted') && isOn(status))
  const nothing = set === undefined || (set.supportedServerEditions ?? []).length === 0
  if (isNew && (nothing || restricted || isOn(set?.restricted))) {
    const why = set?.reason ? ` ("${set.reason}")` : ''
    found(asked, resource, {
      rule: 'PGL083',
      exit: 4,
      field: 'location',
      message: `this subscription may not make servers in ${location}${why}. Azure would refuse it (LocationIsOfferRestricted, or ParameterOutOfRange with an empty list). Use another location, or ask for a quota: https://aka.ms/postgres-request-quota-increase`
    })
  } else if (set !== undefined && !nothing)
    for (const { field, what, offers } of lacking(need.offer, set))
      found(asked, resource, {
        rule: 'PGL077',
        exit: 4,
        field,
        message: `${location} offers this subscription no ${what}. Azure would refuse it (ParameterOutOfRange). It offers ${offers.length === 0 ? 'none' : offers.join(', ')}.`
      })
}

interface Lack {
  readonly field: string
  readonly what: string
  /** The values that it offers instead. */
  readonly offers: readonly string[]
}

/** The wanted values that are in no list of the region. A list that is not there says nothing. */
function lacking(offer: Offer, set: Capability): Lack[] {
  const versions = (set.supportedServerVersions ?? []).flatMap(({ name }) => name ?? [])
  const editions = set.supportedServerEditions ?? []
  const edition = editions.find(({ name }) => sameText(name, offer.tier))
  const skus = edition?.supportedServerSkus ?? []
  const sku = skus.find(({ name }) => sameText(name, offer.size))
  const lacks: Lack[] = []
  const has = (all: readonly string[], one: string | undefined): boolean =>
    one === undefined || all.length === 0 || all.some(each => sameText(each, one))
  if (!has(versions, offer.version)) lacks.push({ field: 'version', what: `PostgreSQL ${offer.version}`, offers: versions })
  if (offer.tier !== undefined && edition === undefined)
    lacks.push({ field: 'computeTier', what: `tier ${offer.tier}`, offers: editions.flatMap(({ name }) => name ?? []) })
  else if (offer.size !== undefined && sku === undefined && skus.length > 0)
    lacks.push({
      field: 'computeSize',
      what: `size ${offer.size} of the tier ${offer.tier}`,
      offers: skus.flatMap(({ name }) => name ?? [])
    })
  const zones = sku?.supportedZones
  for (const [field, zone] of [
    ['zone', offer.zone],
    ['highAvailability', offer.standbyZone]
  ] as const)
    if (zone !== undefined && zones !== undefined && !zones.includes(zone))
      lacks.push({
        field,
        what: `zone ${zone} for ${offer.size}`,
        offers: zones.filter(one => !sameText(one, 'none')).map(one => `zone ${one}`)
      })
  return [...lacks, ...lackingHa(offer, set, sku?.supportedHaMode), ...lackingStorage(offer, edition, sku)]
}

function lackingHa(
  { highAvailability: mode, size, geoRedundantBackup }: Offer,
  set: Capability,
  modes: readonly string[] | undefined
): Lack[] {
  const wanted = mode === undefined || sameText(mode, 'Disabled') ? undefined : mode
  const lacks: Lack[] = []
  if (wanted !== undefined && modes !== undefined && !modes.some(one => sameText(one, wanted)))
    lacks.push({
      field: 'highAvailability',
      what: `high availability ${wanted} for ${size}`,
      offers: modes.filter(one => !sameText(one, 'none'))
    })
  else if (sameText(wanted, 'ZoneRedundant') && isOff(set.zoneRedundantHaSupported))
    lacks.push({ field: 'highAvailability', what: 'high availability ZoneRedundant', offers: ['SameZone'] })
  if (geoRedundantBackup === true && isOff(set.geoBackupSupported))
    lacks.push({ field: 'geoRedundantBackup', what: 'geo-redundant backup', offers: ['backup in its own region'] })
  return lacks
}

/** Premium SSD v2 by the figures of the region for it, and by those of the size of the compute. */
function lackingStorage(
  { storage, tier, size }: Offer,
  edition: ServerEditionCapability | undefined,
  sku: ServerSkuCapability | undefined
): Lack[] {
  const sorts = edition?.supportedStorageEditions
  if (storage === undefined || sorts === undefined || sorts.length === 0) return []
  const figures = sorts.find(({ name }) => sameText(name, 'ManagedDiskV2'))?.supportedStorageMb ?? []
  const [one] = figures
  if (one === undefined) return [{ field: 'storageType', what: `Premium SSD v2 for the tier ${tier}`, offers: ['Premium SSD'] }]
  const gib = (mb: number | undefined): number | undefined => (mb === undefined ? undefined : mb / 1024)
  const bounds: readonly Bound[] = [
    { field: 'storageGiB', value: storage.sizeGiB, unit: 'GiB', least: gib(one.storageSizeMb), most: gib(one.maximumStorageSizeMb) },
    { field: 'iops', value: storage.iops, unit: 'operations a second', least: one.supportedIops, most: one.supportedMaximumIops },
    {
      field: 'throughputMBps',
      value: storage.throughputMBps,
      unit: 'MB/s',
      least: one.supportedThroughput,
      most: one.supportedMaximumThroughput
    }
  ]
  const lacks = bounds.flatMap(bound => outOf(bound, 'on Premium SSD v2'))
  // The size of the compute sets a bound of its own [learn.microsoft.com/azure/postgresql/compute-storage/concepts-storage-premium-ssd-v2].
  const own = outOf(
    { field: 'iops', value: storage.iops, unit: 'operations a second', least: undefined, most: sku?.supportedIops },
    `with ${size}`
  )
  return lacks.some(({ field }) => field === 'iops') ? lacks : [...lacks, ...own]
}

interface Bound {
  readonly field: string
  readonly value: number | undefined
  readonly unit: string
  readonly least: number | undefined
  readonly most: number | undefined
}

const outOf = ({ field, value, unit, least = 0, most = Number.POSITIVE_INFINITY }: Bound, where: string): Lack[] =>
  value === undefined || (value >= least && value <= most)
    ? []
    : [{ field, what: `${value} ${unit} ${where}`, offers: [least === 0 ? `up to ${most}` : `${least} to ${most}`] }]
