import { expect, test } from 'vitest'
import type { Body } from './arm.ts'
import {
  armWithGroup,
  armWithNetwork,
  armWithServer,
  ask,
  echo,
  endpointBody,
  groups,
  lower,
  net,
  postgres,
  region,
  server,
  serverBody,
  servers,
  takes
} from './azCalls.ts'

test('WIRE-20 az postgres flexible-server', async () => {
  const client = await armWithGroup()
  await ask(client, `HEAD ${lower}`, groups, [204])
  const { body } = await ask(client, `GET ${region}/capabilities`, postgres, takes.read)
  const [offer] = [...(body['value'] as unknown as Record<string, readonly Body[]>[])]
  expect(offer?.['supportedFeatures']).toContainEqual({ name: 'OfferRestricted', status: 'Disabled' })
  expect(offer?.['supportedServerEditions']?.[1]).toMatchObject({
    name: expect.any(String),
    defaultSkuName: expect.any(String),
    supportedServerSkus: expect.arrayContaining([expect.objectContaining({ name: 'Standard_D2ds_v5', supportedZones: expect.any(Array) })]),
    supportedStorageEditions: expect.arrayContaining([
      expect.objectContaining({
        name: 'ManagedDisk',
        supportedStorageMb: expect.arrayContaining([expect.objectContaining({ storageSizeMb: 131_072 })])
      })
    ])
  })
  const name = server.slice(server.lastIndexOf('/') + 1)
  const free = await ask(client, `POST ${region}/checkNameAvailability`, postgres, takes.read, {
    name,
    type: 'Microsoft.DBforPostgreSQL/flexibleServers'
  })
  expect(free.body).toMatchObject({ nameAvailable: true })
  await ask(client, `PUT ${server}`, postgres, takes.postgresWrite, serverBody)
  const shown = (await ask(client, `GET ${server}`, postgres, takes.read)).body
  expect(shown).toMatchObject({
    id: server,
    sku: { name: 'Standard_D2ds_v5' },
    properties: {
      version: '17',
      administratorLogin: 'adm',
      fullyQualifiedDomainName: expect.stringContaining(name),
      network: { publicNetworkAccess: 'Enabled' },
      privateEndpointConnections: []
    }
  })
  expect(JSON.stringify(shown)).not.toContain('correct-Horse-7')
  const rule = { properties: { startIpAddress: '203.0.113.7', endIpAddress: '203.0.113.7' } }
  await ask(client, `PUT ${server}/firewallRules/FirewallIPAddress_2026-11-22_7-20-1`, postgres, takes.postgresWrite, rule)
  await ask(client, `PUT ${server}/databases/appdb`, postgres, takes.postgresWrite, {
    properties: { charset: 'utf8', collation: 'en_US.utf8' }
  })
  const patch = { sku: serverBody.sku, properties: { network: { publicNetworkAccess: 'Disabled' }, backup: serverBody.properties.backup } }
  await ask(client, `PATCH ${server}`, postgres, takes.postgresWrite, patch)
  expect((await ask(client, `GET ${servers}`, postgres, takes.read)).body['value']).toMatchObject([
    { properties: { network: { publicNetworkAccess: 'Disabled' } } }
  ])
  await ask(client, `DELETE ${server}/databases/appdb`, postgres, takes.postgresDelete)
  await ask(client, `DELETE ${server}`, postgres, takes.postgresDelete)
  await ask(client, `DELETE ${server}`, postgres, takes.postgresDelete)
})

test('WIRE-20 az postgres flexible-server of 2023 asks for the capabilities in their older form', async () => {
  const client = await armWithGroup()
  const { body } = await ask(client, `GET ${region}/capabilities`, '2022-12-01', takes.read)
  expect(body['value']).toMatchObject([
    {
      supportedHAMode: expect.arrayContaining(['ZoneRedundant']),
      geoBackupSupported: true,
      supportedFlexibleServerEditions: expect.arrayContaining([
        expect.objectContaining({
          name: 'GeneralPurpose',
          supportedServerVersions: expect.arrayContaining([
            expect.objectContaining({
              name: '14',
              supportedVcores: expect.arrayContaining([expect.objectContaining({ name: 'Standard_D2s_v3' })])
            })
          ])
        })
      ])
    }
  ])
})

test('WIRE-20 az network private-endpoint and private-endpoint-connection', async () => {
  const client = await armWithServer()
  await armWithNetwork(client)
  const [own, asked] = [`${net}/privateEndpoints/pe1`, `${net}/privateEndpoints/pe2`]
  await ask(client, `PUT ${own}`, '2026-01-01', takes.networkPut, endpointBody('privateLinkServiceConnections'))
  await ask(client, `PUT ${asked}`, '2022-01-01', takes.networkPut, endpointBody('manualPrivateLinkServiceConnections', 'please'))
  const generic = '2023-06-01-preview'
  expect((await ask(client, `GET ${server}/privateLinkResources`, generic, takes.read)).body['value']).toMatchObject([
    { properties: { groupId: 'postgresqlServer' } }
  ])
  const shown = (await ask(client, `GET ${server}`, generic, takes.read)).body['properties']?.['privateEndpointConnections']
  const pending = [...(shown as unknown as Body[])].find(
    one => one['properties']?.['privateLinkServiceConnectionState']?.['status'] === ('Pending' as unknown)
  )
  const id = String(pending?.['id'])
  // The generic command sends back all that it read; the server's own sends an empty endpoint.
  const approved = echo((await ask(client, `GET ${id}`, generic, takes.read)).body, ({ properties = {} }) => {
    properties['privateLinkServiceConnectionState'] = { status: 'Approved', description: 'ok' }
  })
  await ask(client, `PUT ${id}`, generic, [200, 201, 202], approved)
  const decided = (await ask(client, `GET ${id}`, generic, takes.read)).body['properties']
  expect(decided).toMatchObject({
    provisioningState: 'Succeeded',
    privateLinkServiceConnectionState: { status: 'Approved', description: 'ok' }
  })
  await ask(client, `PUT ${id}`, postgres, takes.postgresWrite, {
    properties: { privateEndpoint: {}, privateLinkServiceConnectionState: { status: 'Rejected', description: 'no' } }
  })
  const rejected = (await ask(client, `GET ${id}`, generic, takes.read)).body['properties']
  expect(rejected).toMatchObject({ privateEndpoint: { id: asked }, privateLinkServiceConnectionState: { status: 'Rejected' } })
  await ask(client, `DELETE ${id}`, postgres, takes.postgresDelete)
  expect((await ask(client, `GET ${asked}`, '2026-01-01', takes.read)).body['properties']).toMatchObject({
    manualPrivateLinkServiceConnections: [{ properties: { privateLinkServiceConnectionState: { status: 'Disconnected' } } }]
  })
  for (const path of [own, asked]) await ask(client, `DELETE ${path}`, '2026-01-01', takes.networkDelete)
})
