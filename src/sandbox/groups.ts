import { nameOf } from './armPath.ts'
import { timings } from './durations.ts'
import { textAt } from './json.ts'
import { shortLocation } from './locations.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import { plain } from './show.ts'
import type { Provider, ResourceType, World, Write } from './type.ts'

export const groupType = 'Microsoft.Resources/resourceGroups'

function checkGroup(_world: World, { method, id, body, live }: Write): Refusal | undefined {
  if (method === 'DELETE' || live === undefined) return undefined
  if (live.provisioning === 'Deleting') return gatewayErrors.groupBeingDeleted(nameOf(live.id))
  const wanted = shortLocation(textAt(body, 'location') ?? '')
  const location = textAt(live.body, 'location') ?? ''
  if (wanted === location) return undefined
  return {
    status: 409,
    code: 'InvalidResourceGroupLocation',
    message: `Invalid resource group location '${wanted}'. The Resource group already exists in location '${location}'. Resource group '${nameOf(id)}' cannot be moved.`,
    cause: 'gateway'
  }
}

const resourceGroups: ResourceType = {
  type: groupType,
  apiVersions: { first: '2015-11-01', last: '2026-12-31' },
  style: 'resourceGroup',
  timing: timings.resourceGroup,
  methods: ['PUT', 'PATCH', 'DELETE'],
  location: 'short',
  check: checkGroup,
  missing: (_world, id) => gatewayErrors.groupNotFound(nameOf(id)),
  show: (_world, resource) => plain(resource, resourceGroups)
}

export const resources: Provider = { namespace: 'Microsoft.Resources', types: [resourceGroups] }
