import { delay } from '../azure/poll.ts'
import { isOver, liftedAnew, staleMs, turn, yielded } from '../locks/index.ts'
import type { Action, Step } from '../model/change.ts'
import { invariant } from '../model/invariant.ts'
import type { MarkedLock } from '../model/marker.ts'
import { owedAt, portsOf } from './perform.ts'
import { asError, conclude, fail, type Run, telling } from './run.ts'
import { timeLocks, tried } from './tried.ts'

/** How often a run waits for the lease of another one; then it leaves what is left of its plan to the next run. */
const waitsMax = 20

/** Longer than a run that waits takes to look again: of two that have met, the one that began first has lifted what it wants by then. */
const courtesyMs = 30_000

/**
 * Lifts have met the leases of other runs, and nothing of this run is in flight any more. The run restores its own before it waits
 * for any of them: a run that waits holds no lock, so that no two wait for each other. Afterwards it begins the rest anew.
 */
export async function standAside(run: Run): Promise<void> {
  const met = run.plan.steps.flatMap(step => (run.met.has(step.id) ? [{ step, other: run.met.get(step.id) }] : []))
  for (const { step } of met) run.again.add(step.id)
  try {
    for (const one of held(run)) if (!(await restoredMeanwhile(one, met, run))) return
    for (const { step } of met) if (!(await givenBack(step, run))) return
    const from = run.executor.azure.clock.now()
    for (const one of met) await waited(one, from, run)
  } finally {
    run.met.clear()
  }
}

interface Met {
  readonly step: Step
  /** Absent where what this run has lowered is not seen. */
  readonly other: MarkedLock | undefined
}

interface Held {
  readonly lift: Step
  readonly restore: Step
}

/** The locks that this run has lifted, and that are not to be restored yet by what was done. */
function held({ plan, outcomes, executor }: Run): readonly Held[] {
  const all: Held[] = []
  for (const lift of plan.steps) {
    const { action } = lift
    if (action.do !== 'lift' || outcomes.get(lift.id)?.as !== 'done') continue
    const restore = plan.steps.find(({ action: one }) => one.do === 'restore' && one.was.path === action.lock.path)
    invariant(restore !== undefined, 'a lift without its restore')
    if (!outcomes.has(restore.id) && owedAt(action.lock.path, executor) !== undefined) all.push({ lift, restore })
  }
  return all
}

/** Restores a lock as it was read, in the middle of its window. Where that fails nothing new begins, and the lock is owed. */
async function restoredMeanwhile({ lift, restore }: Held, met: readonly Met[], run: Run): Promise<boolean> {
  const [first] = met
  const tell = telling(first?.step ?? restore, () => `${pathOf(restore.action)} to be restored, which is in the way of the wait`, run)
  try {
    await tried(restore, run, () => undefined, true)
  } catch (error) {
    fail(restore, asError(error), run)
    run.stuck = true
    return false
  } finally {
    tell()
  }
  timeLocks(restore, run)
  run.outcomes.delete(lift.id)
  run.again.add(lift.id)
  const what = first?.other === undefined ? 'a read of another lock' : `the run ${first.other.lease.run}`
  const waitingFor = `${what}: it is restored meanwhile, and lifted once more afterwards`
  run.on({ type: 'progress', step: lift, elapsedMs: 0, waitingFor })
  return true
}

/** Gives back a lock that a lift has lowered before it saw that another run goes first. */
async function givenBack(step: Step, run: Run): Promise<boolean> {
  const { executor } = run
  const owedLock = step.action.do === 'lift' ? owedAt(step.action.lock.path, executor) : undefined
  if (owedLock === undefined) return true
  const stop = telling(step, () => `the read that shows what became of the lock ${owedLock.lock.path}`, run)
  try {
    await yielded(owedLock, portsOf(executor, { say: () => undefined, signal: undefined }))
    return true
  } catch (error) {
    // If anything is owed, the restore comes by itself.
    fail(step, asError(error), run)
    return false
  } finally {
    stop()
  }
}

const pathOf = (action: Action): string =>
  action.do === 'restore' ? `the lock ${action.was.path}` : action.do === 'lift' ? `the lock ${action.lock.path}` : ''

/**
 * Waits until another run has restored its lock, or its lease is over: then the lock is restored for it. Where no read shows the lock as it
 * is, until one is made that cannot be behind.
 *
 * @param from since when the run has no lock off
 */
async function waited({ step, other }: Met, from: number, run: Run): Promise<void> {
  const { executor, signal } = run
  const { azure } = executor
  if (signal?.aborted) return
  run.waits += 1
  if (run.waits > waitsMax) {
    const who = other === undefined ? 'no read shows the lock as it is' : `the run ${other.lease.run} has it off until ${other.lease.until}`
    const reason = `${who}, and this run has waited ${waitsMax} times`
    conclude(step, { as: 'waiting', reason }, run)
    run.on({ type: 'waiting', step, reason })
    return
  }
  let waitingFor: string | undefined = other === undefined ? `a read that shows ${pathOf(step.action)} as it is` : undefined
  const say = (what: string): void => {
    waitingFor = what
  }
  const stop = telling(step, () => waitingFor, run)
  try {
    if (other === undefined) {
      await delay(azure.clock, Math.max(0, from + staleMs - azure.clock.now()), signal)
      run.rested.add(step.id)
      return
    }
    run.rested.delete(step.id)
    const ports = portsOf(executor, { say, signal })
    const isAtIt = !isOver(other, ports)
    const { running, writes } = executor.journal.left()
    const going = { running, writes, desired: executor.desired }
    for (const path of (await turn(other, going, ports))?.over ?? []) run.over.add(path)
    if (isAtIt && other.lease.run < executor.run) await liftedAnew(other, courtesyMs, ports)
  } catch (error) {
    if (!signal?.aborted) fail(step, asError(error), run)
  } finally {
    stop()
  }
}
