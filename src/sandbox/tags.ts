import { groupOf, sameId } from './armPath.ts'
import type { Core } from './core.ts'
import { groupType } from './groups.ts'
import { isObject, type Json, type JsonObject, objectAt, textAt } from './json.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import { answersTo } from './registry.ts'
import { type ArmRequest, unreadable } from './request.ts'
import type { StoredResource } from './state.ts'
import type { Answer, ResourceType } from './type.ts'

const tagsType = 'Microsoft.Resources/tags'

const versions = ['2019-10-01', '2020-06-01', '2021-04-01', '2022-09-01', '2024-11-01', '2025-04-01'] as const

/** Where the tags of a scope are asked for; those of a subscription, which is no resource, are kept under it too. */
const idAt = (scope: string): string => `${scope}/providers/${tagsType}/default`

/** The tags of a subscription; undefined where it has none. */
export const subscriptionTags = ({ store }: Pick<Core, 'store'>, subscription: string): Json | undefined =>
  store.get(idAt(subscription))?.body['tags']

/** Answers a request about the tags of a scope as a resource of their own; undefined for any other address. */
export function aboutTags(core: Core, request: ArmRequest): Answer | Refusal | undefined {
  const { path, method, apiVersion } = request
  const { types = [], names: [name] = [] } = path.part ?? {}
  if (types.length !== 1 || types[0]?.toLowerCase() !== 'tags' || path.subscription === undefined) return undefined
  if (name?.toLowerCase() !== 'default') return undefined
  if (!answersTo(versions, apiVersion)) return gatewayErrors.invalidApiVersion(apiVersion, versions.join(','))
  const holder = holderAt(core, request)
  if ('code' in holder) return holder
  const { scope, tags } = holder
  if (method === 'GET') return { status: 200, body: shown(scope, tags) }
  const garbled = unreadable(request)
  if (garbled) return garbled
  const as = method === 'DELETE' ? 'delete' : 'write'
  const locked = core.lockedBy(idAt(scope), as)
  if (locked.length > 0) return gatewayErrors.scopeLocked(idAt(path.scope), as, locked)
  const next = nextTags(request, tags)
  if ('refusal' in next) return next.refusal
  const refusal = refusedTags(next.tags)
  if (refusal) return refusal
  write(core, holder, next.tags)
  return method === 'DELETE' ? { status: 200 } : { status: 200, body: shown(scope, next.tags) }
}

const shown = (scope: string, tags: JsonObject): JsonObject => ({ id: idAt(scope), name: 'default', type: tagsType, properties: { tags } })

/** A subscription, a group or a resource. */
interface Holder {
  readonly scope: string
  readonly tags: JsonObject
  readonly live: StoredResource | undefined
}

function holderAt(core: Core, { path, method }: ArmRequest): Holder | Refusal {
  const { scope, resourceGroup } = path
  if (sameId(scope, `/subscriptions/${path.subscription}`)) {
    const live = core.store.get(idAt(scope))
    return { scope, tags: objectAt(live?.body['tags']), live }
  }
  const group = core.store.get(groupOf(scope))
  if (resourceGroup !== undefined && group === undefined) return gatewayErrors.groupNotFound(resourceGroup)
  if (group?.provisioning === 'Deleting' && /^(PUT|PATCH)$/.test(method)) return gatewayErrors.groupBeingDeleted(resourceGroup ?? '')
  const live = core.store.get(scope)
  if (live === undefined) return gatewayErrors.notFound(scope)
  if (live.type !== groupType && !hasTags(core.registry.type(live.type)))
    return { status: 400, code: 'BadRequest', message: `Resources of the type '${live.type}' do not support tags.`, cause: 'gateway' }
  return { scope: live.id, tags: objectAt(live.body['tags']), live }
}

/** Tags lie on what ARM keeps in its index, which is what has a location; a type that is only seeded is not known here. */
const hasTags = (type: ResourceType | undefined): boolean => type === undefined || (type.location ?? 'none') !== 'none'

function write(core: Core, { scope, live }: Holder, tags: JsonObject): void {
  if (live !== undefined && live.type !== tagsType) core.put({ ...live, body: { ...live.body, tags } })
  else if (Object.keys(tags).length > 0) core.put({ id: idAt(scope), type: tagsType, body: { tags } })
  else core.store.drop(idAt(scope))
}

function nextTags({ method, body }: ArmRequest, live: JsonObject): { readonly tags: JsonObject } | { readonly refusal: Refusal } {
  const given = objectAt(body, 'properties')['tags'] ?? {}
  if (!isObject(given) || Object.values(given).some(value => typeof value !== 'string'))
    return { refusal: gatewayErrors.invalidBody("Tags are an object of texts. Path 'properties.tags'") }
  if (method === 'DELETE') return { tags: {} }
  if (method === 'PUT') return { tags: given }
  if (method !== 'PATCH') return { refusal: gatewayErrors.methodNotAllowed(method) }
  switch (textAt(body, 'operation')?.toLowerCase()) {
    case 'merge':
      return { tags: { ...dropped(live, given, () => true), ...given } }
    case 'replace':
      return { tags: given }
    case 'delete':
      return { tags: dropped(live, given, (is, named) => named === '' || is === named) }
    default:
      return { refusal: gatewayErrors.invalidBody("The operation is one of Merge, Replace and Delete. Path 'operation'") }
  }
}

/** Without those that are named, whose names are the same in any case [DOC, tag resources], where their values count too. */
function dropped(live: JsonObject, named: JsonObject, counts: (is: Json, named: Json) => boolean): JsonObject {
  const values = new Map(Object.entries(named).map(([name, value]) => [name.toLowerCase(), value]))
  const stays = ([name, is]: readonly [string, Json]): boolean => {
    const value = values.get(name.toLowerCase())
    return value === undefined || !counts(is, value)
  }
  return Object.fromEntries(Object.entries(live).filter(stays))
}

const [tagsMax, nameMax, valueMax] = [50, 512, 256]

/** ARM's limits for the tags of anything [DOC, tag resources]; the texts are quoted in the field. */
export function refusedTags(tags: JsonObject): Refusal | undefined {
  const names = Object.keys(tags)
  const reserved = names.filter(name => /[<>%&\\?/\p{Cc}]/u.test(name))
  const long = names.filter(name => name.length > nameMax)
  const longValues = Object.values(tags).filter((value): value is string => typeof value === 'string' && value.length > valueMax)
  const refusal = (code: string, message: string): Refusal => ({ status: 400, code, message, cause: 'gateway' })
  if (reserved.length > 0)
    return refusal(
      'InvalidTagNameCharacters',
      `The tag names '${reserved.join(', ')}' have reserved characters '<,>,%,&,\\,?,/' or control characters.`
    )
  if (long.length > 0)
    return refusal(
      'InvalidTagName',
      `Tag key too large. Following tag name '${long[0]}' exceeded the maximum length. Maximum allowed length for tag name - '${nameMax}' characters.`
    )
  if (longValues.length > 0)
    return refusal(
      'InvalidTagValue',
      `Tag value too large. Following tag value '${longValues[0]}' exceeded the maximum length. Maximum allowed length for tag value - '${valueMax}' characters.`
    )
  return names.length > tagsMax
    ? refusal('TooManyTags', `There are ${names.length} tags, which exceeds the limit of ${tagsMax} tags.`)
    : undefined
}
