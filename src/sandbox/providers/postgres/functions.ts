import { type JsonObject, textAt } from '../../json.ts'
import { locations } from '../../locations.ts'
import type { ActionResult, Call, ProviderFunction, World } from '../../type.ts'
import { invalidParameter, postgresVersions, serverType } from './server.ts'

/** HTTP 200 both ways (CORPUS); names are unique in all of Azure, since they are names in DNS. */
function checkNameAvailability(world: World, { body }: Call): ActionResult {
  const name = textAt(body, 'name') ?? ''
  const type = textAt(body, 'type') ?? serverType
  const legal = /^[a-z0-9](-?[a-z0-9])*$/.test(name) && name.length >= 3 && name.length <= 63
  const taken = world.store.ofType(serverType).some(one => one.id.toLowerCase().endsWith(`/${name.toLowerCase()}`))
  const refusal = legal
    ? taken && { reason: 'AlreadyExists', message: 'Specified server name is already used.' }
    : {
        reason: 'Invalid',
        message:
          'Server name must be between 3 and 63 characters long and can only contain lowercase letters, numbers, and hyphens; it must not start or end with a hyphen.'
      }
  return { status: 200, body: { name, type, nameAvailable: !refusal, ...(refusal || { message: '' }) } }
}

const sku = (name: string, vCores: number, memoryPerVCore: number): JsonObject => ({
  name,
  vCores,
  supportedIops: vCores * 3200,
  supportedMemoryPerVcoreMb: memoryPerVCore * 1024,
  supportedZones: ['1', '2', '3'],
  supportedHaMode: name.startsWith('Standard_B') ? [] : ['SameZone', 'ZoneRedundant']
})

const sizes = [2, 4, 8, 16, 32, 48, 64, 96]

const editions: readonly JsonObject[] = [
  {
    name: 'Burstable',
    defaultSkuName: 'Standard_B2s',
    supportedServerSkus: [sku('Standard_B1ms', 1, 2), sku('Standard_B2s', 2, 2), sku('Standard_B2ms', 2, 4), sku('Standard_B4ms', 4, 4)]
  },
  {
    name: 'GeneralPurpose',
    defaultSkuName: 'Standard_D4ds_v5',
    supportedServerSkus: sizes.map(size => sku(`Standard_D${size}ds_v5`, size, 4))
  },
  {
    name: 'MemoryOptimized',
    defaultSkuName: 'Standard_E4ds_v5',
    supportedServerSkus: sizes.map(size => sku(`Standard_E${size}ds_v5`, size, 8))
  }
]

function capabilities(_world: World, { names }: Call): ActionResult {
  if (!locations.some(one => one.name === names[0]?.toLowerCase())) return invalidParameter('locationName')
  const supportedServerVersions = ['13', '14', '15', '16', '17', '18'].map((name, index, all) => ({
    name,
    supportedVersionsToUpgrade: all.slice(index + 1)
  }))
  const one = {
    name: 'FlexibleServerCapabilities',
    supportedServerEditions: editions,
    supportedServerVersions,
    fastProvisioningSupported: 'Enabled',
    geoBackupSupported: 'Enabled',
    zoneRedundantHaSupported: 'Enabled',
    storageAutoGrowthSupported: 'Enabled',
    onlineResizeSupported: 'Enabled',
    restricted: 'Disabled'
  }
  return { status: 200, body: { value: [one] } }
}

const at = (method: 'GET' | 'POST', path: string, run: ProviderFunction['run']): ProviderFunction => ({
  method,
  path,
  apiVersions: postgresVersions,
  run
})

export const functions: readonly ProviderFunction[] = [
  at('POST', 'checkNameAvailability', checkNameAvailability),
  at('POST', 'locations/checkNameAvailability', checkNameAvailability),
  at('GET', 'locations/capabilities', capabilities),
  // A bare JSON string (CORPUS).
  at('POST', 'getPrivateDnsZoneSuffix', () => ({ status: 200, body: 'postgres.database.azure.com' }))
]
