import { managementLock } from '../kinds/managementLock.ts'
import { touched } from '../kinds/touched.ts'
import type { Action, LockMemory, MarkerScope, Plan, Step, StepId } from '../model/change.ts'
import { type ResourceId, scopesOf, within } from '../model/id.ts'
import { invariant } from '../model/invariant.ts'
import { markersNeeded } from '../model/marker.ts'
import { unlockedSeconds } from './estimate.ts'

/** A plan, and for how long its topology lets a lock be off. */
export interface Joinable {
  readonly plan: Plan
  readonly maxUnlockedSeconds: number
  /** Where it is carried out: the same id elsewhere is another lock. */
  readonly estate: string
}

/**
 * Which of several plans lift a lock that another of them lifts, too: those are carried out as one, so that it is off once
 * and comes back after all of them. A plan that is refused stays by itself, as do those that write to the same thing, those
 * whose window would together stand open for longer than one of them allows, and those whose markers would together be more
 * than a scope may have: one after the other, each has its room.
 *
 * @returns for each plan the indexes of those it goes with, itself included
 */
export function sharingWindows(plans: readonly Joinable[]): readonly (readonly number[])[] {
  const groups = plans.map((_, index) => [index])
  plans.forEach(({ plan, estate }, index) => {
    for (let other = 0; other < index; other += 1) {
      const [mine = [], theirs = []] = [groups[index], groups[other]]
      if (mine === theirs || plans[other]?.estate !== estate || !sharesLock(plan, plans[other]?.plan)) continue
      const both = [...theirs, ...mine].sort((a, b) => a - b)
      if (!canJoin(both.flatMap(one => plans[one] ?? []))) continue
      for (const member of both) groups[member] = both
    }
  })
  return groups
}

const lifts = ({ steps, refusals }: Plan): readonly string[] =>
  refusals.length > 0 ? [] : steps.flatMap(({ action }) => (action.do === 'unlock' ? [action.lock.path.toLowerCase()] : []))

const sharesLock = (one: Plan, other: Plan | undefined): boolean => {
  const known = new Set(other === undefined ? [] : lifts(other))
  return lifts(one).some(path => known.has(path))
}

function canJoin(members: readonly Joinable[]): boolean {
  const writes = members.flatMap(({ plan }) => plan.steps.filter(step => !isOfLock(step)).map(({ id }) => id.toLowerCase()))
  if (new Set(writes).size < writes.length) return false
  const plans = members.map(({ plan }) => plan)
  const steps = inOrder(mergedSteps(plans))
  if (steps === undefined || losesMemory(steps, plans) || !haveRoom(steps)) return false
  const most = Math.min(...members.map(({ maxUnlockedSeconds }) => maxUnlockedSeconds))
  return [...unlockedSeconds(steps).values()].every(seconds => seconds <= most)
}

/** Whether together nothing in Azure would remember a lock that each of them by itself has remembered. */
function losesMemory(steps: readonly Step[], plans: readonly Plan[]): boolean {
  const journalOnly = (some: readonly Step[]): StepId[] =>
    some.flatMap(({ id, action }) => (action.do === 'unlock' && action.memory.in === 'journal' ? [id] : []))
  const accepted = new Set<StepId>(plans.flatMap(plan => journalOnly(plan.steps)))
  return journalOnly(steps).some(id => !accepted.has(id))
}

/** Whether the markers of all of them find room, each lock's on the first of its scopes that has it: as a run of them takes them. */
function haveRoom(steps: readonly Step[]): boolean {
  const taken = new Map<ResourceId, number>()
  return steps.every(({ action }) => {
    if (action.do !== 'unlock' || action.memory.in !== 'markers') return true
    const { lock, how, memory } = action
    const withThose = ({ id, path }: MarkerScope): number => (taken.get(id) ?? 0) + markersNeeded(lock, path, how)
    const place = memory.on.find(scope => withThose(scope) <= scope.room)
    if (place !== undefined) taken.set(place.id, withThose(place))
    return place !== undefined
  })
}

/** The locks that a plan makes, by the scope that they take room of. */
const locksMade = ({ changes }: Plan): readonly ResourceId[] =>
  changes.flatMap(change =>
    change.op === 'create' && change.resource.kind === managementLock.name ? scopesOf(change.resource.id).slice(1, 2) : []
  )

/** The steps of a plan, whose markers have less room by the locks that the others make. */
function besideOthers(plan: Plan, plans: readonly Plan[]): readonly Step[] {
  const others = plans.flatMap(other => (other === plan ? [] : locksMade(other)))
  if (others.length === 0) return plan.steps
  const less = (scope: MarkerScope): MarkerScope => ({ ...scope, room: scope.room - others.filter(id => id === scope.id).length })
  return plan.steps.map(step => {
    const { action } = step
    if (action.do !== 'unlock' || action.memory.in !== 'markers') return step
    return { ...step, action: { ...action, memory: { ...action.memory, on: action.memory.on.map(less) } } }
  })
}

