import { describe, expect, test } from 'vitest'
import { group, ours } from './arm.ts'
import {
  accepted,
  armWithNetwork,
  armWithServer,
  child,
  code,
  endpointSubnet,
  entra,
  failure,
  message,
  namesIn,
  office,
  properties,
  refusalOf,
  server,
  serverBody,
  serverId,
  serverName
} from './servers.ts'

const objectId = '8816a93c-dff7-45d0-8b64-4a2db756069b'
const administrator = { properties: { principalName: 'dba-team', principalType: 'Group', tenantId: objectId } }
const member = { properties: { endpointType: 'ReadWrite', members: [serverName] } }

describe('a busy server', () => {
  test('PGBUSY-01 accepts a write whose operation fails, and a new one later works', async () => {
    const { send, done, wait } = await armWithServer()
    const rule = child('firewallRules/office')
    await send('PATCH', server, { tags: { a: 'b' } })
    const polled = await done('PUT', rule, office)
    expect([polled.status, ...failure(polled)]).toEqual([200, 'Failed', 'ServerIsBusy'])
    expect(message(polled)).toBe(
      `Cannot complete operation while server '${serverName}' is busy processing another operation. Try again later.`
    )
    expect(code(await send('GET', rule))).toBe('ResourceNotFound')
    await wait(60)
    expect((await done('PUT', rule, office)).body['status']).toBe('Succeeded')
    expect((await send('GET', rule)).status).toBe(200)
  })

  ours.each([
    [
      'ServerIsBusy',
      'ServerIsBusy',
      `Cannot complete operation while server '${serverName}' is busy processing another operation. Try again later.`
    ],
    ['ServerBusy', 'ServerBusy', `Server '${serverName}' is busy with another operation. Please try again later.`],
    ['ProvisioningServerBusy', 'ProvisioningServerBusy', `Server ${serverName} is busy with other operations. Please try later`],
    ['emptyCode', '', `Server ${serverName} is busy with other operations. Please try later`]
  ])('PGBUSY-02 says it in the words of its time: %s', async (postgresBusy, expected, text) => {
    const { send, done } = await armWithServer({}, { behaviours: { postgresBusy } })
    await send('PATCH', server, { tags: { a: 'b' } })
    const ended = await done('PUT', child('databases/app'), { properties: {} })
    expect([...failure(ended), message(ended)]).toEqual(['Failed', expected, text])
  })

  test('PGBUSY-03 neither goes nor stops', async () => {
    const client = await armWithServer()
    await client.send('PUT', child('firewallRules/office'), office)
    expect(failure(await client.done('POST', child('stop')))).toEqual(['Failed', 'ServerIsBusy'])
    await client.send('PUT', child('firewallRules/office'), office)
    expect(failure(await client.done('DELETE', server))).toEqual(['Failed', 'ServerIsBusy'])
    await client.wait(60)
    expect(await properties(client)).toMatchObject({ state: 'Ready' })
  })

  test('PGBUSY-04 of two writes to children the first works, and the second keeps no third one waiting', async () => {
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

  test('PGBUSY-05 takes private endpoints, which keep it from nothing', async () => {
    const { send, done } = await armWithNetwork()
    await done('PUT', server, serverBody())
    await send('PATCH', server, { tags: { a: 'b' } })
    const connection = { name: 'c', properties: { privateLinkServiceId: serverId, groupIds: ['postgresqlServer'] } }
    const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/pe-orders`
    const body = { location: 'eastus2', properties: { privateLinkServiceConnections: [connection], subnet: { id: endpointSubnet } } }
    expect((await done('PUT', endpoint, body)).body['status']).toBe('Succeeded')
    await done('PATCH', server, { tags: { a: 'c' } })
    await send('DELETE', endpoint)
    expect((await done('PUT', child('firewallRules/office'), office)).body['status']).toBe('Succeeded')
  })

  test('PGBUSY-06 is what a PUT that changes nothing makes of it', async () => {
    const client = await armWithServer()
    await client.send('PUT', server, serverBody())
    expect(await properties(client)).toMatchObject({ state: 'Updating' })
    expect(failure(await client.done('PUT', child('firewallRules/office'), office))).toEqual(['Failed', 'ServerIsBusy'])
  })

  test('PGBUSY-07 says of an administrator that it is not accessible', async () => {
    const { send, done } = await armWithServer(entra)
    await send('PATCH', server, { tags: { a: 'b' } })
    const ended = await done('PUT', child(`administrators/${objectId}`), administrator)
    expect(failure(ended)).toEqual(['Failed', 'AadAuthOperationCannotBePerformedWhenServerIsNotAccessible'])
    expect(message(ended)).toMatch(new RegExp(`^Server '${serverName}' is not in an accessible state to perform a Microsoft Entra`))
  })

  test('PGBUSY-08 says of a virtual endpoint that it is not ready', async () => {
    const { send, done } = await armWithServer()
    await send('PATCH', server, { tags: { a: 'b' } })
    const ended = await done('PUT', child('virtualendpoints/orders-ve'), member)
    expect(failure(ended)).toEqual(['Failed', 'VirtualEndpointOwnerServerNotInReadyState'])
  })

  ours('PGBUSY-08 and did so with an empty code', async () => {
    const { send, done } = await armWithServer({}, { behaviours: { postgresBusy: 'emptyCode' } })
    await send('PATCH', server, { tags: { a: 'b' } })
    const ended = await done('PUT', child('virtualendpoints/orders-ve'), member)
    expect([...failure(ended), message(ended)]).toEqual([
      'Failed',
      '',
      `Server ${serverName} should be in Ready state to create/update/drop virtual endpoint"`
    ])
  })

  test('PGBUSY-09 a backup gives way to the write that comes after it', async () => {
    const { send, done, wait } = await armWithServer()
    const backup = await send('PUT', child('backups/before'), {})
    expect((await done('PUT', child('databases/app'), { properties: {} })).body['status']).toBe('Succeeded')
    await wait(60)
    const ended = await send('GET', backup.headers.get('azure-asyncoperation') ?? '')
    expect(ended.body).toMatchObject({
      status: 'Canceled',
      error: { code: 'OperationCancelled', message: 'The operation has been cancelled by user.' }
    })
    expect((await send('GET', child('backups/before'))).status).toBe(404)
    expect((await done('PUT', child('backups/after'), {})).body['status']).toBe('Succeeded')
  })
})

