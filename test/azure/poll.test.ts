import { expect, test } from 'vitest'
import { again, poll } from '../../src/azure/poll.ts'

/** A clock on which time goes by only while something waits, and the waits that it was asked for. */
function clockOf() {
  const waits: number[] = []
  let now = 0
  return {
    waits,
    now: () => now,
    sleep: async (ms: number, signal?: unknown) => {
      if (signal instanceof AbortSignal) signal.throwIfAborted()
      waits.push(ms)
      now += ms
    }
  }
}

test('looks at once, then after each interval, and for the last time at the limit', async () => {
  const clock = clockOf()
  const looks: number[] = []
  const none = await poll({ clock, everyMs: () => 10, limitMs: 25 }, async elapsedMs => void looks.push(elapsedMs))
  expect([none, looks, clock.waits]).toEqual([undefined, [0, 10, 20, 25], [10, 10, 5]])
})

test('unless it is said how often, looks come at once, soon, and then less and less often', async () => {
  const clock = clockOf()
  await poll({ clock, limitMs: 60_000 }, async () => undefined)
  expect(clock.waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000])
})

test('an answer ends it, whatever the limit', async () => {
  const clock = clockOf()
  expect(await poll({ clock, everyMs: () => 10 }, async (_, looks) => (looks === 3 ? 'there' : undefined))).toBe('there')
  expect(clock.waits).toEqual([10, 10])
})

test('gives a sign of life before the first wait, and every half minute', async () => {
  const clock = clockOf()
  const said: number[] = []
  await poll({ clock, everyMs: () => 10_000, limitMs: 70_000, say: elapsedMs => said.push(elapsedMs) }, async () => undefined)
  expect(said).toEqual([0, 30_000, 60_000])
})

test('a function says how long the next wait is', async () => {
  const clock = clockOf()
  let ms = 1
  const everyMs = (): number => {
    ms *= 2
    return ms
  }
  await poll({ clock, everyMs, limitMs: 10 }, async () => undefined)
  expect(clock.waits).toEqual([2, 4, 4])
})

test('an interrupt ends a wait with its reason', async () => {
  const interrupt = AbortSignal.abort(new Error('interrupted'))
  await expect(poll({ clock: clockOf(), everyMs: () => 1, signal: interrupt }, async () => undefined)).rejects.toThrow('interrupted')
})

test('tries again for as long as it is told how long to wait, and then throws the last error', async () => {
  const clock = clockOf()
  const after = (_: unknown, tries: number, elapsedMs: number): number | undefined => (tries < 3 ? 5 + elapsedMs : undefined)
  const work = (tries: number): Promise<never> => Promise.reject(new Error(`try ${tries}`))
  await expect(again({ clock, after }, work)).rejects.toThrow('try 3')
  expect(clock.waits).toEqual([5, 10])
  expect(await again({ clock, after: () => 1 }, async tries => (tries < 4 ? Promise.reject(new Error('not now')) : tries))).toBe(4)
})

test.each([
  ['its reason', undefined, ['interrupted', 1]],
  ['the error', 'error', ['try 1', 1]],
  ['one more try', 'try', ['try 2', 2]]
] as const)('an interrupted wait between two tries ends with %s', async (_, interrupted, expected) => {
  let tried = 0
  const after = (_error: unknown, tries: number): number | undefined => (tries === 1 ? 5 : undefined)
  const signal = AbortSignal.abort(new Error('interrupted'))
  const work = (tries: number): Promise<never> => {
    tried = tries
    return Promise.reject(new Error(`try ${tries}`))
  }
  const error = await again({ clock: clockOf(), signal, after, ...(interrupted && { interrupted }) }, work).catch((thrown: Error) => thrown)
  expect([error.message, tried]).toEqual(expected)
})

test('an error stands when the time is over after a wait', async () => {
  const work = (tries: number): Promise<never> => Promise.reject(new Error(`try ${tries}`))
  await expect(again({ clock: clockOf(), after: () => 1, isOver: () => true }, work)).rejects.toThrow('try 1')
})
