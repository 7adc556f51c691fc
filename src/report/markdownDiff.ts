import { type Item, listPiece, type Piece } from './budget.ts'
import { grouped } from './grouped.ts'
import { fenceFor, folded, shortened, visible, withCommas } from './markdownText.ts'
import type { PlanDocument, PlanStep } from './plan.generated.ts'

/** The longest line of a diff. A parameter or a note may be of any length. */
const lineMax = 600

/** Up to so many lines a diff stands open: folding it would only cost a click. */
const openMax = 16

/**
 * The sign of a line of the printed plan in GitHub's `diff`: it colours by the first character, green for `+`, red for
 * `-`, orange for `!`; an update has no sign of its own there.
 */
const signs: Readonly<Record<string, string>> = { '+': '+', '-': '-', '-/+': '-/+', '~': '!', '!': '!' }

const signed = /^( *)(-\/\+|[+\-~!✓✗?>])( +)(.*)$/su

function diffLine(line: string, isHead: boolean): string {
  const shown = shortened(visible(line), lineMax)
  const [, , sign = '', , rest = ''] = signed.exec(shown) ?? []
  if (sign === '') return `    ${shown.trimStart()}`
  const mark = signs[sign] ?? `  ${sign}`
  return isHead ? `${mark} ${rest}` : `${mark}     ${rest}`
}

/** The terminal prints the patch for whoever scripts it; in a diff the lines above say the same. */
const isPatch = (line: string): boolean => /^ *patch: \[/.test(line)

const linesOf = ({ text }: PlanStep): string[] =>
  text.filter((line, index) => line.trim() !== '' && !(index > 0 && isPatch(line))).map((line, index) => diffLine(line, index === 0))

/** Steps by what they are about: a replacement is two, a lock is lifted and restored. */
const groupsOf = ({ steps }: PlanDocument): (readonly PlanStep[])[] => [
  ...grouped(steps, ({ lock, id_of, id }) => lock?.id ?? id_of ?? id).values()
]

/** Deletes are kept to the last, then what is in danger; what is only made can be guessed best. */
function weightOf(steps: readonly PlanStep[], inDanger: ReadonlySet<string>): number {
  const ops = new Set(steps.map(({ op }) => op))
  if (ops.has('delete')) return ops.has('create') ? 1 : 0
  if (ops.has('lock.lift') || ops.has('lock.lower') || steps.some(({ subject }) => inDanger.has(subject))) return 2
  if (ops.has('connection.approve') || ops.has('connection.reject')) return 3
  if (steps.some(({ interrupts }) => interrupts)) return 3
  if (ops.has('update') || ops.has('invoke')) return 4
  return ops.has('create') ? 5 : 6
}

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
  if (items.length === 0) return []
  const lines = items.flatMap(({ text }) => text.split('\n'))
  const fence = fenceFor(lines)
  const steps = document.steps.length
  const title = `Property diff: ${withCommas(steps)} ${steps === 1 ? 'step' : 'steps'} on ${withCommas(items.length)} ${items.length === 1 ? 'subject' : 'subjects'}`
  return [
    listPiece({
      rank,
      items,
      least: '',
      frame: (shown, left) => {
        const more = left === 0 ? '' : `\n\n… and **${withCommas(left)} more**, left out for want of room.`
        const summary = left === 0 ? title : `${title}, ${withCommas(items.length - left)} shown`
        return folded(summary, `${fence}diff\n${shown.join('\n').trimEnd()}\n${fence}${more}`, lines.length <= openMax)
      },
      missing: (left, all) => `${withCommas(left)} of ${withCommas(all)} subjects of the property diff`
    })
  ]
}
