import type { PlanDocument } from '../document/plan.generated.ts'
import type { Said } from '../engine/verdict.ts'
import { duration } from '../model/duration.ts'
import { always, type Item, type ListPiece, listPiece, type Piece } from './budget.ts'
import { dangerLooks } from './looks.ts'
import { alert, briefId, code, folded, prose, shortened, withCommas } from './markdownText.ts'
import { type PlanList, quietLists, rightsLists, unmanagedTitle, urgentLists } from './planLists.ts'
import { isEmptyPlan } from './verdictText.ts'

/** A sentence of ours with an ARM id or two in it is shorter; one that is longer says no more. */
const sentenceMax = 600
const nameMax = 120
const fileMax = 200

const sentence = (text: string): string => prose(shortened(text, sentenceMax))

export const many = (count: number, one: string, more = `${one}s`): string => `${withCommas(count)} ${count === 1 ? one : more}`

/** The verdict in its own words: of changes as Terraform prints them, since a reader looks for them in a comment. */
export const outcomeOf = ({ verdict, errored }: PlanDocument, as = prose): string =>
  `${errored ? 'refused: ' : ''}${as(shortened(verdict.text, sentenceMax))}`

export const nameText = ({ topology }: PlanDocument, as = code): string =>
  `${as(shortened(topology.name, nameMax))}${topology.env === null ? '' : ` env ${as(shortened(topology.env, nameMax))}`}`

export const fileText = ({ topology }: PlanDocument, as = code): string => as(shortened(topology.path, fileMax))

/** Whether to look closer, before a word is read. */
export function signOf(document: PlanDocument): string {
  if (document.errored) return '⛔'
  if (document.dangers.length > 0) return '⚠️'
  if (document.unknown.length > 0 || document.waiting.length > 0) return '⏳'
  if (!isEmptyPlan(document)) return '🗺'
  return document.verdict.as === 'matches' ? '✅' : '🔎'
}

/** The rest of a plan beside making, deleting and its dangers, in a few words each. */
export function besides({ summary: { approve, reject }, waiting, unknown, refusals }: PlanDocument): string[] {
  return [
    ...(refusals.length > 0 ? [`⛔ ${many(refusals.length, 'refusal')}`] : []),
    ...(approve > 0 ? [`🤝 ${many(approve, 'approval')}`] : []),
    ...(reject > 0 ? [`🚫 ${many(reject, 'rejection')}`] : []),
    ...(waiting.length > 0 ? [`⏳ ${many(waiting.length, 'thing')} to wait for`] : []),
    ...(unknown.length > 0 ? [`❔ ${withCommas(unknown.length)} could not be read`] : [])
  ]
}

const estateText = ({ source, estate }: PlanDocument): string =>
  `read from ${source === 'sandbox' ? 'a sandbox, not from Azure' : 'Azure'}: ${prose(shortened(estate, fileMax))}`

export function planTitle(document: PlanDocument): string {
  const line = [fileText(document), ...besides(document), ...(document.source === 'base branch' ? [] : [estateText(document)])].join(' · ')
  return `### ${signOf(document)} pglink · ${nameText(document)} · ${outcomeOf(document)}\n\n${line}`
}

/** A plan against what the base branch declares must never be taken for one against Azure. */
export function sourcePiece({ source }: PlanDocument): Piece[] {
  if (source !== 'base branch') return []
  const said = 'The estate was made up in a sandbox from the topology of the base branch: it says nothing of how Azure really is.'
  return [always(alert('NOTE', [`**Not read from Azure.** ${said}`]))]
}

interface Alerting extends Pick<ListPiece, 'rank' | 'items' | 'what'> {
  readonly kind: Parameters<typeof alert>[0]
  readonly title: string
  readonly max?: number
}

const moreLine = (left: number): string[] => (left > 0 ? [`- … and **${withCommas(left)} more**`] : [])

/** An alert that keeps its title however little room there is. */
const alertPiece = ({ kind, title, max = 20, ...list }: Alerting): Piece[] =>
  listPiece({
    ...list,
    max,
    least: alert(kind, [title]),
    frame: (shown, left) => alert(kind, [title, ...shown, ...moreLine(left)])
  })

