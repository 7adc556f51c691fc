import type { Provider } from '../../type.ts'
import { factories } from './factories.ts'
import { integrationRuntimes } from './integrationRuntimes.ts'
import { interactiveQueryEffects } from './interactiveQuery.ts'
import { linkedServices } from './linkedServices.ts'
import { managedEndpointEffects, managedEndpointNoticed, managedPrivateEndpoints } from './managedPrivateEndpoints.ts'
import { managedVirtualNetworks } from './managedVirtualNetworks.ts'

export const dataFactory: Provider = {
  namespace: 'Microsoft.DataFactory',
  types: [factories, managedVirtualNetworks, managedPrivateEndpoints, integrationRuntimes, linkedServices],
  noticed: managedEndpointNoticed,
  effects: { ...interactiveQueryEffects, ...managedEndpointEffects }
}
