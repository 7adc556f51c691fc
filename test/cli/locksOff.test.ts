import { expect, test } from 'vitest'
import { workflowsOf } from '../../src/action/workflows.ts'
import type { DriftDocument } from '../../src/document/drift.generated.ts'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { markersFor } from '../../src/model/marker.ts'
import type { Lock } from '../../src/model/resource.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { type Folder, folder } from '../support/cli.ts'
import { leaveRun } from './runs.ts'
import { subnetIn } from './topologies.ts'

const subscription = '11111111-1111-4111-8111-111111111111'
const group = `/subscriptions/${subscription}/resourceGroups/rg-net`
const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
const keep = `${hub}/providers/Microsoft.Authorization/locks/keep`
const properties = { level: 'CanNotDelete', notes: 'owned by netops' } as const
const lock: Lock = { scope: hub.toLowerCase() as Lock['scope'], path: keep, name: 'keep', level: properties.level, properties }
const run = '33333333-3333-4333-8333-333333333333'

/** The sandbox begins at 2026-01-05T09:00 by its clock. */
const leases = { running: '2026-01-05T12:00:00.000Z', over: '2026-01-05T08:30:00.000Z' }

/** Applied, with the lock off by then: in `markers` Azure remembers that. */
async function lifted(until: string, markers: boolean): Promise<Folder> {
  const files = subnetIn('CanNotDelete')
  const { [keep]: _, ...rest } = JSON.parse(files['seed.json'] ?? '')
  const marker = markers ? markersFor(lock, { run, until }, group).map(one => [one.path, { properties: one.properties }]) : []
  const subnet = { [`${hub}/subnets/ours`]: { properties: { addressPrefix: '10.20.1.0/24' } } }
  const seedBodies = { [group]: { location: 'eastus2' }, ...rest, ...subnet, ...Object.fromEntries(marker) }
  return folder({ ...files, '.pglink/sandbox.json': JSON.stringify(createSandbox({ seedBodies }).exportState()) })
}

const journalled = (here: Folder, until: string, process?: { host: string; pid: number; started: string }): void => {
  const entry = { type: 'unlocking', lock, how: 'remove', lease: { run, until }, markers: [], at: '2026-01-05T09:00:00.000Z' }
  leaveRun(here, [entry], { run, ...(process && { process }) })
}

/** As the printed `az` line does. */
async function putBackByHand(here: Folder, body: object = { properties }): Promise<void> {
  const sandbox = createSandbox({ state: JSON.parse(here.read('.pglink/sandbox.json')) })
  const headers = { authorization: 'Bearer netops', 'content-type': 'application/json' }
  const url = `https://management.azure.com${keep}?api-version=2020-05-01`
  const { status } = await sandbox.handle(new Request(url, { method: 'PUT', headers, body: JSON.stringify(body) }))
  expect(status).toBe(201)
  here.write('.pglink/sandbox.json', JSON.stringify(sandbox.exportState()))
}

const driftIn = async (here: Folder) => {
  const { code, stdout } = await here.pglink('drift --sandbox --json')
  const { entries } = JSON.parse(stdout) as DriftDocument
  return { code, entries: entries.filter(({ address }) => address === keep) }
}

const planIn = async (here: Folder) => JSON.parse((await here.pglink('plan --sandbox --json')).stdout) as PlanDocument

test('a lock under a running lease is said, and is no drift; once the lease is over it is', async () => {
  const here = await lifted(leases.running, true)
  const running = await driftIn(here)
  expect(running).toMatchObject({ code: 0, entries: [{ class: 'leased', counts: false }] })
  expect(running.entries[0]?.message).toBe(`was removed by the run ${run}, which has until ${leases.running} to restore it`)
  expect((await here.pglink('drift --sandbox')).stdout).toContain('Off for a run that is at it, which is no drift:')
  expect((await planIn(here)).dangers).toMatchObject([{ kind: 'lock-off', address: keep }])

  const over = await driftIn(await lifted(leases.over, true))
  expect(over).toMatchObject({ code: 3, entries: [{ class: 'differs', counts: true }] })
})

