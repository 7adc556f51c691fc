import type { Step } from '../model/change.ts'
import type { SkipReason } from '../model/events.ts'
import { liftIdOf } from '../model/graph.ts'
import type { ResourceId } from '../model/id.ts'
import type { Entry } from './agenda.ts'
import { owedAt } from './perform.ts'
import { isMissed, isNeedless, type Run, skip } from './run.ts'

/**
 * Starts, or skips, every step that can be. A skipped step may free others, so we go on until none is left to look at.
 *
 * @param start begins a step; where that lifts a lock, the second argument is the step that needs the lift, and is the next to write
 */
export function startReady(run: Run, start: (step: Step, next?: Step) => void): void {
  const { agenda } = run
  if (isStopped(run)) agenda.sweep()
  for (const path of run.liftedAt.keys()) if (isOverdue(path, run)) agenda.lookUnder(liftIdOf(path))
  for (let entry = agenda.next(hasRoom(run)); entry !== undefined; entry = agenda.next(hasRoom(run))) looked(entry, run, start)
}

function looked(entry: Entry, run: Run, start: (step: Step, next?: Step) => void): void {
  const { agenda } = run
  const { step } = entry
  if (!isWaiting(step, run) || isSkipped(entry, run) || entry.blocked > 0) return
  const taken = takenFrom(step, run)
  if (taken !== undefined) {
    agenda.park(entry, taken)
    wake(step, run)
    return
  }
  // We do not lift a lock before there is a step that can start once all locks in its way are off.
  const lifts = entry.lifts.filter(lift => isWaiting(lift.step, run) && !isSkipped(lift, run))
  const begins = lifts.length > 0 ? lifts.map(lift => lift.step) : entry.open === 0 && step.action.do !== 'lift' ? [step] : []
  for (const one of begins) {
    if (!hasRoom(run) && one.action.do !== 'restore') {
      agenda.waitForRoom(entry)
      return
    }
    start(one, one === step ? undefined : step)
  }
}

/** A step that has no outcome yet, is not running, and did not meet the lease of another run. */
const isWaiting = ({ id }: Step, { outcomes, running, met }: Run): boolean => !outcomes.has(id) && !running.has(id) && !met.has(id)

function isSkipped(entry: Entry, run: Run): boolean {
  const because = reasonToSkip(entry, run)
  if (because === undefined) return false
  skip(entry.step, because, run)
  wake(entry.step, run)
  return true
}

/** Looks again at the steps that wait for a resource which this step does not write to now. */
function wake({ serial }: Step, { agenda, busy, reserved }: Run): void {
  for (const id of serial) if (!busy.has(id)) agenda.freed(id, reserved.get(id))
}

/** While a lift waits for the lease of another run, nothing but restores begins: this run must hold no lock then. */
const hasRoom = ({ met, running, executor }: Run): boolean => met.size === 0 && running.size < executor.parallelism

/** The first resource that the step writes to, and that another step is writing to or is to write to next. */
const takenFrom = ({ id, serial }: Step, { busy, reserved }: Run): ResourceId | undefined =>
  serial.find(one => busy.has(one) || (reserved.get(one) ?? id) !== id)

/** Nothing new begins any more. */
const isStopped = ({ signal, stalled, stuck }: Run): boolean => signal?.aborted === true || stalled || stuck

/** Why a step is not to be done any more. */
function reasonToSkip({ step, open, lifts, under }: Entry, run: Run): SkipReason | undefined {
  if (step.action.do === 'restore') return open === 0 && owedAt(step.action.was.path, run.executor) === undefined ? 'not needed' : undefined
  const failed = step.after.find(before => isMissed(before, run))
  if (failed !== undefined) return failed
  if (isNeedless(step, run)) return 'is right'
  if (isStopped(run)) return 'cancelled'
  if (lifts.some(({ step: { action } }) => action.do === 'lift' && isOverdue(action.lock.path, run))) return 'unlocked too long'
  // Nothing is left to do under this lock: it stays on.
  if (step.action.do === 'lift' && open === 0 && under === 0) return 'not needed'
  return undefined
}

/** A lock has been off for longer than the file allows: nothing new begins under it, and we restore it. */
const isOverdue = (lock: string, run: Run): boolean => run.executor.azure.clock.now() > closing(lock, run)

/** By when a lifted lock is to be restored. */
const closing = (lock: string, { executor, liftedAt }: Run): number =>
  (liftedAt.get(lock) ?? Number.POSITIVE_INFINITY) + executor.maxUnlockedMs

/** By when the first of the locks that this step needs lifted is to be restored. */
export const closesAt = ({ id }: Step, run: Run): number =>
  Math.min(
    ...(run.agenda.get(id)?.lifts ?? []).flatMap(({ step: { action } }) => (action.do === 'lift' ? [closing(action.lock.path, run)] : []))
  )
