import { groupNameOf, groupOf, isBeneath, keyOf, nameOf, parentOf } from './armPath.ts'
import { atOnce } from './durations.ts'
import { type ArmBody, type JsonObject, objectAt, textAt, without } from './json.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import { roleAssignments } from './rights/roleAssignments.ts'
import { missingScope } from './standing.ts'
import type { SettlingLock, StoredResource } from './state.ts'
import type { Store } from './store.ts'
import { principalOf } from './token.ts'
import type { Provider, Reading, ResourceType, World, Write } from './type.ts'

const lockType = 'Microsoft.Authorization/locks'

type Level = SettlingLock['level']

const levelOf = (body: ArmBody | undefined): Level => (textAt(body, 'properties', 'level') === 'ReadOnly' ? 'ReadOnly' : 'CanNotDelete')

export const isLock = (id: string): boolean => keyOf(id).includes('/providers/microsoft.authorization/locks/')

/** All that lie on exactly this scope. */
const locksOn = (store: Store, scope: string): StoredResource[] => store.ofType(lockType, `${scope}/providers/${lockType}`)

/** The scope and all that it is in: its resource, its group, its subscription. */
function scopesOf(id: string): string[] {
  const scopes: string[] = []
  for (let scope = id; scope !== ''; scope = parentOf(scope)) scopes.push(scope)
  return scopes
}

/** The level at which a lock refuses by now: it may not have taken hold yet, or only at its earlier one. */
function levelNow({ body, memory }: StoredResource, now: number): Level | undefined {
  if (now >= Number(memory['holdsFrom'] ?? 0)) return levelOf(body)
  const before = memory['levelBefore']
  return before === 'ReadOnly' || before === 'CanNotDelete' ? before : undefined
}

/**
 * The scopes that a refusal names. A lock holds for all beneath its scope: those of the scope itself and above it come
 * nearest first. A scope cannot be deleted while anything in it is locked, since Azure never deletes a part of it
 * [DOC-LOCK]; what is locked within it is named only when nothing above is, and only the outermost of it (CORPUS: of a
 * locked network with a locked subnet the network, of a locked group with both the group).
 */
export function lockedBy(store: Store, now: number, id: string, as: 'write' | 'delete'): string[] {
  // Locks are not locked themselves: they can be changed and deleted under any other lock [REC-LOCK].
  if (isLock(id)) return []
  const above = scopesOf(id)
  const settling = store.settlingLocks.filter(({ until }) => until > now)
  const refusing = (locks: readonly StoredResource[], settled: readonly SettlingLock[]): string[] =>
    onceEach(
      [...locks.map(lock => ({ scope: parentOf(lock.id), level: levelNow(lock, now) })), ...settled]
        .filter(({ level }) => level === 'ReadOnly' || (level !== undefined && as === 'delete'))
        .map(({ scope }) => scope)
    )
  const keys = new Set(above.map(keyOf))
  const own = refusing(
    above.flatMap(scope => locksOn(store, scope)),
    settling.filter(({ scope }) => keys.has(keyOf(scope)))
  )
  if (own.length > 0 || as === 'write') return own.sort((one, other) => other.length - one.length)
  const beneath = refusing(
    store.ofType(lockType, id),
    settling.filter(({ scope }) => isBeneath(scope, id))
  )
  return beneath.filter(scope => !beneath.some(other => isBeneath(scope, other)))
}

const onceEach = (scopes: readonly string[]): string[] =>
  scopes.filter((scope, index) => scopes.findIndex(other => keyOf(other) === keyOf(scope)) === index)

/** Characters that a name must not have, and how long it can be, according to the reference of the REST interface. */
const forbiddenInName = /[<>%&:\\?/\p{Cc}]/u
const nameLengthMax = 260
const notesLengthMax = 512
const locksOnScopeMax = 20

