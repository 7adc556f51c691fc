import { describe, expect, test } from 'vitest'
import { armWithServer, child, code, failure, serverId } from './servers.ts'

const objectId = '8816a93c-dff7-45d0-8b64-4a2db756069b'

describe('firewall rules', () => {
  const rule = child('firewallRules/office')

  test('echo what was sent, once the operation is done', async () => {
    const { send, done, wait } = await armWithServer()
    const body = { properties: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' } }
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
  ])('are refused with %s', async (_what, properties) => {
    const { send } = await armWithServer()
    expect(code(await send('PUT', rule, { properties }))).toBe('InvalidParameterValue')
  })

  test('need a server', async () => {
    const { send } = await armWithServer()
    const refused = await send('PUT', rule.replace('orders', 'nobody'), { properties: {} })
    expect([refused.status, code(refused)]).toEqual([404, 'ResourceNotFound'])
  })
})

describe('databases', () => {
  test('have a charset in capitals and a collation, which stay', async () => {
    const { send, done } = await armWithServer()
    const app = child('databases/app')
    const put = await send('PUT', app, { properties: { charset: 'utf8' } })
    expect(put.headers.get('retry-after')).toBe('10')
    await done('PUT', app, { properties: { charset: 'utf8' } })
    expect((await send('GET', app)).body['properties']).toEqual({ charset: 'UTF8', collation: 'en_US.utf8' })
    expect(code(await send('PUT', app, { properties: { charset: 'latin1' } }))).toBe('InvalidParameterValue')
    const list = (await send('GET', child('databases'))).body['value'] as unknown as { name: string }[]
    expect(list.map(one => one.name)).toEqual(['app', 'azure_maintenance', 'azure_sys', 'postgres'])
    expect((await send('DELETE', child('databases/postgres'))).status).toBe(400)
    expect((await done('DELETE', app)).body).not.toMatchObject({ status: 'Failed' })
    expect((await send('GET', app)).body['error']).toMatchObject({
      code: 'ResourceNotFound',
      message: "The requested resource of type 'Microsoft.DBforPostgreSQL/flexibleServers/databases' with name 'app' was not found."
    })
  })
})

describe('configurations', () => {
  test('are there from the start, with defaults', async () => {
    const { send } = await armWithServer()
    const list = (await send('GET', child('configurations'))).body['value'] as unknown as { name: string }[]
    expect(list.length).toBeGreaterThanOrEqual(40)
    expect(list.map(one => one.name)).toContain('max_connections')
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

  test('can be set by PUT and PATCH, and set back', async () => {
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

  test('a static one waits for a restart', async () => {
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
  ])('%s fails in the operation', async (_what, name, value, expected) => {
    const { send, done } = await armWithServer()
    const path = child(`configurations/${name}`)
    const before = (await send('GET', path)).body
    expect(failure(await done('PUT', path, { properties: { value, source: 'user-override' } }))).toEqual(['Failed', expected])
    expect((await send('GET', path)).body).toEqual(before)
  })

  test.each([
    ['log_min_duration_statement', '-1'],
    ['random_page_cost', '1.1'],
    ['azure.extensions', 'VECTOR, pg_trgm'],
    ['pgaudit.log', 'all,-misc'],
    ['timezone', 'Europe/Berlin']
  ])('%s takes %s', async (name, value) => {
    const { send, done } = await armWithServer()
    const path = child(`configurations/${name}`)
    expect((await done('PUT', path, { properties: { value, source: 'user-override' } })).body['status']).toBe('Succeeded')
    expect((await send('GET', path)).body['properties']?.['value']).toBe(value)
  })

  test('one that there is not, or not in this version, is not found', async () => {
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

  test('answer with the name of the principal', async () => {
    const { send, done } = await armWithServer({ authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Enabled' } })
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

  test('need Entra authentication, and a server that runs', async () => {
    const { send } = await armWithServer()
    expect(code(await send('PUT', path, body))).toBe('AadAuthNotEnabled')
    const other = await armWithServer({ authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Enabled' } })
    await other.done('POST', child('stop'))
    await other.wait(60)
    expect(failure(await other.done('PUT', path, body))).toEqual(['Failed', 'AadAuthOperationCannotBePerformedWhenServerIsNotAccessible'])
  })
})
