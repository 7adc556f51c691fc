import type { DriftDocument, DriftEntry } from '../document/drift.generated.ts'
import { always, bytesOf, type ListPiece, listPiece, type MarkdownReport, type Piece, reportOf } from './budget.ts'
import { type DriftSection, driftSections, entriesOf, saysMore, waysOutOf } from './driftText.ts'
import { alert, code, codeInTable, fenced, folded, link, proseInTable, shortened, withCommas } from './markdownText.ts'

export interface DriftMarkdownOptions {
  /** Bytes of UTF-8; at least {@link driftBytesLeast}. No limit when absent. */
  readonly maxBytes?: number
  readonly links?: { readonly run?: string | undefined; readonly artifact?: string | undefined }
}

export type DriftMarkdown = MarkdownReport

/** Below this there is no room for a title and what was left out. */
export const driftBytesLeast = 4_096

const leftOutMax = 600
const valueMax = 120
const addressMax = 240
const messageMax = 400

/**
 * Drift as Markdown for GitHub, from its documents alone, whose names and values may be anything. Drift that counts comes
 * first and stays longest; entries are left out whole, and the text says how many.
 *
 * @throws RangeError when `maxBytes` is less than {@link driftBytesLeast}.
 */
export function driftMarkdownOf(documents: readonly DriftDocument[], options: DriftMarkdownOptions = {}): DriftMarkdown {
  const { maxBytes = Number.POSITIVE_INFINITY } = options
  if (maxBytes < driftBytesLeast)
    throw new RangeError(`Drift in Markdown needs ${driftBytesLeast} bytes at the least, and ${maxBytes} were given.`)
  const footer = footerOf(documents, options)
  const room = maxBytes - bytesOf(footer) - leftOutMax
  return reportOf(documents.flatMap(piecesOf), room, leftOut => [leftOutText(leftOut, options), footer])
}

/** Drift that counts, before notes. */
const rank = { counts: 1, unknown: 2, ignores: 3, ignored: 4, aside: 5 } as const

function piecesOf(document: DriftDocument): Piece[] {
  return [
    always(titleOf(document)),
    ...(document.source === 'azure' ? [] : [always(alert('NOTE', ['Read from a **sandbox**, and not from Azure.']))]),
    ...driftSections.flatMap(section => sectionPieces(document, section)),
    ...notePieces(document),
    ...ignoredPieces(document),
    ...agreePieces(document),
    ...staleIgnores(document),
    ...(document.entries.some(({ counts }) => counts) ? [always(waysOut(document))] : [])
  ]
}

const besideUnread = 'Not all that is in no file could be looked for.'

function titleOf(document: DriftDocument): string {
  const { topology, summary, baseline, verdict, complete } = document
  const env = topology.env === null ? '' : ` · ${code(topology.env)}`
  const counts = (['both', 'drifted', 'differs', 'unmanaged', 'unknown', 'asking', 'waiting', 'pending', 'ignored'] as const)
    .filter(name => summary[name] > 0)
    .map(name => `${withCommas(summary[name])} ${name}`)
  const sign = { clean: '✅ no drift', drift: '🔴 drift', unknown: '⚪ unknown' }[verdict.as]
  const heading = `### Drift · ${code(shortened(topology.name, addressMax))}${env} · ${sign}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}`
  const against =
    baseline === null
      ? 'Azure compared with the file alone: without a baseline pglink cannot tell who moved.'
      : `Azure compared with the file and with the topology as last applied, ${code(shortened(baseline, addressMax))}.`
  const gaps = complete
    ? []
    : [alert('WARNING', [verdict.as === 'clean' ? besideUnread : 'Not everything could be read: this is not known to be clean.'])]
  return [heading, `${code(shortened(topology.path, addressMax))}. ${against}`, ...gaps].join('\n\n')
}

function sectionPieces(document: DriftDocument, section: DriftSection): Piece[] {
  const entries = entriesOf(document, section)
  const { title } = section
  const hasBase = document.baseline !== null
  const fields = entries.some(({ field }) => field !== undefined)
  const columns = fields ? ['Resource', 'Field', ...(hasBase ? ['Last applied'] : []), 'File', 'Azure'] : ['Resource', '']
  return tablePiece({
    rank: section.counts ? rank.counts : section.class === 'unknown' || section.class === 'asking' ? rank.unknown : rank.aside,
    // A warning is for the reader to see, as what counts is.
    wrap: body =>
      section.counts || section.class === 'asking' ? `**${title}**\n\n${body}` : folded(`${title} (${withCommas(entries.length)})`, body),
    what: 'entries',
    columns,
    rows: entries.map(entry => rowOf(entry, { fields, hasBase, columns: columns.length }))
  })
}

interface Table extends Pick<ListPiece, 'rank' | 'what'> {
  /** Puts it under its title. */
  readonly wrap: (body: string) => string
  readonly columns: readonly string[]
  readonly rows: readonly string[]
}

