import { describe, expect, test } from 'vitest'
import type { Arm } from './arm.ts'
import { armWithServer, child, namesIn, otherServer, properties, refusalOf, server, serverId } from './servers.ts'

const replica = otherServer('orders-copy')
const copyOf = (source = serverId, more: object = {}) => ({
  location: 'eastus2',
  properties: { sourceServerResourceId: source, createMode: 'Replica', ...more }
})
const exchange = (promoteOption: 'Planned' | 'Forced') => ({
  properties: { replica: { role: 'Primary', promoteMode: 'Switchover', promoteOption } }
})
const write = async ({ send }: Arm, method: string, path: string, body: object): Promise<unknown> =>
  refusalOf(await send(method, path, body as never))

describe('a read replica', () => {
  test('PG-70 is refused where it or its source cannot be one, and so are changes that it or its source cannot take', async () => {
    const client = await armWithServer()
    await client.done('PUT', replica, copyOf())
    const ofReplica = copyOf(replica.split('?')[0])
    const small = copyOf(serverId, { storage: { storageSizeGB: 32 } })
    const high = { properties: { highAvailability: { mode: 'SameZone' } } }
    const grown = { properties: { storage: { storageSizeGB: 512 } } }
    const login = { properties: { administratorLoginPassword: 'Abcdefg-12345' } }
    const other = otherServer('orders-other')
    expect(await write(client, 'PUT', other, ofReplica)).toEqual([400, 'CascadingReplicaNotSupported'])
    expect(await write(client, 'PUT', other, small)).toEqual([400, 'ReplicaStorageSmallerThanSource'])
    expect(await write(client, 'PATCH', server, grown)).toEqual([400, 'ReplicaStorageSmallerThanSource'])
    expect(await write(client, 'PATCH', replica, login)).toEqual([400, 'OperationNotAllowedOnReplica'])
    expect(await write(client, 'PATCH', replica, high)).toEqual([400, 'HighAvailabilityNotSupportedOnReplica'])
    expect(await write(client, 'PATCH', server, { properties: { version: '18' } })).toEqual([
      400,
      'MajorVersionUpgradeNotSupportedWithReplicas'
    ])
    for (const one of [2, 3, 4, 5]) await client.done('PUT', otherServer(`orders-copy-${one}`), copyOf())
    expect(await write(client, 'PUT', other, copyOf())).toEqual([400, 'ReadReplicaLimitReached'])
  })

  test('PG-71 PG-74 a planned switchover wants two servers alike and a virtual endpoint, and ends high availability', async () => {
    const client = await armWithServer({ highAvailability: { mode: 'SameZone' } })
    await client.done('PUT', replica, copyOf())
    expect(await write(client, 'PATCH', replica, exchange('Planned'))).toEqual([400, 'VirtualEndpointRequired'])
    await client.done('PUT', child('virtualendpoints/orders-ve'), { properties: { endpointType: 'ReadWrite', members: ['orders-copy'] } })
    await client.done('PATCH', replica, { properties: { storage: { storageSizeGB: 256 } } })
    expect(await write(client, 'PATCH', replica, exchange('Planned'))).toEqual([400, 'ReplicaNotSymmetric'])
    await client.done('PATCH', replica, exchange('Forced'))
    expect(await properties(client)).toMatchObject({ replicationRole: 'AsyncReplica', highAvailability: { mode: 'Disabled' } })
    expect(await properties(client, replica)).toMatchObject({ replicationRole: 'Primary' })
  })

  test('PG-72 keeps its source busy while it is made', async () => {
    const client = await armWithServer()
    await client.send('PUT', replica, copyOf())
    const { body } = await client.done('PATCH', server, { properties: { backup: { backupRetentionDays: 9 } } })
    expect(body['error']).toMatchObject({ code: 'ServerIsBusy' })
  })

  test('PG-73 begins with the parameters of its source, and has its databases', async () => {
    const client = await armWithServer()
    await client.done('PUT', child('databases/shop'), { properties: {} })
    await client.done('PUT', child('configurations/work_mem'), { properties: { value: '8192', source: 'user-override' } })
    await client.done('PUT', replica, copyOf())
    const of = (path: string): string => replica.replace('?', `/${path}?`)
    expect(namesIn(await client.send('GET', of('databases')))).toContain('shop')
    expect((await client.send('GET', of('configurations/work_mem'))).body['properties']).toMatchObject({ value: '8192' })
  })
})
