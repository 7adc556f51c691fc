import { kindOf } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { type Change, isWrite, type StepId, subjectOf, type Waiting } from '../model/change.ts'
import { type Duty, duties } from '../model/duty.ts'
import type { Graph, Node } from '../model/graph.ts'
import { type ResourceId, scopesOf } from '../model/id.ts'
import type { Part, Whole } from './selection.ts'
import { withoutRemoval } from './unseen.ts'

/** The part of a plan that is the work of one duty, as far as no other duty has to write first. */
export interface PartOfDuty extends Part {
  /** The changes of the duty, those that wait as well. */
  readonly own: (change: Change) => Change | undefined
  readonly waiting: readonly Waiting[]
  readonly waitsFor: readonly Duty[]
  /** The resources of other duties that its changes build on. */
  readonly inputs: readonly ResourceId[]
}

/**
 * The changes of the duty less those that wait for a write of another duty. A setting that takes a path away waits by itself: the rest of
 * its change may be what the others build on.
 */
export function partOfDuty(whole: Whole, duty: Duty): PartOfDuty {
  const { changes, desired, live } = whole
  const isOwn = (one: { readonly kind: string }): boolean => kindOf(one).duty === duty
  const waits = waitsOf(whole, isOwn)
  const keeps = (change: Change): Change | undefined => {
    const { id } = subjectOf(change)
    if (!isOwn(subjectOf(change)) || waits.has(id)) return undefined
    return waits.has(cutOverOf(id)) ? withoutRemoval(change) : change
  }
  const ownChanges = changes.filter(change => isOwn(subjectOf(change)))
  const inputs = inputsOf(ownChanges, [...waits.values()], id => {
    const one = desired.get(id)
    return one !== undefined && !isOwn(one)
  })
  const declared = [...desired.values()]
  const addressed = new Map([...changes.map(subjectOf), ...declared].map(one => [one.address, one]))
  const used = new Set(inputs)
  const concerns = ({ address }: { readonly address: string }): boolean => {
    const one = addressed.get(address)
    return one === undefined || isOwn(one) || (used.has(one.id) && desired.get(one.id)?.managed === false)
  }
  const named = new Map([...declared, ...changes.map(subjectOf)].map(one => [one.id, one]))
  const told = (id: ResourceId): string => {
    const one = named.get(id)
    return one === undefined ? id : `${kindOf(one).title} ${one.address}`
  }
  const dutyOf = (id: ResourceId): Duty | undefined => {
    const one = named.get(id)
    return one && kindOf(one).duty
  }
  const left = changes.filter(change => keeps(change) !== change)
  return {
    keeps,
    own: change => (isOwn(subjectOf(change)) ? change : undefined),
    left: left.map(change => subjectOf(change).address),
    concerns,
    refusals: [],
    notes: [],
    inputs,
    waitsFor: duties.filter(one => [...waits.values()].some(on => [...on].some(id => dutyOf(id) === one))),
    waiting: [
      ...left
        .filter(change => isOwn(subjectOf(change)))
        .map(change => {
          const { id, address } = subjectOf(change)
          const on = new Set([...(waits.get(id) ?? []), ...(waits.get(cutOverOf(id)) ?? [])])
          return leftTo(address, waitText([...on], { dutyOf, told }))
        }),
      ...left
        .filter(change => !isOwn(subjectOf(change)))
        .map(change => leftTo(subjectOf(change).address, `waits for ${dutyOf(subjectOf(change).id)}, whose part ${verbs[change.op]} it`)),
      ...declared.flatMap(one => {
        const observed = live.resources.get(one.id)?.observed
        if (observed?.state !== 'unreadable') return []
        return [leftTo(one.address, `is for ${kindOf(one).duty}, and could not be read: ${observed.reason}`)]
      })
    ]
  }
}

const verbs: Readonly<Record<Change['op'], string>> = { create: 'creates', update: 'changes', replace: 'replaces', delete: 'deletes' }

const leftTo = (address: string, message: string): Waiting => ({ address, message: `${address} ${message}`, leftOut: true })

/** How many are named of the writes that a change waits for, for each duty. */
const namedMax = 3

interface Words {
  readonly dutyOf: (id: ResourceId) => Duty | undefined
  readonly told: (id: ResourceId) => string
}

