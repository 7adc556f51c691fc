import type { ApplyResult } from '../apply/events.ts'
import type { Plan } from '../model/change.ts'
import { type Closing, proofOf } from '../report/proven.ts'

export const exitCodes = {
  ok: 0,
  error: 1,
  changes: 2,
  drift: 3,
  invalid: 4,
  stale: 5,
  refused: 6,
  waiting: 7,
  partial: 8,
  lockNotRestored: 9,
  usage: 64,
  interrupted: 130,
  terminated: 143
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export const meanings: Readonly<Record<ExitCode, string>> = {
  0: 'done, or nothing to do',
  1: 'an error, and nothing was changed by it; drift: something declared could not be read',
  2: 'plan --detailed-exitcode: there are changes',
  3: 'drift: Azure is not as declared, or nobody declared it',
  4: 'the file is missing or invalid',
  5: 'something moved since the plan was made',
  6: 'refused by a safety rule, or not confirmed',
  7: 'waiting on a person or a right',
  8: 'partly done',
  9: 'a management lock is not restored: pglink locks restore',
  64: 'a command or flag that does not exist',
  130: 'interrupted (Ctrl-C)',
  143: 'terminated'
}

/** Which one a run ends with when several apply. */
const order: readonly ExitCode[] = [9, 130, 143, 5, 8, 7, 6, 4, 1, 3, 2, 64, 0]

export const worst = (codes: Iterable<ExitCode>): ExitCode => {
  const all = new Set(codes)
  return order.find(code => all.has(code)) ?? exitCodes.ok
}

export type Signal = 'SIGINT' | 'SIGTERM'

export const codeOfSignal = (signal: Signal): ExitCode => (signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated)

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
