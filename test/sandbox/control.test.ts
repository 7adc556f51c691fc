import { expect } from 'vitest'
import { arm, armWithGroup, group, hub, networks, ours, subscription } from './arm.ts'

const body = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }

ours('CTL-01 what there is below /_sandbox/ is listed, and anything else is refused', async () => {
  const { send } = await arm()
  const { body: listed } = await send('GET', '/_sandbox/')
  for (const route of Object.keys(listed)) {
    const [method = '', path = ''] = route.split(' ')
    if (method === 'GET') expect((await send('GET', path)).status).toBe(200)
  }
  expect(Object.keys(listed)).toEqual(
    expect.arrayContaining([
      'GET /_sandbox/log',
      'POST /_sandbox/clock',
      'PATCH /_sandbox/behaviours',
      'PUT /_sandbox/faults',
      'POST /_sandbox/seed',
      'GET /_sandbox/state',
      'POST /_sandbox/reset',
      'GET /_sandbox/throttling'
    ])
  )
  expect([(await send('GET', '/_sandbox/nothing')).status, (await send('DELETE', '/_sandbox/clock')).status]).toEqual([404, 404])
  expect((await send('PUT', '/_sandbox/faults', '{')).text).toContain('The body is no JSON: line 1, column 2.')
})

ours('CTL-02 a page in a browser gives no orders', async () => {
  const { send } = await armWithGroup()
  const reply = await send('POST', '/_sandbox/reset', {}, { headers: { origin: 'https://example.com' } })
  expect(reply.status).toBe(403)
  expect((await send('GET', group)).status).toBe(200)
})

ours('CTL-03 the log counts requests by method and type, and can be narrowed to one of either', async () => {
  const { send, control } = await armWithGroup()
  await control('DELETE', 'log')
  await send('PUT', hub, body)
  await send('GET', hub)
  await send('GET', networks)
  await send('GET', `${subscription}/resourcegroups`)
  await send('GET', `${hub}x`)
  expect(await control('GET', 'log')).toMatchObject({
    count: 5,
    byMethodAndType: {
      'PUT Microsoft.Network/virtualNetworks': 1,
      'GET Microsoft.Network/virtualNetworks': 3,
      'GET resourcegroups': 1
    }
  })
  expect(await control('GET', 'log?method=put&type=microsoft.network/VIRTUALNETWORKS')).toMatchObject({
    count: 1,
    byMethodAndType: { 'PUT Microsoft.Network/virtualNetworks': 1 },
    entries: [{ method: 'PUT', path: hub, status: 201, apiVersion: '2025-05-01' }]
  })
  const { entries } = (await control('GET', 'log?type=Microsoft.Network/virtualNetworks')) as unknown as { entries: unknown[] }
  expect(entries).toHaveLength(4)
  expect(entries.at(-1)).toMatchObject({ status: 404, code: 'ResourceNotFound' })
})

ours('CTL-04 the clock is put forward by seconds or to a time, never back', async () => {
  const { send, control } = await armWithGroup()
  const operation = (await send('PUT', hub, body)).headers.get('azure-asyncoperation') ?? ''
  expect((await send('GET', operation)).body).toEqual({ status: 'InProgress' })
  const before = Date.parse(String((await control('GET', 'clock'))['now']))
  expect(await control('POST', 'clock', { advanceSeconds: 1.5 })).toMatchObject({ now: new Date(before + 1500).toISOString() })
  const later = new Date(before + 86_400_000).toISOString()
  expect(await control('POST', 'clock', { advanceTo: later })).toMatchObject({ now: later })
  expect((await send('GET', operation)).body).toEqual({ status: 'Succeeded' })
  for (const wrong of [
    {},
    { advanceSeconds: -1 },
    { advanceSeconds: 1e300 },
    { advanceTo: '+275760-09-13T00:00:00.000Z' },
    { advanceSeconds: 1, advanceTo: later },
    { advanceTo: 'tomorrow' },
    { advanceTo: new Date(before).toISOString() },
    { seconds: 1 }
  ])
    expect((await send('POST', '/_sandbox/clock', wrong)).status).toBe(400)
  expect(await control('GET', 'clock')).toMatchObject({ now: later })
})

