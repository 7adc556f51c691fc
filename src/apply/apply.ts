import type { Azure } from '../azure/azure.ts'
import { timed } from '../azure/deadline.ts'
import { ArmError } from '../azure/error.ts'
import { permissionsThrough } from '../azure/permissions.ts'
import type { Action, Plan, Step, StepId } from '../model/change.ts'
import type { ResourceId } from '../model/id.ts'
import { invariant, unreachable } from '../model/invariant.ts'
import type { Ended } from '../proof/endpoint.ts'
import { attempted, limitOf } from './attempts.ts'
import { type ApplyEvent, type ApplyResult, isReached, type Outcome, type SkipReason } from './events.ts'
import { nothingInFlight } from './inFlight.ts'
import { type Owed, owedLocks, standingLocks } from './journal.ts'
import { standsAsRead } from './lockBody.ts'
import { missingLockRights } from './lockRights.ts'
import { isLost, tookEffect } from './lookAfter.ts'
import { MarkersOfRun, markersAllowed } from './markerScopes.ts'
import { debtOf, type Executor, perform } from './perform.ts'
import { stamp } from './relock.ts'
import { isStrangerOn } from './strangerLock.ts'

export type { Executor } from './perform.ts'

const heartbeatMs = 30_000

interface Run {
  readonly plan: Plan
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
  unlockedMs: number
  /** Our own bug: nothing could start. What is left is written off, so that the locks go back first. */
  stalled: boolean
  /** What the listener threw first. */
  broken: unknown
}

/**
 * Runs a plan. A step starts when what it needs is done and nobody else writes to the same server, network, zone or
 * factory. After a failure the branches that do not need the failed step go on; once cancelled nothing new starts;
 * but every lock that was lifted is restored: the locks are the one thing a run that fails may not leave different.
 *
 * Progress goes to `on` and not out of a generator: a listener that stops listening must not stop the locks from going back.
 * @throws what `on` threw first, but only after everything has ended as it would have without that.
 */
export async function apply(plan: Plan, executor: Executor, on: (event: ApplyEvent) => void, signal?: AbortSignal): Promise<ApplyResult> {
  const lifts = plan.steps.flatMap(({ action }) => (action.do === 'unlock' ? [action] : []))
  // Before the first lock is touched: who may take it off but not put it back, or not have Azure remember it, would leave it off.
  const rights = lifts.map(({ lock }) => lock)
  const permissions = executor.permissions ?? permissionsThrough(executor.azure)
  const allowed = await markersAllowed(lifts, permissions)
  const missingRights = [...(await missingLockRights(permissions, rights)), ...allowed.missing]
  const outcomes = new Map<StepId, Outcome>()
  const run: Run = {
    plan,
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
    markers: new MarkersOfRun(allowed.on, outcomes),
    ended: [],
    unlockedMs: 0,
    stalled: false,
    broken: undefined
  }
  if (missingRights.length > 0)
    return { outcomes: run.outcomes, owed: [], markersLeft: [], unlockedMs: 0, interrupted: false, missingRights }
  while (run.outcomes.size < plan.steps.length) {
    const ended = run.outcomes.size
    await startReady(run)
    if (run.running.size > 0) await Promise.race(run.running.values())
    // A step may have ended while others were being looked at: only where nothing moved at all do they wait for each other.
    else if (run.outcomes.size === ended) {
      invariant(!run.stalled, 'locks could not be put back since steps wait for each other')
      run.stalled = true
    }
  }
  invariant(
    !run.stalled,
    `steps waited for each other: ${[...run.outcomes].flatMap(([id, { as }]) => (as === 'skipped' ? [id] : [])).join(', ')}`
  )
  if (run.broken !== undefined) throw run.broken
  const remembered = await executor.journal.read()
  return {
    outcomes: run.outcomes,
    owed: owedLocks(remembered).flatMap(debt => (isOff(debt, run) ? [debt.lock] : [])),
    markersLeft: standingLocks(remembered).flatMap(({ markers }) => markers),
    unlockedMs: run.unlockedMs,
    interrupted: signal?.aborted ?? false,
    missingRights: []
  }
}

