import { describe, expect, test } from 'vitest'
import { type Arm, armWithGroup, type Beginning, group, hub, networks, ours, subscription } from './arm.ts'
import { namesIn, network, refusalOf } from './zones.ts'

const subnet = `${hub}/subnets/a`
const at = (scope: string, name = 'keep'): string => `${scope}/providers/Microsoft.Authorization/locks/${name}`
const level = (of: string, more = {}) => ({ properties: { level: of, ...more } })
const locked = (scope: string, as: string, by: string) => ({
  status: 409,
  body: {
    error: {
      code: 'ScopeLocked',
      message: `The scope '${scope}' cannot perform ${as} operation because following scope(s) are locked: '${by}'. Please remove the lock and try again.`
    }
  }
})

async function withHub(beginning: Beginning = {}): Promise<Arm> {
  const client = await armWithGroup(beginning)
  await client.done('PUT', hub, network)
  await client.done('PUT', subnet, { properties: { addressPrefix: '10.0.0.0/24' } })
  return client
}

describe('a lock', () => {
  test('LOCK-01 LOCK-02 LOCK-06 LOCK-07 is put, changed in place, read and taken off at once', async () => {
    const { send } = await withHub()
    const sent = { level: 'ReadOnly', notes: 'owned by netops', owners: [{ applicationId: 'a' }], extra: { kept: true } }
    const put = await send('PUT', at(hub), { properties: sent })
    expect([put.status, put.headers.get('etag'), put.headers.get('azure-asyncoperation')]).toEqual([201, null, null])
    expect(put.body).toEqual({
      id: at(hub),
      name: 'keep',
      type: 'Microsoft.Authorization/locks',
      properties: sent,
      systemData: expect.objectContaining({ createdAt: expect.any(String), lastModifiedAt: expect.any(String) })
    })
    const older = await send('GET', at(hub), undefined, '2016-09-01')
    expect(older.body).toEqual({ properties: sent, id: at(hub), type: 'Microsoft.Authorization/locks', name: 'keep' })
    const lowered = await send('PUT', at(hub), level('CanNotDelete'))
    expect([lowered.status, lowered.body['properties']]).toEqual([200, { level: 'CanNotDelete' }])
    const gone = await send('DELETE', at(hub))
    expect([gone.status, gone.text, (await send('DELETE', at(hub))).status]).toEqual([200, '', 204])
  })

  test('LOCK-18 that is not there', async () => {
    const { send } = await withHub()
    expect(await send('GET', at(hub))).toMatchObject({ status: 404, body: { error: { code: 'LockNotFound' } } })
  })

  test('LOCK-31 says who made it and who changed it', async () => {
    const { send } = await withHub()
    const tokenOf = (oid: string): string =>
      ['{"typ":"JWT","alg":"none"}', JSON.stringify({ oid }), ''].map(part => Buffer.from(part).toString('base64url')).join('.')
    await send('PUT', at(hub), level('ReadOnly'), { token: tokenOf('11111111-0000-4000-8000-000000000001') })
    await send('PUT', at(hub), level('CanNotDelete'), { token: tokenOf('22222222-0000-4000-8000-000000000002') })
    expect((await send('GET', at(hub))).body['systemData']).toMatchObject({
      createdBy: '11111111-0000-4000-8000-000000000001',
      lastModifiedBy: '22222222-0000-4000-8000-000000000002'
    })
  })

  test('LOCK-04 LOCK-05 keeps the casing of the address it was put with, and blanks in its name', async () => {
    const { send } = await withHub()
    const scope = group.replace('resourceGroups', 'resourcegroups')
    const put = await send('PUT', at(scope, 'can%20not%20delete'), level('CanNotDelete'))
    expect(put.body).toMatchObject({ id: at(scope, 'can not delete'), name: 'can not delete' })
    expect((await send('GET', at(group, 'CAN%20NOT%20DELETE'))).body['id']).toBe(at(scope, 'can not delete'))
    expect((await send('DELETE', at(scope, 'can%20not%20delete'))).status).toBe(200)
  })

  test('LOCK-08 LOCK-03 lies on any scope, several on one, and under no other lock', async () => {
    const { send } = await withHub()
    const scopes = [subscription, group, hub, subnet]
    for (const scope of scopes)
      for (const name of ['one', 'two']) expect((await send('PUT', at(scope, name), level('ReadOnly'))).status, scope).toBe(201)
    for (const scope of scopes) {
      expect((await send('PUT', at(scope, 'one'), level('CanNotDelete'))).status, scope).toBe(200)
      for (const name of ['one', 'two']) expect((await send('DELETE', at(scope, name))).status, scope).toBe(200)
    }
  })

  test.each([
    ['LOCK-20', 'a level that is none', level('Delete'), 'keep'],
    ['LOCK-20', 'no level', { properties: {} }, 'keep'],
    ['LOCK-19 LOCK-20', 'notes of 513 characters', level('ReadOnly', { notes: 'n'.repeat(513) }), 'keep'],
    ['LOCK-23', 'a percent sign in its name', level('ReadOnly'), 'a%25b'],
    ['LOCK-23', 'a name of 261 characters', level('ReadOnly'), 'n'.repeat(261)]
  ])('%s is refused with %s', async (_id, _what, body, name) => {
    const { send } = await withHub()
    const refused = await send('PUT', at(hub, name), body)
    expect([refused.status, refused.headers.get('x-ms-failure-cause')]).toEqual([400, 'gateway'])
  })

  test('LOCK-19 LOCK-20 LOCK-23 what is refused with it, and what is just taken', async () => {
    const { send } = await withHub()
    expect(refusalOf(await send('PUT', at(hub), level('Delete')))).toEqual([400, 'InvalidRequestContent'])
    expect((await send('PUT', at(hub), level('ReadOnly', { notes: 'n'.repeat(512) }))).status).toBe(201)
    expect((await send('PUT', at(hub, 'n'.repeat(260)), level('ReadOnly'))).status).toBe(201)
  })

  test('LOCK-21 lies on something that is there', async () => {
    const { send } = await withHub()
    expect(refusalOf(await send('PUT', at(`${networks}/nosuch`), level('ReadOnly')))).toEqual([404, 'ResourceNotFound'])
    const elsewhere = at(`${subscription}/resourceGroups/nosuch`)
    for (const method of ['PUT', 'GET', 'DELETE'])
      expect(refusalOf(await send(method, elsewhere, method === 'PUT' ? level('ReadOnly') : undefined)), method).toEqual([
        404,
        'ResourceGroupNotFound'
      ])
  })

  ours('LOCK-22 is taken on what is not known here', async () => {
    const { send } = await withHub()
    const collection = `${group}/providers/Microsoft.DocumentDB/databaseAccounts/d/mongodbDatabases/m/collections/c`
    expect((await send('PUT', at(collection), level('CanNotDelete'))).status).toBe(201)
    expect(await send('DELETE', group)).toMatchObject(locked(group, 'delete', collection))
  })

  test('LOCK-24 is one of at most twenty on a scope', async () => {
    const { send } = await withHub()
    for (let count = 0; count < 20; count += 1) await send('PUT', at(hub, `l${count}`), level('ReadOnly'))
    expect((await send('PUT', at(hub, 'more'), level('ReadOnly'))).status).toBe(409)
    expect((await send('PUT', at(hub, 'l0'), level('CanNotDelete'))).status).toBe(200)
    expect((await send('PUT', at(subnet, 'more'), level('ReadOnly'))).status).toBe(201)
  })

  test('LOCK-09 LOCK-14 against deletion refuses the delete of its scope and beneath, and nothing else', async () => {
    const { send } = await withHub()
    await send('PUT', at(hub), level('CanNotDelete'))
    const refused = await send('DELETE', hub)
    expect(refused).toMatchObject(locked(hub, 'delete', hub))
    expect(refused.headers.get('x-ms-failure-cause')).toBe('gateway')
    expect(await send('DELETE', subnet)).toMatchObject(locked(subnet, 'delete', hub))
    const lower = group.replace('resourceGroups', 'resourcegroups')
    expect(await send('DELETE', lower)).toMatchObject(locked(lower, 'delete', hub))
    expect((await send('PUT', `${hub}/subnets/b`, { properties: { addressPrefix: '10.0.1.0/24' } })).status).toBe(201)
  })

  test('LOCK-10 LOCK-11 LOCK-15 that is read-only refuses writes and deletes, inherited too, and names every locked scope', async () => {
    const { send } = await withHub()
    await send('PUT', at(subscription, 'sub'), level('ReadOnly'))
    await send('PUT', at(hub), level('ReadOnly'))
    const both = `${hub},${subscription}`
    expect(await send('PUT', hub, network)).toMatchObject(locked(hub, 'write', both))
    expect(await send('PUT', subnet, {})).toMatchObject(locked(subnet, 'write', both))
    expect(await send('PATCH', hub, { tags: {} })).toMatchObject(locked(hub, 'write', both))
    expect(await send('DELETE', hub)).toMatchObject(locked(hub, 'delete', both))
    expect(await send('POST', `${hub}/anything`, {})).toMatchObject(locked(hub, 'write', both))
    expect((await send('GET', hub)).status).toBe(200)
    await send('DELETE', at(subscription, 'sub'))
  })

  test('LOCK-12 LOCK-13 on a subnet stands in the way of deleting its network, not of writing it', async () => {
    const { send } = await withHub()
    await send('PUT', at(subnet), level('ReadOnly'))
    expect(await send('DELETE', hub)).toMatchObject(locked(hub, 'delete', subnet))
    expect((await send('PATCH', hub, { tags: { a: 'b' } })).status).toBe(200)
  })

  test('LOCK-32 within a group: the outermost is named, and none of them when the group is locked itself', async () => {
    const { send } = await withHub()
    await send('PUT', at(subnet), level('ReadOnly'))
    expect(await send('DELETE', group)).toMatchObject(locked(group, 'delete', subnet))
    await send('PUT', at(hub), level('CanNotDelete'))
    expect(await send('DELETE', group)).toMatchObject(locked(group, 'delete', hub))
    await send('PUT', at(group), level('CanNotDelete'))
    expect(await send('DELETE', group)).toMatchObject(locked(group, 'delete', group))
  })

  test('LOCK-30 refuses the delete of what is not there', async () => {
    const { send } = await withHub()
    await send('PUT', at(group), level('CanNotDelete'))
    expect(await send('DELETE', `${networks}/nosuch`)).toMatchObject(locked(`${networks}/nosuch`, 'delete', group))
  })

  test('LOCK-28 goes with what it lies on', async () => {
    const { send, done } = await withHub()
    await send('PUT', at(hub), level('CanNotDelete'))
    await send('DELETE', at(hub))
    await done('DELETE', hub)
    await done('PUT', hub, network)
    expect(namesIn(await send('GET', `${hub}/providers/Microsoft.Authorization/locks`))).toEqual([])
  })
})

