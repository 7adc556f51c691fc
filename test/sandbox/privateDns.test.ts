import { describe, expect, test } from 'vitest'
import { armWithGroup, ours, subscription } from './arm.ts'
import { address, armWithZone, codeOf, ended, link, linkBody, messageOf, network, record, refusalOf, vnet, zone, zones } from './zones.ts'

describe('a zone', () => {
  test('DNS-01 DNS-02 DNS-03 DNS-04 is seen when its operation is done, with what Azure adds', async () => {
    const { send, done } = await armWithGroup()
    const put = await send('PUT', zone, { location: 'global', tags: { a: 'b' } })
    expect(put.status).toBe(202)
    expect((await send('GET', zone)).status).toBe(404)
    expect((await done('PUT', zone, { location: 'global', tags: { a: 'b' } })).body).toEqual({ status: 'Succeeded' })
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
    expect((await send('GET', zone, undefined, '2020-06-01')).body['properties']).toHaveProperty('internalId')
    expect((await send('GET', zone, undefined, '2020-01-01')).body['properties']).not.toHaveProperty('internalId')
  })

  test('DNS-02 counts its records and links', async () => {
    const { send, done } = await armWithZone()
    await send('PUT', record, address('10.0.0.4'))
    await done('PUT', link, linkBody(vnet, { registrationEnabled: true }))
    expect((await send('GET', zone)).body['properties']).toMatchObject({
      numberOfRecordSets: 2,
      numberOfVirtualNetworkLinks: 1,
      numberOfVirtualNetworkLinksWithRegistration: 1
    })
  })

  test('DNS-05 DNS-06 DNS-07 has a start of authority that can be changed and not deleted', async () => {
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
    expect(refusalOf(await send('DELETE', soa))).toEqual([400, 'BadRequest'])
    expect(refusalOf(await send('PUT', `${zone}/SOA/other`, { properties: { ttl: 60 } }))).toEqual([400, 'BadRequest'])
    expect((await send('PATCH', soa, { properties: { ttl: 60 } })).body['properties']).toMatchObject({
      ttl: 60,
      soaRecord: { minimumTtl: 10 }
    })
  })

  test.each([
    ['DNS-16 DNS-17', 'single', { location: 'global' }, 'BadRequest'],
    ['DNS-16 DNS-17', 'a..b', { location: 'global' }, 'BadRequest'],
    ['DNS-16 DNS-17', `${'a.'.repeat(34)}b`, { location: 'global' }, 'BadRequest'],
    ['DNS-18', 'contoso.net', { location: 'eastus2' }, 'LocationNotAvailableForResourceType'],
    ['DNS-18', 'contoso.net', {}, 'LocationRequired']
  ])('%s named %s with %j is refused', async (_id, name, body, expected) => {
    const { send } = await armWithGroup()
    expect(refusalOf(await send('PUT', `${zones}/${name}`, body))).toEqual([400, expected])
  })

  test('DNS-16 DNS-17 DNS-18 its name and its region are looked at', async () => {
    const { send, done } = await armWithGroup()
    const elsewhere = await send('PUT', zone, { location: 'East US 2' })
    expect(messageOf(elsewhere)).toBe(
      "The provided location 'East US 2' is not available for resource type 'Microsoft.Network/privateDnsZones'. List of available regions for the resource type is 'global'."
    )
    const longest = `${zones}/${'a.'.repeat(33)}b`
    expect((await done('PUT', longest, { location: 'global' })).body).toEqual({ status: 'Succeeded' })
    expect(refusalOf(await send('PUT', `${zones}/single`, { location: 'global' }))).toEqual([400, 'BadRequest'])
  })

  test('DNS-08 preconditions fail in the operation', async () => {
    const client = await armWithZone()
    const sent = { location: 'global', tags: { new: 'x' } }
    const again = await client.send('PUT', zone, sent, { headers: { 'if-none-match': '*' } })
    expect(await ended(client, again)).toEqual({
      error: { code: 'PreconditionFailed', message: 'The Zone privatelink.contoso.net exists already and hence cannot be created again.' },
      status: 'Failed'
    })
    for (const [method, body] of [
      ['PUT', sent],
      ['PATCH', { tags: { new: 'x' } }],
      ['DELETE', undefined]
    ] as const) {
      const stale = await client.send(method, zone, body, { headers: { 'if-match': 'x' } })
      expect(await ended(client, stale), method).toMatchObject({
        error: { message: 'The Zone privatelink.contoso.net has been modified (etag mismatch).' },
        status: 'Failed'
      })
    }
    const { body } = await client.send('GET', zone)
    expect(body['tags']).toBeUndefined()
    const current = await client.send('PUT', zone, sent, { headers: { 'if-match': `${body['etag']}` } })
    expect(await ended(client, current)).toEqual({ status: 'Succeeded' })
    expect((await client.send('GET', zone)).body['tags']).toEqual({ new: 'x' })
  })

  test('DNS-27 of two writes with the same etag one fails', async () => {
    const client = await armWithZone()
    const { body } = await client.send('GET', zone)
    const headers = { 'if-match': `${body['etag']}` }
    const first = await client.send('PUT', zone, { location: 'global', tags: { by: 'one' } }, { headers })
    const second = await client.send('PUT', zone, { location: 'global', tags: { by: 'other' } }, { headers })
    expect(await ended(client, first)).toEqual({ status: 'Succeeded' })
    expect(await ended(client, second)).toMatchObject({ error: { code: 'PreconditionFailed' }, status: 'Failed' })
    expect((await client.send('GET', zone)).body['tags']).toEqual({ by: 'one' })
  })

  test('DNS-09 DNS-10 DNS-11 an empty precondition is none, nor is an etag in the body; one on what is not there fails', async () => {
    const client = await armWithZone()
    const { body } = await client.send('GET', zone)
    const empty = { headers: { 'if-match': '', 'if-none-match': '' } }
    expect(await ended(client, await client.send('PUT', zone, { location: 'global', etag: `${body['etag']}` }, empty))).toEqual({
      status: 'Succeeded'
    })
    expect((await client.send('PUT', record, address('10.0.0.4'), empty)).status).toBe(201)
    expect((await client.send('PUT', record, address('10.0.0.5'), empty)).status).toBe(200)
    const absent = `${zones}/contoso.org`
    expect(await ended(client, await client.send('PUT', absent, { location: 'global' }, { headers: { 'if-match': 'x' } }))).toMatchObject({
      error: { code: 'PreconditionFailed' }
    })
    expect((await client.send('GET', absent)).status).toBe(404)
  })

  test('DNS-12 DNS-14 DNS-23 is not deleted before its links are gone, and takes its records along', async () => {
    const { send, done, wait } = await armWithZone()
    await send('PUT', link, linkBody())
    expect(refusalOf(await send('DELETE', zone))).toEqual([409, 'CannotDeleteResource'])
    await wait(60)
    await send('PUT', record, address('10.0.0.4'))
    await send('DELETE', link)
    const nested = await send('DELETE', zone)
    expect([nested.headers.get('x-ms-failure-cause'), messageOf(nested)]).toEqual([
      'gateway',
      "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: 'Microsoft.Network/privateDnsZones/privatelink.contoso.net/virtualNetworkLinks/hub'. Please delete all nested resources before deleting this resource."
    ])
    await wait(60)
    expect((await done('DELETE', zone)).body).toEqual({ status: 'Succeeded' })
    expect((await send('DELETE', zone)).status).toBe(204)
    await done('PUT', zone, { location: 'global' })
    expect((await send('GET', `${zone}/ALL`)).body['value']).toHaveLength(1)
  })

  ours('DNS-13 can go on counting a link that has gone', async () => {
    const { send, done, wait } = await armWithZone({ behaviours: { zonePhantomLinkMs: 120_000 } })
    await done('PUT', link, linkBody())
    await done('DELETE', link)
    expect((await send('GET', zone)).body['properties']?.['numberOfVirtualNetworkLinks']).toBe(0)
    const refused = await send('DELETE', zone)
    expect(refusalOf(refused)).toEqual([409, 'CannotDeleteResource'])
    expect(messageOf(refused)).toContain('privatelink.contoso.net/virtualNetworkLinks/hub')
    await wait(120)
    expect((await done('DELETE', zone)).body).toEqual({ status: 'Succeeded' })
  })

  test('DNS-15 is gone for its provider while it is being deleted, and then for ARM', async () => {
    const { send, wait } = await armWithZone()
    await send('DELETE', zone)
    const meanwhile = await send('GET', zone)
    const [, , id, , name] = zone.split('/')
    expect([meanwhile.status, meanwhile.body, meanwhile.headers.get('x-ms-failure-cause')]).toEqual([
      404,
      {
        code: 'NotFound',
        message: `The zone 'privatelink.contoso.net' does not exist in resource group '${name}' of subscription '${id}'.`
      },
      null
    ])
    await wait(60)
    expect(refusalOf(await send('GET', zone))).toEqual([404, 'ResourceNotFound'])
  })

  test('DNS-24 is patched: tags change, the rest stays', async () => {
    const { send, done } = await armWithZone()
    await done('PUT', zone, { location: 'global', tags: { a: 'b' }, properties: { extra: 1 } })
    expect((await done('PATCH', zone, { tags: { c: 'd' } })).body).toEqual({ status: 'Succeeded' })
    expect((await send('GET', zone)).body).toMatchObject({ location: 'global', tags: { c: 'd' }, properties: { extra: 1 } })
    expect(codeOf(await send('PATCH', `${zones}/contoso.org`, { tags: {} }))).toBe('ResourceNotFound')
  })

  test('DNS-21 DNS-22 errors have no envelope, and slashes are escaped in what the provider says itself', async () => {
    const { send } = await armWithZone()
    expect((await send('GET', zone)).text).toContain(`"id":"${zone.replaceAll('/', '\\/')}"`)
    expect((await send('GET', `${zones}/contoso.org`)).text).toContain("'Microsoft.Network/privateDnsZones/contoso.org'")
    expect((await send('GET', `${zone}/providers/Microsoft.Authorization/locks`)).text).not.toContain('\\/')
    expect((await send('GET', record)).body).toEqual({ code: 'NotFound', message: expect.any(String) })
  })

  ours('DNS-19 DNS-20 a subscription has at most a thousand', { timeout: 60_000 }, async () => {
    const { send, control } = await armWithGroup()
    const seed = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`${zones}/z${at}.net`, { location: 'global' }]))
    await control('POST', 'seed', seed)
    const names = new Set<string>()
    for (let at: string | undefined = `${subscription}/providers/Microsoft.Network/privateDnsZones`; at !== undefined; ) {
      const { body } = await send('GET', at)
      for (const { name } of body['value'] as unknown as { name: string }[]) names.add(name)
      at = body['nextLink'] as string | undefined
    }
    expect(names.size).toBe(1000)
    const more = await send('PUT', zone, { location: 'global' })
    expect([more.status, more.body]).toEqual([409, { code: 'Conflict', message: expect.stringContaining('1000') }])
    expect((await send('PUT', `${zones}/z0.net`, { location: 'global' })).status).toBe(202)
  })
})

test('DNS-12 a zone that is written to while a link is being made goes on', async () => {
  const { send, done } = await armWithZone()
  await done('PUT', `${vnet}`, network)
  await send('PUT', link, linkBody())
  expect((await done('PUT', zone, { location: 'global', tags: { a: 'b' } })).body).toEqual({ status: 'Succeeded' })
})
