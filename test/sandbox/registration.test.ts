import { expect, test } from 'vitest'
import { arm, armWithGroup, group, ours, type Reply, subscription } from './arm.ts'
import { everywhere, office, said, somebody, words } from './principals.ts'

const namespaces = `${subscription}/providers`
const factory = `${group}/providers/Microsoft.DataFactory/factories/sales-factory`
const body = { location: 'eastus2', properties: {} }
const state = ({ body: answer }: Reply): unknown => answer['registrationState']
const stateOf = async ({ send }: Pick<Awaited<ReturnType<typeof arm>>, 'send'>, namespace: string): Promise<unknown> =>
  state(await send('GET', `${namespaces}/${namespace}`))

ours('REG-01 every namespace is registered to begin with, or none', async () => {
  const { send } = await arm()
  const list = (await send('GET', namespaces)).body['value'] as unknown as { namespace: string; registrationState: string }[]
  expect(list.map(one => one.registrationState).filter(one => one !== 'Registered')).toEqual([])
  expect(list.map(one => one.namespace)).toEqual(expect.arrayContaining(['Microsoft.Network', 'Microsoft.DBforPostgreSQL']))
  const fresh = await arm({ behaviours: { providersRegistered: false } })
  expect(await stateOf(fresh, 'Microsoft.Network')).toBe('NotRegistered')
})

ours('REG-02 a write in a namespace that is not registered is 409, with the same words in its details', async () => {
  const { send } = await armWithGroup({ behaviours: { providersRegistered: false } })
  const answer = await send('PUT', factory, body)
  const message =
    "The subscription is not registered to use namespace 'Microsoft.DataFactory'. See https://aka.ms/rps-not-found for how to register subscriptions."
  const code = 'MissingSubscriptionRegistration'
  expect([answer.status, answer.body]).toEqual([
    409,
    { error: { code, message, details: [{ code, target: 'Microsoft.DataFactory', message }] } }
  ])
  expect(answer.headers.get('x-ms-failure-cause')).toBe('gateway')
  const check = `${namespaces}/Microsoft.DBforPostgreSQL/checkNameAvailability`
  expect(said(await send('POST', check, { name: 'orders' }))).toEqual([409, code])
})

ours('REG-03 a read there is answered as if it were registered', async () => {
  const { send } = await armWithGroup({ behaviours: { providersRegistered: false } })
  expect(said(await send('GET', factory))).toEqual([404, 'ResourceNotFound'])
  expect((await send('GET', `${group}/providers/Microsoft.DataFactory/factories`)).body).toEqual({ value: [] })
})

ours('REG-04 registering answers with the provider, which is Registering at first and then Registered', async () => {
  const client = await armWithGroup({ behaviours: { providersRegistered: false } })
  const answer = await client.send('POST', `${namespaces}/microsoft.datafactory/register`)
  expect([answer.status, state(answer), answer.body['namespace'], answer.body['registrationPolicy']]).toEqual([
    200,
    'Registering',
    'Microsoft.DataFactory',
    'RegistrationRequired'
  ])
  await client.wait(120)
  expect(await stateOf(client, 'Microsoft.DataFactory')).toBe('Registered')
  expect(state(await client.send('POST', `${namespaces}/Microsoft.DataFactory/register`))).toBe('Registered')
})

ours('REG-05 a namespace that is being registered takes writes already', async () => {
  const { send } = await armWithGroup({ behaviours: { providersRegistered: false } })
  await send('POST', `${namespaces}/Microsoft.DataFactory/register`)
  expect((await send('PUT', factory, body)).status).toBe(200)
})

ours('REG-06 it takes a right on the subscription that the roles for networks and factories do not have', async () => {
  const data = somebody(1, 'data', { scope: everywhere, role: 'Data Factory Contributor' })
  const network = somebody(2, 'network', { scope: everywhere, role: 'Network Contributor' })
  const contributor = somebody(3, 'contributor', { scope: everywhere, role: 'Contributor' })
  const { as } = await office([data, network, contributor])
  for (const [who, namespace] of [
    [data, 'Microsoft.DataFactory'],
    [network, 'Microsoft.DBforPostgreSQL']
  ] as const) {
    const answer = await (await as(who)).send('POST', `${namespaces}/${namespace}/register`)
    expect(said(answer)).toEqual([403, 'AuthorizationFailed'])
    expect(words(answer)).toContain(`perform action '${namespace}/register/action' over scope '${subscription}'`)
    const back = await (await as(who)).send('POST', `${namespaces}/${namespace}/unregister`)
    expect(words(back)).toContain(`perform action '${namespace}/unregister/action' over scope '${subscription}'`)
  }
  expect((await (await as(contributor)).send('POST', `${namespaces}/Microsoft.DataFactory/register`)).status).toBe(200)
})

ours('REG-07 unregistering takes a while, and lets writes in no more', async () => {
  const client = await armWithGroup()
  const answer = await client.send('POST', `${namespaces}/Microsoft.DataFactory/unregister`)
  expect([answer.status, state(answer)]).toEqual([200, 'Unregistering'])
  expect(said(await client.send('PUT', factory, body))).toEqual([409, 'MissingSubscriptionRegistration'])
  await client.wait(120)
  expect(await stateOf(client, 'Microsoft.DataFactory')).toBe('Unregistered')
})

ours('REG-08 a namespace with resources in the subscription cannot be unregistered', async () => {
  const client = await armWithGroup()
  await client.send('PUT', factory, body)
  expect((await client.send('POST', `${namespaces}/Microsoft.DataFactory/unregister`)).status).toBe(409)
  expect(await stateOf(client, 'Microsoft.DataFactory')).toBe('Registered')
})

test('REG-09 ARM’s own namespaces need no registration', async () => {
  const { send } = await arm()
  for (const namespace of ['Microsoft.Resources', 'Microsoft.Authorization'])
    expect((await send('GET', `${namespaces}/${namespace}`)).body).toMatchObject({
      registrationState: 'Registered',
      registrationPolicy: 'RegistrationFree'
    })
})

ours('REG-09 nor does a fresh subscription hinder groups and locks', async () => {
  const { send } = await arm({ behaviours: { providersRegistered: false } })
  expect((await send('PUT', group, { location: 'eastus2' })).status).toBe(201)
  const lock = `${group}/providers/Microsoft.Authorization/locks/keep`
  expect((await send('PUT', lock, { properties: { level: 'CanNotDelete' } })).status).toBe(201)
})

ours('REG-10 what is registered is part of the state, of one subscription, and of no list', async () => {
  const client = await armWithGroup({ behaviours: { providersRegistered: false } })
  await client.send('POST', `${namespaces}/Microsoft.Network/register`)
  const state = JSON.parse(JSON.stringify(await client.control('GET', 'state')))
  await client.control('PUT', 'state', state)
  await client.wait(120)
  expect(await stateOf(client, 'Microsoft.Network')).toBe('Registered')
  const other = await client.send('GET', '/subscriptions/22222222-2222-4222-8222-222222222222/providers/Microsoft.Network')
  expect(other.body['registrationState']).toBe('NotRegistered')
  for (const path of [`${subscription}/resources`, `${group}/resources`]) expect((await client.send('GET', path)).body['value']).toEqual([])
  expect(JSON.stringify((await client.send('GET', `${subscription}/resourcegroups`)).body)).not.toContain('/providers/')
})
