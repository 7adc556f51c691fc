import { describe, expect, test } from 'vitest'
import { type Arm, type Beginning, group, type Json, ours } from './arm.ts'
import {
  actionAt,
  armWithFactory,
  armWithTarget,
  decideOn,
  endpointAt,
  endpointBody,
  factory,
  factoryName,
  managedRuntime,
  refusalOf,
  runtimeAt,
  sent,
  serviceAt,
  target,
  targetHost,
  targetName
} from './dataFactories.ts'

const connectivity = actionAt(factory, 'testConnectivity')
const runtime = runtimeAt('ir-vnet')
const connectVia = { referenceName: 'ir-vnet', type: 'IntegrationRuntimeReference' }
const typeProperties = { server: targetHost, username: 'etl', database: 'postgres', password: { type: 'SecureString', value: 's3cret' } }

const service = (parts: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } => ({
  type: 'AzurePostgreSql',
  version: '2.0',
  connectVia,
  typeProperties: { ...typeProperties, ...parts }
})

/** Sends what GET answered, as the public tools do. */
async function tried({ send }: Arm, properties: Json = service()): Promise<unknown> {
  await send('PUT', serviceAt('pg'), { properties })
  const linkedService = sent((await send('GET', serviceAt('pg'))).body)
  const reply = await send('POST', connectivity, { linkedService })
  expect(reply.status).toBe(200)
  return reply.body['succeeded'] ? 'succeeded' : reply.body['errors']?.[0]?.['code']
}

async function armWithEndpoint(beginning: Beginning = {}): Promise<Arm> {
  const client = await armWithTarget(beginning)
  await client.send('PUT', endpointAt('gold'), endpointBody())
  await client.wait(180)
  await client.send('PUT', runtime, managedRuntime)
  return client
}

async function ready(): Promise<Arm> {
  const client = await armWithEndpoint()
  await client.send('POST', actionAt(runtime, 'enableInteractiveQuery'), { autoTerminationMinutes: 60 })
  await decideOn(client, 'gold', 'Approved', '')
  await client.wait(660)
  return client
}

describe('testConnectivity', () => {
  test('TEST-01 succeeds through a managed network when everything on the way is there', async () => {
    const client = await ready()
    expect(await tried(client)).toBe('succeeded')
    const connectionString = `host=${targetHost};database=postgres;uid=etl;password=s3cret`
    expect(await tried(client, { type: 'AzurePostgreSql', connectVia, typeProperties: { connectionString } })).toBe('succeeded')
  })

  test.each([
    ['the server', { server: `tin-${targetName}.postgres.database.azure.com` }, 'UserErrorFailedToConnectToServer'],
    ['the database', { database: 'none' }, 'UserErrorDatabaseNotFound'],
    ['the user', { username: '' }, 'UserErrorInvalidUserNameOrPassword']
  ])('TEST-02 fails without %s', async (_what, parts, expected) => {
    expect(await tried(await ready(), service(parts))).toBe(expected)
  })

  test('TEST-07 fails without a role for a token, and with a password that the server does not take', async () => {
    const client = await ready()
    const byIdentity = service({ username: '', password: null, authenticationType: 'SystemAssignedManagedIdentity' })
    await client.send('PATCH', target, { properties: { authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Enabled' } } })
    await client.wait(300)
    expect(await tried(client, byIdentity)).toBe('UserErrorInvalidUserNameOrPassword')
    await client.control('PATCH', 'behaviours', { databaseRoles: { [targetName]: [factoryName] } })
    expect(await tried(client, byIdentity)).toBe('succeeded')
    const principal = { authenticationType: 'ServicePrincipal', username: 'etl', servicePrincipalKey: { type: 'SecureString', value: 'k' } }
    expect(await tried(client, service(principal))).toBe('UserErrorInvalidUserNameOrPassword')
  })

  test('TEST-03 fails with 400 before interactive authoring is on', async () => {
    const client = await armWithEndpoint()
    const refused = await client.send('POST', connectivity, { linkedService: { properties: service() } })
    expect(refusalOf(refused)).toEqual([400, 'InteractiveAuthoringNotEnabled'])
  })

  ours('TEST-03 or in the answer, as the switch says', async () => {
    expect(await tried(await armWithEndpoint({ behaviours: { testWithoutInteractiveAuthoring: 'failed' } }))).toBe(
      'InteractiveAuthoringNotEnabled'
    )
  })

  test('TEST-04 fails until the approval has come to both ends, and again when it is taken back', async () => {
    const client = await armWithEndpoint()
    await client.send('POST', actionAt(runtime, 'enableInteractiveQuery'), { autoTerminationMinutes: 60 })
    await client.wait(120)
    expect(await tried(client)).toBe('UserErrorFailedToConnectToServer')
    await decideOn(client, 'gold', 'Approved', '')
    await client.wait(600)
    expect(await tried(client)).toBe('succeeded')
    await decideOn(client, 'gold', 'Rejected', '')
    expect(await tried(client)).toBe('UserErrorFailedToConnectToServer')
  })

  test('TEST-05 outside a managed network it takes public access', async () => {
    const client = await armWithTarget()
    const outside = { type: 'AzurePostgreSql', typeProperties }
    expect(await tried(client, outside)).toBe('UserErrorFailedToConnectToServer')
    await client.done('PATCH', target, { properties: { network: { publicNetworkAccess: 'Enabled' } } })
    expect(await tried(client, outside)).toBe('succeeded')
    await client.send('PUT', runtimeAt('self'), { properties: { type: 'SelfHosted' } })
    const self = { ...outside, connectVia: { ...connectVia, referenceName: 'self' } }
    expect(await tried(client, self)).toBe('SelfHostedIntegrationRuntimeOffline')
  })

  test('TEST-06 needs a linked service, a factory, and no read-only lock', async () => {
    const { send } = await armWithFactory()
    expect((await send('POST', connectivity, {})).status).toBe(400)
    expect((await send('POST', connectivity.replace(factoryName, 'none'), {})).status).toBe(404)
    const lock = `${group}/providers/Microsoft.Authorization/locks/hold`
    await send('PUT', lock, { properties: { level: 'ReadOnly' } })
    expect(refusalOf(await send('POST', connectivity, { linkedService: { properties: service() } }))).toEqual([409, 'ScopeLocked'])
    await send('DELETE', lock)
  })
})
