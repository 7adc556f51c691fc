import { expect, test } from 'vitest'
import { runs, seed } from '../support/parts.ts'
import { bundled } from './bundle.mjs'

const { fuzz } = await bundled<typeof import('./fuzz.ts')>('fuzz.ts')

test('whatever a file holds, it is answered with words, and soon', async () => {
  const { failed, points } = await fuzz({ runs: runs(150, 30), seed })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThan(0)
}, 600_000)
