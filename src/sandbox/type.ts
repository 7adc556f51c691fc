import type { Behaviours } from './behaviours.ts'
import type { Timing } from './durations.ts'
import type { ArmBody, Json, JsonObject } from './json.ts'
import type { Random } from './random.ts'
import type { ErrorDetail, Refusal } from './refusal.ts'
import type { SentHeaders } from './request.ts'
import type { Principal } from './rights/principals.ts'
import type { Operation, OperationStyle, StoredResource } from './state.ts'
import type { Put, Store } from './store.ts'

/*
 * A provider's file exports a Provider, an object literal with one ResourceType for each type,
 * and providers/index.ts lists it. A type says only where it differs from the defaults named below; the core does
 * paths, casing, api-versions, groups, parents, locks, operations, lists and paging for all of them.
 *
 * The life of a write, in the order in which the hooks are called:
 *
 *   linked    names the rights it takes elsewhere         (403)
 *   check     may refuse at once                           (400, 404, 409, 412, 429)
 *   outcome   may let it be accepted and then fail         (the operation ends Failed; nothing is kept)
 *   reach     scopes Azure goes to on our behalf           (a lock there fails the operation in the same way)
 *   kept      what is stored of the body that was sent
 *   accepted  what happens at once, beside the answer      (children named in the body, a network interface)
 *   …the operation runs for as long as `timing` says; the resource shows the state of `states`…
 *   done      what happens when it has succeeded           (the other end of a connection, DNS records); may still fail it
 *   removed   after a delete, or when it went with its parent or group
 *
 * `show` runs whenever the resource is read and computes what Azure adds. It must not change anything.
 * Hooks work on data only: what is to happen later goes through `world.schedule`, never through a timer or a closure.
 */

/** The means of a hook. */
export interface World {
  readonly store: Store
  readonly behaviours: Behaviours
  /** The principals that can ask; everybody can where there are none. */
  readonly principals: readonly Principal[]
  readonly random: Random
  /** In milliseconds. While pending work runs, the time it was due at. */
  readonly now: number
  /** The type by its name, for what one provider needs of another's: where a private endpoint leads to. */
  type(name: string): ResourceType | undefined
  /** As Azure writes a time, with seven digits after the second. */
  time(at?: number): string
  /** The resource as a GET would show it, for embedding it in another one. */
  show(resource: StoredResource, reading?: Partial<Reading>): ArmBody
  put(put: Put): StoredResource
  /** Takes away a resource with everything beneath it, locks included, and runs their `removed`. */
  remove(id: string): void
  /** Runs an effect of some provider's `effects` after this long. */
  schedule(afterMs: number, effect: string, args: JsonObject): void
  /** Operations in progress on a resource or on anything beneath it. */
  inFlight(id: string): Operation[]
  /** Scopes whose locks refuse this: the resource's own, its parents', and for a delete also those beneath. */
  lockedBy(id: string, as: 'write' | 'delete'): string[]
}

export interface Write {
  readonly method: 'PUT' | 'PATCH' | 'DELETE'
  readonly id: string
  /** The body as sent; empty for a DELETE. */
  readonly sent: ArmBody
  /** The body that results: as sent for a PUT, laid over what is there for a PATCH. */
  readonly body: ArmBody
  readonly live: StoredResource | undefined
  readonly apiVersion: string
  readonly headers: SentHeaders
  /** Put in place by a seed, as if written long ago: what is asked only of a request, or made only by Azure, is taken as it is. */
  readonly seeded?: true
}

/** A write that has been accepted, or is done. */
export interface Change {
  readonly method: 'PUT' | 'PATCH' | 'DELETE'
  readonly resource: StoredResource
  /** As it was before the write; undefined when the write created it. */
  readonly before: StoredResource | undefined
  readonly apiVersion: string
}

export interface Reading {
  /** Some providers show more, or less, in one answer than in another. */
  readonly in: 'GET' | 'LIST' | 'PUT' | 'PATCH'
  readonly apiVersion: string
}

