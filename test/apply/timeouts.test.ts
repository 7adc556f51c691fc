import { expect, test } from 'vitest'
import { appliedJson } from '../../src/document/appliedJson.ts'
import { applyEnding } from '../../src/engine/endings.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import { lowered } from '../../src/model/marker.ts'
import { applySummary } from '../../src/report/applySummary.ts'
import { plain as inPlain } from '../../src/report/style.ts'
import { parseFaultList } from '../../src/sandbox/faults.ts'
import { carryOut } from '../support/engine.ts'
import {
  type Applied,
  appliedUnderLock,
  arm,
  type Estate,
  estate,
  failures,
  heldLocks,
  plan,
  putLockOn,
  reconcile,
  recover,
  resolved,
  subscription
} from '../support/estate.ts'
import { login } from '../support/login.ts'
import { planDocument } from '../support/planDocument.ts'
import { topologyFrom } from '../support/yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
const minute = 60_000

const network = (second = '', more = '') =>
  topologyFrom(`networks: { hub: { addressSpace: [10.0.0.0/16${second}], timeouts: { create: 10m, update: 2m, delete: 3m${more} } } }`)
const plain = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16] } }')
const wider = network(', 10.1.0.0/16')

/** A sandbox whose operations say that they go on, for as long as `stuck` holds; the polls of them are counted. */
function slow() {
  const state = {
    stuck: false,
    polls: 0,
    answer: { status: 'InProgress' } as object,
    http: 200,
    retryAfter: '30'
  }
  const on = estate({}, {}, async (request, sandbox) => {
    const answer = await sandbox.handle(request)
    if (!/\/operations\//i.test(new URL(request.url).pathname) || request.method !== 'GET') return answer
    state.polls += 1
    if (!state.stuck) return answer
    return Response.json(state.answer, {
      status: state.http,
      headers: { 'retry-after': state.retryAfter }
    })
  })
  // As the command does, so that what is in flight is known when the lock is to be restored.
  on.azure.onOperation(({ path, url }) => on.journal.append({ type: 'operation', path, url, at: '2026-01-05T09:00:00.000Z' }))
  return { on, state }
}

const outcome = ({ result }: Applied, sort: string) =>
  [...result.outcomes].find(([id]) => id.startsWith(`${sort} `) && !id.endsWith('rg-case'))?.[1]

async function took(on: Estate, work: () => Promise<Applied>): Promise<{ readonly ms: number; readonly applied: Applied }> {
  const from = on.sandbox.clock.now()
  const applied = await work()
  return { ms: on.sandbox.clock.now() - from, applied }
}

test.each([
  ['create', {}, 10, undefined],
  ['update', {}, 2, plain],
  ['delete', { allowDelete: ['networks/hub'], prune: true, baseline: network() }, 60, network()]
] as const)('timeouts.%s bounds the step, which then is unknown', async (sort, settings, minutes, before) => {
  const { on, state } = slow()
  if (before !== undefined) expect(failures(await reconcile(on, before))).toEqual([])
  state.stuck = true
  const wanted = sort === 'delete' ? topologyFrom('networks: {}') : sort === 'update' ? wider : network()
  const { ms, applied } = await took(on, () => reconcile(on, wanted, settings))
  expect(outcome(applied, sort)).toMatchObject({ as: 'unknown', error: { code: 'OperationTimedOut' } })
  expect(failures(applied)[0]).toContain(`Not done after ${minutes} min`)
  // A resource that left the file has no entry there that could give it longer.
  if (sort === 'delete') expect(failures(applied)[0]).not.toContain('timeouts.')
  else expect(failures(applied)[0]).toContain(`raise timeouts.${sort} of networks/hub.`)
  expect(ms).toBeGreaterThanOrEqual(minutes * minute)
  expect(ms).toBeLessThan((minutes + 1) * minute)
})

test('without one a step has an hour, and says what to write', async () => {
  const { on, state } = slow()
  state.stuck = true
  const { ms, applied } = await took(on, () => reconcile(on, plain))
  expect(failures(applied)[0]).toContain('Not done after 60 min')
  expect(failures(applied)[0]).toContain('raise timeouts.create of networks/hub.')
  expect(ms).toBeLessThan(61 * minute)
})

test('one that is longer than an hour holds, too', async () => {
  const { on, state } = slow()
  state.stuck = true
  const patient = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16], timeouts: { create: 3h } } }')
  const { ms, applied } = await took(on, () => reconcile(on, patient))
  expect(failures(applied)[0]).toContain('Not done after 180 min')
  expect(ms).toBeGreaterThanOrEqual(180 * minute)
})

