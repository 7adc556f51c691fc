import { describe, expect, test } from 'vitest'
import { arm, armWithGroup, group, hub, type Json, ours, subscription } from './arm.ts'
import { armWithZone, codeOf, linkBody, link as linkId, messageOf, network, record, refusalOf, vnet, zone } from './zones.ts'

const [, , , , groupName] = group.split('/')
const groupMissing = { code: 'ResourceGroupNotFound', message: `Resource group '${groupName}' could not be found.` }
const missing = (resource: string): string =>
  `The Resource '${resource}' under resource group '${groupName}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`
const regions = /^[a-z0-9]+(,[a-z0-9]+){30,}$/

describe('the order of checks', () => {
  test('ADDR-01 each refusal comes before the next one, whatever else is wrong', async () => {
    const { send } = await armWithGroup()
    const broken = '{"location"'
    const everything = `${subscription.slice(0, -1)}/resourceGroups/nosuch/providers/Microsoft.Nothing/things/t`
    expect(codeOf(await send('PUT', everything, {}, 'latest'))).toBe('InvalidSubscriptionId')
    const wellFormed = everything.replace(subscription.slice(0, -1), subscription)
    expect(codeOf(await send('PUT', wellFormed, {}, 'latest'))).toBe('InvalidApiVersionParameter')
    expect(codeOf(await send('PUT', wellFormed, {}))).toBe('InvalidResourceNamespace')
    const subnet = `${subscription}/resourceGroups/nosuch/providers/Microsoft.Network/virtualNetworks/nosuch/subnets/a`
    expect(codeOf(await send('PUT', subnet, {}, '1999-01-01'))).toBe('NoRegisteredProviderFound')
    expect(codeOf(await send('PUT', subnet, {}))).toBe('ResourceGroupNotFound')
    await send('PUT', `${group}/providers/Microsoft.Authorization/locks/l`, { properties: { level: 'ReadOnly' } })
    expect(codeOf(await send('PUT', subnet.replace(/resourceGroups\/nosuch/, `resourceGroups/${groupName}`), {}))).toBe('ResourceNotFound')
    expect(codeOf(await send('PUT', hub, {}))).toBe('ScopeLocked')
    await send('DELETE', `${group}/providers/Microsoft.Authorization/locks/l`)
    expect(codeOf(await send('PUT', hub, {}))).toBe('LocationRequired')
    expect(codeOf(await send('PUT', hub, broken))).toBe('InvalidRequestContent')
  })

  test('ADDR-15 an address without an api-version', async () => {
    const { send } = await arm()
    const refused = await send('GET', `${hub}?api-version=`)
    expect([refused.status, refused.body]).toEqual([
      400,
      {
        error: {
          code: 'MissingApiVersionParameter',
          message: 'The api-version query parameter (?api-version=) is required for all requests.'
        }
      }
    ])
  })

  test('ADDR-07 a subscription id that is none, and one that was never heard of', async () => {
    const { send } = await arm()
    expect(refusalOf(await send('GET', '/subscriptions/mine/resourcegroups'))).toEqual([400, 'InvalidSubscriptionId'])
  })

  ours('ADDR-07 any well-formed subscription id will do', async () => {
    const { send } = await arm()
    const other = '/subscriptions/22222222-2222-4222-8222-222222222222'
    expect((await send('PUT', `${other}/resourceGroups/rg`, { location: 'eastus2' })).status).toBe(201)
  })

  test('ADDR-12 ADDR-13 a type that nobody has', async () => {
    const { send } = await armWithGroup()
    const refused = async (type: string) => messageOf(await send('PUT', `${group}/providers/${type}`, {}, '2025-05-01'))
    expect(await refused('Microsoft.Nothing/things/t')).toContain("The resource namespace 'Microsoft.Nothing' is invalid.")
    expect(await refused('Microsoft.Network/things/t')).toContain(
      "The resource type 'things' could not be found in the namespace 'Microsoft.Network' for api version '2025-05-01'."
    )
    expect(refusalOf(await send('GET', `${group}/providers/Microsoft.Nothing/things/t`))).toEqual([404, 'InvalidResourceNamespace'])
    expect(refusalOf(await send('GET', `${group}/providers/Microsoft.Network/things/t`))).toEqual([404, 'InvalidResourceType'])
  })

  const deployment = `${group}/providers/Microsoft.Resources/deployments/d`
  const template = '{\n  // as the Azure CLI sends it\n  "properties": { "mode": "Incremental", "template": {} }\n}'
  ours.each([
    ['a deployment', 'PUT', deployment, template, 'InvalidResourceType'],
    ['the validation of a deployment', 'POST', `${deployment}/validate`, template, 'InvalidResourceType'],
    ['a list of deployments', 'GET', deployment.slice(0, -2), undefined, 'InvalidResourceType'],
    ['a move of resources', 'POST', `${group}/moveResources`, { resources: [] }, 'NotFound'],
    ['the export of a group', 'POST', `${group}/exportTemplate`, { resources: ['*'] }, 'NotFound'],
    ['a tag name of a subscription', 'PUT', `${subscription}/tagNames/team`, undefined, 'NotFound'],
    [
      'a query of a service that is not here',
      'POST',
      '/providers/Microsoft.Support/services',
      { query: 'resources' },
      'InvalidResourceNamespace'
    ],
    ['another service', 'PUT', `${group}/providers/Microsoft.Storage/storageAccounts/a`, {}, 'InvalidResourceNamespace'],
    ['an action that nobody has', 'POST', `${group}/providers/Microsoft.Network/virtualNetworks/hub/fly`, {}, 'NotFound']
  ] as const)('ADDR-30 %s is not played, and the refusal says so', async (_what, method, path, body, code) => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } })
    const answer = await send(method, path, body)
    expect(refusalOf(answer)).toEqual([404, code])
    expect(messageOf(answer)).toContain('not played by the pglink sandbox')
  })

  ours('ADDR-14 what was seeded can be read, whoever has its type', async () => {
    const id = `${group}/providers/Microsoft.Storage/storageAccounts/data`
    const { send } = await arm({ seed: { [id]: { location: 'westus', kind: 'StorageV2', properties: { a: 1 } } } })
    expect((await send('GET', id)).body).toEqual({
      id,
      name: 'data',
      type: 'Microsoft.Storage/storageAccounts',
      location: 'westus',
      kind: 'StorageV2',
      properties: { a: 1 }
    })
  })
})

