import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { resourceId } from '../../src/model/id.ts'
import { lowered } from '../../src/model/marker.ts'
import type { Lock } from '../../src/model/resource.ts'
import { proxyTo } from '../hostile/proxy.ts'
import { cli, jsonLines } from '../support/cli.ts'
import { apply, hub, isWrite, keep, properties, scene, subscription, topology, until } from './interruptScene.ts'
import { runsIn } from './runs.ts'

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143]
] as const)('%s: nothing new is started, what is in flight finishes, the lock is restored: %i', async (signal, code) => {
  const on = await scene(10)
  const before = await on.locks()
  const run = apply(on)
  await until(() => on.requests().some(one => one.startsWith('PUT') && one.includes('/subnets/')), 'the first subnet')
  expect(await on.locks()).not.toEqual(before)
  run.child.kill(signal)
  expect(await run.ended).toEqual({ code, signal: null })
  expect(await on.locks()).toEqual(before)
  // The lock lowered, one subnet, the lock restored.
  expect(on.requests().filter(isWrite).length).toBe(3)
  expect(run.said()).toContain('Interrupt received. Nothing new is started')
  expect(run.said()).toContain('Interrupted.')
  expect(runsIn(on.here)).toEqual([])
  expect((await on.here.pglink('apply --auto-approve', on.env)).code).toBe(0)
})

/** Whatever the command line waits for passes twenty times as fast. */
const quick = ['--import', join(process.cwd(), 'test/simulate/dying.mjs')]

test('an answer that comes in trickles for ever is given up after an interrupt, and the lock is restored: 130', async () => {
  const on = await scene(200)
  const before = await on.locks()
  const proxy = await proxyTo(on.served)
  onTestFinished(() => proxy.stop())
  proxy.aim({ kind: 'a body in trickles', method: 'PUT', path: `${hub}/subnets/one`, nth: 1 })
  on.here.write('way.pem', proxy.authority)
  const way = { NODE_EXTRA_CA_CERTS: join(on.here.path, 'way.pem'), PGLINK_ARM_ENDPOINT: proxy.url }
  const run = apply({ ...on, env: { ...on.env, ...way } }, [], quick)
  await until(() => proxy.met(), 'the first subnet')
  expect(await on.locks()).not.toEqual(before)
  const from = Date.now()
  run.child.kill('SIGINT')
  expect(await run.ended).toEqual({ code: 130, signal: null })
  // Half a minute for an answer after an interrupt, and some reads: five minutes for any other would be fifteen seconds.
  expect(Date.now() - from).toBeLessThan(10_000)
  expect(await on.locks()).toEqual(before)
  expect(run.said()).toContain('Interrupt received. Nothing new is started')
  expect(on.requests().filter(one => isWrite(one) && one.includes('/subnets/'))).toHaveLength(1)
  expect(runsIn(on.here)).toEqual([])
}, 60_000)

test('a wait before the next try ends at once', async () => {
  const message = 'The call can be retried in 900 seconds.'
  const on = await scene(10, { faults: [{ method: 'PUT', path: '/subnets/', nth: 'every', status: 409, code: 'RetryableError', message }] })
  const before = await on.locks()
  const run = apply(on)
  await run.says(/retried in 900 seconds/i)
  const from = Date.now()
  run.child.kill('SIGINT')
  expect((await run.ended).code).toBe(130)
  expect(Date.now() - from).toBeLessThan(5_000)
  expect(await on.locks()).toEqual(before)
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143]
] as const)('%s: a wait for the run that has a lock off ends, and that run keeps it: %i', async (signal, code) => {
  const lock: Lock = { scope: resourceId(hub), path: keep, name: 'keep', level: 'ReadOnly', properties }
  const lease = { run: '00000000-0000-4000-8000-000000000000', until: new Date(Date.now() + 600_000).toISOString() }
  const on = await scene(10, { lock: lowered(lock, lease) })
  const before = await on.locks()
  const run = apply(on)
  await run.says(/Waiting for the run 00000000/)
  run.child.kill(signal)
  // Nothing of this run's is off.
  expect(await run.ended).toEqual({ code, signal: null })
  expect(run.said()).toContain('not waited for; the run elsewhere that has it off restores it')
  expect(run.said()).toContain('Nothing was changed by this run')
  expect(await on.locks()).toEqual(before)
  expect(on.requests().filter(isWrite)).toEqual([])
})

