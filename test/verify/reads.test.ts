import { expect, test } from 'vitest'
import { onPaths, readAround } from '../../src/live/around.ts'
import { readLive } from '../../src/live/read.ts'
import { verifiedPaths } from '../../src/proof/verify.ts'
import { resolved } from '../support/estate.ts'
import { fleetEstate, fleetTopology } from '../support/fleet.ts'
import { runs } from '../support/parts.ts'

/** A look at so many servers that stand: the paths, those that are not whole, and the reads, by their path on the wire. */
async function lookAt(servers: number) {
  const on = fleetEstate({ servers })
  const { endpoints, desired: all, name, subscriptions } = resolved(fleetTopology(servers))
  const desired = onPaths(all)
  const live = await readLive(on.azure, { desired, baseline: undefined, prune: false, topology: name, subscriptions, endpoints })
  const around = await readAround(on.azure, { desired, endpoints, live })
  const paths = verifiedPaths({ desired, live, endpoints, around })
  const short = paths.flatMap(({ address, hops }) => hops.flatMap(({ as, message }) => (as === 'holds' ? [] : [`${address}: ${message}`])))
  return { paths: paths.length, short, requests: on.requests }
}

const fleetSize = runs(100, 40)

test('verify of many servers reads none of them, nor an endpoint or a record, by itself', async () => {
  const [few, many] = [await lookAt(8), await lookAt(fleetSize)]
  expect([few.short, many.short]).toEqual([[], []])
  expect([few.paths, many.paths]).toEqual([9, fleetSize + 1])
  // A page of the list of A records has a hundred.
  const pages = many.requests.filter(request => / \S*\/privateDnsZones\/[^/]+\/A$/.test(request)).length
  expect(new Set(many.requests)).toEqual(new Set(few.requests))
  expect(many.requests.length - pages).toBeLessThanOrEqual(few.requests.length)
  expect(many.requests.length).toBeLessThan(20)
}, 60_000)
