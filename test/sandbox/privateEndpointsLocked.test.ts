import { describe, expect, test } from 'vitest'
import type { Reply } from './arm.ts'
import { armWithVault, connectionOf, endpoint, endpointBody, endpointState, subnet, vault, vaultId, vnet } from './vaults.ts'

const code = ({ body }: Reply): unknown => body['error']?.['code']
const message = ({ body }: Reply): unknown => body['error']?.['message']

describe('locks', () => {
  const lockOn = (scope: string) => `${scope.split('?')[0]}/providers/Microsoft.Authorization/locks/hold`

  test.each([
    ['ReadOnly', 'PUT', 'write'],
    ['CanNotDelete', 'DELETE', 'delete']
  ] as const)('%s on the target fails the operation of a %s', async (level, method, verb) => {
    const client = await armWithVault()
    const { send, done } = client
    if (method === 'DELETE') await done('PUT', endpoint, endpointBody())
    await send('PUT', lockOn(vault), { properties: { level } })
    const asked = await send(method, endpoint, method === 'PUT' ? endpointBody() : undefined)
    expect(asked.status).toBe(method === 'PUT' ? 201 : 202)
    await client.wait(60)
    const poll = await send('GET', asked.headers.get('azure-asyncoperation') ?? '')
    expect(poll.body).toMatchObject({ status: 'Failed', error: { code: 'ScopeLocked', details: [] } })
    expect(poll.body['error']?.['message']).toMatch(
      new RegExp(
        `^Call to Contoso.Store/vaults failed. Error message: The scope '${vaultId}/privateEndpointConnectionProxies/pe-gold[^']*' cannot perform ${verb} operation because following scope\\(s\\) are locked: '${vaultId}'\\. Please remove the lock and try again\\.$`
      )
    )
    expect((await send('GET', endpoint)).body['properties']?.['provisioningState']).toBe('Failed')
    await send('DELETE', lockOn(vault))
    if (method === 'PUT') {
      await done('PUT', endpoint, endpointBody())
      expect(await endpointState(client)).toEqual({ status: 'Approved', description: 'Auto-Approved', actionsRequired: '' })
      expect((await send('GET', endpoint)).body['properties']?.['customDnsConfigs']?.[0]).toMatchObject({ ipAddresses: ['10.0.1.4'] })
    } else {
      await done('DELETE', endpoint)
      expect((await send('GET', endpoint)).status).toBe(404)
    }
  })

  test('a lock on the target holds no endpoint that has no connection there', async () => {
    const client = await armWithVault()
    await client.done('PUT', endpoint, endpointBody())
    await client.done('DELETE', (await connectionOf(client)) ?? '')
    await client.send('PUT', lockOn(vault), { properties: { level: 'CanNotDelete' } })
    expect((await client.done('DELETE', endpoint)).body).toEqual({ status: 'Succeeded' })
  })

  test('CanNotDelete on the target is in the way of no create', async () => {
    const { send, done } = await armWithVault()
    await send('PUT', lockOn(vault), { properties: { level: 'CanNotDelete' } })
    await send('PUT', lockOn(vnet), { properties: { level: 'CanNotDelete' } })
    expect((await done('PUT', endpoint, endpointBody())).body).toEqual({ status: 'Succeeded' })
  })

  test('ReadOnly on the network refuses new endpoints, unless that is switched off', async () => {
    const { send } = await armWithVault()
    await send('PUT', lockOn(vnet), { properties: { level: 'ReadOnly' } })
    const refused = await send('PUT', endpoint, endpointBody())
    expect([refused.status, code(refused)]).toEqual([409, 'ScopeLocked'])
    expect(message(refused)).toContain(
      `The scope '${subnet}' cannot perform write operation because following scope(s) are locked: '${vnet}'.`
    )

    const lenient = await armWithVault({ behaviours: { readOnlySubnetRefusesEndpoints: false } })
    await lenient.send('PUT', lockOn(vnet), { properties: { level: 'ReadOnly' } })
    expect((await lenient.send('PUT', endpoint, endpointBody())).status).toBe(201)
  })
})
