import { describe, expect } from 'vitest'
import { group, ours, subscription, subscriptionId } from './arm.ts'
import {
  endpoint,
  endpointBody,
  everywhere,
  factory,
  locks,
  nobody,
  office,
  reader,
  refusal,
  said,
  server,
  somebody,
  subnet,
  vnet,
  vnetBody,
  words
} from './principals.ts'

const other = `${subscription}/resourceGroups/rg-other`

describe('a right that is missing', () => {
  ours('RIGHT-10 is 403, and names the caller, the action and the scope as they were asked for', async () => {
    const { as } = await office([reader])
    const { send } = await as(reader)
    const answer = await send('PUT', `${subscription}/resourcegroups/rg-net/providers/microsoft.network/virtualnetworks/hub`, vnetBody)
    expect([...said(answer), words(answer)]).toEqual([
      403,
      'AuthorizationFailed',
      refusal(
        1,
        'Microsoft.Network/virtualNetworks/write',
        `${subscription}/resourcegroups/rg-net/providers/microsoft.network/virtualnetworks/hub`
      )
    ])
    expect(answer.headers.get('x-ms-failure-cause')).toBe('gateway')
  })

  ours('RIGHT-11 is found before anything is looked up', async () => {
    const { as, boss } = await office([reader, nobody])
    await boss.send('PUT', `${locks(vnet)}/keep`, { properties: { level: 'ReadOnly' } })
    const missing = [
      `${group}/providers/Microsoft.Network/virtualNetworks/none`,
      `${other}/providers/Microsoft.Network/virtualNetworks/none`,
      `${server}/nothing/of-the-kind`,
      vnet
    ]
    for (const path of missing) {
      expect(said(await (await as(reader)).send('DELETE', path))).toEqual([403, 'AuthorizationFailed'])
      expect(said(await (await as(nobody)).send('GET', path))).toEqual([403, 'AuthorizationFailed'])
    }
    expect(said(await boss.send('DELETE', vnet))).toEqual([409, 'ScopeLocked'])
  })
})

