import type { Json, JsonObject } from '../../src/sandbox/json.ts'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import type { Provider } from '../../src/sandbox/type.ts'
import { type Arm, armWithGroup, type Body, group, type Reply } from './arm.ts'
import { store, vault, vaultId } from './vaults.ts'

const version = '?api-version=2018-06-01'

export const factoryId = `${group}/providers/Microsoft.DataFactory/factories/Sales-Factory`
export const factory = `${factoryId}${version}`
export const network = `${factoryId}/managedVirtualNetworks/default${version}`
export const networkId = `${factoryId}/managedvirtualnetworks/default`
export const endpointAt = (name: string): string => `${factoryId}/managedVirtualNetworks/default/managedPrivateEndpoints/${name}${version}`
export const endpoints = `${factoryId}/managedVirtualNetworks/default/managedPrivateEndpoints${version}`
export const runtimeAt = (name: string): string => `${factoryId}/integrationRuntimes/${name}${version}`
export const actionAt = (path: string, action: string): string => path.replace('?', `/${action}?`)
export const serviceAt = (name: string): string => `${factoryId}/linkedServices/${name}${version}`

export const endpointBody = (properties: JsonObject = {}): JsonObject => ({
  properties: { privateLinkResourceId: vaultId, groupId: 'vault', ...properties }
})

export const managedRuntime: Json = {
  properties: {
    type: 'Managed',
    typeProperties: {
      computeProperties: { location: 'AutoResolve', dataFlowProperties: { computeType: 'General', coreCount: 8, timeToLive: 0 } }
    },
    managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' }
  }
}

const versions = { first: '2020-01-01', last: '2026-12-31' }
const pace = { ms: 0 }

/** So that a connection to a vault can be tested down to the database. */
const databases: Provider = {
  namespace: 'Contoso.Store',
  types: [
    { type: 'Contoso.Store/vaults/databases', apiVersions: versions, style: 'sync', timing: { create: pace, update: pace, remove: pace } }
  ]
}

export async function armWithFactory(options: SandboxOptions = {}): Promise<Arm> {
  const client = await armWithGroup({ ...options, providers: [store, databases] })
  await client.done('PUT', vault, { location: 'eastus2', properties: { publicNetworkAccess: 'Disabled' } })
  await client.done('PUT', `${vaultId}/databases/sales?api-version=2025-01-01`, {})
  await client.send('PUT', factory, { location: 'East US 2' })
  await client.send('PUT', network, { properties: {} })
  return client
}

interface VaultConnection {
  readonly id: string
  readonly properties: { readonly privateEndpoint: { readonly id: string }; readonly privateLinkServiceConnectionState: Body }
}

export async function vaultConnections({ send }: Arm): Promise<VaultConnection[]> {
  const list = await send('GET', `${vaultId}/privateEndpointConnections?api-version=2025-01-01`)
  return list.status === 200 ? (list.body['value'] as unknown as VaultConnection[]) : []
}

/** As the vault's owner does it. */
export async function decideOn(client: Arm, name: string, status: 'Approved' | 'Rejected', description: string): Promise<void> {
  const found = (await vaultConnections(client)).find(one => one.properties.privateEndpoint.id.endsWith(`.${name}`))
  if (found === undefined) throw new Error(`The vault has no connection of ${name}.`)
  const body = { properties: { privateLinkServiceConnectionState: { status, description } } }
  await client.done('PUT', `${found.id}?api-version=2025-01-01`, body)
}

export const properties = ({ body }: Reply): Body => (body['properties'] ?? {}) as Body

export const namesIn = ({ body }: Reply): unknown[] => (body['value'] as unknown as Body[]).map(one => one['name'])

/** For sending what was read. */
export const sent = (body: Body): Json => body as unknown as Json
