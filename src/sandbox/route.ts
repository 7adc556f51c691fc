import { act, answerQuestion, callFunction } from './action.ts'
import { aboutActivity } from './activityLog.ts'
import { type ArmPath, type ProviderPart, parseArmPath } from './armPath.ts'
import type { Core } from './core.ts'
import { groupType } from './groups.ts'
import { textAt } from './json.ts'
import { regionsOf, shortLocation } from './locations.ts'
import { pollOperation } from './operationAnswers.ts'
import { listResources, readResource } from './read.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import { answersTo } from './registry.ts'
import { type ArmRequest, type Target, unreadable } from './request.ts'
import { aboutChanges } from './resourceGraph.ts'
import { aboutRights } from './rights/assignments.ts'
import { authenticate } from './rights/authenticate.ts'
import { unauthorized } from './rights/authorize.ts'
import { changeRegistration, unregistered } from './rights/registration.ts'
import { grantsMade } from './rights/roleAssignments.ts'
import { missingAbove } from './standing.ts'
import { aboveProviders, providerBody, versionsOf } from './subscriptions.ts'
import { aboutTags } from './tags.ts'
import type { Answer, ResourceType } from './type.ts'
import { writeResource } from './write.ts'

/** Where the addresses of operations lie, below a location, a group or a subscription. */
const operationPlace = /^(operations|operation(statuses|results)|azureasyncoperation|privatednsoperation(statuses|results))$/i

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The api-versions of ARM itself, as it lists them to a caller that sends another. */
const generalVersions = ['2026-01-01', '2025-04-01', '2024-11-01', '2023-07-01', '2022-12-01', '2021-04-01', '2020-06-01']

/** `YYYY-MM-DD`, a day that there is, and `-preview` or nothing after it. */
function isVersion(text: string): boolean {
  const [, date] = /^(\d{4}-\d{2}-\d{2})(-preview)?$/i.exec(text) ?? []
  return date !== undefined && new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date) === true
}

/** ARM's answer. The order of the checks is ARM's: the caller, address, api-version, rights, provider and type, then what stands above. */
export function route(core: Core, request: Omit<ArmRequest, 'path' | 'apiVersion' | 'caller'>): Answer | Refusal {
  const signedIn = authenticate(core.principals, request.headers.get('authorization'), request.url.origin)
  if ('code' in signedIn) return signedIn
  const caller = { ...signedIn, grants: [...signedIn.grants, ...grantsMade(core, signedIn.objectId)] }
  const path = parseArmPath(request.url.pathname)
  if (path === undefined) return gatewayErrors.pathNotFound(request.url.pathname)
  if (path.subscription !== undefined && !guid.test(path.subscription)) return gatewayErrors.invalidSubscription(path.subscription)
  const apiVersion = request.url.searchParams.get('api-version') ?? ''
  if (apiVersion === '') return gatewayErrors.missingApiVersion()
  if (!isVersion(apiVersion)) return gatewayErrors.invalidApiVersion(apiVersion, generalVersions.join(','))

  const read = { ...request, caller, path, apiVersion }
  const forbidden = unauthorized(core, read)
  if (forbidden) return forbidden
  const segments = request.url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
  if (request.method === 'GET' && operationPlace.test(segments.at(-2) ?? '')) {
    return pollOperation(core, request.url.origin, segments) ?? operationNotFound(segments.at(-1) ?? '')
  }
  if (path.part) return intoProvider(core, path, path.part, read)
  if (path.resourceGroup !== undefined && path.tail.length === 0) return group(core, path, read)
  return aboveProviders(core, read)
}

/** The answer for an operation that is not remembered (CORPUS). */
export const operationNotFound = (id: string): Refusal => ({
  status: 404,
  code: 'OperationIdNotFound',
  message: `The operation with Id: '${id}' does not exist.`
})

function group(core: Core, path: ArmPath, request: ArmRequest): Answer | Refusal {
  const type = core.registry.type(groupType)
  const requested = path.scope
  const id = `/subscriptions/${path.subscription}/resourceGroups/${path.resourceGroup}`
  if (type === undefined) return gatewayErrors.pathNotFound(request.url.pathname)
  // A group is ARM's own: no provider is registered for it.
  if (!answersTo(type.apiVersions, request.apiVersion))
    return gatewayErrors.invalidApiVersion(request.apiVersion, generalVersions.join(','))
  return onResource(core, { type, id, requested }, request)
}

/** ARM's own namespaces, of which more is asked than resources of types. */
const ownAnswers: Readonly<Record<string, (core: Core, request: ArmRequest) => Answer | Refusal | undefined>> = {
  'Microsoft.Authorization': aboutRights,
  'Microsoft.Resources': aboutTags,
  'Microsoft.Insights': aboutActivity,
  'Microsoft.ResourceGraph': aboutChanges
}

