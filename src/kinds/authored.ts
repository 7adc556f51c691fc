import type { ResourceId } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import type { Facts } from '../model/resource.ts'

/** Questions that a kind may ask while one that is there is written into a file. */
export interface Writing {
  /** The key that the entry gets. */
  readonly key: string
  /** Its id. */
  readonly id: ResourceId
  /** The file's word for what has this id: an address as short as the entry may have it, or the id itself. */
  refer(id: ResourceId): Json
  /** The resource of this id, where it gets an entry of its own. */
  look(id: ResourceId): { readonly kind: string; readonly props: unknown; readonly facts: Facts } | undefined
  /** A variable of its own, for a secret that Azure does not give back. */
  secret(): string
  /** The server that clients call by this name. */
  serverAt(host: string): ResourceId | undefined
  /** The tenant of the subscription it lies in; `undefined` where this login may not read it. */
  readonly tenant: string | undefined
}

/** The settings of an entry, or why the file cannot say it so that a write would keep it: goes on from "is here by its id, since". */
export type SaidEntry = { readonly says: Json } | { readonly cannot: string }

/** How one of a kind that is there is written into a file: the inverse of `desired`, beside what its fields say. */
export interface Authored<Props, Model> {
  /** The fields that `entry` says in place of their own settings. */
  readonly instead?: readonly (keyof Props & string)[]
  /** The last key of its address, where that is not its name. */
  key?(props: Props, asks: Pick<Writing, 'refer'>): string
  /** Settings that no field says. They stand where the first of the fields above would. */
  entry?(props: Props, body: Model, writing: Writing): SaidEntry
  /** Azure made it by itself: no file declares it. */
  isAzures?(props: Props, body: Model, writing: Pick<Writing, 'look' | 'id'>): boolean
}

/** {@link Authored}, with its types closed over and the usual answers where a kind gives none. */
export interface Author extends Required<Pick<Authored<unknown, unknown>, 'entry' | 'isAzures'>> {
  readonly instead: readonly string[]
  key(props: unknown, asks: Pick<Writing, 'refer'>): string | undefined
}

export const usualAuthor: Author = { instead: [], key: () => undefined, entry: () => ({ says: {} }), isAzures: () => false }
