import type { GraphEdge, PlanDocument, PlanStep, Position } from '../document/plan.generated.ts'
import type { Said } from '../engine/verdict.ts'
import { duration } from '../model/duration.ts'
import { applyCommand } from './applyCommand.ts'
import { html, type Markup } from './htmlMarkup.ts'
import { heading, type Listing, links } from './htmlSteps.ts'
import { dangerTitle, isLift } from './looks.ts'
import { type PlanList, quietLists, rightsLists, unmanagedTitle, urgentLists } from './planLists.ts'

/** More than a reviewer takes in at a glance are folded away. */
const shownMax = 10

/** Where in the page to read on about an address. */
type Finder = (address: string) => number | undefined

function finderFor({ entries }: Listing): Finder {
  const found = new Map<string, number>()
  for (const { step, subject, change } of entries)
    if (step !== undefined)
      for (const key of [subject, change?.address, step.lock?.id]) if (key !== undefined && !found.has(key)) found.set(key, step.n)
  return address => found.get(address)
}

type Tone = 'bad' | 'wait' | 'quiet'

function alertMarkup(title: string, tone: Tone, items: readonly Markup[], level: number): Markup | undefined {
  if (items.length === 0) return undefined
  const [shown, rest] = [items.slice(0, shownMax), items.slice(shownMax)]
  const more = rest.length === 0 ? undefined : html`<details><summary>${rest.length} more</summary><ul>${rest}</ul></details>`
  return html`<section class="alert ${tone}">${heading(level, html`${title} <span>${items.length}</span>`)}<ul>${shown}</ul>${more}</section>`
}

const placeMarkup = (place: Position | undefined): Markup | undefined =>
  place && html` <small>${place.file}:${place.line}:${place.column}</small>`

const stepLink = (n: number | undefined, listing: Listing): Markup | undefined =>
  n === undefined ? undefined : html` <small>${links([n], listing)}</small>`

/** The alerts that a reviewer has to see before anything else. */
export function alertsMarkup(document: PlanDocument, listing: Listing, level: number): Markup {
  const find = finderFor(listing)
  const item = ({ address, message }: Said, more?: Markup): Markup =>
    html`<li>${aboutMarkup(address, message)}${more}${stepLink(find(address), listing)}`
  const refusals = document.refusals.map(refusal => item(refusal, html`${placeMarkup(refusal.source)} <small>${refusal.code}</small>`))
  const dangers = document.dangers.map(
    ({ kind, address, message }) =>
      html`<li class="k-${kind}"><b>${dangerTitle(kind)}</b><span>${message}${stepLink(find(address), listing)}</span>`
  )
  const listed = (tone: Tone, lists: readonly PlanList[]) =>
    lists.map(({ title, said }) =>
      alertMarkup(
        title,
        tone,
        said.map(one => item(one)),
        level
      )
    )
  return html`${[
    alertMarkup('Refused, so this plan cannot be applied', 'bad', refusals, level),
    alertMarkup('Look at this first', 'bad', dangers, level),
    ...listed('wait', urgentLists(document)),
    ...listed('quiet', rightsLists(document))
  ]}`
}

/** The address first, unless the sentence names it. */
const aboutMarkup = (address: string, message: string): Markup =>
  address === '' || message.includes(address) ? html`<span>${message}</span>` : html`<span><code>${address}</code> ${message}</span>`

/** Which locks are off for how long, and during which waves. */
export function locksMarkup({ steps }: PlanDocument, listing: Listing, level: number): Markup | undefined {
  const lifts = steps.filter(isLift)
  if (lifts.length === 0) return undefined
  const waves = steps.reduce((most, { wave }) => Math.max(most, wave), 1)
  const restores = new Map(steps.flatMap(step => (step.op === 'lock.restore' && !step.goes ? [[step.lock?.id ?? '', step] as const] : [])))
  const rows = lifts.map(step => lockRow(step, restores.get(step.lock?.id ?? ''), listing, waves))
  return html`<section class="locks">${heading(level, 'Locks')}<div class="wide" tabindex="0" role="group" aria-label="Locks"><table><thead><tr><th scope="col">Lock<th scope="col">Level<th scope="col">From<th scope="col">To<th scope="col">About<th scope="col">Waves 1 to ${waves}<tbody>${rows}</table></div></section>`
}

