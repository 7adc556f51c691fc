import type { Azure } from '../azure/azure.ts'
import { asking, isForbidden, isNotFound, isUnreadable } from '../azure/error.ts'
import { firewallRule } from '../kinds/firewallRule.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kinds } from '../kinds/index.ts'
import type { Kind } from '../kinds/kind.ts'
import { managedPrivateEndpoint } from '../kinds/managedPrivateEndpoint.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import { resourceGroup } from '../kinds/resourceGroup.ts'
import { virtualNetworkLink } from '../kinds/virtualNetworkLink.ts'
import { inBatches } from '../live/batches.ts'
import { type Owners, ownerOf } from '../live/owners.ts'
import type { Drift } from '../model/drift.ts'
import { groupOf, nameOf, parentOf, type ResourceId, resourceId, scopesOf, typeOf, within } from '../model/id.ts'
import { ownerTag } from '../model/owner.ts'
import { type Desired, type Listed, type Live, listKey, type Resource } from '../model/resource.ts'

export interface StrangersWanted {
  readonly desired: Desired
  /** A resource that it declared is ours, though it left the file. */
  readonly baseline: Desired | undefined
  readonly live: Live
  readonly topology: string
  readonly subscriptions: readonly string[]
  /** The resources that other files of this command declare. */
  readonly others: readonly Desired[]
  /** The owners of the endpoints that were asked for already. */
  readonly owners: Owners
}

interface Wanted extends StrangersWanted {
  readonly known: ReadonlySet<ResourceId>
  readonly declared: ReturnType<typeof declaredSources>
}

interface Looking extends Wanted {
  readonly further: boolean
}

/**
 * Resources that are there and in no file: clients let in to servers of ours, networks that see zones of ours, and
 * resources with our tag. A scope that we may not look into is said to be unknown.
 */
export async function readStrangers(azure: Azure, asked: StrangersWanted): Promise<Drift[]> {
  const found = await strangersSeen(azure, asked, true)
  const wanted = wantedOf(asked)
  const seen = new Set(found.map(({ id }) => id))
  await inBatches(wanted.subscriptions, async subscription => {
    for (const one of await tagged(azure, subscription, wanted)) if (!seen.has(one.id)) found.push(one)
  })
  return found
}

const wantedOf = (asked: StrangersWanted): Wanted => ({ ...asked, known: knownIds(asked), declared: declaredSources(asked) })

/**
 * The same as far as lists show it: those that were read already, and with `further` those that were not. Asked for besides is only
 * whose the endpoint behind a connection is that no file declares.
 */
export async function strangersSeen(azure: Azure, asked: StrangersWanted, further: boolean): Promise<Drift[]> {
  const wanted: Looking = { ...wantedOf(asked), further }
  const found: Drift[] = []
  // A DBA who decides on the connections of somebody else's server wants to know who else is let in to it.
  const decided = new Set(
    [...wanted.desired.values()].flatMap(({ kind, id }) => (kind === privateEndpointConnection.name ? scopesOf(id) : []))
  )
  const there = [...wanted.desired.values()].filter(
    ({ managed, kind, id }) =>
      (managed || (kind === flexibleServer.name && decided.has(id))) && wanted.live.resources.get(id)?.observed.state === 'present'
  )
  await inBatches(there, async resource => {
    if (resource.kind === flexibleServer.name) found.push(...(await onServer(azure, resource, wanted)))
    if (resource.kind === privateDnsZone.name)
      found.push(...(await listed(azure, virtualNetworkLink, resource, wanted, read => linkSaid(read, resource, wanted))))
  })
  return found
}

const isPublic = (server: Resource, live: Live): boolean => {
  const observed = live.resources.get(server.id)?.observed
  // A server in a virtual network has no firewall rules at all.
  return observed?.state === 'present' && (observed.props as { readonly publicAccess?: boolean }).publicAccess !== undefined
}

