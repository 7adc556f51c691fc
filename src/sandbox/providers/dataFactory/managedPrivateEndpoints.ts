import { nameOf, parentOf, sameId, typeOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, type Json, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import { type ErrorDetail, errorJson, type Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { Change, PrivateLinkTarget, Provider, Reach, ResourceType, World, Write } from '../../type.ts'
import {
  badRequest,
  besideProperties,
  documentBadRequest,
  documentMissing,
  documentOf,
  factoryNameOf,
  preconditionFailed,
  shownId,
  versions
} from './document.ts'
import { endpointGroupOf, managedNetworkType } from './managedVirtualNetworks.ts'

export const managedEndpointType = `${managedNetworkType}/managedprivateendpoints`

const noticeEffect = 'Microsoft.DataFactory/connectionNoticed'

const targetIdOf = (body: ArmBody): string => textAt(body, 'properties', 'privateLinkResourceId') ?? ''

const groupIdOf = (body: ArmBody): string => textAt(body, 'properties', 'groupId') ?? ''

/** The endpoint behind it, in a subscription that nobody but Microsoft sees. A seed may say which. */
const endpointIdOf = (world: World, id: string): string => {
  const group = endpointGroupOf(world.store.get(parentOf(id)))
  const made = `${group}/providers/Microsoft.Network/privateEndpoints/${factoryNameOf(world, id).toLowerCase()}.${nameOf(id)}`
  return textAt(world.store.get(id)?.memory, 'endpoint') ?? made
}

function targetOf(world: World, body: ArmBody): { readonly resource: StoredResource; readonly link: PrivateLinkTarget } | undefined {
  const resource = world.store.get(targetIdOf(body))
  const link = resource && world.type(resource.type)?.privateLink
  return link && { resource, link }
}

function check(world: World, write: Write): Refusal | undefined {
  const { method, id, body, live } = write
  if (method === 'DELETE') return undefined
  const stale = preconditionFailed(write)
  if (stale) return stale
  if (!/^[_A-Za-z0-9]([-_A-Za-z0-9]{0,125}[_A-Za-z0-9])?$/.test(nameOf(id))) {
    return badRequest(`The managed private endpoint name '${nameOf(id)}' is invalid.`, id)
  }
  if (targetIdOf(body) === '') return badRequest("The property 'privateLinkResourceId' is required.", id)
  if (typeOf(targetIdOf(body)) === '')
    return badRequest(`The property 'privateLinkResourceId' is no id of a resource: '${targetIdOf(body)}'.`, id)
  if (groupIdOf(body) === '') return badRequest("The property 'groupId' is required.", id)
  return live ? checkLive(world, live, body) : checkOnlyOne(world, id, body)
}

/** In the words that a deployment was refused with (Azure-DataFactory#250). */
function checkOnlyOne(world: World, id: string, body: ArmBody): Refusal | undefined {
  const other = world.store.ofType(managedEndpointType, parentOf(id)).find(one => sameId(targetIdOf(one.body), targetIdOf(body)))
  if (other === undefined || groupIdOf(other.body).toLowerCase() !== groupIdOf(body).toLowerCase()) return undefined
  const message = `Invalid resource request. Resource type: 'ManagedPrivateEndpoint', Resource name: '${nameOf(id)}' 'Error: A managed private endpoint to the data source already exist.'.`
  return { status: 400, code: 'InvalidResourceRequest', message, target: id, details: null }
}

function checkLive(world: World, live: StoredResource, body: ArmBody): Refusal | undefined {
  if (live.provisioning === 'Deleting') {
    const message = `The managed private endpoint '${nameOf(live.id)}' is being deleted.`
    return { status: 409, code: 'Conflict', message, target: live.id, details: null }
  }
  const changed = [
    ...(sameId(targetIdOf(body), targetIdOf(live.body)) ? [] : ['privateLinkResourceId']),
    ...(groupIdOf(body).toLowerCase() === groupIdOf(live.body).toLowerCase() ? [] : ['groupId']),
    ...(sameNames(listAt(body, 'properties', 'fqdns'), fqdnsOf(live)) ? [] : ['fqdns'])
  ]
  if (changed[0] === undefined) return undefined
  return badRequest(
    `The property '${changed[0]}' of managed private endpoint '${factoryNameOf(world, live.id)}/${nameOf(live.id)}' cannot be changed.`,
    live.id
  )
}

/** Names that are not sent are computed, and so are not a change. */
const sameNames = (sent: readonly Json[], live: readonly Json[]): boolean =>
  sent.length === 0 || (sent.length === live.length && sent.every(each => live.includes(each)))

const fqdnsOf = ({ body, memory }: StoredResource): readonly Json[] =>
  memory['fqdns'] === undefined ? listAt(body, 'properties', 'fqdns') : listAt(memory, 'fqdns')

/** Why the endpoint cannot be made, which only its operation finds out: the request has been accepted by then. */
function outcome(world: World, { method, body, live }: Write): ErrorDetail | undefined {
  const made = live !== undefined && live.provisioning !== 'Failed'
  return method === 'DELETE' || made ? undefined : unreachable(world, body)
}

/** A service that is not played here is unknown: it is taken as being there, and never decides. */
const isElsewhere = (world: World, body: ArmBody): boolean => world.type(typeOf(targetIdOf(body))) === undefined

function unreachable(world: World, body: ArmBody): ErrorDetail | undefined {
  if (isElsewhere(world, body)) return undefined
  const target = targetOf(world, body)
  if (target === undefined) {
    return { code: 'ResourceNotFound', message: `The private link resource '${targetIdOf(body)}' was not found.` }
  }
  const groupId = groupIdOf(body)
  if (!target.link.groupIds.some(one => one.toLowerCase() === groupId.toLowerCase())) {
    return { code: 'BadRequest', message: `Invalid groupId '${groupId}' for '${targetIdOf(body)}'.` }
  }
  const refused = target.link.refuses(world, target.resource)
  return refused && { code: refused.code, message: refused.message }
}

/** The endpoint writes a proxy of the connection through the target's provider, as every private endpoint does (azurerm#17478). */
function reach(world: World, id: string, body: ArmBody, method: Write['method']): readonly Reach[] {
  const target = targetOf(world, body)
  const connected = world.store.has(textAt(world.store.get(id)?.memory, 'connection') ?? '')
  if (target === undefined || connected !== (method === 'DELETE')) return []
  const proxy = `${target.resource.id}/privateEndpointConnectionProxies/${nameOf(endpointIdOf(world, id))}`
  return [{ scope: proxy, as: 'write', calls: target.resource.type }]
}

const readOnly = ['provisioningState', 'connectionState', 'error', 'resourceId', 'ipAddress', 'linkId', 'isReserved']

function kept(_world: World, { body, live, seeded }: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const fqdns = { fqdns: live ? listAt(live.body, 'properties', 'fqdns') : listAt(body, 'properties', 'fqdns') }
  const endpoint = seeded ? textAt(body, 'properties', 'resourceId') : undefined
  return {
    body: documentOf(body, { ...without(objectAt(body, 'properties'), ...readOnly), ...fqdns }),
    memory: { ...live?.memory, ...(endpoint !== undefined && { endpoint }) }
  }
}

/** Only now does the target have the connection, always for its owner to decide: there is no approval of one's own (azurerm#19777). */
function done(world: World, { resource }: Change): ErrorDetail | undefined {
  const { id, body, memory } = resource
  // Written again while it was being made: the first write's operation connects it.
  if (memory['connection'] !== undefined || world.inFlight(id).length > 0) return undefined
  const target = targetOf(world, body)
  const error = unreachable(world, body)
  if (error) return error
  const pending = { status: 'Pending', description: 'Awaiting Approval', actionsRequired: 'None' }
  if (target === undefined) {
    world.store.update(id, { memory: { ...memory, state: pending } })
    return undefined
  }
  const sent = listAt(body, 'properties', 'fqdns')
  const fqdns = sent.length > 0 ? sent : [target.link.fqdn(target.resource, groupIdOf(body))]
  const seeded = world.store.beneath(target.resource.id).find(one => isConnection(one) && sameId(endpointOf(one), endpointIdOf(world, id)))
  if (seeded) {
    world.store.update(id, { memory: { ...memory, connection: seeded.id, fqdns, state: stateOf(world, seeded) } })
    return undefined
  }
  const connection = target.link.connect(world, {
    target: target.resource.id,
    privateEndpoint: endpointIdOf(world, id),
    groupIds: [groupIdOf(body)],
    status: 'Pending',
    description: `Requested by DataFactory:${factoryNameOf(world, id)}, Name:${nameOf(id)}`
  })
  world.store.update(id, { memory: { ...memory, connection, fqdns, state: pending } })
  return undefined
}

function removed(world: World, { body, memory }: StoredResource): void {
  const connection = textAt(memory, 'connection')
  if (connection !== undefined) targetOf(world, body)?.link.disconnect(world, connection)
}

/** The error of the operation that failed last; only of an endpoint that could not be made. */
function errorOf(world: World, { id, provisioning }: StoredResource): Json {
  if (provisioning !== 'Failed') return null
  const failed = [...world.store.operations.values()].filter(one => one.status === 'Failed' && sameId(one.resource, id)).at(-1)
  return failed?.error ? errorJson({ code: failed.error.code, message: failed.error.message }) : null
}

function show(world: World, resource: StoredResource): ArmBody {
  const { id, body, memory, provisioning } = resource
  return {
    id: shownId(world, id),
    ...besideProperties(body),
    properties: {
      error: errorOf(world, resource),
      provisioningState: provisioning,
      resourceId: world.behaviours.managedEndpointTold ? endpointIdOf(world, id) : null,
      ...objectAt(body, 'properties'),
      fqdns: fqdnsOf(resource),
      ipAddress: null,
      linkId: null,
      connectionState: { status: '', description: '', actionsRequired: '', ...objectAt(memory, 'state') }
    }
  }
}

/** The status that the endpoint itself shows, which runs behind the target's. */
export const shownStatus = (endpoint: StoredResource): string => textAt(endpoint.memory, 'state', 'status') ?? ''

const isConnection = ({ type }: StoredResource): boolean => nameOf(type).toLowerCase() === 'privateendpointconnections'

const endpointOf = (connection: StoredResource): string => textAt(connection.body, 'properties', 'privateEndpoint', 'id') ?? ''

const stateOf = (world: World, connection: StoredResource): JsonObject =>
  objectAt(world.show(connection), 'properties', 'privateLinkServiceConnectionState')

/** The target's owner's decision on the connection; it is gone for good when he, or the target, took it away. */
export function connectionState(world: World, endpoint: StoredResource): JsonObject {
  const live = world.store.get(textAt(endpoint.memory, 'connection') ?? '')
  return live ? stateOf(world, live) : { status: 'Disconnected', description: 'Deleted state', actionsRequired: 'None' }
}

/** Minutes pass until Data Factory finds out what was decided. It then sees what is so by then, whatever was so before. */
export function managedEndpointNoticed(world: World, resource: StoredResource): void {
  if (!isConnection(resource)) return
  const endpoint = world.store.ofType(managedEndpointType).find(one => sameId(endpointIdOf(world, one.id), endpointOf(resource)))
  const own = textAt(endpoint?.memory, 'connection')
  if (endpoint === undefined || own === undefined) return
  if (!sameId(own, resource.id)) {
    if (world.store.has(resource.id)) takeOver(world, endpoint, resource, own)
    return
  }
  if (connectionState(world, endpoint)['status'] === shownStatus(endpoint)) return
  const [least, most] = world.behaviours.approvalNoticedMs
  world.schedule(least + world.random.below(most - least + 1), noticeEffect, { id: endpoint.id })
}

/** A seeded connection, decided on long ago, in the place of the one that its endpoint, seeded before it, has made. */
function takeOver(world: World, endpoint: StoredResource, connection: StoredResource, made: string): void {
  world.store.update(endpoint.id, { memory: { ...endpoint.memory, connection: connection.id, state: stateOf(world, connection) } })
  world.remove(made)
}

export const managedEndpointEffects: NonNullable<Provider['effects']> = {
  [noticeEffect]: (world, { id }) => {
    const endpoint = typeof id === 'string' ? world.store.get(id) : undefined
    if (endpoint?.memory['connection'] === undefined) return
    world.store.update(endpoint.id, { memory: { ...endpoint.memory, state: connectionState(world, endpoint) } })
  }
}

const between = (world: World, least: number, most: number): number => (least + world.random.below(most - least + 1)) * 1000

/** Ten years: nobody waits so long. */
const forEverMs = 10 * 365 * 86_400_000

export const managedPrivateEndpoints: ResourceType = {
  type: managedEndpointType,
  apiVersions: versions,
  style: 'sync',
  createdStatus: 200,
  timing: timings.managedPrivateEndpoint,
  states: { creating: 'Provisioning', updating: 'Provisioning', deleting: 'Deleting', settled: 'Succeeded' },
  failedStays: true,
  duration(world, { method, live }) {
    if (method === 'DELETE') return between(world, 30, 300)
    if (world.behaviours.managedEndpointStuck) return forEverMs
    return live === undefined || live.provisioning === 'Failed' ? between(world, 60, 180) : 0
  },
  check,
  outcome,
  reach,
  kept,
  done,
  removed,
  show,
  missing: (world, id) => (world.behaviours.managedEndpointMissing === 'notFound' ? documentMissing(id) : documentBadRequest(id))
}
