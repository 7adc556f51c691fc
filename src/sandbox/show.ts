import { type ArmBody, objectAt } from './json.ts'
import type { StoredResource } from './state.ts'
import type { ResourceType } from './type.ts'

/** The kept body with its state. A seeded type that no provider knows has no state here: it is sent back as it came. */
export function plain(resource: StoredResource, type: ResourceType | undefined): ArmBody {
  if (type === undefined) return resource.body
  return { ...resource.body, properties: { provisioningState: resource.provisioning, ...objectAt(resource.body['properties']) } }
}

export const networkEtag = (resource: StoredResource): string => `W/"${resource.etag}"`
