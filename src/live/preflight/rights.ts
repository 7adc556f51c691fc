import type { Permissions } from '../../azure/permissions.ts'
import { tagsRight } from '../../azure/tags.ts'
import { flexibleServer } from '../../kinds/flexibleServer.ts'
import { kindOf, kindOfType } from '../../kinds/index.ts'
import type { Kind } from '../../kinds/kind.ts'
import { lockRights, managementLock } from '../../kinds/managementLock.ts'
import type { LinkedRight } from '../../kinds/need.ts'
import { privateEndpointConnection } from '../../kinds/privateEndpointConnection.ts'
import { resourceGroup } from '../../kinds/resourceGroup.ts'
import type { Action, LackedRight, Note, Rights, Step } from '../../model/change.ts'
import { type ResourceId, resourceId, scopesOf, typeOf } from '../../model/id.ts'
import type { Live, Resource } from '../../model/resource.ts'
import { inBatches } from '../batches.ts'

/** A right that a step takes, or a look. */
export interface Needed extends LinkedRight {
  readonly address: string
  /** Taken by the login for locks, where there is one. */
  readonly onLock?: true
}

/**
 * The rights that this login lacks for the plan, those on resources that a body leads to included [GH azure-docs#96892]. Rights
 * hold for all beneath their scope: the widest is asked first, and a narrower one only where that was not enough. Those on locks are
 * asked of the login for locks, since Azure tells rights to their holder alone.
 */
export async function rightsOf(all: readonly Needed[], live: Live, permissions: Permissions): Promise<Rights> {
  const needed = new Map<string, Needed & { readonly addresses: Set<string> }>()
  for (const one of all) {
    const key = `${one.action.toLowerCase()} ${one.scope}`
    const known = needed.get(key) ?? { ...one, addresses: new Set<string>() }
    known.addresses.add(one.address)
    needed.set(key, known)
  }
  const lacking: LackedRight[] = []
  const unknown = new Set<ResourceId>()
  await inBatches([...needed.values()], async ({ action, scope, instead, addresses, onLock }) => {
    const second = onLock ? permissions.forLocks : undefined
    const held = await isHeld(action, scope, live, second ?? permissions)
    if (held === undefined) unknown.add(scope)
    if (held !== false) return
    lacking.push({ action, scope, for: [...addresses], ...(instead !== undefined && { instead }), ...(second && { login: 'locks' }) })
  })
  const order = (a: LackedRight, b: LackedRight): number => (a.scope + a.action < b.scope + b.action ? -1 : 1)
  return { lacking: lacking.sort(order), unknown: [...unknown].sort() }
}

/**
 * The endpoints that these steps make, and whose connection the same login approves at once, or may approve: nobody else then decides who
 * reaches the server. Where Azure does not say what the login may do, only what it does is told.
 */
export async function ownRequests(steps: readonly Step[], live: Live, permissions: Permissions): Promise<Note[]> {
  const asked = steps.flatMap(({ action }) => {
    if (action.do !== 'create' || kindOf(action.resource).path?.part !== 'endpoint') return []
    const server = action.resource.refs.find(ref => typeOf(ref) === flexibleServer.type.toLowerCase())
    return server === undefined ? [] : [{ action, server }]
  })
  const found: Note[] = []
  await inBatches(asked, async ({ action: { resource, props }, server }) => {
    const connection = resourceId(`${server}/privateEndpointConnections/any`)
    const toApprove = privateEndpointConnection.linkedRights(undefined, undefined, connection)
    const taken = kindOf(resource).linkedRights(props, undefined, resource.id)
    const isAtOnce = toApprove.every(one => taken.some(({ action, scope }) => action === one.action && scope === one.scope))
    const all = [...toApprove, { action: `${privateEndpointConnection.actions}/write`, scope: server }]
    const held =
      isAtOnce || (await Promise.all(all.map(one => isHeld(one.action, one.scope, live, permissions)))).every(one => one === true)
    if (held)
      found.push({
        address: resource.address,
        message: isAtOnce
          ? 'the login that asks for the connection approves it as well, which is for the DBA: `approval: { manual: MESSAGE }` asks the DBA'
          : 'the login that asks for the connection may approve it as well, which is for the DBA: give it a role without that right'
      })
  })
  return found.sort((a, b) => (a.address < b.address ? -1 : 1))
}

