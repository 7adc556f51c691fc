import { describe, expect, test } from 'vitest'
import { armWithGroup, type Body, group, ours, unique } from './arm.ts'
import {
  accepted,
  armWithServer,
  child,
  entra,
  namesIn,
  otherServer,
  properties,
  refusalOf,
  server,
  serverBody,
  serverId
} from './servers.ts'

describe('a server', () => {
  const reader = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`
  test('PG-50 PG-21 a key that takes the place of another is not known to be valid at first', async () => {
    const key = (version: number): { readonly [name: string]: string } => ({
      type: 'AzureKeyVault',
      primaryKeyURI: `https://vault.example.com/keys/one/${version}`,
      primaryUserAssignedIdentityId: reader
    })
    const client = await armWithGroup()
    const identity = { type: 'UserAssigned', userAssignedIdentities: { [reader]: {} } }
    await client.done('PUT', server, { ...(serverBody({ dataEncryption: key(1) }) as object), identity })
    expect((await client.done('PATCH', server, { properties: { dataEncryption: key(2) } })).body['status']).toBe('Succeeded')
    expect((await properties(client))?.['dataEncryption']).toEqual({ ...key(2), primaryEncryptionKeyStatus: 'Unknown' })
    await client.wait(1800)
    expect((await properties(client))?.['dataEncryption']).toEqual({ ...key(2), primaryEncryptionKeyStatus: 'Valid' })
  })

  test.each([
    ['2024-11-01-preview', {}, 'Disabled'],
    ['2024-11-01-preview', { network: { publicNetworkAccess: 'Enabled' } }, 'Enabled'],
    ['2024-08-01', {}, 'Enabled'],
    ['2025-08-01', {}, 'Enabled']
  ])('PG-25 PG-51 %s with %o', async (apiVersion, parts, publicNetworkAccess) => {
    const client = await armWithGroup()
    await client.done('PUT', serverId, serverBody(parts), apiVersion)
    expect((await properties(client))?.['network']).toEqual({ publicNetworkAccess })
  })

  ours('PG-56 a seeded server that no request could make', async () => {
    const seen = { version: '16', minorVersion: '99', state: 'Stopped', storage: { tier: 'P1' } }
    const backup = { backupRetentionDays: 3, earliestRestoreDate: '2024-11-15T07:16:17.3809378+00:00' }
    const sku = { name: 'Special_1', tier: 'Other' }
    const client = await armWithGroup({
      seed: { [serverId]: { location: 'East US 2', sku, properties: { ...seen, backup } } }
    })
    expect((await client.send('GET', server)).body).toMatchObject({ sku, properties: { ...seen, backup } })
  })
})

