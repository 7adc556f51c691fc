import { type ArmBody, isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { PrivateLinkTarget, World } from '../../type.ts'
import { otherServiceAt } from './otherServices.ts'

export const endpointType = 'Microsoft.Network/privateEndpoints'

/** In which of the two lists a connection stands says whether somebody has to approve it. */
export const connectionLists = ['privateLinkServiceConnections', 'manualPrivateLinkServiceConnections'] as const

export interface Connection {
  readonly list: (typeof connectionLists)[number]
  readonly name: string
  readonly target: string
  readonly groupIds: readonly string[]
  readonly requestMessage: string | undefined
}

export const connectionsOf = (endpoint: ArmBody): Connection[] =>
  connectionLists.flatMap(list =>
    listAt(endpoint, 'properties', list)
      .filter(isObject)
      .map(each => ({
        list,
        name: textAt(each, 'name') ?? '',
        target: textAt(each, 'properties', 'privateLinkServiceId') ?? '',
        groupIds: listAt(each, 'properties', 'groupIds').filter(group => typeof group === 'string'),
        requestMessage: textAt(each, 'properties', 'requestMessage')
      }))
  )

export interface Target {
  readonly resource: StoredResource
  readonly link: PrivateLinkTarget
}

/** The target of a connection; undefined when it is not there, or takes no private endpoints at all. */
export function targetOf(world: World, id: string): Target | undefined {
  const resource = world.store.get(id)
  const link = resource && world.type(resource.type)?.privateLink
  return link && { resource, link }
}

export interface ConnectionState {
  readonly status: string
  readonly description: string
  readonly actionsRequired: string
}

/**
 * The endpoint's own copy of the state, which follows the target's (CORPUS). The texts differ between the first
 * answer, the endpoint at rest and the target, so they are not passed on as they are.
 */
export function stateOf(world: World, endpoint: StoredResource, { list, target }: Connection): ConnectionState {
  const automatic = list === 'privateLinkServiceConnections'
  const other = otherServiceAt(world, target)
  if (other && endpoint.memory['settled'] === true) return automatic ? other.approved : other.pending
  const connection = textAt(endpoint.memory, 'connection')
  if (connection === undefined) {
    // A service that says nothing says nothing at first either (CORPUS: key vaults).
    const description = other?.approved.description === '' ? '' : 'Auto Approved'
    return automatic
      ? { status: 'Approved', description, actionsRequired: 'None' }
      : { status: 'Pending', description: 'Awaiting Approval', actionsRequired: 'None' }
  }
  const seen = endpoint.memory['mirrored']
  return world.behaviours.connectionMirrorMs > 0 && isObject(seen) ? mirroredState(seen) : liveState(world, connection)
}

const mirroredState = (seen: JsonObject): ConnectionState => ({
  status: textAt(seen, 'status') ?? '',
  description: textAt(seen, 'description') ?? '',
  actionsRequired: textAt(seen, 'actionsRequired') ?? ''
})

/** The target's side of a connection by now, in the words of the endpoint's side. */
export function liveState(world: World, connection: string): ConnectionState {
  const live = world.store.get(connection)
  // The target's owner has deleted the connection, or the whole target: nothing revives it [DOC-PEOV].
  if (live === undefined) return { status: 'Disconnected', description: 'Deleted state', actionsRequired: 'None' }
  const state = mirroredState(objectAt(world.show(live), 'properties', 'privateLinkServiceConnectionState'))
  return { ...state, actionsRequired: state.actionsRequired === 'None' ? '' : state.actionsRequired }
}

export interface EndpointName {
  readonly fqdn: string
  /** The one zone in which the name is looked for. */
  readonly zone: string
  /** The name within that zone. */
  readonly label: string
  readonly ipAddresses: readonly string[]
}

/** The names that lead to an endpoint; none as long as its connection is not approved (CORPUS). */
export function namesOf(world: World, endpoint: StoredResource): EndpointName[] {
  const address = textAt(endpoint.memory, 'address')
  const [connection] = connectionsOf(endpoint.body)
  if (address === undefined || !connection || !isConnected(endpoint)) return []
  if (stateOf(world, endpoint, connection).status !== 'Approved') return []
  const ipAddresses = [address]
  const target = targetOf(world, connection.target)
  const other = otherServiceAt(world, connection.target)
  return connection.groupIds.flatMap((groupId): EndpointName[] => {
    if (other) return other.names(groupId).map(name => ({ ...name, ipAddresses }))
    if (target === undefined) return []
    const fqdn = target.link.fqdn(target.resource, groupId)
    const zone = target.link.zoneName(target.resource, groupId)
    const suffix = `.${zone.replace(/^privatelink\./, '')}`
    const label = fqdn.endsWith(suffix) ? fqdn.slice(0, -suffix.length) : (fqdn.split('.')[0] ?? '')
    return [{ fqdn, zone, label, ipAddresses }]
  })
}

/** Whether the operation that makes an endpoint has come to its end once. */
export const isConnected = ({ memory }: StoredResource): boolean => memory['connection'] !== undefined || memory['settled'] === true

export const stateJson = ({ status, description, actionsRequired }: ConnectionState): JsonObject => ({
  status,
  description,
  actionsRequired
})

export const customDnsConfigs = (world: World, endpoint: StoredResource): Json[] =>
  namesOf(world, endpoint).map(({ fqdn, ipAddresses }) => ({ fqdn, ipAddresses }))
