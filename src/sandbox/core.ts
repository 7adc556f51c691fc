import { isWithin, keyOf } from './armPath.ts'
import type { Behaviours } from './behaviours.ts'
import type { JsonObject } from './json.ts'
import { displayLocation } from './locations.ts'
import { lockedBy } from './locks.ts'
import type { Random } from './random.ts'
import type { Registry } from './registry.ts'
import { namesOf, plain } from './show.ts'
import type { Operation, Pending, StoredResource } from './state.ts'
import type { Store } from './store.ts'
import type { World } from './type.ts'

/** The world as the core sees it: with time to set and pending work to run. */
export interface Core extends World {
  readonly registry: Registry
  /** Retry-After is divided by it. */
  readonly speed: number
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
  readonly behaviours: Behaviours
  readonly random: Random
  readonly speed: number
}

export function createCore({ store, registry, behaviours, random, speed }: Parts, start: number): Core {
  let now = start
  const core: Core = {
    store,
    registry,
    behaviours,
    random,
    speed,
    polls: new Map(),
    get now() {
      return now
    },
    time: (at = now) => new Date(at).toISOString().replace('Z', '0000Z'),
    show(resource, reading) {
      const type = registry.type(resource.type)
      const shown = type?.show?.(core, resource, { in: 'GET', apiVersion: '', ...reading }) ?? plain(resource, type)
      const location = shown['location']
      return {
        ...namesOf(resource),
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
    inFlight: id => inProgress(store).filter(({ status, resource }) => status === 'InProgress' && isWithin(resource, id)),
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
const inProgress = (store: Store): Operation[] =>
  store.pending.flatMap(({ effect, args }) => (effect === 'operation' ? (store.operations.get(operationOf(args)) ?? []) : []))

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
