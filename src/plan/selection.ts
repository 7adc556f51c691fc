import { kindOf } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { migrationsIn, waysIn } from '../kinds/migration.ts'
import { type Change, isWrite, type Note, type Refusal, type StepId, subjectOf } from '../model/change.ts'
import type { Graph, Node } from '../model/graph.ts'
import { type ResourceId, scopesOf } from '../model/id.ts'
import { option } from '../model/option.ts'
import { names, type PlanInput } from '../model/planOptions.ts'
import { type Existing, presentIn } from '../model/resource.ts'
import { didYouMean } from '../model/suggest.ts'
import type { Rewrite } from './records.ts'

/** The whole plan that a part is taken of. */
export interface Whole extends PlanInput {
  readonly graph: Graph
  readonly rewrites: readonly Rewrite[]
  /** Resources that left the file and stay. */
  readonly unmanaged: readonly Existing[]
}

/** The part of a plan that the user asked for. */
export interface Part {
  /** A change of the whole plan, or as much of it as is in the part. */
  readonly keeps: (change: Change) => Change | undefined
  /** The addresses of the changes that are left out. */
  readonly left: readonly string[]
  /** Whether what is said of this address matters to the part. */
  readonly concerns: (one: { readonly address: string }) => boolean
  readonly refusals: readonly Refusal[]
  readonly notes: readonly Note[]
}

interface Addressed {
  readonly id: ResourceId
  readonly address: string
}

/** Ids, each with the address that the user gave for which it is among them. */
type Because = ReadonlyMap<ResourceId, string>

/** With each target all that it needs, and all that falls with it; without each excluded one, and without what needs it. */
export function partOf(whole: Whole): Part {
  const { changes, desired, options } = whole
  const { target, exclude } = options.selection ?? { target: [], exclude: [] }
  const known = knownIn(whole)
  const byId = new Map(changes.map(change => [subjectOf(change).id, change]))
  const changing = (because: Because): Because => new Map([...because].filter(([id]) => byId.has(id)))
  const needs = needsIn(whole)
  const [targets, excluded] = [named(target, known), named(exclude, known)]
  const asked = spread(changing(targets), through(needs))
  const out = spread(changing(excluded), through(turned(needs)))
  const isAll = target.length === 0
  const kept = new Set([...byId.keys()].filter(id => (isAll || asked.has(id)) && !out.has(id)))
  const left = [...byId].filter(([id]) => !kept.has(id))
  const about = spread(isAll ? new Map([...known.keys()].map(id => [id, ''])) : targets, usedBy(desired))
  const idAt = new Map([...known.values()].map(({ id, address }) => [address, id]))
  return {
    keeps: change => (kept.has(subjectOf(change).id) ? change : undefined),
    left: left.map(([id]) => known.get(id)?.address ?? id),
    concerns: ({ address }) => {
      const id = idAt.get(address)
      // A child in no file goes with its parent, or stays with it.
      if (id === undefined) return !left.some(([, change]) => change.op === 'delete' && address.startsWith(`${change.old.address}/`))
      return kept.has(id) || (about.has(id) && !byId.has(id) && !excluded.has(id))
    },
    refusals: [
      ...[...target, ...exclude].flatMap(address => unknownAddress(address, known)),
      ...contradictions(asked, excluded, known, whole),
      ...falling(kept, excluded, known, whole)
    ],
    notes: exclude.flatMap(one => alsoLeft(one, out, excluded, known))
  }
}

type Known = ReadonlyMap<ResourceId, Addressed>

function knownIn({ desired, changes, unmanaged, options: { baseline } }: Whole): Known {
  const all = [...(baseline?.values() ?? []), ...unmanaged, ...changes.map(subjectOf), ...desired.values()]
  return new Map(all.map(({ id, address, path }) => [id, { id, address: address || path }]))
}

/** The resources at these addresses, and beneath them. */
function named(list: readonly string[], known: Known): Because {
  const found = new Map<ResourceId, string>()
  for (const given of list) {
    const top = [...known.values()].find(one => names([given], one))?.address
    if (top === undefined) continue
    for (const { id, address } of known.values())
      if (!found.has(id) && (address === top || address.startsWith(`${top}/`))) found.set(id, given)
  }
  return found
}

function spread(from: Because, next: (id: ResourceId) => Iterable<ResourceId>): Because {
  const all = new Map(from)
  // A Map goes on to what is added to it meanwhile.
  for (const [id, because] of all) for (const one of next(id)) if (!all.has(one)) all.set(one, because)
  return all
}

type Needs = ReadonlyMap<ResourceId, ReadonlySet<ResourceId>>

const through =
  (needs: Needs) =>
  (id: ResourceId): Iterable<ResourceId> =>
    needs.get(id) ?? []