function tablePiece({ rank: of, wrap, what, columns, rows }: Table): Piece[] {
  const heading = `| ${columns.join(' | ')} |\n|${columns.map(() => ':--|').join('')}`
  const more = (left: number): string => (left > 0 ? `\n| … and **${withCommas(left)} more** |${' |'.repeat(columns.length - 1)}` : '')
  return listPiece({
    rank: of,
    items: rows.map(text => ({ text })),
    least: wrap(`${withCommas(rows.length)}, for which there is no room here.`),
    frame: (shown, left) => wrap(`${heading}\n${shown.join('\n')}${more(left)}`),
    what
  })
}

const notePieces = ({ notes = [] }: DriftDocument): Piece[] =>
  tablePiece({
    rank: rank.aside,
    wrap: body => folded(`Notes (${withCommas(notes.length)})`, body),
    what: 'notes',
    columns: ['Resource', ''],
    rows: notes.map(({ address, message }) => `| ${cell(address)} | ${proseInTable(shortened(message, messageMax))} |`)
  })

const cell = (text: string): string => (text === '' ? '' : codeInTable(shortened(text, addressMax)))

interface Columns {
  readonly fields: boolean
  readonly hasBase: boolean
  readonly columns: number
}

function rowOf(entry: DriftEntry, { fields, hasBase, columns }: Columns): string {
  const { address, field, message, source, who } = entry
  const place = source ? `<br>${codeInTable(shortened(`${source.file}:${source.line}`, addressMax))}` : ''
  const writers = who === undefined ? '' : `<br>${proseInTable(shortened(who.text, messageMax))}`
  const subject = `${codeInTable(shortened(address, addressMax))}${place}${writers}`
  const said = proseInTable(shortened(message, messageMax))
  if (!fields) return `| ${subject} | ${said} |`
  if (field === undefined) return `| ${subject} | ${said} |${' |'.repeat(columns - 2)}`
  const about = `${codeInTable(shortened(field, valueMax))}${saysMore(entry) ? `<br>${said}` : ''}`
  const values = [...(hasBase ? [entry.baseline] : []), entry.desired, entry.live].map(valueText)
  return `| ${subject} | ${about} | ${values.join(' | ')} |`
}

const valueText = (value: unknown): string =>
  value === null || value === undefined ? '_not set_' : codeInTable(shortened(JSON.stringify(value), valueMax))

function ignoredPieces({ entries }: DriftDocument): Piece[] {
  const ignored = entries.filter(one => one.ignored !== undefined)
  return tablePiece({
    rank: rank.ignored,
    wrap: body => folded(`Ignored, as driftIgnore says (${withCommas(ignored.length)})`, body),
    what: 'ignored entries',
    columns: ['Resource', 'Field', 'Why', 'Owner', 'Until'],
    rows: ignored.map(({ address, field = '', ignored: agreed }) => {
      const why = proseInTable(shortened(agreed?.reason ?? '', messageMax))
      return `| ${cell(address)} | ${cell(field)} | ${why} | ${cell(agreed?.owner ?? '')} | ${cell(agreed?.until ?? '')} |`
    })
  })
}

/** Entries to be pasted into the file. */
const agreePieces = ({ entries }: DriftDocument): Piece[] =>
  listPiece({
    rank: rank.ignores,
    items: entries.flatMap(({ ignore }) => (ignore === undefined ? [] : [{ text: `  - ${ignore}` }])),
    max: 100,
    what: 'ready-made entries for `driftIgnore`',
    frame: lines => (lines.length === 0 ? '' : folded('Agree to it: entries for driftIgnore', fenced('yaml', ['driftIgnore:', ...lines])))
  })

function staleIgnores({ ignores }: DriftDocument): Piece[] {
  const stale = ignores.filter(({ state }) => state !== 'used')
  const line = ({ path, until, state }: (typeof stale)[number]): string =>
    `- ${code(shortened(path, addressMax))} ${state === 'expired' ? `is over since ${code(until ?? '')}, and counts again` : 'is not needed: nothing it names differs'}`
  return listPiece({
    rank: rank.ignores,
    items: stale.map(one => ({ text: line(one) })),
    what: 'stale entries of `driftIgnore`',
    frame: lines => `**Entries of \`driftIgnore\` to take out, or to look at**\n\n${lines.join('\n')}`
  })
}

function waysOut(document: DriftDocument): string {
  const { lines, more } = waysOutOf(document)
  return `**Next steps**\n\n${fenced('console', lines)}${more === undefined ? '' : `\n\n${more}`}`
}

const leftOutText = (leftOut: readonly string[], { links }: DriftMarkdownOptions): string => {
  if (leftOut.length === 0) return ''
  const where = link('the artifact', links?.artifact) ?? link('the run', links?.run)
  const all = shortened([...new Set(leftOut)].join('; '), 300)
  return alert('IMPORTANT', [`Left out for want of room: ${all}.${where === undefined ? '' : ` All of it is in ${where}.`}`])
}

function footerOf(documents: readonly DriftDocument[], { links }: DriftMarkdownOptions): string {
  const reads = documents.reduce((sum, { summary }) => sum + summary.reads, 0)
  const at = documents[0]?.timestamp
  const parts = [link('run', links?.run), link('all of it', links?.artifact)].flatMap(one => one ?? [])
  return `<sub>${[`${withCommas(reads)} reads, none a write`, ...(at === undefined ? [] : [`checked ${code(at)}`]), ...parts].join(' · ')}</sub>`
}
