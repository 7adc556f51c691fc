import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resourceId } from '../../src/model/id.ts'
import { asBefore, isMarker, isMarkerOf, type Lease, lowered, loweredNotes, markedIn, markersFor } from '../../src/model/marker.ts'
import type { Lock } from '../../src/model/resource.ts'
import { anyLock, everyCharacter } from '../support/anyLock.ts'

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
      const { marked, damaged } = markedIn([...markers].reverse())
      expect(damaged).toEqual([])
      expect(marked).toMatchObject([{ lock, how: 'remove', lease }])
      expect(marked[0]?.markers.length).toBe(markers.length)
      for (const marker of markers) expect(isMarkerOf(lock.path, marker)).toBe(true)
    }),
    { seed: 20261122, numRuns: 500 }
  )
})

test('a name with every character that Azure takes is found in its markers', () => {
  const lock = lockOf(hub.replace('/rg/', '/rg-İ#ß/'), everyCharacter, 'ReadOnly', 'n'.repeat(512))
  const markers = markersFor(lock, lease, server).map(there)
  expect(markers.length).toBeGreaterThan(2)
  expect(markedIn(markers)).toMatchObject({ marked: [{ lock }], damaged: [] })
})

test('the workflow that a run is of takes no marker more', () => {
  fc.assert(
    fc.property(anyLock, fc.stringMatching(/^[a-z]{1,39}\/[a-z]{1,100}\/runs\/\d{1,20}$/), (lock, workflow) => {
      const markers = markersFor(lock, { ...lease, workflow }, server)
      expect(markers.length).toBe(markersFor(lock, lease, server).length)
      expect(markedIn(markers.map(there))).toMatchObject({ marked: [{ lock }], damaged: [] })
    }),
    { seed: 20261129, numRuns: 200 }
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
      expect(markedIn([now]).marked).toMatchObject([{ lock, how: 'lower', lease, markers: [] }])
    }),
    { seed: 20261122, numRuns: 300 }
  )
  expect(fitted).toBeGreaterThan(50)
})

