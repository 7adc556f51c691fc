import fc from 'fast-check'
import { expect, test } from 'vitest'
import { driftOf, inOrder } from '../../src/drift/compare.ts'
import { revertTo } from '../../src/drift/revert.ts'
import { readUndeclared } from '../../src/drift/undeclared.ts'
import { readLive } from '../../src/live/read.ts'
import { noConsents } from '../../src/model/consents.ts'
import { type Drift, isMoved } from '../../src/model/drift.ts'
import { Secret } from '../../src/model/secret.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { makePlan } from '../../src/plan/plan.ts'
import { edits, perform, someEdits } from '../support/edits.ts'
import { carryOut } from '../support/engine.ts'
import { anything, type Estate, estate, failures, reconcile, resolved, subscription } from '../support/estate.ts'
import { runs, seed } from '../support/parts.ts'
import { topologies } from '../support/topologies.ts'

const numRuns = runs(5, 2)

const tagged = (topology: Topology): Topology => ({ ...topology, tags: { team: 'payments' } })

interface Looked {
  readonly drift: readonly Drift[]
  readonly live: Awaited<ReturnType<typeof readLive>>
}

/** Everything that the command looks at, with requests that only read. */
async function look(on: Estate, topology: Topology, before?: Topology): Promise<Looked> {
  const wanted = resolved(topology)
  const baseline = before && resolved(before).desired
  const { desired, endpoints } = wanted
  const subscriptions = [subscription]
  const from = on.requests.length
  const live = await readLive(on.azure, { desired, baseline, prune: false, topology: 'sim', subscriptions, endpoints })
  const plan = makePlan(desired, live, { ...optionsOf(topology), baseline })
  const undeclared = await readUndeclared(on.azure, {
    desired,
    baseline,
    live,
    topology: 'sim',
    subscriptions,
    owners: new Map()
  })
  expect(on.requests.slice(from).filter(request => !request.startsWith('GET '))).toEqual([])
  return { live, drift: inOrder([...driftOf({ desired, baseline, live, endpoints, plan }), ...undeclared]) }
}

const optionsOf = (topology: Topology) => {
  const { safety, endpoints } = resolved(topology)
  const none = {
    removed: [],
    lowered: [],
    owed: [],
    ...noConsents
  }
  return {
    ...none,
    safety: { ...safety, ...anything(topology).safety, maxUnlockedSeconds: 1e6 },
    topology: 'sim',
    prune: false,
    baseline: undefined,
    endpoints
  }
}

const keyOf = ({ address, field }: Drift): string =>
  `${address.replace(/(privateEndpointConnections\/vendor)\.[\w-]+$/, '$1')}${field === undefined ? '' : ` ${field}`}`

const keys = (drift: readonly Drift[], which: (one: Drift) => boolean): string[] => drift.filter(which).map(keyOf).sort()
const counts = (one: Drift): boolean => one.counts

/** Restores what moved, as `drift --revert` and an apply of its plan do. */
async function revert(on: Estate, topology: Topology, { drift, live }: Looked, before?: Topology): Promise<string[]> {
  const baseline = before && resolved(before)
  const desired = revertTo({ desired: resolved(topology).desired, baseline: baseline?.desired, live, drift })
  const endpoints = (baseline ?? resolved(topology)).endpoints.filter(({ endpoint }) => desired.has(endpoint))
  const plan = makePlan(desired, live, { ...optionsOf(topology), endpoints, baseline: baseline?.desired })
  expect(plan.refusals).toEqual([])
  return failures(await carryOut(on, plan, { parallelism: 10 }))
}

test('a topology that was just applied has not drifted', async () => {
  await fc.assert(
    fc.asyncProperty(topologies(1), async generated => {
      const topology = tagged(generated)
      const on = estate()
      await reconcile(on, topology)
      expect((await look(on, topology)).drift).toEqual([])
      expect((await look(on, topology, topology)).drift).toEqual([])
    }),
    { numRuns, seed }
  )
}, 300_000)

test('every edit is found and nothing else, with a baseline and without', async () => {
  await fc.assert(
    fc.asyncProperty(topologies(1), someEdits(), async (generated, some) => {
      const topology = tagged(generated)
      const on = estate()
      await reconcile(on, topology)
      const finds = await perform(some, topology, on)
      const plain = (await look(on, topology)).drift
      expect(keys(plain, counts)).toEqual(finds)
      expect(plain.filter(one => isMoved(one) && one.class !== 'differs')).toEqual([])
      const threeWay = (await look(on, topology, topology)).drift
      expect(keys(threeWay, counts)).toEqual(finds)
      expect(threeWay.filter(one => isMoved(one) && one.class !== 'drifted')).toEqual([])
    }),
    { numRuns, seed }
  )
}, 300_000)

