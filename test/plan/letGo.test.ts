import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { applyEnding } from '../../src/engine/endings.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import { estate, failures, isThere, plan, reconcile, resolved, type Settings } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'
import {
  asks,
  at,
  auto,
  before,
  decide,
  inside,
  linked,
  managed,
  noDns,
  open,
  pe,
  pe2,
  record,
  rule,
  service,
  world
} from './cutoverWorld.ts'

describe('a path that is let go of without a proof', () => {
  const now = topologyFrom(stringify(world({ networking: open })))
  const want = topologyFrom(stringify(world({ networking: { publicAccess: { enabled: true } }, endpoints: { pe: { ...asks, ...noDns } } })))
  const address = 'servers/orders-pg/networking/publicAccess/firewallRules/office'

  test('goes, although somebody still has to approve', async () => {
    const on = estate()
    await reconcile(on, now)
    const applied = await reconcile(on, want, { baseline: now, prune: true, allowInterrupt: [address] })
    expect(failures(applied)).toEqual([])
    expect(await isThere(on, rule)).toBe(false)
    expect(applied.plan.steps.filter(({ unproven }) => unproven).map(({ id }) => id)).toEqual([`delete ${rule.toLowerCase()}`])
    expect(applied.plan.notes).toEqual([])
  })

  test('and is nothing of the plan is said', async () => {
    const on = estate()
    await reconcile(on, now)
    const { plan: made } = await plan(on, want, {
      baseline: now,
      prune: true,
      allowInterrupt: ['servers/orders-pg/privateEndpoints/mistyped']
    })
    expect(made.steps.filter(({ unproven }) => unproven)).toEqual([])
    expect(made.notes.map(({ message }) => message).join()).toContain('names nothing that this plan takes away')
  })

  test('a linked service moves at once, and what it leaves stays unproven', async () => {
    const on = estate()
    const is = topologyFrom(stringify(world({ networking: open, factories: before })))
    await reconcile(on, is)
    const moved = { ...managed, integrationRuntimes: { one: inside }, linkedServices: { orders: service('one') } }
    const wanted = topologyFrom(stringify(world({ networking: open, factories: moved })))
    const applied = await reconcile(on, wanted, { baseline: is, allowInterrupt: ['dataFactories/orders-adf/linkedServices/orders'] })
    expect(applied.plan.steps.filter(({ unproven }) => unproven).map(({ id }) => id)).toEqual([`delete ${linked}`.toLowerCase()])
    expect([...applied.result.outcomes.values()].every(({ as }) => as === 'done')).toBe(true)
  })
})

test('a zone that may not be read lets nothing go, and the right is named', async () => {
  const refuse = { on: false }
  const on = estate({}, {}, async (request, sandbox) =>
    refuse.on && /\/A\/orders-pg$/i.test(new URL(request.url).pathname)
      ? Response.json({ error: { code: 'AuthorizationFailed', message: 'no' } }, { status: 403 })
      : sandbox.handle(request)
  )
  const now = topologyFrom(stringify(world({ networking: open, endpoints: { pe: auto } })))
  await reconcile(on, now)
  refuse.on = true
  const applied = await reconcile(on, topologyFrom(stringify(world({ endpoints: { pe: auto } }))), { baseline: now, prune: true })
  const reasons = [...applied.result.outcomes.values()].flatMap(one => ('reason' in one ? [one.reason] : []))
  expect(reasons.join()).toContain('Microsoft.Network/privateDnsZones/A/read')
  expect(exitCodes[applyEnding(applied.plan, applied.result, undefined, undefined)]).toBe(7)
  expect(await isThere(on, rule)).toBe(true)
})

test('an endpoint that nobody gets through takes no path with it', async () => {
  const on = estate()
  const now = topologyFrom(stringify(world({ endpoints: { pe: { ...asks, ...noDns }, pe2: { ...asks, ...noDns } } })))
  await reconcile(on, now)
  await decide(on, '/pe', 'Rejected')
  const applied = await reconcile(on, topologyFrom(stringify(world({ endpoints: { pe2: { ...asks, ...noDns } } }))), {
    baseline: now,
    prune: true
  })
  expect([await isThere(on, pe), await isThere(on, pe2)]).toEqual([false, true])
  expect(failures(applied)).toEqual([])
})

test('a zone group that takes a record over is made only once its connection is Approved', async () => {
  const on = estate()
  await reconcile(on, topologyFrom(stringify(world({ endpoints: { pe: auto } }))))
  const want = topologyFrom(stringify(world({ endpoints: { pe2: asks } })))
  // Known by its tag alone, the old endpoint has no zone group in any file.
  const byTag: Settings = { prune: true, safety: { ...resolved(want).safety, maxDeletes: 20 } }
  const first = await reconcile(on, want, byTag)
  const taking = first.plan.steps.find(({ action }) => action.do === 'create' && action.resource.kind === 'privateDnsZoneGroup')
  expect([taking?.interrupts, first.result.outcomes.get(taking?.id ?? 'create ')?.as]).toEqual([true, 'skipped'])
  expect(await isThere(on, pe)).toBe(true)
  await decide(on, '/pe2', 'Approved')
  expect(failures(await reconcile(on, want, byTag))).toEqual([])
  expect(await isThere(on, pe)).toBe(false)
  expect(JSON.stringify(await at(on, record))).toContain('10.0.2.4')
})
