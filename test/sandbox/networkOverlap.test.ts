import { describe, expect, test } from 'vitest'
import { type Arm, armWithGroup, hub, type Json, ours, type Reply, subscription } from './arm.ts'
import { armWithTarget, code, endpoint, endpointBody, subnet as endpointSubnet, message } from './endpoints.ts'

const networkBody = (...prefixes: readonly string[]): Json => ({
  location: 'eastus2',
  properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16', ...prefixes] } }
})
const subnetBody = { properties: { addressPrefix: '10.0.0.0/24' } }
const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const operationOf = ({ headers }: Reply): string => headers.get('azure-asyncoperation') ?? ''
const idOf = (reply: Reply): string => new RegExp(guid).exec(operationOf(reply).split('/operations/')[1] ?? '')?.[0] ?? ''
const detail = ({ body }: Reply) => body['error']?.['details']?.[0]
const state = async ({ send }: Arm, id: string) => (await send('GET', id)).body['properties']?.['provisioningState']

describe('a write while another one runs in the same network', () => {
  test('NET-21 NET-22 is turned away for as long as that takes, and the network is Updating meanwhile', async () => {
    const client = await armWithGroup()
    const { send, wait } = client
    const running = await send('PUT', hub, networkBody())
    await wait(4)
    const early = await send('PUT', `${hub}/subnets/a`, subnetBody)
    const retryAfter = Number(early.headers.get('retry-after'))
    expect([early.status, retryAfter > 0, early.body['error']?.['code']]).toEqual([429, true, 'RetryableError'])
    expect(early.body['error']?.['message']).toBe('A retryable error occurred.')
    expect(detail(early)).toEqual({
      code: 'RetryableErrorDueToAnotherOperation',
      message: `Operation PutVirtualNetworkOperation (${idOf(running)}) is updating resource ${hub}. The call can be retried in ${retryAfter} seconds.`
    })
    expect(early.headers.get('x-ms-failure-cause')).toBe('service')
    await wait(retryAfter)
    expect((await send('PUT', `${hub}/subnets/a`, subnetBody)).status).toBe(201)
    expect(await state(client, hub)).toBe('Updating')
    await wait(4)
    expect(await state(client, hub)).toBe('Succeeded')
  })

  ours('NET-23 is a conflict that names the address of the other one', async () => {
    const { send, done } = await armWithGroup({ behaviours: { networkOverlap: 'conflict' } })
    const running = await send('PUT', hub, networkBody())
    for (const method of ['PUT', 'DELETE']) {
      const refused = await send(method, method === 'PUT' ? `${hub}/subnets/a` : hub, method === 'PUT' ? subnetBody : undefined)
      expect([refused.status, refused.headers.get('retry-after'), refused.body['error']?.['details']]).toEqual([409, null, []])
      expect(code(refused)).toBe('AnotherOperationInProgress')
      expect(message(refused)).toBe(
        `Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: https://management.azure.com${subscription}/providers/Microsoft.Network/locations/eastus2/operations/${idOf(running)}?api-version=2025-05-01.`
      )
    }
    // The address is unsigned, and leads to the operation all the same.
    const bare = new URL(operationOf(running))
    expect((await send('GET', `${bare.pathname}?api-version=2025-05-01`)).body).toEqual({ status: 'InProgress' })
    expect((await done('PUT', hub, networkBody())).status).toBe(409)
  })

  ours('NET-24 ends the other one, which says by whom', async () => {
    const client = await armWithGroup({ behaviours: { networkOverlap: 'supersedes' } })
    const { send, wait } = client
    const first = await send('PUT', hub, networkBody())
    await wait(2)
    const second = await send('PUT', `${hub}/subnets/a`, subnetBody)
    expect(second.status).toBe(201)
    expect((await send('GET', operationOf(first))).body).toEqual({
      status: 'Canceled',
      error: {
        code: 'Canceled',
        message: 'Operation was canceled.',
        details: [
          {
            code: 'CanceledAndSupersededDueToAnotherOperation',
            message: `Operation PutVirtualNetworkOperation (${idOf(first)}) was canceled and superseded by operation PutSubnetOperation (${idOf(second)}).`
          }
        ]
      }
    })
    await wait(10)
    expect((await send('GET', operationOf(second))).body).toEqual({ status: 'Succeeded' })
    expect([await state(client, hub), await state(client, `${hub}/subnets/a`)]).toEqual(['Succeeded', 'Succeeded'])
    expect((await send('GET', operationOf(first))).body['status']).toBe('Canceled')
  })

  ours('NET-24 a write that is refused ends nothing', async () => {
    const { send, wait } = await armWithGroup({ behaviours: { networkOverlap: 'supersedes' } })
    const first = await send('PUT', hub, networkBody())
    expect((await send('PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.9.0.0/24' } })).status).toBe(400)
    expect((await send('DELETE', hub)).status).toBe(429)
    await wait(10)
    expect((await send('GET', operationOf(first))).body).toEqual({ status: 'Succeeded' })
  })

  ours('NET-25 is taken beside it', async () => {
    const { send, wait } = await armWithGroup({ behaviours: { networkOverlap: 'works' } })
    const first = await send('PUT', hub, networkBody())
    const second = await send('PUT', `${hub}/subnets/a`, subnetBody)
    await wait(10)
    for (const one of [first, second]) expect((await send('GET', operationOf(one))).body).toEqual({ status: 'Succeeded' })
  })
})

