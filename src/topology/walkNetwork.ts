import type { Lock, Network, PrivateDnsZone, ResourceGroup, Topology } from '../model/topology.generated.ts'
import { type Declared, entriesOf, groupPath, isOurs, type Place, type Settings, topEntry } from './declared.ts'
import type { Path } from './tree.ts'

/** The locks written on an entry, whoever the entry belongs to: they are ours. */
function locksOn(
  locks: Readonly<Record<string, Lock>> | undefined,
  owner: Pick<Declared, 'address' | 'path' | 'place' | 'at'>
): Declared[] {
  return entriesOf(locks).map(([key, lock]) => {
    const name = lock.name ?? key
    return {
      kind: 'managementLock',
      address: `${owner.address}/locks/${key}`,
      path: `${owner.path}/providers/Microsoft.Authorization/locks/${name}`,
      name,
      place: owner.place,
      managed: true,
      at: [...owner.at, 'locks', key],
      settings: lock,
      spec: () => lock
    }
  })
}

/** Puts a resource and the locks on it side by side. */
export const withLocks = (resource: Declared, locks: Readonly<Record<string, Lock>> | undefined): Declared[] => [
  resource,
  ...locksOn(locks, resource)
]

/** A resource that is declared beneath another: named by its key, in the parent's place. */
export function child(
  parent: Declared,
  below: Path,
  type: string,
  part: { kind: string; key: string; entry: Settings & { name?: string; id?: string; existing?: boolean }; spec: Declared['spec'] }
): Declared {
  const name = part.entry.name ?? part.key
  return {
    kind: part.kind,
    address: [parent.address, ...below, part.key].join('/'),
    path: part.entry.id ?? `${parent.path}/${type}/${name}`,
    name,
    place: parent.place,
    managed: isOurs(part.entry),
    at: [...parent.at, ...below, part.key],
    settings: part.entry,
    spec: part.spec
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
  const mentions = new Map<string, [Mention, ...Mention[]]>()
  const add = (group: ResourceGroup, place: Place, at: Path, ours: boolean): void => {
    const mention = { settings: typeof group === 'string' ? { name: group } : group, place, at, ours }
    const key = groupPath(place.subscription, mention.settings.name).toLowerCase()
    const known = mentions.get(key)
    if (known) known.push(mention)
    else mentions.set(key, [mention])
  }
  if (topology.resourceGroup !== undefined) add(topology.resourceGroup, top, ['resourceGroup'], true)
  for (const { place, at, managed, path } of members) {
    const [, , , , group = '', , , , , ...beneath] = path.split('/')
    // A child is where its parent is; a resource that is not ours lies in a group that need not be ours either, but for locks on it.
    if (beneath.length > 0 || group.toLowerCase() !== place.resourceGroup.toLowerCase()) continue
    const named = place.group ?? place.resourceGroup
    if (managed || (typeof named === 'object' && named.locks !== undefined)) add(named, place, at, managed)
  }
  return [...mentions.values()].flatMap(all => {
    const group = groupOf(all, top)
    return withLocks(group, (group.settings as GroupSettings).locks)
  })
}

/** By the name and the place of the first that names it, with the settings of all. */
function groupOf(all: readonly [Mention, ...Mention[]], top: Place): Declared {
  const first = all.find(({ ours }) => ours) ?? all[0]
  const settings: GroupSettings = { ...Object.assign({}, ...all.map(one => one.settings)), ...first.settings }
  const { name } = settings
  return {
    kind: 'resourceGroup',
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

export function walkNetwork(key: string, network: Network, top: Place): Declared[] {
  const own = topEntry('virtualNetwork', 'Microsoft.Network/virtualNetworks', ['networks', key], network, top)
  const subnets = entriesOf(network.subnets).flatMap(([name, subnet]) =>
    withLocks(child(own, ['subnets'], 'subnets', { kind: 'subnet', key: name, entry: subnet, spec: () => subnet }), subnet.locks)
  )
  return [...withLocks(own, network.locks), ...subnets]
}

export function walkZone(key: string, zone: PrivateDnsZone, top: Place): Declared[] {
  const own = topEntry('privateDnsZone', 'Microsoft.Network/privateDnsZones', ['privateDnsZones', key], zone, top)
  const links = entriesOf(zone.links).flatMap(([name, link]) => {
    const made = child(own, ['links'], 'virtualNetworkLinks', {
      kind: 'virtualNetworkLink',
      key: name,
      entry: link,
      spec: () => ({ network: name, ...link })
    })
    return withLocks({ ...made, place: { ...own.place, tags: { ...own.place.tags, ...link.tags } } }, link.locks)
  })
  return [...withLocks(own, zone.locks), ...links]
}
