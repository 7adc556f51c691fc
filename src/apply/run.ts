import { beating } from '../azure/poll.ts'
import { type MarkersAllowed, MarkersOfRun } from '../locks/index.ts'
import type { Plan, Step, StepId } from '../model/change.ts'
import { type ApplyEvent, isReached, type Outcome, type SkipReason } from '../model/events.ts'
import { restoreIdOf } from '../model/graph.ts'
import type { ResourceId } from '../model/id.ts'
import type { MarkedLock } from '../model/marker.ts'
import type { Ended } from '../proof/endpoint.ts'
import { Agenda } from './agenda.ts'
import type { Executor } from './perform.ts'

/** How far the run of a plan has come. */
export class Run {
  readonly plan: Plan
  readonly executor: Executor
  readonly signal: AbortSignal | undefined
  /** The steps of the plan that lift a lock. */
  readonly lifts: readonly Step[]
  readonly outcomes = new Map<StepId, Outcome>()
  /** The steps that may be next. */
  agenda: Agenda
  readonly running = new Map<StepId, Promise<void>>()
  readonly busy = new Set<ResourceId>()
  /** Kept free for the step that a lock was just lifted for, so that the lock is off no longer than that step takes. */
  readonly reserved = new Map<ResourceId, StepId>()
  /** Scopes whose lock is off now: a refusal that names only these passes by itself. */
  readonly lifted = new Set<ResourceId>()
  readonly liftedAt = new Map<string, number>()
  readonly markers: MarkersOfRun
  /** When each step ended that this run has done. */
  readonly ended: Ended[] = []
  /** Lifts that met the lease of another run, or that no read shows: until these are waited for, nothing but a restore begins. */
  readonly met = new Map<StepId, MarkedLock | undefined>()
  /** Locks that were restored for another run's sake, and are to be lifted once more. */
  readonly again = new Set<string>()
  /** Lifts before which the run has waited, with no lock off, for as long as a read may show what was before. */
  readonly rested = new Set<StepId>()
  /** How often this run has waited for the lease of another. */
  waits = 0
  /** A lock could not be restored before such a wait: nothing new begins any more. */
  stuck = false
  /** Writes that were in flight when a lock was restored over them. */
  readonly over = new Set<string>()
  liftedMs = 0
  /** A bug of ours: no step could start. We skip the rest, so that the locks are restored first. */
  stalled = false
  /** The first error that the listener threw. */
  broken: unknown
  readonly #listener: (event: ApplyEvent) => void

  constructor(
    plan: Plan,
    executor: Executor,
    markersOn: MarkersAllowed['on'],
    listener: (event: ApplyEvent) => void,
    signal: AbortSignal | undefined
  ) {
    this.plan = plan
    this.executor = executor
    this.signal = signal
    this.lifts = plan.steps.filter(({ action }) => action.do === 'lift')
    this.agenda = this.#agenda()
    this.markers = new MarkersOfRun(markersOn, this.outcomes)
    this.#listener = listener
  }

  #agenda = (): Agenda => new Agenda(this.plan.steps, id => this.outcomes.has(id))

  /** Begins the agenda anew, after outcomes were taken back. */
  lookAnew(): void {
    this.agenda = this.#agenda()
  }

  /** Tells the listener, which may throw: the locks are restored first. */
  readonly on = (event: ApplyEvent): void => {
    try {
      this.#listener(event)
    } catch (error) {
      this.broken ??= error
    }
  }
}

/** Whether a step has ended so that the steps after it may not begin. */
export const isMissed = (id: StepId, { outcomes }: Run): boolean => outcomes.has(id) && !isReached(outcomes.get(id))

/** Whether the look that it waits for has found that nothing is left to do. */
export function isNeedless({ unless }: Step, { outcomes }: Run): boolean {
  const look = unless === undefined ? undefined : outcomes.get(unless)
  return look?.as === 'done' && look.missed === undefined
}

/** Notes the outcome and frees what the step held at once: otherwise it would look as if no step could start any more. */
export function conclude(step: Step, outcome: Outcome, run: Run): void {
  const { id } = step
  const isNew = !run.outcomes.has(id)
  run.outcomes.set(id, outcome)
  if (outcome.as === 'done') run.ended.push({ action: step.action, at: run.executor.azure.clock.now() })
  release(step, run)
  for (const [of, holder] of run.reserved)
    if (holder === id) {
      run.reserved.delete(of)
      if (!run.busy.has(of)) run.agenda.freed(of, undefined)
    }
  const missed = isMissed(id, run)
  if (isNew) run.agenda.ended(id, other => (missed && other.after.includes(id)) || (other.unless === id && isNeedless(other, run)))
}

/** Frees what a step held that runs no more. */
export function release(step: Step, run: Run): void {
  if (!run.running.delete(step.id)) return
  for (const id of step.serial) {
    run.busy.delete(id)
    run.agenda.freed(id, run.reserved.get(id))
  }
}

export function skip(step: Step, because: SkipReason, run: Run): void {
  conclude(step, { as: 'skipped', because }, run)
  run.on({ type: 'skipped', step, because })
}

/** Whether a lock is off that was lifted before. */
export const holdsLocks = ({ lifts, outcomes }: Run): boolean =>
  lifts.some(({ id, action }) => action.do === 'lift' && outcomes.get(id)?.as === 'done' && !outcomes.has(restoreIdOf(action.lock.path)))

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** Notes that a step failed, and tells the listener. */
export function fail(step: Step, error: Error, run: Run, { as = 'failed' as 'failed' | 'unknown', elapsedMs = 0 } = {}): void {
  conclude(step, { as, error }, run)
  run.on({ type: 'failed', step, elapsedMs, error })
}

/** Says every half minute what a step waits for, on the clock that the run waits on. @returns an end to that */
export function telling(step: Step, what: () => string | undefined, { executor: { azure }, on }: Run): () => void {
  const { clock } = azure
  const from = clock.now()
  const over = new AbortController()
  const beat = (): void => on({ type: 'progress', step, elapsedMs: clock.now() - from, waitingFor: what() })
  beating(clock, beat, over.signal).catch(() => undefined)
  return () => over.abort()
}
