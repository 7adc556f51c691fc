import { expect, test } from 'vitest'
import { runs, seed } from '../support/parts.ts'
import { bundled } from './bundle.mjs'

const { migrationKilled } = await bundled<typeof import('./engine.ts')>('engine.ts')

test('a migration that dies at any request is finished by the next run, and Azure takes its call once', async () => {
  const number = runs(36, 4)
  const { points, failed, says } = await migrationKilled({ runs: number, seed })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThanOrEqual(number)
  console.log(says)
}, 600_000)
