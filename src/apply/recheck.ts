import type { Azure } from '../azure/azure.ts'
import { kindOf } from '../kinds/index.ts'
import { type FieldChange, subjectOf, type Write } from '../model/change.ts'
import { ownerIn, ownerTag } from '../model/owner.ts'
import type { Observed } from '../model/resource.ts'

/** How one field stood when the plan was made, how it stands now, and how it was to become. A secret is in none of them. */
export interface Difference {
  readonly field: string
  readonly atPlan: unknown
  readonly now: unknown
  readonly wanted: unknown
}

/** A resource was changed between the plan and the write: we leave it as it is. */
export class Moved extends Error {
  override readonly name = 'Moved'
  readonly differences: readonly Difference[]

  constructor(address: string, what: string, differences: readonly Difference[] = []) {
    super(`${address} ${what} since the plan was made. It is left as it is. Plan again.`)
    this.differences = differences
  }
}

/**
 * Looks once more, right before a write, at what it is about to change. @throws Moved where that is not as the plan had it
 *
 * A resource that already is as wanted has not moved: an earlier try may have got that far.
 *
 * @returns whether there is anything
 */
export async function recheck(action: Write, azure: Azure): Promise<boolean> {
  const resource = subjectOf(action)
  const kind = kindOf(resource)
  // Azure itself makes some resources before we write to them: a connection, found by waiting for it; a server's parameter.
  if (action.do === 'create' && (kind.comesWithRef || kind.declarationIsConsent)) return true
  const { observed } = await kind.observe(azure, action.do === 'update' ? action.path : resource.path)
  if (observed.state === 'unreadable') return true
  if (action.do === 'create') stillAbsent(action, observed)
  else if (action.do === 'update') stillTheSame(action, observed)
  else stillOurs(action, observed)
  return observed.state === 'present'
}

function stillAbsent({ resource, props }: Extract<Write, { do: 'create' }>, observed: Observed): void {
  if (observed.state !== 'present') return
  const differs = kindOf(resource).diff(observed.props, props)
  const made = 'was made by another program or person'
  if (differs.length > 0) throw new Moved(resource.address, made, differs.map(added))
  // It is equal, and does not carry our tag as after an earlier try of ours.
  const [wanted, now] = [ownerIn(resource.tags), ownerIn(observed.tags)]
  if (wanted !== now) throw new Moved(resource.address, made, [{ field: `tags.${ownerTag}`, atPlan: undefined, now, wanted }])
}

const added = ({ field, from, to }: FieldChange): Difference => ({ field, atPlan: undefined, now: from, wanted: to })

function stillTheSame({ resource, old, props, fields }: Extract<Write, { do: 'update' }>, observed: Observed): void {
  // Made by an earlier step of this plan.
  if (old === undefined) return
  if (observed.state !== 'present') throw new Moved(resource.address, 'has gone')
  const kind = kindOf(resource)
  const sent = new Map(fields.map(one => [one.field, one]))
  const unlike = new Set(kind.diff(observed.props, props).map(({ field }) => field))
  const differences = kind.diff(observed.props, old.props).flatMap(({ field, from, to }) => {
    const own = sent.get(field)
    return own === undefined || !unlike.has(field) ? [] : [{ field, atPlan: to, now: from, wanted: own.to }]
  })
  differences.push(...tagsMoved(resource.tags, old.tags, observed))
  if (differences.length > 0) throw new Moved(resource.address, 'was changed', differences)
  // An earlier step of this plan may have taken it over.
  if (!resource.adopt || ownerIn(observed.tags) !== ownerIn(resource.tags)) sameOwner(resource.address, old.tags, observed)
}

/** Compares the tags that the file declares, but for our own tag, which is compared apart. Other tags are carried along. */
function tagsMoved(
  wanted: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
  { tags: now }: Extract<Observed, { state: 'present' }>
): Difference[] {
  return Object.entries(wanted).flatMap(([tag, value]) =>
    tag === ownerTag || now[tag] === before[tag] || now[tag] === value
      ? []
      : [{ field: `tags.${tag}`, atPlan: before[tag], now: now[tag], wanted: value }]
  )
}

function stillOurs({ old }: Extract<Write, { do: 'delete' }>, observed: Observed): void {
  if (observed.state === 'present') sameOwner(old.address, old.tags, observed)
}

function sameOwner(address: string, tags: Readonly<Record<string, string>>, observed: Extract<Observed, { state: 'present' }>): void {
  const [before, now] = [ownerIn(tags), ownerIn(observed.tags)]
  if (before === now) return
  throw new Moved(address, 'changed hands', [{ field: `tags.${ownerTag}`, atPlan: before, now, wanted: before }])
}
