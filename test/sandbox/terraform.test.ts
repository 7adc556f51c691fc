import { expect, test } from 'vitest'
import { type Arm, arm, type Body, group as groupId, type Json, type Reply, unique } from './arm.ts'
import { exchange, type Step } from './exchange.ts'

/*
 * The requests of Terraform's azurerm provider, resource by resource: created (asked for first, and 404), read as each plan
 * does, and destroyed until it is 404. A status that is not listed is an error to it.
 */

const net = `${groupId}/providers/Microsoft.Network`
const vnet = `${net}/virtualNetworks/vnet`
const subnet = `${vnet}/subnets/pe`
const server = `${groupId}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${unique('pg-tf')}`
const factory = `${groupId}/providers/Microsoft.DataFactory/factories/${unique('adf')}`
const zone = `${net}/privateDnsZones/privatelink.postgres.database.azure.com`
const endpoint = `${net}/privateEndpoints/pe`

const versions = {
  group: '2023-07-01',
  network: '2025-01-01',
  lock: '2020-05-01',
  postgres: '2025-08-01',
  dns: '2024-06-01',
  factory: '2018-06-01'
}

/** On every request, those without a body included; one id for the whole run of the provider. */
const headers = {
  'content-type': 'application/json; charset=utf-8',
  'x-ms-correlation-request-id': '88888888-8888-4888-8888-888888888888',
  'accept-encoding': 'identity'
}
/** The private DNS clients send both, with nothing in them. */
const emptyMatches = { ...headers, 'if-match': '', 'if-none-match': '' }

interface Ways {
  readonly body?: Json
  readonly headers?: Readonly<Record<string, string>>
}

const ask = (client: Arm, call: Step['call'], version: string, takes: readonly number[], ways: Ways = {}): Promise<Reply> =>
  exchange(client, { call, version, takes, headers, ...ways })

async function created(client: Arm, path: string, version: string, takes: readonly number[], ways: Ways): Promise<Body> {
  await ask(client, `GET ${path}`, version, [404], ways.headers ? { headers: ways.headers } : {})
  await ask(client, `PUT ${path}`, version, takes, ways)
  return settled(client, path, version)
}

/** Where no header leads to an operation, the resource itself is asked until it has succeeded. */
async function settled(client: Arm, path: string, version: string): Promise<Body> {
  for (let polls = 0; polls < 100; polls += 1) {
    const { body } = await ask(client, `GET ${path}`, version, [200])
    const state = body['properties']?.['provisioningState']
    if (state === undefined || state === ('Succeeded' as unknown)) return body
    await client.wait(10)
  }
  throw new Error(`${path} does not settle.`)
}

async function destroyed(client: Arm, path: string, version: string, takes: readonly number[], ways: Ways = {}): Promise<void> {
  await ask(client, `DELETE ${path}`, version, takes, ways)
  for (let polls = 0; polls < 100; polls += 1) {
    const { status } = await ask(client, `GET ${path}`, version, [200, 404])
    if (status === 404) return
    await client.wait(10)
  }
  throw new Error(`${path} does not go.`)
}

async function armWithGroup(): Promise<Arm> {
  const client = await arm()
  await created(client, groupId, versions.group, [200, 201], { body: { location: 'eastus2', tags: {} } })
  return client
}

async function armWithNetwork(): Promise<Arm> {
  const client = await armWithGroup()
  const body = {
    location: 'eastus2',
    tags: {},
    properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, dhcpOptions: { dnsServers: [] }, subnets: [] }
  }
  await created(client, vnet, versions.network, [200, 201], { body })
  const inside = {
    addressPrefixes: ['10.0.1.0/24'],
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPolicies: 'Enabled'
  }
  await created(client, subnet, versions.network, [200, 201], {
    body: { properties: { ...inside, delegations: [], serviceEndpoints: [] } }
  })
  return client
}

const none = { type: 'None', userAssignedIdentities: null }

const serverBody = {
  identity: none,
  location: 'eastus2',
  sku: { name: 'Standard_D2s_v3', tier: 'GeneralPurpose' },
  tags: {},
  properties: {
    administratorLogin: 'adm',
    administratorLoginPassword: 'correct-Horse-7',
    availabilityZone: '1',
    backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' },
    highAvailability: { mode: 'Disabled' },
    network: { publicNetworkAccess: 'Enabled' },
    storage: { autoGrow: 'Disabled', storageSizeGB: 32, tier: 'P4' },
    version: '16'
  }
}

const factoryBody = {
  identity: none,
  location: 'eastus2',
  tags: {},
  properties: { globalParameters: {}, publicNetworkAccess: 'Enabled', repoConfiguration: null }
}

async function withServer(client: Arm): Promise<void> {
  await created(client, server, versions.postgres, [202], { body: serverBody })
}

