import { expect, test } from 'vitest'
import { resourceId } from '../../src/model/id.ts'
import { markersFor } from '../../src/model/marker.ts'
import type { Lock } from '../../src/model/resource.ts'
import { folder } from '../support/cli.ts'
import { leaveRun, runsIn } from './runs.ts'
import { subnetIn } from './topologies.ts'

const first = '11111111-1111-4111-8111-111111111111'
const second = '22222222-2222-4222-8222-222222222222'

const network = (timeouts: string): string => `version: 1
name: net
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-net
networks:
  hub:
    addressSpace: [10.20.0.0/16]
    ${timeouts}
    subnets: { ours: { addressPrefix: 10.20.1.0/24 } }
`

/** A run that gave its network three seconds, and ended while Azure went on making it. */
async function overItsTime() {
  const here = folder({ 'topology.yaml': network('timeouts: { create: 3s }') })
  const ran = await here.pglink('apply --sandbox --auto-approve')
  expect(ran.stdout).toContain('unknown  create  networks/hub')
  expect(ran.code).toBe(8)
  return here
}

test('the next apply waits for an operation in flight, and goes on to the end', async () => {
  const here = await overItsTime()
  here.write('topology.yaml', network(''))
  const ran = await here.pglink('apply --sandbox --auto-approve')
  expect(ran.stderr).toContain('Waiting for networks/hub: Azure is still at it (Updating) [0s elapsed]\n')
  expect(ran.stdout).toContain('networks/hub/subnets/ours: Creation complete')
  expect(ran.stdout).toContain('Proven by a fresh read')
  expect(ran.stdout).not.toContain('try again in a minute')
  expect(ran.code).toBe(0)
})

test('but for no longer than a step of it may take: then 7, and nothing was written', async () => {
  const here = await overItsTime()
  const ran = await here.pglink('apply --sandbox --sandbox-log log.ndjson --auto-approve')
  expect(ran.stderr).toContain('Waiting for networks/hub: Azure is still at it (Updating)')
  expect(ran.stdout).toContain('try again in a minute')
  expect(ran.code).toBe(7)
  expect(here.read('log.ndjson')).not.toMatch(/"method":"(PUT|PATCH|POST|DELETE)"/)
})

test('a plan only says so', async () => {
  const here = await overItsTime()
  const ran = await here.pglink('plan --sandbox')
  expect(ran.stderr).toBe('')
  expect(ran.code).toBe(7)
})

test('--resume follows what a step began that ran over its time', async () => {
  const here = await overItsTime()
  const note = 'networks/hub: an earlier run began an operation on it and did not see its end: an apply waits for it'
  expect((await here.pglink('plan --sandbox')).stdout).toContain(note)
  here.write('topology.yaml', network(''))
  // A command that only restores locks does not forget it.
  expect((await here.pglink('locks restore --sandbox')).code).toBe(0)
  const ran = await here.pglink('apply --sandbox --auto-approve --resume')
  expect(ran.stderr).toMatch(/Waiting for the operation on \S+\/virtualNetworks\/hub that an earlier run began/)
  expect(ran.stderr).not.toContain('still at it')
  expect(ran.code).toBe(0)
  expect((await here.pglink('plan --sandbox')).stdout).not.toContain(note)
})

test('an operation that has ended is not told of for ever', async () => {
  const here = await overItsTime()
  here.write('topology.yaml', network(''))
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  expect((await here.pglink('plan --sandbox')).stdout).not.toContain('did not see its end')
})

test('an operation that was waited for before a lock was restored is not told of once more', async () => {
  const here = folder({ ...subnetIn('ReadOnly'), 'die.mjs': diesOnceItBegan })
  const args = '--sandbox --sandbox-seed seed.json --auto-approve'
  expect((await here.pglink(`apply ${args}`, {}, ['--import', './die.mjs'])).code).toBeNull()
  const ran = await here.pglink(`apply ${args}`)
  expect(ran.stderr.match(/Waiting for the operation on \S+\/subnets\/ours that an earlier run began/g)).toHaveLength(1)
  expect(ran.stdout).toContain('ReadOnly lock keep on networks/hub: restored')
  expect(ran.stdout).not.toContain('did not see its end')
  expect(ran.code).toBe(0)
})

test('a journal that a newer pglink left is left to that one: 9', async () => {
  const here = folder(subnetIn('ReadOnly'))
  await here.pglink('locks restore --sandbox --sandbox-seed seed.json')
  const place = leaveRun(here, [])
  const at = '2026-01-05T08:00:00.000Z'
  const newer = [
    { type: 'run', version: 3, run: 'x', topology: 'net', at },
    { type: 'lifting', at }
  ]
  here.write(place, newer.map(entry => `${JSON.stringify(entry)}\n`).join(''))
  for (const command of ['plan', 'apply --auto-approve', 'locks list', 'locks restore']) {
    const ran = await here.pglink(`${command} --sandbox --sandbox-seed seed.json`)
    expect(ran.stderr).toMatch(
      /^Error: The journal \S+ was written by a newer pglink\. Nothing was changed\. Use that one for this topology/
    )
    expect(ran.stdout).toBe('')
    expect(ran.code).toBe(9)
  }
  expect(
    here
      .read(place)
      .split('\n')
      .map(line => line && JSON.parse(line))
  ).toEqual([...newer, ''])
})

