import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Killed, troubled, troubles } from '../apply/trouble.ts'
import {
  anything,
  type Estate,
  expectedBack,
  failures,
  foreign,
  heldLocks,
  isThere,
  plan,
  putLockOn,
  reconcile,
  recover
} from '../support/estate.ts'
import { runs, seed } from '../support/parts.ts'
import { foreignLocks, topologies } from '../support/topologies.ts'

const numRuns = runs(20, 3)

/** The recovery of the next run, before it plans. */
async function settled(on: Estate): Promise<void> {
  for (const { outcome } of await recover(on)) expect(outcome).not.toBe('failed')
  for (const { outcome } of await recover(on)) expect(outcome).toBe('scope is gone')
}

// Runs fail or die at any write, a few in a row. One that lives restores its locks itself; once one gets through,
// everything is as if nothing had happened.
test('whatever fails at any write, the locks are restored and the next run ends the work', async () => {
  await fc.assert(
    fc.asyncProperty(topologies(1), topologies(2), foreignLocks, troubles, async (first, second, locks, all) => {
      const { on, amid } = troubled()
      expect(failures(await reconcile(on, first))).toEqual([])
      for (const { scope, level } of locks) if (await isThere(on, scope)) await putLockOn(on, scope, 'foreign', { level, notes: 'theirs' })
      const before = foreign(await heldLocks(on))

      for (const trouble of all) {
        const ended = await amid(trouble, () => reconcile(on, second, anything(first))).catch((error: unknown) => error)
        const lived = typeof ended === 'object' && ended !== null && 'result' in ended
        if (lived && !trouble.lasting) expect(foreign(await heldLocks(on))).toEqual(await expectedBack(on, before))
        if (!lived && !(ended instanceof Killed)) throw ended
        // A write in flight comes to its end, as it does before anybody looks again.
        await on.sandbox.clock.sleep(3_600_000)
        await settled(on)
        expect(foreign(await heldLocks(on))).toEqual(await expectedBack(on, before))
      }

      expect(failures(await reconcile(on, second, anything(first)))).toEqual([])
      expect(foreign(await heldLocks(on))).toEqual(await expectedBack(on, before))
      expect((await plan(on, second, { baseline: first, prune: true })).plan.changes).toEqual([])
    }),
    { numRuns, seed }
  )
}, 600_000)