async function withFactory(client: Arm): Promise<void> {
  await created(client, factory, versions.factory, [200], { body: factoryBody })
  await ask(client, `PUT ${factory}/managedVirtualNetworks/default`, versions.factory, [200], { body: { properties: {} } })
}

test('WIRE-21 azurerm_resource_group', async () => {
  const client = await armWithGroup()
  expect((await ask(client, `GET ${groupId}`, versions.group, [200])).body).toMatchObject({ id: groupId, location: 'eastus2' })
  const within = await ask(client, `GET ${groupId}/resources?$expand=provisioningState&$top=10`, versions.group, [200])
  expect(within.body).toEqual({ value: [] })
  await destroyed(client, groupId, versions.group, [200, 202])
})

test('WIRE-21 azurerm_virtual_network and azurerm_subnet', async () => {
  const client = await armWithNetwork()
  expect((await ask(client, `GET ${vnet}`, versions.network, [200])).body).toMatchObject({
    location: 'eastus2',
    properties: { provisioningState: 'Succeeded', addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, subnets: [{ id: subnet }] }
  })
  expect((await ask(client, `GET ${subnet}`, versions.network, [200])).body['properties']).toMatchObject({
    provisioningState: 'Succeeded',
    addressPrefixes: ['10.0.1.0/24'],
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPolicies: 'Enabled'
  })
  await destroyed(client, subnet, versions.network, [200, 202, 204])
  await destroyed(client, vnet, versions.network, [200, 202, 204])
})

test('WIRE-21 azurerm_management_lock', async () => {
  const client = await armWithNetwork()
  const lock = `${vnet}/providers/Microsoft.Authorization/locks/keep`
  const body = await created(client, lock, versions.lock, [200, 201], { body: { properties: { level: 'CanNotDelete', notes: '' } } })
  expect(body).toMatchObject({ id: lock, name: 'keep', properties: { level: 'CanNotDelete' } })
  expect((await ask(client, `DELETE ${subnet}`, versions.network, [409])).body).toMatchObject({ error: { code: 'ScopeLocked' } })
  await destroyed(client, lock, versions.lock, [200, 204])
  await destroyed(client, subnet, versions.network, [200, 202, 204])
})

