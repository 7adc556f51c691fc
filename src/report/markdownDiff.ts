import type { PlanDocument, PlanStep } from '../document/plan.generated.ts'
import { grouped } from '../model/grouped.ts'
import { type Item, listPiece, type Piece } from './budget.ts'
import { lookOfStep } from './looks.ts'
import { fenceFor, folded, shortened, visible, withCommas } from './markdownText.ts'
import { fieldWidth, headText, whenText, withField } from './planText.ts'

/** The longest line of a diff. A parameter or a note may be of any length. */
const lineMax = 600

/** Up to so many lines a diff stands open: folding it would only cost a click. */
const openMax = 16

/** GitHub's `diff` colours by the first character, green for `+`, red for `-`, orange for `!`: a sign that it has no colour for is set in. */
const coloured = new Set(['+', '-', '-/+', '!'])

const signed = (sign: string, text: string): string =>
  coloured.has(sign) ? `${sign} ${text}` : sign === '~' ? `! ${text}` : `  ${sign} ${text}`

/** The lines of a step as the terminal has them, each with its sign at the start. */
function linesOf(step: PlanStep): string[] {
  const head = headText(step)
  const width = fieldWidth(step)
  const below = step.lines.map(line => {
    const text = withField(line, width)
    return line.sign === undefined ? `    ${text}` : signed(line.sign, `    ${text}`)
  })
  return [signed(lookOfStep(step).sign, head), `    ${whenText(step)}`, ...below].map(line => shortened(visible(line), lineMax))
}

/** Steps by what they are about: a replacement is two, a lock is lifted and restored. */
const groupsOf = ({ steps }: PlanDocument): (readonly PlanStep[])[] => [
  ...grouped(steps, ({ lock, id_of, id }) => lock?.id ?? id_of ?? id).values()
]

/** Deletes are kept to the last, then what is in danger; what is only made can be guessed best. */
const weightOf = (steps: readonly PlanStep[], inDanger: ReadonlySet<string>): number =>
  Math.min(
    ...steps.map(step => Math.min(lookOfStep(step).weight, inDanger.has(step.subject) ? 2 : Infinity, step.interrupts ? 3 : Infinity))
  )

function itemOf(steps: readonly PlanStep[], inDanger: ReadonlySet<string>): Item {
  const each = steps.map(linesOf)
  const rest = each.reduce((sum, lines) => sum + Math.max(0, lines.length - 1), 0)
  const heads = each.flatMap(([head]) => head ?? [])
  return {
    text: `${each.flat().join('\n')}\n`,
    ...(rest > 1 && { brief: `${heads.join('\n')}\n    (${withCommas(rest)} lines left out)\n` }),
    weight: weightOf(steps, inDanger)
  }
}

/** The changes of each resource, in the order of the steps and the colours of a diff. */
export function diffPiece(document: PlanDocument, rank: number): Piece[] {
  const inDanger = new Set(document.dangers.map(({ address }) => address))
  const items = groupsOf(document).map(steps => itemOf(steps, inDanger))
  const lines = items.flatMap(({ text }) => text.split('\n'))
  const fence = fenceFor(lines)
  const steps = document.steps.length
  const title = `Property diff: ${withCommas(steps)} ${steps === 1 ? 'step' : 'steps'} on ${withCommas(items.length)} ${items.length === 1 ? 'subject' : 'subjects'}`
  return listPiece({
    rank,
    items,
    what: 'subjects of the property diff',
    frame: (shown, left) => {
      const more = left === 0 ? '' : `\n\n… and **${withCommas(left)} more**, left out for want of room.`
      const summary = left === 0 ? title : `${title}, ${withCommas(items.length - left)} shown`
      return folded(summary, `${fence}diff\n${shown.join('\n').trimEnd()}\n${fence}${more}`, lines.length <= openMax)
    }
  })
}
