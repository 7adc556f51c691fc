import { isObject, type Json, type JsonObject, objectAt, textAt, without } from '../../json.ts'
import { guidOf } from '../../random.ts'
import type { StoredResource } from '../../state.ts'
import { tenantId } from '../../subscriptions.ts'
import type { Reading, World } from '../../type.ts'
import { isLegacy, legacyBody } from './legacyBody.ts'
import { connectionsOf, fqdnOf, isInjected } from './privateEndpointConnections.ts'
import { knowsPrivateLink, since, stateOf, withOffset } from './server.ts'
import { performanceOf } from './storage.ts'
import { hasZones } from './zones.ts'

/** The first backup of a server was six minutes after its create, give or take some seconds, in each recording of it (CORPUS). */
const firstBackupMs = 6 * 60_000

/** A new server says of its minor version nothing at first, and does shortly before it is ready (CORPUS). */
const unknownMinorMs = 205_000

// As last recorded; 11 and 14 are in no recording.
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

/** When the first of the backups that Azure makes by itself was taken, or will be, in milliseconds. */
export function firstBackupAt({ body, createdAt }: StoredResource): number {
  const read = Date.parse(textAt(body, 'properties', 'backup', 'earliestRestoreDate') ?? '')
  return Number.isNaN(read) ? createdAt + firstBackupMs : read
}

/** Older versions name the time of the create until there is a first backup, newer ones nothing (CORPUS). */
function backupOf(world: World, server: StoredResource, apiVersion: string): JsonObject {
  const { body, createdAt } = server
  const first = firstBackupAt(server)
  const restorable = world.now >= first ? first : since(apiVersion, '2024-08-01') ? undefined : createdAt
  return {
    backupRetentionDays: 7,
    geoRedundantBackup: 'Disabled',
    ...(restorable !== undefined && { earliestRestoreDate: withOffset(world, restorable) }),
    ...objectAt(body, 'properties', 'backup')
  }
}

const minorOf = ({ memory }: StoredResource, version: string): string =>
  (memory['minorOf'] === version ? textAt(memory, 'minorVersion') : minorVersions[version]) ?? '1'

const isMinorKnown = (world: World, { provisioning, createdAt }: StoredResource): boolean =>
  provisioning !== 'Provisioning' || world.now >= createdAt + unknownMinorMs

export function highAvailabilityOf(server: StoredResource): JsonObject {
  const { body, provisioning } = server
  const { standbyAvailabilityZone, ...kept } = { mode: 'Disabled', ...objectAt(body, 'properties', 'highAvailability') } as JsonObject
  const settled = kept['mode'] === 'Disabled' ? 'NotEnabled' : 'Healthy'
  const standby = standbyOf(kept['mode'], zoneOf(server), standbyAvailabilityZone)
  return {
    ...kept,
    state: provisioning === 'Provisioning' || provisioning === 'Updating' ? '' : settled,
    ...(standby !== undefined && { standbyAvailabilityZone: standby })
  }
}

/** The zone of the standby. A choice that does not go with the mode is left over from another mode [DOC: high availability]. */
function standbyOf(mode: Json | undefined, zone: Json, chosen: Json | undefined): Json | undefined {
  if (mode === 'SameZone') return zone
  if (mode !== 'ZoneRedundant') return undefined
  // Azure picks a zone for the standby, too: in all recordings the first that is not the server's.
  return chosen === undefined || chosen === zone ? (zone === '1' ? '2' : '1') : chosen
}

export const zoneOf = ({ body, memory }: StoredResource): Json => objectAt(body, 'properties')['availabilityZone'] ?? memory['zone'] ?? '1'

const zoneShown = (server: StoredResource): JsonObject => {
  const chosen = objectAt(server.body, 'properties')['availabilityZone'] !== undefined
  return chosen || hasZones(textAt(server.body, 'location') ?? '') ? { availabilityZone: zoneOf(server) } : {}
}

/** A key that took the place of another one was Unknown when the change was done, and Valid half an hour later (CORPUS; five minutes are a guess). */
const unknownKeyMs = 5 * 60_000

