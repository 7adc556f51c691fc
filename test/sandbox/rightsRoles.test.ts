import { describe, expect } from 'vitest'
import { group, ours, subscription } from './arm.ts'
import { endpoint, everywhere, factory, locks, office, reader, said, server, serverBody, somebody, subnet, vnet } from './principals.ts'

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
