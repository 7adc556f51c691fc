import type { FieldChange, PlanDocument, PlanStep, ResourceChange } from '../document/plan.generated.ts'
import { grouped } from '../model/grouped.ts'
import { type Item, listPiece, type Piece } from './budget.ts'
import { isFieldChanges } from './htmlValues.ts'
import { isLift, lockKind, type Operation, operationOf, operations } from './looks.ts'
import { briefId, codeInTable, digits, proseInTable, shortened, withCommas } from './markdownText.ts'

/** The most rows that a reader can take in; the property diff goes on from there. */
const rowsMax = 50

/** A longer plan shows the harmless rows of one kind by a few of them. */
const examplesMax = 4

/** A longer value helps no reader to find it, and a single row has to leave room for the others. */
const valueMax = 60
const subjectMax = 240
const reasonMax = 300

interface Row {
  readonly look: Operation
  readonly kind: string
  readonly subject: string
  /** Whether a danger is about it, so that it comes before others that look like it. */
  readonly dangerous: boolean
  /** Markdown. */
  readonly why: string
}

function rowsOf(document: PlanDocument): Row[] {
  const { dangers, steps } = document
  const stepsOf = grouped(steps, ({ id_of }) => id_of ?? '')
  const inDanger = new Set(dangers.map(({ address }) => address))
  const changes = document.resource_changes.map(change => changeRow(change, stepsOf.get(change.id) ?? [], inDanger))
  const locks = steps.filter(isLift)
  const calls = steps.filter(({ op }) => op === 'invoke')
  const callRow = ({ subject, title, why }: PlanStep): Row => ({
    look: 'invoke',
    kind: 'call',
    subject,
    dangerous: inDanger.has(subject),
    why: sentence(title ?? why)
  })
  return [...locks.map(step => lockRow(step, steps)), ...changes, ...calls.map(callRow)].sort((a, b) => weightOf(a) - weightOf(b))
}

const weightOf = ({ look, dangerous }: Row): number => (dangerous ? Math.min(operations[look].weight, 2) : operations[look].weight)

const sentence = (text: string): string => proseInTable(shortened(text, reasonMax))

function changeRow(change: ResourceChange, steps: readonly PlanStep[], inDanger: ReadonlySet<string>): Row {
  const decision = steps.find(({ op }) => op === 'connection.approve' || op === 'connection.reject')
  const look = decision?.op ?? operationOf(change)
  const { address, kind } = change
  return { look, kind, subject: address, dangerous: inDanger.has(address), why: whyOf(change, look, steps) }
}

function whyOf(change: ResourceChange, look: Operation, steps: readonly PlanStep[]): string {
  const place = change.source ? codeInTable(shortened(`${change.source.file}:${change.source.line}`, subjectMax)) : undefined
  const fields = steps.flatMap(({ op, fields: changed }) => (op !== 'create' && isFieldChanges(changed) ? changed : []))
  switch (look) {
    case 'delete':
      return sentence(change.why[0] ?? 'no longer in the file')
    case 'replace':
      return change.why.length === 0 ? 'its parent is made again' : sentence(change.why.join('; '))
    case 'update':
      if (fields.length > 0) return fieldsText(fields)
      return sentence(change.why.join('; '))
    case 'connection.approve':
    case 'connection.reject':
      return place === undefined ? '' : `decided at ${place}`
    default:
      return place === undefined ? 'there is none' : `declared at ${place}`
  }
}

const fieldsShown = 3

function fieldsText(fields: readonly FieldChange[]): string {
  const shown = fields.slice(0, fieldsShown).map(({ field, from, to, restarts }) => {
    const values = `${valueText(from)} → ${valueText(to)}`
    return `${codeInTable(shortened(field, valueMax))} ${values}${restarts ? ' **restarts**' : ''}`
  })
  const more = fields.length - shown.length
  return [...shown, ...(more > 0 ? [`${withCommas(more)} more`] : [])].join('; ')
}

const valueText = (value: FieldChange['from']): string =>
  value === null ? '(not set)' : codeInTable(shortened(JSON.stringify(value), valueMax))

