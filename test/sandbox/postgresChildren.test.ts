import { describe, expect, test } from 'vitest'
import { ours } from './arm.ts'
import {
  accepted,
  armWithServer,
  child,
  code,
  entra,
  message,
  namesIn,
  office,
  otherServer,
  refusalOf,
  server,
  serverId,
  serverName
} from './servers.ts'

const objectId = '8816a93c-dff7-45d0-8b64-4a2db756069b'

describe('firewall rules', () => {
  const rule = child('firewallRules/office')

  test('PGCHILD-01 PGCHILD-02 PGCHILD-23 PGCHILD-24 echo what was sent, once the operation is done', async () => {
    const { send, done, wait } = await armWithServer()
    const body = office
    const put = await send('PUT', rule, body)
    expect([put.status, put.body['operation'], put.headers.get('retry-after')]).toEqual([
      202,
      'UpsertServerFirewallRulesManagementOperation',
      '60'
    ])
    const missing = await send('GET', rule)
    expect([missing.status, missing.body['error']?.['message']]).toEqual([
      404,
      "The requested resource of type 'Microsoft.DBforPostgreSQL/flexibleServers' with name 'office' was not found."
    ])
    await wait(60)
    expect((await send('GET', rule)).body).toEqual({
      id: `${serverId}/firewallRules/office`,
      name: 'office',
      type: 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules',
      ...body
    })
    expect((await send('DELETE', rule)).body['operation']).toBe('DropServerFirewallRulesManagementOperation')
    await done('DELETE', rule)
    expect((await send('GET', rule)).status).toBe(404)
    expect((await send('DELETE', rule)).status).toBe(204)
  })

  test.each([
    ['no address', { startIpAddress: '203.0.113.1', endIpAddress: 'x' }],
    ['a range that goes backwards', { startIpAddress: '203.0.113.9', endIpAddress: '203.0.113.1' }],
    ['only one end', { startIpAddress: '203.0.113.9' }]
  ])('PGCHILD-03 %s is refused', async (_what, properties) => {
    const { send } = await armWithServer()
    expect(code(await send('PUT', rule, { properties }))).toBe('InvalidParameterValue')
  })

  test('PGCHILD-22 need a server, whatever is asked', async () => {
    const { send } = await armWithServer()
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const refused = await send(method, rule.replace(serverName, `${serverName}-none`), method === 'PUT' ? office : undefined)
      expect([...refusalOf(refused), refused.headers.get('x-ms-failure-cause')]).toEqual([404, 'ResourceNotFound', 'gateway'])
      expect(message(refused)).toContain(`'Microsoft.DBforPostgreSQL/flexibleServers/${serverName}-none'`)
    }
  })
})

describe('databases', () => {
  test('PGCHILD-04 PGCHILD-05 PGCHILD-06 have a charset in capitals and a collation, which stay', async () => {
    const { send, done } = await armWithServer()
    const app = child('databases/app')
    const put = await send('PUT', app, { properties: { charset: 'utf8' } })
    expect(accepted(put)).toEqual([202, 'UpsertServerDatabaseManagementOperation', '10'])
    await done('PUT', app, { properties: { charset: 'utf8' } })
    expect((await send('GET', app)).body['properties']).toEqual({ charset: 'UTF8', collation: 'en_US.utf8' })
    expect(code(await send('PUT', app, { properties: { charset: 'latin1' } }))).toBe('InvalidParameterValue')
    expect(namesIn(await send('GET', child('databases')))).toEqual(['app', 'azure_maintenance', 'azure_sys', 'postgres'])
    expect((await send('DELETE', child('databases/postgres'))).status).toBe(400)
    expect((await done('DELETE', app)).body).not.toMatchObject({ status: 'Failed' })
    expect((await send('GET', app)).body['error']).toMatchObject({
      code: 'ResourceNotFound',
      message: "The requested resource of type 'Microsoft.DBforPostgreSQL/flexibleServers/databases' with name 'app' was not found."
    })
  })
})

