import type { Azure } from '../azure/azure.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import type { Read } from '../kinds/kind.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { virtualNetworkLink } from '../kinds/virtualNetworkLink.ts'
import { nameOf, type ResourceId, resourceId, subscriptionOf, typeOf } from '../model/id.ts'
import type { RecordSeen } from '../model/paths.ts'
import { type Live, listKey, present, presentIn } from '../model/resource.ts'
import type { AroundWanted, NetworkAround } from './around.ts'
import { inBatches } from './batches.ts'
import type { Looks, Seen } from './preflight/looks.ts'
import { holds } from './ranges.ts'
import { recordsOf } from './records.ts'

/** One link of a zone. `done`: the network asks the zone. */
interface LinkAround {
  readonly path: string
  readonly network: ResourceId
  readonly done: boolean
}

/** A zone of the name of one of ours, and the networks that are linked to it. */
interface Rival {
  readonly zone: ResourceId
  readonly path: string
  readonly links: Seen<readonly LinkAround[]>
  /** Its records by their names, where a network of the paths is linked to it. */
  readonly records: Seen<ReadonlyMap<string, RecordSeen>>
}

export interface ZonesAround {
  /** The links of each zone of the file. */
  readonly links: ReadonlyMap<ResourceId, Seen<readonly LinkAround[]>>
  readonly rivals: readonly Rival[]
  /** Why not all zones of the name could be looked for; empty where they could. */
  readonly rivalsUnseen: readonly string[]
  /** The A records of each zone that holds records of endpoints. */
  readonly records: ReadonlyMap<ResourceId, Seen<ReadonlyMap<string, RecordSeen>>>
  /** Whether a server has a name, by that: asked of names that a record has, and no server of the file. */
  readonly named: ReadonlyMap<string, Seen<boolean>>
}

interface ZonesWanted extends AroundWanted {
  readonly networks: ReadonlyMap<ResourceId, Seen<NetworkAround>>
}

/** How many subscriptions are looked at beside those of the file: a login may see hundreds. */
const othersMax = 50
/** Record sets beyond which a zone is not looked through: ten pages. */
const recordsMax = 1_000
/** Names that are asked for in a zone. */
const namesMax = 20

export async function readZones(azure: Azure, looks: Looks, wanted: ZonesWanted): Promise<ZonesAround> {
  const { endpoints, live } = wanted
  const zones = zonesOf(wanted)
  const there = [...zones].filter(([id]) => live.resources.get(id)?.observed.state !== 'absent')
  const links = new Map<ResourceId, Seen<readonly LinkAround[]>>()
  await inBatches(there, async ([id, path]) => void links.set(id, await linksOf(looks, live, id, path)))
  const { rivals, unseen } = await rivalsOf(azure, looks, new Map(there), wanted)
  const kept = new Set(endpoints.flatMap(({ dns }) => dns?.zone ?? []))
  const records = new Map<ResourceId, Seen<ReadonlyMap<string, RecordSeen>>>()
  await inBatches(
    there.filter(([id]) => kept.has(id)),
    async ([id, path]) => void records.set(id, await recordsIn(looks, live, id, path))
  )
  const named = new Map<string, Seen<boolean>>()
  for (const [zone, all] of records)
    if (all.as === 'seen')
      await inBatches(namesToAsk(all.value, zone, wanted).slice(0, namesMax), async name => {
        if (!named.has(name)) named.set(name, await isNamed(looks, name, wanted))
      })
  return { links, rivals, rivalsUnseen: unseen, records, named }
}

/** The zones on the paths, each with its path: entries of the file, and those that an endpoint or a server names by their id. */
function zonesOf({ desired, endpoints }: ZonesWanted): ReadonlyMap<ResourceId, string> {
  const named = [
    ...endpoints.flatMap(({ dns }) => dns?.zone ?? []),
    ...[...desired.values()].flatMap(({ kind, refs }) => (kind === flexibleServer.name ? refs.filter(isZone) : []))
  ]
  const entries = [...desired.values()].flatMap(({ kind, id, path }) => (kind === privateDnsZone.name ? [[id, path] as const] : []))
  return new Map([...named.map(id => [id, id] as const), ...entries])
}

const isZone = (id: ResourceId): boolean => typeOf(id) === privateDnsZone.type.toLowerCase()

const linksIn = (reads: readonly Read[]): readonly LinkAround[] =>
  reads.flatMap(({ path, observed }) => {
    const link = present(observed)
    return (link?.refs ?? []).map(network => ({ path, network, done: link?.facts.linking !== true }))
  })

/** A list that was read for the file is not asked for again. */
async function linksOf(looks: Looks, live: Live, zone: ResourceId, path: string): Promise<Seen<readonly LinkAround[]>> {
  const known = live.lists.get(listKey(virtualNetworkLink.name, zone))
  if (known !== undefined) return { as: 'seen', value: linksIn(known as readonly Read[]) }
  if (presentIn(live, zone)?.facts.links === 0) return { as: 'seen', value: [] }
  const read = await looks.by(`links of ${zone}`, azure => virtualNetworkLink.list(azure, path))
  return read.as === 'seen' ? { as: 'seen', value: linksIn(read.value) } : read
}

