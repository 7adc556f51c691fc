import { describe, expect, test } from 'vitest'
import { type Body, group, ours, unique } from './arm.ts'
import { armWithTarget, code, endpoint, endpointBody, fqdn, guid, message, propertiesOf, subnet, vnet } from './endpoints.ts'

const interfaces = `${group}/providers/Microsoft.Network/networkInterfaces`
const own = `${interfaces}/own`
const ownBody = (properties = {}) => ({
  location: 'eastus2',
  properties: { ipConfigurations: [{ name: 'ip', properties: { subnet: { id: subnet } } }], ...properties }
})

describe('the network interface of a private endpoint', () => {
  test('NIC-01 NIC-02 NIC-03 has an address of the subnet, keeps it busy, and belongs to the endpoint', async () => {
    const { send, done } = await armWithTarget()
    await done('PUT', endpoint, endpointBody({ properties: { customNetworkInterfaceName: 'nic-gold' } }))
    const id = `${interfaces}/nic-gold`
    const nic = await send('GET', id)
    const etag = nic.headers.get('etag')
    const configuration = `privateEndpointIpConfig.${guid}`
    expect(nic.body).toEqual({
      id,
      name: 'nic-gold',
      type: 'Microsoft.Network/networkInterfaces',
      etag,
      kind: 'Regular',
      managedBy: endpoint,
      location: 'eastus2',
      properties: {
        provisioningState: 'Succeeded',
        resourceGuid: expect.stringMatching(new RegExp(`^${guid}$`)),
        privateEndpoint: { id: endpoint },
        ipConfigurations: [
          {
            name: expect.stringMatching(new RegExp(`^${configuration}$`)),
            id: expect.stringMatching(new RegExp(`^${id}/ipConfigurations/${configuration}$`)),
            type: 'Microsoft.Network/networkInterfaces/ipConfigurations',
            etag,
            properties: {
              provisioningState: 'Succeeded',
              privateIPAddress: '10.0.1.4',
              privateIPAllocationMethod: 'Dynamic',
              subnet: { id: subnet },
              primary: true,
              privateIPAddressVersion: 'IPv4',
              privateLinkConnectionProperties: { groupId: 'postgresqlServer', requiredMemberName: 'postgresqlServer', fqdns: [fqdn] }
            }
          }
        ],
        dnsSettings: {
          dnsServers: [],
          appliedDnsServers: [],
          internalDomainNameSuffix: expect.stringMatching(/\.internal\.cloudapp\.net$/)
        },
        macAddress: '',
        enableAcceleratedNetworking: false,
        vnetEncryptionSupported: false,
        enableIPForwarding: false,
        disableTcpStateTracking: false,
        hostedWorkloads: [],
        tapConfigurations: [],
        nicType: 'Standard',
        allowPort25Out: true,
        auxiliaryMode: 'None',
        auxiliarySku: 'None'
      }
    })
    for (const path of [subnet, vnet]) {
      const refused = await send('DELETE', path)
      expect([refused.status, code(refused)]).toEqual([400, 'InUseSubnetCannotBeDeleted'])
      expect(message(refused)).toContain(`Subnet endpoints is in use by ${id}/ipConfigurations/privateEndpointIpConfig.`)
    }
    expect((await send('GET', subnet)).body['properties']).toMatchObject({
      privateEndpoints: [{ id: expect.stringMatching(new RegExp(`/resourceGroups/${unique('rg-net').toUpperCase()}/.*/PE-GOLD$`)) }],
      ipConfigurations: [{ id: expect.stringMatching(/NIC-GOLD\/ipConfigurations\//) }]
    })
  })

  test('NIC-04 it can be neither written to nor deleted by itself', async () => {
    const { send, done } = await armWithTarget()
    await done('PUT', endpoint, endpointBody({ properties: { customNetworkInterfaceName: 'nic-gold' } }))
    const id = `${interfaces}/nic-gold`
    for (const method of ['DELETE', 'PUT']) {
      const refused = await send(method, id, method === 'PUT' ? ownBody() : undefined)
      expect([refused.status, refused.body['error']]).toEqual([
        400,
        {
          code: 'NicInUse',
          message: `Network Interface ${id} is used by existing resource ${endpoint}. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.`,
          details: []
        }
      ])
    }
  })

  test('NIC-05 NIC-06 addresses are given out from the fifth to the last but one, and then the subnet is full', async () => {
    const { send, done, wait } = await armWithTarget()
    for (let index = 0; index < 11; index += 1) await send('PUT', `${endpoint}-${index}`, endpointBody())
    await wait(60)
    const { value } = (await send('GET', interfaces)).body as unknown as { value: readonly Body[] }
    const addresses = value.map(one => `${one['properties']?.['ipConfigurations']?.[0]?.['properties']?.['privateIPAddress']}`)
    expect(addresses.map(each => Number(each.split('.')[3])).sort((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
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
  ])('NIC-07 an address of the endpoint’s own, %s: %s', async (privateIPAddress, refused) => {
    const { send, wait } = await armWithTarget()
    const properties = { groupId: 'postgresqlServer', memberName: 'postgresqlServer', privateIPAddress }
    const ipConfigurations = [{ name: 'one', properties }]
    const put = await send('PUT', endpoint, endpointBody({ properties: { ipConfigurations } }))
    expect([put.status, code(put)]).toEqual([refused === undefined ? 201 : 400, refused])
    if (refused !== undefined) return
    expect(put.body['properties']?.['ipConfigurations']?.[0]).toMatchObject({ ...ipConfigurations[0] })
    await wait(60)
    const taken = await send('PUT', `${endpoint}-2`, endpointBody({ properties: { ipConfigurations } }))
    expect([taken.status, code(taken)]).toEqual([400, 'PrivateIPAddressIsAllocated'])
    expect((await send('PUT', endpoint, endpointBody({ properties: { ipConfigurations } }))).status).toBe(200)
  })

  test('NIC-08 goes with the endpoint', async () => {
    const { send, done } = await armWithTarget()
    await done('PUT', endpoint, endpointBody())
    await done('DELETE', endpoint)
    expect((await send('GET', interfaces)).body['value']).toEqual([])
    expect((await done('DELETE', subnet)).body).toEqual({ status: 'Succeeded' })
  })

  ours('NIC-09 or some time after it', async () => {
    const { send, done, wait } = await armWithTarget({ behaviours: { networkInterfaceLingerMs: 300_000 } })
    await done('PUT', endpoint, endpointBody())
    await done('DELETE', endpoint)
    expect(code(await send('DELETE', subnet))).toBe('InUseSubnetCannotBeDeleted')
    await wait(300)
    expect((await send('DELETE', subnet)).status).toBe(202)
  })
})

describe('a network interface of one’s own', () => {
  test('PE-46 NIC-10 its subnet comes back by the names it was made with', async () => {
    const client = await armWithTarget()
    const [configuration] = ownBody({}).properties.ipConfigurations
    const shouted = { name: 'ip', properties: { subnet: { id: subnet.replace(/virtualNetworks.*/, part => part.toUpperCase()) } } }
    await client.done('PUT', own, { ...ownBody({}), properties: { ipConfigurations: [shouted] } })
    const shown = (await propertiesOf(client, own))?.['ipConfigurations']?.[0]?.['properties']
    expect([shown?.['subnet'], shown?.['privateIPAddress']]).toEqual([configuration?.properties.subnet, '10.0.1.4'])
  })

  test('NIC-10 NIC-11 gets an address, and has no physical one as long as no machine has it', async () => {
    const client = await armWithTarget()
    const put = await client.send('PUT', own, ownBody({ dnsSettings: { dnsServers: ['10.0.0.9'] }, enableIPForwarding: true }))
    expect(put.status).toBe(201)
    await client.wait(10)
    const properties = await propertiesOf(client, own)
    expect(properties).toMatchObject({
      provisioningState: 'Succeeded',
      enableIPForwarding: true,
      dnsSettings: { dnsServers: ['10.0.0.9'], appliedDnsServers: [] },
      ipConfigurations: [{ name: 'ip', properties: { privateIPAddress: '10.0.1.4', privateIPAllocationMethod: 'Dynamic', primary: true } }]
    })
    expect(properties).not.toHaveProperty('macAddress')
    const older = await client.send('GET', own, undefined, '2022-01-01')
    expect([older.body['kind'], older.body['properties']?.['auxiliarySku']]).toEqual(['Regular', undefined])
    const oldest = (await client.send('GET', own, undefined, '2018-11-01')).body
    expect([oldest['kind'], oldest['properties']?.['nicType']]).toEqual([undefined, undefined])
  })

  test('NIC-12 a subnet that is not there is refused', async () => {
    const { send } = await armWithTarget()
    const ipConfigurations = [{ name: 'ip', properties: { subnet: { id: `${vnet}/subnets/none` } } }]
    const refused = await send('PUT', own, ownBody({ ipConfigurations }))
    expect([refused.status, code(refused)]).toEqual([400, 'InvalidResourceReference'])
  })

  test('NIC-13 a PATCH changes its tags at once, a DELETE takes it away', async () => {
    const { send, done } = await armWithTarget()
    await done('PUT', own, ownBody())
    expect(await send('PATCH', own, { tags: { a: 'b' } })).toMatchObject({ status: 200, body: { tags: { a: 'b' } } })
    const deleted = await send('DELETE', own)
    expect([deleted.status, deleted.headers.get('retry-after')]).toEqual([202, '4'])
    await done('DELETE', own)
    const gone = await send('GET', own)
    expect([gone.status, code(gone), gone.headers.get('x-ms-failure-cause')]).toEqual([404, 'ResourceNotFound', 'gateway'])
  })
})
