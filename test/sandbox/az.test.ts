import { expect, test } from 'vitest'
import { type Arm, arm, type Body, group as groupId, type Json, ours, type Reply, subscription, unique } from './arm.ts'
import { exchange, type Step } from './exchange.ts'

/* The requests of the Azure CLI, in its spelling of paths and with its api-versions, and the statuses that each of its clients takes. */

const lower = groupId.replace('resourceGroups', 'resourcegroups')
const net = `${groupId}/providers/Microsoft.Network`
const vnet = `${net}/virtualNetworks/vnet1`
const servers = `${groupId}/providers/Microsoft.DBforPostgreSQL/flexibleServers`
const server = `${servers}/${unique('pg1')}`
const region = `${subscription}/providers/Microsoft.DBforPostgreSQL/locations/eastus`
const factory = `${groupId}/providers/Microsoft.DataFactory/factories/${unique('adf1')}`
const zone = `${net}/privateDnsZones/privatelink.postgres.database.azure.com`

const groups = '2024-11-01'
const postgres = '2026-01-01-preview'
const headers = { 'x-ms-client-request-id': '77777777-7777-4777-8777-777777777777', 'accept-encoding': 'identity' }

/** Statuses by client: what is not in its list the Azure CLI reports as an error. */
const takes = {
  read: [200],
  networkPut: [200, 201, 202],
  networkDelete: [200, 202, 204],
  postgresWrite: [202],
  postgresDelete: [202, 204],
  factoryPut: [200],
  lockPut: [200, 201],
  lockDelete: [200, 204],
  genericPut: [200, 201, 202],
  genericDelete: [200, 202, 204]
} as const

const ask = (client: Arm, call: Step['call'], version: string, statuses: readonly number[], body?: Json): Promise<Reply> =>
  exchange(client, { call, version, takes: statuses, headers, ...(body !== undefined && { body }) })

async function armWithGroup(): Promise<Arm> {
  const client = await arm()
  await ask(client, `PUT ${lower}`, groups, [200, 201], { location: 'eastus' })
  return client
}

const vnetBody = {
  location: 'eastus',
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
    enableDdosProtection: false,
    enableVmProtection: false,
    subnets: [{ name: 'default', properties: { addressPrefix: '10.0.0.0/24' } }]
  }
}

const subnetBody = {
  name: 'pe',
  properties: {
    addressPrefix: '10.0.1.0/24',
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPolicies: 'Enabled'
  }
}

const serverBody = {
  location: 'eastus',
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: {
    createMode: 'Create',
    version: '17',
    administratorLogin: 'adm',
    administratorLoginPassword: 'correct-Horse-7',
    network: { publicNetworkAccess: 'Enabled' },
    authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled' },
    backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' },
    storage: { storageSizeGB: 128, autoGrow: 'Disabled' },
    highAvailability: { mode: 'Disabled' }
  }
}

async function armWithServer(): Promise<Arm> {
  const client = await armWithGroup()
  await ask(client, `PUT ${server}`, postgres, takes.postgresWrite, serverBody)
  return client
}

async function armWithNetwork(client: Arm): Promise<void> {
  await ask(client, `PUT ${vnet}`, '2025-07-01', takes.networkPut, vnetBody)
  await ask(client, `PUT ${vnet}/subnets/pe`, '2024-07-01', takes.networkPut, subnetBody)
}

const endpointBody = (connections: 'privateLinkServiceConnections' | 'manualPrivateLinkServiceConnections', message?: string): Json => ({
  location: 'eastus',
  properties: {
    ipVersionType: 'IPv4',
    [connections]: [
      {
        name: 'conn1',
        properties: {
          groupIds: ['postgresqlServer'],
          privateLinkServiceId: server,
          ...(message !== undefined && { requestMessage: message })
        }
      }
    ],
    subnet: { id: `${vnet}/subnets/pe` }
  }
})

/** As the Azure CLI sends back what it has read. */
const echo = (body: Body, change: (copy: Record<string, Record<string, Json>>) => void): Json => {
  const copy = JSON.parse(JSON.stringify(body))
  change(copy)
  return copy
}

