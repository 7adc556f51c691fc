import { Document, isCollection, isMap, isPair, isScalar, type Node, type Pair, Scalar, visit, type YAMLMap } from 'yaml'
import type { Json } from '../model/json.ts'
import { isArmed, unseen } from '../model/unseen.ts'
import { collections } from '../topology/collections.ts'
import { textOf } from '../topology/format.ts'
import { commentKey } from './compose.ts'

/** A line longer than this is for a screen wider than most. */
const widthMax = 100

/** Words of YAML 1.1 that other readers take for no text. */
const readOtherwise = /^(y|n|yes|no|on|off|true|false|null|~)$/i

/** In quotes every character can be spelt out: those that cannot be seen, and those that a build agent takes for a command in its log. */
export const isQuoted = (text: string): boolean =>
  readOtherwise.test(text) || text.includes('${') || isArmed(text) || text.search(unseen) >= 0

export function spelt(text: string): string {
  const code = (character: string): string => (character.codePointAt(0) ?? 0).toString(16)
  return text
    .replace(unseen, one =>
      one === '\n' ? one : code(one).length > 4 ? `\\U${code(one).padStart(8, '0')}` : `\\u${code(one).padStart(4, '0')}`
    )
    .replace(/(?<=#)#(?=\[|vso\[)/giu, '\\u0023')
}

/** Azure's names and texts may hold whatever they like, and a comment ends with its line. */
const commentLine = (text: string): string => ` ${text.replaceAll('\n', '\\n')}`

/**
 * The text of a topology: comments above what they are about, small maps on one line, the way the examples are written.
 *
 * @param comments by the keys that lead to an entry
 */
export function yamlOf(
  document: Json,
  comments: ReadonlyMap<string, readonly string[]>,
  heading: readonly string[],
  foot: readonly string[]
): string {
  const made = new Document(document)
  visit(made, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && isQuoted(node.value)) node.type = Scalar.QUOTE_DOUBLE
    },
    Pair(_, pair, path) {
      const keys = [...path.filter(isPair), pair].map(keyOf)
      const lines = comments.get(commentKey(keys))
      if (lines !== undefined && isScalar(pair.key)) pair.key.commentBefore = lines.map(commentLine).join('\n')
    }
  })
  if (isMap(made.contents)) for (const pair of made.contents.items) settle(pair.value as Node, 0, entriesDepth(keyOf(pair)))
  if (isMap(made.contents)) spaced(made.contents)
  const top = comments.get('') ?? []
  const head = [...heading, ...top].map(line => `#${line === '' ? '' : commentLine(line)}\n`).join('')
  const end = foot.map(line => `#${line === '' ? '' : commentLine(line)}\n`).join('')
  return spelt(`${head}${textOf(made)}${end === '' ? '' : `\n${end}`}`)
}

const keyOf = (pair: Pair): string => String(isScalar(pair.key) ? pair.key.value : pair.key)

const sections: ReadonlySet<string> = new Set([...collections.flatMap(({ keys }) => keys), 'rules'])

/** Sections of the file hold entries, each of which begins on a line of its own. */
const entriesDepth = (section: string): number => (sections.has(section) ? 1 : 0)

/** A map or list goes on one line where it is short, and nothing in it has a comment. */
function settle(node: Node | null, indent: number, keep: number): void {
  if (!isCollection(node)) return
  if (keep <= 0 && !hasComment(node) && isShort(node, indent)) {
    node.flow = true
    return
  }
  for (const item of node.items) {
    if (isPair(item)) settle(item.value as Node, indent + 2, keep - 1)
    else settle(item as Node, indent + 2, keep - 1)
  }
}

const isShort = (node: Node, indent: number): boolean => {
  const text = JSON.stringify(node)
  return text.length + indent <= widthMax - 20 && depthOf(node) <= 3
}

const depthOf = (node: unknown): number => {
  if (!isCollection(node)) return 0
  return 1 + Math.max(0, ...node.items.map(item => depthOf(isPair(item) ? item.value : item)))
}

function hasComment(node: Node): boolean {
  let found = false
  visit(node, {
    Node(_, one) {
      if (one.commentBefore || one.comment) found = true
    }
  })
  return found
}

/** A blank line before each section that holds entries. */
function spaced(map: YAMLMap): void {
  for (const pair of map.items) if (isScalar(pair.key) && entriesDepth(keyOf(pair)) > 0) pair.key.spaceBefore = true
}