function intoProvider(core: Core, path: ArmPath, part: ProviderPart, request: ArmRequest): Answer | Refusal {
  const { types, names } = part
  const namespace = core.registry.namespace(part.namespace)
  const seeded = request.method === 'GET' ? core.store.get(requestedId(path, part)) : undefined
  if (namespace === undefined) {
    return seeded ? { status: 200, body: core.show(seeded) } : gatewayErrors.invalidNamespace(part.namespace)
  }
  if (types.length === 0) return { status: 200, body: providerBody(core, path.scope, namespace) }
  const joined = types.join('/')
  if (request.method === 'GET' && joined.toLowerCase() === 'resourcetypes') {
    return { status: 200, body: { value: providerBody(core, path.scope, namespace)['resourceTypes'] ?? [] } }
  }
  const answered =
    ownAnswers[namespace]?.(core, request) ?? changeRegistration(core, namespace, request, () => providerBody(core, path.scope, namespace))
  if (answered) return answered
  const missing = unregistered(core, namespace, request)
  if (missing) return missing
  const known = core.registry.providerFunction(namespace, request.method, joined)
  if (known)
    return (
      unsupported(core, { ...known, type: joined, location: 'short' }, joined, request) ??
      unreadable(request) ??
      callFunction(core, known, request)
    )

  const isResource = names.length === types.length
  const type = core.registry.type(`${namespace}/${joined}`)
  if (type) {
    const refusal = unsupported(core, type, joined, request) ?? misplaced(type, path, isResource, request)
    if (refusal) return refusal
    if (isResource) return onResource(core, targetOf(path, part, type), request)
    if (request.method === 'GET') return listResources(core, type, scopeOf(path, part, type), request)
  }
  // One segment beyond a resource: an action on it, or a question about it.
  const above = isResource ? undefined : core.registry.type(`${namespace}/${types.slice(0, -1).join('/')}`)
  if (above) {
    const target = targetOf(path, { ...part, types: types.slice(0, -1) }, above)
    const last = types.at(-1) ?? ''
    if (request.method === 'POST') return unsupported(core, above, joined, request) ?? act(core, target, last, request)
    const answer = request.method === 'GET' ? answerQuestion(core, target, last, request) : undefined
    if (answer) return unsupported(core, above, joined, request) ?? answer
  }
  return seeded ? { status: 200, body: core.show(seeded) } : gatewayErrors.invalidType(joined, namespace, request.apiVersion)
}

/** Names what was asked for in full: where (the address, the body or the resource says so), which version, which type [CORPUS]. */
function unsupported(core: Core, known: Versioned, type: string, request: ArmRequest): Refusal | undefined {
  const { apiVersion, path, body } = request
  const { location } = known
  const apiVersions = versionsOf(core, known)
  const isOffered = apiVersions === known.apiVersions ? answersTo(apiVersions, apiVersion) : apiVersions.includes(apiVersion)
  if (isOffered) return undefined
  const live = path.part && core.store.get(requestedId(path, path.part))
  const from =
    path.part?.types[0]?.toLowerCase() === 'locations' ? path.part.names[0] : (textAt(body, 'location') ?? textAt(live?.body, 'location'))
  return gatewayErrors.noRegisteredProvider(
    shortLocation(from ?? ''),
    apiVersion,
    type,
    apiVersions,
    regionsOf({ location: location ?? 'none' })
  )
}

type Versioned = Pick<ResourceType, 'type' | 'apiVersions' | 'location'>

/** A type that lies in groups cannot be addressed outside one, except to list it over a subscription. */
function misplaced(type: ResourceType, path: ArmPath, isResource: boolean, request: ArmRequest): Refusal | undefined {
  if (type.extension || path.resourceGroup !== undefined) return undefined
  if (!isResource && path.subscription !== undefined && path.part?.types.length === 1) return undefined
  return gatewayErrors.invalidType(path.part?.types.join('/') ?? '', path.part?.namespace ?? '', request.apiVersion)
}

function onResource(core: Core, target: Target, request: ArmRequest): Answer | Refusal {
  const refusal = request.malformed && (missingAbove(core, target.type, target.id, request.method) ?? unreadable(request))
  if (refusal) return refusal
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return readResource(core, target, request)
    case 'PUT':
    case 'PATCH':
    case 'DELETE':
      return writeResource(core, target, request)
    default:
      return gatewayErrors.methodNotAllowed(request.method)
  }
}

const interleaved = (types: readonly string[], names: readonly string[]): string =>
  types.flatMap((type, index) => [type, ...(names[index] === undefined ? [] : [names[index]])]).join('/')

const requestedId = (path: ArmPath, { namespace, types, names }: ProviderPart): string =>
  `${path.scope}/providers/${namespace}/${interleaved(types, names)}`

function targetOf(path: ArmPath, part: ProviderPart, type: ResourceType): Target {
  const requested = requestedId(path, part)
  // Locks keep the casing they were put with (CORPUS).
  return { type, requested, id: type.extension ? requested : canonicalId(path, part, type.type) }
}

function canonicalId(path: ArmPath, { names }: ProviderPart, type: string): string {
  const [namespace, ...types] = type.split('/')
  return `/subscriptions/${path.subscription}/resourceGroups/${path.resourceGroup}/providers/${namespace}/${interleaved(types, names)}`
}

/** The scope that the members of a collection lie beneath. */
function scopeOf(path: ArmPath, part: ProviderPart, type: ResourceType): string {
  if (type.extension || part.types.length === 1) return path.scope
  const levels = type.type.split('/').slice(0, -1).join('/')
  return canonicalId(path, part, levels)
}
