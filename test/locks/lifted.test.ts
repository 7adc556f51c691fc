import { expect, test } from 'vitest'
import { carryOut } from '../support/engine.ts'
import { appliedUnderLock, estate, heldLocks, plan, resolved, subscription } from '../support/estate.ts'
import { privateServer, topologyFrom } from '../support/yaml.ts'

const scope = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`
const server = (parameters: string) => topologyFrom(privateServer(`parameters: ${parameters}`))
const wanted = server('{ jit: "on", log_checkpoints: "off", work_mem: "8192" }')

// Each parameter takes ten seconds and one is written after the other: with five allowed, the first closes the window.
test('nothing new begins under a lock that has been off for too long, and the lock is restored', async () => {
  const on = estate()
  const before = await appliedUnderLock(on, server('{}'), scope)
  const { plan: planned } = await plan(on, wanted)
  const { result, events } = await carryOut(on, planned, { parallelism: 10, maxUnlockedMs: 5_000 })

  const skipped = events.filter(event => event.type === 'skipped')
  expect(skipped.map(({ because }) => because)).toEqual(['unlocked too long', 'unlocked too long'])
  expect([...result.outcomes.values()].filter(({ as }) => as === 'done').length).toBe(planned.steps.length - 2)
  expect(await heldLocks(on)).toEqual(before)
  expect(result.owed).toEqual([])
})

// The median of a parameter is eleven seconds, and one is written after the other.
test('a plan that would keep a lock off for longer than the file allows is refused before anything begins', async () => {
  const on = estate()
  await appliedUnderLock(on, server('{}'), scope)
  const allowing = async (maxUnlockedSeconds: number) => {
    const { safety } = resolved(wanted)
    return (await plan(on, wanted, { safety: { ...safety, maxUnlockedSeconds } })).plan.refusals
  }
  expect(await allowing(33)).toEqual([])
  expect(await allowing(32)).toMatchObject([{ code: 'unlocked-too-long', exit: 6, message: expect.stringContaining('about 33 s') }])
})
