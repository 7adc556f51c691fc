import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dataFactory } from '../../src/kinds/dataFactory.ts'
import { integrationRuntime } from '../../src/kinds/integrationRuntime.ts'
import { managedPrivateEndpoint } from '../../src/kinds/managedPrivateEndpoint.ts'
import { managedVirtualNetwork } from '../../src/kinds/managedVirtualNetwork.ts'
import { resourceId } from '../../src/model/id.ts'
import { json, networkArm, refused } from './networkArm.ts'
import { comesBack, contextOf, factoryPath, managedPath, outcome, serverPath } from './serviceContext.ts'

const runtimePath = `${factoryPath}/integrationRuntimes/Managed`
const server = resourceId(serverPath)

describe('dataFactory', () => {
  test('public access is Enabled where nothing is said', () => {
    const want = (publicNetworkAccess?: string) => dataFactory.desired({ publicNetworkAccess }, contextOf(factoryPath))
    const have = { location: 'eastus2', publicNetworkAccess: undefined }
    expect(comesBack(dataFactory, want('Disabled'))).toEqual([[], []])
    expect(dataFactory.diff(have, want('Enabled'))).toEqual([])
    expect(outcome(dataFactory.diff(have, want('Disabled')))).toEqual(['publicNetworkAccess: update'])
    expect(outcome(dataFactory.diff({ ...have, location: 'westus' }, want()))).toEqual(['location: fixed'])
  })

  test('an update is a patch that leaves the identity alone', async () => {
    const arm = networkArm({ [factoryPath]: { location: 'eastus2', tags: { owner: 'data' }, properties: {} } })
    const props = { location: 'eastus2', publicNetworkAccess: 'Disabled' }
    await dataFactory.update({
      azure: arm.azure,
      path: factoryPath,
      props,
      tags: { team: 'payments' },
      fields: new Set(['publicNetworkAccess'])
    })
    const sent = arm.requests.find(({ method }) => method === 'PATCH')?.body
    expect(sent).toEqual({ tags: { owner: 'data', team: 'payments' }, properties: { publicNetworkAccess: 'Disabled' } })
    expect(arm.requests.some(({ method }) => method === 'PUT')).toBe(false)
  })
})

describe('the identities of a factory', () => {
  const one = '/subscriptions/s/resourceGroups/Rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/One'
  const two = resourceId(one.replace('One', 'two'))
  const want = (identity?: object) => dataFactory.desired({ identity }, contextOf(factoryPath)) as Record<string, unknown>
  const has = (type: string, ...users: string[]) => ({
    location: 'eastus2',
    identity: { type, userAssignedIdentities: Object.fromEntries(users.map(id => [id, { clientId: 'c' }])) }
  })

  test.each([
    ['its own, which it has', has('SystemAssigned'), { system: true }, []],
    ['its own, which it has not', { location: 'eastus2' }, { system: true }, ['systemIdentity: update']],
    ['not its own', has('SystemAssigned'), { system: false }, ['systemIdentity: update']],
    [
      'one that it has beside another, in another case',
      has('SystemAssigned, UserAssigned', one.toUpperCase(), two),
      { userAssigned: [one] },
      []
    ],
    ['one that it has not', has('UserAssigned', two), { userAssigned: [one] }, ['userAssigned: update']],
    ['nothing', has('SystemAssigned,UserAssigned', one), undefined, []]
  ])('%s', (_, body, identity, expected) => {
    expect(outcome(dataFactory.diff(dataFactory.fromArm(body), want(identity)))).toEqual(expected)
    expect(comesBack(dataFactory, want(identity))).toEqual([[], []])
  })

  // A PATCH gives none to a factory without [CORPUS], and what it has stays as it is written there.
  test('one is given by a PUT over what is there', async () => {
    const body = {
      ...has('UserAssigned', two),
      tags: { owner: 'data' },
      properties: { globalParameters: { p: { type: 'String', value: 'v' } } }
    }
    const arm = networkArm({ [factoryPath]: body })
    const props = { ...(dataFactory.fromArm(body) as object), ...want({ userAssigned: [one] }) }
    const written = new Map([[resourceId(one), one]])
    await dataFactory.update({ azure: arm.azure, path: factoryPath, props, tags: {}, written, fields: new Set(['userAssigned']) })
    expect(arm.requests.find(({ method }) => method === 'PUT')?.body).toMatchObject({
      tags: { owner: 'data' },
      identity: { type: 'UserAssigned', userAssignedIdentities: { [one]: {}, [two]: { clientId: 'c' } } },
      properties: body.properties
    })
  })
})

