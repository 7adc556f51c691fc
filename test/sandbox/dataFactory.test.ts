import { describe, expect, test } from 'vitest'
import { armWithGroup, group, ours, subscription, unique } from './arm.ts'
import {
  armWithFactory,
  code,
  cosmos,
  factories,
  factory,
  factoryId,
  factoryName,
  guid,
  message,
  missingText,
  namesIn,
  network,
  networkId,
  properties,
  refusalOf,
  runtimeAt,
  serviceAt
} from './dataFactories.ts'

const other = `${subscription}/resourceGroups/${unique('rg-other')}`

describe('a factory', () => {
  test('DF-01 DF-02 DF-03 DF-04 is there at once with 200, its name in lower case in its own id alone', async () => {
    const { send } = await armWithGroup()
    const put = await send('PUT', factory, { location: 'EastUS2', identity: { type: 'SystemAssigned' }, properties: { encryption: {} } })
    expect([put.status, put.headers.get('azure-asyncoperation'), put.headers.get('location')]).toEqual([200, null, null])
    expect(put.body).toEqual({
      id: `${factories}/${factoryName.toLowerCase()}`,
      name: factoryName,
      type: 'Microsoft.DataFactory/factories',
      properties: { provisioningState: 'Succeeded', createTime: expect.any(String), version: '2018-06-01', encryption: {} },
      eTag: expect.stringMatching(/^"[0-9a-f]{8}-0000-\d{4}-0000-[0-9a-f]{12}"$/),
      location: 'eastus2',
      identity: { type: 'SystemAssigned', principalId: expect.stringMatching(guid), tenantId: expect.any(String) },
      tags: {}
    })
    expect((await send('PUT', factory, { location: 'eastus2' })).status).toBe(200)
  })

  test('DF-05 has statistics in a GET, and neither in a list nor in the answer to a PUT', async () => {
    const { send } = await armWithFactory()
    const got = properties(await send('GET', factory))
    expect(got['factoryStatistics']).toEqual({
      totalResourceCount: 0,
      maxAllowedResourceCount: 0,
      factorySizeInGbUnits: 0,
      maxAllowedFactorySizeInGbUnits: 0
    })
    expect(got['trustModeClaimForMi']).toEqual({ value: 'IA==', editable: true })
    const list = await send('GET', factories)
    expect(namesIn(list)).toEqual([factoryName])
    expect(list.body['value']?.[0]?.['properties']).not.toHaveProperty('factoryStatistics')
    expect(properties(await send('PUT', factory, { location: 'eastus2' }))).not.toHaveProperty('factoryStatistics')
  })

  test('DF-06 shows publicNetworkAccess only when it was sent, and whatever else was sent', async () => {
    const { send } = await armWithFactory()
    expect(properties(await send('GET', factory))).not.toHaveProperty('publicNetworkAccess')
    const body = {
      location: 'eastus2',
      tags: { übung: 'größe' },
      properties: { publicNetworkAccess: 'Disabled', unheardOf: { of: [1, null] } }
    }
    await send('PUT', factory, body)
    const got = await send('GET', factory)
    expect([got.body['tags'], properties(got)]).toMatchObject([body.tags, body.properties])
  })

  test('DF-07 PATCH changes tags, identity and access, and nothing else', async () => {
    const { send } = await armWithFactory()
    const patch = await send('PATCH', factory, { tags: { team: 'data' }, properties: { publicNetworkAccess: 'Disabled' } })
    expect([patch.status, patch.body['tags'], properties(patch)['publicNetworkAccess']]).toEqual([200, { team: 'data' }, 'Disabled'])
    expect((await send('PATCH', factory, { properties: { encryption: {} } })).status).toBe(400)
    expect((await send('PATCH', factory, { location: 'westus' })).status).toBe(400)
  })

  test('DF-27 has no identity after a PATCH that sends one to it without', async () => {
    const { send } = await armWithFactory()
    const patch = await send('PATCH', factory, { tags: {}, identity: { type: 'SystemAssigned' } })
    expect([patch.status, 'identity' in patch.body, 'identity' in (await send('GET', factory)).body]).toEqual([200, false, false])
    await send('PUT', factory, { location: 'eastus2', identity: { type: 'SystemAssigned' } })
    expect((await send('PATCH', factory, { tags: {} })).body['identity']).toMatchObject({ type: 'SystemAssigned' })
  })

  test('DF-08 has a name that nobody else has', async () => {
    const { send } = await armWithFactory()
    await send('PUT', other, { location: 'eastus2' })
    const name = factoryName.toUpperCase()
    const refused = await send('PUT', `${other}/providers/Microsoft.DataFactory/factories/${name}`, { location: 'eastus2' })
    expect([...refusalOf(refused), message(refused)]).toEqual([
      409,
      'DataFactoryNameInUse',
      `The specified resource name '${name}' is already in use. Resource names must be globally unique.`
    ])
  })

  ours('DF-09 a deleted factory keeps its name for as long as the switch says', async () => {
    const { send, wait } = await armWithFactory({ behaviours: { factoryNameHeldMs: 300_000 } })
    await send('DELETE', factory)
    expect(refusalOf(await send('PUT', factory, { location: 'eastus2' }))).toEqual([409, 'DataFactoryNameInUse'])
    await wait(300)
    expect((await send('PUT', factory, { location: 'eastus2' })).status).toBe(200)
  })

  test.each(['a--b', 'ab', '-abc', 'a_b', 'x'.repeat(64)])('DF-10 cannot be called %s', async name => {
    const { send } = await armWithGroup()
    expect((await send('PUT', `${factories}/${name}`, { location: 'eastus2' })).status).toBe(400)
  })

  test('DF-11 a write under an old etag is refused; an empty If-Match says nothing', async () => {
    const { send } = await armWithFactory()
    const etag = `${(await send('GET', factory)).body['eTag']}`
    const put = (wanted: string) => send('PUT', factory, { location: 'eastus2' }, { headers: { 'if-match': wanted } })
    expect((await put(etag)).status).toBe(200)
    expect(refusalOf(await put(etag))).toEqual([412, 'PreconditionFailed'])
    expect([(await put('*')).status, (await put('')).status]).toEqual([200, 200])
  })

  test('DF-12 a GET of what the caller already has is 304, without a body', async () => {
    const { send } = await armWithFactory()
    const etag = `${(await send('GET', factory)).body['eTag']}`
    const get = (known: string) => send('GET', factory, undefined, { headers: { 'if-none-match': known } })
    for (const known of [etag, etag.replaceAll('"', '')]) expect([(await get(known)).status, (await get(known)).text]).toEqual([304, ''])
    await send('PUT', factory, { location: 'eastus2' })
    expect((await get(etag)).status).toBe(200)
    const child = `${(await send('GET', network)).body['etag']}`
    expect((await send('GET', network, undefined, { headers: { 'if-none-match': child } })).status).toBe(304)
  })

  test('DF-13 DF-14 DELETE is 200, then 204, and takes along what is in it', async () => {
    const { send } = await armWithFactory()
    expect([(await send('DELETE', factory)).status, (await send('DELETE', factory)).status]).toEqual([200, 204])
    const gone = await send('GET', factory)
    expect([...refusalOf(gone), gone.headers.get('x-ms-failure-cause')]).toEqual([404, 'ResourceNotFound', 'gateway'])
    const shortly = `Microsoft.DataFactory/factories/${factoryName}`
    expect(message(gone)).toContain(`The Resource '${shortly}' under resource group '${group.split('/').at(-1)}' was not found.`)
    await send('PUT', factory, { location: 'eastus2' })
    expect((await send('GET', network)).status).toBe(404)
  })

  test('DF-15 what is missing below a factory is a missing document; a missing factory is the gateway’s', async () => {
    const { send } = await armWithFactory()
    for (const [path, segment] of [
      [runtimeAt('none'), 'integrationruntimes'],
      [serviceAt('none'), 'linkedservices'],
      [network.replace('default', 'none'), 'managedvirtualnetworks']
    ] as const) {
      const missing = await send('GET', path)
      const target = `${factoryId}/${segment}/none`
      expect([missing.status, missing.body]).toEqual([404, { error: { code: 'NotFound', message: missingText, target, details: null } }])
    }
    expect(refusalOf(await send('GET', runtimeAt('none').replace(factoryName, 'nothing')))).toEqual([404, 'ResourceNotFound'])
    expect(refusalOf(await send('PUT', runtimeAt('none').replace(factoryName, 'nothing'), {}))).toEqual([404, 'ResourceNotFound'])
  })

  ours('DF-16 a list comes in pages, with the address of the next one', async () => {
    const { send } = await armWithFactory({ behaviours: { pageSize: 1 } })
    for (const name of ['a', 'b']) await send('PUT', serviceAt(name), { properties: { type: 'AzureKeyVault', typeProperties: {} } })
    const first = await send('GET', serviceAt('').replace('/?', '?'))
    const second = await send('GET', `${first.body['nextLink']}`)
    expect([namesIn(first), namesIn(second), second.body['nextLink']]).toEqual([['a'], ['b'], undefined])
  })

  test('DF-17 refuses what ARM refuses everywhere: no group, a lock, a version it never had, another location', async () => {
    const { send } = await armWithFactory()
    expect(refusalOf(await send('GET', factory.replace(group, `${group}-none`)))).toEqual([404, 'ResourceGroupNotFound'])
    expect(refusalOf(await send('GET', factoryId, undefined, '2017-01-01'))).toEqual([400, 'NoRegisteredProviderFound'])
    expect(refusalOf(await send('GET', factoryId, undefined, 'yesterday'))).toEqual([400, 'InvalidApiVersionParameter'])
    expect(code(await send('PUT', factory, { location: 'westus' }))).toBe('InvalidResourceLocation')
    expect(code(await send('PUT', `${factories}/${unique('new')}`, {}))).toBe('LocationRequired')
    const lock = `${factoryId}/providers/Microsoft.Authorization/locks/hold`
    await send('PUT', lock, { properties: { level: 'ReadOnly' } })
    expect(refusalOf(await send('PUT', network, { properties: {} }))).toEqual([409, 'ScopeLocked'])
    expect(refusalOf(await send('DELETE', factory))).toEqual([409, 'ScopeLocked'])
    expect(refusalOf(await send('POST', `${runtimeAt('x')}`.replace('?', '/getStatus?'), {}))).toEqual([404, 'NotFound'])
    await send('DELETE', lock)
    await send('DELETE', group)
    expect(refusalOf(await send('PUT', factory, { location: 'eastus2' }))).toEqual([409, 'ResourceGroupBeingDeleted'])
  })
})

