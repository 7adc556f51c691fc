import type { PlanDocument } from '../document/plan.generated.ts'
import { applyCommand } from './applyCommand.ts'
import {
  always,
  bytesOf,
  type Fitted,
  firstPiece,
  type Item,
  leastOf,
  listPiece,
  type MarkdownReport,
  type Piece,
  reportOf
} from './budget.ts'
import { diffPiece } from './markdownDiff.ts'
import {
  asidePieces,
  besides,
  dangerCounts,
  dangersPiece,
  fileText,
  many,
  nameText,
  outcomeOf,
  planTitle,
  refusalsPiece,
  signOf,
  sourcePiece,
  urgentPieces
} from './markdownSections.ts'
import { changesTable } from './markdownTable.ts'
import { code, codeInTable, fenced, folded, link, proseInTable, shortened, withCommas } from './markdownText.ts'
import { mermaidOf } from './mermaid.ts'
import { isEmptyPlan } from './verdictText.ts'

export interface MarkdownOptions {
  /** Bytes of UTF-8, and so of characters as well. At least {@link bytesLeast}; no limit when absent. */
  readonly maxBytes?: number
  /** The commit that was planned. */
  readonly head?: string
  readonly links?: {
    /** The run that made it. */
    readonly run?: string | undefined
    /** Where all of it can be had. */
    readonly artifact?: string | undefined
  }
  /** How to apply, when it is not by the command line: a sentence in Markdown. */
  readonly apply?: string
}

/** Below this there is no room for a title, a digest and what was left out. */
export const bytesLeast = 16_384

/** Where a picture is of more nodes than this, its labels cannot be read in the width of a comment. */
const pictureSizes = [120, 60, 30, 12]

/** Names are as long as Azure allows; a picture of long ones may be of fewer nodes. */
const charactersPerNode = 350

/** Where there are very many topologies, the table of all is worth more than the plans of some. */
const overviewShare = 0.6

/** The order where there is not room for all. */
const rank = { overview: 1, alerts: 2, table: 3, asides: 4, picture: 5, diff: 6 } as const

/**
 * Plans as Markdown for GitHub, from their documents alone, which may hold anything: no text of theirs is a link,
 * a mention or HTML in it. The worst comes first and stays longest; resources are left out whole, and the text
 * says which and where they are. Several plans share the room.
 *
 * @throws RangeError when `maxBytes` is less than {@link bytesLeast}.
 */
export function markdownOf(documents: readonly PlanDocument[], options: MarkdownOptions = {}): MarkdownReport {
  const { maxBytes = Number.POSITIVE_INFINITY } = options
  if (maxBytes < bytesLeast) throw new RangeError(`A plan in Markdown needs ${bytesLeast} bytes at the least, and ${maxBytes} were given.`)
  const footer = footerOf(documents, options)
  const room = maxBytes - bytesOf(footer) - leftOutMax - 1
  return reportOf(piecesOf(documents, room), room, leftOut => [leftOutText(leftOut, options), footer])
}

/** Each plan by itself, and before several a table of all. Where they are very many, the last ones are in the table alone. */
function piecesOf(documents: readonly PlanDocument[], room: number): Piece[] {
  const several = documents.length > 1
  const each = documents.map(document => documentPieces(document, several).map(piece => (several ? about(document, piece) : piece)))
  if (!several) return each.flat()
  const overview = overviewPiece(documents)
  const overviewSize = overview.reduce((sum, piece) => sum + bytesOf(piece.within(Number.POSITIVE_INFINITY).text), 0)
  const overviewRoom = Math.min(overviewSize, room * overviewShare)
  let free = room - overviewRoom - 200
  const shown: Piece[] = []
  let count = 0
  for (const pieces of each) {
    const least = leastOf(pieces)
    if (least > free) break
    free -= least
    shown.push(...pieces)
    count += 1
  }
  const hidden = documents.length - count
  const rest: Fitted = {
    text: `… and **${many(hidden, 'plan')} more**, for which there is only the table above.`,
    leftOut: [`all but the summary of ${withCommas(hidden)} of ${many(documents.length, 'topology', 'topologies')}`]
  }
  return [...overview, ...shown, ...(hidden === 0 ? [] : [{ rank: 0, least: rest, within: () => rest }])]
}

