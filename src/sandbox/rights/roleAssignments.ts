import { nameOf, parentOf, sameId } from '../armPath.ts'
import { atOnce } from '../durations.ts'
import { type ArmBody, type Json, type JsonObject, objectAt, textAt } from '../json.ts'
import { gatewayErrors, type Refusal } from '../refusal.ts'
import { missingScope } from '../standing.ts'
import type { StoredResource } from '../state.ts'
import { tenantId } from '../subscriptions.ts'
import { principalOf } from '../token.ts'
import type { Reading, ResourceType, World, Write } from '../type.ts'
import { type Grant, guidFor, type Principal } from './principals.ts'
import { builtInRoles, type Role } from './roles.ts'

const type = 'Microsoft.Authorization/roleAssignments'

/** Azure's own, and those that a principal was given action by action. */
const rolesOf = (principals: readonly Principal[]): readonly Role[] => [
  ...builtInRoles,
  ...principals.flatMap(one => one.grants.map(({ role }) => role).filter(role => !role.builtIn))
]

/** Wherever it is asked for, a definition has the id that it has in the subscription. */
export const definitionId = (scope: string, role: Role): string =>
  `${scope.split('/').slice(0, 3).join('/')}/providers/Microsoft.Authorization/roleDefinitions/${role.id}`

/** One role of a principal on a scope, whoever gave it. */
export interface Assignment {
  readonly name: string
  /** '' for everything. */
  readonly scope: string
  readonly role: Role
  readonly principalId: string
  /** Absent for one of a principal's own, which the sandbox began with. */
  readonly stored?: StoredResource
}

/** Those that the sandbox began with, then those that were made by ARM's means. */
export function assignmentsIn({ store, principals }: Pick<World, 'store' | 'principals'>): Assignment[] {
  const configured = principals.flatMap(({ objectId, grants }) =>
    grants.map(({ scope, role }) => ({
      name: guidFor(`${objectId} ${role.id} ${scope.toLowerCase()}`),
      scope,
      role,
      principalId: objectId
    }))
  )
  const roles = new Map(rolesOf(principals).map(role => [role.id, role]))
  const made = store.ofType(type).flatMap(stored => {
    const role = roles.get(roleIdIn(stored.body))
    const principalId = textAt(stored.body, 'properties', 'principalId') ?? ''
    return role ? [{ name: nameOf(stored.id), scope: parentOf(stored.id), role, principalId, stored }] : []
  })
  return [...configured, ...made]
}

const roleIdIn = (body: ArmBody): string => nameOf(textAt(body, 'properties', 'roleDefinitionId') ?? '').toLowerCase()

/** The roles that a principal was given by ARM's means, beside those that it began with. */
export const grantsMade = (world: Pick<World, 'store' | 'principals'>, objectId: string): Grant[] =>
  world.store.count(type, '') === 0
    ? []
    : assignmentsIn(world).filter(one => one.stored !== undefined && one.principalId.toLowerCase() === objectId)

const refusal = (status: number, code: string, message: string): Refusal => ({ status, code, message, cause: 'gateway' })

function check(world: World, { method, id, body, live }: Write): Refusal | undefined {
  if (method === 'DELETE') return undefined
  const [name, scope] = [nameOf(id), parentOf(id)]
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name))
    return refusal(400, 'InvalidRoleAssignmentId', `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`)
  const missing = missingScope(world, scope)
  if (missing) return missing
  for (const member of ['roleDefinitionId', 'principalId'])
    if ((textAt(body, 'properties', member) ?? '') === '')
      return gatewayErrors.invalidBody(`Required property '${member}' not found in JSON. Path 'properties'`)
  const role = rolesOf(world.principals).find(one => one.id === roleIdIn(body))
  if (role === undefined)
    return refusal(
      400,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${roleIdIn(body).replaceAll('-', '')}' does not exist.`
    )
  return unknownPrincipal(world, body) ?? (live ? changed(live, body) : existing(world, scope, role, body))
}

