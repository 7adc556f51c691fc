import type { Json } from './json.ts'
import { printable } from './printable.ts'
import { Secret } from './secret.ts'

/** Stands for the value of a secret in every document and text. */
export const hidden = '(sensitive value)'

/** As JSON has it: sets and undefined members gone, secrets replaced. The result can be printed anywhere. */
export function jsonOf(value: unknown): Json | undefined {
  if (value instanceof Secret) return hidden
  if (value === undefined || typeof value === 'function') return undefined
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(item => jsonOf(item) ?? null)
  if (value instanceof Set) return [...value].map(item => jsonOf(item) ?? null)
  const members = value instanceof Map ? [...value] : Object.entries(value)
  return Object.fromEntries(
    members.flatMap(([key, member]) => (jsonOf(member) === undefined ? [] : [[String(key), jsonOf(member) ?? null]]))
  )
}

/** One line, quoted as JSON quotes, so that an empty string or a blank at the end is seen. */
export const inline = (value: unknown): string => {
  const json = jsonOf(value)
  return json === undefined ? '(not set)' : printable(JSON.stringify(json))
}
