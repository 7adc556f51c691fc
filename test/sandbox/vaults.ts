import { nameOf } from '../../src/sandbox/armPath.ts'
import { objectAt } from '../../src/sandbox/json.ts'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import type { Provider, ResourceType } from '../../src/sandbox/type.ts'
import { type Arm, armWithGroup, group, networks } from './arm.ts'

const pace = { ms: 5000, retryAfter: 10 }
const timing = { create: pace, update: pace, remove: pace }
const versions = { first: '2020-01-01', last: '2026-12-31' }
const connectionType = 'Contoso.Store/vaults/privateEndpointConnections'

/** A service with the target's side of private link and nothing else, so that what is tested is the endpoint's side. */
const vaults: ResourceType = {
  type: 'Contoso.Store/vaults',
  apiVersions: versions,
  style: 'postgres',
  timing,
  location: 'short',
  privateLink: {
    groupIds: ['vault'],
    zoneName: () => 'privatelink.vault.contoso.net',
    fqdn: target => `${nameOf(target.id)}.vault.contoso.net`,
    refuses: (_world, target) =>
      objectAt(target.body, 'properties')['closed'] === true
        ? { status: 400, code: 'PrivateEndpointFeatureNotSupportedOnServer', message: 'Call to Contoso.Store/vaults failed.' }
        : undefined,
    connect(world, { target, privateEndpoint, groupIds, status, description }) {
      const id = `${target}/privateEndpointConnections/${nameOf(privateEndpoint)}.${world.random.guid()}`
      const text = description ?? (status === 'Approved' ? 'Auto-Approved' : undefined)
      const privateLinkServiceConnectionState = { status, ...(text !== undefined && { description: text }), actionsRequired: 'None' }
      const properties = { privateEndpoint: { id: privateEndpoint }, groupIds, privateLinkServiceConnectionState }
      return world.put({ id, type: connectionType, body: { properties } }).id
    },
    disconnect: (world, connection) => world.remove(connection)
  }
}

const connections: ResourceType = {
  type: connectionType,
  apiVersions: versions,
  style: 'postgres',
  timing,
  visible: 'whenDone',
  kept: (_world, { sent, live }) => ({
    body: {
      properties: {
        ...objectAt(live?.body, 'properties'),
        privateLinkServiceConnectionState: { actionsRequired: 'None', ...objectAt(sent, 'properties', 'privateLinkServiceConnectionState') }
      }
    }
  })
}

export const store: Provider = { namespace: 'Contoso.Store', types: [vaults, connections] }

export const vault = `${group}/providers/Contoso.Store/vaults/gold?api-version=2025-01-01`
export const vaultId = `${group}/providers/Contoso.Store/vaults/gold`
export const vnet = `${networks}/hub`
export const subnet = `${vnet}/subnets/endpoints`
export const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/pe-gold`
export const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.vault.contoso.net`
export const zoneGroup = `${endpoint}/privateDnsZoneGroups/default`
export const record = `${zone}/A/gold`

interface EndpointParts {
  readonly manual?: boolean
  readonly subnet?: string
  readonly properties?: object
  readonly connection?: object
  readonly target?: string
  readonly groupIds?: readonly string[]
}

export function endpointBody({
  manual = false,
  properties = {},
  connection = {},
  target = vaultId,
  groupIds = ['vault'],
  ...rest
}: EndpointParts = {}) {
  const list = manual ? 'manualPrivateLinkServiceConnections' : 'privateLinkServiceConnections'
  const one = { name: 'to-gold', properties: { privateLinkServiceId: target, groupIds, ...connection } }
  return { location: 'eastus2', properties: { [list]: [one], subnet: { id: rest.subnet ?? subnet }, ...properties } }
}

export const zoneGroupBody = (...zones: readonly (readonly [name: string, id: string])[]) => ({
  properties: { privateDnsZoneConfigs: zones.map(([name, id]) => ({ name, properties: { privateDnsZoneId: id } })) }
})

/** A network with a subnet of eleven free addresses, a vault and a zone for it. */
export async function armWithVault(options: SandboxOptions = {}): Promise<Arm> {
  const client = await armWithGroup({ ...options, providers: [store] })
  await client.done('PUT', vnet, {
    location: 'eastus2',
    properties: {
      addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
      subnets: [{ name: 'endpoints', properties: { addressPrefix: '10.0.1.0/28' } }]
    }
  })
  await client.done('PUT', vault, { location: 'eastus2', properties: {} })
  await client.done('PUT', zone, { location: 'global' })
  return client
}

/** The vault's connection of an endpoint, as its owner finds it. */
export async function connectionOf({ send }: Arm, endpointId = endpoint) {
  const list = await send('GET', `${vaultId}/privateEndpointConnections?api-version=2025-01-01`)
  const found = (list.body['value'] as unknown as { id: string; properties: { privateEndpoint: { id: string } } }[]).find(
    one => one.properties.privateEndpoint.id === endpointId
  )
  return found ? `${found.id}?api-version=2025-01-01` : undefined
}

export async function decide(client: Arm, status: 'Approved' | 'Rejected', description: string): Promise<void> {
  const connection = await connectionOf(client)
  if (connection === undefined) throw new Error('The vault has no such connection.')
  await client.done('PUT', connection, { properties: { privateLinkServiceConnectionState: { status, description } } })
}

export const endpointState = async ({ send }: Arm, id = endpoint) => {
  const { properties } = (await send('GET', id)).body as unknown as { properties: Record<string, { properties: Record<string, object> }[]> }
  const [one] = [...(properties['privateLinkServiceConnections'] ?? []), ...(properties['manualPrivateLinkServiceConnections'] ?? [])]
  return one?.properties['privateLinkServiceConnectionState']
}
