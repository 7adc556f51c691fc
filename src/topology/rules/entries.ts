import type { Target } from '../address.ts'
import type { Path } from '../tree.ts'
import type { Finding, RuleContext } from './rule.ts'

export interface EntryCollection {
  /** Where the entries stand below the entry above. */
  readonly keys: readonly string[]
  readonly kind: EntryKind
  /** The part before the name in the id: below that of the entry above, or below a resource group. */
  readonly type: string
  readonly inGroup?: true
  readonly below?: readonly EntryCollection[]
}

export type EntryKind =
  | 'resource group'
  | 'virtual network'
  | 'subnet'
  | 'private DNS zone'
  | 'virtual network link'
  | 'server'
  | 'database'
  | 'parameter'
  | 'firewall rule'
  | 'Entra administrator'
  | 'private endpoint'
  | 'data factory'
  | 'integration runtime'
  | 'managed private endpoint'
  | 'linked service'
  | 'lock'

const locks: EntryCollection = { keys: ['locks'], kind: 'lock', type: 'providers/Microsoft.Authorization/locks' }

const belowServer: readonly EntryCollection[] = [
  { keys: ['databases'], kind: 'database', type: 'databases' },
  { keys: ['parameters'], kind: 'parameter', type: 'configurations' },
  { keys: ['networking', 'publicAccess', 'firewallRules'], kind: 'firewall rule', type: 'firewallRules' },
  { keys: ['authentication', 'entra', 'administrators'], kind: 'Entra administrator', type: 'administrators' },
  { keys: ['privateEndpoints'], kind: 'private endpoint', type: 'Microsoft.Network/privateEndpoints', inGroup: true }
]

const belowFactory: readonly EntryCollection[] = [
  { keys: ['integrationRuntimes'], kind: 'integration runtime', type: 'integrationRuntimes' },
  {
    keys: ['managedPrivateEndpoints'],
    kind: 'managed private endpoint',
    type: 'managedVirtualNetworks/default/managedPrivateEndpoints'
  },
  { keys: ['linkedServices'], kind: 'linked service', type: 'linkedservices' }
]

/** Everything that has a name of its own in Azure, by where it stands in the file. */
export const collections: readonly EntryCollection[] = [
  {
    keys: ['networks'],
    kind: 'virtual network',
    type: 'Microsoft.Network/virtualNetworks',
    inGroup: true,
    below: [{ keys: ['subnets'], kind: 'subnet', type: 'subnets' }]
  },
  {
    keys: ['privateDnsZones'],
    kind: 'private DNS zone',
    type: 'Microsoft.Network/privateDnsZones',
    inGroup: true,
    below: [{ keys: ['links'], kind: 'virtual network link', type: 'virtualNetworkLinks' }]
  },
  { keys: ['servers'], kind: 'server', type: 'Microsoft.DBforPostgreSQL/flexibleServers', inGroup: true, below: belowServer },
  { keys: ['dataFactories'], kind: 'data factory', type: 'Microsoft.DataFactory/factories', inGroup: true, below: belowFactory }
]

export const collectionsBelow = (collection: EntryCollection): readonly EntryCollection[] =>
  collection.kind === 'lock' ? [] : [...(collection.below ?? []), locks]

/** An entry with its name and id in Azure. Both are undefined while a variable leaves them open. */
export interface NamedEntry {
  readonly kind: EntryKind
  readonly path: Path
  readonly name: string | undefined
  /** Where the name is written. */
  readonly at: Pick<Finding, 'path' | 'aim'>
  /** In lower case, to compare with. A part inherited from an open variable stands in it by the place of that variable. */
  readonly id: string | undefined
  readonly isOurs: boolean
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
  for (const collection of collections) yield* entriesOn(ctx, collection, [], undefined)
  const group: NamedEntry = {
    kind: 'resource group',
    path: ['resourceGroup'],
    name: undefined,
    at: { path: ['resourceGroup'] },
    id: groupOf(ctx, [], undefined),
    isOurs: true,
    parent: undefined
  }
  yield* entriesOn(ctx, locks, group.path, group)
}

function* entriesOn(ctx: RuleContext, collection: EntryCollection, above: Path, parent: NamedEntry | undefined): Generator<NamedEntry> {
  const at = [...above, ...collection.keys]
  for (const key of keysAt(ctx.topology, at)) {
    const entry = entryAt(ctx, collection, [...at, key], parent)
    yield entry
    for (const below of collectionsBelow(collection)) yield* entriesOn(ctx, below, entry.path, entry)
  }
}

function keysAt(topology: unknown, path: Path): string[] {
  let part = topology
  for (const key of path) part = isMap(part) ? part[key] : undefined
  return isMap(part) ? Object.keys(part) : []
}

const isMap = (value: unknown): value is Readonly<Record<string | number, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function entryAt(ctx: RuleContext, collection: EntryCollection, path: Path, parent: NamedEntry | undefined): NamedEntry {
  // An Entra administrator is addressed by the object's id, whatever its name.
  const naming = [...path, collection.kind === 'Entra administrator' ? 'objectId' : 'name']
  const isNamed = ctx.declared(naming)
  const key = String(path.at(-1))
  // A key that holds a variable is refused as such: what it stands for is not known.
  const name = isNamed ? ctx.text(naming) : key.includes('${env:') ? undefined : key
  const byId = [...path, 'id']
  const hasId = ctx.declared(byId)
  const above = collection.inGroup ? groupOf(ctx, path, parent) : parent?.id
  const own =
    above === undefined || name === undefined ? undefined : `${above}/${collection.inGroup ? 'providers/' : ''}${collection.type}/${name}`
  return {
    kind: collection.kind,
    path,
    name: hasId ? ctx.text(byId)?.split('/').at(-1) : name,
    at: hasId ? { path: byId } : isNamed ? { path: naming } : { path, aim: 'key' },
    id: (hasId ? ctx.text(byId) : own)?.toLowerCase(),
    isOurs: !hasId && !ctx.flag([...path, 'existing']),
    parent
  }
}

/** Where the entry lies. An endpoint below a server that is not ours does not lie in the place of that server. */
export function groupOf(ctx: RuleContext, path: Path, parent: NamedEntry | undefined): string {
  const above = parent?.isOurs === true ? [parent.path] : []
  const from = [...(path.length > 0 ? [path] : []), ...above, []]
  const subscription = firstOf(
    ctx,
    from.map(entry => [[...entry, 'subscription']])
  )
  const group = firstOf(
    ctx,
    from.map(entry => [
      [...entry, 'resourceGroup', 'name'],
      [...entry, 'resourceGroup']
    ])
  )
  return `/subscriptions/${subscription}/resourceGroups/${group}`
}

function firstOf(ctx: RuleContext, places: readonly (readonly Path[])[]): string {
  const found = places.flat().find(ctx.declared)
  return found === undefined ? '' : (ctx.text(found) ?? `{${found.join('.')}}`)
}

/** Gives one text for all the ways to refer to one thing: by its entry, by another entry with its id, by the id itself. */
export function identify(ctx: RuleContext): (target: Target | undefined) => string | undefined {
  const ids = new Map(namedEntries(ctx).map(({ path, id }) => [path.join('/'), id]))
  return target => {
    if (target === undefined) return undefined
    return target.kind === 'id' ? target.id.toLowerCase() : (ids.get(target.path.join('/')) ?? target.path.join('/'))
  }
}
