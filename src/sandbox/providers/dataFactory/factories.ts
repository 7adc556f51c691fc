import { nameOf, parentOf, sameId } from '../../armPath.ts'
import { atOnce } from '../../durations.ts'
import { type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import { ofFactory } from '../../rights/linkedScopes.ts'
import type { StoredResource } from '../../state.ts'
import { tenantId } from '../../subscriptions.ts'
import type { Provider, Reading, ResourceType, World, Write } from '../../type.ts'
import { badRequest, factoryType, isDashedName, preconditionFailed, versions, withEtag } from './document.ts'
import { factoryLink } from './privateEndpointConnections.ts'
import { testConnectivity } from './testConnectivity.ts'

function check(world: World, write: Write): Refusal | undefined {
  const { method, id, live, sent } = write
  const stale = preconditionFailed(write)
  if (stale || method === 'DELETE') return stale
  if (method === 'PATCH') return checkPatch(sent)
  const name = nameOf(id)
  if (!isDashedName(name)) return { ...badRequest(`The factory name '${name}' is invalid.`), code: 'InvalidFactoryName' }
  // One name space for all of Azure, of which the sandbox knows its own estate.
  const other = world.store.ofType(factoryType).find(one => !sameId(one.id, id) && nameOf(one.id) === name.toLowerCase())
  if (live || (!other && !world.store.has(heldName(name)))) return undefined
  const message = `The specified resource name '${name}' is already in use. Resource names must be globally unique.`
  // As public tools report it (azure.datafactory.tools#43).
  return { status: 409, code: 'DataFactoryNameInUse', message, details: null }
}

const heldType = 'Microsoft.DataFactory/heldNames'

const releaseEffect = 'Microsoft.DataFactory/nameReleased'

/** Lies in no subscription, where no request reaches it. */
const heldName = (name: string): string => `/providers/${heldType}/${name.toLowerCase()}`

function removed(world: World, { id }: StoredResource): void {
  const held = world.behaviours.factoryNameHeldMs
  if (held === 0) return
  const name = world.put({ id: heldName(nameOf(id)), type: heldType, body: {} })
  world.schedule(held, releaseEffect, { id: name.id })
}

export const factoryEffects: NonNullable<Provider['effects']> = {
  [releaseEffect]: (world, { id }) => {
    if (typeof id === 'string') world.remove(id)
  }
}

const patched = ['tags', 'identity', 'properties']

function checkPatch(sent: JsonObject): Refusal | undefined {
  const wrong = [...Object.keys(without(sent, ...patched)), ...Object.keys(without(objectAt(sent, 'properties'), 'publicNetworkAccess'))]
  return wrong[0] === undefined ? undefined : badRequest(`The property '${wrong[0]}' of a factory cannot be changed with PATCH.`)
}

const readOnly = ['provisioningState', 'createTime', 'version', 'factoryStatistics', 'trustModeClaimForMi']

function kept(world: World, { id, body: written, live, method }: Write): { readonly body: JsonObject; readonly memory: JsonObject } {
  // A PATCH does not give an identity to a factory that has none (CORPUS).
  const body = method === 'PATCH' && live?.body['identity'] === undefined ? without(written, 'identity') : written
  const memory = { name: live?.memory['name'] ?? nameOf(id), principalId: live?.memory['principalId'] ?? world.random.guid() }
  return {
    body: {
      ...without(body, 'id', 'name', 'type', 'eTag', 'etag'),
      tags: objectAt(body, 'tags'),
      properties: without(objectAt(body, 'properties'), ...readOnly)
    },
    memory: withEtag(world, memory)
  }
}

const factoryStatistics = { totalResourceCount: 0, maxAllowedResourceCount: 0, factorySizeInGbUnits: 0, maxAllowedFactorySizeInGbUnits: 0 }

function show(world: World, { body, memory, provisioning, createdAt }: StoredResource, reading: Reading) {
  const identity = objectAt(body, 'identity')
  const assigned = (textAt(identity, 'type') ?? '').includes('SystemAssigned')
  const given = assigned ? { principalId: textAt(memory, 'principalId') ?? '', tenantId } : {}
  return {
    name: textAt(memory, 'name') ?? '',
    properties: {
      provisioningState: provisioning,
      createTime: world.time(createdAt),
      version: '2018-06-01',
      // Neither the answer to a PUT nor a list has it (CORPUS).
      ...(reading.in === 'GET' && { factoryStatistics }),
      ...objectAt(body, 'properties'),
      ...(reading.in === 'GET' && { trustModeClaimForMi: { value: 'IA==', editable: true } })
    },
    eTag: `"${textAt(memory, 'etag') ?? ''}"`,
    ...without(body, 'properties', 'identity', 'tags'),
    ...('identity' in body && { identity: { ...identity, ...given } }),
    tags: objectAt(body, 'tags')
  }
}

export const factories: ResourceType = {
  type: factoryType,
  apiVersions: versions,
  style: 'sync',
  createdStatus: 200,
  timing: atOnce,
  conditionalGet: true,
  location: 'short',
  methods: ['PUT', 'PATCH', 'DELETE'],
  // Its own id alone has the name in lower case (CORPUS).
  identity: id => `${parentOf(id)}/providers/${factoryType}/${nameOf(id).toLowerCase()}`,
  linked: ofFactory,
  check,
  kept,
  removed,
  show,
  privateLink: factoryLink,
  actions: { testConnectivity }
}
