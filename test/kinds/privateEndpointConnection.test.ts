import { describe, expect, test } from 'vitest'
import { privateEndpointConnection as kind } from '../../src/kinds/privateEndpointConnection.ts'
import { resourceId } from '../../src/model/id.ts'
import type { Body } from '../../src/model/json.ts'
import type { Observed } from '../../src/model/resource.ts'
import { json, networkArm, refused } from './networkArm.ts'
import { comesBack, contextOf, endpointPath, managedPath, outcome, serverPath } from './serviceContext.ts'

const guid = '70eef233-8246-4ad7-993b-8ddbf919d218'
const path = `${serverPath}/privateEndpointConnections/orders-pg-pe.${guid}`
const theirs = '/subscriptions/2/resourceGroups/vnet-8-rg/providers/Microsoft.Network/privateEndpoints/orders-adf.to-orders'
const endpoint = resourceId(endpointPath)
const managed = resourceId(managedPath)

const desired = (from: string, decision: string, response?: string) =>
  kind.desired({ from, decision, response }, contextOf(`${serverPath}/privateEndpointConnections/orders-pg-pe`))
const body = (status: string, from = endpointPath, description?: string): Body => ({
  id: path,
  name: `orders-pg-pe.${guid}`,
  properties: {
    privateEndpoint: { id: from },
    privateLinkServiceConnectionState: { status, ...(description !== undefined && { description }), actionsRequired: 'None' },
    provisioningState: 'Succeeded'
  }
})
const consumer = (status: string): Body => ({
  id: endpointPath,
  properties: { privateLinkServiceConnections: [{ name: 'c', properties: { privateLinkServiceConnectionState: { status } } }] }
})

describe('the differences of a decision', () => {
  const live = (status: string, description?: string) => ({ from: endpoint, status, description })
  test.each([
    ['Pending', 'approve', ['status: update']],
    ['Approved', 'approve', []],
    ['approved', 'approve', []],
    ['Approved', 'reject', ['status: update cut-over']],
    ['Pending', 'reject', ['status: update']],
    ['Rejected', 'reject', []],
    ['Rejected', 'approve', ['status: fixed 7']]
  ])('%s, and the file says %s', (status, decision, expected) => {
    const want = desired(endpoint, decision, 'CHG-1042')
    expect(comesBack(kind, want)).toEqual([[], []])
    expect(outcome(kind.diff(live(status, 'Auto-Approved'), want))).toEqual(expected)
  })

  test('the refusal names the endpoint that has to be made again', () => {
    expect(kind.diff(live('Rejected'), desired(endpoint, 'approve'))[0]?.instead).toContain('orders-pg-pe')
  })
})

describe('which connection is meant', () => {
  const reads = async (...bodies: Body[]) => kind.list(networkArm({}, () => json(200, { value: bodies })).azure, serverPath)
  const source = (endpointId?: string): Observed => ({
    state: 'present',
    props: {},
    tags: {},
    refs: [],
    reach: [],
    facts: endpointId === undefined ? {} : { endpointId: resourceId(endpointId) }
  })

  test('by the id of its endpoint, however it is written', async () => {
    expect(kind.match?.(desired(endpoint, 'approve'), await reads(body('Pending', endpointPath.toUpperCase())), () => undefined)).toBe(path)
    expect(kind.match?.(desired(endpoint, 'approve'), await reads(body('Pending', `${endpointPath}-2`)), () => undefined)).toBeUndefined()
  })

  test('a managed one by the id of the endpoint behind it alone, whatever that is called', async () => {
    const among = await reads(body('Pending', theirs))
    const found = (seen: Observed | undefined) => kind.match?.(desired(managed, 'approve'), among, () => seen)
    expect(found(source(theirs.toUpperCase()))).toBe(path)
    expect([source(), undefined, source(theirs.replace('/2/', '/3/'))].map(found)).toEqual([undefined, undefined, undefined])
  })

  test('where the factory does not tell the endpoint, a person decides: each that could be it has its line', async () => {
    const bodies = [body('Pending', theirs, "it's ours"), { ...body('Rejected', `${theirs}-2`), id: `${path}-2` }]
    const among = await reads(...bodies)
    const untold = (seen: Observed | undefined, decision = 'approve') => kind.untold?.(desired(managed, decision), among, () => seen)
    expect(untold(source(theirs))).toBeUndefined()
    expect(untold({ state: 'absent' })).toBeUndefined()
    const lines = (seen: Observed, decision?: string) => untold(seen, decision)?.candidates.map(({ message }) => message)
    const line = (verb: string) => `could be it (Pending, "it's ours"): pglink connections ${verb} ${path} --expect ${resourceId(theirs)}`
    expect(lines(source())).toEqual([line('approve')])
    expect(lines({ state: 'unreadable', reason: 'forbidden' }, 'reject')).toEqual([line('reject')])
    const rejected = { ...source(), facts: { connection: { status: 'Rejected', description: '' } } } as Observed
    expect([lines(rejected), untold(rejected)?.why]).toEqual([[], expect.stringContaining('cannot approve it any more')])
    const approved: Observed = { ...source(), facts: { connection: { status: 'Approved', description: '' } } } as Observed
    expect([untold(approved), untold(approved, 'reject')].map(one => one?.isAsWanted)).toEqual([true, false])
  })

  test('they come with the body of the server', () => {
    const [read] = kind.embedded?.({ privateEndpointConnections: [{ id: path, privateEndpoint: { id: endpointPath } }] }) ?? []
    expect(read).toMatchObject({ path, observed: { state: 'present', facts: { from: endpoint } } })
    expect(kind.embedded?.({})).toEqual([])
  })
})

