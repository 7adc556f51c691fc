import { describe, expect, test } from 'vitest'
import { type Json, ours, subscriptionId } from './arm.ts'
import { address, armWithZone, messageOf, record, refusalOf, zone, zones } from './zones.ts'

const idsIn = (body: unknown): string[] => (body as { value: { readonly id: string }[] }).value.map(one => one.id)
const [, , , , groupName] = zone.split('/')

describe('record sets', () => {
  // azure-cli's test_CrudRecordSet_CNAMERecord and test_PatchRecordSet_SoaRecord.
  test('REC-15 an alias that leads nowhere yet has no record', async () => {
    const { send } = await armWithZone()
    for (const reply of [await send('PUT', `${zone}/CNAME/www`, { properties: { ttl: 3600 } }), await send('GET', `${zone}/CNAME/www`)])
      expect(reply.body['properties']).toEqual({ fqdn: 'www.privatelink.contoso.net.', ttl: 3600, isAutoRegistered: false })
    const full = await send('PUT', `${zone}/CNAME/www`, { properties: { ttl: 3600, cnameRecord: { cname: 'here' } } })
    expect(full.body['properties']).toMatchObject({ cnameRecord: { cname: 'here' } })
  })

  test('REC-16 the serial number of the start of authority stays', async () => {
    const { send } = await armWithZone()
    const soaRecord = {
      email: 'example.hostmaster.com',
      expireTime: 1,
      host: 'azureprivatedns.net',
      minimumTtl: 2,
      refreshTime: 4,
      retryTime: 3
    }
    for (const method of ['PUT', 'PATCH']) {
      const { status, body } = await send(method, `${zone}/SOA/@`, {
        properties: { ttl: 3600, soaRecord: { ...soaRecord, serialNumber: 5 } }
      })
      expect([status, body['properties']?.['soaRecord']]).toEqual([200, { ...soaRecord, serialNumber: 1 }])
    }
  })

  test('REC-01 REC-02 REC-03 are written at once, with an etag in the header', async () => {
    const { send } = await armWithZone()
    const put = await send('PUT', `${zone}/a/web`, {
      properties: { ttl: 60, aRecords: [{ ipv4Address: '10.0.0.4' }], metadata: { a: 'b' } }
    })
    expect([put.status, put.headers.get('etag')]).toEqual([201, put.body['etag']])
    expect(put.body).toEqual({
      id: record,
      name: 'web',
      type: 'Microsoft.Network/privateDnsZones/A',
      etag: expect.stringMatching(/^[0-9a-f-]{36}$/),
      properties: {
        metadata: { a: 'b' },
        fqdn: 'web.privatelink.contoso.net.',
        ttl: 60,
        aRecords: [{ ipv4Address: '10.0.0.4' }],
        isAutoRegistered: false
      }
    })
    const again = await send('PUT', record, { properties: { ttl: 30 } })
    expect([again.status, again.body['properties']]).toEqual([
      200,
      { fqdn: 'web.privatelink.contoso.net.', ttl: 30, aRecords: [], isAutoRegistered: false }
    ])
    await send('PATCH', record, { properties: { metadata: { a: 'b' } } })
    const patched = await send('PATCH', record, { properties: { metadata: { c: 'd' } } })
    expect([patched.status, patched.headers.get('etag')]).toEqual([200, patched.body['etag']])
    expect(patched.body['properties']).toMatchObject({ ttl: 30, metadata: { c: 'd' } })
    expect(patched.body['properties']?.['metadata']).toEqual({ c: 'd' })
    const gone = await send('DELETE', record)
    expect([gone.status, gone.text, (await send('DELETE', record)).status]).toEqual([200, '', 204])
  })

  test.each([
    ['AAAA', { aaaaRecords: [{ ipv6Address: 'fd00::1' }] }],
    ['CNAME', { cnameRecord: { cname: 'contoso.com' } }],
    ['MX', { mxRecords: [{ preference: 10, exchange: 'mail.contoso.com' }] }],
    ['PTR', { ptrRecords: [{ ptrdname: 'web.contoso.com' }] }],
    ['SRV', { srvRecords: [{ priority: 1, weight: 2, port: 8080, target: 'web.contoso.com' }] }],
    ['TXT', { txtRecords: [{ value: ['x', 'y'] }] }]
  ] as readonly (readonly [string, { readonly [key: string]: Json }])[])('a record of type %s, too', async (type, properties) => {
    const { send } = await armWithZone()
    const put = await send('PUT', `${zone}/${type}/other`, { properties: { ttl: 0, ...properties } })
    expect([put.status, put.body['type']]).toEqual([201, `Microsoft.Network/privateDnsZones/${type}`])
    const got = await send('GET', `${zone}/${type}/other`)
    expect(got.body['properties']).toEqual({ fqdn: 'other.privatelink.contoso.net.', ttl: 0, isAutoRegistered: false, ...properties })
  })

  test('REC-07 are listed by type and all together', async () => {
    const { send } = await armWithZone()
    expect((await send('GET', `${zone}/A`)).body).toEqual({ value: [] })
    await send('PUT', record, address('10.0.0.4'))
    await send('PUT', `${zone}/TXT/web`, { properties: { ttl: 60, txtRecords: [{ value: ['x'] }] } })
    expect(idsIn((await send('GET', `${zone}/A`)).body)).toEqual([record])
    expect(idsIn((await send('GET', `${zone}/ALL`)).body).sort()).toEqual([record, `${zone}/SOA/@`, `${zone}/TXT/web`].sort())
  })

  test('REC-04 REC-05 answer in the words of Private DNS, without an envelope', async () => {
    const { send } = await armWithZone()
    expect((await send('GET', record)).body).toEqual({
      code: 'NotFound',
      message: `The resource record 'web' does not exist in resource group '${groupName}' of subscription '${subscriptionId}'.`
    })
    await send('PUT', record, address('10.0.0.4'))
    const again = await send('PUT', record, address('10.0.0.4'), { headers: { 'if-none-match': '*' } })
    expect([again.status, again.body, again.headers.get('x-ms-failure-cause')]).toEqual([
      412,
      { code: 'PreconditionFailed', message: 'The Record set web exists already and hence cannot be created again.' },
      null
    ])
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const stale = await send(method, record, method === 'DELETE' ? undefined : address('10.0.0.5'), { headers: { 'if-match': 'x' } })
      expect([stale.status, stale.body], method).toEqual([
        412,
        { code: 'PreconditionFailed', message: 'The Record set web has been modified (etag mismatch).' }
      ])
    }
    const { body } = await send('GET', record)
    expect((await send('PATCH', record, address('10.0.0.5'), { headers: { 'if-match': `${body['etag']}` } })).status).toBe(200)
  })

  test('REC-06 in a zone that is not there', async () => {
    const { send } = await armWithZone()
    const missing = `${zones}/contoso.org`
    for (const [method, path, verb] of [
      ['DELETE', 'TXT/web', 'delete'],
      ['PUT', 'TXT/web', 'write'],
      ['GET', 'TXT/web', 'read'],
      ['GET', 'TXT', 'read']
    ] as const) {
      const refused = await send(method, `${missing}/${path}`, method === 'PUT' ? { properties: { ttl: 60 } } : undefined)
      expect([refused.status, refused.body['error']], method).toEqual([
        404,
        {
          code: 'ParentResourceNotFound',
          message: `Failed to perform '${verb}' on resource(s) of type 'privateDnsZones/TXT', because the parent resource '${missing}' could not be found.`
        }
      ])
    }
  })

  test('REC-08 an alias stands alone', async () => {
    const { send } = await armWithZone()
    const alias = { properties: { ttl: 60, cnameRecord: { cname: 'contoso.com' } } }
    await send('PUT', record, address('10.0.0.4'))
    expect(refusalOf(await send('PUT', `${zone}/CNAME/web`, alias))).toEqual([400, 'BadRequest'])
    expect(refusalOf(await send('PUT', `${zone}/CNAME/@`, alias))).toEqual([400, 'BadRequest'])
    expect((await send('PUT', `${zone}/CNAME/other`, alias)).status).toBe(201)
    expect(refusalOf(await send('PUT', `${zone}/A/other`, address('10.0.0.4')))).toEqual([400, 'BadRequest'])
  })

  test('REC-09 REC-10 REC-11 REC-12 what is in them is looked at', async () => {
    const { send } = await armWithZone()
    const put = async (records: readonly Json[], name = 'web', ttl: Json = 60): Promise<unknown[]> =>
      refusalOf(await send('PUT', `${zone}/A/${name}`, { properties: { ttl, aRecords: records } }))
    const many = Array.from({ length: 21 }, (_, at) => ({ ipv4Address: `10.0.0.${at}` }))
    expect((await send('PUT', record, { properties: { aRecords: [] } })).status).toBe(400)
    expect(await put([], 'web', -1)).toEqual([400, 'BadRequest'])
    expect(await put(many)).toEqual([409, 'Conflict'])
    expect((await send('PUT', record, { properties: { ttl: 60, aRecords: many } })).body).not.toHaveProperty('error')
    expect(await put([many[1] ?? null, many[1] ?? null])).toEqual([400, 'BadRequest'])
    expect(await put([{ ipv4Address: '10.0.0' }])).toEqual([400, 'BadRequest'])
    expect(await put([], 'a_b-.c')).toEqual([400, 'BadRequest'])
    expect(
      refusalOf(await send('PUT', `${zone}/AAAA/web`, { properties: { ttl: 60, aaaaRecords: [{ ipv6Address: '10.0.0.1' }] } }))
    ).toEqual([400, 'BadRequest'])
    expect((await send('PUT', record, { properties: { ttl: 60, aRecords: many.slice(1) } })).status).toBe(201)
    expect((await send('PUT', `${zone}/A/*`, address('10.0.0.4'))).status).toBe(201)
    expect((await send('GET', record)).body['properties']?.['aRecords']).toHaveLength(20)
  })

  ours('REC-13 there are at most 25,000 in a zone', { timeout: 120_000 }, async () => {
    const { send, control } = await armWithZone()
    // The start of authority is the first.
    const names = Array.from({ length: 24_999 }, (_, at) => `${zone}/A/r${at}`)
    for (const half of [names.slice(0, 12_000), names.slice(12_000)])
      await control('POST', 'seed', Object.fromEntries(half.map(id => [id, { properties: { ttl: 60 } }])))
    expect((await send('GET', zone)).body['properties']?.['numberOfRecordSets']).toBe(25_000)
    const more = await send('PUT', record, address('10.0.0.4'))
    expect([...refusalOf(more), messageOf(more)]).toEqual([409, 'Conflict', expect.stringContaining('25000')])
    expect((await send('PUT', names[0] ?? '', address('10.0.0.4'))).status).toBe(200)
  })

  test('REC-14 are protected by a lock on their zone', async () => {
    const { send } = await armWithZone()
    await send('PUT', record, address('10.0.0.4'))
    await send('PUT', `${zone}/providers/Microsoft.Authorization/locks/hold`, { properties: { level: 'CanNotDelete' } })
    expect((await send('PUT', record, address('10.0.0.5'))).status).toBe(200)
    expect([(await send('DELETE', record)).status, (await send('DELETE', zone)).status]).toEqual([409, 409])
  })
})
