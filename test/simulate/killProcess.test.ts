import { expect, test } from 'vitest'
import { runs, seed } from '../support/parts.ts'
import { bundled } from './bundle.mjs'

const { killProcess } = await bundled<typeof import('./killProcess.ts')>('killProcess.ts')

test('the command line, killed at a lift, a restore, a line of its journal or another request, is run again and ends the work', async () => {
  const whole = runs(15, 4)
  const { points, failed, says } = await killProcess({ runs: whole, seed, merges: true, of: ['locked', 'data-factory', 'approval'] })
  expect(failed).toEqual([])
  console.log(`${points} points: ${says}`)
  expect(points).toBeGreaterThanOrEqual(whole)
}, 600_000)
