import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Topology } from '../../src/model/topology.generated.ts'
import { Killed, troubled } from '../apply/trouble.ts'
import { foreignBody } from '../support/anyLock.ts'
import {
  anything,
  expectedBack,
  failures,
  foreign,
  heldLocks,
  isThere,
  plan,
  putLockOn,
  reconcile,
  recover,
  type Settings
} from '../support/estate.ts'
import { runs, seed } from '../support/parts.ts'
import { foreignLocks, topologies } from '../support/topologies.ts'

const numRuns = runs(20, 4)

/** Everything may go, but no lock without a memory in Azure. */
function marked(before: Topology): Settings {
  const { safety, ...settings } = anything(before)
  return { ...settings, ...(safety && { safety: { ...safety, lockMemory: 'azure' } }) }
}

// The machine is gone and its disk with it: another one has nothing but the topology and a login.
test('a run that dies with its disk loses no lock', async () => {
  let off = 0
  let refused = 0
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
        for (const [index, { scope, level }] of locks.entries()) {
          const { name, properties } = foreignBody(index, level)
          if (await isThere(on, scope)) await putLockOn(on, scope, name, properties)
        }
        const before = foreign(await heldLocks(on))
        const { plan: planned } = await plan(on, second, marked(first))
        // Nothing is lifted then.
        if (planned.refusals.length > 0) {
          expect(planned.refusals.map(({ code }) => code)).toEqual(planned.refusals.map(() => 'no-lock-memory'))
          refused += 1
          return
        }
        for (const { action } of planned.steps) if (action.do === 'lift') expect(action.memory.in).not.toBe('journal')

        const ended = await amid({ at, done, lasting: false, as: 'killed' }, () => reconcile(on, second, marked(first))).catch(
          (error: unknown) => error
        )
        if (!(ended instanceof Killed)) return
        await on.sandbox.clock.sleep(3_600_000)
        on.journal.entries.length = 0
        const left = foreign(await heldLocks(on))
        if (before.some(line => !left.includes(line))) off += 1

        for (const { outcome } of await recover(on, { marks: true }))
          expect(['restored', 'already there', 'scope is gone']).toContain(outcome)
        // A lock that lost its scope is restored with the step that makes it.
        expect(failures(await reconcile(on, second, marked(first)))).toEqual([])
        const expected = await expectedBack(on, before)
        const back = foreign(await heldLocks(on))
        expect(back).toEqual(expected)
        expect(back.filter(line => line.includes('pglink-owes-'))).toEqual([])
      }
    ),
    { numRuns, seed }
  )
  expect(off).toBeGreaterThan(0)
  expect(refused).toBeLessThan(numRuns / 2)
}, 600_000)
