import { type JsonObject, objectAt, textAt } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { ActionResult, Call, World } from '../../type.ts'
import { badRequest, factoryIdOf, factoryNameOf } from './document.ts'

const names = ['authKey1', 'authKey2']

/** The queue of a self-hosted runtime, which its keys and its status name (CORPUS). */
export const taskQueueOf = (runtime: StoredResource): string => textAt(runtime.memory, 'taskQueueId') ?? ''

/** With which a machine registers itself as a node of a self-hosted runtime. It opens nothing here. */
function newKey(world: World, runtime: StoredResource): string {
  const region = textAt(world.store.get(factoryIdOf(runtime.id))?.body, 'location') ?? 'eastus'
  const secret = Buffer.from(world.random.hex(64), 'hex').toString('base64')
  return `IR@${taskQueueOf(runtime)}@${factoryNameOf(world, runtime.id)}@${region}@${secret}`
}

/** Made when they are first asked for. */
function keysOf(world: World, runtime: StoredResource): JsonObject {
  const live = objectAt(runtime.memory, 'authKeys')
  return 'authKey1' in live ? live : Object.fromEntries(names.map(name => [name, newKey(world, runtime)]))
}

const isSelfHosted = (runtime: StoredResource): boolean => textAt(runtime.body, 'properties', 'type') === 'SelfHosted'

const onlySelfHosted = (runtime: StoredResource) =>
  badRequest('Authentication keys are those of a self-hosted integration runtime.', runtime.id)

export function listAuthKeys(world: World, { resource: runtime }: Call): ActionResult {
  if (runtime === undefined) return { status: 404 }
  if (!isSelfHosted(runtime)) return onlySelfHosted(runtime)
  const authKeys = keysOf(world, runtime)
  world.store.update(runtime.id, { memory: { ...runtime.memory, authKeys } })
  return { status: 200, body: authKeys }
}

export function regenerateAuthKey(world: World, { resource: runtime, body }: Call): ActionResult {
  if (runtime === undefined) return { status: 404 }
  if (!isSelfHosted(runtime)) return onlySelfHosted(runtime)
  const name = names.find(one => one === body['keyName'])
  if (name === undefined) return badRequest("The property 'keyName' must be authKey1 or authKey2.", runtime.id)
  const authKeys = { ...keysOf(world, runtime), [name]: newKey(world, runtime) }
  world.store.update(runtime.id, { memory: { ...runtime.memory, authKeys } })
  return { status: 200, body: { [name]: authKeys[name] ?? '' } }
}
