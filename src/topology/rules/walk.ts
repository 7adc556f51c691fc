import type { DataFactory, PrivateDnsZone, PrivateEndpoint, Server, Subnet } from '../../model/topology.generated.ts'
import type { CollectionPath, Target } from '../address.ts'
import type { Path } from '../tree.ts'
import { isOurs } from '../walk.ts'
import type { Finding, RuleContext, Sound } from './rule.ts'

/** One entry of the file with the path it stands at. */
export interface At<T> {
  readonly path: Path
  readonly key: string
  readonly entry: Sound<T>
}

type MapOf<T> = { readonly [key: string]: T | undefined } | undefined

/** The entries of a map that are there and sound. */
export function* entriesOf<T>(map: MapOf<T>, path: Path): Generator<{ path: Path; key: string; entry: T }> {
  for (const [key, entry] of Object.entries(map ?? {})) if (entry !== undefined) yield { path: [...path, key], key, entry }
}

/** A check that looks at one item after the other. */
export const each = <T>(itemsOf: (ctx: RuleContext) => Iterable<T>, check: (item: T, ctx: RuleContext) => Iterable<Finding>) =>
  function* (ctx: RuleContext): Generator<Finding> {
    for (const item of itemsOf(ctx)) yield* check(item, ctx)
  }

/** The paths of the items of a list, sound or not. */
export function* itemsOf(ctx: RuleContext, list: Path): Generator<Path> {
  for (let index = 0; ctx.declared([...list, index]); index++) yield [...list, index]
}

/** Each item that has the key of an earlier one, with the first of that key. An item without a key is like no other. */
export function* repeated<T>(items: Iterable<T>, keyOf: (item: T) => string | undefined): Generator<readonly [item: T, first: T]> {
  const firsts = new Map<string, T>()
  for (const item of items) {
    const key = keyOf(item)
    const first = key === undefined ? undefined : firsts.get(key)
    if (first !== undefined) yield [item, first]
    else if (key !== undefined) firsts.set(key, item)
  }
}

export const serversOf = (ctx: RuleContext): Iterable<At<Server>> => entriesOf(ctx.topology.servers, ['servers'])
/** The servers that the file makes. */
export function* ourServersOf(ctx: RuleContext): Generator<At<Server>> {
  for (const server of serversOf(ctx)) if (isOurs(server.entry)) yield server
}

export const zonesOf = (ctx: RuleContext): Iterable<At<PrivateDnsZone>> => entriesOf(ctx.topology.privateDnsZones, ['privateDnsZones'])
export const factoriesOf = (ctx: RuleContext): Iterable<At<DataFactory>> => entriesOf(ctx.topology.dataFactories, ['dataFactories'])

/** Private endpoints that are ours to make, each with its server. */
export function* endpointsOf(ctx: RuleContext): Generator<At<PrivateEndpoint> & { readonly server: At<Server> }> {
  for (const server of serversOf(ctx)) for (const endpoint of ourEndpointsOf(server)) yield { ...endpoint, server }
}

export const ourEndpointsOf = ({ path, entry }: At<Server>): At<PrivateEndpoint>[] =>
  [...entriesOf(entry.privateEndpoints, [...path, 'privateEndpoints'])].filter(endpoint => isOurs(endpoint.entry))

/** The path of the entry that the reference at `path` leads to; nothing for an id, and for what is not known. */
export function referredTo(ctx: RuleContext, collection: CollectionPath, path: Path): Path | undefined {
  const target = ctx.target(collection, path)
  return target?.kind === 'entry' ? target.path : undefined
}

/** The subnet a path such as `networks/hub/subnets/endpoints` leads to. */
export function subnetAt(ctx: RuleContext, path: Path): Sound<Subnet> | undefined {
  const [, network = '', , subnet = ''] = path.map(String)
  return ctx.topology.networks?.[network]?.subnets?.[subnet]
}

/** The name a target has in Azure: that of the entry, or the last part of the id. */
export function azureName(ctx: RuleContext, target: Target): string | undefined {
  if (target.kind === 'id') return target.id.split('/').at(-1)
  const [collection, key = ''] = target.path.map(String)
  if (collection === 'privateDnsZones') return zoneName(ctx, key)
  if (collection === 'servers') return nameOf(ctx.topology.servers?.[key], key)
  return undefined
}

const zoneName = (ctx: RuleContext, key: string): string | undefined => nameOf(ctx.topology.privateDnsZones?.[key], key)

/** Undefined when a variable leaves the name open, which then is not in the sound entry but in the file. */
export function nameOf(
  entry: { readonly id?: string | undefined; readonly name?: string | undefined } | undefined,
  key: string
): string | undefined {
  return entry?.id?.split('/').at(-1) ?? entry?.name ?? (entry ? key : undefined)
}

/** One text for each target, however it is referred to. */
export const targetKey = (target: Target): string => (target.kind === 'entry' ? target.path.join('/') : `id:${target.id.toLowerCase()}`)
