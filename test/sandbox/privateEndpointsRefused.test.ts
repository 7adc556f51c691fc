import { describe, expect, test } from 'vitest'
import { type Json, networks, ours } from './arm.ts'
import { armWithTarget, code, connectionOf, endpoint, endpointBody, message, propertiesOf, serverId, subnet, vnet } from './endpoints.ts'

const two = [
  { name: 'a', properties: { privateLinkServiceId: serverId, groupIds: ['postgresqlServer'] } },
  { name: 'b', properties: { privateLinkServiceId: serverId, groupIds: ['postgresqlServer'] } }
]
const one = `${endpoint}/privateLinkServiceConnections/to-gold`
const missing = (id: string, by = endpoint): string =>
  `Resource ${id} referenced by resource ${by} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`

const refused: readonly (readonly [what: string, body: Json, expected: string, text: string | undefined])[] = [
  ['without a subnet', endpointBody({ properties: { subnet: {} } }), 'InvalidRequestFormat', 'Cannot parse the request.'],
  ['without a connection', endpointBody({ properties: { privateLinkServiceConnections: [] } }), 'InvalidRequestFormat', undefined],
  ['with two connections', endpointBody({ properties: { privateLinkServiceConnections: two } }), 'InvalidRequestFormat', undefined],
  [
    'with a request message of 141 characters',
    endpointBody({ manual: true, connection: { requestMessage: 'm'.repeat(141) } }),
    'InvalidRequestFormat',
    undefined
  ],
  [
    'in a network that is not there',
    endpointBody({ subnet: `${networks}/none/subnets/a` }),
    'InvalidResourceReference',
    missing(`${networks}/none`)
  ],
  ['in another region than its network', { ...endpointBody(), location: 'westus' }, 'InvalidResourceReference', missing(vnet)],
  [
    'in a subnet that is not there',
    endpointBody({ subnet: `${vnet}/subnets/none` }),
    'InvalidResourceReference',
    missing(`${vnet}/subnets/none`)
  ],
  ['for a server that is not there', endpointBody({ target: `${serverId}x` }), 'InvalidResourceReference', missing(`${serverId}x`)],
  [
    'for two groups',
    endpointBody({ groupIds: ['postgresqlServer', 'other'] }),
    'OnlyOneGroupIdPermitted',
    `Private link service connection ${one} has the following group Ids: postgresqlServer, other. Only one group Id is permitted when connecting to a first-party resource (${serverId}).`
  ],
  [
    'for a group that the target does not have',
    endpointBody({ groupIds: ['blob'] }),
    'BadRequest',
    'Call to Microsoft.DBforPostgreSQL/flexibleServers failed. Error message: Invalid groupId'
  ],
  ['for a resource that takes no endpoints', endpointBody({ target: vnet }), 'BadRequest', undefined]
]

const changes: readonly (readonly [what: string, body: Json, expected: string])[] = [
  [
    'another target',
    endpointBody({ connection: { privateLinkServiceId: `${serverId}2` } }),
    'CannotChangePrivateLinkConnectionOnPrivateEndpoint'
  ],
  ['another mode of approval', endpointBody({ manual: true }), 'CannotChangePrivateLinkConnectionOnPrivateEndpoint'],
  ['another subnet', endpointBody({ subnet: `${vnet}/subnets/b` }), 'CannotChangeSubnetOnExistingPrivateEndpoint'],
  ['another interface', endpointBody({ properties: { customNetworkInterfaceName: 'x' } }), 'PropertyChangeNotAllowed'],
  [
    'another address',
    endpointBody({ properties: { ipConfigurations: [{ name: 'a', properties: { privateIPAddress: '10.0.1.9' } }] } }),
    'PropertyChangeNotAllowed'
  ]
]

