import { describe, expect, test } from 'vitest'
import { type Arm, group, type Json, networks } from './arm.ts'
import {
  armWithFactory,
  code,
  cosmos,
  factory,
  factoryId,
  factoryName,
  missingText,
  namesIn,
  properties,
  refusalOf,
  sent
} from './dataFactories.ts'

const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/to-factory`
const connections = `${factoryId}/privateEndPointConnections`

const endpointBody = (
  groupId: string,
  list = 'manualPrivateLinkServiceConnections',
  more: { readonly [name: string]: Json } = {}
): Json => ({
  location: 'eastus2',
  properties: {
    subnet: { id: `${networks}/hub/subnets/endpoints` },
    [list]: [{ name: 'asked', properties: { privateLinkServiceId: factoryId, groupIds: [groupId], ...more } }]
  }
})

async function armWithConnection(): Promise<Arm & { readonly connection: string }> {
  const client = await armWithFactory()
  const subnets = [{ name: 'endpoints', properties: { addressPrefix: '10.0.0.0/28' } }]
  await client.done('PUT', `${networks}/hub`, {
    location: 'eastus2',
    properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, subnets }
  })
  await client.done('PUT', endpoint, endpointBody('dataFactory'))
  await client.wait(60)
  const [name] = namesIn(await client.send('GET', connections))
  return { ...client, connection: `${factoryId}/privateEndpointConnections/${name}` }
}

const decision = (status: string, description = ''): Json => ({
  properties: { privateLinkServiceConnectionState: { status, description } }
})

describe('a private endpoint that leads to a factory', () => {
  test('DF-20 DF-21 makes a connection there, named after the factory, with what the two providers know of each other', async () => {
    const { send, connection } = await armWithConnection()
    const got = await send('GET', connection)
    expect(connection.split('/').at(-1)).toMatch(new RegExp(`^${factoryName}\\.[0-9a-f-]{36}$`))
    expect(got.body).toEqual({
      id: connection.replace('privateEndpointConnections', 'privateendpointconnections'),
      name: connection.split('/').at(-1),
      type: 'Microsoft.DataFactory/factories/privateendpointconnections',
      properties: {
        provisioningState: 'Succeeded',
        privateEndpoint: { id: endpoint },
        privateLinkServiceConnectionState: { status: 'Pending', description: '', actionsRequired: 'None' },
        internalProperties: {
          nrpPlsResourceId: expect.stringContaining(`${endpoint}/privateLinkServiceProxies/to-factory.proxy.`),
          peConnectionProxyName: expect.stringMatching(/^to-factory\./),
          plsConnectionName: 'asked',
          groupId: 'dataFactory',
          connectionId: expect.any(String),
          privateIpAddress: expect.any(String),
          linkIdentifier: expect.stringMatching(/^\d+$/),
          requestDescription: '',
          operationId: expect.any(String)
        }
      },
      etag: expect.stringMatching(cosmos)
    })
  })

  test('DF-22 the answer to a decision has the etag of before it, the next GET the new one', async () => {
    const { send, connection } = await armWithConnection()
    const got = await send('GET', connection)
    const put = await send('PUT', connection, decision('Approved', 'Approved!'))
    expect([put.status, put.body['etag']]).toEqual([200, got.body['etag']])
    expect(properties(put)['privateLinkServiceConnectionState']).toEqual({
      status: 'Approved',
      description: 'Approved!',
      actionsRequired: 'None'
    })
    const after = await send('GET', connection)
    expect(after.body['etag']).not.toEqual(got.body['etag'])
    const rejected = await send('PUT', connection, sent(after.body))
    expect(rejected.body['etag']).toEqual(after.body['etag'])
    expect((await send('PUT', connection, decision('Rejected'))).status).toBe(200)
    expect(properties(await send('GET', endpoint))['manualPrivateLinkServiceConnections']).toMatchObject([
      { properties: { privateLinkServiceConnectionState: { status: 'Rejected' } } }
    ])
  })

  test('DF-23 DELETE is 200, after which it is a missing document', async () => {
    const { send, connection } = await armWithConnection()
    expect((await send('DELETE', connection)).status).toBe(200)
    const target = connection.replace('privateEndpointConnections', 'privateendpointconnections')
    const missing = await send('GET', connection)
    expect([missing.status, missing.body]).toEqual([404, { error: { code: 'NotFound', message: missingText, target, details: null } }])
    expect((await send('DELETE', connection)).status).toBe(204)
    expect(refusalOf(await send('PUT', connection, decision('Approved')))).toEqual([404, 'NotFound'])
  })

  test('DF-24 a decision says which, and an old etag is refused', async () => {
    const { send, connection } = await armWithConnection()
    const etag = `${(await send('GET', connection)).body['etag']}`
    expect((await send('PUT', connection, decision('Perhaps'))).status).toBe(400)
    await send('PUT', connection, decision('Approved'))
    const stale = await send('PUT', connection, decision('Rejected'), { headers: { 'if-match': etag } })
    expect(refusalOf(stale)).toEqual([412, 'PreconditionFailed'])
  })

  test('DF-25 leads to the service or to its portal, each with a zone of its own', async () => {
    const client = await armWithConnection()
    const offered = (await client.send('GET', `${factoryId}/privateLinkResources`)).body['value'] as unknown as {
      readonly properties: Json
    }[]
    expect(offered.map(one => one.properties)).toEqual([
      { groupId: 'dataFactory', requiredMembers: ['dataFactory'], requiredZoneNames: ['privatelink.datafactory.azure.net'] },
      { groupId: 'portal', requiredMembers: ['portal'], requiredZoneNames: ['privatelink.adf.azure.com'] }
    ])
    const portal = endpoint.replace('to-factory', 'to-portal')
    await client.done('PUT', portal, endpointBody('portal', 'privateLinkServiceConnections'))
    expect((await client.send('GET', portal)).status).toBe(200)
    expect(code(await client.send('PUT', portal.replace('portal', 'none'), endpointBody('vault')))).toBe('BadRequest')
  })

  test('DF-26 is disconnected when the factory goes', async () => {
    const { send, wait } = await armWithConnection()
    await send('DELETE', factory)
    await wait(60)
    expect(properties(await send('GET', endpoint))['manualPrivateLinkServiceConnections']).toMatchObject([
      { properties: { privateLinkServiceConnectionState: { status: 'Disconnected' } } }
    ])
  })
})
