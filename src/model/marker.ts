import { createHash } from 'node:crypto'
import { grouped } from './grouped.ts'
import { isLockPath, locksUnder, nameOf, resourceId, scopePathOf } from './id.ts'
import { type Body, isBody } from './json.ts'
import { isLockBody, lockText } from './lockBody.ts'
import { oncePer } from './once.ts'
import type { Lock } from './resource.ts'

/*
 * The second memory of a lock that is off: the first is the journal on the disk of the run that lifted it. It lies in Azure, in
 * the notes of a lock, where the list that every plan reads shows it: either in the lowered lock's own notes, or in marker
 * locks put on something else beside it.
 */

/** The most that a lock's notes may hold [DOC-LOCK]. */
const notesMax = 512

/** The run that has its turn with a lock, and until when other runs leave it alone. */
export interface Lease {
  readonly run: string
  /** ISO 8601. */
  readonly until: string
  /** The workflow run that it is part of, where there is one: `OWNER/NAME/runs/ID`. */
  readonly workflow?: string
}

export type How = 'remove' | 'lower'

/** A lock that is off, as Azure itself remembers it. */
export interface MarkedLock {
  readonly lock: Lock
  readonly how: How
  readonly lease: Lease
  /** The marker locks that hold it; none for one that was lowered. */
  readonly markers: readonly Lock[]
}

const markerPrefix = 'pglink-owes-'

export const isMarker = ({ name }: Pick<Lock, 'name'>): boolean => name.toLowerCase().startsWith(markerPrefix)

const said =
  /^Lifted by pglink, run (\S+), until (\S+?)\. Put back: pglink locks restore\.(?: Part (\d+) of (\d+)(?:, lock ([0-9a-f]{8})-([0-9a-f]{8}))?\.)? <(.+)>$/

const say = ({ run, until }: Lease, part: string, payload: string): string =>
  `Lifted by pglink, run ${run}, until ${until}. Put back: pglink locks restore.${part} <${payload}>`

