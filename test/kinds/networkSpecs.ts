import type { Context, Kind, Reference } from '../../src/kinds/kind.ts'
import { resourceId } from '../../src/model/id.ts'

export const group = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-orders'
export const network = `${group}/providers/Microsoft.Network/virtualNetworks/Hub`
export const subnetPath = `${network}/subnets/Endpoints`
export const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`
export const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
export const linkPath = `${zone}/virtualNetworkLinks/hub`
export const endpointPath = `${group}/providers/Microsoft.Network/privateEndpoints/orders-pg-pe`
export const zoneGroupPath = `${endpointPath}/privateDnsZoneGroups/default`
export const lockPath = `${subnetPath}/providers/Microsoft.Authorization/locks/keep`

/** A file in which `hub` is the network, `hub/endpoints` its subnet, and nothing else has a name. */
export const context = (path: string, location = 'eastus2'): Context => ({
  path,
  id: resourceId(path),
  name: path.split('/').at(-1) ?? '',
  subscription: '11111111-1111-1111-1111-111111111111',
  resourceGroup: 'rg-orders',
  location,
  ref(kind: string, reference: Reference) {
    if (typeof reference !== 'string') return resourceId(reference.id)
    return resourceId(kind === 'subnet' ? subnetPath : network)
  },
  written: new Map(),
  canonical: resourceId,
  serverSuffix: 'postgres.database.azure.com',
  nameOf: (_, reference) => (typeof reference === 'string' ? reference : (reference.id.split('/').at(-1) ?? '')),
  managedEndpointTo: () => undefined
})

export const desired = (kind: Kind, path: string, spec: unknown, location?: string) =>
  kind.desired(spec, context(path, location)) as Readonly<Record<string, unknown>>
