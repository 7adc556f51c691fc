import type { Json } from '../../model/json.ts'
import type { Worded } from '../../model/option.ts'
import type { Secret } from '../../model/secret.ts'
import type { Topology } from '../../model/topology.generated.ts'
import type { CollectionPath, Target } from '../address.ts'
import type { WrittenPlace } from '../place.ts'
import type { Aim, Path } from '../tree.ts'

/** A function where it takes a search, which is made for what is shown, or names an option, which each host calls otherwise. */
export type Fix = string | ((worded: Worded) => string | undefined)

/** A problem that a rule found, at a path of the topology. */
export interface Finding {
  readonly path: Path
  /** Whether the key or the value is what is wrong. By default the value. */
  readonly aim?: Aim
  readonly summary: string
  readonly detail?: string
  /** When there is something better to say than the rule's own fix. */
  readonly fix?: Fix
  /** The value, or with the aim on the key the key, that is meant without a doubt: `validate --fix` writes it. */
  readonly instead?: Json
  readonly related?: readonly { readonly path: Path; readonly aim?: Aim; readonly message: string }[]
}

/** A finding of a schema keyword, which serves several rules. */
export interface KeywordFinding extends Finding {
  readonly rule: string
}

/**
 * The topology as far as it is sound: what the schema refuses and what an unset variable leaves open is not in it, so
 * that every rule can look at the rest. `ctx.declared` tells what is missing from what was left out.
 */
export type Sound<T> = T extends Secret
  ? Secret
  : T extends readonly (infer Item)[]
    ? readonly Sound<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]?: Sound<T[Key]> | undefined }
      : T

export interface RuleContext {
  /** Given beside the file, for entries that name none. */
  readonly subscription: string | undefined
  readonly topology: Sound<Topology>
  /** Whether anything stands at this path in the file, sound or not. */
  declared(path: Path): boolean
  /** The text at this path as it stands in the file, sound or not; undefined when there is none or a variable leaves it open. */
  text(path: Path): string | undefined
  /** Whether `true` stands at this path. */
  flag(path: Path): boolean
  /** The entry that the reference at `path` leads to; undefined when it leads nowhere or is not known yet. */
  target(collection: CollectionPath, path: Path): Target | undefined
  /** Region and subscription of the entry at `path`, inherited ones included. */
  place(path: Path): WrittenPlace
}

/** A rule as its file has it. */
export interface RuleText {
  readonly id: `PGL${number}`
  readonly name: string
  /** A file that breaks a rule is refused, unless the rule says this. */
  readonly severity?: 'warning'
  /** Where it is written down that this is so: documentation, an issue, a recorded answer of Azure. */
  readonly source: string
  /** The law that must hold, in one sentence. */
  readonly summary: string
  /** The consequence where it does not hold. */
  readonly why: string
  readonly fix: string | ((worded: Worded) => string)
  /** Only Azure can tell: a plan looks, and the check of a file does not. */
  readonly seenBy?: 'plan'
  /** Set on what Azure itself would accept: a file may lower it to a warning with a reason. */
  readonly lowerable?: true
  /** Absent where the reader of the file, a keyword of the schema or a plan enforces the rule. */
  readonly check?: (ctx: RuleContext) => Iterable<Finding>
}

export interface Rule extends Omit<RuleText, 'severity'> {
  readonly severity: 'error' | 'warning'
}