async function onServer(azure: Azure, server: Resource, wanted: Looking): Promise<Drift[]> {
  if (!isPublic(server, wanted.live)) return []
  const firewall = async (): Promise<Drift[]> =>
    listed(azure, firewallRule, server, wanted, ({ observed }) => {
      const { range } = (observed.state === 'present' ? observed.props : {}) as { readonly range?: { start: string; end: string } }
      return { message: `lets ${range?.start ?? '?'} to ${range?.end ?? '?'} in to ${server.address}, and is in no file` }
    })
  const connections = await listed(azure, privateEndpointConnection, server, wanted, read => connectionSaid(azure, read, server, wanted))
  return [...(server.managed ? await firewall() : []), ...connections]
}

/** Nothing where it is declared; what another topology made is shown, and no drift of this one. */
async function connectionSaid(azure: Azure, { observed }: Listed, { address }: Resource, wanted: Wanted): Promise<Saying | undefined> {
  if (observed.state !== 'present' || !/^approved$/i.test(observed.facts.connection?.status ?? '')) return undefined
  const { declared } = wanted
  const { from } = observed.facts
  if (from === undefined) return { message: `is Approved and reaches ${address} from an endpoint that nobody sees, and nobody declared it` }
  if (declared.ids.has(from) || declared.names.has(nameOf(from))) return undefined
  const owner = await ownerOf(azure, from, wanted)
  return owner === undefined || owner === wanted.topology
    ? { message: `is Approved and reaches ${address} from ${from}, and nobody declared it` }
    : { of: owner, message: `is Approved and reaches ${address} from ${from}, of topology ${owner}` }
}

function linkSaid({ observed }: Listed, zone: Resource, { others }: Wanted): Saying | undefined {
  const refs = observed.state === 'present' ? observed.refs : []
  const isTheirs = ({ kind, id, refs: own }: Resource): boolean =>
    kind === virtualNetworkLink.name && parentOf(id) === zone.id && own.some(ref => refs.includes(ref))
  return others.some(other => [...other.values()].some(isTheirs))
    ? undefined
    : { message: 'sees the records of this zone, and is in no file' }
}

/** The endpoints that a file declares, as a server names them. */
function declaredSources({ desired, baseline, live, others }: StrangersWanted) {
  const all = [...(baseline?.values() ?? []), ...desired.values(), ...others.flatMap(other => [...other.values()])]
  const ids = new Set(all.filter(({ kind }) => kind === privateEndpoint.name).map(({ id }) => id))
  const names = new Set<string>()
  for (const { kind, id, refs } of all) {
    if (kind === privateEndpointConnection.name) for (const ref of refs) ids.add(ref)
    if (kind !== managedPrivateEndpoint.name) continue
    const observed = live.resources.get(id)?.observed
    const endpoint = observed?.state === 'present' ? observed.facts.endpointId : undefined
    if (endpoint) ids.add(endpoint)
    // Data Factory did not always say which endpoint is behind a managed one; Microsoft calls it so [REC-ADF].
    else names.add(`${/\/factories\/([^/]+)/.exec(id)?.[1] ?? ''}.${nameOf(id)}`)
  }
  return { ids, names }
}

interface Saying {
  readonly message: string
  /** The topology that it is of. */
  readonly of?: string
}

/** Those of a kind that lie in `parent` and nobody declares; `says` gives a sentence, or nothing where one is no concern of ours. */
async function listed(
  azure: Azure,
  kind: Kind,
  parent: Resource,
  { live, known, further }: Looking,
  says: (read: Listed) => Saying | undefined | Promise<Saying | undefined>
): Promise<Drift[]> {
  const path = live.resources.get(parent.id)?.path ?? parent.path
  const seen = live.lists.get(listKey(kind.name, parent.id))
  if (seen === undefined && !further) return []
  try {
    const found: Drift[] = []
    for (const read of seen ?? (await kind.list(azure, path))) {
      const said = known.has(resourceId(read.path)) ? undefined : await says(read)
      if (said === undefined) continue
      const one = { ...stranger(kind, read.path, said.message), address: beneath(parent, path, read.path) }
      found.push(said.of === undefined ? one : { ...one, class: 'others', counts: false })
    }
    return found
  } catch (error) {
    if (isNotFound(error)) return []
    if (!isUnreadable(error)) throw error
    const why = isForbidden(error) ? 'may not be listed' : `could not be listed (${error.message})`
    return [unknown(kind, parent, `is unknown: the ${kind.title}s there ${why}`)]
  }
}

