import type { Azure } from '../azure/azure.ts'
import { isForbidden, isNotFound, isUnreadable } from '../azure/error.ts'
import { kindNamed, kinds } from '../kinds/index.ts'
import type { Kind, Read } from '../kinds/kind.ts'
import type { Drift } from '../model/drift.ts'
import { groupOf, nameOf, type ResourceId, resourceId, scopesOf, typeOf } from '../model/id.ts'
import { invariant } from '../model/invariant.ts'
import { ownerTag } from '../model/owner.ts'
import type { Desired, Live, Resource } from '../model/resource.ts'
import { inBatches } from './batches.ts'

export interface StrangersWanted {
  readonly desired: Desired
  /** What it declared is ours, though it left the file. */
  readonly baseline: Desired | undefined
  readonly live: Live
  readonly topology: string
  readonly subscriptions: readonly string[]
}

interface Wanted extends StrangersWanted {
  readonly known: ReadonlySet<ResourceId>
  readonly declared: ReturnType<typeof declaredSources>
}

/**
 * What is there and in no file: who is let in to servers of ours, which networks see zones of ours, and what
 * carries our tag. What may not be looked into is said to be unknown.
 */
export async function readStrangers(azure: Azure, asked: StrangersWanted): Promise<Drift[]> {
  const wanted: Wanted = { ...asked, known: knownIds(asked), declared: declaredSources(asked) }
  const found: Drift[] = []
  // Who decides on the connections of a server that is somebody else's wants to know who else is let in to it.
  const decided = new Set(
    [...wanted.desired.values()].flatMap(({ kind, id }) => (kind === 'privateEndpointConnection' ? scopesOf(id) : []))
  )
  const there = [...wanted.desired.values()].filter(
    ({ managed, kind, id }) =>
      (managed || (kind === 'flexibleServer' && decided.has(id))) && wanted.live.resources.get(id)?.observed.state === 'present'
  )
  await inBatches(there, async resource => {
    if (resource.kind === 'flexibleServer') found.push(...(await onServer(azure, resource, wanted)))
    if (resource.kind === 'privateDnsZone')
      found.push(...(await listed(azure, 'virtualNetworkLink', resource, wanted, () => 'sees the records of this zone, and is in no file')))
  })
  const seen = new Set(found.map(({ id }) => id))
  await inBatches(wanted.subscriptions, async subscription => {
    for (const one of await tagged(azure, subscription, wanted)) if (!seen.has(one.id)) found.push(one)
  })
  return found
}

const isPublic = (server: Resource, live: Live): boolean => {
  const observed = live.resources.get(server.id)?.observed
  // A server in a virtual network has no firewall rules at all.
  return observed?.state === 'present' && (observed.props as { readonly publicAccess?: boolean }).publicAccess !== undefined
}

async function onServer(azure: Azure, server: Resource, wanted: Wanted): Promise<Drift[]> {
  if (!isPublic(server, wanted.live)) return []
  const firewall = async (): Promise<Drift[]> =>
    listed(azure, 'firewallRule', server, wanted, ({ observed }) => {
      const { range } = (observed.state === 'present' ? observed.props : {}) as { readonly range?: { start: string; end: string } }
      return `lets ${range?.start ?? '?'} to ${range?.end ?? '?'} in to ${server.address}, and is in no file`
    })
  const { declared } = wanted
  const connections = await listed(azure, 'privateEndpointConnection', server, wanted, ({ observed }) => {
    if (observed.state !== 'present' || !/^approved$/i.test(observed.facts.connection?.status ?? '')) return undefined
    const { from } = observed.facts
    if (from !== undefined && (declared.ids.has(from) || declared.names.has(nameOf(from)))) return undefined
    return `is Approved and reaches ${server.address} from ${from ?? 'an endpoint that nobody sees'}, and nobody declared it`
  })
  return [...(server.managed ? await firewall() : []), ...connections]
}

/** The endpoints that a file declares, as a server names them. */
function declaredSources({ desired, baseline, live }: StrangersWanted) {
  const all = [...(baseline?.values() ?? []), ...desired.values()]
  const ids = new Set(all.filter(({ kind }) => kind === 'privateEndpoint').map(({ id }) => id))
  const names = new Set<string>()
  for (const { kind, id, refs } of all) {
    if (kind === 'privateEndpointConnection') for (const ref of refs) ids.add(ref)
    if (kind !== 'managedPrivateEndpoint') continue
    const observed = live.resources.get(id)?.observed
    const endpoint = observed?.state === 'present' ? observed.facts.endpointId : undefined
    if (endpoint) ids.add(endpoint)
    // Data Factory did not always say which endpoint is behind a managed one; Microsoft calls it so [REC-ADF].
    else names.add(`${/\/factories\/([^/]+)/.exec(id)?.[1] ?? ''}.${nameOf(id)}`)
  }
  return { ids, names }
}

