import { describe, expect, test } from 'vitest'
import { textOf } from '../simulate/estateText.ts'
import { type Point, whole } from '../simulate/points.ts'
import { machineOn, planned, restored, sampled } from '../simulate/run.ts'
import { exampleScenes, type Scene } from '../simulate/scenes.ts'
import { runs, seed } from '../support/parts.ts'

const scenes = await exampleScenes()

const locksIn = (state: Point['state']): { readonly locks: readonly string[]; readonly markers: readonly string[] } =>
  textOf(state.resources)

/** Every lock is as it was before, and no marker remembers one as lifted. */
function everyLockIsBack(scene: Scene, state: Point['state']): void {
  const { locks, markers } = locksIn(state)
  expect(markers).toEqual([])
  for (const before of locksIn(scene.begin).locks) expect(locks).toContain(before)
}

test.each(scenes)('$name: Azure remembers every lock that the plan lifts', async scene => {
  const on = machineOn(scene)
  try {
    const { steps, refusals } = await planned(on)
    expect(refusals).toEqual([])
    for (const { action } of steps) if (action.do === 'lift') expect(['notes', 'markers']).toContain(action.memory.in)
    for (const { action } of steps)
      if (action.do === 'lift' && action.memory.in === 'markers')
        for (const { path } of action.memory.on) expect(path).not.toMatch(/\/privateDnsZones\//i)
  } finally {
    on.remove()
  }
})

const lifting: Scene[] = []
for (const scene of scenes) {
  const on = machineOn(scene)
  if ((await planned(on)).steps.some(({ action }) => action.do === 'lift')) lifting.push(scene)
  on.remove()
}

test('the quickstart and the example of locks are among those that lift', () => {
  expect(lifting.map(({ name }) => name)).toEqual(expect.arrayContaining(['quickstart', 'locked']))
})

describe('a run dies at any request, and its machine is lost: `locks restore` elsewhere needs the file and a login', () => {
  test.each(lifting)(
    '$name',
    async scene => {
      const { points, ran } = await whole(scene, 1)
      expect([0, 7]).toContain(ran.code)
      const before = locksIn(scene.begin).locks
      const off = points.filter(({ state }) => {
        const { locks, markers } = locksIn(state)
        return markers.length > 0 || before.some(line => !locks.includes(line))
      })
      expect(off.length).toBeGreaterThan(5)
      for (const { state, labels } of sampled(off, { count: runs(Math.min(off.length, 16), 4), seed })) {
        const on = machineOn(scene, { state })
        try {
          const { code, text } = await restored(on)
          expect(code, `${labels[0]}: ${text}`).toBe(0)
          everyLockIsBack(scene, on.sandbox.exportState())
        } finally {
          on.remove()
        }
      }
    },
    300_000
  )
})
