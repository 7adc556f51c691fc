import type { Kind } from '../kinds/kind.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { grouped } from '../model/grouped.ts'
import { groupOf, type ResourceId, subscriptionOf, within } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import { type Collection, collections } from '../topology/collections.ts'
import type { Item } from './item.ts'

/** One entry of the file to be: where it stands, and what it is made of. */
export interface Entry {
  readonly item: Item
  readonly collection: Collection
  readonly key: string
  /** The keys from the top of the file; a place in a list is a number. */
  readonly at: readonly string[]
  readonly address: string
  readonly above: Entry | undefined
  readonly below: readonly Entry[]
}

export interface Layout {
  readonly entries: readonly Entry[]
  readonly byId: ReadonlyMap<ResourceId, Entry>
  /** The file's word for an id, as short as an entry that stands at `from` may have it. */
  refer(id: ResourceId, from: { readonly address: string; readonly kind: Kind }, written: (id: ResourceId) => string): Json
}

/** Which of the things that lie in another get an entry. */
export type Wanted = (item: Item, above: Item | undefined) => boolean

/** Azure's names as keys. One that a key cannot be gets its name beside it. */
const keyFor = (name: string): string => name.replaceAll('/', '-').replaceAll('${', '$(') || 'unnamed'

/** Gives every item a key, in an order that is the same whenever it is asked for. */
export function layOut(items: ReadonlyMap<ResourceId, Item>, wanted: Wanted): Layout {
  const all = [...items.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const ofKind = grouped(all, ({ kind }) => kind)
  const byId = new Map<ResourceId, Entry>()
  const aliases = new Map(all.flatMap(({ id, facts }) => (facts.endpointId === undefined ? [] : [[facts.endpointId, id] as const])))
  const find = (id: ResourceId): Entry | undefined => byId.get(id) ?? byId.get(aliases.get(id) ?? id)
  const refer: Layout['refer'] = (id, from, written) => {
    const entry = find(id)
    return entry === undefined ? { id: written(id) } : addressFrom(entry, from)
  }

  const entriesIn = (collection: Collection, above: Entry | undefined): Entry[] => {
    const members = (ofKind.get(collection.kind) ?? []).filter(item => liesIn(item, above?.item) && wanted(item, above?.item))
    const keyed = withKeys(members, item => keyOf(item, { collection, above, refer }))
    const made = keyed.map(([key, item]) => {
      const at = [...(above?.at ?? []), ...collection.keys, ...(collection.entries === 'one' ? [] : [key])]
      const entry = { item, collection, key, at, address: at.join('/'), above, below: [] as Entry[] }
      byId.set(item.id, entry)
      return entry
    })
    for (const entry of made) entry.below.push(...collection.below.flatMap(one => entriesIn(one, entry)))
    return made.sort((a, b) => (a.key < b.key ? -1 : 1))
  }
  const entries = collections.flatMap(collection => entriesIn(collection, undefined))
  return { entries, byId, refer }
}

/** An endpoint stands under the server that it leads to, everything else under what its id says. */
function liesIn(item: Item, above: Item | undefined): boolean {
  if (above === undefined) return true
  if (item.kind === privateEndpoint) return item.refs.includes(above.id)
  return item.id !== above.id && within(item.id, above.id)
}

interface Around {
  readonly collection: Collection
  readonly above: Entry | undefined
  readonly refer: Layout['refer']
}

function keyOf({ kind, props, name }: Item, { above, refer }: Around): string {
  const from = { address: above?.address ?? '', kind }
  return keyFor(kind.author.key(props, { refer: id => refer(id, from, String) }) ?? name)
}

/** Where two have one name, in groups or subscriptions of their own, the later gets those into its key. */
function withKeys(members: readonly Item[], keyOf: (item: Item) => string): (readonly [key: string, item: Item])[] {
  const taken = new Set<string>()
  return members.map(item => {
    const key = keyOf(item)
    const wider = [key, `${key}-${groupOf(item.path) ?? ''}`, `${key}-${groupOf(item.path) ?? ''}-${subscriptionOf(item.path)}`]
    const free = wider.find(one => !taken.has(one)) ?? freeOf(key, taken)
    taken.add(free)
    return [free, item]
  })
}

function freeOf(key: string, taken: ReadonlySet<string>): string {
  let number = 2
  while (taken.has(`${key}-${number}`)) number++
  return `${key}-${number}`
}

/** Without the words that its collection fixes, and without the keys that both stand under. A source of connections may be of two collections. */
function addressFrom(entry: Entry, { address, kind }: { readonly address: string; readonly kind: Kind }): string {
  const pattern = entry.collection.inFile.at.split('/')
  if (kind.comesWithRef === true) return entry.address
  const own = entry.at.filter((_, index) => pattern[index] === '*')
  const near = address.split('/')
  const shared = near[0] === pattern[0] && near[1] === own[0] && own.length > 1
  return (shared ? own.slice(1) : own).join('/')
}
