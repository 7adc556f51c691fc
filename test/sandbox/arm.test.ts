import { describe, expect, test } from 'vitest'
import { arm, armWithGroup, group, networks, subscription } from './arm.ts'

const refused = async (reply: Promise<{ readonly status: number; readonly body: unknown }>): Promise<unknown> => {
  const { status, body } = await reply
  return [status, body]
}

describe('the order of checks', () => {
  test('an address without an api-version is refused before anything else is looked at', async () => {
    const { sandbox } = arm()
    const response = await sandbox.handle(new Request(`https://management.azure.com${networks}/hub`))
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: {
        code: 'MissingApiVersionParameter',
        message: 'The api-version query parameter (?api-version=) is required for all requests.'
      }
    })
  })

  test('a subscription id that is none', async () => {
    const { send } = arm()
    expect(await send('GET', '/subscriptions/mine/resourcegroups')).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidSubscriptionId' } }
    })
  })

  test.each([
    ['Microsoft.Nothing/things/t', 'InvalidResourceNamespace'],
    ['Microsoft.Network/things/t', 'InvalidResourceType']
  ])('a type nobody has: %s', async (type, code) => {
    const { send } = await armWithGroup()
    expect(await send('PUT', `${group}/providers/${type}`, {})).toMatchObject({ status: 404, body: { error: { code } } })
  })

  test('an api-version that the type does not know', async () => {
    const { send } = await armWithGroup()
    expect(await send('GET', `${networks}/hub`, undefined, '1999-01-01')).toMatchObject({
      status: 400,
      body: { error: { code: 'NoRegisteredProviderFound' } }
    })
    expect(await send('GET', `${networks}/hub`, undefined, 'latest')).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidApiVersionParameter' } }
    })
  })

  test('a group that is not there, then a parent, then the resource', async () => {
    const { send } = arm()
    const missing = (message: string, code = 'ResourceNotFound') => [404, { error: { code, message } }]
    expect(await refused(send('GET', `${networks}/hub`))).toEqual(
      missing("Resource group 'rg-net' could not be found.", 'ResourceGroupNotFound')
    )
    await send('PUT', group, { location: 'eastus2' })
    const hub =
      "The Resource 'Microsoft.Network/virtualNetworks/hub' under resource group 'rg-net' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    expect(await refused(send('GET', `${networks}/hub/subnets/a`))).toEqual(missing(hub))
    expect(await refused(send('DELETE', `${networks}/hub/subnets/a`))).toEqual(missing(hub))
    expect(await refused(send('GET', `${networks}/hub`))).toEqual(missing(hub))
    expect((await send('DELETE', `${networks}/hub`)).status).toBe(204)
  })

  test('a body that is not a JSON object', async () => {
    const { sandbox } = await armWithGroup()
    const response = await sandbox.handle(
      new Request(`https://management.azure.com${networks}/hub?api-version=2025-05-01`, { method: 'PUT', body: '{"location"' })
    )
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'InvalidRequestContent' } }])
  })
})

describe('resource groups', () => {
  test('life of a group', async () => {
    const { send, done } = arm()
    expect((await send('HEAD', group)).status).toBe(404)
    const created = await send('PUT', group, { location: 'East US 2', tags: { team: 'net' } })
    expect(created).toMatchObject({
      status: 201,
      body: {
        id: group,
        name: 'rg-net',
        type: 'Microsoft.Resources/resourceGroups',
        location: 'eastus2',
        tags: { team: 'net' },
        properties: { provisioningState: 'Succeeded' }
      }
    })
    expect((await send('HEAD', group)).status).toBe(204)
    expect((await send('PUT', group, { location: 'eastus2' })).status).toBe(200)
    expect((await send('GET', group)).body).not.toHaveProperty('tags')
    expect(await send('PUT', group, { location: 'westus' })).toMatchObject({
      status: 409,
      body: { error: { code: 'InvalidResourceGroupLocation' } }
    })
    await done('PUT', `${networks}/hub`, { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } })

    const deleting = await send('DELETE', group)
    expect([deleting.status, deleting.headers.get('retry-after'), deleting.headers.get('azure-asyncoperation')]).toEqual([202, '15', null])
    expect((await send('GET', group)).body).toMatchObject({ properties: { provisioningState: 'Deleting' } })
    expect(await send('PUT', `${networks}/other`, { location: 'eastus2' })).toMatchObject({
      status: 409,
      body: { error: { code: 'ResourceGroupBeingDeleted' } }
    })
    expect((await send('GET', deleting.headers.get('location') ?? '')).status).toBe(202)
    expect((await done('DELETE', group)).status).toBe(200)
    expect((await send('GET', group)).status).toBe(404)
    expect((await send('DELETE', group)).body).toMatchObject({ error: { code: 'ResourceGroupNotFound' } })
    await send('PUT', group, { location: 'eastus2' })
    expect((await send('GET', `${networks}/hub`)).status).toBe(404)
  })

  test('segments of an address are the same in any case; the id has its own', async () => {
    const { send } = arm()
    await send('PUT', group.replace('resourceGroups', 'resourcegroups'), { location: 'eastus2' })
    expect((await send('GET', group.toUpperCase().replace('RG-NET', 'RG-Net'))).body).toMatchObject({ id: group })
    expect((await send('GET', group.replace('/resourceGroups/', '//resourceGroups//'))).status).toBe(200)
  })
})

describe('lists', () => {
  test('groups and tracked resources of a subscription, and pages that miss and repeat nothing', async () => {
    const { send, done } = await armWithGroup({ behaviours: { pageSize: 2, networkOverlap: 'works' } })
    for (const name of ['c', 'a', 'e', 'b', 'd'])
      await done('PUT', `${networks}/${name}`, { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } })
    const names: unknown[] = []
    let next: string | undefined = `${subscription}/providers/Microsoft.Network/virtualNetworks`
    for (let pages = 0; next !== undefined && pages < 9; pages += 1) {
      const { body } = await send('GET', next)
      for (const one of body['value'] as unknown as { readonly name: string }[]) names.push(one.name)
      // Created between two pages, before the place reached: it does not show up twice nor push anything out.
      if (pages === 0)
        await done('PUT', `${networks}/aa`, { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } })
      next = body['nextLink'] as unknown as string | undefined
    }
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e'])
    const tracked = await send(
      'GET',
      `${subscription}/resources?$filter=resourceType eq 'Microsoft.Network/virtualNetworks' and name eq 'c'`
    )
    expect(tracked.body).toEqual({
      value: [{ id: `${networks}/c`, name: 'c', type: 'Microsoft.Network/virtualNetworks', location: 'eastus2' }]
    })
    expect((await send('GET', `${subscription}/resourcegroups`)).body).toMatchObject({ value: [{ name: 'rg-net' }] })
    expect((await send('GET', `${group}/providers/Microsoft.Authorization/permissions`)).body).toMatchObject({
      value: [{ actions: ['*'] }]
    })
  })
})
