import type { Body, Change, FieldChange, PlanStep, ResourceChange } from '../document/plan.generated.ts'
import type { Json } from '../model/json.ts'
import { hidden } from '../model/shown.ts'
import { html, type Markup } from './htmlMarkup.ts'

/** By the ARM id in small letters, the address of what the plan knows. */
export type Addresses = ReadonlyMap<string, string>

/** One field of a resource, or a member of it by its path; `undefined` where there is none. */
interface Row {
  readonly field: string
  readonly before: Json | undefined
  readonly after: Json | undefined
  readonly isUnknown: boolean
  readonly isChanged: boolean
  readonly remark: string
}

/** The fields that a step changes on its resource; nothing where it has none to show. */
export function fieldsMarkup(step: PlanStep, change: ResourceChange | undefined, addresses: Addresses): Markup | undefined {
  if (step.op === 'delete') return change?.change.before ? listed(rowsOf(change.change.before, 'before'), 'before', addresses) : undefined
  if (isFieldChanges(step.fields)) return compared(step.fields.flatMap(changedRows), addresses)
  if (change !== undefined) return changeMarkup(change, addresses)
  return step.fields === undefined ? undefined : listed(rowsOf(step.fields, 'after'), 'after', addresses)
}

/** The change of a resource's fields, whatever does it. */
export function changeMarkup({ change }: ResourceChange, addresses: Addresses): Markup | undefined {
  const { before, after } = change
  if (before !== null && after !== null) return compared([...replacedRows(change, before, after), ...unknownRows(change)], addresses)
  if (after !== null) return listed([...rowsOf(after, 'after'), ...unknownRows(change)], 'after', addresses)
  return before === null ? undefined : listed(rowsOf(before, 'before'), 'before', addresses)
}

export const isFieldChanges = (fields: PlanStep['fields']): fields is readonly FieldChange[] => Array.isArray(fields)

const row = (field: string, sides: Partial<Row>): Row => ({
  field,
  before: undefined,
  after: undefined,
  isUnknown: false,
  isChanged: true,
  remark: '',
  ...sides
})

const unknownRows = ({ after_unknown: unknown }: Change): Row[] => Object.keys(unknown).map(field => row(field, { isUnknown: true }))

const rowsOf = (body: Body, side: 'before' | 'after'): Row[] =>
  Object.entries(body).flatMap(([field, value]) => [...leavesOf(field, value)].map(([path, leaf]) => row(path, { [side]: leaf })))

/** Deeper members are shown as JSON. */
const depthMax = 4

/** Members of objects by their path, since it is they that differ. A list is one value. */
function leavesOf(field: string, value: Json, depth = 0): ReadonlyMap<string, Json> {
  const isLeaf = typeof value !== 'object' || value === null || Array.isArray(value)
  if (isLeaf || depth === depthMax || Object.keys(value).length === 0) return new Map([[field, value]])
  return new Map(Object.entries(value).flatMap(([key, member]) => [...leavesOf(`${field}.${key}`, member, depth + 1)]))
}

const isSame = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Two sides of one field, member by member. A member that is set on neither side is no row. */
function pairs(field: string, before: Json, after: Json): Row[] {
  const [from, to] = [leavesOf(field, before), leavesOf(field, after)]
  return [...new Set([...from.keys(), ...to.keys()])]
    .map(path => ({ path, before: from.get(path) ?? null, after: to.get(path) ?? null }))
    .filter(one => one.before !== null || one.after !== null)
    .map(one => row(one.path, { before: one.before, after: one.after, isChanged: !isSame(one.before, one.after) }))
}

function changedRows({ field, from, to, restarts }: FieldChange): Row[] {
  const differing = pairs(field, from, to).filter(({ isChanged }) => isChanged)
  // Both sides of a secret read alike.
  const rows = differing.length > 0 ? differing : [row(field, { before: from, after: to })]
  return rows.map(one => ({ ...one, remark: restarts ? 'restarts the server' : '' }))
}

function replacedRows({ replace_paths: paths = [] }: Change, before: Body, after: Body): Row[] {
  const forcing = new Set(paths.map(([field]) => field))
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(field =>
    pairs(field, before[field] ?? null, after[field] ?? null).map(one => ({
      ...one,
      remark: forcing.has(field) && one.isChanged ? 'forces replacement' : ''
    }))
  )
}

/** End tags that HTML lets out are left out here: in a page of thousands of fields they would be a good part of it. */
const listed = (rows: readonly Row[], side: 'before' | 'after', addresses: Addresses): Markup | undefined =>
  rows.length === 0
    ? undefined
    : html`<dl class="${side === 'before' ? 'old' : 'new'}">${rows.map(one => html`<dt>${one.field}<dd>${sideMarkup(one, side, addresses)}`)}</dl>`

const compared = (rows: readonly Row[], addresses: Addresses): Markup =>
  html`<table class="diff"><thead><tr><th scope="col">Field<th scope="col">Before<th scope="col">After<tbody>${rows.map(one => comparedRow(one, addresses))}</table>`

function comparedRow(one: Row, addresses: Addresses): Markup {
  const remark = one.remark === '' ? undefined : html` <em>${one.remark}</em>`
  const cells = [sideMarkup(one, 'before', addresses), sideMarkup(one, 'after', addresses)]
  return one.isChanged
    ? html`<tr><th scope="row">${one.field}${remark}<td class="old">${cells[0]}<td class="new">${cells[1]}`
    : html`<tr class="same"><th scope="row">${one.field}<td>${cells[0]}<td>${cells[1]}`
}

function sideMarkup({ before, after, isUnknown }: Row, side: 'before' | 'after', addresses: Addresses): Markup {
  if (isUnknown) return side === 'after' ? html`<i>known after apply</i>` : html`<i>not known</i>`
  return valueMarkup((side === 'before' ? before : after) ?? null, addresses)
}

function valueMarkup(value: Json, addresses: Addresses): Markup {
  if (value === null) return html`<i>not set</i>`
  if (value === hidden) return html`<i>sensitive value</i>`
  if (typeof value === 'string' && value.startsWith('/subscriptions/')) return idMarkup(value, addresses)
  if (typeof value === 'string') return html`${isPlain(value) ? value : JSON.stringify(value)}`
  if (!Array.isArray(value) || value.length === 0) return html`${JSON.stringify(value)}`
  return html`[${value.map((item, index) => html`${index === 0 ? '' : ', '}${valueMarkup(item, addresses)}`)}]`
}

/** A text that cannot be taken for anything else, nor end in something unseen, needs no quotes. */
const isPlain = (text: string): boolean =>
  /^[A-Za-z](?:[\w .:/@+-]*[\w/])?$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text)

/** By the address of the nearest thing that the plan knows, else by types and names; the whole id is one hover away. */
function idMarkup(id: string, addresses: Addresses): Markup {
  const segments = id.split('/')
  for (let end = segments.length; end > 4; end -= 1) {
    const address = addresses.get(segments.slice(0, end).join('/').toLowerCase())
    if (address === undefined) continue
    const rest = segments.slice(end)
    return html`${[address, ...rest].join('/')}`
  }
  const short = /\/providers\/[^/]+\/(?!.*\/providers\/)(.+)$/i.exec(id)?.[1]
  return short === undefined ? html`${id}` : html`<abbr title="${id}">${short}</abbr>`
}
