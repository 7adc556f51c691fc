import { describe, expect, test } from 'vitest'
import type { Topology } from '../../src/model/topology.generated.ts'
import { arm, type Estate, estate, type Planned, plan, reconcile, type Settings, subscription } from '../support/estate.ts'
import { fleetBodies, fleetEstate, fleetTopology } from '../support/fleet.ts'

// A record that stands for its zone group spares a read, and must never make a plan say less than the group would have. In each case
// somebody has changed something behind our back; the right side is what a plan that reads every group says.
const group = `/subscriptions/${subscription}/resourceGroups/rg-fleet-0`
const net = `${group}/providers/Microsoft.Network`
const zoneName = 'privatelink.postgres.database.azure.com'
const zone = `${net}/privateDnsZones/${zoneName}`
const otherZone = `${group}-2/providers/Microsoft.Network/privateDnsZones/${zoneName}`
const endpoint = (index = 0): string => `${net}/privateEndpoints/fleet-pe-${index}`
const groupOf = (index = 0, name = 'default'): string => `${endpoint(index)}/privateDnsZoneGroups/${name}`
const record = (index = 0, within = zone): string => `${within}/A/fleet-pg-${index}`
const [networkVersion, dnsVersion] = ['2024-05-01', '2020-06-01']

interface Body {
  readonly location?: string
  readonly properties: Readonly<Record<string, unknown>>
}

const get = async (on: Estate, path: string, version: string): Promise<Body> => (await (await arm(on, 'GET', path, version)).json()) as Body

/** A write of somebody else, to its end. */
async function done(on: Estate, method: string, path: string, version: string, body?: unknown): Promise<void> {
  const response = await arm(on, method, path, version, body)
  expect(response.status, `${method} ${path}: ${await response.clone().text()}`).toBeLessThan(300)
  await on.sandbox.clock.sleep(600_000)
}

const configs = (...zones: readonly string[]) => ({
  properties: { privateDnsZoneConfigs: zones.map((privateDnsZoneId, index) => ({ name: `z${index}`, properties: { privateDnsZoneId } })) }
})

/** The zone groups that a plan read, by the number of their endpoint. */
const groupsRead = (requests: readonly string[]): string[] =>
  requests.flatMap(request => /^GET .*\/privateEndpoints\/fleet-pe-(\d+)\/privateDnsZoneGroups/i.exec(request)?.[1] ?? []).sort()

const changesIn = ({ plan: { changes } }: Planned): string[] =>
  changes.map(change => `${change.op} ${change.op === 'delete' ? change.old.address : change.resource.address}`)

async function planned(on: Estate, topology: Topology, settings: Settings = {}) {
  const before = on.requests.length
  const made = await plan(on, topology, settings)
  return { made, changes: changesIn(made), groups: groupsRead(on.requests.slice(before)) }
}

const dnsOf = (index: number): string => `servers/fleet-pg-${index}/privateEndpoints/fleet-pe-${index}/privateDns`

test('the records of a zone stand for its zone groups, none of which is read', async () => {
  const on = fleetEstate({ servers: 3 })
  expect(await planned(on, fleetTopology(3))).toMatchObject({ changes: [], groups: [] })
})

test('the record of a single endpoint is no list: its zone group is read', async () => {
  const on = fleetEstate({ servers: 1 })
  expect(await planned(on, fleetTopology(1))).toMatchObject({ changes: [], groups: ['0'] })
})

