import { nameOf } from '../../armPath.ts'
import { type JsonObject, objectAt, textAt, valueAt } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { ActionResult, Call, Provider, World } from '../../type.ts'
import { badRequest, factoryNameOf } from './document.ts'

const settleEffect = 'Microsoft.DataFactory/ssisSettled'

/** The one kind of runtime that is started and stopped: a cluster for packages of SQL Server. */
export const isSsis = (runtime: StoredResource): boolean =>
  valueAt(runtime.body, 'properties', 'typeProperties', 'ssisProperties') !== undefined

export const powerOf = (runtime: StoredResource): string => textAt(runtime.memory, 'power') ?? 'Initial'

const minute = 60_000

/** The verbs, the states they show meanwhile and then, and those from which they can be asked. */
const switches = {
  start: { meanwhile: 'Starting', finally: 'Started', from: ['Initial', 'Stopped'], ms: 20 * minute },
  stop: { meanwhile: 'Stopping', finally: 'Stopped', from: ['Started'], ms: 3 * minute }
} as const

function switched(world: World, { resource: runtime }: Call, which: keyof typeof switches): ActionResult {
  if (runtime === undefined) return { status: 404 }
  const { meanwhile, finally: settled, from, ms } = switches[which]
  const name = nameOf(runtime.id)
  if (!isSsis(runtime))
    return badRequest(`The integration runtime '${name}' is not one for SSIS, and cannot be asked to ${which}.`, runtime.id)
  const power = powerOf(runtime)
  if (!from.some(one => one === power))
    return badRequest(`The integration runtime '${name}' is ${power}, and cannot be asked to ${which}.`, runtime.id)
  world.store.update(runtime.id, { memory: { ...runtime.memory, power: meanwhile } })
  world.schedule(ms, settleEffect, { id: runtime.id, power: settled })
  return { operation: which, ms, style: 'dataFactory', ...(which === 'start' && { result: startResult(world, runtime) }) }
}

/** The answer at the address of a start's result; that it has this member, empty, was recorded (CORPUS). */
const startResult = (world: World, runtime: StoredResource): JsonObject => ({
  name: nameOf(runtime.id),
  properties: {
    dataFactoryName: factoryNameOf(world, runtime.id),
    state: 'Started',
    type: 'Managed',
    managedVirtualNetwork: null,
    typeProperties: { createTime: world.time(runtime.createdAt), nodes: [], otherErrors: [], lastOperation: null }
  }
})

export const start = (world: World, call: Call): ActionResult => switched(world, call, 'start')

export const stop = (world: World, call: Call): ActionResult => switched(world, call, 'stop')

export const ssisEffects: NonNullable<Provider['effects']> = {
  [settleEffect]: (world, args) => {
    const runtime = world.store.get(textAt(args, 'id') ?? '')
    if (runtime) world.store.update(runtime.id, { memory: { ...objectAt(runtime.memory), power: textAt(args, 'power') ?? 'Initial' } })
  }
}
