import { describe, expect, test } from 'vitest'
import type { Topology } from '../../src/model/topology.generated.ts'
import { arm, type Estate, estate, failures, plan, reconcile, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

// No baseline anywhere here: the address alone says what is meant, and nothing is called gone that nobody looked for.

const group = `/subscriptions/${subscription}/resourceGroups/rg-case/providers`
const server = `${group}/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`
const pg = 'servers/case-pg'

const whole = topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 }, b: { addressPrefix: 10.0.2.0/24 } } }, spoke: { addressSpace: [10.9.0.0/16] } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: { name: hub-link }, spoke: {} }  }, locked: { name: locked.example, locks: { keep: { level: CanNotDelete } } } }
servers:
  case-pg:
    version: "17"
    restart: allowed
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }
    authentication: { password: true, entra: { administrators: { dba: { objectId: 22222222-2222-4222-8222-222222222222, type: Group } } } }
    networking: { publicAccess: { enabled: true, firewallRules: { office: { start: 203.0.113.1, end: 203.0.113.9 } } } }
    databases: { app: {}, old: {} }
    parameters: { work_mem: 8192, max_connections: 300 }
    privateEndpoints: { pe-a: { subnet: hub/a, privateDns: { zone: link }, approval: { manual: please } } }
    connections: [{ from: servers/case-pg/privateEndpoints/pe-a, decision: approve }]
