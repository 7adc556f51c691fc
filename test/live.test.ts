import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { kinds } from '../src/kinds/index.ts'
import type { Kind } from '../src/kinds/kind.ts'
import { Secret } from '../src/model/secret.ts'
import type { Topology } from '../src/model/topology.generated.ts'
import { arm, type Estate, estate, failures, plan, reconcile, resolved, subscription } from './support/estate.ts'
import { topologyFrom } from './support/yaml.ts'

const readme = readFileSync('src/live/README.md', 'utf8')
/** The calls of each row of the table of kinds. */
const table = new Map(
  [...(readme.split('## ')[0] ?? '').matchAll(/^\| ([\w ]+?) +\| [^|\n]+\| ([^|\n]+)\|$/gm)].map(([, row = '', cost = '']) => [
    row,
    cost.trim()
  ])
)

/** The row of the table that a kind is read by. */
const rowOf = ({ name, type, embedded, match }: Kind): string => {
  if (table.has(name)) return name
  if (embedded !== undefined) return 'in the body of its parent'
  if (type.split('/').length === 2) return 'right in a group'
  return match === undefined ? 'any other' : 'found by what it joins'
}

/** The reads that the table foresees for a topology. */
function foreseen(topology: Topology): number {
  const { desired } = resolved(topology)
  const parents = (kind: string): number =>
    new Set([...desired.values()].filter(one => one.kind === kind).map(({ id }) => id.split('/').slice(0, -2).join('/'))).size
  // By the second table: the zone's records, and the network interfaces of its group, come in one list each.
  const paths = Object.keys(topology.servers ?? {}).length > 1 ? 2 : 0
  return kinds.reduce((sum, kind) => {
    const cost = table.get(rowOf(kind)) ?? ''
    if (cost === '0' || cost.startsWith('0, or')) return sum
    const any = [...desired.values()].some(one => one.kind === kind.name) || kind.name === 'managementLock'
    if (/a subscription$/.test(cost)) return sum + (any ? 1 : 0)
    return sum + parents(kind.name)
  }, paths)
}

const password = new Secret('FLEET_PASSWORD', 'Test-only-1')

const fleet = (servers: number): Topology => ({
  ...topologyFrom(
    'networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.0.0/22 }, b: { addressPrefix: 10.0.4.0/24 } } } }'
  ),
  privateDnsZones: { link: { name: 'privatelink.postgres.database.azure.com', links: { hub: {} } } },
  servers: Object.fromEntries(
    Array.from({ length: servers }, (_, index) => [
      `pg-${index}`,
      {
        version: '17' as const,
        compute: { tier: 'GeneralPurpose' as const, size: 'Standard_D2ds_v5' },
        storage: { sizeGiB: 128 },
        administrator: { login: 'fleet_admin', password },
        networking: { publicAccess: { enabled: false } },
        databases: { one: {}, two: {} },
        privateEndpoints: { [`pg-${index}-pe`]: { subnet: 'hub/a', privateDns: { zone: 'link' }, approval: 'automatic' as const } }
      }
    ])
  )
})

test('the table has a row for every kind, and no other', () => {
  expect([...table.keys()].filter(row => row !== 'kinds').sort()).toEqual([...new Set(kinds.map(rowOf))].sort())
})

test('a plan of a hundred servers that changes nothing reads as often as the table says', async () => {
  const topology = fleet(100)
  const on = estate()
  expect(failures(await reconcile(on, topology))).toEqual([])
  const before = on.requests.length
  const reads = on.looking.calls.reads

  expect((await plan(on, topology)).plan.changes).toEqual([])

  expect(on.looking.calls.reads - reads).toBe(foreseen(topology))
  expect(on.requests.slice(before).filter(request => !request.startsWith('GET '))).toEqual([])
}, 240_000)

/** Answers 403 to reads of some paths, as to somebody without the right. */
const refusing = (paths: RegExp): Estate =>
  estate({}, {}, (request, sandbox) =>
    request.method === 'GET' && paths.test(decodeURI(new URL(request.url).pathname)) && !open
      ? Promise.resolve(Response.json({ error: { code: 'AuthorizationFailed', message: 'no right' } }, { status: 403 }))
      : sandbox.handle(request)
  )

let open = true

describe('a login that may not list', () => {
  const two = topologyFrom(
    'networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } }, spoke: { addressSpace: [10.1.0.0/16] } }'
  )
  const lists = `/subscriptions/${subscription}/providers/Microsoft.Network/virtualNetworks$`

  test.each([
    ['the subscription reads the group', new RegExp(lists)],
    ['the group either reads one by one', new RegExp(`${lists}|/resourceGroups/[^/]+/providers/Microsoft.Network/virtualNetworks$`, 'i')]
  ])('%s', async (_name, paths) => {
    open = true
    const on = refusing(paths)
    await reconcile(on, two)
    open = false
    const { plan: again } = await plan(on, two)
    expect(again.unknown).toEqual([])
    expect(again.changes).toEqual([])
  })

  test('a network at all says unknown, and neither creates nor deletes', async () => {
    open = true
    const on = refusing(/Microsoft.Network\/virtualNetworks/)
    await reconcile(on, two)
    open = false
    const { plan: again } = await plan(on, two, { baseline: two, prune: true })
    expect(again.unknown.map(({ address }) => address)).toEqual(['networks/hub', 'networks/hub/subnets/a', 'networks/spoke'])
    expect(again.changes).toEqual([])
  })

  test('the locks of the subscription finds them group by group', async () => {
    open = true
    const on = refusing(new RegExp(`/subscriptions/${subscription}/providers/Microsoft.Authorization/locks$`))
    await reconcile(on, two)
    const hub = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.Network/virtualNetworks/hub`
    await arm(on, 'PUT', `${hub}/providers/Microsoft.Authorization/locks/keep`, '2020-05-01', { properties: { level: 'ReadOnly' } })
    open = false
    const { live } = await plan(on, two)
    expect(live.locks.map(({ name }) => name)).toEqual(['keep'])
    expect(live.locksUnreadable).toEqual([`/subscriptions/${subscription}`])
  })
})