describe('api-versions', () => {
  test.each(['latest', '2025-13-01', '2025-02-30', '2025-05-01-beta', '20250501'])('ADDR-16 %s is none', async version => {
    const { send } = await armWithGroup()
    const refused = await send('GET', hub, undefined, version)
    expect([...refusalOf(refused), refused.headers.get('x-ms-failure-cause')]).toEqual([400, 'InvalidApiVersionParameter', 'gateway'])
    expect(messageOf(refused)).toMatch(
      new RegExp(`^The api-version '${version}' is invalid\\. The supported versions are '[\\d-]+(,[\\d-]+)+'\\.$`)
    )
  })

  test.each(['1999-01-01', '2999-01-01'])('ADDR-17 %s is none that the type ever had', async version => {
    const { send } = await armWithGroup()
    const refused = await send('PUT', hub, { location: 'East US 2' }, version)
    expect(refusalOf(refused)).toEqual([400, 'NoRegisteredProviderFound'])
    const said =
      /^No registered resource provider found for location '(.*)' and API version '(.*)' for type '(.*)'\. The supported api-versions are '(.*)'\. The supported locations are '(.*)'\.$/.exec(
        String(messageOf(refused))
      )
    expect(said?.slice(1, 4)).toEqual(['eastus2', version, 'virtualNetworks'])
    expect(said?.[4]).toMatch(/^\d{4}-\d\d-\d\d(, \d{4}-\d\d-\d\d)+$/)
    expect(said?.[5]?.replaceAll(', ', ',')).toMatch(regions)
  })

  test('ADDR-17 the place is that of the address, of the body, or of what is there', async () => {
    const { send } = await armWithZone()
    const place = async (method: string, path: string, body?: { readonly location: string }) =>
      /for location '(.*?)' and/.exec(String(messageOf(await send(method, path, body, '1999-01-01'))))?.[1]
    const capabilities = `${subscription}/providers/Microsoft.DBforPostgreSQL/locations/westus3/capabilities`
    expect(await place('GET', capabilities)).toBe('westus3')
    expect(await place('GET', hub)).toBe('eastus2')
    expect(await place('GET', zone)).toBe('global')
    expect(messageOf(await send('GET', zone, undefined, '1999-01-01'))).toMatch(/The supported locations are 'global'\.$/)
  })

  ours.each(['2018-09-02', '2021-07-04-preview', new Date().toISOString().slice(0, 10)])('ADDR-18 %s will do', async version => {
    const { send } = await armWithZone()
    expect((await send('GET', zone, undefined, version)).status).toBe(200)
  })

  test('ADDR-28 of a group', async () => {
    const { send } = await armWithGroup()
    expect(refusalOf(await send('GET', group, undefined, '1999-01-01'))).toEqual([400, 'InvalidApiVersionParameter'])
    expect((await send('GET', group, undefined, '2016-02-01')).status).toBe(200)
  })
})

