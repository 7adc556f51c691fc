import { type ArmBody, isObject, type Json, type JsonObject, mergePatch, objectAt, textAt, without } from '../../json.ts'
import type { World, Write } from '../../type.ts'
import { isLegacy, modernBody } from './legacyBody.ts'
import { promoted } from './promotion.ts'
import { knowsPrivateLink } from './server.ts'
import { changesSpeed, chosenOf, timesIn } from './storage.ts'

/** Computed by Azure, or never given back: what was sent of these is forgotten (CORPUS). */
const notKept = [
  'administratorLoginPassword',
  'createMode',
  'pointInTimeUTC',
  'provisioningState',
  'state',
  'fullyQualifiedDomainName',
  'minorVersion',
  'privateEndpointConnections',
  'replicaCapacity',
  'replicationRole',
  'replica'
]

const onOff = ['Enabled', 'Disabled']

/** Azure answers with its own casing whatever was sent (CORPUS). */
const words: Readonly<Record<string, readonly string[]>> = {
  autoGrow: onOff,
  publicNetworkAccess: onOff,
  activeDirectoryAuth: onOff,
  passwordAuth: onOff,
  geoRedundantBackup: onOff,
  customWindow: onOff,
  mode: ['Disabled', 'SameZone', 'ZoneRedundant'],
  tier: ['Burstable', 'GeneralPurpose', 'MemoryOptimized', ...[4, 6, 10, 15, 20, 30, 40, 50, 60, 70, 80].map(size => `P${size}`)]
}

function inAzuresWords(value: Json, key = ''): Json {
  if (typeof value === 'string') return words[key]?.find(word => word.toLowerCase() === value.toLowerCase()) ?? value
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inAzuresWords(one, name)]))
}

const skuName = (name: string): string =>
  /^standard_[a-z]/i.test(name) ? `Standard_${name.charAt(9).toUpperCase()}${name.slice(10).toLowerCase()}` : name

/** Ids and tenants that are sent empty count as not sent (CORPUS). */
const withoutEmpty = (block: JsonObject, ...keys: readonly string[]): JsonObject =>
  without(block, ...keys.filter(key => block[key] === '' || block[key] === null))

/** The server that a replica or a restored one is made from. */
const sourceOf = (world: World, sent: ArmBody): ArmBody | undefined =>
  world.store.get(textAt(sent, 'properties', 'sourceServerResourceId') ?? '')?.body

const modeOf = (sent: ArmBody): string => textAt(sent, 'properties', 'createMode')?.toLowerCase() ?? 'default'

/** The body that a write lies on: for a PATCH the whole, for a PUT as far as Azure keeps members that it leaves out. */
function under(world: World, { method, live, sent }: Write): JsonObject {
  if (live === undefined) return fromSource(objectAt(sourceOf(world, sent), 'properties'), sent)
  const properties = objectAt(live.body, 'properties')
  if (method === 'PATCH' || world.behaviours.postgresPut === 'merges') return properties
  const { version, administratorLogin, network, availabilityZone } = properties
  return Object.fromEntries(Object.entries({ version, administratorLogin, network, availabilityZone }).filter(has))
}

/** A copy stands alone: high availability is turned on later [DOC: restore, read replicas]. Keys that are sent are all of the keys, and a replica makes no backups elsewhere though its source does (CORPUS). */
function fromSource(source: JsonObject, sent: ArmBody): JsonObject {
  const keyed = isObject(objectAt(sent, 'properties')['dataEncryption'])
  const { backup, ...rest } = without(source, 'network', 'sourceServerResourceId', 'highAvailability', ...(keyed ? ['dataEncryption'] : []))
  if (!isObject(backup)) return rest
  return { ...rest, backup: without(backup, 'earliestRestoreDate', ...(modeOf(sent) === 'replica' ? ['geoRedundantBackup'] : [])) }
}

const has = (entry: [string, Json | undefined]): entry is [string, Json] => entry[1] !== undefined

/** In this one version a server that is new, and not made from another one, was closed to the public unless it said otherwise (CORPUS). */
const isClosed = ({ sent, live, apiVersion, seeded }: Write): boolean =>
  live === undefined && !seeded && apiVersion === '2024-11-01-preview' && ['default', 'create'].includes(modeOf(sent))

function sentProperties(write: Write): JsonObject {
  const { sent, live, apiVersion, seeded } = write
  const replica = modeOf(sent) === 'replica'
  const properties = without(
    objectAt(sent, 'properties'),
    ...notKept,
    // Ignored by a create [TF-PG]; a restored server does not remember its source either (CORPUS).
    ...(live === undefined && !seeded ? ['maintenanceWindow', ...(replica ? [] : ['sourceServerResourceId'])] : [])
  )
  const { network, authConfig, backup, highAvailability, dataEncryption } = properties
  return {
    ...properties,
    ...((isObject(network) || isClosed(write)) && {
      network: { ...(isClosed(write) && { publicNetworkAccess: 'Disabled' }), ...sentNetwork(objectAt(network), apiVersion) }
    }),
    ...(isObject(authConfig) && { authConfig: withoutEmpty(authConfig, 'tenantId') }),
    // A server of an earlier moment keeps its backups for as long as its source, whatever is sent (CORPUS).
    ...(isObject(backup) && {
      backup: without(
        backup,
        ...(seeded ? [] : ['earliestRestoreDate']),
        ...(modeOf(sent) === 'pointintimerestore' ? ['backupRetentionDays'] : [])
      )
    }),
    ...(isObject(dataEncryption) && {
      dataEncryption: without(dataEncryption, 'primaryEncryptionKeyStatus', 'geoBackupEncryptionKeyStatus')
    }),
    ...(isObject(highAvailability) && { highAvailability: without(highAvailability, 'state') })
  }
}

