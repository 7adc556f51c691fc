import { kindOf } from '../kinds/index.ts'
import type { Plan } from '../model/change.ts'
import type { Drift } from '../model/drift.ts'
import { type ResourceId, scopesOf } from '../model/id.ts'
import { option, type Worded } from '../model/option.ts'
import { type Existing, type Live, presentIn, type Resource } from '../model/resource.ts'
import { differencesOf } from '../plan/diff.ts'
import { existing } from '../plan/existing.ts'
import { inForce, waiting } from '../plan/restarts.ts'
import { untold } from '../plan/unseen.ts'
import { driftInPaths, type Sides } from './paths.ts'

export interface DriftInput extends Sides, Worded {
  /** The resources that were left behind, and those that the file asks to have removed. */
  readonly plan: Pick<Plan, 'changes' | 'unmanaged'>
}

/**
 * The differences between the file and Azure; with a baseline we also tell which of the two moved. A value that Azure has as the file wants
 * it is no difference. Pure; sorted by address.
 */
export function driftOf(input: DriftInput): Drift[] {
  const found = [...input.desired.values()].flatMap(resource => driftOfOne(resource, input))
  return inOrder([...foldedUp(found), ...rejected(input), ...driftInPaths(input), ...leftBehind(input)])
}

export const inOrder = (all: readonly Drift[]): Drift[] =>
  all.toSorted((a, b) => compare(a.address, b.address) || compare(a.field ?? '', b.field ?? '') || compare(a.path, b.path))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

type Subject = Pick<Drift, 'kind' | 'id' | 'path' | 'address' | 'at'>

const subjectOf = ({ kind, id, path, address, at }: Resource, live: Live): Subject => ({
  kind,
  id,
  path: live.resources.get(id)?.path ?? path,
  address,
  at
})

/** A change that waits for an apply is no drift, and an unreadable resource is unknown. */
const classed = (of: Drift['class']): Pick<Drift, 'class' | 'counts'> => ({ class: of, counts: of !== 'pending' && of !== 'unknown' })

function driftOfOne(resource: Resource, { baseline, live }: DriftInput): Drift[] {
  const observed = live.resources.get(resource.id)?.observed ?? { state: 'absent' }
  const subject = subjectOf(resource, live)
  if (observed.state === 'unreadable') return [{ ...subject, ...classed('unknown'), message: `is unknown: ${observed.reason}` }]
  const base = baseline?.get(resource.id)
  if (observed.state === 'absent' && kindOf(resource).unwanted(resource.props)) return []
  if (observed.state === 'absent' && untold(resource, live)?.isAsWanted)
    return [
      {
        ...subject,
        ...classed('unknown'),
        message: 'is unknown: its other end says that it is as declared, and no read tells which one it is'
      }
    ]
  if (observed.state === 'absent') {
    const isNew = baseline !== undefined && base === undefined
    if (isNew) return [{ ...subject, ...classed('pending'), message: 'is new in the file, and not made yet' }]
    const message = resource.managed ? 'is declared, and not there' : 'is referred to as existing, and not there'
    return [{ ...subject, ...classed(baseline === undefined ? 'differs' : 'drifted'), message }]
  }
  const old = existing(live, resource.id, resource.address)
  if (!resource.managed || old === undefined) return []
  const wanted = differing(resource, old)
  const applied = base?.managed ? differing(base, old) : undefined
  return [...wanted].map(([field, { desired, live: now }]) => {
    const last = base?.managed ? declaredIn(base, field) : undefined
    const of = baseline === undefined ? 'differs' : whoMoved(last, desired, applied?.has(field) ?? false)
    const message = field === inForce ? waiting : sentences[of]
    return { ...subject, ...classed(of), field, ...(baseline && { baseline: last }), desired, live: now, message }
  })
}

const sentences = {
  drifted: 'was changed in Azure since the last apply',
  pending: 'was changed in the file, and is not applied yet',
  both: 'was changed in Azure and in the file since the last apply',
  differs: 'is not as declared'
} as const

/**
 * @param last as last applied; `undefined` where that declared nothing of it
 * @param moved whether Azure has another value than was last applied
 */
function whoMoved(last: unknown, desired: unknown, moved: boolean): 'drifted' | 'pending' | 'both' {
  if (last === undefined || !moved) return 'pending'
  return JSON.stringify(last) === JSON.stringify(desired) ? 'drifted' : 'both'
}

