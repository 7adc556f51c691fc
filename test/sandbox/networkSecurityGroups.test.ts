import { describe, expect, test } from 'vitest'
import { armWithGroup, group, networks } from './arm.ts'
import { code, message } from './endpoints.ts'

const nsg = `${group}/providers/Microsoft.Network/networkSecurityGroups/nsg`
const routes = `${group}/providers/Microsoft.Network/routeTables/routes`
const hub = `${networks}/hub`
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
        properties: { provisioningState: 'Succeeded', ...rule.properties }
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
})
