import { type Arm, arm, type Body, group as groupId, type Json, type Reply, subscription, unique } from './arm.ts'
import { exchange, type Step } from './exchange.ts'

export const lower = groupId.replace('resourceGroups', 'resourcegroups')
export const net = `${groupId}/providers/Microsoft.Network`
export const vnet = `${net}/virtualNetworks/vnet1`
export const servers = `${groupId}/providers/Microsoft.DBforPostgreSQL/flexibleServers`
export const server = `${servers}/${unique('pg1')}`
export const region = `${subscription}/providers/Microsoft.DBforPostgreSQL/locations/eastus`
export const factory = `${groupId}/providers/Microsoft.DataFactory/factories/${unique('adf1')}`
export const zone = `${net}/privateDnsZones/privatelink.postgres.database.azure.com`

export const groups = '2024-11-01'
export const postgres = '2026-01-01-preview'
const headers = { 'x-ms-client-request-id': '77777777-7777-4777-8777-777777777777', 'accept-encoding': 'identity' }

/** Statuses by client: what is not in its list the Azure CLI reports as an error. */
export const takes = {
  read: [200],
  networkPut: [200, 201, 202],
  networkDelete: [200, 202, 204],
  postgresWrite: [202],
  postgresDelete: [202, 204],
  factoryPut: [200],
  lockPut: [200, 201],
  lockDelete: [200, 204],
  genericPut: [200, 201, 202],
  genericDelete: [200, 202, 204]
} as const

export const ask = (client: Arm, call: Step['call'], version: string, statuses: readonly number[], body?: Json): Promise<Reply> =>
  exchange(client, { call, version, takes: statuses, headers, ...(body !== undefined && { body }) })

export async function armWithGroup(): Promise<Arm> {
  const client = await arm()
  await ask(client, `PUT ${lower}`, groups, [200, 201], { location: 'eastus' })
  return client
}

const vnetBody = {
  location: 'eastus',
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
    enableDdosProtection: false,
    enableVmProtection: false,
    subnets: [{ name: 'default', properties: { addressPrefix: '10.0.0.0/24' } }]
  }
}

const subnetBody = {
  name: 'pe',
  properties: {
    addressPrefix: '10.0.1.0/24',
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPolicies: 'Enabled'
  }
}

export const serverBody = {
  location: 'eastus',
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: {
    createMode: 'Create',
    version: '17',
    administratorLogin: 'adm',
    administratorLoginPassword: 'correct-Horse-7',
    network: { publicNetworkAccess: 'Enabled' },
    authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled' },
    backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' },
    storage: { storageSizeGB: 128, autoGrow: 'Disabled' },
    highAvailability: { mode: 'Disabled' }
  }
}

export async function armWithServer(): Promise<Arm> {
  const client = await armWithGroup()
  await ask(client, `PUT ${server}`, postgres, takes.postgresWrite, serverBody)
  return client
}

export async function armWithNetwork(client: Arm): Promise<void> {
  await ask(client, `PUT ${vnet}`, '2025-07-01', takes.networkPut, vnetBody)
  await ask(client, `PUT ${vnet}/subnets/pe`, '2024-07-01', takes.networkPut, subnetBody)
}

export const endpointBody = (
  connections: 'privateLinkServiceConnections' | 'manualPrivateLinkServiceConnections',
  message?: string
): Json => ({
  location: 'eastus',
  properties: {
    ipVersionType: 'IPv4',
    [connections]: [
      {
        name: 'conn1',
        properties: {
          groupIds: ['postgresqlServer'],
          privateLinkServiceId: server,
          ...(message !== undefined && { requestMessage: message })
        }
      }
    ],
    subnet: { id: `${vnet}/subnets/pe` }
  }
})

/** As the Azure CLI sends back what it has read. */
export const echo = (body: Body, change: (copy: Record<string, Record<string, Json>>) => void): Json => {
  const copy = JSON.parse(JSON.stringify(body))
  change(copy)
  return copy
}
