import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resourceId } from '../../src/model/id.ts'
import { asBefore, isMarker, type Lease, lowered, loweredNotes, markersFor, rememberedIn } from '../../src/model/memory.ts'
import type { Lock } from '../../src/model/resource.ts'

const lease: Lease = { run: '7d3f1a52-0000-4000-8000-2d7cd011db47', until: '2026-01-05T09:15:00.000Z' }
const server =
  '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg'
const hub = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub'

const lockOf = (scope: string, name: string, level: Lock['level'], notes?: string, owners?: readonly string[]): Lock => ({
  scope: resourceId(scope),
  path: `${scope}/providers/Microsoft.Authorization/locks/${name}`,
  name,
  level,
  properties: {
    level,
    ...(notes !== undefined && { notes }),
    ...(owners !== undefined && { owners: owners.map(applicationId => ({ applicationId })) })
  }
})

/** As a list of Azure shows a lock that was put like this. */
const there = ({ path, properties }: Pick<Lock, 'path' | 'properties'>): Lock => ({
  ...lockOf(path.split('/providers/Microsoft.Authorization/')[0] ?? '', path.split('/').at(-1) ?? '', 'CanNotDelete'),
  path,
  properties
})

/** Whatever people write: blanks, quotes, brackets, other scripts, halves of surrogate pairs. */
const notes = fc.option(fc.string({ unit: 'binary', maxLength: 512 }), { nil: undefined })
const anyLock = fc
  .record({
    name: fc.stringMatching(/^[A-Za-z0-9 ._()-]{1,90}$/),
    level: fc.constantFrom('ReadOnly' as const, 'CanNotDelete' as const),
    notes,
    owners: fc.option(fc.array(fc.uuid(), { maxLength: 3 }), { nil: undefined })
  })
  .map(({ name, level, notes: text, owners }) => lockOf(hub, name, level, text, owners))

test('whatever a lock says, its markers give it back to the letter, and fit', () => {
  fc.assert(
    fc.property(anyLock, lock => {
      const markers = markersFor(lock, lease, server).map(there)
      for (const { properties, name } of markers) {
        expect(String(properties['notes']).length).toBeLessThanOrEqual(512)
        expect(String(properties['notes'])).toMatch(/^[\x20-\x7e]+$/)
        expect(name).toMatch(/^pglink-owes-[0-9a-f]{12}(-\d+)?$/)
      }
      // In whatever order a list has them.
      const { remembered, damaged } = rememberedIn([...markers].reverse())
      expect(damaged).toEqual([])
      expect(remembered).toMatchObject([{ lock, how: 'remove', lease }])
      expect(remembered[0]?.markers.length).toBe(markers.length)
    }),
    { seed: 20261122, numRuns: 300 }
  )
})

test('a lowered lock says in its notes what it was, or does not fit and is not lowered', () => {
  let fitted = 0
  fc.assert(
    fc.property(anyLock, lock => {
      if (loweredNotes(lock, lease) === undefined) return
      fitted += 1
      const now: Lock = { ...lock, level: 'CanNotDelete', properties: lowered(lock, lease) }
      expect(String(now.properties['notes']).length).toBeLessThanOrEqual(512)
      expect(rememberedIn([now]).remembered).toMatchObject([{ lock, how: 'lower', lease, markers: [] }])
    }),
    { seed: 20261122, numRuns: 300 }
  )
  expect(fitted).toBeGreaterThan(50)
})

describe('a memory that is not whole', () => {
  const long = lockOf(hub, 'keep', 'ReadOnly', 'n'.repeat(512))
  const markers = markersFor(long, lease, server).map(there)

  test('needs more than one marker', () => expect(markers.length).toBeGreaterThan(1))

  test('is damaged without one of its parts', () => {
    const { remembered, damaged } = rememberedIn(markers.slice(1))
    expect(remembered).toEqual([])
    expect(damaged).toEqual(markers.slice(1))
  })

  test.each(['{}', 'mine', '', 'Lifted by pglink'])('is damaged where somebody wrote over it: %s', text => {
    const [first, ...rest] = markers
    if (first === undefined) throw new Error('no marker')
    expect(rememberedIn([{ ...first, properties: { level: 'CanNotDelete', notes: text } }, ...rest]).remembered).toEqual([])
  })

  test('that was edited is not taken for what was read', () => {
    const [marker] = markersFor(lockOf(hub, 'keep', 'CanNotDelete', 'theirs'), lease, server).map(there)
    if (marker === undefined) throw new Error('no marker')
    const edited = {
      ...marker,
      properties: { ...marker.properties, notes: String(marker.properties['notes']).replace('theirs', 'others') }
    }
    expect(rememberedIn([edited])).toEqual({ remembered: [], damaged: [edited] })
  })
})

test('two runs that lift one lock on one scope do not share a marker', () => {
  const lock = lockOf(hub, 'keep', 'ReadOnly')
  const [one] = markersFor(lock, lease, server)
  const [other] = markersFor(lock, { ...lease, run: 'other' }, server)
  expect(one?.path).not.toBe(other?.path)
})

test('the locks as they were: what is off is on, and no marker is among them', () => {
  const removed = lockOf(hub, 'keep', 'CanNotDelete', 'theirs')
  const raised = lockOf(server, 'frozen', 'ReadOnly')
  const other = lockOf(server, 'other', 'CanNotDelete')
  const now = [
    ...markersFor(removed, lease, server).map(there),
    { ...raised, level: 'CanNotDelete' as const, properties: lowered(raised, lease) },
    other
  ]
  const off = rememberedIn(now).remembered.map(({ lock }) => lock)
  expect(asBefore(now, off).map(({ path, properties }) => ({ path, properties }))).toEqual(
    [removed, raised, other].sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ path, properties }) => ({ path, properties }))
  )
  expect(now.filter(isMarker).length).toBe(1)
})
