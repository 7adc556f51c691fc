// Generated from schema/plan.schema.json by `npm run schema`. Change the schema, not this file.
import type { Json } from '../model/json.ts'

/**
 * Its duty: networks, zones and endpoints; servers and what lies in them; data factories; management locks.
 */
export type Duty = 'network' | 'dba' | 'data' | 'locks'
/**
 * Which fields hold a secret; `false` where there is no body.
 */
export type Marks =
  | false
  | {
      /**
       * It holds a secret.
       */
      readonly [k: string]: true
    }
/**
 * Its change: `inside` where it stays and something in it changes that is no node, `same` also where nothing was read, `unmanaged` where it is left alone, `unknown` where it could not be read.
 */
export type Mark = 'same' | 'inside' | 'create' | 'update' | 'replace' | 'delete' | 'unmanaged' | 'unknown'

/**
 * The document that `pglink plan --json` prints and `--out` saves for one topology. For several topologies it is `{format_version, plans}`, with one of these for each. A reader refuses a first number of `format_version` that it does not know; the second number counts members that were added.
 */
export interface PlanDocument {
  /**
   * The version of this shape.
   */
  readonly format_version: string
  /**
   * The version of pglink that made it.
   */
  readonly tool_version: string
  /**
   * The plan may not be carried out: see `refusals`.
   */
  readonly errored: boolean
  /**
   * When it was made (RFC 3339). Not part of the digest.
   */
  readonly timestamp: string
  /**
   * The hash of the steps, of the topology and of what the steps rest on. `pglink apply --plan-digest` carries out the plan only if it is still this one.
   */
  readonly digest: string
  /**
   * The estate that was read: Azure, a sandbox, or a sandbox made from the topology of the base branch, which says nothing of Azure.
   */
  readonly source: 'azure' | 'sandbox' | 'base branch'
  /**
   * Which Azure was read, in words: the cloud, the tenant where it is known, and the subscriptions; or which sandbox.
   */
  readonly estate: string
  readonly verdict: PlanVerdict
  /**
   * The way to the server through each declared private endpoint, as it is before the plan is carried out.
   */
  readonly paths: readonly PlanPath[]
  readonly topology: PlanTopology
  /**
   * The part of the whole plan that this one is of. Only with `--target`, `--exclude` or `--duty`.
   */
  readonly partial?: {
    /**
     * Addresses that it is about alone, with all that they need; empty where it is about everything.
     *
     * Items: An address, or an ARM id where the file has none.
     */
    readonly target: readonly string[]
    /**
     * Addresses that it leaves out, with all that needs them.
     *
     * Items: An address, or an ARM id where the file has none.
     */
    readonly exclude: readonly string[]
    /**
     * Addresses of the changes of the whole plan that are not in this one, or not all of them.
     *
     * Items: An address, or an ARM id where the file has none.
     */
    readonly left_out: readonly string[]
    readonly duty?: Duty
    /**
     * Only with `--duty`: the duties that have to write before all of the part can be done.
     */
    readonly waits_for?: readonly Duty[]
  }
  /**
   * The parts by which the plan can be carried out, each with `--duty` and its own login. Not in a plan that is of a part itself.
   */
  readonly duties?: readonly DutyPart[]
  /**
   * Each resource that changes, as in a plan of Terraform.
   */
  readonly resource_changes: readonly ResourceChange[]
  /**
   * Differences that came about in Azure since the topology was last applied. Only with `--baseline`.
   */
  readonly resource_drift?: readonly PlanDrift[]
  /**
   * In an order in which they can be carried out one by one.
   */
  readonly steps: readonly PlanStep[]
  /**
   * The dangers that a reviewer has to see first.
   */
  readonly dangers: readonly Danger[]
  /**
   * Why the plan may not be carried out. Empty where it may.
   */
  readonly refusals: readonly PlanRefusal[]
  /**
   * Things that only a person can move on.
   */
  readonly waiting: readonly PlanWaiting[]
  /**
   * Notes beside the steps.
   */
  readonly notes: readonly PlanNote[]
  /**
   * Resources that were ours, left the file, and are not deleted.
   */
  readonly unmanaged: readonly PlanUnmanaged[]
  /**
   * Resources that could not be read.
   */
  readonly unknown: readonly PlanUnknown[]
  /**
   * The addresses of what changed resources refer to and what itself stays as it is, by the ARM id. Absent where there is none.
   */
  readonly addresses?: {
    /**
     * An address.
     */
    readonly [k: string]: string
  }
  /**
   * The rights that the login lacks that made the plan. Absent where the plan has no step, or the command did not ask; another login may have the rights.
   */
  readonly rights?: {
    /**
     * Rights that it lacks.
     */
    readonly lacking: readonly PlanRight[]
    /**
     * Scopes where it could not be read what the login may do.
     *
     * Items: An ARM id.
     */
    readonly unknown: readonly string[]
    /**
     * The addresses of those scopes that the file has one for, by the ARM id.
     */
    readonly addresses?: {
      /**
       * An address.
       */
      readonly [k: string]: string
    }
  }
  /**
   * Warnings about the file.
   */
  readonly diagnostics: readonly PlanDiagnostic[]
  readonly graph: TopologyGraph
  readonly summary: PlanSummary
  /**
   * The values that the digest is made of, by name: a later plan says by it what moved.
   */
  readonly foundation: {
    readonly [k: string]: Json
  }
}
/**
 * How the estate stands to the file, as far as this plan can tell. Every form of a plan says it in the same words.
 */
