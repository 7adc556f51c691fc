import { type LocksWanted, readAllLocks } from '../azure/allLocks.ts'
import type { Azure } from '../azure/azure.ts'
import { kinds } from '../kinds/index.ts'
import type { Kind } from '../kinds/kind.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import type { EndpointProof } from '../model/change.ts'
import { grouped } from '../model/grouped.ts'
import { parentOf, type ResourceId, resourceId, subscriptionOf, typeOf } from '../model/id.ts'
import { ownerIn } from '../model/owner.ts'
import { type Desired, type Existing, type Live, type Lock, listKey, present, type Sought } from '../model/resource.ts'
import { readAddresses } from './addresses.ts'
import type { Beside } from './beside.ts'
import { depth, readJoined, readKind } from './collection.ts'
import { type GroupsRead, groupsByRecord, placeByRecord } from './groupsByRecord.ts'
import { undeclaredInside, unmanagedAmong } from './owned.ts'
import { readPaths } from './paths.ts'
import { placeLocks } from './placeLocks.ts'
import { Reading } from './reading.ts'
import { readRecords } from './records.ts'
import { lookFor } from './sought.ts'

export interface ReadOptions {
  readonly desired: Desired
  /** Read too, so that what left the file can be told from what was never there. */
  readonly baseline: Desired | undefined
  /** Something may be deleted: look for what carries our tag and is in no file. */
  readonly prune: boolean
  readonly topology: string
  readonly subscriptions: readonly string[]
  /** The paths of these are looked at. */
  readonly endpoints: readonly EndpointProof[]
  /** The resources that `removed` names. */
  readonly sought?: readonly Sought[]
  /** Told how many of the declared resources have been looked for. */
  readonly heard?: (done: number, of: number) => void
  /** Locks that a journal on this machine says are off. */
  readonly owed?: readonly Lock[]
  /** Whether a lock is as the file wants it. */
  readonly isDeclared?: (lock: Lock) => boolean
  /** The topologies that are read next, with the same answers: one list is then cheaper than a GET for each file. */
  readonly beside?: Beside | undefined
  /** The endpoints whose zone group is read by itself, whatever its record says; by default none. */
  readonly groups?: GroupsRead
}

/**
 * Everything that is there of what is declared, in as few calls as it takes: a list where two or more lie in one
 * collection, else a GET; nothing for what another body already carries. README.md beside this file has the table.
 */
export async function readLive(azure: Azure, options: ReadOptions): Promise<Live> {
  const { desired, baseline, prune } = options
  const all = new Map([...(baseline ?? []), ...desired])
  const reading = new Reading(azure, options.beside)
  const locks = await readAllLocks(azure, {
    ...scopesToLock(all, options.subscriptions),
    owed: options.owed ?? [],
    ...(options.isDeclared && { isDeclared: options.isDeclared })
  })
  const told = { addresses: new Map() as ReadonlyMap<ResourceId, readonly string[]>, byRecord: new Set() as ReadonlySet<ResourceId> }
  const byKind = grouped(all.values(), ({ kind }) => kind)
  reading.note(managementLock.type, 'list', byKind.get(managementLock.name)?.length ?? 0, 'a lock may be in the way of any step')
  for (const kind of byDepth(kinds)) {
    if (kind === managementLock) continue
    if (kind === privateDnsZoneGroup) Object.assign(told, await tellGroups(reading, options))
    const wanted = (byKind.get(kind.name) ?? []).filter(({ id }) => !reading.resources.has(id))
    await readJoined(kind, wanted, reading)
    await readKind(kind, wanted, prune && kind.taggable ? whereTagged(kind, options, reading) : [], reading)
    options.heard?.(reading.resources.size, all.size)
  }
  placeLocks(all, locks, reading)
  const sought = await lookFor(options.sought ?? [], reading, { all, locks: locks.locks })
  unfold(reading)
  const unmanaged = prune ? unmanagedAmong(reading.listed, all, options.topology) : []
  const left = prune ? [...(baseline?.values() ?? [])].filter(({ id, managed }) => managed && !desired.has(id)) : []
  const going = left.filter(({ id }) => reading.resources.get(id)?.observed.state === 'present')
  const ours = { all, unmanaged, topology: options.topology, found: reading.resources }
  const inside = await undeclaredInside(azure, [...going, ...unmanaged], ours)
  const named = sought.flatMap(one => (one.as === 'there' ? [one] : []))
  const leaving = [...[...going, ...named].flatMap(({ id }) => leavingFrom(reading, id)), ...unmanaged]
  const paths = await readPaths(reading, { desired, endpoints: options.endpoints, leaving, ...told })
  return {
    resources: reading.resources,
    locks: locks.locks,
    listedLocks: locks.raw,
    marked: locks.marked,
    damagedMarkers: locks.damaged,
    locksUnreadable: locks.unreadable,
    unmanaged,
    sought,
    undeclaredInside: inside,
    paths,
    byRecord: told.byRecord,
    readNotes: reading.notes,
    lists: reading.lists
  }
}

