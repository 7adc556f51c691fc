import type { Core } from './core.ts'
import { type ErrorDetail, gatewayErrors } from './refusal.ts'
import type { Operation } from './state.ts'
import type { Reach, ResourceType, Write } from './type.ts'

/**
 * A lock where Azure goes on our behalf does not refuse the write but its operation, in the words of the network
 * provider that made the call (azurerm#17478).
 */
export function reachFailure(
  core: Core,
  type: ResourceType,
  { method, id, body, live }: Pick<Write, 'method' | 'id' | 'body' | 'live'>
): ErrorDetail | undefined {
  if (type.reach === undefined) return undefined
  const before = live ? type.reach(core, id, live.body, method, live) : []
  const after = method === 'DELETE' ? [] : type.reach(core, id, body, method, live)
  const left = before.filter(one => !after.some(other => other.scope.toLowerCase() === one.scope.toLowerCase()))
  const reached: readonly Reach[] = [...after, ...left.map(one => ({ ...one, as: 'delete' as const }))]
  for (const { scope, as, calls } of reached) {
    const locked = core.lockedBy(scope, as)
    if (locked.length === 0) continue
    const { code, message } = gatewayErrors.scopeLocked(scope, as, locked)
    return { code, message: `Call to ${calls} failed. Error message: ${message}`, details: [] }
  }
  return undefined
}

/** A lock that has landed there while the operation ran fails it at its end. */
export function reachFailureAtEnd(core: Core, type: ResourceType, operation: Operation): ErrorDetail | undefined {
  const { method, resource, before, staged } = operation
  if (method === 'POST') return undefined
  const body = staged?.body ?? core.store.get(resource)?.body
  if (body === undefined) return undefined
  return reachFailure(core, type, { method, id: resource, body, live: method === 'DELETE' ? core.store.get(resource) : before })
}
