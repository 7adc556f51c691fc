import { nameOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, objectAt, textAt, valueAt } from '../../json.ts'
import type { ErrorDetail } from '../../refusal.ts'
import { ofServer } from '../../rights/linkedScopes.ts'
import type { StoredResource } from '../../state.ts'
import type { Change, Reach, ResourceType, World, Write } from '../../type.ts'
import { checkServer } from './checkServer.ts'
import { addSystemDatabases } from './databases.ts'
import { addStorageEndpoint, removeRecord, settleRecord, touchSubnet } from './inNetwork.ts'
import { migrateNetwork } from './migrateNetwork.ts'
import { restart, start, stop } from './power.ts'
import { privateLink } from './privateEndpointConnections.ts'
import { promotionOf, settlePromotion } from './promotion.ts'
import { busy, postgresVersions, serverType } from './server.ts'
import { kept, resultOf } from './serverBody.ts'
import { show } from './showServer.ts'
import { leaveEndpoints } from './virtualEndpoints.ts'

const tierOfSeries: Readonly<Record<string, string>> = { B: 'Burstable', D: 'GeneralPurpose', E: 'MemoryOptimized' }

/** Errors that Azure finds only while it works on a write that it accepted (CORPUS). */
function outcome(world: World, write: Write): ErrorDetail | undefined {
  const wait = busy(world, write.id)
  if (wait || write.method === 'DELETE' || write.seeded) return wait
  const { sku, properties } = resultOf(world, write)
  const name = nameOf(write.id)
  const taken = world.store.named(serverType, name).length > 0
  if (write.live === undefined && taken) return { code: 'ServerNameAlreadyExists', message: 'Specified server name is already used.' }
  const tier = textAt(sku, 'tier')
  if (tierOfSeries[(textAt(sku, 'name') ?? '').charAt('Standard_'.length)] !== tier) {
    return {
      code: 'ServerEditionIncompatibleWithSkuSize',
      message:
        'The requested server edition is incompatible with requested Sku Size. Please refer https://learn.microsoft.com/en-us/azure/postgresql/flexible-server/concepts-compute-storage#compute-tiers-vcores-and-server-types.'
    }
  }
  const highlyAvailable = (textAt(properties, 'highAvailability', 'mode') ?? 'Disabled') !== 'Disabled'
  if (tier === 'Burstable' && highlyAvailable)
    return { code: '', message: `High availiability not supported for burstable server [${name}].` }
  return zoneProblem(name, textAt(properties, 'network', 'privateDnsZoneArmResourceId'))
}

const zoneSuffix = '.postgres.database.azure.com'

/** The zone of a server in a virtual network. The first text is recorded, the second is not (azurerm#24549). */
function zoneProblem(server: string, zone: string | undefined): ErrorDetail | undefined {
  if (zone === undefined) return undefined
  const name = nameOf(zone)
  const why =
    name.toLowerCase() === `${server.toLowerCase()}${zoneSuffix}`
      ? 'It can not be server name plus zone suffix.'
      : name.toLowerCase().endsWith(zoneSuffix)
        ? undefined
        : `It must end with ${zoneSuffix}.`
  return why === undefined
    ? undefined
    : { code: 'PrivateDnsZoneNameNotValid', message: `The Private DNS Zone name provided [${name}] is not valid. ${why}` }
}

/** Azure looks at the zone's name after a minute, long before the server would have been there (azurerm#24549). */
function duration(world: World, write: Write): number {
  const { create, update, remove } = timings.flexibleServer
  if (write.method === 'DELETE') return remove.ms
  if (write.live !== undefined) return update.ms
  return outcome(world, write)?.code === 'PrivateDnsZoneNameNotValid' ? 60_000 : create.ms
}

const onlyMaintenance = ({ method, sent }: Write): boolean => {
  const properties = Object.keys(objectAt(sent, 'properties'))
  return method === 'PATCH' && Object.keys(sent).length === 1 && properties.length === 1 && properties[0] === 'maintenanceWindow'
}

function operationName(write: Write): string {
  if (write.method === 'DELETE') {
    const replica = valueAt(write.live?.body, 'properties', 'sourceServerResourceId') !== undefined
    return replica ? 'DropReadReplicaManagementOperation' : 'DropServerManagementOperation'
  }
  if (promotionOf(write)) return 'PromoteReadReplicaManagementOperation'
  if (onlyMaintenance(write)) return 'UpsertMaintenanceWindowManagementOperation'
  if (write.live !== undefined) return 'UpsertServerManagementOperationV2'
  const mode = textAt(write.sent, 'properties', 'createMode')?.toLowerCase()
  if (mode === 'replica') return 'CreateReadReplicaManagementOperation'
  return mode === 'pointintimerestore' || mode === 'georestore' ? 'RestoreSnapshotManagementOperation' : 'UpsertServerManagementOperationV2'
}

/** Made within a network, it writes itself into the subnet and the zone. */
function reach(_world: World, _id: string, body: ArmBody, method: Write['method'], before: StoredResource | undefined): readonly Reach[] {
  if (method !== 'PUT' || before !== undefined) return []
  const network = objectAt(body, 'properties', 'network')
  const to = (scope: string | undefined, calls: string): Reach[] => (scope ? [{ scope, as: 'write', calls }] : [])
  return [
    ...to(textAt(network, 'privateDnsZoneArmResourceId'), 'Microsoft.Network/privateDnsZones'),
    ...to(textAt(network, 'delegatedSubnetResourceId'), 'Microsoft.Network/virtualNetworks')
  ]
}

/** A replica begins with the parameters and databases that its source has [DOC: read replicas]. */
function copyContents(world: World, replica: StoredResource): void {
  const source = textAt(replica.body, 'properties', 'sourceServerResourceId')
  if (source === undefined || replica.memory['asRead'] === true) return
  for (const sort of ['configurations', 'databases']) {
    const type = `${serverType}/${sort}`
    for (const { id, body } of world.store.ofType(type, source)) world.put({ id: `${replica.id}/${sort}/${nameOf(id)}`, type, body })
  }
}

function done(world: World, { resource, before }: Change): undefined {
  if (before === undefined) addSystemDatabases(world, resource.id)
  if (before === undefined) copyContents(world, resource)
  else settlePromotion(world, resource)
  // A server that was read from Azure has all of this in what was read with it.
  const live = resource.memory['asRead'] === true ? undefined : world.store.get(resource.id)
  if (live === undefined) return
  if (before === undefined) addStorageEndpoint(world, live)
  settleRecord(world, live)
  touchSubnet(world, live)
}

export const flexibleServers: ResourceType = {
  type: serverType,
  apiVersions: postgresVersions,
  style: 'postgres',
  timing: timings.flexibleServer,
  duration,
  location: 'display',
  methods: ['PUT', 'PATCH', 'DELETE'],
  states: { creating: 'Provisioning', updating: 'Updating', deleting: 'Dropping', settled: 'Ready' },
  operationName,
  linked: ofServer,
  check: checkServer,
  outcome,
  reach,
  kept,
  accepted: (world, { resource, before }) => (before === undefined ? touchSubnet(world, resource) : undefined),
  done,
  removed(world, server) {
    removeRecord(world, server)
    leaveEndpoints(world, textAt(server.body, 'properties', 'sourceServerResourceId') ?? '', server.id)
    touchSubnet(world, server)
  },
  show,
  actions: { restart, start, stop, migrateNetwork },
  privateLink
}
