import { describe, expect, test } from 'vitest'
import { type Arm, arm, armWithGroup, group, type Json, ours } from './arm.ts'
import {
  armWithFactory,
  armWithTarget,
  decideOn,
  endpointAt,
  endpointBody,
  endpoints,
  factory,
  factoryId,
  factoryName,
  message,
  missingText,
  namesIn,
  network,
  networkId,
  properties,
  refusalOf,
  sent,
  target,
  targetBody,
  targetConnections,
  targetHost,
  targetId
} from './dataFactories.ts'

const endpoint = endpointAt('gold')
const lock = `${targetId}/providers/Microsoft.Authorization/locks/hold`

const endpointState = async ({ send }: Arm, path = endpoint) => properties(await send('GET', path))['connectionState']?.['status']

async function armWithEndpoint(): Promise<Arm> {
  const client = await armWithTarget()
  await client.send('PUT', endpoint, endpointBody())
  await client.wait(180)
  return client
}

describe('a managed private endpoint', () => {
  test('MPE-01 MPE-02 MPE-03 is being provisioned after a PUT, with the id of the endpoint that Microsoft makes', async () => {
    const client = await armWithTarget()
    const put = await client.send('PUT', endpoint, { location: 'eastus2', ...endpointBody({ unheardOf: [1] }) })
    expect([put.status, put.headers.get('azure-asyncoperation'), put.headers.get('location')]).toEqual([200, null, null])
    const hidden =
      /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/vnet-[0-9a-f]{8}-eastus2-\d+-rg\/providers\/Microsoft\.Network\/privateEndpoints\//
    expect(put.body).toEqual({
      id: `${networkId}/managedprivateendpoints/gold`,
      name: 'gold',
      type: 'Microsoft.DataFactory/factories/managedvirtualnetworks/managedprivateendpoints',
      properties: {
        error: null,
        provisioningState: 'Provisioning',
        resourceId: expect.stringMatching(hidden),
        privateLinkResourceId: targetId,
        groupId: 'postgresqlServer',
        unheardOf: [1],
        fqdns: [],
        ipAddress: null,
        linkId: null,
        connectionState: { status: '', description: '', actionsRequired: '' }
      }
    })
    expect(`${properties(put)['resourceId']}`.split('/').at(-1)).toBe(`${factoryName.toLowerCase()}.gold`)
    expect(await targetConnections(client)).toEqual([])
    expect((await client.send('GET', endpoint)).body).toEqual(put.body)
  })

  ours('MPE-04 takes a minute at the least and three at the most', async () => {
    const client = await armWithTarget()
    await client.send('PUT', endpoint, endpointBody())
    await client.wait(59)
    expect(properties(await client.send('GET', endpoint))['provisioningState']).toBe('Provisioning')
    await client.wait(121)
    expect(properties(await client.send('GET', endpoint))['provisioningState']).toBe('Succeeded')
  })

  test('MPE-05 MPE-06 made, it waits at the server for the owner, who sees who asks', async () => {
    const client = await armWithEndpoint()
    const made = properties(await client.send('GET', endpoint))
    expect(made).toMatchObject({
      provisioningState: 'Succeeded',
      fqdns: [targetHost],
      connectionState: { status: 'Pending', actionsRequired: 'None' }
    })
    expect(await targetConnections(client)).toMatchObject([
      {
        properties: {
          privateEndpoint: { id: made['resourceId'] },
          privateLinkServiceConnectionState: { status: 'Pending', description: `Requested by DataFactory:${factoryName}, Name:gold` }
        }
      }
    ])
  })

  ours('MPE-06 it is never approved by itself', async () => {
    const client = await armWithEndpoint()
    await client.wait(86_400)
    expect(await endpointState(client)).toBe('Pending')
  })

  test('MPE-07 finds out minutes later what the owner has decided', async () => {
    const client = await armWithEndpoint()
    await decideOn(client, 'gold', 'Approved', 'go ahead')
    await client.wait(600)
    expect(properties(await client.send('GET', endpoint))['connectionState']).toEqual({
      status: 'Approved',
      description: 'go ahead',
      actionsRequired: 'None'
    })
    await decideOn(client, 'gold', 'Rejected', 'enough')
    await client.wait(600)
    expect(await endpointState(client)).toBe('Rejected')
  })

  ours('MPE-07 until then it shows what was so before, for as long as the switch says', async () => {
    const client = await armWithTarget({ behaviours: { approvalNoticedMs: [120_000, 120_000] } })
    await client.send('PUT', endpoint, endpointBody())
    await client.wait(180)
    await decideOn(client, 'gold', 'Approved', '')
    await client.wait(30)
    expect(await endpointState(client)).toBe('Pending')
    await client.wait(120)
    expect(await endpointState(client)).toBe('Approved')
  })

  test('MPE-08 is disconnected when the server goes', async () => {
    const client = await armWithEndpoint()
    await client.done('DELETE', target)
    await client.wait(600)
    expect(await endpointState(client)).toBe('Disconnected')
    expect((await client.send('DELETE', endpoint)).status).toBe(200)
  })

  test('MPE-09 MPE-10 DELETE is 200 at once; the endpoint and its connection go later', async () => {
    const client = await armWithEndpoint()
    expect((await client.send('DELETE', endpoint)).status).toBe(200)
    expect(namesIn(await client.send('GET', endpoints))).toEqual(['gold'])
    expect(await targetConnections(client)).toHaveLength(1)
    expect(refusalOf(await client.send('PUT', endpoint, endpointBody()))).toEqual([409, 'Conflict'])
    await client.wait(300)
    expect(namesIn(await client.send('GET', endpoints))).toEqual([])
    expect(await targetConnections(client)).toEqual([])
    expect((await client.send('DELETE', endpoint)).status).toBe(204)
  })

  test('MPE-11 one that is not there is a bad request', async () => {
    const { send } = await armWithFactory()
    const missing = await send('GET', endpoint)
    expect([...refusalOf(missing), message(missing)]).toEqual([400, 'BadRequest', missingText])
  })

  ours('MPE-11 MPE-25 or not found, and one that is there tells no endpoint, as the switches say', async () => {
    const { send } = await armWithTarget({ behaviours: { managedEndpointMissing: 'notFound', managedEndpointTold: false } })
    expect(refusalOf(await send('GET', endpoint))).toEqual([404, 'NotFound'])
    expect(properties(await send('PUT', endpoint, endpointBody()))).toMatchObject({ resourceId: null })
  })

  test('MPE-12 keeps what it was made with, and takes the body that was read', async () => {
    const client = await armWithEndpoint()
    const read = await client.send('GET', endpoint)
    const back = await client.send('PUT', endpoint, sent(read.body))
    expect([back.status, back.body]).toEqual([200, read.body])
    for (const change of [{ groupId: 'other' }, { privateLinkResourceId: `${targetId}2` }, { fqdns: ['other.contoso.net'] }])
      expect((await client.send('PUT', endpoint, endpointBody(change))).status).toBe(400)
    expect(await targetConnections(client)).toHaveLength(1)
  })

  test('MPE-13 has no etag, so that only If-Match with an asterisk can be met', async () => {
    const client = await armWithEndpoint()
    const put = (wanted: string) => client.send('PUT', endpoint, endpointBody(), { headers: { 'if-match': wanted } })
    expect((await client.send('GET', endpoint)).body).not.toHaveProperty('etag')
    expect([(await put('*')).status, (await put('"1"')).status]).toEqual([200, 412])
  })

  test.each(['-gold', 'gold-', 'x'.repeat(128)])('MPE-14 cannot be called %s', async name => {
    const { send } = await armWithFactory()
    expect((await send('PUT', endpointAt(name), endpointBody())).status).toBe(400)
  })

  test('MPE-15 says where it leads, and to which group', async () => {
    const { send } = await armWithFactory()
    expect((await send('PUT', endpoint, { properties: { groupId: 'postgresqlServer' } })).status).toBe(400)
    expect((await send('PUT', endpoint, { properties: { privateLinkResourceId: targetId } })).status).toBe(400)
    expect((await send('PUT', endpoint, endpointBody({ privateLinkResourceId: 'gold' }))).status).toBe(400)
    const elsewhere = await send('PUT', endpoint.replace('/default/', '/none/'), endpointBody())
    expect(refusalOf(elsewhere)).toEqual([404, 'ResourceNotFound'])
  })

  test('MPE-16 there is one at most to the same server', async () => {
    const client = await armWithEndpoint()
    const second = await client.send('PUT', endpointAt('second'), endpointBody())
    expect([...refusalOf(second), message(second)]).toEqual([
      400,
      'InvalidResourceRequest',
      "Invalid resource request. Resource type: 'ManagedPrivateEndpoint', Resource name: 'second' 'Error: A managed private endpoint to the data source already exist.'."
    ])
    expect(await targetConnections(client)).toHaveLength(1)
  })

  test('MPE-17 written again while it is being made, it connects once and in its own time', async () => {
    const client = await armWithTarget()
    await client.send('PUT', endpoint, endpointBody())
    expect(properties(await client.send('PUT', endpoint, endpointBody()))['provisioningState']).toBe('Provisioning')
    expect(await targetConnections(client)).toEqual([])
    await client.wait(180)
    expect(await targetConnections(client)).toHaveLength(1)
  })

  test.each([
    ['a server that is not there', { privateLinkResourceId: `${targetId}-none` }, 'ResourceNotFound'],
    ['a group that the server does not have', { groupId: 'blob' }, 'BadRequest']
  ])('MPE-18 fails with %s, and can be made anew', async (_what, change, expected) => {
    const client = await armWithTarget()
    expect((await client.send('PUT', endpoint, endpointBody(change))).status).toBe(200)
    await client.wait(180)
    expect(properties(await client.send('GET', endpoint))).toMatchObject({ provisioningState: 'Failed', error: { code: expected } })
    await client.send('DELETE', endpoint)
    await client.wait(300)
    await client.send('PUT', endpoint, endpointBody())
    await client.wait(180)
    expect(properties(await client.send('GET', endpoint))['provisioningState']).toBe('Succeeded')
  })

  ours('MPE-19 to a service that is not played here it is made, and waits for ever', async () => {
    const client = await armWithFactory()
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv`
    await client.send('PUT', endpoint, endpointBody({ privateLinkResourceId: vault, groupId: 'vault' }))
    await client.wait(1800)
    expect(properties(await client.send('GET', endpoint))).toMatchObject({
      provisioningState: 'Succeeded',
      connectionState: { status: 'Pending' }
    })
  })

  test('MPE-20 fails under a read-only lock on the server', async () => {
    const client = await armWithTarget()
    await client.send('PUT', lock, { properties: { level: 'ReadOnly' } })
    await client.send('PUT', endpoint, endpointBody())
    await client.wait(180)
    expect(properties(await client.send('GET', endpoint))).toMatchObject({ provisioningState: 'Failed', error: { code: 'ScopeLocked' } })
    await client.send('DELETE', lock)
    await client.send('PUT', endpoint, endpointBody())
    await client.wait(180)
    expect(await endpointState(client)).toBe('Pending')
  })

  test('MPE-21 cannot be taken from a server under a lock', async () => {
    const client = await armWithEndpoint()
    await client.send('PUT', lock, { properties: { level: 'CanNotDelete' } })
    expect((await client.send('DELETE', endpoint)).status).toBe(200)
    await client.wait(300)
    expect(properties(await client.send('GET', endpoint))).toMatchObject({ provisioningState: 'Failed', error: { code: 'ScopeLocked' } })
    expect(await targetConnections(client)).toHaveLength(1)
    await client.send('DELETE', lock)
  })

  test('MPE-22 goes with its factory, and its connection with it', async () => {
    const client = await armWithEndpoint()
    await client.send('DELETE', factory)
    expect(await targetConnections(client)).toEqual([])
  })

  ours.each([[false], [true]])(
    'MPE-23 seeded with its connection, it has the state of that one, whichever comes first (%s)',
    async reverse => {
      const resourceId = `/subscriptions/${'2'.repeat(8)}-2222-4222-8222-${'2'.repeat(12)}/resourceGroups/vnet-0-rg/providers/Microsoft.Network/privateEndpoints/x.gold`
      const privateLinkServiceConnectionState = { status: 'Approved', description: 'long ago' }
      const connection = `${targetId}/privateEndpointConnections/x.gold.1`
      const bodies: [string, Json][] = [
        [targetId, targetBody],
        [factoryId, { location: 'eastus2' }],
        [networkId, { properties: {} }],
        [`${networkId}/managedprivateendpoints/gold`, endpointBody({ resourceId })],
        [connection, { properties: { privateEndpoint: { id: resourceId }, privateLinkServiceConnectionState } }]
      ]
      const client = await arm({ seed: Object.fromEntries(reverse ? bodies.reverse() : bodies) })
      expect(properties(await client.send('GET', endpoint))).toMatchObject({
        provisioningState: 'Succeeded',
        resourceId,
        connectionState: { status: 'Approved', description: 'long ago' }
      })
      expect((await targetConnections(client)).map(one => one.id.split('/').at(-1))).toEqual(['x.gold.1'])
      await client.send('DELETE', endpoint)
      await client.wait(300)
      expect((await client.send('GET', connection)).status).toBe(404)
    }
  )

  ours('MPE-24 what is on its way arrives after a save and a load', async () => {
    const before = await armWithTarget()
    await before.send('PUT', endpoint, endpointBody())
    const state = sent(await before.control('GET', 'state'))
    const after = await armWithGroup()
    expect((await after.send('GET', network)).status).toBe(404)
    await after.control('PUT', 'state', state)
    await after.wait(180)
    expect(await endpointState(after)).toBe('Pending')
  })
})