describe('behind our back', () => {
  test.each<[string, (on: Estate) => Promise<unknown>, readonly string[]]>([
    ['a zone group went with its record', on => done(on, 'DELETE', groupOf(), networkVersion), [`create ${dnsOf(0)}`]],
    [
      'a zone group went, and its record was made again by hand, as it was',
      async on => {
        const { properties } = await get(on, record(), dnsVersion)
        await done(on, 'DELETE', groupOf(), networkVersion)
        const { ttl, metadata, aRecords } = properties
        await done(on, 'PUT', record(), dnsVersion, { properties: { ttl, metadata, aRecords } })
        expect((await get(on, record(), dnsVersion)).properties['metadata']).toEqual(metadata)
      },
      [`create ${dnsOf(0)}`]
    ],
    [
      'an endpoint was made again under its name, and the record is of the one before',
      async on => {
        const { properties } = await get(on, record(), dnsVersion)
        const { location, properties: own } = await get(on, endpoint(), networkVersion)
        const [connection] = own['privateLinkServiceConnections'] as { name: string; properties: { privateLinkServiceId: string } }[]
        await done(on, 'DELETE', endpoint(), networkVersion)
        const again = {
          location,
          tags: { 'pglink-topology': 'fleet-0' },
          properties: {
            subnet: { id: `${net}/virtualNetworks/hub-0/subnets/endpoints` },
            privateLinkServiceConnections: [
              {
                name: 'fleet-pe-0',
                properties: {
                  privateLinkServiceId: connection?.properties.privateLinkServiceId,
                  groupIds: ['postgresqlServer']
                }
              }
            ]
          }
        }
        await done(on, 'PUT', endpoint(), networkVersion, again)
        const { ttl, metadata, aRecords } = properties
        await done(on, 'PUT', record(), dnsVersion, { properties: { ttl, metadata, aRecords } })
      },
      [`create ${dnsOf(0)}`]
    ],
    [
      'the zone group moved to a zone of the same name that the file has for others',
      async on => {
        const { properties } = await get(on, record(), dnsVersion)
        await done(on, 'DELETE', groupOf(), networkVersion)
        await done(on, 'PUT', groupOf(), networkVersion, configs(otherZone))
        const { ttl, metadata, aRecords } = properties
        await done(on, 'PUT', record(), dnsVersion, { properties: { ttl, metadata, aRecords } })
      },
      [`replace ${dnsOf(0)}`]
    ],
    [
      'the zone group got a second zone that the file has for others',
      async on => {
        await done(on, 'DELETE', groupOf(), networkVersion)
        await done(on, 'PUT', groupOf(), networkVersion, configs(zone, otherZone))
      },
      [`replace ${dnsOf(0)}`]
    ]
  ])('%s', async (_name, change, expected) => {
    const topology = withOtherZone(5)
    const on = await twoZones(5)
    expect(await planned(on, topology)).toMatchObject({ changes: [], groups: [] })
    await change(on)
    expect((await planned(on, topology)).changes).toEqual(expected)
  })

  test.each<[string, (on: Estate) => Promise<unknown>]>([
    [
      'the record leads elsewhere',
      async on => {
        const { properties } = await get(on, record(), dnsVersion)
        const { ttl, metadata } = properties
        await done(on, 'PUT', record(), dnsVersion, { properties: { ttl, metadata, aRecords: [{ ipv4Address: '10.0.9.9' }] } })
      }
    ],
    [
      'the record has one address more',
      async on => {
        const { ttl, metadata, aRecords } = (await get(on, record(), dnsVersion)).properties
        const more = [...(aRecords as readonly unknown[]), { ipv4Address: '10.0.9.9' }]
        await done(on, 'PUT', record(), dnsVersion, { properties: { ttl, metadata, aRecords: more } })
      }
    ],
    ['the record has gone', on => done(on, 'DELETE', record(), dnsVersion)]
  ])('%s: the group is read, and written again', async (_name, change) => {
    const on = fleetEstate({ servers: 3 })
    await change(on)
    expect(await planned(on, fleetTopology(3))).toMatchObject({ changes: [`update ${dnsOf(0)}`], groups: ['0'] })
  })

  test('the record names another guid, or nobody: the group is read', async () => {
    const on = fleetEstate({ servers: 3 })
    const { ttl, metadata, aRecords } = (await get(on, record(), dnsVersion)).properties
    const creator = (metadata as { creator: string }).creator.replace(/\S+$/, '22222222-2222-4222-8222-222222222222')
    await done(on, 'PUT', record(0), dnsVersion, { properties: { ttl, metadata: { creator }, aRecords } })
    const other = (await get(on, record(1), dnsVersion)).properties
    await done(on, 'PUT', record(1), dnsVersion, { properties: { ttl: 10, metadata: {}, aRecords: other['aRecords'] } })
    expect(await planned(on, fleetTopology(3))).toMatchObject({ changes: [], groups: ['0', '1'] })
  })

  test('the connection was rejected: the group is read', async () => {
    const on = fleetEstate({ servers: 3 })
    const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/fleet-pg-0`
    const { value } = (await get(on, `${server}/privateEndpointConnections`, '2025-08-01')) as unknown as { value: { id: string }[] }
    const rejected = { properties: { privateLinkServiceConnectionState: { status: 'Rejected', description: 'no' } } }
    await done(on, 'PUT', value[0]?.id ?? '', '2025-08-01', rejected)
    expect((await planned(on, fleetTopology(3))).groups).toEqual(['0'])
  })
})

test('a zone group that the file names is read', async () => {
  const on = fleetEstate({ servers: 3 })
  const topology = named(fleetTopology(3), 'default')
  expect(await planned(on, topology)).toMatchObject({ changes: [], groups: ['0'] })
  const { made, groups } = await planned(on, named(fleetTopology(3), 'another'))
  expect([made.plan.refusals.map(({ code }) => code), groups]).toEqual([['fixed-field'], ['0']])
})

test('where the records may not be listed each zone group is read', async () => {
  const refused = new RegExp(`${zoneName}/A$`)
  const on = estate({ seedBodies: fleetBodies({ servers: 3 }) }, {}, (request, sandbox) =>
    refused.test(new URL(request.url).pathname)
      ? Promise.resolve(Response.json({ error: { code: 'AuthorizationFailed', message: 'no right' } }, { status: 403 }))
      : sandbox.handle(request)
  )
  expect(await planned(on, fleetTopology(3))).toMatchObject({ changes: [], groups: ['0', '1', '2'] })
})

test('a zone group that a plan writes is read before, so that it is written under the name that it has', async () => {
  const on = fleetEstate({ servers: 3 })
  await done(on, 'DELETE', groupOf(), networkVersion)
  await done(on, 'PUT', groupOf(0, 'of-the-portal'), networkVersion, configs(zone))
  const topology = fleetTopology(3)
  expect(await planned(on, topology)).toMatchObject({ changes: [], groups: [] })
  const second = withSecondEndpoint(topology)
  const { ttl, metadata, aRecords } = (await get(on, record(), dnsVersion)).properties
  await done(on, 'PUT', `${net}/privateEndpoints/second`, networkVersion, secondBody)
  await done(on, 'PUT', `${net}/privateEndpoints/second/privateDnsZoneGroups/default`, networkVersion, configs(zone))
  await done(on, 'PUT', record(), dnsVersion, { properties: { ttl, metadata, aRecords } })
  // The record is the first one's, and goes with the second.
  const { changes, groups, made } = await planned(on, topology, { baseline: second, prune: true })
  const of = 'servers/fleet-pg-0/privateEndpoints/second'
  expect(changes).toEqual([`delete ${of}`, `delete ${of}/privateDns`, `update ${dnsOf(0)}`])
  expect(groups).toContain('0')
  expect(made.live.resources.get(groupOf().toLowerCase() as never)?.path).toContain('/privateDnsZoneGroups/of-the-portal')
})

test('an endpoint that is made again has its zone group read: all that lies in it goes with it', async () => {
  const on = fleetEstate({ servers: 3 })
  const topology = fleetTopology(3)
  const more = { more: { addressPrefix: '10.200.0.0/24' } }
  const hub = topology.networks?.['hub-0'] as { readonly addressSpace: readonly string[]; readonly subnets: object }
  const wider = { ...hub, addressSpace: [...hub.addressSpace, '10.200.0.0/24'], subnets: { ...hub.subnets, ...more } }
  const elsewhere = { ...topology, networks: { 'hub-0': wider } } as Topology
  const moved = changed(elsewhere, { subnet: 'hub-0/more' })
  const { changes, groups } = await planned(on, moved, { allowInterrupt: [`servers/fleet-pg-0/privateEndpoints/fleet-pe-0`] })
  expect(changes).toContain(`replace ${dnsOf(0)}`)
  expect(groups).toEqual(['0'])
})

test('an apply is right about what it then does: in sync after it', async () => {
  const on = fleetEstate({ servers: 3 })
  await done(on, 'DELETE', groupOf(2), networkVersion)
  const { events } = await reconcile(on, fleetTopology(3))
  expect(events.flatMap(event => (event.type === 'failed' ? [event.error.message] : []))).toEqual([])
  expect(await planned(on, fleetTopology(3))).toMatchObject({ changes: [], groups: [] })
})

function changed(topology: Topology, more: object): Topology {
  const server = topology.servers?.['fleet-pg-0']
  const own = server?.privateEndpoints?.['fleet-pe-0']
  return {
    ...topology,
    servers: { ...topology.servers, 'fleet-pg-0': { ...server, privateEndpoints: { 'fleet-pe-0': { ...own, ...more } } } }
  } as Topology
}

const named = (topology: Topology, name: string): Topology => changed(topology, { privateDns: { zone: 'link', name } })

const secondBody = {
  location: 'westeurope',
  tags: { 'pglink-topology': 'fleet-0' },
  properties: {
    subnet: { id: `${net}/virtualNetworks/hub-0/subnets/endpoints` },
    privateLinkServiceConnections: [
      {
        name: 'second',
        properties: {
          privateLinkServiceId: `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/fleet-pg-0`,
          groupIds: ['postgresqlServer']
        }
      }
    ]
  }
}

function withSecondEndpoint(topology: Topology): Topology {
  const server = topology.servers?.['fleet-pg-0']
  const second = { subnet: 'hub-0/endpoints', privateDns: { zone: 'link' }, approval: 'automatic' }
  return {
    ...topology,
    servers: { ...topology.servers, 'fleet-pg-0': { ...server, privateEndpoints: { ...server?.privateEndpoints, second } } }
  } as Topology
}

/** The last two servers have their records in a second zone of the same name, in another group. */
function withOtherZone(servers: number): Topology {
  const topology = fleetTopology(servers)
  const ofOther = (index: number) => {
    const server = topology.servers?.[`fleet-pg-${index}`]
    const own = server?.privateEndpoints?.[`fleet-pe-${index}`]
    return [`fleet-pg-${index}`, { ...server, privateEndpoints: { [`fleet-pe-${index}`]: { ...own, privateDns: { zone: 'other' } } } }]
  }
  return {
    ...topology,
    privateDnsZones: { ...topology.privateDnsZones, other: { name: zoneName, resourceGroup: 'rg-fleet-0-2' } },
    servers: { ...topology.servers, ...Object.fromEntries([servers - 2, servers - 1].map(ofOther)) }
  } as Topology
}

async function twoZones(servers: number): Promise<Estate> {
  const bodies = fleetBodies({ servers })
  const moved = [servers - 2, servers - 1].map(index => [groupOf(index), configs(otherZone)])
  const tags = { 'pglink-topology': 'fleet-0' }
  const other = { [`${group}-2`]: { location: 'westeurope', tags }, [otherZone]: { location: 'global', tags, properties: {} } }
  return estate({ seedBodies: { ...bodies, ...other, ...Object.fromEntries(moved) } })
}
