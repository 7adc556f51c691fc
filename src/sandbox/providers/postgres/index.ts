import type { Provider } from '../../type.ts'
import { administrators } from './administrators.ts'
import { backups } from './backups.ts'
import { configurations } from './configurations.ts'
import { databases } from './databases.ts'
import { firewallRules } from './firewallRules.ts'
import { flexibleServers } from './flexibleServers.ts'
import { functions } from './functions.ts'
import { leaveNetwork, networkMigrated } from './migrateNetwork.ts'
import { powerSettled, settlePower } from './power.ts'
import { privateEndpointConnections, privateLinkResources } from './privateEndpointConnections.ts'
import { replicas } from './replicas.ts'
import { threatProtection } from './threatProtection.ts'
import { nameFreed, virtualEndpoints } from './virtualEndpoints.ts'

export const postgres: Provider = {
  namespace: 'Microsoft.DBforPostgreSQL',
  types: [
    flexibleServers,
    firewallRules,
    databases,
    configurations,
    administrators,
    privateEndpointConnections,
    privateLinkResources,
    virtualEndpoints,
    backups,
    replicas,
    threatProtection
  ],
  functions,
  effects: { [powerSettled]: settlePower, [networkMigrated]: leaveNetwork, [nameFreed]: () => undefined }
}
