import { kindNamed } from '../kinds/index.ts'
import type { Written } from '../kinds/inFile.ts'
import type { Context, Reference } from '../kinds/kind.ts'
import { resourceGroup } from '../kinds/resourceGroup.ts'
import { grouped } from '../model/grouped.ts'
import { invariant } from '../model/invariant.ts'
import { isMap } from '../model/json.ts'
import type { ResourceGroup, Timeouts, Topology } from '../model/topology.generated.ts'
import { type Collection, collections, onAny } from './collections.ts'
import type { Path } from './tree.ts'

/** Where an entry stands and what it hands down to those under it. */
export interface Place {
  readonly subscription: string
  readonly resourceGroup: string
  /** The group as it is written, where more is said of it than its name. */
  readonly group?: ResourceGroup | undefined
  readonly location: string
  readonly tags: Readonly<Record<string, string>>
}

/** One entry of the file, or one thing an entry stands for, with its ARM path and before its references are followed. */
export interface Declared extends Omit<Written, 'above'> {
  readonly kind: string
  readonly address: string
  readonly name: string
  readonly place: Place
  /** Where in the document it is written. */
  readonly at: Path
  readonly settings: Settings
  /** The entry that the kind maps; `ctx.ref` follows references in it. */
  readonly spec: (ctx: Context) => unknown
}

/** Keys that may stand on every entry. */
interface Settings {
  readonly timeouts?: Timeouts
  readonly protect?: boolean
  readonly adopt?: boolean
  readonly restart?: 'allowed' | 'refused'
  readonly writeLive?: boolean
}

/** An entry that may be of a resource which is not ours. */
interface Entry extends Settings {
  readonly id?: string
  readonly existing?: boolean
  readonly subscription?: string
  readonly resourceGroup?: ResourceGroup
  readonly location?: string
  readonly tags?: Readonly<Record<string, string>>
}

export const groupPath = (subscription: string, group: string): string => `/subscriptions/${subscription}/resourceGroups/${group}`

/** Neither given by `id` nor `existing: true`. */
export const isOurs = ({ id, existing }: { readonly id?: string | undefined; readonly existing?: boolean | undefined }): boolean =>
  id === undefined && existing !== true

/** Every resource that the file declares or refers to by an entry, what lies in another after it. */
export const walk = (topology: Topology, top: Place): Declared[] => {
  const file = { address: '', at: [], entry: topology, path: '', managed: true, place: top } as unknown as Declared
  return collections.flatMap(collection => entriesIn(collection, file, top))
}

function entriesIn(collection: Collection, above: Declared, top: Place): Declared[] {
  const { keys, entries, inFile } = collection
  const found = keys.reduce<unknown>((node, key) => (isMap(node) ? node[key] : undefined), above.entry)
  const declaredAs = (key: string, entry: unknown, last: Path) =>
    withBelow(declaredIn(collection, { key, entry, at: [...above.at, ...keys, ...last] }, above, top), collection, top)
  if (entries === 'map') return Object.entries(isMap(found) ? found : {}).flatMap(([key, entry]) => declaredAs(key, entry, [key]))
  if (entries === 'list') {
    const list = (found ?? []) as readonly unknown[]
    return (inFile.keysOf?.(list as never) ?? []).flatMap((key, index) => declaredAs(key, list[index], [index]))
  }
  return (inFile.isMeant?.(found as never, above as never) ?? found !== undefined) ? declaredAs('', found, []) : []
}

const withBelow = (one: Declared, { below }: Pick<Collection, 'below'>, top: Place): Declared[] => [
  one,
  ...[...onAny, ...below].flatMap(collection => entriesIn(collection, one, top))
]

function declaredIn(
  { kind, keys, inFile, inGroup, under }: Collection,
  { key, entry, at }: { readonly key: string; readonly entry: unknown; readonly at: Path },
  above: Declared,
  top: Place
): Declared {
  const own = (isMap(entry) ? entry : {}) as Entry & Readonly<Record<string, unknown>>
  const name = String(own[inFile.nameAt ?? 'name'] ?? inFile.usualName ?? key)
  const inherited = handedDown(above, top)
  const place = inGroup ? placeOf(own, inherited) : { ...above.place, tags: { ...above.place.tags, ...own.tags } }
  const taken = Object.fromEntries(Object.entries(above.entry as object).filter(([key]) => inFile.settingsAbove?.some(one => one === key)))
  const written = {
    key,
    entry,
    above,
    path: own.id ?? `${inGroup ? groupPath(place.subscription, place.resourceGroup) : above.path}/${under}/${name}`,
    managed: inFile.sharesOwner ? above.managed : isOurs(own)
  }
  return {
    ...written,
    kind: kind.name,
    address: [above.address, ...keys, key].filter(part => part !== '').join('/'),
    name,
    place,
    at,
    settings: { ...own, ...taken },
    spec: ctx => (inFile.spec === undefined ? entry : inFile.spec(written as never, ctx))
  }
}

