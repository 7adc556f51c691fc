import { keyOf, sameId } from '../../armPath.ts'
import { type ArmBody, isObject, type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { World } from '../../type.ts'
import { sameContent } from './content.ts'

/** A list in the body of a resource whose members are resources of their own beneath it: peerings, security rules, routes. */
export interface NestedList {
  /** The member of the parent's properties, and the last segment of the type. */
  readonly list: string
  readonly type: string
  /** Members of their properties that Azure fills in where they were not sent (CORPUS). */
  readonly given: JsonObject
  /** The part of a member's body that is kept. */
  kept(world: World, body: ArmBody): ArmBody
  /** Beside the body, what has to be known later; nothing when absent. */
  memory?(world: World, body: ArmBody): JsonObject
}

/** The members as they were sent; undefined when the list was not. */
export function membersSent(sent: ArmBody, { list }: NestedList): JsonObject[] | undefined {
  const value = objectAt(sent, 'properties')[list]
  return Array.isArray(value) ? value.filter(isObject).filter(one => typeof one['name'] === 'string') : undefined
}

export const memberId = (parent: string, { list }: NestedList, member: JsonObject): string =>
  `${parent}/${list}/${textAt(member, 'name') ?? ''}`

/** Without the members that Azure fills in, and without those that one kind computes. */
export const keptMember = (body: ArmBody, ...computed: string[]): ArmBody => ({
  ...without(body, 'id', 'name', 'type', 'etag'),
  properties: without(objectAt(body, 'properties'), 'provisioningState', ...computed)
})

const left = (world: World, parent: string, nested: NestedList, members: readonly JsonObject[]): StoredResource[] => {
  const listed = members.map(one => keyOf(memberId(parent, nested, one)))
  return world.store.ofType(nested.type, parent).filter(one => !listed.includes(keyOf(one.id)))
}

/** Whether a body says the same as one that is kept, with what Azure fills in or without it. */
export function isSameMember(world: World, { given, kept }: NestedList, live: StoredResource, body: ArmBody): boolean {
  const [is, was] = [kept(world, body), live.body].map(each => ({ ...given, ...objectAt(each, 'properties') }))
  return sameContent(is, was)
}

/** Whether a list changes nothing of what is there. */
export const membersStay = (world: World, parent: string, nested: NestedList, members: readonly JsonObject[]): boolean =>
  left(world, parent, nested, members).length === 0 &&
  members.every(one => {
    const live = world.store.get(memberId(parent, nested, one))
    return live !== undefined && isSameMember(world, nested, live, one)
  })

/** The list is the whole list: what is not in it goes, and what is in it is written in the parent's own operation. */
export function writeMembers(world: World, parent: string, nested: NestedList, members: readonly JsonObject[]): void {
  for (const one of left(world, parent, nested, members)) world.remove(one.id)
  for (const one of members) {
    const id = memberId(parent, nested, one)
    const memory = { ...world.store.get(id)?.memory, ...nested.memory?.(world, one) }
    world.put({ id, type: nested.type, body: nested.kept(world, one), memory, provisioning: 'Updating' })
  }
}

/** A member that was written with its parent is done with it, unless an operation of its own goes on. */
export function settleMembers(world: World, parent: string, type: string): void {
  for (const one of world.store.ofType(type, parent)) {
    if (one.provisioning === 'Updating' && !world.inFlight(one.id).some(each => sameId(each.resource, one.id)))
      world.store.update(one.id, { provisioning: 'Succeeded' })
  }
}
