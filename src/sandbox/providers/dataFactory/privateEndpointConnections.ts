import { nameOf, parentOf } from '../../armPath.ts'
import { atOnce } from '../../durations.ts'
import { type ArmBody, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { ConnectionRequest, PrivateLinkTarget, Reading, ResourceType, World, Write } from '../../type.ts'
import {
  badRequest,
  documentMissing,
  factoryNameOf,
  factoryType,
  newEtag,
  preconditionFailed,
  shownId,
  versions,
  withEtag
} from './document.ts'

const connectionType = `${factoryType}/privateendpointconnections`

/** The targets of a private endpoint: the service that runtimes and pipelines speak to, or the web page to write them in. */
const zones: Readonly<Record<string, string>> = {
  dataFactory: 'privatelink.datafactory.azure.net',
  portal: 'privatelink.adf.azure.com'
}

const statusOf = (body: ArmBody): string => textAt(body, 'properties', 'privateLinkServiceConnectionState', 'status') ?? ''

function check(_world: World, write: Write): Refusal | undefined {
  const { method, id, sent, live, seeded } = write
  const stale = preconditionFailed(write)
  if (stale || method === 'DELETE') return stale
  // Only the network provider makes connections; their owner decides on those that are there.
  if (live === undefined && !seeded) return documentMissing(id)
  if (/^(approved|rejected|pending)$/i.test(statusOf(sent))) return undefined
  return badRequest("The property 'privateLinkServiceConnectionState.status' must be Approved or Rejected.", id)
}

function kept(world: World, { sent, body, live }: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const properties = without(objectAt(live?.body ?? body, 'properties'), 'provisioningState')
  const state = objectAt(sent, 'properties', 'privateLinkServiceConnectionState')
  const decided = { description: '', ...state, actionsRequired: 'None' }
  return {
    body: { properties: { ...properties, privateLinkServiceConnectionState: decided } },
    memory: { ...withEtag(world, live?.memory), before: textAt(live?.memory, 'etag') ?? newEtag(world) }
  }
}

/** The answer to a decision still has the etag of before it (CORPUS). */
function show(world: World, { id, body, memory }: StoredResource, reading: Reading): ArmBody {
  return {
    id: shownId(world, id),
    properties: { provisioningState: 'Succeeded', ...objectAt(body, 'properties') },
    etag: textAt(memory, reading.in === 'PUT' ? 'before' : 'etag') ?? ''
  }
}

export const factoryConnections: ResourceType = {
  type: connectionType,
  apiVersions: versions,
  style: 'sync',
  createdStatus: 200,
  timing: atOnce,
  conditionalGet: true,
  check,
  kept,
  show,
  missing: (_world, id) => documentMissing(id)
}

/** How the two providers know the connection from each other, which Data Factory shows (CORPUS). */
function internals(world: World, { privateEndpoint, groupIds, description }: ConnectionRequest): JsonObject {
  const endpoint = world.store.get(privateEndpoint)
  const name = nameOf(privateEndpoint)
  const lists = ['privateLinkServiceConnections', 'manualPrivateLinkServiceConnections']
  const [connection] = lists.flatMap(list => listAt(endpoint?.body, 'properties', list))
  return {
    nrpPlsResourceId: `${privateEndpoint}/privateLinkServiceProxies/${name}.proxy.${world.random.guid()}`,
    peConnectionProxyName: `${name}.${world.random.guid()}`,
    plsConnectionName: textAt(connection, 'name') ?? name,
    groupId: groupIds[0] ?? 'dataFactory',
    connectionId: world.random.guid(),
    privateIpAddress: textAt(endpoint?.memory, 'address') ?? '',
    linkIdentifier: `${536_870_912 + world.random.below(268_435_456)}`,
    requestDescription: description ?? '',
    operationId: world.random.guid()
  }
}

export const factoryLink: PrivateLinkTarget = {
  groupIds: Object.keys(zones),
  zoneName: (_target, groupId) => zones[groupId] ?? '',
  fqdn: (target, groupId) =>
    groupId === 'portal' ? 'adf.azure.com' : `${nameOf(target.id)}.${textAt(target.body, 'location') ?? 'eastus'}.datafactory.azure.net`,
  refuses: () => undefined,
  connect(world, request) {
    const { target, privateEndpoint, status, description } = request
    const id = `${target}/privateendpointconnections/${factoryNameOf(world, target)}.${world.random.guid()}`
    const text = status === 'Approved' ? 'Auto-Approved' : (description ?? '')
    const properties = {
      privateEndpoint: { id: privateEndpoint },
      privateLinkServiceConnectionState: { status, description: text, actionsRequired: 'None' },
      internalProperties: internals(world, request)
    }
    return world.put({ id, type: connectionType, body: { properties }, memory: withEtag(world, {}) }).id
  },
  disconnect: (world, connection) => world.remove(connection)
}

const offeredType = `${factoryType}/privatelinkresources`

function offered(world: World, factory: string): StoredResource[] {
  const live = world.store.get(factory)
  if (live === undefined) return []
  return Object.entries(zones).map(([groupId, zone]) => ({
    ...live,
    id: `${factory}/privatelinkresources/${groupId}`,
    type: offeredType,
    body: { properties: { groupId, requiredMembers: [groupId], requiredZoneNames: [zone] } },
    memory: {}
  }))
}

export const factoryLinkResources: ResourceType = {
  type: offeredType,
  apiVersions: versions,
  style: 'sync',
  timing: atOnce,
  methods: [],
  given: (world, id) => offered(world, parentOf(id)).find(one => one.id.toLowerCase() === id.toLowerCase()),
  members: offered,
  show: (world, { id, body }) => ({ id: shownId(world, id), properties: objectAt(body, 'properties') })
}
