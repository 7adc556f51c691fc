import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Runner, type RunningStep, runner } from '../support/runner.ts'
import { estate, type ServedEstate } from './estate.ts'

const seed: object = JSON.parse(readFileSync('examples/locked/sandbox.json', 'utf8'))
const topology = readFileSync('examples/locked/topology.yaml', 'utf8')

interface Scene {
  readonly azure: ServedEstate
  readonly job: Runner
  readonly before: readonly string[]
  begin(): RunningStep
}

/** An apply that has its locks off for the many seconds that a private endpoint takes. */
async function scene(speed = 4): Promise<Scene> {
  const azure = await estate({ seed, speed })
  const job = runner({ env: azure.env })
  job.write('topology.yaml', topology)
  const before = await azure.locks()
  return { azure, job, before, begin: () => job.start({ command: 'apply', 'auto-approve': 'true', ...azure.inputs }) }
}

const liftedAndBusy = /vault-pg-pe \(?.*Creating\.\.\.|vault-pg-pe: Creating\.\.\./

describe('cancelled in the middle of an apply', () => {
  test('as the runner does it: SIGINT, SIGTERM after 7.5 s, SIGKILL after 2.5 s more', async () => {
    const { azure, job, before, begin } = await scene(2)
    const step = begin()
    await step.said(liftedAndBusy)
    expect(await azure.locks()).not.toEqual(before)
    step.signal('SIGINT')
    const over = step.ended()
    const early = await Promise.race([over, wait(7_500)])
    if (early === undefined) step.signal('SIGTERM')
    if ((await Promise.race([over, wait(2_500)])) === undefined) step.signal('SIGKILL')
    const ended = await over
    expect(ended.log).toContain('Interrupt received.')
    expect([130, 143, null]).toContain(ended.code)

    const post = await job.post()
    expect(post.code, post.log).toBe(0)
    expect(await azure.locks()).toEqual(before)
  })

  test('killed without a warning, as when the runner has no more patience', async () => {
    const { azure, job, before, begin } = await scene()
    const step = begin()
    await step.said(liftedAndBusy)
    step.signal('SIGKILL')
    expect((await step.ended()).signal).toBe('SIGKILL')
    expect(await azure.locks()).not.toEqual(before)
    const post = await job.post()
    expect(post.code, post.log).toBe(0)
    expect(post.log).toMatch(/restored/)
    expect(await azure.locks()).toEqual(before)
  })

  test('a lock that cannot be restored fails the job with 9, and says so where it is seen', async () => {
    const { azure, job, begin } = await scene()
    const step = begin()
    await step.said(liftedAndBusy)
    step.signal('SIGKILL')
    await step.ended()
    // Where the topology is gone by then, the journal still says what is owed.
    rmSync(join(job.workspace, 'topology.yaml'))
    expect((await job.post()).code).toBe(9)
    job.write('topology.yaml', topology)
    await azure.served.kill()
    const post = await job.post()
    expect(post.code, post.log).toBe(9)
    expect(post.commands.find(({ name }) => name === 'error')).toMatchObject({
      properties: { title: 'Lock not restored' },
      message: expect.stringMatching(/^A management lock may be off, and could not be restored: /)
    })
  })
})

test('where nothing is owed, a post step that cannot reach Azure does not fail the job', async () => {
  const azure = await estate({ seed })
  const job = runner({ env: azure.env })
  job.write('topology.yaml', topology)
  const applied = await job.run({ command: 'apply', 'auto-approve': 'true', ...azure.inputs })
  expect(applied.code, applied.log).toBe(0)
  await azure.served.kill()
  const post = await job.post()
  expect(post.code, post.log).toBe(0)
  expect(post.commands.find(({ name }) => name === 'warning')?.message).toMatch(/^The locks were not looked at again: /)
})
