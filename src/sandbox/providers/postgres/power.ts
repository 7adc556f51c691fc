import { nameOf } from '../../armPath.ts'
import { type ArmBody, type JsonObject, objectAt, without } from '../../json.ts'
import type { ErrorDetail } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { ActionResult, Call, World } from '../../type.ts'
import { forgetPendingRestart } from './configurations.ts'
import { busy, stateOf } from './server.ts'
import { highAvailabilityOf, zoneOf } from './showServer.ts'

/** An effect: a server has been started, stopped or restarted. */
export const powerSettled = 'Microsoft.DBforPostgreSQL/powerSettled'

const ms = 60_000

/** The words, misspelling included, are Azure's (azurerm#29219). */
function notStarted(server: StoredResource, meanwhile: string): ErrorDetail | undefined {
  const state = stateOf(server)
  if (meanwhile === 'Starting' || state === 'Ready') return undefined
  return {
    code: 'ServerIsNotReady',
    message: `Restart or Stop Server can only be performed on Started servers. Sever Name = ${nameOf(server.id)}, Current Server State = ${state}`
  }
}

function power(world: World, { resource, operationFault }: Call, operation: string, meanwhile: string, after: string): ActionResult {
  if (resource === undefined) return { operation, ms }
  const error = notStarted(resource, meanwhile) ?? busy(world, resource.id) ?? operationFault
  if (error === undefined) {
    world.store.update(resource.id, { memory: { ...resource.memory, state: meanwhile } })
    world.schedule(ms, powerSettled, { id: resource.id, state: after })
  }
  // The result's form is recorded for all three (CORPUS).
  const result = { properties: {}, name: nameOf(resource.id), type: 'PostgreSQL' }
  return { operation, ms, retryAfter: 60, result, ...(error && { error }) }
}

export function restart(world: World, call: Call): ActionResult {
  const failsOver = call.body['restartWithFailover'] === true
  return power(world, call, 'RestartServerManagementOperation', 'Restarting', failsOver ? failedOver : 'Ready')
}

/** Ready, with the standby in the place of the primary. */
const failedOver = 'FailedOver'

export const start = (world: World, call: Call): ActionResult => power(world, call, 'StartServerManagementOperation', 'Starting', 'Ready')

export const stop = (world: World, call: Call): ActionResult => power(world, call, 'StopServerManagementOperation', 'Stopping', 'Stopped')

function withZonesExchanged(server: StoredResource): ArmBody {
  const { standbyAvailabilityZone: standby } = highAvailabilityOf(server)
  if (standby === undefined) return server.body
  const properties = objectAt(server.body, 'properties')
  const highAvailability = { ...objectAt(properties, 'highAvailability'), standbyAvailabilityZone: zoneOf(server) }
  return { ...server.body, properties: { ...properties, availabilityZone: standby, highAvailability } }
}

/** Parameters that waited for a restart have had one, whichever way the server came up. */
export function settlePower(world: World, { id, state }: JsonObject): void {
  const server = typeof id === 'string' ? world.store.get(id) : undefined
  if (server === undefined) return
  const memory = without(server.memory, 'state')
  world.store.update(server.id, {
    memory: state === 'Stopped' ? { ...memory, state } : memory,
    ...(state === failedOver && { body: withZonesExchanged(server) })
  })
  if (state !== 'Stopped') forgetPendingRestart(world, server.id)
}
