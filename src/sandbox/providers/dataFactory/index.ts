import type { Provider } from '../../type.ts'
import { datasets, pipelines } from './documents.ts'
import { factories, factoryEffects } from './factories.ts'
import { integrationRuntimes } from './integrationRuntimes.ts'
import { interactiveQueryEffects } from './interactiveQuery.ts'
import { linkedServices } from './linkedServices.ts'
import { managedEndpointEffects, managedEndpointNoticed, managedPrivateEndpoints } from './managedPrivateEndpoints.ts'
import { managedVirtualNetworks } from './managedVirtualNetworks.ts'
import { factoryConnections, factoryLinkResources } from './privateEndpointConnections.ts'
import { ssisEffects } from './ssis.ts'

export const dataFactory: Provider = {
  namespace: 'Microsoft.DataFactory',
  types: [
    factories,
    managedVirtualNetworks,
    managedPrivateEndpoints,
    integrationRuntimes,
    linkedServices,
    datasets,
    pipelines,
    factoryConnections,
    factoryLinkResources
  ],
  noticed: managedEndpointNoticed,
  effects: { ...factoryEffects, ...interactiveQueryEffects, ...managedEndpointEffects, ...ssisEffects }
}
