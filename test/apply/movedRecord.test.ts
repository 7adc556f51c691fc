import { describe, expect, test } from 'vitest'
import { arm, type Estate, estate, failures, reconcile } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'
import { errorIn, group, late, zone } from './late.ts'

describe("a record that became another endpoint's between the plan and the write", () => {
  const network = `${group}/providers/Microsoft.Network`
  const group1 = `${network}/privateendpoints/pe/privatednszonegroups/default`.toLowerCase()
  const reached = (privateDns: string) =>
    topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 }, b: { addressPrefix: 10.0.2.0/24 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } } }
servers:
  orders-pg:
    version: "16"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: orders_admin, password: drawn, passwordVersion: 1 }
    networking: { publicAccess: { enabled: false } }
    privateEndpoints: { pe: { subnet: hub/a, privateDns: ${privateDns}, approval: automatic } }
`)
  /** The endpoint of another team, with a zone group in the same zone. */
  const takesOver = (on: Estate) => async () => {
    const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`
    await arm(on, 'PUT', `${network}/privateEndpoints/other`, '2024-05-01', {
      location: 'westeurope',
      properties: {
        subnet: { id: `${network}/virtualNetworks/hub/subnets/b` },
        privateLinkServiceConnections: [{ name: 'other', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }]
      }
    })
    await on.azure.clock.sleep(600_000)
    const config = { name: 'z', properties: { privateDnsZoneId: zone } }
    await arm(on, 'PUT', `${network}/privateEndpoints/other/privateDnsZoneGroups/default`, '2024-05-01', {
      properties: { privateDnsZoneConfigs: [config] }
    })
    await on.azure.clock.sleep(600_000)
  }
  const record = async (on: Estate) => (await arm(on, 'GET', `${zone}/A/orders-pg`, '2020-06-01')).text()

  test('is not taken over by the zone group that was to be made', async () => {
    const on = estate()
    expect(failures(await reconcile(on, reached('none')))).toEqual([])
    const ended = await late(on, reached('{ zone: link }'), takesOver(on))
    expect(errorIn(ended, `create ${group1}`)).toMatchObject({
      name: 'Moved',
      message: expect.stringMatching(/take over .*privateendpoints\/other/)
    })
    expect(await record(on)).toContain('10.0.2.4')
  })

  test('is not taken away with the zone group that was to go', async () => {
    const on = estate()
    const before = reached('{ zone: link }')
    expect(failures(await reconcile(on, before))).toEqual([])
    const ended = await late(on, reached('none'), takesOver(on), { baseline: before, prune: true })
    expect(errorIn(ended, `delete ${group1}`)).toMatchObject({
      name: 'Moved',
      message: expect.stringMatching(/take away .*privateendpoints\/other/)
    })
    expect(await record(on)).toContain('10.0.2.4')
  })
})
