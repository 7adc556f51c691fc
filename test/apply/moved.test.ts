import { describe, expect, test } from 'vitest'
import type { Topology } from '../../src/model/topology.generated.ts'
import { arm, type Estate, estate, failures, reconcile } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'
import { errorIn, factory, group, hub, late, zone } from './late.ts'

const network = (...addresses: readonly string[]): Topology =>
  topologyFrom(`networks: { hub: { addressSpace: [${addresses.join(', ')}] } }`)
const tagged = (value: string): Topology =>
  topologyFrom(`privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, tags: { stage: ${value} } } }`)
const vault = (name: string): Topology =>
  topologyFrom(`
dataFactories:
  case-adf:
    linkedServices:
      kv: { type: AzureKeyVault, baseUrl: https://${name}.vault.azure.net }
`)

const someoneElses = (...addressPrefixes: readonly string[]) => ({
  location: 'westeurope',
  tags: { 'pglink-topology': 'case' },
  properties: { addressSpace: { addressPrefixes } }
})

describe('a resource that moved between the plan and the write is left as somebody made it', () => {
  test('an update is told how the field was, is, and was to become', async () => {
    const on = estate()
    expect(failures(await reconcile(on, network('10.0.0.0/16')))).toEqual([])
    const ended = await late(on, network('10.0.0.0/16', '10.1.0.0/16'), async () => {
      await arm(on, 'PUT', hub, '2024-05-01', someoneElses('10.0.0.0/16', '10.9.0.0/16'))
      await on.azure.clock.sleep(600_000)
    })
    expect(errorIn(ended, `update ${hub.toLowerCase()}`)).toMatchObject({
      name: 'Moved',
      differences: [
        {
          field: 'addressSpace',
          atPlan: ['10.0.0.0/16'],
          now: ['10.0.0.0/16', '10.9.0.0/16'],
          wanted: ['10.0.0.0/16', '10.1.0.0/16']
        }
      ]
    })
    expect(await (await arm(on, 'GET', hub, '2024-05-01')).text()).toContain('10.9.0.0/16')
  })

  test('a change that somebody has already made in the same way is no hindrance', async () => {
    const on = estate()
    await reconcile(on, network('10.0.0.0/16'))
    const wanted = network('10.0.0.0/16', '10.1.0.0/16')
    const { result } = await late(on, wanted, async () => {
      await arm(on, 'PUT', hub, '2024-05-01', someoneElses('10.0.0.0/16', '10.1.0.0/16'))
      await on.azure.clock.sleep(600_000)
    })
    expect([...result.outcomes.values()].map(({ as }) => as)).toEqual(['done'])
  })

  test('a create over what somebody else has made', async () => {
    const on = estate()
    await reconcile(on, topologyFrom('networks: {}'))
    await arm(on, 'PUT', group, '2021-04-01', { location: 'westeurope', tags: { 'pglink-topology': 'case' } })
    const ended = await late(on, network('10.0.0.0/16'), () => arm(on, 'PUT', hub, '2024-05-01', someoneElses('10.9.0.0/16')))
    expect(errorIn(ended, `create ${hub.toLowerCase()}`)).toMatchObject({
      name: 'Moved',
      message: expect.stringContaining('was made by another program or person')
    })
  })

  test('a delete of what another topology has taken', async () => {
    const on = estate()
    await reconcile(on, network('10.0.0.0/16'))
    const ended = await late(
      on,
      topologyFrom('networks: {}'),
      async () => {
        await arm(on, 'PUT', hub, '2024-05-01', { ...someoneElses('10.0.0.0/16'), tags: { 'pglink-topology': 'theirs' } })
        await on.azure.clock.sleep(600_000)
      },
      { prune: true, allowDelete: ['networks/hub'], baseline: network('10.0.0.0/16') }
    )
    expect(errorIn(ended, `delete ${hub.toLowerCase()}`)).toMatchObject({
      differences: [{ field: 'tags.pglink-topology', atPlan: 'case', now: 'theirs' }]
    })
    expect((await arm(on, 'GET', hub, '2024-05-01')).status).toBe(200)
  })
})

