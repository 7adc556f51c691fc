import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Entry, leftIn, owedLocks } from '../../src/locks/journal.ts'
import { openJournal } from '../../src/locks/journalFile.ts'
import { isLockPath, resourceId } from '../../src/model/id.ts'
import type { Lock } from '../../src/model/resource.ts'
import { anyLock, anyName } from '../support/anyLock.ts'
import { subscription } from '../support/estate.ts'
import { temporaryFolder } from '../support/temporary.ts'

const at = '2026-01-05T09:00:00.000Z'

const lock = (name: string, level: Lock['level'] = 'ReadOnly'): Lock => ({
  scope: resourceId(`/subscriptions/${subscription}/resourceGroups/rg`),
  path: `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Authorization/locks/${name}`,
  name,
  level,
  properties: { level, notes: `of ${name}` }
})

const lifted = (one: Lock, how: 'remove' | 'lower' = 'remove'): Entry => ({
  type: 'unlocking',
  lock: one,
  how,
  lease: { run: 'one', until: at },
  markers: [],
  at
})
const back = ({ path }: Lock): Entry => ({ type: 'relocked', lock: { path }, at })
const ended: Entry = { type: 'ended', at }
const begun = (run: string) => ({ type: 'run', version: 1, run, topology: 'orders', at }) as const satisfies Entry

const open = () => {
  const folder = temporaryFolder()
  return openJournal(join(folder, 'data', 'one.ndjson'))
}

async function filled(...entries: Entry[]) {
  const journal = open()
  for (const entry of entries) await journal.append(entry)
  return journal
}

const names = (entries: readonly Entry[]): string[] => owedLocks(entries).map(one => one.lock.name)

test('a journal that was never written owes nothing, and reading does not make one', async () => {
  const journal = open()
  expect(journal.entries()).toEqual([])
  expect(existsSync(journal.place)).toBe(false)
})

test('an entry is read back as it was written, a line each, by nobody but its owner', async () => {
  const entries = [begun('one'), lifted(lock('a')), back(lock('a'))]
  const journal = await filled(...entries)
  expect(journal.entries()).toEqual(entries)
  expect(readFileSync(journal.place, 'utf8').split('\n').length).toBe(4)
  expect(statSync(journal.place).mode & 0o077).toBe(0)
})

test('a last line that was torn is no entry, and what a later run writes is whole', async () => {
  const journal = await filled(begun('one'), lifted(lock('a')), lifted(lock('b')))
  truncateSync(journal.place, readFileSync(journal.place).length - 20)
  expect(names(journal.entries())).toEqual(['a'])

  await journal.append(begun('two'))
  await journal.append(lifted(lock('c')))
  expect(names(journal.entries())).toEqual(['a', 'c'])
  expect(journal.entries().map(({ type }) => type)).toEqual(['run', 'unlocking', 'run', 'unlocking'])
})

test('a last line that lacks only its end is an entry, and what comes after it is another', async () => {
  const journal = await filled(lifted(lock('a')))
  truncateSync(journal.place, readFileSync(journal.place).length - 1)
  await journal.append(lifted(lock('b')))
  expect(names(journal.entries())).toEqual(['a', 'b'])
})

test('a line torn right after a bracket is no entry either, once a later run has written on', async () => {
  const journal = await filled()
  await journal.append(ended)
  writeFileSync(journal.place, '{"type":"unlocking","lock":{"path":"/a"}')
  await journal.append({ type: 'ended', at: 'later' })
  expect(journal.entries()).toEqual([{ type: 'ended', at: 'later' }])
})

test('a damaged line before the last is not guessed at', async () => {
  const journal = await filled(lifted(lock('a')), lifted(lock('b')))
  writeFileSync(journal.place, readFileSync(journal.place, 'utf8').replace('"unlocking"', '"unlock'))
  expect(() => journal.entries()).toThrow(/Line 1 of the journal .* is damaged.*pglink locks list/)
})

test('one of a newer version is not called damaged, whatever else it holds', async () => {
  const journal = await filled(begun('one'), lifted(lock('a')))
  appendFileSync(journal.place, `${JSON.stringify({ ...begun('two'), version: 3 })}\n{"type":"lifting","what":1}\n`)
  expect(() => journal.entries()).toThrow(/was written by a newer pglink\. Nothing was changed\. Use that one/)
})

