import type { Core } from '../core.ts'
import type { Refusal } from '../refusal.ts'
import type { ArmRequest, Target } from '../request.ts'
import type { Link, Write } from '../type.ts'
import { type Need, needOf } from './actions.ts'
import { can, canSomewhereIn, hasPartIn, notAuthorized, notAuthorizedThere } from './caller.ts'

/** Asked before anything is looked up: who lacks the right is not told whether a thing is there. */
export function unauthorized(core: Core, request: ArmRequest): Refusal | undefined {
  if (core.principals.length === 0) return undefined
  const need = needOf(core.registry, request)
  if (need === undefined) return undefined
  return allowed(core, request, need) ? undefined : notAuthorized(request.caller, need.action, need.scope)
}

function allowed({ behaviours }: Core, { caller, path }: ArmRequest, { action, scope, enough }: Need): boolean {
  const subscription = `/subscriptions/${path.subscription}`
  switch (enough) {
    case undefined:
      return can(caller, action, scope)
    case 'rightBeneath':
      return canSomewhereIn(caller, action, subscription)
    case 'rightInList':
      return behaviours.limitedLists === 'filtered' ? canSomewhereIn(caller, action, subscription) : can(caller, action, scope)
    case 'anyRole':
      return hasPartIn(caller, subscription)
    default:
      return enough satisfies never
  }
}

/** The rights on what the body of a write leads to, which are asked for separately (azure-docs#96892). */
export function unauthorizedThere(core: Core, { type, requested }: Target, write: Write, { caller }: ArmRequest): Refusal | undefined {
  if (core.principals.length === 0 || write.method === 'DELETE') return undefined
  const links = type.linked?.(core, write) ?? []
  const missing = links.filter(one => !can(caller, one.action, one.scope))
  const [first] = missing
  if (first === undefined) return undefined
  const action = wordsOf(first)
  const scopes = missing.filter(one => wordsOf(one) === action).map(one => one.scope)
  return notAuthorizedThere(caller, { action: `${type.type}/write`, scope: requested }, { action, scopes })
}

/** The right to approve is written without its type (azure-docs#96892), the rights to join with it (data-landing-zone#203). */
const wordsOf = ({ action }: Link): string =>
  /\/privateEndpointConnectionsApproval\/action$/i.test(action) ? 'PrivateEndpointConnectionsApproval/action' : action