/** Owed now: not what an earlier run already found without its scope, unless it was to come back in this one and did not. */
const isOff = ({ lock, scopeGone }: Owed, { outcomes }: Run): boolean =>
  scopeGone !== true || ['failed', 'unknown'].includes(outcomes.get(`relock ${lock.path}`)?.as ?? '')

/** Starts, or writes off, every step that can be; one that is written off may free others, so it goes round until none moves. */
async function startReady(run: Run): Promise<void> {
  for (let moved = true; moved; ) {
    moved = false
    for (const step of run.plan.steps) {
      if (run.outcomes.has(step.id) || run.running.has(step.id)) continue
      const skipped = await reasonToSkip(step, run)
      if (skipped !== undefined) {
        skip(step, skipped, run)
        moved = true
      } else if (isReady(step, run)) {
        start(step, run)
        moved = true
      }
    }
  }
}

function isReady(step: Step, run: Run): boolean {
  const { outcomes, running, executor } = run
  if (running.size >= executor.parallelism && step.action.do !== 'relock') return false
  // One of these may have failed since it was asked what there is to skip.
  if (!step.after.every(before => outcomes.get(before)?.as === 'done') || !step.settled.every(before => outcomes.has(before))) return false
  return step.action.do === 'unlock' ? nextUnder(step, run) !== undefined : isFree(step, run)
}

const isFree = ({ id, serial }: Step, { busy, reserved }: Run): boolean =>
  serial.every(one => !busy.has(one) && (reserved.get(one) ?? id) === id)

/** The step that can start as soon as this lock, and others like it, are off. A lock is not lifted before there is one. */
const nextUnder = (unlock: Step, run: Run): Step | undefined =>
  dependants(unlock, run).find(step => {
    if (isNeedless(step, run) || run.outcomes.has(step.id) || run.running.has(step.id) || !isFree(step, run)) return false
    return [...step.after, ...step.settled].every(before => run.outcomes.has(before) || isLiftable(before, run))
  })

/** Another lock in the same way, which waits for nothing but its own turn. */
const isLiftable = (id: StepId, { plan, outcomes }: Run): boolean =>
  plan.steps.some(
    ({ id: own, action, after, settled }) =>
      own === id && action.do === 'unlock' && [...after, ...settled].every(before => outcomes.has(before))
  )

async function reasonToSkip(step: Step, run: Run): Promise<SkipReason | undefined> {
  const ended = [...step.after, ...step.settled].every(before => run.outcomes.has(before))
  if (step.action.do === 'relock')
    return ended && (await debtOf(step.action.was.path, run.executor)) === undefined ? 'not needed' : undefined
  const failed = step.after.find(before => isMissed(before, run))
  if (failed !== undefined) return failed
  if (isNeedless(step, run)) return 'is right'
  if (run.signal?.aborted || run.stalled) return 'cancelled'
  if (isOpenTooLong(step, run)) return 'unlocked too long'
  // Nothing is left to do under this lock: it stays on.
  if (step.action.do === 'unlock' && ended && dependants(step, run).every(other => doomed(other, run))) return 'not needed'
  return undefined
}

/** A lock this step needs off has been off for longer than the file allows: nothing new begins under it, and it goes back. */
const isOpenTooLong = (step: Step, run: Run): boolean => run.executor.azure.clock.now() > closesAt(step, run)

/** By when the first of the locks that this step needs off is to go back. */
const closesAt = ({ after }: Step, { plan, executor, liftedAt }: Run): number =>
  Math.min(
    ...plan.steps.flatMap(({ id, action }) => {
      const since = action.do === 'unlock' && after.includes(id) ? liftedAt.get(action.lock.path) : undefined
      return since === undefined ? [] : [since + executor.maxUnlockedMs]
    })
  )

const dependants = ({ id }: Step, { plan }: Run): Step[] => plan.steps.filter(({ after }) => after.includes(id))

const doomed = (step: Step, run: Run): boolean =>
  run.outcomes.has(step.id) || isNeedless(step, run) || step.after.some(before => isMissed(before, run))

