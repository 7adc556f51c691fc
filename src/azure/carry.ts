import { createHttpHeaders, createPipelineRequest, type PipelinePolicy } from '@azure/core-rest-pipeline'
import { type Body, type Json, overlay } from '../model/json.ts'
import { carryFlag } from './call.ts'
import { parsed } from './error.ts'

/**
 * A PUT replaces the whole resource: what others set on it must be sent along, or it is gone. The SDK's
 * models cannot do that. Reading drops members they do not know and fills in defaults of their own, and
 * writing what was read would make those real. So the body is laid over what is there as it goes out. A PATCH
 * keeps by itself what it does not mention, but for tags: those it replaces as a whole.
 */
export const carry: PipelinePolicy = {
  name: 'carry',
  async sendRequest(request, next) {
    const asked = request.headers.get(carryFlag) !== undefined
    request.headers.delete(carryFlag)
    // The flag is also on the polls of the operation that the PUT starts.
    const sent = parsed(request.body as string) as Body | undefined
    const patchesTags = request.method === 'PATCH' && sent?.['tags'] !== undefined
    if (!asked || !(request.method === 'PUT' || patchesTags)) return next(request)

    const { url, abortSignal } = request
    const found = await next(
      createPipelineRequest({ url, headers: createHttpHeaders({ accept: 'application/json' }), ...(abortSignal && { abortSignal }) })
    )
    const there = writable((parsed(found.bodyAsText) ?? {}) as Body)
    const kept = { ...there, ...(there['tags'] !== undefined && { tags: otherTags(there['tags'], sent?.['tags']) }) }
    request.body = JSON.stringify(
      patchesTags ? { ...sent, tags: overlay(kept.tags ?? {}, sent['tags'] as Json) } : overlay(kept, (sent ?? {}) as Json)
    )
    return next(request)
  }
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
