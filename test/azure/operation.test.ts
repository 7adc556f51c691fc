import { expect, test } from 'vitest'
import { unpaced } from '../../src/azure/call.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { subscription } from '../support/estate.ts'
import { group, onSandbox, rig, stopped } from './rig.ts'

const address =
  'https://management.azure.com/subscriptions/s/providers/Microsoft.X/locations/l/azureAsyncOperation/1?api-version=1&t=1&c=MII&h=a%2Bb%3D'

interface Operation {
  readonly polls: number
  readonly retryAfter?: string
  readonly end?: object
}

/** Accepts a write, answers `polls` times that it goes on, and then how it ended. */
function running({ polls, retryAfter, end = { status: 'Succeeded' } }: Operation) {
  let asked = 0
  const headers = { 'azure-asyncoperation': address, ...(retryAfter !== undefined && { 'retry-after': retryAfter }) }
  return async ({ method, url }: Request): Promise<Response> => {
    if (method !== 'GET') return Response.json({ properties: {} }, { status: 202, headers })
    if (!url.startsWith(address)) return Response.json({ name: 'pg', properties: { provisioningState: 'Succeeded' } })
    asked += 1
    return asked > polls ? Response.json(end) : Response.json({ status: 'InProgress' }, { headers })
  }
}

const server = { location: 'westeurope', version: '17' }

test.each([
  ['in seconds', '60', 60_000],
  ['until a date', new Date(Date.UTC(2026, 0, 5, 9, 1)).toUTCString(), 60_000]
])('polls wait as long as Azure asked, also before the first: %s', async (_how, retryAfter, first) => {
  const { azure, clock } = rig(running({ polls: 0, retryAfter }))
  await (await azure.client('postgres', subscription)).servers.beginCreateOrUpdateAndWait('rg', 'pg', server, unpaced)
  expect(clock.waits).toEqual([first])
})

test.each([
  ['in nothing we understand', 'soon'],
  ['in nothing at all', undefined]
])('where Azure asks %s, polls begin at once and come less and less often', async (_how, retryAfter) => {
  const { azure, clock } = rig(running({ polls: 7, ...(retryAfter !== undefined && { retryAfter }) }))
  await (await azure.client('postgres', subscription)).servers.beginCreateOrUpdateAndWait('rg', 'pg', server, unpaced)
  expect(clock.waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000])
})

test('an answer in between that asks for a wait is obeyed, and the next one that asks for none comes as late as its turn', async () => {
  const asks = [undefined, '20', undefined, undefined]
  let asked = 0
  const { azure, clock } = rig(async ({ method, url }) => {
    const headers = { 'azure-asyncoperation': address }
    if (method !== 'GET') return Response.json({ properties: {} }, { status: 202, headers })
    if (!url.startsWith(address)) return Response.json({ name: 'pg', properties: { provisioningState: 'Succeeded' } })
    const retryAfter = asks[asked]
    asked += 1
    if (asked > asks.length) return Response.json({ status: 'Succeeded' })
    return Response.json(
      { status: 'InProgress' },
      { headers: { ...headers, ...(retryAfter !== undefined && { 'retry-after': retryAfter }) } }
    )
  })
  await (await azure.client('postgres', subscription)).servers.beginCreateOrUpdateAndWait('rg', 'pg', server, unpaced)
  expect(clock.waits).toEqual([1_000, 20_000, 4_000, 8_000])
})

test('each answer says anew how long', async () => {
  const { azure, clock } = rig(running({ polls: 2, retryAfter: '60' }))
  await (await azure.client('postgres', subscription)).servers.beginCreateOrUpdateAndWait('rg', 'pg', server, unpaced)
  expect(clock.waits).toEqual([60_000, 60_000, 60_000])
})

test('a resource that is its own operation is not asked in a rush', async () => {
  let asked = 0
  const { azure, clock } = rig(async () => {
    asked += 1
    return Response.json(
      { name: 'hub', properties: { provisioningState: asked < 4 ? 'Creating' : 'Succeeded' } },
      { status: asked === 1 ? 201 : 200 }
    )
  })
  await (await azure.client('network', subscription)).virtualNetworks.beginCreateOrUpdateAndWait('rg', 'hub', {}, unpaced)
  expect(clock.waits).toEqual([1_000, 2_000])
})

