import { describe, expect } from 'vitest'
import { group, type Json, ours } from './arm.ts'
import { armWithTarget, endpoint, endpointBody, networkBody, subnet, vnet, zone, zoneGroup, zoneGroupBody } from './endpoints.ts'

type Properties = { readonly [name: string]: Json }

const within = (body: Json, properties: Properties): Json => {
  const { properties: own, ...rest } = body as { readonly properties: Properties }
  return { ...rest, properties: { ...own, ...properties } }
}
const odd: Properties = { oddSetting: { level: 3, names: ['a', 'b'], nothing: [] }, oddText: '' }
const resource = (type: string): string => `${group}/providers/Microsoft.Network/${type}/odd`
const elsewhere: Json = { location: 'eastus2', properties: {} }
const configuration: Json = { name: 'ip', properties: { subnet: { id: subnet } } }

/** The usual body of a resource of each type. */
const types: readonly (readonly [type: string, id: string, body: Json])[] = [
  ['a virtual network', vnet, networkBody],
  ['a subnet', subnet, { properties: { addressPrefix: '10.0.1.0/28' } }],
  ['a security group', resource('networkSecurityGroups'), elsewhere],
  ['a route table', resource('routeTables'), elsewhere],
  ['a network interface', resource('networkInterfaces'), within(elsewhere, { ipConfigurations: [configuration] })],
  ['a private endpoint', endpoint, endpointBody()],
  ['a zone group', zoneGroup, zoneGroupBody(['config', zone])]
]

/** Azure refuses members that it does not know; what must not be lost here is what it knows and the sandbox does not. */
describe('members that the sandbox has no use for', () => {
  ours.each(types)('NET-27 comes back in %s', async (_type, id, body) => {
    const client = await armWithTarget()
    if (id === zoneGroup) await client.done('PUT', endpoint, endpointBody())
    await client.done('PUT', id, within(body, odd))
    expect((await client.send('GET', id)).body['properties']).toMatchObject(odd)
    await client.done('PUT', id, body)
    expect((await client.send('GET', id)).body['properties']).not.toHaveProperty('oddSetting')
  })
})
