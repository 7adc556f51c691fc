import jsonPatch from 'fast-json-patch'
import { kindOf } from '../kinds/index.ts'
import type { FieldRule } from '../kinds/rule.ts'
import type { FieldChange } from '../model/change.ts'
import { nameOf, resourceId } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import type { Naming } from '../model/naming.ts'
import { hidden, inline, jsonOf } from '../model/shown.ts'
import type { PatchOperation } from './plan.generated.ts'

/** The values that Azure decides while it makes one. */
export const unknownFieldsOf = (kind: string): readonly string[] => kindOf({ kind }).knownAfterApply ?? []

/** The rule of a field; a document that was made elsewhere may have any. */
export const fieldRule = (kind: string, field: string): Partial<FieldRule<unknown>> => kindOf({ kind }).fields[field] ?? {}

/** A value as a document has it: no secret, and null for what is not set. */
export const shownValue = (kind: string, field: string, value: unknown): Json =>
  fieldRule(kind, field).secret ? hidden : (jsonOf(value) ?? null)

/** Azure's label for the name of one, where that name decides who is meant and is unreadable. */
export const nameFieldOf = (kind: string, path: string): Readonly<Record<string, string>> => {
  const { nameIs } = kindOf({ kind })
  return nameIs === undefined ? {} : { [nameIs]: nameOf(path) }
}

/** The declared fields of a body, secrets by their placeholder. */
export const fieldsOf = (kind: string, props: unknown): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries((props ?? {}) as Record<string, unknown>).flatMap(([field, value]) => {
      if (kindOf({ kind }).fields[field]?.internal) return []
      const json = fieldRule(kind, field).secret && value !== undefined ? hidden : jsonOf(value)
      return json === undefined ? [] : [[field, json]]
    })
  )

/** As `inline`, with an id that the file has an address for shown as that: it is what a reader of the file knows. */
export const named = (value: unknown, naming: Naming): string => {
  if (typeof value !== 'string' || !value.startsWith('/subscriptions/')) return inline(value)
  const name = naming(resourceId(value))
  return name.startsWith('/') ? inline(value) : name
}

/** RFC 6902, over the declared fields that differ; applied to what is live it gives what is declared. */
export function patchOf(kind: string, fields: readonly FieldChange[]): readonly PatchOperation[] {
  const side = (end: 'from' | 'to'): Record<string, Json> =>
    Object.fromEntries(
      fields
        .filter(({ field }) => !fieldRule(kind, field).secret)
        .flatMap(change => {
          const json = jsonOf(change[end])
          return json === undefined ? [] : [[change.field, json]]
        })
    )
  return jsonPatch.compare(side('from'), side('to')) as PatchOperation[]
}
