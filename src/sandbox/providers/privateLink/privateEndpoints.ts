import { keyOf, nameOf, typeOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, isObject, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import { type ErrorDetail, invalidReference } from '../../refusal.ts'
import { ofPrivateEndpoint } from '../../rights/linkedScopes.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Change, Reach, Reading, ResourceType, World, Write } from '../../type.ts'
import { sameContent } from '../network/content.ts'
import { endpointVersions } from '../network/versions.ts'
import { checkPrivateEndpoint } from './checkPrivateEndpoint.ts'
import {
  type Connection,
  type ConnectionState,
  connectionLists,
  connectionsOf,
  customDnsConfigs,
  endpointType,
  isConnected,
  liveState,
  stateJson,
  stateOf,
  targetOf
} from './connection.ts'
import { groupsOf, recordsOf } from './endpointRecords.ts'
import { addNetworkInterface } from './networkInterfaces.ts'
import { otherServiceAt, resolvedLocation } from './otherServices.ts'

/** An effect: the network interface of an endpoint that has gone. */
export const dropNetworkInterface = 'Microsoft.Network/dropNetworkInterface'

/** An effect: the connection of a new endpoint appears on its target. */
export const connectEndpoint = 'Microsoft.Network/connectEndpoint'

/** An effect: an endpoint takes over what its target says of their connection. */
export const mirrorConnection = 'Microsoft.Network/mirrorConnection'

/** Through the target's provider Azure writes, and at the end deletes, a proxy of the connection there (azurerm#17478). */
function reach(world: World, id: string, body: ArmBody, method: Write['method']): readonly Reach[] {
  const connection = textAt(world.store.get(id)?.memory, 'connection')
  if (method === 'DELETE') {
    const left = connection !== undefined && world.store.has(connection) ? proxies(world, body, nameOf(connection)) : []
    return [...left, ...groupsOf(world, id).flatMap(recordsOf)]
  }
  // A change of tags does not go to the target.
  const live = world.store.get(id)
  return live && isConnected(live) ? [] : proxies(world, body, nameOf(id))
}

const proxies = (world: World, endpoint: ArmBody, name: string): Reach[] =>
  connectionsOf(endpoint).map(({ target }) => ({
    scope: `${target}/privateEndpointConnectionProxies/${name}`,
    as: 'write',
    calls: targetOf(world, target)?.resource.type ?? typeOf(target)
  }))

/** Not there when it is empty (CORPUS). */
const securityGroups = 'applicationSecurityGroups'

const readOnly = ['provisioningState', 'resourceGuid', 'networkInterfaces', 'customDnsConfigs', 'isIPv6EnabledPrivateEndpoint']

function kept(world: World, { body, live }: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const properties = objectAt(body, 'properties')
  const lists = connectionLists.map(list => [
    list,
    listAt(properties, list)
      .filter(isObject)
      .map(each => ({
        name: textAt(each, 'name') ?? '',
        properties: without(
          objectAt(each, 'properties'),
          'privateLinkServiceConnectionState',
          'provisioningState',
          'resolvedPrivateLinkServiceLocation'
        )
      }))
  ])
  const ipConfigurations = listAt(properties, 'ipConfigurations').map(each => ({
    name: textAt(each, 'name') ?? '',
    properties: without(objectAt(each, 'properties'), 'provisioningState')
  }))
  const subnet = textAt(properties, 'subnet', 'id') ?? ''
  return {
    body: {
      ...without(body, 'id', 'name', 'type', 'etag'),
      properties: {
        ...without(properties, ...readOnly, ...(listAt(properties, securityGroups).length > 0 ? [] : [securityGroups])),
        ...Object.fromEntries(lists),
        // Members of a subnet beside its id are dropped (CORPUS), and the id has the names it was made with (PE-46).
        subnet: { id: world.store.get(subnet)?.id ?? subnet },
        ipConfigurations
      }
    },
    memory: { ...live?.memory, resourceGuid: live?.memory['resourceGuid'] ?? world.random.guid() }
  }
}

function accepted(world: World, { resource }: Change): void {
  if (resource.memory['networkInterface'] !== undefined) return
  world.store.update(resource.id, { memory: { ...resource.memory, ...addNetworkInterface(world, resource) } })
}

/** Only now does the target show the connection (CORPUS). */
function done(world: World, { resource }: Change): ErrorDetail | undefined {
  const [connection] = connectionsOf(resource.body)
  if (isConnected(resource) || connection === undefined) return undefined
  if (otherServiceAt(world, connection.target)) {
    world.store.update(resource.id, { memory: { ...resource.memory, settled: true } })
    return undefined
  }
  // Deleted while the endpoint was being made.
  if (targetOf(world, connection.target) === undefined) return detailOf(invalidReference(connection.target, resource.id))
  const lag = world.behaviours.connectionAppearsMs
  if (lag > 0) world.schedule(lag, connectEndpoint, { id: resource.id })
  else connect(world, resource)
  return undefined
}

/** @returns the connection on the target; undefined when either of the two has gone, or it is there already */
export function connect(world: World, endpoint: StoredResource): StoredResource | undefined {
  const [connection] = connectionsOf(endpoint.body)
  const target = connection && targetOf(world, connection.target)
  if (connection === undefined || target === undefined || isConnected(endpoint)) return undefined
  const manual = connection.list === 'manualPrivateLinkServiceConnections'
  const id = target.link.connect(world, {
    target: target.resource.id,
    privateEndpoint: endpoint.id,
    groupIds: connection.groupIds,
    status: manual ? 'Pending' : 'Approved',
    ...(connection.requestMessage !== undefined && connection.requestMessage !== '' && { description: connection.requestMessage })
  })
  world.store.update(endpoint.id, { memory: { ...endpoint.memory, connection: id } })
  mirror(world, endpoint.id)
  return world.store.get(id)
}

/** From now on the endpoint shows what its target says by now. */
export function mirror(world: World, id: string): void {
  const endpoint = world.store.get(id)
  const connection = textAt(endpoint?.memory, 'connection')
  if (endpoint === undefined || connection === undefined) return
  world.store.update(id, { memory: { ...endpoint.memory, mirrored: stateJson(liveState(world, connection)) } })
}

const detailOf = ({ code, message, details }: ErrorDetail): ErrorDetail => ({ code, message, ...(details && { details }) })

function removed(world: World, { body, memory }: StoredResource): void {
  const [connection] = connectionsOf(body)
  const live = textAt(memory, 'connection')
  const target = connection && targetOf(world, connection.target)
  if (target && live !== undefined) target.link.disconnect(world, live)
  const networkInterface = textAt(memory, 'networkInterface')
  if (networkInterface === undefined) return
  const lingers = world.behaviours.networkInterfaceLingerMs
  if (lingers > 0) world.schedule(lingers, dropNetworkInterface, { id: networkInterface })
  else world.remove(networkInterface)
}

/** While an endpoint is written to, it says of a connection that approved itself what it said at first (CORPUS). */
const shownState = (provisioning: string, state: ConnectionState): ConnectionState =>
  provisioning === 'Updating' && /^auto-approved$/i.test(state.description)
    ? { ...state, description: 'Auto Approved', actionsRequired: 'None' }
    : state

/** A self-approved connection to a private link service gave no reason in any answer up to 2021-03-01, and in all since (CORPUS). */
const wordedIn = (apiVersion: string, { target }: Connection, state: ConnectionState): ConnectionState =>
  apiVersion !== '' && apiVersion < '2021-05-01' && /\/privateLinkServices\//i.test(target) && state.description === 'Auto Approved'
    ? { ...state, description: '' }
    : state

function show(world: World, resource: StoredResource, { apiVersion }: Reading): ArmBody {
  const { id, body, memory, provisioning } = resource
  const etag = networkEtag(resource)
  const properties = objectAt(body, 'properties')
  const networkInterface = textAt(memory, 'networkInterface')
  const connections = connectionsOf(body)
  const shownList = (list: (typeof connectionLists)[number]) =>
    connections
      .filter(one => one.list === list)
      .map((one, index) => ({
        name: one.name,
        id: `${id}/${list}/${one.name}`,
        etag,
        properties: {
          provisioningState: 'Succeeded',
          ...objectAt(listAt(properties, list)[index], 'properties'),
          ...resolvedLocation(world, body, one.target),
          privateLinkServiceConnectionState: stateJson(wordedIn(apiVersion, one, shownState(provisioning, stateOf(world, resource, one))))
        },
        type: `${endpointType}/${list}`
      }))
  return {
    etag,
    ...without(body, 'properties'),
    properties: {
      provisioningState: provisioning,
      resourceGuid: memory['resourceGuid'] ?? '',
      ...without(properties, 'customNetworkInterfaceName', 'ipConfigurations', 'ipVersionType'),
      privateLinkServiceConnections: shownList('privateLinkServiceConnections'),
      manualPrivateLinkServiceConnections: shownList('manualPrivateLinkServiceConnections'),
      networkInterfaces: networkInterface === undefined ? [] : [{ id: networkInterface }],
      ...sinceVersions(world, resource, apiVersion)
    }
  }
}

/** Members that came later than private endpoints did, each from the first version in which it was recorded (CORPUS). */
function sinceVersions(world: World, resource: StoredResource, apiVersion: string): JsonObject {
  const { id, body } = resource
  const since = (version: string): boolean => apiVersion === '' || apiVersion >= version
  const ipConfigurations = listAt(body, 'properties', 'ipConfigurations')
    .filter(isObject)
    .map(each => ({
      name: textAt(each, 'name') ?? '',
      id: `${id}/ipConfigurations/${textAt(each, 'name') ?? ''}`,
      etag: networkEtag(resource),
      type: `${endpointType}/ipConfigurations`,
      properties: { provisioningState: 'Succeeded', ...objectAt(each, 'properties') }
    }))
  return {
    // In all answers of that version, and in no later one's.
    ...(apiVersion.startsWith('2020-03-01') && { privateDnsZoneConfigs: [] }),
    // A zone group takes over the names, and gives them back when it goes (cloud-adoption-framework#1020).
    ...(since('2020-05-01') && { customDnsConfigs: groupsOf(world, id).length > 0 ? [] : customDnsConfigs(world, resource) }),
    ...(since('2021-03-01') && { ipConfigurations }),
    ...(since('2021-05-01') && { customNetworkInterfaceName: textAt(body, 'properties', 'customNetworkInterfaceName') ?? '' }),
    // In all answers of 2024-03-01, and in no other version's.
    ...(apiVersion.startsWith('2024-03-01') && { isIPv6EnabledPrivateEndpoint: false }),
    ...(apiVersion >= '2025-03-01' && { ipVersionType: textAt(body, 'properties', 'ipVersionType') ?? 'IPv4' })
  }
}

/** The endpoint whose connection this is; undefined for connections of endpoints in Microsoft's own subscriptions. */
export function endpointConnectedBy(world: World, connection: StoredResource): StoredResource | undefined {
  const endpoint = world.store.get(textAt(connection.body, 'properties', 'privateEndpoint', 'id') ?? '')
  const own = keyOf(textAt(endpoint?.memory, 'connection') ?? '') === keyOf(connection.id)
  return own ? endpoint : undefined
}

/** Values that Azure fills in, so that they are no change when they are sent back. */
const defaults: JsonObject = { customNetworkInterfaceName: '', ipVersionType: 'IPv4' }

export const privateEndpoints: ResourceType = {
  type: endpointType,
  apiVersions: endpointVersions,
  style: 'network',
  timing: timings.privateEndpoint,
  location: 'short',
  failedStays: true,
  etagHeader: 'GET',
  operationName: ({ method }) => `${method === 'DELETE' ? 'Delete' : 'Put'}PrivateEndpointOperation`,
  duration(world, write) {
    const { method, live } = write
    const { create, update, remove } = timings.privateEndpoint
    if (method === 'DELETE') return remove.ms
    if (live === undefined) return create.ms
    const [is, was] = [kept(world, write).body, live.body].map(each => ({ ...defaults, ...objectAt(each, 'properties') }))
    const same = sameContent(is, was)
    // A change of tags alone is done in its answer (CORPUS).
    return live.provisioning === 'Succeeded' && same ? 0 : update.ms
  },
  linked: ofPrivateEndpoint,
  check: checkPrivateEndpoint,
  reach,
  kept,
  accepted,
  done,
  removed,
  show
}