describe('stop, start and restart', () => {
  test('PG-40 PG-41 change the state, and keep the server busy meanwhile', async () => {
    const client = await armWithServer()
    const stopped = await client.send('POST', child('stop'))
    expect(accepted(stopped)).toEqual([202, 'StopServerManagementOperation', '60'])
    expect(await properties(client)).toMatchObject({ state: 'Stopping' })
    expect(failure(await client.done('PUT', child('databases/app'), { properties: {} }))).toEqual(['Failed', 'ServerIsBusy'])
    await client.wait(60)
    expect(await properties(client)).toMatchObject({ state: 'Stopped' })
    expect((await client.send('GET', stopped.headers.get('location') ?? '')).body).toEqual({
      properties: {},
      name: serverName,
      type: 'PostgreSQL'
    })
    expect(accepted(await client.send('POST', child('start')))[1]).toBe('StartServerManagementOperation')
    expect(await properties(client)).toMatchObject({ state: 'Starting' })
    await client.wait(60)
    expect(await properties(client)).toMatchObject({ state: 'Ready' })
    expect(accepted(await client.send('POST', child('restart'), {}))[1]).toBe('RestartServerManagementOperation')
    expect(await properties(client)).toMatchObject({ state: 'Restarting' })
  })

  test('PG-42 need a server that is ready', async () => {
    const client = await armWithServer()
    await client.send('PATCH', server, { tags: { a: 'b' } })
    const ended = await client.done('POST', child('restart'), {})
    expect(failure(ended)).toEqual(['Failed', 'ServerIsNotReady'])
    expect(message(ended)).toBe(
      `Restart or Stop Server can only be performed on Started servers. Sever Name = ${serverName}, Current Server State = Updating`
    )
  })

  ours('PG-63 a restart whose operation fails is none', async () => {
    const fault = { method: 'POST', path: 'restart$', operation: { code: 'InternalServerError', message: 'once' } }
    const client = await armWithServer({}, { faults: [fault] })
    const static_ = child('configurations/max_connections')
    await client.done('PUT', static_, { properties: { value: '200', source: 'user-override' } })
    const pending = async () => [(await properties(client))?.['state'], (await properties(client, static_))?.['isConfigPendingRestart']]
    expect(failure(await client.done('POST', child('restart'), {}))).toEqual(['Failed', 'InternalServerError'])
    expect(await pending()).toEqual(['Ready', true])
    await client.wait(120)
    expect(await pending()).toEqual(['Ready', true])
    await client.done('POST', child('restart'), {})
    expect(await pending()).toEqual(['Ready', false])
  })

  test('PG-43 a stopped server shows itself and its rules, and nothing that is asked of its engine', async () => {
    const { send, done } = await armWithServer(entra)
    await done('PUT', child('firewallRules/office'), office)
    await done('POST', child('stop'))
    for (const path of ['databases', 'databases/postgres', 'configurations', 'configurations/lock_timeout', 'administrators', 'backups'])
      expect([path, ...refusalOf(await send('GET', child(path)))]).toEqual([path, 400, 'ServerStoppedError'])
    expect(namesIn(await send('GET', child('firewallRules')))).toEqual(['office'])
    expect((await send('GET', server)).body['properties']).toMatchObject({ state: 'Stopped' })
  })

  test('PG-44 PGBUSY-07 a stopped server takes no writes', async () => {
    const { send, done } = await armWithServer(entra)
    await done('POST', child('stop'))
    const refused = [
      await send('PATCH', server, { tags: { a: 'b' } }),
      await send('PUT', child('firewallRules/office'), office),
      await send('PUT', child('databases/app'), { properties: {} }),
      await send('PUT', child('configurations/lock_timeout'), { properties: { value: '1', source: 'user-override' } }),
      await send('PUT', child('backups/one'), {})
    ]
    for (const one of refused) expect(refusalOf(one)).toEqual([400, 'ServerStoppedError'])
    expect(failure(await done('PUT', child(`administrators/${objectId}`), administrator))).toEqual([
      'Failed',
      'AadAuthOperationCannotBePerformedWhenServerIsNotAccessible'
    ])
    expect((await done('DELETE', server)).body).not.toMatchObject({ status: 'Failed' })
    expect((await send('GET', server)).status).toBe(404)
  })
})
