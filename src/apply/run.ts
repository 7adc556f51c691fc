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
export interface Run {
  readonly plan: Plan
  /** The steps of the plan that lift a lock. */
  readonly lifts: readonly Step[]
  /** The steps that may be next. */
  agenda: Agenda
  readonly executor: Executor
  readonly on: (event: ApplyEvent) => void
  readonly signal: AbortSignal | undefined
  readonly outcomes: Map<StepId, Outcome>
  readonly running: Map<StepId, Promise<void>>
  readonly busy: Set<ResourceId>
  /** Kept free for the step that a lock was just lifted for, so that it does not stand open for others' sake. */
  readonly reserved: Map<ResourceId, StepId>
  /** Scopes whose lock is off now: a refusal that names only these passes by itself. */
  readonly lifted: Set<ResourceId>
  readonly liftedAt: Map<string, number>
  readonly markers: MarkersOfRun
  /** When each step ended that this run has done. */
  readonly ended: Ended[]
  /** Lifts that met the lease of another run, or that no read shows: until these are waited for, nothing but a restore begins. */
  readonly met: Map<StepId, MarkedLock | undefined>
  /** Locks that were restored for another run's sake, and are to be lifted once more. */
  readonly again: Set<string>
  /** Lifts before which the run has waited, with no lock off, for as long as a read may show what was before. */
  readonly rested: Set<StepId>
  /** How often a lease of another run was waited for. */
  waits: number
  /** A lock could not be restored before such a wait: nothing new begins any more. */
  stuck: boolean
  /** Writes that were in flight when a lock was restored over them. */
  readonly over: Set<string>
  liftedMs: number
  /** Our own bug: nothing could start. The rest is written off, so that we restore the locks first. */
  stalled: boolean
  /** The first error that the listener threw. */
  broken: unknown
}

/** The run of a plan before its first step. */
export function begun(
  plan: Plan,
  executor: Executor,
  markersOn: MarkersAllowed['on'],
  on: (event: ApplyEvent) => void,
  signal: AbortSignal | undefined
): Run {
  const outcomes = new Map<StepId, Outcome>()
  const run: Run = {
    plan,
    lifts: plan.steps.filter(({ action }) => action.do === 'lift'),
    agenda: new Agenda(plan.steps, id => outcomes.has(id)),
    executor,
    on: event => {
      try {
        on(event)
      } catch (error) {
        run.broken ??= error
      }
    },
    signal,
    outcomes,
    running: new Map(),
    busy: new Set(),
    reserved: new Map(),
    lifted: new Set(),
    liftedAt: new Map(),
    markers: new MarkersOfRun(markersOn, outcomes),
    ended: [],
    met: new Map(),
    again: new Set(),
    rested: new Set(),
    waits: 0,
    stuck: false,
    over: new Set(),
    liftedMs: 0,
    stalled: false,
    broken: undefined
  }
  return run
}

/** Ended, and not so that what comes after it may begin. */
export const isMissed = (id: StepId, { outcomes }: Run): boolean => outcomes.has(id) && !isReached(outcomes.get(id))

/** The look that it waits for has found that there is nothing left to do. */
export function isNeedless({ unless }: Step, { outcomes }: Run): boolean {
  const look = unless === undefined ? undefined : outcomes.get(unless)
  return look?.as === 'done' && look.missed === undefined
}

/** All at once: a step that has ended but still kept others from starting would make it look as if none could start any more. */
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

/** It runs no more. */
export function release(step: Step, run: Run): void {
  if (!run.running.delete(step.id)) return
  for (const id of step.serial) {
    run.busy.delete(id)
    run.agenda.freed(id, run.reserved.get(id))
  }
}

/** Everything anew, after outcomes were taken back. */
export function lookAnew(run: Run): void {
  run.agenda = new Agenda(run.plan.steps, id => run.outcomes.has(id))
}

export function skip(step: Step, because: SkipReason, run: Run): void {
  conclude(step, { as: 'skipped', because }, run)
  run.on({ type: 'skipped', step, because })
}

/** Whether a lock is off that was lifted before. */
export const holdsLocks = ({ lifts, outcomes }: Run): boolean =>
  lifts.some(({ id, action }) => action.do === 'lift' && outcomes.get(id)?.as === 'done' && !outcomes.has(restoreIdOf(action.lock.path)))

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** It did not succeed, and what comes after it is told so. */
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
