import { type JsonObject, objectAt, textAt } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { ActionResult, Call, Provider, World } from '../../type.ts'
import { badRequest, managedRuntimeNetwork } from './document.ts'

const settleEffect = 'Microsoft.DataFactory/interactiveQuerySettled'
const idleEffect = 'Microsoft.DataFactory/interactiveQueryIdle'

const minute = 60_000

/** As it stands in a runtime's memory. `run` tells a later switch from an earlier one whose end is still to come. */
interface InteractiveQuery {
  readonly status: string
  readonly minutes: number
  readonly run: number
  readonly usedAt: number
}

function remembered(runtime: StoredResource): InteractiveQuery {
  const kept = objectAt(runtime.memory, 'interactiveQuery')
  const number = (key: string): number => (typeof kept[key] === 'number' ? kept[key] : 0)
  return { status: textAt(kept, 'status') ?? 'Disabled', minutes: number('minutes'), run: number('run'), usedAt: number('usedAt') }
}

function remember(world: World, runtime: StoredResource, query: InteractiveQuery): void {
  world.store.update(runtime.id, { memory: { ...runtime.memory, interactiveQuery: { ...query } } })
}

/** Undefined for a runtime that it was never switched on for. */
export function interactiveQueryOf(runtime: StoredResource): JsonObject | undefined {
  if (runtime.memory['interactiveQuery'] === undefined) return undefined
  const { status, minutes } = remembered(runtime)
  return { status, autoTerminationMinutes: minutes }
}

export const isInteractive = (runtime: StoredResource): boolean => remembered(runtime).status === 'Enabled'

/** Each use puts off the end that comes of idleness. */
export function useInteractiveQuery(world: World, runtime: StoredResource): void {
  const query = remembered(runtime)
  if (query.usedAt !== world.now) remember(world, runtime, { ...query, usedAt: world.now })
}

/** One to two minutes until it is so. The operation has no address to ask: getStatus tells. */
function switchTo(world: World, runtime: StoredResource, going: 'Enabling' | 'Disabling', minutes: number): void {
  const run = remembered(runtime).run + 1
  remember(world, runtime, { status: going, minutes, run, usedAt: world.now })
  const status = going === 'Enabling' ? 'Enabled' : 'Disabled'
  world.schedule(minute + world.random.below(minute), settleEffect, { id: runtime.id, run, status })
}

const notManaged = (runtime: StoredResource) =>
  badRequest('Interactive authoring is available for an integration runtime in a managed virtual network only.', runtime.id)

export function enableInteractiveQuery(world: World, { resource: runtime, body }: Call): ActionResult {
  if (runtime === undefined) return { status: 404 }
  if (managedRuntimeNetwork(runtime) === undefined) return notManaged(runtime)
  const asked = body['autoTerminationMinutes']
  const minutes = typeof asked === 'number' && asked > 0 ? asked : 60
  const now = remembered(runtime)
  if (now.status === 'Enabled') remember(world, runtime, { ...now, minutes, usedAt: world.now })
  else if (now.status !== 'Enabling') switchTo(world, runtime, 'Enabling', minutes)
  return { status: 202 }
}

export function disableInteractiveQuery(world: World, { resource: runtime }: Call): ActionResult {
  if (runtime === undefined) return { status: 404 }
  if (managedRuntimeNetwork(runtime) === undefined) return notManaged(runtime)
  const now = remembered(runtime)
  if (now.status === 'Enabled' || now.status === 'Enabling') switchTo(world, runtime, 'Disabling', now.minutes)
  return { status: 202 }
}

/** The runtime that an effect is for; undefined when it has gone, or has been switched again since. */
function runtimeFor(world: World, { id, run }: JsonObject): StoredResource | undefined {
  const runtime = typeof id === 'string' ? world.store.get(id) : undefined
  return runtime && remembered(runtime).run === run ? runtime : undefined
}

export const interactiveQueryEffects: NonNullable<Provider['effects']> = {
  [settleEffect]: (world, args) => {
    const runtime = runtimeFor(world, args)
    if (runtime === undefined) return
    const query = { ...remembered(runtime), status: textAt(args, 'status') ?? 'Disabled', usedAt: world.now }
    remember(world, runtime, query)
    if (query.status === 'Enabled') world.schedule(query.minutes * minute, idleEffect, { id: runtime.id, run: query.run })
  },
  [idleEffect]: (world, args) => {
    const runtime = runtimeFor(world, args)
    if (runtime === undefined) return
    const query = remembered(runtime)
    const left = query.usedAt + query.minutes * minute - world.now
    if (left > 0) world.schedule(left, idleEffect, { id: runtime.id, run: query.run })
    else remember(world, runtime, { ...query, status: 'Disabled' })
  }
}