/** A resource that lies in an entry of the file goes by the address of that entry; one that lies in none, by its id. */
const beneath = ({ address }: Resource, parent: string, path: string): string =>
  within(resourceId(path), resourceId(parent)) ? [address, ...path.split('/').slice(parent.split('/').length)].join('/') : path

const stranger = (kind: Kind, path: string, message: string): Drift => ({
  class: 'unmanaged',
  kind: kind.name,
  id: resourceId(path),
  path,
  address: path,
  counts: true,
  message
})

const unknown = (kind: Kind, { address, at, id, path }: Resource, message: string): Drift => ({
  class: 'unknown',
  kind: kind.name,
  id,
  path,
  address,
  at,
  counts: false,
  beside: true,
  message
})

/** Declared resources, by the id they have and by where they were found: one found by the resources it joins has another name there. */
function knownIds({ desired, baseline, live, others }: StrangersWanted): ReadonlySet<ResourceId> {
  const ids = [...desired.keys(), ...(baseline?.keys() ?? []), ...others.flatMap(other => [...other.keys()])]
  return new Set([...ids, ...ids.map(id => resourceId(live.resources.get(id)?.path ?? id))])
}

/** Resources of a subscription that carry our tag. ARM looks for them itself: two lists, whatever else lies there. */
async function tagged(azure: Azure, subscription: string, wanted: Wanted): Promise<Drift[]> {
  const paths = await taggedIn(azure, subscription, wanted)
  if (paths === undefined) {
    const path = `/subscriptions/${subscription}`
    const message = `is unknown: nobody may list what there carries the tag ${ownerTag}`
    return [{ class: 'unknown', kind: resourceGroup.name, id: resourceId(path), path, address: path, counts: false, beside: true, message }]
  }
  return paths
    .filter(path => !wanted.known.has(resourceId(path)))
    .flatMap(path => {
      const kind = kinds.find(({ type }) => type.toLowerCase() === typeOf(path))
      const moved = [...wanted.desired.values()].find(
        one =>
          one.managed &&
          one.kind === kind?.name &&
          nameOf(one.id) === nameOf(path).toLowerCase() &&
          wanted.live.resources.get(one.id)?.observed.state === 'absent'
      )
      const message = moved
        ? `carries the tag of this topology, and is ${moved.address}, which somebody moved: the file has it at ${moved.path}`
        : `carries the tag of this topology, and is in no file; \`removed\` or --prune deletes it`
      return kind === undefined ? [] : [{ ...stranger(kind, path, message), counts: false }]
    })
}

/** `undefined`: nobody may. Where the subscription may not be listed, the groups of the file may still be. */
async function taggedIn(azure: Azure, subscription: string, { topology, desired }: StrangersWanted): Promise<string[] | undefined> {
  const filter = `tagName eq '${ownerTag}' and tagValue eq '${topology.replaceAll("'", "''")}'`
  const { resources, resourceGroups } = await azure.client('resources', subscription)
  const found: string[] = []
  try {
    await asking(`GET what carries the tag of ${topology} in /subscriptions/${subscription}`, async () => {
      for await (const { id } of resources.list({ filter })) if (id !== undefined) found.push(id)
      for await (const { id } of resourceGroups.list({ filter })) if (id !== undefined) found.push(id)
    })
    return found
  } catch (error) {
    if (!isForbidden(error)) throw error
  }
  const inSubscription = [...desired.values()].filter(({ id }) => id.startsWith(`/subscriptions/${subscription}/`.toLowerCase()))
  const groups = [...new Set(inSubscription.flatMap(({ id }) => groupOf(id) ?? []))]
  if (groups.length === 0) return undefined
  try {
    for (const group of groups) {
      await asking(`GET what carries the tag of ${topology} in ${group}`, async () => {
        for await (const { id } of resources.listByResourceGroup(group, { filter })) if (id !== undefined) found.push(id)
      })
    }
    return found
  } catch (error) {
    if (isNotFound(error)) return found
    if (!isForbidden(error)) throw error
    return undefined
  }
}
