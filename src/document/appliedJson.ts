import { type Closing, proofOf } from '../engine/closing.ts'
import { errorLine, explained } from '../engine/errorText.ts'
import { type Change, type Plan, type Step, type StepId, subjectOf as subjectOfChange } from '../model/change.ts'
import { type ApplyResult, isReached, type Outcome } from '../model/events.ts'
import { parentOf } from '../model/id.ts'
import { lockTitle, type Naming } from '../model/naming.ts'
import type { Worded } from '../model/option.ts'
import { printable } from '../model/printable.ts'
import { inline } from '../model/shown.ts'
import { inForce } from '../plan/restarts.ts'
import type { Counts } from '../plan/summary.ts'
import type { AppliedStep, ApplyDocument } from './apply.generated.ts'
import { skipReason } from './happened.ts'
import type { PlanDocument } from './plan.generated.ts'
import { pathJson } from './planJson.ts'
import { numbered, subjectOf } from './step.ts'

/** The document of an apply, but for the exit code, which is the host's to say. */
export type ApplyBody = Omit<ApplyDocument, 'exit_code'>

/** That of an apply of which something was carried out: it says what became of it. */
export type AppliedBody = ApplyBody & Required<Omit<ApplyBody, 'proof' | 'endpoints'>>

/** An apply that has ended. */
export interface Applied extends Worded {
  readonly made: PlanDocument
  readonly plan: Plan
  readonly result: ApplyResult
  /** The read after the run; `undefined` when it was not made, or does not see what was written. */
  readonly closing: Closing | undefined
  readonly naming: Naming
  /** The command line that restores locks, and removes what remembers them, to be pasted as it is. */
  readonly restoreLine: string
}

/** The document of an apply that has ended. */
export function appliedJson({ made, plan, result, closing, naming, restoreLine, words }: Applied): AppliedBody {
  const numbers = numbered(plan.steps)
  const left = closing?.plan.changes
  return {
    format_version: '1.0',
    plan: made,
    complete: isComplete({ plan, result }),
    interrupted: result.interrupted,
    resources: countDone({ plan, result }),
    steps: plan.steps.map((step, index) => ({
      n: index + 1,
      id: step.id,
      subject: subjectOf(step.action, naming),
      ...outcomeJson(outcomeOf(step, result), { numbers, naming, words })
    })),
    locks_not_restored: result.owed.map(({ path }) => path),
    not_restored: result.owed.map(lock => ({ address: lock.path, message: lockTitle(lock, naming) })),
    restore_with: restoreLine,
    markers_left: result.markersLeft,
    restored_over: result.restoredOver ?? [],
    unlocked_ms: result.liftedMs,
    missing_rights: result.missingRights,
    held_back: heldBack(plan, result),
    still_differs: left?.map(change => subjectOfChange(change).address) ?? null,
    differences: left?.map(stillDiffers) ?? [],
    waiting: closing?.plan.waiting ?? [],
    ...(closing && proofJson(closing))
  }
}

/** Whether it is proven, and where each endpoint leads. */
export const proofJson = (closing: Closing): Required<Pick<AppliedBody, 'proof' | 'endpoints'>> => ({
  proof: proofOf(closing),
  endpoints: closing.paths.map(pathJson)
})

interface Telling extends Worded {
  readonly numbers: ReadonlyMap<string, number>
  readonly naming: Naming
}

const outcomeOf = ({ id }: Step, { outcomes }: ApplyResult): Outcome => outcomes.get(id) ?? { as: 'skipped', because: 'cancelled' }

function outcomeJson(outcome: Outcome, { numbers, naming, words }: Telling): Omit<AppliedStep, 'n' | 'id' | 'subject'> {
  const { as } = outcome
  switch (as) {
    case 'done':
      return { outcome: as }
    case 'failed':
    case 'unknown': {
      const error = errorLine(outcome.error)
      const next = explained(outcome.error, { words })?.next
      const why = as === 'failed' ? error : `no answer says whether it took effect (${error})`
      return { outcome: as, error, ...(next !== undefined && { next }), why }
    }
    case 'skipped': {
      const number = numbers.get(outcome.because)
      const why = number === undefined ? skipReason(outcome.because, naming) : `it needs step ${number}`
      return { outcome: as, because: outcome.because, why }
    }
    default:
      return { outcome: as, reason: outcome.reason, why: printable(outcome.reason) }
  }
}

/** The changes whose every step was done, counted as the plan counted them. */
function countDone({ plan, result }: Pick<Applied, 'plan' | 'result'>): Counts {
  const done = plan.changes.filter(change => stepsOf(change, plan).every(({ id }) => isReached(result.outcomes.get(id))))
  const count = (...ops: Change['op'][]): number => done.filter(({ op }) => ops.includes(op)).length
  return { add: count('create', 'replace'), change: count('update'), destroy: count('delete', 'replace') }
}

function stepsOf(change: Change, { steps }: Plan): readonly Step[] {
  const { id } = subjectOfChange(change)
  return steps.filter(({ action }) => {
    if (action.do === 'create' || action.do === 'update') return action.resource.id === id
    if (action.do === 'restore') return action.resource?.id === id
    // Nothing is written for what only the restart mends.
    if (action.do === 'invoke')
      return change.op === 'update' && action.id === parentOf(id) && change.fields.some(({ field }) => field === inForce)
    return action.do === 'delete' && action.old.id === id
  })
}

const isEnded = (outcome: Outcome): boolean => isReached(outcome) || (outcome.as === 'skipped' && outcome.because === 'not needed')

const isComplete = ({ plan, result }: Pick<Applied, 'plan' | 'result'>): boolean =>
  result.missingRights.length === 0 && plan.steps.every(step => isEnded(outcomeOf(step, result)))

function stillDiffers(change: Change): string {
  const address = printable(subjectOfChange(change).address)
  if (change.op === 'delete') return `${address} is still there`
  if (change.op === 'create') return `${address} is not there`
  if (change.fields.length === 0) return `${address} is to be made again`
  const fields = change.fields.map(({ field, from, to, because }) =>
    because === undefined ? `${printable(field)} is ${inline(from)}, not ${inline(to)}` : printable(because)
  )
  return `${address}: ${fields.join('; ')}`
}

/** Steps that wait for a proof that is not reached. */
function heldBack({ steps }: Plan, { outcomes }: ApplyResult): string[] {
  const short = new Set<StepId>(steps.flatMap(({ id }) => (/^(waiting|unproven)$/.test(outcomes.get(id)?.as ?? '') ? [id] : [])))
  const addresses = steps.flatMap(({ action, after, takes }) => {
    if (!takes || !after.some(id => short.has(id))) return []
    if (action.do === 'delete') return [action.old.address]
    return action.do === 'update' || action.do === 'create' ? [action.resource.address] : []
  })
  return [...new Set(addresses)]
}
