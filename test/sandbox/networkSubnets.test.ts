import { describe, expect, test } from 'vitest'
import { type Arm, armWithGroup, group, hub, type Json, networks, type Reply, unique } from './arm.ts'

const body = (properties: { readonly [name: string]: Json } = {}) => ({
  location: 'eastus2',
  properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, ...properties }
})
const subnet = (name: string, addressPrefix: string) => ({ name, properties: { addressPrefix } })
const code = ({ body: { error } }: Reply): unknown => error?.['code']

async function armWithSubnet(): Promise<Arm> {
  const client = await armWithGroup()
  await client.done('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24')] }))
  return client
}

describe('subnets', () => {
  test('SUBNET-01 SUBNET-02 one is made at once in the state Updating, and settles with what Azure adds', async () => {
    const { send, wait } = await armWithSubnet()
    const put = await send('PUT', `${hub}/subnets/b`, { properties: { addressPrefix: '10.0.1.0/24' } })
    expect([put.status, put.headers.get('retry-after'), put.headers.get('location'), put.headers.get('etag')]).toEqual([
      201,
      '3',
      null,
      null
    ])
    expect(put.body['properties']?.['provisioningState']).toBe('Updating')
    await wait(10)
    const got = await send('GET', `${hub}/subnets/b`)
    expect(got.body).toEqual({
      id: `${hub}/subnets/b`,
      name: 'b',
      type: 'Microsoft.Network/virtualNetworks/subnets',
      etag: got.headers.get('etag'),
      properties: {
        provisioningState: 'Succeeded',
        addressPrefix: '10.0.1.0/24',
        delegations: [],
        privateEndpointNetworkPolicies: 'Disabled',
        privateLinkServiceNetworkPolicies: 'Enabled'
      }
    })
  })

  test('SUBNET-03 it is answered with a prefix or with a list of them, as it was sent', async () => {
    const { send, done } = await armWithSubnet()
    await done('PUT', `${hub}/subnets/b`, { properties: { addressPrefixes: ['10.0.1.0/24'] } })
    const { properties } = (await send('GET', `${hub}/subnets/b`)).body
    expect([properties?.['addressPrefix'], properties?.['addressPrefixes']]).toEqual([undefined, ['10.0.1.0/24']])
  })

  test('SUBNET-04 the same once more is done in its answer, with another etag', async () => {
    const { send } = await armWithSubnet()
    const before = (await send('GET', `${hub}/subnets/a`)).body
    const put = await send('PUT', `${hub}/subnets/a`, before)
    expect([put.status, put.headers.get('retry-after'), put.body['properties']?.['provisioningState']]).toEqual([200, null, 'Succeeded'])
    expect(put.body['etag']).not.toBe(before['etag'])
    expect((await send('GET', put.headers.get('azure-asyncoperation') ?? '')).body).toEqual({ status: 'Succeeded' })
  })

  test('SUBNET-05 a PUT replaces: what it leaves out is gone', async () => {
    const { send, done } = await armWithSubnet()
    const serviceEndpoints = [{ service: 'Microsoft.Storage' }]
    const policies = { privateEndpointNetworkPolicies: 'Enabled', serviceEndpoints }
    await done('PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.0.0.0/24', ...policies } })
    expect((await send('GET', `${hub}/subnets/a`)).body['properties']).toMatchObject({
      privateEndpointNetworkPolicies: 'Enabled',
      serviceEndpoints: [{ provisioningState: 'Succeeded', service: 'Microsoft.Storage', locations: expect.any(Array) }]
    })
    await done('PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.0.0.0/24' } })
    const { properties } = (await send('GET', `${hub}/subnets/a`)).body
    expect(properties).toMatchObject({ privateEndpointNetworkPolicies: 'Disabled' })
    expect(properties).not.toHaveProperty('serviceEndpoints')
  })

  test.each([
    ['10.1.0.0/24', 'NetcfgSubnetRangeOutsideVnet'],
    ['10.0.0.128/25', 'NetcfgSubnetRangesOverlap'],
    ['10.0.2.1/24', 'InvalidAddressPrefixFormat'],
    ['ten', 'InvalidAddressPrefixFormat']
  ])('SUBNET-06 SUBNET-07 %s is refused: %s', async (addressPrefix, expected) => {
    const { send } = await armWithSubnet()
    const alone = await send('PUT', `${hub}/subnets/b`, { properties: { addressPrefix } })
    expect(alone).toMatchObject({ status: 400, body: { error: { code: expected, details: [] } } })
    const within = await send('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24'), subnet('b', addressPrefix)] }))
    expect([within.status, within.body]).toEqual([400, alone.body])
    if (expected === 'InvalidAddressPrefixFormat')
      expect(alone.body['error']?.['message']).toContain(` of resource ${hub}/subnets/b is not`)
  })

  test.each([
    ['Microsoft.DBforPostgreSQL/flexibleServers', ['Microsoft.Network/virtualNetworks/subnets/join/action'], undefined],
    ['Microsoft.Web/serverFarms', ['Microsoft.Network/virtualNetworks/subnets/action'], undefined],
    [
      'Microsoft.Netapp/volumes',
      ['Microsoft.Network/networkinterfaces/*', 'Microsoft.Network/virtualNetworks/subnets/join/action'],
      'HostedWorkloads'
    ]
  ])('SUBNET-08 a delegation to %s comes back with what the service may do', async (serviceName, actions, purpose) => {
    const { send, done } = await armWithSubnet()
    const delegations = [{ name: 'one', properties: { serviceName } }]
    await done('PUT', `${hub}/subnets/b`, { properties: { addressPrefix: '10.0.2.0/28', delegations } })
    const { properties } = (await send('GET', `${hub}/subnets/b`)).body
    expect(properties?.['delegations']?.[0]).toEqual({
      name: 'one',
      id: `${hub}/subnets/b/delegations/one`,
      etag: expect.any(String),
      type: 'Microsoft.Network/virtualNetworks/subnets/delegations',
      properties: { provisioningState: 'Succeeded', serviceName, actions }
    })
    expect(properties?.['purpose']).toBe(purpose)
  })

  test('SUBNET-09 a reference must lead somewhere', async () => {
    const { send } = await armWithSubnet()
    const nsg = `${group}/providers/Microsoft.Network/networkSecurityGroups/nosuch`
    const bad = await send('PUT', `${hub}/subnets/x`, { properties: { addressPrefix: '10.0.3.0/24', networkSecurityGroup: { id: nsg } } })
    expect([bad.status, bad.body['error']]).toEqual([
      400,
      {
        code: 'InvalidResourceReference',
        message: `Resource ${nsg} referenced by resource ${hub}/subnets/x was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`,
        details: []
      }
    ])
  })

  test('SUBNET-10 SUBNET-11 SUBNET-12 one that is in use can be neither deleted nor moved, by itself or with its network', async () => {
    const { send, done } = await armWithSubnet()
    const nic = `${group}/providers/Microsoft.Network/networkInterfaces/nic`
    const ipConfigurations = [{ name: 'ip', properties: { subnet: { id: `${hub}/subnets/a` } } }]
    await done('PUT', nic, { location: 'eastus2', properties: { ipConfigurations } })
    const message = `Subnet a is in use by ${nic}/ipConfigurations/ip and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.`
    const refusal = { error: { code: 'InUseSubnetCannotBeDeleted', message, details: [] } }
    for (const [method, path, sent] of [
      ['DELETE', `${hub}/subnets/a`, undefined],
      ['DELETE', hub, undefined],
      ['PUT', hub, body({ subnets: [] })]
    ] as const) {
      const refused = await send(method, path, sent)
      expect([refused.status, refused.body]).toEqual([400, refusal])
    }
    const moved = await send('PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.0.9.0/24' } })
    expect([moved.status, code(moved)]).toEqual([400, 'InUseSubnetCannotBeUpdated'])
    const [user] = ((await send('GET', `${hub}/subnets/a`)).body['properties']?.['ipConfigurations'] ?? []) as unknown as { id: string }[]
    expect(user?.id).toMatch(
      new RegExp(`/resourceGroups/${unique('rg-net').toUpperCase()}/providers/Microsoft.Network/networkInterfaces/NIC/ipConfigurations/IP$`)
    )
  })

  test('SUBNET-13 a missing one is answered by the provider, a missing network by ARM', async () => {
    const { send } = await armWithSubnet()
    const missing = await send('GET', `${hub}/subnets/b`)
    expect([missing.status, missing.body]).toEqual([
      404,
      { error: { code: 'NotFound', message: `Resource ${hub}/subnets/b not found.`, details: [] } }
    ])
    expect(missing.headers.get('x-ms-failure-cause')).not.toBe('gateway')
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const above = await send(method, `${networks}/none/subnets/b`, method === 'PUT' ? { properties: {} } : undefined)
      expect([above.status, code(above), above.headers.get('x-ms-failure-cause')]).toEqual([404, 'ResourceNotFound', 'gateway'])
      expect(above.body['error']?.['message']).toContain(`The Resource 'Microsoft.Network/virtualNetworks/none' under resource group`)
    }
  })

  test('SUBNET-14 a delete of one that is not there is 204, of one that is there 202', async () => {
    const { send, done } = await armWithSubnet()
    const deleted = await send('DELETE', `${hub}/subnets/a`)
    expect([deleted.status, deleted.headers.get('retry-after'), deleted.body]).toEqual([202, '10', null])
    expect([deleted.headers.has('azure-asyncoperation'), deleted.headers.has('location')]).toEqual([true, true])
    await done('DELETE', `${hub}/subnets/a`)
    expect((await send('DELETE', `${hub}/subnets/a`)).status).toBe(204)
  })

  test('SUBNET-15 it has no PATCH', async () => {
    const { send } = await armWithSubnet()
    expect((await send('PATCH', `${hub}/subnets/a`, { properties: {} })).status).toBe(405)
  })
})
