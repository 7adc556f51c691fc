import { createHash } from 'node:crypto'
import { nameOf, resourceId } from './id.ts'
import { type Body, isBody } from './json.ts'
import type { Lock, LockLevel } from './resource.ts'

/*
 * The second memory of a lock that is off: the first is the journal on the disk of whoever lifted it. It lies in Azure, in
 * the notes of a lock, where the list that every plan reads shows it: either in the lowered lock's own notes, or in marker
 * locks put on something else beside it.
 */

/** The most that a lock's notes may hold [DOC-LOCK]. */
const notesMax = 512

/** The run whose turn it is with a lock, and until when others leave it alone. */
export interface Lease {
  readonly run: string
  /** ISO 8601. */
  readonly until: string
  /** The workflow run that it is part of, where there is one: `OWNER/NAME/runs/ID`. */
  readonly workflow?: string
}

export type How = 'remove' | 'lower'

/** A lock that is off, as Azure itself remembers it. */
export interface Remembered {
  readonly lock: Lock
  readonly how: How
  readonly lease: Lease
  /** The marker locks that hold it; none for one that was lowered. */
  readonly markers: readonly Lock[]
}

const markerPrefix = 'pglink-owes-'

export const isMarker = ({ name }: Pick<Lock, 'name'>): boolean => name.toLowerCase().startsWith(markerPrefix)

const said = /^Lifted by pglink, run (\S+), until (\S+?)\. Put back: pglink locks restore\.(?: Part (\d+) of (\d+)\.)? <(.+)>$/

const say = ({ run, until }: Lease, part: string, payload: string): string =>
  `Lifted by pglink, run ${run}, until ${until}. Put back: pglink locks restore.${part} <${payload}>`

