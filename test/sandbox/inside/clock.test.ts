import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { realClock, virtualClock } from '../../../src/sandbox/clock.ts'

test('sleepers wake in the order of their time, whoever fell asleep first, and minutes cost nothing', async () => {
  const clock = virtualClock(0)
  const woke: string[] = []
  const began = Date.now()
  const sleeper = async (name: string, ...waits: number[]): Promise<void> => {
    for (const wait of waits) {
      await clock.sleep(wait)
      woke.push(`${name} ${clock.now()}`)
    }
  }
  await Promise.all([sleeper('a', 300_000, 10_000), sleeper('b', 60_000, 60_000, 200_000), sleeper('c', 310_000)])
  expect(woke).toEqual(['b 60000', 'b 120000', 'a 300000', 'c 310000', 'a 310000', 'b 320000'])
  expect(Date.now() - began).toBeLessThan(30_000)
})

test('time stands still while it is held', async () => {
  const clock = virtualClock(0)
  const release = clock.hold()
  let awake = false
  const sleep = clock.sleep(1000).then(() => {
    awake = true
  })
  for (let turns = 0; turns < 20; turns += 1) await turn()
  expect([awake, clock.now()]).toEqual([false, 0])
  release()
  release()
  await sleep
  expect(clock.now()).toBe(1000)
})

test('a sleep that is given up rejects, and does not move time', async () => {
  const clock = virtualClock(0)
  const abort = new AbortController()
  const sleep = clock.sleep(1000, abort.signal)
  abort.abort(new Error('enough'))
  await expect(sleep).rejects.toThrow('enough')
  await expect(clock.sleep(1, abort.signal)).rejects.toThrow('enough')
  expect(clock.now()).toBe(0)
})

test('the real clock runs at its speed', async () => {
  const clock = realClock({ speed: 1000, start: 5_000_000 })
  const before = clock.now()
  await clock.sleep(10_000)
  expect(before).toBeGreaterThanOrEqual(5_000_000)
  expect(clock.now() - before).toBeGreaterThanOrEqual(9_000)
})

test('a client that only looks on does not make time pass, and is woken when it does', async () => {
  const clock = virtualClock(0)
  const woke: string[] = []
  const looking = clock.sleep(30_000, undefined, true).then(() => void woke.push(`looking ${clock.now()}`))
  await turn()
  for (let round = 0; round < 50; round += 1) await turn()
  expect(clock.now()).toBe(0)
  await clock.sleep(60_000)
  await looking
  expect(woke).toEqual(['looking 30000'])
})
