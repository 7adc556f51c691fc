import { createHash } from 'node:crypto'
import type { PlanDocument } from '../document/plan.generated.ts'
import { counted } from '../model/counted.ts'
import { duration } from '../model/duration.ts'
import { grouped } from '../model/grouped.ts'
import { html, type Markup, markupOf, trusted } from './htmlMarkup.ts'
import { htmlScript } from './htmlScript.ts'
import { alertsMarkup, applyMarkup, asidesMarkup, connectionsMarkup, locksMarkup } from './htmlSections.ts'
import { type Entry, heading, type Listing, listingOf, stepsMarkup } from './htmlSteps.ts'
import { htmlStyle } from './htmlStyle.ts'
import { sortWords } from './looks.ts'
import { dangerCounts } from './markdownSections.ts'
import { sizedSvg } from './svg.ts'

/**
 * Plans as one page that needs nothing from anywhere: a browser that follows its policy runs no script and no style but the two in
 * it, and sends no request. It is made from the documents alone, which may hold anything. Without its script it is all there,
 * open, to be read and printed.
 */
export function htmlOf(documents: readonly PlanDocument[]): string {
  const several = documents.length > 1
  const listings = documents.map((document, index) => listingOf(document, `p${index + 1}`))
  const entries = listings.flatMap(listing => listing.entries)
  const plans = documents.flatMap((document, index) => {
    const listing = listings[index]
    return listing === undefined ? [] : planMarkup(document, listing, several ? 2 : 1)
  })
  const title = several ? `${documents.length} topologies` : documents.map(nameOf).join('')
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="pglink">
<meta name="color-scheme" content="light dark">
<title>pglink plan: ${title}</title>
<link rel="icon" href="${icon}">
<style>${trusted(htmlStyle)}</style>
<script>${trusted(htmlScript)}</script>
</head>
<body>
<a class="skip" href="#main">Skip to the plan</a>
<header class="top"><span class="brand">pglink <span>plan</span></span><button type="button" id="theme" hidden>Dark</button></header>
${entries.length > 0 ? filterMarkup(entries) : undefined}
<main id="main" tabindex="-1">
${several ? overviewMarkup(documents) : undefined}${plans}
</main>
<footer class="foot">${[...new Set(documents.map(({ tool_version: version }) => `Made by pglink ${version}`))].join(', ')} from the plan document alone. It shows what was read when it was made: an apply reads again, and refuses what has moved.</footer>
</body>
</html>
`
  return markupOf(page)
}

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policy = `default-src 'none'; style-src ${sha256(htmlStyle)}; script-src ${sha256(htmlScript)}; img-src data:; base-uri 'none'; form-action 'none'`

/** In the page, since a browser would ask a server for one. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="none" stroke="#4493f8" stroke-width="2" d="M1 8h4M11 8h4M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z"/></svg>'
)}`

const nameOf = ({ topology: { name, env } }: PlanDocument): string => (env === null ? name : `${name} (${env})`)

function filterMarkup(entries: readonly Entry[]): Markup {
  const bySort = grouped(entries, ({ look }): string => look.sort)
  const boxes = Object.entries(sortWords).flatMap(([sort, words]) => {
    const count = bySort.get(sort)?.length ?? 0
    return count === 0
      ? []
      : html`<label class="${sort}"><input type="checkbox" value="${sort}"><span>${words} <b>${count}</b></span></label>`
  })
  const kinds = [...new Set(entries.map(({ kind }) => kind))].filter(kind => kind !== '').sort()
  const options = kinds.map(kind => html`<option>${kind}</option>`)
  return html`<form id="filter" role="search" aria-label="Filter the steps" data-active="false" hidden>
<div class="row"><div class="find"><input type="search" aria-label="Filter by text" placeholder="Filter: name, field, value" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"><kbd aria-hidden="true">/</kbd></div>
<select aria-label="Filter by kind"><option value="">All kinds</option>${options}</select>
<output aria-live="polite" aria-label="Shown"></output>
<div class="buttons"><button type="button" value="open">Expand all</button><button type="button" value="close">Collapse all</button></div></div>
<div class="row"><fieldset><legend>Filter by action</legend>${boxes}</fieldset><button type="button" value="clear" title="Esc">Clear</button></div>
</form>`
}

function overviewMarkup(documents: readonly PlanDocument[]): Markup {
  const rows = documents.map(
    (document, index) =>
      html`<tr><th scope="row"><a href="#p${index + 1}">${nameOf(document)}</a><br><small>${document.topology.path}</small><td class="whole">${outcomeOf(document)}<td>${[...dangerCounts(document), ...openEnds(document)].join(', ')}`
  )
  return html`<h1>${documents.length} topologies</h1><div class="wide" tabindex="0" role="group" aria-label="Overview"><table><thead><tr><th scope="col">Topology<th scope="col">Plan<th scope="col">To look at<tbody>${rows}</table></div>`
}

const openEnds = ({ refusals, waiting, unknown }: PlanDocument): string[] => [
  ...(refusals.length > 0 ? [counted(refusals.length, 'refusal')] : []),
  ...(waiting.length > 0 ? [`${waiting.length} to wait for`] : []),
  ...(unknown.length > 0 ? [`${unknown.length} not readable`] : [])
]

const outcomeOf = ({ verdict, errored }: PlanDocument): string => (errored ? `Refused. ${verdict.text}` : verdict.text)

const sources: Readonly<Record<PlanDocument['source'], string>> = {
  azure: 'read from Azure',
  sandbox: 'read from a sandbox, not from Azure',
  'base branch': 'not read from Azure'
}

function planMarkup(document: PlanDocument, listing: Listing, level: number): Markup {
  const { topology, source, estate, timestamp, summary } = document
  const below = level + 1
  const facts = [
    topology.path,
    source === 'base branch' ? sources[source] : `${sources[source]}: ${estate}`,
    ...(summary.reads > 0 ? [counted(summary.reads, 'read')] : []),
    momentText(timestamp)
  ]
  const steps =
    listing.entries.length === 0
      ? undefined
      : html`<section class="steps">${heading(below, html`Steps <span>${stepsText(document)}</span>`)}${stepsMarkup(listing, below + 1)}</section>`
  return html`<article id="${listing.prefix}">
<header>${heading(level, html`${topology.name}${topology.env === null ? undefined : html` <span>env ${topology.env}</span>`}`)}
<p class="facts">${facts.map(fact => html`<span>${fact}</span> `)}</p>
<p class="outcome">${outcomeOf(document)}</p>
${statsMarkup(document)}</header>
${sourceMarkup(document)}${alertsMarkup(document, listing, below)}
${pictureMarkup(document, listing, below)}
${locksMarkup(document, listing, below)}
${connectionsMarkup(document, below)}
${asidesMarkup(document, below)}
${steps}
${applyMarkup(document, below)}
</article>
`
}

/** To the minute, in the one time zone that needs no asking. A text that is no time is shown as it is. */
const momentText = (timestamp: string): string => {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z$/.exec(timestamp) ?? []
  return day === undefined ? timestamp : `${day} ${time} UTC`
}

function statsMarkup({ summary }: PlanDocument): Markup {
  const { locks_lift: lifted, locks_restore: restored, unlocked_seconds: seconds, approve, reject, interrupts, restarts } = summary
  const off = seconds > 0 ? `, off for about ${duration(seconds * 1_000)} in all` : ''
  const counts = Object.entries({ Approvals: approve, Rejections: reject, Interruptions: interrupts, Restarts: restarts })
  const stats = [
    ...(lifted + restored > 0 ? [['Locks', `${lifted} to lift, ${restored} to restore${off}`] as const] : []),
    ...counts.filter(([, count]) => count > 0)
  ]
  return html`${stats.length === 0 ? undefined : html`<dl class="stats">${stats.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`}`
}

/** A plan against what the base branch declares must never be taken for one against Azure. */
const sourceMarkup = ({ source }: PlanDocument): Markup | undefined =>
  source === 'base branch'
    ? html`<section class="alert wait"><p><b>Not read from Azure.</b> The estate was made up in a sandbox from the topology of the base branch: it says nothing of how Azure really is.</p></section>`
    : undefined

function pictureMarkup({ graph }: PlanDocument, { prefix }: Listing, level: number): Markup | undefined {
  if (graph.nodes.length === 0) return undefined
  const { svg, ...size } = sizedSvg(graph, { idPrefix: `${prefix}-graph`, style: false })
  return html`<section><details open class="fold"><summary>${heading(level, html`Topology <span>before and after</span>`)}</summary><div class="picture ${fitOf(size)}" tabindex="0" role="group" aria-label="Topology">${trusted(svg.trimEnd())}</div></details></section>`
}

/** A picture that is a little too wide is made to fit, until it could not be read; a very long one is looked at through a window. */
function fitOf({ width, height }: { readonly width: number; readonly height: number }): 'small' | 'fits' | 'long' | 'large' {
  if (height > 2_000) return 'long'
  return width <= 860 ? 'small' : width <= 1_500 ? 'fits' : 'large'
}

/** How long it takes if everything that can runs side by side. */
function stepsText({ steps }: PlanDocument): string {
  const ends = new Map<number, number>()
  for (const { n, depends_on: after, settles, seconds } of steps)
    ends.set(n, [...after, ...settles].reduce((begins, one) => Math.max(begins, ends.get(one) ?? 0), 0) + seconds)
  const total = [...ends.values()].reduce((most, end) => Math.max(most, end), 0)
  return `${counted(steps.length, 'step')} in ${counted(new Set(steps.map(({ wave }) => wave)).size, 'wave')}, about ${duration(total * 1_000)}`
}
