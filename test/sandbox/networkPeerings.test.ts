import { describe, expect, test } from 'vitest'
import { type Arm, armWithGroup, type Body, group, type Json, networks, ours, type Reply } from './arm.ts'
import { code, message } from './endpoints.ts'

const [hub, spoke] = [`${networks}/hub`, `${networks}/spoke`]
const there = `${hub}/virtualNetworkPeerings/to-spoke`
const back = `${spoke}/virtualNetworkPeerings/to-hub`
const network = (prefix: string, properties: { readonly [name: string]: Json } = {}) => ({
  location: 'eastus2',
  properties: { addressSpace: { addressPrefixes: [prefix] }, ...properties }
})
const to = (id: string, more: { readonly [name: string]: Json } = {}) => ({ properties: { remoteVirtualNetwork: { id }, ...more } })

async function armWithNetworks(): Promise<Arm> {
  const client = await armWithGroup()
  await client.done('PUT', hub, network('10.0.0.0/16', { subnets: [{ name: 'a', properties: { addressPrefix: '10.0.0.0/24' } }] }))
  await client.done('PUT', spoke, network('10.1.0.0/16'))
  return client
}

async function armWithBoth(): Promise<Arm> {
  const client = await armWithNetworks()
  await client.done('PUT', there, to(spoke))
  await client.done('PUT', back, to(hub))
  return client
}

const propertiesOf = async ({ send }: Arm, id: string, version?: string): Promise<Body> =>
  (await send('GET', id, undefined, version)).body['properties'] as Body

const stateOf = async (client: Arm, id: string): Promise<unknown> => (await propertiesOf(client, id))['peeringState']

/** The status of an answer and the headers that lead to the operation. */
const led = ({ status, headers }: Reply): unknown[] => [
  status,
  ...['azure-asyncoperation', 'location', 'azure-asyncnotification'].map(name => headers.has(name)),
  headers.get('retry-after')
]