test.each(['Restarting', 'Foo', 'Accepted'])('%s means that it is in flight, and not that it is done', async status => {
  const { on, state } = slow()
  Object.assign(state, { stuck: true, answer: { status }, retryAfter: '30' })
  void on.sandbox.clock.sleep(5 * minute).then(() => {
    state.stuck = false
  })
  const { ms, applied } = await took(on, () => reconcile(on, network()))
  expect(failures(applied)).toEqual([])
  expect(ms).toBeGreaterThanOrEqual(5 * minute)
})

test.each([429, 503])('a poll that meets %i to the end has said nothing of its operation: it is asked again', async http => {
  const { on, state } = slow()
  Object.assign(state, { stuck: true, http, answer: { error: { code: 'TooManyRequests', message: 'slow down' } }, retryAfter: '30' })
  void on.sandbox.clock.sleep(5 * minute).then(() => {
    state.stuck = false
  })
  const { applied } = await took(on, () => reconcile(on, network()))
  expect(failures(applied)).toEqual([])
  expect(state.polls).toBeGreaterThan(9)
})

test("the time for which Azure asks to be left alone is not the step's; throttled for ever, it gets twice its time", async () => {
  const { on, state } = slow()
  Object.assign(state, { stuck: true, http: 429, answer: { error: { code: 'TooManyRequests', message: 'no' } }, retryAfter: '60' })
  // Longer than the ten minutes that the file allows.
  void on.sandbox.clock.sleep(15 * minute).then(() => {
    state.stuck = false
  })
  const { ms, applied } = await took(on, () => reconcile(on, network()))
  expect(failures(applied)).toEqual([])
  expect(ms).toBeGreaterThanOrEqual(15 * minute)

  const other = slow()
  Object.assign(other.state, { stuck: true, http: 429, answer: {}, retryAfter: '60' })
  const forever = await took(other.on, () => reconcile(other.on, network()))
  expect(failures(forever.applied)[0]).toContain('Not done after 10 min')
  expect(forever.ms).toBeGreaterThanOrEqual(20 * minute)
  expect(forever.ms).toBeLessThan(22 * minute)
})

test('a write that is put off is sent when Azure says, on time that is not the step’s', async () => {
  const faults = parseFaultList(
    [
      {
        method: 'PUT',
        path: 'virtualNetworks/hub$',
        status: 429,
        code: 'SubscriptionRequestsThrottled',
        message: 'no',
        headers: { 'Retry-After': '660' }
      }
    ],
    'this test'
  )
  const on = estate({ faults }, { retriesMax: 3 })
  const { ms, applied } = await took(on, () => reconcile(on, network()))
  expect(failures(applied)).toEqual([])
  expect(ms).toBeGreaterThanOrEqual(11 * minute)
})

test('a refusal that would be tried again stands when the time of the step is over', async () => {
  const faults = parseFaultList(
    [{ method: 'PUT', path: 'virtualNetworks/hub$', nth: 'every', status: 409, code: 'RetryableError', message: 'not now' }],
    'this test'
  )
  const on = estate({ faults })
  const quick = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16], timeouts: { create: 30s } } }')
  const { ms, applied } = await took(on, () => reconcile(on, quick))
  expect(failures(applied)).toEqual([expect.stringContaining('not now')])
  expect(outcome(applied, 'create')?.as).toBe('failed')
  expect(ms).toBeGreaterThanOrEqual(30_000)
  expect(ms).toBeLessThan(45_000)
})

/** The network as declared, under a lock, with an update of it that goes on for so long. */
async function lockedAndSlow(level: 'ReadOnly' | 'CanNotDelete', afterMs: number) {
  const { on, state } = slow()
  const before = await appliedUnderLock(on, network(), level === 'ReadOnly' ? hub : group, level)
  state.stuck = true
  let endedAt = 0
  const restoredAt: number[] = []
  void on.sandbox.clock.sleep(afterMs).then(() => {
    state.stuck = false
    endedAt = on.sandbox.clock.now()
  })
  return { on, state, before, endedAt: () => endedAt, restoredAt }
}

test('a ReadOnly lock is not restored over an operation that was given up before that has ended', async () => {
  const { on, before, endedAt } = await lockedAndSlow('ReadOnly', 8 * minute)
  const applied = await reconcile(on, wider)
  expect(outcome(applied, 'update')).toMatchObject({ as: 'unknown' })
  expect(endedAt()).toBeGreaterThan(0)
  expect(outcome(applied, 'relock')).toEqual({ as: 'done' })
  expect(await heldLocks(on)).toEqual(before)
  expect(applied.result.owed).toEqual([])
})

