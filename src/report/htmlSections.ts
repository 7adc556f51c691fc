import type { GraphEdge, PlanDocument, PlanStep } from '../document/plan.generated.ts'
import { duration } from '../model/duration.ts'
import { applyCommand } from './applyCommand.ts'
import { html, type Markup } from './htmlMarkup.ts'
import { heading, type Listing, links } from './htmlSteps.ts'
import { dangerTitle } from './looks.ts'
import { otherFindings } from './markdownSections.ts'
import { lackingTitle, rightSentences, unknownRights, unknownRightsTitle } from './rightsText.ts'

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

interface Alert {
  readonly title: string
  readonly tone: 'bad' | 'wait' | 'quiet'
  readonly items: readonly Markup[]
}

function alertMarkup({ title, tone, items }: Alert, level: number): Markup | undefined {
  if (items.length === 0) return undefined
  const [shown, rest] = [items.slice(0, shownMax), items.slice(shownMax)]
  const more = rest.length === 0 ? undefined : html`<details><summary>${rest.length} more</summary><ul>${rest}</ul></details>`
  return html`<section class="alert ${tone}">${heading(level, html`${title} <span>${items.length}</span>`)}<ul>${shown}</ul>${more}</section>`
}

const stepLink = (n: number | undefined, listing: Listing): Markup | undefined =>
  n === undefined ? undefined : html` <small>${links([n], listing)}</small>`

/** The alerts that a reviewer has to see before anything else. */
export function alertsMarkup(document: PlanDocument, listing: Listing, level: number): Markup {
  const find = finderFor(listing)
  const said = ({ address, message }: { readonly address: string; readonly message: string }, more?: Markup): Markup =>
    html`<li>${aboutMarkup(address, message)}${more}${stepLink(find(address), listing)}`
  const refusals = document.refusals.map(refusal => {
    const place = refusal.source ? html` <small>${refusal.source.file}:${refusal.source.line}:${refusal.source.column}</small>` : undefined
    return said(refusal, html`${place} <small>${refusal.code}</small>`)
  })
  const dangers = document.dangers.map(
    ({ kind, address, message }) =>
      html`<li class="k-${kind}"><b>${dangerTitle(kind)}</b><span>${message}${stepLink(find(address), listing)}</span>`
  )
  return html`${[
    alertMarkup({ title: 'Refused, so this plan cannot be applied', tone: 'bad', items: refusals }, level),
    alertMarkup({ title: 'Look at this first', tone: 'bad', items: dangers }, level),
    alertMarkup({ title: 'Waiting for somebody', tone: 'wait', items: document.waiting.map(one => said(one)) }, level),
    ...otherFindings(document).map(({ title, items }) => alertMarkup({ title, tone: 'wait', items: items.map(one => said(one)) }, level)),
    alertMarkup(
      { title: 'Could not be read, so nothing is said about it', tone: 'wait', items: document.unknown.map(one => said(one)) },
      level
    ),
    alertMarkup(
      {
        title: lackingTitle.replace(/:$/, ''),
        tone: 'quiet',
        items: rightSentences(document.rights).map(message => said({ address: '', message }))
      },
      level
    ),
    alertMarkup(
      {
        title: unknownRightsTitle.replace(/:$/, ''),
        tone: 'quiet',
        items: unknownRights(document.rights).map(message => said({ address: '', message }))
      },
      level
    )
  ]}`
}

/** The address first, unless the sentence names it. */
const aboutMarkup = (address: string, message: string): Markup =>
  address === '' || message.includes(address) ? html`<span>${message}</span>` : html`<span><code>${address}</code> ${message}</span>`

const isLift = ({ op }: PlanStep): boolean => op === 'lock.lift' || op === 'lock.lower'

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

/** Notes, which change nothing. A note about a lock that is lifted stands with the step that lifts it. */
export function asidesMarkup(document: PlanDocument, level: number): Markup {
  const { notes, diagnostics, unmanaged, resource_drift: drift = [], steps } = document
  const lifted = new Set(steps.filter(isLift).map(({ lock }) => lock?.id))
  const item = ({ address, message }: { readonly address: string; readonly message: string }): Markup =>
    html`<li>${aboutMarkup(address, message)}`
  const warnings = diagnostics.map(({ rule, summary, address, source }) => {
    const place = source ? html` <small>${source.file}:${source.line}:${source.column}</small>` : undefined
    return html`<li>${aboutMarkup(address, summary)}${place} <small>${rule}</small>`
  })
  const left = unmanaged.map(({ address, id }) => html`<li><code>${address === '' ? id : address}</code>`)
  const moved = drift.filter(({ ignored }) => ignored === undefined)
  const quiet = (title: string, items: readonly Markup[]): Markup | undefined => alertMarkup({ title, tone: 'quiet', items }, level)
  return html`${[
    quiet('Moved in Azure since the last apply', moved.map(item)),
    quiet('Warnings about the file', warnings),
    quiet('Notes', notes.filter(({ address }) => !lifted.has(address)).map(item)),
    quiet('Left the file and stays, since nothing asked for its deletion', left)
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
