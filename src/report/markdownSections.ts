import type { PlanDocument } from '../document/plan.generated.ts'
import type { Said } from '../engine/verdict.ts'
import { duration } from '../model/duration.ts'
import { always, type Item, listPiece, type Piece } from './budget.ts'
import { dangerLooks, findingTitles } from './looks.ts'
import { alert, briefId, code, folded, prose, shortened, withCommas } from './markdownText.ts'
import { lackingTitle, rightSentences, unknownRights, unknownRightsTitle } from './rightsText.ts'
import { isEmptyPlan } from './verdictText.ts'

/** A sentence of ours with an ARM id or two in it is shorter; one that is longer says no more. */
const sentenceMax = 600
const nameMax = 120
const fileMax = 200

const sentence = (text: string): string => prose(shortened(text, sentenceMax))

export const many = (count: number, one: string, more = `${one}s`): string => `${withCommas(count)} ${count === 1 ? one : more}`

/** The verdict in its own words: of changes as Terraform prints them, since whoever looks for a plan in a comment looks for that. */
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

interface Alerting {
  readonly rank: number
  readonly kind: Parameters<typeof alert>[0]
  readonly title: string
  readonly items: readonly Item[]
  readonly max: number
  /** The plural of what the items are. */
  readonly what: string
}

/** An alert that keeps its title however little room there is. */
function alertPiece({ rank, kind, title, items, max, what }: Alerting): Piece[] {
  if (items.length === 0) return []
  return [
    listPiece({
      rank,
      items,
      max,
      least: alert(kind, [title]),
      frame: (shown, left) => alert(kind, [title, ...shown, ...(left > 0 ? [`- … and **${withCommas(left)} more**`] : [])]),
      missing: (left, all) => `${withCommas(left)} of ${withCommas(all)} ${what}`
    })
  ]
}

/** How many of which dangers there are, the worst first. */
export function dangerCounts({ dangers, summary: { unlocked_seconds: seconds } }: PlanDocument): string[] {
  const counts = Object.entries(dangerLooks).flatMap(([kind, { one, more }]) => {
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
    return { text: `- ${about(address, message)}${place} (${code(shortened(id, nameMax))})`, weight: 0 }
  })
  return alertPiece({ rank, kind: 'WARNING', title: '**Refused, so this plan cannot be applied:**', items, max: 20, what: 'refusals' })
}

/** The address first, unless the sentence names it. */
const about = (address: string, message: string): string =>
  address === '' || message.includes(address) ? sentence(message) : `${code(shortened(address, fileMax))}: ${sentence(message)}`

const saidItems = (some: readonly Said[]): Item[] =>
  some.map(({ address, message }) => ({ text: `- ${about(address, message)}`, weight: 0 }))

export const waitingPiece = ({ waiting }: PlanDocument, rank: number): Piece[] =>
  alertPiece({
    rank,
    kind: 'IMPORTANT',
    title: '**Waiting for somebody:**',
    items: saidItems(waiting),
    max: 20,
    what: 'things to wait for'
  })

/** The verdict's findings that have no place of their own: refusals, things to wait for, unmanaged resources and locks have one. */
export const otherFindings = ({ verdict: { findings } }: PlanDocument): { readonly title: string; readonly items: readonly Said[] }[] =>
  (['broken', 'differs', 'undeclared'] as const).flatMap(sort => {
    const items = findings.filter(({ as }) => as === sort)
    return items.length === 0 ? [] : [{ title: findingTitles[sort].replace(/:$/, ''), items }]
  })

export const findingPieces = (document: PlanDocument, rank: number): Piece[] =>
  otherFindings(document).flatMap(({ title, items }) =>
    alertPiece({ rank, kind: 'IMPORTANT', title: `**${title}:**`, items: saidItems(items), max: 20, what: 'findings' })
  )

export const unknownPiece = ({ unknown }: PlanDocument, rank: number): Piece[] =>
  alertPiece({
    rank,
    kind: 'WARNING',
    title: '**Could not be read, so nothing is said about it:**',
    items: saidItems(unknown),
    max: 20,
    what: 'things that could not be read'
  })

interface Folding {
  readonly rank: number
  readonly title: string
  readonly items: readonly Item[]
  readonly what: string
}

function foldedPiece({ rank, title, items, what }: Folding): Piece[] {
  if (items.length === 0) return []
  return [
    listPiece({
      rank,
      items,
      share: 0.25,
      least: '',
      frame: (shown, left) =>
        folded(
          `${title} (${withCommas(items.length)})`,
          [...shown, ...(left > 0 ? [`- … and **${withCommas(left)} more**`] : [])].join('\n')
        ),
      missing: (left, all) => `${withCommas(left)} of ${withCommas(all)} ${what}`
    })
  ]
}

/** Another login may apply: what this one lacks is folded away. */
function rightsPieces({ rights }: PlanDocument, rank: number): Piece[] {
  const said = (message: string): Said => ({ address: '', message })
  const lacking = rightSentences(rights).map(said)
  const unknown = unknownRights(rights).map(said)
  return [
    ...foldedPiece({ rank, title: lackingTitle.replace(/:$/, ''), items: saidItems(lacking), what: 'missing rights' }),
    ...foldedPiece({ rank, title: unknownRightsTitle.replace(/:$/, ''), items: saidItems(unknown), what: 'scopes' })
  ]
}

/** Notes, which change nothing. A note about a lock that is lifted stands with the step that lifts it. */
export function asidePieces(document: PlanDocument, rank: number): Piece[] {
  const { notes, diagnostics, unmanaged, resource_drift: drift = [] } = document
  const lifted = new Set(document.steps.flatMap(({ op, lock }) => (op === 'lock.lift' || op === 'lock.lower' ? [lock?.id ?? ''] : [])))
  const warnings = diagnostics.map(
    ({ rule, summary, address }): Item => ({ text: `- ${code(rule)} ${about(address, summary)}`, weight: 0 })
  )
  const left = unmanaged.map(
    ({ address, id }): Item => ({ text: `- ${code(shortened(address === '' ? id : address, fileMax))}`, weight: 0 })
  )
  const moved = drift.filter(({ ignored }) => ignored === undefined)
  return [
    ...foldedPiece({ rank, title: 'Moved in Azure since the last apply', items: saidItems(moved), what: 'things that moved' }),
    ...foldedPiece({ rank, title: 'Notes', items: saidItems(notes.filter(({ address }) => !lifted.has(address))), what: 'notes' }),
    ...foldedPiece({ rank, title: 'Warnings about the file', items: warnings, what: 'warnings' }),
    ...foldedPiece({
      rank,
      title: 'Left the file and stay, since nothing asked for their deletion',
      items: left,
      what: 'unmanaged resources'
    }),
    ...rightsPieces(document, rank)
  ]
}
