import { nameOf, parentOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { listAt, objectAt, textAt, without } from '../../json.ts'
import { invalidReference, type Refusal } from '../../refusal.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Provider, ResourceType, World, Write } from '../../type.ts'
import { overlapping } from '../network/overlap.ts'
import { networkVersions } from '../network/subnets.ts'
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
import { dropNetworkInterface, endpointConnectedBy, privateEndpoints } from './privateEndpoints.ts'

const invalid = (code: string, message: string): Refusal => ({ status: 400, code, message, details: [] })

const mostConfigs = 5

function checkGroup(world: World, { method, id, body, live }: Write): Refusal | undefined {
  const endpoint = world.store.get(parentOf(id))
  if (endpoint === undefined) return undefined
  const busy = checkEndpoint(world, endpoint, id, method)
  if (busy || method === 'DELETE') return busy
  const overlap = overlapping(world, id)
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

function show(resource: StoredResource) {
  const { id, body, provisioning } = resource
  const etag = networkEtag(resource)
  return {
    etag,
    properties: {
      provisioningState: provisioning,
      privateDnsZoneConfigs: configsOf(body).map(config => ({
        name: config.name,
        id: `${id}/privateDnsZoneConfigs/${config.name}`,
        etag,
        type: `${zoneGroupType}/privateDnsZoneConfigs`,
        properties: { provisioningState: provisioning, privateDnsZoneId: config.zone, recordSets: recordSets(resource, config) }
      }))
    }
  }
}

const privateDnsZoneGroups: ResourceType = {
  type: zoneGroupType,
  apiVersions: networkVersions,
  style: 'network',
  timing: timings.privateDnsZoneGroup,
  failedStays: true,
  etagHeader: 'GET',
  operationName: ({ method }) => `${method === 'DELETE' ? 'Delete' : 'Put'}PrivateDnsZoneGroupOperation`,
  check: checkGroup,
  reach(world, id, body, method) {
    const live = world.store.get(id)
    const endpoint = world.store.get(parentOf(id))
    if (method === 'DELETE') return live ? recordsOf(live) : []
    return endpoint ? recordsFor(world, endpoint, body).map(one => reachOf(one.record)) : []
  },
  kept: (_world, { body }) => ({
    body: {
      properties: {
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
  show: (_world, resource) => show(resource)
}

/** An approval that comes late writes the records that its zone group has been waiting for. */
function connectionNoticed(world: World, connection: StoredResource): void {
  const endpoint = endpointConnectedBy(world, connection)
  const [own] = endpoint ? connectionsOf(endpoint.body) : []
  if (endpoint === undefined || own === undefined || stateOf(world, endpoint, own).status !== 'Approved') return
  for (const group of groupsOf(world, endpoint.id)) {
    const records = recordsFor(world, endpoint, group.body)
    // Nobody is there to be told of a lock on the zone: the records are not written.
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
    }
  }
}