const isOfLock = ({ action }: Step): boolean => action.do === 'unlock' || action.do === 'relock'

/**
 * Several plans as one: every step once, and a lock that more than one of them lifts is restored after everything under it.
 * They are such as {@link sharingWindows} put together.
 */
export function joined(plans: readonly Plan[]): Plan {
  const [only] = plans
  if (only !== undefined && plans.length === 1) return only
  const steps = inOrder(mergedSteps(plans))
  invariant(steps !== undefined, 'plans that wait for each other cannot be carried out as one')
  return {
    changes: plans.flatMap(({ changes }) => changes),
    steps,
    refusals: plans.flatMap(({ refusals }) => refusals),
    waiting: plans.flatMap(({ waiting }) => waiting),
    notes: plans.flatMap(({ notes }) => notes),
    moved: plans.flatMap(({ moved = [] }) => moved),
    unmanaged: plans.flatMap(({ unmanaged }) => unmanaged),
    unknown: plans.flatMap(({ unknown }) => unknown)
  }
}

function mergedSteps(plans: readonly Plan[]): Step[] {
  const steps = new Map<StepId, Step>()
  for (const step of plans.flatMap(plan => besideOthers(plan, plans))) {
    const known = steps.get(step.id)
    steps.set(step.id, known === undefined ? step : merged(known, step, plans))
  }
  return [...steps.values()]
}

function merged(one: Step, other: Step, plans: readonly Plan[]): Step {
  const union = <T>(a: readonly T[], b: readonly T[]): T[] => [...new Set([...a, ...b])]
  return {
    id: one.id,
    action: mergedAction(one.action, other.action, plans),
    after: union(one.after, other.after),
    settled: union(one.settled, other.settled),
    serial: union(one.serial, other.serial),
    interrupts: one.interrupts || other.interrupts,
    ...((one.takes || other.takes) && { takes: true as const }),
    ...((one.claims ?? other.claims) && { claims: one.claims ?? other.claims }),
    ...(one.unless !== undefined && { unless: one.unless }),
    unproven: one.unproven || other.unproven,
    wave: Math.max(one.wave, other.wave)
  }
}

function mergedAction(one: Action, other: Action, plans: readonly Plan[]): Action {
  if (one.do === 'unlock' && other.do === 'unlock') {
    // A lock that one of them has to remove is off for all.
    const removing = [one, other].filter(({ how }) => how === 'remove')
    const [first = one] = removing
    return { ...first, needs: [...one.needs, ...other.needs], memory: removing.length === 0 ? one.memory : memoryOf(removing, plans) }
  }
  if (one.do === 'relock' && other.do === 'relock') {
    const declared = one.resource === undefined ? other : one
    return { ...declared, scope: one.scope === 'goes' || other.scope === 'goes' ? 'goes' : 'stays' }
  }
  if (one.do === 'prove' && other.do === 'prove') {
    const known = new Set(one.endpoints.map(({ endpoint }) => endpoint))
    return { ...one, endpoints: [...one.endpoints, ...other.endpoints.filter(({ endpoint }) => !known.has(endpoint))] }
  }
  return one
}

/** Where a marker may lie for all of them: where none of the plans deletes anything while it is there. Ours come first. */
function memoryOf(unlocks: readonly Extract<Action, { do: 'unlock' }>[], plans: readonly Plan[]): LockMemory {
  const backs = new Set(unlocks.map(({ lock }): StepId => `relock ${lock.path}`))
  const deletes = plans.flatMap(({ steps }) =>
    steps.flatMap(({ action, settled }) =>
      settled.some(id => backs.has(id)) ? [] : touched(action).flatMap(({ scope, as }) => (as === 'delete' ? [scope] : []))
    )
  )
  const isSafe = (id: ResourceId): boolean => !deletes.some(scope => within(scope, id) || within(id, scope))
  const all = unlocks.flatMap(({ memory }) => (memory.in === 'markers' ? memory.on : [])).filter(({ id }) => isSafe(id))
  const on = [...new Map(all.map(scope => [scope.id, scope])).values()].sort((a, b) => Number(b.ours) - Number(a.ours))
  return on.length === 0 ? { in: 'journal' } : { in: 'markers', on }
}

/** Each after what it waits for; else as they came. `undefined` where they wait for each other in a ring. */
function inOrder(steps: readonly Step[]): Step[] | undefined {
  const known = new Set(steps.map(({ id }) => id))
  const ordered: Step[] = []
  const placed = new Set<StepId>()
  for (let left = [...steps]; left.length > 0; ) {
    const next = left.find(({ after, settled }) => [...after, ...settled].every(before => placed.has(before) || !known.has(before)))
    if (next === undefined) return undefined
    ordered.push(next)
    placed.add(next.id)
    left = left.filter(step => step !== next)
  }
  return ordered
}
