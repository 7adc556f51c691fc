import type { Azure } from '../azure/azure.ts'
import { asking, isForbidden, isNotFound, isUnreadable } from '../azure/error.ts'
import { kindOf, kindOfType, kinds } from '../kinds/index.ts'
import type { Kind } from '../kinds/kind.ts'
import { resourceGroup } from '../kinds/resourceGroup.ts'
import type { Undeclared } from '../kinds/undeclared.ts'
import { inBatches } from '../live/batches.ts'
import type { Beside } from '../live/beside.ts'
import { orUnseen } from '../live/orUnseen.ts'
import { type Owners, ownerOf } from '../live/owners.ts'
import type { Drift } from '../model/drift.ts'
import { groupOf, nameOf, parentOf, type ResourceId, resourceId, typeOf, within } from '../model/id.ts'
import { option, type Worded } from '../model/option.ts'
import { ownerTag } from '../model/owner.ts'
import { type Desired, type Listed, type Live, listKey, present, presentIn, type Resource } from '../model/resource.ts'
import type { Trust } from '../model/topology.generated.ts'
import { Trusted } from './trust.ts'

export interface UndeclaredWanted extends Worded {
  readonly desired: Desired
  /** A resource that it declared is ours, though it left the file. */
  readonly baseline: Desired | undefined
  readonly live: Live
  readonly topology: string
  readonly subscriptions: readonly string[]
  /** The other topologies of this command. */
  readonly beside?: Beside | undefined
  /** The owners of the endpoints that were asked for already. */
  readonly owners: Owners
  /** Where undeclared connections may come from. Without it one of another topology is no drift, and one that is Pending is not told. */
  readonly trust?: Trust | undefined
}

interface Wanted extends UndeclaredWanted {
  readonly isKnown: (id: ResourceId) => boolean
  readonly isConnected: (from: ResourceId) => boolean
  readonly trusted: Trusted | undefined
}

interface Looking extends Wanted {
  readonly further: boolean
}

/**
 * Resources that are there and in no file: clients let in to servers of ours, networks that see zones of ours, and
 * resources with our tag. A scope that we may not look into is said to be unknown.
 */
export async function readUndeclared(azure: Azure, asked: UndeclaredWanted): Promise<Drift[]> {
  const found = await undeclaredSeen(azure, asked, true)
  const wanted = wantedOf(asked)
  const seen = new Set(found.map(({ id }) => id))
  await inBatches(wanted.subscriptions, async subscription => {
    for (const one of await tagged(azure, subscription, wanted)) if (!seen.has(one.id)) found.push(one)
  })
  return found
}

const wantedOf = (asked: UndeclaredWanted): Wanted => ({
  ...asked,
  isKnown: knownIn(asked),
  isConnected: connectedIn(asked),
  trusted: asked.trust && new Trusted(asked.trust)
})

const concerns = kinds.flatMap(kind => (kind.undeclared ? [{ kind, undeclared: kind.undeclared }] : []))
const isConcern: ReadonlySet<string> = new Set(concerns.map(({ kind }) => kind.name))

/**
 * The same as far as lists show it: those that were read already, and with `further` those that were not. Beside these we only ask Azure
 * for the owner of the endpoint behind a connection that no file declares.
 */
export async function undeclaredSeen(azure: Azure, asked: UndeclaredWanted, further: boolean): Promise<Drift[]> {
  const wanted: Looking = { ...wantedOf(asked), further }
  const all = [...wanted.desired.values()]
  const declaredIn = new Set(all.flatMap(({ kind, id }) => (isConcern.has(kind) ? [listKey(kind, parentOf(id) ?? id)] : [])))
  const places = all.flatMap(parent => {
    const found = presentIn(wanted.live, parent.id)
    if (found === undefined) return []
    return concerns.flatMap(({ kind, undeclared }) => {
      const liesThere = kind.type.slice(0, kind.type.lastIndexOf('/')) === kindOf(parent).type
      const isAsked = wanted.trusted !== undefined || declaredIn.has(listKey(kind.name, parent.id))
      const mayMatter = liesThere && (parent.managed || (undeclared.inOthers === true && isAsked))
      return mayMatter && (undeclared.matters?.(found.props) ?? true) ? [{ kind, undeclared, parent }] : []
    })
  })
  const found: Drift[] = []
  await inBatches(places, async place => {
    found.push(...(await listed(azure, place, wanted)))
  })
  return [...found, ...((await wanted.trusted?.unread()) ?? [])]
}

interface Place {
  readonly kind: Kind
  readonly undeclared: Undeclared<unknown>
  /** The resource that it lies in. */
  readonly parent: Resource
}

