import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  anything,
  type Estate,
  estate,
  expectedBack,
  failures,
  foreign,
  heldLocks,
  isThere,
  plan,
  putLockOn,
  reconcile,
  subscription
} from './support/estate.ts'
import { runs, seed } from './support/parts.ts'
import { type ForeignLock, foreignLocks, topologies } from './support/topologies.ts'
import { locksDeclaredIn, watchedIn } from './support/watched.ts'
import { brokenPaths, type LocksDiffer, locksDiffer, locksSeen } from './support/witness.ts'

const numRuns = runs(12, 5)

/** Puts locks on what is there, as somebody else would. */
async function hold(on: Estate, locks: readonly ForeignLock[]): Promise<void> {
  for (const { scope, level } of locks) if (await isThere(on, scope)) await putLockOn(on, scope, 'foreign', { level, notes: 'theirs' })
}

const differing = ({ lost, held, added }: LocksDiffer, declared: ReadonlySet<string>): string[] =>
  [...lost, ...held, ...added].filter(line => !declared.has(line.split(' ')[0] ?? ''))

// From any state to any other, whatever is locked: the plan works, leaves the locks as they were, and there is nothing
// left to do.
test('any topology becomes any other, and then there is nothing to do', async () => {
  await fc.assert(
    fc.asyncProperty(topologies(1), topologies(2), foreignLocks, async (first, second, locks) => {
      const on = estate()
      expect(failures(await reconcile(on, first))).toEqual([])
      expect((await plan(on, first)).plan.changes).toEqual([])
      expect(await brokenPaths(on.sandbox.handle, watchedIn(first))).toEqual([])
      await hold(on, locks)
      const before = await heldLocks(on)
      const looked = await locksSeen(on.sandbox.handle, [subscription])
      const declared = new Set([...locksDeclaredIn(first), ...locksDeclaredIn(second)])

      expect(failures(await reconcile(on, second, anything(first)))).toEqual([])

      expect(foreign(await heldLocks(on))).toEqual(await expectedBack(on, foreign(before)))
      expect((await plan(on, second, { baseline: first, prune: true })).plan.changes).toEqual([])
      expect(await brokenPaths(on.sandbox.handle, watchedIn(second))).toEqual([])
      expect(differing(await locksDiffer(on.sandbox.handle, looked, [subscription]), declared)).toEqual([])
    }),
    { numRuns, seed }
  )
}, 600_000)
