import { expect, test } from 'vitest'
import { killProcess } from './killProcess.ts'

const seed = Number(process.env['SEED'] ?? 20261122)

test('the command line, killed at an unlock, a relock, a line of its journal or another request, is run again and ends the work', async () => {
  const { points, failed, says } = await killProcess({ runs: Number(process.env['RUNS'] ?? Number.MAX_SAFE_INTEGER), seed, finishedBy: 3 })
  expect(failed).toEqual([])
  console.log(`${points} points: ${says}`)
  expect(points).toBeGreaterThan(200)
}, 600_000)