describe('rights', () => {
  ours('RIGHT-12 hold for all beneath their scope and nothing beside it, and add up', async () => {
    const both = somebody(
      3,
      'both',
      { scope: `${group}/`, role: 'Reader' },
      { scope: vnet.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'), actions: ['Microsoft.Network/virtualNetworks/write'] }
    )
    const { as, boss } = await office([both])
    await boss.send('PUT', other, { location: 'eastus2' })
    const { send } = await as(both)
    expect((await send('GET', subnet)).status).toBe(200)
    expect((await send('PUT', vnet, vnetBody)).status).toBe(200)
    expect(said(await send('PUT', `${group}/providers/Microsoft.Network/virtualNetworks/hub2`, vnetBody))).toEqual([
      403,
      'AuthorizationFailed'
    ])
    expect(said(await send('GET', other))).toEqual([403, 'AuthorizationFailed'])
    // The name of this group only begins with the same letters.
    expect(said(await send('GET', `${group}-2`))).toEqual([403, 'AuthorizationFailed'])
  })

  ours('RIGHT-13 are taken away by the exceptions of their own role alone', async () => {
    const most = { scope: everywhere, actions: ['*'], notActions: ['Microsoft.Network/virtualNetworks/*'] }
    const one = somebody(3, 'one', most)
    const two = somebody(4, 'two', most, { scope: vnet, actions: ['Microsoft.Network/virtualNetworks/read'] })
    const { as } = await office([one, two])
    expect(said(await (await as(one)).send('GET', vnet))).toEqual([403, 'AuthorizationFailed'])
    expect((await (await as(two)).send('GET', vnet)).status).toBe(200)
    expect(said(await (await as(two)).send('GET', subnet))).toEqual([403, 'AuthorizationFailed'])
    expect((await (await as(one)).send('GET', server)).status).toBe(200)
  })

  ours('RIGHT-14 are compared without case, and `*` is any text', async () => {
    const role = { scope: everywhere, actions: ['microsoft.NETWORK/*/READ', 'Microsoft.DBforPostgreSQL/flexible*'] }
    const { as } = await office([somebody(3, 'three', role)])
    const { send } = await as(somebody(3, 'three', role))
    expect((await send('GET', subnet)).status).toBe(200)
    expect((await send('GET', server)).status).toBe(200)
    expect(said(await send('GET', factory))).toEqual([403, 'AuthorizationFailed'])
    expect(said(await send('DELETE', subnet))).toEqual([403, 'AuthorizationFailed'])
  })

  ours('RIGHT-15 are asked for by the method and the type', async () => {
    const { as } = await office([nobody])
    const { send } = await as(nobody)
    const pg = 'Microsoft.DBforPostgreSQL/flexibleServers'
    const rules = `${server}/firewallRules`
    const asked: readonly (readonly [method: string, path: string, action: string, scope: string])[] = [
      ['GET', rules, `${pg}/firewallRules/read`, server],
      ['GET', `${group}/providers/${pg}`, `${pg}/read`, group],
      ['GET', `${subscription}/providers/${pg}`, `${pg}/read`, subscription],
      ['PUT', `${rules}/one`, `${pg}/firewallRules/write`, `${rules}/one`],
      ['PATCH', server, `${pg}/write`, server],
      ['DELETE', server, `${pg}/delete`, server],
      ['POST', `${server}/restart`, `${pg}/restart/action`, server],
      ['PUT', `${locks(subnet)}/keep`, 'Microsoft.Authorization/locks/write', `${locks(subnet)}/keep`],
      ['GET', locks(subscription), 'Microsoft.Authorization/locks/read', subscription],
      [
        'POST',
        `${subscription}/providers/Microsoft.DBforPostgreSQL/checkNameAvailability`,
        'Microsoft.DBforPostgreSQL/checkNameAvailability/action',
        subscription
      ],
      [
        'GET',
        `${subscription}/providers/Microsoft.DBforPostgreSQL/locations/eastus2/capabilities`,
        'Microsoft.DBforPostgreSQL/locations/capabilities/read',
        `${subscription}/providers/Microsoft.DBforPostgreSQL/locations/eastus2`
      ],
      ['GET', `${subscription}/providers`, 'Microsoft.Resources/subscriptions/providers/read', subscription],
      ['GET', `${subscription}/locations`, 'Microsoft.Resources/subscriptions/locations/read', subscription],
      ['GET', `${group}/resources`, 'Microsoft.Resources/subscriptions/resourceGroups/resources/read', group]
    ]
    for (const [method, path, action, scope] of asked) {
      const body = method === 'PUT' || method === 'PATCH' || method === 'POST' ? {} : undefined
      expect([path, words(await send(method, path, body))]).toEqual([path, refusal(2, action, scope)])
    }
    expect((await send('HEAD', group)).status).toBe(403)
  })

  ours('RIGHT-16 count getStatus of a runtime as reading', async () => {
    const runtime = `${factory}/integrationRuntimes/auto`
    const { as, boss } = await office([reader, nobody])
    await boss.send('PUT', runtime, { properties: { type: 'Managed', typeProperties: {} } })
    expect((await (await as(reader)).send('POST', `${runtime}/getStatus`)).status).toBe(200)
    expect(words(await (await as(nobody)).send('POST', `${runtime}/getStatus`))).toMatch(
      /'Microsoft\.DataFactory\/factories\/integrationRuntimes\/getStatus\/read'/i
    )
    expect(said(await (await as(reader)).send('POST', `${runtime}/enableInteractiveQuery`, {}))).toEqual([403, 'AuthorizationFailed'])
  })

  ours('RIGHT-17 on groups have the segment in the casing of the request', async () => {
    const { as } = await office([nobody])
    const { send } = await as(nobody)
    const lower = `${subscription}/resourcegroups/rg-net`
    for (const [method, path, action] of [
      ['GET', lower, 'Microsoft.Resources/subscriptions/resourcegroups/read'],
      ['PUT', group, 'Microsoft.Resources/subscriptions/resourceGroups/write'],
      ['DELETE', group, 'Microsoft.Resources/subscriptions/resourceGroups/delete']
    ] as const) {
      expect(words(await send(method, path, method === 'PUT' ? {} : undefined))).toBe(refusal(2, action, path))
    }
  })

  ours('RIGHT-18 on the whole subscription are taken by a provider’s list over it', async () => {
    const local = somebody(3, 'local', { scope: group, role: 'Reader' })
    const { as } = await office([local, reader])
    for (const path of ['Microsoft.Network/virtualNetworks', 'Microsoft.Authorization/locks']) {
      expect(said(await (await as(local)).send('GET', `${subscription}/providers/${path}`))).toEqual([403, 'AuthorizationFailed'])
      expect((await (await as(reader)).send('GET', `${subscription}/providers/${path}`)).status).toBe(200)
    }
    expect((await (await as(local)).send('GET', `${group}/providers/Microsoft.Network/virtualNetworks`)).status).toBe(200)
  })

  ours.each(['resourcegroups', 'resources'])('RIGHT-26 on a part of a subscription are enough for the %s in it', async list => {
    const local = somebody(3, 'local', { scope: `${group}-2`, role: 'Reader' })
    const { as, boss, control } = await office([local, reader, nobody])
    await boss.send('PUT', `${group}-2`, { location: 'eastus2' })
    await boss.done('PUT', `${group}-2/providers/Microsoft.Network/virtualNetworks/theirs`, {
      location: 'eastus2',
      properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } }
    })
    const asked = async (who: typeof local): Promise<unknown[]> => {
      const { status, body } = await (await as(who)).send('GET', `${subscription}/${list}`)
      return [status, (body['value'] as unknown as { name: string }[] | undefined)?.map(({ name }) => name)]
    }
    expect(await asked(local)).toEqual([200, [list === 'resources' ? 'theirs' : 'rg-net-2']])
    expect((await asked(reader))[1]).toContain(list === 'resources' ? 'hub' : 'rg-net')
    expect(await asked(nobody)).toEqual([403, undefined])
    await control('PATCH', 'behaviours', { limitedLists: 'refused' })
    expect(await asked(local)).toEqual([403, undefined])
    expect((await asked(reader))[0]).toBe(200)
  })

  ours('RIGHT-19 decide which subscriptions are in the list of them', async () => {
    const elsewhere = '22222222-2222-4222-8222-222222222222'
    const local = somebody(3, 'local', { scope: subnet, role: 'Reader' })
    const foreign = somebody(4, 'foreign', { scope: `/subscriptions/${elsewhere}/resourceGroups/rg`, role: 'Reader' })
    const { as } = await office([local, foreign, nobody])
    const listed = async (who: typeof local): Promise<unknown> => {
      const { status, body } = await (await as(who)).send('GET', '/subscriptions')
      return [status, (body['value'] as unknown as { subscriptionId: string }[]).map(one => one.subscriptionId)]
    }
    expect(await listed(local)).toEqual([200, [subscriptionId]])
    expect(await listed(foreign)).toEqual([200, [elsewhere]])
    expect(await listed(nobody)).toEqual([200, []])
  })

  ours('RIGHT-20 to ask after an operation may be had on anything in the subscription', async () => {
    const network = somebody(3, 'network', { scope: group, role: 'Network Contributor' })
    const writer = somebody(4, 'writer', { scope: group, actions: ['Microsoft.Network/virtualNetworks/write'] })
    const { as } = await office([network, writer])
    const put = await (await as(writer)).send('PUT', `${vnet}-2`, vnetBody)
    const poll = put.headers.get('azure-asyncoperation') ?? ''
    expect((await (await as(network)).send('GET', poll)).body['status']).toBe('InProgress')
    const refused = await (await as(writer)).send('GET', poll)
    expect(words(refused)).toMatch(
      /perform action 'Microsoft.Network\/locations\/operations\/read' over scope '.*\/locations\/eastus2\/operations\//
    )
  })

  ours('RIGHT-21 to read the subscription itself come with any role in it', async () => {
    const local = somebody(3, 'local', { scope: vnet, actions: ['Microsoft.Network/virtualNetworks/read'] })
    const { as } = await office([local, nobody])
    expect((await (await as(local)).send('GET', subscription)).body['subscriptionId']).toBe(subscriptionId)
    expect(words(await (await as(nobody)).send('GET', subscription))).toBe(
      refusal(2, 'Microsoft.Resources/subscriptions/read', subscription)
    )
  })
})

ours('RIGHT-20 whoever may write a network in a group may follow its operation to the end', async () => {
  const network = somebody(3, 'network', { scope: group, role: 'Network Contributor' })
  const { as } = await office([network])
  const body = endpointBody('manualPrivateLinkServiceConnections')
  expect((await (await as(network)).done('PUT', endpoint, body)).body['status']).toBe('Succeeded')
})
