import type { Secret } from '../model/secret.ts'
import type { Span } from './source.ts'

export type Scalar = string | number | boolean | null

/** The document with the place each part of it came from; an overlay's parts keep their own file. */
export type Node = MapNode | ListNode | ScalarNode

export interface Entry {
  readonly key: Span
  readonly value: Node
}

export interface MapNode {
  readonly kind: 'map'
  readonly at: Span
  readonly entries: ReadonlyMap<string, Entry>
}

interface ListNode {
  readonly kind: 'list'
  readonly at: Span
  readonly items: readonly Node[]
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly at: Span
  readonly value: Scalar
  /** Set where the schema says `secret`; `value` is then the text that names the variable. */
  readonly secret?: Secret
  /** The variables in it that have no value: the text still holds them. */
  readonly unset?: readonly string[]
}

/** The keys from the top of the file; an item of a list goes by its index. */
export type Path = readonly (string | number)[]

/** The path that a pointer of the schema's validator names. */
export const pathOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))

export const addressOf = (path: Path): string => path.join('/')

export function nodeAt(root: Node, path: Path): Node | undefined {
  let node: Node | undefined = root
  for (const key of path) node = node && step(node, key)
  return node
}

function step(node: Node, key: string | number): Node | undefined {
  switch (node.kind) {
    case 'map':
      return node.entries.get(String(key))?.value
    case 'list':
      return node.items[Number(key)]
    case 'scalar':
      return undefined
  }
}

export type Aim = 'key' | 'value'

/**
 * Where to point for `path`. We point at a missing value where it is missing: at the nearest thing above it that
 * is, by its key. A value without characters of its own (`subnets:` and nothing) is pointed at by its key, too.
 */
export function spanAt(root: Node, path: Path, aim: Aim): Span {
  for (let length = path.length; length > 0; length--) {
    const here = path.slice(0, length)
    const node = nodeAt(root, here)
    if (!node) continue
    const above = nodeAt(root, here.slice(0, -1))
    const key = above?.kind === 'map' ? above.entries.get(String(here.at(-1)))?.key : undefined
    const wantsKey = aim === 'key' || length < path.length || node.at.start === node.at.end
    return (wantsKey ? key : undefined) ?? node.at
  }
  return { ...root.at, end: root.at.start }
}

/** As a plain value. Secrets stay wrapped unless `text` asks for the text that names their variable. */
export function plain(node: Node, secrets: 'wrapped' | 'text'): unknown {
  switch (node.kind) {
    case 'map': {
      const pairs = [...node.entries].map(([key, { value }]) => [key, plain(value, secrets)] as const)
      return Object.fromEntries(pairs)
    }
    case 'list':
      return node.items.map(item => plain(item, secrets))
    case 'scalar':
      return secrets === 'wrapped' && node.secret ? node.secret : node.value
  }
}

/** Every scalar with its path, in the order of the file. */
export function* scalars(node: Node, path: Path = []): Generator<{ readonly path: Path; readonly node: ScalarNode }> {
  if (node.kind === 'scalar') yield { path, node }
  else if (node.kind === 'list') for (const [index, item] of node.items.entries()) yield* scalars(item, [...path, index])
  else for (const [key, { value }] of node.entries) yield* scalars(value, [...path, key])
}

export function mapScalars(node: Node, change: (node: ScalarNode, path: Path) => ScalarNode, path: Path = []): Node {
  switch (node.kind) {
    case 'scalar':
      return change(node, path)
    case 'list':
      return { ...node, items: node.items.map((item, index) => mapScalars(item, change, [...path, index])) }
    case 'map': {
      const entries = [...node.entries].map(([key, entry]): [string, Entry] => [
        key,
        { key: entry.key, value: mapScalars(entry.value, change, [...path, key]) }
      ])
      return { ...node, entries: new Map(entries) }
    }
  }
}

/**
 * `over` laid on `under`: maps merge by key, scalars and lists replace, null removes. Each part keeps the place it was
 * written at; a key of both is pointed at where it was written last.
 */
export function overlay(under: Node, over: Node): Node {
  if (under.kind !== 'map' || over.kind !== 'map') return over
  const entries = new Map(under.entries)
  for (const [key, entry] of over.entries) {
    const below = entries.get(key)
    if (isNull(entry.value)) entries.delete(key)
    else
      entries.set(
        key,
        below ? { key: entry.key, value: overlay(below.value, entry.value) } : { key: entry.key, value: withoutNulls(entry.value) }
      )
  }
  return { ...over, entries }
}

/** A null removes also where there is nothing to remove, so that it never reaches the schema. */
function withoutNulls(node: Node): Node {
  if (node.kind !== 'map') return node
  const kept = [...node.entries].filter(([, { value }]) => !isNull(value))
  return { ...node, entries: new Map(kept.map(([key, entry]) => [key, { key: entry.key, value: withoutNulls(entry.value) }])) }
}

const isNull = (node: Node): boolean => node.kind === 'scalar' && node.value === null