test('a managed network is the one the factory has, and cannot be deleted', async () => {
  const path = `${factoryPath}/managedVirtualNetworks/mine`
  const arm = networkArm({ [path]: { name: 'mine', properties: { alias: 'orders-adf' } } })
  const among = await managedVirtualNetwork.list(arm.azure, factoryPath)
  expect(managedVirtualNetwork.match?.({}, among, () => undefined)).toBe(path)
  expect(managedVirtualNetwork.match?.({}, [], () => undefined)).toBeUndefined()
  await expect(managedVirtualNetwork.remove({ azure: arm.azure, path, props: {} })).rejects.toThrow('only together with its factory')
  expect(arm.requests.some(({ method }) => method === 'DELETE')).toBe(false)
})

describe('integrationRuntime', () => {
  const desired = (spec: object) => integrationRuntime.desired(spec, contextOf(runtimePath)) as object
  const managed = { type: 'Azure', managedVirtualNetwork: true, dataFlow: { computeType: 'General', coreCount: 8, timeToLiveMinutes: 10 } }

  test('whatever is declared of it comes back', () => {
    const spec = fc.oneof(
      fc.constant({ type: 'SelfHosted' }),
      fc.record(
        {
          type: fc.constant('Azure'),
          managedVirtualNetwork: fc.boolean(),
          location: fc.constantFrom('AutoResolve', 'East US 2'),
          dataFlow: fc.record(
            { computeType: fc.constant('General'), coreCount: fc.constantFrom(8, 16), timeToLiveMinutes: fc.nat(60) },
            { requiredKeys: [] }
          ),
          interactiveAuthoringMinutes: fc.nat(60)
        },
        { requiredKeys: ['type'] }
      )
    )
    fc.assert(
      fc.property(spec, entry => {
        expect(comesBack(integrationRuntime, desired(entry))).toEqual([[], []])
      }),
      { numRuns: 100, seed: 20261122 }
    )
  })

  test.each([
    [{ type: 'SelfHosted' }, { type: 'Azure' }, ['type: replace']],
    [
      { type: 'Azure', managedVirtualNetwork: false },
      managed,
      ['managedVirtualNetwork: replace', 'computeType: update', 'coreCount: update', 'timeToLive: update']
    ],
    [managed, { type: 'Azure', managedVirtualNetwork: false }, ['managedVirtualNetwork: replace']],
    [managed, { ...managed, location: 'West US' }, ['location: update']],
    [managed, { ...managed, interactiveAuthoringMinutes: 30 }, []]
  ])('from %j to %j', (have, want, expected) => {
    expect(outcome(integrationRuntime.diff(integrationRuntime.roundTrip(desired(have)), desired(want)))).toEqual(expected)
  })

  test('it comes after the managed network, and refers to it by the name it has', async () => {
    expect(integrationRuntime.refs(desired(managed))).toEqual([resourceId(`${factoryPath}/managedVirtualNetworks/default`)])
    const arm = networkArm({ [`${factoryPath}/managedVirtualNetworks/mine`]: { name: 'mine', properties: {} } })
    await integrationRuntime.create({ azure: arm.azure, path: runtimePath, props: desired(managed), tags: {} })
    expect(arm.requests.find(({ method }) => method === 'PUT')?.body).toEqual({
      properties: {
        type: 'Managed',
        managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'mine' },
        typeProperties: {
          computeProperties: { location: 'AutoResolve', dataFlowProperties: { computeType: 'General', coreCount: 8, timeToLive: 10 } }
        }
      }
    })
  })

  const invoke = (arm: ReturnType<typeof networkArm>) =>
    integrationRuntime.invoke({
      azure: arm.azure,
      path: runtimePath,
      verb: 'enableInteractiveAuthoring',
      props: desired(managed),
      say: arm.say
    })
  const status = (type: string, now: string) => json(200, { properties: { type, typeProperties: { interactiveQuery: { status: now } } } })

  test('interactive authoring is turned on and waited for', async () => {
    let asked = 0
    const arm = networkArm({}, ({ path }) => {
      if (path.endsWith('/enableInteractiveQuery')) return json(200, {})
      asked += 1
      return status('Managed', asked > 3 ? 'Enabled' : asked > 1 ? 'Enabling' : 'Disabled')
    })
    expect(await invoke(arm)).toMatchObject({ outcome: 'ok' })
    expect(arm.requests.filter(({ path }) => path.endsWith('/enableInteractiveQuery')).map(({ body }) => body)).toEqual([
      { autoTerminationMinutes: 10 }
    ])
    expect(arm.waited()).toBeGreaterThan(0)
    expect(arm.said).toEqual(['waiting for interactive authoring on Managed'])
  })

  test('interactive authoring that goes off between two looks is turned on again, and looked at sooner', async () => {
    // It comes on 10 ms after a call, and is off 100 ms later.
    let askedAt = Number.NEGATIVE_INFINITY
    const arm = networkArm({}, ({ path }) => {
      if (path.endsWith('/enableInteractiveQuery')) {
        askedAt = arm.waited()
        return json(200, {})
      }
      const since = arm.waited() - askedAt
      return status('Managed', since < 10 ? 'Enabling' : since < 110 ? 'Enabled' : 'Disabled')
    })
    expect(await invoke(arm)).toMatchObject({ outcome: 'ok' })
    expect(arm.waited()).toBeLessThan(2_500)
  })

  test('interactive authoring that never comes on is asked for a few times, and not in a rush', async () => {
    const arm = networkArm({}, ({ path }) => (path.endsWith('/enableInteractiveQuery') ? json(200, {}) : status('Managed', 'Disabled')))
    await expect(invoke(arm)).rejects.toThrow('interactive authoring on Managed is not on')
    expect(arm.requests.filter(({ path }) => path.endsWith('/enableInteractiveQuery')).length).toBeLessThan(10)
    expect(arm.requests.length).toBeLessThan(300)
  })

  test.each([
    [status('Managed', 'Enabled'), 'ok'],
    [status('SelfHosted', ''), 'ok'],
    [refused(404, 'NotFound', 'no such action'), 'cannot-tell']
  ])('interactive authoring that needs no call, or has none', async (answer, expected) => {
    const arm = networkArm({}, () => answer.clone() as Response)
    expect(await invoke(arm)).toMatchObject({ outcome: expected })
    expect(arm.requests.some(({ path }) => path.endsWith('/enableInteractiveQuery'))).toBe(false)
  })
})