/** Says of what it leaves out which topology it is of. */
function about({ topology }: PlanDocument, piece: Piece): Piece {
  const name = code(shortened(topology.name, 30))
  const named = ({ text, leftOut }: Fitted): Fitted => ({ text, leftOut: leftOut.map(what => `${what} of ${name}`) })
  return { ...piece, least: named(piece.least), within: bytesMax => named(piece.within(bytesMax)) }
}

function documentPieces(document: PlanDocument, several: boolean): Piece[] {
  return [
    always(several ? `---\n\n${planTitle(document)}` : planTitle(document)),
    ...dangersPiece(document, rank.alerts),
    ...refusalsPiece(document, rank.alerts),
    ...urgentPieces(document, rank.alerts),
    ...sourcePiece(document),
    ...changesTable(document, rank.table),
    ...picturePiece(document),
    ...diffPiece(document, rank.diff),
    ...asidePieces(document, rank.asides),
    ...(several ? [always(digestText(document))] : [])
  ]
}

function overviewPiece(documents: readonly PlanDocument[]): Piece[] {
  const items = documents.map((document): Item => {
    const notable = [...dangerCounts(document), ...besides(document)].join(' · ')
    return {
      text: `| ${signOf(document)} | ${nameText(document, codeInTable)} ${fileText(document, codeInTable)} | ${outcomeOf(document, proseInTable)} | ${notable} |`,
      weight: weightOf(document)
    }
  })
  const head = [
    `### pglink · ${many(documents.length, 'topology', 'topologies')}`,
    '',
    '| | Topology | Plan | Notable |',
    '|:--|:--|:--|:--|'
  ]
  const more = (left: number): string[] => (left > 0 ? [`| | … and **${withCommas(left)} more** | | |`] : [])
  return listPiece({
    rank: rank.overview,
    items,
    what: 'topologies',
    frame: (shown, left) => [...head, ...shown, ...more(left)].join('\n')
  })
}

const weightOf = (document: PlanDocument): number => {
  if (document.errored || document.dangers.length > 0) return 0
  return isEmptyPlan(document) ? 2 : 1
}

function picturePiece({ graph }: PlanDocument): Piece[] {
  if (graph === undefined || graph.nodes.length === 0) return []
  const missing = 'the picture of the topology'
  const drawn = (maxNodes: number) => (): Fitted => {
    const text = mermaidOf(graph, { maxNodes, maxChars: maxNodes * charactersPerNode })
    const picture = folded('Topology, before → after', fenced('mermaid', text.trimEnd().split('\n')))
    return { text: picture, leftOut: [] }
  }
  return [firstPiece(rank.picture, 0.4, pictureSizes.filter((size, index) => index === 0 || size < graph.nodes.length).map(drawn), missing)]
}

function digestText({ digest, errored, summary }: PlanDocument): string {
  const reads = many(summary.reads, 'read')
  return errored ? `${reads}.` : `Digest ${code(shortened(digest, 120))} · ${reads}.`
}

function footerOf(documents: readonly PlanDocument[], { head, links, apply }: MarkdownOptions): string {
  const [first] = documents
  const single = documents.length === 1 ? first : undefined
  const facts = [
    ...(single ? [digestText(single).replace(/\.$/, '')] : []),
    ...(head === undefined ? [] : [`commit ${code(head.slice(0, 12))}`])
  ]
  const ways = [link('plan artifact', links?.artifact), link('run', links?.run)].flatMap(one => one ?? [])
  const how = apply ?? (single ? applyText(single) : '')
  return ['---', [...facts, ...ways].join(' · '), how].filter(part => part !== '').join('\n\n')
}

function applyText(document: PlanDocument): string {
  if (document.errored || isEmptyPlan(document) || document.source === 'base branch') return ''
  const command = applyCommand(document)
  return command === undefined ? '' : `Apply exactly this: ${code(command)}`
}

const leftOutMax = 4_096
const leftOutShown = 8

function leftOutText(leftOut: readonly string[], { links }: MarkdownOptions): string {
  if (leftOut.length === 0) return ''
  const shown = leftOut.slice(0, leftOutShown)
  const more = leftOut.length - shown.length
  const all = more > 0 ? [...shown, `and ${withCommas(more)} more`] : shown
  const whole = link('the plan artifact', links?.artifact)
  const where = whole === undefined ? 'The plan document and the HTML report have all of it.' : `All of it is in ${whole}.`
  return `✂️ **Left out for want of room:** ${all.join('; ')}. ${where}`
}
