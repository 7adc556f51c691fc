import { describe, expect, test } from 'vitest'
import { type Body, group, ours, subscription } from './arm.ts'
import {
  armWithNetwork,
  child,
  code,
  delegated,
  endpointSubnet,
  failure,
  injected,
  message,
  office,
  otherServer,
  properties,
  refusalOf,
  server,
  serverBody,
  serverId,
  serverName,
  zoneId
} from './servers.ts'

const zoneNamed = (name: string): string => zoneId.replace(/[^/]+$/, name)

describe('the needs of a server in a virtual network', () => {
  test.each([
    [
      'no public access',
      { network: { ...injected.network, publicNetworkAccess: 'Enabled' } },
      'ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration'
    ],
    ['a delegation', { network: { ...injected.network, delegatedSubnetResourceId: endpointSubnet } }, 'InvalidParameterValue'],
    ['a subnet', { network: { ...injected.network, delegatedSubnetResourceId: `${delegated}2` } }, 'InvalidParameterValue'],
    ['a near one', { ...injected, location: 'westus' }, 'InvalidParameterValue'],
    ['a zone that is there', { network: { ...injected.network, privateDnsZoneArmResourceId: `${zoneId}2` } }, 'InvalidParameterValue'],
    ['a zone', { network: { delegatedSubnetResourceId: delegated } }, 'MissingRequiredParameter']
  ])('PGNET-01 PGNET-03 PGNET-04 %s', async (_what, parts, expected) => {
    const { send } = await armWithNetwork()
    expect(refusalOf(await send('PUT', server, serverBody(parts)))).toEqual([400, expected])
    expect((await send('GET', server)).status).toBe(404)
  })

  test('PGNET-05 a zone that is not named after the server, which is found out after a minute', async () => {
    const { send, done, wait } = await armWithNetwork()
    const own = zoneNamed(`${serverName}.postgres.database.azure.com`)
    await done('PUT', own, { location: 'global' })
    const put = await send('PUT', server, serverBody({ network: { ...injected.network, privateDnsZoneArmResourceId: own } }))
    const poll = async () => send('GET', put.headers.get('azure-asyncoperation') ?? '')
    await wait(50)
    expect((await poll()).body['status']).toBe('InProgress')
    await wait(15)
    expect((await poll()).body['error']).toEqual({
      code: 'PrivateDnsZoneNameNotValid',
      message: `The Private DNS Zone name provided [${serverName}.postgres.database.azure.com] is not valid. It can not be server name plus zone suffix.`
    })
    expect((await send('GET', server)).status).toBe(404)
  })

  test('PGNET-06 a zone with the right ending', async () => {
    const { done } = await armWithNetwork()
    const other = zoneNamed('privatelink.example.com')
    await done('PUT', other, { location: 'global' })
    const ended = await done('PUT', server, serverBody({ network: { ...injected.network, privateDnsZoneArmResourceId: other } }))
    expect(failure(ended)).toEqual(['Failed', 'PrivateDnsZoneNameNotValid'])
    expect(message(ended)).toContain('[privatelink.example.com] is not valid.')
  })
})

