import { describe, expect, test } from 'vitest'
import { group, ours, subscription, unique } from './arm.ts'
import {
  armWithTarget,
  code,
  connectionOf,
  decide,
  endpoint,
  endpointBody,
  endpointState,
  fqdn,
  guid,
  propertiesOf,
  record,
  serverBody,
  serverId,
  subnet,
  zone,
  zoneGroup,
  zoneGroupBody
} from './endpoints.ts'

describe('a private endpoint that approves itself', () => {
  test('PE-01 PE-02 the first answer is 201 with the texts of an endpoint that is still being made', async () => {
    const { send } = await armWithTarget()
    const put = await send('PUT', endpoint, endpointBody())
    const { headers } = put
    expect([put.status, headers.get('retry-after'), headers.get('location'), headers.get('etag')]).toEqual([201, '10', null, null])
    expect(put.body['properties']).toMatchObject({
      provisioningState: 'Updating',
      customDnsConfigs: [],
      ipConfigurations: [],
      resourceGuid: expect.stringMatching(new RegExp(`^${guid}$`)),
      networkInterfaces: [{ id: expect.stringMatching(new RegExp(`/networkInterfaces/pe-gold\\.nic\\.${guid}$`)) }],
      manualPrivateLinkServiceConnections: [],
      privateLinkServiceConnections: [
        {
          properties: {
            provisioningState: 'Succeeded',
            privateLinkServiceConnectionState: { status: 'Approved', description: 'Auto Approved', actionsRequired: 'None' }
          }
        }
      ]
    })
  })

  test('PE-03 PE-04 PE-05 settled, it has what Azure adds, and the connection is on the target only then', async () => {
    const client = await armWithTarget()
    const { send } = client
    const poll = (await send('PUT', endpoint, endpointBody())).headers.get('azure-asyncoperation') ?? ''
    expect(await connectionOf(client)).toBeUndefined()
    for (let status = 'InProgress'; status === 'InProgress'; status = `${(await send('GET', poll)).body['status']}`) await client.wait(10)
    const got = await send('GET', endpoint)
    const etag = got.headers.get('etag')
    expect(got.body).toEqual({
      id: endpoint,
      name: 'pe-gold',
      type: 'Microsoft.Network/privateEndpoints',
      etag,
      location: 'eastus2',
      properties: {
        provisioningState: 'Succeeded',
        resourceGuid: expect.stringMatching(new RegExp(`^${guid}$`)),
        privateLinkServiceConnections: [
          {
            name: 'to-gold',
            id: `${endpoint}/privateLinkServiceConnections/to-gold`,
            etag,
            properties: {
              provisioningState: 'Succeeded',
              privateLinkServiceId: serverId,
              groupIds: ['postgresqlServer'],
              privateLinkServiceConnectionState: { status: 'Approved', description: 'Auto-Approved', actionsRequired: '' }
            },
            type: 'Microsoft.Network/privateEndpoints/privateLinkServiceConnections'
          }
        ],
        manualPrivateLinkServiceConnections: [],
        customNetworkInterfaceName: '',
        subnet: { id: subnet },
        ipConfigurations: [],
        networkInterfaces: [{ id: expect.any(String) }],
        customDnsConfigs: [{ fqdn, ipAddresses: ['10.0.1.4'] }],
        ipVersionType: 'IPv4'
      }
    })
    const connection = await connectionOf(client)
    expect(connection).toMatch(new RegExp(`/privateEndpointConnections/pe-gold\\.${guid}$`))
    expect((await send('GET', connection ?? '')).body['properties']?.['privateLinkServiceConnectionState']).toEqual({
      status: 'Approved',
      description: 'Auto-Approved',
      actionsRequired: 'None'
    })
  })

  ours('PE-06 the target shows the connection some time after the operation is done', async () => {
    const client = await armWithTarget()
    await client.control('PATCH', 'behaviours', { connectionAppearsMs: 200_000 })
    await client.done('PUT', endpoint, endpointBody())
    await client.done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect([await connectionOf(client), (await client.send('GET', record)).status]).toEqual([undefined, 404])
    await client.wait(200)
    expect(await connectionOf(client)).toBeDefined()
    expect((await client.send('GET', record)).status).toBe(200)
  })

  test('PE-07 what is sent of a subnet beside its id is dropped', async () => {
    const { send, done } = await armWithTarget()
    const body = endpointBody({ properties: { subnet: { id: subnet, properties: { privateEndpointNetworkPolicies: 'Enabled' } } } })
    await done('PUT', endpoint, body)
    expect((await send('GET', endpoint)).body['properties']?.['subnet']).toEqual({ id: subnet })
  })

  test('PE-46 the subnet comes back by the names it was made with, and the target as it was sent', async () => {
    const { send, done } = await armWithTarget()
    const shouted = (id: string): string => id.replace(/[^/]+$/, name => name.toUpperCase())
    const connection = { name: 'c', properties: { privateLinkServiceId: shouted(serverId), groupIds: ['postgresqlServer'] } }
    await done(
      'PUT',
      endpoint,
      endpointBody({ properties: { subnet: { id: shouted(subnet) }, privateLinkServiceConnections: [connection] } })
    )
    const { subnet: shown, privateLinkServiceConnections: connections } = (await send('GET', endpoint)).body['properties'] ?? {}
    expect(shown).toEqual({ id: subnet })
    expect(connections).toMatchObject([{ properties: { privateLinkServiceId: shouted(serverId) } }])
  })

  test('PE-08 PE-42 members that came later are not there in an older version', async () => {
    const client = await armWithTarget()
    await client.done('PUT', endpoint, endpointBody())
    const later = ['customDnsConfigs', 'ipConfigurations', 'customNetworkInterfaceName', 'isIPv6EnabledPrivateEndpoint', 'ipVersionType']
    const shown = async (version: string) => {
      const properties = await propertiesOf(client, endpoint, version)
      return later.filter(key => properties !== undefined && key in properties)
    }
    expect(await shown('2019-11-01')).toEqual([])
    const configs = async (version: string) => (await propertiesOf(client, endpoint, version))?.['privateDnsZoneConfigs']
    expect([await configs('2020-03-01'), await configs('2020-05-01')]).toEqual([[], undefined])
    expect(await shown('2020-05-01')).toEqual(later.slice(0, 1))
    expect(await shown('2021-03-01')).toEqual(later.slice(0, 2))
    expect(await shown('2022-01-01')).toEqual(later.slice(0, 3))
    expect(await shown('2024-03-01')).toEqual(later.slice(0, 4))
    expect(await shown('2025-03-01')).toEqual(later.filter(key => key !== 'isIPv6EnabledPrivateEndpoint'))
  })
})