test('an entry that somebody else writes to it meanwhile is read, too', async () => {
  const journal = await filled(lifted(lock('a')))
  expect(names(journal.entries())).toEqual(['a'])
  await openJournal(journal.place).append(lifted(lock('b')))
  expect(names(journal.entries())).toEqual(['a', 'b'])
  await openJournal(journal.place).append(lifted(lock('c')))
  await journal.append(lifted(lock('d')))
  expect(names(journal.entries())).toEqual(['a', 'b', 'c', 'd'])
  truncateSync(journal.place, readFileSync(journal.place).length - 20)
  expect(names(journal.entries())).toEqual(['a', 'b', 'c'])
})

test('empty lines mean nothing', async () => {
  const journal = await filled(lifted(lock('a')))
  appendFileSync(journal.place, '\n\n')
  expect(names(journal.entries())).toEqual(['a'])
})

test.each<readonly [what: string, entries: readonly Entry[], is: boolean]>([
  ['nothing but that it began', [begun('one')], false],
  ['a lock lifted', [begun('one'), lifted(lock('a'))], true],
  ['and ended', [begun('one'), lifted(lock('a')), ended], false],
  ['ended, and a lock struck off after it', [begun('one'), lifted(lock('a')), ended, back(lock('a'))], false],
  ['ended, and a run begun after it', [begun('one'), ended, begun('two'), lifted(lock('a'))], true]
])('a run is unfinished that has announced something and not ended: %s', (_what, entries, is) => {
  expect(leftIn(entries).unfinished).toBe(is)
})

test('owed locks span runs, in the order of the lifts', async () => {
  const journal = await filled(
    begun('one'),
    lifted(lock('b')),
    lifted(lock('a')),
    back(lock('b')),
    begun('two'),
    lifted(lock('c')),
    lifted(lock('b')),
    { type: 'ended', at }
  )
  expect(names(journal.entries())).toEqual(['a', 'c', 'b'])
})

test('a second lift before the restore does not forget what the first had found', () => {
  const first = lock('a', 'ReadOnly')
  const second = lock('a', 'CanNotDelete')
  expect(owedLocks([lifted(first, 'lower'), lifted(second)])).toMatchObject([{ lock: first, how: 'lower' }])
  expect(owedLocks([lifted(first, 'lower'), back(first), lifted(second)])).toMatchObject([{ lock: second, how: 'remove' }])
})

const path = '/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub'
const operation: Entry = { type: 'operation', path, url: 'https://management.azure.com/operations/1', at }
const wrote = (as: 'done' | 'failed' | 'unknown', on = path): Entry => ({ type: 'wrote', step: `update ${on}`, path: on, as, at })

test.each<readonly [what: string, entries: readonly Entry[], running: number]>([
  ['the run died', [operation], 1],
  ['its step was done', [operation, wrote('done')], 0],
  ['its step ran over its time', [operation, wrote('unknown')], 1],
  ['its step ran over its time, and the run ended', [operation, wrote('unknown'), ended], 1],
  [
    'the step above it ran over its time, and the run ended',
    [operation, wrote('unknown', path.replace('/virtualNetworks/hub', '')), ended],
    1
  ],
  ['it is of no step, and the run ended', [operation, ended], 0],
  ['another run went on from there', [operation, wrote('unknown'), ended, begun('two'), wrote('done'), ended], 0],
  ['a later run saw that it went on', [operation, { ...operation, left: true }, ended], 1],
  ['a later run saw its end', [operation, wrote('unknown'), ended, begun('two'), { type: 'over', path, at }], 0]
])('an operation is in flight until its end was seen: %s', async (_what, entries, running) => {
  const journal = await filled(begun('one'), ...entries)
  expect(leftIn(journal.entries()).running.length).toBe(running)
})

