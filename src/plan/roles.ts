import { kindOf } from '../kinds/index.ts'
import type { Change, Refusal, StepId } from '../model/change.ts'
import type { Graph } from '../model/graph.ts'
import { grouped } from '../model/grouped.ts'
import { type ResourceId, scopesOf } from '../model/id.ts'
import { option } from '../model/option.ts'
import { names, type PlanInput, type PlanOptions } from '../model/planOptions.ts'
import { presentIn, type Resource } from '../model/resource.ts'
import { grownBothWays } from './growth.ts'

type Update = Extract<Change, { op: 'update' }>

/** A follower that is to lead: by itself, or in the place of the one that it follows. */
interface Promotion {
  readonly change: Update
  readonly source: ResourceId
  readonly mode: 'standalone' | 'switchover'
  readonly isForced: boolean
}

const leaderIn = ({ kind }: { readonly kind: string }, props: unknown): ResourceId | undefined => kindOf({ kind }).follows(props)

const changesLeader = (change: Change): change is Update =>
  change.op === 'update' && change.fields.some(({ field }) => kindOf(change.resource).fields[field]?.leads === true)

function promotionsIn({ changes, desired, options }: PlanInput): Promotion[] {
  return changes.filter(changesLeader).flatMap(change => {
    const { resource, old } = change
    const source = leaderIn(old, old.props)
    if (source === undefined || leaderIn(resource, resource.props) !== undefined) return []
    const other = desired.get(source)
    const isSwitched = other !== undefined && leaderIn(other, other.props) === resource.id
    return [{ change, source, mode: isSwitched ? 'switchover' : 'standalone', isForced: names(options.promoteForced, resource) } as const]
  })
}

/** Adds the promotions that the roles of the file ask for. All else that changes in the servers, and in what lies in them, comes after. */
export function addPromotions(graph: Graph, input: PlanInput): void {
  const promotions = promotionsIn(input)
  if (promotions.length === 0) return
  const beneath = nodesBeneath(graph)
  for (const { change, source, mode, isForced } of promotions) {
    const { resource, old } = change
    const place = input.desired.get(source)?.address ?? source
    const step = graph.add(
      {
        do: 'invoke',
        verb: `${mode}${isForced ? 'Forced' : ''}`,
        kind: resource.kind,
        id: resource.id,
        path: old.path,
        title: `promote ${resource.address} ${mode === 'switchover' ? `in the place of ${place}` : `to a server of its own, away from ${place}`}${isForced ? ', forced' : ''}`,
        because: isForced ? 'data that it has not received yet is lost' : 'it waits for all that its source has written',
        resource
      },
      true
    )
    const pair = mode === 'switchover' ? [resource.id, source] : [resource.id]
    for (const id of pair) for (const node of beneath.get(id) ?? []) graph.needs(node, step.id)
  }
}

/** The steps about a resource, or about what lies in it, by its id. */
function nodesBeneath({ nodes }: Graph): ReadonlyMap<ResourceId, readonly StepId[]> {
  const pairs = nodes.flatMap(({ id, action }) => {
    const subject = 'resource' in action && action.resource ? action.resource : 'old' in action ? action.old : undefined
    return subject === undefined ? [] : scopesOf(subject.id).map(scope => ({ scope, id }))
  })
  return new Map([...grouped(pairs, ({ scope }) => scope)].map(([scope, all]) => [scope, all.map(({ id }) => id)]))
}

/** The roles that no promotion of this plan brings about, promotions without the word of the user, and pairs that grow and shrink at once. */
export function refusedRoles(input: PlanInput): Refusal[] {
  const promotions = promotionsIn(input)
  const byChange = new Map<Change, Promotion>(promotions.map(one => [one.change, one]))
  const switched = new Map(promotions.flatMap(one => (one.mode === 'switchover' ? [[one.change.resource.id, one.source] as const] : [])))
  const { options } = input
  const refused = input.changes.filter(changesLeader).flatMap(change => {
    const { resource, old } = change
    const { address, at } = resource
    const [was, wants] = [leaderIn(old, old.props), leaderIn(resource, resource.props)]
    const refuse = (code: string, message: string): Refusal[] => [{ code, address, message: `${address}: ${message}`, exit: 6, at }]
    const promotion = byChange.get(change)
    if (promotion) return consented(promotion, options) ? [] : refuse('promotion', whyRefused(promotion, input))
    // The one that it follows from now on takes its place, or that of the one that it has followed.
    if (wants !== undefined && switched.get(wants) === (was ?? resource.id)) return []
    return refuse(
      'role',
      `Azure makes no read replica of a server that is there, and lets none follow another one: write the roles as they are, or give the replica another name, so that it is made anew.`
    )
  })
  return [...refused, ...movedAlong(input), ...grownBothWays(input)]
}

const consented = ({ change, isForced }: Promotion, { allowPromote }: PlanOptions): boolean =>
  isForced || names(allowPromote, change.resource)

function whyRefused({ change, source, mode }: Promotion, { desired, options }: PlanInput): string {
  const { address } = change.resource
  const place = desired.get(source)?.address ?? source
  const what = mode === 'switchover' ? `the file has it in the place of ${place}` : 'the file has it stand alone'
  return `in Azure it is a read replica of ${place}, and ${what}: that is a promotion, which interrupts connections and needs your word: \`${option(options, 'allowPromote', address)}\`. Where another person has changed the roles on purpose, write them as they are.`
}

/** The servers that a plan promotes. */
export const promotedIn = (input: PlanInput): Resource[] => promotionsIn(input).map(({ change }) => change.resource)

/** A virtual endpoint, and whatever else Azure moves with the roles, changes in a plan of its own. */
function movedAlong(input: PlanInput): Refusal[] {
  const pairs = new Set(
    promotionsIn(input).flatMap(({ change, source, mode }) => (mode === 'switchover' ? [change.resource.id, source] : []))
  )
  return input.changes.flatMap(change => {
    if (change.op === 'delete') return []
    const { resource } = change
    if (!kindOf(resource).isAlone || !scopesOf(resource.id).some(id => pairs.has(id)) || presentIn(input.live, resource.id) === undefined)
      return []
    const message = `${resource.address}: it moves with the promotion of this plan. Change it in a plan of its own, before or after.`
    return [{ code: 'promotion', address: resource.address, message, exit: 6 as const, at: resource.at }]
  })
}
