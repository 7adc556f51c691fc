import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TopologyGraph } from '../../src/document/plan.generated.ts'
import { layoutMax, layoutOf } from '../../src/report/layout.ts'
import { pictureOf } from '../../src/report/picture.ts'
import type { Layout, Placed } from '../../src/report/placed.ts'
import { svgOf } from '../../src/report/svg.ts'
import { anyGraph, exampleGraphs, exampleNames, hostileNames, largeGraph } from './graphs.ts'

interface Element {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

/** XML as its grammar has it, without what we never write: comments, CDATA, processing instructions and a DOCTYPE. */
function elementsOf(text: string): Element[] {
  const part = /<(\/?)([A-Za-z]+)((?: [A-Za-z:-]+="[^"<]*")*)(\/?)>|([^<]+)/y
  const open: string[] = []
  const elements: Element[] = []
  let at = 0
  while (at < text.length) {
    part.lastIndex = at
    const [all, closes, name = '', attributes = '', empty, words] = part.exec(text) ?? []
    if (all === undefined) throw new Error(`no XML at ${JSON.stringify(text.slice(at, at + 60))}`)
    at += all.length
    for (const piece of [words ?? '', attributes])
      if (/&(?!(amp|lt|gt|quot|#39);)|(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(piece))
        throw new Error(`no XML: ${JSON.stringify(piece)}`)
    if (words !== undefined) continue
    if (closes === '/') {
      const opened = open.pop()
      if (opened !== name) throw new Error(`</${name}> ends <${opened}>`)
    } else {
      const pairs = [...attributes.matchAll(/ ([A-Za-z:-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value] as const)
      if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`twice in ${attributes}`)
      elements.push({ name, attributes: new Map(pairs) })
      if (empty !== '/') open.push(name)
    }
  }
  expect(open).toEqual([])
  return elements
}

const allowed = ['svg', 'title', 'desc', 'style', 'defs', 'symbol', 'marker', 'path', 'rect', 'g', 'use', 'text']

function isAllowed(key: string, value: string, ids: ReadonlySet<string>): boolean {
  if (/^on|^style$|xlink/i.test(key)) return false
  if (key === 'href') return value.startsWith('#') && ids.has(value.slice(1))
  if (key === 'marker-end') return ids.has(value.slice('url(#'.length, -1))
  if (key === 'aria-labelledby') return value.split(' ').every(id => ids.has(id))
  return !/^(x|y|width|height)$/.test(key) || /^-?\d+$/.test(value)
}

/** Well formed, with nothing in it that runs, and nothing that is fetched. */
function isSound(svg: string): Element[] {
  const elements = elementsOf(svg)
  const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? [])
  expect(new Set(ids).size).toBe(ids.length)
  const known = new Set(ids)
  const wrong = elements.flatMap(({ name, attributes }) => [
    ...(allowed.includes(name) ? [] : [name]),
    ...[...attributes].filter(([key, value]) => !isAllowed(key, value, known)).map(([key, value]) => `${name} ${key}="${value}"`)
  ])
  expect(wrong).toEqual([])
  return elements
}

const overlap = (a: Placed, b: Placed): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
const contains = (a: Placed, b: Placed): boolean =>
  a.x < b.x && a.y < b.y && a.x + a.width > b.x + b.width && a.y + a.height > b.y + b.height

/** Whether one box lies, in the topology, in the other. */
function liesIn(inner: Placed, outer: Placed): boolean {
  return outer.box.children.some(child => child === inner.box || liesIn(inner, { ...outer, box: child }))
}

function isTidy({ boxes, width, height, routes }: Layout): void {
  const untidy: string[] = []
  for (const [index, a] of boxes.entries()) {
    if (a.x < 0 || a.y < 0 || a.x + a.width > width || a.y + a.height > height) untidy.push(`${a.box.node.id} is cut off`)
    for (const b of boxes.slice(index + 1)) {
      if (liesIn(b, a)) {
        if (!contains(a, b)) untidy.push(`${a.box.node.id} does not hold ${b.box.node.id}`)
      } else if (overlap(a, b)) untidy.push(`${a.box.node.id} lies over ${b.box.node.id}`)
    }
  }
  for (const { points } of routes)
    for (const { x, y } of points) if (x < 0 || y < 0 || x > width || y > height) untidy.push(`a line is cut off at ${x} ${y}`)
  expect(untidy).toEqual([])
}

describe.each(exampleNames)('%s', name => {
  test('alone, before → after and when it goes: sound, tidy, and always the same bytes', async () => {
    for (const graph of Object.values(await exampleGraphs(name))) {
      const svg = svgOf(graph)
      isSound(svg)
      isTidy(layoutOf(pictureOf(graph)))
      expect(svgOf({ nodes: [...graph.nodes].reverse(), edges: [...graph.edges].reverse() })).toBe(svg)
      for (const node of graph.nodes) expect(svg).toContain(` ${node.id}</title>`)
    }
  })

  test('every line ends on the side of a box', async () => {
    const { boxes, routes } = layoutOf(pictureOf((await exampleGraphs(name)).made))
    const placed = new Map(boxes.map(one => [one.box.key, one]))
    for (const { line, points } of routes)
      for (const [box, end] of [
        [line.from, points[0]],
        [line.to, points.at(-1)]
      ] as const) {
        const at = placed.get(box.key)
        expect([at?.x, (at?.x ?? 0) + (at?.width ?? 0)]).toContain(end?.x)
        expect(end?.y).toBeGreaterThan(at?.y ?? 0)
        expect(end?.y).toBeLessThan((at?.y ?? 0) + (at?.height ?? 0))
      }
  })
})

test('an empty topology is a picture, too', () => {
  const svg = svgOf({ nodes: [], edges: [] })
  isSound(svg)
  expect(svg).toContain('Nothing is declared.')
})

test('it has a title and a description for whoever does not see it', async () => {
  const svg = svgOf((await exampleGraphs('quickstart')).made)
  expect(svg).toContain('role="img" aria-labelledby="pglink-title pglink-desc"')
  expect(svg).toContain('<desc id="pglink-desc">5 resources and 3 connections, of these 3 added, 2 locks lifted and restored.</desc>')
})

test('it follows the reader between light and dark, or the page that it stands in', async () => {
  const { made } = await exampleGraphs('quickstart')
  expect(svgOf(made)).toContain('@media (prefers-color-scheme:dark)')
  const inside = svgOf(made, { idPrefix: 'plan 1"', style: false })
  expect(inside).not.toContain('<style>')
  for (const { attributes } of isSound(inside)) if (attributes.has('id')) expect(attributes.get('id')).toMatch(/^plan-1--/)
})

test.each(hostileNames)('%j stays a name', name => {
  const graph: TopologyGraph = {
    nodes: [
      { id: name, kind: name, name, parent: null, mark: 'delete', existing: false, locks: [{ name, level: 'ReadOnly', mark: 'lifted' }] },
      { id: `${name}2`, kind: 'subnet', name, parent: null, mark: 'same', existing: true, locks: [] }
    ],
    edges: [{ id: name, from: name, to: `${name}2`, label: name, mark: 'update', before: name, after: name }]
  }
  const svg = svgOf(graph)
  isSound(svg)
  expect(svg).not.toMatch(/<script|\p{Bidi_Control}/iu)
})

test('whatever the document says, the picture is sound', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(anyGraph, graph => {
      isSound(svgOf(graph))
      isTidy(layoutOf(pictureOf(graph)))
    }),
    { seed: 13, numRuns: 25 }
  )
})

describe('2,000 resources', () => {
  test.each([
    ['of which none changes, are summed up', () => 'same' as const, 20_000, 'stands for several that do not change'],
    [
      'with a few changes, show these',
      (index: number) => (index % 100 === 0 ? ('update' as const) : ('same' as const)),
      80_000,
      'stands for several'
    ],
    ['which are all new, stand in rows', () => 'create' as const, 600_000, 'Too large for lines: 2000 connections not drawn.']
  ])('%s', (_, markOf, bytes, says) => {
    const svg = svgOf(largeGraph(1000, markOf))
    isSound(svg)
    expect(Buffer.byteLength(svg)).toBeLessThan(bytes)
    expect(svg).toContain(says)
  })

  test('in rows, each is there, and none lies over another', () => {
    const graph = largeGraph(300)
    const layout = layoutOf(pictureOf(graph))
    expect(graph.nodes.length).toBeGreaterThan(layoutMax.boxes)
    expect([layout.isGrid, layout.boxes.length]).toEqual([true, graph.nodes.length])
    isTidy(layout)
  })
})
