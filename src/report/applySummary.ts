import type { Closing } from '../engine/closing.ts'
import type { Change, Plan, Step, StepId } from '../model/change.ts'
import { counted } from '../model/counted.ts'
import { type ApplyResult, isReached, type Outcome, type SkipReason } from '../model/events.ts'
import { parentOf } from '../model/id.ts'
import { unreachable } from '../model/invariant.ts'
import { lockTitle, type Naming } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import { inForce } from '../plan/restarts.ts'
import type { Counts } from '../plan/summary.ts'
import { skipReason } from './applyText.ts'
import { duration } from './duration.ts'
import { errorLine, explained } from './errorText.ts'
import { endpointLines, proofText } from './proven.ts'
import { numbered, subjectOf } from './step.ts'
import type { Style } from './style.ts'
import { inline } from './value.ts'

export interface Applied {
  readonly plan: Plan
  readonly result: ApplyResult
  /** The read after the run; `undefined` when it was not made, or does not see what was written. */
  readonly closing: Closing | undefined
  readonly naming: Naming
  /** The command line that puts locks back, and removes what remembers them, to be pasted as it is. */
  readonly restoreLine: string
}

const outcomeOf = ({ id }: Step, { outcomes }: ApplyResult): Outcome => outcomes.get(id) ?? { as: 'skipped', because: 'cancelled' }

const tookEffect = (outcome: Outcome | undefined): boolean => outcome?.as === 'done'

/** The changes whose every step was done, counted as the plan counted them. */
export function countDone({ plan, result }: Pick<Applied, 'plan' | 'result'>): Counts {
  const done = plan.changes.filter(change => stepsOf(change, plan).every(({ id }) => isReached(result.outcomes.get(id))))
  const count = (...ops: Change['op'][]): number => done.filter(({ op }) => ops.includes(op)).length
  return { add: count('create', 'replace'), change: count('update'), destroy: count('delete', 'replace') }
}

function stepsOf(change: Change, { steps }: Plan): readonly Step[] {
  const id = change.op === 'delete' ? change.old.id : change.resource.id
  return steps.filter(({ action }) => {
    if (action.do === 'create' || action.do === 'update') return action.resource.id === id
    if (action.do === 'relock') return action.resource?.id === id
    // Nothing is written for what only the restart mends.
    if (action.do === 'invoke')
      return change.op === 'update' && action.id === parentOf(id) && change.fields.some(({ field }) => field === inForce)
    return action.do === 'delete' && action.old.id === id
  })
}

/** How the run ended: each step that was not done, what was, the time without locks, and what to do next. */
export function applySummary(applied: Applied, style: Style): string {
  const { plan, result } = applied
  const { colors } = style
  const counts = countDone(applied)
  const resources = `Resources: ${counts.add} added, ${counts.change} changed, ${counts.destroy} destroyed.`
  const complete = isComplete(applied)
  const lines = complete ? [] : [...outcomeLines(applied, style), '']
  const ended = result.interrupted ? 'Interrupted.' : 'Apply incomplete.'
  lines.push(complete ? colors.green(`Apply complete! ${resources}`) : colors.red(`${ended} ${resources}`))
  if (plan.steps.some(({ id, action }) => action.do === 'unlock' && tookEffect(result.outcomes.get(id))))
    lines.push(`Locks were off or lowered for ${duration(result.unlockedMs)} in all, each lock's time added up.`)
  lines.push(...proofLines(applied, style), ...nextLines(applied, style), ...endpointLines(applied.closing?.paths ?? []))
  return `${lines.join('\n')}\n`
}

const isEnded = (outcome: Outcome): boolean => isReached(outcome) || (outcome.as === 'skipped' && outcome.because === 'not needed')

export const isComplete = ({ plan, result }: Pick<Applied, 'plan' | 'result'>): boolean =>
  result.missingRights.length === 0 && plan.steps.every(step => isEnded(outcomeOf(step, result)))

function outcomeLines({ plan, result, naming }: Applied, { colors }: Style): string[] {
  const numbers = numbered(plan.steps)
  const paint = {
    done: colors.green,
    failed: colors.red,
    unknown: colors.red,
    skipped: colors.dim,
    waiting: colors.yellow,
    unproven: colors.yellow
  }
  return plan.steps.map(step => {
    const outcome = outcomeOf(step, result)
    const number = String(numbers.get(step.id) ?? 0).padStart(4)
    return `${number}  ${paint[outcome.as](outcome.as.padEnd(8))} ${step.action.do.padEnd(6)} ${subjectOf(step.action, naming)}${why(outcome, numbers, naming)}`
  })
}

function why(outcome: Outcome, numbers: ReadonlyMap<string, number>, naming: Naming): string {
  switch (outcome.as) {
    case 'done':
      return ''
    case 'failed':
      return `: ${errorLine(outcome.error)}`
    case 'unknown':
      return `: no answer says whether it took effect (${errorLine(outcome.error)})`
    case 'skipped':
      return `: ${skippedFor(outcome.because, numbers, naming)}`
    case 'waiting':
    case 'unproven':
      return `: ${printable(outcome.reason)}`
    default:
      return unreachable(outcome)
  }
}