test('WIRE-21 azurerm_postgresql_flexible_server, its databases and firewall rules', async () => {
  const client = await armWithGroup()
  await withServer(client)
  const { body } = await ask(client, `GET ${server}`, versions.postgres, [200])
  expect(body).toMatchObject({
    sku: serverBody.sku,
    properties: {
      fullyQualifiedDomainName: expect.stringContaining('.postgres.database.azure.com'),
      availabilityZone: '1',
      storage: { storageSizeGB: 32, tier: 'P4', autoGrow: 'Disabled' },
      backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' },
      network: { publicNetworkAccess: 'Enabled' },
      version: '16'
    }
  })
  const database = { charset: 'UTF8', collation: 'en_US.utf8' }
  const rule = { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' }
  for (const [path, properties] of [
    [`${server}/databases/app`, database],
    [`${server}/firewallRules/office`, rule]
  ] as const) {
    expect((await created(client, path, versions.postgres, [202], { body: { properties } }))['properties']).toMatchObject(properties)
    await destroyed(client, path, versions.postgres, [202, 204])
  }
  await destroyed(client, server, versions.postgres, [202, 204])
})

test('WIRE-21 azurerm_private_dns_zone and its link', async () => {
  const client = await armWithNetwork()
  const dns = { headers: emptyMatches }
  await created(client, zone, versions.dns, [200, 201, 202], { ...dns, body: { location: 'global', tags: {} } })
  const soa = (await ask(client, `GET ${zone}/SOA/@`, versions.dns, [200])).body['properties']
  expect(soa).toMatchObject({ soaRecord: { email: expect.any(String), host: expect.any(String), refreshTime: expect.any(Number) } })
  const link = `${zone}/virtualNetworkLinks/link`
  const body = { location: 'global', tags: {}, properties: { registrationEnabled: false, virtualNetwork: { id: vnet } } }
  expect(await created(client, link, versions.dns, [200, 201, 202], { ...dns, body })).toMatchObject({
    properties: { registrationEnabled: false, virtualNetwork: { id: vnet } }
  })
  await destroyed(client, link, versions.dns, [200, 202, 204], dns)
  await destroyed(client, zone, versions.dns, [200, 202, 204], dns)
})

test('WIRE-21 azurerm_private_endpoint, whose group has the name of the endpoint in its body', async () => {
  const client = await armWithNetwork()
  await withServer(client)
  await created(client, zone, versions.dns, [200, 201, 202], { headers: emptyMatches, body: { location: 'global', tags: {} } })
  const connection = { name: 'pg', properties: { groupIds: ['postgresqlServer'], privateLinkServiceId: server, requestMessage: '' } }
  const properties = { privateLinkServiceConnections: [connection], manualPrivateLinkServiceConnections: [], subnet: { id: subnet } }
  await created(client, endpoint, versions.network, [200, 201], { body: { location: 'eastus2', tags: {}, properties } })
  const group = `${endpoint}/privateDnsZoneGroups/default`
  const configs = [{ name: 'privatelink.postgres.database.azure.com', properties: { privateDnsZoneId: zone } }]
  await ask(client, `PUT ${group}`, versions.network, [200, 201], {
    body: { id: group, name: 'pe', properties: { privateDnsZoneConfigs: configs } }
  })

  const read = (await ask(client, `GET ${endpoint}`, versions.network, [200])).body['properties']
  expect(read).toMatchObject({
    subnet: { id: subnet },
    privateLinkServiceConnections: [{ name: 'pg', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }]
  })
  const nic = String(read?.['networkInterfaces']?.[0]?.['id'])
  expect((await ask(client, `GET ${nic}`, versions.network, [200])).body['properties']).toMatchObject({
    ipConfigurations: [{ properties: { privateIPAddress: '10.0.1.4' } }]
  })
  const listed = await ask(client, `GET ${endpoint}/privateDnsZoneGroups`, versions.network, [200])
  expect(listed.body['value']).toMatchObject([{ id: group, name: 'default' }])
  expect((await ask(client, `GET ${group}`, versions.network, [200])).body['properties']).toMatchObject({
    privateDnsZoneConfigs: [{ properties: { privateDnsZoneId: zone, recordSets: [{ recordType: 'A', ipAddresses: ['10.0.1.4'] }] } }]
  })
  await destroyed(client, group, versions.network, [200, 202, 204])
  await destroyed(client, endpoint, versions.network, [200, 202, 204])
})

test('WIRE-21 azurerm_data_factory and azurerm_data_factory_integration_runtime_azure', async () => {
  const client = await armWithGroup()
  await withFactory(client)
  expect((await ask(client, `GET ${factory}`, versions.factory, [200])).body).toMatchObject({
    location: 'eastus2',
    properties: { publicNetworkAccess: 'Enabled' }
  })
  const networks = (await ask(client, `GET ${factory}/managedVirtualNetworks`, versions.factory, [200])).body['value']
  expect(networks).toMatchObject([{ name: 'default' }])
  const runtime = `${factory}/integrationRuntimes/azure`
  const properties = {
    type: 'Managed',
    description: '',
    managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
    typeProperties: {
      computeProperties: { location: 'AutoResolve', dataFlowProperties: { computeType: 'General', coreCount: 8, timeToLive: 0 } }
    }
  }
  expect((await created(client, runtime, versions.factory, [200], { body: { properties } }))['properties']).toMatchObject({
    type: 'Managed'
  })
  expect((await ask(client, `POST ${runtime}/getStatus`, versions.factory, [200])).body['properties']).toMatchObject({
    type: 'Managed',
    state: expect.any(String),
    typeProperties: expect.anything()
  })
  for (const path of [runtime, factory]) await ask(client, `DELETE ${path}`, versions.factory, [200, 204])
  await ask(client, `GET ${factory}`, versions.factory, [404])
})

test('WIRE-21 azurerm_data_factory_managed_private_endpoint and azurerm_data_factory_linked_service_postgresql', async () => {
  const client = await armWithGroup()
  await withServer(client)
  await withFactory(client)
  const endpoints = `${factory}/managedVirtualNetworks/default/managedPrivateEndpoints`
  // It lists to find out whether the endpoint is there: a GET of one that is not answers in Data Factory's own way.
  expect((await ask(client, `GET ${endpoints}`, versions.factory, [200])).body).toEqual({ value: [] })
  const properties = { fqdns: [], groupId: 'postgresqlServer', privateLinkResourceId: server }
  await ask(client, `PUT ${endpoints}/pg`, versions.factory, [200], { body: { properties } })
  expect((await settled(client, `${endpoints}/pg`, versions.factory))['properties']).toMatchObject({
    provisioningState: 'Succeeded',
    privateLinkResourceId: server,
    groupId: 'postgresqlServer'
  })
  const service = `${factory}/linkedservices/pg`
  const connectionString = { type: 'SecureString', value: 'host=pg;port=5432;database=app' }
  const body = {
    properties: { type: 'PostgreSql', description: '', parameters: {}, annotations: [], typeProperties: { connectionString } }
  }
  expect((await created(client, service, versions.factory, [200], { body }))['properties']).toMatchObject({ type: 'PostgreSql' })
  for (const path of [service, `${endpoints}/pg`, factory]) await ask(client, `DELETE ${path}`, versions.factory, [200, 204])
})