test('an operation that does not end is given up, and its signed address is not in the message', async () => {
  const { azure, clock } = rig(running({ polls: Number.POSITIVE_INFINITY, retryAfter: '60' }))
  const { servers } = await azure.client('postgres', subscription)
  const error = await servers.beginCreateOrUpdateAndWait('rg', 'pg', server, unpaced).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'OperationTimedOut' })
  expect(String(error)).not.toContain('MII')
  expect(clock.waits.length).toBe(60)
  expect(String(error)).toContain('Not done after 60 min')
})

test.each(['GET', 'DELETE'] as const)('a resource that nobody waited for is no operation hours later: %s', async method => {
  const { azure, clock } = rig(async () => Response.json({ name: 'rg', properties: { provisioningState: 'Provisioning' } }))
  await azure.send({ method: 'PUT', path: group, apiVersion: '1', body: {} })
  await clock.sleep(2 * 60 * 60_000)
  await expect(azure.send({ method, path: group, apiVersion: '1' })).resolves.toBeDefined()
})

test('a write does not wait for the pace of an earlier one', async () => {
  const { azure, clock } = rig(async () => Response.json({ properties: { provisioningState: 'Provisioning' } }))
  for (const method of ['PUT', 'DELETE'] as const) await azure.send({ method, path: group, apiVersion: '1' })
  expect(clock.waits).toEqual([])
})

test('the address of an operation is followed as it was given', async () => {
  const { azure, requests } = rig(running({ polls: 1 }))
  await (await azure.client('postgres', subscription)).servers.beginCreateOrUpdateAndWait('rg', 'pg', server, unpaced)
  expect(requests.filter(({ url }) => url === address).length).toBe(2)
})

test('the sandbox signs its addresses, and is asked for them as they were given', async () => {
  const { azure, requests } = onSandbox()
  await (await azure.client('privateDns', subscription)).privateZones.beginCreateOrUpdateAndWait(
    'rg-azure',
    'z.example',
    { location: 'global' },
    unpaced
  )
  expect(requests.map(({ url }) => new URL(url).searchParams.has('s'))).toContain(true)
})

test('a failed operation says all that Azure said', async () => {
  const details = [{ code: 'Inner', message: 'the reason', details: [] }]
  const end = { status: 'Failed', error: { code: 'Outer', message: 'it failed', details } }
  const { azure } = rig(running({ polls: 1, end }))
  const { servers } = await azure.client('postgres', subscription)
  await expect(servers.beginCreateOrUpdateAndWait('rg', 'pg', server, unpaced)).rejects.toMatchObject({
    name: 'ArmError',
    code: 'Outer',
    message: 'it failed',
    details
  })
})

test.each(['Canceled', 'Cancelled'])('an operation that ends as %s has failed, though nobody says why', async status => {
  const { azure } = rig(running({ polls: 0, end: { status } }))
  const { servers } = await azure.client('postgres', subscription)
  await expect(servers.beginDeleteAndWait('rg', 'pg', unpaced)).rejects.toMatchObject({ name: 'ArmError', code: status })
})

test('an operation that another process started is taken up again', async () => {
  const clock = stopped()
  const sandbox = createSandbox({ clock, seedBodies: { [group]: { location: 'westeurope' } } })
  const handle = (request: Request) => sandbox.handle(request)
  const one = rig(handle, {}, clock)
  const begun = await (await one.azure.client('privateDns', subscription)).privateZones.beginCreateOrUpdate(
    'rg-azure',
    'z.example',
    { location: 'global' },
    unpaced
  )
  const other = rig(handle, {}, clock)

  const { privateZones } = await other.azure.client('privateDns', subscription)
  const made = await privateZones.beginCreateOrUpdateAndWait(
    'rg-azure',
    'z.example',
    { location: 'global' },
    { ...unpaced, resumeFrom: begun.toString() }
  )

  expect(made.name).toBe('z.example')
  expect(other.azure.calls.writes).toBe(0)
})