/** By a change, those that have to be in a plan with it: by the edges of the order, and those that fall with it or lose a record. */
function needsIn({ graph, changes, desired, rewrites, options }: Whole): Needs {
  const needs = new Map<ResourceId, Set<ResourceId>>(changes.map(change => [subjectOf(change).id, new Set()]))
  const add = (step: StepId, needed: ResourceId): void => {
    const action = graph.get(step)?.action
    if (action !== undefined && isWrite(action)) needs.get(subjectOf(action).id)?.add(needed)
  }
  for (const node of graph.nodes) for (const id of writtenBefore(node, graph)) add(node.id, id)
  for (const { group, cleared } of rewrites) for (const step of cleared) add(step, group)
  // No client reaches a migrated server before the way to it is whole.
  const migrations = migrationsIn(changes)
  const ways = migrations.length === 0 ? undefined : waysIn(desired, options.endpoints)
  for (const { resource } of migrations)
    for (const way of ways?.to(resource.id) ?? [])
      for (const part of ways?.parts(way) ?? []) if (needs.has(part)) needs.get(resource.id)?.add(part)
  const remade = new Set(changes.flatMap(change => (change.op === 'replace' ? [change.resource.id] : [])))
  for (const change of changes) {
    if (change.op !== 'create' || !kindOf(change.resource).comesWithRef) continue
    for (const ref of change.resource.refs) if (remade.has(ref)) needs.get(ref)?.add(change.resource.id)
  }
  return needs
}

/** The nearest writes that a write waits for, through looks and lifts. A lock that is put on waits for others, and needs none of them. */
function writtenBefore({ action, after, afterEndOf }: Node, graph: Graph): Set<ResourceId> {
  const isLock = isWrite(action) && subjectOf(action).kind === managementLock.name
  const open = new Set([...after, ...(isLock ? [] : afterEndOf)])
  const found = new Set<ResourceId>()
  for (const step of open) {
    const before = graph.get(step)
    if (before === undefined) continue
    if (isWrite(before.action)) found.add(subjectOf(before.action).id)
    else for (const one of before.after) open.add(one)
  }
  return found
}

function turned(needs: Needs): Needs {
  const users = new Map<ResourceId, Set<ResourceId>>()
  for (const [user, all] of needs) for (const one of all) users.set(one, (users.get(one) ?? new Set()).add(user))
  return users
}

/** Each entry that one lies in, refers to or waits for. */
const usedBy =
  (desired: PlanInput['desired']) =>
  (id: ResourceId): Iterable<ResourceId> => {
    const { refs = [], gates = [] } = desired.get(id) ?? {}
    return [...scopesOf(id).slice(1), ...refs.flatMap(scopesOf), ...gates.map(({ endpoint }) => endpoint)]
  }

function unknownAddress(address: string, known: Known): Refusal[] {
  if ([...known.values()].some(one => names([address], one))) return []
  const meant = didYouMean(
    address,
    [...known.values()].map(one => one.address)
  )
  const help = address.includes('*')
    ? 'Wildcards are not taken: give each address'
    : (meant ?? 'give the address of an entry, or an ARM id')
  return [{ code: 'unknown-address', address, message: `${address} is no entry of the topology: ${help}`, exit: 4 }]
}

/** A target that needs what is left out. */
function contradictions(asked: Because, excluded: Because, known: Known, { options }: Whole): Refusal[] {
  const [first] = [...asked].filter(([id]) => excluded.has(id))
  if (first === undefined) return []
  const [id, address] = first
  const needed = known.get(id)?.address ?? id
  const needs = needed === address ? `${address} is asked for` : `${address} needs ${needed}`
  const message = `${needs}, and \`${option(options, 'exclude', excluded.get(id))}\` leaves it out: take one of the two back.`
  return [{ code: 'excluded', address, message, exit: 6 }]
}

/** An excluded resource that does not change, and that goes with one that this plan deletes. */
function falling(kept: ReadonlySet<ResourceId>, excluded: Because, known: Known, { changes, live, options }: Whole): Refusal[] {
  const goes = new Map(changes.flatMap(change => (change.op === 'delete' || change.op === 'replace' ? [[change.old.id, change.old]] : [])))
  return [...excluded.keys()].flatMap(id => {
    const above = scopesOf(id).find(scope => kept.has(scope) && goes.has(scope))
    const old = above && goes.get(above)
    const address = known.get(id)?.address ?? id
    if (old === undefined || presentIn(live, id) === undefined) return []
    const message = `${address} is left out, and would go with ${old.address}, which this plan deletes. Leave that out as well: \`${option(options, 'exclude', old.address)}\``
    return [{ code: 'excluded', address, message, exit: 6 as const }]
  })
}

/** How many are named of what is left out with an excluded one. */
const namedMax = 5

function alsoLeft(given: string, out: Because, excluded: Because, known: Known): Note[] {
  const others = [...out].flatMap(([id, because]) => (because === given && !excluded.has(id) ? [known.get(id)?.address ?? id] : []))
  if (others.length === 0) return []
  const more = others.length > namedMax ? ` and ${others.length - namedMax} more` : ''
  return [{ address: given, message: `is left out, and with it what needs it: ${others.slice(0, namedMax).join(', ')}${more}` }]
}
