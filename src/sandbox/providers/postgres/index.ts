import type { Provider } from '../../type.ts'
import { administrators } from './administrators.ts'
import { configurations } from './configurations.ts'
import { databases } from './databases.ts'
import { firewallRules } from './firewallRules.ts'
import { flexibleServers } from './flexibleServers.ts'
import { functions } from './functions.ts'
import { powerSettled, settlePower } from './power.ts'
import { privateEndpointConnections, privateLinkResources } from './privateEndpointConnections.ts'

export const postgres: Provider = {
  namespace: 'Microsoft.DBforPostgreSQL',
  types: [flexibleServers, firewallRules, databases, configurations, administrators, privateEndpointConnections, privateLinkResources],
  functions,
  effects: { [powerSettled]: settlePower }
}
