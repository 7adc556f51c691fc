import { nameOf, parentOf } from '../../armPath.ts'
import { type ArmBody, type JsonObject, listAt, objectAt, textAt, valueAt } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { World, Write } from '../../type.ts'
import { regionOffer } from './capabilities.ts'
import { checkReplica, checkRoles } from './replicaChecks.ts'
import { invalid, invalidParameter, missingParameter, replicasOf, serverType, stopped } from './server.ts'
import { resultOf } from './serverBody.ts'
import { changesSpeed, isSpeedSpent, sizeOf, storageProblem, storageTypeOf, timesIn } from './storage.ts'

const versions = ['11', '12', '13', '14', '15', '16', '17', '18']

const reservedLogins = ['azure_superuser', 'azure_pg_admin', 'admin', 'administrator', 'root', 'guest', 'public']

/** Answered at once, in the order: the body by itself, what it refers to, what it would change. */
export function checkServer(world: World, write: Write): Refusal | undefined {
  if (write.method === 'DELETE') return checkReplicas(world, write)
  // A server that was read from Azure is not for the sandbox to judge.
  if (write.seeded) return undefined
  const result = resultOf(world, write)
  return (
    stopped(world, write.id) ??
    (write.live ? checkRoles(world, write, result) : checkSource(world, write)) ??
    checkNetwork(write, result) ??
    checkBody(write, result) ??
    checkLogin(write, result) ??
    checkEncryption(write, result) ??
    (write.live ? (checkChange(write.live.body, result) ?? checkSpeed(world, write.live, result)) : checkNew(world, result))
  )
}

/** The code is recorded, its words are not (PG-57). */
const checkReplicas = (world: World, { id }: Write): Refusal | undefined =>
  replicasOf(world, id).length === 0
    ? undefined
    : invalid(
        'ReadReplicaServersExistForSourceServer',
        `Read replica servers exist for the source server '${nameOf(id)}'. Delete them first.`
      )

/** Public access and a subnet exclude each other; the code and text are azurerm-container-apps-hosting#442. */
function checkNetwork({ sent }: Write, result: ArmBody): Refusal | undefined {
  const network = objectAt(result, 'properties', 'network')
  const injected = network['delegatedSubnetResourceId'] !== undefined || network['privateDnsZoneArmResourceId'] !== undefined
  const open = /^enabled$/i.test(textAt(sent, 'properties', 'network', 'publicNetworkAccess') ?? '')
  return injected && open
    ? invalid(
        'ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration',
        'Conflicting configuration is detected between Public Network Access and Virtual Network arguments. Public Network Access is not supported along with Virtual Network feature.'
      )
    : undefined
}

function checkBody(write: Write, result: ArmBody): Refusal | undefined {
  const properties = objectAt(result, 'properties')
  const name = nameOf(write.id)
  if (!/^[a-z0-9](-?[a-z0-9])*$/.test(name) || name.length < 3 || name.length > 63) return invalidParameter('serverName')
  if (!/^Standard_[A-Z]\w+$/.test(textAt(result, 'sku', 'name') ?? '')) return invalidParameter('sku.name')
  if (!['Burstable', 'GeneralPurpose', 'MemoryOptimized'].includes(textAt(result, 'sku', 'tier') ?? '')) return invalidParameter('sku.tier')
  if (!versions.includes(textAt(properties, 'version') ?? '17')) return invalidParameter('version')
  const storage = storageProblem(properties['storage'], { tier: textAt(result, 'sku', 'tier'), isNew: isMade(write) })
  if (storage !== undefined) return invalidParameter(`storage.${storage}`)
  const days = valueAt(properties, 'backup', 'backupRetentionDays') ?? 7
  if (typeof days !== 'number' || days < 7 || days > 35) return invalidParameter('backupRetentionDays')
  const access = textAt(properties, 'network', 'publicNetworkAccess') ?? 'Enabled'
  return ['Enabled', 'Disabled'].includes(access) ? undefined : invalidParameter('publicNetworkAccess')
}

/** Whether a write makes a server of its own, and no copy of another. */
const isMade = ({ sent, live }: Write): boolean =>
  live === undefined && ['default', 'create'].includes(textAt(sent, 'properties', 'createMode')?.toLowerCase() ?? 'default')

