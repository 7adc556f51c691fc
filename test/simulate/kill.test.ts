import { expect, test } from 'vitest'
import { cutAnywhere, kill } from './kill.ts'
import { whole } from './points.ts'
import { exampleScenes } from './scenes.ts'

const seed = Number(process.env['SEED'] ?? 20261122)

test('a run that dies at any request or line of its journal is finished by the next one', async () => {
  const { points, failed } = await kill({ runs: Number(process.env['RUNS'] ?? 500), seed, randoms: 6 })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThanOrEqual(500)
}, 600_000)

test('a journal that is cut at any byte has each entry whole or not at all, and the next run writes on', async () => {
  const scene = (await exampleScenes()).find(({ name }) => name === 'locked')
  expect(scene).toBeDefined()
  if (scene === undefined) return
  const { points, failed } = await cutAnywhere(await whole(scene, seed))
  expect(failed).toEqual([])
  expect(points).toBeGreaterThan(1000)
}, 600_000)
