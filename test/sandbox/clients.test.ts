import { request } from 'node:https'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { arm, armWithGroup, type Body, group, hub, type Json, networks, ours, subscription, theSandbox, unique } from './arm.ts'

const hubBody = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
const factory = `${group}/providers/Microsoft.DataFactory/factories/${unique('sales')}`
const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`

interface Raw {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
}

/** Bytes as they are on the wire, which `send` does not show; under any of the sandbox's names. */
async function raw(method: string, url: string, headers: Readonly<Record<string, string>> = {}, body?: Buffer): Promise<Raw> {
  const { ca } = await theSandbox()
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, ca, headers: { authorization: 'Bearer sandbox', ...headers }, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const jsonIn = ({ bytes }: Raw): Body => JSON.parse(bytes.toString())

test('WIRE-01 segments and names are the same in any case and with double slashes', async () => {
  const { send, done } = await armWithGroup()
  await done('PUT', hub, hubBody)
  for (const path of [
    hub.replace('resourceGroups', 'resourcegroups'),
    hub.replace('Microsoft.Network/', 'Microsoft.Network//'),
    hub.replace('/virtualNetworks/hub', '/VIRTUALNETWORKS/HUB'),
    `/${hub}`
  ])
    expect((await send('GET', path)).body).toMatchObject({ id: hub })
  const lock = `${group.replace('resourceGroups', 'resourcegroups')}/providers/Microsoft.Network//virtualNetworks/hub/providers/Microsoft.Authorization/locks/l`
  expect((await send('PUT', lock, { properties: { level: 'CanNotDelete' } }, '2016-09-01')).status).toBe(201)
  expect((await send('DELETE', hub)).body).toMatchObject({ error: { code: 'ScopeLocked' } })
  expect((await send('DELETE', lock, undefined, '2016-09-01')).status).toBe(200)
})

ours('WIRE-02 a long answer is compressed for who takes gzip, and for nobody else', async () => {
  await arm()
  const url = `${(await theSandbox()).url}${subscription}/locations?api-version=2022-12-01`
  const plain = await raw('GET', url)
  expect(plain.headers).not.toHaveProperty('content-encoding')
  expect(plain.headers['content-length']).toBe(String(plain.bytes.length))
  for (const accepted of ['gzip', 'gzip, deflate, zstd', 'br;q=1.0, gzip;q=0.5']) {
    const zipped = await raw('GET', url, { 'accept-encoding': accepted })
    expect([zipped.headers['content-encoding'], zipped.headers['vary']]).toEqual(['gzip', 'Accept-Encoding'])
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length)
    expect(gunzipSync(zipped.bytes)).toEqual(plain.bytes)
  }
  for (const refused of ['identity', 'gzip;q=0', 'br'])
    expect((await raw('GET', url, { 'accept-encoding': refused })).headers).not.toHaveProperty('content-encoding')
})

ours('WIRE-03 a compressed body is taken, and one that only says so is refused', async () => {
  await arm()
  const url = `${(await theSandbox()).url}${group}?api-version=2025-04-01`
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  const put = await raw('PUT', url, headers, gzipSync(JSON.stringify({ location: 'eastus2', tags: { a: 'b' } })))
  expect([put.status, jsonIn(put)['tags']]).toEqual([201, { a: 'b' }])
  expect((await raw('PUT', url, headers, Buffer.from('{}'))).status).toBe(400)
  expect((await raw('PUT', url, headers, gzipSync(Buffer.alloc(5 * 1024 * 1024, 32)))).status).toBe(400)
})

test('WIRE-04 a content type without a body is no error on GET, HEAD, POST and DELETE', async () => {
  const { send } = await armWithGroup()
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  await send('PUT', factory, { location: 'eastus2' })
  await send('PUT', `${factory}/managedVirtualNetworks/default`, { properties: {} })
  await send('PUT', `${factory}/integrationRuntimes/own`, { properties: { type: 'SelfHosted' } })
  expect((await send('GET', factory, undefined, { headers })).status).toBe(200)
  expect((await send('HEAD', group, undefined, { headers })).status).toBe(204)
  expect((await send('POST', `${factory}/integrationRuntimes/own/getStatus`, undefined, { headers })).status).toBe(200)
  expect((await send('DELETE', factory, undefined, { headers })).status).toBe(200)
})

test('WIRE-05 an If-Match or If-None-Match with nothing in it is as none', async () => {
  const { done, send } = await armWithGroup()
  const headers = { 'if-match': '', 'if-none-match': '' }
  for (const expected of ['created', 'there already']) {
    const { body } = await done('PUT', zone, { location: 'global' }, { headers })
    expect([expected, body['status']]).toEqual([expected, 'Succeeded'])
  }
  await done('DELETE', zone, undefined, { headers })
  expect((await send('GET', zone)).status).toBe(404)
})

