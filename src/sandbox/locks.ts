import { groupNameOf, isBeneath, isWithin, keyOf, nameOf, parentOf } from './armPath.ts'
import { atOnce } from './durations.ts'
import { type ArmBody, objectAt, textAt, without } from './json.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import type { SettlingLock, StoredResource } from './state.ts'
import type { Store } from './store.ts'
import type { Provider, ResourceType, World, Write } from './type.ts'

const lockType = 'Microsoft.Authorization/locks'

type Level = SettlingLock['level']

const levelOf = (body: ArmBody | undefined): Level => (textAt(body, 'properties', 'level') === 'ReadOnly' ? 'ReadOnly' : 'CanNotDelete')

export const isLock = (id: string): boolean => keyOf(id).includes('/providers/microsoft.authorization/locks/')

/**
 * The scopes whose locks refuse this, nearest first. A lock holds for all beneath its scope, and a scope cannot be
 * deleted while anything in it is locked: Azure never deletes a part of it [DOC-LOCK, CORPUS].
 */
export function lockedBy(store: Store, now: number, id: string, as: 'write' | 'delete'): string[] {
  // Locks are not locked themselves: they can be changed and taken off under any other lock [REC-LOCK].
  if (isLock(id)) return []
  const locks = [
    ...store.ofType(lockType).map(lock => ({ scope: parentOf(lock.id), level: levelOf(lock.body) })),
    ...store.settlingLocks.filter(lock => lock.until > now)
  ]
  const scopes = locks
    .filter(({ level }) => as === 'delete' || level === 'ReadOnly')
    .filter(({ scope }) => isWithin(id, scope) || (as === 'delete' && isBeneath(scope, id)))
    .map(({ scope }) => scope)
    .sort((one, other) => other.length - one.length)
  return scopes.filter((scope, index) => scopes.findIndex(other => keyOf(other) === keyOf(scope)) === index)
}

function checkLock(world: World, { method, id, body }: Write): Refusal | undefined {
  if (method === 'DELETE') return undefined
  const missing = missingScope(world, parentOf(id))
  if (missing) return missing
  const level = textAt(body, 'properties', 'level')
  if (level !== 'CanNotDelete' && level !== 'ReadOnly') {
    return gatewayErrors.invalidBody(`Error converting value '${level ?? ''}' to a lock level. Path 'properties.level'`)
  }
  const notes = textAt(body, 'properties', 'notes') ?? ''
  return notes.length > 512
    ? gatewayErrors.invalidBody(`The length of 'properties.notes' is ${notes.length}, the maximum is 512`)
    : undefined
}

function missingScope(world: World, scope: string): Refusal | undefined {
  const group = groupNameOf(scope)
  if (group === '') return undefined
  if (!world.store.has(scope.split('/').slice(0, 5).join('/'))) return gatewayErrors.groupNotFound(group)
  return world.store.has(scope) ? undefined : gatewayErrors.notFound(scope)
}

function goesOnRefusing(world: World, lock: StoredResource): void {
  const { lockSettleMs } = world.behaviours
  if (lockSettleMs <= 0) return
  const settling = world.store.settlingLocks.filter(one => one.until > world.now)
  world.store.settlingLocks = [...settling, { scope: parentOf(lock.id), level: levelOf(lock.body), until: world.now + lockSettleMs }]
}

const locks: ResourceType = {
  type: lockType,
  apiVersions: ['2015-01-01', '2015-05-01-preview', '2016-09-01', '2017-04-01', '2020-05-01'],
  style: 'sync',
  timing: atOnce,
  extension: true,
  check: checkLock,
  kept: (_world, { body }) => ({ body: { properties: without(objectAt(body, 'properties'), 'systemData') } }),
  done(world, { resource, before }) {
    if (before && levelOf(before.body) === 'ReadOnly' && levelOf(resource.body) !== 'ReadOnly') goesOnRefusing(world, before)
    return undefined
  },
  removed: goesOnRefusing,
  missing: (_world, id) => ({
    status: 404,
    code: 'LockNotFound',
    message: `The lock '${nameOf(id)}' could not be found.`,
    cause: 'gateway'
  }),
  // systemData came with 2020-05-01 [CORPUS].
  show: (world, { body, createdAt }, { apiVersion }) => ({
    ...body,
    ...(apiVersion >= '2020-05-01' && { systemData: { createdAt: world.time(createdAt), lastModifiedAt: world.time(createdAt) } })
  }),
  members: (world, scope, filter) =>
    world.store.ofType(lockType).filter(lock => {
      const on = parentOf(lock.id)
      // Inherited locks are not in the list of a scope; those beneath it are [CORPUS].
      return /atScope\(\)/i.test(filter ?? '') ? keyOf(on) === keyOf(scope) : isWithin(on, scope)
    })
}

export const authorization: Provider = {
  namespace: 'Microsoft.Authorization',
  types: [locks]
}
