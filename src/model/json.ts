export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type Body = { readonly [key: string]: Json }

/** `over` laid on `under`, member by member; a list is taken whole. */
export function overlay(under: Json, over: Json): Json {
  if (!isBody(under) || !isBody(over)) return over
  const both: Record<string, Json> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    // An id as a key is the same in any case.
    const name = key.startsWith('/') ? (Object.keys(under).find(one => one.toLowerCase() === key.toLowerCase()) ?? key) : key
    both[name] = overlay(under[name] ?? null, value)
  }
  return both
}

/** The value under these keys, one in the other. */
export const nested = (keys: readonly (string | number)[], value: Json): Json =>
  keys.reduceRight<Json>((below, key) => ({ [key]: below }), value)

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

export const isBody = (value: unknown): value is Body => isMap(value)

/** A text that is no JSON. It says where, and quotes nothing: the file may be another one than was meant, with secrets in it. */
export class NoJson extends Error {
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
