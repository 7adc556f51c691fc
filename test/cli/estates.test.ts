import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Estate } from '../../src/model/estate.ts'
import { ask } from '../sandbox/asking.ts'
import { type Folder, folder } from '../support/cli.ts'
import { type ServedSandbox, sandboxHere } from '../support/sandbox.ts'
import { estateIn, leaveRun, runsIn } from './runs.ts'
import { subnetIn } from './topologies.ts'

const subscription = '11111111-1111-4111-8111-111111111111'
const hub = `/subscriptions/${subscription}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub`
const keep = `${hub}/providers/Microsoft.Authorization/locks/keep`
const properties = { level: 'ReadOnly', notes: 'owned by netops' }

/** The entry of a run that lifted the lock, and says so nowhere but in its journal. */
const lifting = {
  type: 'unlocking',
  lock: { scope: hub.toLowerCase(), path: keep, name: 'keep', level: 'ReadOnly', properties },
  how: 'remove',
  lease: { run: '33333333-3333-4333-8333-333333333333', until: '2026-01-05T10:00:00.000Z' },
  markers: [],
  at: '2026-01-05T09:00:00.000Z'
}

const { 'topology.yaml': topology = '', 'seed.json': seeds = '' } = subnetIn('ReadOnly')
const { [keep]: _, ...lifted } = JSON.parse(seeds) as Record<string, unknown>
const bare = JSON.stringify(lifted)

const place = (): Folder => folder({ 'topology.yaml': topology, 'seed.json': seeds, 'bare.json': bare })

interface Served extends ServedSandbox {
  readonly env: Readonly<Record<string, string>>
  readonly estate: Estate
  hasLock(): Promise<boolean>
}

async function serve(here: Folder, seed: string, state?: string): Promise<Served> {
  const served = await sandboxHere(['--speed', '1000', '--seed', join(here.path, seed)], state && join(here.path, state))
  onTestFinished(async () => void (await served.stop().catch(() => undefined)))
  const { sandboxEstate: id } = JSON.parse((await ask(served, 'GET', '/metadata/endpoints?api-version=2022-09-01')).text)
  return {
    ...served,
    estate: { of: 'sandbox', id },
    env: { NODE_EXTRA_CA_CERTS: served.caFile, PGLINK_ARM_ENDPOINT: served.url, ARM_TOKEN: 'sandbox' },
    hasLock: async () => {
      const headers = { authorization: 'Bearer somebody' }
      return (await ask(served, 'GET', `${keep}?api-version=2020-05-01`, undefined, { headers })).status === 200
    }
  }
}

test('a lock that one estate owes is not forgotten by a run of another in the same folder', async () => {
  const here = place()
  const served = await serve(here, 'bare.json')
  leaveRun(here, [lifting], { estate: served.estate })
  const tried = await here.pglink('apply --sandbox --sandbox-seed seed.json --auto-approve')
  expect(tried.stdout).not.toContain('earlier run')
  expect(tried.code).toBe(0)
  expect((await here.pglink('locks restore --sandbox')).stdout).toBe('No lock is owed.\n')

  const listed = await here.pglink('locks list', served.env)
  expect(listed.stdout).toMatch(/keep +ReadOnly +networks\/hub +NOT RESTORED/)
  expect(listed.code).toBe(9)
  expect((await here.pglink('plan', served.env)).stdout).toContain('its lock keep is off since an earlier run')
  expect((await here.pglink('locks restore', served.env)).code).toBe(0)
  expect(await served.hasLock()).toBe(true)
  expect(runsIn(here)).toEqual([])
}, 120_000)

test('nor is it written into another one', async () => {
  const here = place()
  expect((await here.pglink('apply --sandbox --sandbox-seed bare.json --auto-approve')).code).toBe(0)
  leaveRun(here, [lifting])
  const served = await serve(here, 'bare.json')
  const listed = await here.pglink('locks list', served.env)
  expect(listed.stdout).toBe('No locks.\n')
  expect(listed.code).toBe(0)
  expect((await here.pglink('locks restore', served.env)).stdout).toBe('No lock is owed.\n')
  expect((await here.pglink('apply --auto-approve', served.env)).code).toBe(0)
  expect(await served.hasLock()).toBe(false)
  expect((await here.pglink('locks list --sandbox')).code).toBe(9)
}, 120_000)

