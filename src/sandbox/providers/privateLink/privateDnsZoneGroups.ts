import { nameOf, parentOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { listAt, objectAt, textAt, without } from '../../json.ts'
import { invalidReference, type Refusal } from '../../refusal.ts'
import { ofZoneGroup } from '../../rights/linkedScopes.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Provider, ResourceType, World, Write } from '../../type.ts'
import { overlapping } from '../network/overlap.ts'
import { zoneGroupVersions } from '../network/versions.ts'
import { notProvisioned, notProvisionedDetail } from './checkPrivateEndpoint.ts'
import { connectionsOf, stateOf } from './connection.ts'
import {
  configsOf,
  groupsOf,
  reachOf,
  recordSets,
  recordsFor,
  recordsOf,
  removeRecord,
  writeRecords,
  zoneGroupType
} from './endpointRecords.ts'
import { networkInterfaces } from './networkInterfaces.ts'
import {
  connect,
  connectEndpoint,
  dropNetworkInterface,
  endpointConnectedBy,
  mirror,
  mirrorConnection,
  privateEndpoints
} from './privateEndpoints.ts'

const invalid = (code: string, message: string): Refusal => ({ status: 400, code, message, details: [] })

const mostConfigs = 5

function checkGroup(world: World, write: Write): Refusal | undefined {
  const { method, id, body, live } = write
  const endpoint = world.store.get(parentOf(id))
  if (endpoint === undefined) return undefined
  const busy = checkEndpoint(world, endpoint, id, method)
  if (busy || method === 'DELETE') return busy
  const overlap = overlapping(world, id, write)
  if (overlap) return overlap
  const other = groupsOf(world, endpoint.id).find(one => !sameId(one.id, id))
  if (other) {
    return invalid(
      'MoreThanOnePrivateDnsZoneGroupPerPrivateEndpointNotAllowed',
      `Cannot create more than one private dns zone groups in the private endpoint ${endpoint.id}.`
    )
  }
  const configs = configsOf(body)
  // Portal and CLI fill the name in; the API does not (pulumi-azure-native#2431).
  if (configs.some(one => one.name === '' || one.zone === '')) return invalid('InvalidRequestFormat', 'Cannot parse the request.')
  if (configs.length > mostConfigs) {
    return invalid('InvalidRequestFormat', `Private DNS zone group ${id} has ${configs.length} zones. At most ${mostConfigs} are allowed.`)
  }
  const missing = configs.find(one => !world.store.has(one.zone))
  if (missing) return invalidReference(missing.zone, id)
  return live ? checkZones(live, configs) : undefined
}

/** Not while the endpoint is being made or deleted: a 429 for a PUT, a 400 for a DELETE (CORPUS). */
function checkEndpoint(world: World, endpoint: StoredResource, id: string, method: Write['method']): Refusal | undefined {
  const running = world.inFlight(endpoint.id).find(one => sameId(one.resource, endpoint.id))
  if (running === undefined) return undefined
  const state = running.method === 'DELETE' ? 'Deleting' : 'Updating'
  const what = { resource: endpoint.id, usedBy: id, state, by: running.name }
  if (method !== 'DELETE') return notProvisioned(what)
  return { status: 400, ...notProvisionedDetail(what), details: [] }
}

/** A configuration cannot be led to another zone: the group has to be made anew [TF-PE]. */
function checkZones(live: StoredResource, configs: ReturnType<typeof configsOf>): Refusal | undefined {
  const was = configsOf(live.body)
  const moved = configs.find(one => was.some(old => old.name === one.name && !sameId(old.zone, one.zone)))
  if (moved === undefined) return undefined
  return invalid(
    'PropertyChangeNotAllowed',
    `Changing property 'privateDnsZoneId' of private DNS zone configuration ${moved.name} is not allowed.`
  )
}

function show(world: World, resource: StoredResource) {
  const { id, body, provisioning } = resource
  const etag = networkEtag(resource)
  return {
    etag,
    ...without(body, 'properties'),
    properties: {
      provisioningState: provisioning,
      ...objectAt(body, 'properties'),
      privateDnsZoneConfigs: configsOf(body).map(config => ({
        name: config.name,
        id: `${id}/privateDnsZoneConfigs/${config.name}`,
        etag,
        type: `${zoneGroupType}/privateDnsZoneConfigs`,
        properties: {
          provisioningState: provisioning,
          ...objectAt(
            listAt(body, 'properties', 'privateDnsZoneConfigs').find(each => textAt(each, 'name') === config.name),
            'properties'
          ),
          recordSets: recordSets(world, resource, config)
        }
      }))
    }
  }
}

const privateDnsZoneGroups: ResourceType = {
  type: zoneGroupType,
  apiVersions: zoneGroupVersions,
  style: 'network',
  timing: timings.privateDnsZoneGroup,
  failedStays: true,
  etagHeader: 'GET',
  operationName: ({ method }) => `${method === 'DELETE' ? 'Delete' : 'Put'}PrivateDnsZoneGroupOperation`,
  linked: ofZoneGroup,
  check: checkGroup,
  reach(world, id, body, method) {
    const live = world.store.get(id)
    const endpoint = world.store.get(parentOf(id))
    if (method === 'DELETE') return live ? recordsOf(live) : []
    return endpoint ? recordsFor(world, endpoint, body).map(one => reachOf(one.record)) : []
  },
  kept: (_world, { body }) => ({
    body: {
      ...without(body, 'id', 'name', 'type', 'etag'),
      properties: {
        ...without(objectAt(body, 'properties'), 'provisioningState'),
        privateDnsZoneConfigs: listAt(body, 'properties', 'privateDnsZoneConfigs').map(each => ({
          name: textAt(each, 'name') ?? '',
          properties: without(objectAt(each, 'properties'), 'provisioningState', 'recordSets')
        }))
      }
    }
  }),
  done(world, { resource }) {
    writeRecords(world, resource)
    return undefined
  },
  removed(world, group) {
    for (const { scope } of recordsOf(group)) removeRecord(world, scope)
  },
  show,
  // As a subnet's: the gateway knows nothing of what lies within a resource of the network provider (CORPUS).
  missing: (_world, id) => ({ status: 404, code: 'NotFound', message: `Resource ${id} not found.`, details: [] })
}

/** An approval that comes late writes the records that its zone group has been waiting for. */
function connectionNoticed(world: World, connection: StoredResource): void {
  const endpoint = endpointConnectedBy(world, connection)
  if (endpoint === undefined) return
  const lag = world.behaviours.connectionMirrorMs
  if (lag > 0) world.schedule(lag, mirrorConnection, { id: endpoint.id })
  else recordsFollow(world, endpoint)
}

function recordsFollow(world: World, endpoint: StoredResource): void {
  const [own] = connectionsOf(endpoint.body)
  if (own === undefined || stateOf(world, endpoint, own).status !== 'Approved') return
  for (const group of groupsOf(world, endpoint.id)) {
    const records = recordsFor(world, endpoint, group.body)
    // No caller is there to be told of a lock on the zone: the records are not written.
    if (!records.some(one => world.lockedBy(one.record, 'write').length > 0)) writeRecords(world, group)
  }
}

export const privateLink: Provider = {
  namespace: 'Microsoft.Network',
  types: [privateEndpoints, networkInterfaces, privateDnsZoneGroups],
  noticed(world, resource) {
    if (nameOf(resource.type).toLowerCase() === 'privateendpointconnections') connectionNoticed(world, resource)
  },
  effects: {
    [dropNetworkInterface]: (world, { id }) => {
      if (typeof id === 'string') world.remove(id)
    },
    [connectEndpoint](world, { id }) {
      const endpoint = typeof id === 'string' ? world.store.get(id) : undefined
      const connection = endpoint && connect(world, endpoint)
      if (connection) connectionNoticed(world, connection)
    },
    [mirrorConnection](world, { id }) {
      if (typeof id !== 'string') return
      mirror(world, id)
      const endpoint = world.store.get(id)
      if (endpoint) recordsFollow(world, endpoint)
    }
  }
}
