import { describe, expect, test } from 'vitest'
import { ours } from './arm.ts'
import {
  accepted,
  armWithServer,
  child,
  code,
  entra,
  failure,
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

describe('configurations', () => {
  test.each([
    ['12', 'PGCHILD-08', 223 + 3],
    ['13', 'PGCHILD-08', 402 + 3],
    ['14', 'PGCHILD-26', 402 + 3],
    ['16', 'PGCHILD-08', 424 + 3],
    ['17', 'PGCHILD-26', 424 + 3]
  ])('of version %s: %s as many as were recorded', async (version, _sentence, count) => {
    const { send } = await armWithServer({ version })
    expect(namesIn(await send('GET', child('configurations')))).toHaveLength(count)
  })

  test('PGCHILD-08 PGCHILD-26 have the types, values and flags of the recorded ones', async () => {
    const { send } = await armWithServer({ version: '16' })
    const of = async (name: string) => (await send('GET', child(`configurations/${name}`))).body['properties'] as Record<string, unknown>
    expect(await of('log_connections')).toMatchObject({ dataType: 'Boolean', value: 'on', isReadOnly: false, isDynamicConfig: true })
    expect(await of('synchronous_commit')).toMatchObject({ allowedValues: 'local,remote_write,on,off', isReadOnly: true })
    expect(await of('archive_mode')).toMatchObject({ value: 'always', defaultValue: 'off', source: 'user-override', isReadOnly: true })
    expect(await of('pg_qs.query_capture_mode')).toMatchObject({ allowedValues: 'top,all,none', value: 'none' })
    expect(await of('index_tuning.mode')).toMatchObject({ allowedValues: 'off,report' })
    expect(String((await of('azure.extensions'))['allowedValues']).split(',')).toEqual(
      expect.arrayContaining(['hypopg', 'plpgsql', 'vector'])
    )
  })

  test('PGCHILD-07 are there from the start, with defaults', async () => {
    const { send } = await armWithServer()
    expect(namesIn(await send('GET', child('configurations')))).toContain('max_connections')
    expect((await send('GET', child('configurations/lock_timeout'))).body).toEqual({
      id: `${serverId}/configurations/lock_timeout`,
      name: 'lock_timeout',
      type: 'Microsoft.DBforPostgreSQL/flexibleServers/configurations',
      properties: {
        value: '0',
        description: 'Sets the maximum allowed duration (in milliseconds) of any wait for a lock. 0 turns this off.',
        defaultValue: '0',
        dataType: 'Integer',
        allowedValues: '0-2147483647',
        source: 'system-default',
        isDynamicConfig: true,
        isReadOnly: false,
        isConfigPendingRestart: false,
        unit: 'milliseconds',
        documentationLink: 'https://www.postgresql.org/docs/17/runtime-config-client.html#GUC-LOCK-TIMEOUT'
      }
    })
  })

  test('PGCHILD-09 PGCHILD-24 can be set by PUT and PATCH, and set back', async () => {
    const { send, done } = await armWithServer()
    const path = child('configurations/lock_timeout')
    const value = async () => {
      const { properties } = (await send('GET', path)).body as unknown as { properties: Record<string, unknown> }
      return [properties['value'], properties['source'], properties['isConfigPendingRestart']]
    }
    expect((await done('PUT', path, { properties: { value: '2000', source: 'user-override' } })).body['status']).toBe('Succeeded')
    expect(await value()).toEqual(['2000', 'user-override', false])
    await done('PATCH', path, { properties: { value: '3000', source: 'user-override' } })
    expect(await value()).toEqual(['3000', 'user-override', false])
    await done('PUT', path, { properties: { value: '0', source: 'system-default' } })
    expect(await value()).toEqual(['0', 'system-default', false])
    expect((await send('DELETE', path)).status).toBe(405)
  })

  test('PGCHILD-10 are set by operations of two names', async () => {
    const { send, wait } = await armWithServer()
    const path = `${serverId}/configurations/lock_timeout`
    const names: unknown[] = []
    for (const [method, version] of [
      ['PUT', '2025-08-01'],
      ['PATCH', '2024-11-01-preview'],
      ['PATCH', '2022-12-01']
    ] as const) {
      const answer = await send(method, path, { properties: { value: '7', source: 'user-override' } }, version)
      names.push([...accepted(answer)])
      await wait(60)
    }
    const orcas = 'UpdateOrcasServerParameterManagementOperation'
    expect(names).toEqual([
      [202, orcas, '10'],
      [202, orcas, '10'],
      [202, 'UpdateConfigurationManagementOperation', '10']
    ])
  })

  test('PGCHILD-14 a static one waits for a restart', async () => {
    const { send, done, wait } = await armWithServer()
    const path = child('configurations/max_connections')
    const pending = async () => (await send('GET', path)).body['properties']?.['isConfigPendingRestart']
    await done('PUT', path, { properties: { value: '100', source: 'user-override' } })
    expect(await pending()).toBe(true)
    await done('POST', child('restart'), {})
    await wait(60)
    expect(await pending()).toBe(false)
    expect((await send('GET', path)).body['properties']?.['value']).toBe('100')
  })

  test.each([
    ['a word where a number belongs', 'lock_timeout', 'soon', 'InvalidParameterValue'],
    ['a number out of range', 'max_connections', '3', 'InvalidParameterValue'],
    ['a range with negative ends', 'log_min_duration_statement', '-2', 'InvalidParameterValue'],
    ['a word that is not in the list', 'wal_level', 'minimal', 'InvalidParameterValue'],
    ['a member that is not in the set', 'azure.extensions', 'vector,plperlu', 'InvalidParameterValue'],
    ['anything for one that can only be read', 'fsync', 'off', 'OperationFailed']
  ])('PGCHILD-11 PGCHILD-13 %s fails in the operation', async (_what, name, value, expected) => {
    const { send, done } = await armWithServer()
    const path = child(`configurations/${name}`)
    const before = (await send('GET', path)).body
    expect(failure(await done('PUT', path, { properties: { value, source: 'user-override' } }))).toEqual(['Failed', expected])
    expect((await send('GET', path)).body).toEqual(before)
  })

  // The second half is set by the tests of Microsoft's own module for servers, avm/res/db-for-postgre-sql/flexible-server.
  test('PGCHILD-08 PGCHILD-26 take what users write', async () => {
    const wanted = {
      log_min_duration_statement: '-1',
      random_page_cost: '1.1',
      'pgaudit.log': 'all,-misc',
      timezone: 'Europe/Berlin',
      log_connections: 'off',
      log_disconnections: 'off',
      log_min_messages: 'INFO',
      autovacuum_naptime: '80',
      'pg_qs.query_capture_mode': 'TOP',
      'pgms_wait_sampling.query_capture_mode': 'ALL',
      'index_tuning.mode': 'REPORT',
      'azure.extensions': 'HYPOPG, plpgsql'
    }
    for (const version of ['16', '17']) {
      const { send, done } = await armWithServer({ version })
      for (const [name, value] of Object.entries(wanted)) {
        const path = child(`configurations/${name}`)
        expect([name, (await done('PUT', path, { properties: { value, source: 'user-override' } })).body['status']]).toEqual([
          name,
          'Succeeded'
        ])
        expect((await send('GET', path)).body['properties']?.['value']).toBe(value)
      }
      const fixed = await done('PUT', child('configurations/synchronous_commit'), { properties: { value: 'off', source: 'user-override' } })
      expect(failure(fixed)).toEqual(['Failed', 'OperationFailed'])
    }
  })

  test('PGCHILD-12 one that there is not, or not in this version, is not found', async () => {
    const { send } = await armWithServer({ version: '13' })
    for (const method of ['GET', 'PUT', 'PATCH'])
      for (const name of ['nonsense', 'idle_session_timeout']) {
        const answer = await send(method, child(`configurations/${name}`), method === 'GET' ? undefined : { properties: { value: '1' } })
        expect([answer.status, code(answer)]).toEqual([404, 'ResourceNotFound'])
      }
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