/** Says of each key in a vault whether Azure can use it. */
function dataEncryptionOf(world: World, { body, memory }: StoredResource): JsonObject {
  const kept: JsonObject = { type: 'SystemManaged', ...objectAt(body, 'properties', 'dataEncryption') }
  const { keyChangedAt } = memory
  const unknown = typeof keyChangedAt === 'number' && world.now < keyChangedAt + unknownKeyMs
  return {
    ...(kept['primaryKeyURI'] !== undefined && { primaryEncryptionKeyStatus: unknown ? 'Unknown' : 'Valid' }),
    ...(kept['geoBackupKeyURI'] !== undefined && { geoBackupEncryptionKeyStatus: 'Valid' }),
    ...kept
  }
}

function authConfigOf({ body }: StoredResource): JsonObject {
  const kept: JsonObject = { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled', ...objectAt(body, 'properties', 'authConfig') }
  return kept['activeDirectoryAuth'] === 'Enabled' ? { ...kept, tenantId: kept['tenantId'] ?? tenantId } : kept
}

const storageOf = ({ body, memory }: StoredResource, apiVersion: string): JsonObject => {
  const storage: JsonObject = { storageSizeGB: 32, autoGrow: 'Disabled', ...objectAt(body, 'properties', 'storage') }
  if (!since(apiVersion, '2023-03-01')) return without(storage, 'type', 'iops', 'tier', 'throughput', 'autoGrow')
  if (!knowsPrivateLink(apiVersion)) return without(storage, 'type', 'iops', 'tier', 'throughput')
  // An empty type is Premium SSD (CORPUS).
  const type = storage['type'] === undefined || storage['type'] === 'Premium_LRS' ? '' : storage['type']
  // A server that was restored elsewhere shows neither (CORPUS).
  return { ...(memory['geoRestored'] !== true && performanceOf(storage)), ...storage, type }
}

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

/** Members of later versions are in no answer to an older one (CORPUS). */
const without2021 = ['authConfig', 'dataEncryption', 'replicationRole', 'replicaCapacity'] as const

/** The kept body with everything that Azure adds, in the order in which it is received (CORPUS). */
export function show(world: World, resource: StoredResource, { apiVersion }: Reading): JsonObject {
  const { id, body, createdAt } = resource
  const { sku, identity, tags, properties: _kept, location, ...others } = body
  const properties = propertiesOf(world, resource, apiVersion)
  const modern = since(apiVersion, '2022-12-01')
  const shown: JsonObject = {
    ...others,
    sku: objectAt(sku),
    ...(modern && { systemData: { createdAt: world.time(createdAt) } }),
    ...(identity !== undefined && { identity: identityOf(id, identity) }),
    ...(tags !== undefined && { tags }),
    properties: modern ? properties : without(properties, ...without2021),
    location: location ?? ''
  }
  return isLegacy(apiVersion) ? legacyBody(shown) : shown
}

function propertiesOf(world: World, resource: StoredResource, apiVersion: string): JsonObject {
  const { id, body } = resource
  const properties = objectAt(body, 'properties')
  const injected = isInjected(body)
  const authConfig = authConfigOf(resource)
  const version = textAt(properties, 'version') ?? '17'
  const replica = properties['sourceServerResourceId'] !== undefined
  const role = replica ? 'AsyncReplica' : 'Primary'
  // A replica can have replicas of its own from the version on in which one was recorded so (CORPUS).
  const capacity = replica && !since(apiVersion, '2026-04-01') ? 0 : 5
  const privateLinked = knowsPrivateLink(apiVersion)
  const login = authConfig['passwordAuth'] === 'Enabled' ? properties['administratorLogin'] : undefined
  return {
    ...(privateLinked && { replica: { role, capacity } }),
    ...without(properties, 'administratorLogin'),
    storage: storageOf(resource, apiVersion),
    network: {
      publicNetworkAccess: 'Enabled',
      ...objectAt(properties, 'network'),
      ...(injected && { publicNetworkAccess: 'Disabled' })
    },
    ...(privateLinked && !injected && { privateEndpointConnections: connectionsOf(world, id).map(one => world.show(one)) }),
    dataEncryption: dataEncryptionOf(world, resource),
    authConfig,
    fullyQualifiedDomainName: fqdnOf(id),
    version,
    ...(isMinorKnown(world, resource) && { minorVersion: minorOf(resource, version) }),
    ...(login !== undefined && { administratorLogin: login }),
    state: stateOf(resource),
    ...zoneShown(resource),
    backup: backupOf(world, resource, apiVersion),
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
  }
}
