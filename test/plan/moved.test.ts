import { expect, test } from 'vitest'
import type { Topology } from '../../src/model/topology.generated.ts'
import { arm, estate, failures, plan, reconcile, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

// An entry that gets another key is the same resource in Azure as long as its name there stays, whatever its kind.

const server = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`

const settings = `
    version: "17"
    restart: allowed
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }`

const before = topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } } }
servers:
  case-pg:${settings}
    networking: { publicAccess: { enabled: true, firewallRules: { office: { start: 203.0.113.1, end: 203.0.113.9 } } } }
    databases: { app: {} }
    privateEndpoints: { pe: { subnet: hub/a, privateDns: { zone: link }, approval: { manual: please } } }
    connections: [{ from: servers/case-pg/privateEndpoints/pe, decision: approve }]
`)

const after = (end: string): Topology =>
  topologyFrom(`
networks: { main: { name: hub, addressSpace: [10.0.0.0/16], subnets: { first: { name: a, addressPrefix: 10.0.1.0/24 } } } }
privateDnsZones: { zone: { name: privatelink.postgres.database.azure.com, links: { main: { name: hub } } } }
servers:
  pg:${settings}
    name: case-pg
    networking: { publicAccess: { enabled: true, firewallRules: { people: { name: office, start: 203.0.113.1, end: ${end} } } } }
    databases: { shop: { name: app } }
    privateEndpoints: { way: { name: pe, subnet: main/first, privateDns: { zone: zone }, approval: { manual: please } } }
    connections: [{ from: servers/pg/privateEndpoints/way, decision: approve }]
moved:
  - { from: networks/hub, to: networks/main }
  - { from: networks/hub/subnets/a, to: networks/main/subnets/first }
  - { from: privateDnsZones/link, to: privateDnsZones/zone }
  - { from: privateDnsZones/link/links/hub, to: privateDnsZones/zone/links/main }
  - { from: servers/case-pg, to: servers/pg }
  - { from: servers/case-pg/networking/publicAccess/firewallRules/office, to: servers/pg/networking/publicAccess/firewallRules/people }
  - { from: servers/case-pg/databases/app, to: servers/pg/databases/shop }
  - { from: servers/case-pg/privateEndpoints/pe, to: servers/pg/privateEndpoints/way }
`)

test('a prune with the baseline of before deletes none of what got another key, and finds nothing to do', async () => {
  const on = estate()
  expect(failures(await reconcile(on, before))).toEqual([])
  const { plan: made } = await plan(on, after('203.0.113.9'), { baseline: before, prune: true })
  expect([made.changes, made.refusals, made.unmanaged]).toEqual([[], [], []])
})

test('a child without tags stays ours under its new key by the baseline, where its parent is not tagged any more', async () => {
  const on = estate()
  expect(failures(await reconcile(on, before))).toEqual([])
  expect((await arm(on, 'PATCH', server, '2025-08-01', { tags: {} })).status).toBeLessThan(300)
  await on.sandbox.clock.sleep(600_000)
  const wanted = after('203.0.113.20')
  const rule = 'servers/pg/networking/publicAccess/firewallRules/people'
  const refused = async (baseline?: Topology): Promise<string[]> =>
    (await plan(on, wanted, { prune: true, ...(baseline && { baseline }) })).plan.refusals.flatMap(({ code, address }) =>
      address === rule ? [code] : []
    )
  expect(await refused()).toEqual(['not-ours'])
  expect(await refused(before)).toEqual([])
  const { plan: made } = await plan(on, wanted, { baseline: before, prune: true })
  expect(made.changes.map(change => `${change.op} ${change.op === 'delete' ? change.old.address : change.resource.address}`)).toContain(
    `update ${rule}`
  )
})
