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
  recover
} from '../support/estate.ts'
import { foreignLocks, topologies } from '../support/topologies.ts'

const numRuns = Number(process.env['RUNS'] ?? 60)
const seed = process.env['SEED'] === undefined ? 20261122 : Number(process.env['SEED'])

/** What goes wrong at the n-th write from now: once or from then on, before or after it took effect; or the process dies there. */
interface Trouble {
  readonly at: number
  readonly lasting: boolean
  readonly done: boolean
  readonly as: 'lost' | 'refused' | 'killed'
}

const troubles: fc.Arbitrary<Trouble[]> = fc.array(
  fc.record({
    at: fc.integer({ min: 1, max: 14 }),
    lasting: fc.boolean(),
    done: fc.boolean(),
    as: fc.constantFrom('lost' as const, 'refused' as const, 'killed' as const)
  }),
  { minLength: 1, maxLength: 3 }
)

/** The process is gone: nothing it started ever hears an answer, and nothing of it goes on. */
class Killed extends Error {
  override readonly name = 'Killed'
}

function troubled() {
  let trouble: Trouble | undefined
  let writes = 0
  let killed: (error: Killed) => void = () => undefined
  const on = estate({}, {}, async (request, sandbox) => {
    if (trouble === undefined) return sandbox.handle(request)
    const { at, lasting, done, as } = trouble
    if (request.method !== 'GET') writes += 1
    // A dead process writes nothing more, and its reads are never answered.
    if (as === 'killed' && writes > at) return new Promise<Response>(() => undefined)
    if (request.method === 'GET' || !(lasting ? writes >= at : writes === at)) return sandbox.handle(request)
    if (as === 'killed') {
      if (done) await sandbox.handle(request)
      killed(new Killed())
      writes += 1
      return new Promise<Response>(() => undefined)
    }
    if (as === 'refused') return Response.json({ error: { code: 'InternalServerError', message: 'injected' } }, { status: 500 })
    if (done) await sandbox.handle(request)
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  })
  return {
    on,
    /** Runs with trouble ahead. @throws Killed */
    async amid<T>(next: Trouble, work: () => Promise<T>): Promise<T> {
      trouble = next
      writes = 0
      const dying = new Promise<never>((_, reject) => {
        killed = reject
      })
      try {
        return await Promise.race([work(), dying])
      } finally {
        trouble = undefined
      }
    }
  }
}

/** What the next run does before it plans. */
async function settled(on: Estate): Promise<void> {
  for (const { outcome } of await recover(on)) expect(outcome).not.toBe('failed')
  for (const { outcome } of await recover(on)) expect(outcome).toBe('scope is gone')
}

// Runs fail or die at any write, a few in a row. One that lives puts its locks back itself; once one gets through,
// everything is as if nothing had happened.
test('whatever fails at any write, the locks go back and the next run ends the work', async () => {
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
        // What was in flight comes to its end, as it does before anybody looks again.
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
