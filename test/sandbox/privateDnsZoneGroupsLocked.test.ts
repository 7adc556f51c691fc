import { describe, expect, test } from 'vitest'
import { armWithEndpoint, decide, endpoint, endpointBody, lockOn, record, serverId, zone, zoneGroup, zoneGroupBody } from './endpoints.ts'

describe('locks on the zone', () => {
  const lock = lockOn(zone)

  test('ZG-19 ReadOnly fails the operation that would write the record', async () => {
    const { send, done } = await armWithEndpoint()
    await send('PUT', lock, { properties: { level: 'ReadOnly' } })
    const failed = await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect(failed.body).toEqual({
      status: 'Failed',
      error: {
        code: 'ScopeLocked',
        message: `Call to Microsoft.Network/privateDnsZones failed. Error message: The scope '${record}' cannot perform write operation because following scope(s) are locked: '${zone}'. Please remove the lock and try again.`,
        details: []
      }
    })
    expect((await send('GET', record)).status).toBe(404)
  })

  test.each(['group', 'endpoint'])('ZG-20 CanNotDelete fails the delete of the %s, and the record stays', async what => {
    const { send, done } = await armWithEndpoint()
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    await send('PUT', lock, { properties: { level: 'CanNotDelete' } })
    const target = what === 'group' ? zoneGroup : endpoint
    expect((await done('DELETE', target)).body).toMatchObject({ status: 'Failed', error: { code: 'ScopeLocked' } })
    expect([(await send('GET', record)).status, (await send('GET', target)).status]).toEqual([200, 200])
    await send('DELETE', lock)
    expect((await done('DELETE', target)).body).toEqual({ status: 'Succeeded' })
    expect((await send('GET', record)).status).toBe(404)
  })

  test('ZG-21 a change of tags of the endpoint does not go to the zone', async () => {
    const { send, done } = await armWithEndpoint()
    await done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    for (const scope of [zone, serverId]) {
      await send('PUT', lockOn(scope), { properties: { level: 'ReadOnly' } })
    }
    expect((await done('PUT', endpoint, { ...endpointBody(), tags: { a: 'b' } })).body).toEqual({ status: 'Succeeded' })
  })

  test('ZG-22 an approval under a locked zone writes no record', async () => {
    const client = await armWithEndpoint(true)
    await client.done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    await client.send('PUT', lock, { properties: { level: 'ReadOnly' } })
    await decide(client, 'Approved', 'welcome')
    expect((await client.send('GET', record)).status).toBe(404)
    await client.send('DELETE', lock)
    await client.done('PUT', zoneGroup, zoneGroupBody(['config', zone]))
    expect((await client.send('GET', record)).status).toBe(200)
  })
})
