import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { owedLocks } from '../../src/locks/journal.ts'
import type { Plan, Step } from '../../src/model/change.ts'
import { exampleNames } from '../examples/example.ts'
import { anything, estate, expectedBack, failures, foreign, heldLocks, plan, reconcile, type Settings } from '../support/estate.ts'
import { exampleOf, idsIn } from '../support/exampleEstate.ts'
import { isQuick, runs, seed } from '../support/parts.ts'
import { topologies } from '../support/topologies.ts'
import { topologyFrom } from '../support/yaml.ts'
import { asks, auto, world } from './cutoverWorld.ts'

/*
 * The laws of a plan of a part: its steps are steps of the whole plan, with all that those wait for; and the part, then the whole, comes to
 * what the whole comes to.
 */

const only = (...target: readonly string[]): Settings => ({ selection: { target, exclude: [] } })
const without = (...exclude: readonly string[]): Settings => ({ selection: { target: [], exclude } })

const isWrite = ({ action }: Step): boolean => ['create', 'update', 'delete'].includes(action.do)

/** A declared lock that differs is written by its restore where it is in the way, and by a step of its own where it is not. */
const writtenLocks = ({ steps }: Plan): string[] =>
  steps.flatMap(({ action }) => (action.do === 'restore' && action.resource ? [`update ${action.resource.id}`] : []))

/** The writes that these steps of the whole plan wait for, through looks and lifts. */
function neededBy(ids: readonly string[], whole: Plan): ReadonlySet<string> {
  const byId = new Map<string, Step>(whole.steps.map(step => [step.id, step]))
  const all = new Set(ids)
  for (const id of all) for (const before of byId.get(id)?.after ?? []) all.add(before)
  return new Set([...all].filter(id => byId.get(id) !== undefined && isWrite(byId.get(id) as Step)))
}

function isPart(part: Plan, whole: Plan): void {
  const ids = part.steps.filter(isWrite).map(({ id }): string => id)
  const written = [...whole.steps.map(({ id }): string => id), ...writtenLocks(whole)]
  expect(ids.filter(id => !written.includes(id))).toEqual([])
  expect([...neededBy(ids, whole)].filter(id => !ids.includes(id))).toEqual([])
  const lifted = (of: Plan): string[] => of.steps.flatMap(({ id, action }) => (action.do === 'lift' ? [id] : []))
  expect(lifted(part).filter(id => !lifted(whole).includes(id))).toEqual([])
  expect(part.changes.length + (part.part?.left.length ?? 0)).toBe(whole.changes.length)
}

describe.each(exampleNames)('%s', name => {
  test('each address as a target, then the whole: what the whole alone comes to', async () => {
    const { topology, begin } = exampleOf(name)
    const direct = begin()
    const before = await heldLocks(direct)
    const { plan: whole, wanted } = await reconcile(direct, topology)
    const all = [...wanted.desired.values()].map(({ address }) => address)
    const addresses = isQuick ? all.filter((_, index) => index % Math.ceil(all.length / 3) === 0) : all
    for (const address of addresses) {
      const on = begin()
      const part = await reconcile(on, topology, only(address))
      expect(failures(part)).toEqual([])
      isPart(part.plan, whole)
      expect(owedLocks(on.journal.entries)).toEqual([])
      const held = await heldLocks(on)
      expect(before.filter(lock => !held.includes(lock))).toEqual([])
      expect((await plan(on, topology, only(address))).plan.changes).toEqual([])
      expect(failures(await reconcile(on, topology))).toEqual([])
      expect((await plan(on, topology)).plan.changes).toEqual([])
      expect(idsIn(on)).toEqual(idsIn(direct))
      expect(await heldLocks(on)).toEqual(await heldLocks(direct))
    }
  }, 300_000)
})

test('a part of any change, under locks, then the whole', async () => {
  await fc.assert(
    fc.asyncProperty(topologies(1), topologies(2), fc.nat(), fc.boolean(), async (first, second, nth, targets) => {
      const on = estate()
      expect(failures(await reconcile(on, first))).toEqual([])
      const locks = await heldLocks(on)
      const settings = anything(first)
      const { plan: whole } = await plan(on, second, settings)
      const change = whole.changes[nth % whole.changes.length]
      if (change === undefined) return
      const address = change.op === 'delete' ? change.old.address : change.resource.address
      const part = await reconcile(on, second, { ...settings, ...(targets ? only(address) : without(address)) })
      expect(failures(part)).toEqual([])
      isPart(part.plan, whole)
      expect(part.plan.part?.left.includes(address)).toBe(!targets)
      expect(owedLocks(on.journal.entries)).toEqual([])
      expect(failures(await reconcile(on, second, settings))).toEqual([])
      expect((await plan(on, second, { baseline: first, prune: true })).plan.changes).toEqual([])
      expect(foreign(await heldLocks(on))).toEqual(await expectedBack(on, foreign(locks)))
    }),
    { numRuns: runs(8, 2), seed }
  )
}, 300_000)

const approve = [{ from: 'servers/orders-pg/privateEndpoints/pe', decision: 'approve' }]
const pe = 'servers/orders-pg/privateEndpoints/pe'
const changed = ({ plan: { changes } }: { readonly plan: Plan }): string[] =>
  changes.map(change => `${change.op} ${(change.op === 'delete' ? change.old : change.resource).address}`).sort()

test('an endpoint that is made again keeps the approval with it, which goes with the old one', async () => {
  const on = estate()
  const first = { endpoints: { pe: asks }, connections: approve }
  expect(failures(await reconcile(on, topologyFrom(stringify(world(first)))))).toEqual([])
  const second = topologyFrom(stringify(world({ ...first, endpoints: { pe: { ...asks, subnet: 'hub/a' } } })))
  const kept = ['create servers/orders-pg/connections/pe', `replace ${pe}`, `replace ${pe}/privateDns`]
  expect(changed(await plan(on, second, only(pe)))).toEqual(kept)
  expect(changed(await plan(on, second, without('servers/orders-pg/connections/pe')))).toEqual([])
})

test('an ARM id names an entry as its address does', async () => {
  const on = estate()
  const topology = topologyFrom(stringify(world({ endpoints: { pe: auto } })))
  const byAddress = await plan(on, topology, only('servers/orders-pg'))
  const id = [...byAddress.wanted.desired].find(([, { address }]) => address === 'servers/orders-pg')?.[0] ?? ''
  expect(changed(await plan(on, topology, only(id.toUpperCase())))).toEqual(changed(byAddress))
  expect(changed(byAddress)).toContain(`create ${pe}`)
})
