import { groupNameOf, nameOf, subscriptionOf } from '../../armPath.ts'
import { type JsonObject, objectAt } from '../../json.ts'
import type { ActionResult, Call, World } from '../../type.ts'
import { memoryOutside, touchSubnet } from './inNetwork.ts'
import { isInjected } from './privateEndpointConnections.ts'
import { busy, invalid, since, stopped } from './server.ts'

/** An effect: a server has left its virtual network. */
export const networkMigrated = 'Microsoft.DBforPostgreSQL/networkMigrated'

const ms = 10 * 60_000

/**
 * Out of the virtual network, to private endpoints; there is no way back (REST reference, 2026-10-01). Only the address
 * and the form of the result are known.
 */
export function migrateNetwork(world: World, { resource, apiVersion, operationFault }: Call): ActionResult {
  if (resource === undefined || !since(apiVersion, '2026-01-01'))
    return invalid('InvalidAction', 'The action migrateNetwork is known from 2026-01-01-preview on.')
  if (!isInjected(resource.body))
    return invalid('NetworkMigrationNotSupported', `The server '${nameOf(resource.id)}' is in no virtual network.`)
  const refusal = stopped(world, resource.id)
  if (refusal) return refusal
  const error = busy(world, resource.id) ?? operationFault
  if (error === undefined) world.schedule(ms, networkMigrated, { id: resource.id })
  const result = {
    subscriptionId: subscriptionOf(resource.id),
    resourceGroupName: groupNameOf(resource.id),
    serverName: nameOf(resource.id),
    state: 'Succeeded'
  }
  return { operation: 'MigrateNetworkModeManagementOperation', ms, retryAfter: 60, result, ...(error && { error }) }
}

export function leaveNetwork(world: World, { id }: JsonObject): void {
  const server = typeof id === 'string' ? world.store.get(id) : undefined
  if (server === undefined) return
  const properties = { ...objectAt(server.body, 'properties'), network: { publicNetworkAccess: 'Disabled' } }
  world.store.update(server.id, { body: { ...server.body, properties }, memory: memoryOutside(world, server) })
  touchSubnet(world, server)
}
