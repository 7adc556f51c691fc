import { nameOf, parentOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { ErrorDetail, Refusal } from '../../refusal.ts'
import { ofConnection } from '../../rights/linkedScopes.ts'
import type { StoredResource } from '../../state.ts'
import type { Change, PrivateLinkTarget, ResourceType, World, Write } from '../../type.ts'
import {
  busy,
  childBody,
  invalid,
  invalidParameter,
  missingOfType,
  operationNameOf,
  privateLinkVersions,
  serverType,
  unexpected
} from './server.ts'

const connectionType = `${serverType}/privateEndpointConnections`

const groupId = 'postgresqlServer'

const zoneName = 'privatelink.postgres.database.azure.com'

export const fqdnOf = (server: string): string => `${nameOf(server).toLowerCase()}.postgres.database.azure.com`

/** A server is in a virtual network for life, and then takes no private endpoints [DOC-PL]. */
export const isInjected = (server: ArmBody | undefined): boolean =>
  textAt(server, 'properties', 'network', 'delegatedSubnetResourceId') !== undefined

const statusOf = (body: ArmBody | undefined): string | undefined =>
  textAt(body, 'properties', 'privateLinkServiceConnectionState', 'status')

const endpointOf = (body: ArmBody): string => textAt(body, 'properties', 'privateEndpoint', 'id') ?? ''

export const connectionsOf = (world: World, server: string): StoredResource[] => world.store.ofType(connectionType, server)

const missing = missingOfType(connectionType)

function check(world: World, { method, id, sent, live, seeded }: Write): Refusal | undefined {
  if (method === 'DELETE') return undefined
  // Only the network provider makes connections; their owner decides on those that are there.
  if (live === undefined && !seeded) return missing(world, id)
  if (live === undefined && endpointOf(sent) === '') return invalidParameter('privateEndpoint')
  return /^(approved|rejected|pending)$/i.test(statusOf(sent) ?? '') ? undefined : invalidParameter('privateLinkServiceConnectionState')
}

/** Only one decision fails, the approval of a rejected connection, and only in the operation (CORPUS). */
function outcome(world: World, { method, id, sent, live }: Write): ErrorDetail | undefined {
  const wait = busy(world, id)
  if (wait || method === 'DELETE') return wait
  return statusOf(live?.body) === 'Rejected' && !/^rejected$/i.test(statusOf(sent) ?? '') ? unexpected(world) : undefined
}

const properCase = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()

/** The endpoint and its groups stay as they are, whatever a decision says of them (CORPUS). */
function kept(_world: World, { sent, live, body, seeded }: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const made = seeded ? objectAt(sent, 'systemData') : {}
  const { privateEndpoint, groupIds } = objectAt(live?.body ?? body, 'properties')
  const state = objectAt(sent, 'properties', 'privateLinkServiceConnectionState')
  const kept = childBody(sent, {
    privateEndpoint: { id: textAt(privateEndpoint, 'id') ?? '' },
    privateLinkServiceConnectionState: {
      status: properCase(statusOf(sent) ?? ''),
      ...without(state, 'status', 'actionsRequired'),
      actionsRequired: 'None'
    },
    groupIds: groupIds ?? [groupId]
  })
  return { ...kept, memory: { ...live?.memory, ...(Object.keys(made).length > 0 && { systemData: made }) } }
}

/** A seeded connection takes the place of the one that its endpoint, seeded before it, has made. */
function done(world: World, { resource, before }: Change): undefined {
  if (before !== undefined) return
  const endpoint = world.store.get(endpointOf(resource.body))
  if (endpoint === undefined) return
  world.store.update(endpoint.id, { memory: { ...endpoint.memory, connection: resource.id } })
  for (const other of connectionsOf(world, parentOf(resource.id)))
    if (!sameId(other.id, resource.id) && sameId(endpointOf(other.body), endpoint.id)) world.remove(other.id)
}

/** The old decision stands, marked as being changed, until the new one's operation is done. */
function show(world: World, { id, body, memory }: StoredResource): ArmBody {
  const running = world.inFlight(id).find(one => one.error === undefined)
  const provisioningState = running === undefined ? 'Succeeded' : running.method === 'DELETE' ? 'Deleting' : 'Updating'
  const made = memory['systemData'] === undefined ? {} : { systemData: memory['systemData'] }
  return { ...body, ...made, properties: { ...objectAt(body, 'properties'), provisioningState } }
}

export const privateEndpointConnections: ResourceType = {
  type: connectionType,
  apiVersions: privateLinkVersions,
  style: 'postgres',
  timing: timings.privateEndpointConnection,
  visible: 'whenDone',
  operationName: operationNameOf('PrivateEndpointConnection'),
  linked: ofConnection,
  check,
  outcome,
  kept,
  done,
  show,
  missing
}

export const privateLink: PrivateLinkTarget = {
  groupIds: [groupId],
  zoneName: () => zoneName,
  fqdn: target => fqdnOf(target.id),
  refuses: (_world, target) =>
    isInjected(target.body)
      ? invalid(
          'PrivateEndpointFeatureNotSupportedOnServer',
          `Call to ${serverType} failed. Error message: Private endpoint feature is not supported on server ${nameOf(target.id)}.`
        )
      : undefined,
  connect(world, { target, privateEndpoint, groupIds, status, description }) {
    const id = `${target}/privateEndpointConnections/${nameOf(privateEndpoint)}.${world.random.guid()}`
    // Without a message a request has no description at all, not an empty one (CORPUS).
    const text = status === 'Approved' ? 'Auto-Approved' : description
    const state = { status, ...(text !== undefined && { description: text }), actionsRequired: 'None' }
    const properties = { privateEndpoint: { id: privateEndpoint }, privateLinkServiceConnectionState: state, groupIds }
    return world.put({ id, type: connectionType, body: { properties } }).id
  },
  disconnect: (world, connection) => world.remove(connection)
}

/** A server's offer to private endpoints: it says itself in which zone they are looked for. */
function offered(server: StoredResource | undefined): StoredResource | undefined {
  if (server === undefined || isInjected(server.body)) return undefined
  const properties = { groupId, requiredMembers: [groupId], requiredZoneNames: [zoneName] }
  return {
    ...server,
    id: `${server.id}/privateLinkResources/${groupId}`,
    type: `${serverType}/privateLinkResources`,
    body: { properties },
    memory: {}
  }
}

export const privateLinkResources: ResourceType = {
  type: `${serverType}/privateLinkResources`,
  apiVersions: privateLinkVersions,
  style: 'postgres',
  timing: timings.privateEndpointConnection,
  methods: [],
  given: (world, id) => (nameOf(id).toLowerCase() === groupId.toLowerCase() ? offered(world.store.get(parentOf(id))) : undefined),
  members: (world, scope) => [offered(world.store.get(scope))].filter(one => one !== undefined),
  show: (_world, { body }) => ({ properties: objectAt(body, 'properties') }),
  missing: missingOfType(`${serverType}/privateLinkResources`)
}
