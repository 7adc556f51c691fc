import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { applyEnding } from '../../src/engine/endings.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import { arm, type Estate, estate, failures, isThere, plan, reconcile, resolved, type Settings, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

// The old path to a server goes only when the new one is proven. Each row takes something away while the new path is not there, or
// is not what it should be: afterwards all that was there of the old path is as it was.

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const network = `${group}/providers/Microsoft.Network`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`
const zone = `${network}/privateDnsZones/privatelink.postgres.database.azure.com`
const record = `${zone}/A/orders-pg`
const factory = `${group}/providers/Microsoft.DataFactory/factories/orders-adf`

const closed = { publicAccess: { enabled: false } }
const office = { start: '203.0.113.0', end: '203.0.113.255' }
const open = { publicAccess: { enabled: true, firewallRules: { office } } }
const small = {
  version: '16',
  compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
  storage: { sizeGiB: 128 },
  administrator: { login: 'orders_admin', password: 'drawn', passwordVersion: 1 }
}
const auto = { subnet: 'hub/a', privateDns: { zone: 'link' }, approval: 'automatic' }
const asks = { subnet: 'hub/b', privateDns: { zone: 'link' }, approval: { manual: 'please' } }
const noDns = { privateDns: 'none' }

interface Parts {
  readonly networking?: object
  readonly endpoints?: object
  readonly connections?: readonly object[]
  readonly links?: object
  readonly factories?: object
}

const world = ({ networking = closed, endpoints, connections, links = { hub: {} }, factories }: Parts): object => ({
  networks: {
    hub: { addressSpace: ['10.0.0.0/16'], subnets: { a: { addressPrefix: '10.0.1.0/24' }, b: { addressPrefix: '10.0.2.0/24' } } },
    spoke: { addressSpace: ['10.1.0.0/16'] }
  },
  privateDnsZones: { link: { name: 'privatelink.postgres.database.azure.com', links } },
  servers: {
    'orders-pg': { ...small, networking, ...(endpoints && { privateEndpoints: endpoints }), ...(connections && { connections }) }
  },
  ...(factories && { dataFactories: { 'orders-adf': factories } })
})

const outside = { type: 'Azure' }
const inside = { type: 'Azure', managedVirtualNetwork: true }
const service = (integrationRuntime: string) => ({
  type: 'AzurePostgreSql',
  server: 'orders-pg',
  database: 'postgres',
  username: 'reader',
  password: 'drawn',
  passwordVersion: 1,
  encryption: 'SSL',
  integrationRuntime
})
const managed = { managedVirtualNetwork: true, managedPrivateEndpoints: { 'to-orders': { server: 'orders-pg' } } }
const before = { managedVirtualNetwork: true, integrationRuntimes: { one: outside }, linkedServices: { orders: service('one') } }

const linked = `${factory}/linkedservices/orders`
const pe = `${network}/privateEndpoints/pe`
const pe2 = `${network}/privateEndpoints/pe2`
const rule = `${server}/firewallRules/office`

/** A decision of the server's owner, taken elsewhere. */
async function decide(on: Estate, endpoint: string, status: string): Promise<void> {
  const list = await arm(on, 'GET', `${server}/privateEndpointConnections`, '2025-08-01')
  const { value } = (await list.json()) as { value: { id: string; properties: { privateEndpoint: { id: string } } }[] }
  const found = value.find(one => one.properties.privateEndpoint.id.toLowerCase().endsWith(endpoint.toLowerCase()))
  const state = { status, description: 'decided elsewhere' }
  await arm(on, 'PUT', found?.id ?? '', '2025-08-01', { properties: { privateLinkServiceConnectionState: state } })
  await on.sandbox.clock.sleep(120_000)
}

const versionOf = (path: string): string =>
  /DBforPostgreSQL/.test(path)
    ? '2025-08-01'
    : /DataFactory/.test(path)
      ? '2018-06-01'
      : /privateDnsZones/.test(path)
        ? '2020-06-01'
        : '2024-05-01'

/** The body that is there, without members that change with a look at it, or with the new path. */
async function at(on: Estate, path: string): Promise<unknown> {
  const answer = await arm(on, 'GET', path, versionOf(path))
  const passing = ['etag', 'encryptedCredential', 'privateEndpointConnections']
  return [answer.status, JSON.parse(await answer.text(), (key, value) => (passing.includes(key) ? undefined : value))]
}

interface Row {
  readonly now: Parts
  readonly want: Parts
  readonly settings?: Settings
  readonly first?: (on: Estate) => Promise<unknown>
  readonly exit: 7 | 8
  readonly stays: readonly string[]
  readonly says: RegExp
}

const waiting = { exit: 7, says: /is Pending on servers\/orders-pg/ } as const
const withDns = { now: { endpoints: { pe: auto } } } as const

const rows: Readonly<Record<string, Row>> = {
  'an endpoint and its record': { ...withDns, want: { endpoints: { pe2: { ...asks, ...noDns } } }, ...waiting, stays: [pe, record] },
  'a record that the new endpoint takes over': { ...withDns, want: { endpoints: { pe2: asks } }, ...waiting, stays: [pe, record] },
  'a record that is handed to another endpoint': {
    ...withDns,
    want: { endpoints: { pe: { ...auto, ...noDns }, pe2: asks } },
    ...waiting,
    stays: [pe, record]
  },
  'a record that is taken over, and left the file as a tag only': {
    ...withDns,
    want: { endpoints: { pe2: asks } },
    settings: { baseline: undefined as never, prune: true },
    ...waiting,
    stays: [pe, record]
  },
  'a zone group that an endpoint gives up': {
    ...withDns,
    want: { endpoints: { pe: { ...auto, ...noDns }, pe2: { ...asks, ...noDns } } },
    ...waiting,
    stays: [record]
  },
  'a link of a zone that stays': {
    now: { endpoints: { pe: auto }, links: { hub: {}, spoke: {} } },
    want: { endpoints: { pe: auto, pe2: { ...asks, ...noDns } }, links: { hub: {} } },
    ...waiting,
    stays: [`${zone}/virtualNetworkLinks/spoke`, record]
  },
  'a link that finds the public name': {
    now: { networking: open, links: { hub: { resolution: 'NxDomainRedirect' } } },
    want: { networking: open, endpoints: { pe: asks }, links: { hub: { resolution: 'Default' } } },
    ...waiting,
    stays: [`${zone}/virtualNetworkLinks/hub`]
  },
  'a firewall rule': {
    now: { networking: open },
    want: { networking: { publicAccess: { enabled: true } }, endpoints: { pe: { ...asks, ...noDns } } },
    ...waiting,
    stays: [rule]
  },
  'a part of a firewall rule': {
    now: { networking: open },
    want: {
      networking: { publicAccess: { enabled: true, firewallRules: { office: { ...office, end: office.start } } } },
      endpoints: { pe: asks }
    },
    ...waiting,
    stays: [rule]
  },
  'public access, while a policy has not written the record': {
    now: { networking: open },
    want: { endpoints: { pe: { ...auto, privateDns: { zone: 'link', managedBy: 'policy' } } } },
    exit: 7,
    says: /waiting on the policy/,
    stays: [server, rule]
  },
  'public access, while a factory waits for its endpoint': {
    now: { networking: open },
    want: { endpoints: { pe: { ...auto, ...noDns } }, factories: managed },
    ...waiting,
    stays: [server, rule]
  },
  'an approved connection, while another one is to take its place': {
    now: {
      endpoints: { pe: { ...asks, ...noDns } },
      connections: [{ from: 'servers/orders-pg/privateEndpoints/pe', decision: 'approve' }]
    },
    want: {
      endpoints: { pe: { ...asks, ...noDns }, pe2: { ...asks, ...noDns } },
      connections: [{ from: 'servers/orders-pg/privateEndpoints/pe', decision: 'reject' }]
    },
    ...waiting,
    stays: [pe]
  },
  'a linked service that moves to another runtime': {
    now: { networking: open, factories: before },
    want: {
      networking: open,
      factories: { ...managed, integrationRuntimes: { one: outside, two: inside }, linkedServices: { orders: service('two') } }
    },
    ...waiting,
    stays: [linked]
  },
  'a runtime that is made again, and its linked service': {
    now: { networking: open, factories: before },
    want: { networking: open, factories: { ...managed, integrationRuntimes: { one: inside }, linkedServices: { orders: service('one') } } },
    ...waiting,
    stays: [linked, `${factory}/integrationRuntimes/one`]
  },
  'a linked service that gets another name': {
    now: { networking: open, factories: before },
    want: { networking: open, factories: { ...managed, integrationRuntimes: { one: inside }, linkedServices: { other: service('one') } } },
    ...waiting,
    stays: [linked, `${factory}/integrationRuntimes/one`]
  },
  'a linked service that moves over an endpoint which its server has just rejected': {
    now: {
      networking: open,
      factories: { ...before, ...managed },
      connections: [{ from: 'dataFactories/orders-adf/managedPrivateEndpoints/to-orders', decision: 'approve' }]
    },
    first: on => decide(on, 'to-orders', 'Rejected'),
    want: {
      networking: open,
      factories: { ...managed, integrationRuntimes: { one: outside, two: inside }, linkedServices: { orders: service('two') } }
    },
    exit: 8,
    says: /is Rejected on servers\/orders-pg/,
    stays: [linked]
  },
  'a linked service that leaves the file, while the new endpoint waits': {
    now: { networking: open, factories: before },
    want: { networking: open, endpoints: { pe: { ...asks, ...noDns } }, factories: { ...before, linkedServices: {} } },
    ...waiting,
    stays: [linked]
  },
  'a runtime and its linked service that are made again, while the new endpoint waits': {
    now: { networking: open, factories: before },
    want: {
      networking: open,
      endpoints: { pe: { ...asks, ...noDns } },
      factories: { ...before, integrationRuntimes: { one: { type: 'SelfHosted' } } }
    },
    ...waiting,
    stays: [linked, `${factory}/integrationRuntimes/one`]
  },
  'an endpoint that is made again, with another one that waits': {
    now: { endpoints: { pe: auto, pe2: { ...asks, ...noDns } } },
    want: { endpoints: { pe: { ...auto, approval: { manual: 'please' } }, pe2: { ...asks, ...noDns } } },
    ...waiting,
    stays: [pe, record]
  },
  'public access, with an endpoint that was rejected': {
    now: { networking: open, endpoints: { pe: asks } },
    first: on => decide(on, '/pe', 'Rejected'),
    want: { endpoints: { pe: asks } },
    exit: 8,
    says: /is Rejected on servers\/orders-pg/,
    stays: [server, rule]
  },
  'an endpoint, with another one that was rejected': {
    now: { endpoints: { pe: auto, pe2: { ...asks, ...noDns } } },
    first: on => decide(on, '/pe2', 'Rejected'),
    want: { endpoints: { pe2: { ...asks, ...noDns } } },
    exit: 8,
    says: /is Rejected on servers\/orders-pg/,
    stays: [pe, record]
  }
}

async function run({ now, want, settings, first, exit, stays, says }: Row): Promise<void> {
  const on = estate()
  const is = topologyFrom(stringify(world(now)))
  await reconcile(on, is)
  await first?.(on)
  const whole = await Promise.all(stays.map(path => at(on, path)))
  expect(await Promise.all(stays.map(path => isThere(on, path)))).not.toContain(false)
  const wanted = topologyFrom(stringify(world(want)))
  const safety = {
    maxDeletes: 20,
    maxUnlockedSeconds: 600,
    locks: 'advised',
    liftInheritedLocks: false,
    liftExistingLocks: true,
    lockMemory: 'azure'
  } as const
  const asked: Settings = { baseline: is, prune: true, safety, ...settings }
  const applied = await reconcile(on, wanted, asked)
  const reasons = [...applied.result.outcomes.values()].flatMap(one => ('reason' in one ? [one.reason] : []))
  expect(reasons.join('\n')).toMatch(says)
  expect(await Promise.all(stays.map(path => at(on, path)))).toEqual(whole)
  expect(exitCodes[applyEnding(applied.plan, applied.result, undefined, undefined)]).toBe(exit)
}

describe('the old path is whole where the new one is not', () => {
  test.each(Object.entries(rows))('%s', async (_name, row) => run(row), 60_000)
})

describe('a path that is let go of without a proof', () => {
  const now = topologyFrom(stringify(world({ networking: open })))
  const want = topologyFrom(stringify(world({ networking: { publicAccess: { enabled: true } }, endpoints: { pe: { ...asks, ...noDns } } })))
  const address = 'servers/orders-pg/networking/publicAccess/firewallRules/office'

  test('goes, although somebody still has to approve', async () => {
    const on = estate()
    await reconcile(on, now)
    const applied = await reconcile(on, want, { baseline: now, prune: true, allowInterrupt: [address] })
    expect(failures(applied)).toEqual([])
    expect(await isThere(on, rule)).toBe(false)
    expect(applied.plan.steps.filter(({ unproven }) => unproven).map(({ id }) => id)).toEqual([`delete ${rule.toLowerCase()}`])
    expect(applied.plan.notes).toEqual([])
  })

  test('and is nothing of the plan is said', async () => {
    const on = estate()
    await reconcile(on, now)
    const { plan: made } = await plan(on, want, {
      baseline: now,
      prune: true,
      allowInterrupt: ['servers/orders-pg/privateEndpoints/mistyped']
    })
    expect(made.steps.filter(({ unproven }) => unproven)).toEqual([])
    expect(made.notes.map(({ message }) => message).join()).toContain('names nothing that this plan takes away')
  })

  test('a linked service moves at once, and what it leaves stays unproven', async () => {
    const on = estate()
    const is = topologyFrom(stringify(world({ networking: open, factories: before })))
    await reconcile(on, is)
    const moved = { ...managed, integrationRuntimes: { one: inside }, linkedServices: { orders: service('one') } }
    const wanted = topologyFrom(stringify(world({ networking: open, factories: moved })))
    const applied = await reconcile(on, wanted, { baseline: is, allowInterrupt: ['dataFactories/orders-adf/linkedServices/orders'] })
    expect(applied.plan.steps.filter(({ unproven }) => unproven).map(({ id }) => id)).toEqual([`delete ${linked}`.toLowerCase()])
    expect([...applied.result.outcomes.values()].every(({ as }) => as === 'done')).toBe(true)
  })
})

test('a zone that may not be read lets nothing go, and the right is named', async () => {
  const refuse = { on: false }
  const on = estate({}, {}, async (request, sandbox) =>
    refuse.on && /\/A\/orders-pg$/i.test(new URL(request.url).pathname)
      ? Response.json({ error: { code: 'AuthorizationFailed', message: 'no' } }, { status: 403 })
      : sandbox.handle(request)
  )
  const now = topologyFrom(stringify(world({ networking: open, endpoints: { pe: auto } })))
  await reconcile(on, now)
  refuse.on = true
  const applied = await reconcile(on, topologyFrom(stringify(world({ endpoints: { pe: auto } }))), { baseline: now, prune: true })
  const reasons = [...applied.result.outcomes.values()].flatMap(one => ('reason' in one ? [one.reason] : []))
  expect(reasons.join()).toContain('Microsoft.Network/privateDnsZones/A/read')
  expect(exitCodes[applyEnding(applied.plan, applied.result, undefined, undefined)]).toBe(7)
  expect(await isThere(on, rule)).toBe(true)
})

test('an endpoint that nobody gets through takes no path with it', async () => {
  const on = estate()
  const now = topologyFrom(stringify(world({ endpoints: { pe: { ...asks, ...noDns }, pe2: { ...asks, ...noDns } } })))
  await reconcile(on, now)
  await decide(on, '/pe', 'Rejected')
  const applied = await reconcile(on, topologyFrom(stringify(world({ endpoints: { pe2: { ...asks, ...noDns } } }))), {
    baseline: now,
    prune: true
  })
  expect([await isThere(on, pe), await isThere(on, pe2)]).toEqual([false, true])
  expect(failures(applied)).toEqual([])
})

test('a zone group that takes a record over is made only once its connection is Approved', async () => {
  const on = estate()
  await reconcile(on, topologyFrom(stringify(world({ endpoints: { pe: auto } }))))
  const want = topologyFrom(stringify(world({ endpoints: { pe2: asks } })))
  // Known by its tag alone, the old endpoint has no zone group in any file.
  const byTag: Settings = { prune: true, safety: { ...resolved(want).safety, maxDeletes: 20 } }
  const first = await reconcile(on, want, byTag)
  const taking = first.plan.steps.find(({ action }) => action.do === 'create' && action.resource.kind === 'privateDnsZoneGroup')
  expect([taking?.interrupts, first.result.outcomes.get(taking?.id ?? 'create ')?.as]).toEqual([true, 'skipped'])
  expect(await isThere(on, pe)).toBe(true)
  await decide(on, '/pe2', 'Approved')
  expect(failures(await reconcile(on, want, byTag))).toEqual([])
  expect(await isThere(on, pe)).toBe(false)
  expect(JSON.stringify(await at(on, record))).toContain('10.0.2.4')
})
