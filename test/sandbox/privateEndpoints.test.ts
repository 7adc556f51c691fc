import { describe, expect, test } from 'vitest'
import type { Reply } from './arm.ts'
import { arm, group, networks, subscription } from './arm.ts'
import { armWithVault, connectionOf, decide, endpoint, endpointBody, endpointState, store, subnet, vault, vaultId, vnet } from './vaults.ts'

const guid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const code = ({ body }: Reply): unknown => body['error']?.['code']
const message = ({ body }: Reply): unknown => body['error']?.['message']

describe('a private endpoint that approves itself', () => {
  test('the first answer is 201 with the texts of an endpoint that is still being made', async () => {
    const { send } = await armWithVault()
    const put = await send('PUT', endpoint, endpointBody())
    expect([put.status, put.headers.get('retry-after'), put.headers.get('location'), put.headers.get('etag')]).toEqual([
      201,
      '10',
      null,
      null
    ])
    expect(put.body['properties']).toMatchObject({
      provisioningState: 'Updating',
      customDnsConfigs: [],
      networkInterfaces: [{ id: expect.stringMatching(new RegExp(`/networkInterfaces/pe-gold\\.nic\\.${guid}$`)) }],
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

  test('settled, it has what Azure adds, and the connection is on the target only then', async () => {
    const client = await armWithVault()
    const { send } = client
    await send('PUT', endpoint, endpointBody())
    expect(await connectionOf(client)).toBeUndefined()
    const again = await send('PUT', endpoint, endpointBody())
    expect([again.status, code(again), again.headers.get('retry-after')]).toEqual([429, 'RetryableError', '32'])
    await client.wait(32)
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
              privateLinkServiceId: vaultId,
              groupIds: ['vault'],
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
        customDnsConfigs: [{ fqdn: 'gold.vault.contoso.net', ipAddresses: ['10.0.1.4'] }],
        ipVersionType: 'IPv4'
      }
    })
    expect(await connectionOf(client)).toMatch(new RegExp(`/privateEndpointConnections/pe-gold\\.${guid}\\?`))
    expect((await send('GET', endpoint, undefined, '2024-05-01')).body['properties']).not.toHaveProperty('ipVersionType')
  })

  test('what is sent of a subnet beside its id is dropped', async () => {
    const { send, done } = await armWithVault()
    const body = endpointBody({ properties: { subnet: { id: subnet, properties: { privateEndpointNetworkPolicies: 'Enabled' } } } })
    await done('PUT', endpoint, body)
    expect((await send('GET', endpoint)).body['properties']?.['subnet']).toEqual({ id: subnet })
  })
})

describe('its network interface', () => {
  test('has an address of the subnet, keeps it busy, and belongs to the endpoint', async () => {
    const { send, done } = await armWithVault()
    await done('PUT', endpoint, endpointBody({ properties: { customNetworkInterfaceName: 'nic-gold' } }))
    const id = `${group}/providers/Microsoft.Network/networkInterfaces/nic-gold`
    const nic = await send('GET', id)
    expect(nic.body).toMatchObject({ kind: 'Regular', managedBy: endpoint, location: 'eastus2' })
    expect(nic.body['properties']).toMatchObject({
      privateEndpoint: { id: endpoint },
      macAddress: '',
      ipConfigurations: [
        {
          name: expect.stringMatching(new RegExp(`^privateEndpointIpConfig\\.${guid}$`)),
          properties: {
            privateIPAddress: '10.0.1.4',
            privateIPAllocationMethod: 'Dynamic',
            privateLinkConnectionProperties: { groupId: 'vault', requiredMemberName: 'vault', fqdns: ['gold.vault.contoso.net'] }
          }
        }
      ]
    })
    expect(code(await send('DELETE', id))).toBe('NicInUse')
    for (const path of [subnet, vnet]) {
      const refused = await send('DELETE', path)
      expect([refused.status, code(refused)]).toEqual([400, 'InUseSubnetCannotBeDeleted'])
      expect(message(refused)).toContain(`Subnet endpoints is in use by ${id}/ipConfigurations/privateEndpointIpConfig.`)
    }
    expect((await send('GET', subnet)).body['properties']).toMatchObject({
      privateEndpoints: [{ id: expect.stringMatching(/\/resourceGroups\/RG-NET\/.*\/PE-GOLD$/) }],
      ipConfigurations: [{ id: expect.stringMatching(/NIC-GOLD\/ipConfigurations\//) }]
    })
  })

  test('addresses are given out from the fifth to the last but one, and then the subnet is full', async () => {
    const { send, done, wait } = await armWithVault()
    const addresses: unknown[] = []
    for (let index = 0; index < 11; index += 1) {
      await send('PUT', `${endpoint}-${index}`, endpointBody())
    }
    await wait(60)
    const list = await send('GET', `${group}/providers/Microsoft.Network/networkInterfaces`)
    for (const nic of list.body['value'] as unknown as Reply['body'][]) {
      addresses.push(nic['properties']?.['ipConfigurations']?.[0]?.['properties']?.['privateIPAddress'])
    }
    expect(addresses.map(each => Number(`${each}`.split('.')[3])).sort((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    const full = await send('PUT', endpoint, endpointBody())
    expect([full.status, code(full)]).toEqual([400, 'SubnetIsFull'])
    expect(message(full)).toBe('Subnet endpoints with address prefix 10.0.1.0/28 does not have enough capacity for 1 IP addresses.')
    await done('DELETE', `${endpoint}-3`)
    expect((await send('PUT', endpoint, endpointBody())).status).toBe(201)
  })

  test.each([
    ['10.0.1.9', undefined],
    ['10.0.1.2', 'PrivateIPAddressInReservedRange'],
    ['10.0.1.15', 'PrivateIPAddressInReservedRange'],
    ['10.0.2.9', 'PrivateIPAddressNotInSubnet']
  ])('an address of its own, %s, is %s', async (privateIPAddress, refused) => {
    const { send, wait } = await armWithVault()
    const ipConfigurations = [{ name: 'one', properties: { groupId: 'vault', memberName: 'vault', privateIPAddress } }]
    const put = await send('PUT', endpoint, endpointBody({ properties: { ipConfigurations } }))
    expect(code(put)).toBe(refused)
    if (refused !== undefined) return
    expect(put.body['properties']?.['ipConfigurations']?.[0]).toMatchObject(ipConfigurations[0] ?? {})
    expect(code(await send('PUT', `${endpoint}-2`, endpointBody({ properties: { ipConfigurations } })))).toBe('PrivateIPAddressIsAllocated')
    await wait(40)
    expect((await send('PUT', endpoint, endpointBody({ properties: { ipConfigurations } }))).status).toBe(200)
  })

  test('goes with the endpoint, or later', async () => {
    const { send, done } = await armWithVault()
    await done('PUT', endpoint, endpointBody())
    await done('DELETE', endpoint)
    expect((await send('GET', `${subscription}/providers/Microsoft.Network/networkInterfaces`)).body).toEqual({ value: [] })
    expect((await done('DELETE', subnet)).body).toEqual({ status: 'Succeeded' })

    const slow = await armWithVault({ behaviours: { networkInterfaceLingerMs: 300_000 } })
    await slow.done('PUT', endpoint, endpointBody())
    await slow.done('DELETE', endpoint)
    expect(code(await slow.send('DELETE', subnet))).toBe('InUseSubnetCannotBeDeleted')
    await slow.wait(300)
    expect((await slow.send('DELETE', subnet)).status).toBe(202)
  })
})

describe('the state of its connection', () => {
  test('of a manual one goes from Awaiting Approval to what the target says', async () => {
    const client = await armWithVault()
    const put = await client.send('PUT', endpoint, endpointBody({ manual: true, connection: { requestMessage: 'please' } }))
    expect(put.body['properties']?.['manualPrivateLinkServiceConnections']?.[0]).toMatchObject({
      properties: {
        requestMessage: 'please',
        privateLinkServiceConnectionState: { status: 'Pending', description: 'Awaiting Approval', actionsRequired: 'None' }
      }
    })
    await client.wait(40)
    expect((await client.send('GET', endpoint)).body['properties']).toMatchObject({ provisioningState: 'Succeeded', customDnsConfigs: [] })
    expect(await endpointState(client)).toEqual({ status: 'Pending', description: 'please', actionsRequired: '' })

    await decide(client, 'Approved', 'welcome')
    expect(await endpointState(client)).toEqual({ status: 'Approved', description: 'welcome', actionsRequired: '' })
    expect((await client.send('GET', endpoint)).body['properties']?.['customDnsConfigs']).toEqual([
      { fqdn: 'gold.vault.contoso.net', ipAddresses: ['10.0.1.4'] }
    ])
    await decide(client, 'Rejected', 'no more')
    expect(await endpointState(client)).toEqual({ status: 'Rejected', description: 'no more', actionsRequired: '' })
    expect((await client.send('GET', endpoint)).body['properties']?.['customDnsConfigs']).toEqual([])
  })

  test('without a message the pending text is empty', async () => {
    const client = await armWithVault()
    await client.done('PUT', endpoint, endpointBody({ manual: true }))
    expect(await endpointState(client)).toEqual({ status: 'Pending', description: '', actionsRequired: '' })
  })

  test.each(['connection', 'target'])('is Disconnected for good when the %s is deleted, and the endpoint stays', async what => {
    const client = await armWithVault()
    await client.done('PUT', endpoint, endpointBody())
    await client.done('DELETE', what === 'target' ? vault : ((await connectionOf(client)) ?? ''))
    expect(await endpointState(client)).toEqual({ status: 'Disconnected', description: 'Deleted state', actionsRequired: 'None' })
    expect((await client.send('GET', endpoint)).body['properties']).toMatchObject({ provisioningState: 'Succeeded', customDnsConfigs: [] })
    if (what === 'target') await client.done('PUT', vault, { location: 'eastus2' })
    await client.done('PUT', endpoint, endpointBody())
    expect(await endpointState(client)).toMatchObject({ status: 'Disconnected' })
    expect((await client.done('DELETE', endpoint)).body).toEqual({ status: 'Succeeded' })
  })

  test('deleting the endpoint takes its connection off the target', async () => {
    const client = await armWithVault()
    await client.done('PUT', endpoint, endpointBody())
    expect((await client.send('DELETE', endpoint)).status).toBe(202)
    expect(await connectionOf(client)).toBeDefined()
    expect((await client.send('GET', endpoint)).body['properties']?.['provisioningState']).toBe('Deleting')
    await client.wait(20)
    expect([await connectionOf(client), (await client.send('GET', endpoint)).status]).toEqual([undefined, 404])
    expect((await client.send('DELETE', endpoint)).status).toBe(204)
  })
})

describe('what is in flight', () => {
  test('ends after a save and a load as it would have', async () => {
    const first = await armWithVault()
    await first.send('PUT', endpoint, endpointBody())
    const state = JSON.parse(JSON.stringify(first.sandbox.exportState()))
    const client = arm({ state, providers: [store] })
    expect([await connectionOf(client), (await client.send('GET', endpoint)).body['properties']?.['provisioningState']]).toEqual([
      undefined,
      'Updating'
    ])
    await client.wait(32)
    expect(await connectionOf(client)).toBeDefined()
    expect((await client.send('GET', endpoint)).body['properties']?.['provisioningState']).toBe('Succeeded')
  })

  test('an endpoint that goes with its group leaves no connection behind', async () => {
    const client = await armWithVault()
    const away = `${subscription}/resourceGroups/rg-away`
    const id = `${away}/providers/Microsoft.Network/privateEndpoints/pe`
    await client.send('PUT', away, { location: 'eastus2' })
    await client.done('PUT', id, endpointBody())
    expect(await connectionOf(client, id)).toBeDefined()
    await client.done('DELETE', away)
    expect(await connectionOf(client, id)).toBeUndefined()
    expect((await client.send('DELETE', subnet)).status).toBe(202)
  })
})

describe('it is refused', () => {
  const two = [
    { name: 'a', properties: { privateLinkServiceId: vaultId, groupIds: ['vault'] } },
    { name: 'b', properties: { privateLinkServiceId: vaultId, groupIds: ['vault'] } }
  ]
  test.each([
    ['without a subnet', { ...endpointBody(), properties: { ...endpointBody().properties, subnet: {} } }, 400, 'InvalidRequestFormat'],
    ['without a connection', endpointBody({ properties: { privateLinkServiceConnections: [] } }), 400, 'InvalidRequestFormat'],
    ['with two connections', endpointBody({ properties: { privateLinkServiceConnections: two } }), 400, 'InvalidRequestFormat'],
    ['in a network that is not there', endpointBody({ subnet: `${networks}/none/subnets/a` }), 400, 'InvalidResourceReference'],
    ['in a subnet that is not there', endpointBody({ subnet: `${vnet}/subnets/none` }), 400, 'InvalidResourceReference'],
    ['in another region than its network', { ...endpointBody(), location: 'westus' }, 400, 'InvalidResourceReference'],
    ['for a target that is not there', endpointBody({ target: `${vaultId}x` }), 400, 'InvalidResourceReference'],
    ['for a target that takes none', endpointBody({ target: vnet }), 400, 'BadRequest'],
    ['for two groups', endpointBody({ groupIds: ['vault', 'other'] }), 400, 'OnlyOneGroupIdPermitted'],
    ['for a group that the target does not have', endpointBody({ groupIds: ['blob'] }), 400, 'BadRequest']
  ])('%s', async (_what, body, status, expected) => {
    const { send } = await armWithVault()
    const refused = await send('PUT', endpoint, body)
    expect([refused.status, code(refused)]).toEqual([status, expected])
    expect((await send('GET', endpoint)).status).toBe(404)
  })

  test('by a target that takes none', async () => {
    const { send, done } = await armWithVault()
    await done('PUT', vault, { location: 'eastus2', properties: { closed: true } })
    expect(code(await send('PUT', endpoint, endpointBody()))).toBe('PrivateEndpointFeatureNotSupportedOnServer')
  })

  test('in the words of the documentation', async () => {
    const { send, done } = await armWithVault()
    const elsewhere = await send('PUT', endpoint, { ...endpointBody(), location: 'westus' })
    expect(message(elsewhere)).toBe(
      `Resource ${vnet} referenced by resource ${endpoint} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`
    )
    await done('PUT', `${vnet}/subnets/b`, {
      properties: { addressPrefix: '10.0.2.0/24', delegations: [{ name: 'd', properties: { serviceName: 'S' } }] }
    })
    expect(code(await send('PUT', endpoint, endpointBody({ subnet: `${vnet}/subnets/b` })))).toBe(
      'PrivateEndpointCreationNotAllowedAsSubnetIsDelegated'
    )
  })

  test('while its network is being written to', async () => {
    const { send } = await armWithVault()
    await send('PUT', subnet, { properties: { addressPrefix: '10.0.1.0/28' } })
    const early = await send('PUT', endpoint, endpointBody())
    expect([early.status, code(early), early.headers.get('retry-after')]).toEqual([429, 'RetryableError', null])
    expect(early.body['error']?.['details']?.[0]).toEqual({
      code: 'ReferencedResourceNotProvisioned',
      message: `Cannot proceed with operation because resource ${subnet} used by resource ${endpoint} is not in Succeeded state. Resource is in Updating state and the last operation that updated/is updating the resource is PutSubnetOperation.`
    })
  })

  test.each([
    ['another target', { connection: { privateLinkServiceId: `${vaultId}2` } }, 'CannotChangePrivateLinkConnectionOnPrivateEndpoint'],
    ['another mode of approval', { manual: true }, 'CannotChangePrivateLinkConnectionOnPrivateEndpoint'],
    ['another subnet', { subnet: `${vnet}/subnets/b` }, 'CannotChangeSubnetOnExistingPrivateEndpoint'],
    ['another interface', { properties: { customNetworkInterfaceName: 'x' } }, 'PropertyChangeNotAllowed']
  ])('to change to %s', async (_what, parts, expected) => {
    const { send, done } = await armWithVault()
    await done('PUT', `${vnet}/subnets/b`, { properties: { addressPrefix: '10.0.2.0/24' } })
    await done('PUT', endpoint, endpointBody())
    expect(code(await send('PUT', endpoint, endpointBody(parts)))).toBe(expected)
  })

  test('but not a change of tags, nor a body that was read', async () => {
    const client = await armWithVault()
    await client.done('PUT', endpoint, endpointBody())
    const before = await connectionOf(client)
    const read = (await client.send('GET', endpoint)).body
    const put = await client.send('PUT', endpoint, { ...read, tags: { a: 'b' } })
    expect([put.status, put.headers.get('retry-after'), put.body['tags']]).toEqual([200, null, { a: 'b' }])
    await client.wait(10)
    expect(await connectionOf(client)).toBe(before)
    const { etag: _old, ...rest } = read
    const { etag: _new, ...now } = (await client.send('GET', endpoint)).body
    expect(JSON.stringify({ ...now, tags: undefined }).replaceAll(/W\/\\"[^"]*"/g, '')).toBe(
      JSON.stringify(rest).replaceAll(/W\/\\"[^"]*"/g, '')
    )
  })
})
