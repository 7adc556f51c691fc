import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/sandbox/json.ts'
import { type Arm, armWithGroup, group, networks, type Reply } from './arm.ts'

const zones = `${group}/providers/Microsoft.Network/privateDnsZones`
const zone = `${zones}/privatelink.contoso.net`
const link = `${zone}/virtualNetworkLinks/hub`
const record = `${zone}/A/web`
const vnet = `${networks}/hub`
const code = ({ body }: Reply): unknown => body['error']?.['code'] ?? body['code']

const linkBody = (network = vnet, properties = {}): Json => ({
  location: 'global',
  properties: { virtualNetwork: { id: network }, registrationEnabled: false, ...properties }
})

async function armWithZone(): Promise<Arm> {
  const client = await armWithGroup()
  for (const name of ['hub', 'spoke']) {
    await client.done('PUT', `${networks}/${name}`, {
      location: 'eastus2',
      properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }
    })
  }
  await client.done('PUT', zone, { location: 'global' })
  return client
}

/** Sends with headers, which the shared client of these tests has no need of. */
async function sendWith({ sandbox }: Arm, headers: Record<string, string>, method: string, path: string, body?: Json): Promise<Response> {
  const url = `https://management.azure.com${path}?api-version=2024-06-01`
  return sandbox.handle(new Request(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }))
}

async function ended(client: Arm, response: Response): Promise<Reply['body']> {
  expect(response.status).toBe(202)
  await client.wait(60)
  return (await client.send('GET', response.headers.get('azure-asyncoperation') ?? '')).body
}

describe('a zone', () => {
  test('is accepted with an empty body and two addresses in its group, and seen when it is done', async () => {
    const { send, wait } = await armWithGroup()
    const put = await send('PUT', zone, { location: 'global', tags: { a: 'b' } })
    expect([put.status, put.body, put.headers.get('retry-after')]).toEqual([202, {}, '30'])
    const status = put.headers.get('azure-asyncoperation') ?? ''
    expect(status).toContain(`${group}/providers/Microsoft.Network/privateDnsOperationStatuses/`)
    expect(put.headers.get('location')).toContain('/privateDnsOperationResults/')
    const id = new URL(status).pathname.split('/').at(-1) ?? ''
    expect(Buffer.from(id, 'base64').toString()).toMatch(/^FrontEndAsyncOperation;UpsertPrivateDnsZone;[0-9a-f-]{36}$/)
    const running = await send('GET', status)
    expect([running.status, running.body, running.headers.get('retry-after')]).toEqual([202, { status: 'InProgress' }, '30'])
    await wait(30)
    expect((await send('GET', status)).body).toEqual({ status: 'Succeeded' })
    const got = await send('GET', zone)
    expect(got.headers.get('etag')).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    expect(got.body).toEqual({
      id: zone,
      name: 'privatelink.contoso.net',
      type: 'Microsoft.Network/privateDnsZones',
      etag: got.headers.get('etag'),
      location: 'global',
      tags: { a: 'b' },
      properties: {
        internalId: expect.any(String),
        maxNumberOfRecordSets: 25000,
        maxNumberOfVirtualNetworkLinks: 1000,
        maxNumberOfVirtualNetworkLinksWithRegistration: 100,
        numberOfRecordSets: 1,
        numberOfVirtualNetworkLinks: 0,
        numberOfVirtualNetworkLinksWithRegistration: 0,
        provisioningState: 'Succeeded'
      }
    })
    expect((await send('GET', zone, undefined, '2020-06-01')).body['properties']).not.toHaveProperty('internalId')
  })

  test('has a start of authority that can be changed and not deleted', async () => {
    const { send } = await armWithZone()
    const soa = `${zone}/SOA/@`
    expect((await send('GET', soa)).body['properties']).toEqual({
      fqdn: 'privatelink.contoso.net.',
      ttl: 3600,
      soaRecord: {
        host: 'azureprivatedns.net',
        email: 'azureprivatedns-host.microsoft.com',
        serialNumber: 1,
        refreshTime: 3600,
        retryTime: 300,
        expireTime: 2419200,
        minimumTtl: 10
      },
      isAutoRegistered: false
    })
    expect((await send('DELETE', soa)).status).toBe(400)
    expect((await send('PATCH', soa, { properties: { ttl: 60 } })).body['properties']).toMatchObject({
      ttl: 60,
      soaRecord: { minimumTtl: 10 }
    })
  })

  test.each([
    ['single', { location: 'global' }, 'BadRequest'],
    ['a..b', { location: 'global' }, 'BadRequest'],
    [`${'a.'.repeat(34)}b`, { location: 'global' }, 'BadRequest'],
    ['contoso.net', { location: 'eastus2' }, 'LocationNotAvailableForResourceType'],
    ['contoso.net', {}, 'LocationRequired']
  ])('named %s with %j is refused', async (name, body, expected) => {
    const { send } = await armWithGroup()
    const refused = await send('PUT', `${zones}/${name}`, body)
    expect([refused.status, code(refused)]).toEqual([400, expected])
  })

  test('preconditions fail in the operation', async () => {
    const client = await armWithZone()
    const again = await sendWith(client, { 'if-none-match': '*' }, 'PUT', zone, { location: 'global', tags: { new: 'x' } })
    expect(await ended(client, again)).toEqual({
      error: { code: 'PreconditionFailed', message: 'The Zone privatelink.contoso.net exists already and hence cannot be created again.' },
      status: 'Failed'
    })
    const stale = await sendWith(client, { 'if-match': 'x' }, 'PUT', zone, { location: 'global', tags: { new: 'x' } })
    expect(await ended(client, stale)).toMatchObject({
      error: { message: 'The Zone privatelink.contoso.net has been modified (etag mismatch).' }
    })
    const { body } = await client.send('GET', zone)
    expect(body['tags']).toBeUndefined()
    const current = await sendWith(client, { 'if-match': `${body['etag']}` }, 'PUT', zone, { location: 'global', tags: { new: 'x' } })
    expect(await ended(client, current)).toEqual({ status: 'Succeeded' })
    expect((await client.send('GET', zone)).body['tags']).toEqual({ new: 'x' })
  })

  test('is not deleted before its links are gone, and takes its records along', async () => {
    const { send, done, wait } = await armWithZone()
    await send('PUT', link, linkBody())
    const making = await send('DELETE', zone)
    expect([making.status, code(making)]).toEqual([409, 'CannotDeleteResource'])
    await wait(60)
    await send('PUT', record, { properties: { ttl: 60, aRecords: [{ ipv4Address: '10.0.0.4' }] } })
    await send('DELETE', link)
    expect((await send('DELETE', zone)).body['error']?.['message']).toBe(
      "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: 'Microsoft.Network/privateDnsZones/privatelink.contoso.net/virtualNetworkLinks/hub'. Please delete all nested resources before deleting this resource."
    )
    await wait(60)
    expect((await done('DELETE', zone)).body).toEqual({ status: 'Succeeded' })
    expect((await send('GET', zone)).status).toBe(404)
    expect((await send('DELETE', zone)).status).toBe(204)
    await done('PUT', zone, { location: 'global' })
    expect((await send('GET', `${zone}/ALL`)).body['value']).toHaveLength(1)
  })
})

