import { kindOf } from '../kinds/index.ts'
import type { Context } from '../kinds/kind.ts'
import { managedPrivateEndpoint } from '../kinds/managedPrivateEndpoint.ts'
import { serverSuffixes } from '../kinds/names.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import type { EndpointProof } from '../model/change.ts'
import { nameOf, type ResourceId, resourceId, subscriptionOf, within } from '../model/id.ts'
import { ownerTag } from '../model/owner.ts'
import type { Desired, Position, Resource, Sought } from '../model/resource.ts'
import type { Topology } from '../model/topology.generated.ts'
import { endpointProofs } from './endpoints.ts'
import { soughtOf } from './removed.ts'
import { settingOf } from './settings.ts'
import type { Positions } from './topology.ts'
import type { Path } from './tree.ts'
import { type Declared, type Follow, followIn, type Place, walk, walkGroups } from './walk.ts'

export interface ResolveOptions {
  /** The value of `--subscription`: it holds where the file says none. */
  readonly subscription: string | undefined
  readonly positions: Pick<Positions, 'at' | 'later'>
}

/** A topology in ARM's terms: every name an id. */
export interface Resolved {
  readonly name: string
  readonly cloud: NonNullable<Topology['cloud']>
  readonly desired: Desired
  readonly endpoints: readonly EndpointProof[]
  readonly safety: Required<NonNullable<Topology['safety']>>
  /** Every subscription the file names, itself or in an id. */
  readonly subscriptions: readonly string[]
  readonly removed: readonly Sought[]
  readonly moved: NonNullable<Topology['moved']>
  /** Ids of the rules that the file lowers. */
  readonly lowered: readonly string[]
  /** How far. */
  readonly rules: NonNullable<Topology['rules']>
  /** Where a field of an entry is written, or the entry. */
  readonly placeOf: (id: ResourceId, field?: string) => Position | undefined
  readonly driftIgnore: NonNullable<Topology['driftIgnore']>
  readonly trust: Topology['trust']
}

/** An entry that has no id in ARM: it has no place, or another entry is the same resource. */
export class UnfitEntry extends Error {
  override readonly name = 'UnfitEntry'
  readonly at: Position
  constructor(message: string, at: Position) {
    super(message)
    this.at = at
  }
}

/** Maps what the user wrote to what should exist. Pure. @throws UnfitEntry */
export function resolve(topology: Topology, { subscription, positions }: ResolveOptions): Resolved {
  const position = (path: Path): Position => positions.at(path)
  const group = topology.resourceGroup
  const top: Place = {
    subscription: topology.subscription ?? subscription ?? '',
    resourceGroup: (typeof group === 'string' ? group : group?.name) ?? '',
    group,
    location: (topology.location ?? '').replaceAll(' ', '').toLowerCase(),
    tags: topology.tags ?? {}
  }
  const members = walk(topology, top)
  const declared = [...walkGroups(topology, top, members), ...members]
  for (const one of declared) needsPlace(one, position)
  oneEach(declared, position)
  const follow = followIn(new Map(declared.map(one => [one.address, one])))
  const endpoints = new Map(declared.filter(({ kind }) => kind === managedPrivateEndpoint.name).map(one => [resourceId(one.path), one]))
  const mapped = declared.map(one => resourceOf(one, topology.name, position, contextOf(one, follow, endpoints, topology.cloud)))
  const proofs = endpointProofs(topology, new Map(mapped.map(resource => [resource.id, resource])), follow)
  const resources = mapped.map(resource => reachingRecords(resource, proofs))
  const desired: Desired = new Map(resources.map(resource => [resource.id, resource]))
  return {
    name: topology.name,
    cloud: topology.cloud ?? 'AzureCloud',
    desired,
    endpoints: proofs,
    safety: {
      maxDeletes: 3,
      maxUnlockedSeconds: 600,
      locks: 'advised',
      liftInheritedLocks: false,
      liftExistingLocks: true,
      lockMemory: 'azure',
      ...topology.safety
    },
    subscriptions: subscriptionsOf(resources, top),
    removed: soughtOf(topology, top),
    moved: topology.moved ?? [],
    lowered: Object.keys(topology.rules ?? {}),
    rules: topology.rules ?? {},
    placeOf: placesIn(declared, positions.later),
    driftIgnore: topology.driftIgnore ?? [],
    trust: topology.trust
  }
}

/** The first of two entries for one id would be lost. The rules see most of these, but no ids that a flag or variable makes the same. */
function oneEach(declared: readonly Declared[], position: (path: Path) => Position): void {
  const first = new Map<ResourceId, Declared>()
  for (const one of declared) {
    const id = resourceId(one.path)
    const other = first.get(id)
    if (other === undefined) first.set(id, one)
    // Nothing is said twice of a resource that is only referred to.
    else if (one.managed || other.managed)
      throw new UnfitEntry(`${one.address} is the same in Azure as ${other.address}: ${one.path}. Keep one of the two.`, position(one.at))
  }
}

