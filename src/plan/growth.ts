import { kindNamed, kindOf } from '../kinds/index.ts'
import type { Change, FieldChange, Refusal, StepId } from '../model/change.ts'
import type { Graph } from '../model/graph.ts'
import { type ResourceId, scopesOf } from '../model/id.ts'
import type { PlanInput } from '../model/planOptions.ts'
import type { Desired, Live } from '../model/resource.ts'

/** The resources that each one follows, as the file has it and as Azure does. */
export type Leaders = ReadonlyMap<ResourceId, ReadonlySet<ResourceId>>

/** A replica's source, now and when the plan is carried out. */
export function leadersIn(desired: Desired, live: Pick<Live, 'resources'>): Leaders {
  const leaders = new Map<ResourceId, Set<ResourceId>>()
  const add = (id: ResourceId, kind: string, props: unknown): void => {
    const leader = kindNamed.get(kind)?.follows(props)
    if (leader !== undefined) leaders.set(id, (leaders.get(id) ?? new Set()).add(leader))
  }
  for (const { id, kind, props } of desired.values()) add(id, kind, props)
  for (const [id, { kind, observed }] of live.resources) if (observed.state === 'present') add(id, kind, observed.props)
  return leaders
}

type Update = Extract<Change, { op: 'update' }>

/** An update of what follows another, with the one of the same in that other. */
interface Pair {
  readonly own: Update
  readonly leader: Update
  /** The servers that the two are, or lie in. */
  readonly scopes: readonly [own: ResourceId, leader: ResourceId]
}

function pairsIn({ changes, desired }: PlanInput): Pair[] {
  const leaders = leadersIn(desired, { resources: new Map() })
  if (leaders.size === 0) return []
  const updates = new Map(changes.flatMap(change => (change.op === 'update' ? [[change.resource.id, change] as const] : [])))
  return [...updates].flatMap(([id, own]) => {
    const scope = scopesOf(id).find(one => leaders.has(one))
    if (scope === undefined) return []
    return [...(leaders.get(scope) ?? [])].flatMap(source => {
      const leader = updates.get(`${source}${id.slice(scope.length)}` as ResourceId)
      return leader === undefined ? [] : [{ own, leader, scopes: [scope, source] as const }]
    })
  })
}

/** 1 where one of the two grows, -1 where one shrinks. */
const directionsOf = ({ own, leader }: Pair): ReadonlySet<number> =>
  new Set(
    [own, leader].flatMap(({ resource, fields }) => fields.map(field => Math.sign(growthOf(resource, field)))).filter(one => one !== 0)
  )

function growthOf({ kind, id }: { readonly kind: string; readonly id: ResourceId }, { field, from, to }: FieldChange): number {
  return kindOf({ kind }).fields[field]?.grows?.(from, to, id) || 0
}

const writeOf = ({ resource }: Update): StepId => `update ${resource.id}`

const restartOf = (id: ResourceId): StepId => `invoke ${id}#restart`

/** A follower grows before its leader and shrinks after it: it is never the smaller of the two. */
export function addGrowth(graph: Graph, input: PlanInput): void {
  for (const pair of pairsIn(input)) {
    const directions = directionsOf(pair)
    if (directions.size === 0) continue
    const [first, second] = directions.has(1) ? ([0, 1] as const) : ([1, 0] as const)
    const writes = [writeOf(pair.own), writeOf(pair.leader)] as const
    graph.needs(writes[second], writes[first])
    // A value that waits for a restart is in force only after that.
    graph.needs(restartOf(pair.scopes[second]), restartOf(pair.scopes[first]))
  }
}

/** The pairs for which there is no order: one of the two would be the smaller for a while. */
export function grownBothWays(input: PlanInput): Refusal[] {
  return pairsIn(input).flatMap(pair => {
    const { own, leader } = pair
    if (directionsOf(pair).size < 2) return []
    const { address, at } = own.resource
    const message = `${address} grows in one setting and shrinks in another, itself or in ${leader.resource.address}, which it follows: a replica grows before its source, and shrinks after it. Make the two changes one after the other.`
    return [{ code: 'grows-and-shrinks', address, message, exit: 6 as const, at }]
  })
}
