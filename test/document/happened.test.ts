import { expect, test } from 'vitest'
import { happenings, skipReason } from '../../src/document/happened.ts'
import type { StepId } from '../../src/model/change.ts'
import type { ResourceId } from '../../src/model/id.ts'
import { estate, failures, plan, putLockOn, reconcile, resolved } from '../support/estate.ts'
import { planDocument } from '../support/planDocument.ts'
import { ordersWith } from '../support/yaml.ts'

const last = (id: ResourceId): string => id.split('/').at(-1) ?? ''

test('the reason of a step that was skipped names the one before it, and what did not become of that', () => {
  const reason = (id: StepId): string => skipReason(id, last)
  expect(reason('create /a/pg')).toBe('pg was not made')
  expect(reason('update /a/pg#later')).toBe('pg was not changed')
  expect(reason('delete /a/pg')).toBe('pg was not deleted')
  expect(reason('prove /a/pg')).toBe('the new path to pg is not proven')
  expect(reason('prove /a/pg#/b/pe@path')).toBe('pe is not proven')
  expect(reason('invoke /a/pg#restart')).toBe('a call on pg comes first and was not made')
  expect(skipReason('cancelled', last)).toBe('the run was interrupted')
})

test('every step of a plan under a lock is told, and has words of its own for those that wait for it', async () => {
  const on = estate()
  const before = ordersWith('{ one: {} }')
  expect(failures(await reconcile(on, before))).toEqual([])
  const server = [...resolved(before).desired.values()].find(({ address }) => address === 'servers/orders')?.path ?? ''
  await putLockOn(on, server, 'keep', { level: 'ReadOnly' })
  const planned = await plan(on, ordersWith('{ one: {}, two: {} }'))
  const { steps } = planDocument(planned)
  const told = happenings(steps, last)
  expect(planned.plan.steps.map(step => told({ type: 'started', step })?.step.n)).toEqual([1, 2, 3])
  expect(planned.plan.steps.map(({ id }) => skipReason(id, last))).toEqual([
    'keep was not lifted',
    'two was not made',
    'keep was not restored'
  ])
})
