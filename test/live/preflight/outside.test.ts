import { describe, expect, test } from 'vitest'
import type { Topology } from '../../../src/model/topology.generated.ts'
import { arm, type Estate, estate, failures, plan, reconcile, subscription } from '../../support/estate.ts'
import { topologyFrom } from '../../support/yaml.ts'
import { group, other, refusals, seeded, small } from './seeded.ts'

const elsewhere = '/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg-central'
const linkZone = 'privatelink.postgres.database.azure.com'

/** Azure's own answer where the plan is carried out all the same. */
const refusedByAzure = async (on: Estate, method: string, path: string, version: string, body: unknown): Promise<unknown> => {
  const answer = await arm(on, method, path, version, body)
  return { status: answer.status, error: await answer.json() }
}

describe('the zone of a network', () => {
  const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
  const zoneIn = (place: string, name: string): string => `${place}/providers/Microsoft.Network/privateDnsZones/${name}`
  const linked = (place: string, name = linkZone, registrationEnabled = false) => ({
    [group]: { location: 'westeurope', tags: { 'pglink-topology': 'case' } },
    [place]: { location: 'westeurope' },
    [hub]: {
      location: 'westeurope',
      tags: { 'pglink-topology': 'case' },
      properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }
    },
    [zoneIn(place, name)]: { location: 'global' },
    [`${zoneIn(place, name)}/virtualNetworkLinks/theirs`]: {
      location: 'global',
      properties: { virtualNetwork: { id: hub }, registrationEnabled }
    }
  })
  const wanted = (name = linkZone, link = '{}', more = ''): Topology =>
    topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16] } }
privateDnsZones: { link: { name: ${name}, links: { hub: ${link} } } }
${more}`)

  test.each([
    ['another group', other],
    ['another subscription', elsewhere]
  ])("is one of a name: 'PGL072' where another in %s is linked", async (_where, place) => {
    const on = seeded(linked(place))
    const { plan: made } = await plan(on, wanted())
    expect(made.refusals.map(({ code, exit }) => [code, exit])).toEqual([['PGL072', 6]])
    expect(made.refusals[0]?.message).toContain(`${zoneIn(place, linkZone)}/virtualNetworkLinks/theirs`)
    // Azure says the same.
    expect((await arm(on, 'PUT', zoneIn(group, linkZone), '2020-06-01', { location: 'global' })).status).toBe(202)
    await on.sandbox.clock.sleep(120_000)
    const body = { location: 'global', properties: { virtualNetwork: { id: hub }, registrationEnabled: false } }
    expect(await refusedByAzure(on, 'PUT', `${zoneIn(group, linkZone)}/virtualNetworkLinks/hub`, '2020-06-01', body)).toMatchObject({
      status: 400
    })
  })

  test('with another name is no rival, and a network that is new has none', async () => {
    expect(await refusals(seeded(linked(other, 'corp.example')), wanted())).toEqual([])
    const on = estate()
    expect(await refusals(on, wanted())).toEqual([])
    expect(on.requests.filter(request => /privateDnsZones$/i.test(request))).toEqual([])
  })

  test("registers in one: 'PGL073'", async () => {
    const name = 'shop.private.postgres.database.azure.com'
    expect(await refusals(seeded(linked(other, 'corp.example', true)), wanted(name, '{ registration: true }'))).toEqual([
      'PGL073 6 privateDnsZones/link/links/hub'
    ])
    expect(await refusals(seeded(linked(other, 'corp.example', false)), wanted(name, '{ registration: true }'))).toEqual([])
  })

  test('that may not be listed is unknown, and refuses nothing', async () => {
    const { plan: made } = await plan(seeded(linked(other), {}, /GET .*\/Microsoft.Network\/privateDnsZones\?/), wanted())
    expect(made.refusals).toEqual([])
    expect(made.unknown.map(({ message }) => message).join()).toContain(
      'whether its network is linked to another zone of the name could not be read'
    )
  })

  test('that the same plan takes away is no rival', async () => {
    const before = topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16] } }
privateDnsZones: { old: { name: ${linkZone}, resourceGroup: rg-old, links: { hub: {} } } }`)
    const on = estate()
    expect(failures(await reconcile(on, before))).toEqual([])
    const all = { baseline: before, prune: true, allowDelete: ['privateDnsZones/old', 'resourceGroups/rg-old'] }
    expect(await refusals(on, wanted(), { baseline: before, prune: true })).not.toContain('PGL072 6 privateDnsZones/link/links/hub')
    expect(failures(await reconcile(on, wanted(), all))).toEqual([])
  })
})

