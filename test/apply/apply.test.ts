import { RestError } from '@azure/core-rest-pipeline'
import { describe, expect, test } from 'vitest'
import { WaitTimedOut } from '../../src/azure/error.ts'
import { arm, estate, heldLocks, putLockOn } from '../support/estate.ts'
import { group, lift, lockedBy, outcomes, planOf, restore, run, seedBodies, work } from './steps.ts'

const most = (trace: readonly string[]): number => {
  let [now, top] = [0, 0]
  for (const one of trace) {
    now += one.startsWith('+') ? 1 : -1
    top = Math.max(top, now)
  }
  return top
}

const fail = (): Promise<never> => Promise.reject(new Error('refused'))

describe('the order of steps', () => {
  test.each([1, 2, 3])('no more than %i at once', async parallelism => {
    const ran = await run(estate(), planOf(work('a'), work('b'), work('c'), work('d')), { parallelism })
    expect(most(ran.trace)).toBe(parallelism)
    expect(Object.values(outcomes(ran))).toEqual(['done', 'done', 'done', 'done'])
  })

  test('steps that write to the same thing run one after the other, the rest meanwhile', async () => {
    const ran = await run(estate(), planOf(work('a', { serial: ['hub'] }), work('b', { serial: ['hub', 'pg'] }), work('c')))
    expect(ran.trace.slice(0, 2)).toEqual(['+a', '+c'])
    expect(ran.trace.indexOf('+b')).toBeGreaterThan(ran.trace.indexOf('-a'))
  })

  test('a step starts when its own inputs are done, not when a wave is', async () => {
    const ran = await run(estate(), planOf(work('a'), work('slow'), work('b', { after: ['prove a'] })), {
      does: { slow: async () => new Promise(resolve => setTimeout(() => resolve({ as: 'proven' }), 300)) }
    })
    expect(ran.trace.indexOf('+b')).toBeLessThan(ran.trace.indexOf('-slow'))
  })

  test('steps that end in the same moment leave none behind', async () => {
    const soon = async () => ({ as: 'proven' }) as const
    const all = ['a', 'b', 'c', 'd'].map(name => work(name, { serial: ['hub'] }))
    const ran = await run(estate(), planOf(...all, work('e'), work('f')), {
      does: Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map(name => [name, soon]))
    })
    expect(ran.trace.filter(one => one.startsWith('-')).length).toBe(6)
  })

  test('after a failure the branches that do not need it go on', async () => {
    const plan = planOf(
      work('a'),
      work('b', { after: ['prove a'] }),
      work('c', { after: ['prove b'] }),
      work('d'),
      work('e', { afterEndOf: ['prove a'] })
    )
    const ran = await run(estate(), plan, { does: { a: fail } })
    expect(outcomes(ran)).toEqual({ 'prove a': 'failed', 'prove b': 'skipped', 'prove c': 'skipped', 'prove d': 'done', 'prove e': 'done' })
    expect(ran.result.outcomes.get('prove c')).toEqual({ as: 'skipped', because: 'prove b' })
  })

  test('a sign of life comes every half minute, with what is waited for', async () => {
    const on = estate()
    const ran = await run(on, planOf(work('a')), {
      does: {
        a: async say => {
          say('the approval')
          await on.azure.clock.sleep(100_000)
          return { as: 'proven' }
        }
      }
    })
    const beats = ran.events.flatMap(event => (event.type === 'progress' ? [[event.elapsedMs, event.waitingFor]] : []))
    expect(beats).toEqual([30_000, 60_000, 90_000].map(ms => [ms, 'the approval']))
  })
})

