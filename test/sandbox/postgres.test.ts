import { describe, expect, test } from 'vitest'
import { armWithGroup, group, ours, unique } from './arm.ts'
import {
  accepted,
  armWithNetwork,
  armWithServer,
  child,
  code,
  failure,
  message,
  office,
  properties,
  provider,
  server,
  serverBody,
  serverId,
  serverName
} from './servers.ts'

describe('a write to a server', () => {
  test('PG-01 PG-03 PG-16 is accepted with its operation, and the server is there, provisioning, at once', async () => {
    const { send } = await armWithGroup()
    const put = await send('PUT', server, serverBody())
    expect(put.body).toEqual({ operation: 'UpsertServerManagementOperationV2', startTime: expect.stringMatching(/^\d{4}-.*Z$/) })
    expect(accepted(put)).toEqual([202, 'UpsertServerManagementOperationV2', '60'])
    expect(put.headers.get('azure-asyncoperation')).toContain('/locations/eastus2/azureAsyncOperation/')
    expect(put.headers.get('location')).toContain('/locations/eastus2/operationResults/')
    const got = await send('GET', server)
    expect(got.body['properties']).toMatchObject({ state: 'Provisioning', highAvailability: { mode: 'Disabled', state: '' } })
    expect(got.body['properties']).toMatchObject({ storage: { storageSizeGB: 128 }, authConfig: { passwordAuth: 'Enabled' } })
    const poll = await send('GET', put.headers.get('azure-asyncoperation') ?? '')
    expect(poll.body).toMatchObject({ status: 'InProgress', name: expect.any(String), startTime: expect.any(String) })
    expect(poll.headers.get('retry-after')).toBe('60')
  })

  test('PG-02 PG-06 PG-07 PG-10 PG-11 settled, it has what Azure adds and not what Azure never returns', async () => {
    const client = await armWithServer()
    const got = await client.send('GET', server)
    expect(got.headers.get('etag')).toBeNull()
    expect(got.body).toEqual({
      id: serverId,
      name: serverName,
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
        fullyQualifiedDomainName: `${serverName}.postgres.database.azure.com`,
        version: '17',
        minorVersion: expect.stringMatching(/^\d+$/),
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
    const list = await client.send('GET', provider('flexibleServers'))
    expect(list.body['value']).toMatchObject([{ name: serverName, location: 'East US 2' }])
  })

  test('PG-08 PG-17 PG-18 some members appear in time', async () => {
    const { send, wait } = await armWithGroup()
    await send('PUT', server, serverBody())
    const older = async () => (await send('GET', serverId, undefined, '2023-12-01-preview')).body['properties']?.['backup']
    const newer = async () => (await send('GET', server)).body['properties']
    expect(await newer()).not.toHaveProperty('minorVersion')
    expect(await older()).toHaveProperty('earliestRestoreDate')
    await wait(215)
    expect(await newer()).toMatchObject({ state: 'Provisioning', minorVersion: expect.any(String) })
    await wait(95)
    expect(await newer()).toMatchObject({ state: 'Ready' })
    expect((await newer())?.['backup']).not.toHaveProperty('earliestRestoreDate')
    await wait(60)
    const at = (await newer())?.['backup']?.['earliestRestoreDate']
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00$/)
    expect((await older())?.['earliestRestoreDate']).toBe(at)
  })

  test('PG-04 PG-19 PG-21 a PATCH changes what it names; a maintenance window counts only there', async () => {
    const maintenanceWindow = { customWindow: 'enabled', dayOfWeek: 3, startHour: 2, startMinute: 30 }
    const client = await armWithServer({ maintenanceWindow })
    expect((await properties(client))?.['maintenanceWindow']).toMatchObject({ customWindow: 'Disabled', dayOfWeek: 0 })
    const patch = await client.send('PATCH', server, { properties: { maintenanceWindow } })
    expect(accepted(patch)).toEqual([202, 'UpsertMaintenanceWindowManagementOperation', '60'])
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

  test('PG-20 a PUT keeps what it leaves out', async () => {
    const client = await armWithServer({ backup: { backupRetentionDays: 14 } })
    await client.done('PUT', server, serverBody())
    expect((await properties(client))?.['backup']).toMatchObject({ backupRetentionDays: 14 })
  })

  ours('a PUT that replaces is a switch', async () => {
    const client = await armWithServer({ backup: { backupRetentionDays: 14 } }, { behaviours: { postgresPut: 'replaces' } })
    await client.done('PUT', server, serverBody())
    expect((await properties(client))?.['backup']).toMatchObject({ backupRetentionDays: 7 })
  })

  test('PG-03 PG-05 PG-47 a delete takes its children along', async () => {
    const { send, done } = await armWithServer()
    await done('PUT', child('firewallRules/office'), office)
    const rule = await send('DELETE', child('firewallRules/office'))
    expect(rule.headers.get('location')).toContain('/locations/eastus2/operationResults/')
    await done('DELETE', child('firewallRules/office'))
    await done('PUT', child('firewallRules/office'), office)
    const removed = await send('DELETE', server)
    expect(accepted(removed)).toEqual([202, 'DropServerManagementOperation', '15'])
    expect(removed.headers.get('azure-asyncoperation')).toContain('/locations/East%20US%202/azureAsyncOperation/')
    expect(removed.headers.get('location')).toContain('/locations/East%20US%202/operationResults/')
    await done('DELETE', server)
    const result = await send('GET', removed.headers.get('location') ?? '')
    expect([result.status, result.text]).toEqual([200, ''])
    expect(code(await send('GET', server))).toBe('ResourceNotFound')
    expect((await send('GET', child('firewallRules/office'))).status).toBe(404)
    expect((await send('DELETE', server)).status).toBe(204)
  })
})

describe('the answers', () => {
  test('PG-12 PG-14 PG-15 PG-22 in its own casing, without a login where there are no passwords', async () => {
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

  test.each([
    [32, 'P4', 120],
    [64, 'P6', 240],
    [128, 'P10', 500],
    [256, 'P15', 1100]
  ])('PG-22 %i GB is %s with %i operations a second, and grows', async (storageSizeGB, tier, iops) => {
    const client = await armWithServer({ storage: { storageSizeGB } })
    expect((await properties(client))?.['storage']).toMatchObject({ tier, iops })
    await client.done('PATCH', server, { properties: { storage: { storageSizeGB: 512 } } })
    expect((await properties(client))?.['storage']).toMatchObject({ tier: 'P20', iops: 2300 })
  })

  test('PG-23 high availability picks a zone for the standby', async () => {
    const client = await armWithServer({ availabilityZone: '1', highAvailability: { mode: 'ZoneRedundant' } })
    expect(await properties(client)).toMatchObject({
      availabilityZone: '1',
      highAvailability: { mode: 'ZoneRedundant', state: 'Healthy', standbyAvailabilityZone: '2' },
      network: { publicNetworkAccess: 'Enabled' }
    })
  })

  ours('PG-24 a key in a vault is valid', async () => {
    const client = await armWithGroup()
    const reader = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`
    const key = {
      type: 'AzureKeyVault',
      primaryKeyURI: 'https://vault.example.com/keys/one/1',
      primaryUserAssignedIdentityId: reader
    }
    const identity = { type: 'UserAssigned', userAssignedIdentities: { [reader]: {} } }
    await client.done('PUT', server, { ...(serverBody({ dataEncryption: key }) as object), identity })
    expect((await properties(client))?.['dataEncryption']).toMatchObject({ type: 'AzureKeyVault', primaryEncryptionKeyStatus: 'Valid' })
  })

  ours('PG-45 with what means nothing here', async () => {
    const client = await armWithServer({ newerMember: { one: [1] }, storage: { storageSizeGB: 128, newer: true } })
    await client.done('PATCH', server, { plan: { name: 'p' }, properties: { another: 'b' } })
    const got = await client.send('GET', server)
    expect(got.body).toMatchObject({ plan: { name: 'p' } })
    expect(got.body['properties']).toMatchObject({ newerMember: { one: [1] }, another: 'b', storage: { newer: true, tier: 'P10' } })
  })

  test('PG-46 as a body that can be put back', async () => {
    const client = await armWithServer({ highAvailability: { mode: 'SameZone' }, backup: { backupRetentionDays: 9 } })
    const { body: before } = await client.send('GET', server)
    const put = await client.done('PUT', server, JSON.stringify(before))
    expect(put.body['status']).toBe('Succeeded')
    const { body: after } = await client.send('GET', server)
    const { earliestRestoreDate: _, ...backup } = after['properties']?.['backup'] ?? {}
    expect({ ...after, properties: { ...after['properties'], backup } }).toEqual(before)
  })
})

describe('operations', () => {
  test('PG-48 one that is not known, or was long ago, is not found', async () => {
    const { send, wait } = await armWithServer()
    const id = crypto.randomUUID()
    const unknown = await send('GET', provider(`locations/eastus2/azureAsyncOperation/${id}`))
    expect([unknown.status, code(unknown), message(unknown)]).toEqual([
      404,
      'OperationIdNotFound',
      `The operation with Id: '${id}' does not exist.`
    ])
    const patch = await send('PATCH', server, { tags: { a: 'b' } })
    await wait(60)
    const poll = patch.headers.get('azure-asyncoperation') ?? ''
    expect((await send('GET', poll)).body['status']).toBe('Succeeded')
    await wait(11 * 3600)
    expect(code(await send('GET', poll))).toBe('OperationIdNotFound')
  })

  test('PG-30 PG-33 a name that another server has fails in the operation', async () => {
    const { send, done } = await armWithServer()
    const other = server.replace(/resourceGroups\/[^/]+/, `resourceGroups/${unique('rg-other')}`)
    await send('PUT', other.replace(/\/providers.*/, ''), { location: 'eastus2' })
    expect(failure(await done('PUT', other, serverBody()))).toEqual(['Failed', 'ServerNameAlreadyExists'])
    expect((await send('GET', other)).status).toBe(404)
  })

  test.each([
    [
      'an edition that does not go with the size',
      { sku: { name: 'Standard_B1ms', tier: 'GeneralPurpose' } },
      'ServerEditionIncompatibleWithSkuSize',
      /^The requested server edition is incompatible with requested Sku Size\. Please refer https:/
    ],
    [
      'high availability of a burstable server',
      { sku: { name: 'Standard_B1ms', tier: 'Burstable' }, highAvailability: { mode: 'SameZone' } },
      '',
      new RegExp(`^High availiability not supported for burstable server \\[${serverName}\\]\\.$`)
    ]
  ])('PG-31 PG-32 PG-33 %s fails in the operation', async (_what, parts, expected, text) => {
    const { send, done } = await armWithNetwork()
    const ended = await done('PUT', server, serverBody(parts))
    expect([ended.status, ...failure(ended)]).toEqual([200, 'Failed', expected])
    expect(message(ended)).toMatch(text)
    expect((await send('GET', server)).status).toBe(404)
  })
})