describe('a link', () => {
  test('lower-cases its name, and has a quoted etag and a policy only in zones of Private Link', async () => {
    const { send, done } = await armWithZone()
    expect((await done('PUT', `${zone}/virtualNetworkLinks/MyLink`, linkBody())).body).toEqual({ status: 'Succeeded' })
    const got = await send('GET', `${zone}/virtualNetworkLinks/MYLINK`)
    expect(got.body).toEqual({
      id: `${zone}/virtualNetworkLinks/mylink`,
      name: 'mylink',
      type: 'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
      etag: expect.stringMatching(/^"[0-9a-f]{8}-0000-0100-0000-[0-9a-f]{8}0000"$/),
      location: 'global',
      properties: {
        provisioningState: 'Succeeded',
        registrationEnabled: false,
        resolutionPolicy: 'Default',
        virtualNetwork: { id: vnet },
        virtualNetworkLinkState: 'Completed'
      }
    })
    expect((await send('GET', `${zone}/virtualNetworkLinks/mylink`, undefined, '2020-06-01')).body['properties']).not.toHaveProperty(
      'resolutionPolicy'
    )
    expect((await send('GET', zone)).body['properties']).toMatchObject({
      numberOfVirtualNetworkLinks: 1,
      numberOfVirtualNetworkLinksWithRegistration: 0
    })

    const plain = `${zones}/contoso.org`
    await done('PUT', plain, { location: 'global' })
    await done('PUT', `${plain}/virtualNetworkLinks/hub`, linkBody())
    expect((await send('GET', `${plain}/virtualNetworkLinks/hub`)).body['properties']).not.toHaveProperty('resolutionPolicy')
    await done('PATCH', `${zone}/virtualNetworkLinks/mylink`, { properties: { resolutionPolicy: 'NxDomainRedirect' } })
    expect((await send('GET', `${zone}/virtualNetworkLinks/mylink`)).body['properties']?.['resolutionPolicy']).toBe('NxDomainRedirect')
  })

  test('with registration is in progress for a while after it has succeeded', async () => {
    const { send, wait } = await armWithZone()
    await send('PUT', link, linkBody(vnet, { registrationEnabled: true }))
    await wait(45)
    expect((await send('GET', link)).body['properties']).toMatchObject({
      provisioningState: 'Succeeded',
      virtualNetworkLinkState: 'InProgress'
    })
    await wait(60)
    expect((await send('GET', link)).body['properties']).toMatchObject({ virtualNetworkLinkState: 'Completed' })
  })

  test.each([
    ['a network that is not there', linkBody(`${networks}/none`), 'InvalidResourceReference'],
    ['no network', { location: 'global', properties: {} }, 'BadRequest'],
    ['a region', { location: 'eastus2', properties: { virtualNetwork: { id: vnet } } }, 'LocationNotAvailableForResourceType']
  ])('to %s is refused', async (_what, body, expected) => {
    const { send } = await armWithZone()
    const refused = await send('PUT', link, body)
    expect([refused.status, code(refused)]).toEqual([400, expected])
  })

  test('is one for each network and zone name, and keeps its network', async () => {
    const { send, done } = await armWithZone()
    await done('PUT', link, linkBody(vnet, { registrationEnabled: true }))
    const second = await send('PUT', `${zone}/virtualNetworkLinks/second`, linkBody())
    expect([second.status, second.body]).toEqual([
      400,
      {
        code: 'BadRequest',
        message:
          "A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link virtual network with 'privatelink.contoso.net' and 'privatelink.contoso.net' zones."
      }
    ])
    expect(code(await send('PUT', link, linkBody(`${networks}/spoke`)))).toBe('BadRequest')
    await done('PUT', `${zones}/contoso.org`, { location: 'global' })
    const registers = await send('PUT', `${zones}/contoso.org/virtualNetworkLinks/hub`, linkBody(vnet, { registrationEnabled: true }))
    expect(code(registers)).toBe('BadRequest')
    expect((await done('PUT', `${zones}/contoso.org/virtualNetworkLinks/hub`, linkBody())).body).toEqual({ status: 'Succeeded' })
  })

  test('preconditions fail in the operation, each with its own quotes', async () => {
    const client = await armWithZone()
    await client.done('PUT', link, linkBody())
    expect(await ended(client, await sendWith(client, { 'if-none-match': '*' }, 'PUT', link, linkBody()))).toMatchObject({
      error: {
        code: 'PreconditionFailed',
        message:
          'The Virtual Network link hub for the Private DNS zone privatelink.contoso.net exists already and hence cannot be created again.'
      }
    })
    expect(await ended(client, await sendWith(client, { 'if-match': 'x' }, 'DELETE', link))).toMatchObject({
      error: {
        message: "The Virtual Network link 'hub' for the Private DNS zone 'privatelink.contoso.net' has been modified (etag mismatch)."
      }
    })
    const { body } = await client.send('GET', link)
    expect(await ended(client, await sendWith(client, { 'if-match': `${body['etag']}` }, 'DELETE', link))).toEqual({ status: 'Succeeded' })
  })

  test('goes with its network, and its zone must be there first', async () => {
    const { send, done } = await armWithZone()
    await done('PUT', link, linkBody())
    await done('DELETE', vnet)
    expect((await send('GET', link)).status).toBe(404)
    const orphan = await send('PUT', `${zones}/contoso.org/virtualNetworkLinks/hub`, linkBody(`${networks}/spoke`))
    expect([orphan.status, code(orphan)]).toEqual([404, 'ParentResourceNotFound'])
  })
})

