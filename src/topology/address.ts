import { type Node, nodeAt, type Path } from './tree.ts'

/**
 * A collection of the file as the schema names it: `networks/*\/subnets`. `{this}` stands for the key at the same place
 * in the path of the entry that refers, as with the runtimes of the linked service's own factory.
 */
export type CollectionPath = string

const partsOf = (collection: CollectionPath, from: Path): string[] =>
  collection.split('/').map((part, index) => (part === '{this}' ? String(from[index] ?? '') : part))

/**
 * The path of the entry that `text` names: its keys from the top of the file, or only those the collection leaves open
 * (`hub/endpoints`). Undefined when the file has no such entry.
 */
export function findEntry(root: Node, collection: CollectionPath, text: string, from: Path): Path | undefined {
  const open = partsOf(collection, from)
  const keys = text.split('/')
  const whole = keys.length === open.length + 1 && open.every((part, index) => part === '*' || part === keys[index])
  const path = whole ? keys : filledIn(open, keys)
  return path && nodeAt(root, path) ? path : undefined
}

function filledIn(open: readonly string[], keys: readonly string[]): Path | undefined {
  const rest = [...keys]
  const path = open.map(part => (part === '*' ? (rest.shift() ?? '') : part))
  return rest.length === 1 ? [...path, rest[0] ?? ''] : undefined
}

/** The entries of a collection in the order of the file: by the keys it leaves open, and by all of them. */
export interface EntryNames {
  readonly short: readonly string[]
  readonly whole: readonly string[]
}

/** Where one name leads nowhere others do, too, and each is told which there are. */
const namesIn = new WeakMap<Node, Map<string, EntryNames>>()

export function entryNames(root: Node, collection: CollectionPath, from: Path): EntryNames {
  const parts = partsOf(collection, from)
  const known = namesIn.get(root) ?? new Map<string, EntryNames>()
  namesIn.set(root, known)
  const names = known.get(parts.join('/')) ?? namesBelow(root, [...parts, '*'])
  known.set(parts.join('/'), names)
  return names
}

function namesBelow(root: Node, parts: readonly string[]): EntryNames {
  let found: { readonly node: Node; readonly short: readonly string[]; readonly whole: readonly string[] }[] = [
    { node: root, short: [], whole: [] }
  ]
  for (const part of parts) {
    found = found.flatMap(({ node, short, whole }) => {
      if (node.kind !== 'map') return []
      if (part === '*')
        return [...node.entries].map(([key, { value }]) => ({ node: value, short: [...short, key], whole: [...whole, key] }))
      const below = node.entries.get(part)
      return below ? [{ node: below.value, short, whole: [...whole, part] }] : []
    })
  }
  return { short: found.map(({ short }) => short.join('/')), whole: found.map(({ whole }) => whole.join('/')) }
}

/** A reference as it stands in the file: an entry's address, or an ARM id. */
export type Target = { readonly kind: 'entry'; readonly path: Path } | { readonly kind: 'id'; readonly id: string }

/** The entry that a `subnet:`, `server:` … leads to; undefined when it is unknown, or leads nowhere. */
export function target(root: Node, collection: CollectionPath, from: Path): Target | undefined {
  const node = nodeAt(root, from)
  if (node?.kind === 'scalar' && typeof node.value === 'string' && !node.unset) {
    const path = findEntry(root, collection, node.value, from)
    return path && { kind: 'entry', path }
  }
  const id = text(root, [...from, 'id'])
  return id === undefined ? undefined : { kind: 'id', id }
}

/** The text at `path`; undefined when there is none or a variable leaves it open. */
export function text(root: Node, path: Path): string | undefined {
  const node = nodeAt(root, path)
  return node?.kind === 'scalar' && typeof node.value === 'string' && !node.unset ? node.value : undefined
}
