import type { PlanDocument, PlanStep, ResourceChange } from '../document/plan.generated.ts'
import { counted } from '../model/counted.ts'
import { duration } from '../model/duration.ts'
import { grouped } from '../model/grouped.ts'
import { html, type Markup } from './htmlMarkup.ts'
import { type Addresses, changeMarkup, fieldsMarkup } from './htmlValues.ts'
import { kindLook, lookOfStep, type OperationLook, operationOf, operations } from './looks.ts'
import { waitsFor } from './planText.ts'

/** One line of the plan: a step, or what becomes of a resource without a step of its own. */
export interface Entry {
  readonly step: PlanStep | undefined
  readonly change: ResourceChange | undefined
  readonly look: OperationLook
  readonly kind: string
  readonly subject: string
}

/** Everything of one plan that its lines refer to. */
export interface Listing {
  /** Begins the ids of this plan's lines in the page. */
  readonly prefix: string
  readonly entries: readonly Entry[]
  readonly addresses: Addresses
  readonly numbers: ReadonlySet<number>
  /** By a step's number, those that wait for it. */
  readonly waiters: ReadonlyMap<number, readonly { readonly waiter: number }[]>
}

/** A proof and a call are about a resource that another step writes. */
const writes = ({ op }: PlanStep): boolean => op !== 'prove' && op !== 'invoke'

export function listingOf({ steps, resource_changes: changes, addresses = {} }: PlanDocument, prefix: string): Listing {
  const changeOf = new Map(changes.map(change => [change.id.toLowerCase(), change]))
  const idsWithStep = new Set(steps.flatMap(step => (writes(step) ? (step.id_of?.toLowerCase() ?? []) : [])))
  const waits = steps.flatMap(step => waitsFor(step).map(before => ({ before, waiter: step.n })))
  return {
    prefix,
    entries: [
      ...steps.map(step => entryOf(step, changeOf.get(step.id_of?.toLowerCase() ?? ''))),
      ...changes.filter(({ id }) => !idsWithStep.has(id.toLowerCase())).map(alongEntry)
    ],
    addresses: new Map([...Object.entries(addresses), ...changes.map(({ id, address }) => [id.toLowerCase(), address] as const)]),
    numbers: new Set(steps.map(({ n }) => n)),
    waiters: grouped(waits, ({ before }) => before)
  }
}

function entryOf(step: PlanStep, change: ResourceChange | undefined): Entry {
  const kind = step.lock ? `${step.lock.level} lock` : change ? kindLook(change.kind).title : ''
  return { step, change, look: lookOfStep(step), kind, subject: step.subject }
}

/** A resource that comes or goes with what it lies in. */
const alongEntry = (change: ResourceChange): Entry => ({
  step: undefined,
  change,
  look: operations[operationOf(change)],
  kind: kindLook(change.kind).title,
  subject: change.address
})

/** Up to so many lines a page is read from top to bottom; of more, those stand open that lose or change something. */
const openMax = 24

const isNotable = ({ look: { sort }, step }: Entry): boolean =>
  sort === 'update' || sort === 'replace' || sort === 'destroy' || sort === 'decide' || step?.interrupts === true

export function stepsMarkup(listing: Listing, level: number): Markup {
  const { entries } = listing
  const isShort = entries.length <= openMax
  const notable = entries.filter(isNotable).length
  const isOpen = (entry: Entry): boolean => isShort || (notable <= openMax && isNotable(entry))
  const waves = grouped(entries, ({ step }) => (step === undefined ? 'along' : String(step.wave)))
  return html`${[...waves].map(([wave, some]) => {
    const title =
      wave === 'along'
        ? html`Along with the steps above`
        : html`Wave ${wave} <span>${waveText(some.flatMap(({ step }) => step ?? []))}</span>`
    const lines = some.map(entry => entryMarkup(entry, listing, isOpen(entry)))
    return html`<div class="wave">${heading(level, title)}<ol role="list">${lines}</ol></div>`
  })}`
}

/** Headings of several plans in a page lie one deeper. */
export const heading = (level: number, content: Markup | string, id?: string): Markup => {
  const attribute = id === undefined ? undefined : html` id="${id}"`
  if (level === 1) return html`<h1${attribute}>${content}</h1>`
  if (level === 2) return html`<h2${attribute}>${content}</h2>`
  return level === 3 ? html`<h3${attribute}>${content}</h3>` : html`<h4${attribute}>${content}</h4>`
}

