import type { GraphEdge, GraphLock, GraphNode, GraphWay, TopologyGraph } from '../document/plan.generated.ts'
import { counted } from '../model/counted.ts'
import { grouped } from '../model/grouped.ts'
import { unreachable } from '../model/invariant.ts'
import { printable } from '../model/printable.ts'
import { privateLink } from '../model/words.ts'
import { changedMarks, isFrameKind, kindLook, type Mark, marks } from './looks.ts'

/** A node as every picture draws it: with a key that no name can forge, and its texts not yet escaped for the format. */
export interface Box {
  readonly key: string
  readonly node: GraphNode
  /** The name under the sign of what happens to it. */
  readonly title: string
  readonly says: string
  /** The ways in over public networks, and the locks on it. */
  readonly lines: readonly BoxLine[]
  readonly children: readonly Box[]
}

export interface BoxLine {
  /** A lock that is off at some time of the apply, or for good, is `unlock`. */
  readonly sign: 'way' | 'lock' | 'unlock'
  readonly mark: GraphLock['mark'] | Mark
  readonly text: string
}

export interface Line {
  readonly from: Box
  readonly to: Box
  readonly mark: Mark
  readonly text: string
  /** Drawn from right to left: `to` is what things lie in, and those come first. */
  readonly backwards: boolean
}

export interface Picture {
  readonly roots: readonly Box[]
  /** Each before what lies in it. */
  readonly boxes: readonly Box[]
  readonly lines: readonly Line[]
}

const titleMax = 48
const byId = <T extends { readonly id: string }>(all: readonly T[]): T[] =>
  [...new Map(all.map(one => [one.id, one])).values()].sort((a, b) => (a.id < b.id ? -1 : 1))

/**
 * A graph may come from a document of another program: an edge that leads nowhere, or into what its own end lies in, is not
 * drawn, and a node that lies in itself lies in nothing.
 */
export function sound({ nodes, edges }: TopologyGraph): TopologyGraph {
  const all = byId(nodes)
  const parents = new Map(all.map(({ id, parent }) => [id, parent]))
  const above = (id: string): string[] => {
    const seen: string[] = []
    for (let at = parents.get(id) ?? null; at !== null && parents.has(at) && !seen.includes(at); at = parents.get(at) ?? null) seen.push(at)
    return seen
  }
  for (const { id, parent } of all) if (parent === null || !parents.has(parent) || above(id).includes(id)) parents.set(id, null)
  return {
    nodes: all.map(node => ({ ...node, parent: parents.get(node.id) ?? null })),
    edges: byId(edges).filter(
      ({ from, to }) => from !== to && parents.has(from) && parents.has(to) && !above(from).includes(to) && !above(to).includes(from)
    )
  }
}

/** Boxes in the order of their ids, each right before what lies in it; keys are counted in that order. */
export function pictureOf(graph: TopologyGraph): Picture {
  const { nodes, edges } = framed(sound(graph))
  const childrenOf = grouped(nodes, ({ parent }) => parent)
  const boxes: Box[] = []
  const boxOf = (node: GraphNode): Box => {
    const box = { ...textsOf(node), key: `n${boxes.length + 1}`, node, children: [] as Box[] }
    boxes.push(box)
    box.children.push(...(childrenOf.get(node.id) ?? []).map(boxOf))
    return box
  }
  const roots = (childrenOf.get(null) ?? []).map(boxOf)
  const byNode = new Map(boxes.map(box => [box.node.id, box]))
  const lines = edges.flatMap((edge): Line[] => {
    const [from, to] = [byNode.get(edge.from), byNode.get(edge.to)]
    return from && to ? [{ from, to, mark: edge.mark, text: edgeText(edge), backwards: leadsBack(edge) }] : []
  })
  return { roots, boxes, lines }
}

/** With a frame for each subscription and, in it, for each region, around what lies in no other resource. */
function framed({ nodes, edges }: TopologyGraph): TopologyGraph {
  const byNode = new Map(nodes.map(node => [node.id, node]))
  const all = new Map<string, GraphNode>()
  const frame = (kind: 'subscription' | 'region', name: string, parent: string | null): string => {
    const id = `${kind} ${name}${parent === null ? '' : ` in ${parent}`}`
    all.set(id, { id, kind, name, parent, mark: 'same', existing: false, locks: [] })
    return id
  }
  const inFrame = nodes.map((node): GraphNode => {
    const { parent, subscription, region } = node
    if (subscription === undefined || (parent !== null && byNode.get(parent)?.kind !== 'topology')) return node
    const around = frame('subscription', subscription, parent)
    return { ...node, parent: region === undefined ? around : frame('region', region, around) }
  })
  return { nodes: byId([...inFrame, ...all.values()]), edges }
}

