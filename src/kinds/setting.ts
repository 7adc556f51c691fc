import type { ResourceId } from '../model/id.ts'
import type { Json } from '../model/json.ts'

/** A field as the file has it, below its entry: where it is written, and how Azure's value is written there. */
export interface Setting {
  /** Where a reader looks for it. Empty for an entry that is the value itself. */
  readonly path: readonly string[]
  /** The value to write; no value takes the setting out. A text says why it cannot be written. */
  readonly writes: (live: unknown, naming: Referring) => readonly SettingWrite[] | string
}

interface SettingWrite {
  readonly path: readonly string[]
  readonly value: Json | undefined
}

/** The file's word for an id: the address of its entry, or the id itself. */
type Referring = (id: ResourceId) => Json

export const set = (...path: string[]): Setting => ({ path, writes: live => [{ path, value: live as Json | undefined }] })

export const ref = (...path: string[]): Setting => ({
  path,
  writes: (live, referring) => [{ path, value: live === undefined ? undefined : referring(live as ResourceId) }]
})

export const byId = (...path: string[]): Setting => ({
  path,
  writes: live => [{ path, value: live === undefined ? undefined : { id: live as string } }]
})

export const only = (path: readonly string[], why: string): Setting => ({ path, writes: () => why })

export const oneOf = (path: readonly string[], values: Readonly<Record<string, Json>>, what: string): Setting => ({
  path,
  writes: live => {
    const value = values[String(live).toLowerCase()]
    return value === undefined ? `${what} ${String(live)} cannot be declared` : [{ path, value }]
  }
})

/** The members of a value, each where it stands: what is written beside them stays. */
export const members = (...names: string[]): Setting['writes'] => {
  return live => names.map(name => ({ path: [name], value: (live as Readonly<Record<string, Json>> | undefined)?.[name] }))
}

export const below = (path: readonly string[], writes: Setting['writes']): Setting => ({
  path,
  writes: (live, referring) => {
    if (live === undefined) return [{ path, value: undefined }]
    const made = writes(live, referring)
    return typeof made === 'string' ? made : made.map(one => ({ ...one, path: [...path, ...one.path] }))
  }
})

export const single =
  (what: string, write: (value: string, referring: Referring) => Json, ...path: string[]): Setting['writes'] =>
  (live, referring) => {
    const [first, ...more] = (live ?? []) as readonly string[]
    if (more.length > 0) return `it has ${more.length + 1} ${what}, and the file takes one`
    return [{ path, value: first === undefined ? undefined : write(first, referring) }]
  }
