import { expect, test, vi } from 'vitest'
import { carrying, unpaced } from '../../src/azure/call.ts'
import { isForbidden, isNotFound } from '../../src/azure/error.ts'
import { deleteLock, getLock, putLock, readLocks, readLocksAt } from '../../src/azure/locks.ts'
import { SharedAnswers } from '../../src/azure/shared.ts'
import { estate, putLockOn, subscription } from '../support/estate.ts'
import { fetchClient } from '../support/fetchClient.ts'
import { login } from '../support/login.ts'
import { group, onSandbox, rig } from './rig.ts'

const network = { location: 'westeurope', addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }

test('a client that only reads cannot write, whatever asks for it', async () => {
  const { azure, requests } = onSandbox({ readOnly: true })
  const { resourceGroups } = await azure.client('resources', subscription)
  await expect(resourceGroups.createOrUpdate('rg-azure', { location: 'westeurope' })).rejects.toThrow('while only reading')
  for (const method of ['PUT', 'POST', 'PATCH', 'DELETE', 'HEAD'] as const)
    await expect(azure.send({ method, path: group, apiVersion: '2021-04-01' })).rejects.toThrow('while only reading')
  expect(requests).toEqual([])
})

test('all clients share one token and one count', async () => {
  const credential = login()
  const asked = vi.spyOn(credential, 'getToken')
  const { azure, requests } = onSandbox({ credential })
  for await (const _ of (await azure.client('network', subscription)).virtualNetworks.listAll());
  for await (const _ of (await azure.client('privateDns', subscription)).privateZones.list());
  await (await azure.client('network', subscription)).virtualNetworks.beginCreateOrUpdateAndWait('rg-azure', 'hub', network, unpaced)
  await readLocks(azure, subscription)

  expect(asked).toHaveBeenCalledTimes(1)
  const writes = requests.filter(({ method }) => method !== 'GET').length
  expect(azure.calls).toMatchObject({ reads: requests.length - writes, writes })
  expect(azure.calls.writes).toBe(1)
})

test('an answer that is shared is read as one that came over the wire', async () => {
  const id = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
  const body = { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
  const { azure, requests } = estate(
    { seedBodies: { [group]: { location: 'westeurope' }, [id]: body } },
    { readOnly: true, shared: new SharedAnswers() }
  )
  const read = async () => {
    const { virtualNetworks } = await azure.client('network', subscription)
    const listed: string[] = []
    for await (const one of virtualNetworks.listAll()) listed.push(one.id ?? '')
    return { listed, one: await virtualNetworks.get('rg-azure', 'hub') }
  }
  const first = await read()
  expect([first.listed, first.one.name]).toEqual([[id], 'hub'])
  expect(await read()).toEqual(first)
  expect(requests).toHaveLength(2)
})

test('a run is named in every request', async () => {
  const { azure, requests } = onSandbox({ correlationId: 'run-1' })
  await (await azure.client('network', subscription)).virtualNetworks.beginCreateOrUpdateAndWait('rg-azure', 'hub', network, unpaced)
  expect(new Set(requests.map(({ headers }) => headers.get('x-ms-correlation-request-id')))).toEqual(new Set(['run-1']))
})

test('an answer that is no JSON is an error with its status', async () => {
  const { azure } = rig(async () => new Response('<html>', { status: 502 }))
  const { virtualNetworks } = await azure.client('network', subscription)
  await expect(virtualNetworks.get('rg-azure', 'hub')).rejects.toMatchObject({ name: 'ArmError', status: 502 })
})

test('an error without its wrapper keeps its code', async () => {
  const { azure } = rig(async () => Response.json({ code: 'PreconditionFailed', message: 'exists already' }, { status: 412 }))
  await expect(azure.send({ method: 'GET', path: group, apiVersion: '1' })).rejects.toMatchObject({
    code: 'PreconditionFailed',
    message: 'exists already'
  })
})

test('a login that cannot see a subscription is no proof that something in it is gone', async () => {
  const { azure } = rig(async () =>
    Response.json({ error: { code: 'SubscriptionNotFound', message: 'could not be found' } }, { status: 404 })
  )
  const error = await getLock(azure, `${group}/providers/Microsoft.Authorization/locks/keep`).catch((thrown: unknown) => thrown)
  expect([isNotFound(error), isForbidden(error)]).toEqual([false, true])
})

test('a broken connection is reported as the SDKs report it, without what was sent', async () => {
  const { azure } = rig(() => Promise.reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })))
  const { servers } = await azure.client('postgres', subscription)
  const body = { location: 'westeurope', administratorLoginPassword: 'Test-only-1' }
  const error = await servers.beginCreateOrUpdateAndWait('rg-azure', 'pg', body, unpaced).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ name: 'RestError', code: 'ECONNRESET' })
  const { inspect } = await import('node:util')
  expect([String(error), inspect(error, { depth: 9 })].join()).not.toContain('Test-only-1')
})

