import { describe, expect, test } from 'vitest'
import { ours } from './arm.ts'
import {
  armWithTarget,
  code,
  connectionOf,
  endpoint,
  endpointBody,
  endpointState,
  lockOn,
  message,
  propertiesOf,
  serverId,
  subnet,
  vnet
} from './endpoints.ts'

describe('locks', () => {
  test.each([
    ['ReadOnly', 'PUT', 'write'],
    ['CanNotDelete', 'DELETE', 'delete']
  ] as const)('PE-38 PE-39 %s on the target fails the operation of a %s', async (level, method, verb) => {
    const client = await armWithTarget()
    const { send, done } = client
    if (method === 'DELETE') await done('PUT', endpoint, endpointBody())
    await send('PUT', lockOn(serverId), { properties: { level } })
    const asked = await send(method, endpoint, method === 'PUT' ? endpointBody() : undefined)
    expect(asked.status).toBe(method === 'PUT' ? 201 : 202)
    await client.wait(60)
    const poll = await send('GET', asked.headers.get('azure-asyncoperation') ?? '')
    expect([poll.status, poll.body]).toMatchObject([200, { status: 'Failed', error: { code: 'ScopeLocked', details: [] } }])
    expect(poll.body['error']?.['message']).toMatch(
      new RegExp(
        `^Call to Microsoft.DBforPostgreSQL/flexibleServers failed. Error message: The scope '${serverId}/privateEndpointConnectionProxies/pe-gold[^']*' cannot perform ${verb} operation because following scope\\(s\\) are locked: '${serverId}'\\. Please remove the lock and try again\\.$`
      )
    )
    expect((await propertiesOf(client))?.['provisioningState']).toBe('Failed')
    await send('DELETE', lockOn(serverId))
    if (method === 'PUT') {
      await done('PUT', endpoint, endpointBody())
      expect(await endpointState(client)).toEqual({ status: 'Approved', description: 'Auto-Approved', actionsRequired: '' })
      expect((await propertiesOf(client))?.['customDnsConfigs']?.[0]).toMatchObject({ ipAddresses: ['10.0.1.4'] })
    } else {
      await done('DELETE', endpoint)
      expect((await send('GET', endpoint)).status).toBe(404)
    }
  })

  test.each([
    ['ReadOnly', 'PUT'],
    ['CanNotDelete', 'DELETE']
  ] as const)('LOCK-33 %s that lands on the target while a %s runs fails it', async (level, method) => {
    const client = await armWithTarget()
    const { send, done } = client
    if (method === 'DELETE') await done('PUT', endpoint, endpointBody())
    const asked = await send(method, endpoint, method === 'PUT' ? endpointBody() : undefined)
    await send('PUT', lockOn(serverId), { properties: { level } })
    await client.wait(60)
    const poll = await send('GET', asked.headers.get('azure-asyncoperation') ?? '')
    expect(poll.body).toMatchObject({ status: 'Failed', error: { code: 'ScopeLocked' } })
  })

  test('PE-39 a lock on the target holds no endpoint that has no connection there', async () => {
    const client = await armWithTarget()
    await client.done('PUT', endpoint, endpointBody())
    await client.done('DELETE', (await connectionOf(client)) ?? '')
    await client.send('PUT', lockOn(serverId), { properties: { level: 'CanNotDelete' } })
    expect((await client.done('DELETE', endpoint)).body).toEqual({ status: 'Succeeded' })
  })

  test('PE-40 CanNotDelete on target and network is in the way of no create', async () => {
    const { send, done } = await armWithTarget()
    await send('PUT', lockOn(serverId), { properties: { level: 'CanNotDelete' } })
    await send('PUT', lockOn(vnet), { properties: { level: 'CanNotDelete' } })
    expect((await done('PUT', endpoint, endpointBody())).body).toEqual({ status: 'Succeeded' })
    await send('DELETE', lockOn(serverId))
    await send('DELETE', lockOn(vnet))
  })

  test('PE-41 ReadOnly on the network refuses new endpoints', async () => {
    const { send } = await armWithTarget()
    await send('PUT', lockOn(vnet), { properties: { level: 'ReadOnly' } })
    const refused = await send('PUT', endpoint, endpointBody())
    expect([refused.status, code(refused)]).toEqual([409, 'ScopeLocked'])
    expect(message(refused)).toBe(
      `The scope '${subnet}' cannot perform write operation because following scope(s) are locked: '${vnet}'. Please remove the lock and try again.`
    )
    await send('DELETE', lockOn(vnet))
  })

  ours('PE-41 unless that is switched off', async () => {
    const { send } = await armWithTarget({ behaviours: { readOnlySubnetRefusesEndpoints: false } })
    await send('PUT', lockOn(vnet), { properties: { level: 'ReadOnly' } })
    expect((await send('PUT', endpoint, endpointBody())).status).toBe(201)
  })
})
