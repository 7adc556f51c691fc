import { layout as dagre, Graph } from '@dagrejs/dagre'
import { grouped } from '../model/grouped.ts'
import { gridOf } from './layoutGrid.ts'
import type { Box, Line, Picture } from './picture.ts'
import { isFrame, type Layout, ownWidth, type Placed, type Point, type Rect, type Route, sizes, textHeight } from './placed.ts'
import { textWidth } from './textWidth.ts'

/** The most that dagre lays out within a second. */
export const layoutMax = { boxes: 120, lines: 260 } as const

/** Where everything goes, in whole units; the same picture always gives the same numbers. */
export function layoutOf(picture: Picture): Layout {
  const isLarge = picture.boxes.length > layoutMax.boxes || picture.lines.length > layoutMax.lines
  return isLarge ? gridOf(picture) : layered(picture)
}

type Dagre = Graph<
  { rankdir: 'LR'; nodesep: number; ranksep: number; edgesep: number; ranker: 'network-simplex' | 'tight-tree' },
  { width: number; height: number; x?: number; y?: number },
  { width: number; height: number; labelpos: 'c'; minlen: number; x?: number; y?: number; points?: Point[] }
>

const portOf = (box: Box): string => `${box.key}:port`
const endOf = (box: Box): string => (isFrame(box) ? portOf(box) : box.key)

function layered(picture: Picture): Layout {
  const graph = dagreGraph(picture)
  dagre(graph)
  const room = roomFor(picture, graph)
  const lefts = columnsOf(picture, graph)
  const placed = new Map<string, Placed>()
  const place = (box: Box): Placed => {
    const children = box.children.map(place)
    const at = children.length > 0 ? around(box, children, portY(box, graph, room)) : leafAt(box, graph, room, lefts)
    placed.set(box.key, at)
    return at
  }
  picture.roots.forEach(place)
  const boxes = picture.boxes.flatMap(({ key }) => placed.get(key) ?? [])
  const routes = picture.lines.flatMap((line, index) => routeOf(line, `e${index}`, graph, room, placed) ?? [])
  return { ...moved(boxes, spread(routes, placed)), isGrid: false }
}

function dagreGraph({ boxes, lines }: Picture): Dagre {
  const graph: Dagre = new Graph({ compound: true, multigraph: true })
  graph.setGraph({
    rankdir: 'LR',
    nodesep: sizes.gap,
    ranksep: 72,
    edgesep: 12,
    ranker: boxes.length > 50 ? 'tight-tree' : 'network-simplex'
  })
  const widths = leafWidths(boxes)
  const joined = new Set(lines.flatMap(({ from, to }) => [from.key, to.key]))
  for (const box of boxes) {
    graph.setNode(
      box.key,
      isFrame(box) ? { width: 0, height: 0 } : { width: widths.get(box.key) ?? 0, height: textHeight(box) + 2 * sizes.pad - 6 }
    )
    // dagre joins nodes, and no clusters: a line that ends on a frame ends on a point in it.
    if (isFrame(box) && joined.has(box.key)) graph.setNode(portOf(box), { width: 1, height: 1 })
  }
  for (const box of boxes) {
    for (const child of box.children) graph.setParent(child.key, box.key)
    if (graph.hasNode(portOf(box))) graph.setParent(portOf(box), box.key)
  }
  const inFrame = chainsIn(lines)
  for (const [index, { from, to, text, backwards }] of lines.entries()) {
    const [left, right] = backwards ? [to, from] : [from, to]
    const label = {
      width: text === '' ? 0 : textWidth(text, sizes.label) + 10,
      height: 16,
      labelpos: 'c',
      minlen: 1 + (isInside(left, right) ? 0 : inFrame(left))
    } as const
    graph.setEdge(endOf(left), endOf(right), label, `e${index}`)
  }
  return graph
}

const isInside = (a: Box, b: Box): boolean => a.node.parent !== null && a.node.parent === b.node.parent

/** How many lines one after the other lead on from a box within its frame: what is outside comes after all of them. */
function chainsIn(lines: readonly Line[]): (box: Box) => number {
  const inside = lines.filter(({ from, to }) => isInside(from, to))
  const next = grouped(inside, ({ from }) => from.key)
  const lengths = new Map<string, number>()
  const length = ({ key }: Box): number => {
    const known = lengths.get(key)
    if (known !== undefined) return known
    lengths.set(key, 0)
    const found = Math.max(0, ...(next.get(key) ?? []).map(({ to }) => 1 + length(to)))
    lengths.set(key, found)
    return found
  }
  return length
}

