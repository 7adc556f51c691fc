import type { Duty } from './duty.ts'
import type { ResourceId } from './id.ts'
import type { How } from './marker.ts'
import type { RecordSeen } from './paths.ts'
import type { Selection } from './planOptions.ts'
import type { Existing, Invocation, Lock, Position, Resource } from './resource.ts'

/** How Azure takes a difference in one field: by a write in place, by delete and create, or not at all. */
export type Forces = 'update' | 'replace' | 'fixed'

export interface FieldChange {
  readonly field: string
  /** `undefined` where nothing was set; a secret's value is never here. */
  readonly from: unknown
  readonly to: unknown
  readonly forces: Forces
  /** For a `fixed` field: what to do instead. */
  readonly instead?: string
  /** The exit code a `fixed` field refuses with: 7 where only a person elsewhere can move it on. */
  readonly exit?: 6 | 7
  /** When it goes out: with the rest, by a call of its own, after that or after a create that does not take it, or last since it removes a path. */
  readonly phase: 'main' | 'call' | 'later' | 'cut-over'
  /** The verb of the kind's call that makes it, where no write of the body does. */
  readonly call?: string
  readonly restarts: boolean
  /** The reason as a sentence, where the two values do not say it. */
  readonly because?: string
}

/** A record that Azure writes, or takes away, with a step: which endpoint had it when the plan was made, and may have it by then. */
export interface RecordClaim {
  readonly does: 'write' | 'remove'
  /** The zone group that is written, or what goes. */
  readonly subject: ResourceId
  readonly zone: ResourceId
  readonly server: ResourceId
  readonly endpoint: ResourceId
  readonly atPlan: RecordSeen
  /** The zone group is made: so far it claims no record. */
  readonly isNew: boolean
  /** The file says that a record may be taken over which no other endpoint is known to use. */
  readonly adopt: boolean
  /** Endpoints that give it up in this plan, or whose zone group this plan writes. */
  readonly free: readonly ResourceId[]
}

/** The change that one resource needs. Nothing here says when. */
export type Change =
  | { readonly op: 'create'; readonly resource: Resource }
  | { readonly op: 'update'; readonly resource: Resource; readonly old: Existing; readonly fields: readonly FieldChange[] }
  | { readonly op: 'replace'; readonly resource: Resource; readonly old: Existing; readonly fields: readonly FieldChange[] }
  | { readonly op: 'delete'; readonly old: Existing; readonly because: string }

/** The resource that a change, or a step, writes or removes. */
export const subjectOf = (one: { readonly resource: Resource } | { readonly old: Existing }): Resource | Existing =>
  'resource' in one ? one.resource : one.old

/** Which row of the lock-need matrix a lock is in the way of. */
export interface LockNeed {
  readonly step: StepId
  readonly strength: 'required' | 'advised'
  readonly as: 'write' | 'delete'
  readonly source: string
}

/** A place for the marker locks that remember another lock while it is off. */
export interface MarkerScope {
  readonly id: ResourceId
  readonly path: string
  readonly ours: boolean
  /** The step that makes it; absent where it stands. */
  readonly madeBy?: StepId
  /** The nearest scope that stands, itself or above it: there Azure tells beforehand whether this login may write locks. */
  readonly askedAt: string
  /** How many locks more it may have. */
  readonly room: number
}

/** Where Azure itself remembers a lock while it is off, beside the journal. */
export type MarkedBy =
  /** In its own notes: it is lowered and stays. */
  | { readonly in: 'notes' }
  /** In marker locks on the first of these that stands by then and on which the caller may write locks: nothing is deleted under it meanwhile. */
  | { readonly in: 'markers'; readonly on: readonly MarkerScope[] }
  /** Nowhere: no scope can carry a marker. Only where the user has accepted that. */
  | { readonly in: 'journal' }

/** The subject of a prove step: one endpoint the file declares, and where its name must lead. */
export interface EndpointProof {
  readonly endpoint: ResourceId
  readonly path: string
  readonly address: string
  readonly server: ResourceId
  /** `undefined` with `privateDns: none`. */
  readonly dns: { readonly zone: ResourceId; readonly group: ResourceId | undefined; readonly managedBy: 'pglink' | 'policy' } | undefined
  /** A managed endpoint of a data factory lies beneath the factory and has no DNS of ours. */
  readonly managed: boolean
  /** Whether the file decides its connection: only then is a Pending one waited for. */
  readonly decided: boolean
  readonly timeoutMs: number | undefined
}

/** How far a look at an endpoint goes: to its connection, to its zone group and record as well, or to the links of the zone too. */
export type ProofDepth = 'connection' | 'record' | 'path'

