import type { RegionOffer } from '../../behaviours.ts'
import { type Json, type JsonObject, listAt, textAt } from '../../json.ts'
import { locations, shortLocation } from '../../locations.ts'
import { gatewayErrors } from '../../refusal.ts'
import type { ActionResult, Call, World } from '../../type.ts'
import { isOlder, olderCapabilities } from './olderCapabilities.ts'
import { invalidParameter, serverType, since } from './server.ts'
import { premiumSizes, tierSpeeds } from './storage.ts'

const zones = ['1', '2', '3']

const sku = (name: string, vCores: number, supportedIops: number, gigabytes: number): JsonObject => ({
  supportedFeatures: [],
  name,
  vCores,
  supportedIops,
  supportedMemoryPerVcoreMb: gigabytes * 1024,
  supportedZones: zones,
  supportedHaMode: ['SameZone', 'ZoneRedundant']
})

const burstable = [
  sku('Standard_B1ms', 1, 640, 2),
  sku('Standard_B2s', 2, 1280, 2),
  sku('Standard_B2ms', 2, 1920, 4),
  sku('Standard_B4ms', 4, 2880, 4),
  sku('Standard_B8ms', 8, 4320, 4),
  sku('Standard_B12ms', 12, 4320, 4),
  sku('Standard_B16ms', 16, 4320, 4),
  sku('Standard_B20ms', 20, 4320, 4)
]

/** Those that do not grow like the rest of their series (CORPUS). */
const exceptions: Readonly<Record<string, JsonObject>> = {
  Standard_D2ds_v5: { supportedIops: 3750 },
  Standard_E32s_v3: { supportedIops: 32_000 },
  Standard_E48s_v3: { supportedIops: 51_200 },
  Standard_E64s_v3: { supportedIops: 76_800, supportedMemoryPerVcoreMb: 6912 },
  Standard_E64ds_v4: { supportedMemoryPerVcoreMb: 6912 },
  Standard_E2ads_v5: { supportedIops: 3750 },
  Standard_E96ads_v5: { supportedMemoryPerVcoreMb: 7168 },
  Standard_E2ds_v5: { supportedIops: 3750 },
  Standard_E96ds_v5: { supportedMemoryPerVcoreMb: 7168 }
}

/** All sizes of one series, which grow alike up to what a machine can do (CORPUS). */
const series = (letter: string, suffix: string, sizes: readonly number[], gigabytes: number): JsonObject[] =>
  sizes.map(size => {
    const name = `Standard_${letter}${size}${suffix}`
    return { ...sku(name, size, Math.min(80_000, size * 1600), gigabytes), ...exceptions[name] }
  })

const small = [2, 4, 8, 16, 32, 48, 64]

const general = [
  ...series('D', 's_v3', small, 4),
  ...series('D', 'ds_v4', small, 4),
  ...series('D', 'ads_v5', [...small, 96], 4),
  ...series('D', 'ds_v5', [...small, 96], 4)
]

const large = [2, 4, 8, 16, 20, 32, 48, 64]

const memory = [
  ...series('E', 's_v3', small, 8),
  ...series('E', 'ds_v4', large, 8),
  ...series('E', 'ads_v5', [...large, 96], 8),
  ...series('E', 'ds_v5', [...large, 96], 8)
]

/** Each size of disk, with the tiers that it can be raised to. */
const managedDisk = premiumSizes.map(([gigabytes, tier]) => {
  const names = Object.keys(tierSpeeds)
  const highest = gigabytes > 4096 ? 'P80' : 'P50'
  const tiers = names.slice(names.indexOf(tier), names.indexOf(highest) + 1)
  return {
    supportedIops: tierSpeeds[tier] ?? 0,
    storageSizeMb: gigabytes * 1024,
    defaultIopsTier: tier,
    supportedIopsTiers: tiers.map(name => ({ name, iops: tierSpeeds[name] ?? 0 }))
  }
})

const secondGeneration = {
  supportedIops: 3000,
  supportedMaximumIops: 80_000,
  storageSizeMb: 32_768,
  maximumStorageSizeMb: 67_108_864,
  supportedThroughput: 125,
  supportedMaximumThroughput: 1200,
  defaultIopsTier: 'None',
  supportedIopsTiers: [{ name: 'None', iops: 0 }]
}

const ultraDisk = { supportedStorageMb: [], reason: 'Specified Storage Edition not supported in this region.' }

/** Burstable servers know nothing of ultra disks (CORPUS). */
const storageEditions = (edition: string, defaultStorageSizeMb: number): Json => [
  { name: 'ManagedDisk', defaultStorageSizeMb, supportedStorageMb: managedDisk },
  { name: 'ManagedDiskV2', defaultStorageSizeMb, supportedStorageMb: [secondGeneration] },
  ...(edition === 'Burstable' ? [] : [{ name: 'UltraDisk', defaultStorageSizeMb, ...ultraDisk }])
]

const edition = (name: string, defaultSkuName: string, storage: number, supportedServerSkus: readonly JsonObject[]): JsonObject => ({
  name,
  defaultSkuName,
  supportedStorageEditions: storageEditions(name, storage),
  supportedServerSkus
})

const versions = ['11', '12', '13', '14', '15', '16', '17', '18']