describe('the parent', () => {
  test('ADDR-08 ADDR-09 ADDR-10 ADDR-11 ADDR-23 a group, then a parent, then the resource', async () => {
    const { send } = await arm()
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const refused = await send(method, hub, method === 'PUT' ? network : undefined)
      expect([refused.status, refused.body['error'], refused.headers.get('x-ms-failure-cause')], method).toEqual([
        404,
        groupMissing,
        'gateway'
      ])
    }
    await send('PUT', group, { location: 'eastus2' })
    for (const [method, path] of [
      ['GET', `${hub}/subnets/a`],
      ['DELETE', `${hub}/subnets/a`],
      ['PUT', `${hub}/subnets/a`],
      ['GET', hub]
    ] as const) {
      const refused = await send(method, path, method === 'PUT' ? { properties: {} } : undefined)
      expect([refused.status, refused.body['error'], refused.headers.get('x-ms-failure-cause')]).toEqual([
        404,
        { code: 'ResourceNotFound', message: missing('Microsoft.Network/virtualNetworks/hub') },
        'gateway'
      ])
    }
    const nothing = await send('DELETE', hub)
    expect([nothing.status, nothing.text]).toEqual([204, ''])
  })

  test('ADDR-22 a body that is not a JSON object', async () => {
    const { send } = await armWithGroup()
    const deep = `{"location":"eastus2","tags":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`
    for (const body of ['{"location"', '[]', '"text"', deep])
      expect(refusalOf(await send('PUT', hub, body))).toEqual([400, 'InvalidRequestContent'])
    for (const [path, code] of [
      ['/subscriptions/mine/resourceGroups/rg', 'InvalidSubscriptionId'],
      [`${hub}?api-version=soon`, 'InvalidApiVersionParameter'],
      [`${group}/providers/Microsoft.Nothing/things/t`, 'InvalidResourceNamespace'],
      [`${group}/providers/Microsoft.Network/things/t`, 'InvalidResourceType'],
      [`${hub}?api-version=2030-01-01`, 'NoRegisteredProviderFound'],
      [hub.replace('/resourceGroups/', '/resourceGroups/none-'), 'ResourceGroupNotFound'],
      [`${hub}/subnets/one`, 'ResourceNotFound']
    ] as const)
      expect([path, refusalOf(await send('PUT', path, '{"location"'))[1]]).toEqual([path, code])
    // Templates of az have comments in them [GH Azure/azure-cli: JSONC].
    const template = await send('PUT', `${group}/providers/Microsoft.Resources/deployments/d`, '{ /* a template */ "properties": {} }')
    expect(refusalOf(template)[1]).not.toBe('InvalidRequestContent')
  })

  test('ADDR-26 a method that a type does not have', async () => {
    const { send } = await armWithZone()
    const lock = `${zone}/providers/Microsoft.Authorization/locks/l`
    expect(refusalOf(await send('PATCH', lock, {}))).toEqual([405, 'HttpMethodNotAllowed'])
  })

  test('ADDR-24 what a provider refuses does not say who it was', async () => {
    const { send } = await armWithZone()
    for (const refused of [
      await send('GET', record),
      await send('PUT', `${zone}/A/@@`, { properties: { ttl: 1 } }),
      await send('PUT', record, { properties: { ttl: 1 } }, { headers: { 'if-match': 'x' } })
    ]) {
      expect([refused.status >= 400, refused.headers.get('x-ms-failure-cause')]).toEqual([true, null])
    }
  })
})

