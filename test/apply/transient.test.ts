import { RestError } from '@azure/core-rest-pipeline'
import { expect, test } from 'vitest'
import { lockedScopes, relockAfterMs, settleTriesMax, triesMax } from '../../src/apply/transient.ts'
import { ArmError } from '../../src/azure/error.ts'
import { type Fault, parseFaultList } from '../../src/sandbox/faults.ts'
import { type Applied, estate, failures, heldLocks, putLockOn, reconcile, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const topology = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16] } }')
const group = `/subscriptions/${subscription}/resourceGroups/rg-case`

/** As it stands in a file of faults. */
type Effect = { readonly [member: string]: unknown }

const onHub = (effect: Effect, nth: number | 'every' = 1): Fault[] =>
  parseFaultList([{ method: 'PUT', path: 'virtualNetworks/hub$', nth, ...effect }], 'this test')
const answer = (status: number, code: string, message: string): Effect => ({ status, code, message })
const fails = (code: string, message: string): Effect => ({ operation: { code, message } })

const waits = ({ events }: Applied): number[] => events.flatMap(event => (event.type === 'retried' ? [event.inMs] : []))

const busy = 'Cannot complete operation while server is busy processing another operation. Try again later.'

test.each<[string, Effect, number]>([
  ['AnotherOperationInProgress', answer(429, 'AnotherOperationInProgress', 'Another operation is in progress.'), 10_000],
  ['RetryableError', answer(409, 'RetryableErrorDueToAnotherOperation', 'A retryable error occurred.'), 12_000],
  ['RetryableError in the operation', fails('RetryableError', 'A retryable error occurred.'), 12_000],
  ['ReferencedResourceNotProvisioned', answer(400, 'ReferencedResourceNotProvisioned', 'Not in Succeeded state.'), 10_000],
  ['ServerIsBusy', answer(409, 'ServerIsBusy', busy), 30_000],
  ['ServerBusy in the operation', fails('ServerBusy', busy), 30_000],
  ['ProvisioningServerBusy', answer(409, 'ProvisioningServerBusy', busy), 30_000],
  [
    'VirtualEndpointOwnerServerNotInReadyState',
    answer(409, 'VirtualEndpointOwnerServerNotInReadyState', 'Server is not in ready state'),
    30_000
  ],
  ['busy without a code', fails('', busy), 30_000],
  ['OperationTimedOut, rolled back', fails('OperationTimedOut', 'The operation timed out and automatically rolled back.'), 30_000],
  ['Canceled for a newer one', fails('Canceled', 'Operation was canceled (CanceledAndSupersededDueToAnotherOperation)'), 10_000]
])('%s is sent again after a while', async (_name, effect, ms) => {
  const on = estate({ faults: onHub(effect) })
  const from = on.sandbox.clock.now()
  const applied = await reconcile(on, topology)
  expect(failures(applied)).toEqual([])
  expect(waits(applied)).toEqual([ms])
  expect(on.sandbox.clock.now() - from).toBeGreaterThanOrEqual(ms)
})

test.each<[string, Effect]>([
  ['busy with a code nobody knows', answer(409, 'Conflict', busy)],
  ['no code, and nothing of being busy', fails('', 'The quota is used up.')],
  ['OperationTimedOut that was not rolled back', fails('OperationTimedOut', 'The operation timed out.')],
  ['CannotDeleteResource for anything else', answer(409, 'CannotDeleteResource', 'nested resources')],
  [
    'InUseSubnetCannotBeDeleted for a machine',
    answer(400, 'InUseSubnetCannotBeDeleted', 'in use by /x/networkInterfaces/vm1/ipConfigurations/a')
  ],
  ['Canceled by a person', fails('Canceled', 'Operation was canceled.')]
])('%s stands', async (_name, effect) => {
  const applied = await reconcile(estate({ faults: onHub(effect) }), topology)
  expect(waits(applied)).toEqual([])
  expect(failures(applied).length).toBe(1)
})

test('what goes on for ever is given up', async () => {
  const applied = await reconcile(estate({ faults: onHub(answer(409, 'ServerIsBusy', busy), 'every') }), topology)
  expect(waits(applied).length).toBe(triesMax - 1)
  expect(failures(applied)).toEqual([expect.stringContaining(busy)])
})

const lifts = {
  safety: { maxDeletes: 3, maxUnlockedSeconds: 600, locks: 'advised', liftInheritedLocks: true, liftExistingLocks: true }
} as const
const more = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16, 10.1.0.0/16] } }')

test('a lock that was lifted and goes on refusing for two minutes is waited out', async () => {
  const on = estate({ behaviours: { lockSettleMs: 120_000 } })
  await reconcile(on, topology)
  await putLockOn(on, group, 'keep', { level: 'ReadOnly' })
  const before = await heldLocks(on)
  const applied = await reconcile(on, more, lifts)
  expect(failures(applied)).toEqual([])
  expect(waits(applied)).toEqual(Array.from({ length: 24 }, () => 5_000))
  expect(await heldLocks(on)).toEqual(before)
})

test('a lifted lock that goes on refusing for ever is given up', async () => {
  const on = estate({ behaviours: { lockSettleMs: 3_600_000 } })
  await reconcile(on, topology)
  await putLockOn(on, group, 'keep', { level: 'ReadOnly' })
  const applied = await reconcile(on, more, lifts)
  expect(waits(applied).length).toBe(settleTriesMax - 1)
  expect(failures(applied)).toEqual([expect.stringContaining('are locked')])
})

test.each([
  ['another scope', `'/subscriptions/${subscription}/resourceGroups/other'`],
  ['another scope beside the lifted one', `'${group},/subscriptions/${subscription}'`],
  ['no scope at all', 'somewhere']
])('a refusal for a lock on %s stands', async (_name, scopes) => {
  const message = `The scope '/x' cannot perform write operation because following scope(s) are locked: ${scopes}. Please remove the lock and try again.`
  const on = estate({ faults: onHub(answer(409, 'ScopeLocked', message), 2) })
  await reconcile(on, topology)
  await putLockOn(on, group, 'keep', { level: 'ReadOnly' })
  const applied = await reconcile(on, more, lifts)
  expect(waits(applied)).toEqual([])
  expect(failures(applied)).toEqual([expect.stringContaining('are locked')])
  expect((await heldLocks(on)).length).toBe(1)
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
])('a relock that meets %s is sent again: %s', (error, again) => expect(relockAfterMs(error) !== undefined).toBe(again))
