import { expect, test } from 'vitest'
import { interruptedMs, timed } from '../../src/azure/deadline.ts'
import { getLock } from '../../src/azure/locks.ts'
import { group, rig } from './rig.ts'

const lock = `${group}/providers/Microsoft.Authorization/locks/keep`
const minute = 60_000
const limit = (ms: number) => ({ ms, declared: true, key: undefined })

/** Headers, and then nothing, or a byte now and then, for ever. */
const unending = (everyMs: number | undefined) => async (): Promise<Response> => {
  let timer: NodeJS.Timeout | undefined
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{'))
      if (everyMs !== undefined) timer = setInterval(() => controller.enqueue(new TextEncoder().encode(' ')), everyMs)
    },
    cancel: () => clearInterval(timer)
  })
  return new Response(stream, { headers: { 'content-type': 'application/json' } })
}

test.each([
  ['stops', undefined],
  ['comes in trickles', 20]
])('an answer whose body %s ends with the time of its step', async (_, everyMs) => {
  const { azure } = rig(unending(everyMs))
  const asking = timed(azure, { limit: limit(1_000) }, within => getLock(within, lock))
  await expect(asking).rejects.toMatchObject({ name: 'RestError', code: 'ETIMEDOUT', message: 'No answer after 1 s' })
})

test('after the first interrupt an answer has 30 seconds, and the step 10 minutes', async () => {
  const interrupt = new AbortController()
  const { azure, clock } = rig(unending(undefined))
  await timed(azure, { limit: limit(60 * minute), interrupt: interrupt.signal }, async ({ deadline }) => {
    const { ms, cut } = deadline.answerLimit(5 * minute)
    expect(ms).toBe(5 * minute)
    const shorter = cut(new AbortController().signal)
    interrupt.abort()
    expect(await shorter).toBe(30_000)
    expect(deadline.answerLimit(5 * minute).ms).toBe(30_000)
    expect(deadline.leftMs()).toBe(interruptedMs)
    await clock.sleep(4 * minute)
    expect(deadline.leftMs()).toBe(6 * minute)
  })
})

test('a wait that Azure asks for ends with its step, which then has had its time twice', async () => {
  const { azure, clock } = rig(unending(undefined))
  await timed(azure, { limit: limit(5 * minute) }, ({ deadline }) => deadline.pause(15 * minute))
  expect(clock.waits).toEqual([10 * minute])
})
