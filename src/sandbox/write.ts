import type { Core } from './core.ts'
import type { Pace } from './durations.ts'
import { type ArmBody, isObject, type Json, mergePatch, objectAt, textAt, without } from './json.ts'
import { regionsOf, shortLocation } from './locations.ts'
import { networkPreconditionFailed } from './networkPrecondition.ts'
import { operationHeaders } from './operationAnswers.ts'
import { beginOperation, finishAtOnce, statesOf } from './operations.ts'
import { reachFailure } from './reach.ts'
import { etagHeaders } from './read.ts'
import { type ErrorDetail, gatewayErrors, type Refusal } from './refusal.ts'
import type { ArmRequest, Target } from './request.ts'
import { unauthorizedThere } from './rights/authorize.ts'
import { missingAbove } from './standing.ts'
import type { Operation } from './state.ts'
import { refusedTags } from './tags.ts'
import type { Answer, ResourceType, Write } from './type.ts'

/** PUT, PATCH and DELETE: refused in ARM's order, then accepted, and followed as the provider of the type has it. */
export function writeResource(core: Core, target: Target, request: ArmRequest): Answer | Refusal {
  const { type, id } = target
  const write = writeOf(core, target, request)
  const refusal = unauthorizedThere(core, target, write, request) ?? refused(core, target, write)
  if (refusal) return refusal
  if (write.live === undefined) {
    if (write.method === 'PATCH') return type.missing?.(core, id) ?? gatewayErrors.notFound(id)
    // A group that is not there is the one thing whose DELETE answers 404 (CORPUS).
    if (write.method === 'DELETE')
      return type.style === 'resourceGroup' ? gatewayErrors.groupNotFound(id.split('/')[4] ?? '') : { status: 204 }
  }
  const failure = request.operationFault ?? type.outcome?.(core, write) ?? reachFailure(core, type, write)
  if (type.style === 'sync' && failure && paceOf(core, type, write).ms === 0) return { status: 409, ...failure }
  return write.method === 'DELETE' ? remove(core, type, write, request, failure) : accept(core, type, write, request, failure)
}

function writeOf(core: Core, { type, id }: Target, { method, body, apiVersion, headers }: ArmRequest): Write {
  const live = core.store.get(id) ?? type.given?.(core, id)
  const known = method === 'PUT' || method === 'PATCH' ? method : 'DELETE'
  const merged = known === 'PATCH' ? patched(live?.body, body) : body
  const result = isObject(merged) ? merged : {}
  return { method: known, id: live?.id ?? id, sent: body, body: located(type, result, live?.body), live, apiVersion, headers }
}

/** Members that are left out stay, but tags are one thing: those that are sent replace those that are there. */
function patched(live: ArmBody | undefined, sent: ArmBody): Json {
  const merged = mergePatch(live, sent)
  return isObject(merged) && isObject(sent['tags']) ? { ...merged, tags: sent['tags'] } : merged
}

/** With the location as it is kept. A PUT over something that is there may leave it out. */
function located(type: ResourceType, body: ArmBody, live: ArmBody | undefined): ArmBody {
  const location = textAt(body, 'location') ?? textAt(live, 'location')
  if (location === undefined || type.location === undefined || type.location === 'none') return body
  return { ...body, location: shortLocation(location) }
}

function refused(core: Core, { type, id, requested }: Target, write: Write): Refusal | undefined {
  const { method, body, live } = write
  const above = missingAbove(core, type, id, method)
  if (above) return above
  const as = method === 'DELETE' ? 'delete' : 'write'
  const locked = core.lockedBy(id, as)
  if (locked.length > 0) return gatewayErrors.scopeLocked(requested, as, locked)
  if (!(type.methods ?? ['PUT', 'DELETE']).includes(method)) return gatewayErrors.methodNotAllowed(method)
  if (method === 'PUT' && type.location !== undefined && type.location !== 'none') {
    const wanted = textAt(body, 'location')
    const location = textAt(live?.body, 'location')
    if (wanted === undefined) return gatewayErrors.locationRequired()
    const regions = regionsOf(type)
    if (live === undefined && type.style !== 'resourceGroup' && !regions.includes(wanted))
      return gatewayErrors.locationNotAvailable(textAt(write.sent, 'location') ?? wanted, type.type, regions)
    if (location !== undefined && wanted !== location && type.style !== 'resourceGroup')
      return gatewayErrors.locationChanged(id, location, wanted)
  }
  // A missing resource is said first: only a PUT makes something.
  if (method !== 'PUT' && live === undefined) return undefined
  const tags = method === 'DELETE' || type.location === undefined ? undefined : refusedTags(objectAt(write.sent, 'tags'))
  if (tags) return tags
  return networkPreconditionFailed(core, type, write) ?? type.check?.(core, write)
}

