import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/model/change.ts'
import type { Lock } from '../../src/model/resource.ts'
import { arm, estate, heldLocks, putLockOn } from '../support/estate.ts'
import { group, lift, lockedBy, outcomes, planOf, restore, run, seedBodies, work } from './steps.ts'

const fail = (): Promise<never> => Promise.reject(new Error('refused'))

/** A plan that lifts a lock for the one step `a`. */
const oneStepUnder = (lock: Lock): Plan =>
  planOf(lift(lock), work('a', { after: [`unlock ${lock.path}`] }), restore(lock, { afterEndOf: [`unlock ${lock.path}`, 'prove a'] }))

describe('locks', () => {
  const locked = async () => {
    const on = estate({ seedBodies })
    const lock = await lockedBy(on, 'keep')
    return { on, lock, before: await heldLocks(on) }
  }

  test('a lock is off for its steps alone', async () => {
    const { on, lock, before } = await locked()
    const held: number[] = []
    const plan = oneStepUnder(lock)
    const ran = await run(on, plan, {
      does: {
        a: async () => {
          held.push((await heldLocks(on)).length)
          await on.azure.clock.sleep(60_000)
          return { as: 'proven' }
        }
      }
    })
    expect(held).toEqual([0])
    expect(await heldLocks(on)).toEqual(before)
    expect(ran.result).toMatchObject({ owed: [], liftedMs: 60_000, interrupted: false })
  })

  test('a lowered lock still forbids deletes, and keeps its notes', async () => {
    const { on, lock, before } = await locked()
    let during: string[] = []
    const plan = planOf(lift(lock, {}, 'lower'), work('a', { after: [`unlock ${lock.path}`] }), restore(lock, { afterEndOf: ['prove a'] }))
    await run(on, plan, {
      does: {
        a: async () => {
          during = await heldLocks(on)
          return { as: 'proven' }
        }
      }
    })
    expect(during).toEqual([expect.stringMatching(/"level":"CanNotDelete","notes":"Lifted by pglink, run one, .*theirs/)])
    expect(await heldLocks(on)).toEqual(before)
  })

  test('a lock is not lifted before the step under it can start', async () => {
    const { on, lock } = await locked()
    const plan = planOf(
      work('busy', { serial: ['hub'] }),
      lift(lock),
      work('a', { after: [`unlock ${lock.path}`], serial: ['hub'] }),
      restore(lock, { afterEndOf: ['prove a', `unlock ${lock.path}`] })
    )
    const { result } = await run(on, plan)
    expect(result.liftedMs).toBe(60_000)
  })

  test('the steps that it was lifted for go first', async () => {
    const { on, lock } = await locked()
    const plan = planOf(
      lift(lock),
      work('other', { after: ['prove quick'], serial: ['hub'] }),
      work('quick'),
      work('under', { after: [`unlock ${lock.path}`], serial: ['hub'] }),
      restore(lock, { afterEndOf: ['prove under', `unlock ${lock.path}`] })
    )
    const ran = await run(on, plan, { does: { quick: async () => ({ as: 'proven' }) } })
    expect(ran.trace.indexOf('+under')).toBeLessThan(ran.trace.indexOf('+other'))
    expect(ran.result.liftedMs).toBe(60_000)
  })

  test('two locks over one step do not keep each other from going off', async () => {
    const { on, lock } = await locked()
    const second = await lockedBy(on, 'second', 'CanNotDelete')
    const before = await heldLocks(on)
    const [one, two] = [`unlock ${lock.path}`, `unlock ${second.path}`] as const
    const plan = planOf(
      work('first', { serial: ['hub'] }),
      lift(lock),
      work('subnet', { after: ['prove first'], serial: ['hub'] }),
      lift(second, { afterEndOf: ['prove subnet'] }),
      work('x', { after: [one, two], serial: ['hub'] }),
      work('y', { after: [two, 'prove subnet'], serial: ['hub'] }),
      restore(lock, { afterEndOf: [one, 'prove x'] }),
      restore(second, { afterEndOf: [two, 'prove x', 'prove y'] })
    )
    const ran = await run(on, plan)
    expect(new Set(Object.values(outcomes(ran)))).toEqual(new Set(['done']))
    expect(await heldLocks(on)).toEqual(before)
  })

  test.each(['failed', 'cancelled'])('it is restored when what it was lifted for has %s', async how => {
    const { on, lock, before } = await locked()
    const stopping = new AbortController()
    const plan = planOf(
      lift(lock),
      work('a', { after: [`unlock ${lock.path}`] }),
      work('b', { after: [`unlock ${lock.path}`, 'prove a'] }),
      restore(lock, { afterEndOf: ['prove a', 'prove b', `unlock ${lock.path}`] })
    )
    const ran = await run(on, plan, {
      signal: stopping.signal,
      does: {
        a: async () => {
          if (how === 'failed') throw new Error('refused')
          stopping.abort()
          return { as: 'proven' }
        }
      }
    })
    expect(outcomes(ran)).toMatchObject({ 'prove b': 'skipped', 'relock keep': 'done' })
    expect(ran.result.interrupted).toBe(how === 'cancelled')
    expect(await heldLocks(on)).toEqual(before)
  })

  test('a lock with nothing left to do under it stays on', async () => {
    const { on, lock } = await locked()
    const plan = planOf(
      work('a'),
      lift(lock, { afterEndOf: ['prove a'] }),
      work('b', { after: ['prove a', `unlock ${lock.path}`] }),
      restore(lock, { afterEndOf: ['prove b', `unlock ${lock.path}`] })
    )
    const ran = await run(on, plan, { does: { a: fail } })
    expect(outcomes(ran)).toMatchObject({ 'unlock keep': 'skipped', 'prove b': 'skipped', 'relock keep': 'skipped' })
    expect(on.requests.filter(request => /^(PUT|DELETE)/.test(request))).toEqual([])
    expect(on.journal.entries).toEqual([])
  })

  test.each([
    ['changed', { level: 'ReadOnly', notes: 'mine' }],
    ['taken off', undefined]
  ])('a lock that somebody has %s since the plan is not lifted', async (_how, properties) => {
    const { on, lock } = await locked()
    if (properties) await putLockOn(on, group, 'keep', properties)
    else await arm(on, 'DELETE', lock.path, '2020-05-01')
    const before = await heldLocks(on)
    const plan = oneStepUnder(lock)
    const ran = await run(on, plan)
    expect(ran.result.outcomes.get(`unlock ${lock.path}`)).toMatchObject({ as: 'failed', error: { name: 'LockMoved' } })
    expect(outcomes(ran)).toMatchObject({ 'prove a': 'skipped', 'relock keep': 'skipped' })
    expect(await heldLocks(on)).toEqual(before)
    expect(ran.result.owed).toEqual([])
  })

  test('a lock that somebody changes while it is off is not overwritten, and is owed', async () => {
    const { on, lock } = await locked()
    const plan = oneStepUnder(lock)
    const ran = await run(on, plan, {
      does: {
        a: async () => {
          await putLockOn(on, group, 'keep', { level: 'CanNotDelete', notes: 'mine' })
          return { as: 'proven' }
        }
      }
    })
    expect(await heldLocks(on)).toEqual([expect.stringContaining('"notes":"mine"')])
    expect(ran.result.owed).toEqual([lock])
    expect(ran.result.outcomes.get(`relock ${lock.path}`)).toMatchObject({
      as: 'failed',
      error: { name: 'LockMoved', message: expect.stringMatching(/was ReadOnly, "theirs" and is CanNotDelete, "mine"/) }
    })
  })

  test('a declared lock is restored as it was read when something under it failed, as declared when all went well', async () => {
    for (const failing of [true, false]) {
      const { on, lock } = await locked()
      const declared = { ...lock, level: 'CanNotDelete' as const, properties: { level: 'CanNotDelete', notes: 'in the file' } }
      const plan = planOf(
        lift(lock),
        work('a', { after: [`unlock ${lock.path}`] }),
        restore(lock, { afterEndOf: ['prove a', `unlock ${lock.path}`] }, { lock: declared })
      )
      await run(on, plan, failing ? { does: { a: fail } } : {})
      expect(await heldLocks(on)).toEqual([
        expect.stringContaining(failing ? '"ReadOnly","notes":"theirs"' : '"CanNotDelete","notes":"in the file"')
      ])
    }
  })

  test.each([
    ['goes', 'done', 0],
    ['stays', 'failed', 1]
  ] as const)('where what a lock was on is gone, and %s by plan, its restore is %s', async (scope, as, owed) => {
    const { on, lock } = await locked()
    const plan = planOf(
      lift(lock),
      work('a', { after: [`unlock ${lock.path}`] }),
      restore(lock, { afterEndOf: [`unlock ${lock.path}`, 'prove a'] }, { scope })
    )
    const ran = await run(on, plan, {
      does: {
        a: async () => {
          await arm(on, 'DELETE', group, '2021-04-01')
          await on.azure.clock.sleep(3_600_000)
          return { as: 'proven' }
        }
      }
    })
    expect(outcomes(ran)['relock keep']).toBe(as)
    expect(ran.result.owed.length).toBe(owed)
  })

  test('a login that may not restore a lock may not lift one either: nothing is written', async () => {
    const actions = ['*/read', 'Microsoft.Authorization/locks/delete', 'Microsoft.Network/*']
    const on = estate({ seedBodies }, {}, (request, sandbox) =>
      request.url.includes('/permissions')
        ? Promise.resolve(Response.json({ value: [{ actions, notActions: [] }] }))
        : sandbox.handle(request)
    )
    const lock = await lockedBy(on, 'keep')
    const ran = await run(on, planOf(lift(lock), work('a'), restore(lock, { afterEndOf: [`unlock ${lock.path}`] })))
    expect(ran.result.missingRights).toEqual([`Microsoft.Authorization/locks/write on ${group.toLowerCase()}`])
    expect(ran.trace).toEqual([])
    expect(on.requests.filter(request => !request.startsWith('GET'))).toEqual([])
  })

  test.each([
    [[{ actions: ['*'], notActions: ['Microsoft.Authorization/*/Delete'] }], ['delete']],
    [
      [
        { actions: ['*'], notActions: ['Microsoft.Authorization/*'] },
        { actions: ['microsoft.authorization/locks/*'], notActions: [] }
      ],
      []
    ],
    [[{ actions: ['*'] }], []],
    [[], ['delete', 'read', 'write']]
  ])('rights are the sum of the roles, each less what it excludes: %j', async (value, missing) => {
    const on = estate({ seedBodies }, {}, (request, sandbox) =>
      request.url.includes('/permissions') ? Promise.resolve(Response.json({ value })) : sandbox.handle(request)
    )
    const lock = await lockedBy(on, 'keep')
    const { result } = await run(on, planOf(lift(lock), restore(lock, { afterEndOf: [`unlock ${lock.path}`] })))
    expect(result.missingRights).toEqual(missing.map(right => `Microsoft.Authorization/locks/${right} on ${group.toLowerCase()}`))
  })
})
