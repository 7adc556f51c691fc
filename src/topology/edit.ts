import canonicalize from 'canonicalize'
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq
} from 'yaml'
import { isBody, type Json, nested } from '../model/json.ts'
import type { Path } from './tree.ts'

export type Edited = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }

const refused = (reason: string): Edited => ({ ok: false, reason })

const options = { version: '1.2', keepSourceTokens: false, prettyErrors: false } as const

/**
 * Writes one value into a YAML text, or takes it out, and leaves every other byte as it is: comments, blanks and quotes are
 * the user's. The library writes anew as a whole where a splice would not get it right.
 */
export function edited(text: string, path: Path, given: Json | undefined): Edited {
  const value = given === undefined ? undefined : literal(given)
  const document = parseDocument(text, options)
  const place = placeOf(document, path)
  if (typeof place === 'string') return refused(place)
  const { target, trail } = place
  if (target !== undefined && hasVariable(target, text)) return refused('it is written as a variable, and what it holds is not in the file')
  if (target === undefined && value === undefined) return { ok: true, text }
  const wanted = parseDocument(text, options)
  const kept = value === undefined ? withoutEmpty(trail, path) : path
  if (value === undefined) wanted.deleteIn([...kept])
  else wanted.setIn([...path], value)
  const spliced = splice(text, { trail, path: kept, target, value })
  if (spliced !== undefined && means(spliced, wanted)) return { ok: true, text: spliced }
  return { ok: true, text: wanted.toString({ lineWidth: 0 }) }
}

/** Writes another key in place of one, and leaves every other byte as it is. */
export function renamed(text: string, path: Path, key: string): Edited {
  const place = placeOf(parseDocument(text, options), path)
  if (typeof place === 'string') return refused(place)
  const above = place.trail[path.length - 1]
  const old = isMap(above) ? pairIn(above, path.at(-1) ?? '')?.key : undefined
  const [start, end] = isNode(old) ? extentOf(old) : []
  if (start === undefined || end === undefined) return refused('it is not in this file')
  return { ok: true, text: `${text.slice(0, start)}${inStyle(key, text[start])}${text.slice(end)}` }
}

const means = (text: string, wanted: Document): boolean => {
  const document = parseDocument(text, options)
  // A splice may put a new key elsewhere in its map than the library does.
  const whole = parseDocument(wanted.toString({ lineWidth: 0 }), options)
  return document.errors.length === 0 && canonicalize(document.toJS()) === canonicalize(whole.toJS())
}

interface Placed {
  /** The value at the path now. */
  readonly target: Node | undefined
  /** The collections on the way to it, as far as they are there, from the top. */
  readonly trail: readonly (YAMLMap | YAMLSeq)[]
}

/** A text says why what stands there is not to be touched. */
function placeOf(document: Document, path: Path): Placed | string {
  const shared = 'it stands behind an anchor or an alias, and would be changed elsewhere, too'
  const trail: (YAMLMap | YAMLSeq)[] = []
  let node: unknown = document.contents
  for (const key of path) {
    if (isAlias(node) || (isNode(node) && 'anchor' in node && node.anchor)) return shared
    if (!isMap(node) && !isSeq(node)) return 'its parent is not a map in this file'
    trail.push(node)
    const below = isMap(node) ? pairIn(node, key)?.value : node.items[Number(key)]
    if (below === undefined || below === null) return { target: undefined, trail }
    node = below
  }
  if (!isNode(node)) return { target: undefined, trail }
  return !isAlias(node) && 'anchor' in node && node.anchor ? shared : { target: node, trail }
}

const pairIn = (map: YAMLMap, key: string | number): Pair | undefined =>
  map.items.find(({ key: own }) => isScalar(own) && String(own.value) === String(key))

