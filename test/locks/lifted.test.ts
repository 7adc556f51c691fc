import { expect, test } from 'vitest'
import { carryOut } from '../support/engine.ts'
import { estate, failures, heldLocks, plan, putLockOn, reconcile, resolved, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const server = (parameters: string) =>
  topologyFrom(`
servers:
  case-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }
    networking: { publicAccess: { enabled: false } }
    parameters: ${parameters}
`)

// Each parameter takes ten seconds and one is written after the other: with five allowed, the first closes the window.
test('nothing new begins under a lock that has been off for too long, and the lock is restored', async () => {
  const on = estate()
  expect(failures(await reconcile(on, server('{}')))).toEqual([])
  const scope = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`
  await putLockOn(on, scope, 'frozen', { level: 'ReadOnly', notes: 'theirs' })
  const before = await heldLocks(on)
  const { plan: planned } = await plan(on, server('{ jit: "on", log_checkpoints: "off", work_mem: "8192" }'))
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
  expect(failures(await reconcile(on, server('{}')))).toEqual([])
  const scope = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`
  await putLockOn(on, scope, 'frozen', { level: 'ReadOnly', notes: 'theirs' })
  const wanted = server('{ jit: "on", log_checkpoints: "off", work_mem: "8192" }')
  const allowing = async (maxUnlockedSeconds: number) => {
    const { safety } = resolved(wanted)
    return (await plan(on, wanted, { safety: { ...safety, maxUnlockedSeconds } })).plan.refusals
  }
  expect(await allowing(33)).toEqual([])
  expect(await allowing(32)).toMatchObject([{ code: 'unlocked-too-long', exit: 6, message: expect.stringContaining('about 33 s') }])
})