test('an error that is no broken connection stays what it is', async () => {
  const client = fetchClient(() => Promise.reject(new TypeError('bug')))
  const { azure } = rig(() => Promise.reject(new Error('unused')), { httpClient: client })
  await expect(azure.send({ method: 'GET', path: group, apiVersion: '1' })).rejects.toThrow(TypeError)
})

test('a name is escaped in a path that goes raw', async () => {
  const { azure, requests } = rig(async () => Response.json({ name: 'a b', properties: { level: 'ReadOnly' } }))
  await azure.send({ method: 'GET', path: `${group}/providers/Microsoft.Authorization/locks/a b#1?c%20`, apiVersion: '2020-05-01' })
  expect(new URL(requests[0]?.url ?? '').pathname).toMatch(/\/locks\/a%20b%231%3Fc%2520$/)
  expect(new URL(requests[0]?.url ?? '').search).toBe('?api-version=2020-05-01')
})

test('a lock is restored as it was read', async () => {
  const { azure } = onSandbox()
  const properties = { level: 'CanNotDelete', notes: '', owners: [{ applicationId: '22222222-2222-4222-8222-222222222222' }] }
  await putLock(azure, { path: `${group}/providers/Microsoft.Authorization/locks/keep`, properties })
  const [found] = await readLocks(azure, subscription)
  expect(found).toMatchObject({ name: 'keep', scope: group.toLowerCase(), level: 'CanNotDelete', properties })
  await deleteLock(azure, { path: found?.path ?? '' })
  expect(await readLocks(azure, subscription)).toEqual([])
  if (found) await putLock(azure, found)
  expect((await readLocks(azure, subscription))[0]).toEqual(found)
})

test('the locks of a scope are read page by page', async () => {
  const lock = (name: string) => ({
    id: `${group}/providers/Microsoft.Authorization/locks/${name}`,
    properties: { level: 'ReadOnly' }
  })
  const next = 'https://management.azure.com/next?page=2&sig=a%2Bb'
  const { azure, requests } = rig(async ({ url }) =>
    Response.json(url === next ? { value: [lock('two')] } : { value: [lock('one')], nextLink: next })
  )
  expect((await readLocksAt(azure, group)).map(({ name }) => name)).toEqual(['one', 'two'])
  // Such addresses are signed: what comes back is sent as it came.
  expect(requests[1]?.url).toBe(next)
})

test('a resource that cannot be read first is not written over', async () => {
  const { azure, requests } = rig(async () => Response.json({ error: { code: 'AuthorizationFailed', message: 'no' } }, { status: 403 }))
  const { subnets } = await azure.client('network', subscription)
  const writing = subnets.beginCreateOrUpdateAndWait('rg', 'hub', 'a', { addressPrefix: '10.0.0.0/24' }, { ...unpaced, ...carrying })
  await expect(writing).rejects.toMatchObject({ status: 403, code: 'AuthorizationFailed' })
  expect(requests.map(({ method }) => method)).toEqual(['GET'])
})

test('a refusal for a lock keeps its code and the scopes it names', async () => {
  const { azure, sandbox } = onSandbox()
  const { virtualNetworks } = await azure.client('network', subscription)
  await virtualNetworks.beginCreateOrUpdateAndWait('rg-azure', 'hub', network, unpaced)
  await putLockOn({ azure, looking: azure, sandbox, requests: [], journal: {} as never }, group, 'keep', { level: 'ReadOnly' })
  await expect(virtualNetworks.beginDeleteAndWait('rg-azure', 'hub', unpaced)).rejects.toMatchObject({
    name: 'ArmError',
    code: 'ScopeLocked',
    message: expect.stringContaining(`are locked: '${group}'`)
  })
})