const leadsBack = ({ label }: GraphEdge): boolean => label === 'DNS link' || label === 'VNet integration'

/** Kept to a length by its middle: names differ at their ends. */
function shortened(text: string, max: number): string {
  const characters = [...printable(text)]
  if (characters.length <= max) return characters.join('')
  const tail = Math.floor((max - 1) / 3)
  return `${characters.slice(0, max - 1 - tail).join('')}…${characters.slice(characters.length - tail).join('')}`
}

/** A sign never stands alone on a line. */
const signed = (mark: Mark, text: string): string => (mark === 'same' ? text : `${marks[mark].sign}\u00a0${text}`)

function textsOf(node: GraphNode): Pick<Box, 'title' | 'says' | 'lines'> {
  const { kind, name, mark, existing, locks, ways = [] } = node
  const what = `${existing ? 'existing ' : ''}${kindLook(kind).title}`
  return {
    title: signed(mark, shortened(name, titleMax)),
    says: mark === 'unmanaged' || mark === 'unknown' || mark === 'inside' ? `${what}, ${marks[mark].says}` : what,
    lines: [...fewLines(ways.map(wayLine), 'ways in', waysMax), ...fewLines(locks.map(lockLine), 'locks', locksMax)]
  }
}

const locksMax = 3
const waysMax = 6

/** The last line stands for those that are left out, and looks as the one of them that says most. */
function fewLines(lines: readonly BoxLine[], word: string, max: number): readonly BoxLine[] {
  if (lines.length <= max) return lines
  const rest = lines.slice(max - 1)
  const loudest = rest.find(({ sign }) => sign === 'unlock') ?? rest.find(({ mark }) => mark !== 'same') ?? rest[0]
  return [...lines.slice(0, max - 1), ...(loudest ? [{ ...loudest, text: `and ${rest.length} more ${word}` }] : [])]
}

const wayLine = ({ text, mark }: GraphWay): BoxLine => ({ sign: 'way', mark, text: signed(mark, shortened(text, 72)) })

/** The words say what the picture of a lock does: not every reader sees it. */
const lockLine = (lock: GraphLock): BoxLine => ({
  sign: lock.mark === 'lifted' || lock.mark === 'delete' ? 'unlock' : 'lock',
  mark: lock.mark,
  text: lockText(lock)
})

function lockText({ name, level, mark }: GraphLock): string {
  const text = `${shortened(name, 40)} (${level})`
  switch (mark) {
    case 'same':
      return text
    case 'lifted':
    case 'lowered':
      return `${text}, ${mark} and restored`
    case 'create':
    case 'update':
    case 'delete':
      return signed(mark, text)
    default:
      return unreachable(mark)
  }
}

const signs = { way: '🌐', lock: '🔒', unlock: '🔓' } as const

/** For formats that have nothing but text. */
export const lineWords = ({ sign, text }: BoxLine): string => `${signs[sign]} ${text}`

const stateMax = 24

/** The state of a connection says more than that it is one. */
function edgeText({ label, mark, before, after }: GraphEdge): string {
  const [was, is] = [before, after].map(state => (state === null ? undefined : shortened(state, stateMax)))
  const text = (label === '' ? undefined : shortened(label, 32)) ?? ''
  if (was === undefined && is === undefined) return signed(mark, text)
  const state = was === undefined || is === undefined ? (is ?? `was ${was}`) : was === is ? is : `${was} → ${is}`
  return signed(mark, label === privateLink ? state : `${text}: ${state}`)
}

/** Marks of a picture, for its legend; none where nothing is marked. */
export function legendOf({ nodes, edges }: TopologyGraph): Mark[] {
  const used = new Set([...nodes, ...edges].map(({ mark }) => mark))
  return changedMarks.filter(mark => used.has(mark))
}

export const pictureTitle = 'Topology'

/** The picture in a sentence, for a reader who does not see it: only counts and words of ours. */
export function described({ nodes, edges }: TopologyGraph): string {
  const count = (mark: Mark): number => nodes.filter(node => node.mark === mark).length
  const marked = changedMarks.filter(mark => count(mark) > 0).map(mark => `${count(mark)} ${marks[mark].says}`)
  const locks = nodes.flatMap(node => node.locks)
  const told = (['lifted', 'lowered'] as const).flatMap(how => {
    const some = locks.filter(lock => lock.mark === how).length
    return some > 0 ? [`${counted(some, 'lock')} ${how} and restored`] : []
  })
  const resources = nodes.filter(({ kind }) => !isFrameKind(kind))
  return `${counted(resources.length, 'resource')} and ${counted(edges.length, 'connection')}${marked.length + told.length > 0 ? `, of these ${[...marked, ...told].join(', ')}` : ''}.`
}