describe('resources that are Updating when their operation is done', () => {
  ours('NET-26 goes on saying so for a while, and takes no private endpoint meanwhile', async () => {
    const client = await armWithTarget()
    await client.control('PATCH', 'behaviours', { networkUpdateTailMs: 8000 })
    const poll = operationOf(await client.send('PUT', endpointSubnet, { properties: { addressPrefix: '10.0.1.0/27' } }))
    await client.wait(4)
    expect((await client.send('GET', poll)).body).toEqual({ status: 'Succeeded' })
    expect([await state(client, endpointSubnet), await state(client, hub)]).toEqual(['Updating', 'Updating'])
    const early = await client.send('PUT', endpoint, endpointBody())
    expect([early.status, detail(early)?.['code']]).toEqual([429, 'ReferencedResourceNotProvisioned'])
    await client.wait(8)
    expect([await state(client, endpointSubnet), await state(client, hub)]).toEqual(['Succeeded', 'Succeeded'])
    expect((await client.send('PUT', endpoint, endpointBody())).status).toBe(201)
  })
})

describe('a PUT under a precondition', () => {
  test('NET-34 is refused when the etag is another by now, and names both', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, networkBody())
    await done('PUT', `${hub}/subnets/a`, subnetBody)
    const put = (path: string, body: Json, etag: string) => done('PUT', path, body, { headers: { 'if-match': etag } })
    const space = { addressPrefixes: ['10.0.0.0/16', '10.1.0.0/16'] }
    for (const [path, body] of [
      [hub, { location: 'eastus2', properties: { addressSpace: space, subnets: [{ name: 'a', ...subnetBody }] } }],
      [`${hub}/subnets/a`, { properties: { ...subnetBody.properties, privateEndpointNetworkPolicies: 'Enabled' } }]
    ] as const) {
      const { etag: old } = (await send('GET', path)).body
      expect((await put(path, body, '')).status).toBe(200)
      const { etag } = (await send('GET', path)).body
      expect(etag).not.toBe(old)
      const refused = await put(path, body, String(old))
      expect([refused.status, code(refused), message(refused)]).toEqual([412, 'PreconditionFailed', 'Precondition failed.'])
      expect(detail(refused)).toEqual({
        code: 'PreconditionFailedEtagMismatch',
        message: `Etag provided in if-match header ${old} does not match etag ${etag} of resource ${path} in NRP data store.`
      })
      expect((await put(path, body, String(etag))).status).toBe(200)
    }
  })

  ours('NET-35 goes through whatever it says', async () => {
    const { done } = await armWithGroup({ behaviours: { networkIfMatch: 'ignored' } })
    await done('PUT', hub, networkBody())
    expect((await done('PUT', hub, networkBody('10.1.0.0/16'), { headers: { 'if-match': 'W/"of old"' } })).status).toBe(200)
  })
})
