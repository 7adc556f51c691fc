import { isObject, type Json, type JsonObject } from '../../json.ts'

/** Members that Azure adds to a part of a body, so that a body that was read counts as the one that was sent. */
const added = ['etag', 'type', 'provisioningState']

/** Whether two bodies say the same: the order of members, and whether something empty is left out, do not matter. */
export const sameContent = (one: Json | undefined, other: Json | undefined): boolean =>
  JSON.stringify(ordered(one) ?? null) === JSON.stringify(ordered(other) ?? null)

function ordered(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((each: Json) => ordered(each) ?? null)
  if (!isObject(value)) return value ?? undefined
  const members = Object.keys(value)
    .filter(key => !added.includes(key) && !(key === 'id' && 'name' in value))
    .sort()
    .map(key => [key, ordered(value[key])] as const)
    .filter(([, each]) => each !== undefined)
  return members.length === 0 ? undefined : (Object.fromEntries(members) as JsonObject)
}
