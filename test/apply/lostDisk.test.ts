import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anything, expectedBack, failures, foreign, heldLocks, isThere, plan, putLockOn, reconcile, recover } from '../support/estate.ts'
import { foreignLocks, topologies } from '../support/topologies.ts'
import { Killed, troubled } from './trouble.ts'

const numRuns = Number(process.env['RUNS'] ?? 20)
const seed = process.env['SEED'] === undefined ? 20261122 : Number(process.env['SEED'])

/** Of lines of `heldLocks`, those of locks that the plan said nothing but the journal would remember. */
const alone = (lines: readonly string[], paths: ReadonlySet<string>): string[] =>
  lines.filter(line => !paths.has((line.split(' {')[0] ?? '').toLowerCase()))

// The machine is gone and its disk with it: another one has nothing but the topology and a login.
test('a run that dies with its disk loses no lock that has a second memory', async () => {
  let off = 0
  let apart = 0
  await fc.assert(
    fc.asyncProperty(
      topologies(1),
      topologies(2),
      foreignLocks,
      fc.integer({ min: 1, max: 14 }),
      fc.boolean(),
      async (first, second, locks, at, done) => {
        const { on, amid } = troubled()
        expect(failures(await reconcile(on, first))).toEqual([])
        for (const { scope, level } of locks)
          if (await isThere(on, scope)) await putLockOn(on, scope, 'foreign', { level, notes: 'theirs' })
        const before = foreign(await heldLocks(on))
        const { plan: planned } = await plan(on, second, anything(first))
        const unremembered = new Set(
          planned.steps.flatMap(({ action }) =>
            action.do === 'unlock' && action.memory.in === 'journal' ? [action.lock.path.toLowerCase()] : []
          )
        )

        const ended = await amid({ at, done, lasting: false, as: 'killed' }, () => reconcile(on, second, anything(first))).catch(
          (error: unknown) => error
        )
        if (!(ended instanceof Killed)) return
        await on.sandbox.clock.sleep(3_600_000)
        on.journal.entries.length = 0
        const left = foreign(await heldLocks(on))
        if (before.some(line => !left.includes(line))) off += 1

        for (const { outcome } of await recover(on, { remembers: true }))
          expect(['restored', 'already there', 'scope is gone']).toContain(outcome)
        // What was to go back with its scope goes back with the step that makes it.
        expect(failures(await reconcile(on, second, anything(first)))).toEqual([])
        const expected = await expectedBack(on, before)
        const back = foreign(await heldLocks(on))
        apart += expected.filter(line => !back.includes(line)).length
        expect(alone(back, unremembered)).toEqual(alone(expected, unremembered))
        expect(back.filter(line => line.includes('pglink-owes-'))).toEqual([])
      }
    ),
    { numRuns, seed }
  )
  expect(off).toBeGreaterThan(0)
  console.log(`died with a lock off: ${off}; locks that only the journal would have remembered: ${apart}`)
}, 600_000)
