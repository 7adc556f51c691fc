import type { DriftDocument, DriftEntry } from '../document/drift.generated.ts'
import { type DriftSection, driftSections, entriesOf, type Said, saysMore, staleIgnores, waysOutOf } from './driftText.ts'
import { html, type Markup } from './htmlMarkup.ts'
import { factsMarkup, madeBy, nameOf, pageOf, sources } from './htmlPage.ts'
import { heading } from './htmlSteps.ts'

/** Drift as one page, made from its documents alone, which may hold anything. */
export function driftHtmlOf(documents: readonly DriftDocument[]): string {
  const several = documents.length > 1
  const title = several ? `${documents.length} topologies` : documents.map(nameOf).join('')
  return pageOf({
    title: `drift: ${title}`,
    about: 'drift',
    main: html`${several ? html`<h1>${title}</h1>` : undefined}${documents.map(document => articleOf(document, several ? 2 : 1))}`,
    foot: `${madeBy(documents)} from the drift document alone. It shows what was read when it was made; nothing was written.`
  })
}

function articleOf(document: DriftDocument, level: number): Markup {
  const { topology, source, baseline, verdict, complete, entries, notes = [] } = document
  const below = level + 1
  const against = baseline === null ? 'compared with the file alone' : `compared with the file and with ${baseline}`
  const ignored = entries.filter(one => one.ignored !== undefined)
  const parts = [
    ...driftSections.map(section => sectionMarkup(document, section, below)),
    foldMarkup('Notes', notes.map(saidRow), ['Resource', 'Note'], below),
    foldMarkup('Ignored, as driftIgnore says', ignored.map(ignoredRow), ['Resource', 'Field', 'Why', 'Owner', 'Until'], below),
    foldMarkup('Entries of driftIgnore to take out, or to look at', staleIgnores(document).map(saidRow), ['Entry', ''], below)
  ]
  return html`<article>
<header>${heading(level, html`${topology.name}${topology.env === null ? undefined : html` <span>env ${topology.env}</span>`}`)}
${factsMarkup(document, sources[source], against)}
<p class="outcome">${verdict.text}</p></header>
${complete ? undefined : html`<section class="alert wait"><p>Not everything could be read: what could not is not known to be clean.</p></section>`}
${parts}
${nextMarkup(document, below)}
</article>
`
}

function sectionMarkup(document: DriftDocument, section: DriftSection, level: number): Markup | undefined {
  const entries = entriesOf(document, section)
  const hasBase = document.baseline !== null
  const columns = entries.some(({ field }) => field !== undefined)
    ? ['Resource', 'Field', ...(hasBase ? ['Last applied'] : []), 'File', 'Azure']
    : ['Resource', 'Found']
  const rows = entries.map(entry => entryRow(entry, columns.length, hasBase))
  if (!section.counts) return foldMarkup(section.title, rows, columns, level)
  return rows.length === 0
    ? undefined
    : html`<section>${heading(level, html`${section.title} <span>${rows.length}</span>`)}${tableMarkup(section.title, rows, columns)}</section>`
}

/** Entries that are no drift, or want nothing, are folded away. */
const foldMarkup = (title: string, rows: readonly Markup[], columns: readonly string[], level: number): Markup | undefined =>
  rows.length === 0
    ? undefined
    : html`<section><details class="fold"><summary>${heading(level, html`${title} <span>${rows.length}</span>`)}</summary>${tableMarkup(title, rows, columns)}</details></section>`

const tableMarkup = (title: string, rows: readonly Markup[], columns: readonly string[]): Markup =>
  html`<div class="wide" tabindex="0" role="group" aria-label="${title}"><table><thead><tr>${columns.map(column => html`<th scope="col">${column}`)}<tbody>${rows}</table></div>`

const resourceMarkup = ({ address, source, who }: DriftEntry): Markup =>
  html`<th scope="row"><code>${address}</code>${source && html`<br><small>${source.file}:${source.line}</small>`}${who && html`<br><small>${who.text}</small>`}`

function entryRow(entry: DriftEntry, columns: number, hasBase: boolean): Markup {
  const { field, message } = entry
  if (field === undefined) return html`<tr>${resourceMarkup(entry)}<td colspan="${columns - 1}">${message}`
  const values = [...(hasBase ? [entry.baseline] : []), entry.desired, entry.live]
  return html`<tr>${resourceMarkup(entry)}<td><code>${field}</code>${saysMore(entry) ? html`<br>${message}` : undefined}${values.map(value => html`<td>${valueMarkup(value)}`)}`
}

const valueMarkup = (value: unknown): Markup =>
  value === null || value === undefined ? html`<i>not set</i>` : html`<code>${JSON.stringify(value)}</code>`

const saidRow = ({ address, message }: Said): Markup => html`<tr><th scope="row"><code>${address}</code><td>${message}`

const ignoredRow = (entry: DriftEntry): Markup =>
  html`<tr>${resourceMarkup(entry)}${[entry.field, entry.ignored?.reason, entry.ignored?.owner, entry.ignored?.until].map(text => html`<td>${text ?? ''}`)}`

/** Escaping would show the end of a line that a text brings along. */
const linesMarkup = (lines: readonly string[]): Markup => html`${lines.map(line => html`${line}\n`)}`

/** The ways to end the drift, and the entries that agree to it. */
function nextMarkup(document: DriftDocument, level: number): Markup | undefined {
  if (!document.entries.some(({ counts }) => counts)) return undefined
  const { lines, more } = waysOutOf(document)
  const agree = document.entries.flatMap(({ ignore }) => (ignore === undefined ? [] : [`  - ${ignore}`]))
  const entries = html`<p>Or agree to it in the file:</p><pre><code>${linesMarkup(['driftIgnore:', ...agree])}</code></pre>`
  return html`<section class="apply">${heading(level, 'Next steps')}<pre><code>${linesMarkup(lines)}</code></pre>${more === undefined ? undefined : html`<p>${more}</p>`}${agree.length === 0 ? undefined : entries}</section>`
}