describe('a server in a virtual network', () => {
  test('PGNET-02 PGNET-07 PGNET-09 PGNET-10 PGNET-11 is closed to the public, has no connections, and keeps its subnet', async () => {
    const client = await armWithNetwork()
    const { send, done } = client
    expect((await done('PUT', server, serverBody(injected))).body['status']).toBe('Succeeded')
    const live = await properties(client)
    expect(live?.['network']).toEqual({ ...injected.network, publicNetworkAccess: 'Disabled' })
    expect(live).not.toHaveProperty('privateEndpointConnections')
    expect((await send('GET', child('privateLinkResources'))).body).toEqual({ value: [] })
    expect(code(await send('DELETE', delegated))).toBe('InUseSubnetCannotBeDeleted')
    const opened = await send('PATCH', server, { properties: { network: { publicNetworkAccess: 'Enabled' } } })
    expect(refusalOf(opened)).toEqual([400, 'ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration'])
    expect((await done('PUT', child('firewallRules/office'), office)).body['status']).toBe('Succeeded')
    await done('DELETE', server)
    expect((await done('DELETE', delegated)).status).not.toBe(400)
    expect((await send('GET', delegated)).status).toBe(404)
  })

  test('PGNET-15 PGNET-16 PGNET-17 leaves its link in the subnet while it is there, and a service endpoint for good', async () => {
    const client = await armWithNetwork()
    const { send, done } = client
    const subnet = async () => (await properties(client, delegated)) ?? ({} as Body)
    const network = async () =>
      (await send('GET', delegated.replace(/\/subnets\/.*$/, ''))).body['properties']?.['subnets']?.[1]?.['properties'] ?? ({} as Body)
    const before = (await send('GET', delegated)).body['etag']
    await done('PUT', server, serverBody(injected))
    const [link] = (await subnet())['serviceAssociationLinks'] as unknown as readonly [Body]
    const { name, id } = link as unknown as { readonly name: string; readonly id: string }
    // The members are those that az 2.85 recorded (test_postgres_flexible_server_existing_private_dns_zone).
    expect(name).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-service-association-link$/)
    expect([id, (await send('GET', delegated)).body['etag'] === before]).toEqual([`${delegated}/serviceAssociationLinks/${name}`, false])
    expect(link['properties']).toEqual({
      provisioningState: 'Succeeded',
      linkedResourceType: 'Microsoft.DBforPostgreSQL/flexibleServers',
      enabledForArmDeployments: false,
      allowDelete: false,
      subnetId: expect.stringMatching(/^(?!0{8})[0-9a-f-]{36}$/),
      locations: []
    })
    expect((await network())['serviceAssociationLinks']?.[0]?.['properties']?.['subnetId']).toBe('00000000-0000-0000-0000-000000000000')
    const serviceEndpoints = [{ provisioningState: 'Succeeded', service: 'Microsoft.Storage', locations: ['eastus2', 'centralus'] }]
    expect((await subnet())['serviceEndpoints']).toEqual(serviceEndpoints)
    expect(message(await send('DELETE', delegated))).toContain(`is in use by ${id} and cannot be deleted`)
    const undelegated = await send('PUT', delegated, { properties: { addressPrefix: '10.0.0.0/28', delegations: [] } })
    expect(refusalOf(undelegated)).toEqual([400, 'SubnetMissingRequiredDelegation'])
    await done('DELETE', server)
    expect(await subnet()).not.toHaveProperty('serviceAssociationLinks')
    expect((await subnet())['serviceEndpoints']).toEqual(serviceEndpoints)
  })

  test('PGNET-18 PGNET-19 keeps a record of its address in its zone, and takes it along to another', async () => {
    const client = await armWithNetwork()
    const { send, done } = client
    const books = zoneNamed('books.private.postgres.database.azure.com')
    await done('PUT', books, { location: 'global' })
    const records = async (zone: string) =>
      [...((await send('GET', `${zone}/A`)).body['value'] as unknown as readonly Body[])].map(one => [
        one['name'],
        one['properties']?.['aRecords']
      ])
    await done('PUT', server, serverBody(injected))
    const other = otherServer('orders-two')
    await done('PUT', other, serverBody(injected))
    const [first, second] = await records(zoneId)
    expect([first?.[1], second?.[1]].map(one => JSON.stringify(one)).sort()).toEqual([
      '[{"ipv4Address":"10.0.0.4"}]',
      '[{"ipv4Address":"10.0.0.5"}]'
    ])
    await done('DELETE', other)
    const [record, ...more] = await records(zoneId)
    expect([record?.[1], more]).toEqual([[{ ipv4Address: '10.0.0.4' }], []])
    await done('PATCH', server, { properties: { network: { ...injected.network, privateDnsZoneArmResourceId: books } } })
    expect([await records(zoneId), await records(books)]).toEqual([[], [record]])
    await done('DELETE', server)
    expect(await records(books)).toEqual([])
  })

  test.each([
    ['zone', zoneId, 'before'],
    ['subnet', delegated, 'before'],
    ['zone', zoneId, 'meanwhile'],
    ['network', delegated.replace(/\/subnets\/.*$/, ''), 'meanwhile']
  ] as const)('PGNET-13 PGNET-14 LOCK-33 a ReadOnly lock on its %s %s', async (_what, scope, when) => {
    const { send, done, wait } = await armWithNetwork()
    const hold = `${scope}/providers/Microsoft.Authorization/locks/hold`
    const lock = async () => expect((await send('PUT', hold, { properties: { level: 'ReadOnly' } })).status).toBe(201)
    if (when === 'before') await lock()
    const put = await send('PUT', server, serverBody(injected))
    expect(put.status).toBe(202)
    await wait(30)
    if (when === 'meanwhile') await lock()
    await wait(600)
    const poll = await send('GET', put.headers.get('azure-asyncoperation') ?? '')
    expect(poll.body).toMatchObject({ status: 'Failed', error: { code: 'ScopeLocked' } })
    expect(poll.body['error']?.['message']).toContain(`are locked: '${scope}'`)
    expect((await send('GET', server)).status).toBe(404)
    await send('DELETE', hold)
    expect((await done('PUT', server, serverBody(injected))).body['status']).toBe('Succeeded')
    await lock()
    expect((await done('PATCH', server, { tags: { stage: 'two' } })).body['status']).toBe('Succeeded')
  })

  test('PGNET-08 takes no private endpoints', async () => {
    const { send, done } = await armWithNetwork()
    await done('PUT', server, serverBody(injected))
    const connection = { name: 'c', properties: { privateLinkServiceId: serverId, groupIds: ['postgresqlServer'] } }
    const endpoint = await send('PUT', `${group}/providers/Microsoft.Network/privateEndpoints/pe`, {
      location: 'eastus2',
      properties: { privateLinkServiceConnections: [connection], subnet: { id: endpointSubnet } }
    })
    expect(refusalOf(endpoint)).toEqual([400, 'PrivateEndpointFeatureNotSupportedOnServer'])
    expect(message(endpoint)).toMatch(/^Call to Microsoft\.DBforPostgreSQL\/flexibleServers failed\./)
  })

  ours.each(['Disabled', 'Enabled'] as const)('PGNET-12 PGNET-20 can leave it, and not come back: %s', async left => {
    const client = await armWithNetwork({ behaviours: { migrationLeavesPublicAccess: left } })
    const { send, done, wait } = client
    await done('PUT', server, serverBody(injected))
    const early = await send('POST', child('migrateNetwork'))
    expect(early.status).toBe(400)
    const begun = await send('POST', `${serverId}/migrateNetwork`, undefined, '2026-01-01-preview')
    expect(begun.status).toBe(202)
    await wait(1199)
    expect(await properties(client)).toMatchObject({ state: 'Updating', network: { delegatedSubnetResourceId: delegated } })
    await wait(1)
    expect((await send('GET', begun.headers.get('location') ?? '')).body).toMatchObject({ serverName, state: 'Succeeded' })
    const live = await properties(client)
    expect(live).toMatchObject({ state: 'Ready', network: { publicNetworkAccess: left }, privateEndpointConnections: [] })
    expect(live?.['network']).not.toHaveProperty('delegatedSubnetResourceId')
    expect((await send('GET', child('privateLinkResources'))).body['value']).toHaveLength(1)
    expect(await properties(client, delegated)).not.toHaveProperty('serviceAssociationLinks')
    expect((await send('GET', `${zoneId}/A`)).body).toEqual({ value: [] })
    expect(refusalOf(await send('PATCH', server, { properties: injected }))).toEqual([400, 'PropertyChangeNotAllowed'])
    expect((await send('POST', `${serverId}/migrateNetwork`, undefined, '2026-04-01-preview')).status).toBe(400)
  })

  ours('PGNET-21 stays in it where the operation fails', async () => {
    const faults = [{ method: 'POST', path: 'migrateNetwork$', operation: { code: 'InternalServerError', message: 'no' } }]
    const client = await armWithNetwork({ faults })
    const { send, done, wait } = client
    await done('PUT', server, serverBody(injected))
    const begun = await send('POST', `${serverId}/migrateNetwork`, undefined, '2026-01-01-preview')
    await wait(60)
    expect(await properties(client)).toMatchObject({ state: 'Updating' })
    await wait(1200)
    expect((await send('GET', begun.headers.get('azure-asyncoperation') ?? '')).body['status']).toBe('Failed')
    expect(await properties(client)).toMatchObject({ state: 'Ready', network: { delegatedSubnetResourceId: delegated } })
  })
})

ours('SUB-13 a type is offered in other versions where a switch says so', async () => {
  const offered = ['2025-08-01', '2026-10-01']
  const { send, done } = await armWithNetwork({ behaviours: { apiVersions: { 'Microsoft.DBforPostgreSQL/flexibleServers': offered } } })
  const { body } = await send('GET', `${subscription}/providers/Microsoft.DBforPostgreSQL`, undefined, '2021-04-01')
  const types = body['resourceTypes'] as unknown as readonly { readonly resourceType: string; readonly apiVersions: readonly string[] }[]
  expect(types.find(({ resourceType }) => resourceType === 'flexibleServers')?.apiVersions).toEqual([...offered].reverse())
  await done('PUT', server, serverBody(injected))
  expect((await send('POST', `${serverId}/migrateNetwork`, undefined, '2026-01-01-preview')).status).toBe(400)
  expect((await send('POST', `${serverId}/migrateNetwork`, undefined, '2026-10-01')).status).toBe(202)
})
