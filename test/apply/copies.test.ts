import { expect, test } from 'vitest'
import { copiesOf } from '../bench/copies.ts'
import { estate, failures, plan, reconcile } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

test('copies side by side, as the bench measures them, are applied whole', { timeout: 60_000 }, async () => {
  const on = estate()
  const topology = topologyFrom(JSON.stringify(copiesOf(2)))
  const { plan: made, ...applied } = await reconcile(on, topology)
  expect(failures(applied)).toEqual([])
  expect(made.changes.filter(({ op }) => op === 'create').length).toBeGreaterThanOrEqual(2 * 14)
  expect((await plan(on, topology)).plan.changes).toEqual([])
})
