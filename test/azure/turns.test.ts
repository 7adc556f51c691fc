import { expect, test } from 'vitest'
import { Bucket, Window } from '../../src/azure/budget.ts'
import { SharedAnswers } from '../../src/azure/shared.ts'
import { type Turn, Turns } from '../../src/azure/turns.ts'
import { virtualClock } from '../../src/sandbox/clock.ts'
import { createSandbox, type LogEntry, type SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { clientsOnSandbox } from '../support/engine.ts'
import { subscription } from '../support/estate.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg`
const zone = `${group}/providers/Microsoft.Network/privateDnsZones/example.com`
const network = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
const locks = `${group}/providers/Microsoft.Authorization/locks`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`

const throttling = { throttling: 'arm' } as const

/** The real clients on a sandbox that refuses what is too much, as a way to Azure has them. */
function throttled(
  behaviours: SandboxOptions['behaviours'] = {},
  more: { readonly limited?: boolean; readonly readsPerMinute?: number } = {}
) {
  const log: LogEntry[] = []
  const clock = virtualClock()
  const sandbox = createSandbox({
    clock,
    behaviours: { ...throttling, ...behaviours },
    seedBodies: {
      [zone]: { location: 'global' },
      [network]: { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
    },
    log: entry => void log.push(entry)
  })
  const said: Turn[] = []
  const own = new Turns({ clock, limited: true, told: turn => void said.push(turn), ...more })
  const open = (readOnly = true) => clientsOnSandbox(sandbox, { clock, turns: own, retriesMax: 0, readOnly })
  const from = clock.now()
  const get = (path: string, azure = azures[0]) =>
    azure?.send({ method: 'GET', path, apiVersion: '2025-05-01' }).catch((error: unknown) => error)
  const azures = [open()]
  return {
    sandbox,
    log,
    said,
    open,
    get,
    seconds: () => (clock.now() - from) / 1_000,
    refusals: () => log.filter(({ status }) => status === 429).length
  }
}

const times = (count: number, work: (index: number) => unknown): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

/** The least time for so many requests, by how a bucket or a window is filled, and by nothing of the code. */
const ofBucket = (count: number, size: number, perSecond: number): number => Math.max(0, (count - size) / perSecond)
const ofWindow = (count: number, most: number, spanSeconds: number): number => Math.floor((count - 1) / most) * spanSeconds

test.each([
  ['private DNS', zone, 1_200, ofWindow(1_200, 500, 300)],
  ['locks and rights', locks, 300, ofWindow(300, 120, 60)],
  ['a provider without a limit of its own', server, 800, ofBucket(800, 250, 25)]
])('reads of %s wait their turn, none is refused, and no longer is waited than the limit takes', async (_, path, count, least) => {
  const { get, refusals, seconds, log } = throttled()
  await times(count, () => get(path))
  expect(log.length).toBe(count)
  expect(refusals()).toBe(0)
  expect(seconds()).toBeGreaterThanOrEqual(least)
  expect(seconds()).toBeLessThan(least * 1.05 + 1)
})

test('without a turn the same reads are refused', async () => {
  const { get, refusals } = throttled({}, { limited: false })
  await times(600, () => get(zone))
  expect(refusals()).toBe(350)
})

test('each subscription has limits of its own', async () => {
  const { get, refusals, seconds } = throttled()
  const other = zone.replace(subscription, '22222222-2222-4222-8222-222222222222')
  await times(500, index => get(index % 2 === 0 ? zone : other))
  expect([refusals(), seconds()]).toEqual([0, expect.closeTo(0.4, 1)])
})

test('all facades of one login share its limits', async () => {
  const { get, open, refusals } = throttled()
  const others = [open(), open(), open()]
  await times(600, index => get(server, others[index % others.length]))
  expect(refusals()).toBe(0)
})

test('writes and deletes have buckets of their own', async () => {
  const { open, refusals, seconds } = throttled()
  const azure = open(false)
  const tags = { method: 'PATCH', path: group, apiVersion: '2021-04-01', body: { tags: {} } } as const
  await times(400, () => azure.send(tags).catch(() => undefined))
  expect(refusals()).toBe(0)
  expect(seconds()).toBeGreaterThanOrEqual(ofBucket(400, 200, 10))
  expect(seconds()).toBeLessThan(ofBucket(400, 200, 10) + 2)
})

test.each([
  ['a window', zone, { reads: 2_000 }, 200, 350, 300],
  ['a bucket', network, {}, 200, 100, 2]
])(
  'the reads of somebody else with the same login are told by what Azure says is left of %s',
  async (_, path, limits, theirs, count, least) => {
    const { get, sandbox, refusals, seconds } = throttled({ throttlingLimits: limits })
    const elsewhere = clientsOnSandbox(sandbox, { clock: sandbox.clock })
    for (let read = 0; read < theirs; read += 1) await elsewhere.send({ method: 'GET', path, apiVersion: '2025-05-01' })
    // One by one, so that there is an answer to go by before the next is sent.
    for (let read = 0; read < count; read += 1) await get(path)
    expect(refusals()).toBe(0)
    expect(seconds()).toBeGreaterThanOrEqual(least)
  }
)

test('where Azure says nothing of what is left, its first refusal tells', async () => {
  const { get, sandbox, refusals } = throttled()
  const elsewhere = clientsOnSandbox(sandbox, { clock: sandbox.clock })
  await times(250, () => elsewhere.send({ method: 'GET', path: server, apiVersion: '2025-08-01' }).catch(() => undefined))
  for (let read = 0; read < 200; read += 1) await get(server)
  expect(refusals()).toBe(1)
})

test('a refusal closes its limit for everybody who waits for it, and no other', async () => {
  const { get, sandbox, refusals, seconds } = throttled({ throttlingLimits: { authorization: 20 } })
  const elsewhere = clientsOnSandbox(sandbox, { clock: sandbox.clock })
  for (let read = 0; read < 20; read += 1) await elsewhere.send({ method: 'GET', path: locks, apiVersion: '2020-05-01' })
  await get(locks)
  expect([refusals(), seconds()]).toEqual([1, 0])
  await get(network)
  expect(seconds()).toBe(0)
  await get(locks)
  expect([refusals(), seconds()]).toEqual([1, 60])
})

test('a subscription with larger buckets is not slowed down to the usual ones', async () => {
  const { get, refusals, seconds } = throttled({ throttlingLimits: { reads: 1_100, readsPerSecond: 100 } })
  for (let read = 0; read < 1_000; read += 1) await get(network)
  expect([refusals(), seconds()]).toEqual([0, 0])
})

test('fewer reads a minute leave room for others, whatever the subscription', async () => {
  const { get, log, seconds } = throttled({}, { limited: false, readsPerMinute: 60 })
  const other = zone.replace(subscription, '22222222-2222-4222-8222-222222222222')
  await times(200, index => get(index % 2 === 0 ? zone : other))
  expect(seconds()).toBe(180)
  const sent = log.map(({ time }) => Date.parse(time))
  for (const at of sent) expect(sent.filter(one => one >= at && one < at + 60_000).length).toBeLessThanOrEqual(60)
})

test('a facade that writes is not put off for others', async () => {
  const { get, open, seconds } = throttled({}, { limited: false, readsPerMinute: 1 })
  await times(10, () => get(zone, open(false)))
  expect(seconds()).toBe(0)
  await times(10, () => get(zone))
  expect(seconds()).toBe(540)
})

test('a wait is said once for all who wait, with the rule', async () => {
  const { get, said } = throttled()
  await times(1_001, () => get(zone))
  const rule = 'Azure takes 500 in 5 min'
  const what = `reads of private DNS in subscription ${subscription}`
  expect(said.filter(one => one.what === what)).toEqual([
    { what, rule, ms: expect.closeTo(290_000, -4) },
    { what, rule, ms: expect.closeTo(300_000, -4) }
  ])
})

test('many short waits are said as well, when they have come to some seconds', async () => {
  const { get, said } = throttled()
  await times(350, () => get(server))
  expect(said).toEqual([])
  await times(350, () => get(server))
  expect(said).toMatchObject([
    { what: `reads in subscription ${subscription}`, rule: 'Azure takes 250 at once and 25 a second of a login' }
  ])
})

test('a bucket believes that less is left, but not that more is of which others have had a part', () => {
  const bucket = new Bucket(250, 25)
  const first = bucket.send(0)
  const second = bucket.send(0)
  first.answered(0, 100)
  expect(bucket.waitMs(90, 0)).toBe(0)
  expect(bucket.waitMs(91, 0)).toBe(40)
  second.answered(0, 99)
  expect(bucket.waitMs(90, 0)).toBeGreaterThan(0)
})

test('a request counts in a window until so long after its answer', () => {
  const window = new Window(1, 60_000)
  const slow = window.send(0)
  expect(window.waitMs(1, 0)).toBe(60_000)
  slow.answered(5_000)
  expect(window.waitMs(1, 60_000)).toBe(5_000)
  expect(window.waitMs(1, 65_000)).toBe(0)
})

test('a window that Azure has begun anew is used at once', () => {
  const window = new Window(3, 60_000)
  for (let sent = 0; sent < 2; sent += 1) window.send(0).answered(0)
  window.send(30_000).answered(30_000, 2)
  expect(window.waitMs(2, 30_000)).toBe(0)
  expect(window.waitMs(3, 30_000)).toBeGreaterThan(0)
})

test('a shared answer is read as the first was, and waits for nothing', async () => {
  const { sandbox, log } = throttled()
  const own = new Turns({ clock: sandbox.clock, limited: true })
  const shared = new SharedAnswers()
  const networksIn = async (): Promise<readonly (string | undefined)[]> => {
    const azure = clientsOnSandbox(sandbox, { clock: sandbox.clock, turns: own, readOnly: true, shared })
    const found: (string | undefined)[] = []
    for await (const { name } of (await azure.client('network', subscription)).virtualNetworks.listAll()) found.push(name)
    return found
  }
  expect([await networksIn(), await networksIn()]).toEqual([['hub'], ['hub']])
  expect(log.length).toBe(1)
})
