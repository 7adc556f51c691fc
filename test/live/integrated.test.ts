import { expect, test } from 'vitest'
import { driftOf } from '../../src/drift/compare.ts'
import { readUndeclared } from '../../src/drift/undeclared.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { arm, type Estate, estate, failures, plan, reconcile, resolved, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const topology = (policies: string): Topology =>
  topologyFrom(`
networks:
  core:
    addressSpace: [10.0.0.0/16]
    subnets:
      injected:
        addressPrefix: 10.0.2.0/28
        delegation: Microsoft.DBforPostgreSQL/flexibleServers
        privateEndpointNetworkPolicies: ${policies}
privateDnsZones:
  ledger: { name: ledger.private.postgres.database.azure.com, links: { core: {} } }
servers:
  ledger-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: sim_admin, password: "\${env:PG}" }
    networking: { virtualNetwork: { subnet: core/injected, privateDnsZone: ledger } }
`)

const network = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.Network`
const zone = `${network}/privateDnsZones/ledger.private.postgres.database.azure.com`

async function subnetOf(on: Estate): Promise<{ readonly [member: string]: unknown }> {
  const answer = await arm(on, 'GET', `${network}/virtualNetworks/core/subnets/injected`, '2024-07-01')
  return ((await answer.json()) as { properties: { [member: string]: unknown } }).properties
}

/** The members that a server adds to its subnet: as az 2.85 saw it in Canada Central, with the region that West Europe is paired with. */
const made = {
  serviceEndpoints: [{ provisioningState: 'Succeeded', service: 'Microsoft.Storage', locations: ['westeurope', 'northeurope'] }],
  serviceAssociationLinks: [
    expect.objectContaining({
      name: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-service-association-link$/),
      properties: expect.objectContaining({
        linkedResourceType: 'Microsoft.DBforPostgreSQL/flexibleServers',
        allowDelete: false,
        enabledForArmDeployments: false
      })
    })
  ]
}

test('the traces of an integrated server in its subnet and zone are no drift, stay with a change of the subnet, and hold no zone', async () => {
  const on = estate()
  const wanted = topology('Disabled')
  expect(failures(await reconcile(on, wanted))).toEqual([])
  expect(await subnetOf(on)).toMatchObject(made)

  const again = await plan(on, wanted)
  expect([again.plan.steps, again.plan.refusals]).toEqual([[], []])
  const { desired, endpoints, name } = resolved(wanted)
  const beside = { desired, baseline: undefined, live: again.live, topology: name, subscriptions: [subscription] }
  expect(await readUndeclared(on.azure, { ...beside, owners: new Map() })).toEqual([])
  expect(driftOf({ desired, baseline: undefined, live: again.live, endpoints, plan: { changes: [], unmanaged: [] } })).toEqual([])

  const changed = topology('Enabled')
  expect(failures(await reconcile(on, changed))).toEqual([])
  expect(await subnetOf(on)).toMatchObject({ ...made, privateEndpointNetworkPolicies: 'Enabled' })

  const byHand = `${zone}/A/by-hand`
  const record = { properties: { ttl: 60, aRecords: [{ ipv4Address: '10.0.9.4' }] } }
  expect((await arm(on, 'PUT', byHand, '2020-06-01', record)).status).toBe(201)
  const none = topologyFrom('servers: {}')
  const safety = { ...resolved(changed).safety, maxDeletes: 10 }
  const settings = { safety, prune: true, baseline: changed, allowDelete: ['servers/ledger-pg', 'networks/core', 'privateDnsZones/ledger'] }
  const [held, ...more] = (await plan(on, none, settings)).plan.refusals
  expect([held?.code, more]).toEqual(['holds-others', []])
  expect(held?.message.split(' deleted: ')[1]?.toLowerCase()).toBe(byHand.toLowerCase())
  await arm(on, 'DELETE', byHand, '2020-06-01')
  expect(failures(await reconcile(on, none, settings))).toEqual([])
  expect((await arm(on, 'GET', zone, '2020-06-01')).status).toBe(404)
})
