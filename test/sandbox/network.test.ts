import { describe, expect, test } from 'vitest'
import { armWithGroup, group, networks, subscription } from './arm.ts'

const hub = `${networks}/hub`
const body = (properties = {}) => ({
  location: 'EastUS2',
  properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, ...properties }
})
const subnet = (name: string, addressPrefix: string) => ({ name, properties: { addressPrefix } })
const names = (list: unknown): string[] => (list as { readonly name: string }[]).map(one => one.name)

describe('virtual networks', () => {
  test('a create answers 201 with the body and leads to its operation by one header', async () => {
    const { send } = await armWithGroup()
    const put = await send('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24')], enableVmProtection: false, dhcpOptions: {} }))
    expect([put.status, put.headers.get('location'), put.headers.get('retry-after'), put.headers.get('etag')]).toEqual([
      201,
      null,
      '3',
      null
    ])
    expect(put.headers.get('azure-asyncoperation')).toMatch(
      new RegExp(
        `^https://management.azure.com${subscription}/providers/Microsoft.Network/locations/eastus2/operations/[0-9a-f-]{36}\\?api-version=2025-05-01&t=\\d{18}&c=`
      )
    )
    expect(put.headers.get('azure-asyncoperation')?.length).toBeGreaterThan(2500)
    expect(put.body).toMatchObject({
      properties: { provisioningState: 'Updating', subnets: [{ properties: { provisioningState: 'Updating' } }] }
    })
  })

  test('settled, a GET has what was sent, without what is dropped and with what Azure adds', async () => {
    const { send, done } = await armWithGroup()
    expect(
      (await done('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24')], enableVmProtection: false, dhcpOptions: {} }))).body
    ).toEqual({ status: 'Succeeded' })
    const got = await send('GET', hub)
    const etag = got.headers.get('etag')
    expect(etag).toMatch(/^W\/"[0-9a-f-]{36}"$/)
    expect(got.body).toEqual({
      id: hub,
      name: 'hub',
      type: 'Microsoft.Network/virtualNetworks',
      location: 'eastus2',
      etag,
      properties: {
        provisioningState: 'Succeeded',
        resourceGuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        dhcpOptions: { dnsServers: [] },
        subnets: [
          {
            id: `${hub}/subnets/a`,
            name: 'a',
            type: 'Microsoft.Network/virtualNetworks/subnets',
            etag,
            properties: {
              provisioningState: 'Succeeded',
              addressPrefix: '10.0.0.0/24',
              delegations: [],
              privateEndpointNetworkPolicies: 'Disabled',
              privateLinkServiceNetworkPolicies: 'Enabled'
            }
          }
        ],
        virtualNetworkPeerings: [],
        enableDdosProtection: false,
        privateEndpointVNetPolicies: 'Disabled'
      }
    })
    expect((await send('GET', hub, undefined, '2023-11-01')).body['properties']).not.toHaveProperty('privateEndpointVNetPolicies')
  })

  test('polls are asked for at twice the wait each time, and the last answer asks for none', async () => {
    const { send, wait } = await armWithGroup()
    const poll = (await send('PUT', hub, body())).headers.get('azure-asyncoperation') ?? ''
    const waits: unknown[] = []
    for (let polls = 0; polls < 3; polls += 1) {
      const reply = await send('GET', poll)
      waits.push(reply.headers.get('retry-after'))
      await wait(6)
    }
    expect(waits).toEqual(['3', '6', null])
  })

  test('a list of subnets is the whole list; what is said of them decides by api-version when it is not there', async () => {
    const { send, done, wait } = await armWithGroup()
    await done('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24'), subnet('b', '10.0.1.0/24')] }))
    await done('PUT', hub, body({ subnets: [subnet('b', '10.0.1.0/24')] }))
    expect(names((await send('GET', `${hub}/subnets`)).body['value'])).toEqual(['b'])
    await done('PUT', hub, body())
    expect(names((await send('GET', `${hub}/subnets`)).body['value'])).toEqual(['b'])
    await send('PUT', hub, body(), '2023-09-01')
    await wait(10)
    expect(names((await send('GET', `${hub}/subnets`)).body['value'])).toEqual([])
  })

  test('a delete is seen as such until it is done', async () => {
    const { send, done, wait } = await armWithGroup()
    await done('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24')] }))
    const deleting = await send('DELETE', hub)
    expect([deleting.status, deleting.body, deleting.headers.get('retry-after')]).toEqual([202, null, '10'])
    const result = deleting.headers.get('location') ?? ''
    expect(result).toContain('/operationResults/')
    expect(await send('GET', result)).toMatchObject({ status: 202, body: null })
    expect((await send('GET', hub)).body).toMatchObject({ properties: { provisioningState: 'Deleting' } })
    await wait(10)
    expect((await send('GET', deleting.headers.get('azure-asyncoperation') ?? '')).body).toEqual({ status: 'Succeeded' })
    expect((await send('GET', result)).status).toBe(204)
    expect((await send('GET', hub)).status).toBe(404)
    expect(deleting.headers.get('azure-asyncnotification')).toBe('Enabled')
  })

  test('tags are patched, the location is not changed', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, body())
    expect(await send('PATCH', hub, { tags: { a: 'b' } })).toMatchObject({ status: 200, body: { tags: { a: 'b' } } })
    expect(await send('PUT', hub, { ...body(), location: 'westus' })).toMatchObject({
      status: 409,
      body: { error: { code: 'InvalidResourceLocation' } }
    })
    expect(await send('PUT', `${networks}/x`, {})).toMatchObject({ status: 400, body: { error: { code: 'LocationRequired' } } })
  })
})

