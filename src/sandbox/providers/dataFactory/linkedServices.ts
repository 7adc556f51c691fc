import { atOnce } from '../../durations.ts'
import { type JsonObject, textAt } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { ResourceType, World, Write } from '../../type.ts'
import {
  badRequest,
  documentMissing,
  documentOf,
  factoryType,
  invalidReferenceOf,
  ofThatName,
  preconditionFailed,
  showDocument,
  stillReferenced,
  versions,
  withEtag
} from './document.ts'
import { concealed } from './secrets.ts'

function check(world: World, write: Write): Refusal | undefined {
  const { method, id, body } = write
  const stale = preconditionFailed(write)
  if (stale) return stale
  if (method === 'DELETE') return stillReferenced(world, id, 'LinkedServiceReference')
  const illNamed = ofThatName('linked service', id)
  if (illNamed) return illNamed
  if (textAt(body, 'properties', 'type') === undefined) return badRequest("The property 'type' of a linked service is required.", id)
  return invalidReferenceOf(world, write)
}

function kept(world: World, write: Write): { readonly body: JsonObject; readonly memory: JsonObject } {
  const { properties, secrets } = concealed(world, write)
  return { body: documentOf(write.body, properties), memory: withEtag(world, { secrets }) }
}

export const linkedServices: ResourceType = {
  type: `${factoryType}/linkedservices`,
  apiVersions: versions,
  style: 'sync',
  createdStatus: 200,
  timing: atOnce,
  conditionalGet: true,
  check,
  kept,
  show: showDocument,
  missing: (_world, id) => documentMissing(id)
}
