import { groupOf, type ResourceId, resourceId, subscriptionOf } from '../model/id.ts'
import type { Body, Json } from '../model/json.ts'
import type { Item } from './item.ts'
import type { Entry } from './layout.ts'
import { escaped } from './plain.ts'

type Tags = Readonly<Record<string, string>>

/** The place that an entry need not say, since one above it, or the top of the file, does. */
export interface Inherited {
  readonly subscription: string
  readonly group: string
  readonly location: string
  readonly tags: Tags
}

/** A group as the file names it. */
export interface Group {
  readonly name: string
  readonly isOwn: boolean
  readonly location: string
  readonly tags: Tags
  readonly locks: Body | undefined
}

export type Groups = ReadonlyMap<ResourceId, Group>

/** Tags of ours are written by an apply, and by no person. */
export const ownTags = ({ tags }: Pick<Item, 'tags'>): Tags =>
  Object.fromEntries(
    Object.entries(tags)
      .filter(([name]) => !/^pglink-/i.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
  )

export const groupIdOf = (path: string): ResourceId =>
  resourceId(`/subscriptions/${subscriptionOf(path)}/resourceGroups/${groupOf(path) ?? ''}`)

/** The most frequent; of two that are as frequent the first in order. */
function most(values: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0]?.[0] ?? ''
}

const shared = (all: readonly Tags[]): Tags => {
  const [first = {}, ...more] = all
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => more.every(tags => tags[name] === value)))
}

/** The settings that most of what the file declares has in common. */
export function topOf(own: readonly Entry[], all: readonly Entry[], groups: Groups): Inherited {
  const placed = own.filter(({ collection }) => collection.inGroup)
  const lying = placed.length > 0 ? placed : all.filter(({ collection }) => collection.inGroup)
  const group = most(lying.map(({ item }) => groupIdOf(item.path)))
  const [, , subscription = ''] = group.split('/')
  const regions = placed.flatMap(({ item }) => (item.kind.inFile?.inRegion ? (item.facts.location ?? []) : []))
  const tagged = own.flatMap(({ item }) => (item.kind.taggable ? [ownTags(item)] : []))
  const ofGroups = [...groups.values()].flatMap(one => (one.isOwn ? [one.tags] : []))
  return {
    subscription,
    group: groups.get(group as ResourceId)?.name ?? '',
    location: most(regions),
    tags: shared([...tagged, ...ofGroups])
  }
}

/** The settings of a group: its name alone where all else is inherited. */
export function groupSetting({ name, isOwn, location, tags, locks }: Group, top: Inherited): Json {
  const settings = {
    name,
    ...(!isOwn && { existing: true }),
    ...(isOwn && location !== '' && location !== top.location && { location }),
    ...(isOwn && tagsBeyond(tags, top.tags)),
    ...(locks && { locks })
  }
  return Object.keys(settings).length === 1 ? name : settings
}

const tagsBeyond = (tags: Tags, above: Tags): { tags?: Json } => {
  const more = Object.fromEntries(Object.entries(tags).filter(([name, value]) => above[name] !== value))
  return Object.keys(more).length > 0 ? { tags: escaped(more) } : {}
}

/** Where an entry lies, as far as that is not inherited, and what those under it inherit. */
export function placeSettings(
  { item, below }: Entry,
  as: 'own' | 'existing' | 'id',
  inherited: Inherited,
  { groups, top }: { readonly groups: Groups; readonly top: Inherited }
): { readonly says: Body; readonly inner: Inherited } {
  const within = { ...inherited, subscription: top.subscription, group: top.group }
  if (as === 'id') return { says: {}, inner: within }
  const subscription = subscriptionOf(item.path).toLowerCase()
  const group = groups.get(groupIdOf(item.path))
  const name = group?.name ?? groupOf(item.path) ?? ''
  const elsewhere = subscription !== inherited.subscription || name.toLowerCase() !== inherited.group.toLowerCase()
  const at = {
    ...(subscription !== inherited.subscription && { subscription }),
    ...(elsewhere && { resourceGroup: as === 'own' && group ? groupSetting(group, top) : name })
  }
  if (as === 'existing') return { says: at, inner: within }
  const region = item.kind.inFile?.inRegion ? (item.facts.location ?? '') : ''
  const tags = handedDown(item, below, inherited.tags)
  return {
    says: { ...at, ...(region !== '' && region !== inherited.location && { location: region }), ...tagsBeyond(tags, inherited.tags) },
    inner: { subscription, group: name, location: region === '' ? inherited.location : region, tags: { ...inherited.tags, ...tags } }
  }
}

/** Tags hold for what stands under an entry: one that not all of that has cannot be said here, and stays as it is. */
const handedDown = (item: Item, below: readonly Entry[], inherited: Tags): Tags =>
  Object.fromEntries(Object.entries(ownTags(item)).filter(([name, value]) => inherited[name] === value || !isWithheld(name, below)))

const isWithheld = (name: string, below: readonly Entry[]): boolean =>
  below.some(({ item }) => item.kind.taggable === true && item.tags[name] === undefined)

/** A line for the tags that an entry has in Azure, and the file does not say. */
export function withheldTags({ item, below }: Entry): string[] {
  if (item.kind.taggable !== true) return []
  const names = Object.keys(ownTags(item)).filter(name => isWithheld(name, below))
  return names.length === 0
    ? []
    : [`Not here: its tags ${names.join(', ')}, which would hold for what stands under it too. They stay as they are.`]
}
