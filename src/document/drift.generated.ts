// Generated from schema/drift.schema.json by `npm run schema`. Change the schema, not this file.
import type { Json } from '../model/json.ts'

/**
 * The document that `pglink drift --json` prints for one topology. For several topologies it is `{format_version, drifts}`, with one of these for each. A reader refuses a first number of `format_version` that it does not know; the second number counts members that were added.
 */
export interface DriftDocument {
  /**
   * The version of this shape.
   */
  readonly format_version: string
  /**
   * The version of pglink that made it.
   */
  readonly tool_version: string
  /**
   * When it was made (RFC 3339).
   */
  readonly timestamp: string
  /**
   * The estate that was read: Azure, a sandbox, or a sandbox made from the topology of the base branch, which says nothing of Azure.
   */
  readonly source: 'azure' | 'sandbox' | 'base branch'
  readonly topology: DriftTopology
  /**
   * The commit or file of the topology as it was last applied (`--baseline`), or null. Without one it cannot be told whether the file or Azure moved.
   */
  readonly baseline: string | null
  /**
   * Everything was read, and no entry counts.
   */
  readonly clean: boolean
  /**
   * Everything that could have drifted was read.
   */
  readonly complete: boolean
  readonly verdict: DriftVerdict
  /**
   * Where the file and Azure do not agree, by address.
   */
  readonly entries: readonly DriftEntry[]
  /**
   * Facts about the paths to the servers that are no drift; absent where there are none.
   */
  readonly notes?: {
    /**
     * The entry of the file that it is about.
     */
    readonly address: string
    /**
     * The note, as a sentence.
     */
    readonly message: string
  }[]
  /**
   * The entries of `driftIgnore`, in the order of the file.
   */
  readonly ignores: readonly DriftIgnoreUse[]
  readonly summary: DriftSummary
}
/**
 * Which topology was compared.
 */
export interface DriftTopology {
  /**
   * `name` in the file.
   */
  readonly name: string
  /**
   * The file, relative to where the command was started.
   */
  readonly path: string
  /**
   * The overlay (`--env`), or null.
   */
  readonly env: string | null
}
/**
 * How Azure stands to the file. Every form of drift says it in the same words.
 */
export interface DriftVerdict {
  /**
   * `drift`: something counts, whatever else is unknown. `unknown`: nothing counts, and not everything could be read. `clean`: everything was read, and nothing counts.
   */
  readonly as: 'drift' | 'unknown' | 'clean'
  /**
   * The one sentence that says so.
   */
  readonly text: string
}
/**
 * One thing in which the file and Azure do not agree, or where it is not known whether they do.
 */
export interface DriftEntry {
  /**
   * `drifted`: changed in Azure since the last apply. `pending`: changed in the file, and not applied yet. `both`: each of them. `differs`: there is no baseline that would tell. `unmanaged`: it is there and in no file. `others`: another topology made it. `waiting`: it is as declared, and its connection is not Approved yet. `unknown`: it could not be read. `leased`: a lock that a run has off, and is to put back. `asking`: a Pending connection that neither a file nor `trust` names; it is a warning, and no drift.
   */
  readonly class: 'drifted' | 'pending' | 'both' | 'differs' | 'unmanaged' | 'others' | 'waiting' | 'unknown' | 'leased' | 'asking'
  /**
   * It makes the estate drifted: exit code 3. Not what is only pending, what we left behind ourselves, and what `driftIgnore` agrees to.
   */
  readonly counts: boolean
  /**
   * Its address; its ARM id where no file gives it one.
   */
  readonly address: string
  /**
   * Its ARM id.
   */
  readonly id: string
  /**
   * Its ARM type.
   */
  readonly type: string
  /**
   * The field that does not agree. Absent where the resource as a whole is meant.
   */
  readonly field?: string
  readonly baseline?: Json
  readonly desired?: Json
  readonly live?: Json
  /**
   * The sentence about it, after its address.
   */
  readonly message: string
  readonly source?: DriftPosition
  readonly ignored?: DriftIgnored
  /**
   * A ready-made entry for `driftIgnore`, in YAML.
   */
  readonly ignore?: string
  readonly who?: DriftWho
}
/**
 * A place in the file, counted from 1.
 */
export interface DriftPosition {
  /**
   * The file.
   */
  readonly file: string
  /**
   * The line.
   */
  readonly line: number
  /**
   * The column.
   */
  readonly column: number
}
/**
 * The entry of `driftIgnore` that agrees to it.
 */
export interface DriftIgnored {
  /**
   * Why it may differ.
   */
  readonly reason: string
  /**
   * The person or team that answers for it.
   */
  readonly owner: string | null
  /**
   * The last day on which it may differ.
   */
  readonly until: string | null
}
/**
 * The logins that wrote it, by Azure's logs, where these were asked. A log tells who wrote a resource, not who made this difference.
 */
export interface DriftWho {
  /**
   * Whether a log tells of a write.
   */
  readonly as: 'known' | 'unknown'
  /**
   * The same as a sentence.
   */
  readonly text: string
  /**
   * The ARM id of the resource that was written, where that is the one that this lies in.
   */
  readonly above?: string
  /**
   * The newest first.
   */
  readonly writers?: readonly DriftWriter[]
}
export interface DriftWriter {
  /**
   * The name or the object id of the login; for a run of pglink the run's id.
   */
  readonly by: string
  /**
   * Whether a run of pglink wrote it, by the correlation id of its requests.
   */
  readonly pglink: boolean
  /**
   * When Azure took the write, in RFC 3339.
   */
  readonly at: string
  /**
   * The action of ARM.
   */
  readonly operation: string
  /**
   * The program, in Azure's words. Absent where Azure does not say.
   */
  readonly client?: string
}
/**
 * An entry of `driftIgnore`, and what became of it.
 */
export interface DriftIgnoreUse {
  /**
   * The address of what may differ, with all beneath it.
   */
  readonly path: string
  /**
   * Why it may differ.
   */
  readonly reason: string
  /**
   * The person or team that answers for it.
   */
  readonly owner: string | null
  /**
   * The last day on which it may differ.
   */
  readonly until: string | null
  /**
   * `unused`: nothing it names differs. `expired`: its last day is over, and what it names counts again.
   */
  readonly state: 'used' | 'unused' | 'expired'
}
/**
 * How many entries there are of each class. An ignored entry is counted only as that.
 */
export interface DriftSummary {
  /**
   * Changed in Azure.
   */
  readonly drifted: number
  /**
   * Changed in the file, and not applied yet.
   */
  readonly pending: number
  /**
   * Changed in Azure and in the file.
   */
  readonly both: number
  /**
   * Not as declared, without a baseline.
   */
  readonly differs: number
  /**
   * There, and in no file.
   */
  readonly unmanaged: number
  /**
   * In other topologies.
   */
  readonly others: number
  /**
   * As declared, and not Approved yet.
   */
  readonly waiting: number
  /**
   * Pending connections that neither a file nor `trust` names.
   */
  readonly asking: number
  /**
   * Not readable.
   */
  readonly unknown: number
  /**
   * Agreed to by `driftIgnore`.
   */
  readonly ignored: number
  /**
   * How many reads of Azure it took.
   */
  readonly reads: number
}
