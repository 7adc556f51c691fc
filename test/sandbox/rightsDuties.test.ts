import { describe, expect } from 'vitest'
import { type Arm, group, ours, type Reply } from './arm.ts'
import {
  clientId,
  delegated,
  endpoint,
  endpointBody,
  factory,
  objectId,
  office,
  said,
  securityGroup,
  server,
  serverBody,
  somebody,
  subnet,
  vnet,
  words,
  zone
} from './principals.ts'

const pg = 'Microsoft.DBforPostgreSQL'
const locations = [
  'azureAsyncOperation',
  'operationResults',
  'privateEndpointConnectionAzureAsyncOperation',
  'privateEndpointConnectionOperationResults'
].map(one => `${pg}/locations/${one}/read`)

const network = somebody(1, 'network', { scope: group, role: 'Network Contributor' })
const approver = somebody(2, 'approver', {
  scope: server,
  actions: [
    `${pg}/flexibleServers/read`,
    `${pg}/flexibleServers/privateEndpointConnections/read`,
    `${pg}/flexibleServers/privateEndpointConnections/write`,
    `${pg}/flexibleServers/privateEndpointConnectionsApproval/action`,
    ...locations
  ]
})
const data = somebody(3, 'data', { scope: group, role: 'Data Factory Contributor' })

const linked = (number: number, asked: readonly [string, string], there: readonly [string, ...string[]]): string =>
  `The client '${clientId(number)}' with object id '${objectId(number)}' has permission to perform action '${asked[0]}' on scope '${asked[1]}'; however, it does not have permission to perform action '${there[0]}' on the linked scope(s) '${there.slice(1).join(',')}' or the linked scope(s) are invalid.`

const ended = ({ body }: Reply): unknown => body['status']

async function connections({ send }: Pick<Arm, 'send'>): Promise<readonly { id: string; properties: { [name: string]: unknown } }[]> {
  return (await send('GET', `${server}/privateEndpointConnections`)).body['value'] as never
}

const decision = (status: string): { properties: { privateLinkServiceConnectionState: { status: string; description: string } } } => ({
  properties: { privateLinkServiceConnectionState: { status, description: 'decided' } }
})

