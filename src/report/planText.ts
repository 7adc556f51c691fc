import { changesNothing, type Verdict } from '../engine/verdict.ts'
import type { Action, Change, Plan, Step } from '../model/change.ts'
import { counted } from '../model/counted.ts'
import { unreachable } from '../model/invariant.ts'
import { at, lockTitle, type Naming, namingFrom } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import type { Desired } from '../model/resource.ts'
import { unlockedSeconds } from '../plan/estimate.ts'
import { recordField } from '../plan/records.ts'
import { countSteps } from '../plan/summary.ts'
import type { EndpointPath } from '../proof/path.ts'
import { dangerSection, dangersOf } from './dangers.ts'
import { fieldLines, windowLines } from './fields.ts'
import { type ChangeOf, changesBySubject, reasonOf } from './reason.ts'
import { lackingTitle, rightLines, unknownRightsTitle } from './rightsText.ts'
import { decisionOf, numbered, painted, positionOf, subjectOf, symbolOf, titleOf } from './step.ts'
import type { Style } from './style.ts'
import { findingTitles, refusalLine, saidLine, section, unknownTitle, verdictLines } from './verdictText.ts'

/** A plan and what was known when it was made. */
export interface PlanView {
  readonly plan: Plan
  readonly desired: Desired
  readonly topology: { readonly name: string; readonly file: string; readonly env?: string }
  readonly reads: number
  readonly digest: string
  /** Which Azure it is, or which sandbox, in words. */
  readonly estate: string
  readonly verdict: Verdict
  readonly paths: readonly EndpointPath[]
}

interface Printing {
  readonly style: Style
  readonly naming: Naming
  readonly numbers: ReadonlyMap<string, number>
  readonly changeOf: ChangeOf
  readonly plan: Plan
  /** By a lock's path. */
  readonly unlocked: ReadonlyMap<string, number>
}

/** The plan as a person reads it. Ends in a newline. */
export function planText(view: PlanView, style: Style): string {
  const { plan } = view
  const printing = printingOf(view, style)
  const steps =
    plan.steps.length === 0 ? [] : [legend(plan.steps, style), opening(view), ...plan.steps.map(step => stepText(step, printing))]
  const said = changesNothing(plan) ? [] : sections(view, printing)
  return `${[estateLine(view, style), ...dangerSection(dangersOf(plan, view.desired), style), ...steps, ...notesSection(view), ...said, closing(view, style)].join('\n\n')}\n`
}

/** The lines of each step, in the order of the steps. */
export function stepLines(view: Pick<PlanView, 'plan' | 'desired'>, style: Style): readonly (readonly string[])[] {
  const printing = printingOf(view, style)
  return view.plan.steps.map(step => stepText(step, printing).split('\n'))
}

const printingOf = ({ plan, desired }: Pick<PlanView, 'plan' | 'desired'>, style: Style): Printing => ({
  style,
  naming: namingFrom(desired),
  numbers: numbered(plan.steps),
  changeOf: changesBySubject(plan.changes),
  plan,
  unlocked: unlockedSeconds(plan.steps)
})

/** First of all, since nothing else of a plan says where it would write. */
const estateLine = ({ estate }: PlanView, { colors }: Style): string => `Estate: ${colors.bold(printable(estate))}`

function opening({ plan, topology }: PlanView): string {
  const waves = Math.max(...plan.steps.map(({ wave }) => wave))
  const env = topology.env === undefined ? '' : `, env ${printable(topology.env)}`
  return `pglink will perform the following ${counted(plan.steps.length, 'step')} in ${counted(waves, 'wave')} (${printable(topology.file)}${env}):`
}

const meaning = {
  create: 'create',
  update: 'update in-place (current -> planned)',
  delete: 'destroy',
  replace: 'destroy and then create replacement',
  lock: 'lift or restore a management lock',
  approve: 'approve a connection',
  reject: 'reject a connection',
  prove: 'look at both ends, write nothing',
  invoke: 'call'
} as const

function legend(steps: readonly Step[], style: Style): string {
  const used = new Set(steps.map(({ action }) => symbolOf(action)))
  const rows = (Object.keys(meaning) as (keyof typeof meaning)[]).filter(symbol => used.has(symbol))
  const lines = rows.map(symbol => `${' '.repeat(3 - style.symbols[symbol].length)}${painted(symbol, style)} ${meaning[symbol]}`)
  return ['Steps are indicated with the following symbols:', ...lines].join('\n')
}

function stepText(step: Step, printing: Printing): string {
  const { action } = step
  const { style, changeOf, numbers } = printing
  const number = numbers.get(step.id) ?? 0
  const change = changeOf(action)
  const position = positionOf(action)
  const place = position === undefined ? '' : `  ${style.colors.dim(at(position))}`
  const marks = [...(step.interrupts ? ['(interrupts: connections may drop)'] : []), ...(step.unproven ? ['(unproven)'] : [])]
  const mark = marks.map(one => `  ${style.colors.red(one)}`).join('')
  const head = `${painted(symbolOf(action), style)} ${number}  ${style.colors.bold(sentenceOf(step, printing))}${mark}${place}`
  const waits = [...step.after, ...step.settled].flatMap(id => numbers.get(id) ?? []).sort((a, b) => a - b)
  const when = `wave ${step.wave}${waits.length === 0 ? '' : `, after ${waits.length === 1 ? 'step' : 'steps'} ${waits.join(', ')}`}`
  const reason = reasonOf(action, change, position === undefined ? 'placed' : 'bare')
  const why = style.colors.dim(`      ${when}${reason === '' ? '' : `; ${reason}`}`)
  return [head, why, ...detailLines(step, change, printing)].join('\n')
}