`)

const without = (removed: readonly string[], change: (topology: Topology) => unknown): Topology => {
  const copy: Topology = { ...whole, removed }
  change(copy)
  return copy
}

const drop = (topology: Topology, ...keys: string[]): void => {
  const last = keys.pop() ?? ''
  let node = topology as unknown as Record<string, unknown>
  for (const key of keys) {
    node[key] = { ...(node[key] as object) }
    node = node[key] as Record<string, unknown>
  }
  delete node[last]
}

async function made(): Promise<Estate> {
  const on = estate()
  expect(failures(await reconcile(on, whole))).toEqual([])
  return on
}

const said = async (on: Estate, wanted: Topology, allowDelete: readonly string[] = []) => {
  const { plan: planned } = await plan(on, wanted, { allowDelete })
  return {
    deletes: planned.changes.flatMap(change => (change.op === 'delete' ? [change.old.address] : [])),
    refuses: planned.refusals.map(({ code, exit }) => `${code} ${exit}`),
    notes: planned.notes.flatMap(({ address, message }) => (wanted.removed?.includes(address) ? [message] : []))
  }
}

describe('a resource that left the file is found by its address', () => {
  const office = `${pg}/networking/publicAccess/firewallRules/office`
  test.each<[address: string, ...keys: string[]]>([
    [office, 'servers', 'case-pg', 'networking', 'publicAccess', 'firewallRules'],
    [`${pg}/databases/old`, 'servers', 'case-pg', 'databases', 'old'],
    [`${pg}/parameters/work_mem`, 'servers', 'case-pg', 'parameters', 'work_mem'],
    [`${pg}/authentication/entra/administrators/dba`, 'servers', 'case-pg', 'authentication', 'entra', 'administrators'],
    [`${pg}/privateEndpoints/pe-a/privateDns`, 'servers', 'case-pg', 'privateEndpoints', 'pe-a', 'privateDns'],
    [`${pg}/connections/pe-a`, 'servers', 'case-pg', 'connections'],
    ['networks/hub/subnets/b', 'networks', 'hub', 'subnets', 'b'],
    ['networks/spoke', 'networks', 'spoke'],
    ['privateDnsZones/link/links/hub', 'privateDnsZones', 'link', 'links', 'hub'],
    ['privateDnsZones/locked/locks/keep', 'privateDnsZones', 'locked', 'locks']
  ])('%s', async (address, ...keys) => {
    const on = await made()
    const wanted = without([address], topology => {
      drop(topology, ...keys)
      if (address === 'networks/spoke') drop(topology, 'privateDnsZones', 'link', 'links', 'spoke')
    })
    expect(await said(on, wanted, [address])).toEqual({ deletes: [address], refuses: [], notes: [] })
    expect(failures(await reconcile(on, wanted, { allowDelete: [address] }))).toEqual([])
    const after = await said(on, wanted)
    expect([after.deletes, after.refuses]).toEqual([[], []])
  })

  test('an endpoint, with what lies in it; a server needs its word', async () => {
    const on = await made()
    const endpoint = without([`${pg}/privateEndpoints/pe-a`], topology => {
      drop(topology, 'servers', 'case-pg', 'privateEndpoints')
      drop(topology, 'servers', 'case-pg', 'connections')
    })
    expect((await said(on, endpoint)).deletes).toEqual([`${pg}/privateEndpoints/pe-a`])
    const all = without([pg], topology => drop(topology, 'servers'))
    expect(await said(on, all)).toEqual({ deletes: [pg], refuses: ['delete-not-allowed 6'], notes: [] })
  })

  test('by its id, also where it carries no tag', async () => {
    const on = await made()
    const id = `${server}/firewallRules/office`
    const wanted = without([id], topology => drop(topology, 'servers', 'case-pg', 'networking', 'publicAccess', 'firewallRules'))
    expect((await said(on, wanted)).deletes).toEqual([id])
  })
})

describe('a resource that is not ours stays', () => {
  test("another topology's, nobody's, and one in nobody's parent", async () => {
    const on = await made()
    await arm(on, 'PATCH', server, '2025-08-01', { tags: { 'pglink-topology': 'theirs' } })
    await on.azure.clock.sleep(600_000)
    const removed = [pg, `${pg}/databases/old`]
    const wanted = without(removed, topology => drop(topology, 'servers'))
    const first = await said(on, wanted, removed)
    expect([first.deletes, first.refuses]).toEqual([[], ['not-ours 6', 'not-ours 6']])
    const { plan: planned } = await plan(on, wanted)
    expect(planned.refusals[0]?.message).toContain('belongs to the topology "theirs"')

    await arm(on, 'PATCH', server, '2025-08-01', { tags: { owner: 'dba' } })
    await on.azure.clock.sleep(600_000)
    const second = await plan(on, wanted)
    expect(second.plan.changes).toEqual([])
    expect(second.plan.refusals.map(({ message }) => message)).toEqual([
      expect.stringMatching(/is there, and is not known to be ours: .*Give `baseline`/),
      expect.stringMatching(/is there, and is not known to be ours: .*Give `baseline`/)
    ])
  })

  test('an unreadable resource is not called gone', async () => {
    const on = estate({}, {}, async (request, sandbox) =>
      request.method === 'GET' && /databases\/old/.test(request.url)
        ? new Response(JSON.stringify({ error: { code: 'AuthorizationFailed', message: 'No.' } }), { status: 403 })
        : sandbox.handle(request)
    )
    await reconcile(on, whole)
    const wanted = without([`${pg}/databases/old`], topology => drop(topology, 'servers', 'case-pg', 'databases', 'old'))
    expect((await said(on, wanted)).refuses).toEqual(['unreadable 7'])
  })
})

describe('a resource that is not there', () => {
  test('is said to be not there, at the place that was looked at, and how else it could be found', async () => {
    const on = await made()
    const { deletes, refuses, notes } = await said(
      on,
      without([`${pg}/databases/gone`, 'servers/never-pg/databases/x'], () => undefined)
    )
    expect([deletes, refuses]).toEqual([[], []])
    expect(notes).toEqual([
      expect.stringContaining(`there is nothing in Azure at ${server}/databases/gone. If its entry had another name`),
      expect.stringContaining('never-pg/databases/x')
    ])
  })

  test('is no address at all', async () => {
    const on = await made()
    expect(
      (
        await said(
          on,
          without([`${pg}/nonsense/x`], () => undefined)
        )
      ).refuses
    ).toEqual(['not-an-address 4'])
  })

  test('a parameter that has its default has nothing to give back', async () => {
    const on = await made()
    expect(
      await said(
        on,
        without([`${pg}/parameters/log_checkpoints`], () => undefined)
      )
    ).toEqual({ deletes: [], refuses: [], notes: [] })
  })
})