/** Plain ASCII: it is cut anywhere, and no terminal or page makes anything else of it. */
const json = (value: Body): string =>
  JSON.stringify(value).replace(/[^\x20-\x7e]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const bodyOf = ({ properties: { level, notes, owners } }: Lock): Body => ({
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

/** How many markers it takes to remember a lock. */
export const markersNeeded = (lock: Lock, scope: string, how: How): number => markersFor(lock, anyLease, scope, how).length

type Marker = Pick<Lock, 'path' | 'properties'>

/** The marker locks that remember a lock on `scope`: one, or as many as its body needs. */
export function markersFor(lock: Lock, lease: Lease, scope: string, how: How = 'remove'): readonly Marker[] {
  // Where somebody deletes all parts but the first, that one still says which lock it was, and how it was lifted.
  const payload = json({ p: lock.path, ...(how === 'lower' && { h: how }), ...bodyOf(lock), ...workflowOf(lease) })
  const name = `${markerPrefix}${hashOf(payload, lease)}`
  const at = (suffix: string): string => `${scope}/providers/Microsoft.Authorization/locks/${name}${suffix}`
  const marker = (suffix: string, notes: string): Marker => ({ path: at(suffix), properties: { level: 'CanNotDelete', notes } })
  const whole = say(lease, '', payload)
  if (whole.length <= notesMax) return [marker('', whole)]
  const room = notesMax - say(lease, ' Part 99 of 99.', '').length
  const parts = Math.ceil(payload.length / room)
  return Array.from({ length: parts }, (_, index) =>
    marker(`-${index + 1}`, say(lease, ` Part ${index + 1} of ${parts}.`, payload.slice(index * room, (index + 1) * room)))
  )
}

/** The run has a part in it, so that two runs that lift one lock do not take each other's marker for their own. */
const hashOf = (payload: string, { run }: Lease): string => createHash('sha256').update(`${run} ${payload}`).digest('hex').slice(0, 12)

interface Part {
  readonly lease: Lease
  readonly part: number
  readonly of: number
  readonly text: string
}

function partIn({ properties }: Lock): Part | undefined {
  const [, run, until, part = '1', of = '1', text] = said.exec(String(properties['notes'] ?? '')) ?? []
  if (run === undefined || until === undefined || text === undefined || Number.isNaN(Date.parse(until))) return undefined
  return { lease: { run, until }, part: Number(part), of: Number(of), text }
}

export interface InMemory {
  readonly remembered: readonly Remembered[]
  /** Marker locks that hold nothing that can be read: cut off, or edited by somebody. */
  readonly damaged: readonly Lock[]
}

/** The locks that a list of locks remembers as lifted. */
export function rememberedIn(locks: readonly Lock[]): InMemory {
  const found: Remembered[] = []
  const damaged: Lock[] = []
  for (const lock of locks) {
    if (isMarker(lock) || lock.level !== 'CanNotDelete') continue
    const part = partIn(lock)
    const body = part && objectIn(part.text)
    if (part && body && levelIn(body))
      found.push({ lock: { ...lock, ...asLock(body) }, how: 'lower', lease: leaseWith(part.lease, body), markers: [] })
  }
  const groups = groupedMarkers(locks)
  for (const markers of groups.values()) {
    const one = wholeOf(markers) ?? partOf(markers, locks)
    if (one === undefined) damaged.push(...markers)
    else found.push(one)
  }
  return { remembered: found, damaged }
}

/** Parts of one memory lie on one scope and share the hash in their names. */
function groupedMarkers(locks: readonly Lock[]): ReadonlyMap<string, readonly Lock[]> {
  const groups = new Map<string, Lock[]>()
  for (const lock of locks.filter(isMarker)) {
    const key = `${lock.scope} ${lock.name.toLowerCase().replace(/^(pglink-owes-[0-9a-f]+).*$/, '$1')}`
    groups.set(key, [...(groups.get(key) ?? []), lock])
  }
  return groups
}

function wholeOf(markers: readonly Lock[]): Remembered | undefined {
  const parts = markers.flatMap(marker => partIn(marker) ?? []).sort((a, b) => a.part - b.part)
  const [first] = parts
  if (first === undefined || parts.length !== first.of || parts.some(({ part }, index) => part !== index + 1)) return undefined
  const payload = parts.map(({ text }) => text).join('')
  const body = objectIn(payload)
  const path = body?.['p']
  if (body === undefined || typeof path !== 'string' || !isLockPath(path) || !levelIn(body)) return undefined
  // Only the run that wrote it knows how to name it: a body that was edited is not restored as if it had been read.
  if (!markers.every(({ name }) => name.toLowerCase().startsWith(`${markerPrefix}${hashOf(payload, first.lease)}`))) return undefined
  const scope = resourceId(path.replace(/\/providers\/microsoft\.authorization\/locks\/[^/]+$/i, ''))
  const how = body['h'] === 'lower' ? 'lower' : 'remove'
  return { lock: { scope, path, name: nameOf(path), ...asLock(body) }, how, lease: leaseWith(first.lease, body), markers }
}

/**
 * Some of the parts that remember a lock which is on, as they said: it was never lifted, or is back. They are written from the first to
 * the last before it is lifted, and deleted from the last to the first after it is back.
 */
function partOf(markers: readonly Lock[], locks: readonly Lock[]): Remembered | undefined {
  const first = markers.flatMap(marker => partIn(marker) ?? []).find(({ part }) => part === 1)
  const [, path, level] = /^\{"p":("(?:[^"\\]|\\.)*"),(?:"h":"lower",)?"l":"(ReadOnly|CanNotDelete)"/.exec(first?.text ?? '') ?? []
  const name = objectIn(`{"p":${path}}`)?.['p']
  if (first === undefined || typeof name !== 'string' || markers.length >= first.of) return undefined
  const id = resourceId(name)
  const lock = locks.find(one => resourceId(one.path) === id && one.level === level && !isMarker(one))
  return lock && { lock, how: 'remove', lease: first.lease, markers }
}

const isLockPath = (path: string): boolean =>
  /^\/subscriptions\/[^?#\\]+\/providers\/microsoft\.authorization\/locks\/[^/?#\\]+$/i.test(path)

function objectIn(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isBody(value) ? value : undefined
  } catch {
    return undefined
  }
}

const levelIn = ({ l, n }: Body): boolean => (l === 'ReadOnly' || l === 'CanNotDelete') && (n === undefined || typeof n === 'string')

function asLock({ l, n, o }: Body): Pick<Lock, 'level' | 'properties'> {
  const level: LockLevel = l === 'ReadOnly' ? 'ReadOnly' : 'CanNotDelete'
  return { level, properties: { level, ...(n !== undefined && { notes: n }), ...(o !== undefined && { owners: o }) } }
}

/** The locks as they are to be again: those that are off are on, and what remembers them is not there. */
export function asBefore(locks: readonly Lock[], off: readonly Lock[]): Lock[] {
  const owed = new Map(off.map(lock => [resourceId(lock.path), lock]))
  const there = locks.filter(lock => !isMarker(lock) && !owed.has(resourceId(lock.path)))
  return [...there, ...owed.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
