import type { RawAnswer } from './azureFailures.ts'
import type { Core } from './core.ts'
import { generalHeaders } from './generalHeaders.ts'
import { isObject, type Json } from './json.ts'
import { escapesSlashes } from './providers/privateDns/escapedSlashes.ts'
import { errorJson, isRefusal, type Refusal } from './refusal.ts'
import type { Answer } from './type.ts'

/** The outcome of a request, before it is put into HTTP. */
export type Outcome = Answer | Refusal | RawAnswer

export const isRaw = (outcome: Outcome): outcome is RawAnswer => 'raw' in outcome

/** Headers of the answer itself win over those that every answer has. */
export function responseTo(core: Core, request: Request, outcome: Outcome): Response {
  if (isRaw(outcome)) {
    const headers = new Headers(outcome.headers)
    if (outcome.contentType !== undefined) headers.set('content-type', outcome.contentType)
    // As bytes, since a text would get a content type that nobody asked for.
    return new Response(request.method === 'HEAD' || outcome.raw === '' ? null : Buffer.from(outcome.raw), {
      status: outcome.status,
      headers
    })
  }
  const headers = new Headers(generalHeaders(request.headers, requestId(core), core.now))
  if (!isRefusal(outcome)) {
    for (const [name, value] of Object.entries(outcome.headers ?? {})) headers.set(name, value)
    return json(outcome.status, outcome.body, headers, request)
  }
  // Providers say that it was they only when something broke or when they were asked too often (CORPUS).
  const cause = outcome.cause ?? (outcome.status === 429 || outcome.status >= 500 ? 'service' : undefined)
  if (cause !== undefined) headers.set('x-ms-failure-cause', cause)
  if (outcome.retryAfter !== undefined) headers.set('retry-after', `${Math.max(1, Math.ceil(outcome.retryAfter / core.speed))}`)
  if ('headers' in outcome && isObject(outcome.headers))
    for (const [name, value] of Object.entries(outcome.headers)) headers.set(name, `${value}`)
  return json(outcome.status, outcome.bare ? errorJson(outcome) : { error: errorJson(outcome) }, headers, request)
}

/** Not from the seeded sequence: asking must not change what the next write gets. */
const requestId = (core: Core): string => {
  const answered = (answers.get(core) ?? 0) + 1
  answers.set(core, answered)
  return `00000000-0000-4000-8000-${answered.toString(16).padStart(12, '0')}`
}

/** How many there were from each estate. */
const answers = new WeakMap<Core, number>()

function json(status: number, body: Json | undefined, headers: Headers, { method, url }: Request): Response {
  if (body === undefined || method === 'HEAD' || status === 204) return new Response(null, { status, headers })
  headers.set('content-type', 'application/json; charset=utf-8')
  const text = JSON.stringify(body)
  const escaped = headers.get('x-ms-failure-cause') !== 'gateway' && escapesSlashes(url.split('?', 1)[0] ?? '')
  return new Response(escaped ? text.replaceAll('/', '\\/') : text, { status, headers })
}
