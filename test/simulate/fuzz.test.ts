import { expect, test } from 'vitest'
import { bundled } from './bundle.mjs'

const seed = process.env['SEED'] === undefined ? 20261122 : Number(process.env['SEED'])
const { fuzz } = await bundled<typeof import('./fuzz.ts')>('fuzz.ts')

test('whatever a file holds, it is answered with words, and soon', async () => {
  const { failed, points } = await fuzz({ runs: Number(process.env['RUNS'] ?? 300), seed })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThan(0)
}, 600_000)