/** As written: `$${` is the two characters themselves. */
const hasVariable = (node: Node, text: string): boolean => /(?<!\$)\$\{/.test(text.slice(...extentOf(node)))

/** A collection that would be left empty goes along: nothing declared there was ever asked for. */
function withoutEmpty(trail: readonly (YAMLMap | YAMLSeq)[], path: Path): Path {
  let length = path.length
  while (length > 1 && trail[length - 1]?.items.length === 1) length -= 1
  return path.slice(0, length)
}

interface Splice extends Placed {
  readonly path: Path
  readonly value: Json | undefined
}

/** `undefined` where the text has no simple place for it. */
function splice(text: string, { trail, path, target, value }: Splice): string | undefined {
  const above = trail[path.length - 1]
  if (value === undefined) return above && removed(text, above, path.at(-1) ?? '')
  if (target === undefined) {
    const inner = trail.at(-1)
    const [key = '', ...rest] = path.slice(trail.length - 1)
    return isMap(inner) ? inserted(text, inner, String(key), nested(rest, value)) : undefined
  }
  const [start, end] = extentOf(target)
  if (isSeq(target) && Array.isArray(value) && target.flow !== true) return relisted(text, target, value)
  return text.slice(0, start) + (isScalar(target) ? inStyleOf(value, text[start]) : flow(value)) + text.slice(end)
}

/** Item by item, from the end: what is written beside an item stays beside it. */
function relisted(text: string, list: YAMLSeq, value: readonly Json[]): string | undefined {
  if (value.length === 0 || list.items.length === 0) return undefined
  const [last = 0, end = 0] = itemExtent(list, list.items.length - 1) ?? []
  const dash = text.lastIndexOf('-', last)
  const column = dash - (text.lastIndexOf('\n', dash) + 1)
  const to = text.indexOf('\n', end)
  const more = value.slice(list.items.length).map(item => `${lineEnd(text)}${' '.repeat(column)}- ${flow(item)}`)
  const at = to < 0 ? text.length : text[to - 1] === '\r' ? to - 1 : to
  let made: string | undefined = text.slice(0, at) + more.join('') + text.slice(at)
  for (let index = list.items.length - 1; index >= 0 && made !== undefined; index--) {
    const [from, until] = itemExtent(list, index) ?? []
    const wanted = value[index]
    const item: unknown = list.items[index]
    if (from === undefined || until === undefined) return undefined
    if (wanted === undefined) made = removed(made, list, index)
    else if (!isScalar(item) || item.value !== wanted) made = made.slice(0, from) + inStyleOf(wanted, made[from]) + made.slice(until)
  }
  return made
}

const inStyleOf = (value: Json, quote: string | undefined): string => (typeof value === 'string' ? inStyle(value, quote) : flow(value))

/** From the first character of a node to behind its last, comments after it excluded. */
function extentOf(node: Node): [start: number, end: number] {
  const [start, end] = node.range ?? [0, 0]
  if (!isMap(node) && !isSeq(node)) return [start, end]
  if (node.flow === true) return [start, end]
  const last = node.items.at(-1)
  const inner = isMap(node) ? ((last as Pair | undefined)?.value ?? (last as Pair | undefined)?.key) : last
  return [start, isNode(inner) ? extentOf(inner)[1] : end]
}

const lineEnd = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')

function removed(text: string, above: YAMLMap | YAMLSeq, key: string | number): string | undefined {
  const index = isMap(above) ? (above.items as unknown[]).indexOf(pairIn(above, key)) : Number(key)
  const [start, end] = itemExtent(above, index) ?? []
  if (start === undefined || end === undefined) return undefined
  if (above.flow !== true) {
    const from = text.lastIndexOf('\n', start - 1) + 1
    // An item that begins on the line of what it lies in leaves that line to it.
    if (!/^[ ]*(- )?$/.test(text.slice(from, start)) || (isMap(above) && text.slice(from, start).includes('-'))) return undefined
    const to = text.indexOf('\n', end)
    return text.slice(0, from) + (to < 0 ? '' : text.slice(to + 1))
  }
  const next = itemExtent(above, index + 1)
  if (next) return text.slice(0, start) + text.slice(next[0])
  const before = itemExtent(above, index - 1)
  return before ? text.slice(0, before[1]) + text.slice(end) : undefined
}

function itemExtent(above: YAMLMap | YAMLSeq, index: number): [number, number] | undefined {
  const item = above.items[index]
  if (item === undefined) return undefined
  if (isSeq(above)) return isNode(item) ? extentOf(item) : undefined
  const { key, value } = item as Pair
  if (!isNode(key)) return undefined
  const [start, end] = extentOf(key)
  return [start, isNode(value) ? extentOf(value)[1] : end]
}

function inserted(text: string, map: YAMLMap, key: string, value: Json): string | undefined {
  const written = `${flow(key)}: ${flow(value)}`
  const last = itemExtent(map, map.items.length - 1)
  if (map.flow === true) {
    if (last) return `${text.slice(0, last[1])}, ${written}${text.slice(last[1])}`
    const [start, end] = map.range ?? [0, 0]
    return `${text.slice(0, start)}{ ${written} }${text.slice(end)}`
  }
  const [first] = itemExtent(map, 0) ?? []
  if (first === undefined || last === undefined) return undefined
  const column = first - (text.lastIndexOf('\n', first - 1) + 1)
  const to = text.indexOf('\n', last[1])
  const at = to < 0 ? text.length : text[to - 1] === '\r' ? to - 1 : to
  return `${text.slice(0, at)}${lineEnd(text)}${' '.repeat(column)}${written}${text.slice(at)}`
}

/** Characters that a reader takes for text and for nothing else, wherever they stand. */
const plainText = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z_/][\w./-]*$|^\d+(?:\.\d+){2,3}(?:\/\d+)?$/i

/** `${` would be read as the beginning of a variable. Keys may hold none at all. */
function literal(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll(`\${`, () => `$\${`)
  if (Array.isArray(value)) return value.map(literal)
  return isBody(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, literal(one)])) : value
}

function inStyle(text: string, quote: string | undefined): string {
  if (quote === "'" && !/[\p{Cc}]/u.test(text)) return `'${text.replaceAll("'", "''")}'`
  return quote === '"' ? JSON.stringify(text) : flow(text)
}

/** On one line, as it may stand in any collection. JSON is YAML. */
function flow(value: Json): string {
  if (typeof value === 'string') return plainText.test(value) ? value : JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (isBody(value) && Object.keys(value).length === 0) return '{}'
  if (isBody(value))
    return `{ ${Object.entries(value)
      .map(([key, one]) => `${flow(key)}: ${flow(one)}`)
      .join(', ')} }`
  return JSON.stringify(value)
}
