import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { estate, subscription } from './estate.ts'
import { topologyFrom } from './yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const net = `${group}/providers/Microsoft.Network`
const zone = `${net}/privateDnsZones/privatelink.postgres.database.azure.com`
const tags = { 'pglink-topology': 'case' }
const location = 'westeurope'

const numbers = (servers: number): readonly number[] => Array.from({ length: servers }, (_, index) => index)

/** Servers that each have an endpoint and a zone group, all of them on one zone, as a file has them. */
export const fleetTopology = (servers: number) =>
  topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.0.0/18 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } } }
servers:
${numbers(servers)
  .map(
    index => `  pg-${index}:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: fleet_admin, password: drawn }
    networking: { publicAccess: { enabled: false } }
    privateEndpoints: { pe-${index}: { subnet: hub/a, privateDns: { zone: link }, approval: automatic } }
`
  )
  .join('')}`)

/** The same as bodies that Azure takes, for an estate that holds them without an apply. */
export function fleetBodies(servers: number): NonNullable<SandboxOptions['seedBodies']> {
  const network = `${net}/virtualNetworks/hub`
  const subnet = `${network}/subnets/a`
  const ofServer = (index: number) => {
    const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-${index}`
    const endpoint = `${net}/privateEndpoints/pe-${index}`
    const connection = { name: `pe-${index}`, properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }
    return [
      [
        server,
        {
          location,
          tags,
          sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
          properties: {
            version: '17',
            administratorLogin: 'fleet_admin',
            administratorLoginPassword: 'Test-only-1',
            storage: { storageSizeGB: 128 },
            network: { publicNetworkAccess: 'Disabled' },
            createMode: 'Create'
          }
        }
      ],
      [endpoint, { location, tags, properties: { subnet: { id: subnet }, privateLinkServiceConnections: [connection] } }],
      [
        `${endpoint}/privateDnsZoneGroups/default`,
        { properties: { privateDnsZoneConfigs: [{ name: 'link', properties: { privateDnsZoneId: zone } }] } }
      ]
    ] as const
  }
  return {
    [group]: { location, tags },
    [network]: {
      location,
      tags,
      properties: {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        subnets: [{ name: 'a', properties: { addressPrefix: '10.0.0.0/18' } }]
      }
    },
    [zone]: { location: 'global', tags, properties: {} },
    [`${zone}/virtualNetworkLinks/hub`]: {
      location: 'global',
      tags,
      properties: { registrationEnabled: false, virtualNetwork: { id: network } }
    },
    ...Object.fromEntries(numbers(servers).flatMap(ofServer))
  }
}

/** An estate in which the fleet stands. */
export const fleetEstate = (servers: number, behaviours: SandboxOptions['behaviours'] = {}): ReturnType<typeof estate> =>
  estate({ seedBodies: fleetBodies(servers), behaviours })
