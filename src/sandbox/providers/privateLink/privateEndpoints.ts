import { keyOf, nameOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, isObject, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import { type ErrorDetail, invalidReference } from '../../refusal.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Change, Reach, Reading, ResourceType, World, Write } from '../../type.ts'
import { networkVersions } from '../network/subnets.ts'
import { checkPrivateEndpoint } from './checkPrivateEndpoint.ts'
import { connectionLists, connectionsOf, customDnsConfigs, endpointType, stateJson, stateOf, targetOf } from './connection.ts'
import { groupsOf, recordsOf } from './endpointRecords.ts'
import { addNetworkInterface } from './networkInterfaces.ts'

/** An effect: the network interface of an endpoint that has gone. */
export const dropNetworkInterface = 'Microsoft.Network/dropNetworkInterface'

/** Through the target's provider Azure writes, and at the end deletes, a proxy of the connection there (azurerm#17478). */
function reach(world: World, id: string, body: ArmBody, method: Write['method']): readonly Reach[] {
  const connection = textAt(world.store.get(id)?.memory, 'connection')
  if (method === 'DELETE') {
    const left = connection !== undefined && world.store.has(connection) ? proxies(world, body, nameOf(connection)) : []
    return [...left, ...groupsOf(world, id).flatMap(recordsOf)]
  }
  // A change of tags does not go to the target.
  return connection === undefined ? proxies(world, body, nameOf(id)) : []
}

const proxies = (world: World, endpoint: ArmBody, name: string): Reach[] =>
  connectionsOf(endpoint).map(({ target }) => ({
    scope: `${target}/privateEndpointConnectionProxies/${name}`,
    as: 'write',
    calls: targetOf(world, target)?.resource.type ?? ''
  }))

const readOnly = [
  'provisioningState',
  'resourceGuid',
  'networkInterfaces',
  'customDnsConfigs',
  'ipVersionType',
  'isIPv6EnabledPrivateEndpoint'
]

function kept(world: World, { body, live }: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const properties = objectAt(body, 'properties')
  const lists = connectionLists.map(list => [
    list,
    listAt(properties, list)
      .filter(isObject)
      .map(each => ({
        name: textAt(each, 'name') ?? '',
        properties: without(objectAt(each, 'properties'), 'privateLinkServiceConnectionState', 'provisioningState')
      }))
  ])
  const ipConfigurations = listAt(properties, 'ipConfigurations').map(each => ({
    name: textAt(each, 'name') ?? '',
    properties: without(objectAt(each, 'properties'), 'provisioningState')
  }))
  return {
    body: {
      ...without(body, 'id', 'name', 'type', 'etag'),
      properties: {
        ...without(properties, ...readOnly),
        ...Object.fromEntries(lists),
        // What is sent of a subnet beside its id is dropped (CORPUS).
        subnet: { id: textAt(properties, 'subnet', 'id') ?? '' },
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
  if (resource.memory['connection'] !== undefined || connection === undefined) return undefined
  const target = targetOf(world, connection.target)
  // Deleted while the endpoint was being made.
  if (target === undefined) return detailOf(invalidReference(connection.target, resource.id))
  const manual = connection.list === 'manualPrivateLinkServiceConnections'
  const id = target.link.connect(world, {
    target: target.resource.id,
    privateEndpoint: resource.id,
    groupIds: connection.groupIds,
    status: manual ? 'Pending' : 'Approved',
    ...(connection.requestMessage !== undefined && connection.requestMessage !== '' && { description: connection.requestMessage })
  })
  world.store.update(resource.id, { memory: { ...resource.memory, connection: id } })
  return undefined
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
          privateLinkServiceConnectionState: stateJson(stateOf(world, resource, one))
        },
        type: `${endpointType}/${list}`
      }))
  return {
    etag,
    ...without(body, 'properties'),
    properties: {
      provisioningState: provisioning,
      resourceGuid: memory['resourceGuid'] ?? '',
      ...properties,
      privateLinkServiceConnections: shownList('privateLinkServiceConnections'),
      manualPrivateLinkServiceConnections: shownList('manualPrivateLinkServiceConnections'),
      customNetworkInterfaceName: properties['customNetworkInterfaceName'] ?? '',
      ipConfigurations: listAt(properties, 'ipConfigurations')
        .filter(isObject)
        .map(each => ({
          name: textAt(each, 'name') ?? '',
          id: `${id}/ipConfigurations/${textAt(each, 'name') ?? ''}`,
          etag,
          type: `${endpointType}/ipConfigurations`,
          properties: { provisioningState: 'Succeeded', ...objectAt(each, 'properties') }
        })),
      networkInterfaces: networkInterface === undefined ? [] : [{ id: networkInterface }],
      // A zone group takes over the names, and gives them back when it goes (cloud-adoption-framework#1020).
      customDnsConfigs: groupsOf(world, id).length > 0 ? [] : customDnsConfigs(world, resource),
      ...(apiVersion >= '2025-03-01' && { ipVersionType: 'IPv4' })
    }
  }
}

/** The endpoint whose connection this is; undefined for connections of endpoints in Microsoft's own subscriptions. */
export function endpointConnectedBy(world: World, connection: StoredResource): StoredResource | undefined {
  const endpoint = world.store.get(textAt(connection.body, 'properties', 'privateEndpoint', 'id') ?? '')
  const own = keyOf(textAt(endpoint?.memory, 'connection') ?? '') === keyOf(connection.id)
  return own ? endpoint : undefined
}

export const privateEndpoints: ResourceType = {
  type: endpointType,
  apiVersions: networkVersions,
  style: 'network',
  timing: timings.privateEndpoint,
  location: 'short',
  failedStays: true,
  etagHeader: 'GET',
  operationName: ({ method }) => `${method === 'DELETE' ? 'Delete' : 'Put'}PrivateEndpointOperation`,
  check: checkPrivateEndpoint,
  reach,
  kept,
  accepted,
  done,
  removed,
  show
}