/** Those of a kind that lie in `parent` and nobody declares; `says` gives a sentence, or nothing where one is no concern of ours. */
async function listed(
  azure: Azure,
  name: string,
  parent: Resource,
  wanted: Wanted,
  says: (read: Read) => string | undefined
): Promise<Drift[]> {
  const kind = kindNamed.get(name)
  invariant(kind !== undefined, `no kind ${name}`)
  try {
    const path = wanted.live.resources.get(parent.id)?.path ?? parent.path
    const reads = await kind.list(azure, path)
    return reads.flatMap(read => {
      const id = resourceId(read.path)
      const message = wanted.known.has(id) ? undefined : says(read)
      return message === undefined ? [] : [{ ...stranger(kind, read.path, message), address: beneath(parent, path, read.path) }]
    })
  } catch (error) {
    if (isNotFound(error)) return []
    if (!isUnreadable(error)) throw error
    const why = isForbidden(error) ? 'may not be listed' : `could not be listed (${error.message})`
    return [unknown(kind, parent, `is unknown: the ${kind.title}s there ${why}`)]
  }
}

/** What lies in an entry of the file goes by the address of that entry; what lies in none, by its id. */
const beneath = ({ address }: Resource, parent: string, path: string): string =>
  path.toLowerCase().startsWith(`${parent.toLowerCase()}/`) ? address + path.slice(parent.length) : path

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
  message
})

/** What either file declares, by the id it has and by where it was found: that has another name where it is found by what it joins. */
function knownIds({ desired, baseline, live }: StrangersWanted): ReadonlySet<ResourceId> {
  const ids = [...desired.keys(), ...(baseline?.keys() ?? [])]
  return new Set([...ids, ...ids.map(id => resourceId(live.resources.get(id)?.path ?? id))])
}

/** What carries our tag in a subscription. ARM looks for it itself: two lists, whatever else lies there. */
async function tagged(azure: Azure, subscription: string, wanted: Wanted): Promise<Drift[]> {
  const paths = await taggedIn(azure, subscription, wanted)
  if (paths === undefined) {
    const path = `/subscriptions/${subscription}`
    const message = `is unknown: nobody may list what there carries the tag ${ownerTag}`
    return [{ class: 'unknown', kind: 'resourceGroup', id: resourceId(path), path, address: path, counts: false, message }]
  }
  return paths
    .filter(path => !wanted.known.has(resourceId(path)))
    .flatMap(path => {
      const kind = kinds.find(({ type }) => type.toLowerCase() === typeOf(path))
      const message = `carries the tag of this topology, and is in no file; \`removed\` or --prune deletes it`
      return kind === undefined ? [] : [{ ...stranger(kind, path, message), counts: false }]
    })
}

/** `undefined`: nobody may. Where the subscription may not be listed, the groups of the file may still be. */
async function taggedIn(azure: Azure, subscription: string, { topology, desired }: StrangersWanted): Promise<string[] | undefined> {
  const filter = `tagName eq '${ownerTag}' and tagValue eq '${topology.replaceAll("'", "''")}'`
  const { resources, resourceGroups } = await azure.client('resources', subscription)
  const found: string[] = []
  try {
    for await (const { id } of resources.list({ filter })) if (id !== undefined) found.push(id)
    for await (const { id } of resourceGroups.list({ filter })) if (id !== undefined) found.push(id)
    return found
  } catch (error) {
    if (!isForbidden(error)) throw error
  }
  const inSubscription = [...desired.values()].filter(({ id }) => id.startsWith(`/subscriptions/${subscription}/`.toLowerCase()))
  const groups = [...new Set(inSubscription.flatMap(({ id }) => groupOf(id) ?? []))]
  if (groups.length === 0) return undefined
  try {
    for (const group of groups) {
      for await (const { id } of resources.listByResourceGroup(group, { filter })) if (id !== undefined) found.push(id)
    }
    return found
  } catch (error) {
    if (isNotFound(error)) return found
    if (!isForbidden(error)) throw error
    return undefined
  }
}
