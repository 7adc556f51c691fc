import { expect, test } from 'vitest'
import type { Action, Change, LockMemory, Plan, Step, StepId } from '../../src/model/change.ts'
import { resourceId } from '../../src/model/id.ts'
import type { Existing, Lock } from '../../src/model/resource.ts'
import { joined, sharingWindows } from '../../src/plan/joined.ts'

const group = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg'
const at = (name: string) => `${group}/providers/Microsoft.Network/virtualNetworks/hub/subnets/${name}`
const path = `${group}/providers/Microsoft.Authorization/locks/keep`
const lock: Lock = { scope: resourceId(group), path, name: 'keep', level: 'ReadOnly', properties: { level: 'ReadOnly' } }

const step = (id: StepId, action: Action, after: readonly StepId[] = [], settled: readonly StepId[] = []): Step => ({
  id,
  action,
  after,
  settled,
  serial: [],
  interrupts: false,
  unproven: false,
  wave: 1
})
const old = (name: string): Existing => ({
  kind: 'subnet',
  id: resourceId(at(name)),
  path: at(name),
  address: name,
  props: {},
  tags: {},
  refs: [],
  reach: [],
  facts: {}
})

/** Takes one thing away, under the lock. */
function removing(name: string, memory: LockMemory, more: Partial<Plan> = {}): Plan {
  const gone: StepId = `delete ${old(name).id}`
  const how = memory.in === 'notes' ? 'lower' : 'remove'
  return {
    changes: [],
    steps: [
      step(`unlock ${path}`, {
        do: 'unlock',
        lock,
        how,
        memory,
        needs: [{ step: gone, strength: 'required', as: 'write', source: name }]
      }),
      step(gone, { do: 'delete', old: old(name), replaced: false }, [`unlock ${path}`]),
      step(`relock ${path}`, { do: 'relock', lock, was: lock, scope: 'stays' }, [], [`unlock ${path}`, gone])
    ],
    refusals: [],
    waiting: [],
    notes: [],
    unmanaged: [],
    unknown: [],
    ...more
  }
}

const on = (name: string, room = 20) => ({ id: resourceId(at(name)), path: at(name), ours: true, askedAt: at(name), room })
const member = (plan: Plan, maxUnlockedSeconds = 600, estate = 'here') => ({ plan, maxUnlockedSeconds, estate })

test('a lock that one of them lifts is off for all, and is restored after everything under it', () => {
  const { steps } = joined([removing('a', { in: 'notes' }), removing('b', { in: 'markers', on: [on('a'), on('elsewhere')] })])
  expect(steps.map(({ id }) => id)).toEqual([`unlock ${path}`, `delete ${old('a').id}`, `delete ${old('b').id}`, `relock ${path}`])
  const [unlock, , , relock] = steps
  // Not on what the other deletes: a marker is a Delete lock.
  expect(unlock?.action).toMatchObject({ how: 'remove', memory: { in: 'markers', on: [on('elsewhere')] } })
  expect(relock?.settled).toEqual(expect.arrayContaining([`delete ${old('a').id}`, `delete ${old('b').id}`]))
})

test('they go together where they lift the same lock of one estate', () => {
  const [a, b, c] = [removing('a', { in: 'notes' }), removing('b', { in: 'notes' }), removing('c', { in: 'notes' })]
  expect(sharingWindows([a, b, c].map(plan => member(plan)))).toEqual([
    [0, 1, 2],
    [0, 1, 2],
    [0, 1, 2]
  ])
  expect(sharingWindows([member(a), member(b, 600, 'elsewhere'), member(c)])).toEqual([[0, 2], [1], [0, 2]])
})

test.each([
  ['is refused', removing('b', { in: 'notes' }, { refusals: [{ code: 'x', address: 'b', message: 'no', exit: 6 }] }), 600],
  ['writes to the same thing', removing('a', { in: 'notes' }), 600],
  ['lets a lock be off for less time than both need', removing('b', { in: 'notes' }), 1]
])('one that %s stays by itself', (_, other, seconds) => {
  expect(sharingWindows([member(removing('a', { in: 'notes' })), member(other, seconds)])).toEqual([[0], [1]])
})

test('plans that would wait for each other in a ring are not carried out as one', () => {
  const [a, b] = [removing('a', { in: 'notes' }), removing('b', { in: 'notes' })]
  const behind = {
    ...a,
    steps: [...a.steps, step('delete /late', { do: 'delete', old: old('late'), replaced: false }, [`relock ${path}`])]
  }
  const waits = { ...b, steps: b.steps.map(one => (one.id === `unlock ${path}` ? { ...one, after: ['delete /late' as StepId] } : one)) }
  expect(sharingWindows([member(behind), member(waits)])).toEqual([[0], [1]])
})

// Azure: a scope has at most 20 locks [DOC: subscription limits]. The notes of this lock take two markers, and each plan counted alone.
test('plans whose markers would together be more than a scope may have go one after the other', () => {
  const second = { ...lock, path: path.replace('keep', 'also'), name: 'also', properties: { level: 'ReadOnly', notes: 'n'.repeat(500) } }
  /** The plan lifts the shared lock, and another one that needs two markers, both remembered on one scope. */
  const both = (name: string, room: number, more: Partial<Plan> = {}): Plan => {
    const plan = removing(name, { in: 'markers', on: [on('elsewhere', room)] }, more)
    const too = plan.steps.map(one => {
      const { action } = one
      const id = one.id.replace('/keep', '/also') as StepId
      if (action.do === 'unlock') return { ...one, id, action: { ...action, lock: second } }
      return action.do === 'relock' ? { ...one, id, action: { ...action, lock: second, was: second } } : one
    })
    return { ...plan, steps: [...plan.steps, ...too.filter(({ id }) => id.includes('/also'))] }
  }
  const one = removing('a', { in: 'markers', on: [on('elsewhere', 2)] })
  // One marker for the lock that they share, and two for the other one.
  expect(sharingWindows([member(one), member(both('b', 3))])).toEqual([
    [0, 1],
    [0, 1]
  ])
  expect(sharingWindows([member(one), member(both('b', 2))])).toEqual([[0], [1]])
  // A lock that one of them makes there takes room from the other, which did not know of it.
  const id = resourceId(`${at('elsewhere')}/providers/Microsoft.Authorization/locks/made`)
  const made = { op: 'create', resource: { id, kind: 'managementLock' } } as unknown as Change
  expect(sharingWindows([member({ ...one, changes: [made] }), member(both('b', 3))])).toEqual([[0], [1]])
})