describe('administrators', () => {
  const path = child(`administrators/${objectId}`)
  const body = { properties: { principalName: 'dba-team', principalType: 'Group', tenantId: objectId } }

  test('PGCHILD-15 PGCHILD-24 answer with the name of the principal', async () => {
    const { send, done } = await armWithServer(entra)
    const put = await send('PUT', path, body)
    expect([put.body['operation'], put.headers.get('retry-after')]).toEqual(['UpsertAadAuthPrincipalManagementOperation', '60'])
    await done('PUT', path, body)
    expect((await send('GET', path)).status).toBe(200)
    expect((await send('GET', path)).body).toEqual({
      id: `${serverId}/administrators/${objectId}`,
      name: 'dba-team',
      type: 'Microsoft.DBforPostgreSQL/flexibleServers/administrators',
      properties: { principalType: 'Group', principalName: 'dba-team', objectId, tenantId: objectId }
    })
    expect((await send('DELETE', path)).headers.get('retry-after')).toBe('30')
  })

  test('PGCHILD-27 have the tenant of the subscription where none is sent', async () => {
    const { send, done } = await armWithServer(entra)
    await done('PUT', path, { properties: { principalName: 'dba-team', principalType: 'Group' } })
    const tenants = (await send('GET', '/subscriptions')).body['value'] as unknown as readonly { readonly tenantId: string }[]
    expect((await send('GET', path)).body['properties']).toMatchObject({ tenantId: tenants[0]?.tenantId })
  })

  test('PGCHILD-16 need Entra authentication', async () => {
    const { send } = await armWithServer()
    expect(code(await send('PUT', path, body))).toBe('AadAuthNotEnabled')
  })
})

describe('virtual endpoints', () => {
  const path = child('virtualendpoints/orders-ve')

  test('PGCHILD-17 PGCHILD-24 have a name to write to and one to read from', async () => {
    const { send, done } = await armWithServer()
    const body = { properties: { endpointType: 'ReadWrite', members: [serverName] } }
    expect(accepted(await send('PUT', path, body))).toEqual([202, 'VirtualEndpointCreateManagementOperation', '60'])
    await done('PUT', path, body)
    expect((await send('GET', path)).body).toEqual({
      id: `${serverId}/virtualendpoints/orders-ve`,
      name: 'orders-ve',
      type: 'Microsoft.DBforPostgreSQL/flexibleServers/virtualendpoints',
      properties: {
        endpointType: 'ReadWrite',
        members: [serverName],
        virtualEndpoints: ['orders-ve.writer.postgres.database.azure.com', 'orders-ve.reader.postgres.database.azure.com']
      }
    })
    expect(code(await send('PUT', path, { properties: { endpointType: 'Other', members: [serverName] } }))).toBe('InvalidParameterValue')
    await done('DELETE', path)
    expect((await send('GET', path)).status).toBe(404)
  })

  test('PGCHILD-32 PGCHILD-33 PGCHILD-34 follow the roles of the pair', async () => {
    const { send, done } = await armWithServer()
    const replica = otherServer('orders-replica')
    const of = (server: string): string => server.replace('?', '/virtualendpoints/orders-ve?')
    const to = (reader: string) => ({ properties: { endpointType: 'ReadWrite', members: [reader] } })
    expect(code(await send('PUT', path, to('orders-replica')))).toBe('InvalidParameterValue')
    await done('PUT', replica, { location: 'eastus2', properties: { createMode: 'Replica', sourceServerResourceId: serverId } })
    await done('PUT', path, to('orders-replica'))
    expect(code(await send('PUT', child('virtualendpoints/second'), to(serverName)))).toBe('VirtualEndpointLimitReached')
    const members = async (at: string) => (await send('GET', at)).body['properties']?.['members']
    expect(await members(path)).toEqual([serverName, 'orders-replica'])
    expect((await send('GET', of(replica))).status).toBe(400)
    expect((await send('PUT', of(replica), to('orders-replica'))).status).toBe(400)
    const promote = (role: string, promoteMode: string) => ({ properties: { replica: { role, promoteMode, promoteOption: 'Planned' } } })
    await done('PATCH', replica, promote('Primary', 'Switchover'))
    expect(await members(of(replica))).toEqual(['orders-replica', serverName])
    expect((await send('GET', path)).status).toBe(400)
    await done('PATCH', server, promote('None', 'Standalone'))
    expect(await members(of(replica))).toEqual(['orders-replica'])
    expect((await send('GET', path)).status).toBe(404)
  })

  test('PGCHILD-35 have a name of their own, which is not free at once', async () => {
    const { send, done, wait } = await armWithServer()
    const to = { properties: { endpointType: 'ReadWrite', members: [serverName] } }
    const free = async () =>
      (
        await send(
          'POST',
          `/subscriptions/${serverId.split('/')[2]}/providers/Microsoft.DBforPostgreSQL/checkNameAvailability?api-version=2024-08-01`,
          {
            name: 'orders-ve',
            type: 'Microsoft.DBforPostgreSQL/flexibleServers/virtualendpoints'
          }
        )
      ).body['nameAvailable']
    expect(await free()).toBe(true)
    await done('PUT', path, to)
    expect(await free()).toBe(false)
    await done('DELETE', path)
    expect((await done('PUT', path, to)).body['error']).toMatchObject({ code: 'VirtualEndpointNameAlreadyExists' })
    await wait(120)
    expect((await done('PUT', path, to)).body['status']).toBe('Succeeded')
  })
})

