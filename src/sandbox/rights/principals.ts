import { createHash } from 'node:crypto'
import { isObject, type Json, type JsonObject, jsonIn } from '../json.ts'
import { builtInRole, builtInRoles, type Role } from './roles.ts'

/** A role on a scope and on all beneath it. */
export interface Grant {
  /** '' for everything. */
  readonly scope: string
  readonly role: Role
}

/** A principal that signs in: an application with its service principal. */
export interface Principal {
  readonly name: string
  readonly clientId: string
  /** The object id of the service principal, which is not the application; the client id where none was given. */
  readonly objectId: string
  /** Any will do when absent. */
  readonly secret?: string
  readonly grants: readonly Grant[]
}

/** In the form they are given in, without their secrets. */
export const shownPrincipals = (principals: readonly Principal[]): JsonObject[] =>
  principals.map(({ name, clientId, objectId, grants }) => ({
    name,
    clientId,
    objectId,
    roles: grants.map(({ scope, role }) => ({
      scope: scope === '' ? '/' : scope,
      ...(role.builtIn ? { role: role.name } : { actions: role.actions, notActions: role.notActions })
    }))
  }))

const members = ['name', 'clientId', 'objectId', 'secret', 'roles']
const grantMembers = ['scope', 'role', 'actions', 'notActions']

/** A file of principals: a JSON array. @throws an error that names the file, the entry and the member that is wrong */
export function parsePrincipals(text: string, file: string): Principal[] {
  let json: unknown
  try {
    json = jsonIn(text)
  } catch (error) {
    throw new Error(`${file} ${(error as Error).message}`)
  }
  return parsePrincipalList(json, file)
}

/** @throws an error that begins with `where` and names the entry and the member that is wrong */
export function parsePrincipalList(json: unknown, where: string): Principal[] {
  if (!Array.isArray(json)) throw new Error(`${where}: must be an array of principals`)
  const principals = json.map((entry: unknown, index) => principalFrom(entry, `${where}: principal ${index + 1}`))
  for (const { clientId } of principals) {
    const same = principals.filter(one => one.clientId === clientId)
    if (same.length > 1) throw new Error(`${where}: ${same.map(one => `"${one.name}"`).join(' and ')} have the same "clientId"`)
  }
  return principals
}

function principalFrom(entry: unknown, where: string): Principal {
  if (!isObject(entry)) throw new Error(`${where}: must be an object`)
  checkMembers(entry, members, where)
  const name = text(entry, 'name', where)
  const clientId = text(entry, 'clientId', where).toLowerCase()
  const { objectId, secret, roles } = entry
  if (!Array.isArray(roles)) throw new Error(`${where}: "roles" must be an array`)
  return {
    name,
    clientId,
    objectId: objectId === undefined ? clientId : text(entry, 'objectId', where).toLowerCase(),
    ...(secret !== undefined && { secret: text(entry, 'secret', where) }),
    grants: roles.map((role: Json, index) => grantFrom(role, name, `${where}: role ${index + 1}`))
  }
}

function grantFrom(entry: Json, principal: string, where: string): Grant {
  if (!isObject(entry)) throw new Error(`${where}: must be an object`)
  checkMembers(entry, grantMembers, where)
  const scope = text(entry, 'scope', where).replace(/\/+$/, '')
  if (scope !== '' && !/^\/subscriptions\/[^/]+/i.test(scope))
    throw new Error(`${where}: "scope" must be "/" or begin with /subscriptions/`)
  if (entry['role'] === undefined) return { scope, role: customRole(entry, `${principal} on ${scope}`, where) }
  if (entry['actions'] !== undefined || entry['notActions'] !== undefined) throw new Error(`${where}: either "role" or "actions", not both`)
  const named = text(entry, 'role', where)
  const role = builtInRole(named)
  if (role === undefined)
    throw new Error(`${where}: there is no role "${named}"; there are ${builtInRoles.map(one => one.name).join(', ')}`)
  return { scope, role }
}

function customRole(entry: JsonObject, name: string, where: string): Role {
  const actions = texts(entry['actions'], 'actions', where)
  const notActions = entry['notActions'] === undefined ? [] : texts(entry['notActions'], 'notActions', where)
  const id = guidFor([name, ...actions, ...notActions].join('\n'))
  return { id, name, description: '', builtIn: false, actions, notActions }
}

/** The same text has the same guid in every run. */
export const guidFor = (from: string): string =>
  createHash('sha256')
    .update(from)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')

function checkMembers(entry: JsonObject, known: readonly string[], where: string): void {
  const other = Object.keys(entry).find(key => !known.includes(key))
  if (other !== undefined) throw new Error(`${where}: unknown member "${other}"; there are ${known.join(', ')}`)
}

function text(entry: JsonObject, member: string, where: string): string {
  const value = entry[member]
  if (typeof value !== 'string' || value === '') throw new Error(`${where}: "${member}" must be a text`)
  return value
}

function texts(value: Json | undefined, member: string, where: string): readonly string[] {
  if (!Array.isArray(value)) throw new Error(`${where}: "${member}" must be an array of texts`)
  return value.map(one => {
    if (typeof one !== 'string') throw new Error(`${where}: "${member}" must be an array of texts`)
    return one
  })
}