test('WIRE-20 az group', async () => {
  const client = await arm()
  expect((await ask(client, `HEAD ${lower}`, groups, [404])).text).toBe('')
  await ask(client, `PUT ${lower}`, groups, [200, 201], { location: 'eastus' })
  expect((await ask(client, `GET ${lower}`, groups, takes.read)).body).toMatchObject({
    location: 'eastus',
    properties: { provisioningState: 'Succeeded' }
  })
  await ask(client, `HEAD ${lower}`, groups, [204])
  expect(JSON.stringify((await ask(client, `GET ${subscription}/resourcegroups`, groups, takes.read)).body)).toContain(groupId)
  await ask(client, `DELETE ${lower}`, groups, [200, 202])
  await ask(client, `HEAD ${lower}`, groups, [404])
})

test('WIRE-20 az network vnet and subnet', async () => {
  const client = await armWithGroup()
  await armWithNetwork(client)
  const listed = (await ask(client, `GET ${net}/virtualNetworks`, '2025-07-01', takes.read)).body['value']
  expect(listed).toMatchObject([{ name: 'vnet1', location: 'eastus', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }])
  const { body } = await ask(client, `GET ${vnet}/subnets/pe`, '2024-07-01', takes.read)
  const enabled = echo(body, ({ properties = {}, ...rest }) => {
    properties['privateEndpointNetworkPolicies'] = 'Enabled'
    delete properties['provisioningState']
    delete rest['etag']
  })
  await ask(client, `PUT ${vnet}/subnets/pe`, '2024-07-01', takes.networkPut, enabled)
  const after = await ask(client, `GET ${vnet}/subnets/pe`, '2024-07-01', takes.read)
  expect(after.body).toMatchObject({ properties: { privateEndpointNetworkPolicies: 'Enabled', provisioningState: 'Succeeded' } })
  await ask(client, `DELETE ${vnet}/subnets/pe`, '2024-07-01', takes.networkDelete)
  await ask(client, `DELETE ${vnet}`, '2025-07-01', takes.networkDelete)
  await ask(client, `GET ${vnet}`, '2025-07-01', [404])
})

test('WIRE-20 az lock, whose paths have a double slash before a type at the top', async () => {
  const client = await armWithGroup()
  await armWithNetwork(client)
  const version = '2016-09-01'
  const locks = 'providers/Microsoft.Authorization/locks'
  const onNetwork = `${lower}/providers/Microsoft.Network//virtualNetworks/vnet1/${locks}`
  const onSubnet = `${lower}/providers/Microsoft.Network/virtualNetworks/vnet1/subnets/pe/${locks}`
  await ask(client, `PUT ${onNetwork}/vlock`, version, takes.lockPut, { properties: { level: 'CanNotDelete', notes: 'hi' } })
  await ask(client, `PUT ${onSubnet}/slock`, version, takes.lockPut, { properties: { level: 'ReadOnly' } })
  await ask(client, `PUT ${groupId}/${locks}/rglock`, version, takes.lockPut, { properties: { level: 'CanNotDelete' } })
  const all = (await ask(client, `GET ${subscription}/${locks}`, version, takes.read)).body['value'] as unknown as Body[]
  expect([...all].map(one => one['name'])).toEqual(expect.arrayContaining(['vlock', 'slock', 'rglock']))
  const shown = (await ask(client, `GET ${onNetwork}/vlock`, version, takes.read)).body
  expect(shown).toMatchObject({
    id: expect.any(String),
    name: 'vlock',
    type: 'Microsoft.Authorization/locks',
    properties: { level: 'CanNotDelete', notes: 'hi' }
  })
  const refused = await ask(client, `DELETE ${vnet}`, '2025-07-01', [409])
  expect(refused.body).toMatchObject({ error: { code: 'ScopeLocked', message: expect.stringContaining('Please remove the lock') } })
  await ask(client, `PUT ${onNetwork}/vlock`, version, takes.lockPut, { properties: { level: 'CanNotDelete', notes: 'other' } })
  for (const path of [`${onNetwork}/vlock`, `${onSubnet}/slock`, `${groupId}/${locks}/rglock`, `${groupId}/${locks}/rglock`])
    await ask(client, `DELETE ${path}`, version, takes.lockDelete)
  await ask(client, `DELETE ${vnet}`, '2025-07-01', takes.networkDelete)
})

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

