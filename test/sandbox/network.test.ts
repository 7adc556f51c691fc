import { describe, expect, test } from 'vitest'
import { armWithGroup, group, hub, type Json, networks, ours, subscription } from './arm.ts'

const body = (properties: { readonly [name: string]: Json } = {}) => ({
  location: 'EastUS2',
  properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, ...properties }
})
const subnet = (name: string, addressPrefix: string) => ({ name, properties: { addressPrefix } })
const names = (list: unknown): string[] => (list as { readonly name: string }[]).map(one => one.name)
const guid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

describe('virtual networks', () => {
  test('NET-01 NET-02 a create answers 201 with the body and leads to its operation by one header', async () => {
    const { send } = await armWithGroup()
    const put = await send('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24')] }))
    const { headers } = put
    expect([put.status, headers.get('location'), headers.get('retry-after'), headers.get('etag')]).toEqual([201, null, '3', null])
    expect(headers.get('azure-asyncoperation')).toMatch(
      new RegExp(`^https://[^/]+${subscription}/providers/Microsoft.Network/locations/eastus2/operations/${guid}\\?api-version=2025-05-01&`)
    )
    expect(headers.get('azure-asyncnotification')).toBe('Enabled')
    expect(put.body).toMatchObject({
      properties: { provisioningState: 'Updating', subnets: [{ properties: { provisioningState: 'Updating' } }] }
    })
  })

  test('NET-03 NET-04 NET-05 settled, a GET has what was sent, without what is dropped and with what Azure adds', async () => {
    const { send, done } = await armWithGroup()
    const sent = body({ subnets: [subnet('a', '10.0.0.0/24')], enableVmProtection: false, dhcpOptions: {} })
    expect((await done('PUT', hub, sent)).body).toEqual({ status: 'Succeeded' })
    const got = await send('GET', hub)
    const etag = got.headers.get('etag')
    expect(etag).toMatch(new RegExp(`^W/"${guid}"$`))
    expect(got.body).toEqual({
      id: hub,
      name: 'hub',
      type: 'Microsoft.Network/virtualNetworks',
      location: 'eastus2',
      etag,
      properties: {
        provisioningState: 'Succeeded',
        resourceGuid: expect.stringMatching(new RegExp(`^${guid}$`)),
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
  })

  test('NET-06 NET-07 a member that came later is not there in an older version', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, body())
    const [now, then, long] = await Promise.all(
      ['2024-03-01', '2023-11-01', '2020-06-01'].map(async version => (await send('GET', hub, undefined, version)).body['properties'])
    )
    expect(now).toMatchObject({ privateEndpointVNetPolicies: 'Disabled' })
    expect(then).not.toHaveProperty('privateEndpointVNetPolicies')
    expect([now, then, long].map(each => each?.['enableVmProtection'])).toEqual([undefined, undefined, false])
  })

  test('NET-08 a community of one’s own gets the region’s, an encryption what it does with the rest', async () => {
    const { done, send } = await armWithGroup()
    await done('PUT', hub, body({ bgpCommunities: { virtualNetworkCommunity: '12076:20000' }, encryption: { enabled: false } }))
    expect((await send('GET', hub)).body['properties']).toMatchObject({
      bgpCommunities: { virtualNetworkCommunity: '12076:20000', regionalCommunity: expect.stringMatching(/^12076:50\d{3}$/) },
      encryption: { enabled: false, enforcement: 'AllowUnencrypted' }
    })
  })

  test('NET-09 polls are asked for at twice the wait each time, and the last answer asks for none', async () => {
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

  test('NET-10 NET-11 a list of subnets is the whole list; when there is none, the api-version decides', async () => {
    const { send, done } = await armWithGroup()
    const listed = async () => names((await send('GET', `${hub}/subnets`)).body['value'])
    await done('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24'), subnet('b', '10.0.1.0/24')] }))
    await done('PUT', hub, body({ subnets: [subnet('b', '10.0.1.0/24')] }))
    expect(await listed()).toEqual(['b'])
    await done('PUT', hub, { ...body(), tags: { a: 'b' } }, '2023-11-01')
    expect(await listed()).toEqual(['b'])
    await done('PUT', hub, body(), '2023-09-01')
    expect(await listed()).toEqual([])
  })

  test('NET-12 peerings that a PUT says nothing of stay', async () => {
    const { send, done } = await armWithGroup()
    const remoteVirtualNetwork = { id: `${networks}/spoke` }
    const peering = { name: 'to-spoke', properties: { remoteVirtualNetwork } }
    await done('PUT', `${networks}/spoke`, { ...body({ addressSpace: { addressPrefixes: ['10.1.0.0/16'] } }) })
    await done('PUT', hub, body({ virtualNetworkPeerings: [peering] }))
    await done('PUT', hub, { ...body(), tags: { taters: 'boiled' } })
    expect((await send('GET', hub)).body['properties']?.['virtualNetworkPeerings']?.[0]).toMatchObject({ name: 'to-spoke' })
  })

  test('NET-13 a PUT that changes tags alone is done in its answer', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, body({ subnets: [subnet('a', '10.0.0.0/24')] }))
    const { body: read } = await send('GET', hub)
    const put = await send('PUT', hub, { ...read, tags: { a: 'b' } })
    expect([put.status, put.headers.get('retry-after')]).toEqual([200, null])
    expect(put.body).toMatchObject({ tags: { a: 'b' }, properties: { provisioningState: 'Succeeded' } })
    const poll = await send('GET', put.headers.get('azure-asyncoperation') ?? '')
    expect([poll.status, poll.body]).toEqual([200, { status: 'Succeeded' }])
    const other = await send('PUT', hub, body({ addressSpace: { addressPrefixes: ['10.0.0.0/16', '10.2.0.0/16'] } }))
    expect(other.body['properties']?.['provisioningState']).toBe('Updating')
  })

  test('NET-14 NET-15 a delete is seen as such until it is done', async () => {
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
    expect((await send('DELETE', hub)).status).toBe(204)
  })

  test('NET-16 NET-17 a PATCH changes tags and nothing else, at once', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, { ...body(), tags: { a: '1', b: '2' } })
    const patched = await send('PATCH', hub, { tags: { a: 'b' }, properties: { enableDdosProtection: true } })
    expect(patched).toMatchObject({ status: 200, body: { tags: { a: 'b' }, properties: { provisioningState: 'Succeeded' } } })
    expect((await send('GET', hub)).body).toMatchObject({ tags: { a: 'b' }, properties: { enableDdosProtection: false } })
    expect((await send('GET', hub)).body['tags']).toEqual({ a: 'b' })
  })

  test('NET-18 a prefix of the address space has to be one', async () => {
    const { send } = await armWithGroup()
    const refused = await send('PUT', hub, body({ addressSpace: { addressPrefixes: ['10.0.0.1/16'] } }))
    expect([refused.status, refused.body['error']]).toEqual([
      400,
      {
        code: 'InvalidAddressPrefixFormat',
        message: `Address prefix 10.0.0.1/16 of resource ${hub} is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24.`,
        details: []
      }
    ])
  })

  test('NET-28 a location has to be given, and cannot be changed', async () => {
    const { send, done } = await armWithGroup()
    const { properties } = body()
    const without = await send('PUT', hub, { properties })
    expect([without.status, without.body['error']?.['code']]).toEqual([400, 'LocationRequired'])
    await done('PUT', hub, body())
    const moved = await send('PUT', hub, { ...body(), location: 'westus' })
    expect([moved.status, moved.body['error']?.['code']]).toEqual([409, 'InvalidResourceLocation'])
  })

  ours('NET-19 what a reference of a type that nobody has here leads to is taken as being there', async () => {
    const { send } = await armWithGroup()
    const natGateway = { id: `${group}/providers/Microsoft.Network/natGateways/nat` }
    const put = await send('PUT', hub, body({ subnets: [{ name: 'a', properties: { addressPrefix: '10.0.0.0/24', natGateway } }] }))
    expect(put.status).toBe(201)
    expect(put.body['properties']?.['subnets']?.[0]?.['properties']).toMatchObject({ natGateway })
  })

  test('NET-20 the types of services that take private endpoints are listed at a location', async () => {
    const { send } = await armWithGroup()
    for (const scope of [subscription, group]) {
      const list = await send('GET', `${scope}/providers/Microsoft.Network/locations/eastus2/availablePrivateEndpointTypes`)
      const { value } = list.body as unknown as { value: { resourceName: string }[] }
      const found = value.find(one => one.resourceName === 'Microsoft.DBforPostgreSQL/flexibleServers')
      expect([list.status, found]).toEqual([
        200,
        expect.objectContaining({ type: 'Microsoft.Network/AvailablePrivateEndpointTypes', displayName: expect.any(String) })
      ])
    }
  })
})
