import { groupNameOf, groupOf, nameOf, parentOf, subscriptionOf, typeOf } from './armPath.ts'
import { type Core, enqueue } from './core.ts'
import { textAt } from './json.ts'
import { displayLocation } from './locations.ts'
import { reachFailureAtEnd } from './reach.ts'
import type { Operation } from './state.ts'
import type { ResourceType } from './type.ts'

/** For how long after its end an operation can be asked for. */
const rememberedMs = 24 * 60 * 60_000

export type Begin = Pick<Operation, 'name' | 'method' | 'resource' | 'apiVersion'> &
  Partial<Pick<Operation, 'error' | 'before' | 'staged' | 'result'>> & { readonly ms: number; readonly retryAfter?: number }

/** Puts an operation on the clock. Its end is data, so it comes even if the process that began it is gone. */
export function beginOperation(core: Core, style: Operation['style'], begin: Begin): Operation {
  const { ms, retryAfter, ...rest } = begin
  const guid = core.random.guid()
  const operation: Operation = {
    ...rest,
    ...places(core, style, begin),
    id: operationId(core, style, begin, guid),
    style,
    ...(retryAfter !== undefined && { retryAfter }),
    startedAt: core.now,
    dueAt: core.now + ms,
    status: 'InProgress'
  }
  for (const old of core.store.operations.values()) {
    if (old.status !== 'InProgress' && old.dueAt < core.now - rememberedMs) core.store.operations.delete(old.id)
  }
  core.store.operations.set(operation.id, operation)
  if (ms > 0) enqueue(core.store, { dueAt: operation.dueAt, effect: 'operation', args: { id: operation.id } })
  return operation
}

/** Ends an operation that takes no time. No client gets an address to ask after it, so it is not kept. */
export function finishAtOnce(core: Core, operation: Operation): void {
  finishOperation(core, operation.id)
  if (operation.style === 'sync' || operation.style === 'resourceGroup') core.store.operations.delete(operation.id)
}

/** Applies what an operation was for, when its time has come. */
export function finishOperation(core: Core, id: string): void {
  const operation = core.store.operations.get(id)
  if (operation === undefined || operation.status !== 'InProgress') return
  const type = core.registry.type(typeOf(operation.resource))
  // Marked first: what the effects look at must not find this operation still in flight.
  core.store.operations.set(id, { ...operation, status: 'Succeeded' })
  const { error: refused, ...done } = operation
  const error = refused ?? (type ? (reachFailureAtEnd(core, type, operation) ?? effect(core, type, operation)) : undefined)
  if (error) {
    // An operation that gave way to a later write says that it was cancelled, though no client did that (CORPUS).
    core.store.operations.set(id, {
      ...operation,
      status: /^(OperationCancelled|Canceled)$/.test(error.code) ? 'Canceled' : 'Failed',
      error
    })
    if (type) fail(core, type, operation)
    return
  }
  core.store.operations.set(id, { ...done, status: core.store.has(operation.resource) || done.method !== 'PUT' ? 'Succeeded' : 'Canceled' })
}

/** A resource that has gone while it was being changed, or lost its parent, is not brought back by the end of the change. */
function hasPlace(core: Core, type: ResourceType, { resource, before }: Operation): boolean {
  const there = before === undefined || core.store.has(resource) || type.given?.(core, resource) !== undefined
  return there && core.store.has(parentOf(resource))
}

function effect(core: Core, type: ResourceType, operation: Operation): Operation['error'] {
  switch (operation.method) {
    case 'POST':
      return undefined
    case 'DELETE':
      core.remove(operation.resource)
      return undefined
    case 'PUT':
    case 'PATCH': {
      const { method, staged, before, apiVersion } = operation
      if (staged && hasPlace(core, type, operation)) core.put({ id: operation.resource, type: type.type, ...staged })
      const resource = core.store.get(operation.resource)
      // Its parent or group was deleted under it.
      if (resource === undefined) return undefined
      const error = type.done?.(core, { method, resource, before, apiVersion })
      if (error) return error
      settleState(core, operation, statesOf(type).settled)
      core.notice(core.store.get(operation.resource) ?? resource)
      return undefined
    }
    default:
      return operation.method satisfies never
  }
}

