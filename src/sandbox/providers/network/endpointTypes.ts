import type { ProviderFunction } from '../../type.ts'
import { endpointVersions } from './versions.ts'

/** Services that take private endpoints here, with the name that the portal shows. */
const known: readonly (readonly [type: string, displayName: string])[] = [
  ['Microsoft.DBforPostgreSQL/flexibleServers', 'Azure Database for PostgreSQL flexible servers']
]

/** At a location, over a subscription or in a group. Azure's list has some hundred services; this one has those that are here. */
export const availableEndpointTypes: ProviderFunction = {
  method: 'GET',
  path: 'locations/availablePrivateEndpointTypes',
  apiVersions: endpointVersions,
  run: (world, { subscription }) => ({
    status: 200,
    body: {
      value: known
        .filter(([type]) => world.type(type)?.privateLink !== undefined)
        .map(([type, displayName]) => {
          const name = type.replace('/', '.')
          const resourceType = 'Microsoft.Network/AvailablePrivateEndpointTypes'
          return {
            name,
            id: `/subscriptions/${subscription}/providers/${resourceType}/${name}`,
            type: resourceType,
            resourceName: type,
            displayName
          }
        })
    }
  })
}
