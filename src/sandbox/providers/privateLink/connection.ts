import { type ArmBody, isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { PrivateLinkTarget, World } from '../../type.ts'

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

/** What a connection leads to; undefined when it is not there, or takes no private endpoints at all. */
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
 * The endpoint's own copy of the state, which follows the target's at the next GET (CORPUS). The texts differ
 * between the first answer, the settled endpoint and the target, so they are not passed on as they are.
 */
export function stateOf(world: World, endpoint: StoredResource, { list }: Connection): ConnectionState {
  const connection = textAt(endpoint.memory, 'connection')
  if (connection === undefined) {
    return list === 'privateLinkServiceConnections'
      ? { status: 'Approved', description: 'Auto Approved', actionsRequired: 'None' }
      : { status: 'Pending', description: 'Awaiting Approval', actionsRequired: 'None' }
  }
  const live = world.store.get(connection)
  // The target's owner has deleted the connection, or the whole target: nothing revives it [DOC-PEOV].
  if (live === undefined) return { status: 'Disconnected', description: 'Deleted state', actionsRequired: 'None' }
  const state = objectAt(world.show(live), 'properties', 'privateLinkServiceConnectionState')
  const actionsRequired = textAt(state, 'actionsRequired') ?? ''
  return {
    status: textAt(state, 'status') ?? '',
    description: textAt(state, 'description') ?? '',
    actionsRequired: actionsRequired === 'None' ? '' : actionsRequired
  }
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
  const target = connection && targetOf(world, connection.target)
  if (address === undefined || endpoint.memory['connection'] === undefined || !connection || !target) return []
  if (stateOf(world, endpoint, connection).status !== 'Approved') return []
  return connection.groupIds.map(groupId => {
    const fqdn = target.link.fqdn(target.resource, groupId)
    const zone = target.link.zoneName(target.resource, groupId)
    const suffix = `.${zone.replace(/^privatelink\./, '')}`
    const label = fqdn.endsWith(suffix) ? fqdn.slice(0, -suffix.length) : (fqdn.split('.')[0] ?? '')
    return { fqdn, zone, label, ipAddresses: [address] }
  })
}

export const stateJson = ({ status, description, actionsRequired }: ConnectionState): JsonObject => ({
  status,
  description,
  actionsRequired
})

export const customDnsConfigs = (world: World, endpoint: StoredResource): Json[] =>
  namesOf(world, endpoint).map(({ fqdn, ipAddresses }) => ({ fqdn, ipAddresses }))