describe('a private endpoint is refused', () => {
  test.each(refused)('PE-21 PE-22 PE-23 PE-24 PE-25 PE-26 %s', async (_what, body, expected, text) => {
    const { send } = await armWithTarget()
    const refused = await send('PUT', endpoint, body)
    expect([refused.status, code(refused), refused.body['error']?.['details']]).toEqual([400, expected, []])
    if (text !== undefined) expect(message(refused)).toBe(text)
    expect((await send('GET', endpoint)).status).toBe(404)
  })

  test('PE-22 but not with one of 140', async () => {
    const { send } = await armWithTarget()
    const put = await send('PUT', endpoint, endpointBody({ manual: true, connection: { requestMessage: 'm'.repeat(140) } }))
    expect(put.status).toBe(201)
  })

  test('PE-27 in a subnet that is delegated', async () => {
    const { send, done } = await armWithTarget()
    const delegations = [{ name: 'd', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
    await done('PUT', `${vnet}/subnets/b`, { properties: { addressPrefix: '10.0.2.0/24', delegations } })
    const refused = await send('PUT', endpoint, endpointBody({ subnet: `${vnet}/subnets/b` }))
    expect([refused.status, code(refused), message(refused)]).toEqual([
      400,
      'PrivateEndpointCreationNotAllowedAsSubnetIsDelegated',
      `Private endpoint ${endpoint} cannot be created as subnet ${vnet}/subnets/b is delegated.`
    ])
  })

  test('PE-28 while its network is being written to', async () => {
    const { send } = await armWithTarget()
    await send('PUT', subnet, { properties: { addressPrefix: '10.0.1.0/27' } })
    const early = await send('PUT', endpoint, endpointBody())
    expect([early.status, code(early), message(early), early.headers.get('retry-after'), early.headers.get('x-ms-failure-cause')]).toEqual([
      429,
      'RetryableError',
      'A retryable error occurred.',
      null,
      'service'
    ])
    expect(early.body['error']?.['details']).toEqual([
      {
        code: 'ReferencedResourceNotProvisioned',
        message: `Cannot proceed with operation because resource ${subnet} used by resource ${endpoint} is not in Succeeded state. Resource is in Updating state and the last operation that updated/is updating the resource is PutSubnetOperation.`
      }
    ])
  })

  test('PE-29 while its own operation runs', async () => {
    const { send } = await armWithTarget()
    await send('PUT', endpoint, endpointBody())
    const again = await send('PUT', endpoint, { ...endpointBody(), tags: { a: 'b' } })
    expect([again.status, code(again), Number(again.headers.get('retry-after')) > 0]).toEqual([429, 'RetryableError', true])
    expect(again.body['error']?.['details']?.[0]?.['code']).toBe('RetryableErrorDueToAnotherOperation')
  })

  ours('PE-30 where network policies are enforced, as it was until 2022', async () => {
    const { send, done, control } = await armWithTarget()
    const policies = (setting: string) => ({ properties: { addressPrefix: '10.0.1.0/28', privateEndpointNetworkPolicies: setting } })
    await done('PUT', subnet, policies('Enabled'))
    await control('PATCH', 'behaviours', { networkPoliciesRefuseEndpoints: true })
    const refused = await send('PUT', endpoint, endpointBody())
    expect([refused.status, refused.body['error']]).toEqual([
      400,
      {
        code: 'PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled',
        message: `Private endpoint ${endpoint} cannot be created in a subnet ${subnet} since it has private endpoint network policies enabled.`,
        details: []
      }
    ])
    await control('PATCH', 'behaviours', { networkPoliciesRefuseEndpoints: false })
    expect((await send('PUT', endpoint, endpointBody())).status).toBe(201)
  })

  test.each(changes)('PE-31 PE-32 when it is to change to %s', async (_what, body, expected) => {
    const { send, done } = await armWithTarget()
    await done('PUT', `${vnet}/subnets/b`, { properties: { addressPrefix: '10.0.2.0/24' } })
    await done('PUT', endpoint, endpointBody())
    const refused = await send('PUT', endpoint, body)
    expect([refused.status, code(refused)]).toEqual([400, expected])
  })

  test('PE-33 it has no PATCH', async () => {
    const { send, done } = await armWithTarget()
    await done('PUT', endpoint, endpointBody())
    expect((await send('PATCH', endpoint, { tags: { a: 'b' } })).status).toBe(405)
  })
})

describe('a private endpoint takes', () => {
  test('PE-34 a change of tags, in its answer, and a body that was read', async () => {
    const client = await armWithTarget()
    await client.done('PUT', endpoint, endpointBody())
    const before = await connectionOf(client)
    const read = (await client.send('GET', endpoint)).body
    const put = await client.send('PUT', endpoint, { ...read, tags: { a: 'b' } })
    expect([put.status, put.headers.get('retry-after'), put.body['tags']]).toEqual([200, null, { a: 'b' }])
    expect([put.body['properties']?.['provisioningState'], put.headers.has('azure-asyncoperation')]).toEqual(['Succeeded', true])
    expect(await connectionOf(client)).toBe(before)
    const withoutEtags = (value: unknown): string => JSON.stringify(value).replaceAll(/W\/\\"[^"]*"/g, '')
    const now = (await client.send('GET', endpoint)).body
    expect(withoutEtags(now['properties'])).toBe(withoutEtags(read['properties']))
  })

  test('PE-02 PE-35 an IP configuration with the address it has, and another one beside it', async () => {
    const client = await armWithTarget()
    await client.done('PUT', endpoint, endpointBody())
    const first = { name: 'one', properties: { groupId: 'postgresqlServer', memberName: 'postgresqlServer', privateIPAddress: '10.0.1.4' } }
    const second = { name: 'two', properties: { privateIPAddress: '10.0.1.6' } }
    const put = await client.send('PUT', endpoint, endpointBody({ properties: { ipConfigurations: [first, second] } }))
    expect([put.status, put.body['properties']?.['provisioningState']]).toEqual([200, 'Updating'])
    const [connection] = (put.body['properties']?.['privateLinkServiceConnections'] ?? []) as unknown as { properties: object }[]
    expect(connection?.properties).toMatchObject({
      privateLinkServiceConnectionState: { description: 'Auto Approved', actionsRequired: 'None' }
    })
    await client.wait(60)
    expect((await propertiesOf(client))?.['ipConfigurations']).toMatchObject([first, second])
    await client.done('PUT', endpoint, endpointBody({ properties: { ipConfigurations: [first] } }))
    expect((await propertiesOf(client))?.['ipConfigurations']).toMatchObject([first])
  })

  test('PE-36 security groups by name, and none of them when the list is empty', async () => {
    const client = await armWithTarget()
    await client.done('PUT', endpoint, endpointBody({ properties: { applicationSecurityGroups: [] } }))
    expect(await propertiesOf(client)).not.toHaveProperty('applicationSecurityGroups')
  })

  test('PE-37 a GET that asks for more', async () => {
    const { send, done } = await armWithTarget()
    await done('PUT', endpoint, endpointBody())
    expect((await send('GET', `${endpoint}?$expand=networkInterfaces`)).status).toBe(200)
  })
})
