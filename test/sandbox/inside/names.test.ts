import { describe, expect, test } from 'vitest'
import { resolveName } from '../../../src/sandbox/dataPlane/names.ts'
import { waysIn } from '../../../src/sandbox/dataPlane/ways.ts'
import type { ArmBody } from '../../../src/sandbox/json.ts'
import { type Arm, arm, group, networks } from './arm.ts'

const [hub, spoke] = [`${networks}/hub`, `${networks}/spoke`]
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/gold`
const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/pe`
const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const connections = `${server}/privateEndpointConnections?api-version=2025-08-01`

const space = (addressPrefix: string): ArmBody => ({
  location: 'eastus2',
  properties: { addressSpace: { addressPrefixes: [addressPrefix] } }
})

/** A server with a zone, and an endpoint in the network `hub`, whose connection is Pending. */
async function estate(): Promise<Arm> {
  const client = arm({
    seedBodies: {
      [hub]: space('10.0.0.0/16'),
      [`${hub}/subnets/endpoints`]: { properties: { addressPrefix: '10.0.1.0/24' } },
      [spoke]: space('10.1.0.0/16'),
      [zone]: { location: 'global' },
      [server]: {
        location: 'eastus2',
        sku: { name: 'Standard_B1ms', tier: 'Burstable' },
        properties: { version: '17', administratorLogin: 'dba' }
      }
    }
  })
  const connection = { name: 'pe', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }
  const properties = { subnet: { id: `${hub}/subnets/endpoints` }, manualPrivateLinkServiceConnections: [connection] }
  await client.done('PUT', endpoint, { location: 'eastus2', properties })
  const configs = { privateDnsZoneConfigs: [{ name: 'default', properties: { privateDnsZoneId: zone } }] }
  await client.done('PUT', `${endpoint}/privateDnsZoneGroups/default`, { properties: configs })
  return client
}

const link = ({ done }: Arm, network: string, resolutionPolicy = 'Default') =>
  done('PUT', `${zone}/virtualNetworkLinks/${network.split('/').at(-1)}`, {
    location: 'global',
    properties: { virtualNetwork: { id: network }, registrationEnabled: false, resolutionPolicy }
  })

async function decide({ send, done }: Arm, status: string): Promise<void> {
  const { body } = await send('GET', connections)
  const id = String(body['value']?.[0]?.['id'])
  await done('PUT', `${id}?api-version=2025-08-01`, { properties: { privateLinkServiceConnectionState: { status, description: '' } } })
}

const fqdn = 'gold.postgres.database.azure.com'
const alias = { name: fqdn, type: 'CNAME', data: 'gold.privatelink.postgres.database.azure.com', ttl: 30 }
const asked = ({ sandbox }: Arm, network: string | undefined, name = fqdn) => sandbox.look(world => resolveName(world, network, name))
const last = (client: Arm, network?: string) => asked(client, network).records.at(-1)

describe('the name of a server with an endpoint', () => {
  test('leads over Private Link to the address in the zone of a linked network', async () => {
    const client = await estate()
    await link(client, hub)
    await decide(client, 'Approved')
    const record = { name: alias.data, type: 'A', data: '10.0.1.4', ttl: 10 }
    expect(asked(client, hub)).toEqual({ code: 'NOERROR', records: [alias, record] })
    expect(asked(client, hub, 'GOLD.postgres.database.azure.com.')).toEqual(asked(client, hub))
  })

  test('is NXDOMAIN where the linked zone has no record, unless the link redirects', async () => {
    const client = await estate()
    await link(client, hub)
    await link(client, spoke, 'NxDomainRedirect')
    expect(asked(client, hub)).toEqual({ code: 'NXDOMAIN', records: [alias] })
    expect(last(client, spoke)).toMatchObject({ name: alias.data, type: 'A', data: expect.stringMatching(/^203\.0\.113\.\d+$/) })
    expect(asked(client, spoke).code).toBe('NOERROR')
  })

  test('leads to the public address in a network without a link, and on the internet', async () => {
    const client = await estate()
    await link(client, hub)
    await decide(client, 'Approved')
    const outside = asked(client, spoke)
    expect(outside.records).toEqual([alias, { name: alias.data, type: 'A', data: expect.stringMatching(/^203\.0\.113\.\d+$/), ttl: 30 }])
    expect(asked(client, undefined)).toEqual(outside)
  })
})