/** The code and the first text are pulumi-azure-native#4014; that it is the same for an identity that the server has not is inferred. */
function checkEncryption(write: Write, result: ArmBody): Refusal | undefined {
  const keys = objectAt(result, 'properties', 'dataEncryption')
  const was = write.live && objectAt(write.live.body, 'properties', 'dataEncryption')
  if (was !== undefined && hasOwnKey(was) !== hasOwnKey(keys))
    return invalid('PropertyChangeNotAllowed', "The property 'dataEncryption.type' of a server cannot be changed.")
  if (!hasOwnKey(keys) || (was === undefined && !isMade(write))) return undefined
  const wrong = (why: string): Refusal =>
    invalid(
      'CMKInvalidEncryptionParameters',
      `The input server encryption parameters are invalid. ${why} Please retry operation with valid input parameters. `
    )
  const geo = textAt(result, 'properties', 'backup', 'geoRedundantBackup') === 'Enabled'
  if (geo && (keys['geoBackupKeyURI'] === undefined || keys['geoBackupUserAssignedIdentityId'] === undefined))
    return wrong('Geo-Backup Encryption user assigned identity and key is required to encrypt Geo-Redundant CMK enabled server.')
  const own = new Set(Object.keys(objectAt(result, 'identity', 'userAssignedIdentities')).map(id => id.toLowerCase()))
  const using = [keys['primaryUserAssignedIdentityId'], ...(geo ? [keys['geoBackupUserAssignedIdentityId']] : [])]
  return using.every(id => typeof id === 'string' && own.has(id.toLowerCase()))
    ? undefined
    : wrong('The user assigned identity has to be one of the server.')
}

const hasOwnKey = (keys: JsonObject): boolean => keys['type'] === 'AzureKeyVault' || keys['primaryKeyURI'] !== undefined

/** A password is kept by nobody, but has to be one [TF-PG, HOWTO-PE]. */
function checkLogin(write: Write, result: ArmBody): Refusal | undefined {
  const login = textAt(result, 'properties', 'administratorLogin')
  if (login !== undefined && (reservedLogins.includes(login.toLowerCase()) || /^pg_/i.test(login)))
    return invalidParameter('administratorLogin')
  const password = textAt(write.sent, 'properties', 'administratorLoginPassword')
  const passwordAuth = textAt(result, 'properties', 'authConfig', 'passwordAuth') ?? 'Enabled'
  if (isMade(write) && passwordAuth === 'Enabled') {
    if (login === undefined) return missingParameter('AdministratorLogin')
    if (password === undefined) return missingParameter('AdministratorLoginPassword')
  }
  return password === undefined || isStrong(password, login) ? undefined : invalidParameter('administratorLoginPassword')
}

function isStrong(password: string, login: string | undefined): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter(one => one.test(password)).length
  const names = login !== undefined && login !== '' && password.toLowerCase().includes(login.toLowerCase())
  return password.length >= 8 && password.length <= 128 && classes >= 3 && !names
}

/** How long after its create a server has a backup in another region, if it makes any; refused before, accepted later (CORPUS). */
const geoBackupMs = 15 * 60_000

function checkSource(world: World, { sent }: Write): Refusal | undefined {
  const mode = textAt(sent, 'properties', 'createMode')?.toLowerCase() ?? 'default'
  if (!['replica', 'pointintimerestore', 'georestore'].includes(mode)) return undefined
  const id = textAt(sent, 'properties', 'sourceServerResourceId') ?? ''
  const source = world.store.get(id)
  if (source === undefined && mode !== 'georestore') return invalidParameter('sourceServerResourceId')
  if (source !== undefined && mode === 'replica') return checkReplica(world, sent, source)
  if (mode !== 'georestore') return undefined
  const redundant = textAt(source?.body, 'properties', 'backup', 'geoRedundantBackup') === 'Enabled'
  if (source !== undefined && redundant && world.now >= source.createdAt + geoBackupMs) return undefined
  const name = nameOf(id)
  return invalid('GeoBackupsNotAvailable', `Unable to geo-restore server ${name} as its geo-backups are not available yet.`)
}

