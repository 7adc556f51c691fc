import { expect, test } from 'vitest'
import { digestOf } from '../../src/plan/digest.ts'
import { type Founded, movedBeside, wroteBy } from '../../src/plan/several.ts'
import { arm, type Estate, estate, plan, reconcile, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const hub = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.Network/virtualNetworks/hub`

/** The owner of the network, and a topology that only has a subnet in it. */
const owner = (space: string) => topologyFrom(`name: owner\nnetworks: { hub: { addressSpace: [${space}] } }`)
const guest = topologyFrom(`name: guest
resourceGroup: { name: rg-case, existing: true }
networks:
  hub: { existing: true, subnets: { apps: { addressPrefix: 10.20.1.0/24, privateEndpointNetworkPolicies: Enabled } } }`)

/** A write by others of the guest's subnet, when Azure is at rest again. */
async function somebody(on: Estate, method: 'PUT' | 'DELETE', body?: object): Promise<void> {
  const { status } = await arm(on, method, `${hub}/subnets/apps`, '2024-05-01', body)
  expect(status).toBeLessThan(300)
  await on.sandbox.clock.sleep(10 * 60_000)
}

const founded = async (on: Estate): Promise<Founded> => {
  const { plan: made, live, wanted } = await plan(on, guest)
  return { plan: made, foundation: digestOf(made, wanted.desired, live).foundation, desired: wanted.desired }
}

/** Both planned, then the owner applied: what its steps wrote, with the guest as it was shown. */
async function ownerFirst() {
  const on = estate()
  await reconcile(on, owner('10.20.0.0/16'))
  await reconcile(on, guest)
  const subnet = { properties: { addressPrefix: '10.20.1.0/24', privateEndpointNetworkPolicies: 'Disabled' } }
  await somebody(on, 'PUT', subnet)
  const shown = await founded(on)
  const { plan: made, result } = await reconcile(on, owner('10.20.0.0/16, 10.30.0.0/16'))
  return { on, shown, subnet, wrote: [wroteBy(made, result.outcomes)] }
}

test('a change of the network that an earlier topology made is none of those in its subnets', async () => {
  const { on, shown, wrote } = await ownerFirst()
  expect(movedBeside(shown, await founded(on), wrote)).toEqual([])
})

test('a change that somebody else made meanwhile is said, although it lies in what an earlier topology changed', async () => {
  const { on, shown, subnet, wrote } = await ownerFirst()
  await somebody(on, 'PUT', { properties: { ...subnet.properties, addressPrefix: '10.20.2.0/24' } })
  const moved = movedBeside(shown, await founded(on), wrote)
  expect(moved.length).toBeGreaterThan(0)
  expect(moved.join()).toContain('networks/hub/subnets/apps')
})

test('what lies in a resource that an earlier topology deleted is known to be gone, and a step that was not shown is still said', async () => {
  const on = estate()
  const made = await reconcile(on, owner('10.20.0.0/16'))
  const written = wroteBy(made.plan, made.result.outcomes)
  expect(written.own).toContain(hub.toLowerCase())
  await reconcile(on, guest)
  const shown = await founded(on)
  const gone = await plan(on, topologyFrom('name: owner'), {
    prune: true,
    baseline: owner('10.20.0.0/16'),
    allowDelete: ['networks/hub']
  })
  const deletes = gone.plan.steps.filter(({ action }) => action.do === 'delete')
  const outcomes = new Map(deletes.map(({ id }) => [id, { as: 'done' }] as const))
  await somebody(on, 'DELETE')
  expect(deletes.length).toBeGreaterThan(0)
  const now = await founded(on)
  const step = `the step "create ${hub.toLowerCase()}/subnets/apps" was not part of the plan`
  expect(movedBeside(shown, now, [wroteBy(gone.plan, outcomes)])).toEqual([step])
  expect(movedBeside(shown, now, []).join()).toContain('live networks/hub/subnets/apps')
})

test('a step that was not begun wrote nothing, and one that failed may have', async () => {
  const on = estate()
  const { plan: made } = await plan(on, owner('10.20.0.0/16'))
  const all = (as: string) => wroteBy(made, new Map(made.steps.map(({ id }) => [id, { as }])))
  expect([all('skipped').own, all('failed').own.length > 0]).toEqual([[], true])
})
