import { timings } from '../../durations.ts'
import { type ArmBody, objectAt, textAt } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { Reading, ResourceType, World } from '../../type.ts'
import { knowsPrivateLink, missingOfType, postgresVersions, replicasOf, serverType, stateOf } from './server.ts'

const replicaType = `${serverType}/replicas`

/** A replica in the list of its source: the parts that the source knows, and nothing in the place of the others (CORPUS). */
function show(world: World, resource: StoredResource, { apiVersion }: Reading): ArmBody {
  const { body, createdAt } = resource
  const properties = objectAt(body, 'properties')
  return {
    sku: { name: '' },
    systemData: { createdAt: world.time(createdAt) },
    properties: {
      ...(knowsPrivateLink(apiVersion) && { replica: { role: 'AsyncReplica', replicationState: 'Active' } }),
      storage: { storageSizeGB: 0, autoGrow: 'Disabled' },
      network: { publicNetworkAccess: textAt(properties, 'network', 'publicNetworkAccess') ?? 'Enabled' },
      dataEncryption: { type: 'SystemManaged' },
      state: stateOf(resource),
      sourceServerResourceId: properties['sourceServerResourceId'] ?? '',
      backup: { geoRedundantBackup: 'Disabled' },
      maintenanceWindow: { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 },
      replicationRole: 'AsyncReplica'
    },
    location: textAt(body, 'location') ?? '',
    type: serverType
  }
}

/** A list only: its members are servers, with their own ids and types. */
export const replicas: ResourceType = {
  type: replicaType,
  apiVersions: postgresVersions,
  style: 'postgres',
  timing: timings.flexibleServer,
  methods: [],
  members: (world, source) => replicasOf(world, source).map(one => ({ ...one, type: replicaType })),
  show,
  missing: missingOfType(replicaType)
}
