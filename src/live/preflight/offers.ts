import type { Capability } from '@azure/arm-postgresql-flexible'
import type { Need, Offer } from '../../kinds/need.ts'
import { subscriptionOf } from '../../model/id.ts'
import { inBatches } from '../batches.ts'
import { type Asked, type Checked, type Finding, needsIn, placed, type Wanting } from './asked.ts'

type Wants = Wanting<Extract<Need, { need: 'offer' }>>

/** Checks a region's offer to this subscription: versions, sizes, zones, high availability; and whether it offers anything. */
export async function checkOffers(asked: Asked): Promise<Checked> {
  const findings: Finding[] = []
  const unknown: { address: string; message: string }[] = []
  await inBatches(needsIn(asked, 'offer'), async wants => {
    const { location } = wants.need.offer
    const subscription = subscriptionOf(wants.resource.path)
    const seen = await asked.looks.by(`capabilities ${subscription} ${location}`, async azure => {
      const { capabilitiesByLocation } = await azure.client('postgres', subscription)
      const sets: Capability[] = []
      for await (const one of capabilitiesByLocation.list(location)) sets.push(one)
      return sets
    })
    if (seen.as === 'unreadable')
      unknown.push({ address: wants.resource.address, message: `what ${location} offers could not be read: ${seen.reason}` })
    if (seen.as === 'seen') findings.push(...refused(wants, seen.value, asked))
  })
  return { findings, unknown }
}

const same = (a: string | undefined, b: string | undefined): boolean => a?.toLowerCase() === b?.toLowerCase()

/** Azure's words are enabled and disabled, of the restriction as of what is offered. */
const isOn = (word: string | undefined): boolean => same(word, 'Enabled')
const isOff = (word: string | undefined): boolean => same(word, 'Disabled')

function refused(wants: Wants, sets: readonly Capability[], asked: Asked): Finding[] {
  const { resource, isNew, need } = wants
  const { location } = need.offer
  const [set] = sets
  const restricted = sets
    .flatMap(one => one.supportedFeatures ?? [])
    .some(({ name, status }) => same(name, 'OfferRestricted') && isOn(status))
  const nothing = set === undefined || (set.supportedServerEditions ?? []).length === 0
  if (isNew && (nothing || restricted || isOn(set?.restricted))) {
    const why = set?.reason ? ` ("${set.reason}")` : ''
    return [
      {
        rule: 'PGL083',
        address: resource.address,
        message: `this subscription may not make servers in ${location}${why}. Azure would refuse it (LocationIsOfferRestricted, or ParameterOutOfRange with an empty list). Use another location, or ask for a quota: https://aka.ms/postgres-request-quota-increase`,
        exit: 4,
        at: placed(asked, resource, 'location')
      }
    ]
  }
  return set === undefined || nothing
    ? []
    : lacking(need.offer, set).map(({ field, what, offers }) => notOffered(wants, { field, what, offers }, asked))
}

interface Lack {
  readonly field: string
  readonly what: string
  /** The values that it offers instead. */
  readonly offers: readonly string[]
}

const notOffered = ({ resource, need }: Wants, { field, what, offers }: Lack, asked: Asked): Finding => ({
  rule: 'PGL077',
  address: resource.address,
  message: `${need.offer.location} offers this subscription no ${what}. Azure would refuse it (ParameterOutOfRange). It offers ${offers.length === 0 ? 'none' : offers.join(', ')}.`,
  exit: 4,
  at: placed(asked, resource, field)
})

/** The wanted values that are in no list of the region. A list that is not there says nothing. */
function lacking(offer: Offer, set: Capability): Lack[] {
  const versions = (set.supportedServerVersions ?? []).flatMap(({ name }) => name ?? [])
  const editions = set.supportedServerEditions ?? []
  const edition = editions.find(({ name }) => same(name, offer.tier))
  const skus = edition?.supportedServerSkus ?? []
  const sku = skus.find(({ name }) => same(name, offer.size))
  const lacks: Lack[] = []
  const has = (all: readonly string[], one: string | undefined): boolean =>
    one === undefined || all.length === 0 || all.some(each => same(each, one))
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
        offers: zones.filter(one => !same(one, 'none')).map(one => `zone ${one}`)
      })
  return [...lacks, ...lackingHa(offer, set, sku?.supportedHaMode)]
}

function lackingHa(
  { highAvailability: mode, size, geoRedundantBackup }: Offer,
  set: Capability,
  modes: readonly string[] | undefined
): Lack[] {
  const wanted = mode === undefined || same(mode, 'Disabled') ? undefined : mode
  const lacks: Lack[] = []
  if (wanted !== undefined && modes !== undefined && !modes.some(one => same(one, wanted)))
    lacks.push({
      field: 'highAvailability',
      what: `high availability ${wanted} for ${size}`,
      offers: modes.filter(one => !same(one, 'none'))
    })
  else if (same(wanted, 'ZoneRedundant') && isOff(set.zoneRedundantHaSupported))
    lacks.push({ field: 'highAvailability', what: 'high availability ZoneRedundant', offers: ['SameZone'] })
  if (geoRedundantBackup === true && isOff(set.geoBackupSupported))
    lacks.push({ field: 'geoRedundantBackup', what: 'geo-redundant backup', offers: ['backup in its own region'] })
  return lacks
}