function paceOf(core: Core, type: ResourceType, write: Write): Pace {
  const { remove: removal, create, update } = type.timing
  const pace = write.method === 'DELETE' ? removal : write.live === undefined ? create : update
  return type.duration ? { ...pace, ms: type.duration(core, write) } : pace
}

const defaultKept = ({ body }: Write): { readonly body: ArmBody } => {
  const kept = without(body, 'id', 'name', 'type', 'etag', 'eTag', 'systemData')
  return { body: 'properties' in kept ? { ...kept, properties: without(objectAt(kept, 'properties'), 'provisioningState') } : kept }
}

function accept(core: Core, type: ResourceType, write: Write, request: ArmRequest, failure: ErrorDetail | undefined): Answer {
  const { id, live, apiVersion } = write
  const method = write.method === 'PATCH' ? 'PATCH' : 'PUT'
  const pace = paceOf(core, type, write)
  const states = statesOf(type)
  const kept = { memory: live?.memory ?? {}, ...(type.kept?.(core, write) ?? defaultKept(write)) }
  const staged = type.visible === 'whenDone'
  const provisioning = live === undefined ? states.creating : states.updating
  if (!failure && !staged) {
    const identity = live?.id ?? type.identity?.(id) ?? id
    const resource = core.put({ id: identity, type: type.type, ...kept, provisioning })
    type.accepted?.(core, { method, resource, before: live, apiVersion })
  }
  if (failure && !staged && live) core.store.update(id, { provisioning })
  if (failure && live === undefined && type.failedStays) core.put({ id, type: type.type, ...kept, provisioning })
  const operation = beginOperation(core, type.style, {
    ...pace,
    name: nameFor(type, write),
    method,
    resource: core.store.get(id)?.id ?? type.identity?.(id) ?? id,
    apiVersion,
    ...(failure && { error: failure }),
    ...(live && { before: live }),
    ...(!failure && staged && { staged: kept })
  })
  if (pace.ms === 0) finishAtOnce(core, operation)
  return accepted(core, type, write, request, operation)
}

function accepted(core: Core, type: ResourceType, write: Write, request: ArmRequest, operation: Operation): Answer {
  const { live, apiVersion } = write
  const method = write.method === 'PATCH' ? 'PATCH' : 'PUT'
  const headers = operationHeaders(core, request.url.origin, operation)
  const resource = core.store.get(operation.resource)
  const status = live === undefined ? (type.createdStatus ?? 201) : 200
  switch (type.style) {
    case 'postgres':
      return { status: 202, body: begun(core, operation), headers }
    case 'privateDns':
      return { status: 202, body: {}, headers }
    case 'network':
    case 'sync':
    case 'dataFactory':
    case 'resourceGroup': {
      const body = resource ? core.show(resource, { in: method, apiVersion }) : {}
      const sent = type.style === 'network' ? headers : {}
      return { status, body, headers: { ...sent, ...etagHeaders(type, body, method) } }
    }
    default:
      return type.style satisfies never
  }
}

function remove(core: Core, type: ResourceType, write: Write, request: ArmRequest, failure: ErrorDetail | undefined): Answer {
  const { id, apiVersion } = write
  const pace = paceOf(core, type, write)
  const before = core.store.get(id)
  // Asked again while it runs, Azure answers for the operation that runs.
  const running = core.inFlight(id).find(one => one.resource === before?.id && one.method === 'DELETE')
  if (!running && !failure && type.visible !== 'whenDone') core.store.update(id, { provisioning: statesOf(type).deleting })
  const operation =
    running ??
    beginOperation(core, type.style, {
      ...pace,
      name: nameFor(type, write),
      method: 'DELETE',
      resource: before?.id ?? id,
      apiVersion,
      ...(failure && { error: failure }),
      ...(before && { before })
    })
  if (pace.ms === 0) finishAtOnce(core, operation)
  const headers = operationHeaders(core, request.url.origin, operation)
  switch (type.style) {
    case 'sync':
    case 'dataFactory':
      return { status: 200, ...(type.shownWhenDeleted && before && { body: core.show(before, { in: 'GET', apiVersion }) }) }
    case 'postgres':
      return { status: 202, body: begun(core, operation), headers }
    case 'network':
    case 'privateDns':
    case 'resourceGroup':
      return { status: 202, headers }
    default:
      return type.style satisfies never
  }
}

const begun = (core: Core, { name, startedAt }: Operation): ArmBody => ({ operation: name, startTime: core.time(startedAt) })

const nameFor = (type: ResourceType, write: Write): string => {
  const leaf = type.type.slice(type.type.lastIndexOf('/') + 1)
  return (
    type.operationName?.(write) ?? `${write.method === 'DELETE' ? 'Delete' : 'Put'}${leaf.charAt(0).toUpperCase()}${leaf.slice(1)}Operation`
  )
}
