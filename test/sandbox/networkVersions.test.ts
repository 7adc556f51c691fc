import { describe, expect, test } from 'vitest'
import { type Arm, armWithGroup, type Body, group, hub, type Json, networks, ours, setBack } from './arm.ts'

const spoke = `${hub}/subnets/a`
const body = (more: { readonly [name: string]: Json } = {}, properties: { readonly [name: string]: Json } = {}) => ({
  location: 'eastus2',
  ...more,
  properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, ...properties }
})
const subnet = (properties: { readonly [name: string]: Json } = {}) => ({
  name: 'a',
  properties: { addressPrefix: '10.0.0.0/24', ...properties }
})

const shown = async ({ send }: Arm, id: string, version?: string): Promise<Body | undefined> =>
  (await send('GET', id, undefined, version)).body['properties']

/** Which of these members there are in an answer of a version. */
async function among(client: Arm, id: string, version: string, members: readonly string[]): Promise<string[]> {
  const properties = await shown(client, id, version)
  return members.filter(member => properties !== undefined && member in properties)
}

async function armWithNetwork(sent: Json = body({}, { subnets: [subnet()] })): Promise<Arm> {
  const client = await armWithGroup()
  await client.done('PUT', hub, sent)
  return client
}

describe('the api-version of an answer about a network', () => {
  test('NET-07 NET-30 NET-31 has its part in what is in it', async () => {
    const client = await armWithNetwork()
    const later = ['virtualNetworkPeerings', 'enableDdosProtection', 'enableVmProtection']
    expect(await among(client, hub, '2015-06-15', later)).toEqual([])
    expect(await among(client, hub, '2017-03-01', later)).toEqual(later.slice(0, 1))
    expect(await among(client, hub, '2018-11-01', later)).toEqual(later)
    expect(await among(client, hub, '2020-11-01', later)).toEqual(later.slice(0, 2))
  })

  test('SUBNET-16 SUBNET-17 and about a subnet', async () => {
    const client = await armWithNetwork()
    const members = ['delegations', 'privateEndpointNetworkPolicies', 'privateLinkServiceNetworkPolicies']
    expect(await among(client, spoke, '2015-06-15', members)).toEqual([])
    expect(await among(client, spoke, '2018-11-01', members)).toEqual(['delegations'])
    expect(await among(client, spoke, '2020-06-01', members)).toEqual(members)
    const typed = async (version: string) => 'type' in (await client.send('GET', spoke, undefined, version)).body
    expect([await typed('2015-06-15'), await typed('2018-11-01')]).toEqual([false, true])
    expect((await shown(client, hub, '2015-06-15'))?.['subnets']?.[0]).not.toHaveProperty('type')
  })

  test('SUBNET-18 a numeric id that was seen in 2020 is not shown, nor kept when it is sent', async () => {
    const client = await armWithNetwork()
    await client.done('PUT', spoke, subnet({ subnetID: 0 }), '2020-06-01')
    expect(await shown(client, spoke, '2020-06-01')).not.toHaveProperty('subnetID')
  })

  ours('NET-32 with the switch an empty list of address pools is in all since 2023-11-01', async () => {
    const client = await armWithNetwork()
    const lists = async (version: string): Promise<unknown[]> => {
      const properties = await shown(client, hub, version)
      return [properties?.['addressSpace'], properties?.['subnets']?.[0]?.['properties']].map(each => each?.['ipamPoolPrefixAllocations'])
    }
    expect(await lists('2024-05-01')).toEqual([undefined, undefined])
    await client.control('PATCH', 'behaviours', { emptyAddressPools: true })
    expect(await lists('2024-05-01')).toEqual([[], []])
    expect(await lists('2023-09-01')).toEqual([undefined, undefined])
  })
})

