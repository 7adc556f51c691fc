import { nameOf } from '../../armPath.ts'
import { atOnce } from '../../durations.ts'
import { type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { Call, ResourceType, World, Write } from '../../type.ts'
import { listAuthKeys, regenerateAuthKey, taskQueueOf } from './authKeys.ts'
import {
  badRequest,
  besideProperties,
  childOf,
  documentMissing,
  documentOf,
  factoryIdOf,
  factoryNameOf,
  factoryType,
  invalidReference,
  isDashedName,
  managedRuntimeNetwork,
  preconditionFailed,
  shownId,
  stillReferenced,
  versions,
  withEtag
} from './document.ts'
import { disableInteractiveQuery, enableInteractiveQuery, interactiveQueryOf } from './interactiveQuery.ts'
import { isSsis, powerOf, start, stop } from './ssis.ts'

const runtimeType = `${factoryType}/integrationruntimes`

function check(world: World, write: Write): Refusal | undefined {
  const { method, id, body, live } = write
  const stale = preconditionFailed(write)
  if (stale || method === 'PATCH') return stale
  if (method === 'DELETE') return stillReferenced(world, id, 'IntegrationRuntimeReference')
  if (!isDashedName(nameOf(id))) return badRequest(`The integration runtime name '${nameOf(id)}' is invalid.`, id)
  const type = textAt(body, 'properties', 'type')
  if (type !== 'Managed' && type !== 'SelfHosted') return badRequest(`The integration runtime type '${type ?? ''}' is invalid.`, id)
  const network = textAt(body, 'properties', 'managedVirtualNetwork', 'referenceName')
  if (!write.seeded && network !== undefined && childOf(world, id, 'managedvirtualnetworks', network) === undefined)
    return invalidReference(network, id)
  return live && checkUnchanged(live, type, network)
}

/** Inferred: nobody has recorded a change of either in place. */
function checkUnchanged(live: StoredResource, type: string, network: string | undefined): Refusal | undefined {
  const was = textAt(live.body, 'properties', 'type') ?? ''
  if (was !== type) return badRequest(`The type of an integration runtime cannot be changed from '${was}' to '${type}'.`, live.id)
  if (managedRuntimeNetwork(live)?.toLowerCase() === network?.toLowerCase()) return undefined
  return badRequest('The managed virtual network of an integration runtime cannot be changed.', live.id)
}

function kept(world: World, { method, body, live }: Write): { readonly body: JsonObject; readonly memory: JsonObject } {
  // A PATCH takes self-hosted settings that no answer shows, and leaves the etag alone (CORPUS).
  if (method === 'PATCH' && live) return { body: live.body, memory: live.memory }
  const properties = without(objectAt(body, 'properties'), 'state')
  const typeProperties = 'typeProperties' in properties && {
    typeProperties: without(objectAt(properties, 'typeProperties'), 'interactiveQuery')
  }
  const taskQueueId = live?.memory['taskQueueId'] ?? world.random.guid()
  return { body: documentOf(body, { ...properties, ...typeProperties }), memory: { ...withEtag(world, live?.memory), taskQueueId } }
}

function show(world: World, runtime: StoredResource) {
  const properties = objectAt(runtime.body, 'properties')
  const interactiveQuery = interactiveQueryOf(runtime)
  return {
    id: shownId(world, runtime.id),
    ...besideProperties(runtime.body),
    properties: {
      ...properties,
      ...(interactiveQuery && { typeProperties: { ...objectAt(properties, 'typeProperties'), interactiveQuery } }),
      ...(isSsis(runtime) && { state: powerOf(runtime) })
    },
    etag: textAt(runtime.memory, 'etag') ?? ''
  }
}

/** Those that were offered when it was recorded; newer ones come every month. */
const runtimeVersions = ['4.12.7538.2', '4.11.7521.1', '4.11.7515.1', '4.11.7491.1', '4.11.7512.1']

function getStatus(world: World, { resource: runtime }: Call) {
  if (runtime === undefined) return { status: 404 }
  const type = textAt(runtime.body, 'properties', 'type') ?? ''
  const selfHosted = type === 'SelfHosted'
  const createTime = world.time(runtime.createdAt)
  const interactiveQuery = interactiveQueryOf(runtime) ?? { status: 'Disabled' }
  const factory = world.store.get(factoryIdOf(runtime.id))
  const region = textAt(factory?.body, 'location') ?? 'eastus'
  // No machine has registered at it: it is without members that a node brings with it (CORPUS).
  const own = {
    autoUpdate: 'Off',
    taskQueueId: taskQueueOf(runtime),
    nodes: [],
    updateDelayOffset: 'PT3H',
    serviceUrls: [`${factoryNameOf(world, runtime.id).toLowerCase()}.${region}.datafactory.azure.net`],
    links: [],
    versionStatus: 'None',
    capabilities: {},
    latestVersion: runtimeVersions[0] ?? '',
    newerVersions: runtimeVersions,
    createTime
  }
  const managed = { createTime, nodes: [], otherErrors: [], lastOperation: null, interactiveQuery }
  return {
    status: 200,
    body: {
      name: nameOf(runtime.id),
      properties: {
        dataFactoryName: factoryNameOf(world, runtime.id),
        state: selfHosted ? 'NeedRegistration' : isSsis(runtime) ? powerOf(runtime) : 'Online',
        type,
        typeProperties: selfHosted ? own : managed
      }
    }
  }
}

export const integrationRuntimes: ResourceType = {
  type: runtimeType,
  apiVersions: versions,
  style: 'sync',
  createdStatus: 200,
  timing: atOnce,
  conditionalGet: true,
  methods: ['PUT', 'PATCH', 'DELETE'],
  check,
  kept,
  show,
  missing: (_world, id) => documentMissing(id),
  actions: { getStatus, start, stop, listAuthKeys, regenerateAuthKey, enableInteractiveQuery, disableInteractiveQuery }
}