/** The rights to read these, and the locks on them: a login that sees only some of its own would take the rest for no work of its own. */
export const readRightsFor = (subjects: readonly Pick<Resource, 'kind' | 'id' | 'address'>[]): readonly Needed[] =>
  subjects.flatMap(({ kind, id, address }) =>
    [kindOf({ kind }), managementLock].map(one => ({ action: `${one.actions}/read`, scope: scopeOf(id), address, ...lockOf(one) }))
  )

/**
 * The right of the login for locks to read those on what these steps write, where no list has shown them: one in the way would be met only
 * when Azure refuses a step, with other locks off.
 */
export function lockReadsFor(steps: readonly Step[], { locksUnreadable }: Live): readonly Needed[] {
  const unread = new Set(locksUnreadable.filter(one => kindOfType.has(typeOf(one)) && typeOf(one) !== resourceGroup.type.toLowerCase()))
  return rightsFor(steps).flatMap(({ scope, address }) =>
    scopesOf(scope).some(one => unread.has(one))
      ? [{ action: `${managementLock.actions}/read`, scope, address, onLock: true as const }]
      : []
  )
}

/** The rights that the writes and calls of these steps take. */
export const rightsFor = (steps: readonly Step[]): readonly Needed[] => steps.flatMap(({ action }) => neededBy(action))

/** `undefined`: we cannot tell. A resource that is not there has the rights of the nearest scope above it that is. */
async function isHeld(action: string, scope: ResourceId, live: Live, permissions: Permissions): Promise<boolean | undefined> {
  const there = scopesOf(scope).filter(one => live.resources.get(one)?.observed.state !== 'absent')
  let last: boolean | undefined
  for (const one of there.reverse()) {
    const held = await permissions.on(one)
    if (held?.(action)) return true
    last = held === undefined ? undefined : false
  }
  return last
}

function neededBy(action: Action): Needed[] {
  switch (action.do) {
    case 'lift':
      return lockRights.map(one => ({ action: one, scope: action.lock.scope, address: action.lock.path, onLock: true }))
    case 'restore':
      return lockRights.map(one => ({ action: one, scope: action.was.scope, address: action.was.path, onLock: true }))
    case 'prove':
      return []
    case 'invoke': {
      const right = kindOf(action).verbRights[action.verb]
      return right === undefined ? [] : [{ action: right, scope: action.id, address: action.title }]
    }
    case 'delete': {
      const kind = kindOf(action.old)
      const { id, address } = action.old
      return [{ action: `${kind.actions}/${kind.removedBy}`, scope: scopeOf(id), address, ...lockOf(kind) }]
    }
    default: {
      const { resource, props } = action
      if (action.do === 'update' && action.tagsAlone) return [{ action: tagsRight, scope: resource.id, address: resource.address }]
      const kind = kindOf(resource)
      const called = action.do === 'update' && action.call !== undefined ? kind.verbRights[action.call] : undefined
      if (called !== undefined) return [{ action: called, scope: resource.id, address: resource.address }]
      const fields = action.do === 'update' && action.old !== undefined ? new Set(action.fields.map(({ field }) => field)) : undefined
      const { id, address } = resource
      const linked = kind.linkedRights(props, fields, id).map(one => ({ ...one, address }))
      return [{ action: `${kind.actions}/write`, scope: scopeOf(id), address, ...lockOf(kind) }, ...linked]
    }
  }
}

const lockOf = (kind: Kind): Pick<Needed, 'onLock'> => (kind === managementLock ? { onLock: true } : {})

/** A right to write a lock holds on what the lock is on. */
const scopeOf = (id: ResourceId): ResourceId =>
  (/^(.+)\/providers\/microsoft\.authorization\/locks\/[^/]+$/.exec(id)?.[1] as ResourceId | undefined) ?? id
