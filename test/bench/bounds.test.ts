import { expect, test } from 'vitest'
import { leastMs, seenMs, type Work } from './bounds.ts'
import { ofExamples } from './virtual.ts'

const second = 1_000

test('an end is seen when Retry-After is over, and where there is none at once and after 1, 2, 4, 8, 15 s', () => {
  expect(seenMs([{ ms: 290 * second, retryAfter: 60 }])).toBe(300 * second)
  expect(seenMs([{ ms: 5 * second, retryAfter: 60 }])).toBe(60 * second)
  expect(seenMs([{ ms: 32 * second, retryAfter: 10, doubles: true }])).toBe(40 * second)
  expect(seenMs([{ ms: 0 }])).toBe(0)
  expect([1, 2, 4, 8, 16, 31, 100].map(ms => seenMs([{ ms: ms * second }]) / second)).toEqual([1, 3, 7, 15, 30, 45, 105])
})

test('sixty times as fast Retry-After is a second at least, and what Azure does takes a sixtieth', () => {
  expect(seenMs([{ ms: 290 * second, retryAfter: 60 }], 60)).toBe(5 * second)
  expect(seenMs([{ ms: 18 * second, retryAfter: 60 }], 60)).toBe(second)
  expect(seenMs([{ ms: 120 * second }], 60)).toBe(3 * second)
})

const job = (id: string, ms: number, { after = [], takes = [] }: Partial<Pick<Work, 'after' | 'takes'>> = {}): Work => ({
  id,
  after,
  takes,
  ms
})

test('no order ends before the longest way, before all that one resource takes one by one, or before all the work is shared out', () => {
  expect(leastMs([job('a', 5), job('b', 7, { after: ['a'] }), job('c', 11)], 10)).toBe(12)
  expect(leastMs([job('a', 5, { takes: ['x'] }), job('b', 7, { takes: ['x'] }), job('c', 1, { after: ['b'] })], 10)).toBe(12)
  expect(leastMs([job('a', 5, { takes: ['x'] }), job('b', 7, { takes: ['x'] }), job('c', 6, { after: ['b'] })], 10)).toBe(13)
  expect(leastMs([job('a', 6), job('b', 6), job('c', 6)], 2)).toBe(9)
})

test('every example is applied as fast as Azure lets anybody, and no lock is off for longer than its steps take', {
  timeout: 120_000
}, async () => {
  for (const { name, tookMs, leastMs: least, unlocked } of await ofExamples()) {
    expect(least, name).toBeGreaterThan(0)
    expect(tookMs / least, name).toBeGreaterThanOrEqual(1)
    expect(tookMs / least, name).toBeLessThanOrEqual(1.05)
    if (unlocked) expect(unlocked.tookMs / unlocked.leastMs, name).toBeLessThanOrEqual(1.1)
  }
})
