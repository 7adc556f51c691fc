import { isWithin, nameOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { textAt } from '../../json.ts'
import type { ErrorDetail, Refusal } from '../../refusal.ts'
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
  stopped
} from './server.ts'

function check(world: World, { method, id, live }: Write): Refusal | undefined {
  if (method === 'DELETE') return stopped(world, id)
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

/** On demand. Those that Azure makes by itself are not listed here. */
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
    const completedTime = world.time(typeof completedAt === 'number' ? completedAt : createdAt)
    return { ...body, properties: { ...(typeof body['properties'] === 'object' && body['properties']), completedTime } }
  },
  closed: stopped,
  missing: missingOfType(backupType)
}
