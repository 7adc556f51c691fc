import { expect, test } from 'vitest'
import { plan } from '../support/estate.ts'
import { fleetEstate, fleetTopology } from '../support/fleet.ts'

const servers = 1_000

/** The reads of a plan that changes nothing. */
async function readsOf(pageSize: number): Promise<readonly string[]> {
  const on = fleetEstate(servers, { pageSize })
  const { plan: made } = await plan(on, fleetTopology(servers))
  expect(made.changes).toEqual([])
  expect(made.unknown).toEqual([])
  return on.requests
}

test('a plan of a thousand servers on one zone takes 20 reads where Azure gives a thousand in a page, and a hundred records', async () => {
  expect((await readsOf(1_000)).length).toBeLessThanOrEqual(20)
}, 120_000)

test('with pages of a hundred everywhere it takes 8 reads beside the pages of servers, endpoints, network interfaces and records', async () => {
  expect((await readsOf(100)).length).toBeLessThanOrEqual(8 + 4 * (servers / 100))
}, 120_000)