test('a journal is read when a run begins and when it has ended, and not at each line in between', async () => {
  const here = folder({ ...subnetIn('ReadOnly'), 'reads.mjs': countsReads })
  const ran = await here.pglink('apply --sandbox --sandbox-seed seed.json --auto-approve', {}, ['--import', './reads.mjs'])
  expect(ran.code).toBe(0)
  const [reads, lines] = here.read('reads').split(' ').map(Number)
  expect(lines).toBeGreaterThan(6)
  expect(reads).toBeLessThanOrEqual(3)
})

const countsReads = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { readFileSync, writeSync } = fs
let reads = 0
let lines = 0
fs.writeSync = (file, text, ...more) => {
  if (/^\\{"type":".*\\n$/.test(String(text))) lines += 1
  return writeSync(file, text, ...more)
}
fs.readFileSync = (file, ...more) => {
  if (String(file).endsWith('.ndjson')) reads += 1
  return readFileSync(file, ...more)
}
syncBuiltinESMExports()
process.on('exit', () => fs.writeFileSync('reads', reads + ' ' + lines))
`

test('a journal of another machine that owes nothing is left as it is', async () => {
  const here = folder(subnetIn('ReadOnly'))
  const run = [
    { type: 'run', version: 1, run: 'x', topology: 'net', at: 'then' },
    { type: 'ended', at: 'then' }
  ]
  const brought = run.map(entry => `${JSON.stringify(entry)}\n`).join('')
  here.write('brought.ndjson', brought)
  const args = '--sandbox --sandbox-seed seed.json --journal brought.ndjson'
  expect((await here.pglink(`apply ${args} --auto-approve`)).code).toBe(0)
  expect((await here.pglink(`locks restore ${args}`)).code).toBe(0)
  expect(here.read('brought.ndjson')).toBe(brought)
})

/** Loaded before the command line: the process is killed when it has noted that an operation goes on. */
const diesOnceItBegan = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { fsyncSync } = fs
const { writeSync } = fs
let noted = false
fs.writeSync = (file, text, ...more) => {
  noted ||= String(text).includes('"type":"operation"')
  return writeSync(file, text, ...more)
}
fs.fsyncSync = file => {
  fsyncSync(file)
  if (noted) process.kill(process.pid, 'SIGKILL')
}
syncBuiltinESMExports()
`

test('a lock of another subscription, whose scope and journal are lost, comes back with its scope', async () => {
  const hub = `/subscriptions/${second}/resourceGroups/rg-far/providers/Microsoft.Network/virtualNetworks/hub`
  const near = `/subscriptions/${first}/resourceGroups/rg-near`
  const properties = { level: 'ReadOnly', notes: 'owned by netops' }
  const path = `${hub}/providers/Microsoft.Authorization/locks/keep`
  const lock: Lock = { scope: resourceId(hub), path, name: 'keep', level: 'ReadOnly', properties }
  const lease = { run: '00000000-0000-4000-8000-000000000000', until: '2026-01-05T08:00:00.000Z' }
  const markers = markersFor(lock, lease, near).map(one => [one.path, { properties: one.properties }])
  const existing = { [near]: { location: 'eastus2' }, [`/subscriptions/${second}/resourceGroups/rg-far`]: { location: 'eastus2' } }
  const here = folder({
    'seed.json': JSON.stringify({ ...existing, ...Object.fromEntries(markers) }),
    'topology.yaml': `version: 1
name: net
subscription: ${first}
location: eastus2
resourceGroup: { name: rg-near, existing: true }
networks:
  hub: { subscription: ${second}, resourceGroup: { name: rg-far, existing: true }, addressSpace: [10.20.0.0/16] }
`
  })
  const ran = await here.pglink('apply --sandbox --sandbox-seed seed.json --auto-approve')
  expect(ran.stdout).toContain('scope is gone; the apply that makes it again restores the lock')
  expect(ran.stdout).toContain('networks/hub lock keep: Restored')
  expect(ran.code).toBe(0)
  expect(runsIn(here)).toEqual([])
  const { stdout } = await here.pglink('locks list --sandbox --json')
  expect(JSON.parse(stdout)).toMatchObject({ topologies: [{ locks: [{ id: path }], not_restored: [], damaged_markers: [] }] })
})

test('a lock that a dead run has off is restored, whatever part of the plan is asked for', async () => {
  const group = `/subscriptions/${first}/resourceGroups/rg-net`
  const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
  const path = `${hub}/providers/Microsoft.Authorization/locks/keep`
  const lock: Lock = { scope: resourceId(hub), path, name: 'keep', level: 'ReadOnly', properties: { level: 'ReadOnly' } }
  const lease = { run: '00000000-0000-4000-8000-000000000000', until: '2026-01-05T08:00:00.000Z' }
  const markers = markersFor(lock, lease, group).map(one => [one.path, { properties: one.properties }])
  const { 'seed.json': seed = '', ...files } = subnetIn('ReadOnly')
  const { [path]: _lifted, ...bodies } = JSON.parse(seed) as Record<string, unknown>
  const here = folder({ ...files, 'seed.json': JSON.stringify({ ...bodies, ...Object.fromEntries(markers) }) })
  const ran = await here.pglink('apply --sandbox --sandbox-seed seed.json --auto-approve --exclude networks/hub')
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('Nothing to do in this part. Partial: 1 change of')])
  const { stdout } = await here.pglink('locks list --sandbox --json')
  expect(JSON.parse(stdout)).toMatchObject({ topologies: [{ locks: [{ id: path }], not_restored: [], damaged_markers: [] }] })
})
