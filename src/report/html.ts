import type { PlanDocument } from '../document/plan.generated.ts'
import { counted } from '../model/counted.ts'
import { duration } from '../model/duration.ts'
import { grouped } from '../model/grouped.ts'
import { html, type Markup, trusted } from './htmlMarkup.ts'
import { factsMarkup, madeBy, nameOf, pageOf, sources } from './htmlPage.ts'
import { alertsMarkup, applyMarkup, asidesMarkup, connectionsMarkup, locksMarkup } from './htmlSections.ts'
import { type Entry, heading, type Listing, listingOf, stepsMarkup } from './htmlSteps.ts'
import { sortWords } from './looks.ts'
import { dangerCounts } from './markdownSections.ts'
import { sizedSvg } from './svg.ts'

/** Plans as one page, made from their documents alone, which may hold anything. */
export function htmlOf(documents: readonly PlanDocument[]): string {
  const several = documents.length > 1
  const listings = documents.map((document, index) => listingOf(document, `p${index + 1}`))
  const entries = listings.flatMap(listing => listing.entries)
  const plans = documents.flatMap((document, index) => {
    const listing = listings[index]
    return listing === undefined ? [] : planMarkup(document, listing, several ? 2 : 1)
  })
  const title = several ? `${documents.length} topologies` : documents.map(nameOf).join('')
  return pageOf({
    title: `plan: ${title}`,
    about: 'plan',
    filter: entries.length > 0 ? filterMarkup(entries) : undefined,
    main: html`${several ? overviewMarkup(documents) : undefined}${plans}`,
    foot: `${madeBy(documents)} from the plan document alone. It shows what was read when it was made: an apply reads again, and refuses what has moved.`
  })
}

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

function planMarkup(document: PlanDocument, listing: Listing, level: number): Markup {
  const { topology, source, estate } = document
  const below = level + 1
  const facts = factsMarkup(document, source === 'base branch' ? sources[source] : `${sources[source]}: ${estate}`)
  const steps =
    listing.entries.length === 0
      ? undefined
      : html`<section class="steps">${heading(below, html`Steps <span>${stepsText(document)}</span>`)}${stepsMarkup(listing, below + 1)}</section>`
  return html`<article id="${listing.prefix}">
<header>${heading(level, html`${topology.name}${topology.env === null ? undefined : html` <span>env ${topology.env}</span>`}`)}
${facts}
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
