import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { applyEnding } from '../../src/engine/endings.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { parseFaultList } from '../../src/sandbox/faults.ts'
import { arm, type Estate, estate, failures, plan, reconcile, type Settings } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'
import {
  address,
  agreed,
  automatic,
  begun,
  behindEndpoint,
  endpointFile,
  injected,
  integrated,
  integratedFile,
  networkOf,
  oldZone,
  refusalsOf,
  server
} from './migrationWorld.ts'

const parsed = (faults: Parameters<typeof parseFaultList>[0]) => parseFaultList(faults, 'test')
const office = { office: { start: '203.0.113.1', end: '203.0.113.1' } }
const posts = ({ requests }: Estate): number => requests.filter(one => one.startsWith('POST') && one.endsWith('/migrateNetwork')).length
/** Names of writes in the order in which they went out. */
const writesOf = ({ requests }: Estate): string[] =>
  requests.flatMap(one => {
    const [method = '', path = ''] = one.split(' ')
    return method === 'GET' ? [] : [`${method} ${path.split('/').slice(-2).join('/')}`]
  })

describe('a server that is migrated out of its virtual network', () => {
  const firstOfAll = ['PUT databases/shop', 'PUT privateDnsZones/privatelink.postgres.database.azure.com', 'PUT subnets/endpoints']
  const call = 'POST shop-pg/migrateNetwork'
  const newPath = ['PUT privateEndpoints/pe', 'PUT privateDnsZoneGroups/default', 'PUT virtualNetworkLinks/app']
  const oldPath = [
    'DELETE privateDnsZones/shop.private.postgres.database.azure.com',
    'DELETE subnets/injected',
    'DELETE virtualNetworkLinks/app'
  ]

  test.each([
    ['left closed', 'Disabled', {}, []],
    ['left open, and closed first', 'Enabled', {}, ['PATCH flexibleServers/shop-pg']],
    [
      'left closed, and opened before its firewall rules',
      'Disabled',
      { networking: { publicAccess: { enabled: true, firewallRules: office } } },
      ['PATCH flexibleServers/shop-pg', 'PUT firewallRules/office']
    ]
  ] as const)('%s', async (_what, migrationLeavesPublicAccess, more, access) => {
    const on = await begun({}, { behaviours: { migrationLeavesPublicAccess } })
    const is = integrated()
    const applied = await reconcile(on, behindEndpoint(more), agreed(is))
    expect(failures(applied)).toEqual([])
    const writes = writesOf(on)
    const at = (one: string): number => writes.indexOf(one)
    expect([...writes].sort()).toEqual([...firstOfAll, call, ...access, ...newPath, ...oldPath].sort())
    expect(Math.max(...firstOfAll.map(at))).toBeLessThan(at(call))
    expect(writes.slice(at(call) + 1, at(call) + 1 + Math.min(access.length, 1))).toEqual(access.slice(0, 1))
    expect(newPath.map(at)).toEqual(newPath.map(at).sort((a, b) => a - b))
    expect(Math.min(...oldPath.map(at))).toBeGreaterThan(Math.max(...newPath.map(at)))
    const look = applied.plan.steps.find(({ action }) => action.do === 'prove')
    const goes = applied.plan.steps.filter(({ action }) => action.do === 'delete')
    expect(goes).toHaveLength(3)
    for (const one of goes) expect(one.wave).toBeGreaterThan(look?.wave ?? 99)
    expect(applied.plan.steps.filter(({ interrupts }) => interrupts).map(({ id }) => id)).toEqual([
      `update ${server.toLowerCase()}#call`,
      `prove ${server.toLowerCase()}`
    ])
    const want = 'networking' in more ? 'Enabled' : 'Disabled'
    expect(await networkOf(on)).toEqual({ publicNetworkAccess: want })
    expect((await plan(on, behindEndpoint(more), agreed(is))).plan.steps).toEqual([])
  })

  test('beside another is migrated at the same time, each before its own endpoint alone', async () => {
    const both = (file: object, other: (own: Record<string, unknown>) => object): Topology => {
      const { servers, ...rest } = file as { servers: Record<string, Record<string, unknown>> }
      return topologyFrom(stringify({ ...rest, servers: { ...servers, 'books-pg': other(servers['shop-pg'] ?? {}) } }))
    }
    const is = both(integratedFile(), own => own)
    const wants = both(endpointFile(), own => ({ ...own, privateEndpoints: { books: automatic } }))
    const on = estate({}, { retriesMax: 3 })
    expect(failures(await reconcile(on, is))).toEqual([])
    const settings = { ...agreed(is), allowMigrate: [address, 'servers/books-pg'] }
    const { plan: made } = await plan(on, wants, settings)
    expect(made.refusals).toEqual([])
    const waves = (what: RegExp): number[] => made.steps.filter(({ id }) => what.test(id)).map(({ wave }) => wave)
    const [call, ...calls] = waves(/^update .*-pg#call$/)
    expect(calls).toEqual([call])
    expect(waves(/^create .*\/privateendpoints\/[^/]+$/).every(wave => wave > (call ?? 99))).toBe(true)
    expect(failures(await reconcile(on, wants, settings))).toEqual([])
  })

  test('whose endpoint takes the old subnet over, undelegated in between', async () => {
    const on = await begun()
    const top = { networks: { app: { addressSpace: ['10.10.0.0/16'], subnets: { injected: { addressPrefix: '10.10.2.0/28' } } } } }
    const want = behindEndpoint({ privateEndpoints: { pe: { ...automatic, subnet: 'app/injected' } } }, undefined, top)
    const made = await plan(on, want, agreed(integrated()))
    expect(made.plan.refusals).toEqual([])
  })

  test('says of no value that it stays which the migration takes away, and its own record does not keep the old zone', async () => {
    const on = await begun()
    expect(
      (await plan(on, behindEndpoint(), agreed(integrated()))).plan.notes.filter(({ message }) => /stays as it is/.test(message))
    ).toEqual([])
    // Without a baseline the old subnet is in no file, and the zone goes by its tag alone.
    const { baseline: _, ...alone } = { ...agreed(integrated()), allowDelete: [oldZone] }
    expect((await plan(on, behindEndpoint(), alone)).plan.refusals).toEqual([])
  })

  test('keeps the old zone, link and subnet where its new path cannot be proven', async () => {
    let broken = false
    const on = await begun({}, {}, async (request, sandbox) => {
      const isRecord =
        request.method === 'GET' && /privatelink\.postgres\.database\.azure\.com\/A\/shop-pg$/i.test(new URL(request.url).pathname)
      if (broken && isRecord) return Response.json({ error: { code: 'AuthorizationFailed', message: 'no' } }, { status: 403 })
      return sandbox.handle(request)
    })
    const planned = await plan(on, behindEndpoint(), agreed(integrated()))
    expect(planned.plan.refusals).toEqual([])
    broken = true
    const applied = await reconcile(on, behindEndpoint(), agreed(integrated())).catch((error: Error) => error.message)
    const there = await Promise.all(
      [oldZone, injected].map(async one => (await arm(on, 'GET', one, one === oldZone ? '2020-06-01' : '2024-05-01')).status)
    )
    expect(there).toEqual([200, 200])
    expect(typeof applied === 'string' || applyEnding(applied.plan, applied.result, undefined, undefined) !== 'ok').toBe(true)
  })

  test('is left where it is where Azure ends the operation with a failure, and no second call is made', async () => {
    const faults = [
      { method: 'POST', path: 'migrateNetwork$', operation: { code: 'ServerIsBusy', message: 'busy with another operation' } }
    ]
    const on = await begun({}, { faults: parsed(faults) })
    const applied = await reconcile(on, behindEndpoint(), agreed(integrated()))
    expect(posts(on)).toBe(1)
    expect(exitCodes[applyEnding(applied.plan, applied.result, undefined, undefined)]).toBe(8)
    expect(JSON.stringify([...applied.result.outcomes.values()].map(one => ('error' in one ? String(one.error) : '')))).toContain(
      'where it stays'
    )
    expect(await networkOf(on)).toMatchObject({ delegatedSubnetResourceId: injected })
    // The next run tries it anew.
    const next = await reconcile(on, behindEndpoint(), agreed(integrated()))
    expect([failures(next), posts(on)]).toEqual([[], 2])
  })

  test.each([
    ['the answer is lost', { method: 'POST', path: 'migrateNetwork$', drop: 'after' }],
    ['the answer is a 502', { method: 'POST', path: 'migrateNetwork$', status: 502, code: 'BadGateway', message: 'no', after: true }],
    [
      'the answer is a 503 that says when to come again',
      {
        method: 'POST',
        path: 'migrateNetwork$',
        status: 503,
        code: 'ServerUnavailable',
        message: 'no',
        headers: { 'retry-after': '5' },
        after: true
      }
    ],
    ['the operation is forgotten', { method: 'POST', path: 'migrateNetwork$', expire: true }]
  ])('is called once where %s', async (_what, fault) => {
    const on = await begun({}, { behaviours: { migrationLeavesPublicAccess: 'Enabled' }, faults: parsed([fault]) })
    const applied = await reconcile(on, behindEndpoint(), agreed(integrated()))
    expect([failures(applied), posts(on)]).toEqual([[], 1])
    expect(await networkOf(on)).toEqual({ publicNetworkAccess: 'Disabled' })
  })

  test('takes the newest version that Azure lists', async () => {
    const urls: string[] = []
    const offered = ['2024-08-01', '2025-08-01', '2026-04-01-preview', '2026-10-01-preview', '2026-10-01']
    const on = await begun(
      {},
      { behaviours: { apiVersions: { 'Microsoft.DBforPostgreSQL/flexibleServers': offered } } },
      (request, sandbox) => {
        urls.push(request.url)
        return sandbox.handle(request)
      }
    )
    expect(failures(await reconcile(on, behindEndpoint(), agreed(integrated())))).toEqual([])
    expect(urls.filter(one => /migrateNetwork/.test(one)).map(one => new URL(one).searchParams.get('api-version'))).toEqual(['2026-10-01'])
  })
})

describe('a migration that is refused', () => {
  test('without consent, and with consent to another server', async () => {
    const on = await begun()
    expect(await refusalsOf(on, behindEndpoint(), { allowMigrate: [] })).toEqual(['migration-not-allowed 6'])
    expect(await refusalsOf(on, behindEndpoint(), { allowMigrate: ['servers/other'] })).toEqual(['migration-not-allowed 6'])
    expect(posts(on)).toBe(0)
  })

  test.each([
    ['none', undefined],
    ['one that asks', { ...automatic, approval: { manual: 'please' } }],
    ['one without DNS', { ...automatic, privateDns: 'none' }],
    ['one whose record a policy writes', { ...automatic, privateDns: { zone: 'link', managedBy: 'policy' } }]
  ])('with %s of the endpoints that it takes', async (_what, pe) => {
    const on = await begun()
    expect(await refusalsOf(on, behindEndpoint({ privateEndpoints: pe === undefined ? undefined : { pe } }))).toContain(
      'migration-without-endpoint 6'
    )
  })

  test('for high availability, and with the further consent not', async () => {
    const more = { highAvailability: { mode: 'ZoneRedundant' } }
    const on = await begun(more)
    expect(await refusalsOf(on, behindEndpoint(more))).toEqual(['migration-unproven 6'])
    const { plan: made } = await plan(on, behindEndpoint(more), { ...agreed(integrated()), allowMigrateUnproven: [address] })
    expect([made.refusals, made.steps.filter(({ unproven }) => unproven).map(({ id }) => id)]).toEqual([
      [],
      [`update ${server.toLowerCase()}#call`]
    ])
  })

  test('while it is stopped', async () => {
    const on = await begun()
    await arm(on, 'POST', `${server}/stop`, '2025-08-01')
    await on.sandbox.clock.sleep(120_000)
    expect(await refusalsOf(on)).toContain('migration-unproven 6')
  })

  test('where the subnet of its endpoint has no free address', async () => {
    const on = await begun()
    const second = { ...automatic }
    const want = behindEndpoint({ privateEndpoints: { pe: automatic, two: second, three: second, four: second } }, '10.10.3.0/29')
    expect(await refusalsOf(on, want)).toEqual(['PGL081 6'])
  })

  test.each([
    ['that a lock is in the way of, with the figure', 'ReadOnly', 600, ['unlocked-too-long 6']],
    ['not with that figure', 'ReadOnly', 1300, []]
  ] as const)('%s', async (_what, level, maxUnlockedSeconds, refused) => {
    const on = await begun()
    await arm(on, 'PUT', `${server}/providers/Microsoft.Authorization/locks/keep`, '2020-05-01', { properties: { level } })
    const safety = { ...agreed(integrated()).safety, maxUnlockedSeconds } as NonNullable<Settings['safety']>
    const { plan: made } = await plan(on, behindEndpoint({ databases: undefined }), { ...agreed(integrated()), safety })
    expect(made.refusals.map(({ code, exit }) => `${code} ${exit}`)).toEqual(refused)
    if (refused.length > 0) expect(made.refusals[0]?.message).toMatch(/maxUnlockedSeconds: 12\d\d/)
    else expect(failures(await reconcile(on, behindEndpoint({ databases: undefined }), { ...agreed(integrated()), safety }))).toEqual([])
  })

  test('into a network, and into another subnet', async () => {
    const on = await begun()
    await reconcile(on, behindEndpoint(), { ...agreed(integrated()), prune: false })
    expect((await plan(on, integrated(), {})).plan.refusals.map(({ code }) => code)).toEqual(['fixed-field'])
  })
})