test('a lock whose run is dead on this machine has drifted, however long its lease runs', async () => {
  const here = await lifted(leases.running, true)
  journalled(here, leases.running)
  const { code, entries } = await driftIn(here)
  expect([code, entries.length]).toEqual([3, 1])
  expect(entries[0]?.message).toContain('whose process on this machine has ended and did not restore it')
  const plan = await here.pglink('plan --sandbox --markdown plan.md --html plan.html --sarif plan.sarif')
  expect(plan.stdout).toMatch(/Look at this first:\n {2}Lock off now: CanNotDelete lock keep on networks\/hub is off since an earlier run/)
  expect(plan.code).toBe(0)
  for (const name of ['plan.md', 'plan.html', 'plan.sarif']) expect(here.read(name)).toMatch(/off since an earlier run/)
  expect((await here.pglink('locks list --sandbox')).code).toBe(9)
})

test('one that is known from the journal of another machine is under its lease', async () => {
  const here = await lifted(leases.running, false)
  journalled(here, leases.running, { host: 'elsewhere', pid: 1, started: '1' })
  expect(await driftIn(here)).toMatchObject({ code: 0, entries: [{ class: 'leased' }] })
})

test.each([true, false])('a lock that a person restored is back, with markers: %s', async markers => {
  const here = await lifted(leases.over, markers)
  journalled(here, leases.over)
  const before = await here.pglink('locks list --sandbox')
  expect([before.code, before.stdout]).toEqual([9, expect.stringMatching(/keep +CanNotDelete +networks\/hub +NOT RESTORED/)])
  await putBackByHand(here)
  const listed = await here.pglink('locks list --sandbox')
  expect(listed.stdout).toMatch(/keep +CanNotDelete +networks\/hub +back/)
  expect(listed.stdout).not.toContain('NOT RESTORED')
  expect(listed.code).toBe(0)
  const { topologies } = JSON.parse((await here.pglink('locks list --sandbox --json')).stdout)
  expect(topologies[0]).toMatchObject({ not_restored: [], back: [{ id: keep }] })
  expect((await driftIn(here)).entries).toEqual([])
  const plan = await planIn(here)
  expect(plan.dangers).toEqual([])
  expect(plan.notes.map(({ message }) => message).join()).toContain('its lock keep was restored by a person')
  expect((await here.pglink('locks restore --sandbox')).code).toBe(0)
  expect((await here.pglink('locks list --sandbox')).stdout).not.toContain('pglink-owes-')
})

test('one that a person put there in another form is not back', async () => {
  const here = await lifted(leases.over, true)
  await putBackByHand(here, { properties: { ...properties, notes: 'mine' } })
  const listed = await here.pglink('locks list --sandbox')
  expect([listed.code, listed.stdout]).toEqual([9, expect.stringContaining('NOT RESTORED')])
})

test('a workflow run is asked for where the repository is this one, and only there', async () => {
  const asked: unknown[] = []
  const step = (status: string) => ({
    inputs: { token: 't' },
    context: { owner: 'acme', repo: 'estate', apiUrl: 'http://127.0.0.1:1', graphqlUrl: '' },
    terminal: { err: () => undefined },
    status
  })
  const fetched = globalThis.fetch
  globalThis.fetch = async input => {
    asked.push(String(input))
    return Response.json({ status: String(input).endsWith('/7') ? 'completed' : 'in_progress' })
  }
  try {
    const { workflowEnded } = workflowsOf(step('') as never)
    expect(await workflowEnded?.('acme/estate/runs/7')).toBe(true)
    expect(await workflowEnded?.('acme/estate/runs/8')).toBe(false)
    expect(await workflowEnded?.('other/estate/runs/7')).toBeUndefined()
    expect(await workflowEnded?.('acme/estate/runs/7')).toBe(true)
    expect(asked).toHaveLength(2)
  } finally {
    globalThis.fetch = fetched
  }
})
