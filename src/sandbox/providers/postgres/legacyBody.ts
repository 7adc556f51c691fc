import { type ArmBody, type Json, type JsonObject, objectAt, textAt, valueAt, without } from '../../json.ts'
import { since } from './server.ts'

/** The previews of 2020 have other names for the same things, and some that went (CORPUS). */
export const isLegacy = (apiVersion: string): boolean => !since(apiVersion, '2021-06-01')

const defined = (block: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(block).filter((entry): entry is [string, Json] => entry[1] !== undefined))

const block = (name: string, members: Readonly<Record<string, Json | undefined>>): JsonObject => {
  const kept = defined(members)
  return Object.keys(kept).length === 0 ? {} : { [name]: kept }
}

/** A body of 2020 in the words of today. */
export function modernBody(sent: ArmBody): ArmBody {
  const properties = objectAt(sent, 'properties')
  const profile = objectAt(properties, 'storageProfile')
  const size = valueAt(profile, 'storageMB')
  const enabled = textAt(properties, 'haEnabled')
  return {
    ...sent,
    ...('sku' in sent && { sku: without(objectAt(sent, 'sku'), 'capacity') }),
    properties: {
      ...without(properties, 'storageProfile', 'haEnabled', 'publicNetworkAccess', 'delegatedSubnetArguments', ...computed),
      ...block('storage', { storageSizeGB: typeof size === 'number' ? size / 1024 : undefined }),
      ...block('backup', { backupRetentionDays: profile['backupRetentionDays'], geoRedundantBackup: profile['geoRedundantBackup'] }),
      ...block('highAvailability', { mode: enabled === undefined ? undefined : enabled === 'Enabled' ? 'ZoneRedundant' : 'Disabled' }),
      ...block('network', { delegatedSubnetResourceId: textAt(properties, 'delegatedSubnetArguments', 'subnetArmResourceId') })
    }
  }
}

const computed = ['standbyCount', 'haState', 'logBackupStorageSku', 'earliestRestoreDate', 'byokEnforcement'] as const

/** Today's body in the words of 2020. */
export function legacyBody(shown: ArmBody): JsonObject {
  const properties = objectAt(shown, 'properties')
  const { storage, backup, highAvailability, network, ...rest } = properties
  const { earliestRestoreDate, ...kept } = objectAt(backup)
  const available = textAt(highAvailability, 'mode') !== 'Disabled'
  const subnet = textAt(network, 'delegatedSubnetResourceId')
  const cores = Number(/^Standard_[A-Z](\d+)/.exec(textAt(shown, 'sku', 'name') ?? '')?.[1] ?? 1)
  return {
    ...shown,
    sku: { ...objectAt(shown, 'sku'), capacity: cores },
    properties: {
      ...rest,
      standbyCount: available ? 1 : 0,
      haEnabled: available ? 'Enabled' : 'Disabled',
      publicNetworkAccess: textAt(network, 'publicNetworkAccess') ?? 'Enabled',
      ...(subnet !== undefined && { delegatedSubnetArguments: { subnetArmResourceId: subnet } }),
      logBackupStorageSku: 'Standard_ZRS',
      haState: textAt(highAvailability, 'state') ?? 'NotEnabled',
      storageProfile: { storageMB: Number(valueAt(storage, 'storageSizeGB') ?? 0) * 1024, ...kept },
      ...(earliestRestoreDate !== undefined && { earliestRestoreDate }),
      byokEnforcement: 'Disabled'
    }
  }
}