test('a state is one estate on every port and in this process', async () => {
  const here = place()
  const first = await serve(here, 'bare.json', 'estate.json')
  leaveRun(here, [lifting], { estate: first.estate })
  expect((await here.pglink('apply --auto-approve --nonesuch x', first.env)).code).toBe(64)
  const group = `/subscriptions/${subscription}/resourceGroups/other?api-version=2021-04-01`
  const headers = { authorization: 'Bearer somebody' }
  expect((await ask(first, 'PUT', group, { location: 'eastus2' }, { headers })).status).toBe(201)
  await first.kill()

  const second = await serve(here, 'bare.json', 'estate.json')
  expect(second.url).not.toBe(first.url)
  expect((await here.pglink('locks list', second.env)).code).toBe(9)
  await second.kill()
  expect((await here.pglink('locks list --sandbox --sandbox-state estate.json')).code).toBe(9)
  // Another state in the same folder is another estate.
  expect((await here.pglink('locks list --sandbox --sandbox-state other.json --sandbox-seed bare.json')).code).toBe(0)
  const third = await serve(here, 'bare.json', 'estate.json')
  expect((await here.pglink('locks restore', third.env)).code).toBe(0)
  expect(await third.hasLock()).toBe(true)
}, 120_000)

/** Where the estate has begun, and owes nothing. */
async function begun(seed = 'bare.json'): Promise<Folder> {
  const here = place()
  await here.pglink(`locks restore --sandbox --sandbox-seed ${seed}`)
  return here
}

const list = 'locks list --sandbox'

test('a journal in another data directory is not read', async () => {
  const here = await begun()
  leaveRun(here, [lifting], { dataDir: 'other' })
  const state = '--sandbox-state .pglink/sandbox.json'
  expect((await here.pglink(`${list} ${state}`)).code).toBe(0)
  expect((await here.pglink(`${list} ${state} --data-dir other`)).code).toBe(9)
  expect((await here.pglink(`locks restore --sandbox ${state} --data-dir other`)).stdout).toContain('keep on networks/hub: restored')
  expect(runsIn(here, 'other')).toEqual([])
})

test('a lock that another topology left in the folder is named, and not restored', async () => {
  const here = await begun()
  here.write(
    'billing.yaml',
    topology.replace('name: net', 'name: billing').replace('ours: { addressPrefix: 10.20.1', 'theirs: { addressPrefix: 10.20.2')
  )
  const left = leaveRun(here, [lifting])
  const says = 'is of the topology net, and owes 1 lock (keep): only a command with the file of that topology restores them'
  const listed = await here.pglink(`${list} billing.yaml`)
  expect(listed.stdout).toContain(`${join(here.path, left)} ${says}`)
  expect(listed.code).toBe(9)
  const restored = await here.pglink('locks restore billing.yaml --sandbox')
  expect(restored.stderr).toContain(says)
  expect(restored.stdout).toBe('No lock is owed.\n')
  const applied = await here.pglink('apply billing.yaml --sandbox --auto-approve')
  expect(applied.stdout).toContain(says)
  expect(applied.code).toBe(0)
  expect(runsIn(here)).toEqual([left])
  expect((await here.pglink('locks restore --sandbox')).stdout).toContain('keep on networks/hub: restored')
  expect((await here.pglink(`${list} billing.yaml`)).code).toBe(0)
}, 120_000)

