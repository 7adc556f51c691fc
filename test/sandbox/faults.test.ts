import { describe, expect } from 'vitest'
import { type Arm, armWithGroup, hub, type Json, networks, ours } from './arm.ts'

const body = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
const servers = networks.replace('Microsoft.Network/virtualNetworks', 'Microsoft.DBforPostgreSQL/flexibleServers')
const zones = networks.replace('virtualNetworks', 'privateDnsZones')
const server = {
  location: 'eastus2',
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: { version: '17', administratorLogin: 'ours', administratorLoginPassword: 'Only-a-test-1', storage: { storageSizeGB: 128 } }
}
const withFaults = (...faults: Json[]): Promise<Arm> => armWithGroup({ faults })

describe('which requests', () => {
  ours('FAULT-01 FAULT-02 the second matching request is answered with an error, and has no effect', async () => {
    const { send } = await withFaults({
      method: 'get',
      path: '/VIRTUALNETWORKS/',
      nth: 2,
      status: 503,
      code: 'ServerTimeout',
      message: 'later',
      headers: { 'Retry-After': '7' }
    })
    expect((await send('GET', hub)).status).toBe(404)
    const second = await send('GET', hub)
    expect([second.status, second.headers.get('retry-after'), second.body]).toEqual([
      503,
      '7',
      { error: { code: 'ServerTimeout', message: 'later' } }
    ])
    expect((await send('GET', hub)).status).toBe(404)
  })

  ours('FAULT-03 by chance, the same requests fail in every run with one seed, and others with another', async () => {
    const run = async (seed: number): Promise<number[]> => {
      const { send } = await withFaults({ method: 'GET', path: '/rg-', probability: 0.3, seed, status: 500, code: 'X' })
      const statuses: number[] = []
      for (let request = 0; request < 30; request += 1) statuses.push((await send('GET', hub)).status)
      return statuses
    }
    const first = await run(7)
    expect(first.filter(status => status === 500).length).toBeGreaterThan(3)
    expect(first.filter(status => status === 404).length).toBeGreaterThan(12)
    expect(await run(7)).toEqual(first)
    expect(await run(8)).not.toEqual(first)
  })
})

