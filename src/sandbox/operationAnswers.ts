import { createHash } from 'node:crypto'
import { typeOf } from './armPath.ts'
import type { Core } from './core.ts'
import type { Json, JsonObject } from './json.ts'
import { errorJson } from './refusal.ts'
import type { Operation } from './state.ts'
import type { Answer } from './type.ts'

/** For how long after its end an operation can be asked for. */
/** Without a signature: as it stands in the text of errors. */
export const bareStatusUrl = (origin: string, operation: Operation): string =>
  `${origin}${operation.statusAt}${operation.id}?api-version=${operation.apiVersion}`

/** A header has no other characters; the casing and the blanks of a path are as its provider writes them. */
const inHeader = (path: string): string => path.replaceAll(/[^\x20-\x7e]+/gu, encodeURIComponent)

const url = (core: Core, origin: string, at: string, { id, apiVersion }: Operation): string =>
  `${origin}${inHeader(at)}${id}?api-version=${apiVersion}${core.behaviours.signedOperationUrls ? signature(core, at + id) : ''}`

/** Looks like the real one in form and length (CORPUS); `t` is in .NET's ticks and differs in every answer. */
function signature(core: Core, of: string): string {
  const ticks = 621_355_968_000_000_000n + BigInt(core.now) * 10_000n
  const hash = createHash('sha256').update(`${of}${ticks}`).digest('base64url')
  return `&t=${ticks}&c=${hash.repeat(62)}&s=${hash.repeat(8)}&h=${hash}`
}

const seconds = (core: Core, retryAfter: number): string => `${Math.max(1, Math.ceil(retryAfter / core.speed))}`

/** Headers that lead to an operation, in the style of its provider. */
export function operationHeaders(core: Core, origin: string, operation: Operation): Record<string, string> {
  const { style, method, retryAfter } = operation
  const wait = retryAfter === undefined ? {} : { 'retry-after': seconds(core, retryAfter) }
  const location = { location: url(core, origin, operation.resultAt, operation) }
  const status = { 'azure-asyncoperation': url(core, origin, operation.statusAt, operation) }
  switch (style) {
    case 'sync':
      return {}
    case 'resourceGroup':
      return { ...location, ...wait }
    case 'network':
      // A change of tags is no long-running operation [SDK-NET].
      if (method === 'PATCH') return {}
      // A PUT has no Location (CORPUS).
      return { ...status, ...(method === 'PUT' ? {} : location), ...notification(core, operation), ...wait }
    case 'postgres':
    case 'privateDns':
    case 'dataFactory':
      return { ...status, ...location, ...wait }
    default:
      return style satisfies never
  }
}

const notification = ({ registry }: Core, { resource }: Operation): Record<string, string> =>
  registry.type(typeOf(resource))?.asyncNotification === false ? {} : { 'azure-asyncnotification': 'Enabled' }

/** PostgreSQL knew nothing any more of an operation that was asked for again after ten and a half hours (CORPUS). */
const isForgotten = ({ now }: Core, { style, dueAt }: Operation): boolean => style === 'postgres' && dueAt < now - 10 * 60 * 60_000

/** The answer to a question after an operation, by either of its addresses; undefined when no such operation is known. */
export function pollOperation(core: Core, origin: string, segments: readonly string[]): Answer | undefined {
  const operation = core.store.operations.get(segments.at(-1) ?? '')
  if (operation === undefined || isForgotten(core, operation)) return undefined
  const { style, method } = operation
  const running = operation.status === 'InProgress'
  const asked = (core.polls.get(operation.id) ?? 0) + 1
  core.polls.set(operation.id, asked)
  const headers = pollHeaders(core, origin, operation, asked)
  const forResult = /results$/i.test(segments.at(-2) ?? '')
  if (forResult && style === 'network' && method === 'DELETE' && !running)
    return { status: 204, headers: withoutWait(core, origin, operation) }
  if (forResult) return resultAnswer(core, operation, headers)
  // Private DNS alone says with the status too that it is not done.
  return { status: running && style === 'privateDns' ? 202 : 200, body: statusBody(core, operation), headers }
}

/** The result of a network's delete still leads to the operation, and to itself (CORPUS). */
function withoutWait(core: Core, origin: string, operation: Operation): Record<string, string> {
  const { retryAfter: _over, ...rest } = operation
  return operationHeaders(core, origin, rest)
}

function pollHeaders(core: Core, origin: string, operation: Operation, asked: number): Record<string, string> {
  const { style, status, retryAfter } = operation
  const running = status === 'InProgress'
  switch (style) {
    case 'postgres':
      // On the last answer too (CORPUS).
      return retryAfter === undefined ? {} : { 'retry-after': seconds(core, retryAfter) }
    case 'privateDns':
    case 'dataFactory':
    case 'resourceGroup':
      return running ? operationHeaders(core, origin, operation) : {}
    case 'network':
    case 'sync': {
      const wait = Math.min(100, (retryAfter ?? 10) * (core.behaviours.networkPollBackoff ? 2 ** (asked - 1) : 1))
      return running ? { 'retry-after': seconds(core, wait) } : {}
    }
    default:
      return style satisfies never
  }
}

function statusBody(core: Core, operation: Operation): JsonObject {
  const { id, style, status } = operation
  const error = status === 'InProgress' ? undefined : operation.error
  switch (style) {
    case 'postgres':
      return { name: id, status, startTime: core.time(operation.startedAt), ...(error && { error: errorJson(error) }) }
    case 'privateDns':
      return { ...(error && { error: errorJson(error) }), status }
    case 'dataFactory':
      return { status, name: id, properties: null, error: error ? errorJson(error) : null }
    case 'network':
    case 'resourceGroup':
    case 'sync':
      return { status, ...(error && { error: errorJson({ details: [], ...error }) }) }
    default:
      return style satisfies never
  }
}

function resultAnswer(core: Core, operation: Operation, headers: Record<string, string>): Answer {
  const { style, status, apiVersion, result } = operation
  const written = style === 'privateDns' && status === 'Succeeded' ? core.store.get(operation.resource) : undefined
  const answer = written ? core.show(written, { in: 'GET', apiVersion }) : result
  const body: { readonly body?: Json } = answer === undefined ? {} : { body: answer }
  if (status === 'InProgress') return { status: 202, headers, ...(style === 'network' && { body: null }) }
  return { status: 200, headers, ...body }
}
