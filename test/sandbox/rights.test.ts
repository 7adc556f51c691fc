import { describe, expect } from 'vitest'
import { group, ours, subscription, subscriptionId } from './arm.ts'
import {
  clientId,
  endpoint,
  endpointBody,
  everywhere,
  factory,
  objectId,
  office,
  said,
  server,
  serverBody,
  somebody,
  subnet,
  vnet,
  words
} from './principals.ts'

const refusal = (number: number, action: string, scope: string): string =>
  `The client '${clientId(number)}' with object id '${objectId(number)}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`

const locks = (scope: string): string => `${scope}/providers/Microsoft.Authorization/locks`
const other = `${subscription}/resourceGroups/rg-other`
const vnetBody = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
const reader = somebody(1, 'reader', { scope: everywhere, role: 'Reader' })
const nobody = somebody(2, 'nobody')

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

describe('the built-in roles', () => {
  const contributor = somebody(3, 'contributor', { scope: everywhere, role: 'Contributor' })
  const network = somebody(4, 'network', { scope: everywhere, role: 'network contributor' })
  const keeper = somebody(5, 'keeper', { scope: everywhere, role: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9' })

  ours('RIGHT-22 Contributor and Network Contributor read locks and do not write them, which User Access Administrator does', async () => {
    const { as } = await office([contributor, network, keeper])
    const lock = `${locks(vnet)}/keep`
    const level = { properties: { level: 'CanNotDelete' } }
    for (const who of [contributor, network]) {
      const { send } = await as(who)
      expect(said(await send('PUT', lock, level))).toEqual([403, 'AuthorizationFailed'])
      expect((await send('GET', locks(vnet))).status).toBe(200)
    }
    expect((await (await as(keeper)).send('PUT', lock, level)).status).toBe(201)
    expect(said(await (await as(contributor)).send('DELETE', lock))).toEqual([403, 'AuthorizationFailed'])
    expect(said(await (await as(keeper)).send('DELETE', vnet))).toEqual([403, 'AuthorizationFailed'])
    expect((await (await as(keeper)).send('DELETE', lock)).status).toBe(200)
  })

  ours('RIGHT-23 a lock holds for everybody, Owner and whoever wrote it included', async () => {
    const { boss, as } = await office([contributor])
    await boss.send('PUT', `${locks(group)}/keep`, { properties: { level: 'CanNotDelete' } })
    expect(said(await boss.send('DELETE', vnet))).toEqual([409, 'ScopeLocked'])
    expect(said(await (await as(contributor)).send('DELETE', vnet))).toEqual([409, 'ScopeLocked'])
  })

  ours('RIGHT-24 Reader reads everything, getStatus included, and changes nothing', async () => {
    const { as } = await office([reader])
    const { send } = await as(reader)
    for (const path of [group, vnet, subnet, server, `${server}/configurations`, factory, locks(group), `${group}/resources`]) {
      expect([path, (await send('GET', path)).status]).toEqual([path, 200])
    }
    const changes: readonly (readonly [method: string, path: string])[] = [
      ['PUT', group],
      ['DELETE', group],
      ['PUT', endpoint],
      ['PATCH', server],
      ['POST', `${server}/restart`],
      ['PUT', `${locks(group)}/keep`],
      ['POST', `${subscription}/providers/Microsoft.Network/register`],
      ['POST', `${subscription}/providers/Microsoft.DBforPostgreSQL/checkNameAvailability`]
    ]
    for (const [method, path] of changes) {
      expect([path, ...said(await send(method, path, method === 'DELETE' ? undefined : {}))]).toEqual([path, 403, 'AuthorizationFailed'])
    }
  })

  ours('RIGHT-25 Private DNS Zone Contributor and Data Factory Contributor keep to their own', async () => {
    const dns = somebody(6, 'dns', { scope: group, role: 'Private DNS Zone Contributor' })
    const data = somebody(7, 'data', { scope: group, role: 'Data Factory Contributor' })
    const { as } = await office([dns, data])
    const zone = `${group}/providers/Microsoft.Network/privateDnsZones/contoso.internal`
    const made = await (await as(dns)).done('PUT', zone, { location: 'global', properties: {} })
    expect(made.body['status']).toBe('Succeeded')
    const link = { location: 'global', properties: { registrationEnabled: false, virtualNetwork: { id: vnet } } }
    expect((await (await as(dns)).done('PUT', `${zone}/virtualNetworkLinks/hub`, link)).body['status']).toBe('Succeeded')
    const groups = `${endpoint}/privateDnsZoneGroups/default`
    expect(said(await (await as(dns)).send('PUT', groups, { properties: {} }))).toEqual([403, 'AuthorizationFailed'])
    const factories = `${group}/providers/Microsoft.DataFactory/factories`
    expect((await (await as(data)).send('PUT', `${factories}/second-factory`, { location: 'eastus2', properties: {} })).status).toBe(200)
    expect(said(await (await as(data)).send('PUT', `${server}2`, serverBody()))).toEqual([403, 'AuthorizationFailed'])
    expect(said(await (await as(dns)).send('GET', factory))).toEqual([403, 'AuthorizationFailed'])
  })
})

describe('questions about rights', () => {
  const custom = { scope: vnet, actions: ['Microsoft.Network/*'], notActions: ['*/delete'] }
  const ann = somebody(3, 'ann', { scope: group, role: 'Reader' }, custom)
  const about = (scope: string, what: string): string => `${scope}/providers/Microsoft.Authorization/${what}`
  const assignments = (body: unknown): unknown =>
    (body as { value: { properties: { principalId: string; scope: string } }[] }).value.map(({ properties }) => [
      properties.principalId.slice(0, 8),
      properties.scope
    ])

  ours('RIGHT-50 permissions are the own ones of the caller at a scope, an entry for each role', async () => {
    const { as } = await office([ann, reader])
    const read = { actions: ['*/read'], notActions: [], dataActions: [], notDataActions: [] }
    const { send } = await as(ann)
    expect((await send('GET', about(group, 'permissions'))).body).toEqual({ value: [read] })
    expect((await send('GET', about(subnet, 'permissions'))).body).toEqual({
      value: [read, { ...read, actions: ['Microsoft.Network/*'], notActions: ['*/delete'] }]
    })
  })

  ours('RIGHT-51 permissions are told to whoever has signed in, with or without a role', async () => {
    const { as } = await office([nobody])
    const answer = await (await as(nobody)).send('GET', about(group, 'permissions'))
    expect([answer.status, answer.body]).toEqual([200, { value: [] }])
  })

  ours('RIGHT-52 role definitions are listed, found by name and by guid, and are Azure’s for the built-in ones', async () => {
    const { as } = await office([ann, reader])
    const { send } = await as(reader)
    const named = await send('GET', `${about(subscription, 'roleDefinitions')}?$filter=roleName%20eq%20'Network%20Contributor'`)
    const id = about(subscription, 'roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7')
    expect(named.body['value']).toMatchObject([
      {
        id,
        name: '4d97b98b-1d4f-4787-a291-c67834d212e7',
        type: 'Microsoft.Authorization/roleDefinitions',
        properties: { roleName: 'Network Contributor', type: 'BuiltInRole', assignableScopes: ['/'] }
      }
    ])
    expect((await send('GET', id)).body).toEqual((named.body['value'] as unknown as unknown[])[0])
    const own = await send('GET', `${about(subscription, 'roleDefinitions')}?$filter=type%20eq%20'CustomRole'`)
    expect(own.body['value']).toMatchObject([
      { properties: { permissions: [{ actions: ['Microsoft.Network/*'], notActions: ['*/delete'] }] } }
    ])
    expect((await send('GET', about(subscription, `roleDefinitions/${clientId(8)}`))).status).toBe(404)
  })

  ours(
    'RIGHT-53 role assignments are those above, at and beneath a scope; atScope() leaves out those beneath, a principal all others',
    async () => {
      const { as } = await office([ann, reader])
      const { send } = await as(reader)
      const list = async (scope: string, filter = ''): Promise<unknown> =>
        assignments((await send('GET', `${about(scope, 'roleAssignments')}${filter === '' ? '' : `?$filter=${filter}`}`)).body)
      const [annAtGroup, annAtVnet] = [
        ['00000003', group],
        ['00000003', vnet]
      ]
      const [readers, owners] = [
        ['00000001', subscription],
        ['00000009', '/']
      ]
      expect(await list(group)).toEqual([annAtGroup, annAtVnet, readers, owners])
      expect(await list(group, 'atScope()')).toEqual([annAtGroup, readers, owners])
      expect(await list(subnet, `principalId%20eq%20'${objectId(3)}'`)).toEqual([annAtGroup, annAtVnet])
      expect(await list(subscription, `atScope()%20and%20assignedTo('${objectId(3)}')`)).toEqual([])
      const one = (await send('GET', `${about(group, 'roleAssignments')}?$filter=principalId%20eq%20'${objectId(3)}'`)).body
      const [{ id, name }] = one['value'] as unknown as [{ id: string; name: string }]
      expect((await send('GET', id)).body).toMatchObject({
        id,
        name,
        type: 'Microsoft.Authorization/roleAssignments',
        properties: {
          roleDefinitionId: about(subscription, 'roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7'),
          principalType: 'ServicePrincipal'
        }
      })
    }
  )

  ours('RIGHT-54 role definitions, and the assignments that the sandbox began with, cannot be written', async () => {
    const { boss } = await office([ann])
    expect(said(await boss.send('PUT', about(group, `roleDefinitions/${clientId(8)}`), {}))).toEqual([405, 'HttpMethodNotAllowed'])
    const mine = await boss.send('GET', `${about(group, 'roleAssignments')}?$filter=principalId%20eq%20'${objectId(3)}'`)
    const [{ id }] = mine.body['value'] as unknown as [{ id: string }]
    expect(said(await boss.send('DELETE', id))).toEqual([409, 'Conflict'])
  })
})

ours('RIGHT-20 whoever may write a network in a group may follow its operation to the end', async () => {
  const network = somebody(3, 'network', { scope: group, role: 'Network Contributor' })
  const { as } = await office([network])
  const body = endpointBody('manualPrivateLinkServiceConnections')
  expect((await (await as(network)).done('PUT', endpoint, body)).body['status']).toBe('Succeeded')
})
