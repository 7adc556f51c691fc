import { describe, expect, test } from 'vitest'
import { armWithGroup, group, hub, ours, subscription, unique } from './arm.ts'
import { network, refusalOf, zone } from './zones.ts'

const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${unique('pg-ops')}`
const serverBody = {
  location: 'eastus2',
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: { version: '16', administratorLogin: 'dba', administratorLoginPassword: 'correct-Horse-7', storage: { storageSizeGB: 128 } }
}
const pathOf = (url: string | null): string => new URL(url ?? 'https://none').pathname

test('OP-20 a private DNS zone is made in a group whose name has letters beyond ASCII', async () => {
  const { send, done } = await armWithGroup()
  const greek = `${subscription}/resourceGroups/${encodeURIComponent(unique('rg-ζώνη-漢'))}`
  await send('PUT', greek, { location: 'eastus2' })
  const made = await send('PUT', `${greek}/providers/Microsoft.Network/privateDnsZones/greek.example`, { location: 'global' })
  expect(made.status).toBe(202)
  expect(made.headers.get('location')).toMatch(/^[ -~]+$/)
  expect((await send('GET', made.headers.get('location') ?? '')).status).toBe(202)
  await done('DELETE', greek)
})

describe('operations of the network provider', () => {
  test('OP-01 OP-02 OP-03 a PUT answers with the body and one address, a DELETE with two and nothing else', async () => {
    const { send, done, wait } = await armWithGroup()
    const put = await send('PUT', hub, network)
    const status = put.headers.get('azure-asyncoperation') ?? ''
    expect([put.status, put.headers.get('location'), put.body['properties']?.['provisioningState']]).toEqual([201, null, 'Updating'])
    expect(pathOf(status)).toMatch(new RegExp(`^${subscription}/providers/Microsoft.Network/locations/eastus2/operations/[0-9a-f-]{36}$`))
    expect([put.headers.get('azure-asyncnotification'), put.headers.get('retry-after')]).toEqual(['Enabled', '3'])
    const running = await send('GET', status)
    expect([running.status, running.body]).toEqual([200, { status: 'InProgress' }])
    await wait(60)
    expect((await send('GET', status)).body).toEqual({ status: 'Succeeded' })
    const again = await send('PUT', hub, network)
    expect([again.status, again.headers.get('azure-asyncoperation') !== null]).toEqual([200, true])
    await done('PUT', hub, network)
    const gone = await send('DELETE', hub)
    expect([gone.status, gone.text, gone.headers.get('retry-after')]).toEqual([202, '', '10'])
    expect(pathOf(gone.headers.get('location'))).toMatch(/\/locations\/eastus2\/operationResults\/[0-9a-f-]{36}$/)
  })

  test('OP-05 OP-06 a result is null while it runs and 204 when a delete is done, and the last answer asks for no wait', async () => {
    const { send, done, wait } = await armWithGroup()
    await done('PUT', hub, network)
    const gone = await send('DELETE', hub)
    const running = await send('GET', gone.headers.get('location') ?? '')
    expect([running.status, running.text]).toEqual([202, 'null'])
    await wait(60)
    const last = await send('GET', gone.headers.get('location') ?? '')
    const status = await send('GET', gone.headers.get('azure-asyncoperation') ?? '')
    expect([last.status, last.text, status.headers.get('retry-after')]).toEqual([204, '', null])
  })

  ours('OP-04 polls ask for twice the wait each time, unless that is switched off', async () => {
    for (const [networkPollBackoff, expected] of [
      [true, ['10', '20', '40', '80', '100', '100']],
      [false, ['10', '10', '10', '10', '10', '10']]
    ] as const) {
      const { send, done } = await armWithGroup({ behaviours: { networkPollBackoff } })
      await done('PUT', hub, network)
      const gone = await send('DELETE', hub)
      const waits: (string | null)[] = []
      for (let polls = 0; polls < 6; polls += 1)
        waits.push((await send('GET', gone.headers.get('azure-asyncoperation') ?? '')).headers.get('retry-after'))
      expect(waits).toEqual(expected)
    }
  })
})

describe('operations of PostgreSQL', () => {
  test('OP-07 OP-08 OP-09 every write has a name, a time and two addresses', async () => {
    const { send, wait } = await armWithGroup()
    const put = await send('PUT', server, serverBody)
    expect([put.status, put.body]).toEqual([
      202,
      { operation: 'UpsertServerManagementOperationV2', startTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) }
    ])
    const status = put.headers.get('azure-asyncoperation') ?? ''
    expect(pathOf(status)).toContain('/locations/eastus2/azureAsyncOperation/')
    expect(pathOf(put.headers.get('location'))).toContain('/locations/eastus2/operationResults/')
    const running = await send('GET', status)
    expect([running.status, running.headers.get('retry-after'), running.body]).toEqual([
      200,
      '60',
      { name: pathOf(status).split('/').at(-1), status: 'InProgress', startTime: expect.any(String) }
    ])
    await wait(600)
    const last = await send('GET', status)
    expect([last.body['status'], last.headers.get('retry-after')]).toEqual(['Succeeded', '60'])
    const gone = await send('DELETE', server)
    expect([gone.status, gone.body['operation'], gone.headers.get('retry-after')]).toEqual([202, 'DropServerManagementOperation', '15'])
    expect(gone.headers.get('azure-asyncoperation')).toContain('/locations/East%20US%202/azureAsyncOperation/')
  })
})

describe('operations of private DNS', () => {
  test('OP-10 OP-11 lie in the group, and say with the status too that they run', async () => {
    const { send, wait } = await armWithGroup()
    const put = await send('PUT', zone, { location: 'global' })
    expect([put.status, put.text, put.headers.get('retry-after')]).toEqual([202, '{}', '30'])
    const status = put.headers.get('azure-asyncoperation') ?? ''
    expect(pathOf(status)).toContain(`${group}/providers/Microsoft.Network/privateDnsOperationStatuses/`)
    expect(pathOf(put.headers.get('location'))).toContain(`${group}/providers/Microsoft.Network/privateDnsOperationResults/`)
    const id = decodeURIComponent(pathOf(status).split('/').at(-1) ?? '')
    expect(Buffer.from(id, 'base64').toString()).toMatch(/^FrontEndAsyncOperation;UpsertPrivateDnsZone;[0-9a-f-]{36}/)
    await wait(1)
    const running = await send('GET', status)
    expect([running.status, running.body, running.headers.get('retry-after')]).toEqual([202, { status: 'InProgress' }, '30'])
    const next = running.headers.get('azure-asyncoperation') ?? ''
    expect([pathOf(next), next === status, pathOf(running.headers.get('location'))]).toEqual([
      pathOf(status),
      false,
      pathOf(put.headers.get('location'))
    ])
    await wait(30)
    const last = await send('GET', next)
    expect([last.status, last.body, last.headers.get('retry-after'), last.headers.get('location')]).toEqual([
      200,
      { status: 'Succeeded' },
      null,
      null
    ])
    const gone = await send('DELETE', zone)
    expect([gone.status, gone.text, gone.headers.get('retry-after')]).toEqual([202, '', '30'])
  })

  test('OP-19 have a result, which is what was written', async () => {
    const { send, wait } = await armWithGroup()
    const put = await send('PUT', zone, { location: 'global' })
    const location = put.headers.get('location') ?? ''
    const running = await send('GET', location)
    expect([running.status, running.text]).toEqual([202, ''])
    await wait(60)
    const result = await send('GET', location)
    expect([result.status, result.body]).toEqual([200, (await send('GET', zone)).body])
  })
})

describe('operations of whatever provider', () => {
  ours("OP-12 OP-16 one that fails says so with 200; of a network's create something is left, of a zone's nothing", async () => {
    const operation = { code: 'InternalServerError', message: 'An error occurred.' }
    const { send, done, wait } = await armWithGroup({
      faults: [
        { method: 'PUT', path: '/privateDnsZones/[^/]+$', operation },
        { method: 'PUT', path: '/privateEndpoints/[^/]+$', operation }
      ]
    })
    const failed = await done('PUT', zone, { location: 'global' })
    expect([failed.status, failed.body]).toEqual([200, { error: operation, status: 'Failed' }])
    expect((await send('GET', zone)).status).toBe(404)
    await done('PUT', hub, network)
    await done('PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.0.0.0/24' } })
    await done('PUT', server, serverBody)
    const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/pe`
    const asked = await done('PUT', endpoint, {
      location: 'eastus2',
      properties: {
        subnet: { id: `${hub}/subnets/a` },
        privateLinkServiceConnections: [{ name: 'c', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }]
      }
    })
    expect([asked.status, asked.body]).toEqual([200, { status: 'Failed', error: { ...operation, details: [] } }])
    await wait(60)
    expect((await send('GET', endpoint)).body['properties']?.['provisioningState']).toBe('Failed')
  })

  test('OP-13 OP-14 what goes while it is being made is not brought back', async () => {
    const { send, done, wait } = await armWithGroup()
    const put = await send('PUT', server, serverBody)
    expect((await done('DELETE', group)).status).toBe(200)
    await send('PUT', group, { location: 'eastus2' })
    await wait(600)
    expect((await send('GET', put.headers.get('azure-asyncoperation') ?? '')).body['status']).toBe('Canceled')
    expect((await send('GET', server)).status).toBe(404)
  })

  ours('OP-15 addresses are long and differ each time, unless that is switched off', async () => {
    for (const signedOperationUrls of [true, false]) {
      const { send, wait } = await armWithGroup({ behaviours: { signedOperationUrls } })
      const put = await send('PUT', zone, { location: 'global' })
      const url = new URL(put.headers.get('azure-asyncoperation') ?? '')
      expect(url.href.length > 3000).toBe(signedOperationUrls)
      expect([...url.searchParams.keys()]).toEqual(signedOperationUrls ? ['api-version', 't', 'c', 's', 'h'] : ['api-version'])
      expect(url.searchParams.get('api-version')).toBe('2024-06-01')
      await wait(1)
      const next = new URL((await send('GET', url.href)).headers.get('azure-asyncoperation') ?? '')
      expect(next.searchParams.get('t') === url.searchParams.get('t')).toBe(!signedOperationUrls)
    }
  })

  test('OP-17 one that is not known', async () => {
    const { send } = await armWithGroup()
    const id = '00000000-0000-4000-8000-000000000000'
    const refused = await send('GET', `${subscription}/providers/Microsoft.DBforPostgreSQL/locations/eastus2/azureAsyncOperation/${id}`)
    expect([refused.status, refused.body['error']]).toEqual([
      404,
      { code: 'OperationIdNotFound', message: `The operation with Id: '${id}' does not exist.` }
    ])
  })

  ours('OP-18 can be asked for until a day after its end', async () => {
    const { send, wait } = await armWithGroup()
    const put = await send('PUT', zone, { location: 'global' })
    const status = put.headers.get('azure-asyncoperation') ?? ''
    await wait(24 * 60 * 60)
    expect((await send('GET', status)).body).toEqual({ status: 'Succeeded' })
    await wait(60)
    await send('PUT', hub, network)
    expect(refusalOf(await send('GET', status))).toEqual([404, 'OperationIdNotFound'])
  })
})
