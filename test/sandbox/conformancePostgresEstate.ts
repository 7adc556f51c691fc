import type { Json } from './arm.ts'
import { conformanceGroup } from './conformance.ts'

export const group = 'rg-net'
export const orders = 'orders'
export const nobody = 'nobody'
export const objectId = '8816a93c-dff7-45d0-8b64-4a2db756069b'
const of = (type: string, name: string): string => `${conformanceGroup}/providers/${type}/${name}`
export const serverId = of('Microsoft.DBforPostgreSQL/flexibleServers', orders)
export const network = of('Microsoft.Network/virtualNetworks', 'hub')
export const endpoint = of('Microsoft.Network/privateEndpoints', 'pe-orders')
export const connection = 'pe-orders.0000'
export const rejected = 'pe-refused.0000'

export const sku = { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' } as const
const login = { administratorLogin: 'dba', administratorLoginPassword: 'correct-Horse-7' }
export const server = { location: 'eastus2', sku, version: '17', storage: { storageSizeGB: 64 }, ...login } as const

/** The estate before each call. */
export const seed: Record<string, Json> = {
  [serverId]: {
    location: 'eastus2',
    sku,
    properties: {
      version: '17',
      administratorLogin: 'dba',
      storage: { storageSizeGB: 64 },
      authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Enabled' }
    }
  },
  [network]: {
    location: 'eastus2',
    properties: {
      addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
      subnets: [
        { name: 'endpoints', properties: { addressPrefix: '10.0.1.0/28' } },
        {
          name: 'servers',
          properties: {
            addressPrefix: '10.0.2.0/28',
            delegations: [{ name: 'pg', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
          }
        }
      ]
    }
  },
  ...Object.fromEntries(
    [
      [connection, 'Pending'],
      [rejected, 'Rejected']
    ].map(([name, status]) => [
      `${serverId}/privateEndpointConnections/${name}`,
      {
        properties: {
          privateEndpoint: { id: endpoint.replace('pe-orders', String(name).replace('.0000', '')) },
          privateLinkServiceConnectionState: { status, description: 'please' }
        }
      }
    ])
  ),
  [`${serverId}/firewallRules/office`]: { properties: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' } },
  [`${serverId}/databases/app`]: { properties: { charset: 'UTF8', collation: 'en_US.utf8' } },
  [`${serverId}/backups/one`]: {},
  [`${serverId}/virtualendpoints/orders-ve`]: { properties: { endpointType: 'ReadWrite', members: [orders] } },
  [`${serverId}/administrators/${objectId}`]: { properties: { principalName: 'dba-team', principalType: 'Group', tenantId: objectId } }
}

export const rule = { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' }
export const administrator = { principalName: 'dba-team', principalType: 'Group', tenantId: objectId }
export const member = { endpointType: 'ReadWrite', members: [orders] }
export const names = (list: readonly { readonly name?: string }[]): unknown[] => list.map(one => one.name)

/** The children of a server that is not there are not found. */
export const missing = { code: 'ResourceNotFound', message: /flexibleServers\/nobody' under resource group 'rg-net' was not found/ }
