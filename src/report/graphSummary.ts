import type { GraphEdge, GraphLock, GraphNode, TopologyGraph } from '../document/plan.generated.ts'
import { counted } from '../model/counted.ts'
import { given } from '../model/given.ts'
import { grouped } from '../model/grouped.ts'
import { kindLook } from './looks.ts'

/** A graph that says less, and what it no longer shows. */
export interface Summary {
  readonly graph: TopologyGraph
  /** For the reader of the picture; `undefined` where all is shown. */
  readonly leftOut: string | undefined
}

/** How much is left out, the least first: what does not change goes before what does. */
export const summaryLevels = [0, 1, 2, 3, 4] as const
export type SummaryLevel = (typeof summaryLevels)[number]

/** Where a node goes in a summary: `undefined` for one that is only counted. */
type Place = { readonly key: string; readonly single: boolean } | undefined

/**
 * 0: all. 1: what does not change, and nothing that changes leads to, is one box for each kind in what it lies in.
 * 2: it is counted only. 3: what changes is one box for each kind and mark in what it lies in. 4: in the whole topology.
 */
export function summarised(graph: TopologyGraph, level: SummaryLevel): Summary {
  if (level === 0) return { graph, leftOut: undefined }
  const kept = keptIn(graph)
  const byId = new Map(graph.nodes.map(node => [node.id, node]))
  const places = new Map<string, Place>()
  const placeOf = (node: GraphNode): Place => {
    if (places.has(node.id)) return places.get(node.id)
    const above = node.parent === null ? undefined : byId.get(node.parent)
    const place = placed(node, level, kept.has(node.id), above && placeOf(above)?.key)
    places.set(node.id, place)
    return place
  }
  for (const node of graph.nodes) placeOf(node)
  const nodes = boxes(graph, level, places)
  return { graph: { nodes, edges: edges(graph, level, places) }, leftOut: sentence(graph, level, places) }
}

const isPlain = ({ mark, locks, ways = [] }: GraphNode): boolean => mark === 'same' && [...locks, ...ways].every(one => one.mark === 'same')

/** Changed nodes, the ends of changed edges, and all that these lie in. */
function keptIn({ nodes, edges: joins }: TopologyGraph): ReadonlySet<string> {
  const parents = new Map(nodes.map(({ id, parent }) => [id, parent]))
  const ends = joins.filter(({ mark }) => mark !== 'same').flatMap(({ from, to }) => [from, to])
  const kept = new Set([...nodes.filter(node => !isPlain(node)).map(({ id }) => id), ...ends])
  for (const id of [...kept])
    for (let at = parents.get(id) ?? null; at !== null && !kept.has(at); at = parents.get(at) ?? null) kept.add(at)
  return kept
}

function placed(node: GraphNode, level: SummaryLevel, isKept: boolean, above: string | undefined): Place {
  const kind = kindLook(node.kind).title
  if (!isKept && level > 1) return undefined
  if (isKept && level < 3) return { key: node.id, single: true }
  const own = isKept ? node.mark : 'same'
  return { key: level === 4 ? `${kind} ${own}` : `${above ?? ''} ${kind} ${own}`, single: false }
}

function boxes({ nodes }: TopologyGraph, level: SummaryLevel, places: ReadonlyMap<string, Place>): GraphNode[] {
  return [...grouped(nodes, ({ id }) => places.get(id)?.key)].flatMap(([key, group]): GraphNode[] => {
    const [first] = group
    if (key === undefined || first === undefined) return []
    const parent = level === 4 || first.parent === null ? null : (places.get(first.parent)?.key ?? null)
    if (group.length === 1) return [{ ...first, id: key, parent, locks: first.locks }]
    const { subscription, region, ways: _, ...shared } = first
    const lies = group.every(one => one.subscription === subscription && one.region === region) ? { subscription, region } : {}
    const existing = group.every(one => one.existing)
    return [given<GraphNode>({ ...shared, ...lies, id: key, parent, name: `${group.length} ×`, existing, locks: sumOf(group) })]
  })
}

/** One line for all the locks of a box. */
function sumOf(group: readonly GraphNode[]): GraphLock[] {
  const locks = group.flatMap(node => node.locks)
  const [first] = locks
  if (first === undefined) return []
  const lifted = locks.find(({ mark }) => mark === 'lifted' || mark === 'lowered')
  return [{ ...first, name: counted(locks.length, 'lock'), mark: lifted?.mark ?? 'same' }]
}

function edges({ edges: all }: TopologyGraph, level: SummaryLevel, places: ReadonlyMap<string, Place>): GraphEdge[] {
  const moved = all.flatMap((edge): GraphEdge[] => {
    const [from, to] = [places.get(edge.from)?.key, places.get(edge.to)?.key]
    if (from === undefined || to === undefined || from === to) return []
    const { label, before, after } = level === 4 ? { before: null, after: null, label: '' } : edge
    return [{ ...edge, label, before, after, from, to, id: JSON.stringify([from, to, label, edge.mark, before, after]) }]
  })
  return [...grouped(moved, ({ id }) => id).values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : [more.length === 0 ? first : { ...first, label: `${more.length + 1} × ${first.label}`.trim() }]
  )
}

function sentence({ nodes }: TopologyGraph, level: SummaryLevel, places: ReadonlyMap<string, Place>): string | undefined {
  const hidden = nodes.filter(({ id }) => places.get(id) === undefined)
  const byTitle = [...grouped(hidden, ({ kind }) => kindLook(kind).title)].sort(([a], [b]) => (a < b ? -1 : 1))
  const kinds = byTitle.map(([title, some]) => counted(some.length, title))
  const summedUp = new Set(nodes.flatMap(({ id }) => places.get(id) ?? []).flatMap(({ key, single }) => (single ? [] : [key]))).size
  const left = hidden.length === 0 ? [] : [`Left out, unchanged: ${kinds.join(', ')}.`]
  const summed = summedUp === 0 ? [] : [`A box with × stands for several${level === 1 ? ' that do not change' : ''}.`]
  return [...left, ...summed].join(' ') || undefined
}