describe('peerings', () => {
  // Member by member as Azure/azure-service-operator recorded it with 2020-11-01, and azure-cli with 2021-08-01.
  test('PEER-01 PEER-02 PEER-03 PEER-04 the first of two is Initiated, with what Azure adds', async () => {
    const client = await armWithNetworks()
    const put = await client.send('PUT', there, to(spoke))
    expect(led(put)).toEqual([201, true, false, false, '10'])
    expect(put.body['properties']).toMatchObject({ provisioningState: 'Updating', peeringState: 'Initiated' })
    await client.wait(10)
    const { etag } = (await client.send('GET', hub)).body
    const old = await client.send('GET', there, undefined, '2020-11-01')
    const recorded = {
      provisioningState: 'Succeeded',
      resourceGuid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      peeringState: 'Initiated',
      remoteVirtualNetwork: { id: spoke },
      allowVirtualNetworkAccess: true,
      allowForwardedTraffic: false,
      allowGatewayTransit: false,
      useRemoteGateways: false,
      doNotVerifyRemoteGateways: false,
      remoteAddressSpace: { addressPrefixes: ['10.1.0.0/16'] },
      routeServiceVips: {}
    }
    const type = 'Microsoft.Network/virtualNetworks/virtualNetworkPeerings'
    expect(old.body).toEqual({ name: 'to-spoke', id: there, etag, type, properties: recorded })
    expect(old.headers.get('etag')).toBe(etag)
    expect(await propertiesOf(client, there, '2021-08-01')).toEqual({
      ...recorded,
      peeringSyncLevel: 'RemoteNotInSync',
      peerCompleteVnets: true,
      remoteVirtualNetworkAddressSpace: { addressPrefixes: ['10.1.0.0/16'] }
    })
    const changed = await client.send('PUT', there, to(spoke, { allowForwardedTraffic: true }))
    expect([...led(changed), changed.body['properties']?.['allowForwardedTraffic']]).toEqual([200, true, false, false, '10', true])
  })

  test('PEER-04 PEER-05 PEER-06 the second one connects both, which have one guid and stand in their networks', async () => {
    const client = await armWithNetworks()
    await client.done('PUT', there, to(spoke))
    const put = await client.send('PUT', back, to(hub))
    expect(put.body['properties']).toMatchObject({ peeringState: 'Connected', peeringSyncLevel: 'FullyInSync' })
    await client.wait(10)
    const [one, other] = [await propertiesOf(client, there), await propertiesOf(client, back)]
    expect([one['peeringState'], one['peeringSyncLevel']]).toEqual(['Connected', 'FullyInSync'])
    expect(one['resourceGuid']).toBe(other['resourceGuid'])
    const guids = [one, await propertiesOf(client, hub), await propertiesOf(client, spoke)].map(each => String(each['resourceGuid']))
    const [both = 1n, first = 0n, second = 0n] = guids.map(each => BigInt(`0x${each.replaceAll('-', '')}`))
    expect(first ^ second).toBe(both)
    const { body } = await client.send('GET', hub)
    expect(body['properties']?.['virtualNetworkPeerings']).toEqual([{ ...(await client.send('GET', there)).body, etag: body['etag'] }])
    const listed = (await client.send('GET', `${hub}/virtualNetworkPeerings`)).body['value']
    expect(listed).toEqual(body['properties']?.['virtualNetworkPeerings'])
  })

  test('PEER-07 PEER-08 PEER-09 PEER-10 when one goes the other is Disconnected, and has to go or be written again', async () => {
    const client = await armWithBoth()
    const gone = await client.send('DELETE', there)
    expect(led(gone)).toEqual([202, true, true, false, '10'])
    await client.wait(10)
    const missing = await client.send('GET', there)
    expect([missing.status, code(missing), message(missing)]).toEqual([404, 'NotFound', `Resource ${there} not found.`])
    expect((await client.send('DELETE', there)).status).toBe(204)
    expect(await stateOf(client, back)).toBe('Disconnected')
    const refused = await client.send('PUT', there, to(spoke))
    expect([refused.status, code(refused)]).toEqual([400, 'RemotePeeringIsDisconnected'])
    expect(message(refused)).toContain(`because remote peering ${back} referencing parent virtual network ${hub} is in Disconnected state`)
    await client.done('PUT', back, to(hub))
    expect(await stateOf(client, back)).toBe('Initiated')
    await client.done('PUT', there, to(spoke))
    expect([await stateOf(client, there), await stateOf(client, back)]).toEqual(['Connected', 'Connected'])
    await client.done('DELETE', spoke)
    expect(await stateOf(client, there)).toBe('Disconnected')
  })

  test.each([
    ['none that is there', to(`${networks}/none`), 'InvalidResourceReference'],
    ['the network itself', to(hub), 'InvalidResourceReference'],
    ['no network at all', { properties: {} }, 'InvalidRequestFormat'],
    ['one that has the same addresses', to(`${networks}/same`), 'VnetAddressSpacesOverlap'],
    ['one that there is a peering to', to(spoke), 'AnotherPeeringAlreadyReferencesRemoteVnet']
  ])('PEER-11 PEER-12 one to %s is refused', async (_what, body, expected) => {
    const { send, done } = await armWithNetworks()
    await done('PUT', `${networks}/same`, network('10.0.128.0/17'))
    await done('PUT', there, to(spoke))
    const refused = await send('PUT', `${hub}/virtualNetworkPeerings/other`, body)
    expect([refused.status, code(refused)]).toEqual([400, expected])
    const moved = await send('PUT', there, to(`${networks}/same`))
    expect([moved.status, code(moved)]).toEqual([400, 'PropertyChangeNotAllowed'])
  })

  test('PEER-11 while either network is written to it is refused, each in its own way', async () => {
    const { send } = await armWithNetworks()
    await send('PUT', spoke, network('10.2.0.0/16'))
    const remote = await send('PUT', there, to(spoke))
    expect([remote.status, code(remote)]).toEqual([400, 'ReferencedResourceNotProvisioned'])
    const own = await send('PUT', back, to(hub))
    expect([own.status, code(own)]).toEqual([429, 'RetryableError'])
  })

  test('PEER-14 a list of peerings in a PUT of the network is the whole list', async () => {
    const client = await armWithBoth()
    const { body } = await client.send('GET', hub)
    const same = await client.send('PUT', hub, body as unknown as Json)
    expect([same.status, same.body['properties']?.['provisioningState']]).toEqual([200, 'Succeeded'])
    expect(await stateOf(client, there)).toBe('Connected')
    await client.done('PUT', hub, { ...body, properties: { ...body['properties'], virtualNetworkPeerings: [] } } as unknown as Json)
    expect((await client.send('GET', there)).status).toBe(404)
    expect(await stateOf(client, back)).toBe('Disconnected')
    const none = { name: 'x', ...to(`${networks}/none`) }
    expect(code(await client.send('PUT', hub, network('10.0.0.0/16', { virtualNetworkPeerings: [none] })))).toBe('InvalidResourceReference')
  })

  ours('PEER-15 no gateway is looked for, and a change of addresses is known on the other side at once', async () => {
    const client = await armWithBoth()
    const synced = `${there}?syncRemoteAddressSpace=true`
    expect((await client.send('PUT', synced, to(spoke, { useRemoteGateways: true }))).status).toBe(200)
    await client.wait(10)
    await client.done('PUT', spoke, network('10.3.0.0/16'))
    expect((await propertiesOf(client, there))['remoteVirtualNetworkAddressSpace']).toEqual({ addressPrefixes: ['10.3.0.0/16'] })
  })

  test('PEER-16 behind locks and missing networks it is as other children of a network are', async () => {
    const client = await armWithNetworks()
    const lock = `${hub}/providers/Microsoft.Authorization/locks/keep`
    await client.send('PUT', lock, { properties: { level: 'ReadOnly' } })
    const locked = await client.send('PUT', there, to(spoke))
    expect([locked.status, code(locked)]).toEqual([409, 'ScopeLocked'])
    await client.send('PUT', lock, { properties: { level: 'CanNotDelete' } })
    await client.done('PUT', there, to(spoke))
    expect(code(await client.send('DELETE', there))).toBe('ScopeLocked')
    for (const method of ['GET', 'PUT'] as const) {
      const reply = await client.send(method, `${networks}/none/virtualNetworkPeerings/x`, method === 'PUT' ? to(spoke) : undefined)
      expect([reply.status, code(reply)]).toEqual([404, 'ResourceNotFound'])
    }
  })
})

