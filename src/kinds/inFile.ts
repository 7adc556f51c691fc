import type { Context } from './kind.ts'
import type { NameLimit } from './names.ts'

/** An entry as its kind sees it, before references are followed. */
export interface Written<Entry = unknown, Above = unknown, Top = unknown> {
  readonly key: string
  readonly entry: Entry
  readonly path: string
  readonly managed: boolean
  /** The entry that it stands under. One at the top of the file has none and asks for none. */
  readonly above: Written<Above, Top>
}

/** Where the entries of a kind stand in the file, and how an entry becomes a resource. */
export interface InFile<Spec> {
  /**
   * The keys from the top of the file. `*` is a key of the user's own and `#` a place in a list; without either at the end there is one
   * entry. A pattern that begins with `**` stands on entries of any kind.
   */
  readonly at: string
  /** The part of its path below the resource it lies in, where that is more than the end of its type. */
  readonly under?: string
  /** As a reader of the file knows it, where that is shorter than its title. */
  readonly word?: string
  /** Absent where the file gives it no name. */
  readonly names?: NameLimit
  /** The key that its name is written at: `name`, unless this says another. */
  readonly nameAt?: string
  /** Its name where none is written: the key of its entry, unless this says another. */
  readonly usualName?: string
  /** No entry of one can say `id:`: it is declared, or left out. */
  readonly isNeverReferred?: boolean
  /** The setting that says that there is none, where an entry has to say it. */
  readonly none?: string
  /** The entry above can be written without it. */
  readonly isOptional?: boolean
  /** Azure asks for a region when one is made. */
  readonly inRegion?: boolean
  /** It is ours where the entry above is. */
  readonly sharesOwner?: boolean
  /** Settings that hold for it and are written on the entry above. */
  readonly settingsAbove?: readonly ('adopt' | 'restart')[]
  /** An entry as empty as it may be, where that is no empty map. @param key the last key of its address */
  emptiest?(key: string): unknown
  /** The keys in the addresses of entries that stand in a list. */
  keysOf?(list: never): readonly string[]
  /** Whether an entry stands for a resource: a key may say that there is none, and a resource may go without a key. */
  isMeant?(entry: never, above: Written<never>): boolean
  /** The value that `desired` maps: the entry itself, unless this says another. */
  spec?(written: Written<never, never, never>, ctx: Context): Spec
}
