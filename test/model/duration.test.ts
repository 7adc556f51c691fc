import { expect, test } from 'vitest'
import { duration } from '../../src/model/duration.ts'

test.each([
  [0, '0s'],
  [499, '0s'],
  [41_000, '41s'],
  [59_600, '1m0s'],
  [100_000, '1m40s'],
  [3_600_000, '1h0m0s'],
  [3_723_000, '1h2m3s']
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})
