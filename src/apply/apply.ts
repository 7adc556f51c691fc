import { setMaxListeners } from 'node:events'
import type { Azure } from '../azure/azure.ts'
import { ArmError, StrayAddress } from '../azure/error.ts'
import { permissionsThrough } from '../azure/permissions.ts'
import { touched } from '../kinds/touched.ts'
import { isLost, LeaseMet, markersAllowed, type Owed, stamp, standsAsRead, tookEffect } from '../locks/index.ts'
import { isWrite, type Plan, type Step } from '../model/change.ts'
import type { ApplyEvent, ApplyResult } from '../model/events.ts'
import { restoreIdOf } from '../model/graph.ts'
import { invariant } from '../model/invariant.ts'
import { standAside } from './aside.ts'
import { limitOf } from './attempts.ts'
import type { Executor } from './perform.ts'
import { startReady } from './ready.ts'
import { asError, conclude, fail, Run, release, skip, telling } from './run.ts'
import { timeLocks, tried } from './tried.ts'
import { writtenBy } from './writtenBy.ts'

export type { Executor } from './perform.ts'

/**
 * Runs a plan. A step starts when those before it are done and no other step writes to the same server, network, zone or factory. After
 * a failure the branches that do not need the failed step continue; after a cancel nothing new starts. The run restores every lock that it
 * has lifted, whatever fails: locks are the one thing that a failed run must not leave different.
 *
 * Progress goes to `on` and not out of a generator: a listener that stops listening must not keep the locks from being restored.
 * @throws what `on` threw first, but only after everything has ended as it would have without that.
 */
export async function apply(plan: Plan, executor: Executor, on: (event: ApplyEvent) => void, signal?: AbortSignal): Promise<ApplyResult> {
  // Each step in flight listens to it, and Node would warn of a leak from the eleventh on.
  if (signal) setMaxListeners(0, signal)
  const lifts = plan.steps.flatMap(({ action }) => (action.do === 'lift' ? [action] : []))
  // Before we touch the first lock: a login that may lift it, and neither restore it nor write its marker, would leave it off.
  const permissions = executor.permissions ?? permissionsThrough(executor.azure)
  const allowed = await markersAllowed(lifts, permissions.forLocks ?? permissions)
  const run = new Run(plan, executor, allowed.on, on, signal)
  const missingRights = allowed.missing
  if (missingRights.length > 0) return { outcomes: run.outcomes, owed: [], markersLeft: [], liftedMs: 0, interrupted: false, missingRights }
  while (run.outcomes.size < plan.steps.length) {
    const ended = run.outcomes.size
    startReady(run, (step, next) => start(step, next, run))
    if (run.running.size > 0) await Promise.race(run.running.values())
    else if (run.met.size > 0) {
      await standAside(run)
      run.lookAnew()
    }
    // Steps wait for each other only where none has ended meanwhile.
    else if (run.outcomes.size === ended) {
      invariant(!run.stalled, 'locks could not be restored since steps wait for each other')
      run.stalled = true
    }
  }
  invariant(
    !run.stalled,
    `steps waited for each other: ${[...run.outcomes].flatMap(([id, { as }]) => (as === 'skipped' ? [id] : [])).join(', ')}`
  )
  if (run.broken !== undefined) throw run.broken
  const { owed, leftover } = executor.journal.left()
  return {
    outcomes: run.outcomes,
    owed: owed.flatMap(owedLock => (isOff(owedLock, run) ? [owedLock.lock] : [])),
    markersLeft: leftover.flatMap(({ markers }) => markers),
    restoredOver: [...run.over],
    liftedMs: run.liftedMs,
    interrupted: signal?.aborted ?? false,
    missingRights: []
  }
}

/** Owed now: not what an earlier run already found without its scope, unless it was to come back in this one and did not. */
const isOff = ({ lock, scopeGone }: Owed, { outcomes }: Run): boolean =>
  scopeGone !== true || ['failed', 'unknown'].includes(outcomes.get(restoreIdOf(lock.path))?.as ?? '')

