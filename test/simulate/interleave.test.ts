import { expect, test } from 'vitest'
import { runs, seed } from '../support/parts.ts'
import { bundled } from './bundle.mjs'

const { interleave } = await bundled<typeof import('./interleave.ts')>('interleave.ts')
const { crossing } = await bundled<typeof import('./crossing.ts')>('crossing.ts')

// Two machines carry out the same plan while a person writes to the same things; the scheduler draws the order of all requests.
test('whatever the order, no update is lost where Azure can tell, and the locks are as they were', async () => {
  const { failed, points, lost, says } = await interleave({ runs: runs(20, 4), seed })
  expect(failed).toEqual([])
  console.log(says)
  expect(points).toBeGreaterThan(0)
  expect(lost).toBe(0)
}, 600_000)

test('two to four runs that need each other’s locks all come to their end, none off for longer than twice what was said', async () => {
  const { failed, points, says } = await crossing({ runs: runs(8, 2), seed })
  expect(failed).toEqual([])
  console.log(says)
  expect(points).toBeGreaterThan(0)
}, 600_000)