/** Plain ASCII: it is cut anywhere, and no terminal or page makes anything else of it. */
const json = (value: Body): string =>
  JSON.stringify(value).replace(/[^\x20-\x7e]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const bodyOf = ({ properties: { level, notes, owners } }: Pick<Lock, 'properties'>): Body => ({
  l: level ?? '',
  ...(notes !== undefined && { n: notes }),
  ...(owners !== undefined && { o: owners })
})

/** The notes of a lowered lock, without its workflow where that is too long; `undefined` where its body does not fit beside the words. */
export function loweredNotes(lock: Lock, lease: Lease): string | undefined {
  const body = bodyOf(lock)
  return [{ ...body, ...workflowOf(lease) }, body].map(one => say(lease, '', json(one))).find(notes => notes.length <= notesMax)
}

const workflowOf = ({ workflow }: Lease): Body => (workflow === undefined ? {} : { w: workflow })

/** It is part of an address that is asked. */
const isWorkflow = (value: unknown): value is string => typeof value === 'string' && /^[\w-][\w.-]*\/[\w-][\w.-]*\/runs\/\d+$/.test(value)

const leaseWith = (lease: Lease, { w }: Body): Lease => (isWorkflow(w) ? { ...lease, workflow: w } : lease)

/** The lock as it is while it is lowered: still a protection against deletes. One whose notes have no room for more keeps its own. */
export function lowered(lock: Lock, lease: Lease): Body {
  const notes = loweredNotes(lock, lease)
  return { ...lock.properties, level: 'CanNotDelete', ...(notes !== undefined && { notes }) }
}

/** With a run's name and a time of the length they always have. */
const anyLease: Lease = { run: '0'.repeat(36), until: '2000-01-01T00:00:00.000Z' }

/** Whether its own notes have no room for what a lock owes while it is lowered. */
export const needsMarkers = (lock: Lock): boolean => lock.level === 'ReadOnly' && loweredNotes(lock, anyLease) === undefined

/** How many markers it takes to remember a lock, wherever they lie. */
export const markersNeeded = (lock: Lock, how: How): number => neededFor(lock)[how]

const neededFor = oncePer((lock: Lock): Readonly<Record<How, number>> => {
  const parts = (how: How): number => memoryOf(lock, anyLease, how).parts
  return { remove: parts('remove'), lower: parts('lower') }
})

type Marker = Pick<Lock, 'path' | 'properties'>

/** The memory of a lock, and in how many parts it is written. */
function memoryOf(lock: Lock, lease: Lease, how: How): { readonly payload: string; readonly parts: number } {
  // Where a person deletes all parts but the first, that one still says which lock it was, and how it was lifted.
  const bare = { p: lock.path, ...(how === 'lower' && { h: how }), ...bodyOf(lock) }
  const without = json(bare)
  const within = json({ ...bare, ...workflowOf(lease) })
  const partsOf = (payload: string): number => (say(lease, '', payload).length <= notesMax ? 1 : Math.ceil(payload.length / roomIn(lease)))
  // Where they lie was planned without knowing of which workflow the run would be: that is left out before it takes a part more.
  const parts = partsOf(without)
  return { payload: partsOf(within) === parts ? within : without, parts }
}

/** The marker locks that remember a lock on `scope`: one, or as many as its body needs. */
export function markersFor(lock: Lock, lease: Lease, scope: string, how: How = 'remove'): readonly Marker[] {
  const { payload, parts } = memoryOf(lock, lease, how)
  const name = `${markerPrefix}${hashOf(payload, lease)}`
  const marker = (suffix: string, notes: string): Marker => ({
    path: `${locksUnder(scope)}/${name}${suffix}`,
    properties: { level: 'CanNotDelete', notes }
  })
  if (parts === 1) return [marker('', say(lease, '', payload))]
  const room = roomIn(lease)
  const which = `${idHash(lock)}-${bodyHash(lock)}`
  return Array.from({ length: parts }, (_, index) =>
    marker(`-${index + 1}`, say(lease, ` Part ${index + 1} of ${parts}, lock ${which}.`, payload.slice(index * room, (index + 1) * room)))
  )
}

/** How much of a memory one of several parts has room for. */
const roomIn = (lease: Lease): number => notesMax - say(lease, ' Part 99 of 99, lock 00000000-00000000.', '').length

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

/** Which lock a part is of, so that each of them alone tells whether that one stands as it was. */
const idHash = ({ path }: Pick<Lock, 'path'>): string => shortHash(resourceId(path))
const bodyHash = ({ properties }: Pick<Lock, 'properties'>): string => shortHash(lockText(properties))

/** Whether a memory of a lock can be written so that it is read again. A lock without one is not lifted. */
export const canBeMarked = ({ path, level, properties }: Lock): boolean => isLockPath(path) && isLockBody(level, properties)

/** Whether what is to remember a lock is read as that, to the letter: by the very eyes that look for it when it is off. */
export function isReadBack(lock: Lock, lease: Lease, how: How, written: readonly Marker[]): boolean {
  const listed = written.map(({ path, properties }): Lock => {
    const level = properties['level'] === 'ReadOnly' ? 'ReadOnly' : 'CanNotDelete'
    return { scope: resourceId(scopePathOf(path)), path, name: nameOf(path), level, properties }
  })
  const { marked, damaged } = markedIn(listed)
  const [one, ...more] = marked
  if (one === undefined || more.length > 0 || damaged.length > 0) return false
  const isLeased = one.lease.run === lease.run && one.lease.until === lease.until
  return isLeased && one.how === how && one.lock.path === lock.path && json(bodyOf(one.lock)) === json(bodyOf(lock))
}

/** The run has a part in it, so that two runs that lift one lock do not take each other's marker for their own. */
const hashOf = (payload: string, { run }: Lease): string => createHash('sha256').update(`${run} ${payload}`).digest('hex').slice(0, 12)

interface Part {
  readonly marker: Lock
  readonly lease: Lease
  readonly part: number
  readonly of: number
  readonly text: string
  /** Which lock it is of, and which body of that: an older pglink did not say. */
  readonly which?: { readonly id: string; readonly body: string }
}

function partIn(marker: Lock): Part | undefined {
  const [, run, until, part, of, id, body, text] = said.exec(String(marker.properties['notes'] ?? '')) ?? []
  if (run === undefined || until === undefined || text === undefined || Number.isNaN(Date.parse(until))) return undefined
  const which = id === undefined || body === undefined ? {} : { which: { id, body } }
  return { marker, lease: { run, until }, part: Number(part ?? 1), of: Number(of ?? 1), text, ...which }
}

const named = /^pglink-owes-([0-9a-f]{12})(?:-(\d+))?$/

/** The part that a marker holds, where it is one by its name, too. */
function partOfMarker(marker: Lock): (Part & { readonly hash: string }) | undefined {
  const [, hash, suffix] = named.exec(marker.name.toLowerCase()) ?? []
  const part = partIn(marker)
  if (hash === undefined || part === undefined || suffix !== (part.of === 1 ? undefined : String(part.part))) return undefined
  return { ...part, hash }
}

/** Whether this is a marker of ours, by name and content, and says that it is one of the lock at `path`. */
export function isMarkerOf(path: string, marker: Lock): boolean {
  const part = partOfMarker(marker)
  if (part === undefined) return false
  if (part.which !== undefined) return part.which.id === idHash({ path })
  const of = part.of === 1 ? objectIn(part.text)?.['p'] : part.part === 1 ? beginningOf(part.text)?.path : undefined
  // A later part that an older pglink wrote does not say so.
  return of === undefined ? part.of > 1 : typeof of === 'string' && resourceId(of) === resourceId(path)
}

export interface MarkersFound {
  readonly marked: readonly MarkedLock[]
  /** Marker locks that hold nothing that can be read: cut off, or edited by a person. */
  readonly damaged: readonly Lock[]
}

/**
 * The locks that a list of locks remembers as lifted.
 *
 * @param stands whether a lock is as it is to be although it is not as it was: then parts of a memory are only left over
 */
export function markedIn(locks: readonly Lock[], stands: (lock: Lock) => boolean = () => false): MarkersFound {
  const found: MarkedLock[] = []
  const damaged: Lock[] = []
  for (const lock of locks) {
    if (isMarker(lock) || lock.level !== 'CanNotDelete') continue
    const part = partIn(lock)
    const body = part && objectIn(part.text)
    const owed = body && bodyIn(body)
    if (part && body && owed) found.push({ lock: { ...lock, ...owed }, how: 'lower', lease: leaseWith(part.lease, body), markers: [] })
  }
  const read = locks.filter(isMarker).flatMap(lock => {
    const part = partOfMarker(lock)
    if (part === undefined) damaged.push(lock)
    return part ?? []
  })
  for (const group of grouped(read, ({ marker, hash }) => `${marker.scope} ${hash}`).values()) {
    const parts = group.toSorted((a, b) => a.part - b.part)
    const one = wholeOf(parts) ?? leftOf(parts, locks, stands)
    if (one === undefined) damaged.push(...parts.map(({ marker }) => marker))
    else found.push(one)
  }
  return { marked: found, damaged }
}

type Parts = readonly (Part & { readonly hash: string })[]

/** Parts of one memory lie on one scope and share the hash in their names. */
function wholeOf(parts: Parts): MarkedLock | undefined {
  const [first] = parts
  if (first === undefined || parts.length !== first.of || parts.some(({ part }, index) => part !== index + 1)) return undefined
  const payload = parts.map(({ text }) => text).join('')
  const body = objectIn(payload)
  const path = body?.['p']
  const owed = body && bodyIn(body)
  if (body === undefined || owed === undefined || !isLockPath(path)) return undefined
  // Only the run that wrote it knows how to name it: a body that was edited is not restored as if it had been read.
  if (first.hash !== hashOf(payload, first.lease)) return undefined
  const lock = { scope: resourceId(scopePathOf(path)), path, name: nameOf(path), ...owed }
  const how = body['h'] === 'lower' ? 'lower' : 'remove'
  return { lock, how, lease: leaseWith(first.lease, body), markers: parts.map(({ marker }) => marker) }
}

/**
 * Some of the parts that remember a lock which is on, as they say: it was never lifted, or is restored. They are written from the first to
 * the last before it is lifted, and deleted from the last to the first after it is back.
 */
function leftOf(parts: Parts, locks: readonly Lock[], stands: (lock: Lock) => boolean): MarkedLock | undefined {
  const [first] = parts
  if (first === undefined || parts.length >= first.of || parts.some(one => one.of !== first.of || one.lease.run !== first.lease.run))
    return undefined
  const isOfIt = whichIs(first)
  const lock = isOfIt && locks.find(one => !isMarker(one) && isOfIt(one, stands))
  return lock && { lock, how: 'remove', lease: first.lease, markers: parts.map(({ marker }) => marker) }
}

function whichIs({ which, part, text }: Part): ((lock: Lock, stands: (lock: Lock) => boolean) => boolean) | undefined {
  if (which !== undefined) return (lock, stands) => idHash(lock) === which.id && (bodyHash(lock) === which.body || stands(lock))
  const begins = part === 1 ? beginningOf(text) : undefined
  return begins && (lock => resourceId(lock.path) === resourceId(begins.path) && lock.level === begins.level)
}

/** Which lock the first part of a memory is of. */
function beginningOf(text: string): { readonly path: string; readonly level: string | undefined } | undefined {
  const [, text_, level] = /^\{"p":("(?:[^"\\]|\\.)*"),(?:"h":"lower",)?"l":"(ReadOnly|CanNotDelete)"/.exec(text) ?? []
  const path = objectIn(`{"p":${text_}}`)?.['p']
  return typeof path === 'string' ? { path, level } : undefined
}

function objectIn(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isBody(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The body that a lock is to have again. */
function bodyIn({ l, n, o }: Body): Pick<Lock, 'level' | 'properties'> | undefined {
  const properties = { level: l ?? '', ...(n !== undefined && { notes: n }), ...(o !== undefined && { owners: o }) }
  const level = l === 'ReadOnly' ? 'ReadOnly' : 'CanNotDelete'
  return isLockBody(l, properties) ? { level, properties } : undefined
}

/** The path of the lock that a marker says it is of, as far as it can be read: to be shown, and not to be acted on. */
export function saidLockOf(marker: Lock): string | undefined {
  const part = partIn(marker)
  return part?.part === 1 ? beginningOf(part.text)?.path : undefined
}

/** The locks as they are to be again: those that are off are on, and what remembers them is not there. */
export function asBefore(locks: readonly Lock[], off: readonly Lock[]): Lock[] {
  const owed = new Map(off.map(lock => [resourceId(lock.path), lock]))
  const there = locks.filter(lock => !isMarker(lock) && !owed.has(resourceId(lock.path)))
  return [...there, ...owed.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
