import { expect, test } from 'vitest'
import { bundled } from './bundle.mjs'

const seed = process.env['SEED'] === undefined ? 20261122 : Number(process.env['SEED'])
const { secrets } = await bundled<typeof import('./secrets.ts')>('secrets.ts')

test('no secret is in anything that is printed or written, in any form', async () => {
  const { failed, points } = await secrets({ runs: Number(process.env['RUNS'] ?? 6), seed })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThan(0)
}, 600_000)
