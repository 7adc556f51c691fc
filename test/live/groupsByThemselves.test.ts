import { expect, test } from 'vitest'
import { freshPath } from '../../src/proof/fresh.ts'
import { errorIn, late } from '../apply/late.ts'
import { arm, type Estate, resolved, subscription } from '../support/estate.ts'
import { fleetEstate, fleetTopology } from '../support/fleet.ts'

// A plan takes a record for its zone group; nothing that proves or writes does.
const network = `/subscriptions/${subscription}/resourceGroups/rg-fleet-0/providers/Microsoft.Network`
const zone = `${network}/privateDnsZones/privatelink.postgres.database.azure.com`
const group = `${network}/privateEndpoints/fleet-pe-0/privateDnsZoneGroups/default`

async function done(on: Estate, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await arm(on, method, path, /privateDnsZones/.test(path) ? '2020-06-01' : '2024-05-01', body)
  const text = await response.text()
  expect(response.status, text).toBeLessThan(300)
  await on.sandbox.clock.sleep(600_000)
  return text === '' ? undefined : JSON.parse(text)
}

/** The zone group goes, and somebody makes its record again as it was. */
async function outlived(on: Estate): Promise<void> {
  const { properties } = (await done(on, 'GET', `${zone}/A/fleet-pg-0`)) as { readonly properties: Readonly<Record<string, unknown>> }
  await done(on, 'DELETE', group)
  const { ttl, metadata, aRecords } = properties
  await done(on, 'PUT', `${zone}/A/fleet-pg-0`, { properties: { ttl, metadata, aRecords } })
}

test('a proof of a path reads its zone group, whatever the record says, and no other', async () => {
  const on = fleetEstate({ servers: 3 })
  const { endpoints, desired } = resolved(fleetTopology(3))
  const proof = endpoints.find(({ address }) => address.endsWith('/fleet-pe-0'))
  if (proof === undefined) throw new Error('the fleet has no such endpoint')
  const looked = async () => {
    const before = on.requests.length
    const { hops } = await freshPath(on.azure, proof, desired, 'path')
    const groups = on.requests.slice(before).filter(request => /privateDnsZoneGroups/i.test(request))
    return [hops.find(({ hop }) => hop === 'zoneGroup')?.as, groups.map(request => /fleet-pe-\d+/.exec(request)?.[0])]
  }
  expect(await looked()).toEqual(['holds', ['fleet-pe-0']])
  await outlived(on)
  expect(await looked()).toEqual(['broken', ['fleet-pe-0']])
})

test('the look right before a zone group is made sees one that somebody else has made', async () => {
  const on = fleetEstate({ servers: 3 })
  await outlived(on)
  const other = `${network}/privateDnsZones/example.com`
  await done(on, 'PUT', other, { location: 'global' })
  const theirs = { properties: { privateDnsZoneConfigs: [{ name: 'theirs', properties: { privateDnsZoneId: other } }] } }
  const ended = await late(on, fleetTopology(3), () => done(on, 'PUT', group, theirs))
  expect(errorIn(ended, `create ${group.toLowerCase()}`)).toMatchObject({
    name: 'Moved',
    message: expect.stringContaining('was made by another program or person')
  })
})
