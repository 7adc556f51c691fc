import jsonPatch from 'fast-json-patch'
import { kindOf } from '../kinds/index.ts'
import type { FieldChange } from '../model/change.ts'
import { nameOf, resourceId } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import type { Naming } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import { Secret } from '../model/secret.ts'
import type { PatchOperation } from './plan.generated.ts'

export const hidden = '(sensitive value)'

/** The values that Azure decides while it makes one. */
export const unknownFieldsOf = (kind: string): readonly string[] => kindOf({ kind }).knownAfterApply ?? []

export const isSecretField = (kind: string, field: string): boolean => kindOf({ kind }).fields[field]?.secret ?? false

export const isSentAlong = (kind: string, field: string): boolean => kindOf({ kind }).fields[field]?.sentAlong ?? false

export const isSentAlways = (kind: string, field: string): boolean => kindOf({ kind }).fields[field]?.everyWrite ?? false

export const isFinal = (kind: string, field: string): boolean => kindOf({ kind }).fields[field]?.irreversible ?? false

/** Azure's label for the name of one, where that name decides who is meant and is unreadable. */
export const nameFieldOf = (kind: string, path: string): Readonly<Record<string, string>> => {
  const { nameIs } = kindOf({ kind })
  return nameIs === undefined ? {} : { [nameIs]: nameOf(path) }
}

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

/** The declared fields of a body, secrets by their placeholder. */
export const fieldsOf = (kind: string, props: unknown): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries((props ?? {}) as Record<string, unknown>).flatMap(([field, value]) => {
      if (kindOf({ kind }).fields[field]?.internal) return []
      const json = isSecretField(kind, field) && value !== undefined ? hidden : jsonOf(value)
      return json === undefined ? [] : [[field, json]]
    })
  )

/** As `inline`, with an id that the file has an address for shown as that: it is what a reader of the file knows. */
export const named = (value: unknown, naming: Naming): string => {
  if (typeof value !== 'string' || !value.startsWith('/subscriptions/')) return inline(value)
  const name = naming(resourceId(value))
  return name.startsWith('/') ? inline(value) : name
}

/** One line, quoted as JSON quotes, so that an empty string or a blank at the end is seen. */
export const inline = (value: unknown): string => {
  const json = jsonOf(value)
  return json === undefined ? '(not set)' : printable(JSON.stringify(json))
}

/** RFC 6902, over the declared fields that differ; applied to what is live it gives what is declared. */
export function patchOf(kind: string, fields: readonly FieldChange[]): readonly PatchOperation[] {
  const side = (end: 'from' | 'to'): Record<string, Json> =>
    Object.fromEntries(
      fields
        .filter(({ field }) => !isSecretField(kind, field))
        .flatMap(change => {
          const json = jsonOf(change[end])
          return json === undefined ? [] : [[change.field, json]]
        })
    )
  return jsonPatch.compare(side('from'), side('to')) as PatchOperation[]
}
