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

/** A text that is no JSON. It says where, and quotes nothing: the file may be another one than was meant, with secrets in it. */
class NoJson extends Error {
  override readonly name = 'NoJson'
}

/** @throws NoJson, with a sentence without its subject: "is no JSON: line 3, column 7" */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const before = text.slice(0, faultAt(text, (error as Error).message)).split('\n')
    throw new NoJson(`is no JSON: line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`)
  }
}

/** V8 says the place of some faults, and quotes the text around the others: a shorter text has the same fault as long as that is in it. */
function faultAt(text: string, message: string): number {
  const said = / at position (\d+)/.exec(message)?.[1]
  if (said !== undefined) return Number(said)
  if (!message.startsWith('Unexpected token')) return text.length
  let [without, withIt] = [0, text.length]
  while (withIt - without > 1) {
    const middle = Math.floor((without + withIt) / 2)
    if (hasToken(text.slice(0, middle))) withIt = middle
    else without = middle
  }
  return withIt - 1
}

function hasToken(text: string): boolean {
  try {
    JSON.parse(text)
    return false
  } catch (error) {
    return (error as Error).message.startsWith('Unexpected token')
  }
}
