import { insights } from '../activityLog.ts'
import { resources } from '../groups.ts'
import { authorization } from '../locks.ts'
import { resourceGraph } from '../resourceGraph.ts'
import type { Provider } from '../type.ts'
import { dataFactory } from './dataFactory/index.ts'
import { managedIdentity } from './managedIdentity.ts'
import { securityGroups } from './network/securityGroups.ts'
import { network } from './network/virtualNetworks.ts'
import { postgres } from './postgres/index.ts'
import { privateDns } from './privateDns/privateDnsZones.ts'
import { privateLink } from './privateLink/privateDnsZoneGroups.ts'

/** Every provider. Two of them may share a namespace. */
export const providers: readonly Provider[] = [
  resources,
  authorization,
  insights,
  resourceGraph,
  network,
  securityGroups,
  privateLink,
  privateDns,
  postgres,
  dataFactory,
  managedIdentity
]
