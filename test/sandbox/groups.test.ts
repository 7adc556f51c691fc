import { describe, expect, test } from 'vitest'
import { arm, armWithGroup, group, hub, networks, ours, subscription } from './arm.ts'
import { armWithZone, link, linkBody, messageOf, namesIn, network, record, refusalOf, vnet, zone } from './zones.ts'

const [, , subscriptionId, , name = ''] = group.split('/')
const lock = (scope: string): string => `${scope}/providers/Microsoft.Authorization/locks/keep`

describe('a resource group', () => {
  test('GROUP-01 GROUP-02 GROUP-03 GROUP-06 is made, changed and asked for at once', async () => {
    const { send } = await arm()
    const before = await send('HEAD', group)
    expect([before.status, before.text, before.headers.get('x-ms-failure-cause')]).toEqual([404, '', 'gateway'])
    const created = await send('PUT', group, { location: 'East US 2', tags: { team: 'net' } })
    expect([created.status, created.body]).toEqual([
      201,
      {
        id: group,
        name,
        type: 'Microsoft.Resources/resourceGroups',
        location: 'eastus2',
        tags: { team: 'net' },
        properties: { provisioningState: 'Succeeded' }
      }
    ])
    const there = await send('HEAD', group)
    expect([there.status, there.text]).toEqual([204, ''])
    const again = await send('PUT', group, { location: 'EastUS2' })
    expect([again.status, 'tags' in again.body, again.body['location']]).toEqual([200, false, 'eastus2'])
  })

  test('GROUP-04 GROUP-05 has its own casing in its id, and a type from 2019-07-01 on', async () => {
    const { send } = await arm()
    const lower = group.replace('resourceGroups', 'resourcegroups')
    expect((await send('PUT', lower, { location: 'eastus2' })).body['id']).toBe(group)
    expect((await send('GET', group.toUpperCase().replace('/SUBSCRIPTIONS/', '/subscriptions/'))).body['id']).toBe(group)
    expect((await send('GET', lower, undefined, '2018-05-01')).body).toEqual({
      id: group,
      name,
      location: 'eastus2',
      properties: { provisioningState: 'Succeeded' }
    })
    expect((await send('GET', lower, undefined, '2019-07-01')).body).toHaveProperty('type')
  })

  test('GROUP-07 keeps what else was sent', async () => {
    const { send } = await arm()
    await send('PUT', group, { location: 'eastus2', managedBy: 'somebody', tags: {} })
    expect((await send('GET', group)).body).toMatchObject({ managedBy: 'somebody', tags: {} })
    const patched = await send('PATCH', group, { tags: { a: 'b' } })
    expect([patched.status, patched.body['managedBy'], patched.body['tags']]).toEqual([200, 'somebody', { a: 'b' }])
  })

  test('GROUP-08 GROUP-09 GROUP-10 GROUP-11 GROUP-16 is deleted in its own time', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, network)
    const deleting = await send('DELETE', group)
    const { headers } = deleting
    expect([deleting.status, deleting.text, headers.get('retry-after'), headers.get('azure-asyncoperation')]).toEqual([202, '', '15', null])
    const location = headers.get('location') ?? ''
    const [, job = ''] = new RegExp(`/subscriptions/${subscriptionId}/operationresults/([^?=]+)\\?`).exec(location) ?? []
    expect(JSON.parse(Buffer.from(job, 'base64').toString())).toMatchObject({
      jobId: `RESOURCEGROUPDELETIONJOB-${name.toUpperCase().replaceAll('-', ':2D')}-EASTUS2`,
      jobLocation: 'eastus2'
    })
    expect((await send('GET', group)).body['properties']).toEqual({ provisioningState: 'Deleting' })
    const poll = await send('GET', location)
    expect([poll.status, poll.text, poll.headers.get('retry-after')]).toEqual([202, '', '15'])
    const second = await send('DELETE', group)
    expect([second.status, new URL(second.headers.get('location') ?? '').pathname]).toEqual([202, new URL(location).pathname])
    const last = await done('DELETE', group)
    expect([last.status, last.text]).toEqual([200, ''])
    expect((await send('GET', group)).status).toBe(404)
  })

  test('GROUP-12 takes no writes while it is being deleted', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, network)
    await send('DELETE', group)
    for (const [method, path, body] of [
      ['PUT', group, { location: 'eastus2' }],
      ['PATCH', group, { tags: {} }],
      ['PUT', `${networks}/other`, network],
      ['PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.0.0.0/24' } }]
    ] as const) {
      const refused = await send(method, path, body)
      expect([...refusalOf(refused), messageOf(refused), refused.headers.get('x-ms-failure-cause')], path).toEqual([
        409,
        'ResourceGroupBeingDeleted',
        `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`,
        'gateway'
      ])
    }
  })

  test('GROUP-13 GROUP-15 takes everything in it along', async () => {
    const { send, done } = await armWithZone()
    await done('PUT', link, linkBody())
    await send('PUT', record, { properties: { ttl: 60 } })
    expect((await done('DELETE', group)).status).toBe(200)
    expect(refusalOf(await send('GET', zone))).toEqual([404, 'ResourceGroupNotFound'])
    expect(refusalOf(await send('DELETE', record))).toEqual([404, 'ResourceGroupNotFound'])
    const gone = await send('DELETE', group)
    expect([...refusalOf(gone), messageOf(gone)]).toEqual([404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`])
    await send('PUT', group, { location: 'eastus2' })
    for (const id of [zone, vnet]) expect((await send('GET', id)).status, id).toBe(404)
    expect((await send('GET', `${group}/providers/Microsoft.Network/privateDnsZones`)).body).toEqual({ value: [] })
  })

  test('GROUP-14 is not deleted while anything in it is locked', async () => {
    const { send, done } = await armWithZone()
    for (const scope of [record, zone, vnet, group, subscription]) {
      if (scope === record) await send('PUT', record, { properties: { ttl: 60 } })
      for (const level of ['CanNotDelete', 'ReadOnly']) {
        await send('PUT', lock(scope), { properties: { level } })
        const refused = await send('DELETE', group)
        expect([...refusalOf(refused), messageOf(refused)]).toEqual([
          409,
          'ScopeLocked',
          `The scope '${group}' cannot perform delete operation because following scope(s) are locked: '${scope}'. Please remove the lock and try again.`
        ])
      }
      await send('DELETE', lock(scope))
    }
    expect((await send('GET', group)).body['properties']).toEqual({ provisioningState: 'Succeeded' })
    expect((await send('GET', record)).status).toBe(200)
    expect((await done('DELETE', group)).status).toBe(200)
  })

  test('GROUP-17 GROUP-18 stays in its region, which there is', async () => {
    const { send } = await armWithGroup()
    expect(refusalOf(await send('PUT', group, { location: 'westus' }))).toEqual([409, 'InvalidResourceGroupLocation'])
    const nowhere = await send('PUT', `${group}-2`, { location: 'BadLocation' })
    expect([...refusalOf(nowhere), nowhere.headers.get('x-ms-failure-cause')]).toEqual([
      400,
      'LocationNotAvailableForResourceGroup',
      'gateway'
    ])
    expect(messageOf(nowhere)).toMatch(
      /^The provided location 'BadLocation' is not available for resource group\. List of available regions is '[a-z0-9]+(,[a-z0-9]+){30,}'\.$/
    )
    expect(refusalOf(await send('PUT', `${group}-2`, {}))).toEqual([400, 'LocationRequired'])
  })

  test.each([
    ['GROUP-19', 'a%20b*c', ' *'],
    ['GROUP-19', 'ends.', '.']
  ])('%s cannot be named %s', async (_id, wrong, signs) => {
    const { send } = await arm()
    const refused = await send('PUT', `${subscription}/resourceGroups/${wrong}`, { location: 'eastus2' })
    expect([...refusalOf(refused), messageOf(refused)]).toEqual([
      400,
      'InvalidResourceGroup',
      `The provided resource group name '${decodeURIComponent(wrong)}' has these invalid characters: '${signs}'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'.`
    ])
  })

  test('GROUP-19 GROUP-20 has a name of at most 90 characters', async () => {
    const { send } = await arm()
    const longer = await send('PUT', `${subscription}/resourceGroups/${'n'.repeat(91)}`, { location: 'eastus2' })
    expect(refusalOf(longer)).toEqual([400, 'InvalidResourceGroup'])
    expect(refusalOf(await send('PUT', `${subscription}/resourceGroups/a%2Bb`, { location: 'eastus2' }))).toEqual([
      400,
      'InvalidResourceGroup'
    ])
  })

  ours('GROUP-20 takes a name of 90 characters, of every sign there may be', async () => {
    const { send } = await arm()
    for (const fine of ['n'.repeat(90), 'a-b.c_(d)1'])
      expect((await send('PUT', `${subscription}/resourceGroups/${fine}`, { location: 'eastus2' })).status).toBe(201)
  })

  test('GROUP-21 is listed, by its tags too', async () => {
    const { send } = await armWithGroup()
    await send('PUT', `${group}-tagged`, { location: 'eastus2', tags: { [name]: 'yes' } })
    expect(namesIn(await send('GET', `${subscription}/resourcegroups`))).toEqual(expect.arrayContaining([name, `${name}-tagged`]))
    const filter = encodeURIComponent(`tagName eq '${name}' and tagValue eq 'yes'`)
    expect(namesIn(await send('GET', `${subscription}/resourcegroups?$filter=${filter}`))).toEqual([`${name}-tagged`])
    await send('DELETE', `${group}-tagged`)
  })
})
