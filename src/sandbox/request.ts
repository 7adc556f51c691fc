import type { ArmPath } from './armPath.ts'
import type { JsonObject } from './json.ts'
import { type ErrorDetail, gatewayErrors, type Refusal } from './refusal.ts'
import type { Caller } from './rights/caller.ts'
import type { ResourceType } from './type.ts'

/** A request as it was sent: less than a Request of the web, whose classes take long to load. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: SentHeaders
  text(): Promise<string>
}

export type SentHeaders = Pick<Headers, 'get'>

/** A request that has been read, and what a fault wants of its operation. */
export interface ArmRequest {
  readonly method: string
  readonly url: URL
  readonly path: ArmPath
  readonly apiVersion: string
  readonly headers: SentHeaders
  readonly caller: Caller
  /** Empty where none was sent, and where what was sent is no JSON object. */
  readonly body: JsonObject
  /** Whether what was sent as the body is no JSON object, which is said only once it is known whom the request is for. */
  readonly malformed?: true
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

/** Why the body cannot be taken. ARM asks only when it knows whom a request is for: clients send templates with comments in them. */
export const unreadable = ({ malformed }: ArmRequest): Refusal | undefined =>
  malformed && gatewayErrors.invalidBody('Unexpected character encountered while parsing value')