describe('a server that is made from another one', () => {
  test('PG-52 PG-53 what goes over from a server to one made from it', async () => {
    const client = await armWithServer({ backup: { backupRetentionDays: 17, geoRedundantBackup: 'Enabled' } })
    await client.done('PATCH', server, { tags: { keys: '3' }, identity: { type: 'SystemAssigned' } })
    await client.wait(900)
    const from = { location: 'eastus2', properties: { sourceServerResourceId: serverId } }
    const backup = { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' }
    const restored = otherServer('orders-then')
    await client.done('PUT', restored, { ...from, properties: { ...from.properties, createMode: 'PointInTimeRestore', backup } })
    const got = (await client.send('GET', restored)).body
    expect(got).toMatchObject({ tags: { keys: '3' }, properties: { backup: { backupRetentionDays: 17, geoRedundantBackup: 'Disabled' } } })
    const replica = otherServer('orders-copy')
    await client.done('PUT', replica, { ...from, properties: { ...from.properties, createMode: 'Replica' } })
    const copy = (await client.send('GET', replica)).body
    expect(copy['properties']).toMatchObject({ backup: { geoRedundantBackup: 'Disabled' } })
    expect(copy).not.toHaveProperty('identity')
  })

  const replica = otherServer('orders-copy')
  const other = otherServer('orders-copy-2')
  const copyOf = (createMode: string) => ({ location: 'eastus2', properties: { sourceServerResourceId: serverId, createMode } })

  test('PG-05 PG-57 PG-59 a server with a replica stays, until the replica stands alone', async () => {
    const client = await armWithServer()
    await client.done('PUT', replica, copyOf('Replica'))
    const refused = await client.send('DELETE', server)
    expect(refusalOf(refused)).toEqual([400, 'ReadReplicaServersExistForSourceServer'])
    expect(refused.headers.get('x-ms-failure-cause')).toBeNull()
    const alone = { properties: { replica: { role: 'None', promoteMode: 'Standalone', promoteOption: 'Planned' } } }
    const begun = await client.send('PATCH', replica, alone)
    expect(accepted(begun)).toEqual([202, 'PromoteReadReplicaManagementOperation', '60'])
    expect(begun.headers.get('azure-asyncoperation')).toContain('/locations/East%20US%202/')
    await client.wait(120)
    expect(await properties(client, replica)).toMatchObject({ replica: { role: 'Primary' } })
    expect(await properties(client, replica)).not.toHaveProperty('sourceServerResourceId')
    expect(namesIn(await client.send('GET', child('replicas')))).toEqual([])
    expect((await client.send('DELETE', server)).status).toBe(202)
  })

  test('PG-59 a switchover turns the roles round, and the other replica follows', async () => {
    const client = await armWithServer()
    await client.done('PUT', replica, copyOf('Replica'))
    await client.done('PUT', other, copyOf('Replica'))
    await client.done('PATCH', replica, {
      properties: { replica: { role: 'Primary', promoteMode: 'Switchover', promoteOption: 'Forced' } }
    })
    expect(namesIn(await client.send('GET', child('replicas')))).toEqual([])
    const roles = async () => Promise.all([server, replica, other].map(async path => (await properties(client, path))?.['replicationRole']))
    expect(await roles()).toEqual(['AsyncReplica', 'Primary', 'AsyncReplica'])
  })

  test('PGCHILD-30 PGCHILD-31 administrators are shared with replicas, and a promoted one keeps its own', async () => {
    const client = await armWithServer(entra)
    await client.done('PUT', replica, copyOf('Replica'))
    const objectId = '894ef8da-7971-4f68-972c-f561441eb329'
    const of = (path: string) => path.replace('?', `/administrators/${objectId}?`)
    const administrator = { properties: { principalName: 'aaa@foo.com', principalType: 'User' } }
    expect((await client.send('PUT', of(replica), administrator)).status).toBe(400)
    await client.done('PUT', of(server), administrator)
    const seen = (await client.send('GET', of(server))).body
    const there = { ...seen, id: seen['id']?.toString().replace(serverId, replica.split('?')[0] ?? '') }
    expect((await client.send('GET', of(replica))).body).toEqual(there)
    const listed = async () => (await client.send('GET', replica.replace('?', '/administrators?'))).body['value']
    expect(await listed()).toEqual([there])
    expect((await client.send('DELETE', of(replica))).status).toBe(400)
    await client.done('PATCH', replica, {
      properties: { replica: { role: 'Primary', promoteMode: 'Switchover', promoteOption: 'Forced' } }
    })
    expect(await listed()).toEqual([there])
    await client.done('DELETE', of(replica))
    expect([await listed(), (await client.send('GET', of(server))).status]).toEqual([[], 404])
  })

  test('PG-61 a standby is where the mode of high availability has it', async () => {
    const client = await armWithServer({ availabilityZone: '1', highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '3' } })
    const changed = async (mode: string) => {
      await client.done('PATCH', server, { properties: { highAvailability: { mode } } })
      return (await properties(client))?.['highAvailability']
    }
    expect(await changed('SameZone')).toEqual({ mode: 'SameZone', state: 'Healthy', standbyAvailabilityZone: '1' })
    expect(await changed('Disabled')).toEqual({ mode: 'Disabled', state: 'NotEnabled' })
    expect(await changed('ZoneRedundant')).toEqual({ mode: 'ZoneRedundant', state: 'Healthy', standbyAvailabilityZone: '3' })
  })

  test('PG-62 a replica can have replicas of its own in the newest version', async () => {
    const client = await armWithServer()
    await client.done('PUT', replica, copyOf('Replica'))
    const capacity = async (version: string) =>
      (await client.send('GET', replica.split('?')[0] ?? '', undefined, version)).body['properties']?.['replicaCapacity']
    expect([await capacity('2025-08-01'), await capacity('2026-04-01-preview')]).toEqual([0, 5])
  })

  test('PG-58 PG-60 a copy has no high availability, and a failover exchanges the zones', async () => {
    const zonal = { availabilityZone: '1', highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' } }
    const client = await armWithServer(zonal)
    await client.done('POST', child('restart'), { restartWithFailover: true, failoverMode: 'PlannedFailover' })
    expect(await properties(client)).toMatchObject({ availabilityZone: '2', highAvailability: { standbyAvailabilityZone: '1' } })
    await client.done('PUT', replica, copyOf('Replica'))
    expect(await properties(client, replica)).toMatchObject({ highAvailability: { mode: 'Disabled', state: 'NotEnabled' } })
  })

  test('PG-04 PG-54 PG-55 a server restored in another region, which has no zones', async () => {
    const client = await armWithServer({ backup: { geoRedundantBackup: 'Enabled' } })
    await client.wait(3600)
    const restored = otherServer('orders-far')
    const copy = { createMode: 'GeoRestore', sourceServerResourceId: serverId }
    const put = await client.send('PUT', restored, { location: 'westus', properties: copy })
    expect(accepted(put)[1]).toBe('RestoreSnapshotManagementOperation')
    await client.wait(600)
    const live = await properties(client, restored)
    expect(live?.['storage']).toEqual({ type: '', storageSizeGB: 128, autoGrow: 'Disabled' })
    expect(live).not.toHaveProperty('availabilityZone')
  })

  test('PG-04 PG-13 PG-37 a replica names its source, a restored server does not', async () => {
    const client = await armWithServer({ storage: { storageSizeGB: 64 } })
    const copy = { sourceServerResourceId: serverId }
    const replica = otherServer('orders-replica')
    const asReplica = { location: 'eastus2', properties: { ...copy, createMode: 'Replica' } }
    expect(accepted(await client.send('PUT', replica, asReplica))[1]).toBe('CreateReadReplicaManagementOperation')
    await client.wait(600)
    expect(await properties(client, replica)).toMatchObject({
      ...copy,
      replicationRole: 'AsyncReplica',
      replicaCapacity: 0,
      replica: { role: 'AsyncReplica', capacity: 0 },
      storage: { storageSizeGB: 64 }
    })
    const restored = otherServer('orders-restored')
    const asRestored = {
      location: 'eastus2',
      properties: { ...copy, createMode: 'PointInTimeRestore', pointInTimeUTC: '2026-01-01T00:00:00Z' }
    }
    expect(accepted(await client.send('PUT', restored, asRestored))[1]).toBe('RestoreSnapshotManagementOperation')
    await client.wait(600)
    const live = await properties(client, restored)
    expect(live).toMatchObject({ storage: { storageSizeGB: 64 }, replicationRole: 'Primary' })
    expect(Object.keys(live ?? {})).not.toEqual(expect.arrayContaining(['sourceServerResourceId']))
    expect(live).not.toHaveProperty('pointInTimeUTC')
    expect(accepted(await client.send('DELETE', replica))[1]).toBe('DropReadReplicaManagementOperation')
    expect(namesIn(await client.send('GET', child('replicas')))).toEqual([unique('orders-replica')])
  })
})

describe('backups', () => {
  test('PGCHILD-18 PGCHILD-24 are made on demand', async () => {
    const { send, done, wait } = await armWithServer()
    const path = child('backups/before-upgrade')
    expect(accepted(await send('PUT', path))).toEqual([202, 'SnapshotManagementOperation', '15'])
    await wait(60)
    expect((await send('GET', path)).body).toEqual({
      id: `${serverId}/backups/before-upgrade`,
      name: 'before-upgrade',
      type: 'Microsoft.DBforPostgreSQL/flexibleServers/backups',
      properties: {
        backupType: 'Customer On-Demand',
        source: 'Customer Initiated',
        completedTime: expect.stringMatching(/^\d{4}-.*\+00:00$/)
      }
    })
    expect(accepted(await send('DELETE', path))).toEqual([202, 'DropSnapshotManagementOperation', '15'])
    await done('DELETE', path)
    expect((await send('GET', path)).status).toBe(404)
  })

  test('PGCHILD-28 PGCHILD-29 begin with one that Azure has made by itself', async () => {
    const { send, wait } = await armWithServer()
    expect(namesIn(await send('GET', child('backups')))).toEqual([])
    await wait(600)
    const [automatic] = (await send('GET', child('backups'))).body['value'] as unknown as readonly [Body]
    const name = String(automatic.name)
    // As recorded: backup_639105913328769574 was completed on 2026-03-31 at 22:02:13.8769574, a second after the ticks in its name.
    const second = 10_000_000n
    const ticks = BigInt(Date.parse(String(automatic['properties']?.['completedTime']))) * 10_000n + 621_355_968_000_000_000n
    expect(BigInt(Date.parse('2026-03-31T22:02:13.876Z')) * 10_000n + 621_355_968_000_009_574n - second).toBe(639_105_913_328_769_574n)
    expect(name).toBe(`backup_${ticks - second}`)
    expect(automatic).toEqual({
      id: `${serverId}/backups/${name}`,
      name,
      type: 'Microsoft.DBforPostgreSQL/flexibleServers/backups',
      properties: { backupType: 'Full', source: 'Automatic', completedTime: expect.stringMatching(/^[\d-]{10}T[\d:]{8}\.\d{7}\+00:00$/) }
    })
    const one = child(`backups/${name}`)
    expect((await send('GET', one)).body).toEqual(automatic)
    expect((await send('DELETE', one)).status).toBe(400)
    expect((await send('GET', one)).status).toBe(200)
  })

  test('PGCHILD-19 are not for burstable servers', async () => {
    const { send } = await armWithServer({ sku: { name: 'Standard_B1ms', tier: 'Burstable' } })
    expect((await send('PUT', child('backups/one'))).status).toBe(400)
  })
})
