import { invariant } from '../model/invariant.ts'
import type { Kind } from './kind.ts'

/** Every kind, in the order a reader meets them. Adding one is its file and its line here. */
export const kinds: readonly Kind[] = []

export const kindNamed: ReadonlyMap<string, Kind> = new Map(kinds.map(kind => [kind.name, kind]))

export function kindOf({ kind }: { readonly kind: string }): Kind {
  const found = kindNamed.get(kind)
  invariant(found !== undefined, `no kind ${kind}`)
  return found
}
