import { type Json, type JsonObject, listAt, textAt, valueAt } from '../../json.ts'

/** From here on features have names and states; before, each was a member that is true or false [SDK-PG 2022-12-01]. */
const newerFrom = '2023-03-01'

export const isOlder = (apiVersion: string): boolean => apiVersion.slice(0, 10) < newerFrom

const isEnabled = (offered: JsonObject, member: string): boolean => offered[member] === 'Enabled'

/** The same offer as the api-versions before say it: each tier with its versions, and each version with all sizes [SDK-PG 2022-12-01]. */
export function olderCapabilities(offered: JsonObject): JsonObject {
  const versions = listAt(offered, 'supportedServerVersions')
  return {
    zone: 'none',
    supportedHAMode: ['SameZone', 'ZoneRedundant'],
    geoBackupSupported: isEnabled(offered, 'geoBackupSupported'),
    zoneRedundantHaSupported: isEnabled(offered, 'zoneRedundantHaSupported'),
    zoneRedundantHaAndGeoBackupSupported: isEnabled(offered, 'zoneRedundantHaAndGeoBackupSupported'),
    fastProvisioningSupported: isEnabled(offered, 'fastProvisioningSupported'),
    supportedFlexibleServerEditions: listAt(offered, 'supportedServerEditions').map(edition => olderEdition(edition, versions)),
    supportedFastProvisioningEditions: listAt(offered, 'supportedFastProvisioningEditions')
  }
}

function olderEdition(edition: Json, versions: readonly Json[]): Json {
  const supportedVcores = listAt(edition, 'supportedServerSkus').map(sku => ({
    name: textAt(sku, 'name') ?? '',
    vCores: valueAt(sku, 'vCores') ?? 0,
    supportedIops: valueAt(sku, 'supportedIops') ?? 0,
    supportedMemoryPerVcoreMB: valueAt(sku, 'supportedMemoryPerVcoreMb') ?? 0
  }))
  const disks = listAt(edition, 'supportedStorageEditions').filter(one => textAt(one, 'name') === 'ManagedDisk')
  return {
    name: textAt(edition, 'name') ?? '',
    supportedStorageEditions: disks.map(disk => ({
      name: 'ManagedDisk',
      supportedStorageMB: listAt(disk, 'supportedStorageMb').map(size => ({
        supportedIops: valueAt(size, 'supportedIops') ?? 0,
        storageSizeMB: valueAt(size, 'storageSizeMb') ?? 0,
        supportedUpgradableTierList: listAt(size, 'supportedIopsTiers')
      }))
    })),
    supportedServerVersions: versions.map(version => ({
      name: textAt(version, 'name') ?? '',
      supportedVersionsToUpgrade: listAt(version, 'supportedVersionsToUpgrade'),
      supportedVcores
    }))
  }
}
