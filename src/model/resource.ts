import type { ResourceId } from './id.ts'
import type { Body } from './json.ts'
import type { MarkedLock } from './marker.ts'
import type { GroupZone, PathsRead, Peering } from './paths.ts'
import type { ReadNote } from './reads.ts'

/** Something that `removed` names, by an address or an id. */
export interface Sought {
  readonly address: string
  /** Where it would lie; `undefined` where nothing of ours can lie at such an address. */
  readonly at?: { readonly kind: string; readonly path: string }
}

/** The result of looking for a resource that `removed` names. */
export type LookedFor =
  /** Nothing that we know of can lie there. */
  | { readonly as: 'nowhere'; readonly address: string }
  | { readonly as: 'absent'; readonly address: string; readonly path: string }
  | { readonly as: 'unreadable'; readonly address: string; readonly path: string; readonly reason: string }
  | { readonly as: 'there'; readonly address: string; readonly path: string; readonly id: ResourceId }

/** Where in topology.yaml something was asked for. One-based, as editors count. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * A scope that Azure writes to, or deletes from, on our behalf while it does what we asked. A lock
 * there refuses us as if we had gone there ourselves.
 */
export interface Reach {
  readonly scope: ResourceId
  readonly as: 'write' | 'delete'
  /** Azure goes there when it is made, and not when it is changed. */
  readonly only?: 'create'
  /** The source of that claim: printed beside the lock that has to go for it. */
  readonly source: string
}

/**
 * A scope whose own locks Microsoft's how-to wants off while something is added there, although ARM may not
 * refuse. `children` is the type right below it that is meant as well.
 */
export interface Advice {
  readonly scope: ResourceId
  readonly children: string
  readonly source: string
}

/** Something that has to be Approved at both ends before a step makes sense. */
export interface Gate {
  readonly endpoint: ResourceId
  readonly server: ResourceId
}

/** A call that is no write of a resource: testing a linked service, enabling interactive authoring. */
export interface Invocation {
  readonly verb: string
  readonly kind: string
  readonly id: ResourceId
  readonly path: string
  /** Ends in words a reader of the plan understands. */
  readonly title: string
  /** Only after an update that sends back what Azure has stored. */
  readonly only?: 'kept credential'
}

/** One thing that should exist. `props` is normalised: only what is declared, in canonical form. */
export interface Resource {
  readonly kind: string
  readonly id: ResourceId
  readonly path: string
  /** The keys from the top of the file joined by `/`. */
  readonly address: string
  readonly props: unknown
  /** Declared tags, the owner's included; empty for a type that has none. */
  readonly tags: Readonly<Record<string, string>>
  readonly refs: readonly ResourceId[]
  /** The ids that its body may name, each in the casing of its `path`. Absent for one that is never written. */
  readonly written?: ReadonlyMap<ResourceId, string>
  /** The scopes that writing it reaches. */
  readonly reach: readonly Reach[]
  readonly advice: readonly Advice[]
  readonly gates: readonly Gate[]
  readonly invokes: readonly Invocation[]
  readonly at: Position
  /** `false` for an `id` entry: it is read and referred to, never written. */
  readonly managed: boolean
  readonly adopt: boolean
  readonly protect: boolean
  readonly restartAllowed: boolean
  /** A factory that is published from a Git repository is written live all the same. */
  readonly writeLive?: boolean
  /** Its update sends back the credential that Azure has stored, in place of the password. */
  readonly keepsCredential?: boolean
  /** For how long we wait for what a person or Azure does. */
  readonly timeoutMs: number | undefined
  /** For how long a step of each sort may go on, where the file says so. */
  readonly limitsMs?: Readonly<Partial<Record<'create' | 'update' | 'delete', number>>>
}