// Nothing but a precondition can tell: the write of somebody else falls between our look and ours.
describe.each([
  [
    'private DNS',
    tagged('one'),
    tagged('two'),
    zone,
    '2020-06-01',
    { location: 'global', tags: { 'pglink-topology': 'case', stage: 'theirs' } }
  ],
  [
    'Data Factory',
    vault('one'),
    vault('two'),
    `${factory}/linkedservices/kv`,
    '2018-06-01',
    { properties: { type: 'AzureKeyVault', typeProperties: { baseUrl: 'https://theirs.vault.azure.net' } } }
  ],
  [
    'the network',
    network('10.0.0.0/16'),
    network('10.0.0.0/16', '10.1.0.0/16'),
    hub,
    '2024-05-01',
    { ...someoneElses('10.0.0.0/16', '10.9.0.0/16'), tags: { 'pglink-topology': 'case', by: 'theirs' } }
  ]
] as const)('where If-Match is honoured no update is lost: %s', (_name, first, second, path, apiVersion, theirs) => {
  test('the other write stays, and the run says so', async () => {
    let meddles = false
    const on: Estate = estate({}, {}, async (request, sandbox) => {
      const writes = !['GET', 'POST'].includes(request.method) && new URL(request.url).pathname.toLowerCase() === path.toLowerCase()
      if (meddles && writes) {
        meddles = false
        const url = `https://management.azure.com${path}?api-version=${apiVersion}`
        await sandbox.handle(
          new Request(url, { method: 'PUT', body: JSON.stringify(theirs), headers: { 'content-type': 'application/json' } })
        )
        await sandbox.clock.sleep(600_000)
      }
      return sandbox.handle(request)
    })
    expect(failures(await reconcile(on, first))).toEqual([])
    const ended = await late(on, second, async () => {
      meddles = true
    })
    expect(errorIn(ended, `update ${path.toLowerCase()}`)).toMatchObject({ name: 'Moved' })
    expect(await (await arm(on, 'GET', path, apiVersion)).text()).toContain('theirs')
  })
})

test('a delete under a precondition is not sent again over what somebody did in the gap', async () => {
  const meddling = { begins: false }
  const on: Estate = estate({}, {}, async (request, sandbox) => {
    const deletes = request.method === 'DELETE' && new URL(request.url).pathname.toLowerCase() === zone.toLowerCase()
    if (meddling.begins && deletes) {
      meddling.begins = false
      const body = JSON.stringify({ location: 'global', tags: { 'pglink-topology': 'case', 'pglink-protect': 'true' } })
      const headers = { 'content-type': 'application/json' }
      await sandbox.handle(new Request(`https://management.azure.com${zone}?api-version=2020-06-01`, { method: 'PUT', body, headers }))
      await sandbox.clock.sleep(600_000)
    }
    return sandbox.handle(request)
  })
  expect(failures(await reconcile(on, tagged('one')))).toEqual([])
  const settings = { prune: true, allowDelete: ['privateDnsZones/link'], baseline: tagged('one') }
  const ended = await late(
    on,
    topologyFrom('privateDnsZones: {}'),
    async () => {
      meddling.begins = true
    },
    settings
  )
  expect(errorIn(ended, `delete ${zone.toLowerCase()}`)).toMatchObject({ name: 'Moved' })
  expect(await (await arm(on, 'GET', zone, '2020-06-01')).text()).toContain('pglink-protect')
})

/** A person writes to the network each time that a run is about to, as often as `times` says. */
function meddled(times: number, theirs: (nth: number) => object): Estate & { begin(): void } {
  let left = 0
  const on = estate({}, {}, async (request, sandbox) => {
    const own = request.method === 'PUT' && new URL(request.url).pathname.toLowerCase() === hub.toLowerCase()
    if (own && left > 0) {
      left -= 1
      const body = JSON.stringify(theirs(times - left))
      await sandbox.handle(
        new Request(`https://management.azure.com${hub}?api-version=2024-05-01`, {
          method: 'PUT',
          body,
          headers: { 'content-type': 'application/json' }
        })
      )
      await sandbox.clock.sleep(600_000)
    }
    return sandbox.handle(request)
  })
  return Object.assign(on, {
    begin() {
      left = times
    }
  })
}

