import type { Step, StepId } from '../model/change.ts'
import type { SkipReason } from './events.ts'
import { debtOf } from './perform.ts'
import { isMissed, isNeedless, type Run } from './run.ts'

/** Whether a step may start: what it needs is there, and nobody else writes where it is to write. */
export function isReady(step: Step, run: Run): boolean {
  const { outcomes, running, executor, met } = run
  // A lease of another run is waited for with nothing lifted.
  if (met.size > 0 && step.action.do !== 'relock') return false
  if (running.size >= executor.parallelism && step.action.do !== 'relock') return false
  // One of these may have failed since it was asked what there is to skip.
  if (!step.after.every(before => outcomes.get(before)?.as === 'done') || !step.settled.every(before => outcomes.has(before))) return false
  return step.action.do === 'unlock' ? nextUnder(step, run) !== undefined : isFree(step, run)
}

const isFree = ({ id, serial }: Step, { busy, reserved }: Run): boolean =>
  serial.every(one => !busy.has(one) && (reserved.get(one) ?? id) === id)

/** The step that can start as soon as this lock, and others like it, are off. A lock is not lifted before there is one. */
export const nextUnder = (unlock: Step, run: Run): Step | undefined =>
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

/** Why a step is not to be done any more. */
export async function reasonToSkip(step: Step, run: Run): Promise<SkipReason | undefined> {
  const ended = [...step.after, ...step.settled].every(before => run.outcomes.has(before))
  if (step.action.do === 'relock')
    return ended && (await debtOf(step.action.was.path, run.executor)) === undefined ? 'not needed' : undefined
  const failed = step.after.find(before => isMissed(before, run))
  if (failed !== undefined) return failed
  if (isNeedless(step, run)) return 'is right'
  if (run.signal?.aborted || run.stalled || run.stuck) return 'cancelled'
  if (isOpenTooLong(step, run)) return 'unlocked too long'
  // Nothing is left to do under this lock: it stays on.
  if (step.action.do === 'unlock' && ended && dependants(step, run).every(other => doomed(other, run))) return 'not needed'
  return undefined
}

/** A lock this step needs off has been off for longer than the file allows: nothing new begins under it, and it goes back. */
const isOpenTooLong = (step: Step, run: Run): boolean => run.executor.azure.clock.now() > closesAt(step, run)

/** By when the first of the locks that this step needs off is to go back. */
export const closesAt = ({ after }: Step, { plan, executor, liftedAt }: Run): number =>
  Math.min(
    ...plan.steps.flatMap(({ id, action }) => {
      const since = action.do === 'unlock' && after.includes(id) ? liftedAt.get(action.lock.path) : undefined
      return since === undefined ? [] : [since + executor.maxUnlockedMs]
    })
  )

const dependants = ({ id }: Step, { plan }: Run): Step[] => plan.steps.filter(({ after }) => after.includes(id))

const doomed = (step: Step, run: Run): boolean =>
  run.outcomes.has(step.id) || isNeedless(step, run) || step.after.some(before => isMissed(before, run))