/** @param next the step that a lock is lifted for: where it writes, no other step does before it */
function start(step: Step, next: Step | undefined, run: Run): void {
  for (const id of next?.serial ?? []) run.reserved.set(id, next?.id ?? step.id)
  for (const id of step.serial) run.busy.add(id)
  if (!run.again.has(step.id)) run.on({ type: 'started', step })
  run.running.set(step.id, carryOut(step, run))
}

async function carryOut(step: Step, run: Run): Promise<void> {
  const { executor, on } = run
  const { clock } = executor.azure
  const from = clock.now()
  let waitingFor: string | undefined
  const say = (what: string): void => {
    waitingFor = what
  }
  const stop = telling(step, () => waitingFor, run)
  const elapsed = () => clock.now() - from
  const path = writtenBy(step.action)
  const wrote = async (as: 'done' | 'failed' | 'unknown'): Promise<void> => {
    if (path !== undefined) await executor.journal.append({ type: 'wrote', step: step.id, path, as, at: stamp(executor) })
  }
  try {
    if (path !== undefined) await executor.journal.append({ type: 'writing', ...announced(step, path, run), at: stamp(executor) })
    const outcome = await tried(step, run, say)
    // The step is done, also where the journal could not be written. We do not begin the next one then.
    const unwritten = await wrote(outcome.as === 'failed' ? 'failed' : 'done').then(
      () => undefined,
      (error: Error) => `the journal could not be told: ${error.message}`
    )
    conclude(step, outcome.as === 'done' ? { as: 'done', ...(outcome.missed !== undefined && { missed: outcome.missed }) } : outcome, run)
    if (outcome.as === 'done') on({ type: 'finished', step, elapsedMs: elapsed(), message: outcome.message ?? unwritten })
    else if (outcome.as === 'failed') on({ type: 'failed', step, elapsedMs: elapsed(), error: outcome.error })
    else on({ type: 'waiting', step, reason: outcome.reason })
    timeLocks(step, run)
  } catch (error) {
    if (error instanceof LeaseMet) {
      run.met.set(step.id, error.other)
      if (step.action.do === 'lift') run.lifted.delete(step.action.lock.scope)
      return release(step, run)
    }
    // After an interrupt we wait neither for the look of a proof, which writes nothing, nor for another run that has a lock off.
    if (run.signal?.aborted && (step.action.do === 'prove' || error === run.signal.reason)) return skip(step, 'cancelled', run)
    const failure = asError(error)
    const as = isTimedOut(failure) ? 'unknown' : lostAnswer(step, failure) ? await found(step, failure, executor.azure, say) : 'failed'
    // The disk may be what failed: we restore the locks all the same.
    await wrote(as).catch(() => undefined)
    if (as !== 'done') return fail(step, failure, run, { as, elapsedMs: elapsed() })
    conclude(step, { as }, run)
    on({ type: 'finished', step, elapsedMs: elapsed(), message: 'the answer was lost, and a read shows that it took effect' })
    timeLocks(step, run)
  } finally {
    stop()
  }
}

/** The entry that tells the next run of a write whose end is unknown. */
function announced(step: Step, path: string, { plan }: Run) {
  const touches = touched(step.action).map(({ scope, as }) => ({ scope, as }))
  const limit = limitOf(step, plan)
  return { step: step.id, path, touches, ...(limit && { limitMs: limit.ms }) }
}

/** The outcome of a write without an answer, as far as a read can tell. One that was to be followed to elsewhere is never known to be done. */
async function found({ action }: Step, error: Error, azure: Azure, say: (what: string) => void): Promise<'done' | 'failed' | 'unknown'> {
  if (action.do === 'lift') return (await standsAsRead(action.lock, azure)) ? 'failed' : 'unknown'
  if (!isWrite(action)) return 'unknown'
  const effect = await tookEffect(action, azure, say)
  if (effect === undefined || (effect && error instanceof StrayAddress)) return 'unknown'
  return effect ? 'done' : 'failed'
}

/** Our own limit, on something in flight: there is nothing to read yet. A write under it is over only when Azure says so. */
const isTimedOut = (error: Error): boolean => error instanceof ArmError && error.status === 0 && error.code === 'OperationTimedOut'

/** A look and a call may be made again; a write may have happened. */
const lostAnswer = ({ action }: Step, error: Error): boolean => action.do !== 'prove' && action.do !== 'invoke' && isLost(error)
