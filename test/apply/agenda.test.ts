import { expect, test } from 'vitest'
import { Agenda } from '../../src/apply/agenda.ts'
import { apply } from '../../src/apply/apply.ts'
import type { Executor } from '../../src/apply/perform.ts'
import type { Step } from '../../src/model/change.ts'
import { estate } from '../support/estate.ts'
import { planOf, work } from './steps.ts'

/** A sequence that a seed decides [Park and Miller]. */
const drawnFrom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state * 48271) % 2147483647
    return state % below
  }
}

const resources = ['server', 'network', 'zone']

/** Steps of which each may wait for earlier ones, and may write where one at a time may. */
function drawn(draw: (below: number) => number): Step[] {
  const all: Step[] = []
  for (let index = 0; index < 40; index += 1) {
    const before = all.filter(() => draw(12) === 0).map(({ id }) => id)
    const edges = draw(2) === 0 ? { after: before } : { afterEndOf: before }
    all.push(work(`s${String(index).padStart(2, '0')}`, { ...edges, serial: resources.filter(() => draw(4) === 0) }))
  }
  return all
}

/** The laws of a schedule, from what was running when: nothing of how the run finds its next step is asked. */
async function broken(steps: readonly Step[], parallelism: number, fails: ReadonlySet<string>): Promise<readonly string[]> {
  const on = estate()
  const found: string[] = []
  const running = new Map<string, Step>()
  const ended = new Map<string, 'done' | 'failed' | 'skipped'>()
  const isFree = (step: Step): boolean => step.serial.every(id => ![...running.values()].some(({ serial }) => serial.includes(id)))
  const mayStart = (step: Step): boolean =>
    step.after.every(id => ended.get(id) === 'done') && step.afterEndOf.every(id => ended.has(id)) && isFree(step)
  const prove: Executor['prove'] = async (_azure, { address }) => {
    await on.azure.clock.sleep(1000 + (address.charCodeAt(2) % 7) * 100)
    const idle = steps.find(step => !running.has(step.id) && !ended.has(step.id) && mayStart(step))
    if (idle !== undefined && running.size < parallelism) found.push(`${idle.id} could have been running beside ${address}`)
    if (fails.has(address)) throw new Error('it was to be')
    return { as: 'proven' } as never
  }
  const executor = { azure: on.azure, journal: on.journal, desired: new Map(), prove, run: 'run', parallelism, maxUnlockedMs: 900_000 }
  const { outcomes } = await apply(planOf(...steps), executor, event => {
    const { step } = event
    if (event.type === 'started') {
      if (!mayStart(step)) found.push(`${step.id} began too early`)
      running.set(step.id, step)
      if (running.size > parallelism) found.push(`${running.size} ran at once`)
    }
    if (event.type === 'finished' || event.type === 'failed' || event.type === 'skipped') {
      running.delete(step.id)
      ended.set(step.id, event.type === 'finished' ? 'done' : event.type)
      const spoilt = step.after.some(id => ended.has(id) && ended.get(id) !== 'done')
      if (spoilt !== (event.type === 'skipped')) found.push(`${step.id} ended as ${event.type}`)
    }
  })
  return outcomes.size === steps.length ? found : [...found, `${steps.length - outcomes.size} steps have no outcome`]
}

test('whatever waits for whatever, and whatever fails, a step begins as soon as it may and no sooner', async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const draw = drawnFrom(seed)
    const steps = drawn(draw)
    const fails = new Set(steps.flatMap(({ action }) => (draw(10) === 0 && 'address' in action ? [action.address] : [])))
    expect(await broken(steps, 1 + draw(8), fails), `seed ${seed}`).toEqual([])
  }
})

/** How often a run looks at what a step waits for or writes to, for each step. */
async function looksPerStep(count: number): Promise<number> {
  let looks = 0
  const counted = (step: Step): Step => {
    const { after, serial } = step
    return {
      ...step,
      get after() {
        looks += 1
        return after
      },
      get serial() {
        looks += 1
        return serial
      }
    }
  }
  const steps: Step[] = []
  for (let index = 0; index < count; index += 1)
    steps.push(counted(work(`s${index}`, { after: steps.slice(-1 - (index % 3), -1).map(({ id }) => id), serial: [`zone${index % 5}`] })))
  const on = estate()
  const prove: Executor['prove'] = async () => ({ as: 'proven' }) as never
  const executor = { azure: on.azure, journal: on.journal, desired: new Map(), prove, run: 'run', parallelism: 10, maxUnlockedMs: 900_000 }
  const { outcomes } = await apply(planOf(...steps), executor, () => undefined)
  expect([...outcomes.values()].filter(({ as }) => as === 'done').length).toBe(count)
  return looks / count
}

test('a step of a plan of 4,000 costs as much as one of a plan of 400', async () => {
  const few = await looksPerStep(400)
  expect(await looksPerStep(4000)).toBeLessThan(few * 1.3)
  expect(few).toBeLessThan(20)
})

test('a step after a call that has ended comes before longer ones: the effect of the call may go off by itself', () => {
  const action = { do: 'invoke', verb: 'enableInteractiveAuthoring', kind: 'integrationRuntime', id: 'r', path: '/r', title: 'enable' }
  const call: Step = { ...work('call'), action: action as unknown as Step['action'] }
  const steps = [work('long'), work('longer', { after: ['prove long'] }), call, work('test', { after: ['prove call'] })]
  const agenda = new Agenda(steps, id => id === 'prove call')
  expect([agenda.next(true), agenda.next(true)].map(entry => entry?.step.id)).toEqual(['prove test', 'prove long'])
})
