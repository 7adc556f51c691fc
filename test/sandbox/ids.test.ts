import { describe, expect, test } from 'vitest'
import { armWithGroup, group, hub, networks } from './arm.ts'
import { network, refusalOf } from './zones.ts'

describe('ids', () => {
  test('ADDR-02 ADDR-03 are the same in any case, and come back as they were made', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', `${group}/providers/microsoft.network/VIRTUALNETWORKS/Hub`, network)
    for (const path of [hub, hub.toUpperCase().replace('/SUBSCRIPTIONS/', '/subscriptions/')]) {
      const { body } = await send('GET', path)
      expect([body['id'], body['name'], body['type']]).toEqual([`${networks}/Hub`, 'Hub', 'Microsoft.Network/virtualNetworks'])
    }
    await done('PUT', hub, network)
    expect((await send('GET', hub)).body['id']).toBe(`${networks}/Hub`)
  })

  test('ADDR-29 an escaped slash is a slash', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub, network)
    const locks = 'providers/Microsoft.Authorization/locks'
    const put = await send('PUT', `/${encodeURIComponent(hub)}/${locks}/l`, { properties: { level: 'ReadOnly' } })
    expect([put.status, put.body['id']]).toEqual([201, `${hub}/${locks}/l`])
    expect((await send('GET', `/${encodeURIComponent(hub)}/${locks}`)).body['value']).toHaveLength(1)
  })

  test('ADDR-04 ADDR-05 double slashes count as one, and names are decoded', async () => {
    const { send, done } = await armWithGroup()
    await done('PUT', hub.replace('Microsoft.Network/', 'Microsoft.Network//'), network)
    expect((await send('GET', hub.replace('/resourceGroups/', '//resourceGroups//'))).body['id']).toBe(hub)
    expect((await send('GET', hub.replace('hub', '%68ub'))).body['id']).toBe(hub)
    expect(refusalOf(await send('GET', `${networks}/%zz`))[0]).toBeGreaterThanOrEqual(400)
  })
})
