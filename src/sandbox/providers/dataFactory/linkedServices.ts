import { nameOf } from '../../armPath.ts'
import { atOnce } from '../../durations.ts'
import { type JsonObject, textAt } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { ResourceType, World, Write } from '../../type.ts'
import {
  badRequest,
  childOf,
  documentMissing,
  factoryType,
  invalidReference,
  isBuiltInRuntime,
  preconditionFailed,
  referencesIn,
  shownId,
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
  const name = nameOf(id)
  if (!/^[A-Za-z0-9_][^<>*#.%&:\\+?/]*$/.test(name) || name.length > 260)
    return badRequest(`The linked service name '${name}' is invalid.`, id)
  if (textAt(body, 'properties', 'type') === undefined) return badRequest("The property 'type' of a linked service is required.", id)
  // Documents name each other without ids, by which a seed could be put in order.
  if (write.seeded) return undefined
  const runtime = textAt(body, 'properties', 'connectVia', 'referenceName')
  if (runtime !== undefined && !isBuiltInRuntime(runtime) && childOf(world, id, 'integrationruntimes', runtime) === undefined) {
    return invalidReference(runtime, id)
  }
  const missing = referencesIn(body, 'LinkedServiceReference').find(one => childOf(world, id, 'linkedservices', one) === undefined)
  return missing === undefined ? undefined : invalidReference(missing, id)
}

function kept(world: World, write: Write): { readonly body: JsonObject; readonly memory: JsonObject } {
  const { properties, secrets } = concealed(world, write)
  return { body: { properties }, memory: withEtag(world, { secrets }) }
}

export const linkedServices: ResourceType = {
  type: `${factoryType}/linkedservices`,
  apiVersions: versions,
  style: 'sync',
  createdStatus: 200,
  timing: atOnce,
  check,
  kept,
  show: (world, { id, body, memory }) => ({ id: shownId(world, id), ...body, etag: textAt(memory, 'etag') ?? '' }),
  missing: (_world, id) => documentMissing(id)
}
