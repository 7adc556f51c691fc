import { type ArmBody, type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { World, Write } from '../../type.ts'
import { takeAdministrators } from './administrators.ts'
import { replicasOf } from './server.ts'
import { leaveEndpoints, moveEndpoints } from './virtualEndpoints.ts'

/** Members of a server's memory until the write is done: the source it had, and whether it takes that one's place. */
const [promotedFrom, exchanges] = ['promotedFrom', 'exchanges']

/** How a PATCH takes a replica from its source: alone, or in its place. */
export function promotionOf({ method, sent, live }: Write): 'alone' | 'exchanged' | undefined {
  if (method !== 'PATCH' || textAt(live?.body, 'properties', 'sourceServerResourceId') === undefined) return undefined
  const properties = objectAt(sent, 'properties')
  const role = textAt(properties, 'replica', 'role') ?? textAt(properties, 'replicationRole') ?? ''
  if (/^switchover$/i.test(textAt(properties, 'replica', 'promoteMode') ?? '')) return 'exchanged'
  return /^none$/i.test(role) ? 'alone' : undefined
}

/** A replica's body and memory after its promotion [SDK-PG: Replica.promoteMode]. */
export function promoted(write: Write, body: ArmBody, memory: JsonObject): { readonly body: ArmBody; readonly memory: JsonObject } {
  const promotion = promotionOf(write)
  if (promotion === undefined) return { body, memory }
  return {
    body: { ...body, properties: without(objectAt(body, 'properties'), 'sourceServerResourceId') },
    memory: {
      ...memory,
      [promotedFrom]: textAt(write.live?.body, 'properties', 'sourceServerResourceId') ?? '',
      [exchanges]: promotion === 'exchanged'
    }
  }
}

/** The replica keeps what it shared with its source. That one, and its other replicas, follow a server that has taken its place. */
export function settlePromotion(world: World, resource: StoredResource): void {
  const source = textAt(resource.memory, promotedFrom)
  if (source === undefined) return
  const exchanged = resource.memory[exchanges] === true
  world.store.update(resource.id, { memory: without(resource.memory, promotedFrom, exchanges) })
  const old = world.store.get(source)
  if (old) takeAdministrators(world, old.id, resource.id, exchanged)
  if (!exchanged) {
    leaveEndpoints(world, source, resource.id)
    return
  }
  for (const one of [...(old ? [old] : []), ...replicasOf(world, source)]) {
    // A replica has no high availability: that of the server that becomes one ends [DOC: promote].
    const properties = { ...without(objectAt(one.body, 'properties'), 'highAvailability'), sourceServerResourceId: resource.id }
    world.store.update(one.id, { body: { ...one.body, properties } })
  }
  moveEndpoints(world, source, resource.id)
}