/** How many of which dangers there are, the worst first. */
export function dangerCounts({ dangers, summary: { unlocked_seconds: seconds } }: PlanDocument): string[] {
  const counts = Object.entries(dangerLooks).flatMap(([kind, [, one, more]]) => {
    const count = dangers.filter(danger => danger.kind === kind).length
    return count === 0 ? [] : [{ kind, text: many(count, one, more) }]
  })
  const lastLock = counts.findLastIndex(({ kind }) => kind === 'unlock' || kind === 'inherited-unlock')
  return counts.map(({ text }, index) => (index === lastLock ? `${text} (about ${duration(seconds * 1_000)} in all)` : text))
}

export function dangersPiece(document: PlanDocument, rank: number): Piece[] {
  const { dangers } = document
  const items = dangers.map(
    ({ kind, message }): Item => ({ text: `- ${sentence(briefId(message))}`, weight: Object.keys(dangerLooks).indexOf(kind) })
  )
  return alertPiece({ rank, kind: 'CAUTION', title: `**${dangerCounts(document).join(' · ')}**`, items, max: 12, what: 'dangers' })
}

export function refusalsPiece({ refusals }: PlanDocument, rank: number): Piece[] {
  const items = refusals.map(({ code: id, address, message, source }): Item => {
    const place = source ? ` at ${code(shortened(`${source.file}:${source.line}:${source.column}`, fileMax))}` : ''
    return { text: `- ${about(address, message)}${place} (${code(shortened(id, nameMax))})` }
  })
  return alertPiece({ rank, kind: 'WARNING', title: '**Refused, so this plan cannot be applied:**', items, what: 'refusals' })
}

/** The address first, unless the sentence names it. */
const about = (address: string, message: string): string =>
  address === '' || message.includes(address) ? sentence(message) : `${code(shortened(address, fileMax))}: ${sentence(message)}`

const saidItems = (some: readonly Said[]): Item[] => some.map(({ address, message }) => ({ text: `- ${about(address, message)}` }))

/** The lists that a reviewer has to see, each an alert. */
export const urgentPieces = (document: PlanDocument, rank: number): Piece[] =>
  urgentLists(document).flatMap(({ title, what, said }) =>
    alertPiece({ rank, kind: said === document.unknown ? 'WARNING' : 'IMPORTANT', title: `**${title}:**`, items: saidItems(said), what })
  )

const foldedPiece = (rank: number, title: string, what: string, items: readonly Item[]): Piece[] =>
  listPiece({
    rank,
    items,
    share: 0.25,
    what,
    frame: (shown, left) => folded(`${title} (${withCommas(items.length)})`, [...shown, ...moreLine(left)].join('\n'))
  })

/** Each part with its digest: who carries it out alone wants that one. */
function dutiesPiece({ duties = [], partial }: PlanDocument, rank: number): Piece[] {
  if (partial !== undefined) return []
  const items = duties.map(({ duty, changes, steps, waits_for: waits, digest }): Item => {
    const waiting = waits.length === 0 ? '' : `, waits for ${waits.map(one => code(one)).join(', ')}`
    return {
      text: `- ${code(duty)}: ${many(changes, 'change')}, ${many(steps, 'step')} now${waiting}; digest ${code(shortened(digest, nameMax))}`
    }
  })
  return foldedPiece(rank, 'Parts by duty, each with a digest of its own', 'parts', items)
}

/** Notes, and what else changes nothing. */
export function asidePieces(document: PlanDocument, rank: number): Piece[] {
  const { diagnostics, unmanaged } = document
  const warnings = diagnostics.map(({ rule, summary, address }): Item => ({ text: `- ${code(rule)} ${about(address, summary)}` }))
  const left = unmanaged.map(({ address, id }): Item => ({ text: `- ${code(shortened(address || id, fileMax))}` }))
  const listed = ({ title, what, said }: PlanList): Piece[] => foldedPiece(rank, title, what, saidItems(said))
  const { moved, notes } = quietLists(document)
  return [
    ...dutiesPiece(document, rank),
    ...[moved, notes].flatMap(listed),
    ...foldedPiece(rank, 'Warnings about the file', 'warnings', warnings),
    ...foldedPiece(rank, unmanagedTitle, 'unmanaged resources', left),
    ...rightsLists(document).flatMap(listed)
  ]
}