export interface PlanVerdict {
  /**
   * `changes`: an apply would do something. `refused`: it may not. `waiting`: it would do nothing, and a person, a policy or Azure has to do something first. `findings`: it would do nothing, and something is left that no apply mends. `unknown`: not all could be read. `matches`: everything declared was read, is equal, and leads where it should, and nothing else was seen. `tagged`: of a plan of tags alone, they are as wanted. `partial`: of a plan of a part, nothing is to be done in it; other changes may be left out, and the part of a duty says nothing of the rest.
   */
  readonly as: 'changes' | 'refused' | 'waiting' | 'findings' | 'unknown' | 'matches' | 'tagged' | 'partial'
  /**
   * The one sentence that says so.
   */
  readonly text: string
  /**
   * The findings that are left when the plan is carried out.
   */
  readonly findings: readonly PlanFinding[]
}
/**
 * Something that a plan sees and does not mend.
 */
export interface PlanFinding {
  /**
   * Its kind: a refusal, a path to a server that is broken, something that a person, a policy or Azure has to do, a lock that is off, a difference that no step mends, something in Azure and in no file, what remembers a lock that is back, or something of ours that left the file.
   */
  readonly as: 'refused' | 'broken' | 'waiting' | 'lock' | 'differs' | 'undeclared' | 'marker' | 'unmanaged'
  /**
   * The address of what it is about, or its ARM id where the file has none.
   */
  readonly address: string
  /**
   * A sentence that names it.
   */
  readonly message: string
}
/**
 * The path of a client to a server through one private endpoint.
 */
export interface PlanPath {
  /**
   * The address of the endpoint in the file.
   */
  readonly address: string
  /**
   * The ARM id of the server that it leads to.
   */
  readonly server: string
  /**
   * The worst of its hops.
   */
  readonly as: 'whole' | 'waiting' | 'broken' | 'unknown'
  /**
   * From the connection to the public access, each as it was read.
   */
  readonly hops: readonly PathHop[]
  /**
   * True of the path, and no fault of it.
   *
   * Items: A sentence.
   */
  readonly notes: readonly string[]
  /**
   * The private addresses of the endpoint; empty where there are none yet, or the login may not read them.
   *
   * Items: An IP address.
   */
  readonly addresses: readonly string[]
  /**
   * The name of the server that clients connect to.
   */
  readonly fqdn: string | null
  /**
   * The state of the connection at the endpoint's end.
   */
  readonly connection: string | null
}
/**
 * One thing that a path needs.
 */
export interface PathHop {
  /**
   * Which.
   */
  readonly hop: 'connection' | 'zoneGroup' | 'record' | 'link' | 'publicAccess'
  /**
   * How it is: `waiting` for Azure, a policy or a person; `broken` until a person mends it.
   */
  readonly as: 'holds' | 'waiting' | 'broken' | 'unknown'
  /**
   * A sentence that says so.
   */
  readonly message: string
}
/**
 * Which topology was planned, and how.
 */
export interface PlanTopology {
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
  /**
   * The flags that decide the plan. An apply of the saved plan uses them again.
   */
  readonly flags: {
    readonly [k: string]: Json
  }
}
/**
 * The part of one duty, as it is when the plan is made.
 */