describe('the state of its connection', () => {
  test('PE-09 PE-10 PE-11 of a manual one goes from Awaiting Approval to what the target says', async () => {
    const client = await armWithTarget()
    const put = await client.send('PUT', endpoint, endpointBody({ manual: true, connection: { requestMessage: 'please' } }))
    expect(put.body['properties']?.['manualPrivateLinkServiceConnections']?.[0]).toMatchObject({
      properties: {
        requestMessage: 'please',
        privateLinkServiceConnectionState: { status: 'Pending', description: 'Awaiting Approval', actionsRequired: 'None' }
      }
    })
    await client.wait(60)
    expect(await propertiesOf(client)).toMatchObject({ provisioningState: 'Succeeded', customDnsConfigs: [] })
    expect(await endpointState(client)).toEqual({ status: 'Pending', description: 'please', actionsRequired: '' })
    await decide(client, 'Approved', 'welcome')
    expect(await endpointState(client)).toEqual({ status: 'Approved', description: 'welcome', actionsRequired: '' })
    expect((await propertiesOf(client))?.['customDnsConfigs']).toEqual([{ fqdn, ipAddresses: ['10.0.1.4'] }])
    await decide(client, 'Rejected', 'no more')
    expect(await endpointState(client)).toEqual({ status: 'Rejected', description: 'no more', actionsRequired: '' })
    expect((await propertiesOf(client))?.['customDnsConfigs']).toEqual([])
  })

  test('PE-12 without a message the pending text is empty', async () => {
    const client = await armWithTarget()
    await client.done('PUT', endpoint, endpointBody({ manual: true }))
    expect(await endpointState(client)).toEqual({ status: 'Pending', description: '', actionsRequired: '' })
  })

  ours('PE-13 follows the target’s some time later', async () => {
    const client = await armWithTarget()
    await client.done('PUT', endpoint, endpointBody({ manual: true }))
    await client.done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    await client.control('PATCH', 'behaviours', { connectionMirrorMs: 300_000 })
    await decide(client, 'Approved', 'welcome')
    expect(await endpointState(client)).toMatchObject({ status: 'Pending' })
    expect((await client.send('GET', record)).status).toBe(404)
    await client.wait(300)
    expect(await endpointState(client)).toMatchObject({ status: 'Approved', description: 'welcome' })
    expect((await client.send('GET', record)).status).toBe(200)
    await client.done('DELETE', (await connectionOf(client)) ?? '')
    expect(await endpointState(client)).toMatchObject({ status: 'Approved' })
    await client.wait(300)
    expect(await endpointState(client)).toMatchObject({ status: 'Disconnected' })
  })

  test.each(['connection', 'target'])('PE-14 PE-15 is Disconnected for good when the %s is deleted, and the endpoint stays', async what => {
    const client = await armWithTarget()
    await client.done('PUT', endpoint, endpointBody())
    await client.done('DELETE', what === 'target' ? serverId : ((await connectionOf(client)) ?? ''))
    expect(await endpointState(client)).toEqual({ status: 'Disconnected', description: 'Deleted state', actionsRequired: 'None' })
    expect(await propertiesOf(client)).toMatchObject({ provisioningState: 'Succeeded', customDnsConfigs: [] })
    if (what === 'target') await client.done('PUT', serverId, serverBody)
    await client.done('PUT', endpoint, endpointBody())
    expect(await endpointState(client)).toMatchObject({ status: 'Disconnected' })
    expect((await client.done('DELETE', endpoint)).body).toEqual({ status: 'Succeeded' })
  })

  ours('PE-16 of an endpoint to a service that is not here is decided by nobody', async () => {
    const client = await armWithTarget()
    const storage = `${group}/providers/Microsoft.Storage/storageAccounts/files`
    await client.done('PUT', endpoint, endpointBody({ target: storage, groupIds: ['blob'] }))
    expect(await endpointState(client)).toEqual({ status: 'Approved', description: 'Auto-Approved', actionsRequired: 'None' })
    expect(await propertiesOf(client)).toMatchObject({
      provisioningState: 'Succeeded',
      customDnsConfigs: [{ fqdn: 'files.blob.core.windows.net', ipAddresses: ['10.0.1.4'] }]
    })
    const pending = `${endpoint}-2`
    await client.done('PUT', pending, endpointBody({ manual: true, target: 'pls.guid.eastus2.azure.privatelinkservice', groupIds: [] }))
    expect(await endpointState(client, pending)).toEqual({ status: 'Pending', description: '', actionsRequired: 'None' })
    expect((await client.done('DELETE', pending)).body).toEqual({ status: 'Succeeded' })
  })

  ours.each([
    ['Microsoft.KeyVault/vaults', '', ''],
    ['Microsoft.StorageSync/storageSyncServices', '', ''],
    ['Microsoft.Automation/automationAccounts', 'Auto Approved', 'Auto-approved'],
    ['Microsoft.IoTCentral/iotApps', 'Auto Approved', 'Auto-approved'],
    ['Microsoft.PowerBI/privateLinkServicesForPowerBI', 'Auto Approved', 'Approved'],
    ['Microsoft.Network/privateLinkServices', 'Auto Approved', 'Auto Approved']
  ])('PE-43 PE-44 of an endpoint to one of %s has its own texts', async (type, first, settled) => {
    const client = await armWithTarget()
    const target = `${group}/providers/${type}/far`
    await client.send('PUT', endpoint, endpointBody({ target }))
    expect(await endpointState(client)).toEqual({ status: 'Approved', description: first, actionsRequired: 'None' })
    await client.wait(60)
    const stateIn = async (version?: string) =>
      (await propertiesOf(client, endpoint, version))?.['privateLinkServiceConnections']?.[0]?.['properties']?.[
        'privateLinkServiceConnectionState'
      ]
    expect(await stateIn()).toEqual({ status: 'Approved', description: settled, actionsRequired: 'None' })
    const old = type === 'Microsoft.Network/privateLinkServices' ? '' : settled
    expect((await stateIn('2021-03-01'))?.['description']).toBe(old)
    expect((await stateIn('2021-05-01'))?.['description']).toBe(settled)
  })

  ours('PE-45 says of an application gateway where it is', async () => {
    const client = await armWithTarget()
    await client.done('PUT', endpoint, endpointBody({ target: `${group}/providers/Microsoft.Network/applicationGateways/front` }))
    const connection = (await propertiesOf(client))?.['privateLinkServiceConnections']?.[0]
    expect(connection?.['properties']?.['resolvedPrivateLinkServiceLocation']).toBe('eastus2')
    const again = await client.send('PUT', endpoint, (await client.send('GET', endpoint)).body)
    expect([again.status, again.body['properties']?.['provisioningState']]).toEqual([200, 'Succeeded'])
  })
})

