import { createHash } from 'node:crypto'
import { isObject, type Json, type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import { tenantId } from '../../subscriptions.ts'
import type { Reading, World } from '../../type.ts'
import { connectionsOf, fqdnOf, isInjected } from './privateEndpointConnections.ts'
import { knowsPrivateLink } from './server.ts'
import { performanceOf } from './storage.ts'

/** For how long a new server has no backup to restore from; it "appears minutes later" (CORPUS). */
const firstBackupMs = 5 * 60_000

// As last recorded; 11, 14 and 18 are in no recording.
const minorVersions: Readonly<Record<string, string>> = {
  '11': '22',
  '12': '18',
  '13': '16',
  '14': '13',
  '15': '6',
  '16': '4',
  '17': '7',
  '18': '1'
}

/** As its state stands in `properties.state`; a stopped server shows that until it is started. */
const stateOf = ({ memory, provisioning }: StoredResource): string =>
  provisioning === 'Ready' ? (textAt(memory, 'state') ?? 'Ready') : provisioning

function backupOf(world: World, { body, memory }: StoredResource): JsonObject {
  const readyAt = memory['readyAt']
  const since = typeof readyAt === 'number' ? readyAt + firstBackupMs : Number.POSITIVE_INFINITY
  return {
    backupRetentionDays: 7,
    geoRedundantBackup: 'Disabled',
    ...objectAt(body, 'properties', 'backup'),
    // With an offset and not a Z, unlike every other time (CORPUS).
    ...(world.now >= since && { earliestRestoreDate: new Date(since).toISOString().replace('Z', '000+00:00') })
  }
}

function highAvailabilityOf(server: StoredResource): JsonObject {
  const { body, provisioning } = server
  const kept: JsonObject = { mode: 'Disabled', ...objectAt(body, 'properties', 'highAvailability') }
  const settled = kept['mode'] === 'Disabled' ? 'NotEnabled' : 'Healthy'
  return {
    ...kept,
    state: provisioning === 'Provisioning' || provisioning === 'Updating' ? '' : settled,
    // Azure picks a zone for the standby, too: in all recordings the first that is not the server's.
    ...(kept['mode'] === 'ZoneRedundant' && {
      standbyAvailabilityZone: kept['standbyAvailabilityZone'] ?? (zoneOf(server) === '1' ? '2' : '1')
    })
  }
}

const zoneOf = ({ body, memory }: StoredResource): Json => objectAt(body, 'properties')['availabilityZone'] ?? memory['zone'] ?? '1'

/** Says of each key in a vault whether Azure can use it. */
function dataEncryptionOf({ body }: StoredResource): JsonObject {
  const kept: JsonObject = { type: 'SystemManaged', ...objectAt(body, 'properties', 'dataEncryption') }
  return {
    ...(kept['primaryKeyURI'] !== undefined && { primaryEncryptionKeyStatus: 'Valid' }),
    ...(kept['geoBackupKeyURI'] !== undefined && { geoBackupEncryptionKeyStatus: 'Valid' }),
    ...kept
  }
}

function authConfigOf({ body }: StoredResource): JsonObject {
  const kept: JsonObject = { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled', ...objectAt(body, 'properties', 'authConfig') }
  return kept['activeDirectoryAuth'] === 'Enabled' ? { ...kept, tenantId: kept['tenantId'] ?? tenantId } : kept
}

const storageOf = ({ body }: StoredResource, apiVersion: string): JsonObject => {
  const storage: JsonObject = { storageSizeGB: 32, autoGrow: 'Disabled', ...objectAt(body, 'properties', 'storage') }
  if (!knowsPrivateLink(apiVersion)) return without(storage, 'type', 'iops', 'tier')
  // An empty type is Premium SSD (CORPUS).
  const type = storage['type'] === undefined || storage['type'] === 'Premium_LRS' ? '' : storage['type']
  return { ...performanceOf(storage), ...storage, type }
}

const guidOf = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')

function identityOf(server: string, identity: Json): Json {
  const users = objectAt(identity, 'userAssignedIdentities')
  const known = Object.keys(users).map(id => [id, { principalId: guidOf(`principal ${id}`), clientId: guidOf(`client ${id}`) }])
  return {
    ...(isObject(identity) && identity),
    ...(/SystemAssigned/.test(textAt(identity, 'type') ?? '') && { principalId: guidOf(`principal ${server}`) }),
    tenantId,
    ...(known.length > 0 && { userAssignedIdentities: Object.fromEntries(known) })
  }
}

/** What is kept with everything that Azure adds, in the order in which it is received (CORPUS). */
export function show(world: World, resource: StoredResource, { apiVersion }: Reading): JsonObject {
  const { id, body, createdAt } = resource
  const properties = objectAt(body, 'properties')
  const injected = isInjected(body)
  const network = {
    publicNetworkAccess: 'Enabled',
    ...objectAt(properties, 'network'),
    ...(injected && { publicNetworkAccess: 'Disabled' })
  }
  const authConfig = authConfigOf(resource)
  const version = textAt(properties, 'version') ?? '17'
  const replica = properties['sourceServerResourceId'] !== undefined
  const role = replica ? 'AsyncReplica' : 'Primary'
  const capacity = replica ? 0 : 5
  const privateLinked = knowsPrivateLink(apiVersion)
  return {
    sku: objectAt(body, 'sku'),
    systemData: { createdAt: world.time(createdAt) },
    ...(body['identity'] !== undefined && { identity: identityOf(id, body['identity']) }),
    ...(body['tags'] !== undefined && { tags: body['tags'] }),
    properties: {
      ...(privateLinked && { replica: { role, capacity } }),
      ...without(properties, 'administratorLogin'),
      storage: storageOf(resource, apiVersion),
      network,
      ...(privateLinked && !injected && { privateEndpointConnections: connectionsOf(world, id).map(one => world.show(one)) }),
      dataEncryption: dataEncryptionOf(resource),
      authConfig,
      fullyQualifiedDomainName: fqdnOf(id),
      version,
      minorVersion: minorVersions[version] ?? '1',
      ...(authConfig['passwordAuth'] === 'Enabled' &&
        properties['administratorLogin'] !== undefined && { administratorLogin: properties['administratorLogin'] }),
      state: stateOf(resource),
      availabilityZone: zoneOf(resource),
      backup: backupOf(world, resource),
      highAvailability: highAvailabilityOf(resource),
      maintenanceWindow: {
        customWindow: 'Disabled',
        dayOfWeek: 0,
        startHour: 0,
        startMinute: 0,
        ...objectAt(properties, 'maintenanceWindow')
      },
      replicationRole: role,
      replicaCapacity: capacity
    },
    location: body['location'] ?? ''
  }
}
