import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { arm, type Estate, estate, failures, plan, reconcile, type Settings, subscription } from '../../support/estate.ts'
import { topologyFrom } from '../../support/yaml.ts'

const at = (name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`

const common = {
  restart: 'allowed',
  compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
  storage: { sizeGiB: 128 },
  networking: { publicAccess: { enabled: true } }
}
const primary = (reader: string) => ({
  ...common,
  version: '16',
  administrator: { login: 'orders_admin', password: 'from the environment' },
  virtualEndpoint: { name: 'orders-names', reader }
})
const of = (servers: object) => topologyFrom(stringify({ servers }))
const before = of({ 'a-pg': primary('b-pg'), 'b-pg': { ...common, replicaOf: 'a-pg' } })
const after = of({ 'b-pg': primary('a-pg'), 'a-pg': { ...common, replicaOf: 'b-pg' } })
const allowed = (name: string): Settings => ({ allowPromote: [`servers/${name}`] })

async function paired(): Promise<Estate> {
  const on = estate()
  expect(failures(await reconcile(on, before))).toEqual([])
  return on
}

/** A person's own write, at its end. */
async function written(on: Estate, method: string, path: string, body: object): Promise<void> {
  expect((await arm(on, method, path, '2025-08-01', body)).status).toBe(202)
  await on.sandbox.clock.sleep(10 * 60_000)
}

const refusals = async (on: Estate, settings = allowed('b-pg')): Promise<string[]> => {
  const { plan: made } = await plan(on, after, settings)
  return made.refusals.map(({ code, exit, message }) => `${code} ${exit} ${message}`)
}

describe("a promotion that Azure would refuse is 'PGL139'", () => {
  test.each([
    ['its size', 'PATCH', at('b-pg'), { sku: { name: 'Standard_D4ds_v5', tier: 'GeneralPurpose' } }],
    ['its storage', 'PATCH', at('b-pg'), { properties: { storage: { storageSizeGB: 256 } } }],
    [
      'its max_connections',
      'PUT',
      `${at('b-pg')}/configurations/max_connections`,
      { properties: { value: '900', source: 'user-override' } }
    ],
    [
      'virtual endpoint',
      'PATCH',
      `${at('a-pg')}/virtualendpoints/orders-names`,
      { properties: { endpointType: 'ReadWrite', members: ['a-pg'] } }
    ]
  ])('for %s', async (says, method, path, body) => {
    const on = await paired()
    await written(on, method, path, body)
    expect((await refusals(on)).filter(one => one.startsWith('PGL139 6') && one.includes(says))).toHaveLength(1)
    const { plan: forced } = await plan(on, after, { promoteForced: ['servers/b-pg'] })
    expect(forced.refusals.filter(({ code }) => code === 'PGL139')).toEqual([])
    expect(forced.moved?.map(({ message }) => message).join()).toContain(says)
  })
})

test('roles go one way and back, once each, and the virtual endpoint goes with them', async () => {
  const on = await paired()
  expect((await refusals(on, {})).map(one => one.split(' ', 2).join(' '))).toEqual(['promotion 6'])
  const patches = (): number => on.requests.filter(request => /^PATCH .*\/flexibleServers\/[ab]-pg$/.test(request)).length
  for (const [wanted, name] of [
    [after, 'b-pg'],
    [before, 'a-pg']
  ] as const) {
    on.requests.length = 0
    expect(failures(await reconcile(on, wanted, allowed(name)))).toEqual([])
    expect(patches()).toBe(1)
    expect((await plan(on, wanted)).plan.changes).toEqual([])
    const again = await plan(on, wanted, allowed(name))
    expect(again.plan.steps).toEqual([])
    expect(again.plan.notes.map(({ message }) => message).join()).toContain('names no server that this plan promotes')
  }
})

test('roles that another person has changed are refused, and stay', async () => {
  const on = await paired()
  const promoted = { properties: { replica: { role: 'Primary', promoteMode: 'Switchover', promoteOption: 'Planned' } } }
  await written(on, 'PATCH', at('b-pg'), promoted)
  const { plan: made } = await plan(on, before)
  expect(made.refusals.map(({ code, exit }) => [code, exit])).toEqual([['promotion', 6]])
  expect((await plan(on, after)).plan.changes).toEqual([])
})

test('a forced promotion and the end of high availability are told as dangers', async () => {
  const on = await paired()
  await written(on, 'PATCH', at('a-pg'), { properties: { highAvailability: { mode: 'SameZone' } } })
  const { plan: made } = await plan(on, after, { promoteForced: ['servers/b-pg'] })
  expect(made.refusals).toEqual([])
  expect(made.moved?.map(({ message }) => message)).toEqual([
    expect.stringContaining('data that it has not received yet is lost'),
    expect.stringContaining('ends the high availability of a-pg (SameZone)')
  ])
  expect(made.steps.map(({ action, interrupts }) => [action.do === 'invoke' && action.verb, interrupts])).toEqual([
    ['switchoverForced', true]
  ])
})
