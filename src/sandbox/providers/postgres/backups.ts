import { isWithin, nameOf, parentOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { objectAt, textAt } from '../../json.ts'
import type { ErrorDetail, Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { Change, ResourceType, World, Write } from '../../type.ts'
import {
  backupType,
  busy,
  busyError,
  childBody,
  invalid,
  invalidParameter,
  missingOfType,
  postgresVersions,
  serverIdOf,
  serverOf,
  stopped,
  withOffset
} from './server.ts'
import { firstBackupAt } from './showServer.ts'

const backupMs = 1000
const [ticksInMs, epochTicks] = [10_000n, 621_355_968_000_000_000n]

/** The backup that Azure has made by itself: named by .NET's ticks at its begin, a second before its end (REC). */
function automaticOf(world: World, server: StoredResource): StoredResource | undefined {
  const begunAt = firstBackupAt(server)
  const completedAt = begunAt + backupMs
  if (world.now < completedAt) return undefined
  const id = `${server.id}/backups/backup_${epochTicks + BigInt(begunAt) * ticksInMs}`
  const body = { properties: { backupType: 'Full', source: 'Automatic' } }
  return { ...server, id, type: backupType, body, memory: { completedAt }, provisioning: 'Succeeded' }
}

function given(world: World, id: string): StoredResource | undefined {
  const server = world.store.get(parentOf(id))
  const automatic = server && automaticOf(world, server)
  return automatic && sameId(automatic.id, id) ? automatic : undefined
}

function members(world: World, scope: string): readonly StoredResource[] {
  const server = world.store.get(scope)
  const automatic = server && automaticOf(world, server)
  return [...(automatic ? [automatic] : []), ...world.store.ofType(backupType, scope)]
}

function check(world: World, { method, id, live }: Write): Refusal | undefined {
  if (method === 'DELETE') {
    return textAt(live?.body, 'properties', 'source') === 'Automatic'
      ? invalid('AutomaticBackupNotDeletable', `The backup '${nameOf(id)}' was made by Azure and cannot be deleted.`)
      : stopped(world, id)
  }
  if (!/^[\w-]{1,128}$/.test(nameOf(id))) return invalidParameter('backupName')
  if (live !== undefined) return invalid('BackupAlreadyExists', `The backup '${nameOf(id)}' exists already.`)
  const burstable = textAt(serverOf(world, id)?.body, 'sku', 'tier') === 'Burstable'
  return burstable ? invalid('OnDemandBackupNotSupported', 'Burstable servers take no backups on demand.') : stopped(world, id)
}

function outcome(world: World, { id }: Write): ErrorDetail | undefined {
  const server = serverIdOf(id)
  return world.inFlight(server).length > 0 ? (busy(world, id) ?? busyError(world, nameOf(server))) : undefined
}

/** It gives way to whatever was begun on its server after it, and then says that it was cancelled (CORPUS). */
function done(world: World, { resource }: Change): ErrorDetail | undefined {
  const all = [...world.store.operations.values()]
  const own = all.findLast(one => one.method === 'PUT' && one.resource === resource.id)
  const server = serverIdOf(resource.id)
  const later = all.some(one => own !== undefined && one.id !== own.id && one.startedAt >= own.startedAt && isWithin(one.resource, server))
  if (!later) {
    const { body, memory } = resource
    world.store.update(resource.id, { body, memory: { ...memory, completedAt: world.now } })
    return undefined
  }
  world.remove(resource.id)
  return { code: 'OperationCancelled', message: 'The operation has been cancelled by user.' }
}

/** Those on demand, and the first of those that Azure makes by itself. */
export const backups: ResourceType = {
  type: backupType,
  apiVersions: postgresVersions,
  style: 'postgres',
  timing: timings.backup,
  visible: 'whenDone',
  operationName: ({ method }) => (method === 'DELETE' ? 'DropSnapshotManagementOperation' : 'SnapshotManagementOperation'),
  check,
  outcome,
  kept: (_world, { body }) => childBody(body, { backupType: 'Customer On-Demand', source: 'Customer Initiated' }),
  done,
  show(world, { body, memory, createdAt }) {
    const { completedAt } = memory
    const completedTime = withOffset(world, typeof completedAt === 'number' ? completedAt : createdAt)
    return { ...body, properties: { ...objectAt(body, 'properties'), completedTime } }
  },
  given,
  members,
  closed: stopped,
  missing: missingOfType(backupType)
}
