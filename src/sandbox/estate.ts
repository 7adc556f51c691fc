import { randomUUID } from 'node:crypto'
import type { ActivityLog } from './activityLog.ts'
import { type Clock, isSteered, startOfTime, virtualClock } from './clock.ts'
import { type Core, createCore } from './core.ts'
import { providers } from './providers/index.ts'
import { Random } from './random.ts'
import { registryOf } from './registry.ts'
import type { InForce, SandboxOptions } from './sandbox.ts'
import { seed } from './seed.ts'
import { emptyState, type Pending, type SandboxState, type StateDelta, type StoredResource } from './state.ts'
import { Store } from './store.ts'

/** An estate in memory, and what a sandbox is made of beside its settings. */
export interface Estate {
  readonly core: Core
  readonly clock: Clock
  readonly id: string
  exportState(): SandboxState
  /** The changes since it was last asked, or since the estate was opened. */
  takeDelta(): StateDelta
}

/** Where the state left off, or a new estate with what was given to begin with. */
export function openEstate(options: SandboxOptions, settings: () => InForce, activity: ActivityLog): Estate {
  const begun = options.state ?? emptyState(options.clock?.now() ?? startOfTime, options.seed ?? 1)
  const id = begun.estate ?? randomUUID()
  const clock = options.clock ?? virtualClock(begun.now)
  // Put forward before it was saved: what is in flight must not take that time again.
  if (isSteered(clock) && clock.now() < begun.now) clock.set(begun.now)
  const randomState = { ...begun.random }
  const random = new Random(randomState)
  const store = new Store(random, begun.resources)
  for (const operation of begun.operations) store.operations.set(operation.id, operation)
  store.pending = [...begun.pending]
  store.settlingLocks = [...begun.settlingLocks]
  const registry = registryOf([...providers, ...(options.providers ?? [])])
  const core = createCore({ store, registry, settings, random, speed: clock.speed ?? 1, activity }, begun.now)
  if (options.state === undefined && options.seedBodies) seed(core, options.seedBodies)
  store.takeTouched()
  let told: { readonly pending: readonly Pending[]; readonly locks: SandboxState['settlingLocks'] } = {
    pending: [...store.pending],
    locks: store.settlingLocks
  }
  return {
    core,
    clock,
    id,
    exportState: () => ({
      version: 1,
      estate: id,
      now: clock.now(),
      random: { ...randomState },
      resources: store.all(),
      operations: [...store.operations.values()],
      pending: [...store.pending],
      settlingLocks: store.settlingLocks.filter(one => one.until > clock.now())
    }),
    takeDelta() {
      const { resources, operations } = store.takeTouched()
      const waits = !sameItems(told.pending, store.pending)
      const locks = told.locks !== store.settlingLocks
      told = { pending: waits ? [...store.pending] : told.pending, locks: store.settlingLocks }
      return {
        now: clock.now(),
        random: { ...randomState },
        put: resources.flatMap(key => store.get(key) ?? []),
        gone: resources.filter(key => !store.has(key)),
        operations: operations.flatMap(id => store.operations.get(id) ?? []),
        forgotten: operations.filter(id => !store.operations.has(id)),
        ...(waits && { pending: told.pending }),
        ...(locks && { settlingLocks: told.locks })
      }
    }
  }
}

const sameItems = (some: readonly Pending[], others: readonly Pending[]): boolean =>
  some.length === others.length && some.every((one, index) => one === others[index])

/** The estate with other resources in it, to see what it would answer: nothing that is done to it is kept. */
export function supposing({ core }: Estate, resources: readonly StoredResource[], settings: () => InForce): Core {
  const random = new Random({ at: 1 })
  const store = new Store(random, resources)
  for (const operation of core.store.operations.values()) store.operations.set(operation.id, operation)
  return createCore({ store, registry: core.registry, settings, random, speed: core.speed, activity: core.activity }, core.now)
}