test('WIRE-06 each answer has an id of its own, keeps the one of the purpose, and returns the client’s when asked to', async () => {
  const { send } = await armWithGroup()
  const purpose = '55555555-5555-4555-8555-555555555555'
  const client = '66666666-6666-4666-8666-666666666666'
  const headers = { 'x-ms-correlation-request-id': purpose, 'x-ms-client-request-id': client, 'x-ms-return-client-request-id': 'true' }
  const answers = [
    await send('GET', group, undefined, { headers }),
    await send('GET', group, undefined, { headers }),
    await send('GET', `${group}x`, undefined, { headers })
  ]
  for (const answer of answers) {
    expect(answer.headers.get('x-ms-correlation-request-id')).toBe(purpose)
    expect(answer.headers.get('x-ms-client-request-id')).toBe(client)
  }
  const ids = answers.map(one => one.headers.get('x-ms-request-id'))
  expect(new Set(ids).size).toBe(3)
  expect(ids.join()).toMatch(/^[0-9a-f-]{36},/)
  const without = await send('GET', group, undefined, { headers: { 'x-ms-client-request-id': client } })
  expect(without.headers.get('x-ms-client-request-id')).toBeNull()
})

ours('WIRE-07 addresses of operations and of next pages are on the host that was asked', async () => {
  const { send } = await armWithGroup()
  const { url } = await theSandbox()
  const port = new URL(url).port
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`]) {
    const body = Buffer.from(JSON.stringify(hubBody))
    const put = await raw(
      'PUT',
      `https://${host}${networks}/${host.replace(/\W/g, '')}?api-version=2025-05-01`,
      { 'content-type': 'application/json' },
      body
    )
    expect(new URL(String(put.headers['azure-asyncoperation'])).host).toBe(host)
    const page = await raw('GET', `https://${host}${subscription}/resourcegroups?api-version=2025-04-01&$top=1`)
    expect(page.status).toBe(200)
  }
  await send('PUT', `${group}-2`, { location: 'eastus2' })
  const page = await raw('GET', `https://127.0.0.1:${port}${subscription}/resourcegroups?api-version=2025-04-01&$top=1`)
  expect(new URL(String(jsonIn(page)['nextLink'])).host).toBe(`127.0.0.1:${port}`)
})

test('WIRE-08 HEAD says whether something is there, and nothing else', async () => {
  const { send } = await armWithGroup()
  const [there, gone] = [await send('HEAD', group), await send('HEAD', `${group}-none`)]
  expect([there.status, there.text, gone.status, gone.text]).toEqual([204, '', 404, ''])
})

test('WIRE-09 what a GET returned can be put back as it is', async () => {
  const { send, done } = await armWithGroup()
  await done('PUT', hub, hubBody)
  await done('PUT', zone, { location: 'global', tags: { a: 'b' } })
  await send('PUT', factory, { location: 'eastus2', tags: { a: 'b' } })
  for (const path of [hub, zone, factory]) {
    const before = (await send('GET', path)).body
    const put = await done('PUT', path, before as unknown as Json)
    expect(put.status).toBe(200)
    const { etag: _one, eTag: _two, ...after } = (await send('GET', path)).body
    expect(before).toMatchObject(
      JSON.parse(JSON.stringify({ ...after, properties: expect.anything() && withoutEtags(after['properties']) }))
    )
  }
})

/** At any depth: they change with every write. */
function withoutEtags(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEtags)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (/^etag$/i.test(key) ? [] : [[key, withoutEtags(one)]])))
}

ours('WIRE-10 a member that is not modelled is kept and comes back', async () => {
  const { send, done } = await armWithGroup()
  const theirs = { theirs: { deep: [1, { two: true }] } }
  const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders`
  const written: readonly (readonly [string, Json])[] = [
    [hub, { ...hubBody, properties: { ...hubBody.properties, ...theirs } }],
    [`${hub}/subnets/apps`, { properties: { addressPrefix: '10.0.1.0/24', ...theirs } }],
    [zone, { location: 'global', properties: theirs }],
    [
      `${zone}/virtualNetworkLinks/l`,
      { location: 'global', properties: { registrationEnabled: false, virtualNetwork: { id: hub }, ...theirs } }
    ],
    [factory, { location: 'eastus2', properties: theirs }],
    [
      server,
      {
        location: 'eastus2',
        sku: { name: 'Standard_D2ds_v4', tier: 'GeneralPurpose' },
        properties: { version: '16', administratorLogin: 'dba', administratorLoginPassword: 'correct-Horse-7', ...theirs }
      }
    ],
    [`${server}/databases/sales`, { properties: { charset: 'UTF8', ...theirs } }],
    [`${server}/firewallRules/office`, { properties: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.1', ...theirs } }]
  ]
  for (const [path, body] of written) {
    await done('PUT', path, body)
    expect((await send('GET', path)).body['properties'], path).toMatchObject(theirs)
  }
})

ours('WIRE-11 a type that nobody has is refused when written and shown when seeded', async () => {
  const vault = `${group}/providers/Microsoft.KeyVault/vaults/v`
  const seed = { [group]: { location: 'eastus2' }, [vault]: { location: 'eastus2', properties: { sku: { name: 'standard' } } } }
  const { send } = await arm({ seed })
  expect((await send('GET', vault)).body).toMatchObject({ properties: { sku: { name: 'standard' } } })
  expect((await send('PUT', `${vault}2`, { location: 'eastus2' })).body).toMatchObject({ error: { code: 'InvalidResourceNamespace' } })
})