describe('locks take their time', () => {
  ours('LOCK-25 LOCK-26 one that was taken off or lowered goes on refusing until it has settled', async () => {
    const { send, wait } = await withHub({ behaviours: { lockSettleMs: 90_000 } })
    await send('PUT', at(hub), level('ReadOnly'))
    await send('PUT', at(hub), level('CanNotDelete'))
    expect((await send('PATCH', hub, { tags: {} })).status).toBe(409)
    await wait(90)
    expect((await send('PATCH', hub, { tags: {} })).status).toBe(200)
    await send('DELETE', at(hub))
    expect(refusalOf(await send('GET', at(hub)))).toEqual([404, 'LockNotFound'])
    await wait(89)
    expect(await send('DELETE', hub)).toMatchObject(locked(hub, 'delete', hub))
    expect(await send('DELETE', group)).toMatchObject(locked(group, 'delete', hub))
    await wait(1)
    expect((await send('DELETE', hub)).status).toBe(202)
  })

  ours('LOCK-27 one that is new or raised does not refuse yet', async () => {
    const { send, wait } = await withHub({ behaviours: { lockTakesHoldMs: 60_000 } })
    await send('PUT', at(hub), level('CanNotDelete'))
    expect((await send('DELETE', subnet)).status).toBe(202)
    await wait(60)
    expect((await send('DELETE', hub)).status).toBe(409)
    await send('PUT', at(hub), level('ReadOnly'))
    expect([(await send('PATCH', hub, { tags: {} })).status, (await send('DELETE', hub)).status]).toEqual([200, 409])
    await wait(60)
    expect((await send('PATCH', hub, { tags: {} })).status).toBe(409)
    await send('PUT', at(hub), level('CanNotDelete'))
    expect([(await send('PATCH', hub, { tags: {} })).status, (await send('DELETE', hub)).status]).toEqual([200, 409])
  })
})

describe('a list of locks', () => {
  const listed = async ({ send }: Arm, scope: string, filter = ''): Promise<string[]> => {
    const { body } = await send('GET', `${scope}/providers/Microsoft.Authorization/locks${filter}`)
    return (body['value'] as unknown as { readonly id: string }[]).map(one => one.id).sort()
  }

  test('LOCK-16 LOCK-17 has those of its scope and beneath, never the inherited ones', async () => {
    const client = await withHub()
    for (const scope of [subscription, group, hub, subnet]) await client.send('PUT', at(scope), level('CanNotDelete'))
    expect(await listed(client, hub)).toEqual([at(hub), at(subnet)])
    expect(await listed(client, subnet)).toEqual([at(subnet)])
    expect(await listed(client, group)).toEqual([at(group), at(hub), at(subnet)])
    expect(await listed(client, group, '?$filter=atScope()')).toEqual([at(group)])
    expect(await listed(client, subscription)).toEqual(expect.arrayContaining([at(subscription), at(group), at(hub), at(subnet)]))
    for (const scope of [subscription, group, hub, subnet]) await client.send('DELETE', at(scope))
  })
})
