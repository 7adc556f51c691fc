import { expect, test } from 'vitest'
import { proxied } from '../simulate/proxied.ts'
import { runs, seed } from '../support/parts.ts'

test('whatever becomes of an answer on its way: the right exit code, no token elsewhere, an end, and the locks as they were', async () => {
  // Few, so that it takes seconds; `npm run simulate -- faults` tries each of them at each request.
  const { points, failed } = await proxied({ runs: runs(4, 1), seed, of: ['locked'] })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThan(0)
}, 600_000)
