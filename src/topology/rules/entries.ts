import type { Kind } from '../../kinds/kind.ts'
import { managementLock } from '../../kinds/managementLock.ts'
import { resourceGroup } from '../../kinds/resourceGroup.ts'
import { isMap } from '../../model/json.ts'
import type { Target } from '../address.ts'
import { type Collection, collections, onAny } from '../collections.ts'
import type { Path } from '../tree.ts'
import type { Finding, RuleContext } from './rule.ts'

/** Everything that has a name of its own in the file, by where it stands there. */
export const collectionsBelow = (collection: Collection | undefined): readonly Collection[] =>
  collection?.kind === managementLock
    ? []
    : [...(collection?.below ?? collections).filter(({ entries }) => entries === 'map'), ...(collection ? onAny : [])]

/** An entry with its name and id in Azure. Both are undefined while a variable leaves them open. */
export interface NamedEntry {
  readonly kind: Kind
  /** As a reader of the file knows its kind. */
  readonly word: string
  readonly path: Path
  readonly name: string | undefined
  /** Where the name is written. */
  readonly at: Pick<Finding, 'path' | 'aim'>
  /** In lower case, to compare with. A part inherited from an open variable stands in it by the place of that variable. */
  readonly id: string | undefined
  readonly isOurs: boolean
  /** It lies in a group of its own choosing. */
  readonly inGroup: boolean
  readonly parent: NamedEntry | undefined
}

/** A dozen rules look at the entries of one file; in a large one finding them takes longer than the rules do. */
const found = new WeakMap<RuleContext, readonly NamedEntry[]>()

export function namedEntries(ctx: RuleContext): readonly NamedEntry[] {
  const entries = found.get(ctx) ?? [...allEntries(ctx)]
  found.set(ctx, entries)
  return entries
}

function* allEntries(ctx: RuleContext): Generator<NamedEntry> {
  for (const collection of collectionsBelow(undefined)) yield* entriesOn(ctx, collection, [], undefined)
  const group: NamedEntry = {
    kind: resourceGroup,
    word: resourceGroup.title,
    path: ['resourceGroup'],
    name: undefined,
    at: { path: ['resourceGroup'] },
    id: groupOf(ctx, [], undefined),
    isOurs: true,
    inGroup: false,
    parent: undefined
  }
  for (const collection of onAny) yield* entriesOn(ctx, collection, group.path, group)
}

function* entriesOn(ctx: RuleContext, collection: Collection, above: Path, parent: NamedEntry | undefined): Generator<NamedEntry> {
  const at = [...above, ...collection.keys]
  const entries = valueAt(ctx, at)
  for (const key of isMap(entries) ? Object.keys(entries) : []) {
    const entry = entryAt(ctx, collection, [...at, key], parent)
    yield entry
    for (const below of collectionsBelow(collection)) yield* entriesOn(ctx, below, entry.path, entry)
  }
}

/** The value that stands at a path, as far as it is sound. */
export const valueAt = ({ topology }: RuleContext, path: Path): unknown =>
  path.reduce<unknown>((node, key) => (isMap(node) ? node[key] : undefined), topology)

function entryAt(ctx: RuleContext, collection: Collection, path: Path, parent: NamedEntry | undefined): NamedEntry {
  const naming = [...path, collection.inFile.nameAt ?? 'name']
  const isNamed = ctx.declared(naming)
  const key = String(path.at(-1))
  // A key that holds a variable is refused as such: what it stands for is not known.
  const name = isNamed ? ctx.text(naming) : key.includes('${env:') ? undefined : key
  const byId = [...path, 'id']
  const hasId = ctx.declared(byId)
  const above = collection.inGroup ? groupOf(ctx, path, parent) : parent?.id
  const own = above === undefined || name === undefined ? undefined : `${above}/${collection.under}/${name}`
  return {
    kind: collection.kind,
    word: collection.inFile.word ?? collection.kind.title,
    path,
    name: hasId ? ctx.text(byId)?.split('/').at(-1) : name,
    at: hasId ? { path: byId } : isNamed ? { path: naming } : { path, aim: 'key' },
    id: (hasId ? ctx.text(byId) : own)?.toLowerCase(),
    inGroup: collection.inGroup,
    isOurs: !hasId && !ctx.flag([...path, 'existing']),
    parent
  }
}

/** Where the entry lies. An endpoint below a server that is not ours does not lie in the place of that server. */
export function groupOf(ctx: RuleContext, path: Path, parent: NamedEntry | undefined): string {
  const above = parent?.isOurs === true ? [parent.path] : []
  const from = [...(path.length > 0 ? [path] : []), ...above, []]
  const firstOf = (...settings: Path[]): string => {
    const found = from.flatMap(entry => settings.map(setting => [...entry, ...setting])).find(ctx.declared)
    return found === undefined ? '' : (ctx.text(found) ?? `{${found.join('.')}}`)
  }
  return `/subscriptions/${firstOf(['subscription'])}/resourceGroups/${firstOf(['resourceGroup', 'name'], ['resourceGroup'])}`
}

/** Gives one text for all the ways to refer to one thing: by its entry, by another entry with its id, by the id itself. */
export function identify(ctx: RuleContext): (target: Target | undefined) => string | undefined {
  const ids = new Map(namedEntries(ctx).map(({ path, id }) => [path.join('/'), id]))
  return target => {
    if (target === undefined) return undefined
    return target.kind === 'id' ? target.id.toLowerCase() : (ids.get(target.path.join('/')) ?? target.path.join('/'))
  }
}
