import { groupNameOf, nameOf, subscriptionOf } from '../../armPath.ts'
import { type JsonObject, objectAt, without } from '../../json.ts'
import type { ActionResult, Call, World } from '../../type.ts'
import { memoryOutside, touchSubnet } from './inNetwork.ts'
import { isInjected } from './privateEndpointConnections.ts'
import { busy, invalid, since, stopped } from './server.ts'

/** An effect: a server has left its virtual network, or stays in it since the operation has failed. */
export const networkMigrated = 'Microsoft.DBforPostgreSQL/networkMigrated'

/** As the documentation has it (learn.microsoft.com/azure/postgresql/network/how-to-migrate-vnet-private-endpoint-capable-server). */
const ms = 20 * 60_000

/**
 * Out of the virtual network, to private endpoints; there is no way back (REST reference, 2026-10-01). The server is Updating meanwhile, as
 * that page says, and lies in its network until the end.
 */
export function migrateNetwork(world: World, { resource, apiVersion, operationFault }: Call): ActionResult {
  if (resource === undefined || !since(apiVersion, '2026-01-01'))
    return invalid('InvalidAction', 'The action migrateNetwork is known from 2026-01-01-preview on.')
  if (!isInjected(resource.body))
    return invalid('NetworkMigrationNotSupported', `The server '${nameOf(resource.id)}' is in no virtual network.`)
  const refusal = stopped(world, resource.id)
  if (refusal) return refusal
  const error = busy(world, resource.id)
  if (error === undefined) {
    world.store.update(resource.id, { memory: { ...resource.memory, state: 'Updating' } })
    world.schedule(ms, networkMigrated, { id: resource.id, failed: operationFault !== undefined })
  }
  const result = {
    subscriptionId: subscriptionOf(resource.id),
    resourceGroupName: groupNameOf(resource.id),
    serverName: nameOf(resource.id),
    state: 'Succeeded'
  }
  const failure = error ?? operationFault
  return { operation: 'MigrateNetworkModeManagementOperation', ms, retryAfter: 60, result, ...(failure && { error: failure }) }
}

export function leaveNetwork(world: World, { id, failed }: JsonObject): void {
  const server = typeof id === 'string' ? world.store.get(id) : undefined
  if (server === undefined) return
  const memory = without(server.memory, 'state')
  if (failed === true) {
    world.store.update(server.id, { memory })
    return
  }
  const network = { publicNetworkAccess: world.behaviours.migrationLeavesPublicAccess }
  const properties = { ...objectAt(server.body, 'properties'), network }
  world.store.update(server.id, { body: { ...server.body, properties }, memory: without(memoryOutside(world, server), 'state') })
  touchSubnet(world, server)
}