function lockRow(step: PlanStep, restore: PlanStep | undefined, listing: Listing, waves: number): Markup {
  const level = step.op === 'lock.lower' ? html`ReadOnly, lowered to CanNotDelete` : html`${step.lock?.level}, off`
  const back = restore === undefined ? html`goes with its scope` : links([restore.n], listing)
  return html`<tr><th scope="row"><code>${step.subject}</code><td>${level}<td>${links([step.n], listing)}<td>${back}<td>${step.unlocked_seconds === undefined ? '' : duration(step.unlocked_seconds * 1_000)}<td>${barMarkup(step.wave, restore?.wave ?? waves, waves)}`
}

/** The table says the same in words, so that the bar is for eyes alone. */
const barMarkup = (first: number, last: number, waves: number): Markup =>
  html`<svg class="bar" viewBox="0 0 ${waves} 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${waves}" height="1"/><rect class="on" x="${Math.max(0, first - 1)}" width="${Math.max(1, last - first + 1)}" height="1"/></svg>`

/** So many connections are shown one by one; the picture has them all. */
const connectionsMax = 40

/** Connections whose state on the server changes, and those that wait: what is not simply approved or gone comes first. */
export function connectionsMarkup({ graph }: PlanDocument, level: number): Markup | undefined {
  const edges = graph.edges.filter(({ before, after }) => before !== after || (after !== null && after !== 'Approved'))
  if (edges.length === 0) return undefined
  const isUsual = ({ before, after }: GraphEdge): boolean => before === null && after === 'Approved'
  const sorted = [...edges.filter(edge => !isUsual(edge)), ...edges.filter(isUsual)]
  const state = (text: string | null): Markup => (text === null ? html`<i>none</i>` : html`${text}`)
  const rows = sorted
    .slice(0, connectionsMax)
    .map(
      ({ from, to, before, after }) =>
        html`<tr><th scope="row"><code>${from}</code><td><code>${to}</code><td>${state(before)}<td>${state(after)}`
    )
  const left = sorted.slice(connectionsMax)
  const more = left.length === 0 ? undefined : html`<p class="more">${leftText(left, left.every(isUsual))}</p>`
  return html`<section>${heading(level, 'Connections')}<div class="wide" tabindex="0" role="group" aria-label="Connections"><table><thead><tr><th scope="col">From<th scope="col">To server<th scope="col">Before<th scope="col">After<tbody>${rows}</table></div>${more}</section>`
}

const leftText = (left: readonly GraphEdge[], areUsual: boolean): string =>
  `And ${left.length} more${areUsual ? ', each new and approved' : ''}, which are in the picture and the steps.`

/** Notes, and what else changes nothing. */
export function asidesMarkup(document: PlanDocument, level: number): Markup {
  const { diagnostics, unmanaged } = document
  const warnings = diagnostics.map(
    ({ rule, summary, address, source }) => html`<li>${aboutMarkup(address, summary)}${placeMarkup(source)} <small>${rule}</small>`
  )
  const left = unmanaged.map(({ address, id }) => html`<li><code>${address || id}</code>`)
  const listed = ({ title, said }: PlanList) =>
    alertMarkup(
      title,
      'quiet',
      said.map(({ address, message }) => html`<li>${aboutMarkup(address, message)}`),
      level
    )
  const { moved, notes } = quietLists(document)
  return html`${[
    listed(moved),
    alertMarkup('Warnings about the file', 'quiet', warnings, level),
    listed(notes),
    alertMarkup(unmanagedTitle, 'quiet', left, level)
  ]}`
}

/** The digest of the plan, and the command that applies exactly that. */
export function applyMarkup(document: PlanDocument, level: number): Markup {
  const { digest, errored, source, steps } = document
  const command = errored || steps.length === 0 || source === 'base branch' ? undefined : applyCommand(document)
  const way =
    command === undefined
      ? undefined
      : html`<p>Applies exactly this plan, or nothing:</p><pre><code>${command}</code><button type="button" class="copy" hidden>Copy</button></pre>`
  return html`<section class="apply">${heading(level, 'Apply')}${way}${errored ? html`<p>A refused plan cannot be applied.</p>` : undefined}<p>Digest <code>${digest}</code></p></section>`
}
