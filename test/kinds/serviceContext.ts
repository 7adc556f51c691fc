import type { Context, Kind, Reference } from '../../src/kinds/kind.ts'
import type { FieldChange } from '../../src/model/change.ts'
import { nameOf, type ResourceId, resourceId } from '../../src/model/id.ts'

const group = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-orders'
export const serverPath = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`
export const factoryPath = `${group}/providers/Microsoft.DataFactory/factories/orders-adf`
export const networkPath = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
export const endpointPath = `${group}/providers/Microsoft.Network/privateEndpoints/orders-pg-pe`
export const managedPath = `${factoryPath}/managedVirtualNetworks/default/managedPrivateEndpoints/to-orders`

const under: Readonly<Record<string, (name: string) => string>> = {
  flexibleServer: name => `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`,
  subnet: name => `${networkPath}/subnets/${nameOf(name)}`,
  privateDnsZone: name => `${group}/providers/Microsoft.Network/privateDnsZones/${name}.private.postgres.database.azure.com`,
  integrationRuntime: name => `${factoryPath}/integrationRuntimes/${name}`,
  linkedService: name => `${factoryPath}/linkedServices/${name}`
}

const pathOf = (kind: string, reference: Reference): string =>
  typeof reference === 'string' ? (under[kind]?.(reference) ?? reference) : reference.id

/** Where an entry stands; `through` is the managed endpoint that its factory has to any server. */
export const contextOf = (path: string, through?: ResourceId): Context => ({
  path,
  id: resourceId(path),
  name: nameOf(path),
  subscription: '11111111-1111-1111-1111-111111111111',
  resourceGroup: 'rg-orders',
  location: 'eastus2',
  written: new Map(),
  canonical: resourceId,
  serverSuffix: 'postgres.database.azure.com',
  ref: (kind, reference) => resourceId(pathOf(kind, reference)),
  nameOf: (kind, reference) => nameOf(pathOf(kind, reference)),
  managedEndpointTo: () => through
})

/** `field: forces`, with what else a reader of the plan is told about it. */
export const outcome = (changes: readonly FieldChange[]): string[] =>
  changes.map(({ field, forces, phase, restarts, exit }) =>
    [`${field}: ${forces}`, phase === 'main' ? '' : phase, restarts ? 'restarts' : '', exit ?? ''].filter(Boolean).join(' ')
  )

/** Declared props come back: Azure's are another matter. */
export const comesBack = (kind: Kind, props: unknown): unknown => [kind.diff(kind.roundTrip(props), props), kind.diff(props, props)]
