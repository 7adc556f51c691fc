import { text } from './address.ts'
import { entriesAbove } from './collections.ts'
import { type Node, nodeAt, type Path } from './tree.ts'
import { isOurs } from './walk.ts'

/** A setting with the path it was written at, for pointing at it. */
export interface Setting {
  readonly value: string
  readonly path: Path
}

export interface WrittenPlace {
  readonly subscription: Setting | undefined
  /** Undefined also for what is not ours: its region is only known when it is read. */
  readonly location: Setting | undefined
}

/** `location` or `subscription` as it holds for the entry at `path`: its own, else that of the nearest entry above that hands it down. */
function inherited(root: Node, path: Path, key: 'subscription' | 'location'): Setting | undefined {
  const above = entriesAbove(path).toReversed()
  for (const entry of [path, ...above, []]) {
    if (key === 'subscription' && above.includes(entry) && !isOurs(whoseAt(root, entry))) continue
    const at = [...entry, key]
    const node = nodeAt(root, at)
    if (node?.kind !== 'scalar') continue
    const value = text(root, at)
    return value === undefined ? undefined : { value, path: at }
  }
  return undefined
}

/** Where the entry at `path` is, as far as the file says. */
export function placeOf(root: Node, path: Path): WrittenPlace {
  const id = text(root, [...path, 'id'])
  if (id !== undefined) return { subscription: subscriptionIn(id, [...path, 'id']), location: undefined }
  const subscription = inherited(root, path, 'subscription')
  return { subscription, location: isOurs(whoseAt(root, path)) ? inherited(root, path, 'location') : undefined }
}

/** The keys that say whether an entry is ours, as far as they can be read. */
function whoseAt(root: Node, path: Path): { readonly id?: string; readonly existing?: boolean } {
  const id = nodeAt(root, [...path, 'id'])
  const existing = nodeAt(root, [...path, 'existing'])
  return { ...(id !== undefined && { id: '' }), ...(existing?.kind === 'scalar' && { existing: existing.value === true }) }
}

export function subscriptionIn(id: string, path: Path): Setting | undefined {
  const [, , value] = id.split('/')
  return value === undefined ? undefined : { value, path }
}

/** "East US 2" and eastus2 are one region. */
export const sameLocation = (a: string, b: string): boolean => flat(a) === flat(b)
const flat = (location: string): string => location.replaceAll(' ', '').toLowerCase()