/** Boxes of one kind side by side are equally wide, and wide enough for the texts of the frames around them. */
function leafWidths(boxes: readonly Box[]): ReadonlyMap<string, number> {
  const needed = new Map<string, number>()
  const groupOf = ({ node }: Box): string => `${node.parent ?? ''}\n${node.kind}`
  const visit = (box: Box, least: number): void => {
    const own = Math.max(ownWidth(box) + 2 * sizes.pad, least)
    needed.set(groupOf(box), Math.max(needed.get(groupOf(box)) ?? 0, own))
    for (const child of box.children) visit(child, Math.max(ownWidth(box), least - 2 * sizes.pad))
  }
  for (const box of boxes) if (box.node.parent === null) visit(box, 0)
  return new Map(boxes.map(box => [box.key, needed.get(groupOf(box)) ?? 0]))
}

/** How far down something goes whose middle is at this height, so that the texts of the frames above it have room. */
type Room = (y: number) => number

/** Every frame pushes down what does not lie above it, as far as its texts find no room: nothing comes to lie over something else. */
function roomFor({ boxes }: Picture, graph: Dagre): Room {
  const top = ({ key }: Box): number => (graph.node(key).y ?? 0) - graph.node(key).height / 2
  const pushes = boxes.filter(isFrame).map(box => {
    const free = Math.min(...box.children.map(top)) - top(box)
    return { from: top(box), by: Math.max(0, frameTop(box) - free) }
  })
  return y => y + pushes.reduce((sum, { from, by }) => sum + (y >= from ? by : 0), 0)
}

const frameTop = (box: Box): number => sizes.pad + textHeight(box) + underTexts

/** Between the texts of a frame and what lies in it. */
const underTexts = 8

/** Boxes of one rank begin at one line, where dagre gives them one middle. */
function columnsOf({ boxes }: Picture, graph: Dagre): ReadonlyMap<number, number> {
  const lefts = new Map<number, number>()
  for (const box of boxes.filter(one => !isFrame(one))) {
    const { x = 0, width } = graph.node(box.key)
    const rank = Math.round(x)
    lefts.set(rank, Math.min(lefts.get(rank) ?? Infinity, x - width / 2))
  }
  return lefts
}

function leafAt(box: Box, graph: Dagre, room: Room, lefts: ReadonlyMap<number, number>): Placed {
  const { x = 0, width, height, y = 0 } = graph.node(box.key)
  return { box, isFrame: false, x: lefts.get(Math.round(x)) ?? x - width / 2, y: room(y) - height / 2, width, height }
}

/** A line to a frame may lie as high as the frame's own texts: it takes no room from what lies in it. */
function portY(box: Box, graph: Dagre, room: Room): number | undefined {
  return graph.hasNode(portOf(box)) ? room(graph.node(portOf(box)).y ?? 0) : undefined
}

function around(box: Box, children: readonly Placed[], port: number | undefined): Placed {
  const [left, right] = [
    Math.min(...children.map(({ x }) => x)) - sizes.pad,
    Math.max(...children.map(({ x, width }) => x + width)) + sizes.pad
  ]
  const y = Math.min(...children.map(child => child.y)) - frameTop(box)
  const lower = Math.max(...children.map(child => child.y + child.height), port ?? -Infinity) + sizes.pad
  return { box, isFrame: true, x: left, y, width: Math.max(right - left, ownWidth(box) + 2 * sizes.pad), height: lower - y }
}

function routeOf(line: Line, name: string, graph: Dagre, room: Room, placed: ReadonlyMap<string, Placed>): Route | undefined {
  const [left, right] = line.backwards ? [line.to, line.from] : [line.from, line.to]
  const edge = graph.edge(endOf(left), endOf(right), name)
  const [start, end] = [placed.get(left.key), placed.get(right.key)]
  if (start === undefined || end === undefined) return undefined
  const inner: Point[] = (edge.points ?? []).slice(1, -1).map(({ x, y }: Point) => ({ x, y: room(y) }))
  const half = line.text === '' ? 0 : textWidth(line.text, sizes.label) / 2 + 6
  // Level under its text: dagre gives that one point, in the middle.
  const level = inner.flatMap(point =>
    half > 0 && Math.abs(point.x - (edge.x ?? 0)) < 1 ? [-half, half].map(by => ({ x: point.x + by, y: point.y })) : [point]
  )
  const outside = level.filter(({ x }) => x > start.x + start.width && x < end.x)
  const from = sideOf(start, outside[0] ?? middleOf(end), endY(left, graph, room, start))
  const to = sideOf(end, outside.at(-1) ?? from, endY(right, graph, room, end))
  const label = { x: edge.x ?? (from.x + to.x) / 2, y: room(edge.y ?? (from.y + to.y) / 2) }
  const points = [from, ...outside, to]
  return { line, points: line.backwards ? points.reverse() : points, label }
}

