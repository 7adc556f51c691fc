import {
  createHttpHeaders,
  createPipelineRequest,
  type PipelinePolicy,
  type PipelineRequest,
  type SendRequest
} from '@azure/core-rest-pipeline'
import { type Body, isBody, type Json, overlay } from '../model/json.ts'
import { carryFlag } from './call.ts'
import { ArmError, isPreconditionFailed, parsed } from './error.ts'
import type { Look } from './precondition.ts'

/**
 * A PUT replaces the whole resource: members that others set on it must be sent along, or they are gone. The SDK's models cannot do that:
 * reading drops members that they do not know, and fills in defaults that a write would then make real. So we lay the body over the raw one
 * as it goes out. A PATCH keeps by itself what it does not mention, but for tags, which it replaces as a whole. A body that was just read
 * for comparison is not read again, and the write goes out with its etag where the provider honours that.
 */
export const carry = (look: Look | undefined): PipelinePolicy => ({
  name: 'carry',
  async sendRequest(request, next) {
    const asked = request.headers.get(carryFlag) !== undefined
    request.headers.delete(carryFlag)
    if (request.method === 'GET') return reading(request, next, look)
    const shown = look?.take(request.url)
    const precondition = look?.preconditionFor(request.method, request.url, shown) ?? {}
    for (const [name, value] of Object.entries(precondition)) request.headers.set(name, value)
    const send = (): ReturnType<SendRequest> =>
      next(request).catch(error => {
        if (isPreconditionFailed(error)) look?.refuse(precondition)
        throw error
      })
    // The flag is also on the polls of the operation that the PUT starts.
    const sent = parsed(request.body as string) as Body | undefined
    const patchesTags = request.method === 'PATCH' && sent?.['tags'] !== undefined
    if (!asked || !(request.method === 'PUT' || patchesTags)) return send()

    const there = writable(shown === undefined || shown === 'absent' ? await bodyAt(request, next) : shown.body)
    const kept = { ...there, ...(there['tags'] !== undefined && { tags: otherTags(there['tags'], sent?.['tags']) }) }
    request.body = JSON.stringify(
      patchesTags ? { ...sent, tags: overlay(kept.tags ?? {}, sent['tags'] as Json) } : overlay(kept, (sent ?? {}) as Json)
    )
    return send()
  }
})

async function reading(request: PipelineRequest, next: SendRequest, look: Look | undefined): ReturnType<SendRequest> {
  try {
    const response = await next(request)
    const body = parsed(response.bodyAsText)
    if (response.status === 200 && isBody(body)) look?.remember(request.url, { body, etag: etagOf(response.headers.get('etag'), body) })
    return response
  } catch (error) {
    if (error instanceof ArmError && error.status === 404) look?.remember(request.url, 'absent')
    throw error
  }
}

/** Private DNS sends a header; Data Factory has it in the body, `eTag` on a factory and `etag` on what lies in it [REC-ADF]. */
function etagOf(header: string | undefined, body: Body): string | undefined {
  const own = header ?? body['etag'] ?? body['eTag']
  return typeof own === 'string' ? own : undefined
}

async function bodyAt({ url, abortSignal }: PipelineRequest, next: SendRequest): Promise<Body> {
  const headers = createHttpHeaders({ accept: 'application/json' })
  const found = await next(createPipelineRequest({ url, headers, ...(abortSignal && { abortSignal }) }))
  return (parsed(found.bodyAsText) ?? {}) as Body
}

/** Tags that are not sent, under no spelling: a name has no case in ARM, and two that differ in nothing else are refused. */
function otherTags(there: Json, sent: Json | undefined): Json {
  const names = new Set(Object.keys((sent ?? {}) as Body).map(name => name.toLowerCase()))
  return Object.fromEntries(Object.entries(there as Body).filter(([name]) => !names.has(name.toLowerCase())))
}

/** Without what ARM itself puts on every resource and would not take back. */
function writable(body: Body): Body {
  const { id: _id, name: _name, type: _type, etag: _etag, systemData: _systemData, ...rest } = body
  return rest
}
