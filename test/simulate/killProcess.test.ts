import { expect, test } from 'vitest'
import { bundled } from './bundle.mjs'

const seed = Number(process.env['SEED'] ?? 20261122)
const { killProcess } = await bundled<typeof import('./killProcess.ts')>('killProcess.ts')

test('the command line, killed at an unlock, a relock, a line of its journal or another request, is run again and ends the work', async () => {
  const runs = Number(process.env['RUNS'] ?? Number.MAX_SAFE_INTEGER)
  const { points, failed, says } = await killProcess({ runs, seed, merges: true, of: ['locked', 'data-factory', 'approval'] })
  expect(failed).toEqual([])
  console.log(`${points} points: ${says}`)
  expect(points).toBeGreaterThan(200)
}, 600_000)
