import { nameOf, typeOf } from '../../armPath.ts'
import { type ArmBody, type JsonObject, textAt } from '../../json.ts'
import type { World } from '../../type.ts'
import type { ConnectionState, EndpointName } from './connection.ts'

/**
 * The other end of an endpoint that leads to a service which is not here. It is taken as being there, keeps no
 * connections and decides on none; the texts are those that were recorded for such services (CORPUS).
 */
export interface OtherService {
  /** The state in which the endpoint comes to rest. */
  readonly approved: ConnectionState
  readonly pending: ConnectionState
  names(groupId: string): readonly Omit<EndpointName, 'ipAddresses'>[]
}

/** The alias of a private link service takes the place of its id. */
const alias = /^[^/]+\.azure\.privatelinkservice$/i

/** Undefined for what is no id, and for an id of a type that there is here. */
export function otherServiceAt(world: World, target: string): OtherService | undefined {
  const isId = /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+/i.test(target)
  if (!(isId ? world.type(typeOf(target)) === undefined : alias.test(target))) return undefined
  const type = isId ? typeOf(target).toLowerCase() : 'microsoft.network/privatelinkservices'
  return {
    approved: {
      status: 'Approved',
      description: approvals[type] ?? approvals[type.split('/')[0] ?? ''] ?? 'Auto-Approved',
      actionsRequired: 'None'
    },
    pending: { status: 'Pending', description: '', actionsRequired: 'None' },
    names: groupId => namesIn[type]?.(nameOf(target).toLowerCase(), groupId.toLowerCase()) ?? []
  }
}

const approvals: Readonly<Record<string, string>> = {
  'microsoft.network': 'Auto Approved',
  'microsoft.dbforpostgresql': 'Auto-approved',
  'microsoft.automation': 'Auto-approved',
  'microsoft.iotcentral': 'Auto-approved',
  'microsoft.keyvault': '',
  'microsoft.storagesync': '',
  'microsoft.powerbi': 'Approved'
}

/** Endpoints of an application gateway say where it is, which is where they are themselves, and no others do (CORPUS). */
export const resolvedLocation = (world: World, endpoint: ArmBody, target: string): JsonObject =>
  typeOf(target).toLowerCase() === 'microsoft.network/applicationgateways' && otherServiceAt(world, target) !== undefined
    ? { resolvedPrivateLinkServiceLocation: textAt(endpoint, 'location') ?? '' }
    : {}

const storageGroups = ['blob', 'file', 'queue', 'table', 'dfs']

/** Names and zones of the services whose endpoints were recorded most. */
const namesIn: Readonly<Record<string, (name: string, groupId: string) => readonly Omit<EndpointName, 'ipAddresses'>[]>> = {
  'microsoft.storage/storageaccounts': (label, groupId) =>
    storageGroups.includes(groupId)
      ? [{ fqdn: `${label}.${groupId}.core.windows.net`, zone: `privatelink.${groupId}.core.windows.net`, label }]
      : [],
  'microsoft.dbforpostgresql/servers': label => [
    { fqdn: `${label}.postgres.database.azure.com`, zone: 'privatelink.postgres.database.azure.com', label }
  ]
}
