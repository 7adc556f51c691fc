import { type Json, type JsonObject, listAt, textAt, valueAt } from '../../json.ts'
import { isLegacy } from './legacyBody.ts'

/** From here on features have names and states [SDK-PG 2023-03-01-preview]; before, each was a member that is true or false [SDK-PG 2022-12-01]. */
const newerFrom = '2023-03-01'

export const isOlder = (apiVersion: string): boolean => apiVersion.slice(0, 10) < newerFrom

const isEnabled = (offered: JsonObject, member: string): boolean => offered[member] === 'Enabled'

/** The word of what Azure's own pages begin with, and of all else (CORPUS: 2020-02-14-preview). */
const status = (isDefault: boolean): JsonObject => ({ status: isDefault ? 'Default' : 'Available' })

/** The same offer as the api-versions before say it: each tier with its versions, and each version with all sizes. */
export function olderCapabilities(offered: JsonObject, apiVersion: string): JsonObject {
  const versions = listAt(offered, 'supportedServerVersions')
  const legacy = isLegacy(apiVersion)
  // Those of 2020 spell it otherwise, and know of no high availability by zones (CORPUS).
  const iops = legacy ? 'supportedIOPS' : 'supportedIops'
  return {
    zone: 'none',
    ...(!legacy && {
      supportedHAMode: ['SameZone', 'ZoneRedundant'],
      geoBackupSupported: isEnabled(offered, 'geoBackupSupported'),
      zoneRedundantHaSupported: isEnabled(offered, 'zoneRedundantHaSupported'),
      zoneRedundantHaAndGeoBackupSupported: isEnabled(offered, 'zoneRedundantHaAndGeoBackupSupported'),
      fastProvisioningSupported: isEnabled(offered, 'fastProvisioningSupported'),
      supportedFastProvisioningEditions: listAt(offered, 'supportedFastProvisioningEditions')
    }),
    supportedFlexibleServerEditions: listAt(offered, 'supportedServerEditions').map(edition => olderEdition(edition, versions, iops)),
    supportedHyperscaleNodeEditions: [],
    ...status(false)
  }
}

function olderEdition(edition: Json, versions: readonly Json[], iops: string): Json {
  const supportedVcores = listAt(edition, 'supportedServerSkus').map(sku => ({
    name: textAt(sku, 'name') ?? '',
    vCores: valueAt(sku, 'vCores') ?? 0,
    [iops]: valueAt(sku, 'supportedIops') ?? 0,
    supportedMemoryPerVcoreMB: valueAt(sku, 'supportedMemoryPerVcoreMb') ?? 0,
    ...status(textAt(sku, 'name') === textAt(edition, 'defaultSkuName'))
  }))
  const disks = listAt(edition, 'supportedStorageEditions').filter(one => textAt(one, 'name') === 'ManagedDisk')
  return {
    name: textAt(edition, 'name') ?? '',
    supportedStorageEditions: disks.map(disk => ({
      name: 'ManagedDisk',
      supportedStorageMB: listAt(disk, 'supportedStorageMb').map(size => ({
        name: `${valueAt(size, 'storageSizeMb') ?? ''}`,
        [iops]: valueAt(size, 'supportedIops') ?? 0,
        storageSizeMB: valueAt(size, 'storageSizeMb') ?? 0,
        ...(iops === 'supportedIops' && { supportedUpgradableTierList: listAt(size, 'supportedIopsTiers') }),
        ...status(valueAt(size, 'storageSizeMb') === valueAt(disk, 'defaultStorageSizeMb'))
      })),
      ...status(true)
    })),
    supportedServerVersions: versions.map(version => ({
      name: textAt(version, 'name') ?? '',
      ...(iops === 'supportedIops' && { supportedVersionsToUpgrade: listAt(version, 'supportedVersionsToUpgrade') }),
      supportedVcores,
      ...status(false)
    })),
    ...status(textAt(edition, 'name') === 'GeneralPurpose')
  }
}
