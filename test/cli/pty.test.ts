import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { resourceId } from '../../src/model/id.ts'
import { lowered } from '../../src/model/marker.ts'
import type { Lock } from '../../src/model/resource.ts'
import { folder } from '../support/cli.ts'
import { ctrlC, hasScript, onTerminal } from '../support/pty.ts'
import { serveSandbox } from '../support/sandbox.ts'
import { subnetIn } from './topologies.ts'

afterAll(() => {
  if (!hasScript) console.log('Skipped, since it is not installed: script of util-linux (nobody pressed Ctrl-C on a terminal).')
})

const subscription = '11111111-1111-4111-8111-111111111111'

const hub = `/subscriptions/${subscription}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub`
const keep = `${hub}/providers/Microsoft.Authorization/locks/keep`
const properties = { level: 'ReadOnly', notes: 'owned by netops' }
const { 'seed.json': seeds = '{}' } = subnetIn('ReadOnly')

/** As it reads, however the terminal breaks its lines. */
const flat = (text: string): string => text.replace(/\s+/g, ' ')

/** A write under the lock that Azure does not answer for as long as the test is at it. */
async function scene(faults: object, lock: object = properties) {
  const here = folder({
    ...subnetIn('ReadOnly'),
    'seed.json': JSON.stringify({ ...JSON.parse(seeds), [keep]: { properties: lock } }),
    'faults.json': JSON.stringify([faults])
  })
  const at = (file: string): string => join(here.path, file)
  const served = await serveSandbox(['--speed', '10', '--seed', at('seed.json'), '--faults', at('faults.json')])
  onTestFinished(async () => void (await served.stop()))
  const env = {
    NODE_EXTRA_CA_CERTS: served.caFile,
    PGLINK_ARM_ENDPOINT: served.url,
    ARM_TOKEN: 'sandbox',
    AZURE_SUBSCRIPTION_ID: subscription
  }
  return { here, env }
}

const restoreLine = /Restore it:\n {2}pglink (locks restore topology\.yaml .*)\n/

test.skipIf(!hasScript)(
  'Ctrl-C on a terminal is answered at once inside the progress that is drawn, and the second names what is off',
  async () => {
    const { here, env } = await scene({ method: 'PUT', path: '/subnets/', nth: 'every', delayMs: 600_000 })
    const run = onTerminal('apply --auto-approve', here.path, env)
    await run.shows(/networks\/hub\/subnets\/ours: Creating\.\.\./)
    const before = run.shown().length
    run.type(ctrlC)
    await run.shows(/Interrupt received\./)
    expect(flat(run.shown())).toContain(
      'Interrupt received. Nothing new is started, what is in flight finishes, and the locks are restored. Once more to stop at once.'
    )
    // It goes on drawing: what is in flight is still to be seen.
    await wait(500)
    expect(run.shown().slice(before)).toMatch(/subnets\/ours: Creating\.\.\./)
    expect(run.shown()).not.toContain('Two interrupts')
    run.type(ctrlC)
    expect(await run.ended).toBe(130)
    expect(run.shown()).toMatch(
      /Two interrupts received\. Stopped at once: 1 lock may be off:\n {2}ReadOnly lock keep on networks\/hub\nRestore it:/
    )
    expect(restoreLine.exec(run.shown())?.[1]).toContain('locks restore topology.yaml')
    expect((await here.pglink('locks list', env)).code).toBe(9)
  },
  120_000
)

test.skipIf(!hasScript)(
  'locks restore hears Ctrl-C as well, and says what is still off and how it is restored',
  async () => {
    const lock: Lock = { scope: resourceId(hub), path: keep, name: 'keep', level: 'ReadOnly', properties }
    const lease = { run: '00000000-0000-4000-8000-000000000000', until: new Date(Date.now() + 3_600_000).toISOString() }
    const { here, env } = await scene({ path: '/nothing', delayMs: 1 }, lowered(lock, lease))
    const run = onTerminal('locks restore', here.path, env)
    await run.shows(/Waiting for the run 00000000/)
    run.type(ctrlC)
    expect(await run.ended).toBe(130)
    expect(flat(run.shown())).toContain(
      'Interrupt received. No more is waited for, and the locks are restored where they can be. Once more to stop at once.'
    )
    expect(run.shown()).toMatch(
      /Interrupted: 1 lock may be off:\n {2}ReadOnly lock keep on networks\/hub\nRestore it:\n {2}pglink locks restore/
    )
  },
  120_000
)