/** A scope that Azure writes to, or deletes from, on our behalf. */
export interface Reach {
  /** As it stands in the message: not the target itself but what Azure would write in it. */
  readonly scope: string
  readonly as: 'write' | 'delete'
  /** The type that the network provider says it called, such as Microsoft.DBforPostgreSQL/flexibleServers. */
  readonly calls: string
}

/** A right that a write takes where its body leads to, beside the right on the resource itself. */
export interface Link {
  readonly scope: string
  readonly action: string
}

export interface Answer {
  readonly status: number
  readonly body?: Json
  readonly headers?: Readonly<Record<string, string>>
}

export interface Call {
  /** The resource that the action is called on; of a provider's function, undefined. */
  readonly resource: StoredResource | undefined
  readonly subscription: string
  readonly resourceGroup: string | undefined
  /** The names in the path, from the outermost: of `locations/eastus/capabilities`, ['eastus']. */
  readonly names: readonly string[]
  readonly body: JsonObject
  readonly apiVersion: string
  /** How a fault has the operation end: what it would have done is not done. */
  readonly operationFault?: ErrorDetail
}

/** An action answers at once, or with an operation that the core starts in the provider's style. */
export type ActionResult =
  | Answer
  | Refusal
  | {
      readonly operation: string
      readonly ms: number
      /** Where it is not that of the type's writes. */
      readonly style?: OperationStyle
      readonly retryAfter?: number
      readonly result?: Json
      readonly error?: ErrorDetail
    }

/** One type of a provider. Members that are absent have the defaults named with them. */
export interface ResourceType {
  /** In the casing Azure returns. */
  readonly type: string
  /** Those known of, oldest first. It answers to every date from the first one to today; these are the ones it names when asked. */
  readonly apiVersions: readonly string[]
  readonly style: OperationStyle
  /** Status of a `sync` PUT that creates; 201 when absent. */
  readonly createdStatus?: 200 | 201
  readonly timing: Timing
  /** In milliseconds, in place of what `timing` says, where a write takes more or less time from case to case. */
  duration?(world: World, write: Write): number
  /** Azure's name of the operation: PutSubnetOperation, UpsertServerManagementOperationV2, UpsertPrivateDnsZone. */
  operationName?(write: Write): string
  /** How a location is required and kept; `none`, the default, for types without one. */
  readonly location?: 'short' | 'display' | 'global' | 'none'
  /** The methods beside GET; PUT and DELETE when absent. */
  readonly methods?: readonly ('PUT' | 'PATCH' | 'DELETE')[]
  /** When a write can be seen: `atOnce`, the default, in a transitional state; `whenDone` for types that show nothing of it before. */
  readonly visible?: 'atOnce' | 'whenDone'
  /** Words for the state; the network provider's when absent: Updating, Updating, Deleting, Succeeded. */
  readonly states?: { readonly creating: string; readonly updating: string; readonly deleting: string; readonly settled: string }
  /** Whether a failed create leaves the resource behind in state Failed; the network provider's do. */
  readonly failedStays?: boolean
  /** How ARM says that the parent is missing; ResourceNotFound, naming the parent, when absent. */
  readonly parentMissing?: 'ResourceNotFound' | 'ParentResourceNotFound'
  /** Which answers carry the body's etag as a header; none when absent. */
  readonly etagHeader?: 'GET' | 'all'
  /** Where answers that lead to an operation of the network provider have no `azure-asyncnotification`. */
  readonly asyncNotification?: false
  /** Whether a GET with If-None-Match and the etag of the body is answered with 304. */
  readonly conditionalGet?: true
  /** The switch that bounds its pages beside the one of all lists. */
  readonly pagedBy?: 'privateDnsPageSize'
  /** The version from which on answers have the member `type`; absent where all have it. */
  readonly typeShownFrom?: string
  /** Lies on any scope: a lock, which is not locked itself, or a role assignment, which is. */
  readonly extension?: boolean
  /** Whether the answer to a `sync` DELETE is what was deleted. */
  readonly shownWhenDeleted?: true

