import { expect, test } from 'vitest'
import { driftOf } from '../../src/drift/compare.ts'
import { readUndeclared } from '../../src/drift/undeclared.ts'
import { readLive } from '../../src/live/read.ts'
import type { Drift } from '../../src/model/drift.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { arm, type Estate, estate, putLockOn, reconcile, resolved, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const topology = topologyFrom(`
networks:
  hub:
    addressSpace: [10.0.0.0/16]
    subnets: { a: { addressPrefix: 10.0.1.0/24 } }
    locks: { keep: { level: ReadOnly, notes: ours } }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
servers:
  pg1:
    version: "16"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: sim_admin, password: "\${env:PG}" }
    networking: { publicAccess: { enabled: true, firewallRules: { office: { start: 203.0.113.1, end: 203.0.113.9 } } } }
    privateEndpoints:
      pg1-pe: { subnet: hub/a, privateDns: { zone: link }, approval: automatic }
`)

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const network = `${group}/providers/Microsoft.Network/virtualNetworks/hub`

async function look(on: Estate, wanted: Topology = topology): Promise<Drift[]> {
  const { desired, endpoints, name } = resolved(wanted)
  const subscriptions = [subscription]
  const live = await readLive(on.azure, { desired, baseline: undefined, prune: false, topology: name, subscriptions, endpoints })
  const undeclared = await readUndeclared(on.azure, {
    desired,
    baseline: undefined,
    live,
    topology: name,
    subscriptions,
    owners: new Map()
  })
  return [...driftOf({ desired, baseline: undefined, live, endpoints, plan: { changes: [], unmanaged: [] } }), ...undeclared]
}

/** An estate in which some paths may not be read any more. */
async function refusing(refused: RegExp): Promise<Estate> {
  let closed = false
  const handle = async (request: Request, sandbox: Sandbox): Promise<Response> => {
    if (closed && refused.test(decodeURIComponent(request.url)))
      return Response.json({ error: { code: 'AuthorizationFailed', message: 'not for you' } }, { status: 403 })
    return sandbox.handle(request)
  }
  const on = estate({}, {}, handle)
  await reconcile(on, topology)
  closed = true
  return on
}

test('nothing is strange in what was just applied', async () => {
  const on = estate()
  await reconcile(on, topology)
  expect(await look(on)).toEqual([])
})

test.each<readonly [string, RegExp, readonly string[]]>([
  ['a server', /flexibleServers(\/pg1)?\?/i, ['servers/pg1']],
  ['firewall rules', /\/firewallRules/i, ['servers/pg1', 'servers/pg1/networking/publicAccess/firewallRules/office']],
  ['a record', /\/A\/pg1/i, ['servers/pg1/privateEndpoints/pg1-pe/privateDns']],
  ['locks', /Microsoft\.Authorization\/locks/i, ['networks/hub/locks/keep']],
  ['what carries our tag', /tagName/i, [`/subscriptions/${subscription}`]]
])('%s that may not be read is unknown, and never clean', async (_, refused, addresses) => {
  const found = await look(await refusing(refused))
  expect(found.map(({ class: of }) => of).filter(of => of !== 'unknown')).toEqual([])
  expect(found.map(({ address }) => address).sort()).toEqual([...addresses].sort())
  expect(found.filter(({ counts }) => counts)).toEqual([])
})

test('where the subscription may not be listed, the groups of the file are looked through for what carries our tag', async () => {
  const on = await refusing(/subscriptions\/[\w-]+\/resources\?.*tagName/i)
  await arm(on, 'PUT', `${group}/providers/Microsoft.Network/virtualNetworks/old`, '2024-05-01', {
    location: 'westeurope',
    tags: { 'pglink-topology': 'case' },
    properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } }
  })
  expect(await look(on)).toMatchObject([
    { class: 'unmanaged', counts: false, address: `${group}/providers/Microsoft.Network/virtualNetworks/old` }
  ])
})

test('a lock that some run has off, as its own notes say, is not missing; one without a marker is', async () => {
  const on = estate()
  await reconcile(on, topology)
  const until = new Date(Date.now() + 3_600_000).toISOString()
  const notes = `Lifted by pglink, run 11111111-1111-4111-8111-111111111111, until ${until}. Put back: pglink locks restore. <{"l":"ReadOnly","n":"ours"}>`
  await putLockOn(on, network, 'keep', { level: 'CanNotDelete', notes })
  expect(await look(on)).toEqual([])
  await putLockOn(on, network, 'keep', { level: 'CanNotDelete', notes: 'ours' })
  expect(await look(on)).toMatchObject([
    { address: 'networks/hub/locks/keep', field: 'level', desired: 'ReadOnly', live: 'CanNotDelete', counts: true }
  ])
})

test('an endpoint whose connection was taken away on the server is Disconnected, and has to be made again', async () => {
  const on = estate()
  await reconcile(on, topology)
  const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg1`
  const list = (await (await arm(on, 'GET', `${server}/privateEndpointConnections`, '2025-08-01')).json()) as { value: { id: string }[] }
  await arm(on, 'DELETE', list.value[0]?.id ?? '', '2025-08-01')
  await on.sandbox.clock.sleep(30 * 60_000)
  expect(await look(on)).toMatchObject([
    { address: 'servers/pg1/privateEndpoints/pg1-pe', field: 'connection', desired: 'Approved', live: 'Disconnected', counts: true }
  ])
})

test('a record that is gone is told from one that leads elsewhere', async () => {
  const on = estate()
  await reconcile(on, topology)
  const record = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com/A/pg1`
  await arm(on, 'DELETE', record, '2020-06-01')
  const [found] = await look(on)
  expect(found).toMatchObject({ class: 'differs', field: 'aRecord', live: [], type: 'Microsoft.Network/privateDnsZones/A', counts: true })
  expect(found?.message).toMatch(/^pg1 has no record in .*: an apply writes its zone group again$/)
  await arm(on, 'PUT', record, '2020-06-01', { properties: { ttl: 10, aRecords: [{ ipv4Address: '203.0.113.99' }] } })
  const [astray] = await look(on)
  expect(astray).toMatchObject({ class: 'differs', field: 'aRecord', live: ['203.0.113.99'] })
  expect(astray?.message).toContain(
    'not to the address of servers/pg1/privateEndpoints/pg1-pe (10.0.1.4): an apply writes its zone group again'
  )
})

test("a decision on somebody else's server comes with a list of the others whom it lets in, and nothing of its firewall", async () => {
  const on = estate()
  await reconcile(on, topology)
  const rule = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg1/firewallRules/theirs`
  await arm(on, 'PUT', rule, '2025-08-01', { properties: { startIpAddress: '203.0.113.20', endIpAddress: '203.0.113.20' } })
  const letIn = async (decided: string): Promise<string[]> => {
    const from = `${group}/providers/Microsoft.Network/privateEndpoints/${decided}`
    const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg1`
    const connections = decided === '' ? '' : `, connections: [{ from: { id: ${from} }, decision: approve }]`
    const found = await look(on, topologyFrom(`\nservers: { pg1: { id: ${server}${connections} } }\n`))
    return found.filter(({ class: of, counts }) => of === 'unmanaged' && counts).map(({ message }) => message)
  }
  expect(await letIn('pg1-pe')).toEqual([])
  expect(await letIn('another')).toEqual([expect.stringMatching(/^is Approved and reaches servers\/pg1 from .*pg1-pe, and is in no file$/)])
  expect(await letIn('')).toEqual([])
})