describe('locks', () => {
  const locked = async () => {
    const on = estate({ seedBodies })
    const lock = await lockedBy(on, 'keep')
    return { on, lock, before: await heldLocks(on) }
  }

  test('a lock is off for its steps alone', async () => {
    const { on, lock, before } = await locked()
    const held: number[] = []
    const plan = planOf(
      lift(lock),
      work('a', { after: [`unlock ${lock.path}`] }),
      restore(lock, { afterEndOf: [`unlock ${lock.path}`, 'prove a'] })
    )
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
    const plan = planOf(
      lift(lock),
      work('a', { after: [`unlock ${lock.path}`] }),
      restore(lock, { afterEndOf: [`unlock ${lock.path}`, 'prove a'] })
    )
    const ran = await run(on, plan)
    expect(ran.result.outcomes.get(`unlock ${lock.path}`)).toMatchObject({ as: 'failed', error: { name: 'LockMoved' } })
    expect(outcomes(ran)).toMatchObject({ 'prove a': 'skipped', 'relock keep': 'skipped' })
    expect(await heldLocks(on)).toEqual(before)
    expect(ran.result.owed).toEqual([])
  })

  test('a lock that somebody changes while it is off is not overwritten, and is owed', async () => {
    const { on, lock } = await locked()
    const plan = planOf(
      lift(lock),
      work('a', { after: [`unlock ${lock.path}`] }),
      restore(lock, { afterEndOf: [`unlock ${lock.path}`, 'prove a'] })
    )
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
    [[], ['delete', 'write']]
  ])('rights are the sum of the roles, each less what it excludes: %j', async (value, missing) => {
    const on = estate({ seedBodies }, {}, (request, sandbox) =>
      request.url.includes('/permissions') ? Promise.resolve(Response.json({ value })) : sandbox.handle(request)
    )
    const lock = await lockedBy(on, 'keep')
    const { result } = await run(on, planOf(lift(lock), restore(lock, { afterEndOf: [`unlock ${lock.path}`] })))
    expect(result.missingRights).toEqual(missing.map(right => `Microsoft.Authorization/locks/${right} on ${group.toLowerCase()}`))
  })
})

describe('being stopped', () => {
  test('nothing new starts, what is in flight ends', async () => {
    const stopping = new AbortController()
    const on = estate()
    const ran = await run(on, planOf(work('a'), work('b'), work('c', { after: ['prove a'] })), {
      parallelism: 1,
      signal: stopping.signal,
      does: {
        a: async () => {
          stopping.abort()
          await on.azure.clock.sleep(1_000)
          return { as: 'proven' }
        }
      }
    })
    expect(outcomes(ran)).toEqual({ 'prove a': 'done', 'prove b': 'skipped', 'prove c': 'skipped' })
    expect(ran.result.outcomes.get('prove b')).toEqual({ as: 'skipped', because: 'cancelled' })
    expect(ran.result.interrupted).toBe(true)
  })

  test('a look at an endpoint is told to stop, and counts as cancelled', async () => {
    const stopping = new AbortController()
    const on = estate()
    const ran = await run(on, planOf(work('a')), {
      signal: stopping.signal,
      does: {
        a: async (_say, signal) => {
          setTimeout(() => stopping.abort(), 5)
          await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
          return { as: 'proven' }
        }
      }
    })
    expect(ran.result.outcomes.get('prove a')).toEqual({ as: 'skipped', because: 'cancelled' })
    expect(ran.events.at(-1)).toMatchObject({ type: 'skipped', because: 'cancelled' })
  })

  test.each(['started', 'finished', 'skipped'])(
    'a listener that throws at "%s" does not keep a lock off, and is not passed over',
    async type => {
      const on = estate({ seedBodies })
      const lock = await lockedBy(on, 'keep')
      const before = await heldLocks(on)
      const plan = planOf(
        lift(lock),
        work('a', { after: [`unlock ${lock.path}`] }),
        work('b', { after: ['prove a', `unlock ${lock.path}`] }),
        restore(lock, { afterEndOf: ['prove a', 'prove b', `unlock ${lock.path}`] })
      )
      const running = run(on, plan, {
        does: { a: fail },
        listen: event => {
          if (event.type === type) throw new Error(`listener: ${type}`)
        }
      })
      await expect(running).rejects.toThrow(`listener: ${type}`)
      expect(await heldLocks(on)).toEqual(before)
      expect(on.journal.entries.map(entry => entry.type)).toEqual(['unlocking', 'relocked'])
    }
  )
})

test.each([
  ['a proof that is pending waits', { as: 'pending', reason: 'Pending' }, 'waiting'],
  ['a proof that is broken is none', { as: 'broken', reason: 'Rejected' }, 'unproven']
] as const)('%s, and what needs it is skipped', async (_name, proof, as) => {
  const ran = await run(estate(), planOf(work('a'), work('b', { after: ['prove a'] })), { does: { a: async () => proof } })
  expect(outcomes(ran)).toEqual({ 'prove a': as, 'prove b': 'skipped' })
})

test.each([
  ['a broken connection', new RestError('socket hang up', { code: 'ECONNRESET' })],
  ['a wait that was given up', new WaitTimedOut('Gave up waiting')]
])('a look writes nothing: %s is a failure and not unknown', async (_name, error) => {
  const ran = await run(estate(), planOf(work('a')), { does: { a: () => Promise.reject(error) } })
  expect(outcomes(ran)).toEqual({ 'prove a': 'failed' })
})