function lockRow(step: PlanStep, steps: readonly PlanStep[]): Row {
  const needing = new Set(step.needs?.map(need => need.step))
  const inTheWay = steps.flatMap(({ id, n }) => (needing.has(id) ? [n] : []))
  const back = steps.find(({ op, lock, goes }) => op === 'lock.restore' && !goes && lock !== undefined && lock.id === step.lock?.id)
  const restored = back ? `back in step ${digits(back.n)}` : 'goes with its scope'
  return {
    look: step.op === 'lock.lower' ? 'lock.lower' : 'lock.lift',
    kind: lockKind,
    subject: step.subject,
    dangerous: true,
    why: inTheWay.length === 0 ? restored : `in the way of ${stepNumbers(inTheWay)}; ${restored}`
  }
}

const numbersShown = 6

function stepNumbers(numbers: readonly number[]): string {
  const shown = numbers.slice(0, numbersShown).map(digits).join(', ')
  const more = numbers.length - numbersShown
  return `${numbers.length === 1 ? 'step' : 'steps'} ${shown}${more > 0 ? ` and ${withCommas(more)} more` : ''}`
}

/** The disc is seen first, and the word says the same without colours. */
const wordOf = (operation: Operation): string => {
  const { disc, word } = operations[operation]
  return `${disc} ${word}`.replaceAll(' ', '&nbsp;')
}

const rowText = ({ look, subject, why }: Row): string =>
  `| ${wordOf(look)} | ${codeInTable(shortened(briefId(subject), subjectMax))} | ${why} |`

const heading = '| Action | Resource | Why |\n|:--|:--|:--|'

/** The changes and their reasons: a row for each resource, lock and call, the worst first; of very many, by kind. */
export function changesTable(document: PlanDocument, rank: number): Piece[] {
  const rows = rowsOf(document)
  const all = rows.length <= rowsMax
  const shown = all ? rows : notableOf(rows)
  const items = shown.map((row): Item => ({ text: rowText(row), weight: weightOf(row) }))
  const moreThan = (count: number): string => (count > 0 ? `\n| | … and **${withCommas(count)} more** | |` : '')
  const beside = rows.length - shown.length
  const table = listPiece({
    rank,
    items,
    share: 0.6,
    what: 'rows of the table',
    beside,
    frame: (texts, left) => `${heading}\n${texts.join('\n')}${moreThan(left + beside)}`
  })
  return all ? table : [...kindsPiece(rows, rank), ...table]
}

/** A long plan's rows: everything lost, locked or exposed, and a few of each other sort. */
function notableOf(rows: readonly Row[]): readonly Row[] {
  const sorts = grouped(rows, ({ look, kind }) => `${look} ${kind}`)
  const examples = new Set([...sorts.values()].flatMap(sort => sort.slice(0, examplesMax)))
  return rows.filter(row => weightOf(row) <= 2 || examples.has(row)).slice(0, rowsMax)
}

/** A plan that is too long to be read row by row is still understood by what it does to which kinds. */
function kindsPiece(rows: readonly Row[], rank: number): Piece[] {
  const used = [...new Set(rows.map(({ look }) => look))].sort((a, b) => operations[a].weight - operations[b].weight)
  const byKind = [...grouped(rows, ({ kind }) => kind)].sort(([, a], [, b]) => b.length - a.length)
  const items = byKind.map(([kind, some], index): Item => {
    const cells = used.map(look => some.filter(row => row.look === look).length)
    return {
      text: `| ${codeInTable(shortened(kind, valueMax))} | ${cells.map(n => (n === 0 ? '' : withCommas(n))).join(' | ')} |`,
      weight: index
    }
  })
  const title = `| All ${withCommas(rows.length)} by kind | ${used.map(wordOf).join(' | ')} |`
  return listPiece({
    rank,
    items,
    max: 40,
    what: 'kinds',
    frame: shown => [title, `|:--|${used.map(() => '--:|').join('')}`, ...shown].join('\n')
  })
}
