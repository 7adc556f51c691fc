import { kindOf } from '../kinds/index.ts'
import type { CarriesMarkers } from '../kinds/kind.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { type OwnershipContext, oursByKinship, tagOf } from '../kinds/ownership.ts'
import { touched } from '../kinds/touched.ts'
import type { Action, MarkerScope, StepId } from '../model/change.ts'
import type { Graph, Node } from '../model/graph.ts'
import { type ResourceId, scopePathOf, scopesOf, within } from '../model/id.ts'
import { type How, markersNeeded } from '../model/marker.ts'
import type { PlanInput } from '../model/planOptions.ts'
import type { Live, Lock, Resource } from '../model/resource.ts'

/** The most locks that one scope may have [DOC: subscription limits]. */
const locksMax = 20

/** The steps around the time in which a lock is off. */
export interface Span {
  /** Those that wait for the lift. */
  readonly behind: ReadonlySet<StepId>
  /** Those that have ended when the lock is lifted. */
  readonly earlier: ReadonlySet<StepId>
  /** Steps that are to end before the lock is restored. */
  readonly inside: Iterable<StepId>
  /** ARM refuses each of them while the lock is on: the lift is not for the how-to's sake. */
  readonly isRequired: boolean
}

/** Where the markers of one lock may lie. */
export interface Carriers {
  /** The best first. */
  readonly on: readonly MarkerScope[]
  /** Steps that the lift is to wait for, since they make one of these. */
  readonly waitsFor: readonly StepId[]
  /** Deletions that are to wait until the lock is back, since a marker would refuse them. */
  readonly defers: readonly StepId[]
  /** A sentence on each resource that might carry a marker and does not. */
  readonly because: readonly string[]
}

interface Place extends CarriesMarkers {
  readonly scope: MarkerScope
  readonly address: string
  /** Why no marker of any lock may lie here. */
  readonly against: string | undefined
  /** The how-to wants no lock on it meanwhile. */
  readonly isAdvisedOff: boolean
}

/**
 * Where marker locks may lie: on something that stands by the time of the lift, or that an earlier step makes, and under which
 * nothing is deleted meanwhile, since a marker is a Delete lock. Our own resources come first.
 */
export class MarkerPlaces {
  readonly #graph: Graph
  readonly #places: readonly Place[]
  readonly #deletes: Deletes
  /** By a scope, how many markers of this plan are to lie on it. */
  readonly #taken = new Map<ResourceId, number>()
  readonly #roomOn: (id: ResourceId) => number
  /** A sentence on each resource that left the file: it carries none. */
  readonly #gone: readonly string[]

