import type { TopologyGraph } from '../document/plan.generated.ts'
import { printable } from '../model/printable.ts'
import { kindLook, marks } from './looks.ts'
import { type Box, described, type Line, lineWords, pictureOf, sound } from './picture.ts'

/**
 * In quotes Graphviz reads a backslash as the beginning of an escape, of a name of its own (`\N`) or of a line's end, and an
 * ampersand as that of an entity of HTML.
 */
const quoted = (lines: readonly string[]): string =>
  `"${lines.map(line => line.replace(/[&<>]/g, character => `&#${character.charCodeAt(0)};`).replace(/["\\]/g, '\\$&')).join('\\n')}"`

/** A graph of 2,000 boxes is not summed up: a user who asks for this has a program that lays it out. */
export function dotOf(graph: TopologyGraph): string {
  const whole = sound(graph)
  const { roots, lines } = pictureOf(whole)
  return [
    'digraph topology {',
    `  graph [rankdir=LR, compound=true, fontname="sans-serif", fontsize=11, tooltip=${quoted([described(whole)])}]`,
    '  node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=11]',
    '  edge [fontname="sans-serif", fontsize=10]',
    ...roots.flatMap(box => boxText(box, '  ')),
    ...lines.map(lineText),
    '}'
  ]
    .map(line => `${line}\n`)
    .join('')
}

function boxText(box: Box, indent: string): string[] {
  const { key, node, children, title, says, lines } = box
  const {
    light: [line, fill],
    style
  } = marks[node.mark]
  const label = quoted([title, says, ...lines.map(lineWords)])
  if (children.length === 0) {
    const { shape } = kindLook(node.kind)
    const look = `${shape === 'box' ? '' : `shape=${shape}, `}style="filled,${style}", fillcolor="${fill}", color="${line}"`
    return [`${indent}${key} [label=${label}, tooltip=${quoted([printable(node.id)])}, ${look}]`]
  }
  return [
    `${indent}subgraph cluster_${key} {`,
    `${indent}  graph [label=${label}, tooltip=${quoted([printable(node.id)])}, labeljust=l, style="rounded,${style}", color="${line}"]`,
    // A line to the cluster ends on this point.
    `${indent}  ${key} [label="", shape=point, style=invis]`,
    ...children.flatMap(child => boxText(child, `${indent}  `)),
    `${indent}}`
  ]
}

/** A resource is written after its parent, so that networks are on the left; the arrow shows which way the line goes. */
function lineText({ from, to, text, mark, backwards }: Line): string {
  const [left, right] = backwards ? [to, from] : [from, to]
  const {
    light: [line],
    style
  } = marks[mark]
  const ends = [
    ...(left.children.length > 0 ? [`ltail=cluster_${left.key}`] : []),
    ...(right.children.length > 0 ? [`lhead=cluster_${right.key}`] : []),
    ...(backwards ? ['dir=back'] : [])
  ]
  return `  ${left.key} -> ${right.key} [${[`label=${quoted([text])}`, `color="${line}"`, `style=${style}`, ...ends].join(', ')}]`
}
