import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/sandbox/json.ts'
import { armWithGroup, group } from './arm.ts'
import {
  armWithNetwork,
  armWithServer,
  child,
  code,
  delegated,
  endpointSubnet,
  failure,
  injected,
  properties,
  provider,
  type ServerParts,
  server,
  serverBody,
  serverId,
  zoneId
} from './servers.ts'

describe('a flexible server', () => {
  test('is accepted with its operation and is there, provisioning, at once', async () => {
    const { send } = await armWithGroup()
    const put = await send('PUT', server, serverBody())
    expect([put.status, put.headers.get('retry-after')]).toEqual([202, '60'])
    expect(put.body).toEqual({ operation: 'UpsertServerManagementOperationV2', startTime: expect.any(String) })
    expect(put.headers.get('azure-asyncoperation')).toContain('/locations/eastus2/azureAsyncOperation/')
    const got = await send('GET', server)
    expect(got.body['properties']).toMatchObject({ state: 'Provisioning', highAvailability: { mode: 'Disabled', state: '' } })
  })

  test('settled, it has what Azure adds and not what Azure never returns', async () => {
    const client = await armWithServer()
    const got = await client.send('GET', server)
    expect(got.body).toEqual({
      id: serverId,
      name: 'orders',
      type: 'Microsoft.DBforPostgreSQL/flexibleServers',
      location: 'East US 2',
      sku: { name: 'Standard_D2ds_v4', tier: 'GeneralPurpose' },
      systemData: { createdAt: expect.stringMatching(/^\d{4}-.*Z$/) },
      properties: {
        replica: { role: 'Primary', capacity: 5 },
        storage: { type: '', iops: 500, tier: 'P10', storageSizeGB: 128, autoGrow: 'Disabled' },
        network: { publicNetworkAccess: 'Enabled' },
        privateEndpointConnections: [],
        dataEncryption: { type: 'SystemManaged' },
        authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled' },
        fullyQualifiedDomainName: 'orders.postgres.database.azure.com',
        version: '17',
        minorVersion: '7',
        administratorLogin: 'dba',
        state: 'Ready',
        availabilityZone: expect.stringMatching(/^[123]$/),
        backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' },
        highAvailability: { mode: 'Disabled', state: 'NotEnabled' },
        maintenanceWindow: { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 },
        replicationRole: 'Primary',
        replicaCapacity: 5
      }
    })
    await client.wait(600)
    expect((await properties(client))?.['backup']?.['earliestRestoreDate']).toMatch(/\.\d{6}\+00:00$/)
    const list = await client.send('GET', provider('flexibleServers'))
    expect(list.body['value']).toMatchObject([{ name: 'orders', location: 'East US 2' }])
  })

  test('answers in its own casing, and hides the login when there are no passwords', async () => {
    const client = await armWithServer({
      sku: { name: 'standard_e2ds_v4', tier: 'memoryoptimized' },
      storage: { storageSizeGB: 64, tier: 'p15' },
      authConfig: { activeDirectoryAuth: 'enabled', passwordAuth: 'disabled', tenantId: '' },
      network: { delegatedSubnetResourceId: '', privateDnsZoneArmResourceId: '' }
    })
    const got = await client.send('GET', server)
    expect(got.body['sku']).toEqual({ name: 'Standard_E2ds_v4', tier: 'MemoryOptimized' })
    expect(got.body['properties']).toMatchObject({
      storage: { tier: 'P15', iops: 1100 },
      authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled', tenantId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      network: { publicNetworkAccess: 'Enabled' }
    })
    expect(got.body['properties']).not.toHaveProperty('administratorLogin')
    expect(got.body['properties']?.['network']).not.toHaveProperty('delegatedSubnetResourceId')
  })

  test('a PATCH changes what it names; a maintenance window counts only there', async () => {
    const maintenanceWindow = { customWindow: 'enabled', dayOfWeek: 3, startHour: 2, startMinute: 30 }
    const client = await armWithServer({ maintenanceWindow })
    expect((await properties(client))?.['maintenanceWindow']).toMatchObject({ customWindow: 'Disabled', dayOfWeek: 0 })
    const patch = await client.send('PATCH', server, { properties: { maintenanceWindow } })
    expect([patch.status, patch.body['operation']]).toEqual([202, 'UpsertMaintenanceWindowManagementOperation'])
    expect(await properties(client)).toMatchObject({ state: 'Updating', highAvailability: { state: '' } })
    await client.wait(60)
    await client.done('PATCH', server, { tags: { team: 'a' }, properties: { network: { publicNetworkAccess: 'Disabled' } } })
    const got = await client.send('GET', server)
    expect(got.body['tags']).toEqual({ team: 'a' })
    expect(got.body['properties']).toMatchObject({
      state: 'Ready',
      maintenanceWindow: { customWindow: 'Enabled', dayOfWeek: 3, startHour: 2, startMinute: 30 },
      network: { publicNetworkAccess: 'Disabled' },
      storage: { storageSizeGB: 128 }
    })
  })

  test('whether a PUT keeps what it leaves out is a switch', async () => {
    for (const [postgresPut, days] of [
      ['merges', 14],
      ['replaces', 7]
    ] as const) {
      const client = await armWithGroup({ behaviours: { postgresPut } })
      await client.done('PUT', server, serverBody({ backup: { backupRetentionDays: 14 } }))
      await client.done('PUT', server, serverBody())
      expect((await properties(client))?.['backup']).toMatchObject({ backupRetentionDays: days })
    }
  })

  test('a delete takes its children along', async () => {
    const { send, done } = await armWithServer()
    await done('PUT', child('firewallRules/office'), { properties: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' } })
    const removed = await send('DELETE', server)
    expect([removed.status, removed.headers.get('retry-after'), removed.body['operation']]).toEqual([
      202,
      '15',
      'DropServerManagementOperation'
    ])
    expect(removed.headers.get('location')).toContain('/locations/East%20US%202/operationResults/')
    await done('DELETE', server)
    expect(code(await send('GET', server))).toBe('ResourceNotFound')
    expect((await send('GET', child('firewallRules/office'))).status).toBe(404)
    expect((await send('DELETE', server)).status).toBe(204)
  })
})

describe('what is refused at once', () => {
  test.each([
    ['a weak password', { administratorLoginPassword: 'password' }, 'InvalidParameterValue'],
    ['no password', { administratorLoginPassword: null }, 'MissingRequiredParameter'],
    ['a reserved login', { administratorLogin: 'root' }, 'InvalidParameterValue'],
    ['a size that there is not', { storage: { storageSizeGB: 100 } }, 'InvalidParameterValue'],
    ['a tier below the size', { storage: { storageSizeGB: 128, tier: 'P4' } }, 'InvalidParameterValue'],
    [
      'public access together with a subnet',
      { network: { ...injected.network, publicNetworkAccess: 'Enabled' } },
      'ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration'
    ],
    [
      'a subnet without a delegation',
      { network: { ...injected.network, delegatedSubnetResourceId: endpointSubnet } },
      'InvalidParameterValue'
    ],
    [
      'a subnet that is not there',
      { network: { ...injected.network, delegatedSubnetResourceId: `${delegated}2` } },
      'InvalidParameterValue'
    ],
    ['a subnet without a zone', { network: { delegatedSubnetResourceId: delegated } }, 'MissingRequiredParameter']
  ])('%s', async (_what, parts: ServerParts, expected) => {
    const { send } = await armWithNetwork()
    const put = await send('PUT', server, serverBody(parts))
    expect([put.status, code(put)]).toEqual([400, expected])
    expect((await send('GET', server)).status).toBe(404)
  })

  test('what cannot be changed', async () => {
    const { send } = await armWithServer()
    const refused = async (change: Json) => code(await send('PATCH', server, { properties: change }))
    expect(await refused({ storage: { storageSizeGB: 64 } })).toBe('StorageSizeDecreaseNotAllowed')
    expect(await refused({ version: '16' })).toBe('ServerVersionDowngradeNotAllowed')
    expect(await refused({ administratorLogin: 'other' })).toBe('PropertyChangeNotAllowed')
    expect(await refused({ network: { delegatedSubnetResourceId: delegated } })).toBe('PropertyChangeNotAllowed')
  })
})

describe('what is accepted and then fails', () => {
  test.each([
    ['ServerEditionIncompatibleWithSkuSize', { sku: { name: 'Standard_B1ms', tier: 'GeneralPurpose' } }],
    ['', { sku: { name: 'Standard_B1ms', tier: 'Burstable' }, highAvailability: { mode: 'SameZone' } }],
    [
      'PrivateDnsZoneNameNotValid',
      { network: { ...injected.network, privateDnsZoneArmResourceId: zoneId.replace(/[^/]+$/, 'privatelink.example.com') } }
    ]
  ])('a create with %s', async (expected, parts: ServerParts) => {
    const { send, done } = await armWithNetwork()
    await done('PUT', zoneId.replace(/[^/]+$/, 'privatelink.example.com'), { location: 'global' })
    expect(failure(await done('PUT', server, serverBody(parts)))).toEqual(['Failed', expected])
    expect((await send('GET', server)).status).toBe(404)
  })

  test('a zone named after the server, found out after a minute', async () => {
    const { send, done, sandbox } = await armWithNetwork()
    const own = zoneId.replace(/[^/]+$/, 'Orders.postgres.database.azure.com')
    await done('PUT', own, { location: 'global' })
    const began = sandbox.clock.now()
    const failed = await done('PUT', server, serverBody({ network: { ...injected.network, privateDnsZoneArmResourceId: own } }))
    expect(failed.body['error']).toEqual({
      code: 'PrivateDnsZoneNameNotValid',
      message:
        'The Private DNS Zone name provided [Orders.postgres.database.azure.com] is not valid. It can not be server name plus zone suffix.'
    })
    expect(sandbox.clock.now() - began).toBe(60_000)
    expect((await send('GET', server)).status).toBe(404)
  })

  test('a name that another server has', async () => {
    const { send, done } = await armWithServer()
    const other = group.replace('rg-net', 'rg-other')
    await send('PUT', other, { location: 'eastus2' })
    expect(failure(await done('PUT', server.replace(group, other), serverBody()))).toEqual(['Failed', 'ServerNameAlreadyExists'])
  })

  test('a write while the server is busy, which works when it is sent again', async () => {
    const { send, done, wait } = await armWithServer()
    const rule = child('firewallRules/office')
    const body = { properties: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' } }
    await send('PATCH', server, { tags: { a: 'b' } })
    const polled = await done('PUT', rule, body)
    expect(failure(polled)).toEqual(['Failed', 'ServerIsBusy'])
    expect(polled.body['error']?.['message']).toBe(
      "Cannot complete operation while server 'orders' is busy processing another operation. Try again later."
    )
    expect(code(await send('GET', rule))).toBe('ResourceNotFound')
    await wait(60)
    expect((await done('PUT', rule, body)).body['status']).toBe('Succeeded')
    expect((await send('GET', rule)).status).toBe(200)
  })

  test('of two writes to children only the second; it keeps no third one waiting', async () => {
    const { send, wait } = await armWithServer()
    const polls: string[] = []
    for (const name of ['one', 'two']) {
      const put = await send('PUT', child(`databases/${name}`), { properties: {} })
      polls.push(put.headers.get('azure-asyncoperation') ?? '')
      await wait(5)
    }
    await wait(4)
    const third = await send('PUT', child('databases/three'), { properties: {} })
    await wait(10)
    const ends = await Promise.all([...polls, third.headers.get('azure-asyncoperation') ?? ''].map(poll => send('GET', poll)))
    expect(ends.map(one => one.body['status'])).toEqual(['Succeeded', 'Failed', 'Succeeded'])
  })

  test.each([
    ['ServerBusy', 'ServerBusy'],
    ['ProvisioningServerBusy', 'ProvisioningServerBusy'],
    ['emptyCode', '']
  ] as const)('the older errors of a busy server: %s', async (postgresBusy, expected) => {
    const { send, done } = await armWithGroup({ behaviours: { postgresBusy } })
    await send('PUT', server, serverBody())
    const ended = await done('PUT', child('databases/app'), { properties: {} })
    expect(failure(ended)).toEqual(['Failed', expected])
    expect(ended.body['error']?.['message']).toMatch(/busy/)
  })
})

describe('a server in a virtual network', () => {
  test('is closed to the public, has no connections, and keeps its subnet', async () => {
    const client = await armWithNetwork()
    const { send, done } = client
    expect((await done('PUT', server, serverBody(injected))).body['status']).toBe('Succeeded')
    const live = await properties(client)
    expect(live?.['network']).toEqual({ ...injected.network, publicNetworkAccess: 'Disabled' })
    expect(live).not.toHaveProperty('privateEndpointConnections')
    expect((await send('GET', child('privateLinkResources'))).body).toEqual({ value: [] })
    expect(code(await send('DELETE', delegated))).toBe('InUseSubnetCannotBeDeleted')
    const opened = await send('PATCH', server, { properties: { network: { publicNetworkAccess: 'Enabled' } } })
    expect(code(opened)).toBe('ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration')
    const endpoint = await send('PUT', `${group}/providers/Microsoft.Network/privateEndpoints/pe`, {
      location: 'eastus2',
      properties: {
        privateLinkServiceConnections: [{ name: 'c', properties: { privateLinkServiceId: serverId, groupIds: ['postgresqlServer'] } }],
        subnet: { id: endpointSubnet }
      }
    })
    expect([endpoint.status, code(endpoint)]).toEqual([400, 'PrivateEndpointFeatureNotSupportedOnServer'])
    await done('DELETE', server)
    expect((await done('DELETE', delegated)).status).not.toBe(400)
    expect((await send('GET', delegated)).status).toBe(404)
  })
})

describe('stop, start and restart', () => {
  test('change the state, and keep the server busy meanwhile', async () => {
    const client = await armWithServer()
    const stopped = await client.send('POST', child('stop'))
    expect([stopped.status, stopped.body['operation']]).toEqual([202, 'StopServerManagementOperation'])
    expect((await properties(client))?.['state']).toBe('Stopping')
    expect(failure(await client.done('PUT', child('databases/app'), { properties: {} }))).toEqual(['Failed', 'ServerIsBusy'])
    await client.wait(60)
    expect((await properties(client))?.['state']).toBe('Stopped')
    expect((await client.send('GET', stopped.headers.get('location') ?? '')).body).toEqual({
      properties: {},
      name: 'orders',
      type: 'PostgreSQL'
    })
    await client.done('POST', child('start'))
    await client.wait(60)
    expect((await properties(client))?.['state']).toBe('Ready')
  })
})

describe('functions', () => {
  test('a name is available until a server has it, and must be a name', async () => {
    const { send } = await armWithServer()
    const ask = async (name: string, path: string) =>
      (await send('POST', provider(path), { name, type: 'Microsoft.DBforPostgreSQL/flexibleServers' })).body
    expect(await ask('free', 'checkNameAvailability')).toEqual({
      name: 'free',
      type: 'Microsoft.DBforPostgreSQL/flexibleServers',
      nameAvailable: true,
      message: ''
    })
    expect(await ask('Orders_1', 'locations/eastus/checkNameAvailability')).toMatchObject({ nameAvailable: false, reason: 'Invalid' })
    expect(await ask('orders', 'locations/eastus/checkNameAvailability')).toMatchObject({ nameAvailable: false, reason: 'AlreadyExists' })
  })

  test('capabilities of a region', async () => {
    const { send } = await armWithGroup()
    const { body } = await send('GET', provider('locations/eastus/capabilities'))
    const editions = body['value']?.[0]?.['supportedServerEditions']
    expect(editions).toMatchObject([{ name: 'Burstable' }, { name: 'GeneralPurpose' }, { name: 'MemoryOptimized' }])
    expect(editions?.[1]?.['supportedServerSkus']?.[0]).toMatchObject({
      name: 'Standard_D2ds_v5',
      vCores: 2,
      supportedZones: ['1', '2', '3']
    })
  })
})