const middleOf = ({ x, y, width, height }: Rect): Point => ({ x: x + width / 2, y: y + height / 2 })

/** A line leaves a frame where the point for it lies, and a box in the middle of its side. */
function endY(box: Box, graph: Dagre, room: Room, placed: Placed): number {
  const port = portY(box, graph, room) ?? middleOf(placed).y
  return Math.min(Math.max(port, placed.y + sizes.pad), placed.y + placed.height - sizes.pad)
}

const sideOf = (rect: Rect, towards: Point, y: number): Point => ({ x: towards.x >= middleOf(rect).x ? rect.x + rect.width : rect.x, y })

/** Lines that meet on one side of a box end one above the other, in the order they come from. */
function spread(routes: readonly Route[], placed: ReadonlyMap<string, Placed>): readonly Route[] {
  const meeting = new Map<string, { readonly route: number; readonly end: number; readonly from: number }[]>()
  for (const [route, { line, points }] of routes.entries()) {
    for (const [end, box] of [
      [0, line.from],
      [points.length - 1, line.to]
    ] as const) {
      const at = points[end]
      if (at === undefined || isFrame(box)) continue
      const towards = points[end === 0 ? 1 : end - 1] ?? at
      const far = points[end === 0 ? points.length - 1 : 0] ?? at
      const side = `${box.key} ${at.x}`
      meeting.set(side, [...(meeting.get(side) ?? []), { route, end, from: towards.y + far.y / 1000 }])
    }
  }
  const moved = routes.map(route => ({ ...route, points: [...route.points] }))
  for (const [side, ends] of meeting) {
    const rect = placed.get(side.split(' ')[0] ?? '')
    if (rect === undefined) continue
    const ordered = [...ends].sort((a, b) => a.from - b.from || a.route - b.route)
    for (const [index, { route, end }] of ordered.entries()) {
      const points = moved[route]?.points
      const at = points?.[end]
      if (points && at) points[end] = { x: at.x, y: rect.y + (rect.height * (index + 1)) / (ordered.length + 1) }
    }
  }
  return moved
}

/** Into the upper left corner, in whole numbers: what is behind a decimal point would only be noise in a diff. */
function moved(boxes: readonly Placed[], routes: readonly Route[]): Omit<Layout, 'isGrid'> {
  if (boxes.length === 0) return { width: 2 * sizes.margin, height: sizes.margin, boxes: [], routes: [] }
  const points = routes.flatMap(route => route.points)
  const labels = routes.map(({ line, label }) => ({ ...label, half: textWidth(line.text, sizes.label) / 2 + 6 }))
  const [left, upper] = [
    Math.min(...boxes.map(({ x }) => x), ...points.map(({ x }) => x), ...labels.map(({ x, half }) => x - half)),
    Math.min(...boxes.map(({ y }) => y), ...points.map(({ y }) => y), ...labels.map(({ y }) => y - 9))
  ]
  const shift = ({ x, y }: Point): Point => ({ x: Math.round(x - left + sizes.margin), y: Math.round(y - upper + sizes.margin) })
  const shifted = boxes.map(box => ({ ...box, ...shift(box), width: Math.round(box.width), height: Math.round(box.height) }))
  const drawn = routes.map(({ line, points: all, label }) => ({ line, points: all.map(shift), label: shift(label) }))
  const right = Math.max(
    0,
    ...shifted.map(({ x, width }) => x + width),
    ...drawn.flatMap(route => route.points.map(({ x }) => x)),
    ...labels.map(({ x, half }) => x - left + sizes.margin + half)
  )
  const lower = Math.max(
    0,
    ...shifted.map(({ y, height }) => y + height),
    ...drawn.flatMap(route => [...route.points, route.label].map(({ y }) => y + 9))
  )
  return { width: Math.ceil(right) + sizes.margin, height: Math.ceil(lower) + sizes.margin, boxes: shifted, routes: drawn }
}