describe('faults that are asked for', () => {
  ours('FAULT-04 after a lost answer the write has taken effect', async () => {
    const { send } = await withFaults({ method: 'PUT', path: 'networks/hub$', azure: 'GatewayTimeout', after: true })
    expect((await send('PUT', hub, body)).body).toMatchObject({ error: { code: 'GatewayTimeout' } })
    expect((await send('GET', hub)).status).toBe(200)
    const other = await withFaults({ method: 'PUT', path: 'networks/hub$', status: 504, code: 'GatewayTimeout', before: true })
    expect((await other.send('PUT', hub, body)).status).toBe(504)
    expect((await other.send('GET', hub)).status).toBe(404)
  })

  const others: readonly (readonly [
    fault: { status: number; body: string; contentType?: string; headers?: Record<string, string> },
    string | null,
    string
  ])[] = [
    [{ status: 503, body: '<h1>Sorry</h1>', contentType: 'text/html; charset=us-ascii' }, 'text/html; charset=us-ascii', '<h1>Sorry</h1>'],
    [
      { status: 429, body: 'Too many requests', contentType: 'text/plain', headers: { 'retry-after': '3' } },
      'text/plain',
      'Too many requests'
    ],
    [{ status: 502, body: '' }, null, '']
  ]
  ours.each(others)('FAULT-05 an error need not be JSON, or anything at all: %j', async (fault, type, text) => {
    const { send } = await withFaults({ path: 'networks/hub$', ...fault })
    const reply = await send('GET', hub)
    expect([reply.status, reply.headers.get('content-type'), reply.text]).toEqual([fault.status, type, text])
    expect(reply.headers.get('retry-after')).toBe(fault.headers?.['retry-after'] ?? null)
  })

  ours('FAULT-06 a write is accepted and its operation fails; the next one does not', async () => {
    const { send, done } = await withFaults({
      method: 'PUT',
      path: 'virtualNetworks/hub$',
      operation: { code: 'InternalServerError', message: 'no' }
    })
    const failed = await done('PUT', hub, body)
    expect([failed.status, failed.body]).toEqual([
      200,
      { status: 'Failed', error: { code: 'InternalServerError', message: 'no', details: [] } }
    ])
    expect((await send('GET', hub)).body).toMatchObject({ properties: { provisioningState: 'Failed' } })
    expect((await done('PUT', hub, body)).body).toEqual({ status: 'Succeeded' })
    expect((await send('GET', hub)).body).toMatchObject({ properties: { provisioningState: 'Succeeded' } })
  })

  ours('FAULT-06 an update whose operation fails leaves the resource as it was', async () => {
    const { send, done } = await withFaults({
      method: 'PUT',
      path: 'virtualNetworks/hub$',
      nth: 2,
      operation: { code: 'X', message: 'no' }
    })
    await done('PUT', hub, body)
    await done('PUT', hub, { ...body, tags: { a: 'b' } })
    expect((await send('GET', hub)).body).not.toHaveProperty('tags')
  })

  ours('FAULT-06 a restart whose operation fails has not been: what waits for one waits on', async () => {
    const { send, done } = await withFaults({ method: 'POST', path: '/restart$', nth: 1, operation: { code: 'X', message: 'no' } })
    await done('PUT', `${servers}/orders-pg?api-version=2025-08-01`, server)
    const parameter = `${servers}/orders-pg/configurations/max_connections?api-version=2025-08-01`
    const restart = `${servers}/orders-pg/restart?api-version=2025-08-01`
    await done('PUT', parameter, { properties: { value: '500', source: 'user-override' } })
    const waits = async () => (await send('GET', parameter)).body['properties']
    await done('POST', restart)
    expect(await waits()).toMatchObject({ isConfigPendingRestart: true })
    await done('POST', restart)
    expect(await waits()).toMatchObject({ isConfigPendingRestart: false })
  })

  ours('FAULT-07 an operation that has expired is not known at its addresses, and goes on', async () => {
    const { send, wait } = await withFaults({ method: 'PUT', path: 'flexibleServers/orders-pg$', expire: true })
    const put = await send('PUT', `${servers}/orders-pg`, server)
    for (const name of ['azure-asyncoperation', 'location']) {
      const address = put.headers.get(name) ?? ''
      const id = new URL(address).pathname.split('/').at(-1)
      const poll = await send('GET', address)
      expect([poll.status, poll.body]).toEqual([
        404,
        { error: { code: 'OperationIdNotFound', message: `The operation with Id: '${id}' does not exist.` } }
      ])
    }
    await wait(3600)
    expect((await send('GET', `${servers}/orders-pg`)).body).toMatchObject({ properties: { state: 'Ready' } })
  })

  ours('FAULT-07 an operation that expires while it is asked after is not known from then on', async () => {
    const { send } = await withFaults({ method: 'GET', path: '/operations/', nth: 2, expire: true })
    const address = (await send('PUT', hub, body)).headers.get('azure-asyncoperation') ?? ''
    const statuses = []
    for (let poll = 0; poll < 4; poll += 1) statuses.push((await send('GET', address)).status)
    expect(statuses).toEqual([200, 404, 404, 404])
  })

  ours('FAULT-08 a stale list is without the last write that matters to it, also when others came after', async () => {
    const { send, done } = await withFaults(
      { method: 'GET', path: 'virtualNetworks$', nth: 2, stale: true },
      { method: 'GET', path: 'virtualNetworks/hub$', nth: 2, stale: true }
    )
    const names = async (): Promise<unknown[]> =>
      ((await send('GET', networks)).body['value'] as unknown as { name: string }[]).map(one => one.name)
    await done('PUT', hub, body)
    await done('PUT', `${networks}/spoke`, body)
    await done('PUT', `${zones}/a.example.com`, { location: 'global' })
    expect(await names()).toEqual(['hub', 'spoke'])
    expect(await names()).toEqual(['hub'])
    expect(await names()).toEqual(['hub', 'spoke'])
    await done('DELETE', hub)
    expect((await send('GET', hub)).status).toBe(404)
    expect((await send('GET', hub)).body).toMatchObject({ name: 'hub' })
    expect((await send('GET', hub)).status).toBe(404)
  })

  ours('FAULT-09 a list comes in pages of the size that is asked for', async () => {
    const { send, done } = await withFaults({ method: 'GET', path: 'virtualNetworks$', nth: 'every', pageSize: 1 })
    for (const name of ['a1', 'b2', 'c3']) await done('PUT', `${networks}/${name}`, body)
    const names: string[] = []
    for (let next: unknown = networks; typeof next === 'string'; ) {
      const page = await send('GET', next)
      const value = page.body['value'] as unknown as { name: string }[]
      expect(value).toHaveLength(1)
      names.push(...value.map(one => one.name))
      next = page.body['nextLink']
    }
    expect(names).toEqual(['a1', 'b2', 'c3'])
    expect((await send('GET', zones)).body).toEqual({ value: [] })
  })

  ours('FAULT-10 a delay is a delay on the clock', async () => {
    const { send, control } = await withFaults({ path: 'networks/hub$', delayMs: 30_000 })
    const began = await control('GET', 'clock')
    let answered = false
    const asked = send('GET', hub).then(reply => {
      answered = true
      return reply
    })
    expect((await send('GET', `${networks}/spoke`)).status).toBe(404)
    expect(answered).toBe(false)
    await control('POST', 'clock', { advanceSeconds: 30 })
    expect((await asked).status).toBe(404)
    const ended = await control('GET', 'clock')
    expect(Date.parse(String(ended['now'])) - Date.parse(String(began['now']))).toBe(30_000)
  })

  ours('FAULT-11 in a pause nobody is answered, whoever asks, until it is over', async () => {
    const { send, control } = await withFaults({ path: 'networks/hub$', pauseMs: 60_000 })
    const answered: string[] = []
    const hubs = send('GET', hub).then(() => answered.push('hub'))
    for (let tries = 0; tries < 100 && (await control('GET', 'faults'))[0]?.['came'] !== (1 as unknown); tries += 1);
    const spokes = send('GET', `${networks}/spoke`).then(() => answered.push('spoke'))
    const token = send('POST', '/common/oauth2/v2.0/token', 'client_id=x&grant_type=client_credentials').then(() => answered.push('token'))
    await control('POST', 'clock', { advanceSeconds: 59 })
    expect(answered).toEqual([])
    await control('POST', 'clock', { advanceSeconds: 1 })
    await Promise.all([hubs, spokes, token])
    expect(answered.toSorted()).toEqual(['hub', 'spoke', 'token'])
  })

  ours('FAULT-12 a connection that breaks before the request did nothing, one that breaks after it did it', async () => {
    const { send, control } = await withFaults(
      { method: 'PUT', path: 'networks/hub$', drop: 'before' },
      { method: 'PUT', path: 'networks/hub$', nth: 2, drop: 'after' }
    )
    await control('DELETE', 'log')
    await expect(send('PUT', hub, body)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect((await send('GET', hub)).status).toBe(404)
    await expect(send('PUT', hub, body)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect((await send('GET', hub)).status).toBe(200)
    const { entries } = (await control('GET', 'log')) as unknown as { entries: { method: string; status: number }[] }
    expect(entries.map(one => `${one.method} ${one.status}`)).toEqual(['PUT 0', 'GET 404', 'PUT 0', 'GET 200'])
  })

  ours('FAULT-13 a connection is reset in the middle of an answer, and the request has taken effect', async () => {
    const { send } = await withFaults({ method: 'PUT', path: 'networks/hub$', reset: true })
    await expect(send('PUT', hub, body)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect((await send('GET', hub)).status).toBe(200)
  })
})

ours.each([
  [[{ path: 'a', azure: 'Nonsense' }], '"azure" must be one of ServerTimeout,'],
  [
    [
      { path: 'a', status: 500, code: 'x' },
      { path: 'a', what: 1 }
    ],
    'fault 2: unknown member "what"'
  ],
  [[{ path: 'a', status: 500, drop: 'after' }], 'exactly one of']
])('FAULT-16 faults that cannot be are refused, and those there are stay: %j', async (faults, why) => {
  const { control, send } = await withFaults({ path: 'networks/hub$', nth: 'every', status: 500, code: 'X' })
  await expect(control('PUT', 'faults', faults)).rejects.toThrow(JSON.stringify(why).slice(1, -1))
  expect((await send('GET', hub)).status).toBe(500)
  await control('DELETE', 'faults')
  expect((await send('GET', hub)).status).toBe(404)
})
