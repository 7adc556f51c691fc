import { atOnce } from '../durations.ts'
import { objectAt } from '../json.ts'
import { guidOf } from '../random.ts'
import { tenantId } from '../subscriptions.ts'
import type { Provider, ResourceType } from '../type.ts'

/** An identity that servers and factories are given. It has no rights here, and none are looked at. */
const userAssignedIdentities: ResourceType = {
  type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
  apiVersions: ['2018-11-30', '2023-01-31'],
  style: 'sync',
  timing: atOnce,
  location: 'short',
  methods: ['PUT', 'PATCH', 'DELETE'],
  show: (_world, { id, body }) => ({
    location: body['location'] ?? '',
    tags: objectAt(body, 'tags'),
    properties: { tenantId, principalId: guidOf(`principal ${id}`), clientId: guidOf(`client ${id}`) }
  })
}

export const managedIdentity: Provider = { namespace: 'Microsoft.ManagedIdentity', types: [userAssignedIdentities] }