describe('the name of a new server', () => {
  const wanted = topologyFrom(
    `servers: { case-pg: ${small.replaceAll('\n', '\n  ')} }`.replace('{ case-pg: ', '\n  case-pg: ').replace(/ }$/, '')
  )
  const theirs = {
    [elsewhere]: { location: 'westeurope' },
    [`${elsewhere}/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`]: {
      location: 'westeurope',
      sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
      properties: { version: '17', administratorLogin: 'them', storage: { storageSizeGB: 128 } }
    }
  }

  test("that somebody has is 'PGL074'", async () => {
    expect(await refusals(seeded(theirs), wanted)).toEqual(['PGL074 6 servers/case-pg'])
    expect(await refusals(estate(), wanted)).toEqual([])
  })

  test('is asked by the one POST that a plan may send, and a login that may not ask it does not know', async () => {
    const on = seeded(theirs, {}, /POST .*checkNameAvailability/i)
    const { plan: made } = await plan(on, wanted)
    expect(made.refusals).toEqual([])
    expect(made.unknown.map(({ address, message }) => `${address}: ${message}`)).toContain(
      'servers/case-pg: whether its name is free could not be asked: not for you'
    )
    expect(on.requests.filter(request => !request.startsWith('GET '))).toEqual([
      `POST /subscriptions/${subscription}/providers/Microsoft.DBforPostgreSQL/locations/westeurope/checkNameAvailability`
    ])
  })
})

test("the name of a new factory that another group has is 'PGL075'", async () => {
  const factory = `${other}/providers/Microsoft.DataFactory/factories/Case-ADF`
  const wanted = topologyFrom('dataFactories: { case-adf: {} }')
  expect(
    await refusals(seeded({ [other]: { location: 'westeurope' }, [factory]: { location: 'westeurope', properties: {} } }), wanted)
  ).toEqual(['PGL075 6 dataFactories/case-adf'])
  expect(await refusals(estate(), wanted)).toEqual([])
})

describe('a resource of ours that was moved', () => {
  const tags = { 'pglink-topology': 'case' }
  const moved = {
    [other]: { location: 'westeurope' },
    [`${other}/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`]: {
      location: 'westeurope',
      tags,
      sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
      properties: { version: '17', administratorLogin: 'case_admin', storage: { storageSizeGB: 128 } }
    },
    [`${other}/providers/Microsoft.Network/virtualNetworks/hub`]: {
      location: 'westeurope',
      tags,
      properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }
    }
  }
  const wanted = topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16] } }
