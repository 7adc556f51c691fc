import { atOnce } from '../../durations.ts'
import { objectAt } from '../../json.ts'
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
  type ReferenceType,
  showDocument,
  stillReferenced,
  versions,
  withEtag
} from './document.ts'

interface Kind {
  readonly segment: string
  /** As it stands in messages. */
  readonly what: string
  readonly reference: ReferenceType
  /** The members that its properties cannot do without. */
  readonly required: readonly string[]
}

function check(world: World, write: Write, { what, reference, required }: Kind): Refusal | undefined {
  const { method, id, body } = write
  const stale = preconditionFailed(write)
  if (stale) return stale
  if (method === 'DELETE') return stillReferenced(world, id, reference)
  const illNamed = ofThatName(what, id)
  if (illNamed) return illNamed
  const missing = required.find(key => objectAt(body, 'properties')[key] === undefined)
  if (missing !== undefined) return badRequest(`The property '${missing}' of a ${what} is required.`, id)
  return invalidReferenceOf(world, write)
}

/** Kept and shown as it is sent: all that matters of it here is what it refers to. */
const documents = (kind: Kind): ResourceType => ({
  type: `${factoryType}/${kind.segment}`,
  apiVersions: versions,
  style: 'sync',
  createdStatus: 200,
  timing: atOnce,
  conditionalGet: true,
  check: (world, write) => check(world, write, kind),
  kept: (world, { body }) => ({ body: documentOf(body, objectAt(body, 'properties')), memory: withEtag(world, {}) }),
  show: showDocument,
  missing: (_world, id) => documentMissing(id)
})

export const datasets = documents({
  segment: 'datasets',
  what: 'dataset',
  reference: 'DatasetReference',
  required: ['type', 'linkedServiceName']
})

export const pipelines = documents({ segment: 'pipelines', what: 'pipeline', reference: 'PipelineReference', required: [] })
