import { expect, test } from 'vitest'
import type { ApplyResult } from '../../src/model/events.ts'
import { type Fault, parseFaultList } from '../../src/sandbox/faults.ts'
import { carryOut, clientsOnSandbox } from '../support/engine.ts'
import { appliedUnderLock, type Estate, estate, failures, heldLocks, plan, putLockOn, reconcile, subscription } from '../support/estate.ts'
import { joiningEndpoint, smallServer, topologyFrom } from '../support/yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const minute = 60_000

const network = (isWide: boolean) =>
  topologyFrom(`
networks:
  hub: { addressSpace: [10.0.0.0/16${isWide ? ', 10.1.0.0/16' : ''}] }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com${isWide ? ', links: { hub: {} }' : ''} }`)

const fault = (method: string, path: string, nth: number | 'every', effect: object): Fault[] =>
  parseFaultList([{ method, path, nth, ...effect }], 'this test')

/** @param scope what a ReadOnly lock is on */
async function locked(scope: string, ...faults: Fault[]) {
  const on = estate({ faults })
  return { on, before: await appliedUnderLock(on, network(false), scope) }
}

const outcome = ({ result }: { readonly result: ApplyResult }, name: string) =>
  [...result.outcomes].find(([id]) => id.toLowerCase().includes(name))?.[1]

test.each([
  ['after', 'done'],
  ['before', 'failed']
] as const)(
  'a resource that is not seen while it is made is looked for as long as that takes: answer lost %s the write',
  async (drop, as) => {
    const { on, before } = await locked(zone, ...fault('PUT', 'virtualNetworkLinks/', 1, { drop }))
    const applied = await reconcile(on, network(true))
    expect(outcome(applied, 'create /subscriptions/')).toMatchObject({ as })
    // The lock went back when the link was there, and not over it.
    const puts = on.requests.flatMap((request, at) =>
      request.startsWith(`PUT ${zone}/providers/Microsoft.Authorization/locks/keep`) ? [at] : []
    )
    const looks = on.requests.flatMap((request, at) => (request.startsWith(`GET ${zone}/virtualNetworkLinks/`) ? [at] : []))
    expect(looks.filter(at => at < (puts.at(-1) ?? 0)).length).toBeGreaterThan(2)
    expect(await heldLocks(on)).toEqual(before)
    expect(failures(await reconcile(on, network(true)))).toEqual([])
  }
)

test('an operation of which Azure does not know any more is looked up, and its lock waits', async () => {
  const { on, before } = await locked(hub, ...fault('GET', 'Microsoft.Network/locations/[^/]+/operations/', 'every', { expire: true }))
  const applied = await reconcile(on, network(true))
  expect(outcome(applied, 'update /subscriptions/')).toEqual({ as: 'done' })
  expect(await heldLocks(on)).toEqual(before)
})

test('a write that is put off again and again waits for as long as Azure asks each time', async () => {
  const asks = { status: 429, code: 'SubscriptionRequestsThrottled', message: 'no', headers: { 'Retry-After': '120' } }
  const on = estate({ faults: [1, 2, 3, 4, 5, 6].flatMap(nth => fault('PUT', 'virtualNetworks/hub$', nth, asks)) }, { retriesMax: 3 })
  const from = on.sandbox.clock.now()
  expect(failures(await reconcile(on, network(false)))).toEqual([])
  expect(on.sandbox.clock.now() - from).toBeGreaterThanOrEqual(12 * minute)
})

/** Carries a plan out in which a lock may be off for so long. */
async function applyFor(on: Estate, maxUnlockedMs: number) {
  const { plan: steps } = await plan(on, network(true))
  return carryOut(on, steps, { prove: async () => ({ as: 'proven' }), maxUnlockedMs })
}

test('a write that is put off under a lock is given up when the lock has been off for as long as it may', async () => {
  const asks = { status: 429, code: 'SubscriptionRequestsThrottled', message: 'no', headers: { 'Retry-After': '120' } }
  const { on, before } = await locked(hub)
  on.sandbox.configure({ faults: fault('PUT', 'virtualNetworks/hub$', 'every', asks) })
  const from = on.sandbox.clock.now()
  const applied = await applyFor(on, 5 * minute)
  expect(outcome(applied, 'update /subscriptions/')).toMatchObject({ as: 'failed', error: { code: 'SubscriptionRequestsThrottled' } })
  expect(applied.result.owed).toEqual([])
  expect(on.sandbox.clock.now() - from).toBeLessThan(6 * minute)
  expect(await heldLocks(on)).toEqual(before)
})

test('a lock that somebody puts on a lifted scope is not waited for', async () => {
  const { on } = await locked(hub)
  let isThere = false
  const azure = clientsOnSandbox(on.sandbox, {}, async request => {
    if (request.method === 'PUT' && request.url.includes('/virtualNetworks/hub?') && !isThere) {
      isThere = true
      await putLockOn(on, hub, 'mine', { level: 'ReadOnly', notes: 'stop' })
    }
    return on.sandbox.handle(request)
  })
  const from = on.sandbox.clock.now()
  const applied = await applyFor({ ...on, azure }, 60 * minute)
  expect(outcome(applied, 'update /subscriptions/')).toMatchObject({ as: 'failed', error: { code: 'ScopeLocked' } })
  expect(on.sandbox.clock.now() - from).toBeLessThan(minute)
  expect(applied.result.owed).toEqual([])
})

test('a write that took effect is done, also where the journal cannot be told', async () => {
  const { on, before } = await locked(hub)
  const { journal } = on
  const broken = {
    ...on,
    journal: Object.assign(Object.create(journal), {
      append: async (entry: Parameters<typeof journal.append>[0]) => {
        if (entry.type === 'wrote') throw new Error('the disk is full')
        return journal.append(entry)
      }
    })
  }
  const applied = await reconcile(broken, network(true))
  expect(outcome(applied, 'update /subscriptions/')).toEqual({ as: 'done' })
  expect(applied.events.flatMap(event => (event.type === 'finished' ? (event.message ?? []) : []))).toContainEqual(
    'the journal could not be told: the disk is full'
  )
  expect(await heldLocks(on)).toEqual(before)
})

test('where no marker may be put nothing is lifted, and it is said which right is missing', async () => {
  const topology = (...members: readonly string[]) =>
    topologyFrom(`networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }
${smallServer(...members)}`)
  const on = estate({}, {}, (request, sandbox) =>
    // This login has no rights on locks but those of the network.
    request.url.includes('/permissions') && !request.url.includes('virtualNetworks')
      ? Promise.resolve(Response.json({ value: [{ actions: ['*'], notActions: ['Microsoft.Authorization/locks/*'] }] }))
      : sandbox.handle(request)
  )
  await appliedUnderLock(on, topology(), hub, 'CanNotDelete')
  const from = on.requests.length
  const { result } = await reconcile(on, topology(joiningEndpoint))
  expect(result.missingRights).toContainEqual(
    expect.stringMatching(/locks\/write on \S*\/flexibleservers\/case-pg, where the lock \S+\/keep is to be remembered/)
  )
  expect(on.requests.slice(from).filter(request => !request.startsWith('GET'))).toEqual([])
})