describe('record sets', () => {
  test('are written at once, with an etag in the header', async () => {
    const { send } = await armWithZone()
    const put = await send('PUT', `${zone}/a/web`, {
      properties: { ttl: 60, aRecords: [{ ipv4Address: '10.0.0.4' }], metadata: { a: 'b' } }
    })
    expect([put.status, put.headers.get('etag')]).toEqual([201, put.body['etag']])
    expect(put.body).toEqual({
      id: record,
      name: 'web',
      type: 'Microsoft.Network/privateDnsZones/A',
      etag: expect.any(String),
      properties: {
        metadata: { a: 'b' },
        fqdn: 'web.privatelink.contoso.net.',
        ttl: 60,
        aRecords: [{ ipv4Address: '10.0.0.4' }],
        isAutoRegistered: false
      }
    })
    expect((await send('PUT', record, { properties: { ttl: 30 } })).body['properties']).toMatchObject({ ttl: 30, aRecords: [] })
    expect((await send('PATCH', record, { properties: { metadata: { c: 'd' } } })).body['properties']).toMatchObject({
      ttl: 30,
      metadata: { c: 'd' }
    })
    const gone = await send('DELETE', record)
    expect([gone.status, gone.body, (await send('DELETE', record)).status]).toEqual([200, null, 204])
  })

  test('are listed by type and all together', async () => {
    const { send } = await armWithZone()
    await send('PUT', record, { properties: { ttl: 60, aRecords: [] } })
    await send('PUT', `${zone}/TXT/web`, { properties: { ttl: 60, txtRecords: [{ value: ['x'] }] } })
    const ids = async (path: string) => ((await send('GET', path)).body['value'] as unknown as { id: string }[]).map(one => one.id)
    expect(await ids(`${zone}/A`)).toEqual([record])
    expect((await ids(`${zone}/ALL`)).sort()).toEqual([record, `${zone}/SOA/@`, `${zone}/TXT/web`].sort())
    expect((await send('GET', zone)).body['properties']?.['numberOfRecordSets']).toBe(3)
  })

  test('answer in the words of Private DNS, without an envelope', async () => {
    const client = await armWithZone()
    const { send } = client
    expect((await send('GET', record)).body).toEqual({
      code: 'NotFound',
      message: "The resource record 'web' does not exist in resource group 'rg-net' of subscription '11111111-1111-4111-8111-111111111111'."
    })
    await send('PUT', record, { properties: { ttl: 60 } })
    const again = await sendWith(client, { 'if-none-match': '*' }, 'PUT', record, { properties: { ttl: 60 } })
    expect([again.status, await again.json()]).toEqual([
      412,
      { code: 'PreconditionFailed', message: 'The Record set web exists already and hence cannot be created again.' }
    ])
    const stale = await sendWith(client, { 'if-match': 'x' }, 'PATCH', record, { properties: { ttl: 60 } })
    expect([stale.status, await stale.json()]).toEqual([
      412,
      { code: 'PreconditionFailed', message: 'The Record set web has been modified (etag mismatch).' }
    ])
    const orphan = await send('DELETE', `${zones}/contoso.org/TXT/web`)
    expect(orphan.body['error']).toEqual({
      code: 'ParentResourceNotFound',
      message: `Failed to perform 'delete' on resource(s) of type 'privateDnsZones/TXT', because the parent resource '${zones}/contoso.org' could not be found.`
    })
    expect(code(await send('PUT', `${zone}/CNAME/web`, { properties: { ttl: 60, cnameRecord: { cname: 'x.org' } } }))).toBe('BadRequest')
  })

  test('are protected by a lock on their zone', async () => {
    const { send } = await armWithZone()
    await send('PUT', record, { properties: { ttl: 60 } })
    await send('PUT', `${zone}/providers/Microsoft.Authorization/locks/hold`, { properties: { level: 'CanNotDelete' } })
    expect((await send('PUT', record, { properties: { ttl: 61 } })).status).toBe(200)
    expect([(await send('DELETE', record)).status, (await send('DELETE', zone)).status]).toEqual([409, 409])
  })
})

