import type { Plan } from '../model/change.ts'
import type { Signal } from '../model/ending.ts'
import { type Ending, endingOfSignal, worst } from '../model/ending.ts'
import type { ApplyResult } from '../model/events.ts'
import { isEmpty } from '../plan/summary.ts'
import { type Closing, proofOf } from './closing.ts'
import type { PlannedTopology } from './outcomes.ts'

const endingByExit = { 1: 'error', 4: 'invalid', 6: 'refused', 7: 'waiting' } as const satisfies Readonly<
  Record<Plan['refusals'][number]['exit'], Ending>
>

/** How a run ends of a plan that is refused, or that leaves out a part that a person has to make possible first. */
export const refusalEnding = ({ refusals, waiting }: Plan): Ending =>
  worst([...refusals.map(({ exit }) => endingByExit[exit]), ...waiting.flatMap(({ leftOut }) => (leftOut ? (['waiting'] as const) : []))])

/** How an apply ended. `closing` is the fresh read after it, where one was made. */
export function applyEnding(plan: Plan, result: ApplyResult, closing: Closing | undefined, signal: Signal | undefined): Ending {
  const left = closing?.plan
  const codes: Ending[] = []
  if (result.owed.length > 0) codes.push('lockNotRestored')
  if (result.interrupted) codes.push(endingOfSignal(signal ?? 'SIGINT'))
  if (result.missingRights.length > 0) codes.push('waiting')
  const ended = plan.steps.map(({ id, action }) => ({ action, outcome: result.outcomes.get(id) }))
  const any = (as: string): boolean => ended.some(({ outcome }) => outcome?.as === as)
  const effect = ended.some(({ action, outcome }) => writes(action.do) && (outcome?.as === 'done' || outcome?.as === 'unknown'))
  const moved = ended.some(
    ({ outcome }) => (outcome?.as === 'failed' || outcome?.as === 'unknown') && /^(Lock)?Moved$/.test(outcome.error.name)
  )
  if (moved) codes.push('stale')
  const failed = any('failed') || any('unknown') || any('unproven')
  if ((result.restoredOver ?? []).length > 0) codes.push('partial')
  if (leavesOldPath(plan, result) || (failed && effect)) codes.push('partial')
  else if (failed) codes.push('error')
  if (any('waiting') || (left?.waiting.length ?? 0) > 0) codes.push('waiting')
  if ((left?.changes.length ?? 0) > 0 && !any('waiting')) codes.push(effect ? 'partial' : 'error')
  if (closing !== undefined && closing.plan.changes.length === 0) codes.push(proofEnding(closing, effect))
  return worst(codes)
}

/** A resource that is not as the file says is no success, also where others did it; an unreadable one is said, and no failure of this run. */
export function proofEnding(closing: Closing, effect: boolean): Ending {
  const { as } = proofOf(closing)
  if (as === 'wrong') return effect ? 'partial' : 'error'
  return as === 'waiting' ? 'waiting' : 'ok'
}

/** A removal was skipped since the new path is not as it should be: that is half of a cut-over, whatever else was done. */
function leavesOldPath({ steps }: Plan, { outcomes }: ApplyResult): boolean {
  const unproven = steps.filter(({ id }) => outcomes.get(id)?.as === 'unproven')
  const ids = new Set(unproven.map(({ id }) => id))
  return (
    unproven.some(({ action }) => action.do === 'prove' && action.for === 'cut-over') ||
    steps.some(({ takes, after }) => takes && after.some(id => ids.has(id)))
  )
}

const writes = (what: Plan['steps'][number]['action']['do']): boolean => !['lift', 'restore', 'prove'].includes(what)

interface PlanAsked {
  /** A plan with changes ends as `changes`. */
  readonly detailed?: boolean
  /** A right that this login lacks ends it as `waiting`. */
  readonly checkRights?: boolean
}

/** How a look ends that made a plan. A wait is `waiting` where nothing else is to be done: with steps an apply does those first. */
export function planEnding(
  { planned: { plan: made, verdict } }: PlannedTopology,
  { detailed = false, checkRights = false }: PlanAsked = {}
): Ending {
  const refused = refusalEnding(made)
  if (refused !== 'ok') return refused
  if (verdict.as === 'waiting') return 'waiting'
  if (checkRights && (made.rights?.lacking.length ?? 0) > 0) return 'waiting'
  return detailed && !isEmpty(made) ? 'changes' : 'ok'
}
