import { type ArmBody, isObject, type Json, type JsonObject, mergePatch, objectAt, textAt, without } from '../../json.ts'
import type { World, Write } from '../../type.ts'
import { isLegacy, modernBody } from './legacyBody.ts'
import { knowsPrivateLink } from './server.ts'
import { chosenOf } from './storage.ts'

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

/** Of the server that a replica or a restored one is made from. */
export const sourceOf = (world: World, sent: ArmBody): ArmBody | undefined =>
  world.store.get(textAt(sent, 'properties', 'sourceServerResourceId') ?? '')?.body

/** What a write lies on: for a PATCH all that there is, for a PUT as far as Azure keeps what it leaves out. */
function under(world: World, { method, live, sent }: Write): JsonObject {
  if (live === undefined) return without(objectAt(sourceOf(world, sent), 'properties'), 'network', 'sourceServerResourceId')
  const properties = objectAt(live.body, 'properties')
  if (method === 'PATCH' || world.behaviours.postgresPut === 'merges') return properties
  const { version, administratorLogin, network, availabilityZone } = properties
  return Object.fromEntries(Object.entries({ version, administratorLogin, network, availabilityZone }).filter(has))
}

const has = (entry: [string, Json | undefined]): entry is [string, Json] => entry[1] !== undefined

function sentProperties({ sent, live, apiVersion, seeded }: Write): JsonObject {
  const replica = textAt(sent, 'properties', 'createMode')?.toLowerCase() === 'replica'
  const properties = without(
    objectAt(sent, 'properties'),
    ...notKept,
    // Ignored by a create [TF-PG]; a restored server does not remember its source either (CORPUS).
    ...(live === undefined && !seeded ? ['maintenanceWindow', ...(replica ? [] : ['sourceServerResourceId'])] : [])
  )
  const { network, authConfig, backup, highAvailability, dataEncryption } = properties
  return {
    ...properties,
    ...(isObject(network) && { network: sentNetwork(network, apiVersion) }),
    ...(isObject(authConfig) && { authConfig: withoutEmpty(authConfig, 'tenantId') }),
    ...(isObject(backup) && { backup: without(backup, 'earliestRestoreDate') }),
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
  const tags = sent['tags'] ?? (keeps ? live?.body['tags'] : undefined)
  const identity = isObject(sent['identity'])
    ? mergePatch(method === 'PATCH' ? live?.body['identity'] : undefined, sent['identity'])
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

function withChosenStorage(properties: Json): Json {
  const storage = isObject(properties) ? properties['storage'] : undefined
  return isObject(properties) && isObject(storage) ? { ...properties, storage: chosenOf(storage) } : properties
}

export function kept(world: World, write: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const { live } = write
  // Azure picks a zone, and stays with it.
  const zone = live?.memory['zone'] ?? `${1 + world.random.below(3)}`
  return { body: resultOf(world, write), memory: { ...live?.memory, zone } }
}
