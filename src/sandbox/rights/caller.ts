import { isWithin } from '../armPath.ts'
import type { Refusal } from '../refusal.ts'
import type { Grant } from './principals.ts'
import { allows, builtInRole, type Role } from './roles.ts'

/** The sender of a request, as ARM's refusals name it, and what it may do. */
export interface Caller {
  readonly clientId: string
  readonly objectId: string
  readonly grants: readonly Grant[]
}

const owner: Role | undefined = builtInRole('Owner')

/** Whoever asks, as long as nobody has said who there is: Owner of everything. */
export const anybody: Caller = {
  clientId: '00000000-0000-0000-0000-000000000000',
  objectId: '00000000-0000-0000-0000-000000000000',
  grants: owner ? [{ scope: '', role: owner }] : []
}

/** Rights add up over the roles, each less its own exceptions, and hold for all beneath their scope [DOC-ROLES]. */
export const can = ({ grants }: Caller, action: string, scope: string): boolean =>
  grants.some(one => isWithin(scope, one.scope) && allows(one.role, action))

/** Whether it has a role on this scope, above it or beneath it. */
export const hasPartIn = ({ grants }: Caller, scope: string): boolean =>
  grants.some(one => isWithin(scope, one.scope) || isWithin(one.scope, scope))

/** Whether it can do this anywhere within, or from above. */
export const canSomewhereIn = ({ grants }: Caller, action: string, scope: string): boolean =>
  grants.some(one => (isWithin(scope, one.scope) || isWithin(one.scope, scope)) && allows(one.role, action))

/** ARM's words, which name the action and the scope as they were asked for [GH azure-cli#29802]. */
export const notAuthorized = ({ clientId, objectId }: Caller, action: string, scope: string): Refusal => ({
  status: 403,
  code: 'AuthorizationFailed',
  message: `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  cause: 'gateway'
})

/** A right that is missing where a write leads to (azure-docs#96892, data-landing-zone#203). */
export const notAuthorizedThere = (
  { clientId, objectId }: Caller,
  asked: { readonly action: string; readonly scope: string },
  there: { readonly action: string; readonly scopes: readonly string[] }
): Refusal => ({
  status: 403,
  code: 'LinkedAuthorizationFailed',
  message: `The client '${clientId}' with object id '${objectId}' has permission to perform action '${asked.action}' on scope '${asked.scope}'; however, it does not have permission to perform action '${there.action}' on the linked scope(s) '${there.scopes.join(',')}' or the linked scope(s) are invalid.`,
  cause: 'gateway'
})
