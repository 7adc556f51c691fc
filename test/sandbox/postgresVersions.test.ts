import { describe, expect, test } from 'vitest'
import { armWithGroup } from './arm.ts'
import { armWithServer, code, properties, serverId, serverName } from './servers.ts'

describe('older api-versions', () => {
  const asOf = async (apiVersion: string) => {
    const { send } = await armWithServer()
    const { body } = await send('GET', serverId, undefined, apiVersion)
    return [...Object.keys(body), ...Object.keys(body['properties'] ?? {}), ...Object.keys(body['properties']?.['storage'] ?? {})]
  }
  const privateLink = ['privateEndpointConnections', 'replica', 'iops']
  const autoGrow = ['autoGrow']
  const system = ['systemData', 'authConfig', 'dataEncryption', 'replicationRole', 'replicaCapacity']

  test.each([
    ['2021-06-01', []],
    ['2022-12-01', system],
    ['2023-03-01-preview', [...system, ...autoGrow]],
    ['2023-06-01-preview', [...system, ...autoGrow, ...privateLink]],
    ['2024-03-20', [...system, ...autoGrow, ...privateLink]]
  ])('PG-27 PG-28 PG-29 %s shows what it knows of', async (apiVersion, known) => {
    const shown = await asOf(apiVersion)
    expect([...system, ...autoGrow, ...privateLink].filter(one => shown.includes(one)).sort()).toEqual([...known].sort())
  })

  test('PG-49 the previews of 2020 have their own names for the same things', async () => {
    const client = await armWithGroup()
    const sku = { name: 'Standard_D2s_v3', tier: 'GeneralPurpose' }
    const login = { administratorLogin: 'dba', administratorLoginPassword: 'correct-Horse-7' }
    const old = {
      version: '12',
      storageProfile: { backupRetentionDays: 8, storageMB: 65_536 },
      haEnabled: 'Disabled',
      createMode: 'Default'
    }
    const body = { location: 'eastus2', sku, properties: { ...login, ...old } }
    expect((await client.done('PUT', serverId, body, '2020-02-14-preview')).body['status']).toBe('Succeeded')
    expect((await client.send('GET', serverId, undefined, '2020-02-14-preview')).body).toEqual({
      id: serverId,
      name: serverName,
      type: 'Microsoft.DBforPostgreSQL/flexibleServers',
      location: 'East US 2',
      sku: { ...sku, capacity: 2 },
      properties: {
        fullyQualifiedDomainName: `${serverName}.postgres.database.azure.com`,
        version: '12',
        minorVersion: expect.any(String),
        standbyCount: 0,
        haEnabled: 'Disabled',
        administratorLogin: 'dba',
        publicNetworkAccess: 'Enabled',
        logBackupStorageSku: 'Standard_ZRS',
        haState: 'NotEnabled',
        state: 'Ready',
        availabilityZone: expect.stringMatching(/^[123]$/),
        storageProfile: { storageMB: 65_536, backupRetentionDays: 8, geoRedundantBackup: 'Disabled' },
        earliestRestoreDate: expect.stringMatching(/\+00:00$/),
        byokEnforcement: 'Disabled',
        maintenanceWindow: { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 }
      }
    })
    expect(await properties(client)).toMatchObject({ storage: { storageSizeGB: 64, tier: 'P6' }, backup: { backupRetentionDays: 8 } })
  })

  test('PG-29 one that is older than the service is refused', async () => {
    const { send } = await armWithGroup()
    const { status, body } = await send('GET', serverId, undefined, '2019-12-01')
    expect([status, body['error']?.['code']]).toEqual([400, 'NoRegisteredProviderFound'])
    expect(body['error']?.['message']).toContain('2021-06-01')
  })

  test('PG-27 the connections of a server cannot be asked for before', async () => {
    const { send } = await armWithServer()
    for (const path of ['privateEndpointConnections', 'privateLinkResources']) {
      const refused = await send('GET', `${serverId}/${path}`, undefined, '2022-12-01')
      expect([refused.status, code(refused)]).toEqual([400, 'NoRegisteredProviderFound'])
      expect((await send('GET', `${serverId}/${path}`, undefined, '2023-06-01-preview')).status).toBe(200)
    }
  })

  test('PG-26 public network access could only be read', async () => {
    const client = await armWithServer()
    const closed = { properties: { network: { publicNetworkAccess: 'Disabled' } } }
    await client.done('PATCH', serverId, closed, '2022-12-01')
    expect((await properties(client))?.['network']).toEqual({ publicNetworkAccess: 'Enabled' })
    await client.done('PATCH', serverId, closed, '2023-06-01-preview')
    expect((await properties(client))?.['network']).toEqual({ publicNetworkAccess: 'Disabled' })
  })

  test.each(['11', '13', '14', '15', '16', '18'])('PG-09 version %s has a minor one', async version => {
    const client = await armWithServer({ version })
    expect(await properties(client)).toMatchObject({ version, minorVersion: expect.stringMatching(/^\d+$/) })
  })
})
