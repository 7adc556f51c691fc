import { describe, expect, test } from 'vitest'
import { type Arm, group, ours, type Reply } from './arm.ts'
import {
  armWithEndpoint,
  armWithTarget,
  code,
  connectionOf,
  decide,
  endpoint,
  endpointBody,
  fqdn,
  message,
  otherZone,
  record,
  serverName,
  zone,
  zoneGroup,
  zoneGroupBody
} from './endpoints.ts'

async function recordSets({ send }: Arm): Promise<unknown[]> {
  const { properties } = (await send('GET', zoneGroup)).body as unknown as { properties: { privateDnsZoneConfigs: Reply['body'][] } }
  return properties.privateDnsZoneConfigs.map(one => one['properties']?.['recordSets'])
}

describe('a zone group', () => {
  test('ZG-01 ZG-02 ZG-03 ZG-04 writes a record that says who made it, and shows it', async () => {
    const client = await armWithEndpoint()
    const { send, done } = client
    const put = await send('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect([put.status, put.headers.get('retry-after'), put.headers.get('location')]).toEqual([201, '10', null])
    const recordSet = {
      recordType: 'A',
      recordSetName: serverName,
      fqdn: `${serverName}.privatelink.postgres.database.azure.com`,
      ttl: 10,
      ipAddresses: ['10.0.1.4']
    }
    const updating = 'Updating'
    expect(put.body['properties']).toMatchObject({
      provisioningState: updating,
      privateDnsZoneConfigs: [{ properties: { provisioningState: updating, recordSets: [{ ...recordSet, provisioningState: updating }] } }]
    })
    expect((await send('GET', record)).status).toBe(404)
    await client.wait(10)

    const got = await send('GET', zoneGroup)
    const etag = got.headers.get('etag')
    expect(got.body).toEqual({
      id: zoneGroup,
      name: 'default',
      type: 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
      etag,
      properties: {
        provisioningState: 'Succeeded',
        privateDnsZoneConfigs: [
          {
            name: 'config',
            id: `${zoneGroup}/privateDnsZoneConfigs/config`,
            etag,
            type: 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups/privateDnsZoneConfigs',
            properties: {
              provisioningState: 'Succeeded',
              privateDnsZoneId: zone,
              recordSets: [{ ...recordSet, provisioningState: 'Succeeded' }]
            }
          }
        ]
      }
    })
    const { resourceGuid } = (await send('GET', endpoint)).body['properties'] ?? {}
    expect((await send('GET', record)).body['properties']).toEqual({
      metadata: { creator: `created by private endpoint pe-gold with resource guid ${resourceGuid}` },
      fqdn: `${serverName}.privatelink.postgres.database.azure.com.`,
      ttl: 10,
      aRecords: [{ ipv4Address: '10.0.1.4' }],
      isAutoRegistered: false
    })
    expect((await send('GET', zone)).body['properties']?.['numberOfRecordSets']).toBe(2)
    expect((await done('DELETE', zoneGroup)).body).toEqual({ status: 'Succeeded' })
    expect((await send('GET', record)).status).toBe(404)
  })

  test('ZG-05 takes over the names of its endpoint, and gives them back', async () => {
    const { send, done } = await armWithEndpoint()
    const names = async () => (await send('GET', endpoint)).body['properties']?.['customDnsConfigs']
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect(await names()).toEqual([])
    await done('DELETE', zoneGroup)
    expect(await names()).toEqual([{ fqdn, ipAddresses: ['10.0.1.4'] }])
  })

  test('ZG-06 succeeds on a zone that does not match, and writes nothing', async () => {
    const client = await armWithEndpoint()
    await client.done('PUT', otherZone, { location: 'global' })
    expect((await client.done('PUT', zoneGroup, zoneGroupBody(['org', otherZone]))).body).toEqual({ status: 'Succeeded' })
    expect(await recordSets(client)).toEqual([[]])
    expect((await client.send('GET', `${otherZone}/A`)).body).toEqual({ value: [] })
  })

  test('ZG-07 of a pending endpoint has no record until the connection is approved', async () => {
    const client = await armWithEndpoint(true)
    await client.done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect([await recordSets(client), (await client.send('GET', record)).status]).toEqual([[[]], 404])
    await decide(client, 'Approved', 'welcome')
    expect((await client.send('GET', record)).body['properties']).toMatchObject({ ttl: 10, aRecords: [{ ipv4Address: '10.0.1.4' }] })
    expect(await recordSets(client)).toEqual([[expect.objectContaining({ recordSetName: serverName })]])
  })

  test('ZG-08 ZG-09 takes its record along when a configuration, itself, or the endpoint goes', async () => {
    const { send, done } = await armWithEndpoint()
    await done('PUT', otherZone, { location: 'global' })
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone], ['org', otherZone]))
    await done('PUT', zoneGroup, zoneGroupBody(['org', otherZone]))
    expect((await send('GET', record)).status).toBe(404)
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone], ['org', otherZone]))
    expect((await send('GET', record)).status).toBe(200)
    await done('DELETE', endpoint)
    expect([(await send('GET', record)).status, (await send('GET', zoneGroup)).status]).toEqual([404, 404])
    expect(code(await send('DELETE', zoneGroup))).toBe('ResourceNotFound')
  })

  test('ZG-10 of a second endpoint takes the first one’s record, and either takes it away', async () => {
    const { send, done } = await armWithEndpoint()
    const second = `${endpoint}-2`
    await done('PUT', second, endpointBody())
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    await done('PUT', `${second}/privateDnsZoneGroups/default`, zoneGroupBody(['config', zone]))
    expect((await send('GET', record)).body['properties']).toMatchObject({
      metadata: { creator: expect.stringContaining('private endpoint pe-gold-2 ') },
      aRecords: [{ ipv4Address: '10.0.1.5' }]
    })
    await done('DELETE', zoneGroup)
    expect((await send('GET', record)).status).toBe(404)
  })

  test('ZG-11 leaves a record alone that somebody has written over its own', async () => {
    const { send, done } = await armWithEndpoint()
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    await send('PUT', record, { properties: { ttl: 60, aRecords: [{ ipv4Address: '10.9.9.9' }] } })
    await done('DELETE', zoneGroup)
    expect((await send('GET', record)).body['properties']).toMatchObject({ ttl: 60, aRecords: [{ ipv4Address: '10.9.9.9' }] })
  })

  const byHand = { properties: { ttl: 60, aRecords: [{ ipv4Address: '10.9.9.9' }] } }
  const addressIn = async ({ send }: Pick<Awaited<ReturnType<typeof armWithEndpoint>>, 'send'>): Promise<unknown> => {
    const { status, body } = await send('GET', record)
    return status === 404 ? 'none' : (body['properties'] as unknown as { aRecords: { ipv4Address: string }[] }).aRecords[0]?.ipv4Address
  }

  test.each([
    ['writes', '10.0.1.4', '10.0.1.4'],
    ['nothing', 'none', '10.9.9.9']
  ])('ZG-28 written again unchanged, %s of its record', async (zoneGroupRewrite, gone, changed) => {
    const client = await armWithEndpoint()
    const { send, done, control } = client
    await control('PATCH', 'behaviours', { zoneGroupRewrite })
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    await send('DELETE', record)
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect(await addressIn(client)).toBe(gone)
    await send('PUT', record, byHand)
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect(await addressIn(client)).toBe(changed)
    await done('DELETE', zoneGroup)
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect(await addressIn(client), 'made again').toBe('10.0.1.4')
  })

  test.each([
    ['overwritten', '10.0.1.4'],
    ['kept', '10.9.9.9']
  ])('ZG-29 over a record that somebody wrote by hand, which is %s', async (recordByHand, has) => {
    const client = await armWithEndpoint()
    await client.control('PATCH', 'behaviours', { recordByHand })
    await client.send('PUT', record, byHand)
    await client.done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect(await addressIn(client)).toBe(has)
  })

  test('ZG-23 of an endpoint that is rejected or disconnected keeps its record', async () => {
    const client = await armWithEndpoint()
    await client.done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    await decide(client, 'Rejected', 'no more')
    expect((await client.send('GET', record)).status).toBe(200)
    await client.done('DELETE', (await connectionOf(client)) ?? '')
    expect((await client.send('GET', record)).status).toBe(200)
    await client.done('DELETE', zoneGroup)
    expect((await client.send('GET', record)).status).toBe(404)
  })

  test('ZG-24 ZG-25 a missing one is answered by the provider, a missing endpoint by ARM', async () => {
    const { send } = await armWithEndpoint()
    const missing = await send('GET', zoneGroup)
    expect([missing.status, missing.body]).toEqual([
      404,
      { error: { code: 'NotFound', message: `Resource ${zoneGroup} not found.`, details: [] } }
    ])
    const away = await send('GET', `${endpoint}-none/privateDnsZoneGroups/default`)
    expect([away.status, code(away), away.headers.get('x-ms-failure-cause')]).toEqual([404, 'ResourceNotFound', 'gateway'])
    expect(message(away)).toContain(`The Resource 'Microsoft.Network/privateEndpoints/pe-gold-none' under resource group`)
    expect((await send('DELETE', zoneGroup)).status).toBe(204)
  })

  ours('ZG-26 of an endpoint to a storage account writes its name, too', async () => {
    const { send, done } = await armWithTarget()
    const blobs = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net`
    const storage = `${group}/providers/Microsoft.Storage/storageAccounts/files`
    await done('PUT', blobs, { location: 'global' })
    await done('PUT', endpoint, endpointBody({ target: storage, groupIds: ['blob'] }))
    await done('PUT', zoneGroup, zoneGroupBody(['blobs', blobs]))
    expect((await send('GET', `${blobs}/A/files`)).body['properties']).toMatchObject({ ttl: 10, aRecords: [{ ipv4Address: '10.0.1.4' }] })
  })

  test('ZG-27 it has no PATCH', async () => {
    const { send, done } = await armWithEndpoint()
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect((await send('PATCH', zoneGroup, zoneGroupBody(['config', zone]))).status).toBe(405)
  })
})

describe('it is refused', () => {
  const six = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => [name, zone] as const)
  test.each([
    [
      'as a second one',
      `${endpoint}/privateDnsZoneGroups/second`,
      zoneGroupBody(['config', zone]),
      'MoreThanOnePrivateDnsZoneGroupPerPrivateEndpointNotAllowed'
    ],
    ['without a name for a configuration', zoneGroup, zoneGroupBody(['', zone]), 'InvalidRequestFormat'],
    ['with a zone that is not there', zoneGroup, zoneGroupBody(['none', `${zone}.org`]), 'InvalidResourceReference'],
    ['with six zones', zoneGroup, zoneGroupBody(...six), 'InvalidRequestFormat'],
    ['to lead a configuration elsewhere', zoneGroup, zoneGroupBody(['config', otherZone]), 'PropertyChangeNotAllowed']
  ])('ZG-12 ZG-13 ZG-14 ZG-15 ZG-16 %s', async (_what, id, body, expected) => {
    const { send, done } = await armWithEndpoint()
    await done('PUT', otherZone, { location: 'global' })
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    const refused = await send('PUT', id, body)
    expect([refused.status, code(refused)]).toEqual([400, expected])
  })

  test('ZG-17 ZG-18 while its endpoint is being made or deleted', async () => {
    const { send, done, wait } = await armWithTarget()
    await send('PUT', endpoint, endpointBody())
    const early = await send('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect([early.status, code(early), early.headers.get('retry-after')]).toEqual([429, 'RetryableError', null])
    await wait(60)
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    await send('DELETE', endpoint)
    const late = await send('DELETE', zoneGroup)
    expect([late.status, code(late)]).toEqual([400, 'ReferencedResourceNotProvisioned'])
  })
})
