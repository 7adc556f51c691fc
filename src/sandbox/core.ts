import type { ActivityLog } from './activityLog.ts'
import { keyOf, nameOf } from './armPath.ts'
import type { JsonObject } from './json.ts'
import { displayLocation } from './locations.ts'
import { lockedBy } from './locks.ts'
import type { Random } from './random.ts'
import type { Registry } from './registry.ts'
import type { InForce } from './sandbox.ts'
import { plain } from './show.ts'
import type { Operation, Pending, StoredResource } from './state.ts'
import type { Store } from './store.ts'
import type { World } from './type.ts'

/** The world as the core sees it: with time to set and pending work to run. */
export interface Core extends World {
  readonly registry: Registry
  /** Retry-After is divided by it. */
  readonly speed: number
  readonly activity: ActivityLog
  /** How often each operation was asked for; not part of the state, since asking changes nothing in Azure. */
  readonly polls: Map<string, number>
  /** Tells all providers of a resource that has changed or gone. */
  notice(resource: StoredResource): void
  /** Runs everything that is due by now, each at its own time. */
  settle(now: number, finish: (core: Core, operation: string) => void): void
}

interface Parts {
  readonly store: Store
  readonly registry: Registry
  /** Asked each time, since they can be changed while the estate stays. */
  readonly settings: () => Pick<InForce, 'behaviours' | 'principals'>
  readonly random: Random
  readonly speed: number
  readonly activity: ActivityLog
}

export function createCore({ store, registry, settings, random, speed, activity }: Parts, start: number): Core {
  let now = start
  const core: Core = {
    store,
    registry,
    get behaviours() {
      return settings().behaviours
    },
    get principals() {
      return settings().principals
    },
    random,
    speed,
    activity,
    polls: new Map(),
    get now() {
      return now
    },
    time: (at = now) => new Date(at).toISOString().replace('Z', '0000Z'),
    show(resource, reading) {
      const type = registry.type(resource.type)
      const shown = type?.show?.(core, resource, { in: 'GET', apiVersion: '', ...reading }) ?? plain(resource, type)
      const location = shown['location']
      const apiVersion = reading?.apiVersion ?? ''
      const typeShown = type?.typeShownFrom === undefined || apiVersion === '' || apiVersion >= type.typeShownFrom
      return {
        id: resource.id,
        name: nameOf(resource.id),
        ...(typeShown && { type: resource.type }),
        ...shown,
        ...(type?.location === 'display' && typeof location === 'string' && { location: displayLocation(location) })
      }
    },
    type: name => registry.type(name),
    notice(resource) {
      for (const provider of registry.providers) provider.noticed?.(core, resource)
    },
    put: put => store.put(put, now),
    remove(id) {
      const self = store.get(id)
      const gone = [...store.beneath(id), ...(self ? [self] : [])].sort(deepestFirst)
      for (const one of gone) store.drop(one.id)
      for (const one of gone) registry.type(one.type)?.removed?.(core, one)
      for (const one of gone) core.notice(one)
    },
    schedule(afterMs, effect, args) {
      enqueue(store, { dueAt: now + afterMs, effect, args })
    },
    inFlight: id => inProgress(store, keyOf(id)),
    lockedBy: (id, as) => lockedBy(store, now, id, as),
    settle(until, finish) {
      for (let due = nextDue(store, until); due !== undefined; due = nextDue(store, until)) {
        now = Math.max(now, due.dueAt)
        run(core, due, finish)
      }
      now = Math.max(now, until)
    }
  }
  return core
}

const deepestFirst = (one: StoredResource, other: StoredResource): number =>
  other.id.split('/').length - one.id.split('/').length || (keyOf(one.id) < keyOf(other.id) ? -1 : 1)

/** Those whose end is still to come. Looked up from there, since operations are remembered for long after their end. */
function inProgress({ pending, operations }: Store, scope: string): Operation[] {
  const beneath = `${scope}/`
  return pending.flatMap(({ effect, args }) => {
    const operation = effect === 'operation' ? operations.get(operationOf(args)) : undefined
    if (operation?.status !== 'InProgress') return []
    const key = keyOf(operation.resource)
    return key === scope || key.startsWith(beneath) ? operation : []
  })
}

/** Sorted by time; what is due at the same time runs in the order in which it was scheduled. */
export function enqueue(store: Store, pending: Pending): void {
  const at = store.pending.findIndex(one => one.dueAt > pending.dueAt)
  store.pending.splice(at < 0 ? store.pending.length : at, 0, pending)
  store.revision += 1
}

function nextDue(store: Store, until: number): Pending | undefined {
  const [next] = store.pending
  if (next === undefined || next.dueAt > until) return undefined
  store.revision += 1
  return store.pending.shift()
}

function run(core: Core, { effect, args }: Pending, finish: (core: Core, operation: string) => void): void {
  if (effect === 'operation') {
    finish(core, operationOf(args))
    return
  }
  const known = core.registry.effect(effect)
  if (known === undefined) throw new Error(`The sandbox's state waits for the effect ${effect}, which no provider has.`)
  known(core, args)
}

const operationOf = (args: JsonObject): string => (typeof args['id'] === 'string' ? args['id'] : '')
