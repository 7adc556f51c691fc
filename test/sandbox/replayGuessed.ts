import { type Exchange, type Members, typeOf } from './recording.ts'
import type { Around } from './replaySurroundings.ts'

const space = ['10.0.0.0/8', '14.0.0.0/16', '20.0.0.0/16', '172.16.0.0/12', '192.168.0.0/16']

const delegation = { name: 'servers', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }

const server = (location: string): Members => ({
  location,
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: {
    version: '16',
    administratorLogin: 'dba',
    authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Enabled' },
    storage: { storageSizeGB: 128 }
  }
})

/** Just enough for what leads there. */
export function bodyOf(id: string, around: Around): Members {
  const { location, forServers } = around
  switch (typeOf(id).toLowerCase()) {
    case 'microsoft.network/virtualnetworks':
      return { location, properties: { addressSpace: { addressPrefixes: space } } }
    case 'microsoft.network/virtualnetworks/subnets':
      return { properties: { ...(forServers && { delegations: [delegation] }) } }
    case 'microsoft.network/privatednszones':
      return { location: 'global' }
    case 'microsoft.network/privateendpoints':
      return endpoint(id, around)
    case 'microsoft.dbforpostgresql/flexibleservers':
      return server(location)
    case 'microsoft.datafactory/factories/managedvirtualnetworks':
      return { properties: {} }
    case 'microsoft.datafactory/factories/linkedservices':
      return { properties: { type: 'AzureKeyVault', typeProperties: { baseUrl: 'https://vault.example.com/' } } }
    case 'microsoft.authorization/locks':
      return { properties: { level: 'CanNotDelete' } }
    default:
      return { location, properties: {} }
  }
}

/** The target of an endpoint can be told from the records of its zone group. */
interface Target {
  readonly id: string
  readonly groupId: string
}

function targetIn(exchanges: readonly Exchange[], group: string): Target {
  const text = JSON.stringify(exchanges.map(({ response }) => response.body))
  const [, name = 'around', groupId] = /"fqdn":"([^".]+)\.privatelink\.(\w+)\.core\.windows\.net"/.exec(text) ?? []
  return groupId === undefined
    ? { id: `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`, groupId: 'postgresqlServer' }
    : { id: `${group}/providers/Microsoft.Storage/storageAccounts/${name}`, groupId }
}

function endpoint(id: string, { location, exchanges }: Around): Members {
  const group = id.split('/').slice(0, 5).join('/')
  const target = targetIn(exchanges, group)
  return {
    location,
    properties: {
      subnet: { id: `${group}/providers/Microsoft.Network/virtualNetworks/around/subnets/endpoints` },
      privateLinkServiceConnections: [{ name: 'target', properties: { privateLinkServiceId: target.id, groupIds: [target.groupId] } }]
    }
  }
}
