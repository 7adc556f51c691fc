export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type Body = { readonly [key: string]: Json }

/** `over` laid on `under`, member by member; a list is taken whole. */
export function overlay(under: Json, over: Json): Json {
  if (!isBody(under) || !isBody(over)) return over
  const both: Record<string, Json> = { ...under }
  for (const [key, value] of Object.entries(over)) both[key] = overlay(under[key] ?? null, value)
  return both
}

export const isBody = (value: unknown): value is Body => value !== null && typeof value === 'object' && !Array.isArray(value)
