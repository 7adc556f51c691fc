import type { Json, JsonObject } from '../../src/sandbox/json.ts'
import { type Arm, armWithGroup, group, networks, type Reply } from './arm.ts'

const version = 'api-version=2025-08-01'
export const serverId = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders`
export const server = `${serverId}?${version}`
export const child = (path: string): string => `${serverId}/${path}?${version}`
export const provider = (path: string): string =>
  `${group.split('/resourceGroups')[0]}/providers/Microsoft.DBforPostgreSQL/${path}?${version}`

export interface ServerParts {
  readonly sku?: JsonObject
  readonly location?: string
  readonly [property: string]: Json
}

export function serverBody({
  sku = { name: 'Standard_D2ds_v4', tier: 'GeneralPurpose' },
  location = 'eastus2',
  ...properties
}: ServerParts = {}): Json {
  return {
    location,
    sku,
    properties: {
      version: '17',
      administratorLogin: 'dba',
      administratorLoginPassword: 'correct-Horse-7',
      storage: { storageSizeGB: 128 },
      createMode: 'Create',
      ...properties
    }
  }
}

export const code = ({ body }: Reply): unknown => body['error']?.['code']
export const properties = async ({ send }: Arm, path = server) => (await send('GET', path)).body['properties']
export const failure = ({ body }: Reply): unknown[] => [body['status'], body['error']?.['code']]

export async function armWithServer(parts: ServerParts = {}): Promise<Arm> {
  const client = await armWithGroup()
  await client.done('PUT', server, serverBody(parts))
  return client
}

export const zoneId = `${group}/providers/Microsoft.Network/privateDnsZones/orders.private.postgres.database.azure.com`
export const delegated = `${networks}/hub/subnets/servers`
export const endpointSubnet = `${networks}/hub/subnets/endpoints`

export async function armWithNetwork(): Promise<Arm> {
  const client = await armWithGroup()
  const delegations = [{ name: 'pg', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
  await client.done('PUT', `${networks}/hub`, {
    location: 'eastus2',
    properties: {
      addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
      subnets: [
        { name: 'servers', properties: { addressPrefix: '10.0.0.0/28', delegations } },
        { name: 'endpoints', properties: { addressPrefix: '10.0.1.0/28' } }
      ]
    }
  })
  await client.done('PUT', zoneId, { location: 'global' })
  return client
}

export const injected = { network: { delegatedSubnetResourceId: delegated, privateDnsZoneArmResourceId: zoneId } }