// [DOC azure/dns/private-dns-fallback: for zones of Private Link]
test('the policy of a link to a zone that is not of Private Link lets nothing through', async () => {
  const client = await estate()
  const own = `${group}/providers/Microsoft.Network/privateDnsZones/postgres.database.azure.com`
  await client.done('PUT', own, { location: 'global' })
  const properties = { virtualNetwork: { id: hub }, registrationEnabled: false, resolutionPolicy: 'NxDomainRedirect' }
  await client.done('PUT', `${own}/virtualNetworkLinks/hub`, { location: 'global', properties })
  expect(asked(client, hub)).toEqual({ code: 'NXDOMAIN', records: [] })
})

test('a zone speaks for all names in it, and no zone of the estate is known on the internet', async () => {
  const client = await estate()
  const own = `${group}/providers/Microsoft.Network/privateDnsZones/corp.test`
  await client.done('PUT', own, { location: 'global' })
  await client.done('PUT', `${own}/CNAME/db`, { properties: { ttl: 60, cnameRecord: { cname: fqdn } } })
  await client.done('PUT', `${own}/virtualNetworkLinks/hub`, { location: 'global', properties: { virtualNetwork: { id: hub } } })
  expect(asked(client, hub, 'db.corp.test').records.map(({ type }) => type)).toEqual(['CNAME', 'CNAME', 'A'])
  expect(asked(client, hub, 'other.corp.test').code).toBe('NXDOMAIN')
  expect(asked(client, undefined, 'db.corp.test').code).toBe('NXDOMAIN')
  expect(asked(client, hub, 'none.postgres.database.azure.com').code).toBe('NXDOMAIN')
  expect(asked(client, hub, 'example.org')).toEqual({ code: 'REFUSED', records: [] })
})

test('a server in a network is named in its own zone, whose address is open', async () => {
  const client = await estate()
  const [subnet, own] = [`${spoke}/subnets/pg`, `${group}/providers/Microsoft.Network/privateDnsZones/in.postgres.database.azure.com`]
  const delegations = [{ name: 'pg', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
  await client.done('PUT', subnet, { properties: { addressPrefix: '10.1.1.0/24', delegations } })
  await client.done('PUT', own, { location: 'global' })
  await client.done('PUT', `${own}/virtualNetworkLinks/spoke`, { location: 'global', properties: { virtualNetwork: { id: spoke } } })
  const inside = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/inside?api-version=2025-08-01`
  const network = { delegatedSubnetResourceId: subnet, privateDnsZoneArmResourceId: own }
  const login = { administratorLogin: 'dba', administratorLoginPassword: 'correct-Horse-7' }
  const properties = { version: '17', storage: { storageSizeGB: 32 }, network, ...login }
  await client.done('PUT', inside, { location: 'eastus2', sku: { name: 'Standard_B1ms', tier: 'Burstable' }, properties })
  const { code, records } = asked(client, spoke, 'inside.postgres.database.azure.com')
  expect(code).toBe('NOERROR')
  expect(records.map(({ type }) => type)).toEqual(['CNAME', 'A'])
  expect(records[1]).toMatchObject({ name: expect.stringMatching(/^[0-9a-f]{12}\.in\.postgres/), data: '10.1.1.4' })
  expect(asked(client, hub, 'inside.postgres.database.azure.com').code).toBe('NXDOMAIN')
  const ways = client.sandbox.look(waysIn).filter(({ id }) => id.endsWith('/inside'))
  expect(ways).toMatchObject([{ address: '10.1.1.4', port: 5432, network: spoke, open: true }])
})

test('a way is open only while its connection is approved and its server is ready', async () => {
  const client = await estate()
  const opens = (): boolean[] => client.sandbox.look(waysIn).map(({ open }) => open)
  expect(opens()).toEqual([false])
  await decide(client, 'Approved')
  expect(opens()).toEqual([true])
  expect(client.sandbox.look(waysIn)).toMatchObject([{ address: '10.0.1.4', port: 5432, network: hub, id: endpoint, server }])
  const bouncer = { properties: { value: 'true', source: 'user-override' } }
  await client.done('PUT', `${server}/configurations/pgbouncer.enabled?api-version=2025-08-01`, bouncer)
  expect(client.sandbox.look(waysIn).map(({ port }) => port)).toEqual([5432, 6432])
  await client.done('POST', `${server}/stop?api-version=2025-08-01`)
  expect(opens()).toEqual([false, false])
})

test('a way closes as soon as the owner of the server rejects its connection', async () => {
  const client = await estate()
  await decide(client, 'Approved')
  await decide(client, 'Rejected')
  expect(client.sandbox.look(waysIn).map(({ open }) => open)).toEqual([false])
})