test('but not for ever', async () => {
  const { on, before, endedAt } = await lockedAndSlow('ReadOnly', 24 * 60 * minute)
  const { ms, applied } = await took(on, () => reconcile(on, wider))
  expect(endedAt()).toBe(0)
  expect(outcome(applied, 'relock')).toEqual({ as: 'done' })
  expect(exitCodes[applyEnding(applied.plan, applied.result, undefined, undefined)]).toBe(8)
  const done = {
    made: planDocument(applied),
    plan: applied.plan,
    result: applied.result,
    closing: undefined,
    naming: String,
    restoreLine: ''
  }
  expect(applySummary(appliedJson(done), inPlain)).toContain(`Azure was still at ${hub} when a lock was restored over it`)
  expect(await heldLocks(on)).toEqual(before)
  // Two for the step and fifteen for what goes on.
  expect(ms).toBeGreaterThanOrEqual(17 * minute)
  expect(ms).toBeLessThan(19 * minute)
})

test('a run that dies while the lock waits leaves the operation for the next one to wait for', async () => {
  const { on, before, state, endedAt } = await lockedAndSlow('ReadOnly', 8 * minute)
  await reconcile(on, wider)
  const cut = on.journal.entries.findIndex(entry => entry.type === 'relocked')
  on.journal.entries.length = cut
  await arm(on, 'DELETE', `${hub}/providers/Microsoft.Authorization/locks/keep`, '2020-05-01')
  Object.assign(state, { stuck: true })
  const from = on.sandbox.clock.now()
  void on.sandbox.clock.sleep(4 * minute).then(() => {
    state.stuck = false
  })
  expect((await recover(on)).map(({ outcome }) => outcome)).toEqual(['restored'])
  expect(on.sandbox.clock.now() - from).toBeGreaterThanOrEqual(4 * minute)
  expect(await heldLocks(on)).toEqual(before)
  expect(endedAt()).toBeGreaterThan(0)
})

test.each([
  ['the one login', { credential: login(12 * minute) }],
  ['the login for locks', { credential: login(), lockCredential: login(12 * minute) }]
])('nothing is lifted by %s where it might end before the lock is back', async (_, logins) => {
  const on = estate({}, logins)
  const before = await appliedUnderLock(on, plain, hub)
  const { plan: planned } = await plan(on, wider)
  const writes = () => on.requests.filter(one => !one.startsWith('GET')).length
  const sent = writes()
  const { result } = await carryOut(on, planned, { maxUnlockedMs: 10 * minute })
  const [lifted] = [...result.outcomes.values()]
  expect(lifted).toMatchObject({ as: 'failed', error: { name: 'LoginTooShort' } })
  expect(String(lifted !== undefined && 'error' in lifted ? lifted.error.message : '')).toMatch(
    /good for 1[12] min more.* 15 min are needed/
  )
  expect(writes()).toBe(sent)
  expect(on.journal.entries.filter(({ type }) => type === 'unlocking')).toEqual([])
  expect(await heldLocks(on)).toEqual(before)

  // The same login is enough where a lock may be off for less.
  const { result: shorter } = await carryOut(on, planned, { maxUnlockedMs: 5 * minute })
  expect([...shorter.outcomes.values()].map(({ as }) => as)).toEqual(['done', 'done', 'done'])
  expect(await heldLocks(on)).toEqual(before)
})

test('a lift that waits for the run that has the lock off is told to stop, and counts as cancelled', async () => {
  const on = estate()
  await appliedUnderLock(on, plain, hub)
  const { plan: planned, live } = await plan(on, wider)
  const [lock] = live.locks
  if (lock === undefined) throw new Error('no lock')
  const lease = { run: 'another', until: new Date(on.sandbox.clock.now() + 60 * minute).toISOString() }
  await putLockOn(on, hub, 'keep', lowered(lock, lease))
  const before = await heldLocks(on)
  const stopping = new AbortController()
  void on.sandbox.clock.sleep(5 * minute).then(() => stopping.abort())
  const from = on.sandbox.clock.now()
  const { result } = await carryOut(on, planned, { maxUnlockedMs: 10 * minute, signal: stopping.signal })
  expect(on.sandbox.clock.now() - from).toBe(5 * minute)
  expect([...result.outcomes.values()][0]).toEqual({ as: 'skipped', because: 'cancelled' })
  expect([...result.outcomes.values()].every(({ as }) => as === 'skipped')).toBe(true)
  expect(result.interrupted).toBe(true)
  expect(await heldLocks(on)).toEqual(before)
})

test('times of an entry are with its resource', async () => {
  const { desired } = resolved(network('', ', wait: 4m'))
  const entry = [...desired.values()].find(({ address }) => address === 'networks/hub')
  expect(entry).toMatchObject({ timeoutMs: 4 * minute, limitsMs: { create: 10 * minute, update: 2 * minute, delete: 3 * minute } })
})