function waveText(steps: readonly PlanStep[]): string {
  const longest = steps.reduce((most, { seconds }) => Math.max(most, seconds), 0)
  return `${counted(steps.length, 'step')}, about ${duration(longest * 1_000)}`
}

function entryMarkup(entry: Entry, listing: Listing, isOpen: boolean): Markup {
  const { step, look, kind, subject } = entry
  const id = step === undefined ? undefined : html` id="${stepId(listing, step.n)}"`
  const before = step === undefined ? [] : waitsFor(step)
  const summary = html`<summary><span class="n">${step?.n ?? ''}</span><span class="b">${look.sign} ${look.word}</span><span class="s"><code>${subject}</code> <small>${kind}</small>${tagsOf(step)}</span><span class="w">${before.length === 0 ? '' : `after ${rangesText(before)}`}</span><span class="t">${step === undefined ? '' : duration(step.seconds * 1_000)}</span></summary>`
  // Open in the file, so that it is all there without the script, which closes what is not marked.
  return html`<li${id} class="${look.sort}"${isOpen ? undefined : html` data-closed`}><details open>${summary}<div class="d">${detailsMarkup(entry, listing)}</div></details>`
}

const tagsOf = (step: PlanStep | undefined): Markup | undefined => {
  const tags = [
    ...(step?.interrupts ? ['connections may drop'] : []),
    ...(step?.unproven ? ['unproven'] : []),
    ...(step?.phase === 'call' ? ['no way back'] : []),
    ...(step?.phase === 'later' ? ['after the step before it'] : []),
    ...(step?.phase === 'cut-over' ? ['cut-over'] : [])
  ]
  return tags.length === 0 ? undefined : html`${tags.map(tag => html` <em>${tag}</em>`)}`
}

const stepId = ({ prefix }: Listing, n: number): string => `${prefix}-${n}`

function detailsMarkup({ step, change }: Entry, listing: Listing): Markup {
  if (step === undefined) return html`<p>${change?.why.join('; ')}</p>${change && changeMarkup(change, listing.addresses)}`
  const waits = waitsFor(step)
  const waiters = (listing.waiters.get(step.n) ?? []).map(({ waiter }) => waiter)
  const order = [
    waits.length === 0 ? undefined : html` <span>· waits for ${links(waits, listing)}</span>`,
    waiters.length === 0 ? undefined : html` <span>· before ${links(waiters, listing)}</span>`
  ]
  return html`<p>${step.title ?? step.why}${order}</p>${linesMarkup(step)}${writes(step) ? fieldsMarkup(step, change, listing.addresses) : undefined}`
}

/** The sentences below a lock, and the looks of a proof. */
function linesMarkup({ lines }: PlanStep): Markup | undefined {
  const said = lines.filter(({ field }) => field === undefined)
  return said.length === 0 ? undefined : html`<ul>${said.map(({ text }) => html`<li>${text}`)}</ul>`
}

/** Numbers that follow one another, as their first and last. */
function rangesOf(numbers: readonly number[]): readonly (readonly [first: number, last: number])[] {
  const ranges: [number, number][] = []
  for (const n of numbers) {
    const range = ranges.at(-1)
    if (range !== undefined && n === range[1] + 1) range[1] = n
    else ranges.push([n, n])
  }
  return ranges
}

/** A line with more of them would not be read. */
const rangesMax = 6

function rangesText(numbers: readonly number[]): string {
  const ranges = rangesOf(numbers)
  const shown = ranges.slice(0, 3).map(([first, last]) => (first === last ? String(first) : `${first}–${last}`))
  return `${shown.join(', ')}${ranges.length > 3 ? ' …' : ''}`
}

export function links(numbers: readonly number[], listing: Listing): Markup {
  const ranges = rangesOf(numbers)
  const link = (n: number): Markup => (listing.numbers.has(n) ? html`<a href="#${stepId(listing, n)}">${n}</a>` : html`${n}`)
  const shown = ranges
    .slice(0, rangesMax)
    .map(([first, last], index) => html`${index === 0 ? '' : ', '}${link(first)}${first === last ? undefined : html`–${link(last)}`}`)
  const left = ranges.slice(rangesMax).reduce((sum, [first, last]) => sum + last - first + 1, 0)
  return html`${numbers.length === 1 ? 'step' : 'steps'} ${shown}${left > 0 ? ` and ${left} more` : ''}`
}
