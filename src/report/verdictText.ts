import type { FindingSort, Said, Verdict } from '../engine/verdict.ts'
import type { Plan, Refusal } from '../model/change.ts'
import { at } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import type { Style } from './style.ts'

/** The title of each sort of finding for a reader, in the order in which they matter. */
export const findingTitles = {
  refused: 'Refused, so this plan cannot be applied:',
  broken: 'Broken on the way to a server:',
  waiting: 'Waiting for somebody:',
  lock: 'Locks that are off, and that an apply first puts back:',
  differs: 'Not as declared:',
  undeclared: 'In Azure, and in no file:',
  marker: 'Markers of locks that are back, which an apply removes:',
  unmanaged: 'Left the file and stays, since nothing asked for its deletion (--prune, removed):'
} as const satisfies Readonly<Record<FindingSort, string>>

export const unknownTitle = 'Unknown, since it could not be read:'

/** The address first, unless the sentence begins with it. */
export const saidLine = ({ address, message }: Said): string =>
  address === '' || message.startsWith(address) ? printable(message) : `${printable(address)}: ${printable(message)}`

export const refusalLine = (refusal: Refusal): string => `${saidLine(refusal)}${refusal.at ? ` (${at(refusal.at)})` : ''} [${refusal.code}]`

/** Nothing where there is no line. */
export const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [[title, ...lines.map(line => `  ${line}`)].join('\n')]

/** The text of a plan that has nothing to do: the verdict, and everything that it counts. */
export function verdictLines({ as, text, findings, unknown }: Verdict, { refusals }: Pick<Plan, 'refusals'>, { colors }: Style): string[] {
  const paint = as === 'matches' ? colors.green : as === 'refused' ? colors.red : colors.yellow
  const sorts = Object.keys(findingTitles) as FindingSort[]
  const listed = sorts.flatMap(sort => {
    const own = findings.filter(one => one.as === sort)
    const lines = sort === 'refused' ? refusals.map(refusalLine) : own.map(saidLine)
    return section(sort === 'refused' ? colors.red(findingTitles[sort]) : findingTitles[sort], lines)
  })
  const groups = [...listed, ...section(unknownTitle, unknown.map(saidLine))]
  return groups.length === 0
    ? [paint(text)]
    : [paint(text.replace(/\.$/, ':')), ...groups.flatMap(group => group.split('\n').map(line => `  ${line}`))]
}