/** Ended, and not so that what comes after it may begin. */
const isMissed = (id: StepId, { outcomes }: Run): boolean => outcomes.has(id) && !isReached(outcomes.get(id))

/** The look that it waits for has found that there is nothing left to do. */
function isNeedless({ unless }: Step, { outcomes }: Run): boolean {
  const look = unless === undefined ? undefined : outcomes.get(unless)
  return look?.as === 'done' && look.missed === undefined
}

/** All at once: a step that has ended but still kept others from starting would make it look as if none could start any more. */
function settle(step: Step, outcome: Outcome, run: Run): void {
  run.outcomes.set(step.id, outcome)
  if (outcome.as === 'done') run.ended.push({ action: step.action, at: run.executor.azure.clock.now() })
  if (run.running.delete(step.id)) for (const id of step.serial) run.busy.delete(id)
  for (const [id, holder] of run.reserved) if (holder === step.id) run.reserved.delete(id)
}

function start(step: Step, run: Run): void {
  const next = step.action.do === 'unlock' ? nextUnder(step, run) : undefined
  for (const id of next?.serial ?? []) run.reserved.set(id, next?.id ?? step.id)
  for (const id of step.serial) run.busy.add(id)
  run.on({ type: 'started', step })
  run.running.set(step.id, carryOut(step, run))
}

async function carryOut(step: Step, run: Run): Promise<void> {
  const { executor, on } = run
  const { clock } = executor.azure
  const from = clock.now()
  let waitingFor: string | undefined
  const stop = heartbeat(run, () => on({ type: 'progress', step, elapsedMs: clock.now() - from, waitingFor }))
  const elapsed = () => clock.now() - from
  const path = writtenBy(step.action)
  const wrote = async (as: 'done' | 'failed' | 'unknown'): Promise<void> => {
    if (path !== undefined) await executor.journal.append({ type: 'wrote', step: step.id, path, as, at: stamp(executor) })
  }
  try {
    if (path !== undefined) await executor.journal.append({ type: 'writing', step: step.id, path, at: stamp(executor) })
    const outcome = await tried(step, run, what => {
      waitingFor = what
    })
    // It took effect, whatever the disk says: the step is done. We do not begin the next one where we cannot write the journal.
    const unwritten = await wrote(outcome.as === 'failed' ? 'failed' : 'done').then(
      () => undefined,
      (error: Error) => `the journal could not be told: ${error.message}`
    )
    settle(step, outcome.as === 'done' ? { as: 'done', ...(outcome.missed !== undefined && { missed: outcome.missed }) } : outcome, run)
    if (outcome.as === 'done') on({ type: 'finished', step, elapsedMs: elapsed(), message: outcome.message ?? unwritten })
    else if (outcome.as === 'failed') on({ type: 'failed', step, elapsedMs: elapsed(), error: outcome.error })
    else on({ type: 'waiting', step, reason: outcome.reason })
    timeLocks(step, run)
  } catch (error) {
    // A look writes nothing, and may wait for people for as long as the file allows; so may an unlock for another run.
    if (run.signal?.aborted && (step.action.do === 'prove' || error === run.signal.reason)) return skip(step, 'cancelled', run)
    const failure = error instanceof Error ? error : new Error(String(error))
    const as = isTimedOut(failure)
      ? 'unknown'
      : lostAnswer(step, failure)
        ? await found(step, executor.azure, what => {
            waitingFor = what
          })
        : 'failed'
    if (as === 'done') {
      await wrote(as).catch(() => undefined)
      settle(step, { as }, run)
      on({ type: 'finished', step, elapsedMs: elapsed(), message: 'the answer was lost, and a read shows that it took effect' })
      timeLocks(step, run)
      return
    }
    // The disk may be what failed: we restore the locks all the same.
    await wrote(as).catch(() => undefined)
    settle(step, { as, error: failure }, run)
    on({ type: 'failed', step, elapsedMs: elapsed(), error: failure })
  } finally {
    stop()
  }
}

