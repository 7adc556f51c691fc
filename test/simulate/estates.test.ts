import { expect, test } from 'vitest'
import { runs, seed } from '../support/parts.ts'
import { bundled } from './bundle.mjs'

const { estates } = await bundled<typeof import('./estates.ts')>('estates.ts')

test('an apply that a plan lets through ends its work, or waits for what the file leaves to somebody', async () => {
  const { points, failed, says } = await estates({ runs: runs(8, 2), seed })
  expect(failed).toEqual([])
  console.log(`${points} applies of ${says}`)
  expect(points).toBeGreaterThan(runs(8, 2))
}, 600_000)