/** The state of things that move by themselves, which a body says beside the fields that we compare. */
export interface Facts {
  readonly location?: string
  /** `provisioningState`, or a server's `state`. */
  readonly state?: string
  /** The consumer's side of a private endpoint connection. */
  readonly connection?: { readonly status: string; readonly description: string }
  /** A managed endpoint's: the private endpoint behind it, in a subscription of Microsoft's. */
  readonly endpointId?: ResourceId
  /** A server's connection's: the endpoint it comes from. */
  readonly from?: ResourceId
  readonly addresses?: readonly string[]
  /** An integration runtime's own word on how it is, such as Online; nothing of one that is made for each use. */
  readonly runtimeState?: string
  /** Where what lies in it is published from: what is written to it directly goes with the next time. */
  readonly repository?: string
  /** A private endpoint's: the GUID that tells it from another of its name, and the network interfaces that have its addresses. */
  readonly guid?: string
  /** How many names it says of its own: none while it has a zone group, or is not approved. */
  readonly ownNames?: number
  readonly interfaces?: readonly string[]
  /** A zone group's: its zones, each with the record that Azure said it wrote there. */
  readonly zones?: readonly GroupZone[]
  /** A server's: the name that its clients use. */
  readonly fqdn?: string
  /** A zone's: how many record sets, and links to networks, it has. */
  readonly recordSets?: number
  readonly links?: number
  /** Azure is still at a link: the network does not ask the zone yet. */
  readonly linking?: boolean
  /** A network's: the DNS servers that it asks in place of Azure's. */
  readonly dnsServers?: readonly string[]
  /** A network's: the networks that it is peered with, and whether traffic passes. */
  readonly peerings?: readonly Peering[]
  /** It is always there and cannot be deleted: nothing is left to be taken back. */
  readonly atDefault?: boolean
  /** A server parameter's: another value takes effect only with a restart. */
  readonly needsRestart?: boolean
  /** It was written, and is not in force before the server's next restart. */
  readonly pendingRestart?: boolean
  /** A server parameter's: the values that it takes, in Azure's form. */
  readonly takes?: { readonly dataType: string; readonly allowed: string }
  /** A server's: it is a read replica of another. */
  readonly replica?: boolean
  /** A replica's: the server that it follows. */
  readonly source?: ResourceId
  /** How many replicas a server may have. */
  readonly replicaCapacity?: number
  /** The name of the server that it leads to, where Azure gives that in place of an id. */
  readonly host?: string
  /** A subnet's: how many of its addresses are in use. */
  readonly used?: number
  /** It is stopped, and nothing of it can be written before this command starts it. */
  readonly startedBy?: string
}

/** One thing that does exist. */
export interface Existing extends Pick<Resource, 'kind' | 'id' | 'path' | 'address' | 'props' | 'tags' | 'refs'> {
  /** The scopes that removing it reaches. */
  readonly reach: readonly Reach[]
  readonly facts: Facts
}

/** A resource that a read has shown. */
export interface Present extends Omit<Existing, 'kind' | 'id' | 'path' | 'address'> {
  readonly state: 'present'
}

/** A resource as a read found it. `unreadable` is not `absent`: a 403 must never turn into a create or a delete. */
export type Observed =
  | { readonly state: 'absent' }
  | Present
  /** `busy`: it is there, and Azure is still doing this to it. */
  | { readonly state: 'unreadable'; readonly reason: string; readonly busy?: string }

/** A resource that is there, or nothing. */
export const present = (observed: Observed | undefined): Extract<Observed, { state: 'present' }> | undefined =>
  observed?.state === 'present' ? observed : undefined

export type LockLevel = 'CanNotDelete' | 'ReadOnly'

export interface Lock {
  readonly scope: ResourceId
  /** The lock's own id, in the casing it was created with. */
  readonly path: string
  readonly name: string
  readonly level: LockLevel
  /** As read, to be restored exactly: level, notes, owners. */
  readonly properties: Body
}

export type Desired = ReadonlyMap<ResourceId, Resource>

/** One resource as read, under the id the topology computed for it; `path` is where it really is. */
export interface Found {
  readonly kind: string
  readonly path: string
  readonly observed: Observed
}

/** One of a collection, declared or not. */
export interface Listed {
  readonly path: string
  readonly observed: Observed
}

/** The resource as it was read; `undefined` where there is none, or where it could not be read. */
export function presentIn({ resources }: Pick<Live, 'resources'>, id: ResourceId | undefined): Present | undefined {
  const observed = id === undefined ? undefined : resources.get(id)?.observed
  return observed?.state === 'present' ? observed : undefined
}

/** The collection of a kind in what it lies in. */
export const listKey = (kind: string, parent: ResourceId): string => `${kind} ${parent}`

export interface Live {
  readonly resources: ReadonlyMap<ResourceId, Found>
  readonly locks: readonly Lock[]
  /** Every lock as Azure lists it, markers and all. */
  readonly listedLocks: readonly Lock[]
  /** Locks that some run has off, as Azure remembers them: in `locks` they are as if they were on. */
  readonly marked: readonly MarkedLock[]
  readonly damagedMarkers: readonly Lock[]
  /** Scopes whose locks this login may not list. */
  readonly locksUnreadable: readonly ResourceId[]
  /** Tagged as this topology's, and in it no longer. Only looked for when something may be deleted. */
  readonly unmanaged: readonly Existing[]
  /** The resources that `removed` names. */
  readonly sought: readonly LookedFor[]
  /** For a group or zone that is to go: what lies in it that is not ours, or is protected by a tag. */
  readonly undeclaredInside: ReadonlyMap<ResourceId, readonly string[]>
  readonly paths: PathsRead
  /** Zone groups that were not read, since a record stood for each. */
  readonly byRecord: ReadonlySet<ResourceId>
  /** The decisions how all this was read. */
  readonly readNotes: readonly ReadNote[]
  /** Collections that were read whole, by {@link listKey}: what is in them and in no file is seen without another call. */
  readonly lists: ReadonlyMap<string, readonly Listed[]>
}