function placesIn(declared: readonly Declared[], later: Positions['later']): Resolved['placeOf'] {
  const byId = new Map(declared.map(({ path, kind, at }) => [resourceId(path), { kind, at }]))
  return (id, field) => {
    const one = byId.get(id)
    return one && later([...one.at, ...(field === undefined ? [] : (settingOf(one.kind, field)?.path ?? []))])
  }
}

/** An endpoint has no record while it is Pending: approving it writes one into the zone of its zone group [CORPUS]. */
function reachingRecords(resource: Resource, proofs: readonly EndpointProof[]): Resource {
  if (resource.kind !== privateEndpointConnection.name) return resource
  const zones = proofs.flatMap(({ endpoint, dns }) => (dns && resource.refs.includes(endpoint) ? [dns.zone] : []))
  const source = 'an approved private endpoint gets its record in the zone'
  return { ...resource, reach: [...resource.reach, ...zones.map(scope => ({ scope, as: 'write' as const, source }))] }
}

function needsPlace({ address, path, place, at, kind, managed }: Declared, position: (path: Path) => Position): void {
  const missing = [
    ...(path.startsWith('/subscriptions//') ? ['subscription'] : []),
    ...(/\/resourceGroups\/(\/|$)/i.test(path) ? ['resourceGroup'] : []),
    ...(managed && place.location === '' && kindOf({ kind }).inFile?.inRegion ? ['location'] : [])
  ]
  if (missing.length > 0)
    throw new UnfitEntry(
      `${address} has no ${missing.join(' and no ')}: write it on the entry, or at the top of the file for all.`,
      position(at)
    )
}

function contextOf(one: Declared, follow: Follow, endpoints: ReadonlyMap<ResourceId, Declared>, cloud: Topology['cloud']): Context {
  const { path, name, place, address } = one
  const id = resourceId(path)
  const written = new Map<ResourceId, string>()
  const canonical = (there: string): ResourceId => {
    const id = resourceId(there)
    written.set(id, there)
    return id
  }
  const factory = /^.*\/factories\/[^/]+/.exec(id)?.[0] as ResourceId | undefined
  const context: Context = {
    path,
    id,
    name,
    subscription: place.subscription,
    resourceGroup: place.resourceGroup,
    location: place.location,
    serverSuffix: serverSuffixes[cloud ?? 'AzureCloud'],
    written,
    canonical,
    ref: (kind, reference) => canonical(follow(kind, reference, address)),
    nameOf: (kind, reference) => nameOf(follow(kind, reference, address)),
    managedEndpointTo: server =>
      [...endpoints].find(([endpoint, made]) => factory !== undefined && within(endpoint, factory) && leadsTo(made, server, follow))?.[0]
  }
  return context
}

const leadsTo = (endpoint: Declared, server: ResourceId, follow: Follow): boolean => {
  const spec = endpoint.spec({
    id: resourceId(endpoint.path),
    canonical: resourceId,
    ref: (kind, reference) => resourceId(follow(kind, reference, endpoint.address))
  } as Context)
  return (spec as { readonly server: ResourceId }).server === server
}

function resourceOf(one: Declared, topology: string, position: (path: Path) => Position, ctx: Context): Resource {
  const kind = kindOf(one)
  const { address, path, managed, settings } = one
  const base = {
    kind: one.kind,
    id: resourceId(path),
    path,
    address,
    at: position(one.at),
    managed,
    adopt: settings.adopt ?? false,
    protect: settings.protect ?? false,
    restartAllowed: settings.restart === 'allowed',
    ...(settings.writeLive && { writeLive: true }),
    ...timesOf(settings)
  }
  // It is not ours: only its id is known here, and nothing of it is ever compared.
  if (!managed) return { ...base, props: {}, tags: {}, refs: [], reach: [], advice: [], gates: [], invokes: [] }
  const props = kind.desired(one.spec(ctx), ctx)
  const tags = kind.taggable ? { ...one.place.tags, [ownerTag]: topology } : {}
  return { ...base, props, tags, written: ctx.written, ...kind.relations(props, ctx) }
}

function timesOf({ timeouts = {} }: Declared['settings']): Pick<Resource, 'timeoutMs' | 'limitsMs'> {
  const { wait, ...steps } = timeouts
  const limits = Object.entries(steps).map(([step, duration]) => [step, milliseconds(duration)])
  return {
    timeoutMs: wait === undefined ? undefined : milliseconds(wait),
    ...(limits.length > 0 && { limitsMs: Object.fromEntries(limits) })
  }
}

/** Also the one at the top of the file, where it is all that is left: what was made there may have to be found and deleted. */
const subscriptionsOf = (resources: readonly Resource[], { subscription }: Place): string[] => {
  const named = resources.flatMap(({ id, refs }) => [id, ...refs]).map(subscriptionOf)
  return [...new Set(subscription === '' ? named : [...named, subscription.toLowerCase()])].sort()
}

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

/** `90s`, `20m`, `1h30m`, as the schema allows them. */
const milliseconds = (duration: string): number =>
  [...duration.matchAll(/(\d+)([smh])/g)].reduce((sum, [, count = '0', unit = 's']) => sum + Number(count) * (unitsMs[unit] ?? 0), 0)