test('the second stops at once, and the line that it prints restores the lock', async () => {
  const on = await scene(1)
  const before = await on.locks()
  on.here.write('vars.env', `HUB_NAME=hub\n`)
  on.here.write('topology.prod.yaml', 'tags: { stage: prod }\n')
  const { PGLINK_ARM_ENDPOINT: url = '', AZURE_SUBSCRIPTION_ID: _, ...env } = on.env
  const flags = ['--env', 'prod', '--env-file', 'vars.env', '--subscription', subscription, '--data-dir', "o'p s", '--arm-endpoint', url]
  on.here.write('topology.yaml', topology.replace(/^subscription: .*\n/m, ''))
  const run = apply({ ...on, env }, flags)
  await until(() => on.requests().some(one => one.startsWith('PUT') && one.includes('/subnets/')), 'the first subnet')
  run.child.kill('SIGINT')
  await run.says(/Interrupt received/)
  run.child.kill('SIGINT')
  expect(await run.ended).toEqual({ code: 130, signal: null })
  expect(await on.locks()).not.toEqual(before)

  const line = /Restore it:\n {2}(pglink locks restore .*)\n/.exec(run.said())?.[1] ?? ''
  expect(line).toContain(`--env prod --env-file vars.env --subscription ${subscription} --data-dir 'o'\\''p s' --arm-endpoint ${url}`)
  const shell = spawn('sh', ['-c', `pglink() { "${process.execPath}" -- "${cli}" "$@"; }; ${line}`], {
    cwd: on.here.path,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: 'ignore'
  })
  const [code] = await once(shell, 'close')
  expect(code).toBe(0)
  expect(await on.locks()).toEqual(before)
}, 60_000)

test('while the lock of a run before is restored, the first says so; the second stops at once, and says what restores it', async () => {
  // It is lowered in time; whoever restores it waits for an answer.
  const on = await scene(10, { faults: [{ method: 'PUT', path: '/locks/keep$', nth: 2, pauseMs: 60_000 }] })
  const before = await on.locks()
  const died = apply(on)
  await until(() => on.requests().some(one => one.startsWith('PUT') && one.includes('/subnets/')), 'the first subnet')
  died.child.kill('SIGKILL')
  await died.ended

  const run = apply(on)
  await run.says(/are restored first/)
  run.child.kill('SIGINT')
  await run.says(/Interrupt received\. No more is waited for: the locks that an earlier run left off are restored where they can be/)
  run.child.kill('SIGTERM')
  expect(await run.ended).toEqual({ code: 143, signal: null })
  const line =
    /Two interrupts received\. Stopped at once: 1 lock may be off:\n {2}ReadOnly lock keep on networks\/hub\nRestore it:\n {2}pglink (locks restore .*)\n/.exec(
      run.said()
    )
  expect((await on.here.pglink(line?.[1] ?? '', on.env)).code).toBe(0)
  expect(await on.locks()).toEqual(before)
})

test('while what somebody else began is waited for, the first ends the wait, and says so', async () => {
  const on = await scene(1)
  const spare = 'networks: { spare: { addressSpace: [10.30.0.0/16] } }\n'
  on.here.write('topology.yaml', `${topology.split('networks:')[0]}${spare}`)
  const died = apply(on)
  await until(() => on.requests().some(one => one.startsWith('PUT') && one.endsWith('/spare')), 'the network')
  died.child.kill('SIGKILL')
  await died.ended

  const run = apply(on)
  await run.says(/Waiting for networks\/spare: Azure is still at it/)
  run.child.kill('SIGINT')
  expect(await run.ended).toEqual({ code: 130, signal: null })
  expect(run.said()).toContain('Interrupt received. It is not waited for any longer.')
  expect(run.said()).toContain('Interrupted while waiting. Nothing was changed by this run.')
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s is answered by a run that is ending, too', async signal => {
  const on = await scene(10, { faults: [{ method: 'GET', path: '/resourcegroups/rg-net$', nth: 2, delayMs: 6_000_000 }] })
  const before = await on.locks()
  const run = apply(on)
  await run.says(/networks\/hub lock keep: Restored after/)
  await wait(300)
  run.child.kill(signal)
  expect(await run.ended).toEqual({ code: signal === 'SIGINT' ? 130 : 143, signal: null })
  expect(run.said()).toMatch(/\nInterrupt received\. Stopped at once\.\n$/)
  expect(await on.locks()).toEqual(before)
  expect(runsIn(on.here)).toEqual([])
})

test('while an apply runs its events are in the file line by line, and an interrupt ends them', async () => {
  const on = await scene(12)
  const run = apply(on, ['--json-into', 'e.ndjson'])
  const text = (): string => (existsSync(join(on.here.path, 'e.ndjson')) ? on.here.read('e.ndjson') : '')
  await until(() => text().includes('"type":"apply_complete"'), 'the first step is done')
  const soFar = text()
  expect(soFar.match(/"type":"change_summary"/g)).toHaveLength(1)
  run.child.kill('SIGINT')
  expect(await run.ended).toEqual({ code: 130, signal: null })
  expect(text()).toMatch(/\n$/)
  const all = jsonLines<Readonly<Record<string, unknown>>>(on.here, 'e.ndjson')
  expect(all.at(-1)).toMatchObject({ type: 'change_summary', '@message': expect.stringContaining('Apply incomplete.') })
  expect(text().length).toBeGreaterThan(soFar.length)
})
