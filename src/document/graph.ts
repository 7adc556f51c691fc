import type { DrawnNode } from '../kinds/drawn.ts'
import { kindNamed, kindOf, kindOfType } from '../kinds/index.ts'
import type { Plan } from '../model/change.ts'
import { given } from '../model/given.ts'
import { grouped } from '../model/grouped.ts'
import { nameOf, parentOf, type ResourceId, resourceId, scopesOf, subscriptionOf, typeOf } from '../model/id.ts'
import type { Desired, Live } from '../model/resource.ts'
import { edgesBetween } from './graphEdges.ts'
import { locksOn } from './graphLocks.ts'
import { type Subject, subjectsOf } from './graphSubjects.ts'
import type { GraphEdge, GraphLock, GraphNode, GraphWay, Mark, TopologyGraph } from './plan.generated.ts'

export type { GraphEdge, GraphLock, GraphNode, Mark, TopologyGraph }

/** The live estate and the plan, beside the file. */
export interface Seen {
  readonly live: Live
  readonly plan: Pick<Plan, 'changes' | 'steps' | 'unmanaged'>
}

const nodeOf = (kind: string): DrawnNode | undefined => {
  const drawn = kindNamed.get(kind)?.drawn
  return typeof drawn === 'string' ? undefined : drawn
}

/** Nodes while they are gathered: by ARM id, which everything refers with. */
export interface Nodes {
  /** The node of `id`, drawn as not ours where nothing else is known of it; nothing for a kind that is no node. */
  ensure(id: ResourceId): GraphNode | undefined
  /** The same of the end of an edge, which may be of a type that no entry declares. */
  ledTo(id: ResourceId): GraphNode | undefined
  /** The nearest node that is `id` or that `id` lies in. */
  nearest(id: ResourceId): GraphNode | undefined
  readonly all: ReadonlyMap<ResourceId, GraphNode>
}

/**
 * Draws what the file declares, and with `seen` what is there beside it: what is deleted stays in the picture. The order is that of
 * the ids, so that two graphs of one plan are one text.
 */
export function graphOf(desired: Desired, seen?: Seen): TopologyGraph {
  const subjects = subjectsOf(desired, seen)
  const nodes = nodesOf(subjects)
  const edges = edgesBetween(subjects, nodes, seen !== undefined)
  const locks = locksOn(subjects, nodes, seen)
  const ways = waysInto(subjects, nodes)
  const region = new Map(subjects.map(subject => [subject.id, regionOf(subject)]))
  return {
    nodes: sorted(
      [...nodes.all].map(([id, node]) =>
        given<GraphNode>({
          ...node,
          locks: locks.get(node.id) ?? [],
          ways: ways.get(node.id),
          ...(node.parent === null && { subscription: subscriptionOf(id), region: region.get(id) })
        })
      )
    ),
    edges: sorted(edges)
  }
}

export interface NamedGraph {
  readonly name: string
  readonly graph: TopologyGraph
}

/** Several topologies as one graph, each in a frame of its own; one alone stays as it is. */
export function oneGraph(all: readonly NamedGraph[]): TopologyGraph {
  const [first, ...more] = all
  if (first === undefined || more.length === 0) return first?.graph ?? { nodes: [], edges: [] }
  const nodes = all.flatMap(({ name, graph }, index): GraphNode[] => {
    const frame = `${index} ${name}`
    const top: GraphNode = { id: frame, kind: 'topology', name, parent: null, mark: 'same', existing: false, locks: [] }
    const inside = (id: string): string => `${frame}: ${id}`
    return [top, ...graph.nodes.map(node => ({ ...node, id: inside(node.id), parent: node.parent === null ? frame : inside(node.parent) }))]
  })
  const edges = all.flatMap(({ name, graph }, index) => {
    const inside = (id: string): string => `${index} ${name}: ${id}`
    return graph.edges.map(edge => ({ ...edge, id: inside(edge.id), from: inside(edge.from), to: inside(edge.to) }))
  })
  return { nodes: sorted(nodes), edges: sorted(edges) }
}

const sorted = <T extends { readonly id: string }>(all: readonly T[]): T[] => [...all].sort((a, b) => (a.id < b.id ? -1 : 1))