test.skipIf(process.platform !== 'linux')('the file of a run whose process lives is left alone', async () => {
  const here = await begun()
  const child = spawn('sleep', ['60'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const started = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? ''
  const left = leaveRun(here, [lifting], { process: { host: hostname(), pid: child.pid ?? 0, started } })
  const before = here.read(left)
  const planned = await here.pglink('plan --sandbox')
  expect(planned.stdout).toContain(`its lock keep is off for a run that is at it, process ${child.pid} of this machine`)
  expect((await here.pglink(list)).code).toBe(9)
  expect((await here.pglink('locks restore --sandbox')).stdout).toBe('No lock is owed.\n')
  expect(here.read(left)).toBe(before)
  child.kill('SIGKILL')
  expect((await here.pglink('locks restore --sandbox')).stdout).toContain('keep on networks/hub: restored')
})

const older = `.pglink/journal-net-${subscription}.ndjson`
const began = { type: 'run', version: 1, run: 'one', topology: 'net', at: '2026-01-05T08:00:00.000Z' }
const linesOf = (...entries: readonly object[]): string => entries.map(entry => `${JSON.stringify(entry)}\n`).join('')

test('a journal of an older pglink names no estate: it is shown, restored where it is named, and by nothing else', async () => {
  const here = await begun()
  here.write(older, linesOf(began, lifting))
  const before = here.read(older)
  const listed = await here.pglink(list)
  const says =
    'is of an older pglink, for the topology net, and owes 1 lock (keep) of an estate that it does not name. If that is this one:'
  expect(listed.stdout).toContain(
    `${join(here.path, older)} ${says} pglink locks restore topology.yaml --sandbox --journal ${join(here.path, older)}`
  )
  expect(listed.code).toBe(9)
  expect((await here.pglink('locks restore --sandbox')).stdout).toBe('No lock is owed.\n')
  const applied = await here.pglink('apply --sandbox --auto-approve')
  expect(applied.stdout).toContain(says)
  expect(applied.code).toBe(0)
  expect(here.read(older)).toBe(before)
  expect(JSON.parse((await here.pglink(`${list} --json`)).stdout)).toMatchObject({
    topologies: [{ locks: [], not_restored: [], other_journals: [{ topology: 'net', older: true, owed: [{ id: keep }], damaged: null }] }]
  })
  expect((await here.pglink(`locks restore --sandbox --journal ${older} --auto-approve`)).stdout).toContain(
    'keep on networks/hub: restored'
  )
  const after = await here.pglink(list)
  expect(after.stdout).not.toContain('older')
  expect(after.code).toBe(0)
}, 120_000)

test('one that is damaged is shown as that, and stands in nobody’s way', async () => {
  const here = await begun('seed.json')
  here.write(older, `{"type":"unlo\n${linesOf(began)}`)
  const listed = await here.pglink(list)
  expect(listed.stdout).toMatch(/journal-net-\S+ is of an older pglink, .*and is left alone: Line 1 of the journal \S+ is damaged\./)
  expect(listed.code).toBe(9)
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  expect((await here.pglink('locks restore --sandbox')).code).toBe(9)
  const named = await here.pglink(`locks restore --sandbox --journal ${older}`)
  expect(named.stderr).toMatch(/^Error: Line 1 of the journal \S+ is damaged/)
  expect(named.code).toBe(9)
}, 120_000)

test('a journal that is named by its file is refused where it is of another estate or topology', async () => {
  const here = await begun()
  const foreign = leaveRun(here, [lifting], { estate: { of: 'AzureCloud', id: '44444444-4444-4444-8444-444444444444' } })
  const elsewhere = await here.pglink(`locks restore --sandbox --journal ${foreign}`)
  expect(elsewhere.stderr).toContain(
    `is of another estate: AzureCloud tenant 44444444-4444-4444-8444-444444444444, and this is sandbox ${estateIn(here).id}. Nothing was changed.`
  )
  expect(elsewhere.code).toBe(6)
  const other = leaveRun(here, [lifting], { run: 'other', topology: 'billing' })
  expect((await here.pglink(`locks restore --sandbox --journal ${other}`)).code).toBe(6)
  expect(runsIn(here)).toEqual([foreign, other].sort())
})

test('the data directory is kept out of Git, and what was there before is not', async () => {
  const here = await begun()
  expect(here.read('.pglink/.gitignore')).toBe('*\n!/schema/\n!/schema/*\n')
  here.write('.pglink/.gitignore', 'mine\n')
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  expect(here.read('.pglink/.gitignore')).toBe('mine\n')
  const state = '--sandbox-state .pglink/sandbox.json'
  expect((await here.pglink(`locks restore --sandbox ${state} --data-dir made`)).code).toBe(0)
  expect(here.read('made/.gitignore')).toBe('*\n!/schema/\n!/schema/*\n')
  expect((await here.pglink(`locks restore --sandbox ${state} --data-dir .`)).code).toBe(0)
  expect(existsSync(join(here.path, '.gitignore'))).toBe(false)
})

test('where the data directory cannot be written nothing is begun, and a plan is made all the same', async () => {
  const here = await begun('seed.json')
  writeFileSync(join(here.path, 'file'), '')
  const state = '--sandbox --sandbox-state .pglink/sandbox.json --data-dir file/data'
  const before = here.read('.pglink/sandbox.json')
  expect((await here.pglink(`plan ${state}`)).code).toBe(0)
  const applied = await here.pglink(`apply ${state} --auto-approve`)
  expect(applied.stderr).toMatch(/^Error: The file \S+file\/data\S* could not be made: a file stands where a folder is to be \(ENOTDIR\)\./)
  expect(applied.code).toBe(1)
  expect(here.read('.pglink/sandbox.json')).toBe(before)
})
