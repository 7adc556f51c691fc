import type { Danger, PlanDocument, PlanStep, StepLine } from '../document/plan.generated.ts'
import type { Said } from '../engine/verdict.ts'
import { counted } from '../model/counted.ts'
import { at } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import { dangerTitle, findingTitles, lookOfStep, operations, painted } from './looks.ts'
import { quietLists } from './planLists.ts'
import { lackingTitle, rightSentences, unknownRights, unknownRightsTitle } from './rightsText.ts'
import type { Style } from './style.ts'
import { findingSection, isEmptyPlan, refusalLine, saidLine, section, unknownTitle, verdictLines } from './verdictText.ts'

/** The plan as a person reads it, from its document alone. Ends in a newline. */
export function planText(document: PlanDocument, style: Style): string {
  const { steps, dangers, estate } = document
  // First of all, since nothing else of a plan says where it would write.
  const first = [`Estate: ${style.colors.bold(printable(estate))}`, ...dangerSection(dangers, style)]
  const shown = steps.length === 0 ? [] : [legend(steps, style), opening(document), ...steps.map(step => stepText(step, style))]
  const said = isEmptyPlan(document) ? [] : sections(document, style)
  return `${[...first, ...shown, ...notesSection(document), ...said, closing(document, style)].join('\n\n')}\n`
}

/** The dangers, ahead of the steps and of the prompt. Nothing where there is none. */
export const dangerSection = (dangers: readonly Danger[], { colors: { red } }: Style): string[] =>
  section(
    'Look at this first',
    dangers.map(({ kind, message }) => `${red(`${dangerTitle(kind)}:`)} ${printable(message)}`),
    { paint: red }
  )

function legend(steps: readonly PlanStep[], style: Style): string {
  const used = new Set(steps.map(step => lookOfStep(step).meaning))
  const looks = new Map(Object.values(operations).map(look => [look.meaning, look]))
  const lines = [...looks.values()].filter(({ meaning }) => used.has(meaning))
  return [
    'Steps are indicated with the following symbols:',
    ...lines.map(look => `${' '.repeat(3 - look.sign.length)}${painted(look, style)} ${look.meaning}`)
  ].join('\n')
}

function opening({ steps, topology: { path, env } }: PlanDocument): string {
  const waves = steps.reduce((most, { wave }) => Math.max(most, wave), 0)
  return `pglink will perform the following ${counted(steps.length, 'step')} in ${counted(waves, 'wave')} (${printable(path)}${env === null ? '' : `, env ${printable(env)}`}):`
}

function stepText(step: PlanStep, style: Style): string {
  const { n, says, source, lines } = step
  const { bold, dim, red } = style.colors
  const place = source === undefined ? '' : `  ${dim(at(source))}`
  const head = `${painted(lookOfStep(step), style)} ${n}  ${bold(printable(says))}${warnings(step)
    .map(one => `  ${red(one)}`)
    .join('')}${place}`
  const width = fieldWidth(step)
  return [head, dim(`      ${whenText(step)}`), ...lines.map(line => lineText(line, width, style))].join('\n')
}

const warnings = ({ interrupts, unproven }: PlanStep): string[] => [
  ...(interrupts ? ['(interrupts: connections may drop)'] : []),
  ...(unproven ? ['(unproven)'] : [])
]

/** The first line of a step, without its sign and colours. */
export const headText = (step: PlanStep): string =>
  [`${step.n}`, printable(step.says), ...warnings(step), ...(step.source === undefined ? [] : [at(step.source)])].join('  ')

/** When a step runs, and why it is there. */
export function whenText(step: PlanStep): string {
  const { wave, why, reason = why } = step
  const waits = waitsFor(step)
  const when = `wave ${wave}${waits.length === 0 ? '' : `, after ${waits.length === 1 ? 'step' : 'steps'} ${waits.join(', ')}`}`
  return `${when}${reason === '' ? '' : `; ${printable(reason)}`}`
}

export const fieldWidth = ({ lines }: PlanStep): number => lines.reduce((most, { field = '' }) => Math.max(most, field.length), 0)

/** Steps that must have ended, one way or the other. */
export const waitsFor = ({ depends_on: after, settles }: PlanStep): number[] => [...new Set([...after, ...settles])].sort((a, b) => a - b)

const signs = { '+': operations.create, '~': operations.update, '-': operations.delete } as const

function lineText(line: StepLine, width: number, style: Style): string {
  const sign = line.sign === undefined ? '' : `${line.sign === '?' ? line.sign : painted(signs[line.sign], style)} `
  return `        ${sign}${withField(line, width)}`
}

/** A line without its sign, its field as wide as the widest of the step. */
export const withField = ({ field, from, text, remark }: StepLine, width: number): string =>
  [
    ...(field === undefined ? [] : [printable(field).padEnd(width), '=']),
    ...(from === undefined ? [] : [printable(from), '->']),
    printable(text),
    ...(remark === undefined ? [] : ['#', printable(remark)])
  ].join(' ')

/** A note about a lock that is lifted stands with the step that lifts it, and one that is a finding of the verdict with that. */
function notesSection(document: PlanDocument): string[] {
  const found = isEmptyPlan(document) ? document.verdict.findings : []
  const isFound = ({ address, message }: Said): boolean => found.some(one => one.address === address && one.message === message)
  const { notes } = quietLists(document)
  return section('Notes', notes.said.filter(one => !isFound(one)).map(saidLine))
}

/** The sections beside the steps. Where there is no step, the verdict says it all. */
const sections = ({ waiting, verdict: { findings }, unmanaged, unknown, rights, refusals }: PlanDocument, { colors }: Style): string[] => [
  ...section(findingTitles.waiting, waiting.map(saidLine)),
  ...findingSection(findings, 'differs'),
  ...findingSection(findings, 'undeclared'),
  ...section(
    findingTitles.unmanaged,
    unmanaged.map(({ address, id }) => printable(address || id))
  ),
  ...section(unknownTitle, unknown.map(saidLine)),
  ...section(lackingTitle, rightSentences(rights).map(printable)),
  ...section(unknownRightsTitle, unknownRights(rights).map(printable)),
  ...section(findingTitles.refused, refusals.map(refusalLine), { paint: colors.red })
]

function closing(document: PlanDocument, style: Style): string {
  const { verdict, digest, summary } = document
  const { locks_lift: lifted, locks_restore: restored, approve } = summary
  const outcome = isEmptyPlan(document)
    ? verdictLines(document, style)
    : [
        style.colors.bold(verdict.text),
        `Locks: ${lifted} to lift, ${restored} to restore. Approvals: ${approve}${approve === 0 ? '' : ', counted above as well'}.`
      ]
  return [...outcome, `${counted(summary.reads, 'ARM read')}.`, `Plan digest: ${digest}`].join('\n')
}
