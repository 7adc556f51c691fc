import { RestError } from '@azure/core-rest-pipeline'
import { describe, expect, test } from 'vitest'
import { WaitTimedOut } from '../../src/azure/error.ts'
import { estate, heldLocks } from '../support/estate.ts'
import { lift, lockedBy, outcomes, planOf, restore, run, seedBodies, work } from './steps.ts'

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
    // The one that writes to more begins.
    expect(ran.trace.slice(0, 2)).toEqual(['+b', '+c'])
    expect(ran.trace.indexOf('+a')).toBeGreaterThan(ran.trace.indexOf('-b'))
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