export interface DutyPart {
  readonly duty: Duty
  /**
   * That of the plan of this part alone, for `apply --duty DUTY --plan-digest DIGEST`. It covers what the part builds on.
   */
  readonly digest: string
  /**
   * How many changes of the whole plan are its work.
   */
  readonly changes: number
  /**
   * How many steps it can do now: the rest waits for another duty.
   */
  readonly steps: number
  /**
   * The duties that have to write before all of it can be done.
   */
  readonly waits_for: readonly Duty[]
}
/**
 * The change of one resource. The members that Terraform has, too, mean what they mean there.
 */
export interface ResourceChange {
  /**
   * The keys from the top of the file joined by `/`.
   */
  readonly address: string
  /**
   * The ARM id.
   */
  readonly id: string
  /**
   * As in Terraform; there are no data sources.
   */
  readonly mode: 'managed'
  /**
   * The ARM type, such as `Microsoft.Network/privateEndpoints`.
   */
  readonly type: string
  /**
   * pglink's word for the type, such as `privateEndpoint`.
   */
  readonly kind: string
  /**
   * The last part of the id.
   */
  readonly name: string
  readonly change: Change
  /**
   * From what is there to what is declared, over the fields that differ. Secrets are left out.
   */
  readonly patch?: readonly PatchOperation[]
  /**
   * Why it is in the plan.
   */
  readonly action_reason: 'missing' | 'differs' | 'replace_because_cannot_update' | 'delete_because_no_resource_config'
  /**
   * The same in words.
   *
   * Items: One reason.
   */
  readonly why: readonly string[]
  readonly source?: Position
}
/**
 * Before and after, as Terraform has it.
 */
export interface Change {
  /**
   * The actions on the resource. A replacement is `delete`, then `create`.
   *
   * Items: One thing that happens to it.
   */
  readonly actions: readonly ('create' | 'update' | 'delete')[]
  /**
   * The resource in Azure, or null.
   */
  readonly before: Body | null
  /**
   * The resource as declared, or null.
   */
  readonly after: Body | null
  /**
   * Fields that Azure decides while it makes the resource.
   */
  readonly after_unknown: {
    /**
     * It is known after the apply.
     */
    readonly [k: string]: true
  }
  readonly before_sensitive: Marks
  readonly after_sensitive: Marks
  /**
   * Fields that cannot be changed in place.
   */
  readonly replace_paths?: readonly (readonly string[])[]
}
/**
 * Declared fields by name, and `tags`. A secret is `(sensitive value)`.
 */
export interface Body {
  readonly [k: string]: Json
}
/**
 * One operation of a JSON Patch (RFC 6902).
 */
export interface PatchOperation {
  /**
   * The operation.
   */
  readonly op: 'add' | 'remove' | 'replace'
  /**
   * A JSON Pointer into the declared fields.
   */
  readonly path: string
  readonly value?: Json
}
/**
 * A place in a topology file, counted from 1 as editors count.
 */
export interface Position {
  /**
   * Relative to where the command was started.
   */
  readonly file: string
  /**
   * The line.
   */
  readonly line: number
  /**
   * The column, in UTF-16 units.
   */
  readonly column: number
}
/**
 * Something that moved in Azure since the topology was last applied.
 */
export interface PlanDrift {
  /**
   * `drifted`: changed in Azure alone. `both`: changed in the file as well.
   */
  readonly class: 'drifted' | 'both'
  /**
   * Its address.
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
   * The field, where it is one field that moved.
   */
  readonly field?: string
  readonly baseline?: Json
  readonly desired?: Json
  readonly live?: Json
  /**
   * A sentence that says it.
   */
  readonly message: string
  readonly source?: Position
  readonly ignored?: IgnoredDrift
  /**
   * A ready-made entry for `driftIgnore`.
   */
  readonly ignore?: string
}
/**
 * The entry of `driftIgnore` that it is agreed to by.
 */
export interface IgnoredDrift {
  /**
   * Why.
   */
  readonly reason: string
  /**
   * The person or team that decided so.
   */
  readonly owner: string | null
  /**
   * The last day it holds.
   */
  readonly until: string | null
}
/**
 * One call on Azure, or one look.
 */
