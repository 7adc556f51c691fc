import { describe, expect, test } from 'vitest'
import { armWithGroup, networks, ours, subscriptionId } from './arm.ts'
import {
  armWithNetwork,
  armWithServer,
  child,
  injected,
  otherServer,
  provider,
  refusalOf,
  server,
  serverBody,
  serverName
} from './servers.ts'

const type = 'Microsoft.DBforPostgreSQL/flexibleServers'

describe('names', () => {
  test('PGFN-01 PGFN-02 a name is available until a server has it, and must be a name', async () => {
    const { send } = await armWithServer()
    const ask = async (name: string, path: string) => send('POST', provider(path), { name, type })
    for (const path of ['checkNameAvailability', 'locations/eastus/checkNameAvailability']) {
      const free = await ask(`${serverName}-free`, path)
      expect([free.status, free.body]).toEqual([200, { name: `${serverName}-free`, type, nameAvailable: true, message: '' }])
      const none = await ask('Orders_1', path)
      expect([none.status, none.body]).toEqual([
        200,
        { name: 'Orders_1', type, nameAvailable: false, reason: 'Invalid', message: expect.stringMatching(/./) }
      ])
      expect((await ask(serverName, path)).body).toMatchObject({ nameAvailable: false, reason: 'AlreadyExists' })
    }
  })

  test('PGFN-07 the suffix of zones is a bare string', async () => {
    const { send } = await armWithGroup()
    const answer = await send('POST', '/providers/Microsoft.DBforPostgreSQL/getPrivateDnsZoneSuffix')
    expect([answer.status, answer.text]).toEqual([200, '"postgres.database.azure.com"'])
  })
})

describe('capabilities', () => {
  const named = (list: unknown, name: string): unknown => (list as { readonly name: string }[]).find(one => one.name === name)

  test('PGFN-03 of a region, as the Azure CLI needs them', async () => {
    const { send } = await armWithGroup()
    const { body } = await send('GET', provider('locations/eastus/capabilities'))
    const [one] = body['value'] as unknown as Record<string, unknown>[]
    expect(one).toMatchObject({
      name: 'FlexibleServerCapabilities',
      fastProvisioningSupported: 'Enabled',
      geoBackupSupported: 'Enabled',
      zoneRedundantHaSupported: 'Enabled',
      storageAutoGrowthSupported: 'Enabled',
      onlineResizeSupported: 'Enabled'
    })
    expect(named(one?.['supportedFeatures'], 'OfferRestricted')).toEqual({ name: 'OfferRestricted', status: 'Disabled' })
    expect(named(one?.['supportedServerVersions'], '15')).toMatchObject({ supportedVersionsToUpgrade: expect.arrayContaining(['16']) })
    const general = named(one?.['supportedServerEditions'], 'GeneralPurpose') as Record<string, unknown>
    expect(general['defaultSkuName']).toBe('Standard_D4ds_v5')
    expect(named(general['supportedServerSkus'], 'Standard_D4ds_v5')).toEqual({
      supportedFeatures: [],
      name: 'Standard_D4ds_v5',
      vCores: 4,
      supportedIops: 6400,
      supportedMemoryPerVcoreMb: 4096,
      supportedZones: ['1', '2', '3'],
      supportedHaMode: ['SameZone', 'ZoneRedundant']
    })
    const disk = named(general['supportedStorageEditions'], 'ManagedDisk') as { readonly supportedStorageMb: unknown[] }
    expect(disk.supportedStorageMb[2]).toMatchObject({ storageSizeMb: 131_072, defaultIopsTier: 'P10', supportedIops: 500 })
  })

  ours('PGFN-04 of every region are the same', async () => {
    const { send } = await armWithGroup()
    const [one, other] = await Promise.all(
      ['eastus', 'westeurope'].map(region => send('GET', provider(`locations/${region}/capabilities`)))
    )
    expect(one?.body).toEqual(other?.body)
    expect((await send('GET', provider('locations/nowhere/capabilities'))).status).toBe(400)
  })

  test('PGFN-11 have another form in the versions of 2020 to 2022', async () => {
    const { send } = await armWithGroup()
    const of = async (apiVersion: string) => {
      const { body } = await send('GET', provider('locations/eastus/capabilities').replace(/\?.*/, ''), undefined, apiVersion)
      return (body['value'] as unknown as Record<string, unknown>[])[0] ?? {}
    }
    const editionsIn = (one: Record<string, unknown>) => one['supportedFlexibleServerEditions'] as Record<string, unknown>[]
    const tier = (one: Record<string, unknown>) => named(editionsIn(one), 'Burstable') as Record<string, Record<string, unknown>[]>
    const size = (one: Record<string, unknown>) => {
      const [version] = tier(one)['supportedServerVersions'] ?? []
      return named(version?.['supportedVcores'], 'Standard_B2s')
    }
    const disk = (one: Record<string, unknown>) => {
      const [edition] = tier(one)['supportedStorageEditions'] ?? []
      return named(edition?.['supportedStorageMB'], '65536')
    }
    // The members and values of test_postgres_flexible_server_local_context of azure-cli, recorded in 2021.
    const oldest = await of('2020-02-14-preview')
    expect(Object.keys(oldest).sort()).toEqual(['status', 'supportedFlexibleServerEditions', 'supportedHyperscaleNodeEditions', 'zone'])
    expect(size(oldest)).toEqual({
      name: 'Standard_B2s',
      vCores: 2,
      supportedIOPS: 1280,
      supportedMemoryPerVcoreMB: 2048,
      status: 'Available'
    })
    expect(disk(oldest)).toEqual({ name: '65536', supportedIOPS: 240, storageSizeMB: 65_536, status: 'Available' })
    // The names of the SDK for 2022-12-01.
    const older = await of('2022-12-01')
    expect(older).toMatchObject({ supportedHAMode: ['SameZone', 'ZoneRedundant'], geoBackupSupported: true })
    expect(size(older)).toMatchObject({ supportedIops: 1280 })
    expect(disk(older)).toMatchObject({ supportedIops: 240, supportedUpgradableTierList: expect.any(Array) })
    const newer = await of('2023-03-01-preview')
    expect(newer).toMatchObject({ geoBackupSupported: 'Enabled', supportedServerEditions: expect.any(Array) })
    expect(newer).not.toHaveProperty('supportedFlexibleServerEditions')
  })

  test('PGFN-08 offer newer versions to newer clients', async () => {
    const { send } = await armWithGroup()
    const newest = async (apiVersion: string) => {
      const { body } = await send('GET', provider('locations/eastus/capabilities').replace(/\?.*/, ''), undefined, apiVersion)
      const [one] = body['value'] as unknown as { supportedServerVersions: { readonly name: string }[] }[]
      return one?.supportedServerVersions.at(-1)?.name
    }
    expect(await Promise.all(['2024-11-01-preview', '2025-01-01-preview', '2025-08-01'].map(newest))).toEqual(['16', '17', '18'])
  })

  test('PGFN-05 of a server leave out what it is past', async () => {
    const { send } = await armWithServer({ version: '15' })
    const { body } = await send('GET', child('capabilities'))
    const versions = (body['value'] as unknown as { supportedServerVersions: { readonly name: string }[] }[]).flatMap(one =>
      one.supportedServerVersions.map(version => version.name)
    )
    expect(versions).toContain('15')
    expect(versions).not.toContain('14')
    const missing = await send('GET', child('capabilities').replace(serverName, `${serverName}-none`))
    expect(refusalOf(missing)).toEqual([404, 'ResourceNotFound'])
  })
})

