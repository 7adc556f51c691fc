import type { Change, Plan, Step } from '../model/change.ts'
import { unreachable } from '../model/invariant.ts'
import type { Desired } from '../model/resource.ts'
import { unlockedSeconds } from '../plan/estimate.ts'
import { countChanges, countSteps, isEmpty, summaryLine } from '../plan/summary.ts'
import { counted } from './counted.ts'
import { fieldLines, windowLines } from './fields.ts'
import { printable } from './printable.ts'
import { type ChangeOf, changesBySubject, reasonOf } from './reason.ts'
import { at, decisionOf, lockTitle, type Naming, namingFrom, numbered, painted, positionOf, subjectOf, symbolOf, titleOf } from './step.ts'
import type { Style } from './style.ts'

/** A plan and what was known when it was made. */
export interface PlanView {
  readonly plan: Plan
  readonly desired: Desired
  readonly topology: { readonly name: string; readonly file: string; readonly env?: string }
  readonly reads: number
  readonly digest: string
  /** It puts back what drifted and does nothing else: that it has nothing to do says nothing of the rest. */
  readonly revert?: boolean
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

export const noChanges = 'No changes. Your infrastructure matches the topology.'

/** What is said of a plan that has nothing to do: what waits for somebody, or could not be read, is no match. */
export const closingOfNone = ({
  waiting,
  unknown
}: {
  readonly waiting: readonly unknown[]
  readonly unknown: readonly unknown[]
}): string =>
  waiting.length + unknown.length === 0 ? noChanges : 'No changes to make, but not all is known to match the topology: see what is named.'

/** The plan as a person reads it. Ends in a newline. */
export function planText(view: PlanView, style: Style): string {
  const { plan } = view
  const printing = printingOf(view, style)
  const steps =
    plan.steps.length === 0 ? [] : [legend(plan.steps, style), opening(view), ...plan.steps.map(step => stepText(step, printing))]
  return `${[...steps, ...sections(view, printing), closing(view, style)].join('\n\n')}\n`
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
  const mark = step.interrupts ? `  ${style.colors.red('(interrupts: connections may drop)')}` : ''
  const head = `${painted(symbolOf(action), style)} ${number}  ${style.colors.bold(sentenceOf(step, printing))}${mark}${place}`
  const waits = [...step.after, ...step.settled].flatMap(id => numbers.get(id) ?? []).sort((a, b) => a - b)
  const when = `wave ${step.wave}${waits.length === 0 ? '' : `, after ${waits.length === 1 ? 'step' : 'steps'} ${waits.join(', ')}`}`
  const why = `${style.colors.dim(`      ${when}; ${reasonOf(action, change)}`)}`
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

/** What happens to what, in one sentence. */
function sentenceOf({ action }: Step, { naming, numbers, plan }: Printing): string {
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
      return `${lockTitle(action.lock, naming)} will be restored`
    case 'create': {
      const decision = decisionOf(action)
      if (decision) return decisionSentence(decision, subject)
      return action.replaces ? `${subject} will be created again` : `${subject} will be created`
    }
    case 'update': {
      const decision = decisionOf(action)
      return decision ? decisionSentence(decision, subject) : `${subject} will be updated in-place`
    }
    case 'delete':
      return action.replaced ? `${subject} will be destroyed, then created again` : `${subject} will be destroyed`
    case 'prove':
      return action.for === 'gate'
        ? `${subjectOf(action, naming)} will be waited for`
        : `${subjectOf(action, naming)} will be proven reachable over its endpoints`
    case 'invoke':
      return printable(action.title)
    default:
      return unreachable(action)
  }
}

const decisionSentence = (decision: 'approve' | 'reject', subject: string): string =>
  `${subject} will be ${decision === 'approve' ? 'approved' : 'rejected'}`

function sections({ plan }: PlanView, { style, naming }: Printing): string[] {
  const lifted = new Set(plan.steps.flatMap(({ action }) => (action.do === 'unlock' ? [action.lock.path] : [])))
  const notes = plan.notes.filter(({ address }) => !lifted.has(address))
  const line = ({ address, message }: { readonly address: string; readonly message: string }): string =>
    message.startsWith(address) ? printable(message) : `${printable(address)}: ${printable(message)}`
  const refused = plan.refusals.map(refusal => `${line(refusal)}${refusal.at ? ` (${at(refusal.at)})` : ''} [${refusal.code}]`)
  return [
    section('Notes:', notes.map(line)),
    section('Waiting for somebody:', plan.waiting.map(line)),
    section(
      'Left the file and stays, since nothing asked for its deletion (--prune, removed):',
      plan.unmanaged.map(({ address, id }) => (address === '' ? naming(id) : printable(address)))
    ),
    section('Unknown, since it could not be read:', plan.unknown.map(line)),
    section(style.colors.red('Refused, so this plan cannot be applied:'), refused)
  ].flatMap(text => text ?? [])
}

const section = (title: string, lines: readonly string[]): string | undefined =>
  lines.length === 0 ? undefined : [title, ...lines.map(line => `  ${line}`)].join('\n')

function closing({ plan, reads, digest, revert = false }: PlanView, { colors }: Style): string {
  const lines: string[] = []
  if (isEmpty(plan) && plan.steps.length === 0) {
    if (plan.refusals.length === 0) lines.push(revert ? 'There is nothing that a plan can put back.' : colors.green(closingOfNone(plan)))
  } else {
    lines.push(colors.bold(summaryLine(countChanges(plan.changes))))
    const approvals = plan.steps.filter(({ action }) => decisionOf(action) === 'approve').length
    lines.push(`Locks: ${countSteps(plan.steps, 'unlock')} to lift, ${restoring(plan.steps)} to restore. Approvals: ${approvals}.`)
  }
  lines.push(`${counted(reads, 'ARM read')}.`, `Plan digest: ${digest}`)
  return lines.join('\n')
}

const restoring = (steps: readonly Step[]): number =>
  steps.filter(({ action }) => action.do === 'relock' && action.scope === 'stays').length