test('WIRE-20 az network private-dns and dns-zone-group', async () => {
  const client = await armWithServer()
  await armWithNetwork(client)
  const own = `${net}/privateEndpoints/pe1`
  await ask(client, `PUT ${own}`, '2026-01-01', takes.networkPut, endpointBody('privateLinkServiceConnections'))
  await ask(client, `PUT ${zone}`, '2018-09-01', takes.networkPut, { location: 'global' })
  const link = { location: 'global', properties: { registrationEnabled: false, virtualNetwork: { id: vnet } } }
  await ask(client, `PUT ${zone}/virtualNetworkLinks/link1`, '2024-06-01', takes.networkPut, link)
  const config = { name: 'default', properties: { privateDnsZoneConfigs: [{ name: 'pg', properties: { privateDnsZoneId: zone } }] } }
  await ask(client, `PUT ${own}/privateDnsZoneGroups/default`, '2022-01-01', takes.networkPut, config)
  const records = (await ask(client, `GET ${zone}/A`, '2018-09-01', takes.read)).body['value']
  expect(records).toMatchObject([{ properties: { aRecords: [{ ipv4Address: '10.0.1.4' }] } }])
  await ask(client, `DELETE ${own}/privateDnsZoneGroups/default`, '2022-01-01', takes.networkDelete)
  await ask(client, `DELETE ${zone}/virtualNetworkLinks/link1`, '2024-06-01', takes.networkDelete)
  await ask(client, `DELETE ${zone}`, '2018-09-01', takes.networkDelete)
  await ask(client, `GET ${zone}`, '2018-09-01', [404])
})

test('WIRE-20 az resource, as the how-to makes a managed private endpoint', async () => {
  const client = await armWithServer()
  const version = '2018-06-01'
  const types = (await ask(client, `GET ${subscription}/providers/Microsoft.DataFactory`, groups, takes.read)).body['resourceTypes']
  expect(JSON.stringify(types)).toContain('2018-06-01')
  await ask(client, `GET ${lower}`, groups, takes.read)
  const endpoint = `${factory}/managedVirtualNetworks/default/managedPrivateEndpoints/e1`
  const target = { privateLinkResourceId: server, groupId: 'postgresqlServer' }
  await ask(client, `PUT ${factory}`, version, takes.factoryPut, { location: 'eastus', properties: {} })
  await ask(client, `PUT ${factory}/managedVirtualNetworks/default`, version, takes.factoryPut, { location: 'eastus', properties: {} })
  await ask(client, `PUT ${endpoint}`, version, takes.factoryPut, { location: 'eastus', properties: target })
  expect((await ask(client, `GET ${endpoint}`, version, takes.read)).body['properties']).toMatchObject({
    ...target,
    provisioningState: expect.any(String),
    connectionState: { status: expect.any(String), description: expect.any(String), actionsRequired: expect.any(String) }
  })
  const filter = encodeURIComponent(`resourceGroup eq '${unique('rg-net')}'`)
  const index = `${subscription}/resources?$filter=${filter}&$expand=createdTime,changedTime,provisioningState`
  const found = (await ask(client, `GET ${index}`, groups, takes.read)).body['value']
  expect(found).toMatchObject([{ type: 'Microsoft.DataFactory/factories' }, { type: 'Microsoft.DBforPostgreSQL/flexibleServers' }])
  const tagged = echo((await ask(client, `GET ${factory}`, version, takes.read)).body, copy => {
    copy['tags'] = { a: 'b' }
  })
  await ask(client, `PUT ${factory}`, version, takes.genericPut, tagged)
  expect((await ask(client, `GET ${factory}`, version, takes.read)).body).toMatchObject({ tags: { a: 'b' } })
  for (const path of [endpoint, factory, factory]) await ask(client, `DELETE ${path}`, version, takes.genericDelete)
})

