import { describe, expect, test } from 'vitest'
import { leastReads } from '../bench/bounds.ts'
import { type FleetSize, fleetOf } from '../bench/fleet.ts'
import { plan } from '../support/estate.ts'
import { fleetEstate, topologyOfFile } from '../support/fleet.ts'

/** The reads of a plan that changes nothing, and the least number of reads that shows that. */
async function readsOf(size: FleetSize, pageSize: number) {
  const on = fleetEstate(size, { pageSize })
  const { topologies } = fleetOf(size)
  for (const one of topologies) {
    const { plan: made } = await plan(on, topologyOfFile(one))
    expect(made.changes).toEqual([])
    expect(made.unknown).toEqual([])
  }
  return { reads: on.requests.length, least: leastReads(topologies, { privateDns: 100, others: pageSize }) }
}

describe('a thousand servers on one zone, each with an endpoint and a zone group', () => {
  const size = { servers: 1_000 }

  test('take 20 reads where Azure gives a thousand in a page, and a hundred records', { timeout: 120_000 }, async () => {
    const { reads, least } = await readsOf(size, 1_000)
    expect(reads).toBeLessThanOrEqual(20)
    expect(reads).toBeGreaterThanOrEqual(least)
  })

  test('take at most 8 more than the least where it gives a hundred of everything', { timeout: 120_000 }, async () => {
    const { reads, least } = await readsOf(size, 100)
    // Ten pages each of servers, endpoints, network interfaces and records, and one list or answer of five other kinds.
    expect(least).toBe(45)
    expect(reads).toBeLessThanOrEqual(8 + least)
  })
})

test('a fleet with children of servers and of factories takes 5 % more than the least', { timeout: 240_000 }, async () => {
  const size = { servers: 300, networks: 10, firewallRules: 2, databases: 1, factories: 10, managedEndpoints: 100 }
  const { reads, least } = await readsOf(size, 1_000)
  expect(least).toBeGreaterThan(2 * size.servers)
  expect(reads / least).toBeLessThanOrEqual(1.05)
  expect(reads / least).toBeGreaterThanOrEqual(1)
})
