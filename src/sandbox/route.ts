import { act, callFunction } from './action.ts'
import { type ArmPath, type ProviderPart, parseArmPath } from './armPath.ts'
import type { Core } from './core.ts'
import { groupType } from './groups.ts'
import { pollOperation } from './operations.ts'
import { listResources, readResource } from './read.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import { answersTo, supported } from './registry.ts'
import type { ArmRequest, Target } from './request.ts'
import { aboveProviders, providerBody } from './subscriptions.ts'
import type { Answer, ResourceType } from './type.ts'
import { writeResource } from './write.ts'

/** Where the addresses of operations lie, below a location, a group or a subscription. */
const operationPlace = /^(operations|operationresults|azureasyncoperation|privatednsoperation(statuses|results))$/i

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What ARM answers. The order of the checks is ARM's: address, api-version, provider and type, then what stands above. */
export function route(core: Core, request: Omit<ArmRequest, 'path' | 'apiVersion'>): Answer | Refusal {
  const path = parseArmPath(request.url.pathname)
  if (path === undefined) return gatewayErrors.pathNotFound(request.url.pathname)
  if (path.subscription !== undefined && !guid.test(path.subscription)) return gatewayErrors.invalidSubscription(path.subscription)
  const apiVersion = request.url.searchParams.get('api-version') ?? ''
  if (apiVersion === '') return gatewayErrors.missingApiVersion()
  if (!/^\d{4}-\d{2}-\d{2}(-\w+)?$/.test(apiVersion)) return gatewayErrors.invalidApiVersion(apiVersion, '2026-01-01, 2025-01-01')

  const read = { ...request, path, apiVersion }
  const segments = request.url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
  if (request.method === 'GET' && operationPlace.test(segments.at(-2) ?? '')) {
    return pollOperation(core, request.url.origin, segments) ?? operationNotFound(segments)
  }
  if (path.part) return intoProvider(core, path, path.part, read)
  if (path.resourceGroup !== undefined && path.tail.length === 0) return group(core, path, read)
  return aboveProviders(core, read)
}

const operationNotFound = (segments: readonly string[]): Refusal => ({
  status: 404,
  code: 'OperationIdNotFound',
  message: `The operation with Id: '${segments.at(-1)}' does not exist.`
})

function group(core: Core, path: ArmPath, request: ArmRequest): Answer | Refusal {
  const type = core.registry.type(groupType)
  const requested = path.scope
  const id = `/subscriptions/${path.subscription}/resourceGroups/${path.resourceGroup}`
  return type ? onResource(core, { type, id, requested }, request) : gatewayErrors.pathNotFound(request.url.pathname)
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
  if (namespace === 'Microsoft.Authorization' && joined.toLowerCase() === 'permissions') return permissions()
  const known = core.registry.providerFunction(namespace, request.method, joined)
  if (known) return unsupported(known.apiVersions, joined, request) ?? callFunction(core, known, request)

  const isResource = names.length === types.length
  const type = core.registry.type(`${namespace}/${joined}`)
  if (type) {
    const refusal = unsupported(type.apiVersions, joined, request) ?? misplaced(type, path, isResource, request)
    if (refusal) return refusal
    if (isResource) return onResource(core, targetOf(path, part, type), request)
    if (request.method === 'GET') return listResources(core, type, scopeOf(path, part, type), request)
  }
  // One segment beyond a resource: an action on it.
  const above = isResource ? undefined : core.registry.type(`${namespace}/${types.slice(0, -1).join('/')}`)
  if (above && request.method === 'POST') {
    const target = targetOf(path, { ...part, types: types.slice(0, -1) }, above)
    return unsupported(above.apiVersions, joined, request) ?? act(core, target, types.at(-1) ?? '', request)
  }
  return seeded ? { status: 200, body: core.show(seeded) } : gatewayErrors.invalidType(joined, namespace, request.apiVersion)
}

function unsupported(versions: ResourceType['apiVersions'], type: string, { apiVersion, path }: ArmRequest): Refusal | undefined {
  if (answersTo(versions, apiVersion)) return undefined
  const location = path.part?.types[0]?.toLowerCase() === 'locations' ? (path.part.names[0] ?? '') : ''
  return gatewayErrors.noRegisteredProvider(location, apiVersion, type, supported(versions))
}

/** A type that lies in groups cannot be addressed outside one, except to list it over a subscription. */
function misplaced(type: ResourceType, path: ArmPath, isResource: boolean, request: ArmRequest): Refusal | undefined {
  if (type.extension || path.resourceGroup !== undefined) return undefined
  if (!isResource && path.subscription !== undefined && path.part?.types.length === 1) return undefined
  return gatewayErrors.invalidType(path.part?.types.join('/') ?? '', path.part?.namespace ?? '', request.apiVersion)
}

function onResource(core: Core, target: Target, request: ArmRequest): Answer | Refusal {
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

/** What the members of a collection lie beneath. */
function scopeOf(path: ArmPath, part: ProviderPart, type: ResourceType): string {
  if (type.extension || part.types.length === 1) return path.scope
  const levels = type.type.split('/').slice(0, -1).join('/')
  return canonicalId(path, part, levels)
}

/** Whoever asks is Owner of everything. */
const permissions = (): Answer => ({
  status: 200,
  body: { value: [{ actions: ['*'], notActions: [], dataActions: [], notDataActions: [] }] }
})