const fast = [
  ['Burstable', 'standard_b1ms', 32],
  ['Burstable', 'standard_b2s', 32],
  ['GeneralPurpose', 'standard_d2s_v3', 128],
  ['GeneralPurpose', 'standard_d2ds_v4', 128],
  ['MemoryOptimized', 'standard_e2ds_v4', 512]
] as const

const features: Readonly<Record<string, 'Enabled' | 'Disabled'>> = {
  FastProvisioning: 'Enabled',
  ZoneRedundantHa: 'Enabled',
  GeoBackup: 'Enabled',
  ZoneRedundantHaAndGeoBackup: 'Enabled',
  StorageAutoGrowth: 'Enabled',
  OnlineResize: 'Enabled',
  OfferRestricted: 'Disabled',
  IndexTuning: 'Enabled',
  Clusters: 'Disabled'
}

const named = (name: string, index: number, all: readonly string[]): JsonObject => ({
  supportedFeatures: [],
  name,
  supportedVersionsToUpgrade: all.slice(index + 1)
})

/** The newest major versions are only offered to clients of their time: a list of 2024 ends with 16 (CORPUS). */
const versionsIn = (apiVersion: string): readonly string[] =>
  versions.filter(one => (one === '18' ? since(apiVersion, '2025-08-01') : one !== '17' || since(apiVersion, '2025-01-01')))

/** The same in every region; `OfferRestricted` says whether the Azure CLI finds anything on offer at all. */
const offered = (apiVersion: string): JsonObject => ({
  name: 'FlexibleServerCapabilities',
  supportedServerEditions: [
    edition('Burstable', 'Standard_B1ms', 32_768, burstable),
    edition('GeneralPurpose', 'Standard_D4ds_v5', 65_536, general),
    edition('MemoryOptimized', 'Standard_E4ds_v5', 131_072, memory)
  ],
  supportedServerVersions: versionsIn(apiVersion).map(named),
  supportedFastProvisioningEditions: versionsIn(apiVersion)
    .slice(1)
    .flatMap(version =>
      fast.map(([supportedTier, supportedSku, supportedStorageGb]) => ({
        supportedTier,
        supportedSku,
        supportedStorageGb,
        supportedServerVersions: version,
        serverCount: 0
      }))
    ),
  supportedFeatures: Object.entries(features).map(([name, status]) => ({ name, status })),
  fastProvisioningSupported: 'Enabled',
  geoBackupSupported: 'Enabled',
  zoneRedundantHaSupported: 'Enabled',
  zoneRedundantHaAndGeoBackupSupported: 'Enabled',
  storageAutoGrowthSupported: 'Enabled',
  onlineResizeSupported: 'Enabled',
  indexTuningSupported: 'Enabled'
})

export const isRegion = (name: string | undefined): boolean => locations.some(one => one.name === name?.replaceAll(' ', '').toLowerCase())

export function capabilitiesOfRegion(world: World, { names, apiVersion }: Call): ActionResult {
  const [location = ''] = names
  if (!isRegion(location)) return invalidParameter('locationName')
  const region = lessThan(offered(apiVersion), regionOffer(world, location))
  return { status: 200, body: { value: [isOlder(apiVersion) ? olderCapabilities(region, apiVersion) : region] } }
}

/** The offers of a region, by the switch. */
export const regionOffer = ({ behaviours }: World, location: string): RegionOffer =>
  Object.entries(behaviours.serverRegions).find(([name]) => shortLocation(name) === shortLocation(location))?.[1] ?? {}

function lessThan(all: JsonObject, { restricted = false, zones: own }: RegionOffer): JsonObject {
  if (restricted)
    return {
      ...all,
      supportedServerEditions: [],
      supportedServerVersions: [],
      supportedFeatures: Object.entries({ ...features, OfferRestricted: 'Enabled' }).map(([name, status]) => ({ name, status })),
      restricted: 'Enabled',
      reason: 'Subscriptions are restricted from provisioning in this region. Please choose a different region.'
    }
  if (own === undefined) return all
  const skusOf = (edition: Json): Json =>
    listAt(edition, 'supportedServerSkus').map(one => ({ ...(one as JsonObject), supportedZones: own }))
  return {
    ...all,
    supportedServerEditions: listAt(all, 'supportedServerEditions').map(one => ({
      ...(one as JsonObject),
      supportedServerSkus: skusOf(one)
    }))
  }
}

/** The versions and sizes that a server can be changed to: no version older than its own. */
export function capabilitiesOfServer(world: World, { subscription, resourceGroup = '', names, apiVersion }: Call): ActionResult {
  const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`
  if (!world.store.has(group)) return gatewayErrors.groupNotFound(resourceGroup)
  const id = `${group}/providers/${serverType}/${names[0] ?? ''}`
  const server = world.store.get(id)
  if (server === undefined) return gatewayErrors.notFound(id)
  const version = Number(textAt(server.body, 'properties', 'version') ?? '17')
  const supportedServerVersions = versionsIn(apiVersion)
    .map(named)
    .filter(one => Number(textAt(one, 'name')) >= version)
  return { status: 200, body: { value: [{ ...offered(apiVersion), supportedServerVersions }] } }
}
