import { RestError } from '@azure/core-rest-pipeline'
import { describe, expect, test } from 'vitest'
import { ArmError } from '../../src/azure/error.ts'
import { againAfter, enforcedTriesMax, lockedScopes, namedOperation, restoreAfter, triesMax } from '../../src/azure/retryRules.ts'
import { isOtherLockOn } from '../../src/locks/otherLock.ts'
import { lowered } from '../../src/model/marker.ts'
import { type Fault, parseFaultList } from '../../src/sandbox/faults.ts'
import { lift, lockedBy, seedBodies, work } from '../apply/steps.ts'
import { type Applied, appliedUnderLock, estate, failures, heldLocks, putLockOn, reconcile, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const topology = topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16] } }
servers:
  case-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }
    networking: { publicAccess: { enabled: false } }
`)
const group = `/subscriptions/${subscription}/resourceGroups/rg-case`

/** As it stands in a file of faults. */
type Effect = { readonly [member: string]: unknown }

const onHub = (effect: Effect, nth: number | 'every' = 1): Fault[] =>
  parseFaultList([{ method: 'PUT', path: 'virtualNetworks/hub$', nth, ...effect }], 'this test')
const onServer = (effect: Effect, nth: number | 'every' = 1): Fault[] =>
  parseFaultList([{ method: 'PUT', path: 'flexibleServers/case-pg$', nth, ...effect }], 'this test')
const answer = (status: number, code: string, message: string): Effect => ({ status, code, message })
const fails = (code: string, message: string): Effect => ({ operation: { code, message } })

const waits = ({ events }: Applied): number[] => events.flatMap(event => (event.type === 'retried' ? [event.inMs] : []))

const busy = 'Cannot complete operation while server is busy processing another operation. Try again later.'

const superseded = 'Operation was canceled (CanceledAndSupersededDueToAnotherOperation)'

test.each<[string, (effect: Effect) => Fault[], Effect, number]>([
  [
    'AnotherOperationInProgress that names none',
    onHub,
    answer(429, 'AnotherOperationInProgress', 'Another operation is in progress.'),
    1_000
  ],
  ['RetryableError', onHub, answer(409, 'RetryableErrorDueToAnotherOperation', 'A retryable error occurred.'), 1_000],
  ['RetryableError that says how long', onHub, answer(409, 'RetryableError', 'The call can be retried in 33 seconds.'), 33_000],
  ['RetryableError in the operation', onHub, fails('RetryableError', 'A retryable error occurred.'), 1_000],
  ['ReferencedResourceNotProvisioned', onHub, answer(400, 'ReferencedResourceNotProvisioned', 'Not in Succeeded state.'), 1_000],
  ['Canceled for a newer one', onHub, fails('Canceled', superseded), 1_000],
  ['ServerIsBusy', onServer, answer(409, 'ServerIsBusy', busy), 1_000],
  ['ServerBusy in the operation', onServer, fails('ServerBusy', busy), 1_000],
  ['ProvisioningServerBusy', onServer, answer(409, 'ProvisioningServerBusy', busy), 1_000],
  [
    'VirtualEndpointOwnerServerNotInReadyState',
    onServer,
    answer(409, 'VirtualEndpointOwnerServerNotInReadyState', 'Server is not in ready state'),
    1_000
  ],
  ['busy without a code', onServer, fails('', busy), 1_000],
  ['OperationTimedOut, rolled back', onServer, fails('OperationTimedOut', 'The operation timed out and automatically rolled back.'), 1_000],
  ['throttled, to the end', onHub, answer(429, 'SubscriptionRequestsThrottled', "Please try again after '6' seconds."), 6_000]
])('%s is sent again after a while', async (_name, on, effect, ms) => {
  const here = estate({ faults: on(effect) })
  const from = here.sandbox.clock.now()
  const applied = await reconcile(here, topology)
  expect(failures(applied)).toEqual([])
  expect(waits(applied)).toEqual([ms])
  expect(here.sandbox.clock.now() - from).toBeGreaterThanOrEqual(ms)
})

test.each<[string, (effect: Effect) => Fault[], Effect]>([
  ['busy with a code nobody knows', onServer, answer(409, 'Conflict', busy)],
  ['busy, from what has no such state', onHub, fails('', busy)],
  ['no code, and nothing of being busy', onServer, fails('', 'The quota is used up.')],
  ['OperationTimedOut that was not rolled back', onServer, fails('OperationTimedOut', 'The operation timed out.')],
  ['AnotherOperationInProgress of what is no network', onServer, answer(409, 'AnotherOperationInProgress', 'Another operation.')],
  ['CannotDeleteResource for anything else', onHub, answer(409, 'CannotDeleteResource', 'nested resources')],
  [
    'InUseSubnetCannotBeDeleted for a machine',
    onHub,
    answer(400, 'InUseSubnetCannotBeDeleted', 'in use by /x/networkInterfaces/vm1/ipConfigurations/a')
  ],
  ['Canceled by a person', onHub, fails('Canceled', 'Operation was canceled.')]
])('%s stands', async (_name, on, effect) => {
  const applied = await reconcile(estate({ faults: on(effect) }), topology)
  expect(waits(applied)).toEqual([])
  expect(failures(applied).length).toBe(1)
})

test('an operation in flight for ever is given up', async () => {
  const applied = await reconcile(estate({ faults: onServer(answer(409, 'ServerIsBusy', busy), 'every') }), topology)
  expect(waits(applied)).toEqual([1_000, 2_000, 4_000, 8_000, ...Array<number>(triesMax - 5).fill(15_000)])
  expect(failures(applied)).toEqual([expect.stringContaining(busy)])
})

describe('the operation of somebody else that a refusal names', () => {
  const other = `/subscriptions/${subscription}/providers/Microsoft.Network/locations/westeurope/operations/33333333-3333-4333-8333-333333333333`
  const refusal = (url: string) => `To retrieve status of the operation use uri: ${url}.`
  const named = (url: string) => `Another operation on this or dependent resource is in progress. ${refusal(url)}`

  /** Refuses the hub until the operation has been asked after `polls` times and has ended. */
  const busyWith = (url: string, polls: readonly string[]) => {
    const left = [...polls]
    const asked: string[] = []
    let over = false
    const on = estate({}, {}, async (request, sandbox) => {
      if (new URL(request.url).pathname === other) {
        asked.push(request.url)
        const status = left.shift() ?? 'Succeeded'
        over = /^(Succeeded|Failed)$/.test(status)
        return Response.json(
          { status, ...(status === 'Failed' && { error: { code: 'Theirs', message: 'theirs' } }) },
          { headers: { 'retry-after': '20' } }
        )
      }
      if (over || request.method !== 'PUT' || !request.url.includes('virtualNetworks/hub')) return sandbox.handle(request)
      return Response.json({ error: { code: 'AnotherOperationInProgress', message: named(url) } }, { status: 409 })
    })
    return { on, asked }
  }
  const url = `https://management.azure.com${other}?api-version=2024-05-01`

  test.each([
    ['succeeds', ['InProgress', 'Restarting', 'InProgress']],
    ['is in a state nobody knows', ['Foo', 'Foo']],
    ['fails', ['InProgress', 'Failed']]
  ])('is followed to its end, and the write is sent once more: it %s', async (_how, polls) => {
    const { on, asked } = busyWith(url, polls)
    const applied = await reconcile(on, topology)
    expect(failures(applied)).toEqual([])
    expect(waits(applied)).toEqual([1_000])
    expect(asked.length).toBe(polls.at(-1) === 'Failed' ? polls.length : polls.length + 1)
    // The full stop after it is not part of it.
    expect(new Set(asked)).toEqual(new Set([url]))
  })

  test('is not asked after where its address is not the cloud, and the token stays here', async () => {
    const { on, asked } = busyWith(url.replace('azure.com', 'azure.example'), [])
    const applied = await reconcile(on, topology)
    expect(asked).toEqual([])
    expect(waits(applied).length).toBe(triesMax - 1)
    expect(failures(applied)).toEqual([expect.stringContaining('Another operation')])
  })

  test.each([
    [refusal('https://management.azure.com/a?b=c'), 'https://management.azure.com/a?b=c'],
    [`${refusal('https://management.azure.com/a.b')} More.`, 'https://management.azure.com/a.b'],
    ['Another operation is in progress.', undefined],
    ['use uri: file:///etc/passwd.', undefined]
  ])('is found in %s', (said, found) => expect(namedOperation(said)).toBe(found))
})