  /** The id that is kept, for providers that change its casing (names lower-cased by Private DNS and Data Factory). */
  identity?(id: string): string
  /** The rights that a write takes beside the one on the resource itself; nothing when absent. */
  linked?(world: World, write: Write): readonly Link[]
  check?(world: World, write: Write): Refusal | undefined
  outcome?(world: World, write: Write): ErrorDetail | undefined
  /**
   * Asked with the body as it was and, unless it is a delete, with the new one: what only the old one reaches is deleted there. Asked when
   * the write is accepted and again when its operation ends. `before` is what was there before the write.
   */
  reach?(world: World, id: string, body: ArmBody, method: Write['method'], before: StoredResource | undefined): readonly Reach[]
  /** The body without id, name, type and etag when absent. */
  kept?(world: World, write: Write): { readonly body: ArmBody; readonly memory?: JsonObject }
  accepted?(world: World, change: Change): void
  done?(world: World, change: Change): ErrorDetail | undefined
  removed?(world: World, resource: StoredResource): void
  /** Laid over {id, name, type}; what is kept, with provisioningState among its properties, when absent. */
  show?(world: World, resource: StoredResource, reading: Reading): ArmBody
  /** A GET's answer in place of the kept body: shown though it has gone, or refused though it is still there. */
  read?(world: World, id: string, live: StoredResource | undefined): StoredResource | Refusal | undefined
  /** One that is there without ever having been put (a server's parameter); `members` lists those. */
  given?(world: World, id: string): StoredResource | undefined
  /** Why nothing of it can be read at present, neither by its id nor in the list of its parent, which is in `id` then. */
  closed?(world: World, id: string): Refusal | undefined
  /** How a missing one is answered; ARM's ResourceNotFound when absent. */
  missing?(world: World, id: string): Refusal
  /** The members of a collection that are not the resources of this type beneath it (the `ALL` of a zone). */
  members?(world: World, scope: string, filter: string | undefined): readonly StoredResource[]
  /** GETs beneath a resource that answer a question and are no resources, by the last segment of the path. */
  readonly questions?: Readonly<Record<string, (world: World, about: StoredResource, asked: URLSearchParams) => Answer | Refusal>>
  /** POSTs, by the last segment of the path. */
  readonly actions?: Readonly<Record<string, (world: World, call: Call) => ActionResult>>
  /** For types that private endpoints can lead to. */
  readonly privateLink?: PrivateLinkTarget
}

/**
 * The side of a private link connection that owns the service. Private endpoints (Microsoft.Network) and managed
 * private endpoints (Data Factory) go through this and know nothing of the target's type.
 */
export interface PrivateLinkTarget {
  readonly groupIds: readonly string[]
  /** The one zone name in which its endpoints are found, for each group id. */
  zoneName(target: StoredResource, groupId: string): string
  fqdn(target: StoredResource, groupId: string): string
  /** Why this very target takes no private endpoints (one integrated into a virtual network, for instance). */
  refuses(world: World, target: StoredResource): Refusal | undefined
  /** Makes the connection on the target and returns its id. */
  connect(world: World, request: ConnectionRequest): string
  /** Ends it from the endpoint's side. Nothing happens when it is gone already. */
  disconnect(world: World, connection: string): void
}

export interface ConnectionRequest {
  readonly target: string
  readonly privateEndpoint: string
  readonly groupIds: readonly string[]
  readonly status: 'Approved' | 'Pending'
  /** The request message of a manual connection; absent when none was given. */
  readonly description?: string
}

/** GET or POST at a subscription or a location, not on a resource: checkNameAvailability, capabilities. */
export interface ProviderFunction {
  readonly method: 'GET' | 'POST'
  /** The types of its path joined: `locations/checkNameAvailability`. */
  readonly path: string
  readonly apiVersions: ResourceType['apiVersions']
  run(world: World, call: Call): ActionResult
}

export interface Provider {
  readonly namespace: string
  readonly types: readonly ResourceType[]
  readonly functions?: readonly ProviderFunction[]
  /**
   * After an operation on any provider's resource is done, or the resource has gone, for what follows it elsewhere:
   * the other end of a private link connection, a zone's link to a network.
   */
  noticed?(world: World, resource: StoredResource): void
  /** By names that begin with the namespace, since all providers share one list. */
  readonly effects?: Readonly<Record<string, (world: World, args: JsonObject) => void>>
}