/** One call on Azure. A replace is two of these; a lock in the way adds two more. */
export type Action =
  /** `how`: a lock that only stands in the way of writes is lowered to CanNotDelete, any other is taken off. */
  | { readonly do: 'lift'; readonly lock: Lock; readonly how: How; readonly needs: readonly LockNeed[]; readonly memory: MarkedBy }
  /** `lock` is what the scope ends with. `scope` says whether what it is on outlives the plan; where it goes, the lock goes with it. */
  | {
      readonly do: 'restore'
      readonly lock: Lock
      readonly was: Lock
      readonly scope: 'stays' | 'goes'
      /** The lock is declared and differs: restoring it is the change. */
      readonly resource?: Resource
    }
  /** `props` is what this call sends: what a create does not take comes with a later update. */
  | { readonly do: 'create'; readonly resource: Resource; readonly props: unknown; readonly replaces: boolean }
  | {
      readonly do: 'update'
      readonly resource: Resource
      readonly path: string
      readonly old: Existing | undefined
      readonly props: unknown
      readonly fields: readonly FieldChange[]
      readonly phase: FieldChange['phase']
      /** Only the owner's tag is written, by ARM's own call for tags, which sends nothing of the body. */
      readonly tagsAlone?: 'adopt' | 'release'
      /** The verb of the kind's call by which it is made, in place of a write. */
      readonly call?: string
      /** Nothing is written where a look shows it so already, as a call before it may have left it. */
      readonly ifNeeded?: true
    }
  | { readonly do: 'delete'; readonly old: Existing; readonly replaced: boolean }
  /** Looks, writes nothing. `for` says what waits for the proof. */
  | {
      readonly do: 'prove'
      readonly server: ResourceId
      readonly address: string
      readonly endpoints: readonly EndpointProof[]
      readonly depth: ProofDepth
      readonly for: 'cut-over' | 'gate' | 'policy' | 'record'
      /** The server's kind and the verb of the call after which no client reaches it before this look. */
      readonly after?: { readonly kind: string; readonly call: string }
      /** Steps with `unless` wait for what it finds: that a record is not back is no failure yet. */
      readonly decides?: true
    }
  | (Invocation & {
      readonly do: 'invoke'
      /** Why, where it is not the entry itself that asks for it. */
      readonly because?: string
      readonly resource: Resource
    })

/** A step that writes or removes a resource. */
export type Write = Extract<Action, { do: 'create' | 'update' | 'delete' }>

export const isWrite = (action: Action): action is Write => action.do === 'create' || action.do === 'update' || action.do === 'delete'

export type StepId = `${Exclude<Action['do'], 'lift' | 'restore'> | 'unlock' | 'relock'} ${string}`

export interface Step {
  readonly id: StepId
  readonly action: Action
  /** Must have been done. */
  readonly after: readonly StepId[]
  /** Must have ended, however: a lock is restored whatever failed under it. */
  readonly afterEndOf: readonly StepId[]
  /** A look that makes this needless where it finds what it looks for. It is among `after`, too. */
  readonly unless?: StepId
  /** One write at a time on each of these: a server, a network, a zone, a factory. */
  readonly serial: readonly ResourceId[]
  /** Clients may lose a connection while this runs. */
  readonly interrupts: boolean
  /** A client may find a server over it, or without it, and cannot any more: it waits for the proof of the new path. */
  readonly takes?: true
  /** Records that it writes or takes away, looked at once more right before. */
  readonly claims?: readonly RecordClaim[]
  /** It takes a path away without a proof of the new one, as `--allow-interrupt` lets it. */
  readonly unproven: boolean
  readonly wave: number
}

/** Why a plan may not be carried out. `exit` is the exit code it gives. */
export interface Refusal {
  readonly code: string
  readonly address: string
  readonly message: string
  readonly exit: 1 | 4 | 6 | 7
  readonly at?: Position
}

/** Something only a person can move on. */
export interface Waiting {
  readonly address: string
  readonly message: string
  /** This plan leaves out that part of the file until then. */
  readonly leftOut?: true
}

/** A thing the plan says beside its steps. */
export interface Note {
  readonly address: string
  readonly message: string
}

/** A right that this login lacks, and some steps take. */
export interface LackedRight {
  readonly action: string
  readonly scope: ResourceId
  /** The addresses that need it. */
  readonly for: readonly string[]
  /** The setting by which the file does without it. */
  readonly instead?: string
  /** It is the login for locks that lacks it, and not the one that does all else. */
  readonly login?: 'locks'
}

export interface Rights {
  readonly lacking: readonly LackedRight[]
  /** Scopes where Azure does not say what the login may do. */
  readonly unknown: readonly ResourceId[]
}

/** The part of a plan that was asked for, and the addresses of the changes that it leaves out, or leaves a setting of out. */
export interface PartOfPlan extends Selection {
  readonly left: readonly string[]
  /** Absent for a part by addresses. */
  readonly ofDuty?: WorkOfDuty
}

/** The work of one duty, as the whole plan has it. */
export interface WorkOfDuty {
  readonly duty: Duty
  /** Its steps as if none of them waited for another duty, with the windows that they take: rights are asked for all of them. */
  readonly steps: readonly Step[]
  /** The steps of the whole plan that lift and restore locks, for whichever duty. */
  readonly windows: readonly Step[]
  /** The duties that have to write before all of it can be done. */
  readonly waitsFor: readonly Duty[]
  /** The resources of other duties that it builds on: their state is in the digest. */
  readonly inputs: readonly ResourceId[]
}

/** Steps are in an order that can be run one by one; `after` and `afterEndOf` say which may run together. */
export interface Plan {
  readonly changes: readonly Change[]
  readonly steps: readonly Step[]
  readonly refusals: readonly Refusal[]
  readonly waiting: readonly Waiting[]
  readonly notes: readonly Note[]
  /** Ours once, not in the file, and not to be deleted without being asked to. */
  readonly unmanaged: readonly Existing[]
  /** Resources of ours that lie in another place than the file has them, where a second one would be made. */
  readonly moved?: readonly Note[]
  /** Rights of the login that looked: another may have more. */
  readonly rights?: Rights
  /** Endpoints whose connection the login of this part, which asks for it, may approve as well. */
  readonly ownRequests?: readonly Note[]
  /** It could not be read, and no step needs it. */
  readonly unknown: readonly Note[]
  /** Absent for a plan of everything. */
  readonly part?: PartOfPlan
  /** Locks that a run before this one has off, whatever this plan does. */
  readonly locksOff?: readonly Note[]
}
