import { expect, test } from 'vitest'
import { runId } from '../../src/engine/runId.ts'

test('a run that began first has the smaller id, which is a UUID', () => {
  const ids = [0, 1, 1_800_000_000_000, 1_800_000_000_001, 2 ** 47].map(now => runId(now))
  expect([...ids].sort()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(runId(1)).not.toBe(runId(1))
})
