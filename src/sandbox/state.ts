import { randomUUID } from 'node:crypto'
import type { ArmBody, Json, JsonObject } from './json.ts'
import type { RandomState } from './random.ts'
import type { ErrorDetail } from './refusal.ts'

/** One resource. Members that Azure adds to an answer are not in it. */
export interface StoredResource {
  /** In the casing that its provider keeps. */
  readonly id: string
  /** In its provider's casing, or as seeded where no provider knows it. */
  readonly type: string
  /** The body as sent and kept, without id, name, type and etag. */
  readonly body: ArmBody
  /** Facts that the provider remembers of it and does not send back as they are. */
  readonly memory: JsonObject
  /** provisioningState, or what its provider calls it. */
  readonly provisioning: string
  /** A guid that changes with every change; each provider dresses it in its own way. */
  readonly etag: string
  readonly createdAt: number
  /** The time of the last write to it; absent when it was never changed. */
  readonly changedAt?: number
}

/** How the provider of an operation answers for it. */
export type OperationStyle = 'network' | 'postgres' | 'privateDns' | 'dataFactory' | 'resourceGroup' | 'sync'

export interface Operation {
  /** The last segment of its address. */
  readonly id: string
  readonly style: OperationStyle
  /** Azure's name for it, such as PutSubnetOperation. */
  readonly name: string
  readonly method: 'PUT' | 'PATCH' | 'DELETE' | 'POST'
  readonly resource: string
  /** Paths of the status and of the result, without the id. */
  readonly statusAt: string
  readonly resultAt: string
  readonly apiVersion: string
  /** Seconds; absent where the provider sends none. */
  readonly retryAfter?: number
  readonly startedAt: number
  readonly dueAt: number
  readonly status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled'
  /** While in progress: what it is going to fail with. */
  readonly error?: ErrorDetail
  /** The resource as it was before, for what has to be undone elsewhere. */
  readonly before?: StoredResource
  /** The body that takes effect only when the operation is done. */
  readonly staged?: { readonly body: ArmBody; readonly memory: JsonObject }
  /** An action's answer when it is done. */
  readonly result?: Json
}

/** Something that will happen. Data and not a function, so that it is still going to happen after a save and a load. */
export interface Pending {
  readonly dueAt: number
  /** `operation` for the end of one, else the name of a provider's effect. */
  readonly effect: string
  readonly args: JsonObject
}

/** A lock that was deleted or lowered, and goes on refusing for a while. */
export interface SettlingLock {
  readonly scope: string
  readonly level: 'CanNotDelete' | 'ReadOnly'
  readonly until: number
}

/** The whole estate, as plain JSON. */
export interface SandboxState {
  readonly version: 1
  /** Tells this estate from every other one, whoever serves it and where. A state of an older sandbox has none. */
  readonly estate?: string
  readonly now: number
  readonly random: RandomState
  readonly resources: readonly StoredResource[]
  readonly operations: readonly Operation[]
  readonly pending: readonly Pending[]
  readonly settlingLocks: readonly SettlingLock[]
}

/** The changes of an estate since an earlier moment: laid over the state of then, they give the state of now. */
export interface StateDelta {
  readonly now: number
  readonly random: RandomState
  readonly put: readonly StoredResource[]
  /** Ids of resources that are no more, as keys. */
  readonly gone: readonly string[]
  readonly operations: readonly Operation[]
  readonly forgotten: readonly string[]
  /** The whole list, where it has changed. */
  readonly pending?: readonly Pending[]
  readonly settlingLocks?: readonly SettlingLock[]
}

export const emptyState = (now: number, seed: number): SandboxState => ({
  version: 1,
  // Not of the seeded sequence: two sandboxes that begin alike are two estates.
  estate: randomUUID(),
  now,
  random: { at: seed },
  resources: [],
  operations: [],
  pending: [],
  settlingLocks: []
})
