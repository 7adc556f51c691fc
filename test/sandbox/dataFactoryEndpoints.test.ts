import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/sandbox/json.ts'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { type Arm, arm, group, type Reply } from './arm.ts'
import {
  actionAt,
  armWithFactory,
  decideOn,
  endpointAt,
  endpointBody,
  endpoints,
  factory,
  managedRuntime,
  namesIn,
  networkId,
  properties,
  runtimeAt,
  sent,
  serviceAt,
  vaultConnections
} from './dataFactories.ts'
import { store, vault, vaultId } from './vaults.ts'

const code = ({ body }: Reply): unknown => body?.['error']?.['code']
const endpoint = endpointAt('gold')
const endpointState = async ({ send }: Arm): Promise<unknown> => properties(await send('GET', endpoint))['connectionState']?.['status']

const serverBody = {
  location: 'eastus2',
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: { version: '16', administratorLogin: 'adm', network: { publicNetworkAccess: 'Disabled' }, storage: { storageSizeGB: 128 } }
}

async function armWithEndpoint(options: SandboxOptions = {}): Promise<Arm> {
  const client = await armWithFactory(options)
  await client.send('PUT', endpoint, endpointBody())
  await client.wait(180)
  return client
}

describe('a managed private endpoint', () => {
  test('is being provisioned after a PUT, with the id of the endpoint that Microsoft makes', async () => {
    const client = await armWithFactory()
    const put = await client.send('PUT', endpoint, endpointBody())
    expect([put.status, put.headers.get('azure-asyncoperation'), put.headers.get('location')]).toEqual([200, null, null])
    expect(put.body).toEqual({
      id: `${networkId}/managedprivateendpoints/gold`,
      name: 'gold',
      type: 'Microsoft.DataFactory/factories/managedvirtualnetworks/managedprivateendpoints',
      properties: {
        error: null,
        provisioningState: 'Provisioning',
        resourceId: expect.stringMatching(
          /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/vnet-[0-9a-f]{8}-eastus2-\d{3}-rg\/providers\/Microsoft\.Network\/privateEndpoints\/sales-factory\.gold$/
        ),
        privateLinkResourceId: vaultId,
        groupId: 'vault',
        fqdns: [],
        ipAddress: null,
        linkId: null,
        connectionState: { status: '', description: '', actionsRequired: '' }
      }
    })
    await client.wait(59)
    expect(await vaultConnections(client)).toEqual([])
    expect((await client.send('GET', endpoint)).body).toEqual(put.body)
  })

  test('made, it waits at the target for the owner, who sees who asks', async () => {
    const client = await armWithEndpoint()
    const made = properties(await client.send('GET', endpoint))
    expect(made).toMatchObject({
      provisioningState: 'Succeeded',
      fqdns: ['gold.vault.contoso.net'],
      connectionState: { status: 'Pending', actionsRequired: 'None' }
    })
    expect(await vaultConnections(client)).toMatchObject([
      {
        properties: {
          privateEndpoint: { id: made['resourceId'] },
          privateLinkServiceConnectionState: { status: 'Pending', description: 'Requested by DataFactory:Sales-Factory, Name:gold' }
        }
      }
    ])
    await client.wait(86_400)
    expect(await endpointState(client)).toBe('Pending')
  })

  test('finds out minutes later what the owner has decided', async () => {
    const client = await armWithEndpoint()
    await decideOn(client, 'gold', 'Approved', 'go ahead')
    await client.wait(30)
    expect(await endpointState(client)).toBe('Pending')
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

  test('is disconnected when the target goes', async () => {
    const client = await armWithEndpoint()
    await client.done('DELETE', vault)
    expect(await endpointState(client)).toBe('Pending')
    await client.wait(600)
    expect(await endpointState(client)).toBe('Disconnected')
    expect((await client.send('DELETE', endpoint)).status).toBe(200)
  })

  test('DELETE is 200 at once; the endpoint and its connection go later', async () => {
    const client = await armWithEndpoint()
    expect((await client.send('DELETE', endpoint)).status).toBe(200)
    await client.wait(29)
    expect(namesIn(await client.send('GET', endpoints))).toEqual(['gold'])
    expect(await vaultConnections(client)).toHaveLength(1)
    expect((await client.send('PUT', endpoint, endpointBody())).status).toBe(409)
    await client.wait(300)
    expect(namesIn(await client.send('GET', endpoints))).toEqual([])
    expect(await vaultConnections(client)).toEqual([])
    expect((await client.send('DELETE', endpoint)).status).toBe(204)
  })

  test('one that is not there is a bad request, or not found', async () => {
    const { send } = await armWithFactory()
    const missing = await send('GET', endpoint)
    expect([missing.status, code(missing)]).toEqual([400, 'BadRequest'])
    const other = await armWithFactory({ behaviours: { managedEndpointMissing: 'notFound' } })
    const notFound = await other.send('GET', endpoint)
    expect([notFound.status, code(notFound)]).toEqual([404, 'NotFound'])
  })

  test('keeps what it was made with, and takes the body that was read', async () => {
    const client = await armWithEndpoint()
    const read = await client.send('GET', endpoint)
    const back = await client.send('PUT', endpoint, sent(read.body))
    expect([back.status, back.body]).toEqual([200, read.body])
    for (const change of [{ groupId: 'other' }, { privateLinkResourceId: `${vaultId}2` }, { fqdns: ['other.contoso.net'] }]) {
      expect((await client.send('PUT', endpoint, endpointBody(change))).status).toBe(400)
    }
    expect(await vaultConnections(client)).toHaveLength(1)
    expect((await client.send('PUT', endpointAt('-gold'), endpointBody())).status).toBe(400)
    expect((await client.send('PUT', endpointAt('silver'), { properties: { groupId: 'vault' } })).status).toBe(400)
  })

  test('written again while it is being made, it connects once and in its own time', async () => {
    const client = await armWithFactory()
    await client.send('PUT', endpoint, endpointBody())
    expect(properties(await client.send('PUT', endpoint, endpointBody()))['provisioningState']).toBe('Provisioning')
    expect(await vaultConnections(client)).toEqual([])
    await client.wait(180)
    expect(await vaultConnections(client)).toHaveLength(1)
  })

  test.each([
    ['a target that is not there', { privateLinkResourceId: `${vaultId}-none` }, 'ResourceNotFound'],
    ['a group that the target does not have', { groupId: 'blob' }, 'BadRequest']
  ])('fails with %s, and can be made anew', async (_what, change, expected) => {
    const client = await armWithFactory()
    expect((await client.send('PUT', endpoint, endpointBody(change))).status).toBe(200)
    await client.wait(180)
    expect(properties(await client.send('GET', endpoint))).toMatchObject({ provisioningState: 'Failed', error: { code: expected } })
    await client.send('DELETE', endpoint)
    await client.wait(300)
    await client.send('PUT', endpoint, endpointBody())
    await client.wait(180)
    expect(properties(await client.send('GET', endpoint))['provisioningState']).toBe('Succeeded')
  })

  test('fails under a read-only lock on the target', async () => {
    const client = await armWithFactory()
    const lock = `${vaultId}/providers/Microsoft.Authorization/locks/hold`
    await client.send('PUT', lock, { properties: { level: 'ReadOnly' } })
    await client.send('PUT', endpoint, endpointBody())
    await client.wait(180)
    expect(properties(await client.send('GET', endpoint))).toMatchObject({ provisioningState: 'Failed', error: { code: 'ScopeLocked' } })
    await client.send('DELETE', lock)
    await client.send('PUT', endpoint, endpointBody())
    await client.wait(180)
    expect(await endpointState(client)).toBe('Pending')
  })

  test('cannot be taken from a target under a lock', async () => {
    const client = await armWithEndpoint()
    const lock = `${vaultId}/providers/Microsoft.Authorization/locks/hold`
    await client.send('PUT', lock, { properties: { level: 'CanNotDelete' } })
    expect((await client.send('DELETE', endpoint)).status).toBe(200)
    await client.wait(300)
    expect(properties(await client.send('GET', endpoint))).toMatchObject({ provisioningState: 'Failed', error: { code: 'ScopeLocked' } })
    expect(await vaultConnections(client)).toHaveLength(1)
  })

  test('goes with its factory, and its connection with it', async () => {
    const client = await armWithEndpoint()
    await client.send('DELETE', factory)
    expect(await vaultConnections(client)).toEqual([])
  })

  test.each([[false], [true]])('seeded with its connection, it has the state of that one, whichever comes first (%s)', async reverse => {
    const resourceId = `/subscriptions/${'2'.repeat(8)}-2222-4222-8222-${'2'.repeat(12)}/resourceGroups/vnet-0-rg/providers/Microsoft.Network/privateEndpoints/x.gold`
    const privateLinkServiceConnectionState = { status: 'Approved', description: 'long ago' }
    const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-gold`
    const connection = `${server}/privateEndpointConnections/x.gold.1`
    const bodies: [string, JsonObject][] = [
      [server, serverBody],
      [factory.replace(/\?.*/, ''), { location: 'eastus2' }],
      [networkId, { properties: {} }],
      [
        `${networkId}/managedprivateendpoints/gold`,
        endpointBody({ privateLinkResourceId: server, groupId: 'postgresqlServer', resourceId })
      ],
      [connection, { properties: { privateEndpoint: { id: resourceId }, privateLinkServiceConnectionState } }]
    ]
    const client = arm({ seedBodies: Object.fromEntries(reverse ? bodies.reverse() : bodies) })
    expect(properties(await client.send('GET', endpoint))).toMatchObject({
      provisioningState: 'Succeeded',
      resourceId,
      connectionState: { status: 'Approved', description: 'long ago' }
    })
    const list = await client.send('GET', `${server}/privateEndpointConnections?api-version=2025-08-01`)
    expect(namesIn(list)).toEqual(['x.gold.1'])
    await client.send('DELETE', endpoint)
    await client.wait(300)
    expect((await client.send('GET', `${connection}?api-version=2025-08-01`)).status).toBe(404)
  })

  test('what is on its way arrives after a save and a load', async () => {
    const before = await armWithFactory()
    await before.send('PUT', endpoint, endpointBody())
    const state = JSON.parse(JSON.stringify(before.sandbox.exportState()))
    const after = arm({ state, providers: [store] })
    await after.wait(180)
    expect(await endpointState(after)).toBe('Pending')
  })
})

describe('testConnectivity', () => {
  const connectivity = actionAt(factory, 'testConnectivity')
  const runtime = runtimeAt('ir-vnet')
  const connectVia = { referenceName: 'ir-vnet', type: 'IntegrationRuntimeReference' }
  const typeProperties = {
    server: 'gold.vault.contoso.net',
    username: 'etl',
    database: 'sales',
    password: { type: 'SecureString', value: 's3cret' }
  }
  const service = (parts: JsonObject = {}): JsonObject => ({
    type: 'AzurePostgreSql',
    version: '2.0',
    connectVia,
    typeProperties: { ...typeProperties, ...parts }
  })

  /** Sends what GET answered, as the public tools do. */
  async function tried({ send }: Arm, properties: JsonObject = service()): Promise<unknown> {
    await send('PUT', serviceAt('pg'), { properties })
    const linkedService = sent((await send('GET', serviceAt('pg'))).body)
    const reply = await send('POST', connectivity, { linkedService })
    expect(reply.status).toBe(200)
    return reply.body['succeeded'] ? 'succeeded' : reply.body['errors']?.[0]?.['code']
  }

  async function ready(): Promise<Arm> {
    const client = await armWithEndpoint()
    await client.send('PUT', runtime, managedRuntime)
    await client.send('POST', actionAt(runtime, 'enableInteractiveQuery'), { autoTerminationMinutes: 60 })
    await decideOn(client, 'gold', 'Approved', '')
    await client.wait(660)
    return client
  }

  test('succeeds through a managed network when everything on the way is there', async () => {
    const client = await ready()
    expect(await tried(client)).toBe('succeeded')
    const connectionString = 'host=gold.vault.contoso.net;database=sales;uid=etl;password=s3cret'
    expect(await tried(client, { type: 'AzurePostgreSql', connectVia, typeProperties: { connectionString } })).toBe('succeeded')
  })

  test.each([
    ['the server', { server: 'tin.vault.contoso.net' }, 'UserErrorFailedToConnectToServer'],
    ['the database', { database: 'none' }, 'UserErrorDatabaseNotFound'],
    ['the user', { username: '' }, 'UserErrorInvalidUserNameOrPassword']
  ])('fails without %s', async (_what, parts, expected) => {
    expect(await tried(await ready(), service(parts))).toBe(expected)
  })

  test('fails before interactive authoring is on, with 400 or in the answer', async () => {
    const client = await armWithEndpoint()
    await client.send('PUT', runtime, managedRuntime)
    const refused = await client.send('POST', connectivity, { linkedService: { properties: service() } })
    expect([refused.status, code(refused)]).toEqual([400, 'InteractiveAuthoringNotEnabled'])
    const other = await armWithEndpoint({ behaviours: { testWithoutInteractiveAuthoring: 'failed' } })
    await other.send('PUT', runtime, managedRuntime)
    expect(await tried(other)).toBe('InteractiveAuthoringNotEnabled')
  })

  test('fails until the approval has come to both ends, and again when it is taken back', async () => {
    const client = await armWithEndpoint()
    await client.send('PUT', runtime, managedRuntime)
    await client.send('POST', actionAt(runtime, 'enableInteractiveQuery'), { autoTerminationMinutes: 60 })
    await client.wait(120)
    expect(await tried(client)).toBe('UserErrorFailedToConnectToServer')
    await decideOn(client, 'gold', 'Approved', '')
    expect(await tried(client)).toBe('UserErrorFailedToConnectToServer')
    await client.wait(600)
    expect(await tried(client)).toBe('succeeded')
    await decideOn(client, 'gold', 'Rejected', '')
    expect(await tried(client)).toBe('UserErrorFailedToConnectToServer')
  })

  test('outside a managed network it takes public access', async () => {
    const client = await ready()
    const outside = { type: 'AzurePostgreSql', typeProperties }
    expect(await tried(client, outside)).toBe('UserErrorFailedToConnectToServer')
    await client.done('PUT', vault, { location: 'eastus2', properties: { publicNetworkAccess: 'Enabled' } })
    expect(await tried(client, outside)).toBe('succeeded')
    await client.send('PUT', runtimeAt('self'), { properties: { type: 'SelfHosted' } })
    const self = { ...outside, connectVia: { ...connectVia, referenceName: 'self' } }
    expect(await tried(client, self)).toBe('SelfHostedIntegrationRuntimeOffline')
  })

  test('needs a linked service, a factory, and no read-only lock', async () => {
    const { send } = await armWithFactory()
    expect((await send('POST', connectivity, {})).status).toBe(400)
    expect((await send('POST', connectivity.replace('Sales-Factory', 'none'), {})).status).toBe(404)
    await send('PUT', `${group}/providers/Microsoft.Authorization/locks/hold`, { properties: { level: 'ReadOnly' } })
    expect(code(await send('POST', connectivity, { linkedService: { properties: service() } }))).toBe('ScopeLocked')
  })
})
