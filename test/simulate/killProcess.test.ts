import { expect, test } from 'vitest'
import { killProcess } from './killProcess.ts'

const seed = Number(process.env['SEED'] ?? 20261122)

test('the command line, killed at an unlock, a relock, a line of its journal or another request, is run again and ends the work', async () => {
  const { points, failed } = await killProcess({ runs: Number(process.env['RUNS'] ?? 16), seed })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThanOrEqual(16)
}, 600_000)
