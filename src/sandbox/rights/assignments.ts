import { isWithin, sameId } from '../armPath.ts'
import type { Core } from '../core.ts'
import type { JsonObject } from '../json.ts'
import { gatewayErrors, type Refusal } from '../refusal.ts'
import { answersTo } from '../registry.ts'
import type { ArmRequest } from '../request.ts'
import type { Answer } from '../type.ts'
import { type Grant, guidFor, type Principal } from './principals.ts'
import { builtInRoles, type Role } from './roles.ts'

const collections = ['permissions', 'roleDefinitions', 'roleAssignments'] as const

/** The api-versions of all three alike; those that clients are known to send are named to a caller of an older one. */
const versions = ['2015-07-01', '2018-07-01', '2022-04-01'] as const

/** Answers a request about rights; undefined for any other address. Roles and assignments are the sandbox user's, and only read. */
export function aboutRights(core: Core, request: ArmRequest): Answer | Refusal | undefined {
  const { path, method, apiVersion } = request
  const [what = '', ...more] = path.part?.types ?? []
  const asked = collections.find(one => one.toLowerCase() === what.toLowerCase())
  if (asked === undefined || more.length > 0) return undefined
  if (!answersTo(versions, apiVersion)) return gatewayErrors.noRegisteredProvider('', apiVersion, asked, versions, [])
  if (method !== 'GET') return gatewayErrors.methodNotAllowed(method)
  const filter = request.url.searchParams.get('$filter') ?? ''
  const [name] = path.part?.names ?? []
  if (asked === 'permissions') return { status: 200, body: { value: permissionsOf(request) } }
  if (asked === 'roleDefinitions')
    return found(name, definitionsAt(core, path.scope, filter), 'RoleDefinitionDoesNotExist', 'role definition')
  return found(name, assignmentsAt(core, path.scope, filter, name !== undefined), 'RoleAssignmentNotFound', 'role assignment')
}

function found(name: string | undefined, all: readonly JsonObject[], code: string, what: string): Answer | Refusal {
  if (name === undefined) return { status: 200, body: { value: all } }
  const one = all.find(each => each['name'] === name.toLowerCase())
  return one
    ? { status: 200, body: one }
    : { status: 404, code, message: `The specified ${what} with ID '${name}' does not exist.`, cause: 'gateway' }
}

/** The caller's own, one entry for each role it has there or above. */
const permissionsOf = ({ caller, path }: ArmRequest): JsonObject[] =>
  caller.grants.filter(one => isWithin(path.scope, one.scope)).map(({ role }) => permission(role))

const permission = ({ actions, notActions }: Role): JsonObject => ({ actions, notActions, dataActions: [], notDataActions: [] })

function definitionsAt(core: Core, scope: string, filter: string): JsonObject[] {
  const custom = core.principals.flatMap(one => one.grants).filter(one => !one.role.builtIn)
  const [, named] = /roleName eq '([^']*)'/i.exec(filter) ?? []
  const [, kind] = /type eq '([^']*)'/i.exec(filter) ?? []
  const all = [...builtInRoles.map(role => ({ role, scope: '/' })), ...custom]
  return all
    .filter(({ role }) => named === undefined || role.name.toLowerCase() === named.toLowerCase())
    .filter(({ role }) => kind === undefined || kindOf(role).toLowerCase() === kind.toLowerCase())
    .map(one => definition(one.role, one.scope === '' ? '/' : one.scope, scope))
}

const kindOf = ({ builtIn }: Role): string => (builtIn ? 'BuiltInRole' : 'CustomRole')

const definitionId = (subscription: string, role: Role): string =>
  `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role.id}`

/** Wherever it is asked for, a definition has the id that it has in the subscription. */
const subscriptionIn = (scope: string): string => scope.split('/').slice(0, 3).join('/')

const definition = (role: Role, assignable: string, scope: string): JsonObject => ({
  properties: {
    roleName: role.name,
    type: kindOf(role),
    description: role.description,
    assignableScopes: [assignable],
    permissions: [permission(role)]
  },
  id: definitionId(subscriptionIn(scope), role),
  type: 'Microsoft.Authorization/roleDefinitions',
  name: role.id
})

/** All that apply: at the scope, above and beneath it; with `atScope()` those at it and above [DOC-ROLES]. */
function assignmentsAt(core: Core, scope: string, filter: string, byName: boolean): JsonObject[] {
  const [, who] = /(?:principalId eq|assignedTo\()\s*'?\{?([0-9a-f-]{36})/i.exec(filter) ?? []
  const above = /atScope\(\)/i.test(filter)
  return core.principals
    .filter(one => who === undefined || one.objectId === who.toLowerCase())
    .flatMap(principal => principal.grants.map(grant => ({ principal, grant })))
    .filter(({ grant }) => isWithin(scope, grant.scope) || (!above && isWithin(grant.scope, scope)))
    .filter(({ grant }) => !byName || sameId(grant.scope, scope) || grant.scope === '')
    .map(({ principal, grant }) => assignment(principal, grant, scope))
}

function assignment({ objectId }: Principal, { scope, role }: Grant, asked: string): JsonObject {
  const name = guidFor(`${objectId} ${role.id} ${scope.toLowerCase()}`)
  return {
    properties: {
      roleDefinitionId: definitionId(subscriptionIn(scope === '' ? asked : scope), role),
      principalId: objectId,
      principalType: 'ServicePrincipal',
      scope: scope === '' ? '/' : scope
    },
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    type: 'Microsoft.Authorization/roleAssignments',
    name
  }
}
