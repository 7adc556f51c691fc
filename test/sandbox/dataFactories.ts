import { type Arm, armWithGroup, type Beginning, type Body, group, type Json, type Reply, unique } from './arm.ts'

const version = '?api-version=2018-06-01'

export const factoryName = unique('Sales-Factory')
export const factories = `${group}/providers/Microsoft.DataFactory/factories`
export const factoryId = `${factories}/${factoryName}`
export const factory = `${factoryId}${version}`
export const networkId = `${factoryId}/managedvirtualnetworks/default`
export const network = `${factoryId}/managedVirtualNetworks/default${version}`
export const endpointAt = (name: string): string => `${factoryId}/managedVirtualNetworks/default/managedPrivateEndpoints/${name}${version}`
export const endpoints = `${factoryId}/managedVirtualNetworks/default/managedPrivateEndpoints${version}`
export const runtimeAt = (name: string): string => `${factoryId}/integrationRuntimes/${name}${version}`
export const serviceAt = (name: string): string => `${factoryId}/linkedservices/${name}${version}`
export const documentAt = (segment: string, name: string): string => `${factoryId}/${segment}/${name}${version}`
export const actionAt = (path: string, action: string): string => path.replace('?', `/${action}?`)

/** The server that endpoints and linked services lead to. */
export const targetName = unique('gold')
export const targetId = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${targetName}`
export const target = `${targetId}?api-version=2025-08-01`
export const targetHost = `${targetName}.postgres.database.azure.com`

export const targetBody: Json = {
  location: 'eastus2',
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: {
    version: '16',
    administratorLogin: 'adm',
    administratorLoginPassword: 'correct-Horse-7',
    network: { publicNetworkAccess: 'Disabled' },
    storage: { storageSizeGB: 128 },
    createMode: 'Create'
  }
}

type Parts = { readonly [name: string]: Json }

export const endpointBody = (properties: Parts = {}): { readonly properties: Parts } => ({
  properties: { privateLinkResourceId: targetId, groupId: 'postgresqlServer', ...properties }
})

export const managedRuntime = {
  properties: {
    type: 'Managed',
    typeProperties: {
      computeProperties: { location: 'AutoResolve', dataFlowProperties: { computeType: 'General', coreCount: 8, timeToLive: 0 } }
    },
    managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' }
  }
}

/** A factory with a managed network. */
export async function armWithFactory(beginning: Beginning = {}): Promise<Arm> {
  const client = await armWithGroup(beginning)
  await client.send('PUT', factory, { location: 'East US 2' })
  await client.send('PUT', network, { properties: {} })
  return client
}

/** And a server beside it. */
export async function armWithTarget(beginning: Beginning = {}): Promise<Arm> {
  const client = await armWithFactory(beginning)
  await client.done('PUT', target, targetBody)
  return client
}

interface Connection {
  readonly id: string
  readonly properties: { readonly privateEndpoint: { readonly id: string }; readonly privateLinkServiceConnectionState: Body }
}

export async function targetConnections({ send }: Arm): Promise<Connection[]> {
  const list = await send('GET', target.replace('?', '/privateEndpointConnections?'))
  return list.status === 200 ? (list.body['value'] as unknown as Connection[]) : []
}

/** As the server's owner does it. */
export async function decideOn(client: Arm, name: string, status: 'Approved' | 'Rejected', description: string): Promise<void> {
  const found = (await targetConnections(client)).find(one => one.properties.privateEndpoint.id.endsWith(`.${name}`))
  if (found === undefined) throw new Error(`The server has no connection of ${name}.`)
  const body = { properties: { privateLinkServiceConnectionState: { status, description } } }
  await client.done('PUT', `${found.id}?api-version=2025-08-01`, body)
}

export const properties = ({ body }: Reply): Body => (body?.['properties'] ?? {}) as Body

export const namesIn = ({ body }: Reply): unknown[] => (body['value'] as unknown as Body[]).map(one => one['name'])

/** For sending what was read. */
export const sent = (body: Body): Json => body as unknown as Json

export const code = ({ body }: Reply): unknown => body?.['error']?.['code']
export const message = ({ body }: Reply): unknown => body?.['error']?.['message']
export const refusalOf = (reply: Reply): unknown[] => [reply.status, code(reply)]

export const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Where Data Factory keeps its documents, etags look like this. */
export const cosmos = /^[0-9a-f]{8}-0000-\d{4}-0000-[0-9a-f]{12}$/

export const missingText = 'The document could not be retrieved because it does not exist.'
