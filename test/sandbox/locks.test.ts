import { describe, expect, test } from 'vitest'
import { type Arm, armWithGroup, group, networks, subscription } from './arm.ts'

const hub = `${networks}/hub`
const at = (scope: string, name = 'keep'): string => `${scope}/providers/Microsoft.Authorization/locks/${name}`
const locked = (scope: string, as: string, by: string) => ({
  status: 409,
  body: {
    error: {
      code: 'ScopeLocked',
      message: `The scope '${scope}' cannot perform ${as} operation because following scope(s) are locked: '${by}'. Please remove the lock and try again.`
    }
  }
})
const network = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }

async function withHub(options = {}): Promise<Arm> {
  const client = await armWithGroup(options)
  await client.done('PUT', hub, {
    ...network,
    properties: { ...network.properties, subnets: [{ name: 'a', properties: { addressPrefix: '10.0.0.0/24' } }] }
  })
  return client
}

describe('a lock', () => {
  test('is put, changed in place, read and taken off at once', async () => {
    const { send } = await withHub()
    const put = await send('PUT', at(hub), {
      properties: { level: 'ReadOnly', notes: 'owned by netops', owners: [{ applicationId: 'a' }] }
    })
    expect(put).toMatchObject({
      status: 201,
      body: {
        id: at(hub),
        name: 'keep',
        type: 'Microsoft.Authorization/locks',
        properties: { level: 'ReadOnly', notes: 'owned by netops', owners: [{ applicationId: 'a' }] }
      }
    })
    expect(put.body).toHaveProperty('systemData')
    const older = await send('GET', at(hub), undefined, '2016-09-01')
    expect(older.body).toEqual({
      properties: { level: 'ReadOnly', notes: 'owned by netops', owners: [{ applicationId: 'a' }] },
      id: at(hub),
      type: 'Microsoft.Authorization/locks',
      name: 'keep'
    })
    expect((await send('PUT', at(hub), { properties: { level: 'CanNotDelete' } })).status).toBe(200)
    expect((await send('DELETE', at(hub))).status).toBe(200)
    expect((await send('DELETE', at(hub))).status).toBe(204)
    expect(await send('GET', at(hub))).toMatchObject({ status: 404, body: { error: { code: 'LockNotFound' } } })
  })

  test('keeps the casing of the address it was put with, blanks in its name too', async () => {
    const { send } = await withHub()
    const scope = group.replace('resourceGroups', 'resourcegroups')
    const put = await send('PUT', at(scope, 'can%20not%20delete'), { properties: { level: 'CanNotDelete' } })
    expect(put.body).toMatchObject({ id: at(scope, 'can not delete'), name: 'can not delete' })
  })

  test('must have a level, notes of at most 512 characters, and a scope that exists', async () => {
    const { send } = await withHub()
    expect((await send('PUT', at(hub), { properties: { level: 'Delete' } })).status).toBe(400)
    expect((await send('PUT', at(hub), { properties: { level: 'ReadOnly', notes: 'n'.repeat(513) } })).status).toBe(400)
    expect((await send('PUT', at(hub), { properties: { level: 'ReadOnly', notes: 'n'.repeat(512) } })).status).toBe(201)
    expect((await send('PUT', at(`${networks}/nosuch`), { properties: { level: 'ReadOnly' } })).status).toBe(404)
    expect((await send('PUT', at(`${subscription}/resourceGroups/nosuch`), { properties: { level: 'ReadOnly' } })).body).toMatchObject({
      error: { code: 'ResourceGroupNotFound' }
    })
  })

  test('against deletion refuses the delete of its scope, of what is beneath and of what it is in, and nothing else', async () => {
    const { send } = await withHub()
    await send('PUT', at(hub), { properties: { level: 'CanNotDelete' } })
    expect(await send('DELETE', hub)).toMatchObject(locked(hub, 'delete', hub))
    expect(await send('DELETE', `${hub}/subnets/a`)).toMatchObject(locked(`${hub}/subnets/a`, 'delete', hub))
    const lower = group.replace('resourceGroups', 'resourcegroups')
    expect(await send('DELETE', lower)).toMatchObject(locked(lower, 'delete', hub))
    expect((await send('PUT', `${hub}/subnets/b`, { properties: { addressPrefix: '10.0.1.0/24' } })).status).toBe(201)
  })

  test('that is read-only refuses writes and deletes, inherited too, and names every locked scope', async () => {
    const { send } = await withHub()
    await send('PUT', at(subscription, 'sub'), { properties: { level: 'ReadOnly' } })
    await send('PUT', at(hub), { properties: { level: 'ReadOnly' } })
    expect(await send('PUT', hub, network)).toMatchObject(locked(hub, 'write', `${hub},${subscription}`))
    expect(await send('PUT', `${hub}/subnets/a`, {})).toMatchObject(locked(`${hub}/subnets/a`, 'write', `${hub},${subscription}`))
    expect((await send('PATCH', hub, { tags: {} })).status).toBe(409)
    expect(await send('POST', `${hub}/anything`, {})).toMatchObject(locked(hub, 'write', `${hub},${subscription}`))
    expect((await send('GET', hub)).status).toBe(200)
  })

  test('on a subnet stands in the way of deleting its network, not of writing it', async () => {
    const { send } = await withHub()
    await send('PUT', at(`${hub}/subnets/a`), { properties: { level: 'ReadOnly' } })
    expect(await send('DELETE', hub)).toMatchObject(locked(hub, 'delete', `${hub}/subnets/a`))
    expect((await send('PATCH', hub, { tags: { a: 'b' } })).status).toBe(200)
  })

  test('that was taken off goes on refusing until it has settled', async () => {
    const { send, wait } = await withHub({ behaviours: { lockSettleMs: 90_000 } })
    await send('PUT', at(hub), { properties: { level: 'ReadOnly' } })
    await send('PUT', at(hub), { properties: { level: 'CanNotDelete' } })
    expect((await send('PATCH', hub, { tags: {} })).status).toBe(409)
    await wait(90)
    expect((await send('PATCH', hub, { tags: {} })).status).toBe(200)
    await send('DELETE', at(hub))
    await wait(89)
    expect((await send('DELETE', hub)).status).toBe(409)
    await wait(1)
    expect((await send('DELETE', hub)).status).toBe(202)
  })
})

test('a list has the locks of its scope and beneath, never the inherited ones', async () => {
  const { send } = await withHub()
  for (const scope of [subscription, group, hub, `${hub}/subnets/a`])
    await send('PUT', at(scope), { properties: { level: 'CanNotDelete' } })
  const listed = async (scope: string, filter = ''): Promise<unknown> => {
    const { body } = await send('GET', `${scope}/providers/Microsoft.Authorization/locks${filter}`)
    return (body['value'] as unknown as { readonly id: string }[]).map(one => one.id).sort()
  }
  expect(await listed(hub)).toEqual([at(hub), at(`${hub}/subnets/a`)])
  expect(await listed(group)).toEqual([at(group), at(hub), at(`${hub}/subnets/a`)])
  expect(await listed(group, '?$filter=atScope()')).toEqual([at(group)])
  expect(await listed(subscription)).toHaveLength(4)
})