  constructor(graph: Graph, input: PlanInput, work: readonly Node[]) {
    this.#graph = graph
    this.#deletes = deletesIn(work)
    this.#roomOn = roomFrom(input)
    this.#places = placesIn(input, work, this.#roomOn)
    this.#gone = input.changes.flatMap(change =>
      change.op === 'delete' && kindOf(change.old).carriesMarkers ? [`${change.old.address || change.old.path} ${isDeleted}`] : []
    )
  }

  /** The lock's own scope: it can carry the marker where the lock stops nothing but writes, since a marker refuses none. */
  own(lock: Lock): MarkerScope | undefined {
    const path = scopePathOf(lock.path)
    const scope = { id: lock.scope, path, ours: true, askedAt: path, room: this.#roomOn(lock.scope) }
    return this.#hasRoom(scope, lock, 'lower') ? scope : undefined
  }

  carriersOf(lock: Lock, how: How, span: Span): Carriers {
    const found: { on: MarkerScope[]; waitsFor: StepId[]; defers: readonly StepId[] } = { on: [], waitsFor: [], defers: [] }
    const because: string[] = []
    const take = (places: readonly Place[]): void => {
      for (const place of places) {
        const not = this.#against(place, lock, how, span)
        if (not === undefined) accept(place.scope, span, found)
        else because.push(`${place.address} ${not}`)
      }
    }
    const ours = this.#places.filter(({ scope }) => scope.ours)
    take(ours.filter(({ onlyOurs }) => !onlyOurs))
    if (found.on.length === 0)
      this.#deferring(
        ours.filter(({ scope }) => this.#hasRoom(scope, lock, how)),
        span,
        found
      )
    const others = ours.filter(({ onlyOurs }) => onlyOurs)
    take(others.filter(({ isAdvisedOff }) => !isAdvisedOff))
    // A marker against the how-to's advice is better than none.
    take(others.filter(({ isAdvisedOff }) => isAdvisedOff))
    take(this.#places.filter(({ scope }) => !scope.ours))
    return { ...found, because: [...because, ...this.#gone] }
  }

  /** Counts the markers of a lock against what its first place may have. */
  reserve(lock: Lock, how: How, { id }: MarkerScope): void {
    this.#taken.set(id, (this.#taken.get(id) ?? 0) + markersNeeded(lock, how))
  }

  #hasRoom({ id, room }: MarkerScope, lock: Lock, how: How): boolean {
    return (this.#taken.get(id) ?? 0) + markersNeeded(lock, how) <= room
  }

  #against({ scope, against, isAdvisedOff }: Place, lock: Lock, how: How, span: Span): string | undefined {
    if (against !== undefined) return against
    if (isAdvisedOff && !span.isRequired) return 'is to be without locks meanwhile, as the how-to asks'
    if (scope.madeBy !== undefined && span.behind.has(scope.madeBy)) return 'is made only once the lock is off'
    if (!this.#hasRoom(scope, lock, how)) return `has no room: a scope may have ${locksMax} locks`
    const [deleted] = this.#meanwhile(scope, span)
    return deleted === undefined ? undefined : `cannot be locked while this plan deletes ${nameOf(this.#graph.get(deleted)?.action)}`
  }

  /** The deletions on, in or above a scope that have not ended when the lock is lifted. */
  #meanwhile = ({ id }: MarkerScope, { earlier }: Span): StepId[] => this.#deletes(id).filter(step => !earlier.has(step))

  /** A deletion that nothing under the lock waits for can come after the restore: by then its marker is gone. */
  #deferring(ours: readonly Place[], span: Span, found: { on: MarkerScope[]; waitsFor: StepId[]; defers: readonly StepId[] }): void {
    for (const { scope, against, onlyOurs } of ours) {
      if (onlyOurs || against !== undefined || (scope.madeBy !== undefined && span.behind.has(scope.madeBy))) continue
      const meanwhile = this.#meanwhile(scope, span)
      const needed = this.#graph.before([...span.inside, ...span.earlier, ...(scope.madeBy === undefined ? [] : [scope.madeBy])])
      if (meanwhile.some(step => needed.has(step))) continue
      accept(scope, span, found)
      found.defers = meanwhile
      return
    }
  }
}

/** The lift waits for the step that makes a place only while no place stands for sure by then. */
function accept(scope: MarkerScope, { earlier }: Span, found: { on: MarkerScope[]; waitsFor: StepId[] }): void {
  const { madeBy } = scope
  const isSure = found.waitsFor.length > 0 || found.on.some(one => one.madeBy === undefined || earlier.has(one.madeBy))
  if (madeBy !== undefined && !earlier.has(madeBy) && !isSure) found.waitsFor.push(madeBy)
  found.on.push(scope)
}

const isDeleted = 'is deleted by this plan'

const nameOf = (action: Action | undefined): string =>
  action?.do === 'delete' ? action.old.address || action.old.path : action?.do === 'update' ? `from ${action.resource.address}` : ''

/** The steps that delete on, in or above a scope. */
type Deletes = (id: ResourceId) => StepId[]

/** The scopes that steps delete from, themselves or through Azure. An update may take away members that the old one had. */
function deletesIn(work: readonly Node[]): Deletes {
  const at = new Map<ResourceId, StepId[]>()
  const under = new Map<ResourceId, StepId[]>()
  const add = (to: Map<ResourceId, StepId[]>, id: ResourceId, step: StepId): void => {
    to.set(id, [...(to.get(id) ?? []), step])
  }
  for (const { id: step, action } of work)
    for (const { scope, as } of [...touched(action), ...(action.do === 'update' ? (action.old?.reach ?? []) : [])]) {
      if (as !== 'delete') continue
      add(at, scope, step)
      for (const above of scopesOf(scope)) add(under, above, step)
    }
  const known = new Map<ResourceId, StepId[]>()
  return id => {
    const steps = known.get(id) ?? [...new Set([...(under.get(id) ?? []), ...scopesOf(id).flatMap(scope => at.get(scope) ?? [])])]
    known.set(id, steps)
    return steps
  }
}

/** How many locks more a scope may have, with those that this plan is to make. */
function roomFrom({ live, changes }: PlanInput): (id: ResourceId) => number {
  const there = [...live.locks, ...live.marked.flatMap(({ markers }) => markers), ...live.damagedMarkers].map(({ scope }) => scope)
  const made = changes.flatMap(change =>
    change.op === 'create' && change.resource.kind === managementLock.name ? scopesOf(change.resource.id).slice(1, 2) : []
  )
  const count = new Map<ResourceId, number>()
  for (const id of [...there, ...made]) count.set(id, (count.get(id) ?? 0) + 1)
  return id => locksMax - (count.get(id) ?? 0)
}

function placesIn(input: PlanInput, work: readonly Node[], roomOn: (id: ResourceId) => number): Place[] {
  const { desired, live, changes, options } = input
  const created = new Set(changes.flatMap(change => (change.op === 'create' ? [change.resource.id] : [])))
  const context: OwnershipContext = { desired, live, options, created }
  const isAgainst = objections(input, work)
  const advised = advisedOff(input, work)
  const places = [...desired.values()].flatMap((resource): Place[] => {
    const carries = kindOf(resource).carriesMarkers
    if (carries === undefined) return []
    const isOurs = ours(resource, context)
    const { observed = { state: 'absent' as const }, path = resource.path } = live.resources.get(resource.id) ?? {}
    // A missing resource that is not to be made is refused elsewhere.
    if ((carries.onlyOurs && !isOurs) || (observed.state === 'absent' && !created.has(resource.id))) return []
    const stands = observed.state === 'present'
    const askedAt = stands ? path : standingAbove(resource, live)
    const madeBy = stands ? {} : { madeBy: `create ${resource.id}` as const }
    const scope = { id: resource.id, path, ours: isOurs, askedAt, room: roomOn(resource.id), ...madeBy }
    const against = observed.state === 'unreadable' ? 'could not be read' : isAgainst(resource, isOurs)
    const isAdvisedOff = scopesOf(resource.id).some(above => advised.has(above))
    return [{ ...carries, scope, address: resource.address, against, isAdvisedOff }]
  })
  const stands = ({ scope }: Place): number => (scope.madeBy === undefined ? 0 : 1)
  return places.sort((a, b) => a.rank - b.rank || stands(a) - stands(b) || (a.scope.id < b.scope.id ? -1 : 1))
}

function ours({ id, kind, managed, adopt }: Resource, context: OwnershipContext): boolean {
  if (!managed || context.created.has(id)) return managed
  return kindOf({ kind }).taggable ? adopt || tagOf(context.live, id) === context.options.topology : oursByKinship(id, context)
}

/** The networks that the how-to wants without locks while something is added to them. */
const advisedOff = ({ options }: PlanInput, work: readonly Node[]): ReadonlySet<ResourceId> =>
  new Set(
    work.flatMap(({ action }) =>
      action.do === 'create' && options.safety.locks === 'advised' ? action.resource.advice.map(({ scope }) => scope) : []
    )
  )

/** The objections to a place that hold for every lock. */
function objections({ desired }: PlanInput, work: readonly Node[]): (resource: Resource, isOurs: boolean) => string | undefined {
  const gone = new Set(work.flatMap(({ action }) => (action.do === 'delete' ? [action.old.id] : [])))
  const shared = new Map<ResourceId, string>()
  for (const { id, address, kind, managed } of desired.values())
    if (kindOf({ kind }).shared && !managed) for (const above of scopesOf(id)) shared.set(above, address)
  return ({ id }, isOurs) => {
    // A resource that is made again may not stand when the lock is lifted.
    if (scopesOf(id).some(scope => gone.has(scope))) return isDeleted
    const holds = isOurs ? undefined : shared.get(id)
    return holds === undefined ? undefined : `holds ${holds}, from which a Delete lock would keep others from removing their records`
  }
}

/** The path of the nearest scope above that is there, or that we did not read. */
function standingAbove({ id, path }: Resource, live: Live): string {
  const above = scopesOf(id)
    .slice(1)
    .find(scope => live.resources.get(scope)?.observed.state !== 'absent')
  return above === undefined || !within(id, above) ? path : path.split('/').slice(0, above.split('/').length).join('/')
}
