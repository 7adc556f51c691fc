import { groupNameOf, shortOf } from './armPath.ts'
import type { Json } from './json.ts'

export interface ErrorDetail {
  readonly code: string
  readonly message: string
  readonly target?: string
  readonly details?: readonly ErrorDetail[] | null
}

/** An error answer. Also what an operation ends with, then without a status. */
export interface Refusal extends ErrorDetail {
  readonly status: number
  /** `gateway` when ARM itself answers, `service` when the provider does: the header x-ms-failure-cause. */
  readonly cause?: 'gateway' | 'service'
  /** In seconds. */
  readonly retryAfter?: number
  /** Private DNS sends its errors without the `error` member around them (CORPUS). */
  readonly bare?: boolean
}

export const isRefusal = (value: object): value is Refusal => 'code' in value && 'message' in value && 'status' in value

/** The error as JSON, in the order of members that Azure writes. */
export function errorJson(error: ErrorDetail): { readonly [key: string]: Json } {
  return {
    code: error.code,
    message: error.message,
    ...(error.target !== undefined && { target: error.target }),
    ...(error.details !== undefined && { details: error.details === null ? null : error.details.map(errorJson) })
  }
}

/** Azure may well have it: whoever reads the refusal must not look for a slip of his own. */
const notPlayed = ' It is not played by the pglink sandbox.'

const gateway = (status: number, code: string, message: string): Refusal => ({ status, code, message, cause: 'gateway' })

/** ARM's own words, which are the same whatever the provider. */
export const gatewayErrors = {
  missingApiVersion: () =>
    gateway(400, 'MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required for all requests.'),
  invalidApiVersion: (version: string, supported: string) =>
    gateway(400, 'InvalidApiVersionParameter', `The api-version '${version}' is invalid. The supported versions are '${supported}'.`),
  noRegisteredProvider: (location: string, version: string, type: string, supported: readonly string[], regions: readonly string[]) =>
    gateway(
      400,
      'NoRegisteredProviderFound',
      `No registered resource provider found for location '${location}' and API version '${version}' for type '${type}'. The supported api-versions are '${supported.join(', ')}'. The supported locations are '${regions.join(', ')}'.`
    ),
  invalidSubscription: (id: string) =>
    gateway(400, 'InvalidSubscriptionId', `The provided subscription identifier '${id}' is malformed or invalid.`),
  invalidNamespace: (namespace: string) =>
    gateway(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.${notPlayed}`),
  invalidType: (type: string, namespace: string, version: string) =>
    gateway(
      404,
      'InvalidResourceType',
      `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${version}'.${notPlayed}`
    ),
  invalidBody: (problem: string) =>
    gateway(400, 'InvalidRequestContent', `The request content was invalid and could not be deserialized: '${problem}'.`),
  invalidFilter: (filter: string) =>
    gateway(400, 'InvalidFilterInQueryString', `Invalid $filter '${filter}' specified in the query string.`),
  methodNotAllowed: (method: string) =>
    gateway(405, 'HttpMethodNotAllowed', `The requested resource does not support http method '${method}'.`),
  pathNotFound: (path: string) => gateway(404, 'NotFound', `No handler was found for the path '${path}'.${notPlayed}`),
  locationRequired: () => gateway(400, 'LocationRequired', 'The location property is required for this definition.'),
  locationNotAvailable: (location: string, type: string, regions: readonly string[]) =>
    gateway(
      400,
      'LocationNotAvailableForResourceType',
      `The provided location '${location}' is not available for resource type '${type}'. List of available regions for the resource type is '${regions.join(',')}'.`
    ),
  locationChanged: (id: string, location: string, wanted: string) =>
    gateway(
      409,
      'InvalidResourceLocation',
      `The resource '${id.slice(id.lastIndexOf('/') + 1)}' already exists in location '${location}' in resource group '${groupNameOf(id)}'. A resource with the same name cannot be created in location '${wanted}'. Please select a new resource name.`
    ),
  groupNotFound: (name: string) => gateway(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`),
  groupBeingDeleted: (name: string) =>
    gateway(409, 'ResourceGroupBeingDeleted', `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`),
  notFound: (id: string) =>
    gateway(
      404,
      'ResourceNotFound',
      `The Resource '${shortOf(id)}' under resource group '${groupNameOf(id)}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`
    ),
  parentNotFound: (verb: string, type: string, parent: string) =>
    gateway(
      404,
      'ParentResourceNotFound',
      `Failed to perform '${verb}' on resource(s) of type '${type}', because the parent resource '${parent}' could not be found.`
    ),
  nestedExist: (nested: readonly string[]) =>
    gateway(
      409,
      'CannotDeleteResource',
      `Cannot delete resource while nested resources exist. Some existing nested resource IDs include: '${nested.map(shortOf).join(', ')}'. Please delete all nested resources before deleting this resource.`
    ),
  // A POST is a write here too (azure-sdk-for-java#2560).
  scopeLocked: (scope: string, as: 'write' | 'delete', locked: readonly string[]) =>
    gateway(
      409,
      'ScopeLocked',
      `The scope '${scope}' cannot perform ${as} operation because following scope(s) are locked: '${locked.join(',')}'. Please remove the lock and try again.`
    )
} as const

/** Network's answer for a reference that leads nowhere, HTTP 400 (CORPUS). */
export const invalidReference = (missing: string, by: string): Refusal => ({
  status: 400,
  code: 'InvalidResourceReference',
  message: `Resource ${missing} referenced by resource ${by} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`,
  details: []
})
