import type { Core } from './core.ts'
import { operationHeaders } from './operationAnswers.ts'
import { beginOperation } from './operations.ts'
import { gatewayErrors, isRefusal, type Refusal } from './refusal.ts'
import { type ArmRequest, type Target, unreadable } from './request.ts'
import { missingAbove } from './standing.ts'
import type { OperationStyle } from './state.ts'
import type { ActionResult, Answer, Call, ProviderFunction } from './type.ts'

const callOf = ({ path, body, apiVersion, operationFault }: ArmRequest, resource: Call['resource']): Call => ({
  resource,
  subscription: path.subscription ?? '',
  resourceGroup: path.resourceGroup,
  names: path.part?.names ?? [],
  body,
  apiVersion,
  ...(operationFault && { operationFault })
})

/** A POST on a resource. Every one of them is a write to a read-only lock, even those that only read [DOC-LOCK]. */
export function act(core: Core, { type, id, requested }: Target, action: string, request: ArmRequest): Answer | Refusal {
  const above = missingAbove(core, type, id, 'POST') ?? unreadable(request)
  if (above) return above
  const resource = core.store.get(id)
  if (resource === undefined) return type.missing?.(core, id) ?? gatewayErrors.notFound(id)
  const locked = core.lockedBy(id, 'write')
  if (locked.length > 0) return gatewayErrors.scopeLocked(requested, 'write', locked)
  const known = Object.entries(type.actions ?? {}).find(([name]) => name.toLowerCase() === action.toLowerCase())
  // Never a 200 for what is not known.
  if (known === undefined) return gatewayErrors.pathNotFound(request.url.pathname)
  return resultOf(core, type.style, resource.id, request, known[1](core, callOf(request, resource)))
}

/** A GET beneath a resource that answers a question of it. Undefined when its type knows no such question. */
export function answerQuestion(core: Core, { type, id }: Target, question: string, request: ArmRequest): Answer | Refusal | undefined {
  const known = Object.entries(type.questions ?? {}).find(([name]) => name.toLowerCase() === question.toLowerCase())
  if (known === undefined) return undefined
  const above = missingAbove(core, type, id, 'GET')
  if (above) return above
  const resource = core.store.get(id)
  return resource ? known[1](core, resource, request.url.searchParams) : (type.missing?.(core, id) ?? gatewayErrors.notFound(id))
}

export function callFunction(core: Core, known: ProviderFunction, request: ArmRequest): Answer | Refusal {
  const subscription = `/subscriptions/${request.path.subscription ?? ''}`
  return resultOf(core, 'sync', subscription, request, known.run(core, callOf(request, undefined)))
}

function resultOf(core: Core, style: OperationStyle, resource: string, request: ArmRequest, result: ActionResult): Answer | Refusal {
  if (!('operation' in result)) return result
  if (isRefusal(result)) return result
  const { operation: name, ms, retryAfter, result: body } = result
  const error = request.operationFault ?? result.error
  const operation = beginOperation(core, result.style ?? style, {
    name,
    ms,
    method: 'POST',
    resource,
    apiVersion: request.apiVersion,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(body !== undefined && { result: body }),
    ...(error && { error })
  })
  const headers = operationHeaders(core, request.url.origin, operation)
  return { status: 202, headers, ...(style === 'postgres' && { body: { operation: name, startTime: core.time() } }) }
}
