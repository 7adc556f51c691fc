import type { TopologyGraph } from '../document/plan.generated.ts'
import { counted } from '../model/counted.ts'
import { printable } from '../model/printable.ts'
import { summarised } from './graphSummary.ts'
import { layoutMax, layoutOf } from './layout.ts'
import { kindLook, type Mark, marks } from './looks.ts'
import { described, legendOf, pictureOf, pictureTitle, sound } from './picture.ts'
import { type Layout, type Placed, type Point, type Route, sizes } from './placed.ts'
import { lineIcons, svgClass, svgStyle } from './svgStyle.ts'
import { boldWidth, fitted, textWidth } from './textWidth.ts'

export interface SvgOptions {
  /** Begins every id of the picture, so that several can stand in one page. */
  readonly idPrefix?: string
  /** `false` for a page that brings the rules of svgStyle.ts itself. */
  readonly style?: boolean
}

/** Characters that a name must not have in XML: markup, and the two characters no XML may hold. */
const escapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;']
])
export const xml = (text: string): string =>
  printable(text).replace(/[&<>"'\ufffe\uffff]/g, character => escapes.get(character) ?? '\ufffd')

/** The prefix of ids in a page, with the characters that a name of CSS and HTML takes. */
const safeId = (prefix: string): string => prefix.replace(/[^A-Za-z0-9_-]/g, '-')

/**
 * The graph as a picture of its own: no script, no font or picture from elsewhere, light or dark as the reader has it. The same graph
 * gives the same bytes. Beyond what can be laid out with lines, what does not change is summed up; beyond that boxes stand in
 * rows and the lines are counted. Either is said in the picture. Ends in a newline.
 */
export const svgOf = (graph: TopologyGraph, options: SvgOptions = {}): string => sizedSvg(graph, options).svg

/** The same with how large it is. */
export function sizedSvg(graph: TopologyGraph, { idPrefix = 'pglink', style = true }: SvgOptions) {
  const whole = sound(graph)
  const { shown, leftOut } = asMuchAsFits(whole)
  const layout = layoutOf(pictureOf(shown))
  const id = safeId(idPrefix)
  const said = [
    ...(layout.boxes.length === 0 ? ['Nothing is declared.'] : []),
    ...(leftOut === undefined ? [] : [leftOut]),
    ...(layout.isGrid ? [`Too large for lines: ${counted(whole.edges.length, 'connection')} not drawn.`] : [])
  ]
  const legend = legendText(whole, layout, said)
  const width = Math.max(layout.width, legend.width)
  const height = layout.height + legend.height
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="${svgClass}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">`,
    `<title id="${id}-title">${pictureTitle}</title>`,
    `<desc id="${id}-desc">${xml([described(whole), ...said].join(' '))}</desc>`,
    ...(style ? [`<style>${svgStyle}</style>`] : []),
    defs(shown, layout, id),
    `<rect class="p" width="${width}" height="${height}" rx="6"/>`,
    ...layout.boxes.filter(({ isFrame }) => isFrame).map(placed => boxText(placed, id, layout)),
    ...layout.routes.map(route => lineText(route, id)),
    ...layout.boxes.filter(({ isFrame }) => !isFrame).map(placed => boxText(placed, id, layout)),
    ...layout.routes.map(labelText),
    legend.text,
    '</svg>'
  ]
  const svg = parts.flatMap(part => (part === '' ? [] : [`${part}\n`])).join('')
  return { svg, width, height }
}

/** All of it where that can have lines, else what changes where that can; else all of it again, in rows. */
function asMuchAsFits(whole: TopologyGraph): { readonly shown: TopologyGraph; readonly leftOut: string | undefined } {
  const fits = (graph: TopologyGraph): boolean => {
    const { boxes, lines } = pictureOf(graph)
    return boxes.length <= layoutMax.boxes && lines.length <= layoutMax.lines
  }
  if (fits(whole)) return { shown: whole, leftOut: undefined }
  for (const level of [1, 2] as const) {
    const { graph, leftOut } = summarised(whole, level)
    if (graph.nodes.length > 0 && fits(graph)) return { shown: graph, leftOut }
  }
  return { shown: whole, leftOut: undefined }
}

const small = (text: string): number => textWidth(text, sizes.says)
const bold = (text: string): number => boldWidth(text, sizes.title)

/** Only what is used: a picture may stand in a page beside others. */
function defs({ nodes, edges }: TopologyGraph, { boxes }: Layout, id: string): string {
  const kinds = new Map(
    boxes.map(
      ({
        box: {
          node: { kind }
        }
      }) => [kindLook(kind).name, kindLook(kind).icon]
    )
  )
  const signs = nodes.some(({ locks, ways = [] }) => locks.length + ways.length > 0) ? Object.entries(lineIcons) : []
  const symbols = [...[...kinds].sort(([a], [b]) => (a < b ? -1 : 1)), ...signs].map(
    ([name, icon]) => `<symbol id="${id}-i-${name}" viewBox="0 0 16 16"><path d="${icon}"/></symbol>`
  )
  const marks = [...new Set(edges.map(({ mark }) => mark))].sort()
  const heads = marks.map(
    mark =>
      `<marker id="${id}-h-${mark}" class="m-${mark}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path class="h" d="M0 .5 8 4 0 7.5z"/></marker>`
  )
  return `<defs>${[...symbols, ...heads].join('')}</defs>`
}

const use = (id: string, name: string, { x, y }: Point, size: number, more = ''): string =>
  `<use class="i${more}" href="#${id}-i-${name}" x="${x}" y="${y}" width="${size}" height="${size}"/>`

function boxText(placed: Placed, id: string, { isGrid }: Layout): string {
  const { box, isFrame, x, y, width, height } = placed
  const { node, title, says, lines: more } = box
  const frame = `<rect class="${isFrame ? 'r' : 'b'}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${isFrame ? 8 : 6}"/>`
  const hover = `<title>${xml(`${kindLook(node.kind).title} ${node.id}`)}</title>`
  const group = (content: string, more = ''): string => `<g class="m-${node.mark}${more}">${hover}${frame}${content}</g>`
  const left = x + sizes.pad
  if (isGrid) {
    const text = isFrame ? `${title} (${says})` : title
    return group(`<text class="t" x="${x + 8}" y="${y + 16}">${xml(fitted(text, width - 16, small))}</text>`, ' g')
  }
  const start = y + (isFrame ? sizes.pad : sizes.pad - 3)
  const room = width - 2 * sizes.pad - sizes.icon
  const lines = [
    use(id, kindLook(node.kind).name, { x: left - 2, y: start + 1 }, 16),
    `<text class="t" x="${left + sizes.icon}" y="${start + 13}">${xml(fitted(title, room, bold))}</text>`,
    `<text class="s" x="${left + sizes.icon}" y="${start + sizes.lineTitle + 10}">${xml(fitted(says, room, small))}</text>`,
    ...more.flatMap(({ sign, mark, text }, index) => {
      const line = start + sizes.lineTitle + sizes.lineSmall * (index + 1)
      return [
        use(id, sign, { x: left + sizes.icon - 1, y: line }, 12, mark === 'lifted' || mark === 'lowered' ? ' o' : ''),
        `<text x="${left + sizes.icon + 14}" y="${line + 10}">${xml(fitted(text, room - 14, small))}</text>`
      ]
    })
  ]
  return group(lines.join(''))
}

/** Leaves and arrives level, and bends between. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let from = first
  const parts = rest.map(to => {
    const middle = Math.round((from.x + to.x) / 2)
    const part = from.y === to.y ? `L${to.x} ${to.y}` : `C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`
    from = to
    return part
  })
  return `M${first.x} ${first.y}${parts.join('')}`
}

function lineText({ line, points }: Route, id: string): string {
  const { from, to, mark, text } = line
  const hover = `<title>${xml(`${from.node.id} → ${to.node.id}: ${text}`)}</title>`
  return `<g class="m-${mark}">${hover}<path class="l" d="${curve(points)}" marker-end="url(#${id}-h-${mark})"/></g>`
}

function labelText({ line: { text, mark }, label: { x, y } }: Route): string {
  if (text === '') return ''
  const width = textWidth(text, sizes.label) + 6
  return `<g class="m-${mark}"><rect class="k" x="${x - Math.round(width / 2)}" y="${y - 8}" width="${width}" height="16" rx="3"/><text class="e" x="${x}" y="${y + 4}">${xml(text)}</text></g>`
}

interface Legend {
  readonly width: number
  readonly height: number
  readonly text: string
}

function legendText(graph: TopologyGraph, layout: Layout, said: readonly string[]): Legend {
  const entries = legendOf(graph)
  if (entries.length === 0 && said.length === 0) return { width: 0, height: 0, text: '' }
  let x: number = sizes.margin
  const row = layout.height + 14
  const swatch = (mark: Mark, words: string): string => {
    const text = `<g class="m-${mark}"><rect class="b" x="${x}" y="${row - 10}" width="14" height="12" rx="3"/><text class="s" x="${x + 20}" y="${row}">${xml(words)}</text></g>`
    x += 20 + textWidth(words, sizes.says) + 18
    return text
  }
  const swatches = entries.map(mark => swatch(mark, `${marks[mark].sign} ${marks[mark].says}`)).join('')
  const first = entries.length === 0 ? row : row + 18
  const lines = said.map((words, index) => `<text class="s" x="${sizes.margin}" y="${first + index * 16}">${xml(words)}</text>`)
  return {
    width: Math.max(x, ...said.map(words => textWidth(words, sizes.says) + 2 * sizes.margin)),
    height: (entries.length === 0 ? 0 : 18) + said.length * 16 + sizes.margin,
    text: [swatches, ...lines].join('')
  }
}