function detailLines({ action }: Step, change: Change | undefined, { style, naming, numbers, plan, unlocked }: Printing): string[] {
  if (action.do !== 'unlock') return fieldLines(action, change, { style, naming })
  return windowLines(
    action,
    numbers,
    [
      `${action.how === 'lower' ? 'lowered' : 'off'} for about ${counted(unlocked.get(action.lock.path) ?? 0, 'second')}`,
      ...plan.notes.filter(({ address }) => address === action.lock.path).map(({ message }) => printable(message))
    ],
    naming
  )
}

function looked({ for: purpose, depth, decides }: Extract<Action, { do: 'prove' }>, subject: string): string {
  if (purpose === 'record') return `${subject}: its record will be ${decides ? 'looked at' : 'proven'}`
  if (purpose === 'policy') return `${subject} will be waited for until the policy has written its record`
  return depth === 'connection'
    ? `${subject} will be waited for`
    : `${subject} will be proven reachable over its ${purpose === 'gate' ? 'address' : 'endpoints'}`
}

/** One step in one sentence. */
function sentenceOf({ action, unless }: Step, { naming, numbers, plan }: Printing): string {
  const subject = `${subjectOf(action, naming)} (${titleOf(action)})`
  switch (action.do) {
    case 'unlock': {
      const back = plan.steps.find(({ action: other }) => other.do === 'relock' && other.was.path === action.lock.path)
      const restored =
        back === undefined
          ? ''
          : back.action.do === 'relock' && back.action.scope === 'goes'
            ? ', goes with its scope'
            : `, restored in step ${numbers.get(back.id) ?? 0}`
      return `${lockTitle(action.lock, naming)} will be ${action.how === 'lower' ? 'lowered to CanNotDelete' : 'removed'}${restored}`
    }
    case 'relock':
      return action.scope === 'goes'
        ? `${lockTitle(action.lock, naming)} goes with what it is on`
        : `${lockTitle(action.lock, naming)} will be restored`
    case 'create': {
      const decision = decisionOf(action)
      if (decision) return decisionSentence(decision, subject)
      if (unless !== undefined) return `${subject} will be created again, if need be`
      return action.replaces ? `${subject} will be created again` : `${subject} will be created`
    }
    case 'update': {
      const decision = decisionOf(action)
      if (decision) return decisionSentence(decision, subject)
      return action.fields.every(({ field }) => field === recordField)
        ? `${subject} will be written again`
        : `${subject} will be updated in-place`
    }
    case 'delete':
      if (unless !== undefined) return `${subject} will be destroyed, then created again, if need be`
      return action.replaced ? `${subject} will be destroyed, then created again` : `${subject} will be destroyed`
    case 'prove':
      return looked(action, subjectOf(action, naming))
    case 'invoke':
      return printable(action.title)
    default:
      return unreachable(action)
  }
}

const decisionSentence = (decision: 'approve' | 'reject', subject: string): string =>
  `${subject} will be ${decision === 'approve' ? 'approved' : 'rejected'}`

/** A note about a lock that is lifted stands with the step that lifts it, and one that is a finding of the verdict with that. */
function notesSection({ plan, verdict }: PlanView): string[] {
  const lifted = new Set(plan.steps.flatMap(({ action }) => (action.do === 'unlock' ? [action.lock.path] : [])))
  const found = new Set(changesNothing(plan) ? verdict.findings.map(({ address, message }) => `${address} ${message}`) : [])
  return section(
    'Notes:',
    plan.notes.filter(({ address, message }) => !lifted.has(address) && !found.has(`${address} ${message}`)).map(saidLine)
  )
}

/** The sections beside the steps. Where there is no step, the verdict says it all. */
function sections({ plan, verdict }: PlanView, { style, naming }: Printing): string[] {
  const of = (sort: 'undeclared' | 'differs'): string[] => verdict.findings.filter(({ as }) => as === sort).map(saidLine)
  return [
    ...section(findingTitles.waiting, plan.waiting.map(saidLine)),
    ...section(findingTitles.differs, of('differs')),
    ...section(findingTitles.undeclared, of('undeclared')),
    ...section(
      findingTitles.unmanaged,
      plan.unmanaged.map(({ address, id }) => (address === '' ? naming(id) : printable(address)))
    ),
    ...section(unknownTitle, verdict.unknown.map(saidLine)),
    ...(plan.rights ? section(lackingTitle, rightLines(plan.rights, naming).map(printable)) : []),
    ...section(
      unknownRightsTitle,
      (plan.rights?.unknown ?? []).map(scope => printable(naming(scope)))
    ),
    ...section(style.colors.red(findingTitles.refused), plan.refusals.map(refusalLine))
  ]
}

function closing({ plan, reads, digest, verdict }: PlanView, style: Style): string {
  const lines: string[] = []
  if (changesNothing(plan)) lines.push(...verdictLines(verdict, plan, style))
  else {
    lines.push(style.colors.bold(verdict.text))
    const approvals = plan.steps.filter(({ action }) => decisionOf(action) === 'approve').length
    lines.push(
      `Locks: ${countSteps(plan.steps, 'unlock')} to lift, ${restoring(plan.steps)} to restore. Approvals: ${approvals}${approvals === 0 ? '' : ', counted above as well'}.`
    )
  }
  lines.push(`${counted(reads, 'ARM read')}.`, `Plan digest: ${digest}`)
  return lines.join('\n')
}

const restoring = (steps: readonly Step[]): number =>
  steps.filter(({ action }) => action.do === 'relock' && action.scope === 'stays').length