describe('subnets', () => {
  test.each([
    ['10.1.0.0/24', 'NetcfgSubnetRangeOutsideVnet'],
    ['10.0.0.128/25', 'NetcfgSubnetRangesOverlap'],
    ['10.0.2.1/24', 'InvalidAddressPrefixFormat'],
    ['ten', 'InvalidAddressPrefixFormat']
  ])('%s is refused: %s', async (addressPrefix, code) => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24')] }))
    expect(await send('PUT', `${hub}/subnets/b`, { properties: { addressPrefix } })).toMatchObject({
      status: 400,
      body: { error: { code, details: [] } }
    })
    expect(await send('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24'), subnet('b', addressPrefix)] }))).toMatchObject({
      body: { error: { code } }
    })
  })

  test('a delegation comes back with its actions, a reference must lead somewhere', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, body())
    const delegation = { name: 'pg', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }
    await done('PUT', `${hub}/subnets/pg`, { properties: { addressPrefix: '10.0.2.0/28', delegations: [delegation] } })
    expect((await send('GET', `${hub}/subnets/pg`)).body).toMatchObject({
      properties: {
        delegations: [
          {
            name: 'pg',
            properties: {
              serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers',
              actions: ['Microsoft.Network/virtualNetworks/subnets/join/action']
            }
          }
        ]
      }
    })
    const nsg = `${group}/providers/Microsoft.Network/networkSecurityGroups/nosuch`
    const bad = await send('PUT', `${hub}/subnets/x`, { properties: { addressPrefix: '10.0.3.0/24', networkSecurityGroup: { id: nsg } } })
    expect(bad).toMatchObject({ status: 400, body: { error: { code: 'InvalidResourceReference' } } })
  })

  test('one that is in use can be neither deleted nor moved, by itself or with its network', async () => {
    const nic = `${group}/providers/Microsoft.Network/networkInterfaces/nic`
    const { send } = await armWithGroup({
      seedBodies: {
        [nic]: {
          location: 'eastus2',
          properties: { ipConfigurations: [{ name: 'ip', properties: { subnet: { id: `${hub}/subnets/a` } } }] }
        },
        [hub]: body({ subnets: [subnet('a', '10.0.0.0/24')] })
      }
    })
    const message = `Subnet a is in use by ${nic}/ipConfigurations/ip and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.`
    const refusal = { status: 400, body: { error: { code: 'InUseSubnetCannotBeDeleted', message, details: [] } } }
    expect(await send('DELETE', `${hub}/subnets/a`)).toMatchObject(refusal)
    expect(await send('DELETE', hub)).toMatchObject(refusal)
    expect(await send('PUT', hub, body({ subnets: [] }))).toMatchObject(refusal)
    expect(await send('PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.0.9.0/24' } })).toMatchObject({
      body: { error: { code: 'InUseSubnetCannotBeUpdated' } }
    })
    expect((await send('GET', `${hub}/subnets/a`)).body).toMatchObject({
      properties: {
        ipConfigurations: [
          { id: `${subscription}/resourceGroups/RG-NET/providers/Microsoft.Network/networkInterfaces/NIC/ipConfigurations/IP` }
        ]
      }
    })
    expect((await send('GET', nic)).body).toMatchObject({ id: nic, location: 'eastus2' })
  })

  test('a write while another runs in the same network is turned away for as long as that takes', async () => {
    const { send, wait } = await armWithGroup()
    await send('PUT', hub, body())
    await wait(4)
    const early = await send('PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.0.0.0/24' } })
    expect([early.status, early.headers.get('retry-after')]).toEqual([429, '6'])
    expect(early.body).toMatchObject({ error: { code: 'RetryableError', details: [{ code: 'RetryableErrorDueToAnotherOperation' }] } })
    await wait(6)
    expect((await send('PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.0.0.0/24' } })).status).toBe(201)
    expect((await send('GET', hub)).body).toMatchObject({ properties: { provisioningState: 'Updating' } })
    await wait(4)
    expect((await send('GET', hub)).body).toMatchObject({ properties: { provisioningState: 'Succeeded' } })
  })

  test('in the other regions the same is a conflict', async () => {
    const { send } = await armWithGroup({ behaviours: { networkOverlap: 'conflict' } })
    await send('PUT', hub, body())
    expect(await send('PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.0.0.0/24' } })).toMatchObject({
      status: 409,
      body: { error: { code: 'AnotherOperationInProgress' } }
    })
  })

  test('a missing one is answered by the provider, not by ARM', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, body())
    expect(await send('GET', `${hub}/subnets/a`)).toMatchObject({
      status: 404,
      body: { error: { code: 'NotFound', message: `Resource ${hub}/subnets/a not found.`, details: [] } }
    })
    expect((await send('DELETE', `${hub}/subnets/a`)).status).toBe(204)
  })
})