describe('addresses of a network', () => {
  const asked = (address: string) => `${hub}/CheckIPAddressAvailability?ipAddress=${address}`

  // The first two answers are those of azure-cli's test_network_vnet, of a subnet with the same prefix.
  test('NET-36 one is available, reserved by Azure or taken, and others are offered in its place', async () => {
    const { send, done } = await armWithNetworks()
    const offered = (...last: number[]) => last.map(each => `10.0.0.${each}`)
    expect((await send('GET', asked('10.0.0.50'))).body).toEqual({ available: true, isPlatformReserved: false })
    const reserved = { available: false, availableIPAddresses: offered(4, 5, 6, 7, 8), isPlatformReserved: true }
    for (const address of ['10.0.0.0', '10.0.0.255']) expect((await send('GET', asked(address))).body).toEqual(reserved)
    const ipConfigurations = [{ name: 'ip', properties: { subnet: { id: `${hub}/subnets/A` } } }]
    await done('PUT', `${group}/providers/Microsoft.Network/networkInterfaces/nic`, {
      location: 'eastus2',
      properties: { ipConfigurations }
    })
    expect((await send('GET', asked('10.0.0.4'))).body).toEqual({
      available: false,
      availableIPAddresses: offered(5, 6, 7, 8, 9),
      isPlatformReserved: false
    })
  })

  test('NET-37 one in no subnet and one that is none are refused, and so is a question about no network', async () => {
    const { send } = await armWithNetworks()
    const refused = async (path: string) => {
      const reply = await send('GET', path)
      return [reply.status, code(reply)]
    }
    expect(await refused(asked('10.0.9.9'))).toEqual([400, 'PrivateIPAddressNotInAnySubnet'])
    expect(await refused(asked('ten'))).toEqual([400, 'InvalidIPAddress'])
    expect(await refused(asked('10.0.0.4').replace('hub', 'none'))).toEqual([404, 'ResourceNotFound'])
  })
})
