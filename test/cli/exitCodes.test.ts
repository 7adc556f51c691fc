import { expect, test } from 'vitest'
import { applyEnding } from '../../src/engine/endings.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import type { Action, Plan, Step, StepId } from '../../src/model/change.ts'
import { type Ending, worst } from '../../src/model/ending.ts'
import type { ApplyResult, Outcome } from '../../src/model/events.ts'
import { judgedAlone } from '../support/planView.ts'

const error = new Error('no')
const done: Outcome = { as: 'done' }
const failed: Outcome = { as: 'failed', error }
const unknown: Outcome = { as: 'unknown', error }
const waiting: Outcome = { as: 'waiting', reason: 'a person' }
const unproven: Outcome = { as: 'unproven', reason: 'no record' }
const skipped: Outcome = { as: 'skipped', because: 'not needed' }

type Ended = readonly [what: Action['do'] | 'gate', outcome: Outcome]

/** Only what the exit code looks at. */
function run(ended: readonly Ended[], rest: Partial<ApplyResult> = {}): { readonly plan: Plan; readonly result: ApplyResult } {
  const steps = ended.map(([what], index) => {
    const action = what === 'gate' ? { do: 'prove', for: 'gate' } : { do: what, for: 'cut-over' }
    return { id: `create ${index}`, action, after: [], afterEndOf: [] } as unknown as Step
  })
  const outcomes = new Map(ended.map(([, outcome], index): [StepId, Outcome] => [`create ${index}`, outcome]))
  const plan = { ...empty, steps }
  return { plan, result: { outcomes, owed: [], markersLeft: [], liftedMs: 0, interrupted: false, missingRights: [], ...rest } }
}

const empty: Plan = { changes: [], steps: [], refusals: [], waiting: [], notes: [], unmanaged: [], unknown: [] }
const differs = { ...empty, changes: [{ op: 'create', resource: { address: 'a', id: 'a' } }] } as unknown as Plan
const pending: Plan = { ...empty, waiting: [{ address: 'a', message: 'm' }] }
const owed = [{}] as unknown as ApplyResult['owed']

test.each<readonly [string, number, readonly Ended[], Partial<ApplyResult>, Plan | undefined]>([
  ['all done', 0, [['create', done]], {}, empty],
  [
    'a lock not needed after all',
    0,
    [
      ['lift', skipped],
      ['update', done]
    ],
    {},
    empty
  ],
  [
    'failed, nothing took effect',
    1,
    [
      ['lift', done],
      ['create', failed],
      ['restore', done]
    ],
    {},
    undefined
  ],
  [
    'failed after something took effect',
    8,
    [
      ['create', done],
      ['create', failed]
    ],
    {},
    undefined
  ],
  ['no answer', 8, [['create', unknown]], {}, undefined],
  [
    'a call failed after a write',
    8,
    [
      ['update', done],
      ['invoke', failed]
    ],
    {},
    undefined
  ],
  [
    'a removal skipped for want of proof',
    8,
    [
      ['prove', unproven],
      ['update', { as: 'skipped', because: 'create 0' }]
    ],
    {},
    undefined
  ],
  ['a gate that is broken, nothing took effect', 1, [['gate', unproven]], {}, undefined],
  [
    'waiting on a person',
    7,
    [
      ['create', done],
      ['gate', waiting]
    ],
    {},
    undefined
  ],
  [
    'failed and waiting',
    8,
    [
      ['create', done],
      ['gate', waiting],
      ['create', failed]
    ],
    {},
    undefined
  ],
  ['done, and an endpoint is Pending', 7, [['create', done]], {}, pending],
  ['done, and something still differs', 8, [['create', done]], {}, differs],
  ['rights on locks are missing', 7, [], { missingRights: ['locks/write'] }, undefined],
  ['interrupted', 130, [['create', done]], { interrupted: true }, undefined],
  ['interrupted, and a lock is off', 9, [['create', done]], { interrupted: true, owed }, undefined],
  ['failed, and a lock is off', 9, [['create', failed]], { owed }, undefined]
])('%s: %d', (_, code, ended, rest, left) => {
  const { plan, result } = run(ended, rest)
  const closing = left && { plan: left, ...judgedAlone(left), desired: new Map() }
  expect(exitCodes[applyEnding(plan, result, closing, undefined)]).toBe(code)
})

test('a terminated run says so', () => {
  const { plan, result } = run([['create', done]], { interrupted: true })
  expect(exitCodes[applyEnding(plan, result, undefined, 'SIGTERM')]).toBe(143)
})

test('when several apply, the gravest', () => {
  const gravest = (...codes: readonly number[]): number =>
    exitCodes[worst((Object.keys(exitCodes) as Ending[]).filter(ending => codes.includes(exitCodes[ending])))]
  expect(gravest(0, 2, 3, 1, 6, 7, 8, 5, 130, 9)).toBe(9)
  expect(gravest(0, 2, 3, 1, 6, 7, 8, 5, 130)).toBe(130)
  expect(gravest(0, 2, 3, 1, 6, 7, 8, 5)).toBe(5)
  expect(gravest(0, 2, 3, 1, 6, 7, 8)).toBe(8)
  expect(gravest(0, 2, 3, 1, 6, 7)).toBe(7)
  expect(gravest(0, 2, 3, 1, 6)).toBe(6)
  expect(gravest(0, 2, 3, 1)).toBe(1)
  expect(gravest(0, 2, 3)).toBe(3)
  expect(gravest(0, 2)).toBe(2)
  expect(gravest()).toBe(0)
})