describe('managedPrivateEndpoint', () => {
  const want = managedPrivateEndpoint.desired({ server }, contextOf(managedPath)) as object
  const body = (properties: object) => ({
    name: 'to-orders',
    properties: { privateLinkResourceId: serverPath.toUpperCase(), groupId: 'PostgresqlServer', fqdns: ['x'], ...properties }
  })
  const list = (...bodies: object[]) => json(200, { value: bodies })

  test.each([
    [{ provisioningState: 'Succeeded', connectionState: { status: 'Pending' } }, []],
    [{ provisioningState: 'Succeeded', connectionState: { status: 'Disconnected' } }, ['usable: replace']],
    [{ provisioningState: 'Failed' }, ['usable: replace']],
    [{ groupId: 'blob', privateLinkResourceId: '/other' }, ['target: replace', 'groupId: replace']]
  ])('%j', (properties, expected) => {
    expect(comesBack(managedPrivateEndpoint, want)).toEqual([[], []])
    expect(outcome(managedPrivateEndpoint.diff(managedPrivateEndpoint.fromArm(body(properties)), want))).toEqual(expected)
  })

  test('it reaches the server, and is read by list with the endpoint behind it', async () => {
    expect(managedPrivateEndpoint.relations(want, contextOf(managedPath))).toMatchObject({
      refs: [server],
      reach: [{ scope: server, as: 'write' }]
    })
    const endpoint = '/subscriptions/2/resourceGroups/vnet-1-rg/providers/Microsoft.Network/privateEndpoints/orders-adf.to-orders'
    const state = {
      provisioningState: 'Succeeded',
      resourceId: endpoint,
      connectionState: { status: 'Approved', description: 'ok', actionsRequired: '' }
    }
    const arm = networkArm({}, ({ path }) =>
      path.endsWith('/managedPrivateEndpoints') ? list(body(state)) : refused(400, 'BadRequest', 'no GET')
    )
    expect((await managedPrivateEndpoint.observe(arm.azure, managedPath)).observed).toMatchObject({
      state: 'present',
      facts: { state: 'Succeeded', endpointId: resourceId(endpoint), connection: { status: 'Approved', description: 'ok' } }
    })
    expect((await managedPrivateEndpoint.observe(arm.azure, `${managedPath}-2`)).observed).toEqual({ state: 'absent' })
  })

  test.each([
    ['Succeeded', undefined],
    ['Failed', 'it ended as Failed']
  ])('a create ends when it is provisioned: %s', async (ends, error) => {
    let asked = 0
    const arm = networkArm({}, ({ method }) => {
      if (method === 'PUT') return json(200, body({ provisioningState: 'Provisioning' }))
      asked += 1
      return list(body({ provisioningState: asked > 2 ? ends : 'Provisioning' }))
    })
    const creating = managedPrivateEndpoint.create({ azure: arm.azure, path: managedPath, props: want, tags: {}, say: arm.say })
    if (error === undefined) await creating
    else await expect(creating).rejects.toThrow(error)
    expect(arm.waited()).toBe(3_000)
    expect(JSON.stringify(arm.requests[0]?.body)).not.toContain('fqdns')
  })

  test('a delete ends when the list no longer names it', async () => {
    let asked = 0
    const arm = networkArm({}, ({ method }) => {
      if (method === 'DELETE') return new Response(null, { status: 200 })
      asked += 1
      return asked > 2 ? list() : list(body({ provisioningState: 'Deleting' }))
    })
    await managedPrivateEndpoint.remove({ azure: arm.azure, path: managedPath, props: want, say: arm.say })
    expect(asked).toBe(3)
  })
})
