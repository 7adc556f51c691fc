import { expect, test } from 'vitest'
import { bundled } from './bundle.mjs'

const seed = Number(process.env['SEED'] ?? 20261122)
const { estates } = await bundled<typeof import('./estates.ts')>('estates.ts')

test('an apply that a plan lets through ends its work, or waits for what the file leaves to somebody', async () => {
  const { points, failed, says } = await estates({ runs: Number(process.env['RUNS'] ?? 20), seed })
  expect(failed).toEqual([])
  console.log(`${points} applies of ${says}`)
  expect(points).toBeGreaterThan(20)
}, 600_000)
