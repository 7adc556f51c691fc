import { nameOf } from '../../armPath.ts'
import { type ArmBody, objectAt, textAt } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { World, Write } from '../../type.ts'
import { promotionOf } from './promotion.ts'
import { invalid, isReplica, replicasOf, stateOf } from './server.ts'
import { sizeOf } from './storage.ts'
import { readersOf } from './virtualEndpoints.ts'

/** The limits of replicas are documented, the codes of the refusals are not: they are inferred here [DOC: read replicas]. */

const capacity = 5

/** A replica that is to be made of a server. */
export function checkReplica(world: World, sent: ArmBody, source: StoredResource): Refusal | undefined {
  const name = nameOf(source.id)
  if (isReplica(source)) return invalid('CascadingReplicaNotSupported', `The server '${name}' is a read replica.`)
  if (tierOf(source.body) === 'Burstable' || tierOf(sent) === 'Burstable')
    return invalid('ReadReplicaNotSupportedForBurstable', `Read replicas are not supported with the Burstable tier: '${name}'.`)
  if (replicasOf(world, source.id).length >= capacity)
    return invalid('ReadReplicaLimitReached', `The server '${name}' has ${capacity} read replicas.`)
  const wanted = objectAt(sent, 'properties')['storage']
  return wanted !== undefined && sizeOf(wanted) < storageOf(source.body) ? tooSmall(name) : undefined
}

const tierOf = (body: ArmBody): string | undefined => textAt(body, 'sku', 'tier')

const storageOf = (body: ArmBody): number => sizeOf(objectAt(body, 'properties')['storage'])

const tooSmall = (source: string): Refusal =>
  invalid('ReplicaStorageSmallerThanSource', `A read replica has no less storage than its source server '${source}'.`)

/** A change of a server that is a replica, or has some. */
export function checkRoles(world: World, write: Write, result: ArmBody): Refusal | undefined {
  const { id, live, sent } = write
  if (live === undefined) return undefined
  if (promotionOf(write) === 'exchanged') return checkExchange(world, write, live)
  const properties = objectAt(sent, 'properties')
  if (isReplica(live)) {
    if ('administratorLoginPassword' in properties)
      return invalid('OperationNotAllowedOnReplica', `The password of the read replica '${nameOf(id)}' is that of its source.`)
    if ((textAt(properties, 'highAvailability', 'mode') ?? 'Disabled') !== 'Disabled')
      return invalid('HighAvailabilityNotSupportedOnReplica', `'${nameOf(id)}' is a read replica.`)
    return undefined
  }
  const replicas = replicasOf(world, id)
  if (replicas.length === 0) return undefined
  if ((textAt(result, 'properties', 'version') ?? '') !== (textAt(live.body, 'properties', 'version') ?? ''))
    return invalid('MajorVersionUpgradeNotSupportedWithReplicas', `The server '${nameOf(id)}' has read replicas. Delete them first.`)
  const isOutgrown = replicas.some(({ body }) => storageOf(body) < storageOf(result))
  return isOutgrown ? tooSmall(nameOf(id)) : undefined
}

/** A planned one wants two servers alike, and the reader of the source's virtual endpoint on the replica. A forced one looks at nothing. */
function checkExchange(world: World, { id, sent }: Write, live: StoredResource): Refusal | undefined {
  if (/^forced$/i.test(textAt(sent, 'properties', 'replica', 'promoteOption') ?? '')) return undefined
  const source = world.store.get(textAt(live.body, 'properties', 'sourceServerResourceId') ?? '')
  if (source === undefined || stateOf(source) !== 'Ready') return invalid('ServerIsNotReady', `The source of '${nameOf(id)}' is not ready.`)
  const isAlike = textAt(source.body, 'sku', 'name') === textAt(live.body, 'sku', 'name') && storageOf(source.body) === storageOf(live.body)
  if (!isAlike) return invalid('ReplicaNotSymmetric', `'${nameOf(id)}' and '${nameOf(source.id)}' differ in size or storage.`)
  return readersOf(world, source.id).includes(nameOf(id).toLowerCase())
    ? undefined
    : invalid('VirtualEndpointRequired', `No virtual endpoint of '${nameOf(source.id)}' is read through '${nameOf(id)}'.`)
}
