import type { Plan } from './change.ts'
import { type ResourceId, scopesOf } from './id.ts'
import { printable } from './printable.ts'
import type { Desired, Lock, Position } from './resource.ts'

/** Finds words for ids: the address in the file where there is one. */
export type Naming = (id: ResourceId) => string

/** The nearest entry of the file stands for what lies in it; what is nowhere near keeps its id. */
export function namingFrom(desired: ReadonlyMap<ResourceId, { readonly address: string }>): Naming {
  return id => {
    for (const scope of scopesOf(id)) {
      const address = desired.get(scope)?.address
      if (address !== undefined) return printable(scope === id ? address : `${address}${id.slice(scope.length)}`)
    }
    return printable(id)
  }
}

/** A resource that a plan deletes has an address as well, though the file has it no longer. */
export const addressesIn = (desired: Desired, { changes }: Pick<Plan, 'changes'>): ReadonlyMap<ResourceId, { readonly address: string }> =>
  new Map<ResourceId, { readonly address: string }>([
    ...changes.flatMap(change => (change.op === 'delete' ? [[change.old.id, change.old] as const] : [])),
    ...desired
  ])

export const lockTitle = (lock: Lock, naming: Naming): string => `${lock.level} lock ${printable(lock.name)} on ${naming(lock.scope)}`

export const at = ({ file, line, column }: Position): string => `${printable(file)}:${line}:${column}`