test('a lock that is back, and of which a marker is left, is not owed; lifted again it is owed as it was then', async () => {
  const marker = `${lock('pglink-owes-1').path}`
  const leftover: Entry = { type: 'standing', lock: { path: lock('a').path }, markers: [marker], at }
  const journal = await filled(begun('one'), lifted(lock('a')), leftover, ended)
  expect(owedLocks(journal.entries())).toEqual([])
  expect(leftIn(journal.entries()).leftover).toEqual([{ lock: lock('a'), how: 'remove', markers: [marker] }])
  await journal.append(lifted(lock('a', 'CanNotDelete')))
  expect(owedLocks(journal.entries())).toMatchObject([{ lock: { level: 'CanNotDelete' }, markers: [marker] }])
  expect(leftIn(journal.entries()).leftover).toEqual([])
  await journal.append(back(lock('a')))
  expect(owedLocks(journal.entries())).toEqual([])
})

test.each<[string, object]>([
  ['another level', { level: 'CanNotDelete' }],
  ['a level that is a command', { level: 'ReadOnly; rm -rf /' }],
  ['notes that are no text', { level: 'ReadOnly', notes: { a: 1 } }],
  ['owners that are no list', { level: 'ReadOnly', owners: 'me' }],
  ['owners that are none', { level: 'ReadOnly', owners: ['me'] }]
])('a body with %s is not written, and where it is read the line is damaged', async (_what, properties) => {
  const entry = { ...lifted(lock('a')), lock: { ...lock('a'), properties } } as Entry
  const journal = await filled(begun('one'))
  await expect(journal.append(entry)).rejects.toThrow(/of the lock .*\/locks\/a \("unlocking"\) could not be read again/)
  expect(journal.entries()).toEqual([begun('one')])
  appendFileSync(journal.place, `${JSON.stringify(entry)}\n${JSON.stringify(ended)}\n`)
  expect(() => journal.entries()).toThrow(/Line 2 of the journal .* is damaged/)
})

/** Addresses as answers have them, good and bad: whoever reads the journal asks them. */
const anyUrl = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string(),
  fc.constantFrom('http://[', '/relative')
)
const anyPath = anyName.map(name => `/subscriptions/${subscription}/resourceGroups/${name}`)
const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc
    .record({ one: anyLock, how: fc.constantFrom('remove' as const, 'lower' as const), markers: fc.array(anyLock, { maxLength: 2 }) })
    .map(({ one, how, markers }): Entry => ({ ...lifted(one, how), markers: markers.map(({ path: on }) => on) }) as Entry),
  anyLock.map(back),
  anyLock.map(({ path: on }): Entry => ({ type: 'standing', lock: { path: on }, markers: [on], at })),
  fc.tuple(anyPath, anyUrl).map(([on, url]): Entry => ({ type: 'operation', path: on, url, at })),
  fc.tuple(anyPath, fc.string({ unit: 'binary' })).map(([on, step]): Entry => ({ type: 'wrote', step, path: on, as: 'done', at }))
)

test('whatever is appended is read back equal, or is refused and leaves no trace', async () => {
  let refused = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyEntry, { maxLength: 6 }), async entries => {
      const journal = open()
      const taken: Entry[] = []
      for (const entry of entries)
        await journal.append(entry).then(
          () => taken.push(entry),
          () => {
            // Nothing but an address that is none: every lock that Azure may have is taken.
            expect(entry.type === 'operation' && !URL.canParse(entry.url)).toBe(true)
            refused += 1
          }
        )
      expect(openJournal(journal.place).entries()).toEqual(taken)
    }),
    { seed: 20261129, numRuns: 60 }
  )
  expect(refused).toBeGreaterThan(5)
})

test.each(['.', '..', 'a\\b', 'a?b', 'a\nb', '\ud800'])('a path that would lead elsewhere is none of a lock: %j', name => {
  const { path: on } = lock('a')
  for (const one of [on.replace(/a$/, () => name), on.replace('/rg/', () => `/${name}/`)]) expect(isLockPath(one)).toBe(false)
})

test.each<[string, Lock['properties']]>([
  ['no more than its level', { level: 'ReadOnly' }],
  ['nothing for notes and owners', { level: 'ReadOnly', notes: null, owners: null }],
  ['owners', { level: 'ReadOnly', notes: '', owners: [{ applicationId: '22222222-2222-4222-8222-222222222222' }] }]
])('a body with %s is owed as it was', async (_what, properties) => {
  const journal = await filled(lifted({ ...lock('a'), properties }))
  expect(owedLocks(journal.entries())).toMatchObject([{ lock: { properties } }])
})