describe('under an etag that is another, though nothing the plan looks at is', () => {
  const theirs = (nth: number) => ({ ...someoneElses('10.0.0.0/16'), tags: { 'pglink-topology': 'case', theirs: `${nth}` } })
  const wanted = network('10.0.0.0/16', '10.1.0.0/16')

  test('the write goes out again on what is there by then, and takes the tag of somebody else along', async () => {
    const on = meddled(2, theirs)
    expect(failures(await reconcile(on, network('10.0.0.0/16')))).toEqual([])
    const { result } = await late(on, wanted, async () => on.begin())
    expect([...result.outcomes.values()].map(({ as }) => as)).toEqual(['done'])
    const { tags, properties } = (await (await arm(on, 'GET', hub, '2024-05-01')).json()) as never
    expect(tags).toEqual({ 'pglink-topology': 'case', theirs: '2' })
    expect(properties).toMatchObject({ addressSpace: { addressPrefixes: ['10.0.0.0/16', '10.1.0.0/16'] } })
  })

  test('not for ever: then it is left as it is', async () => {
    const on = meddled(100, theirs)
    expect(failures(await reconcile(on, network('10.0.0.0/16')))).toEqual([])
    const ended = await late(on, wanted, async () => on.begin())
    expect(errorIn(ended, `update ${hub.toLowerCase()}`)).toMatchObject({
      name: 'Moved',
      message: expect.stringContaining('was changed again and again')
    })
    expect(await (await arm(on, 'GET', hub, '2024-05-01')).text()).not.toContain('10.1.0.0/16')
  })
})

test('an etag that is shown and refused all the same is no precondition of the network provider', async () => {
  let refusals = 0
  const on = estate({}, {}, async (request, sandbox) => {
    const own = request.method === 'PUT' && new URL(request.url).pathname.toLowerCase() === hub.toLowerCase()
    if (!own || request.headers.get('if-match') === null) return sandbox.handle(request)
    refusals += 1
    return Response.json({ error: { code: 'PreconditionFailed', message: 'Precondition failed.' } }, { status: 412 })
  })
  expect(failures(await reconcile(on, network('10.0.0.0/16')))).toEqual([])
  const { result } = await late(on, network('10.0.0.0/16', '10.1.0.0/16'), async () => undefined)
  expect([...result.outcomes.values()].map(({ as }) => as)).toEqual(['done'])
  expect(refusals).toBe(4)
})

// As after a run that died: its zone is on the way, and cannot be seen yet.
test('a resource that an earlier run is still making, and makes in the same way, is waited for and taken as made', async () => {
  const on = estate()
  await reconcile(on, topologyFrom('resourceGroup: { name: rg-case }'))
  await arm(on, 'PUT', group, '2021-04-01', { location: 'westeurope', tags: { 'pglink-topology': 'case' } })
  const { result } = await late(on, tagged('one'), () =>
    arm(on, 'PUT', zone, '2020-06-01', { location: 'global', tags: { 'pglink-topology': 'case', stage: 'one' } })
  )
  expect(result.outcomes.get(`create ${zone.toLowerCase()}`)).toEqual({ as: 'done' })
})

test('between the look and the write there is no other request', async () => {
  const on = estate()
  await reconcile(on, network('10.0.0.0/16'))
  const before = on.requests.length
  await late(on, network('10.0.0.0/16', '10.1.0.0/16'), async () => undefined)
  const made = on.requests.slice(before)
  const put = made.indexOf(`PUT ${hub}`)
  expect(made[put - 1]).toBe(`GET ${hub}`)
})