describe('a marker that is not whole', () => {
  const long = lockOf(hub, 'keep', 'ReadOnly', 'n'.repeat(512))
  const markers = markersFor(long, lease, server).map(there)

  test('needs more than one marker', () => expect(markers.length).toBeGreaterThan(1))

  test('is damaged without one of its parts', () => {
    const { marked, damaged } = markedIn(markers.slice(1))
    expect(marked).toEqual([])
    expect(damaged).toEqual(markers.slice(1))
  })

  const others = lockOf(hub, 'other', 'ReadOnly', 'n'.repeat(512))

  test.each(markers.map((_, at) => at))('whichever part is left, the lock that it is of is known by it once it stands: all but %i', at => {
    for (const left of [markers.filter((_, index) => index !== at), markers.slice(at, at + 1)]) {
      expect(markedIn([others, long, ...left])).toMatchObject({ marked: [{ lock: long, lease, markers: left }], damaged: [] })
      // Off, lowered, or another: then nobody takes it for one that is left over.
      const lower: Lock = { ...long, level: 'CanNotDelete', properties: { ...long.properties, level: 'CanNotDelete' } }
      for (const now of [[others], [others, lower]]) expect(markedIn([...now, ...left])).toEqual({ marked: [], damaged: left })
      // As the file wants it, it stands too.
      expect(markedIn([lower, ...left], one => one === lower).damaged).toEqual([])
    }
  })

  test('somebody’s lock that is called like one of its markers is none', () => {
    const mine = lockOf(server, `${markers[0]?.name.replace(/-1$/, '')}-mine`, 'CanNotDelete', 'keep')
    const { marked, damaged } = markedIn([...markers, mine])
    expect(marked).toMatchObject([{ lock: long, markers }])
    expect(damaged).toEqual([mine])
    expect(isMarkerOf(long.path, mine)).toBe(false)
    for (const marker of markers) expect(isMarkerOf(others.path, marker)).toBe(false)
  })

  // To the letter as they came out of the three earlier versions that wrote them otherwise than this one does.
  test.each<[string, string, 'remove' | 'lower', string | undefined, readonly [string, string][]]>([
    [
      'a#b %+(ü).',
      'by "netops"',
      'remove',
      undefined,
      [
        [
          'pglink-owes-32b32e1ef6d6',
          `Lifted by pglink, run 7d3f1a52-0000-4000-8000-2d7cd011db47, until 2026-01-05T09:15:00.000Z. Put back: pglink locks restore. <{"p":"/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/providers/Microsoft.Authorization/locks/a#b %+(\\u00fc).","l":"ReadOnly","n":"by \\"netops\\""}>`
        ]
      ]
    ],
    [
      'keep',
      'n'.repeat(512),
      'remove',
      undefined,
      [
        [
          'pglink-owes-692eb1af6378-1',
          `Lifted by pglink, run 7d3f1a52-0000-4000-8000-2d7cd011db47, until 2026-01-05T09:15:00.000Z. Put back: pglink locks restore. Part 1 of 2. <{"p":"/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/providers/Microsoft.Authorization/locks/keep","l":"ReadOnly","n":"${'n'.repeat(181)}>`
        ],
        [
          'pglink-owes-692eb1af6378-2',
          `Lifted by pglink, run 7d3f1a52-0000-4000-8000-2d7cd011db47, until 2026-01-05T09:15:00.000Z. Put back: pglink locks restore. Part 2 of 2. <${'n'.repeat(331)}"}>`
        ]
      ]
    ],
    [
      'keep',
      'by "netops"',
      'lower',
      undefined,
      [
        [
          '',
          `Lifted by pglink, run 7d3f1a52-0000-4000-8000-2d7cd011db47, until 2026-01-05T09:15:00.000Z. Put back: pglink locks restore. <{"l":"ReadOnly","n":"by \\"netops\\""}>`
        ]
      ]
    ],
    [
      'a#b %+(ü).',
      'n'.repeat(512),
      'lower',
      undefined,
      [
        [
          'pglink-owes-c5ad519c8c3a-1',
          `Lifted by pglink, run 7d3f1a52-0000-4000-8000-2d7cd011db47, until 2026-01-05T09:15:00.000Z. Put back: pglink locks restore. Part 1 of 2. <{"p":"/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/providers/Microsoft.Authorization/locks/a#b %+(\\u00fc).","h":"lower","l":"ReadOnly","n":"${'n'.repeat(158)}>`
        ],
        [
          'pglink-owes-c5ad519c8c3a-2',
          `Lifted by pglink, run 7d3f1a52-0000-4000-8000-2d7cd011db47, until 2026-01-05T09:15:00.000Z. Put back: pglink locks restore. Part 2 of 2. <${'n'.repeat(354)}"}>`
        ]
      ]
    ],
    [
      'keep',
      'by "netops"',
      'remove',
      'o/r/runs/7',
      [
        [
          'pglink-owes-a681fe2e28b5',
          `Lifted by pglink, run 7d3f1a52-0000-4000-8000-2d7cd011db47, until 2026-01-05T09:15:00.000Z. Put back: pglink locks restore. <{"p":"/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/providers/Microsoft.Authorization/locks/keep","l":"ReadOnly","n":"by \\"netops\\"","w":"o/r/runs/7"}>`
        ]
      ]
    ],
    [
      'a#b %+(ü).',
      'by "netops"',
      'lower',
      'o/r/runs/7',
      [
        [
          '',
          `Lifted by pglink, run 7d3f1a52-0000-4000-8000-2d7cd011db47, until 2026-01-05T09:15:00.000Z. Put back: pglink locks restore. <{"l":"ReadOnly","n":"by \\"netops\\"","w":"o/r/runs/7"}>`
        ]
      ]
    ]
  ])('of an older pglink is read: %s, %s', (name, notes, how, workflow, written) => {
    const off = lockOf(hub, name, 'ReadOnly', notes)
    const listed = written.map(([marker, text]) =>
      marker === '' ? lockOf(hub, name, 'CanNotDelete', text) : lockOf(server, marker, 'CanNotDelete', text)
    )
    const markers = listed.filter(isMarker)
    expect(markedIn(listed)).toEqual({
      marked: [{ lock: off, how, lease: { ...lease, ...(workflow && { workflow }) }, markers }],
      damaged: []
    })
    for (const marker of markers) expect(isMarkerOf(off.path, marker)).toBe(true)
  })

  test('parts that an older pglink wrote are read, and the first alone tells of its lock', () => {
    const older = markers.map(one => ({
      ...one,
      properties: { ...one.properties, notes: String(one.properties['notes']).replace(/, lock [0-9a-f-]+/, '') }
    }))
    expect(markedIn(older)).toMatchObject({ marked: [{ lock: long }], damaged: [] })
    expect(markedIn([long, ...older.slice(0, 1)])).toMatchObject({ marked: [{ lock: long }], damaged: [] })
    expect(markedIn([long, ...older.slice(1)]).damaged).toEqual(older.slice(1))
  })

  test.each(['{}', 'mine', '', 'Lifted by pglink'])('is damaged where somebody wrote over it: %s', text => {
    const [first, ...rest] = markers
    if (first === undefined) throw new Error('no marker')
    expect(markedIn([{ ...first, properties: { level: 'CanNotDelete', notes: text } }, ...rest]).marked).toEqual([])
  })

  test('that was edited is not taken for what was read', () => {
    const [marker] = markersFor(lockOf(hub, 'keep', 'CanNotDelete', 'theirs'), lease, server).map(there)
    if (marker === undefined) throw new Error('no marker')
    const edited = {
      ...marker,
      properties: { ...marker.properties, notes: String(marker.properties['notes']).replace('theirs', 'others') }
    }
    expect(markedIn([edited])).toEqual({ marked: [], damaged: [edited] })
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
  const off = markedIn(now).marked.map(({ lock }) => lock)
  expect(asBefore(now, off).map(({ path, properties }) => ({ path, properties }))).toEqual(
    [removed, raised, other].sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ path, properties }) => ({ path, properties }))
  )
  expect(now.filter(isMarker).length).toBe(1)
})
