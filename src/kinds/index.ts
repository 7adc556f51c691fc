import { invariant } from '../model/invariant.ts'
import { administrator } from './administrator.ts'
import { configuration } from './configuration.ts'
import { database } from './database.ts'
import { dataFactory } from './dataFactory.ts'
import { firewallRule } from './firewallRule.ts'
import { flexibleServer } from './flexibleServer.ts'
import { integrationRuntime } from './integrationRuntime.ts'
import type { Kind } from './kind.ts'
import { linkedService } from './linkedService.ts'
import { managedPrivateEndpoint } from './managedPrivateEndpoint.ts'
import { managedVirtualNetwork } from './managedVirtualNetwork.ts'
import { managementLock } from './managementLock.ts'
import { privateDnsZone } from './privateDnsZone.ts'
import { privateDnsZoneGroup } from './privateDnsZoneGroup.ts'
import { privateEndpoint } from './privateEndpoint.ts'
import { privateEndpointConnection } from './privateEndpointConnection.ts'
import { resourceGroup } from './resourceGroup.ts'
import { subnet } from './subnet.ts'
import { virtualEndpoint } from './virtualEndpoint.ts'
import { virtualNetwork } from './virtualNetwork.ts'
import { virtualNetworkLink } from './virtualNetworkLink.ts'

/** Every kind, in the order a reader meets them. Adding one is its file and its line here. */
export const kinds: readonly Kind[] = [
  resourceGroup,
  virtualNetwork,
  subnet,
  managementLock,
  privateDnsZone,
  virtualNetworkLink,
  flexibleServer,
  administrator,
  firewallRule,
  database,
  configuration,
  virtualEndpoint,
  privateEndpoint,
  privateDnsZoneGroup,
  privateEndpointConnection,
  dataFactory,
  managedVirtualNetwork,
  integrationRuntime,
  managedPrivateEndpoint,
  linkedService
]

export const kindNamed: ReadonlyMap<string, Kind> = new Map(kinds.map(kind => [kind.name, kind]))

/** By the type in an id, in lower case. */
export const kindOfType: ReadonlyMap<string, Kind> = new Map(kinds.map(kind => [kind.type.toLowerCase(), kind]))

export function kindOf({ kind }: { readonly kind: string }): Kind {
  const found = kindNamed.get(kind)
  invariant(found !== undefined, `no kind ${kind}`)
  return found
}