const principalIn = (body: ArmBody): string => (textAt(body, 'properties', 'principalId') ?? '').toLowerCase()

/** A request that says which kind of principal it is spares ARM the look into the directory [DOC, troubleshoot Azure RBAC]. */
function unknownPrincipal({ principals }: World, body: ArmBody): Refusal | undefined {
  const id = principalIn(body)
  if (principals.length === 0 || textAt(body, 'properties', 'principalType') !== undefined) return undefined
  if (principals.some(one => one.objectId === id)) return undefined
  const [principal, tenant] = [id, tenantId].map(one => one.replaceAll('-', ''))
  return refusal(400, 'PrincipalNotFound', `Principal ${principal} does not exist in the directory ${tenant}.`)
}

const changed = (live: StoredResource, body: ArmBody): Refusal | undefined =>
  principalIn(live.body) === principalIn(body) && roleIdIn(live.body) === roleIdIn(body)
    ? undefined
    : refusal(400, 'RoleAssignmentUpdateNotPermitted', 'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.')

/** The text has the id of the other one without its dashes. */
function existing(world: World, scope: string, role: Role, body: ArmBody): Refusal | undefined {
  const other = assignmentsIn(world).find(
    one => sameId(one.scope, scope) && one.role.id === role.id && one.principalId.toLowerCase() === principalIn(body)
  )
  if (other === undefined) return undefined
  const message = `The role assignment already exists. The ID of the existing role assignment is ${other.name.replaceAll('-', '')}.`
  return refusal(409, 'RoleAssignmentExists', message)
}

function kept(world: World, { id, body, headers, live }: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const by = principalOf(headers.get('authorization')) ?? null
  const role = rolesOf(world.principals).find(one => one.id === roleIdIn(body))
  const properties = { ...objectAt(body, 'properties'), ...(role && { roleDefinitionId: definitionId(parentOf(id), role) }) }
  return { body: { properties }, memory: { createdBy: live?.memory['createdBy'] ?? by, updatedBy: by } }
}

/** The maker is not told in the answer to its PUT, only later [azure-cli, recorded role assignments]. */
function show(world: World, { id, body, createdAt, changedAt, memory }: StoredResource, reading: Reading): ArmBody {
  const { createdBy = null, updatedBy = null } = memory
  const times = {
    createdOn: world.time(createdAt),
    updatedOn: world.time(changedAt ?? createdAt),
    createdBy: reading.in === 'PUT' ? null : createdBy,
    updatedBy
  }
  return { properties: shownProperties(parentOf(id), objectAt(body, 'properties'), reading.apiVersion, times) }
}

/** The members in Azure's order; which of them there are depends on the version that asks. */
export function shownProperties(scope: string, kept: JsonObject, apiVersion: string, times: JsonObject): JsonObject {
  const { roleDefinitionId = null, principalId = null, principalType = 'ServicePrincipal' } = kept
  const later = (key: string): Json => kept[key] ?? null
  const withConditions = apiVersion >= '2020-04-01'
  return {
    roleDefinitionId,
    principalId,
    ...(apiVersion >= '2018-09-01' && { principalType }),
    scope: scope === '' ? '/' : scope,
    ...(withConditions && { condition: later('condition'), conditionVersion: later('conditionVersion') }),
    ...times,
    ...(withConditions && {
      delegatedManagedIdentityResourceId: later('delegatedManagedIdentityResourceId'),
      description: later('description')
    })
  }
}

export const roleAssignments: ResourceType = {
  type,
  apiVersions: ['2015-07-01', '2018-01-01-preview', '2018-09-01-preview', '2020-04-01-preview', '2020-10-01-preview', '2022-04-01'],
  style: 'sync',
  timing: atOnce,
  extension: true,
  shownWhenDeleted: true,
  check,
  kept,
  show
}