function nodesOf(subjects: readonly Subject[]): Nodes {
  const all = new Map<ResourceId, GraphNode>()
  const changedBelow = new Set(subjects.filter(changesWhatHoldsIt).flatMap(({ id }) => parentOf(id) ?? []))
  for (const subject of subjects) {
    if (nodeOf(subject.kind) === undefined) continue
    const { id, kind, address, path, managed } = subject
    const mark = subject.mark === 'same' && changedBelow.has(id) ? 'inside' : subject.mark
    all.set(id, { id: address, kind, name: nameOf(path), parent: null, mark, existing: !managed, locks: [] })
  }
  const nodes: Nodes = {
    all,
    ensure: id => all.get(id) ?? undeclared(id, nodes, all),
    ledTo: id => nodes.ensure(id) ?? ofNoKind(id, all),
    nearest: id => nearest(id, all)
  }
  for (const subject of subjects) {
    const node = all.get(subject.id)
    const above = node && parentIn(subject, nodes)
    if (node && above) all.set(subject.id, { ...node, parent: above.id })
  }
  return nodes
}

function regionOf({ before, after }: Subject): string | undefined {
  const { location: fact } = after?.facts ?? before?.facts ?? {}
  const location = after?.props['location'] ?? before?.props['location'] ?? fact
  // A zone lies in no region, which Azure calls `global`.
  return typeof location === 'string' && location !== '' && location !== 'global' ? location : undefined
}

/** The ways over public networks into each node, by its id: its own first, then by name. */
function waysInto(subjects: readonly Subject[], nodes: Nodes): ReadonlyMap<string, readonly GraphWay[]> {
  const ways = subjects.flatMap(subject => {
    const node = nodes.nearest(subject.id)
    const way = node && wayOf(subject)
    return way ? [{ node: node.id, at: subject.id, way }] : []
  })
  return new Map(
    [
      ...grouped(
        ways.sort((a, b) => (a.at < b.at ? -1 : 1)),
        ({ node }) => node
      )
    ].map(([id, some]) => [id, some.map(({ way }) => way)])
  )
}

function wayOf({ kind, path, mark, before, after }: Subject): GraphWay | undefined {
  const [was, is] = [before, after].map(side => side && kindOf({ kind }).way?.(side.props, nameOf(path), side.facts))
  const text = was === undefined || is === undefined || was === is ? (is ?? was) : `${was} → ${is}`
  return text === undefined ? undefined : { text, mark: mark === 'update' && was === is ? 'same' : mark }
}

/** A database, a rule or a parameter that changes is a change inside its server. */
const changesWhatHoldsIt = ({ kind, mark }: Subject): boolean =>
  kindOf({ kind }).drawn === 'on its parent' && mark !== 'same' && mark !== 'unmanaged' && mark !== 'unknown'

const nearest = (id: ResourceId, all: ReadonlyMap<ResourceId, GraphNode>): GraphNode | undefined =>
  scopesOf(id).flatMap(scope => all.get(scope) ?? [])[0]

/** An endpoint lies in its subnet; everything else in what its id says. */
function parentIn({ kind, id, before, after }: Subject, nodes: Nodes): GraphNode | undefined {
  const field = nodeOf(kind)?.lies
  if (field === undefined) return nearest(parentOf(id) ?? id, nodes.all)
  const around = after?.props[field] ?? before?.props[field]
  return typeof around === 'string' ? nodes.ensure(resourceId(around)) : undefined
}

/** A resource that ours refer to by its id alone. A subnet brings its network, and a managed endpoint its factory. */
function undeclared(id: ResourceId, nodes: Nodes, all: Map<ResourceId, GraphNode>): GraphNode | undefined {
  const kind = kindOfType.get(typeOf(id))
  const look = kind && nodeOf(kind.name)
  if (kind === undefined || look === undefined) return undefined
  const above = kind.fallsWithParent || look.bringsAbove ? drawnAbove(id, nodes) : undefined
  const node: GraphNode = { id, kind: kind.name, name: nameOf(id), parent: above?.id ?? null, mark: 'same', existing: true, locks: [] }
  all.set(id, node)
  return node
}

/** A resource of a type that no entry declares, such as a key vault that an endpoint leads to. */
function ofNoKind(id: ResourceId, all: Map<ResourceId, GraphNode>): GraphNode | undefined {
  if (typeOf(id) === '' || kindOfType.has(typeOf(id))) return undefined
  const node: GraphNode = { id, kind: 'resource', name: nameOf(id), parent: null, mark: 'same', existing: true, locks: [] }
  all.set(id, node)
  return node
}

function drawnAbove(id: ResourceId, nodes: Nodes): GraphNode | undefined {
  for (const scope of scopesOf(id).slice(1)) {
    const found = nodes.ensure(scope)
    if (found) return found
  }
  return undefined
}