export interface PlanStep {
  /**
   * Its number in the printed plan.
   */
  readonly n: number
  /**
   * Its operation and the resource, such as `create /subscriptions/…`.
   */
  readonly id: string
  /**
   * How many steps come before it, one after the other, and one.
   */
  readonly wave: number
  /**
   * Its operation.
   */
  readonly op:
    | 'create'
    | 'update'
    | 'delete'
    | 'connection.approve'
    | 'connection.reject'
    | 'lock.lift'
    | 'lock.lower'
    | 'lock.restore'
    | 'prove'
    | 'invoke'
  /**
   * Its subject, as the printed plan names it.
   */
  readonly subject: string
  /**
   * Its effect in a sentence, as in the printed plan.
   */
  readonly says: string
  /**
   * Why it is in the plan.
   */
  readonly why: string
  /**
   * `why` without the place in the file, where `source` has that; empty where there is no other reason.
   */
  readonly reason?: string
  /**
   * For a create or a delete: it is one half of a replacement.
   */
  readonly replaces?: true
  /**
   * The steps that must have been done.
   *
   * Items: A step's number.
   */
  readonly depends_on: readonly number[]
  /**
   * The steps that must have ended, however.
   *
   * Items: A step's number.
   */
  readonly settles: readonly number[]
  /**
   * The number of a look that this step waits for: where that finds what it looks for, this step is not needed and not taken.
   */
  readonly unless?: number
  /**
   * Clients may lose a connection while it runs.
   */
  readonly interrupts: boolean
  /**
   * It takes a path to a server away without a proof of the new one, as --allow-interrupt lets it.
   */
  readonly unproven: boolean
  /**
   * How long it usually takes, an estimate.
   */
  readonly seconds: number
  /**
   * The fields that it sets, changes or takes away, its looks, or sentences about it, in the order of the printed plan.
   */
  readonly lines: readonly StepLine[]
  readonly source?: Position
  readonly lock?: PlanLock
  /**
   * For `lock.restore`: the scope of the lock is deleted, and the lock goes with it; it is restored only where that fails.
   */
  readonly goes?: true
  /**
   * For a lock that is lifted or lowered: the steps it is in the way of.
   */
  readonly needs?: readonly LockNeed[]
  /**
   * For a lock that is lifted or lowered: further sentences about it.
   *
   * Items: A sentence.
   */
  readonly memory?: readonly string[]
  readonly remembered?: LockMemory
  /**
   * For a lock that is lifted or lowered: how long it is off or lowered, an estimate.
   */
  readonly unlocked_seconds?: number
  /**
   * The ARM id of what it writes or looks at.
   */
  readonly id_of?: string
  /**
   * The ARM type of that, or of the lock.
   */
  readonly type?: string
  /**
   * For an update: with the rest, by a call of its own that is no write, after that or after a create that does not take it, or last since it removes a path.
   */
  readonly phase?: 'main' | 'call' | 'later' | 'cut-over'
  /**
   * For a create the fields it sends, by name; for an update the fields that change.
   */
  readonly fields?: Body | readonly FieldChange[]
  /**
   * For an update: the same as a JSON Patch. Secrets are left out.
   */
  readonly patch?: readonly PatchOperation[]
  /**
   * For a proof: the endpoints it looks at.
   */
  readonly endpoints?: readonly ProvenEndpoint[]
  /**
   * For a proof: a whole path to the server, a connection that is Approved at both ends, what a policy writes, or a record that Azure writes.
   */
  readonly looks_for?: 'path' | 'approval' | 'policy' | 'record'
  /**
   * For a call that is no write: the verb, such as `restart`.
   */
  readonly verb?: string
  /**
   * For a call that is no write: its effect, in words.
   */
  readonly title?: string
}
/**
 * One field or one sentence of a step, with addresses in place of the ids that the file has one for.
 */
export interface StepLine {
  /**
   * The field is set, changed or taken away, or this is a look. Absent for a sentence.
   */
  readonly sign?: '+' | '~' | '-' | '?'
  /**
   * The field. Absent for a look and for a sentence.
   */
  readonly field?: string
  /**
   * The value that it has, where it changes.
   */
  readonly from?: string
  /**
   * The value that it gets, the look, or the sentence.
   */
  readonly text: string
  /**
   * The consequence of the change, such as that the server restarts.
   */
  readonly remark?: string
}
/**
 * A management lock.
 */
export interface PlanLock {
  /**
   * The lock's ARM id.
   */
  readonly id: string
  /**
   * The ARM id of what it is on.
   */
  readonly scope: string
  /**
   * The level of the lock.
   */
  readonly level: 'CanNotDelete' | 'ReadOnly'
  /**
   * Its body: level, notes and owners.
   */
  readonly properties: {
    readonly [k: string]: Json
  }
}
/**
 * A step that the lock stands in the way of.
 */