/** The zones of our names in every subscription that this login may list: a network may be linked to one there [Restrictions of virtual network links]. */
async function rivalsOf(azure: Azure, looks: Looks, zones: ReadonlyMap<ResourceId, string>, { desired, live, networks }: ZonesWanted) {
  const unseen: string[] = []
  const names = new Set([...zones.keys()].map(nameOf))
  if (names.size === 0) return { rivals: [], unseen }
  const own = [...new Set([...desired.keys(), ...networks.keys()].map(subscriptionOf))]
  const seen = await looks.list<{ readonly subscriptionId?: string }>('/subscriptions', '2022-12-01')
  const all = seen.as === 'seen' ? seen.value.flatMap(({ subscriptionId = '' }) => subscriptionId.toLowerCase()) : []
  const others = all.filter(id => !own.includes(id))
  if (seen.as === 'unreadable') unseen.push(`the subscriptions of this login could not be listed (${seen.reason})`)
  if (others.length > othersMax) unseen.push(`only ${othersMax} of the ${others.length} other subscriptions of this login were looked at`)
  const found: { readonly path: string; readonly linked: boolean }[] = []
  await inBatches([...own, ...others.slice(0, othersMax)], async subscription => {
    const scope = `/subscriptions/${subscription}`
    const known = live.lists.get(listKey(privateDnsZone.name, resourceId(scope))) as readonly Read[] | undefined
    const listed = known
      ? ({ as: 'seen', value: known } as const)
      : await looks.by(`zones ${scope}`, read => privateDnsZone.list(read, scope))
    if (listed.as === 'unreadable') unseen.push(`the private DNS zones of ${scope} could not be listed (${listed.reason})`)
    for (const { path, observed } of listed.as === 'seen' ? listed.value : [])
      found.push({ path, linked: present(observed)?.facts.links !== 0 })
  })
  const rivals: Rival[] = []
  await inBatches(
    found.filter(({ path, linked }) => linked && names.has(nameOf(resourceId(path))) && !zones.has(resourceId(path))),
    async ({ path }) => {
      const zone = resourceId(path)
      const read = await looks.by(`links of ${zone}`, through => virtualNetworkLink.list(through, path))
      const links: Rival['links'] = read.as === 'seen' ? { as: 'seen', value: linksIn(read.value) } : read
      const meets = links.as === 'seen' && links.value.some(({ network }) => networks.has(network))
      const records: Rival['records'] = meets ? await looks.by(`records of ${zone}`, () => recordsOf(azure, path)) : { as: 'absent' }
      rivals.push({ zone, path, links, records })
    }
  )
  return { rivals: rivals.sort((a, b) => (a.zone < b.zone ? -1 : 1)), unseen }
}

async function recordsIn(looks: Looks, live: Live, zone: ResourceId, path: string): Promise<Seen<ReadonlyMap<string, RecordSeen>>> {
  const all = presentIn(live, zone)?.facts.recordSets ?? 0
  if (all > recordsMax) return { as: 'unreadable', reason: `it has ${all} record sets, and no more than ${recordsMax} are looked through` }
  return looks.by(`records of ${zone}`, azure => recordsOf(azure, path))
}

const serverName = /^(?=.{3,63}$)[a-z0-9][a-z0-9-]*[a-z0-9]$/

/**
 * The names of records of which it is asked whether a server has them: those that no endpoint made, in a zone of ours, and those that lead into
 * a network of the file. A record of another topology, or in another's zone, that leads elsewhere is not ours to judge, nor is that of a machine
 * which registered itself.
 */
export function namesToAsk(
  records: ReadonlyMap<string, RecordSeen>,
  zone: ResourceId,
  { desired, endpoints, networks }: Pick<ZonesWanted, 'desired' | 'endpoints' | 'networks'>
): string[] {
  const declared = new Set([...desired.values()].flatMap(({ kind, id }) => (kind === flexibleServer.name ? [nameOf(id)] : [])))
  const ours = new Set(endpoints.flatMap(({ dns, server }) => (dns?.zone === zone ? [nameOf(server)] : [])))
  const ranges = [...networks.values()].flatMap(one => (one.as === 'seen' ? (one.value.props.addressSpace ?? []) : []))
  return [...records]
    .filter(([name, record]) => {
      if (record.state !== 'present' || record.registered || !serverName.test(name) || ours.has(name) || declared.has(name)) return false
      const isOurs = record.creator === undefined && desired.get(zone)?.managed === true
      return isOurs || record.addresses.some(address => ranges.some(range => holds(range, address)))
    })
    .map(([name]) => name)
    .sort()
}

/** Servers have their names alone in all of Azure; the question changes nothing, and a reader may not ask it [DOC-OPS]. */
async function isNamed(looks: Looks, name: string, { desired }: ZonesWanted): Promise<Seen<boolean>> {
  const server = [...desired.values()].find(({ kind }) => kind === flexibleServer.name)
  const location = (server?.props as { readonly location?: string } | undefined)?.location
  if (server === undefined || !location) return { as: 'unreadable', reason: 'the file says no region in which to ask' }
  const [namespace = ''] = flexibleServer.type.split('/')
  const asked = await looks.ask<{ readonly nameAvailable?: boolean }>({
    method: 'POST',
    path: `/subscriptions/${subscriptionOf(server.path)}/providers/${namespace}/locations/${location}/checkNameAvailability`,
    apiVersion: '2024-08-01',
    body: { name, type: flexibleServer.type }
  })
  return asked.as === 'seen' ? { as: 'seen', value: asked.value.nameAvailable === false } : asked
}