/** Nothing where a file of this command declares it; what another topology made is shown, and is no drift of this one. */
async function seenAt(azure: Azure, { kind, undeclared, parent }: Place, { path, observed }: Listed, wanted: Wanted): Promise<Drift[]> {
  const { isKnown, isConnected, beside, topology, live, trusted } = wanted
  if (observed.state !== 'present' || isKnown(resourceId(path))) return []
  const said = undeclared.says(observed, parent.address)
  const asks = said === undefined && trusted !== undefined ? undeclared.asks?.(observed, parent.address) : undefined
  if (said === undefined && asks === undefined) return []
  const { from } = observed.facts
  if (from !== undefined && (isConnected(from) || (await isBehindOther(azure, from, beside)))) return []
  if (isOfOther(path, observed.refs, parent, beside)) return []
  const address = beneath(parent, live.resources.get(parent.id)?.path ?? parent.path, path)
  if (trusted !== undefined && undeclared.asks !== undefined) {
    if (await trusted.includes(from, azure)) return []
    const message = `${said ?? asks}, and neither a file nor \`trust\` names it`
    return [{ ...undeclaredAt(kind, path, message), address, ...(said === undefined && { class: 'asking', counts: false }) }]
  }
  const owner = from === undefined ? undefined : await ownerOf(azure, from, wanted)
  if (owner === undefined || owner === topology) return [{ ...undeclaredAt(kind, path, `${said}, and is in no file`), address }]
  return [{ ...undeclaredAt(kind, path, `${said}, of topology ${owner}`), address, class: 'others', counts: false }]
}

/** Whether Data Factory says that the endpoint is behind one that another file of this command declares. */
async function isBehindOther(azure: Azure, from: ResourceId, beside: Beside | undefined): Promise<boolean> {
  for (const one of beside?.mayConnectFrom(from) ?? []) {
    const read = await orUnseen(kindOf(one).observe(azure, one.path))
    if (present(read?.observed)?.facts.endpointId === from) return true
  }
  return false
}

/** One that joins the same may have another name there. */
const isOfOther = (path: string, refs: readonly ResourceId[], parent: Resource, beside: Beside | undefined): boolean =>
  beside?.inside(parent.id).some(one => typeOf(one.id) === typeOf(path) && one.refs.some(ref => refs.includes(ref))) ?? false

/** Whether a connection that comes from there, as its server says, is one that a file declares. */
function connectedIn({ desired, baseline, live, beside }: UndeclaredWanted): Wanted['isConnected'] {
  const ids = new Set<ResourceId>()
  for (const one of [...(baseline?.values() ?? []), ...desired.values()])
    for (const id of kindOf(one).path?.source?.({ ...one, facts: presentIn(live, one.id)?.facts }) ?? []) ids.add(id)
  return from => ids.has(from) || (beside?.connectFrom(from) ?? false)
}

/** Those of a kind that lie in `parent` and that no file declares. */
async function listed(azure: Azure, place: Place, wanted: Looking): Promise<Drift[]> {
  const { kind, parent } = place
  const path = wanted.live.resources.get(parent.id)?.path ?? parent.path
  const seen = wanted.live.lists.get(listKey(kind.name, parent.id))
  if (seen === undefined && !wanted.further) return []
  try {
    const found: Drift[] = []
    for (const read of seen ?? (await kind.list(azure, path))) found.push(...(await seenAt(azure, place, read, wanted)))
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

const undeclaredAt = (kind: Kind, path: string, message: string): Drift => ({
  class: 'unmanaged',
  kind: kind.name,
  id: resourceId(path),
  path,
  address: path,
  counts: true,
  message
})

const unknown = (kind: Kind, { address, at, id, path }: Pick<Drift, 'address' | 'at' | 'id' | 'path'>, message: string): Drift => ({
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
function knownIn({ desired, baseline, live, beside }: UndeclaredWanted): Wanted['isKnown'] {
  const ids = [...desired.keys(), ...(baseline?.keys() ?? [])]
  const known = new Set([...ids, ...ids.map(id => resourceId(live.resources.get(id)?.path ?? id))])
  return id => known.has(id) || (beside?.declares(id) ?? false)
}

/** Resources of a subscription that carry our tag. ARM filters by the tag itself: these are two lists. */
async function tagged(azure: Azure, subscription: string, wanted: Wanted): Promise<Drift[]> {
  const paths = await taggedIn(azure, subscription, wanted)
  if (paths === undefined) {
    const path = `/subscriptions/${subscription}`
    const message = `is unknown: the login may not list what there carries the tag ${ownerTag}`
    return [unknown(resourceGroup, { id: resourceId(path), path, address: path }, message)]
  }
  return paths
    .filter(path => !wanted.isKnown(resourceId(path)))
    .flatMap(path => {
      const kind = kindOfType.get(typeOf(path))
      const moved = [...wanted.desired.values()].find(
        one =>
          one.managed &&
          one.kind === kind?.name &&
          nameOf(one.id) === nameOf(path).toLowerCase() &&
          wanted.live.resources.get(one.id)?.observed.state === 'absent'
      )
      const message = moved
        ? `carries the tag of this topology, and is ${moved.address}, which was moved: the file has it at ${moved.path}`
        : `carries the tag of this topology, and is in no file; \`removed\` or ${option(wanted, 'prune', true)} deletes it`
      return kind === undefined ? [] : [{ ...undeclaredAt(kind, path, message), counts: false }]
    })
}

/** `undefined`: the login may not list them. Where the subscription may not be listed, the groups of the file may still be. */
async function taggedIn(azure: Azure, subscription: string, { topology, desired }: UndeclaredWanted): Promise<string[] | undefined> {
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