describe('security groups and route tables', () => {
  test.each([
    ['networkSecurityGroups', 'networkSecurityGroup', 'InUseNetworkSecurityGroupCannotBeDeleted'],
    ['routeTables', 'routeTable', 'InUseRouteTableCannotBeDeleted']
  ])('%s are kept, and not deleted while a subnet refers to them', async (type, key, expected) => {
    const { send, done } = await armWithZone()
    const id = `${group}/providers/Microsoft.Network/${type}/guard`
    const subnet = `${vnet}/subnets/a`
    expect(code(await send('PUT', subnet, { properties: { addressPrefix: '10.0.0.0/24', [key]: { id } } }))).toBe(
      'InvalidResourceReference'
    )
    expect((await done('PUT', id, { location: 'eastus2', tags: { a: 'b' } })).body).toEqual({ status: 'Succeeded' })
    await done('PUT', subnet, { properties: { addressPrefix: '10.0.0.0/24', [key]: { id } } })
    expect((await send('GET', id)).body).toMatchObject({
      tags: { a: 'b' },
      properties: { provisioningState: 'Succeeded', subnets: [{ id: subnet }] }
    })
    const refused = await send('DELETE', id)
    expect([refused.status, code(refused)]).toEqual([400, expected])
    await done('PUT', subnet, { properties: { addressPrefix: '10.0.0.0/24' } })
    expect((await done('DELETE', id)).body).toEqual({ status: 'Succeeded' })
  })
})