describe('its end', () => {
  test('PE-17 PE-18 deleting the endpoint takes its connection off the target', async () => {
    const client = await armWithTarget()
    await client.done('PUT', endpoint, endpointBody())
    const deleted = await client.send('DELETE', endpoint)
    const { headers } = deleted
    expect([deleted.status, headers.get('retry-after'), headers.has('location'), headers.has('azure-asyncoperation')]).toEqual([
      202,
      '10',
      true,
      true
    ])
    expect(await connectionOf(client)).toBeDefined()
    expect((await propertiesOf(client))?.['provisioningState']).toBe('Deleting')
    await client.wait(60)
    expect([await connectionOf(client), (await client.send('GET', endpoint)).status]).toEqual([undefined, 404])
    expect(code(await client.send('GET', endpoint))).toBe('ResourceNotFound')
    expect((await client.send('DELETE', endpoint)).status).toBe(204)
  })

  ours('PE-19 a create that was under way ends after a save and a load as it would have', async () => {
    const client = await armWithTarget()
    await client.send('PUT', endpoint, endpointBody())
    const state = await client.control('GET', 'state')
    await client.control('POST', 'reset', {})
    await client.control('PUT', 'state', JSON.parse(JSON.stringify(state)))
    expect([await connectionOf(client), (await propertiesOf(client))?.['provisioningState']]).toEqual([undefined, 'Updating'])
    await client.wait(32)
    expect(await connectionOf(client)).toBeDefined()
    expect((await propertiesOf(client))?.['provisioningState']).toBe('Succeeded')
  })

  test('PE-20 one that goes with its group leaves no connection behind', async () => {
    const client = await armWithTarget()
    const away = `${subscription}/resourceGroups/${unique('rg-other')}`
    const id = `${away}/providers/Microsoft.Network/privateEndpoints/pe`
    await client.send('PUT', away, { location: 'eastus2' })
    await client.done('PUT', id, endpointBody())
    expect(await connectionOf(client, id)).toBeDefined()
    await client.done('DELETE', away)
    expect(await connectionOf(client, id)).toBeUndefined()
    expect((await client.send('DELETE', subnet)).status).toBe(202)
  })
})
