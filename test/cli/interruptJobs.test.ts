import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { apply, isWrite, scene, until } from './interruptScene.ts'

// A cancelled job at GitHub gets SIGINT, after 7.5 seconds SIGTERM, after 2.5 more the end. Then comes the post step.
const speed = 10
let leftOff = 0
test.each([
  ['before the first write', 0],
  ['once the lock is lowered', 1],
  ['in the first subnet', 2],
  ['in the second', 3],
  ['in the third', 4],
  ['once the lock is back', 5]
])(
  'a job cancelled %s leaves nothing off that locks restore does not restore',
  async (_when, writes) => {
    const on = await scene(speed)
    const before = await on.locks()
    const run = apply(on)
    if (writes === 0) await until(() => on.requests().length > 0, 'a read')
    else await until(() => on.requests().filter(isWrite).length >= writes, `write ${writes}`)
    let over = false
    void run.ended.then(() => {
      over = true
    })
    for (const [signal, ms] of [
      ['SIGINT', 7_500],
      ['SIGTERM', 2_500],
      ['SIGKILL', 0]
    ] as const) {
      if (!over) run.child.kill(signal)
      await Promise.race([run.ended, wait(ms / speed)])
    }
    await run.ended
    if ((await on.locks()).join() !== before.join()) leftOff += 1
    const restored = await on.here.pglink('locks restore', on.env)
    expect(restored.code).toBe(0)
    expect(await on.locks()).toEqual(before)
    expect((await on.here.pglink('apply --auto-approve', on.env)).code).toBe(0)
    expect(await on.locks()).toEqual(before)
  },
  60_000
)

test('and some of these jobs did leave it off', () => expect(leftOff).toBeGreaterThan(0))