describe('the network people', () => {
  ours('RIGHT-30 cannot make a connection that approves itself without the right to approve', async () => {
    const { as, boss } = await office([network])
    const answer = await (await as(network)).send('PUT', endpoint, endpointBody('privateLinkServiceConnections'))
    expect([...said(answer), words(answer)]).toEqual([
      403,
      'LinkedAuthorizationFailed',
      linked(1, ['Microsoft.Network/privateEndpoints/write', endpoint], ['PrivateEndpointConnectionsApproval/action', server])
    ])
    expect(answer.headers.get('x-ms-failure-cause')).toBe('gateway')
    expect((await boss.send('GET', endpoint)).status).toBe(404)
    expect(await connections(boss)).toEqual([])
  })

  ours('RIGHT-31 can make a request, which takes no right on the server', async () => {
    const { as, boss } = await office([network])
    const { done, send } = await as(network)
    expect(said(await send('GET', server))).toEqual([403, 'AuthorizationFailed'])
    expect(ended(await done('PUT', endpoint, endpointBody('manualPrivateLinkServiceConnections')))).toBe('Succeeded')
    const [connection] = await connections(boss)
    expect(connection?.properties).toMatchObject({ privateLinkServiceConnectionState: { status: 'Pending' } })
  })

  ours('RIGHT-30 with that right, in either spelling, the connection approves itself', async () => {
    const actions = [`${pg}/flexibleServers/PrivateEndpointConnectionsApproval/action`]
    const trusted = somebody(4, 'trusted', { scope: group, role: 'Network Contributor' }, { scope: server, actions })
    const { as, boss } = await office([trusted])
    expect(ended(await (await as(trusted)).done('PUT', endpoint, endpointBody('privateLinkServiceConnections')))).toBe('Succeeded')
    const [connection] = await connections(boss)
    expect(connection?.properties).toMatchObject({ privateLinkServiceConnectionState: { status: 'Approved' } })
  })

  ours('RIGHT-32 need the right to join the subnet of an endpoint', async () => {
    const actions = ['Microsoft.Network/privateEndpoints/*']
    const guest = somebody(4, 'guest', { scope: group, actions })
    const { as } = await office([guest])
    const answer = await (await as(guest)).send('PUT', endpoint, endpointBody('manualPrivateLinkServiceConnections'))
    expect([...said(answer), words(answer)]).toEqual([
      403,
      'LinkedAuthorizationFailed',
      linked(4, ['Microsoft.Network/privateEndpoints/write', endpoint], ['Microsoft.Network/virtualNetworks/subnets/join/action', subnet])
    ])
  })

  ours('RIGHT-33 need the right to join every zone of a zone group', async () => {
    const other = `${zone}.two`
    const guest = somebody(4, 'guest', { scope: group, actions: ['*'], notActions: ['Microsoft.Network/privateDnsZones/join/action'] })
    const { as, boss } = await office([guest])
    await boss.done('PUT', endpoint, endpointBody('privateLinkServiceConnections'))
    const zones = `${endpoint}/privateDnsZoneGroups/default`
    const privateDnsZoneConfigs = [zone, other].map((id, index) => ({ name: `zone-${index}`, properties: { privateDnsZoneId: id } }))
    const answer = await (await as(guest)).send('PUT', zones, { properties: { privateDnsZoneConfigs } })
    expect([...said(answer), words(answer)]).toEqual([
      403,
      'LinkedAuthorizationFailed',
      linked(
        4,
        ['Microsoft.Network/privateEndpoints/privateDnsZoneGroups/write', zones],
        ['Microsoft.Network/privateDnsZones/join/action', zone, other]
      )
    ])
    const group1 = { properties: { privateDnsZoneConfigs: privateDnsZoneConfigs.slice(0, 1) } }
    expect(ended(await boss.done('PUT', zones, group1))).toBe('Succeeded')
    // Whoever takes it away joins nothing.
    expect((await (await as(guest)).send('DELETE', zones)).status).toBe(202)
  })

  ours('RIGHT-34 need the right to join the network that a zone is linked to', async () => {
    const guest = somebody(4, 'guest', { scope: zone, actions: ['Microsoft.Network/privateDnsZones/*'] })
    const { as } = await office([guest])
    const link = `${zone}/virtualNetworkLinks/hub`
    const body = { location: 'global', properties: { registrationEnabled: false, virtualNetwork: { id: vnet } } }
    const answer = await (await as(guest)).send('PUT', link, body)
    expect([...said(answer), words(answer)]).toEqual([
      403,
      'LinkedAuthorizationFailed',
      linked(
        4,
        ['Microsoft.Network/privateDnsZones/virtualNetworkLinks/write', link],
        ['Microsoft.Network/virtualNetworks/join/action', vnet]
      )
    ])
  })

  ours('RIGHT-35 need the right to join a security group, whether the subnet comes by itself or in its network', async () => {
    const guest = somebody(4, 'guest', { scope: vnet, actions: ['Microsoft.Network/virtualNetworks/*'] })
    const { as } = await office([guest])
    const { send } = await as(guest)
    const properties = { addressPrefix: '10.0.1.0/24', networkSecurityGroup: { id: securityGroup } }
    const there = ['Microsoft.Network/networkSecurityGroups/join/action', securityGroup] as const
    expect(words(await send('PUT', subnet, { properties }))).toBe(
      linked(4, ['Microsoft.Network/virtualNetworks/subnets/write', subnet], [...there])
    )
    const whole = {
      location: 'eastus2',
      properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, subnets: [{ name: 'endpoints', properties }] }
    }
    expect(words(await send('PUT', vnet, whole))).toBe(linked(4, ['Microsoft.Network/virtualNetworks/write', vnet], [...there]))
    expect((await send('PUT', subnet, { properties: { addressPrefix: '10.0.1.0/24' } })).status).toBe(200)
  })

  ours('PEER-13 need the right to peer on the other network', async () => {
    const spoke = vnet.replace('rg-net', 'rg-spoke')
    const guest = somebody(4, 'guest', { scope: vnet, actions: ['Microsoft.Network/virtualNetworks/*'] })
    const { as } = await office([guest])
    const peering = `${vnet}/virtualNetworkPeerings/to-spoke`
    const body = { properties: { remoteVirtualNetwork: { id: spoke } } }
    const answer = await (await as(guest)).send('PUT', peering, body)
    expect([...said(answer), words(answer)]).toEqual([
      403,
      'LinkedAuthorizationFailed',
      linked(
        4,
        ['Microsoft.Network/virtualNetworks/virtualNetworkPeerings/write', peering],
        ['Microsoft.Network/virtualNetworks/peer/action', spoke]
      )
    ])
  })
})

