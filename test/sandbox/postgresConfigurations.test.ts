import { describe, expect, test } from 'vitest'
import { accepted, armWithServer, child, code, failure, namesIn, serverId } from './servers.ts'

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
