import { expect, test } from 'vitest'
import { proxied } from '../simulate/proxied.ts'

/** Few, so that it takes seconds; `npm run simulate -- faults` tries each of them at each request. */
const runs = Number(process.env['RUNS'] ?? 4)
const seed = Number(process.env['SEED'] ?? 20261129)

test('whatever becomes of an answer on its way: the right exit code, no token elsewhere, an end, and the locks as they were', async () => {
  const { points, failed } = await proxied({ runs, seed, of: ['locked'] })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThan(0)
}, 600_000)
