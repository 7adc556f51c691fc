import { isWithin, sameId } from '../armPath.ts'
import type { Core } from '../core.ts'
import type { JsonObject } from '../json.ts'
import { gatewayErrors, type Refusal } from '../refusal.ts'
import { answersTo } from '../registry.ts'
import type { ArmRequest } from '../request.ts'
import { missingScope } from '../standing.ts'
import type { Answer } from '../type.ts'
import { type Assignment, assignmentsIn, definitionId, shownProperties } from './roleAssignments.ts'
import { builtInRoles, type Role } from './roles.ts'

const collections = ['permissions', 'roleDefinitions', 'roleAssignments', 'policyAssignments'] as const

/** The api-versions of all alike; those that clients are known to send are named to a caller of an older one. */
const versions = ['2015-07-01', '2018-07-01', '2022-04-01'] as const

/** Answers a request about rights and policies; undefined for any other address, and for a write of an assignment that is one of ARM's. */
export function aboutRights(core: Core, request: ArmRequest): Answer | Refusal | undefined {
  const { path, method, apiVersion } = request
  const [what = '', ...more] = path.part?.types ?? []
  const asked = collections.find(one => one.toLowerCase() === what.toLowerCase())
  if (asked === undefined || more.length > 0) return undefined
  if (!answersTo(versions, apiVersion)) return gatewayErrors.noRegisteredProvider('', apiVersion, asked, versions, [])
  const [name] = path.part?.names ?? []
  if (method !== 'GET' && asked === 'roleAssignments' && name !== undefined) return configured(core, path.scope, name)
  if (method !== 'GET') return gatewayErrors.methodNotAllowed(method)
  const filter = request.url.searchParams.get('$filter') ?? ''
  switch (asked) {
    case 'permissions':
      return { status: 200, body: { value: permissionsOf(request) } }
    case 'roleDefinitions':
      return found(name, definitionsAt(core, path.scope, filter), 'RoleDefinitionDoesNotExist', 'role definition')
    case 'roleAssignments':
      return found(name, assignmentsAt(core, request, filter), 'RoleAssignmentNotFound', 'role assignment')
    case 'policyAssignments':
      return missingScope(core, path.scope) ?? found(name, [], 'PolicyAssignmentNotFound', 'policy assignment')
    default:
      return asked satisfies never
  }
}

/** The sandbox began with it, and its people are not ARM's to change. */
function configured(core: Core, scope: string, name: string): Refusal | undefined {
  const own = assignmentsIn(core).find(one => one.stored === undefined && one.name === name.toLowerCase() && sameId(one.scope, scope))
  if (own === undefined) return undefined
  const message = `The role assignment '${name}' is one of the principals that the pglink sandbox began with, and is changed with PUT /_sandbox/principals.`
  return { status: 409, code: 'Conflict', message, cause: 'gateway' }
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

const definition = (role: Role, assignable: string, scope: string): JsonObject => ({
  properties: {
    roleName: role.name,
    type: kindOf(role),
    description: role.description,
    assignableScopes: [assignable],
    permissions: [permission(role)]
  },
  id: definitionId(scope, role),
  type: 'Microsoft.Authorization/roleDefinitions',
  name: role.id
})

/** All that apply: at the scope, above and beneath it; with `atScope()` those at it and above [DOC-ROLES]. One by its name lies at the scope itself. */
function assignmentsAt(core: Core, { path, apiVersion }: ArmRequest, filter: string): JsonObject[] {
  const { scope, part } = path
  const [, who] = /(?:principalId eq|assignedTo\()\s*'?\{?([0-9a-f-]{36})/i.exec(filter) ?? []
  const above = /atScope\(\)/i.test(filter)
  const byName = (part?.names.length ?? 0) > 0
  return assignmentsIn(core)
    .filter(one => who === undefined || one.principalId.toLowerCase() === who.toLowerCase())
    .filter(one => isWithin(scope, one.scope) || (!above && isWithin(one.scope, scope)))
    .filter(one => !byName || sameId(one.scope, scope) || one.scope === '')
    .map(one => shown(core, one, scope, apiVersion))
}

function shown(core: Core, { name, scope, role, principalId, stored }: Assignment, asked: string, apiVersion: string): JsonObject {
  if (stored) return core.show(stored, { in: 'GET', apiVersion })
  const roleDefinitionId = definitionId(scope === '' ? asked : scope, role)
  return {
    properties: shownProperties(scope, { roleDefinitionId, principalId }, apiVersion, {}),
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    type: 'Microsoft.Authorization/roleAssignments',
    name
  }
}
