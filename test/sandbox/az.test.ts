import { expect, test } from 'vitest'
import { arm, type Body, group as groupId, ours, subscription, unique } from './arm.ts'
import {
  armWithGroup,
  armWithNetwork,
  armWithServer,
  ask,
  echo,
  endpointBody,
  factory,
  groups,
  lower,
  net,
  server,
  takes,
  vnet,
  zone
} from './azCalls.ts'

/* The requests of the Azure CLI, in its spelling of paths and with its api-versions, and the statuses that each of its clients takes. */

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