/** The fields of `old` that are not as `resource` declares them, tags one by one. */
export function differing(resource: Resource, old: Existing): ReadonlyMap<string, { readonly desired: unknown; readonly live: unknown }> {
  const changes = differencesOf(resource, old)
  const hasFailed = changes.some(({ field }) => field === 'provisioningState')
  return new Map(
    changes.flatMap(({ field, from, to }): [string, { desired: unknown; live: unknown }][] => {
      // A managed endpoint that failed is unusable for that very reason.
      if (field === 'usable')
        return hasFailed ? [] : [['connection', { desired: 'Approved', live: old.facts.connection?.status ?? 'Disconnected' }]]
      // The field that says that a secret is due differs as well.
      if (kindOf(resource).fields[field]?.secret) return []
      if (field !== 'tags') return [[field, { desired: to, live: from }]]
      const has = new Map(Object.entries(from as Readonly<Record<string, string>>).map(([name, value]) => [name.toLowerCase(), value]))
      return Object.entries(to as Readonly<Record<string, string>>).flatMap(
        ([name, desired]): [string, { desired: unknown; live: unknown }][] => {
          const live = has.get(name.toLowerCase())
          return live === desired ? [] : [[`tags/${name}`, { desired, live }]]
        }
      )
    })
  )
}

/** The value that `resource` gives a field as {@link differing} names it. */
function declaredIn({ props, tags }: Resource, field: string): unknown {
  if (field.startsWith('tags/')) return tags[field.slice('tags/'.length)]
  if (field === 'provisioningState') return 'Succeeded'
  if (field === inForce) return true
  return field === 'connection' ? 'Approved' : (props as Readonly<Record<string, unknown>>)[field]
}

/** A child of a resource that is gone is gone with it, and said once. */
function foldedUp(found: readonly Drift[]): Drift[] {
  const gone = new Map(found.filter(one => one.field === undefined && one.class !== 'unknown').map(one => [one.id, one]))
  const topOf = ({ id, class: of }: Drift): Drift | undefined =>
    scopesOf(id)
      .slice(1)
      .flatMap(scope => gone.get(scope) ?? [])
      .findLast(above => above.class === of)
  const below = new Map<ResourceId, ResourceId[]>()
  const tops = found.filter(one => {
    const top = gone.has(one.id) ? topOf(one) : undefined
    if (top) below.set(top.id, [...(below.get(top.id) ?? []), one.id])
    return top === undefined
  })
  return tops.map(one => {
    const holds = below.get(one.id)
    return holds && one.field === undefined
      ? { ...one, holds, message: `${one.message}, nor what is declared in it (${holds.length})` }
      : one
  })
}

/**
 * Endpoints that the owner of the server rejected, where the file does not decide on them: of one that it decides on, the decision itself
 * differs, and Disconnected is a difference of the endpoint.
 */
function rejected({ desired, baseline, live, endpoints }: DriftInput): Drift[] {
  return endpoints.flatMap(({ endpoint, decided, server }) => {
    const resource = desired.get(endpoint)
    const state = presentIn(live, endpoint)?.facts.connection
    const dead = /^rejected$/i.test(state?.status ?? '') || (!resource?.managed && /^disconnected$/i.test(state?.status ?? ''))
    if (resource === undefined || state === undefined || !dead || decided) return []
    const of = baseline === undefined ? 'differs' : baseline.has(endpoint) ? 'drifted' : 'pending'
    const said = state.description === '' ? '' : `: "${state.description}"`
    return [
      {
        ...subjectOf(resource, live),
        ...classed(of),
        field: 'connection',
        ...(baseline && { baseline: baseline.has(endpoint) ? 'Approved' : undefined }),
        desired: 'Approved',
        live: state.status,
        message: `is ${state.status} on the server ${desired.get(server)?.address ?? server}${said}`
      }
    ]
  })
}

/** Resources that we made and the file does not declare any more: to be removed, or left where they are. */
function leftBehind(input: DriftInput): Drift[] {
  const { changes, unmanaged } = input.plan
  const subject = ({ kind, id, path, address }: Existing): Subject => ({ kind, id, path, address: address === '' ? path : address })
  return [
    ...changes.flatMap((change): Drift[] =>
      change.op === 'delete' ? [{ ...subject(change.old), ...classed('pending'), message: `is to be removed: ${change.because}` }] : []
    ),
    ...unmanaged.map(
      (old): Drift => ({
        ...subject(old),
        class: 'unmanaged',
        counts: false,
        message: `${kindOf(old).title} that left the file and is still there; \`removed\` or ${option(input, 'prune', true)} deletes it`
      })
    )
  ]
}
