import type { Context } from '../kinds/kind.ts'
import type { ResourceGroup, Timeouts } from '../model/topology.generated.ts'
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
export interface Declared {
  readonly kind: string
  readonly address: string
  readonly path: string
  readonly name: string
  readonly place: Place
  readonly managed: boolean
  /** Where in the document it is written. */
  readonly at: Path
  readonly settings: Settings
  /** The entry that the kind maps; `ctx.ref` follows references in it. */
  readonly spec: (ctx: Context) => unknown
}

/** Keys that may stand on every entry. */
export interface Settings {
  readonly timeouts?: Timeouts
  readonly protect?: boolean
  readonly adopt?: boolean
  readonly restart?: 'allowed' | 'refused'
}

/** An entry that may be somebody else's. */
export interface Entry extends Settings {
  readonly id?: string
  readonly existing?: boolean
  readonly name?: string
  readonly subscription?: string
  readonly resourceGroup?: ResourceGroup
  readonly location?: string
  readonly tags?: Readonly<Record<string, string>>
}

export const groupPath = (subscription: string, group: string): string => `/subscriptions/${subscription}/resourceGroups/${group}`

/** The place of an entry: its own settings over what it inherits; of an `id` entry, where that id says. */
export function placeOf(entry: Entry, above: Place): Place {
  const group = typeof entry.resourceGroup === 'string' ? entry.resourceGroup : entry.resourceGroup?.name
  return {
    subscription: entry.subscription ?? above.subscription,
    resourceGroup: group ?? above.resourceGroup,
    group: entry.resourceGroup ?? above.group,
    location: (entry.location ?? above.location).replaceAll(' ', '').toLowerCase(),
    tags: { ...above.tags, ...entry.tags }
  }
}

/** The ARM path of an entry: its `id`, or the one its name, group and subscription make. */
export const pathOf = (entry: Entry, key: string, type: string, place: Place): string =>
  entry.id ?? `${groupPath(place.subscription, place.resourceGroup)}/providers/${type}/${entry.name ?? key}`

export const isOurs = ({ id, existing }: Pick<Entry, 'id' | 'existing'>): boolean => id === undefined && existing !== true

/**
 * Whether an entry hands its subscription and its group down to what is declared under it and lies in a group of its own choosing. One that
 * exists and is not ours says with them where it is itself: what we make for it lies where the other things of the file do.
 */
export const handsPlaceDown = (entry: Pick<Entry, 'id' | 'existing'>): boolean => isOurs(entry)

export const entriesOf = <T>(map: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T])[] => Object.entries(map ?? {})

/** The resource that an entry at the top of a collection stands for. */
export function topEntry(kind: string, type: string, at: readonly [collection: string, key: string], entry: Entry, above: Place): Declared {
  const [, key] = at
  const place = placeOf(entry, above)
  return {
    kind,
    address: at.join('/'),
    path: pathOf(entry, key, type, place),
    name: entry.name ?? key,
    place,
    managed: isOurs(entry),
    at,
    settings: entry,
    spec: () => entry
  }
}
