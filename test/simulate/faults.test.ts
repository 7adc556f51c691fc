import { expect, test } from 'vitest'
import { effectNames } from '../../src/sandbox/faultEffects.ts'
import { parseFaultList } from '../../src/sandbox/faults.ts'
import { allFaults, faults } from './faults.ts'

const seed = Number(process.env['SEED'] ?? 20261122)

test('every fault that the sandbox knows is tried', () => {
  const tried = new Set(allFaults().flatMap(fault => Object.keys(fault).filter(key => effectNames.includes(key))))
  expect([...tried].sort()).toEqual([...effectNames].sort())
  expect(
    parseFaultList(
      allFaults().map(fault => ({ path: '.', ...fault })),
      'all'
    )
  ).toHaveLength(allFaults().length)
})

test('whatever goes wrong at any request: the right exit code, the locks back, and a second run converges', async () => {
  const { points, failed } = await faults({ runs: Number(process.env['RUNS'] ?? 300), seed })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThanOrEqual(300)
}, 600_000)
