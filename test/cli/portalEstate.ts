import { type Folder, folder, type Ran } from '../support/cli.ts'

/*
 * An estate that somebody made in the portal: a server, an endpoint, a network and a zone, with the names that the portal gives, ids in a
 * casing of their own, and tags that are not ours.
 */

export const subscription = '/subscriptions/11111111-1111-4111-8111-111111111111'
export const group = `${subscription}/resourceGroups/rg-shop`
export const network = `${group}/providers/Microsoft.Network/virtualNetworks/vnet-app`
export const zone = `${subscription}/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
export const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg`
export const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/shop-pe`
export const locks = 'providers/Microsoft.Authorization/locks'

type Bodies = Readonly<Record<string, unknown>>

export const serverBody = (tags: Readonly<Record<string, string>> = { env: 'prod' }, properties: object = {}): object => ({
  location: 'West Europe',
  tags,
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: {
    version: '16',
    administratorLogin: 'x_admin',
    storage: { storageSizeGB: 128, autoGrow: 'Enabled' },
    network: { publicNetworkAccess: 'Enabled' },
    ...properties
  }
})

export const made: Bodies = {
  [group]: { location: 'westeurope' },
  [`${subscription}/resourceGroups/rg-dns`]: { location: 'westeurope' },
  [network]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.10.0.0/16'] } } },
  [`${network}/subnets/snet-pe`]: { properties: { addressPrefix: '10.10.1.0/24' } },
  [`${network}/subnets/snet-other`]: { properties: { addressPrefix: '10.10.2.0/24' } },
  [zone]: { location: 'global' },
  [`${zone}/virtualNetworkLinks/yk3x2uq7l5a4e`]: {
    location: 'global',
    properties: { registrationEnabled: false, virtualNetwork: { id: network.replace('resourceGroups', 'resourcegroups') } }
  },
  [server]: serverBody(),
  [`${server}/databases/shop`]: { properties: { charset: 'UTF8', collation: 'en_US.utf8' } },
  [`${server}/databases/legacy`]: { properties: { charset: 'LATIN1', collation: 'C' } },
  [`${server}/firewallRules/office`]: { properties: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' } },
  [endpoint]: {
    location: 'westeurope',
    properties: {
      privateLinkServiceConnections: [
        { name: 'shop-pe_1f0c', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }
      ],
      subnet: { id: `${network}/subnets/snet-pe` }
    }
  },
  [`${endpoint}/privateDnsZoneGroups/default`]: {
    properties: {
      privateDnsZoneConfigs: [{ name: 'privatelink-postgres-database-azure-com', properties: { privateDnsZoneId: zone } }]
    }
  },
  [`${server}/${locks}/keep`]: { properties: { level: 'CanNotDelete', notes: 'holds the shop' } },
  [`${network}/${locks}/netops`]: { properties: { level: 'ReadOnly', notes: 'change freeze' } }
}

const sandbox = '--sandbox --sandbox-state estate.json --sandbox-seed seed.json --sandbox-log requests.ndjson'

export interface Here extends Folder {
  /** Any other command on the estate. */
  run(command: string): Promise<Ran>
  import(args: string): Promise<Ran>
  plan(): Promise<Ran>
}

/** A folder with an estate; the whole of it with what is laid over. */
export function on(over: Bodies = {}, faults: readonly object[] = []): Here {
  const here = folder({ 'seed.json': JSON.stringify({ ...made, ...over }), 'faults.json': JSON.stringify(faults) })
  const flags = faults.length > 0 ? `${sandbox} --sandbox-faults faults.json` : sandbox
  return {
    ...here,
    run: command => here.pglink(`${command} ${flags} --allow-env SHOP_PG_PASSWORD`),
    import: args => here.pglink(`import ${args} ${flags}`),
    plan: () => here.pglink(`plan topology.yaml --allow-env SHOP_PG_PASSWORD ${flags}`)
  }
}

/** This login may not read the endpoint by itself. */
export const forbidden = {
  method: 'GET',
  path: '/privateEndpoints/shop-pe',
  nth: 'every',
  status: 403,
  code: 'AuthorizationFailed',
  message: 'no'
}