describe('the database people', () => {
  ours('RIGHT-36 need the right to join the subnet and the zone of a server in a network', async () => {
    const dba = somebody(4, 'dba', { scope: group, actions: [`${pg}/*`] })
    const joining = { scope: delegated, actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'] }
    const joiner = somebody(5, 'joiner', { scope: group, actions: [`${pg}/*`] }, joining)
    const { as } = await office([dba, joiner])
    const inside = `${group}/providers/${pg}/flexibleServers/inside`
    const body = serverBody({ network: { delegatedSubnetResourceId: delegated, privateDnsZoneArmResourceId: zone } })
    const asked = [`${pg}/flexibleServers/write`, inside] as const
    expect(words(await (await as(dba)).send('PUT', inside, body))).toBe(
      linked(4, asked, ['Microsoft.Network/virtualNetworks/subnets/join/action', delegated])
    )
    expect(words(await (await as(joiner)).send('PUT', inside, body))).toBe(
      linked(5, asked, ['Microsoft.Network/privateDnsZones/join/action', zone])
    )
    expect((await (await as(dba)).send('PUT', inside, serverBody())).status).toBe(202)
  })

  ours('RIGHT-37 decide on a connection with the smallest role that holds the right to approve, and on nothing else', async () => {
    const { as, boss } = await office([approver])
    await boss.done('PUT', endpoint, endpointBody('manualPrivateLinkServiceConnections'))
    const { send, done } = await as(approver)
    const [connection] = await connections({ send })
    expect(ended(await done('PUT', connection?.id ?? '', decision('Approved')))).toBe('Succeeded')
    expect((await connections({ send }))[0]?.properties).toMatchObject({ privateLinkServiceConnectionState: { status: 'Approved' } })
    expect(said(await send('DELETE', connection?.id ?? ''))).toEqual([403, 'AuthorizationFailed'])
    expect(said(await send('PATCH', server, { tags: { by: 'approver' } }))).toEqual([403, 'AuthorizationFailed'])
  })

  ours('RIGHT-37 cannot decide without that right', async () => {
    const actions = [`${pg}/flexibleServers/*`]
    const most = somebody(4, 'most', {
      scope: group,
      actions,
      notActions: [`${pg}/flexibleServers/privateEndpointConnectionsApproval/action`]
    })
    const { as, boss } = await office([most])
    await boss.done('PUT', endpoint, endpointBody('manualPrivateLinkServiceConnections'))
    const [connection] = await connections(boss)
    const id = connection?.id ?? ''
    const answer = await (await as(most)).send('PUT', id, decision('Approved'))
    expect([...said(answer), words(answer)]).toEqual([
      403,
      'LinkedAuthorizationFailed',
      linked(4, [`${pg}/flexibleServers/privateEndpointConnections/write`, id], ['PrivateEndpointConnectionsApproval/action', server])
    ])
  })
})

describe('the data factory people', () => {
  const managed = `${factory}/managedVirtualNetworks/default/managedPrivateEndpoints/orders`

  ours('RIGHT-38 make a managed private endpoint without any right on the server', async () => {
    const { as, boss, wait } = await office([data])
    const { send } = await as(data)
    expect(said(await send('GET', server))).toEqual([403, 'AuthorizationFailed'])
    const put = await send('PUT', managed, { properties: { privateLinkResourceId: server, groupId: 'postgresqlServer' } })
    expect(put.status).toBe(200)
    await wait(600)
    const [connection] = await connections(boss)
    expect(connection?.properties).toMatchObject({ privateLinkServiceConnectionState: { status: 'Pending' } })
    const decide = `${connection?.id ?? ''}`
    expect(said(await send('PUT', decide, decision('Approved')))).toEqual([403, 'AuthorizationFailed'])
  })
})

ours('RIGHT-39 a DELETE takes no right beside the one on the resource itself', async () => {
  const cleaner = somebody(4, 'cleaner', {
    scope: group,
    actions: ['Microsoft.Network/privateEndpoints/delete', 'Microsoft.Network/locations/*']
  })
  const { as, boss } = await office([cleaner])
  await boss.done('PUT', endpoint, endpointBody('privateLinkServiceConnections'))
  expect((await (await as(cleaner)).done('DELETE', endpoint)).status).toBe(200)
  expect((await boss.send('GET', endpoint)).status).toBe(404)
  expect(await connections(boss)).toEqual([])
})

ours('RIGHT-39 a connection can be deleted without the right to approve it', async () => {
  const actions = [`${pg}/flexibleServers/privateEndpointConnections/delete`, ...locations]
  const remover = somebody(4, 'remover', { scope: server, actions })
  const { as, boss } = await office([remover])
  await boss.done('PUT', endpoint, endpointBody('manualPrivateLinkServiceConnections'))
  const [connection] = await connections(boss)
  expect(ended(await (await as(remover)).done('DELETE', connection?.id ?? ''))).toBe('Succeeded')
  expect(await connections(boss)).toEqual([])
})