/** A rejection is said where the file decides on the connection, and of the endpoint where it does not any more. */
const ofOneEntry = edits.filter(({ name }) => name !== 'a connection is rejected')

test("the file's changes are pending, and only somebody's have drifted", async () => {
  await fc.assert(
    fc.asyncProperty(topologies(1), topologies(2), someEdits(ofOneEntry), async (first, second, some) => {
      const [before, after] = [tagged(first), tagged(second)]
      const on = estate()
      await reconcile(on, before)
      expect(keys((await look(on, after, before)).drift, counts)).toEqual([])
      const finds = await perform(some, before, on)
      const { drift } = await look(on, after, before)
      const differs = new Set(keys((await look(on, after)).drift, counts))
      // A field that the file does not declare any more, or declares as it was made, is nobody's drift.
      expect(keys(drift, one => counts(one) && isMoved(one))).toEqual(finds.filter(key => differs.has(key) && isOf(drift, key)))
    }),
    { numRuns, seed }
  )
}, 300_000)

/** Strangers are the other law's. */
const isOf = (drift: readonly Drift[], key: string): boolean => drift.every(one => one.class !== 'unmanaged' || keyOf(one) !== key)

test('a revert restores what moved, and leaves what is pending', async () => {
  const undoable = edits.filter(({ reverts }) => reverts)
  await fc.assert(
    fc.asyncProperty(topologies(1), topologies(2), someEdits(undoable), fc.boolean(), async (first, second, some, same) => {
      const [before, after] = [tagged(first), tagged(same ? first : second)]
      const on = estate()
      await reconcile(on, before)
      const pending = (await look(on, after, before)).drift
      await perform(some, before, on)
      const found = await look(on, after, before)
      expect(await revert(on, after, found, before)).toEqual([])
      const left = (await look(on, after, before)).drift
      expect(keys(left, counts)).toEqual([])
      // Where the file took out what somebody had changed, the change is nobody's any more.
      for (const key of keys(pending, one => one.class === 'pending')) {
        const isHere = keys(left, one => one.class === 'pending').includes(key)
        expect(isHere || !keys(found.drift, one => one.class === 'pending').includes(key), key).toBe(true)
      }
    }),
    { numRuns, seed }
  )
}, 300_000)

test('without a baseline a revert makes everything as the file says', async () => {
  const undoable = edits.filter(({ reverts }) => reverts)
  await fc.assert(
    fc.asyncProperty(topologies(1), someEdits(undoable), async (generated, some) => {
      const topology = tagged(generated)
      const on = estate()
      await reconcile(on, topology)
      await perform(some, topology, on)
      expect(await revert(on, topology, await look(on, topology))).toEqual([])
      expect((await look(on, topology)).drift).toEqual([])
    }),
    { numRuns, seed }
  )
}, 300_000)

const retention = (days: number | undefined, enabled = true): Topology => ({
  version: 1,
  name: 'sim',
  subscription,
  location: 'westeurope',
  resourceGroup: 'rg-sim',
  servers: {
    pg1: {
      version: '16',
      compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
      storage: { sizeGiB: 128 },
      administrator: { login: 'sim_admin', password: new Secret('SIM_PASSWORD', 'Simulated-1') },
      networking: { publicAccess: { enabled } },
      ...(days !== undefined && { backup: { retentionDays: days } })
    }
  }
})

test.each<readonly [applied: number | undefined, file: number | undefined, azure: number, is: string | undefined]>([
  [7, 7, 7, undefined],
  [7, 7, 21, 'drifted'],
  [7, 14, 7, 'pending'],
  [7, 14, 21, 'both'],
  [7, 21, 21, undefined],
  [undefined, 14, 7, 'pending'],
  [undefined, 14, 21, 'pending'],
  [7, undefined, 21, undefined]
])('applied %s, in the file %s, in Azure %s: %s', async (applied, file, azure, is) => {
  const on = estate()
  await reconcile(on, retention(azure))
  const { drift } = await look(on, retention(file), retention(applied))
  expect(drift.map(({ class: of }) => of)).toEqual(is === undefined ? [] : [is])
})

test('a revert leaves alone what the file wants as it is in Azure, though it was applied otherwise', async () => {
  const on = estate()
  await reconcile(on, retention(21, true))
  const [before, after] = [retention(7, false), retention(21, false)]
  expect(await revert(on, after, await look(on, after, before), before)).toEqual([])
  expect((await look(on, after, before)).drift).toEqual([])
})