describe('replicas and threat protection', () => {
  test('PGCHILD-20 the replicas of a server are listed in a thin form, as az 2.87 saw it', async () => {
    const { send, done } = await armWithServer()
    expect((await send('GET', child('replicas'))).body).toEqual({ value: [] })
    const replica = otherServer('orders-replica')
    await done('PUT', replica, { location: 'eastus2', properties: { createMode: 'Replica', sourceServerResourceId: serverId } })
    const { body } = await send('GET', replica)
    const thin = {
      sku: { name: '' },
      systemData: { createdAt: expect.any(String) },
      properties: {
        replica: { role: 'AsyncReplica', replicationState: 'Active' },
        storage: { storageSizeGB: 0, autoGrow: 'Disabled' },
        network: { publicNetworkAccess: 'Enabled' },
        dataEncryption: { type: 'SystemManaged' },
        state: 'Ready',
        sourceServerResourceId: serverId,
        backup: { geoRedundantBackup: 'Disabled' },
        maintenanceWindow: { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 },
        replicationRole: 'AsyncReplica'
      },
      location: 'eastus2',
      id: body['id'],
      name: body['name'],
      type: 'Microsoft.DBforPostgreSQL/flexibleServers'
    }
    expect((await send('GET', child('replicas'))).body).toEqual({ value: [thin] })
  })

  test('PGCHILD-21 PGCHILD-24 threat protection is off until it is turned on', async () => {
    const { send, done } = await armWithServer()
    const path = child('advancedThreatProtectionSettings/Default')
    expect((await send('GET', path)).body['properties']).toMatchObject({ state: 'Disabled' })
    const put = await send('PUT', path, { properties: { state: 'Enabled' } })
    expect([put.status, put.headers.get('retry-after')]).toEqual([202, '10'])
    await done('PUT', path, { properties: { state: 'Enabled' } })
    expect((await send('GET', path)).body['properties']).toMatchObject({ state: 'Enabled', creationTime: expect.any(String) })
    expect(namesIn(await send('GET', child('advancedThreatProtectionSettings')))).toEqual(['Default'])
  })
})

describe('a member that means nothing to the sandbox', () => {
  ours.each([
    ['firewallRules/office', office.properties],
    ['databases/app', { charset: 'UTF8' }],
    ['configurations/lock_timeout', { value: '1', source: 'user-override' }],
    [`administrators/${objectId}`, { principalName: 'dba', principalType: 'User', tenantId: objectId }],
    ['virtualendpoints/orders-ve', { endpointType: 'ReadWrite', members: [serverName] }],
    ['backups/one', {}],
    ['advancedThreatProtectionSettings/Default', { state: 'Enabled' }]
  ])('PG-45 is kept with %s', async (path, properties) => {
    const { send, done } = await armWithServer(entra)
    const theirs = { one: [1, { two: 2 }] }
    const ended = await done('PUT', child(path), { theirs, properties: { ...properties, theirs } })
    expect(ended.body['status']).toBe('Succeeded')
    const { body } = await send('GET', child(path))
    expect(body).toMatchObject({ theirs, properties: { ...properties, theirs } })
    expect((await done('PATCH', server, { tags: { a: 'b' } })).body['status']).toBe('Succeeded')
    expect((await send('GET', child(path))).body).toEqual(body)
  })
})
