import { expect, test } from 'vitest'
import { lostDisk } from './lostDisk.ts'

const seed = Number(process.env['SEED'] ?? 20261122)

test('a run that dies with its disk while a lock is off loses no lock that has a second memory', async () => {
  const { points, failed, says } = await lostDisk({ runs: Number(process.env['RUNS'] ?? 60), seed, randoms: 3 })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThanOrEqual(60)
  console.log(says)
}, 600_000)