function waitText(on: readonly ResourceId[], { dutyOf, told }: Words): string {
  const parts = duties.flatMap(duty => {
    const all = on.filter(id => dutyOf(id) === duty)
    const more = all.length > namedMax ? ` and ${all.length - namedMax} more` : ''
    return all.length === 0 ? [] : [`${duty}: ${all.slice(0, namedMax).map(told).join(', ')}${more}`]
  })
  return `waits for ${parts.join('; for ')}`
}

/** A change by the id of its subject, or of its setting that takes a path away. */
type Unit = ResourceId | `${ResourceId}#cut-over`

const cutOverOf = (id: ResourceId): `${ResourceId}#cut-over` => `${id}#cut-over`

/** The writes of others that each change of a duty waits for, itself or through another change of that duty. */
function waitsOf(
  { graph, changes, live, rewrites }: Whole,
  isOwn: (one: { readonly kind: string }) => boolean
): ReadonlyMap<Unit, ReadonlySet<ResourceId>> {
  const own = new Set(changes.flatMap(change => (isOwn(subjectOf(change)) ? [subjectOf(change).id] : [])))
  const users = new Map<Unit, Set<Unit>>()
  const waits = new Map<Unit, Set<ResourceId>>()
  const open: [Unit, ResourceId][] = []
  const needs = (unit: Unit, needed: Node): void => {
    const { id } = isWrite(needed.action) ? subjectOf(needed.action) : { id: undefined }
    if (id === undefined) return
    if (!own.has(id)) open.push([unit, id])
    else users.set(unitOf(needed), (users.get(unitOf(needed)) ?? new Set()).add(unit))
  }
  for (const node of graph.nodes) {
    if (!isWrite(node.action) || !own.has(subjectOf(node.action).id)) continue
    for (const before of writesBefore(node, graph)) needs(unitOf(node), before)
  }
  // A record that goes with one step and comes back with the write of a zone group.
  for (const { group, cleared } of rewrites)
    for (const step of cleared) {
      const [node, again] = [graph.get(step), graph.get(`update ${group}`) ?? graph.get(`create ${group}`)]
      if (node !== undefined && again !== undefined && isWrite(node.action) && own.has(subjectOf(node.action).id))
        needs(unitOf(node), again)
    }
  // Azure makes it with what it refers to: where that may not be read, a write of it could wait in vain.
  for (const change of changes) {
    if (change.op !== 'create' || !isOwn(change.resource) || !kindOf(change.resource).comesWithRef) continue
    for (const ref of change.resource.refs)
      if (!own.has(ref) && live.resources.get(ref)?.observed.state === 'unreadable') open.push([change.resource.id, ref])
  }
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [unit, on] = next
    const known = waits.get(unit) ?? new Set()
    if (known.has(on)) continue
    waits.set(unit, known.add(on))
    for (const user of users.get(unit) ?? []) open.push([user, on])
  }
  return waits
}

function unitOf({ id, action }: Node): Unit {
  const { id: subject } = isWrite(action) ? subjectOf(action) : { id: '' as ResourceId }
  return id.endsWith('#cut-over') ? cutOverOf(subject) : subject
}

/** The nearest writes that a write comes after. Each run has windows of its own, so that what only a lift waits for is no need of another. */
function writesBefore({ after, afterEndOf }: Node, graph: Graph): Set<Node> {
  const open = new Set<StepId>([...after, ...afterEndOf])
  const found = new Set<Node>()
  for (const step of open) {
    const before = graph.get(step)
    if (before === undefined || before.action.do === 'lift' || before.action.do === 'restore') continue
    if (isWrite(before.action)) found.add(before)
    else for (const one of before.after) open.add(one)
  }
  return found
}

/** Everything of others that the changes refer to, lie in or wait for: sorted, each once. */
function inputsOf(
  changes: readonly Change[],
  waits: readonly ReadonlySet<ResourceId>[],
  isOthers: (id: ResourceId) => boolean
): ResourceId[] {
  const built = changes.flatMap(change => {
    const { id, refs } = subjectOf(change)
    const gates = change.op === 'delete' ? [] : change.resource.gates.flatMap(({ endpoint, server }) => [endpoint, server])
    // A declared lock is for its scope alone.
    return [...scopesOf(id).slice(1), ...(subjectOf(change).kind === managementLock.name ? [] : [...refs, ...gates].flatMap(scopesOf))]
  })
  return [...new Set([...built, ...waits.flatMap(all => [...all])])].filter(isOthers).sort()
}
