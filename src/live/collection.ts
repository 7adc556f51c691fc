import { ArmError, isForbidden, isNotFound, isUnreadable } from '../azure/error.ts'
import { kindOfType } from '../kinds/index.ts'
import { type Kind, lookupIn, type Read } from '../kinds/kind.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import { grouped } from '../model/grouped.ts'
import { groupOf, parentOf, type ResourceId, resourceId, subscriptionOf, typeOf } from '../model/id.ts'
import { messageOf } from '../model/message.ts'
import { oncePer } from '../model/once.ts'
import type { HowRead } from '../model/reads.ts'
import { listKey, type Observed, present, type Resource } from '../model/resource.ts'
import { inBatches } from './batches.ts'
import type { Reading } from './reading.ts'

/** How far below the group a type lies. */
export const depth = ({ type }: Kind): number => type.split('/').length

/** Reads those of a kind, by their collections. @param tagged where something of ours may lie that no file names */
export async function readKind(kind: Kind, all: readonly Resource[], tagged: readonly string[], reading: Reading): Promise<void> {
  const [wanted, others] = [all.filter(one => isOf(kind, one)), all.filter(one => !isOf(kind, one))]
  // An id of something else: a read by its names would find what it lies in.
  absent(others, reading)
  const collections = grouped(wanted, ({ path }) => resourceId(placeOf(kind, path)))
  const places = grouped([...tagged, ...wanted.map(({ path }) => placeOf(kind, path))], resourceId)
  const whole = depth(kind) === 2 && tagged.length > 0
  await inBatches([...places], ([id, [under = id]]) => readCollection({ kind, under, members: collections.get(id) ?? [], whole }, reading))
}

/** Reads what those of a kind are found by, where the file does not declare it: a list of each place where some lies. */
export async function readJoined(kind: Kind, all: readonly Resource[], reading: Reading): Promise<void> {
  const ids = new Set(all.filter(({ managed }) => managed).flatMap(({ props }) => kind.joinedBy(props)))
  const missing = [...ids].flatMap(id => {
    const end = reading.resources.has(id) ? undefined : kindOfType.get(typeOf(id))
    return end === undefined ? [] : [{ id, end, under: placeOf(end, id) }]
  })
  await inBatches([...grouped(missing, ({ under }) => under)], async ([under, ends]) => {
    const [first] = ends
    if (first === undefined) return
    reading.note(first.end.type, 'list', ends.length, 'a connection is found by it')
    const reads = await first.end.list(reading.azure, under).catch(unreadOrAbsent)
    for (const { id, end } of ends) {
      const read = 'state' in reads ? undefined : byIdIn(reads).get(id)
      const observed = 'state' in reads ? reads : (read?.observed ?? { state: 'absent' as const })
      reading.resources.set(id, { kind: end.name, path: read?.path ?? id, observed })
    }
  })
}

function unreadOrAbsent(error: unknown): Observed {
  if (isNotFound(error)) return { state: 'absent' }
  if (!isUnreadable(error)) throw error
  return { state: 'unreadable', reason: `not readable: ${messageOf(error)}` }
}

const isOf = (kind: Kind, { path }: Resource): boolean => typeOf(path) === kind.type.toLowerCase()

/** A resource lies in a subscription where it lies right in a group, else in its parent. */
const placeOf = (kind: Kind, path: string): string =>
  depth(kind) === 2 ? `/subscriptions/${subscriptionOf(path)}` : path.split('/').slice(0, -2).join('/')

interface Collection {
  readonly kind: Kind
  readonly under: string
  /** Those that are declared. */
  readonly members: readonly Resource[]
  /** All of it is looked at, also what no file declares. */
  readonly whole: boolean
}

async function readCollection(collection: Collection, reading: Reading): Promise<void> {
  const { kind, under, members } = collection
  if (reading.resources.get(resourceId(under))?.observed.state === 'absent') return absent(members, reading)
  const reads = await readsOf(collection, reading)
  if (reads instanceof ArmError) return unreadable(members, reads, reading)
  if (reads === undefined) return inBatches(members, member => readOne(kind, member, reading))
  const listed = reading.listed.get(kind.name) ?? []
  reading.listed.set(kind.name, listed)
  for (const one of reads) listed.push(one)
  reading.lists.set(listKey(kind.name, resourceId(under)), reads)
  await inBatches(members, member => place(kind, member, reads, byIdIn(reads), reading))
}

type ById = ReadonlyMap<ResourceId, Read>

/** The first of an id stands. */
const byIdIn = oncePer((reads: readonly Read[]): ById => new Map(reads.toReversed().map(one => [resourceId(one.path), one])))

/** All of a collection where that costs no more calls than its members one by one; `undefined`: ask for each; an error holds for all. */
async function readsOf(collection: Collection, reading: Reading): Promise<readonly Read[] | ArmError | undefined> {
  const { kind, under, members, whole } = collection
  const body = reading.bodies.get(resourceId(under))
  const note = (how: HowRead, why: string): void => reading.note(kind.type, how, members.length, why)
  const isSingle = members.length + Number(isBeside(kind, under, reading)) < 2 && !kind.match && !whole
  try {
    if (kind.embedded && body !== undefined) {
      note('in a body', 'the body of what it lies in carries it')
      return kind.embedded(body)
    }
    note(isSingle ? 'one by one' : 'list', isSingle ? 'only one is declared there' : whyListed(collection, reading))
    return isSingle ? undefined : await kind.list(reading.azure, under)
  } catch (error) {
    if (isNotFound(error)) return []
    // A kind found by the resources it joins cannot be told to be absent by its name.
    if (isForbidden(error) && !kind.match) {
      const groups = depth(kind) === 2 ? await listGroups(collection, reading) : undefined
      note(groups === undefined ? 'one by one' : 'list', 'the list above may not be read')
      return groups
    }
    // One server that is stopped, or fails, hides nothing of the others.
    if (depth(kind) > 2 && isUnreadable(error)) return error
    throw error
  }
}

