import { expect, test } from 'vitest'
import { applyEnding } from '../../src/engine/endings.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import { leftIn } from '../../src/locks/journal.ts'
import { clearMarkers } from '../../src/locks/recover.ts'
import type { LockPorts } from '../../src/locks/restore.ts'
import { resourceId } from '../../src/model/id.ts'
import { type Fault, parseFaultList } from '../../src/sandbox/faults.ts'
import { group, lift, lockedBy, outcomes, planOf, restore, run, seedBodies, work } from '../apply/steps.ts'
import { type Estate, estate, heldLocks } from '../support/estate.ts'

const scope = { id: resourceId(group), path: group, ours: true, askedAt: group, room: 20 }
const refused = { status: 403, code: 'AuthorizationFailed', message: 'no' }
const broken = { status: 502, code: 'BadGateway', message: 'no' }

const fault = (method: string, path: string, turns: readonly number[], effect: object): Fault[] =>
  parseFaultList(
    turns.map(nth => ({ method, path, nth, ...effect })),
    'this test'
  )

/** A lock that is removed, with a marker on the group, for a minute's work. */
async function removed(faults: readonly Fault[]) {
  const on = estate({ seedBodies, faults })
  const lock = await lockedBy(on, 'keep')
  const before = await heldLocks(on)
  const off = lift(lock)
  const marking = { ...off, action: { ...off.action, memory: { in: 'markers', on: [scope] } } } as typeof off
  const steps = [marking, work('endpoint', { after: [off.id] }), restore(lock, { afterEndOf: [off.id, 'prove endpoint'] })]
  const plan = planOf(...steps)
  return { on, before, plan, ran: await run(on, plan) }
}

const markers = (held: readonly string[]): string[] => held.filter(line => line.includes('pglink-owes-'))
const portsOf = ({ azure, journal }: Estate): LockPorts => ({ azure, journal, run: 'two', leaseMs: 0 })

// The lift reads the lock first, the restore reads it second, and then comes the proof.
test.each([
  ['refused', refused, [3, 4]],
  ['answered by a gateway', broken, [3, 4, 5, 6, 7]]
] as const)('a proof that is %s for a while is asked for again: the lock is not owed', async (_how, effect, turns) => {
  const { on, before, plan, ran } = await removed(fault('GET', '/locks/keep$', turns, effect))
  expect(outcomes(ran)).toEqual({ 'unlock keep': 'done', 'prove endpoint': 'done', 'relock keep': 'done' })
  expect(ran.result.owed).toEqual([])
  expect(exitCodes[applyEnding(plan, ran.result, undefined, undefined)]).toBe(0)
  expect(await heldLocks(on)).toEqual(before)
  // Only the proof is asked for again.
  expect(on.requests.filter(one => one.startsWith('PUT') && one.endsWith('/locks/keep')).length).toBe(1)
})

test('a proof that cannot be had leaves the lock owed', async () => {
  const { plan, ran } = await removed(fault('GET', '/locks/keep$', [3, 4, 5, 6, 7, 8], refused))
  expect(ran.result.owed.map(({ name }) => name)).toEqual(['keep'])
  expect(exitCodes[applyEnding(plan, ran.result, undefined, undefined)]).toBe(9)
})

test('a marker that is not deleted at once is tried again', async () => {
  const { on, before, ran } = await removed(fault('DELETE', 'pglink-owes-', [1], refused))
  expect(ran.result.markersLeft).toEqual([])
  expect(await heldLocks(on)).toEqual(before)
})

test('a marker of which a delete does not know yet is not taken for one that is gone', async () => {
  const { on, before, ran } = await removed(fault('DELETE', 'pglink-owes-', [1], { status: 404, code: 'LockNotFound', message: 'none' }))
  expect(ran.result.markersLeft).toEqual([])
  expect(await heldLocks(on)).toEqual(before)
})

test('a marker that cannot be deleted is left, with the lock back and nothing owed, and the next run deletes it', async () => {
  const { on, before, plan, ran } = await removed(fault('DELETE', 'pglink-owes-', [1, 2, 3], refused))
  const held = await heldLocks(on)
  expect(markers(held).length).toBe(1)
  expect(held.filter(line => !line.includes('pglink-owes-'))).toEqual(before)
  expect(ran.result.owed).toEqual([])
  expect(ran.result.markersLeft).toEqual([markers(held)[0]?.split(' ')[0]])
  expect(exitCodes[applyEnding(plan, ran.result, undefined, undefined)]).toBe(0)
  expect(ran.events.find(({ type, step }) => type === 'finished' && step.action.do === 'restore')).toMatchObject({
    message: expect.stringMatching(/^its marker \S+pglink-owes-\S+ could not be deleted$/)
  })

  const leftover = leftIn(on.journal.entries).leftover
  expect(await clearMarkers(leftover, portsOf(on))).toMatchObject([{ outcome: 'already there', left: [] }])
  expect(await heldLocks(on)).toEqual(before)
  expect(leftIn(on.journal.entries).leftover).toEqual([])
})
