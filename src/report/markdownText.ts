import { printable } from '../model/printable.ts'

/*
 * Names, tags, notes and Azure's own messages go into the Markdown of a pull request. There a text can be a mention that
 * notifies a person, a reference that shows up at another issue, a link, an image, HTML, an alert, or the end of what
 * holds it. GitHub looks for none of these inside code (its filters skip `code` and `pre`, and CommonMark parses nothing
 * there), so every foreign text stands in a code span or a fence. Text that is safe word by word stays prose.
 */

/**
 * One line in which everything can be seen, and no comment of HTML begins: one could look like a marker. The formatting
 * characters of rare scripts, which a terminal shows as a box, a browser does not show at all.
 */
export const visible = (text: string): string =>
  printable(text)
    .replace(/\p{Cf}/gu, character => `\\u{${character.codePointAt(0)?.toString(16)}}`)
    .replaceAll('<!--', '<\\u0021--')

const longestRun = (text: string): number => Math.max(0, ...(text.match(/`+/g) ?? []).map(run => run.length))

/**
 * A code span. Back-ticks inside make its own longer; an empty text shows as `""`.
 *
 * A pipe is escaped for tables, and nowhere else: only there does Markdown look inside code. Behind a backslash, parsers
 * differ about which of the two is escaped, so there the pipe is written as JSON would.
 */
function span(text: string, inTable: boolean): string {
  const whole = visible(text)
  const shown = inTable ? whole.replace(/(\\*)\|/g, (_, before: string) => (before === '' ? '\\|' : `${before}\\u007c`)) : whole
  if (shown === '') return '`""`'
  const ticks = '`'.repeat(longestRun(shown) + 1)
  const pad = /^`|`$|^ .*[^ ].* $/.test(shown) ? ' ' : ''
  return `${ticks}${pad}${shown}${pad}${ticks}`
}

export const code = (text: string): string => span(text, false)

/** As {@link code}, for the cell of a table. */
export const codeInTable = (text: string): string => span(text, true)

/** A word that no filter of GitHub takes for anything else: no hexadecimal that could be a commit, no digits after letters. */
const plainWord = /^(?![\da-f]{7})[a-z]+(?:['’-][a-z]+)*$/i
const plainNumber = /^\d{1,6}(?:\.\d{1,6})?%?$/
const plainDuration = /^(?:\d{1,4}h)?(?:\d{1,2}m)?\d{1,2}s$/

/** Quotes and brackets around a word, and what ends a clause. */
const around = /^(["'(]*)(.*?)([.,;:!?)"'…]*)$/su

function wordOf(word: string, first: boolean, inTable: boolean): string {
  const quoted = /^`(.+)`([.,;:!?)"'…]*)$/su.exec(word)
  if (quoted) return `${span(quoted[1] ?? '', inTable)}${quoted[2] ?? ''}`
  const [, before = '', core = '', after = ''] = around.exec(word) ?? []
  if (core === '') return /^[.,;:)"'(]$/.test(word) && !first ? word : span(word, inTable)
  // A number that a full stop or bracket follows begins a list at the start of a line.
  if (plainWord.test(core) || plainDuration.test(core) || (plainNumber.test(core) && !first)) return `${before}${core}${after}`
  return /^[^`]*$/.test(core) && !core.startsWith('\\') ? `${before}${span(core, inTable)}${after}` : span(word, inTable)
}

function sentence(text: string, inTable: boolean): string {
  const words = visible(text).match(/`[^`]+`[.,;:!?)"'…]*(?=\s|$)|\S+/gu) ?? []
  // Nothing after a hyphen would make a heading of the line before it.
  if (words.length === 0) return span('', inTable)
  return words.map((word, index) => wordOf(word, index === 0, inTable)).join(' ')
}

/** A sentence that quotes names and values: its plain words as prose, all else (addresses, ids, numbers in words) as code. */
export const prose = (text: string): string => sentence(text, false)

/** As {@link prose}, for the cell of a table. */
export const proseInTable = (text: string): string => sentence(text, true)

/** Cut between characters, never within one, with the number of those that are gone. */
export function shortened(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text
  const characters = Array.from(text)
  const over = characters.length - charactersMax
  return over <= 0
    ? text
    : `${characters.slice(0, charactersMax).join('')}… (${withCommas(over)} more ${over === 1 ? 'character' : 'characters'})`
}

/** An ARM id as a reader looks for it, by its group and its name; the whole of it stands where there is room. Anything else as it is. */
export const briefId = (id: string): string =>
  id.replace(/^\/subscriptions\/[^/\s]+\/resourceGroups\/([^/\s]+)\/providers\/[^/\s]+\/(?=[^/\s]+\/[^/\s]+)/i, '…/$1/…/')

/** A number as a reader of large ones wants it: `1,744`. */
export const withCommas = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** A fence that nothing in these lines can close: more back-ticks than stand together there. */
export const fenceFor = (lines: readonly string[]): string => '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1))

/** A number as a program reads it, unless it is so long that it could be the beginning of a commit's. */
export const digits = (count: number): string => (count < 1_000_000 ? String(count) : withCommas(count))

/** A block of code, each line of it made visible. */
export function fenced(language: string, lines: readonly string[]): string {
  const shown = lines.map(visible)
  const fence = fenceFor(shown)
  return [`${fence}${language}`, ...shown, fence].join('\n')
}

/** Text in the HTML of a `<summary>`, where Markdown is not parsed. */
export const inHtml = (text: string): string => visible(text).replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

/** No address of a run or an artifact is as long; a longer one would take the room of the plan. */
const addressMax = 1_000

/** A link of ours; nothing when there is no address, or none of the web's. */
export function link(title: string, address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined
  const { protocol, href } = new URL(address)
  if ((protocol !== 'https:' && protocol !== 'http:') || href.length > addressMax) return undefined
  return `[${title}](${href.replace(/[()<>\\`|@!*_[\]]/g, escapeInAddress)})`
}

const escapeInAddress = (character: string): string => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`

/** A section that is folded. GitHub parses Markdown after the blank line. */
export const folded = (summary: string, body: string, open = false): string =>
  `<details${open ? ' open' : ''}><summary>${inHtml(summary)}</summary>\n\n${body}\n\n</details>`

/** One of GitHub's alerts. A line of it never ends it. */
export const alert = (kind: 'CAUTION' | 'WARNING' | 'IMPORTANT' | 'NOTE', lines: readonly string[]): string =>
  [`[!${kind}]`, ...lines].map(line => `> ${line}`).join('\n')