// Approved after it was rejected, PostgreSQL ends the operation so, every time.
test("a rejected connection's answer to its approval is final", () => {
  const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`
  const error = new ArmError(200, { code: 'InternalServerError', message: 'The server is busy.' })
  expect(againAfter(error, `${server}/privateEndpointConnections/a`, new Set())).toBeUndefined()
  expect(againAfter(new ArmError(200, { code: '', message: busy }), `${server}/privateEndpointConnections/a`, new Set())).toBeDefined()
})

const lifts = {
  safety: {
    maxDeletes: 3,
    maxUnlockedSeconds: 600,
    locks: 'advised',
    liftInheritedLocks: true,
    liftExistingLocks: true,
    lockMemory: 'azure'
  }
} as const
const first = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16] } }')
const more = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16, 10.1.0.0/16] } }')

test('a lock that was lifted and goes on refusing for two minutes is waited out', async () => {
  const on = estate({ behaviours: { lockSettleMs: 120_000 } })
  const before = await appliedUnderLock(on, first, group)
  const applied = await reconcile(on, more, lifts)
  expect(failures(applied)).toEqual([])
  expect(waits(applied)).toEqual([1_000, 2_000, 4_000, 8_000, ...Array<number>(7).fill(15_000)])
  expect(await heldLocks(on)).toEqual(before)
})

test('a lifted lock that goes on refusing for ever is given up', async () => {
  const on = estate({ behaviours: { lockSettleMs: 3_600_000 } })
  await appliedUnderLock(on, first, group)
  const applied = await reconcile(on, more, lifts)
  expect(waits(applied).length).toBe(enforcedTriesMax - 1)
  expect(failures(applied)).toEqual([expect.stringContaining('are locked')])
})

test.each([
  ['another scope', `'/subscriptions/${subscription}/resourceGroups/other'`],
  ['another scope beside the lifted one', `'${group},/subscriptions/${subscription}'`],
  ['no scope at all', 'somewhere']
])('a refusal for a lock on %s stands', async (_name, scopes) => {
  const message = `The scope '/x' cannot perform write operation because following scope(s) are locked: ${scopes}. Please remove the lock and try again.`
  const on = estate({ faults: onHub(answer(409, 'ScopeLocked', message), 2) })
  await appliedUnderLock(on, first, group)
  const applied = await reconcile(on, more, lifts)
  expect(waits(applied)).toEqual([])
  expect(failures(applied)).toEqual([expect.stringContaining('are locked')])
  expect((await heldLocks(on)).length).toBe(1)
})

// A read may be a minute old [TF-LOCK]; a lock that differs from the lifted one is somebody's at once.
test.each<readonly [string, object | undefined, number, boolean]>([
  ['as it was, just after the lift', { level: 'ReadOnly', notes: 'theirs' }, 0, false],
  ['as it was, when no read can be that old any more', { level: 'ReadOnly', notes: 'theirs' }, 71_000, true],
  ['lowered', undefined, 71_000, false],
  ['with other notes', { level: 'ReadOnly', notes: 'frozen' }, 0, true],
  ['with other notes, and in no way of a write', { level: 'CanNotDelete', notes: 'frozen' }, 0, false]
])('a lifted lock that is read %s: somebody has put it there: %s', async (_name, properties, ms, isSomebodys) => {
  const on = estate({ seedBodies })
  const lock = await lockedBy(on, 'keep')
  const { action } = work('one')
  const liftedAt = new Map([[lock.path, on.sandbox.clock.now()]])
  await on.sandbox.clock.sleep(ms)
  const lease = { run: 'one', until: new Date(on.sandbox.clock.now() + 600_000).toISOString() }
  await putLockOn(on, lock.scope, 'keep', properties ?? lowered(lock, lease))
  const lifting = { azure: on.azure, lifts: [lift(lock)], liftedAt }
  expect(await isOtherLockOn([lock.scope], action, lifting)).toBe(isSomebodys)
})

test('the scopes of a refusal are read in any case', () => {
  expect(lockedScopes("… are locked: '/Subscriptions/A,/subscriptions/b/ '. Please …")).toEqual(['/subscriptions/a', '/subscriptions/b'])
})

test.each([
  [new RestError('socket hang up', { code: 'ECONNRESET' }), true],
  [new ArmError(503, {}), true],
  [new ArmError(429, {}), true],
  [new ArmError(409, {}), true],
  [new ArmError(403, {}), false],
  [new ArmError(404, {}), false],
  [new Error('bug'), false]
])('a restore that meets %s is sent again: %s', (error, again) => expect(restoreAfter(error) !== undefined).toBe(again))
