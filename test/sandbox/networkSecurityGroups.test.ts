import { describe, expect, test } from 'vitest'
import { armWithGroup, group, hub } from './arm.ts'
import { code, message } from './endpoints.ts'

const nsg = `${group}/providers/Microsoft.Network/networkSecurityGroups/nsg`
const routes = `${group}/providers/Microsoft.Network/routeTables/routes`
const rule = {
  name: 'postgres',
  properties: {
    protocol: 'Tcp',
    sourcePortRange: '*',
    destinationPortRange: '5432',
    sourceAddressPrefix: 'VirtualNetwork',
    destinationAddressPrefix: '*',
    access: 'Allow',
    priority: 100,
    direction: 'Inbound'
  }
}
/** In every rule that was recorded. */
const emptyLists = { sourcePortRanges: [], destinationPortRanges: [], sourceAddressPrefixes: [], destinationAddressPrefixes: [] }
const route = { name: 'out', properties: { addressPrefix: '0.0.0.0/0', nextHopType: 'None' } }
const network = (properties: object) => ({
  location: 'eastus2',
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
    subnets: [{ name: 'a', properties: { addressPrefix: '10.0.0.0/24', ...properties } }]
  }
})

describe('security groups and route tables', () => {
  test('SUBNET-22 one of another region than the network is refused as one that is not there', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, network({}))
    await done('PUT', nsg, { location: 'westus', properties: {} })
    const subnet = { properties: { addressPrefix: '10.0.0.0/24', networkSecurityGroup: { id: nsg } } }
    const refused = await send('PUT', `${hub}/subnets/a`, subnet)
    expect([refused.status, code(refused)]).toEqual([400, 'InvalidResourceReference'])
    expect(message(refused)).toContain('make sure that the referenced resource exists, and that both resources are in the same region')
    await done('PUT', `${nsg}-here`, { location: 'eastus2', properties: {} })
    const near = { properties: { ...subnet.properties, networkSecurityGroup: { id: `${nsg}-here` } } }
    expect((await send('PUT', `${hub}/subnets/a`, near)).status).toBe(200)
  })

  test('NSG-01 NSG-02 a security group comes back with its rules and with those that every one begins with', async () => {
    const { send, done } = await armWithGroup()
    const put = await send('PUT', nsg, { location: 'eastus2', properties: { securityRules: [rule] } })
    expect([put.status, put.headers.has('azure-asyncoperation'), put.headers.get('location')]).toEqual([201, true, null])
    await done('PUT', nsg, { location: 'eastus2', properties: { securityRules: [rule] } })
    const { etag, properties } = (await send('GET', nsg)).body
    expect(properties?.['securityRules']).toEqual([
      {
        ...rule,
        id: `${nsg}/securityRules/postgres`,
        etag,
        type: 'Microsoft.Network/networkSecurityGroups/securityRules',
        properties: { provisioningState: 'Succeeded', ...rule.properties, ...emptyLists }
      }
    ])
    const given = (properties?.['defaultSecurityRules'] ?? []) as unknown as {
      name: string
      properties: { priority: number; access: string }
    }[]
    expect(given.map(one => [one.name, one.properties.priority, one.properties.access])).toEqual([
      ['AllowVnetInBound', 65000, 'Allow'],
      ['AllowAzureLoadBalancerInBound', 65001, 'Allow'],
      ['DenyAllInBound', 65500, 'Deny'],
      ['AllowVnetOutBound', 65000, 'Allow'],
      ['AllowInternetOutBound', 65001, 'Allow'],
      ['DenyAllOutBound', 65500, 'Deny']
    ])
  })

  test('NSG-03 a route table comes back with its routes', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', routes, { location: 'eastus2', properties: { routes: [route] } })
    expect((await send('GET', routes)).body['properties']).toMatchObject({
      provisioningState: 'Succeeded',
      disableBgpRoutePropagation: false,
      routes: [{ name: 'out', id: `${routes}/routes/out`, type: 'Microsoft.Network/routeTables/routes', properties: route.properties }]
    })
  })

  test('NSG-04 NSG-05 they say which subnets have them, and cannot be deleted as long as one has', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', nsg, { location: 'eastus2', properties: {} })
    await done('PUT', routes, { location: 'eastus2', properties: {} })
    await done('PUT', hub, network({ networkSecurityGroup: { id: nsg }, routeTable: { id: routes } }))
    for (const id of [nsg, routes])
      expect((await send('GET', id)).body['properties']).toMatchObject({ subnets: [{ id: `${hub}/subnets/a` }] })
    const inUse = await send('DELETE', nsg)
    expect([inUse.status, code(inUse)]).toEqual([400, 'InUseNetworkSecurityGroupCannotBeDeleted'])
    expect(message(inUse)).toContain(
      `Network security group ${nsg} cannot be deleted because it is in use by the following resources: ${hub}/subnets/a.`
    )
    const used = await send('DELETE', routes)
    expect([used.status, code(used)]).toEqual([400, 'InUseRouteTableCannotBeDeleted'])
    await done('PUT', hub, network({}))
    for (const id of [nsg, routes]) expect((await done('DELETE', id)).body).toEqual({ status: 'Succeeded' })
  })

  test('NSG-06 a PATCH changes their tags and nothing else', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', nsg, { location: 'eastus2', properties: { securityRules: [rule] } })
    await done('PUT', routes, { location: 'eastus2', properties: { routes: [route] } })
    for (const id of [nsg, routes]) {
      expect(await send('PATCH', id, { tags: { a: 'b' } })).toMatchObject({ status: 200, body: { tags: { a: 'b' } } })
    }
    expect((await send('GET', nsg)).body['properties']?.['securityRules']?.[0]).toMatchObject({ name: 'postgres' })
  })

  const kinds = [
    {
      kind: 'securityRules',
      parent: nsg,
      body: { properties: rule.properties },
      added: emptyLists,
      wait: '10',
      change: { access: 'Deny' }
    },
    {
      kind: 'routes',
      parent: routes,
      body: { properties: route.properties },
      added: { hasBgpOverride: false },
      wait: '2',
      change: { nextHopType: 'Internet' }
    }
  ]

  // As Azure/azure-service-operator recorded them, member by member.
  test.each(kinds)(
    'NSG-07 NSG-08 NSG-09 NSG-11 $kind are resources of their own too',
    async ({ kind, parent, body, added, wait, change }) => {
      const { send, done, wait: pass } = await armWithGroup()
      await done('PUT', parent, { location: 'eastus2', properties: {} })
      const id = `${parent}/${kind}/one`
      const put = await send('PUT', id, body)
      const led = ['azure-asyncoperation', 'location', 'azure-asyncnotification'].map(name => put.headers.has(name))
      expect([put.status, ...led, put.headers.get('retry-after')]).toEqual([201, true, false, false, wait])
      expect(put.body['properties']).toEqual({ provisioningState: 'Updating', ...body.properties, ...added })
      await pass(Number(wait))
      const { etag, properties } = (await send('GET', parent)).body
      const got = await send('GET', id)
      const type = parent.split('/').at(-2)
      expect([got.headers.get('etag'), got.body]).toEqual([
        etag,
        {
          name: 'one',
          id,
          etag,
          type: `Microsoft.Network/${type}/${kind}`,
          properties: { provisioningState: 'Succeeded', ...body.properties, ...added }
        }
      ])
      expect(properties?.[kind]).toEqual([got.body])
      expect((await send('GET', `${parent}/${kind}`)).body).toEqual({ value: [got.body] })
      const changed = await send('PUT', id, { properties: { ...body.properties, ...change } })
      expect([changed.status, changed.body['properties']?.['provisioningState']]).toEqual([200, 'Updating'])
      const gone = await send('DELETE', id)
      expect([gone.status, gone.headers.has('location'), gone.headers.get('retry-after')]).toEqual([202, true, wait])
      await pass(Number(wait) * 2)
      const missing = await send('GET', id)
      expect([missing.status, code(missing), message(missing)]).toEqual([404, 'NotFound', `Resource ${id} not found.`])
      const orphan = await send('PUT', `${parent}-none/${kind}/one`, body)
      expect([orphan.status, code(orphan)]).toEqual([404, 'ResourceNotFound'])
    }
  )

  test.each(kinds)('NSG-10 $kind that a PUT of the whole does not list are gone', async ({ kind, parent, body }) => {
    const { send, done } = await armWithGroup()
    await done('PUT', parent, { location: 'eastus2', properties: { [kind]: [{ name: 'one', ...body }] } })
    expect((await send('GET', `${parent}/${kind}/one`)).status).toBe(200)
    await done('PUT', parent, { location: 'eastus2', properties: {} })
    expect((await send('GET', `${parent}/${kind}`)).body).toEqual({ value: [] })
  })

  const beside = (properties: object) => ({ properties: { ...rule.properties, ...properties } })
  test.each([
    ['of the same priority and direction', nsg, 'securityRules', beside({ destinationPortRange: '80' }), 'SecurityRuleConflict'],
    ['of too high a priority', nsg, 'securityRules', beside({ priority: 99 }), 'SecurityRuleInvalidPriority'],
    ['without access', nsg, 'securityRules', { properties: { priority: 200 } }, 'InvalidRequestFormat'],
    ['for the same prefix', routes, 'routes', { properties: { ...route.properties, nextHopType: 'Internet' } }, 'RouteConflict'],
    ['without a prefix', routes, 'routes', { properties: {} }, 'InvalidRequestFormat']
  ])('NSG-12 NSG-13 one %s is refused, by itself and in the whole list', async (_what, parent, kind, body, expected) => {
    const { send, done } = await armWithGroup()
    const first = { properties: kind === 'routes' ? route.properties : rule.properties }
    await done('PUT', parent, { location: 'eastus2', properties: { [kind]: [{ name: 'first', ...first }] } })
    const refused = await send('PUT', `${parent}/${kind}/second`, body)
    expect([refused.status, code(refused)]).toEqual([400, expected])
    const list = [
      { name: 'first', ...first },
      { name: 'second', ...body }
    ]
    expect(code(await send('PUT', parent, { location: 'eastus2', properties: { [kind]: list } }))).toBe(expected)
    if (expected === 'SecurityRuleConflict')
      expect((await send('PUT', `${parent}/${kind}/out`, beside({ direction: 'Outbound' }))).status).toBe(201)
  })

  test('NSG-14 two routes can be written at once', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', routes, { location: 'eastus2', properties: {} })
    const first = await send('PUT', `${routes}/routes/v4`, { properties: { addressPrefix: 'Storage', nextHopType: 'None' } })
    const second = await send('PUT', `${routes}/routes/v6`, { properties: { addressPrefix: 'cab:cab::/96', nextHopType: 'None' } })
    expect([first.status, second.status]).toEqual([201, 201])
  })

  test('NSG-15 the default rules can be read one by one, and have the state of their group', async () => {
    const { send, done } = await armWithGroup()
    const put = await send('PUT', nsg, { location: 'eastus2', properties: {} })
    expect(put.body['properties']?.['defaultSecurityRules']?.[0]?.['properties']).toMatchObject({ provisioningState: 'Updating' })
    await done('PUT', nsg, { location: 'eastus2', properties: {} })
    const given = (await send('GET', nsg)).body['properties']?.['defaultSecurityRules']
    expect((await send('GET', `${nsg}/defaultSecurityRules`)).body['value']?.[0]).toMatchObject({ name: 'AllowAzureLoadBalancerInBound' })
    expect((await send('GET', `${nsg}/defaultSecurityRules/DenyAllInBound`)).body).toEqual(given?.[2])
    expect((await send('GET', `${nsg}/defaultSecurityRules/none`)).status).toBe(404)
    expect((await send('PUT', `${nsg}/defaultSecurityRules/DenyAllInBound`, { properties: {} })).status).toBe(405)
  })
})
