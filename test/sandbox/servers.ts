import { type Arm, armWithGroup, type Beginning, type Body, group, type Json, networks, type Reply, subscription, unique } from './arm.ts'

const version = 'api-version=2025-08-01'
export const serverName = unique('orders')
export const serverId = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${serverName}`
export const server = `${serverId}?${version}`
export const child = (path: string): string => `${serverId}/${path}?${version}`
export const provider = (path: string): string => `${subscription}/providers/Microsoft.DBforPostgreSQL/${path}?${version}`
/** Beside the one that most tests have. */
export const otherServer = (name: string): string => server.replace(serverName, unique(name))

export interface ServerParts {
  readonly sku?: Json
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

export const office = { properties: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' } }

export const code = ({ body }: Reply): unknown => body?.['error']?.['code']
export const message = ({ body }: Reply): unknown => body?.['error']?.['message']
export const refusalOf = (reply: Reply): unknown[] => [reply.status, code(reply)]
export const properties = async ({ send }: Arm, path = server): Promise<Body | undefined> => (await send('GET', path)).body['properties']
export const failure = ({ body }: Reply): unknown[] => [body['status'], body['error']?.['code']]
export const accepted = ({ status, body, headers }: Reply): unknown[] => [status, body?.['operation'], headers.get('retry-after')]
export const namesIn = ({ body }: Reply): unknown[] => [...(body['value'] as unknown as { readonly name: string }[])].map(one => one.name)

export async function armWithServer(parts: ServerParts = {}, beginning: Beginning = {}): Promise<Arm> {
  const client = await armWithGroup(beginning)
  await client.done('PUT', server, serverBody(parts))
  return client
}

/** A server with Entra authentication, which administrators need. */
export const entra = { authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Enabled' } }

export const zoneId = `${group}/providers/Microsoft.Network/privateDnsZones/orders.private.postgres.database.azure.com`
export const delegated = `${networks}/hub/subnets/servers`
export const endpointSubnet = `${networks}/hub/subnets/endpoints`

export async function armWithNetwork(beginning?: Beginning): Promise<Arm> {
  const client = await armWithGroup(beginning)
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