export interface LockNeed {
  /**
   * The id of that step.
   */
  readonly step: string
  /**
   * Whether Azure refuses the step under the lock, or Microsoft's how-to wants it off.
   */
  readonly strength: 'required' | 'advised'
  /**
   * Whether the step writes to the scope or deletes from it.
   */
  readonly as: 'write' | 'delete'
  /**
   * The source that says so.
   */
  readonly source: string
}
/**
 * Where a lock is remembered while it is off.
 */
export interface LockMemory {
  /**
   * `notes` are its own, and it is only lowered; `markers` are locks beside it; the `journal` lies on the machine that applies, and nothing in Azure knows.
   */
  readonly in: 'notes' | 'markers' | 'journal'
  /**
   * For markers: ARM ids of the scopes that may carry them, the best first.
   *
   * Items: An ARM id.
   */
  readonly on: readonly string[]
}
/**
 * One field that is written.
 */
export interface FieldChange {
  /**
   * Its name.
   */
  readonly field: string
  readonly from: Json
  readonly to: Json
  /**
   * Writing it restarts the server.
   */
  readonly restarts: boolean
}
/**
 * A private endpoint or managed private endpoint.
 */
export interface ProvenEndpoint {
  /**
   * Its address.
   */
  readonly address: string
  /**
   * Its ARM id.
   */
  readonly id: string
}
/**
 * Something that a reviewer has to see first.
 */
export interface Danger {
  /**
   * Its kind: a delete, a replacement, a lock that is off for a while, such a lock that is set above what the topology names, one that only the journal remembers meanwhile, one that an earlier run has left off, a connection that may drop, a restart, something of ours that lies in another place than the file has it, a connection that the login which asks for it may approve as well, more of the network that reaches a server, a password that is set on what is there, a credential that is sent back as Azure has it stored, a change that Azure cannot take back, a path that goes without a proof of the new one, or that the plan is of a part alone.
   */
  readonly kind:
    | 'delete'
    | 'replace'
    | 'unlock'
    | 'inherited-unlock'
    | 'lock-memory'
    | 'lock-off'
    | 'interrupt'
    | 'restart'
    | 'moved'
    | 'self-approval'
    | 'exposure'
    | 'password'
    | 'stored-credential'
    | 'irreversible'
    | 'unproven'
    | 'partial'
  /**
   * The address of what it is about, or its ARM id where the file has none; empty for that of a plan of a part.
   */
  readonly address: string
  /**
   * A sentence that names it.
   */
  readonly message: string
}
/**
 * Why this plan may not be carried out.
 */
export interface PlanRefusal {
  /**
   * Its name, such as `fixed-field`.
   */
  readonly code: string
  /**
   * The address of what it is about.
   */
  readonly address: string
  /**
   * The refusal, and the way out.
   */
  readonly message: string
  /**
   * The exit code it gives.
   */
  readonly exit: 1 | 4 | 6 | 7
  readonly source?: Position
}
/**
 * Something that only a person can move on.
 */
export interface PlanWaiting {
  /**
   * The address of what it is about, or its ARM id where the file has none.
   */
  readonly address: string
  /**
   * The act that the plan waits for, and the person who has to do it.
   */
  readonly message: string
}
/**
 * Something the plan says beside its steps.
 */
export interface PlanNote {
  /**
   * The address of what it is about, or its ARM id where the file has none.
   */
  readonly address: string
  /**
   * A sentence.
   */
  readonly message: string
}
/**
 * Something that was ours, left the file and stays.
 */