/** What a write without an answer came to, as far as a read can tell. */
async function found({ action }: Step, azure: Azure, say: (what: string) => void): Promise<'done' | 'failed' | 'unknown'> {
  if (action.do === 'unlock') return (await standsAsRead(action.lock, azure)) ? 'failed' : 'unknown'
  if (action.do !== 'create' && action.do !== 'update' && action.do !== 'delete') return 'unknown'
  const effect = await tookEffect(action, azure, say)
  return effect === undefined ? 'unknown' : effect ? 'done' : 'failed'
}

/** Of the resource that a step writes to; locks have entries of their own. */
export function writtenBy(action: Action): string | undefined {
  switch (action.do) {
    case 'create':
      return action.resource.path
    case 'update':
    case 'invoke':
      return action.path
    case 'delete':
      return action.old.path
    case 'unlock':
    case 'relock':
    case 'prove':
      return undefined
    default:
      return unreachable(action)
  }
}

function skip(step: Step, because: SkipReason, run: Run): void {
  settle(step, { as: 'skipped', because }, run)
  run.on({ type: 'skipped', step, because })
}

/** Our own limit, on something that goes on: there is nothing to read yet. A write under it is over only when Azure says so. */
const isTimedOut = (error: Error): boolean => error instanceof ArmError && error.status === 0 && error.code === 'OperationTimedOut'

/** A look and a call may be made again; a write may have happened. */
const lostAnswer = ({ action }: Step, error: Error): boolean => action.do !== 'prove' && action.do !== 'invoke' && isLost(error)

async function tried(step: Step, run: Run, say: (what: string) => void) {
  const { executor, on, lifted, signal, plan } = run
  const { azure } = executor
  const { action } = step
  const relocks = action.do === 'relock'
  const markersOn = action.do === 'unlock' ? run.markers.for(action) : []
  if (action.do === 'unlock') lifted.add(action.lock.scope)
  if (action.do === 'relock')
    await nothingInFlight(action.was.level === 'ReadOnly' ? action.was : action.lock, unknownSteps(run), executor, say)
  const since = (at: number): void => {
    if (action.do === 'unlock') run.liftedAt.set(action.lock.path, at)
  }
  const around = {
    say,
    failed: anyFailedBefore(step, run),
    signal: relocks ? undefined : signal,
    markersOn,
    ended: run.ended,
    lifted: since
  }
  const once = () => perform(step, executor, around)
  const retried = (error: Error, inMs: number): void => on({ type: 'retried', step, error, inMs })
  const bounds = {
    closesAt: () => (relocks ? Number.POSITIVE_INFINITY : closesAt(step, run)),
    isStrangerOn: (scopes: readonly ResourceId[]) => isStrangerOn(scopes, action, plan, azure)
  }
  const all = () => attempted(once, { azure, path: writtenBy(action) ?? '', lifted, relocks, signal, say, retried, ...bounds })
  const limit = limitOf(step, plan)
  return limit === undefined ? all() : timed(azure.clock, limit, all)
}

/** What may still be going on at Azure although its step has ended. */
const unknownSteps = ({ plan, outcomes }: Run): Step[] => plan.steps.filter(({ id }) => outcomes.get(id)?.as === 'unknown')

const anyFailedBefore = ({ settled, after }: Step, { outcomes }: Run): boolean =>
  [...settled, ...after].some(before => !isReached(outcomes.get(before)))

/** The time from when a lock was off or lowered to the end of its relock. */
function timeLocks({ action }: Step, run: Run): void {
  if (action.do !== 'relock') return
  const now = run.executor.azure.clock.now()
  run.unlockedMs += now - (run.liftedAt.get(action.was.path) ?? now)
  run.lifted.delete(action.was.scope)
  for (const scope of run.markers.goneFrom(action.was.path)) run.lifted.add(scope)
}

/** A sign of life, on the clock that the run waits on, until the returned function is called. */
function heartbeat({ executor: { azure } }: Run, beat: () => void): () => void {
  const over = new AbortController()
  const next = async (): Promise<void> => {
    for (;;) {
      await azure.clock.sleep(heartbeatMs, over.signal, true)
      beat()
    }
  }
  next().catch(() => undefined)
  return () => over.abort()
}