const skippedFor = (because: SkipReason, numbers: ReadonlyMap<string, number>, naming: Naming): string => {
  const number = numbers.get(because as StepId)
  return number === undefined ? skipReason(because, naming) : `it needs step ${number}`
}

/** The fresh read: an empty difference, and a whole path to each server, are the proof that the run did what it said. */
function proofLines({ closing }: Applied, style: Style): string[] {
  if (closing === undefined) return []
  const { changes } = closing.plan
  if (changes.length > 0)
    return [style.colors.red('Read again, and this still differs:'), ...changes.map(change => `  ${stillDiffers(change)}`)]
  // Named below, with what the steps said.
  return proofText(closing, style, closing.plan.waiting)
}

function stillDiffers(change: Change): string {
  if (change.op === 'delete') return `${printable(change.old.address)} is still there`
  const address = printable(change.resource.address)
  if (change.op === 'create') return `${address} is not there`
  if (change.fields.length === 0) return `${address} is to be made again`
  return `${address}: ${change.fields.map(({ field, from, to, because }) => (because === undefined ? `${printable(field)} is ${inline(from)}, not ${inline(to)}` : printable(because))).join('; ')}`
}

/** Steps that wait for a proof that is not reached, with the way to take their paths away all the same. */
function heldBack({ steps }: Plan, { outcomes }: ApplyResult): string[] {
  const short = new Set(steps.flatMap(({ id }) => (/^(waiting|unproven)$/.test(outcomes.get(id)?.as ?? '') ? [id] : [])))
  const addresses = steps.flatMap(({ action, after, takes }) => {
    if (!takes || !after.some(id => short.has(id))) return []
    if (action.do === 'delete') return [action.old.address]
    return action.do === 'update' || action.do === 'create' ? [action.resource.address] : []
  })
  const flags = [...new Set(addresses)].map(address => `--allow-interrupt ${printable(address)}`)
  return flags.length === 0 ? [] : [`The old path stays as it is. To take it away before the new one is proven: ${flags.join(' ')}`]
}

function nextLines({ plan, result, closing, naming, restoreLine }: Applied, { colors }: Style): string[] {
  const outcomes = [...result.outcomes.values()]
  const lines: string[] = []
  if (result.owed.length > 0) {
    lines.push(colors.red('NOT RESTORED:'), ...result.owed.map(lock => `  ${lockTitle(lock, naming)}`))
    lines.push(`Put them back now: ${restoreLine}`)
  }
  if (result.markersLeft.length > 0) {
    lines.push(colors.yellow('Warning: the locks are back, but markers that remember them could not be deleted:'))
    lines.push(...result.markersLeft.map(path => `  ${printable(path)}`), `This removes them: ${restoreLine}`)
  }
  const over = (result.restoredOver ?? []).map(printable)
  if (over.length > 0)
    lines.push(
      colors.yellow(`Warning: Azure was still at ${over.join(', ')} when a lock was put back over it: it may fail because of the lock.`)
    )
  if (result.missingRights.length > 0) {
    lines.push('No lock was lifted and nothing was changed, since the rights to lift and restore locks are missing:')
    lines.push(
      ...result.missingRights.map(right => `  ${printable(right)}`),
      'Ask for them (User Access Administrator and Owner have them), then run the same command again.'
    )
  }
  // The read after the run says of an endpoint what is to be done; what a step said of it is the same fact.
  const left = closing?.plan.waiting ?? []
  const isSaid = (reason: string): boolean => left.some(({ address }) => reason.startsWith(`${address} `))
  const reasons = outcomes.flatMap(one => (one.as === 'waiting' ? one.reason.split('; ').filter(reason => !isSaid(reason)) : []))
  const waiting = [...new Set([...reasons, ...left.map(({ message }) => message)])]
  if (waiting.length > 0)
    lines.push('Waiting for somebody:', ...waiting.map(reason => `  ${printable(reason)}`), 'Run the same command again after that.')
  if (outcomes.some(({ as }) => as === 'unproven'))
    lines.push('No step that takes a path away was done, since the new path is not proven. Mend that, then run the same command again.')
  lines.push(...heldBack(plan, result))
  const nexts = outcomes.flatMap(one => (one.as === 'failed' || one.as === 'unknown' ? [explained(one.error)?.next] : []))
  const advice = [...new Set(nexts.flatMap(next => next ?? []))]
  if (nexts.length > 0) {
    const failures = counted(nexts.length, 'step')
    lines.push(
      `${failures} failed. ${advice.length > 0 ? advice.join(' ') : 'Finished steps stay done: mend the cause, then run the same command again.'}`
    )
  }
  return lines
}

/** For programs: what became of each step. */
export const outcomesJson = ({ plan, result, naming }: Applied): Readonly<Record<string, unknown>>[] =>
  plan.steps.map((step, index) => {
    const outcome = outcomeOf(step, result)
    return {
      n: index + 1,
      id: step.id,
      subject: subjectOf(step.action, naming),
      outcome: outcome.as,
      ...('error' in outcome && { error: errorLine(outcome.error) }),
      ...('because' in outcome && { because: outcome.because }),
      ...('reason' in outcome && { reason: outcome.reason })
    }
  })
