import type { Plan } from '../model/change.ts'
import type { ApplyResult } from '../model/events.ts'
import { type Closing, proofOf } from '../report/proven.ts'
import { codeOfSignal, type ExitCode, exitCodes, type Signal, worst } from './exitCodes.ts'

/** The exit code of a plan that is refused, or that leaves out a part that somebody has to make possible first. */
export const refusalCode = ({ refusals, waiting }: Plan): ExitCode =>
  worst([...refusals.map(({ exit }) => exit), ...waiting.flatMap(({ leftOut }) => (leftOut ? [exitCodes.waiting] : []))])

/** How an apply ended. `closing` is the fresh read after it, where one was made. */
export function applyCode(plan: Plan, result: ApplyResult, closing: Closing | undefined, signal: Signal | undefined): ExitCode {
  const left = closing?.plan
  const codes: ExitCode[] = []
  if (result.owed.length > 0) codes.push(exitCodes.lockNotRestored)
  if (result.interrupted) codes.push(codeOfSignal(signal ?? 'SIGINT'))
  if (result.missingRights.length > 0) codes.push(exitCodes.waiting)
  const ended = plan.steps.map(({ id, action }) => ({ action, outcome: result.outcomes.get(id) }))
  const any = (as: string): boolean => ended.some(({ outcome }) => outcome?.as === as)
  const effect = ended.some(({ action, outcome }) => writes(action.do) && (outcome?.as === 'done' || outcome?.as === 'unknown'))
  const moved = ended.some(
    ({ outcome }) => (outcome?.as === 'failed' || outcome?.as === 'unknown') && /^(Lock)?Moved$/.test(outcome.error.name)
  )
  if (moved) codes.push(exitCodes.stale)
  const failed = any('failed') || any('unknown') || any('unproven')
  if ((result.restoredOver ?? []).length > 0) codes.push(exitCodes.partial)
  if (leavesOldPath(plan, result) || (failed && effect)) codes.push(exitCodes.partial)
  else if (failed) codes.push(exitCodes.error)
  if (any('waiting') || (left?.waiting.length ?? 0) > 0) codes.push(exitCodes.waiting)
  if ((left?.changes.length ?? 0) > 0 && !any('waiting')) codes.push(effect ? exitCodes.partial : exitCodes.error)
  if (closing !== undefined && closing.plan.changes.length === 0) codes.push(proofCode(closing, effect))
  return worst(codes)
}

/** A resource that is not as the file says is no success, whoever did it; an unreadable one is said, and no failure of this run. */
export function proofCode(closing: Closing, effect: boolean): ExitCode {
  const { as } = proofOf(closing)
  if (as === 'wrong') return effect ? exitCodes.partial : exitCodes.error
  return as === 'waiting' ? exitCodes.waiting : exitCodes.ok
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

const writes = (what: Plan['steps'][number]['action']['do']): boolean => !['unlock', 'relock', 'prove'].includes(what)