describe('bodies', () => {
  test('ADDR-06 ADDR-27 a PATCH keeps what it leaves out but tags are one thing; a PUT replaces', async () => {
    const { send, done } = await armWithZone()
    for (const [id, body] of [
      [group, { location: 'eastus2' }],
      [zone, { location: 'global' }],
      [linkId, linkBody()]
    ] as const) {
      const tagsNow = async () => (await send('GET', id)).body['tags']
      await done('PUT', id, { ...body, tags: { a: '1', b: '2' } })
      await done('PATCH', id, { properties: {} })
      expect(await tagsNow(), id).toEqual({ a: '1', b: '2' })
      await done('PATCH', id, { tags: { c: '3' } })
      expect(await tagsNow(), id).toEqual({ c: '3' })
      await done('PATCH', id, { tags: {} })
      expect(await tagsNow(), id).toEqual({})
      await done('PUT', id, body)
      expect(await tagsNow(), id).toBeUndefined()
    }
  })

  ours('ADDR-25 what is not known of comes back', async () => {
    const { send, done } = await armWithZone()
    const extra = { list: [1, { two: null }], text: '' }
    for (const [id, body] of [
      [group, { location: 'eastus2', properties: {} }],
      [zone, { location: 'global', properties: {} }],
      [linkId, linkBody()],
      [record, { properties: { ttl: 1, aRecords: [] } }],
      [`${zone}/providers/Microsoft.Authorization/locks/l`, { properties: { level: 'ReadOnly' } }],
      [vnet, network]
    ] as const) {
      if (id === vnet) await send('DELETE', `${zone}/providers/Microsoft.Authorization/locks/l`)
      const known: { readonly properties: { readonly [key: string]: Json } } = JSON.parse(JSON.stringify(body))
      await done('PUT', id, { ...known, properties: { ...known.properties, futureSetting: extra } })
      expect((await send('GET', id)).body['properties'], id).toMatchObject({ futureSetting: extra })
    }
  })

  test('ADDR-19 ADDR-20 ADDR-21 a location is needed, is a region, and stays', async () => {
    const { send, done } = await armWithGroup()
    const properties = { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }
    expect(refusalOf(await send('PUT', hub, { properties }))).toEqual([400, 'LocationRequired'])
    const nowhere = await send('PUT', hub, { location: 'Far West', properties })
    expect(refusalOf(nowhere)).toEqual([400, 'LocationNotAvailableForResourceType'])
    const [, place, type, list] =
      /^The provided location '(.*)' is not available for resource type '(.*)'\. List of available regions for the resource type is '(.*)'\.$/.exec(
        String(messageOf(nowhere))
      ) ?? []
    expect([place, type]).toEqual(['Far West', 'Microsoft.Network/virtualNetworks'])
    expect(list).toMatch(regions)
    expect(refusalOf(await send('PUT', hub, { location: 'global', properties }))[1]).toBe('LocationNotAvailableForResourceType')
    await done('PUT', hub, { location: 'East US 2', properties })
    expect((await send('PUT', hub, { location: 'eastus2', properties })).status).toBe(200)
    const moved = await send('PUT', hub, { location: 'westus', properties })
    expect([...refusalOf(moved), messageOf(moved)]).toEqual([
      409,
      'InvalidResourceLocation',
      `The resource 'hub' already exists in location 'eastus2' in resource group '${groupName}'. A resource with the same name cannot be created in location 'westus'. Please select a new resource name.`
    ])
  })
})
