export type Json = string | number | boolean | null | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

/** A resource's body, as ARM's clients send and receive it. */
export type ArmBody = JsonObject

export const isObject = (value: unknown): value is JsonObject => value !== null && typeof value === 'object' && !Array.isArray(value)

/** No provider takes what lies deeper, and what walks through a body would not come back. */
export const depthMax = 64

/** Whether a body has more levels than these. */
export function isDeep(value: unknown, levels: number = depthMax): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return true
    level = level.flatMap(one => (one !== null && typeof one === 'object' ? Object.values(one) : []))
  }
  return false
}

/** The object at a path of keys; an empty one where there is none. */
export function objectAt(value: Json | undefined, ...keys: readonly string[]): JsonObject {
  const found = valueAt(value, ...keys)
  return isObject(found) ? found : {}
}

export function listAt(value: Json | undefined, ...keys: readonly string[]): readonly Json[] {
  const found = valueAt(value, ...keys)
  return Array.isArray(found) ? found : []
}

/** The string at a path of keys; undefined where there is none or it is something else. */
export function textAt(value: Json | undefined, ...keys: readonly string[]): string | undefined {
  const found = valueAt(value, ...keys)
  return typeof found === 'string' ? found : undefined
}

export function valueAt(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let found = value
  for (const key of keys) found = isObject(found) ? found[key] : undefined
  return found
}

export function without(body: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([key]) => !keys.includes(key)))
}

/** RFC 7396: what a PATCH makes of a body. A null takes a member away. */
export function mergePatch(under: Json | undefined, over: Json): Json {
  if (!isObject(over)) return over
  const merged: Record<string, Json> = isObject(under) ? { ...under } : {}
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value)
  }
  return merged
}

/** Every ARM id that a body holds, at any depth, as written. */
export function idsIn(value: Json | undefined): string[] {
  if (typeof value === 'string') return /^\/subscriptions\/[^/]+\/resourcegroups\//i.test(value) ? [value] : []
  if (value === undefined || value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap(idsIn)
}
