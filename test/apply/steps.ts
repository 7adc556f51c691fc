import type { Executor } from '../../src/apply/perform.ts'
import { readLocks } from '../../src/azure/locks.ts'
import type { Action, EndpointProof, Plan, Step, StepId } from '../../src/model/change.ts'
import type { ApplyEvent } from '../../src/model/events.ts'
import { type ResourceId, resourceId } from '../../src/model/id.ts'
import type { Lock } from '../../src/model/resource.ts'
import type { Proof } from '../../src/proof/endpoint.ts'
import { type CarriedOut, carryOut } from '../support/engine.ts'
import { type Estate, putLockOn, subscription } from '../support/estate.ts'

export const group = `/subscriptions/${subscription}/resourceGroups/rg-apply`
export const seedBodies = { [group]: { location: 'westeurope' } }

type Edges = Partial<Pick<Step, 'after' | 'afterEndOf'>> & { readonly serial?: readonly string[] }

const step = (id: StepId, action: Action, { after = [], afterEndOf = [], serial = [] }: Edges): Step => ({
  id,
  action,
  after,
  afterEndOf,
  serial: serial as readonly ResourceId[],
  interrupts: false,
  unproven: false,
  wave: 1
})

/** A step that does what the test says: a look at an endpoint of this name. */
export function work(name: string, edges: Edges = {}): Step {
  const endpoint = { address: name, endpoint: resourceId(name), path: name } as EndpointProof
  return step(
    `prove ${name}`,
    { do: 'prove', server: resourceId(name), address: name, endpoints: [endpoint], depth: 'connection', for: 'gate' },
    edges
  )
}

export const lift = (lock: Lock, edges: Edges = {}, how: 'remove' | 'lower' = 'remove'): Step =>
  step(`unlock ${lock.path}`, { do: 'lift', lock, how, needs: [], memory: { in: how === 'lower' ? 'notes' : 'journal' } }, edges)

export const restore = (lock: Lock, edges: Edges = {}, over: Partial<Extract<Action, { do: 'restore' }>> = {}): Step =>
  step(`relock ${lock.path}`, { do: 'restore', lock, was: lock, scope: 'stays', ...over }, edges)

export const planOf = (...steps: Step[]): Plan => ({
  changes: [],
  steps,
  refusals: [],
  waiting: [],
  notes: [],
  unmanaged: [],
  unknown: []
})

/** A lock on the group, as it is read. */
export async function lockedBy(on: Estate, name: string, level: Lock['level'] = 'ReadOnly'): Promise<Lock> {
  await putLockOn(on, group, name, { level, notes: 'theirs' })
  const lock = (await readLocks(on.azure, subscription)).find(one => one.name === name)
  if (lock === undefined) throw new Error(`the lock ${name} was not put`)
  return lock
}

export interface Ran extends CarriedOut {
  /** `+name` where a step of work begins and `-name` where it ends. */
  readonly trace: readonly string[]
}

export interface RunOptions {
  readonly parallelism?: number
  readonly signal?: AbortSignal
  /** The outcome of a step of work; a minute on the clock where it is not named. */
  readonly does?: Readonly<Record<string, (say: (what: string) => void, signal?: AbortSignal) => Promise<Proof>>>
  readonly listen?: (event: ApplyEvent) => void
}

export async function run(on: Estate, plan: Plan, { parallelism = 10, signal, does = {}, listen }: RunOptions = {}): Promise<Ran> {
  const trace: string[] = []
  const prove: Executor['prove'] = async (azure, { address }, { say, signal: stop }) => {
    trace.push(`+${address}`)
    try {
      const own = does[address]
      if (own) return await own(say, stop)
      await azure.clock.sleep(60_000)
      return { as: 'proven' }
    } finally {
      trace.push(`-${address}`)
    }
  }
  return { ...(await carryOut(on, plan, { prove, parallelism, ...(signal && { signal }), ...(listen && { listen }) })), trace }
}

export const outcomes = ({ result }: Ran): Record<string, string> =>
  Object.fromEntries([...result.outcomes].map(([id, { as }]) => [id.replace(/\/subscriptions\/.*\//, ''), as]))