export interface PlanUnmanaged {
  /**
   * Its address in the baseline; empty where there is none.
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
}
/**
 * Something that could not be read. It is never taken to be absent or equal.
 */
export interface PlanUnknown {
  /**
   * The address of what it is about, or its ARM id where the file has none.
   */
  readonly address: string
  /**
   * Why not.
   */
  readonly message: string
}
/**
 * A right that steps of the plan take.
 */
export interface PlanRight {
  /**
   * Its name, such as `Microsoft.Network/privateEndpoints/write`.
   */
  readonly action: string
  /**
   * The ARM id of what it is taken on.
   */
  readonly scope: string
  /**
   * The resources that need it.
   *
   * Items: An address, or an ARM id where the file has none.
   */
  readonly for: readonly string[]
  /**
   * The setting by which the file does without it.
   */
  readonly instead?: string
  /**
   * The login for locks lacks it (`--lock-identity`), and not the one that does all else.
   */
  readonly login?: 'locks'
}
/**
 * A warning about the file.
 */
export interface PlanDiagnostic {
  /**
   * How bad it is.
   */
  readonly severity: 'error' | 'warning'
  /**
   * The rule's id, such as `PGL001`; `pglink explain` tells it.
   */
  readonly rule: string
  /**
   * The problem.
   */
  readonly summary: string
  /**
   * The address of what is wrong.
   */
  readonly address: string
  readonly source?: Position
}
/**
 * The topology as a picture: what lies where, and what joins it.
 */
export interface TopologyGraph {
  /**
   * Networks, subnets, zones, servers, endpoints, factories and what lies in them, sorted by id.
   */
  readonly nodes: readonly GraphNode[]
  /**
   * The lines that join them, sorted by id.
   */
  readonly edges: readonly GraphEdge[]
}
/**
 * A resource in the picture.
 */
export interface GraphNode {
  /**
   * Its address, or its ARM id where it has none.
   */
  readonly id: string
  /**
   * pglink's word for its type.
   */
  readonly kind: string
  /**
   * Its name in Azure.
   */
  readonly name: string
  /**
   * The id of the node it lies in.
   */
  readonly parent: string | null
  readonly mark: Mark
  /**
   * It is not ours: the file only refers to it.
   */
  readonly existing: boolean
  /**
   * The locks on it.
   */
  readonly locks: readonly GraphLock[]
  /**
   * The ways in over public networks: whether public access is on, and each firewall rule.
   */
  readonly ways?: readonly GraphWay[]
  /**
   * The id of the subscription, of a node that lies in no other.
   */
  readonly subscription?: string
  /**
   * The Azure region, of a node that lies in no other and in one region.
   */
  readonly region?: string
}
/**
 * A management lock on a node.
 */
export interface GraphLock {
  /**
   * Its name.
   */
  readonly name: string
  /**
   * The level of the lock.
   */
  readonly level: 'CanNotDelete' | 'ReadOnly'
  /**
   * Its change: `lifted` is off for a while, `lowered` is CanNotDelete for a while.
   */
  readonly mark: 'same' | 'create' | 'update' | 'delete' | 'lifted' | 'lowered'
}
/**
 * A way in to a node over public networks, or the DNS servers that a network asks in place of Azure's.
 */
export interface GraphWay {
  /**
   * Its words; before and after, where they differ.
   */
  readonly text: string
  readonly mark: Mark
}
/**
 * A line that joins two nodes.
 */
export interface GraphEdge {
  /**
   * Its own name, the same in every picture of this topology.
   */
  readonly id: string
  /**
   * The id of the node it begins at.
   */
  readonly from: string
  /**
   * The id of the node it leads to.
   */
  readonly to: string
  /**
   * The words on it.
   */
  readonly label: string
  readonly mark: Mark
  /**
   * For a connection: its state on the server before the apply.
   */
  readonly before: string | null
  /**
   * For a connection: its state on the server after the apply.
   */
  readonly after: string | null
}
/**
 * The plan in numbers.
 */
export interface PlanSummary {
  /**
   * Resources to be created. A replacement counts here and under `destroy`, as in Terraform.
   */
  readonly add: number
  /**
   * Resources to be changed in place.
   */
  readonly change: number
  /**
   * Resources to be deleted.
   */
  readonly destroy: number
  /**
   * Resources to be deleted and made again.
   */
  readonly replace: number
  /**
   * Locks to be lifted or lowered.
   */
  readonly locks_lift: number
  /**
   * Locks to be restored.
   */
  readonly locks_restore: number
  /**
   * Connections to be approved.
   */
  readonly approve: number
  /**
   * Connections to be rejected.
   */
  readonly reject: number
  /**
   * Steps during which clients may lose a connection.
   */
  readonly interrupts: number
  /**
   * Servers that restart.
   */
  readonly restarts: number
  /**
   * For about how long locks are off or lowered, each lock's time added up.
   */
  readonly unlocked_seconds: number
  /**
   * Things that only a person can move on.
   */
  readonly waiting: number
  /**
   * Reasons why the plan may not be carried out.
   */
  readonly refused: number
  /**
   * Requests that were made to read.
   */
  readonly reads: number
}
