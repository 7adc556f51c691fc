import type { PlanDocument, PlanRefusal } from '../document/plan.generated.ts'
import type { Finding, FindingSort, Said } from '../engine/verdict.ts'
import { at } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import { findingTitles } from './looks.ts'
import type { Style } from './style.ts'

export const unknownTitle = 'Unknown, since it could not be read'

/** Whether a plan writes nothing: its looks only wait for a person. */
export const isEmptyPlan = ({ resource_changes: changes, steps }: PlanDocument): boolean =>
  changes.length === 0 && steps.every(({ op }) => op === 'prove')

/** The address first, unless the sentence begins with it. */
export const saidLine = ({ address, message }: Said): string =>
  address === '' || message.startsWith(address) ? printable(message) : `${printable(address)}: ${printable(message)}`

export const refusalLine = (refusal: PlanRefusal): string =>
  `${saidLine(refusal)}${refusal.source ? ` (${at(refusal.source)})` : ''} [${printable(refusal.code)}]`

interface Looks {
  readonly paint?: (title: string) => string
  readonly indent?: string
}

/** Lines under their title; nothing where there is none. */
export const section = (title: string, lines: readonly string[], { paint = same, indent = '  ' }: Looks = {}): string[] =>
  lines.length === 0 ? [] : [[paint(`${title}:`), ...lines.map(line => `${indent}${line}`)].join('\n')]

const same = (text: string): string => text

/** Findings of one sort under its title. */
export const findingSection = (findings: readonly Finding[], sort: FindingSort): string[] =>
  section(findingTitles[sort], findings.filter(({ as }) => as === sort).map(saidLine))

/** The text of a plan that has nothing to do: the verdict, and everything that it counts. */
export function verdictLines({ verdict: { as, text, findings }, unknown, refusals }: PlanDocument, { colors }: Style): string[] {
  const paint = as === 'matches' ? colors.green : as === 'refused' ? colors.red : colors.yellow
  const groups = [
    ...section(findingTitles.refused, refusals.map(refusalLine), { paint: colors.red }),
    ...(Object.keys(findingTitles) as FindingSort[]).flatMap(sort => (sort === 'refused' ? [] : findingSection(findings, sort))),
    ...section(unknownTitle, unknown.map(saidLine))
  ]
  return groups.length === 0
    ? [paint(text)]
    : [paint(text.replace(/\.$/, ':')), ...groups.flatMap(group => group.split('\n').map(line => `  ${line}`))]
}
