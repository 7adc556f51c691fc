import type { Change, EndpointProof } from './change.ts'
import type { Consents } from './consents.ts'
import type { Duty } from './duty.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { Worded } from './option.ts'
import type { Desired, Live, Lock, Sought } from './resource.ts'

/** `safety:` of the file, with its defaults filled in, and what flags change of it. */
export interface Safety {
  readonly maxDeletes: number
  readonly maxUnlockedSeconds: number
  readonly locks: 'advised' | 'required'
  readonly liftInheritedLocks: boolean
  readonly liftExistingLocks: boolean
  /** `journal` accepts that the journal alone remembers a lock that has to be off and that Azure has no place to remember. */
  readonly lockMemory: 'azure' | 'journal'
}

/** The part of a plan that is asked for, by addresses or ARM ids. */
export interface Selection {
  /** With all that they need; where there is none it is about everything. */
  readonly target: readonly string[]
  /** With all that needs them. */
  readonly exclude: readonly string[]
}

export interface PlanOptions extends Worded, Consents {
  /** The topology's name, which the tag of what it owns carries. */
  readonly topology: string
  readonly safety: Safety
  readonly prune: boolean
  /** The topology as it was last applied: what says that something untaggable is ours. */
  readonly baseline: Desired | undefined
  /** The resources that `removed:` names. */
  readonly removed: readonly Sought[]
  /** Addresses of the baseline that `moved:` gives to an entry of the file. */
  readonly moved?: readonly { readonly from: string; readonly to: string }[]
  /** Locks that an earlier run lifted, and whose scope was gone when they were to be restored. */
  readonly owed: readonly Lock[]
  /** Ids of rules that the file lowers to a warning. */
  readonly lowered: readonly string[]
  /** Addresses of endpoints whose records stay as they are, right or wrong: of a plan that undoes drift, what it was not asked to undo. */
  readonly keepRecords?: ReadonlySet<string>
  /** Absent for the whole plan. */
  readonly selection?: Selection
  /** The one whose part it is alone; absent for the work of all. */
  readonly duty?: Duty
  /** The resources that other topologies of the same command make. */
  readonly elsewhere?: Elsewhere
  /** Every private endpoint and managed endpoint the file declares. */
  readonly endpoints: readonly EndpointProof[]
}

/** The changes of a plan, and what they were made from. */
export interface PlanInput {
  readonly changes: readonly Change[]
  readonly desired: Desired
  readonly live: Live
  readonly options: PlanOptions
}

/** An address in the file, or an ARM id: either names a resource, in any case. */
export const names = (list: readonly string[], { address, id }: { readonly address: string; readonly id: string }): boolean =>
  list.some(one => one.toLowerCase().replace(/\/+$/, '') === id.toLowerCase() || one === address)