function fail(core: Core, type: ResourceType, operation: Operation): void {
  const { method, resource, before, staged, error: refused } = operation
  if (method === 'POST') return
  // A create that failed on its way, and of which its provider leaves nothing. One refused from the start has put nothing there:
  // the resource is that of another write.
  if (
    method === 'PUT' &&
    refused === undefined &&
    before === undefined &&
    staged === undefined &&
    !type.failedStays &&
    core.store.has(resource)
  ) {
    core.remove(resource)
    return
  }
  settleState(core, operation, type.failedStays ? 'Failed' : statesOf(type).settled)
}

/** A later operation on the same resource goes on showing its own state. */
function settleState(core: Core, operation: Operation, provisioning: string): void {
  if (core.inFlight(operation.resource).some(other => other.resource === operation.resource && other.id !== operation.id)) return
  core.store.update(operation.resource, { provisioning })
}

export const statesOf = (type: ResourceType): NonNullable<ResourceType['states']> =>
  type.states ?? { creating: 'Updating', updating: 'Updating', deleting: 'Deleting', settled: 'Succeeded' }

function operationId(core: Core, style: Operation['style'], begin: Begin, guid: string): string {
  switch (style) {
    case 'privateDns':
      return Buffer.from(`FrontEndAsyncOperation;${begin.name};${guid}`).toString('base64')
    case 'resourceGroup': {
      const name = nameOf(begin.resource).toUpperCase().replaceAll('-', ':2D')
      const location = textAt(core.store.get(begin.resource)?.body, 'location') ?? 'eastus'
      const job = { jobId: `RESOURCEGROUPDELETIONJOB-${name}-${location.toUpperCase()}`, jobLocation: location, run: guid }
      return Buffer.from(JSON.stringify(job)).toString('base64url')
    }
    case 'dataFactory':
      return guid.replaceAll('-', '')
    case 'network':
    case 'postgres':
    case 'sync':
      return guid
    default:
      return style satisfies never
  }
}

function places(core: Core, style: Operation['style'], { resource, method, name }: Begin): Pick<Operation, 'statusAt' | 'resultAt'> {
  const subscription = `/subscriptions/${subscriptionOf(resource)}`
  const location = locationOf(core, resource)
  const namespace = typeOf(resource).split('/')[0] ?? ''
  switch (style) {
    case 'privateDns': {
      const at = `${subscription}/resourceGroups/${groupNameOf(resource)}/providers/Microsoft.Network`
      return { statusAt: `${at}/privateDnsOperationStatuses/`, resultAt: `${at}/privateDnsOperationResults/` }
    }
    case 'resourceGroup':
      return { statusAt: `${subscription}/operationresults/`, resultAt: `${subscription}/operationresults/` }
    case 'postgres': {
      // The display name with its blanks, but only for the delete of what has a location itself, and a promotion (CORPUS).
      const display =
        (method === 'DELETE' || name.startsWith('Promote')) && textAt(core.store.get(resource)?.body, 'location') !== undefined
      const written = display ? encodeURIComponent(displayLocation(location)) : location
      const at = `${subscription}/providers/${namespace}/locations/${written}`
      return { statusAt: `${at}/azureAsyncOperation/`, resultAt: `${at}/operationResults/` }
    }
    case 'dataFactory':
      // Beneath what was started or stopped (CORPUS).
      return { statusAt: `${resource}/${name}/operationstatuses/`, resultAt: `${resource}/${name}/operationresults/` }
    case 'network':
    case 'sync': {
      const at = `${subscription}/providers/${namespace}/locations/${location}`
      return { statusAt: `${at}/operations/`, resultAt: `${at}/operationResults/` }
    }
    default:
      return style satisfies never
  }
}

/** Its own, its parent's, or its group's. */
function locationOf(core: Pick<Core, 'store'>, id: string): string {
  for (let at = id; at.includes('/providers/'); at = parentOf(at)) {
    const location = textAt(core.store.get(at)?.body, 'location')
    if (location !== undefined) return location
  }
  return textAt(core.store.get(groupOf(id))?.body, 'location') ?? 'eastus'
}
