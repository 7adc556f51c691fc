import { groupNameOf, groupOf, keyOf, parentOf, typeOf } from './armPath.ts'
import type { Core } from './core.ts'
import { groupType } from './groups.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import type { ResourceType, World } from './type.ts'

const verbs: Readonly<Record<string, string>> = { GET: 'read', HEAD: 'read', DELETE: 'delete', POST: 'write', PUT: 'write', PATCH: 'write' }

/** Whether there is a group and a parent for what a path leads to. Comes before everything that the provider says. */
export function missingAbove(core: Core, type: ResourceType, id: string, method: string): Refusal | undefined {
  if (type.type === groupType || groupNameOf(id) === '') return undefined
  const group = core.store.get(groupOf(id))
  if (group === undefined) return gatewayErrors.groupNotFound(groupNameOf(id))
  if (type.extension) return undefined
  if (group.provisioning === 'Deleting' && (method === 'PUT' || method === 'PATCH')) return gatewayErrors.groupBeingDeleted(groupNameOf(id))
  const parent = parentOf(id)
  if (keyOf(parent) === keyOf(group.id) || core.store.has(parent)) return undefined
  // ARM keeps resources with a location in an index of its own, where it looks first (CORPUS: a link in a zone that is not there).
  if ((method === 'GET' || method === 'HEAD') && (type.location ?? 'none') !== 'none') return gatewayErrors.notFound(id)
  if (type.parentMissing !== 'ParentResourceNotFound') return gatewayErrors.notFound(parent)
  return gatewayErrors.parentNotFound(verbs[method] ?? 'read', type.type.slice(type.type.indexOf('/') + 1), parent)
}

/** A type that no provider here has is unknown, so its resources are taken to be there. */
export function missingScope(world: World, scope: string): Refusal | undefined {
  const type = world.type(typeOf(scope))
  if (type === undefined || world.store.has(scope) || type.given?.(world, scope)) return undefined
  return type.missing?.(world, scope) ?? gatewayErrors.notFound(scope)
}