describe("Azure's defaults for a subnet", () => {
  ours('SUBNET-19 depend on the day of the write, not on its api-version, and stay', async () => {
    const client = await armWithNetwork()
    const policies = async (name: string, version: string) => {
      const id = `${hub}/subnets/${name}`
      await client.done('PUT', id, { properties: { addressPrefix: `10.0.${name.length}.0/24` } }, version)
      const same = await client.send('PUT', id, { properties: { addressPrefix: `10.0.${name.length}.0/24` } }, version)
      expect([same.status, same.body['properties']?.['provisioningState']]).toEqual([200, 'Succeeded'])
      return (await shown(client, id))?.['privateEndpointNetworkPolicies']
    }
    expect([await policies('b', '2020-11-01'), await policies('cc', '2025-01-01')]).toEqual(['Disabled', 'Disabled'])
    const today = await setBack(client, '2021-05-01')
    expect([await policies('ddd', '2020-11-01'), await policies('eeee', '2025-01-01')]).toEqual(['Enabled', 'Enabled'])
    await client.control('POST', 'clock', { advanceTo: today })
    expect((await shown(client, `${hub}/subnets/ddd`))?.['privateEndpointNetworkPolicies']).toBe('Enabled')
  })

  test('SUBNET-20 the service endpoints that a write adds are Updating with it, and those that were there are not', async () => {
    const client = await armWithNetwork()
    const states = (properties: Body | undefined): unknown => {
      const endpoints = (properties?.['serviceEndpoints'] ?? []) as unknown as { service: string; provisioningState: string }[]
      return endpoints.map(each => [each.service, each.provisioningState])
    }
    const first = await client.send('PUT', spoke, subnet({ serviceEndpoints: [{ service: 'Microsoft.Storage' }] }))
    expect(states(first.body['properties'])).toEqual([['Microsoft.Storage', 'Updating']])
    await client.wait(20)
    const settled = await shown(client, spoke)
    expect(settled?.['serviceEndpoints']).toEqual([{ provisioningState: 'Succeeded', service: 'Microsoft.Storage', locations: ['*'] }])
    const both = [{ service: 'Microsoft.Storage', provisioningState: 'Succeeded', locations: ['*'] }, { service: 'Microsoft.KeyVault' }]
    const second = await client.send('PUT', hub, body({}, { subnets: [subnet({ serviceEndpoints: both })] }))
    expect(states(second.body['properties']?.['subnets']?.[0]?.['properties'])).toEqual([
      ['Microsoft.Storage', 'Succeeded'],
      ['Microsoft.KeyVault', 'Updating']
    ])
  })

  test('SUBNET-21 those of an edge zone are private', async () => {
    const client = await armWithNetwork(
      body({ extendedLocation: { name: 'microsoftrrdclab1', type: 'EdgeZone' } }, { subnets: [subnet()] })
    )
    expect((await shown(client, spoke))?.['defaultOutboundAccess']).toBe(false)
    expect((await shown(client, spoke, '2021-08-01'))?.['defaultOutboundAccess']).toBe(false)
    expect(await shown(client, spoke, '2021-05-01')).not.toHaveProperty('defaultOutboundAccess')
    await client.done('PUT', spoke, subnet({ defaultOutboundAccess: true }))
    expect((await shown(client, spoke))?.['defaultOutboundAccess']).toBe(true)
    await client.done('PUT', `${networks}/plain`, body({}, { subnets: [subnet()] }))
    expect(await shown(client, `${networks}/plain/subnets/a`)).not.toHaveProperty('defaultOutboundAccess')
  })
})

describe('addresses of an operation', () => {
  test('NET-29 are in the result of a delete too, without a wait', async () => {
    const client = await armWithNetwork()
    const { headers } = await client.send('DELETE', spoke)
    const result = headers.get('location') ?? ''
    expect((await client.send('GET', result)).headers.get('azure-asyncoperation')).toBeNull()
    await client.wait(30)
    const done = await client.send('GET', result)
    const place = (address: string | null) => new URL(address ?? '').pathname
    expect([done.status, done.headers.get('azure-asyncnotification'), done.headers.get('retry-after')]).toEqual([204, 'Enabled', null])
    expect(place(done.headers.get('location'))).toBe(place(result))
    expect(place(done.headers.get('azure-asyncoperation'))).toBe(place(headers.get('azure-asyncoperation')))
  })

  test('NET-33 are not in the answer to a PATCH', async () => {
    const client = await armWithNetwork()
    const security = `${group}/providers/Microsoft.Network/networkSecurityGroups/rules`
    await client.done('PUT', security, { location: 'eastus2' })
    for (const id of [hub, security]) {
      const { status, headers } = await client.send('PATCH', id, { tags: { a: 'b' } })
      expect([status, headers.get('azure-asyncoperation'), headers.get('location'), headers.get('azure-asyncnotification')]).toEqual([
        200,
        null,
        null,
        null
      ])
    }
  })
})