describe('carrying a decision out', () => {
  test('it waits for the connection, decides, and waits for the other end', async () => {
    let listed = 0
    let seen = 0
    let now = body('Pending')
    const arm = networkArm({}, ({ method, path: asked, body: sent }) => {
      if (method === 'PUT') now = { ...now, properties: { ...(now['properties'] as Body), ...(sent?.['properties'] as Body) } }
      if (asked.endsWith('/privateEndpointConnections')) {
        listed += 1
        return json(200, { value: listed > 2 ? [now] : [] })
      }
      if (resourceId(asked) === endpoint) {
        seen += 1
        return json(200, consumer(seen > 2 ? 'Approved' : 'Pending'))
      }
      return json(200, now)
    })
    await kind.create({ azure: arm.azure, path: serverPath, props: desired(endpoint, 'approve', 'CHG-1042'), tags: {}, say: arm.say })
    const puts = arm.requests.filter(({ method }) => method === 'PUT')
    expect(puts.map(request => [request.path, request.body])).toEqual([
      [path, { properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'CHG-1042' } } }]
    ])
    expect(arm.said).toEqual(['approving the connection', 'waiting for the private endpoint to notice the approval'])
    expect([listed, seen]).toEqual([3, 3])
  })

  const update = (arm: ReturnType<typeof networkArm>, props: unknown) =>
    kind.update({ azure: arm.azure, path, props, tags: {}, fields: new Set(['status']), say: arm.say })

  test('one that stands as decided is not written again', async () => {
    const arm = networkArm({ [path]: body('Approved', endpointPath, 'Auto-Approved'), [endpointPath]: consumer('Approved') })
    await update(arm, desired(endpoint, 'approve'))
    expect(arm.requests.some(({ method }) => method === 'PUT')).toBe(false)
    await update(arm, desired(endpoint, 'approve', 'CHG-1042'))
    expect(arm.requests.some(({ method }) => method === 'PUT')).toBe(true)
  })

  test('one that was rejected in the meantime is not approved', async () => {
    const arm = networkArm({ [path]: body('Rejected') })
    await expect(update(arm, desired(endpoint, 'approve'))).rejects.toThrow('was rejected in the meantime')
    expect(arm.requests.some(({ method }) => method === 'PUT')).toBe(false)
  })

  test('one that is rejected while its approval is waited for ends the wait', async () => {
    let reads = 0
    const arm = networkArm({ [endpointPath]: consumer('Pending') }, ({ method, path: asked }) => {
      if (asked !== path || method !== 'GET') return undefined
      reads += 1
      return json(200, body(reads > 1 ? 'Rejected' : 'Approved'))
    })
    await expect(update(arm, desired(endpoint, 'approve'))).rejects.toThrow('another person or tool decided')
  })

  test.each([403, 404])('a consumer that answers %i is not waited for', async status => {
    const arm = networkArm({ [path]: body('Approved') }, ({ path: asked }) =>
      resourceId(asked) === endpoint ? refused(status, 'X', 'no') : undefined
    )
    await update(arm, desired(endpoint, 'approve'))
    expect(arm.waited()).toBe(0)
  })

  test('a data factory is asked by list, and given up after a quarter of an hour', async () => {
    const state = { provisioningState: 'Succeeded', resourceId: theirs, connectionState: { status: 'Pending' } }
    const arm = networkArm({ [path]: body('Approved', theirs) }, ({ path: asked }) =>
      asked.endsWith('/managedPrivateEndpoints') ? json(200, { value: [{ name: 'to-orders', properties: state }] }) : undefined
    )
    await expect(update(arm, desired(managed, 'approve'))).rejects.toThrow('the data factory has not noticed')
    expect(arm.said).toEqual(['waiting for the data factory to notice the approval'])
    expect(arm.waited()).toBeGreaterThanOrEqual(15 * 60_000)
  })
})
