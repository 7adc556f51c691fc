import type { ArmPath } from './armPath.ts'
import type { JsonObject } from './json.ts'
import type { ErrorDetail } from './refusal.ts'
import type { Caller } from './rights/caller.ts'
import type { ResourceType } from './type.ts'

/** A request that has been read, and what a fault wants of its operation. */
export interface ArmRequest {
  readonly method: string
  readonly url: URL
  readonly path: ArmPath
  readonly apiVersion: string
  readonly headers: Headers
  readonly caller: Caller
  readonly body: JsonObject
  readonly operationFault?: ErrorDetail
}

/** The resource that a path leads to. */
export interface Target {
  readonly type: ResourceType
  /** In the casing its provider keeps. */
  readonly id: string
  /** In the casing of the request, which is how ARM's refusals name it. */
  readonly requested: string
}
