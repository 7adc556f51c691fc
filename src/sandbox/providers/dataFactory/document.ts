import { nameOf, parentOf, sameId } from '../../armPath.ts'
import { isObject, type Json, type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { World, Write } from '../../type.ts'

export const factoryType = 'Microsoft.DataFactory/factories'

/** The only version that is not a preview. */
export const versions = ['2018-06-01']

export const badRequest = (message: string, target?: string): Refusal => ({
  status: 400,
  code: 'BadRequest',
  message,
  ...(target !== undefined && { target }),
  details: null
})

const missingText = 'The document could not be retrieved because it does not exist.'

/** Below a factory the answer is Data Factory's own, not the gateway's (CORPUS). */
export const documentMissing = (id: string): Refusal => ({ status: 404, code: 'NotFound', message: missingText, target: id, details: null })

export const documentBadRequest = (id: string): Refusal => badRequest(missingText, id)

export const invalidReference = (name: string, target: string): Refusal =>
  badRequest(`The document creation or update failed because of invalid reference '${name}'.`, target)

export const factoryIdOf = (id: string): string => id.split('/').slice(0, 9).join('/')

/** A factory's name as it was first written; its id has it in lower case. */
export const factoryNameOf = (world: World, id: string): string =>
  textAt(world.store.get(factoryIdOf(id))?.memory, 'name') ?? nameOf(factoryIdOf(id))

/** The id of what is in a factory has the factory's name as it was created, unlike the factory's own (CORPUS). */
export function shownId(world: World, id: string): string {
  const segments = id.split('/')
  segments[8] = factoryNameOf(world, id)
  return segments.join('/')
}

/** In the form that Cosmos DB gives etags, where Data Factory keeps its documents (CORPUS). */
export const newEtag = (world: World): string => `${world.random.hex(8)}-0000-0100-0000-${world.random.hex(8)}0000`

/** Data Factory takes the header with quotes around the etag or without. */
export function preconditionFailed({ headers, live, id }: Write): Refusal | undefined {
  const wanted = headers.get('if-match') ?? ''
  if (wanted === '' || (wanted === '*' && live !== undefined)) return undefined
  if (live !== undefined && wanted.replaceAll('"', '') === textAt(live.memory, 'etag')) return undefined
  const message = 'The document update failed because of invalid ETag.'
  return { status: 412, code: 'PreconditionFailed', message, target: id, details: null }
}

/** Names of runtimes and factories: 3 to 63 letters, digits and single dashes, neither first nor last a dash. */
export const isDashedName = (name: string): boolean => /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/.test(name) && name.length >= 3 && name.length <= 63

export const childOf = (world: World, factory: string, segment: string, name: string): StoredResource | undefined =>
  world.store.get(`${factoryIdOf(factory)}/${segment}/${name}`)

/** The names that a body refers to with references of one type, at any depth. */
function referencesIn(value: Json | undefined, type: string): string[] {
  if (Array.isArray(value)) return value.flatMap(each => referencesIn(each, type))
  if (!isObject(value)) return []
  const name = value['type'] === type ? textAt(value, 'referenceName') : undefined
  return [...(name === undefined ? [] : [name]), ...Object.values(value).flatMap(each => referencesIn(each, type))]
}

/** Names of linked services, datasets and pipelines. */
const isDocumentName = (name: string): boolean => /^[A-Za-z0-9_][^<>*#.%&:\\+?/]*$/.test(name) && name.length <= 260

/** Why a document cannot have this name; `what` is what it is. */
export const ofThatName = (what: string, id: string): Refusal | undefined =>
  isDocumentName(nameOf(id)) ? undefined : badRequest(`The ${what} name '${nameOf(id)}' is invalid.`, id)

const builtInRuntime = 'AutoResolveIntegrationRuntime'

export const isBuiltInRuntime = (name: string): boolean => name.toLowerCase() === builtInRuntime.toLowerCase()

/** The managed network that a runtime is in; undefined for one that is in none. */
export const managedRuntimeNetwork = (runtime: StoredResource | undefined): string | undefined =>
  textAt(runtime?.body, 'properties', 'managedVirtualNetwork', 'referenceName')

/** By the type of a reference, where what it names lies. */
const places = {
  IntegrationRuntimeReference: 'integrationruntimes',
  LinkedServiceReference: 'linkedservices',
  DatasetReference: 'datasets',
  PipelineReference: 'pipelines'
} as const

export type ReferenceType = keyof typeof places

/** A name in a document that its factory does not have. Documents name each other without ids, by which a seed could be put in order. */
export function invalidReferenceOf(world: World, { id, body, seeded }: Write): Refusal | undefined {
  if (seeded) return undefined
  for (const [type, segment] of Object.entries(places)) {
    const isThere = (name: string): boolean => childOf(world, id, segment, name) !== undefined
    const missing = referencesIn(body, type).find(name => !isThere(name) && !(segment === 'integrationruntimes' && isBuiltInRuntime(name)))
    if (missing !== undefined) return invalidReference(missing, id)
  }
  return undefined
}

/** A document cannot go while another one of its factory names it. */
export function stillReferenced(world: World, id: string, type: ReferenceType): Refusal | undefined {
  const name = nameOf(id).toLowerCase()
  const by = ['linkedservices', 'datasets', 'pipelines']
    .flatMap(segment => world.store.ofType(`${factoryType}/${segment}`, parentOf(id)))
    .find(one => !sameId(one.id, id) && referencesIn(one.body, type).some(each => each.toLowerCase() === name))
  return by && badRequest(`The document cannot be deleted since it is referenced by ${nameOf(by.id)}.`, id)
}

/** The members kept of a document beside its properties: not a location, which some clients send with everything. */
export const besideProperties = (body: JsonObject): JsonObject =>
  without(body, 'id', 'name', 'type', 'eTag', 'etag', 'systemData', 'location', 'tags', 'properties')

/** A document as it is kept, with properties of its own making. */
export const documentOf = (body: JsonObject, properties: JsonObject): JsonObject => ({ ...besideProperties(body), properties })

/** As it was sent, under the id that Data Factory gives it, with an etag that changes with every write. */
export const showDocument = (world: World, { id, body, memory }: StoredResource): JsonObject => ({
  id: shownId(world, id),
  ...besideProperties(body),
  properties: objectAt(body, 'properties'),
  etag: textAt(memory, 'etag') ?? ''
})

export const withEtag = (world: World, memory: JsonObject | undefined): JsonObject => ({ ...memory, etag: newEtag(world) })