ours.each([
  ['a service principal', { grant_type: 'client_credentials', client_secret: 'any' }],
  ['a user', { grant_type: 'password', username: 'ann@sandbox.local', password: 'any' }]
] as const)('WIRE-20 az login of %s, to a cloud that was registered by its address', async (_who, way) => {
  const { send } = await arm()
  const clouds = await send('GET', '/metadata/endpoints?api-version=2022-09-01', undefined, { token: '' })
  const audience = String(clouds.body['authentication']?.['audiences']?.[0])
  const { body } = await send('GET', '/adfs/.well-known/openid-configuration', undefined, { token: '' })
  const claims = '{"access_token":{"xms_cc":{"values":["CP1"]}}}'
  const form = { client_id: '33333333-3333-4333-8333-333333333333', client_info: '1', claims, scope: `${audience}/.default`, ...way }
  const answer = await send('POST', String(body['token_endpoint']), new URLSearchParams(form).toString(), {
    token: '',
    headers: { 'content-type': 'application/x-www-form-urlencoded' }
  })
  expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) })
  const token = String(answer.body['access_token'])
  for (const path of way.grant_type === 'password' ? ['/tenants', '/subscriptions'] : ['/subscriptions'])
    expect((await send('GET', path, undefined, { apiVersion: '2022-12-01', token })).body['value']).toMatchObject([
      { id: expect.any(String), tenantId: expect.any(String), ...(path === '/subscriptions' && { state: 'Enabled' }) }
    ])
})

test('WIRE-20 az lock update and delete over a subscription, which list its locks first', async () => {
  const client = await armWithGroup()
  const locks = `${subscription}/providers/Microsoft.Authorization/locks`
  const listed = async (): Promise<string> => (await ask(client, `GET ${locks}`, '2016-09-01', takes.read)).text
  await ask(client, `PUT ${locks}/sublock`, '2016-09-01', takes.lockPut, { properties: { level: 'CanNotDelete' } })
  expect(await listed()).toContain('sublock')
  const { body } = await ask(client, `GET ${locks}/sublock`, '2016-09-01', takes.read)
  const noted = echo(body, ({ properties = {} }) => {
    properties['notes'] = 'held'
  })
  expect((await ask(client, `PUT ${locks}/sublock`, '2016-09-01', takes.lockPut, noted)).body).toMatchObject({
    properties: { notes: 'held' }
  })
  await ask(client, `DELETE ${lower}`, groups, [409])
  await ask(client, `DELETE ${locks}/sublock`, '2016-09-01', takes.lockDelete)
  expect(await listed()).not.toContain('sublock')
})

test('WIRE-20 az role assignment list and delete by scope and assignee, which read the list at the scope', async () => {
  const client = await armWithGroup()
  const rights = `${groupId}/providers/Microsoft.Authorization`
  const principalId = 'b14ee29e-54cd-4425-a067-e35854a5d532'
  const roleDefinitionId = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`
  const sent = { properties: { roleDefinitionId, principalId, principalType: 'ServicePrincipal' } }
  const listed = `GET ${rights}/roleAssignments?$filter=atScope()` as const
  await ask(client, `PUT ${rights}/roleAssignments/88888888-0000-0000-0000-000000000001`, '2022-04-01', [201], sent)
  const found = (await ask(client, listed, '2022-04-01', takes.read)).body['value'] as unknown as Body[]
  expect([...found].map(one => one['properties'])).toMatchObject([{ principalId, roleDefinitionId, scope: groupId }])
  for (const { id } of found) await ask(client, `DELETE ${String(id)}`, '2022-04-01', [200, 204])
  expect((await ask(client, listed, '2022-04-01', takes.read)).body).toEqual({ value: [] })
})