function whyListed({ kind, under, members, whole }: Collection, reading: Reading): string {
  const own = reading.reasons.get(resourceId(under))
  if (kind === privateDnsZoneGroup && own !== undefined) return own
  if (kind.match) return 'it is found by what it joins, whatever its name'
  if (members.length > 1) return 'several are declared there'
  return whole ? 'what left the file is looked for' : 'another file of this command has one as well'
}

/** Whether another topology of the command has one of a kind in a subscription. Where this file has none nothing is read. */
const isBeside = (kind: Kind, under: string, { beside }: Reading): boolean =>
  depth(kind) === 2 && (beside?.hasIn(subscriptionOf(under).toLowerCase(), kind.name) ?? false)

/** Reads group by group where the login may not list the whole subscription, and where that is refused too, one by one. */
async function listGroups({ kind, under, members }: Collection, reading: Reading): Promise<readonly Read[] | undefined> {
  const groups = [...new Set(members.map(({ path }) => groupOf(path)?.toLowerCase() ?? ''))]
  if (kind.listGroup === undefined || groups.length === members.length) return undefined
  try {
    return (await Promise.all(groups.map(group => kind.listGroup?.(reading.azure, `${under}/resourceGroups/${group}`) ?? []))).flat()
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw error
  }
}

async function place(kind: Kind, member: Resource, reads: readonly Read[], byId: ById, reading: Reading): Promise<void> {
  // A resource that is not ours is declared by its name or id, and says nothing of the ones it joins.
  const named = !kind.match || (!member.managed && byId.has(member.id))
  const path = named ? member.path : kind.match?.(member.props, reads, lookupIn(reading))
  const read = path === undefined ? undefined : byId.get(resourceId(path))
  if (read) return remember(kind, member, read, reading)
  if (kind.match) return absent([member], reading)
  // Missing from a list is not yet absent: lists lag behind. Asked for by itself before anything is made of it.
  reading.note(kind.type, 'one by one', 1, 'the list does not show it')
  return readOne(kind, member, reading)
}

async function readOne(kind: Kind, member: Resource, reading: Reading): Promise<void> {
  const own = await seenAt(kind, member.path, reading)
  const read = isThere(own) ? own : await readElsewhere(kind, member, own, reading)
  if (read instanceof ArmError) unreadable([member], read, reading)
  else remember(kind, member, read, reading)
}

async function seenAt(kind: Kind, path: string, reading: Reading): Promise<Read | ArmError> {
  try {
    return await kind.observe(reading.azure, path)
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return error
  }
}

const isThere = (read: Read | ArmError): boolean => !(read instanceof ArmError) && read.observed.state === 'present'

/** At a place where Azure does not keep it: not found, or a refusal of the question. */
const isRefusedThere = (read: Read | ArmError): boolean => !(read instanceof ArmError) || read.status === 400

/** Looks for a resource at each other place where Azure may keep it. @param own the answer at its own, which is not that it is there */
async function readElsewhere(kind: Kind, member: Resource, own: Read | ArmError, reading: Reading): Promise<Read | ArmError> {
  const above = present(reading.resources.get(parentOf(member.id) ?? member.id)?.observed)
  const others = kind.elsewhere(member.props, member.path, above).filter(path => resourceId(path) !== member.id)
  const seen: (Read | ArmError)[] = [own]
  for (const path of new Map(others.map(one => [resourceId(one), one])).values()) {
    reading.note(kind.type, 'one by one', 1, 'Azure may keep it at another place')
    const read = await seenAt(kind, path, reading)
    if (isThere(read)) return read
    seen.push(read)
  }
  const unknown = seen.find(read => !isRefusedThere(read))
  if (unknown !== undefined) return unknown
  // A refusal is no absence by itself: one of the places has to have said that there is none.
  const isAbsent = seen.some(read => !(read instanceof ArmError))
  return isAbsent ? { path: member.path, observed: { state: 'absent' }, body: undefined } : own
}

function unreadable(members: readonly Resource[], { message }: ArmError, reading: Reading): void {
  const observed = { state: 'unreadable', reason: `not readable: ${message}` } as const
  for (const { id, kind, path } of members) reading.resources.set(id, { kind, path, observed })
}

function remember(kind: Kind, member: Resource, { path, observed, body }: Read, reading: Reading): void {
  const busy = observed.state === 'present' && kind.motion(observed) !== 'at rest' ? observed.facts.state : undefined
  const again = `try again in a minute${kind.whenStuck === undefined ? '' : `; ${kind.whenStuck}`}`
  reading.bodies.set(member.id, body)
  reading.resources.set(member.id, {
    kind: kind.name,
    path,
    observed: busy === undefined ? observed : { state: 'unreadable', reason: `Azure is still at it (${busy}): ${again}`, busy }
  })
}

/** None of these is there. */
function absent(members: readonly Resource[], reading: Reading): void {
  for (const { id, kind, path } of members) reading.resources.set(id, { kind, path, observed: { state: 'absent' } })
}