ours.each([
  [{ networkOverlap: 'nope' }, 'takes one of "retryable", "conflict", "works"'],
  [{ lockSettleMs: -1 }, 'takes a number from 0, not -1'],
  [{ signedOperationUrls: 'yes' }, 'takes true or false'],
  [{ approvalNoticedMs: [2, 1] }, 'takes [least, most]'],
  [{ throttlingLimits: { reeds: 1 } }, 'takes an object of numbers from 0, by reads,'],
  [{ pageSize: 1, nothing: 1 }, 'there is no switch "nothing"'],
  [{ constructor: 1 }, 'there is no switch "constructor"'],
  [[], 'must be an object of switches']
])('CTL-05 a switch takes only what it can be, and nothing is set when one of them cannot: %j', async (wrong, why) => {
  const { send, control } = await arm()
  const before = await control('GET', 'behaviours')
  const reply = await send('PATCH', '/_sandbox/behaviours', wrong)
  expect([reply.status, reply.body['error']]).toEqual([400, expect.stringContaining(why)])
  expect(await control('GET', 'behaviours')).toEqual(before)
})

ours('CTL-05 the switches that are sent are set, the others stay', async () => {
  const { control, send } = await armWithGroup()
  const before = await control('GET', 'behaviours')
  expect(await control('PATCH', 'behaviours', { signedOperationUrls: false })).toEqual({ ...before, signedOperationUrls: false })
  expect((await send('PUT', hub, body)).headers.get('azure-asyncoperation')).toMatch(/api-version=2025-05-01$/)
})

ours('CTL-06 the faults that there are can be asked for, with how often each came', async () => {
  const faults = [{ path: 'networks/hub$', nth: 2, status: 500, code: 'X' }]
  const { send, control } = await arm({ faults })
  for (let request = 0; request < 3; request += 1) await send('GET', hub)
  expect(await control('GET', 'faults')).toEqual([{ fault: faults[0], matched: 3, came: 1 }])
})

ours('CTL-07 what is seeded is there beside what was there, or not at all', async () => {
  const { send, control } = await armWithGroup()
  await control('POST', 'seed', { [hub]: body })
  expect((await send('GET', hub)).body).toMatchObject({ properties: { provisioningState: 'Succeeded' } })
  const wrong = { [`${networks}/spoke`]: body, [`${networks}/gone/subnets/a`]: { properties: { addressPrefix: '10.0.0.0/24' } } }
  await expect(control('POST', 'seed', wrong)).rejects.toThrow('has no parent')
  expect((await send('GET', `${networks}/spoke`)).status).toBe(404)
  expect((await send('GET', hub)).status).toBe(200)
})

ours('CTL-08 an estate that was exported can be put back, with what was in flight', async () => {
  const { send, control } = await armWithGroup()
  const operation = (await send('PUT', hub, body)).headers.get('azure-asyncoperation') ?? ''
  const state = await control('GET', 'state')
  await control('POST', 'reset')
  expect((await send('GET', group)).status).toBe(404)
  await control('PUT', 'state', state)
  expect((await send('GET', operation)).body).toEqual({ status: 'InProgress' })
  await control('POST', 'clock', { advanceSeconds: 3600 })
  expect((await send('GET', operation)).body).toEqual({ status: 'Succeeded' })
  for (const wrong of [{}, { ...state, resources: [{}] }, { ...state, version: 2 }])
    expect((await send('PUT', '/_sandbox/state', wrong)).status).toBe(400)
  expect((await send('GET', hub)).status).toBe(200)
})

ours('CTL-09 a reset without a body goes back to an empty estate and the settings of the start', async () => {
  const { send, control } = await armWithGroup({
    seed: { [hub]: body },
    behaviours: { pageSize: 7 },
    faults: [{ path: 'networks/hub$', nth: 'every', status: 500, code: 'X' }]
  })
  expect((await send('GET', hub)).status).toBe(500)
  await control('POST', 'reset')
  expect((await send('GET', hub)).status).toBe(404)
  expect(await control('GET', 'behaviours')).toMatchObject({ pageSize: 0 })
  expect((await send('POST', '/_sandbox/reset', { what: 1 })).body['error']).toContain('"what" is not known')
})

ours('CTL-10 what is left of the limits can be asked for, and set back', async () => {
  const { send, control } = await armWithGroup()
  await control('DELETE', 'throttling')
  await send('GET', hub)
  expect(await control('GET', 'throttling')).toMatchObject({
    providers: { [`${subscription.slice(15)} Microsoft.Network reads`]: { used: 1 } }
  })
  await control('DELETE', 'throttling')
  expect(await control('GET', 'throttling')).toEqual({ buckets: {}, providers: {} })
})