servers:
  case-pg: ${small}`)

  test("is 'PGL076' where Azure has one of a name, a danger elsewhere, and never pruned", async () => {
    const { plan: made } = await plan(seeded(moved), wanted, { prune: true })
    expect(made.refusals.map(({ code, exit, address }) => `${code} ${exit} ${address}`)).toEqual(['PGL076 6 servers/case-pg'])
    expect(made.refusals[0]?.message).toContain('resourceGroup: rg-other')
    expect(made.moved?.map(({ address }) => address)).toEqual(['networks/hub'])
    expect(made.moved?.[0]?.message).toContain(`${other}/providers/Microsoft.Network/virtualNetworks/hub`)
    expect(made.changes.filter(({ op }) => op === 'delete')).toEqual([])
    expect(made.unmanaged).toEqual([])
  })

  test('goes where the baseline shows that the file had it there', async () => {
    const before = topologyFrom('networks: { hub: { resourceGroup: rg-other, addressSpace: [10.0.0.0/16] } }')
    const now = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16] } }')
    const on = estate()
    expect(failures(await reconcile(on, before))).toEqual([])
    const { plan: made } = await plan(on, now, { baseline: before, prune: true, allowDelete: ['networks/hub', 'resourceGroups/rg-other'] })
    expect(made.changes.flatMap(change => (change.op === 'delete' ? [change.old.path] : []))).toContain(
      `${other}/providers/Microsoft.Network/virtualNetworks/hub`
    )
  })
})

describe('the room of a subnet', () => {
  const network = (prefix: string, names: readonly string[]): Topology =>
    topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: ${prefix} } } } }
servers:
  case-pg: ${small}
    privateEndpoints:
${names.map(name => `      ${name}: { subnet: hub/a, privateDns: none, approval: automatic }`).join('\n')}`)
  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `pe${index}`)

  test("a /29 has three: what this plan adds counts, and so does what is there: 'PGL081'", async () => {
    expect(await refusals(estate(), network('10.0.1.0/29', names(3)))).toEqual([])
    expect(await refusals(estate(), network('10.0.1.0/29', names(4)))).toEqual(['PGL081 6 servers/case-pg/privateEndpoints/pe3'])
    const on = estate()
    expect(failures(await reconcile(on, network('10.0.1.0/29', names(3))))).toEqual([])
    expect(await refusals(on, network('10.0.1.0/29', names(4)))).toEqual(['PGL081 6 servers/case-pg/privateEndpoints/pe3'])
    const body = {
      location: 'westeurope',
      properties: {
        subnet: { id: `${group}/providers/Microsoft.Network/virtualNetworks/hub/subnets/a` },
        privateLinkServiceConnections: [
          {
            name: 'x',
            properties: {
              privateLinkServiceId: `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`,
              groupIds: ['postgresqlServer']
            }
          }
        ]
      }
    }
    expect(
      JSON.stringify(await refusedByAzure(on, 'PUT', `${group}/providers/Microsoft.Network/privateEndpoints/more`, '2024-05-01', body))
    ).toContain('SubnetIsFull')
  })

  test('an endpoint that is made again has the address that it had', async () => {
    const on = estate()
    expect(failures(await reconcile(on, network('10.0.1.0/29', names(3))))).toEqual([])
    const again = topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/29 } } } }
servers:
  case-pg: ${small}
    privateEndpoints:
      pe0: { subnet: hub/a, privateDns: none, approval: automatic, networkInterfaceName: pe0-nic }
      pe1: { subnet: hub/a, privateDns: none, approval: automatic }
      pe2: { subnet: hub/a, privateDns: none, approval: automatic }`)
    const { plan: made } = await plan(on, again)
    expect(made.changes.map(({ op }) => op)).toEqual(['replace'])
    expect(made.refusals).toEqual([])
  })

  test("a subnet that is only referred to and belongs to others is 'PGL082'", async () => {
    const far = `${other}/providers/Microsoft.Network/virtualNetworks/far`
    const zone = `${other}/providers/Microsoft.Network/privateDnsZones/shop.private.postgres.database.azure.com`
    const bodies = (delegation?: string) => ({
      [other]: { location: 'westeurope' },
      [far]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } } },
      [`${far}/subnets/a`]: {
        properties: {
          addressPrefix: '10.9.1.0/24',
          ...(delegation !== undefined && { delegations: [{ name: 'd', properties: { serviceName: delegation } }] })
        }
      },
      [zone]: { location: 'global' }
    })
    const integrated = topologyFrom(`servers:
  case-pg: ${small.replace('publicAccess: { enabled: false }', `virtualNetwork: { subnet: { id: ${far}/subnets/a }, privateDnsZone: { id: ${zone} } }`)}`)
    expect(await refusals(seeded(bodies('Microsoft.Web/serverFarms')), integrated)).toEqual(['PGL082 6 servers/case-pg'])
    expect(await refusals(seeded(bodies()), integrated)).toEqual(['PGL082 6 servers/case-pg'])
    expect(await refusals(seeded(bodies('Microsoft.DBforPostgreSQL/flexibleServers')), integrated)).toEqual([])
  })
})