describe('a managed virtual network', () => {
  test('DF-18 DF-02 has what Azure adds, under ids in lower case with the name of the factory as it was made', async () => {
    const { send } = await armWithFactory()
    const got = await send('GET', network.replace(factoryName, factoryName.toUpperCase()))
    expect(got.body).toEqual({
      id: networkId,
      name: 'default',
      type: 'Microsoft.DataFactory/factories/managedvirtualnetworks',
      properties: { vNetId: expect.stringMatching(guid), preventDataExfiltration: false, alias: factoryName.toLowerCase() },
      etag: expect.stringMatching(cosmos)
    })
    const again = await send('PUT', network, { location: 'eastus2', properties: { unheardOf: 1 } })
    expect([again.status, properties(again)]).toMatchObject([200, { vNetId: properties(got)['vNetId'], unheardOf: 1 }])
    expect(again.body).not.toHaveProperty('location')
    expect(again.body['etag']).not.toEqual(got.body['etag'])
    expect(refusalOf(await send('PUT', network, {}, { headers: { 'if-match': `${got.body['etag']}` } }))).toEqual([
      412,
      'PreconditionFailed'
    ])
    expect(namesIn(await send('GET', `${factoryId}/managedVirtualNetworks`))).toEqual(['default'])
  })

  test('DF-19 can be deleted', async () => {
    const { send, done } = await armWithFactory()
    await done('PUT', network, { properties: {} })
    expect((await send('DELETE', network)).status).toBe(200)
    expect((await send('GET', network)).status).toBe(404)
  })
})
