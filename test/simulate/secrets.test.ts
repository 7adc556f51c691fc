import { expect, test } from 'vitest'
import { runs, seed } from '../support/parts.ts'
import { bundled } from './bundle.mjs'

const { secrets } = await bundled<typeof import('./secrets.ts')>('secrets.ts')

test('no secret is in anything that is printed or written, in any form', async () => {
  const { failed, points } = await secrets({ runs: runs(3, 1), seed })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThan(0)
}, 600_000)