/**
 * The place for an entry in a group of its own choosing. A resource that exists and is not ours says with its subscription and its group
 * where it is itself: what we make for it lies where the other things of the file do.
 */
function handedDown({ place, entry, address }: Declared, top: Place): Place {
  if (address === '' || isOurs(entry as Entry)) return place
  return { ...place, subscription: top.subscription, resourceGroup: top.resourceGroup, group: top.group }
}

/** The place of an entry: its own settings over what it inherits; of an `id` entry, where that id says. */
function placeOf(entry: Entry, above: Place): Place {
  const group = typeof entry.resourceGroup === 'string' ? entry.resourceGroup : entry.resourceGroup?.name
  return {
    subscription: entry.subscription ?? above.subscription,
    resourceGroup: group ?? above.resourceGroup,
    group: entry.resourceGroup ?? above.group,
    location: (entry.location ?? above.location).replaceAll(' ', '').toLowerCase(),
    tags: { ...above.tags, ...entry.tags }
  }
}

type GroupSettings = Exclude<ResourceGroup, string>

/** One place of the file that names a group. */
interface Mention {
  readonly settings: GroupSettings
  readonly place: Place
  readonly at: Path
  /** Something of ours lies in it, or it is the file's own. */
  readonly ours: boolean
}

/**
 * Every group that something of ours is declared to lie in. The file's own is there whether anything lies in it or not. A group may be
 * named in several places: what any of them says of it holds, and a rule sees to it that no two say different things.
 */
export function walkGroups(topology: Topology, top: Place, members: readonly Declared[]): Declared[] {
  const mentions: Mention[] = []
  const add = (group: ResourceGroup, place: Place, at: Path, ours: boolean): void =>
    void mentions.push({ settings: typeof group === 'string' ? { name: group } : group, place, at, ours })
  if (topology.resourceGroup !== undefined) add(topology.resourceGroup, top, ['resourceGroup'], true)
  for (const { place, at, managed, path } of members) {
    const [, , , , group = '', , , , , ...beneath] = path.split('/')
    // A child is where its parent is; a resource that is not ours lies in a group that need not be ours either, but for locks on it.
    if (beneath.length > 0 || group.toLowerCase() !== place.resourceGroup.toLowerCase()) continue
    const named = place.group ?? place.resourceGroup
    if (managed || (typeof named === 'object' && named.locks !== undefined)) add(named, place, at, managed)
  }
  const byPath = grouped(mentions, ({ place, settings }) => groupPath(place.subscription, settings.name).toLowerCase())
  return [...byPath.values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : withBelow(groupOf([first, ...more], top), { below: [] }, top)
  )
}

/** By the name and the place of the first that names it, with the settings of all. */
function groupOf(all: readonly [Mention, ...Mention[]], top: Place): Declared {
  const first = all.find(({ ours }) => ours) ?? all[0]
  const settings: GroupSettings = { ...Object.assign({}, ...all.map(one => one.settings)), ...first.settings }
  const { name } = settings
  return {
    kind: resourceGroup.name,
    key: name,
    entry: settings,
    address: `resourceGroups/${name}`,
    path: groupPath(first.place.subscription, name),
    name,
    place: {
      ...first.place,
      location: (settings.location ?? first.place.location).replaceAll(' ', '').toLowerCase(),
      tags: { ...top.tags, ...settings.tags }
    },
    managed: first.ours && settings.existing !== true,
    at: first.at,
    settings,
    spec: () => settings
  }
}

/** The entry's address in full: a reference may leave out what its collection fixes, and the keys that it shares with the entry that refers. */
function fullAddress(kind: string, text: string, from: string): string {
  const pattern = kindNamed.get(kind)?.inFile?.at.split('/') ?? []
  const keys = text.split('/')
  if (keys.length >= pattern.length) return text
  const shared = pattern.filter(part => part === '*').length - keys.length
  const near = from.split('/').filter((_, index) => pattern[index] === '*')
  const open = [...near.slice(0, shared), ...keys]
  return pattern.map(part => (part === '*' ? (open.shift() ?? '') : part)).join('/')
}

/** Gives the ARM path that a reference leads to, in the case it is written in. @throws when a name leads nowhere, which validation has ruled out. */
export type Follow = (kind: string, reference: Reference, from: string) => string

export const followIn =
  (declared: ReadonlyMap<string, Declared>): Follow =>
  (kind, reference, from) => {
    if (typeof reference !== 'string') return reference.id
    const found = declared.get(fullAddress(kind, reference, from))
    invariant(found !== undefined, `${from} refers to ${reference}, which is not declared`)
    return found.path
  }