/** Public network access could only be read before Private Link came (bicep-types-az#2261). */
const sentNetwork = (network: JsonObject, apiVersion: string): JsonObject =>
  withoutEmpty(
    knowsPrivateLink(apiVersion) ? network : without(network, 'publicNetworkAccess'),
    'delegatedSubnetResourceId',
    'privateDnsZoneArmResourceId'
  )

/** Beside the members that have a meaning here, all that is sent is kept. */
const unmodelled = (body: ArmBody | undefined): JsonObject =>
  without(body ?? {}, 'id', 'name', 'type', 'etag', 'systemData', 'location', 'sku', 'tags', 'identity', 'properties')

/** The body that a write leads to, in Azure's words and without what Azure adds when it is read. */
export function resultOf(world: World, asSent: Write): ArmBody {
  const write = isLegacy(asSent.apiVersion) ? { ...asSent, sent: modernBody(asSent.sent) } : asSent
  const { method, sent, live, body } = write
  const keeps = method === 'PATCH' || world.behaviours.postgresPut === 'merges'
  const base = live?.body ?? sourceOf(world, sent)
  const sku = { ...objectAt(base, 'sku'), ...objectAt(sent, 'sku') }
  const name = textAt(sku, 'name')
  // Those of its source come along with a restored server (CORPUS), of a replica nothing was recorded.
  const tags = sent['tags'] ?? (live === undefined && modeOf(sent) !== 'replica' ? base?.['tags'] : keeps ? live?.body['tags'] : undefined)
  const identity = isObject(sent['identity'])
    ? mergePatch(method === 'PATCH' ? live?.body['identity'] : undefined, sameIds(sent['identity'], live?.body['identity']))
    : keeps
      ? live?.body['identity']
      : undefined
  return {
    ...(keeps ? unmodelled(live?.body) : {}),
    ...unmodelled(sent),
    ...(body['location'] !== undefined && { location: body['location'] }),
    sku: inAzuresWords({ ...sku, ...(name !== undefined && { name: skuName(name) }) }),
    ...(isObject(tags) && { tags }),
    ...(isObject(identity) && { identity }),
    properties: withChosenStorage(inAzuresWords(mergePatch(under(world, write), sentProperties(write))))
  }
}

/** The identities that are sent, by the ids that the server knows them by: an id is the same in any case. */
function sameIds(sent: JsonObject, live: Json | undefined): JsonObject {
  const users = sent['userAssignedIdentities']
  if (!isObject(users)) return sent
  const known = new Map(Object.keys(objectAt(live, 'userAssignedIdentities')).map(id => [id.toLowerCase(), id]))
  const own = Object.entries(users).map(([id, one]) => [known.get(id.toLowerCase()) ?? id, one] as const)
  return { ...sent, userAssignedIdentities: Object.fromEntries(own) }
}

function withChosenStorage(properties: Json): Json {
  const storage = isObject(properties) ? properties['storage'] : undefined
  return isObject(properties) && isObject(storage) ? { ...properties, storage: chosenOf(storage) } : properties
}

const keyIn = (body: ArmBody): string | undefined => textAt(body, 'properties', 'dataEncryption', 'primaryKeyURI')

const storageIn = (body: ArmBody): Json | undefined => objectAt(body, 'properties')['storage']

/** Members that a seed can give a server and no write can, if somebody has read them. */
function asRead(sent: ArmBody): JsonObject {
  const { state, minorVersion, version, storage } = objectAt(sent, 'properties')
  const { type, iops } = objectAt(storage)
  return {
    asRead: true,
    ...((state === 'Stopped' || state === 'Disabled') && { state }),
    ...(typeof minorVersion === 'string' && { minorVersion, minorOf: version ?? null }),
    ...(type === '' && iops === undefined && { geoRestored: true })
  }
}

export function kept(world: World, write: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const { live, sent } = write
  const body = resultOf(world, write)
  // Azure picks a zone, and stays with it.
  const zone = live?.memory['zone'] ?? `${1 + world.random.below(3)}`
  const memory: JsonObject = {
    ...live?.memory,
    zone,
    ...(live && keyIn(live.body) !== keyIn(body) && { keyChangedAt: world.now }),
    ...(live && changesSpeed(storageIn(live.body), storageIn(body)) && { speedChangedAt: [...timesIn(live.memory), world.now] }),
    ...(live === undefined && modeOf(sent) === 'georestore' && { geoRestored: true }),
    ...(write.seeded && asRead(sent))
  }
  return promoted(write, body, live && 'storage' in objectAt(sent, 'properties') ? without(memory, 'geoRestored') : memory)
}