describe('subnets', () => {
  test('PGFN-06 a delegated one says how many servers it has', async () => {
    const { send, done } = await armWithNetwork()
    const ask = async () => {
      const asked = { virtualNetworkArmResourceId: `${networks}/hub` }
      return (await send('POST', provider('locations/eastus2/checkVirtualNetworkSubnetUsage'), asked)).body
    }
    expect(await ask()).toEqual({ delegatedSubnetsUsage: [{ subnetName: 'servers', usage: 0 }], location: 'eastus2', subscriptionId })
    await done('PUT', server, serverBody(injected))
    await done('PUT', otherServer('orders-two'), serverBody(injected))
    expect((await ask())['delegatedSubnetsUsage']).toEqual([{ subnetName: 'servers', usage: 2 }])
  })
})

describe('a region that offers less', () => {
  const closed = { behaviours: { serverRegions: { eastus: { restricted: true }, westeurope: { zones: ['1', '2'] } } } }

  test('PGFN-09 is closed: it lists nothing, and takes no new server', async () => {
    const { send } = await armWithGroup(closed as never)
    const { body } = await send('GET', provider('locations/eastus/capabilities'))
    expect((body['value'] as unknown as object[])[0]).toMatchObject({
      restricted: 'Enabled',
      supportedServerEditions: [],
      supportedServerVersions: []
    })
    const refused = await send('PUT', server, serverBody({ location: 'eastus' }))
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining("The value of the 'Version' should be in: []")])
  })

  test('PGFN-10 has two zones', async () => {
    const { send } = await armWithGroup(closed as never)
    const refused = await send('PUT', server, serverBody({ location: 'westeurope', availabilityZone: '3' }))
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('should be in: [1, 2]')])
  })
})