function checkNew(world: World, result: ArmBody): Refusal | undefined {
  const { restricted = false, zones } = regionOffer(world, textAt(result, 'location') ?? '')
  // The words of a subscription that may make none there [GH terraform-provider-azurerm#21306].
  if (restricted) return outOfRange('Version', [])
  const wanted = [
    textAt(result, 'properties', 'availabilityZone'),
    textAt(result, 'properties', 'highAvailability', 'standbyAvailabilityZone')
  ]
  if (zones !== undefined && wanted.some(zone => zone !== undefined && zone !== '' && !zones.includes(zone)))
    return outOfRange('AvailabilityZone', zones)
  const network = objectAt(result, 'properties', 'network')
  const subnet = textAt(network, 'delegatedSubnetResourceId')
  const zone = textAt(network, 'privateDnsZoneArmResourceId')
  if (subnet === undefined) return zone === undefined ? undefined : invalidParameter('DelegatedSubnetResourceId')
  return checkSubnet(world, subnet, textAt(result, 'location') ?? '') ?? checkZone(world, zone)
}

const outOfRange = (parameter: string, allowed: readonly string[]): Refusal =>
  invalid(
    'ParameterOutOfRange',
    `The value of the '${parameter}' should be in: [${allowed.join(', ')}]. Verify that the specified parameter value is correct.`
  )

/** Delegated to servers alone, and in their region [DOC-VNET]. */
function checkSubnet(world: World, id: string, location: string): Refusal | undefined {
  const subnet = world.store.get(id)
  const near = textAt(world.store.get(parentOf(id))?.body, 'location') === location
  const delegated = listAt(subnet?.body, 'properties', 'delegations').some(
    one => textAt(one, 'properties', 'serviceName')?.toLowerCase() === serverType.toLowerCase()
  )
  return near && delegated ? undefined : invalidParameter('DelegatedSubnetResourceId')
}

/** There has to be one; whether it is linked to the network is not looked at [DOC-VNET]. */
function checkZone(world: World, zone: string | undefined): Refusal | undefined {
  if (zone === undefined) return missingParameter('PrivateDnsZoneArmResourceId')
  return world.store.has(zone) ? undefined : invalidParameter('PrivateDnsZoneArmResourceId')
}

function checkChange(live: ArmBody, result: ArmBody): Refusal | undefined {
  const [was, is] = [objectAt(live, 'properties'), objectAt(result, 'properties')]
  const [size, wanted] = [sizeOf(was['storage']), sizeOf(is['storage'])]
  if (wanted < size) {
    return invalid(
      'StorageSizeDecreaseNotAllowed',
      `The storage size of a server cannot be decreased: it is ${size} GB, and ${wanted} GB was requested.`
    )
  }
  if (storageTypeOf(was['storage']) !== storageTypeOf(is['storage']))
    return invalid('PropertyChangeNotAllowed', "The property 'storage.type' of a server cannot be changed.")
  const [version, next] = [Number(was['version'] ?? 17), Number(is['version'] ?? 17)]
  if (next < version)
    return invalid('ServerVersionDowngradeNotAllowed', `A server of version ${version} cannot be changed to version ${next}.`)
  const fixed = unchangeable.find(path => changes(was, is, path))
  return fixed === undefined
    ? undefined
    : invalid('PropertyChangeNotAllowed', `The property '${fixed.join('.')}' of a server cannot be changed.`)
}

function checkSpeed({ now }: World, { body, memory, createdAt }: StoredResource, result: ArmBody): Refusal | undefined {
  const changes = changesSpeed(objectAt(body, 'properties')['storage'], objectAt(result, 'properties')['storage'])
  return changes && isSpeedSpent(timesIn(memory), createdAt, now)
    ? invalid('OperationNotAllowed', 'The IOPS and throughput of this disk were changed too often within 24 hours. Retry later.')
    : undefined
}

const unchangeable = [
  ['administratorLogin'],
  ['network', 'delegatedSubnetResourceId'],
  ['backup', 'geoRedundantBackup'],
  ['sourceServerResourceId']
] as const

/** A login that was never set can be set later [TF-PG]; a server outside a virtual network never comes into one. */
function changes(was: ArmBody, is: ArmBody, path: (typeof unchangeable)[number]): boolean {
  const fallback = path[1] === 'geoRedundantBackup' ? 'Disabled' : undefined
  const [before, after] = [textAt(was, ...path) ?? fallback, textAt(is, ...path) ?? fallback]
  if (path[0] === 'administratorLogin' && before === undefined) return false
  return before?.toLowerCase() !== after?.toLowerCase()
}
