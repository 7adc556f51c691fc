import { type Arm, armWithGroup, type Beginning, type Body, group, type Json, networks, type Reply, unique } from './arm.ts'

/*
 * The beginning of the tests of private endpoints: a network with a subnet of eleven free addresses, a server for the
 * endpoints to lead to, and the zone in which its name is looked for.
 */

export const serverName = unique('gold')
export const serverId = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${serverName}`
export const vnet = `${networks}/hub`
export const subnet = `${vnet}/subnets/endpoints`
export const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/pe-gold`
export const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
export const zoneGroup = `${endpoint}/privateDnsZoneGroups/default`
export const record = `${zone}/A/${serverName}`
export const fqdn = `${serverName}.postgres.database.azure.com`

export const guid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
export const code = ({ body }: Reply): unknown => body['error']?.['code']
export const message = ({ body }: Reply): unknown => body['error']?.['message']
export const lockOn = (scope: string): string => `${scope}/providers/Microsoft.Authorization/locks/hold`

export const networkBody: Json = {
  location: 'eastus2',
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
    subnets: [{ name: 'endpoints', properties: { addressPrefix: '10.0.1.0/28' } }]
  }
}

export const serverBody: Json = {
  location: 'eastus2',
  sku: { name: 'Standard_B1ms', tier: 'Burstable' },
  properties: { version: '17', administratorLogin: 'dba', administratorLoginPassword: 'correct-Horse-7', storage: { storageSizeGB: 32 } }
}

interface EndpointParts {
  readonly manual?: boolean
  readonly subnet?: string
  readonly properties?: { readonly [name: string]: Json }
  readonly connection?: { readonly [name: string]: Json }
  readonly target?: string
  readonly groupIds?: readonly string[]
}

export function endpointBody(parts: EndpointParts = {}) {
  const { manual = false, properties = {}, connection = {}, target = serverId, groupIds = ['postgresqlServer'] } = parts
  const list = manual ? 'manualPrivateLinkServiceConnections' : 'privateLinkServiceConnections'
  const one = { name: 'to-gold', properties: { privateLinkServiceId: target, groupIds, ...connection } }
  return { location: 'eastus2', properties: { [list]: [one], subnet: { id: parts.subnet ?? subnet }, ...properties } }
}

export const zoneGroupBody = (...zones: readonly (readonly [name: string, id: string])[]) => ({
  properties: { privateDnsZoneConfigs: zones.map(([name, id]) => ({ name, properties: { privateDnsZoneId: id } })) }
})

export async function armWithTarget(beginning: Beginning = {}): Promise<Arm> {
  const client = await armWithGroup(beginning)
  await client.done('PUT', serverId, serverBody)
  await client.done('PUT', vnet, networkBody)
  await client.done('PUT', zone, { location: 'global' })
  return client
}

/** The server's connection of an endpoint, as its owner finds it. */
export async function connectionOf({ send }: Arm, endpointId = endpoint): Promise<string | undefined> {
  const { value } = (await send('GET', `${serverId}/privateEndpointConnections`)).body as unknown as { value: readonly Body[] }
  const found = value.find(one => `${one['properties']?.['privateEndpoint']?.['id']}`.toLowerCase() === endpointId.toLowerCase())
  return found && `${found['id']}`
}

export async function decide(client: Arm, status: 'Approved' | 'Rejected', description: string): Promise<void> {
  const connection = await connectionOf(client)
  if (connection === undefined) throw new Error('The server has no such connection.')
  await client.done('PUT', connection, { properties: { privateLinkServiceConnectionState: { status, description } } })
}

/** The state of an endpoint's one connection, whichever list it is in. */
export async function endpointState({ send }: Arm, id = endpoint): Promise<unknown> {
  const properties = (await send('GET', id)).body['properties']
  const one = properties?.['privateLinkServiceConnections']?.[0] ?? properties?.['manualPrivateLinkServiceConnections']?.[0]
  return one?.['properties']?.['privateLinkServiceConnectionState']
}

export const propertiesOf = async ({ send }: Arm, id = endpoint, apiVersion?: string) =>
  (await send('GET', id, undefined, apiVersion)).body['properties']

export const otherZone = `${group}/providers/Microsoft.Network/privateDnsZones/gold.contoso.org`

export async function armWithEndpoint(manual = false): Promise<Arm> {
  const client = await armWithTarget()
  await client.done('PUT', endpoint, endpointBody({ manual }))
  return client
}