/** The records of the declared endpoints, and the zone groups that they stand for. */
async function tellGroups(reading: Reading, { desired, endpoints, groups = new Set() }: ReadOptions) {
  const [addresses] = await Promise.all([
    readAddresses(reading, endpoints),
    readRecords(
      reading,
      endpoints.flatMap(({ server, dns }) => (dns === undefined ? [] : [{ zone: dns.zone, server }]))
    )
  ])
  const { byRecord, reasons } = groupsByRecord(reading, { desired, endpoints, addresses, groups })
  for (const [endpoint, why] of reasons) reading.reasons.set(endpoint, why)
  placeByRecord(reading, endpoints, byRecord, desired)
  return { addresses, byRecord }
}

/** Resources that bodies carry can be looked at, whether or not a file declares any of them. */
function unfold({ bodies, resources, lists }: Reading): void {
  for (const kind of kinds) {
    const above = kind.type.split('/').slice(0, -1).join('/').toLowerCase()
    if (kind.embedded === undefined) continue
    for (const [id, body] of bodies)
      if (body !== undefined && typeOf(resources.get(id)?.path ?? id) === above && !lists.has(listKey(kind.name, id)))
        lists.set(listKey(kind.name, id), kind.embedded(body))
  }
}

function leavingFrom({ resources }: Reading, id: ResourceId): Pick<Existing, 'kind' | 'id' | 'path' | 'refs'>[] {
  const there = resources.get(id)
  return there?.observed.state === 'present' ? [{ kind: there.kind, id, path: there.path, refs: there.observed.refs }] : []
}

/** A kind comes after the kinds it lies under or is joined by: its type is the longer, and what Azure makes comes last. */
const byDepth = (all: readonly Kind[]): Kind[] =>
  [...all].sort((a, b) => Number(a.comesWithRef === true) - Number(b.comesWithRef === true) || depth(a) - depth(b))

/** Where something of ours may lie that no file names: in a subscription, or beneath whatever of its parent's type is declared or ours. */
function whereTagged(kind: Kind, { subscriptions, topology }: ReadOptions, { resources, listed }: Reading): string[] {
  if (depth(kind) === 2) return subscriptions.map(id => `/subscriptions/${id}`)
  const above = kinds.find(({ type }) => type === kind.type.split('/').slice(0, -1).join('/'))?.name ?? ''
  const there = [...resources.values()].filter(one => one.kind === above && one.observed.state === 'present')
  const unmanaged = (listed.get(above) ?? []).filter(({ observed }) => ownerIn(present(observed)?.tags ?? {}) === topology)
  return [...new Map([...there, ...unmanaged].map(({ path }) => [resourceId(path), path])).values()]
}

/** Every scope whose locks may matter: what is declared, what it points at, and what a write of it reaches. */
function scopesToLock(all: Desired, subscriptions: readonly string[]): Pick<LocksWanted, 'subscriptions' | 'scopes'> {
  const ids = [...all.values()].flatMap(({ id, refs, reach }) => [id, ...refs, ...reach.map(({ scope }) => scope)])
  const scopes = [...new Set(ids.flatMap(id => [id, parentOf(id)]).filter(id => id !== undefined))]
  return { subscriptions: [...new Set([...subscriptions.map(id => id.toLowerCase()), ...ids.map(subscriptionOf)])].sort(), scopes }
}
