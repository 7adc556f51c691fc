import type { TopologyGraph } from '../document/plan.generated.ts'
import type { DrawnNode } from '../kinds/drawn.ts'
import { type SummaryLevel, summarised, summaryLevels } from './graphSummary.ts'
import { changedMarks, kindLook, type Mark, marks } from './looks.ts'
import { type Box, described, type Line, lineWords, pictureOf, pictureTitle, sound } from './picture.ts'

export interface MermaidOptions {
  /** Beyond it the picture is a summary, which says so. */
  readonly maxNodes?: number
  readonly maxEdges?: number
  /** In UTF-16 units, as mermaid counts them. */
  readonly maxChars?: number
}

/** Mermaid draws nothing beyond 50,000 characters or 500 edges (its maxTextSize and maxEdges); a reader follows less. */
const limits: Required<MermaidOptions> = { maxNodes: 120, maxEdges: 400, maxChars: 45_000 }

/**
 * The graph as a mermaid flowchart. Nothing of it but texts in quotes comes from a name. Ends in a newline. A box of its own
 * counts the parts that are left out.
 */
export function mermaidOf(graph: TopologyGraph, options: MermaidOptions = {}): string {
  const { maxNodes, maxEdges, maxChars } = { ...limits, ...options }
  const whole = sound(graph)
  const told = described(whole)
  const attempt = (level: SummaryLevel): string | undefined => {
    const { graph: less, leftOut } = summarised(whole, level)
    if (less.nodes.length > maxNodes || less.edges.length > maxEdges) return undefined
    const text = flowchart(less, told, leftOut)
    return text.length > maxChars ? undefined : text
  }
  for (const level of summaryLevels) {
    const text = attempt(level)
    if (text !== undefined) return text
  }
  const { nodes, edges } = whole
  return flowchart({ nodes: [], edges: [] }, told, `Too large to be drawn: ${nodes.length} resources with ${edges.length} connections.`)
}

function flowchart(graph: TopologyGraph, told: string, leftOut: string | undefined): string {
  const { roots, boxes, lines } = pictureOf(graph)
  const note = leftOut ?? (boxes.length === 0 ? 'Nothing is declared.' : undefined)
  return [
    'flowchart LR',
    `  accTitle: ${plainWords(pictureTitle)}`,
    `  accDescr: ${plainWords(told)}`,
    ...roots.flatMap(box => boxText(box, '  ')),
    ...(note === undefined ? [] : [`  note["${escaped(note)}"]:::note`]),
    ...lines.map(lineText),
    ...classes(boxes, note !== undefined),
    ...lineStyles(lines)
  ]
    .map(line => `${line}\n`)
    .join('')
}

/**
 * A character other than a letter, digit or harmless sign is written as mermaid's own entity for its code: quotes, brackets,
 * back-ticks, `%%`, HTML and everything that could end a text or begin a statement. Mermaid also reads a text as Markdown:
 * nothing in it may be a list or a link.
 */
export const escaped = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9 ./(),🔒🔓🌐×→…]/gu, entity)
    .replace(/(?<=^\s*\d+)\./u, entity)
    .replace(/(?<=www)\./giu, entity)

const entity = (character: string): string => `#${character.codePointAt(0) ?? 0};`

/** Where mermaid takes no quotes: our own sentences, of which a statement could only be made by a sign that is none of these. */
const plainWords = (text: string): string => text.replace(/[^A-Za-z0-9 ,.]/g, ' ')

const shapes: Readonly<Record<DrawnNode['shape'], readonly [open: string, close: string]>> = {
  box: ['[', ']'],
  cylinder: ['[(', ')]'],
  hexagon: ['{{', '}}'],
  oval: ['([', '])'],
  component: ['[[', ']]'],
  parallelogram: ['[/', '/]']
}

const quoted = (lines: readonly string[]): string => `"${lines.map(escaped).join('<br/>')}"`

/** A frame has room for one line, so that its locks are a box in it. */
function boxText(box: Box, indent: string): string[] {
  const { key, node, children, title, says, lines } = box
  if (children.length === 0) {
    const [open, close] = shapes[kindLook(node.kind).shape]
    return [`${indent}${key}${open}${quoted([title, says, ...lines.map(lineWords)])}${close}`]
  }
  return [
    `${indent}subgraph ${key}[${quoted([`${title} (${says})`])}]`,
    `${indent}  direction LR`,
    ...(lines.length === 0 ? [] : [`${indent}  ${key}locks[${quoted(lines.map(lineWords))}]:::locks`]),
    ...children.flatMap(child => boxText(child, `${indent}  `)),
    `${indent}end`
  ]
}

/** A resource is written after its parent, so that mermaid draws networks on the left. */
function lineText({ from, to, text, mark, backwards }: Line): string {
  const [left, right] = backwards ? [to, from] : [from, to]
  const dashed = mark === 'delete' || mark === 'unknown'
  const arrow = backwards ? (dashed ? '-.-' : '---') : dashed ? '-.->' : '-->'
  return `  ${left.key} ${arrow}${text === '' ? '' : `|"${escaped(text)}"|`} ${right.key}`
}

const dashes = { solid: '', dashed: ',stroke-dasharray:5 4', dotted: ',stroke-dasharray:2 3' } as const

/** A box that holds others has its stroke alone: their own fill has to stand out. */
function lookOf(mark: Mark, isFrame: boolean): string {
  const { style, flow } = marks[mark]
  const [line, fill, text] = flow
  const width = mark === 'same' || style === 'dotted' ? '' : ',stroke-width:2px'
  return `fill:${isFrame ? 'transparent' : fill},stroke:${line}${isFrame ? '' : `,color:${text}`}${width}${dashes[style]}`
}

const locksLook = 'fill:#fff,stroke:#8c959f,color:#1f2328'
const noteLook = 'fill:#fff,stroke:#8c959f,color:#1f2328,stroke-dasharray:2 3'

function classes(boxes: readonly Box[], hasNote: boolean): string[] {
  const isFrame = ({ children }: Box): boolean => children.length > 0
  const defined = (Object.keys(marks) as Mark[]).flatMap(mark => {
    const marked = boxes.filter(({ node }) => node.mark === mark)
    const [frames, leaves] = [marked.filter(isFrame), marked.filter(box => !isFrame(box))]
    return [...classed(mark, lookOf(mark, false), leaves), ...classed(`${mark}Frame`, lookOf(mark, true), frames)]
  })
  const hasLocks = boxes.some(box => isFrame(box) && box.lines.length > 0)
  return [...defined, ...(hasLocks ? [`  classDef locks ${locksLook}`] : []), ...(hasNote ? [`  classDef note ${noteLook}`] : [])]
}

const classed = (name: string, look: string, boxes: readonly Box[]): string[] =>
  boxes.length === 0 ? [] : [`  classDef ${name} ${look}`, `  class ${boxes.map(({ key }) => key).join(',')} ${name}`]

function lineStyles(lines: readonly Line[]): string[] {
  return changedMarks.flatMap(mark => {
    const numbers = lines.flatMap((line, index) => (line.mark === mark ? [index] : []))
    return numbers.length === 0 ? [] : [`  linkStyle ${numbers.join(',')} stroke:${marks[mark].flow[3]},stroke-width:2px`]
  })
}