function checkLock(world: World, { method, id, body, live }: Write): Refusal | undefined {
  if (method === 'DELETE') return undefined
  const missing = missingScope(world, parentOf(id))
  if (missing) return missing
  const name = nameOf(id)
  if (name.length > nameLengthMax || forbiddenInName.test(name)) {
    return {
      status: 400,
      code: 'InvalidResourceName',
      message: `The lock name '${name}' is invalid: it has at most ${nameLengthMax} characters, and none of <, >, %, &, :, \\, ? and /.`,
      cause: 'gateway'
    }
  }
  const level = textAt(body, 'properties', 'level')
  if (level !== 'CanNotDelete' && level !== 'ReadOnly') {
    return gatewayErrors.invalidBody(`Error converting value '${level ?? ''}' to a lock level. Path 'properties.level'`)
  }
  const notes = textAt(body, 'properties', 'notes') ?? ''
  if (notes.length > notesLengthMax) {
    return gatewayErrors.invalidBody(`The length of 'properties.notes' is ${notes.length}, the maximum is ${notesLengthMax}`)
  }
  return live === undefined ? tooMany(world, parentOf(id)) : undefined
}

function tooMany({ store }: World, scope: string): Refusal | undefined {
  if (locksOn(store, scope).length < locksOnScopeMax) return undefined
  return {
    status: 409,
    code: 'LockLimitExceeded',
    message: `The scope '${scope}' has ${locksOnScopeMax} locks already, which is the maximum.`,
    cause: 'gateway'
  }
}

function kept(world: World, { body, headers, live, seeded }: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const { now, behaviours } = world
  const by = principalOf(headers.get('authorization')) ?? null
  const raised = live === undefined || (levelOf(live.body) !== 'ReadOnly' && levelOf(body) === 'ReadOnly')
  const waits = raised && !seeded && behaviours.lockTakesHoldMs > 0
  return {
    body: { properties: without(objectAt(body, 'properties'), 'systemData') },
    memory: {
      createdBy: live?.memory['createdBy'] ?? by,
      modifiedBy: by,
      modifiedAt: now,
      ...(waits && { holdsFrom: now + behaviours.lockTakesHoldMs, levelBefore: live ? levelOf(live.body) : null })
    }
  }
}

function goesOnRefusing(world: World, lock: StoredResource): void {
  const { lockSettleMs } = world.behaviours
  if (lockSettleMs <= 0) return
  const settling = world.store.settlingLocks.filter(one => one.until > world.now)
  world.store.settlingLocks = [...settling, { scope: parentOf(lock.id), level: levelOf(lock.body), until: world.now + lockSettleMs }]
}

/** systemData came with 2020-05-01 [CORPUS]. The caller is in it when its token names one. */
function show(world: World, { body, createdAt, memory }: StoredResource, { apiVersion }: Reading): ArmBody {
  if (apiVersion < '2020-05-01') return body
  const { createdBy, modifiedBy, modifiedAt } = memory
  return {
    ...body,
    systemData: {
      ...(typeof createdBy === 'string' && { createdBy, createdByType: 'Application' }),
      createdAt: world.time(createdAt),
      ...(typeof modifiedBy === 'string' && { lastModifiedBy: modifiedBy, lastModifiedByType: 'Application' }),
      lastModifiedAt: world.time(typeof modifiedAt === 'number' ? modifiedAt : createdAt)
    }
  }
}

const locks: ResourceType = {
  type: lockType,
  apiVersions: ['2015-01-01', '2015-05-01-preview', '2016-09-01', '2017-04-01', '2020-05-01'],
  style: 'sync',
  timing: atOnce,
  extension: true,
  check: checkLock,
  kept,
  done(world, { resource, before }) {
    if (before && levelOf(before.body) === 'ReadOnly' && levelOf(resource.body) !== 'ReadOnly') goesOnRefusing(world, before)
    return undefined
  },
  removed: goesOnRefusing,
  missing: ({ store }, id) =>
    groupNameOf(id) !== '' && !store.has(groupOf(id))
      ? gatewayErrors.groupNotFound(groupNameOf(id))
      : { status: 404, code: 'LockNotFound', message: `The lock '${nameOf(id)}' could not be found.`, cause: 'gateway' },
  show,
  // Inherited locks are not in the list of a scope; those beneath it are [CORPUS].
  members: ({ store }, scope, filter) => (/atScope\(\)/i.test(filter ?? '') ? locksOn(store, scope) : store.ofType(lockType, scope))
}

export const authorization: Provider = {
  namespace: 'Microsoft.Authorization',
  types: [locks, roleAssignments]
}
