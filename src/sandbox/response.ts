import type { RawAnswer } from './azureFailures.ts'
import type { Core } from './core.ts'
import { generalHeaders } from './generalHeaders.ts'
import { isObject, type Json } from './json.ts'
import { escapesSlashes } from './providers/privateDns/escapedSlashes.ts'
import { errorJson, isRefusal, type Refusal } from './refusal.ts'
import type { Sent } from './request.ts'
import type { Answer } from './type.ts'

/** The outcome of a request, before it is put into HTTP. */
export type Outcome = Answer | Refusal | RawAnswer

export const isRaw = (outcome: Outcome): outcome is RawAnswer => 'raw' in outcome

/** As it goes into HTTP: names of headers in lower case. */
export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** For whoever speaks the classes of the web. As bytes, since a text would get a content type that nobody asked for. */
export const asResponse = ({ body, ...rest }: Answered): Response => new Response(body === undefined ? null : Buffer.from(body), rest)

/** Headers of the answer itself win over those that every answer has. */
export function answeredTo(core: Core, request: Sent, outcome: Outcome): Answered {
  if (isRaw(outcome)) {
    const { status, contentType, raw } = outcome
    const headers = { ...lowered(outcome.headers), ...(contentType !== undefined && { 'content-type': contentType }) }
    return { status, headers, body: request.method === 'HEAD' || raw === '' ? undefined : raw }
  }
  const headers = { ...generalHeaders(request.headers, requestId(core), core.now) }
  if (!isRefusal(outcome)) return json(outcome.status, outcome.body, { ...headers, ...lowered(outcome.headers) }, request)
  // Providers say that it was they only when something broke or when they were asked too often (CORPUS).
  const cause = outcome.cause ?? (outcome.status === 429 || outcome.status >= 500 ? 'service' : undefined)
  if (cause !== undefined) headers['x-ms-failure-cause'] = cause
  if (outcome.retryAfter !== undefined) headers['retry-after'] = `${Math.max(1, Math.ceil(outcome.retryAfter / core.speed))}`
  const own = 'headers' in outcome && isObject(outcome.headers) ? lowered(outcome.headers) : {}
  return json(outcome.status, outcome.bare ? errorJson(outcome) : { error: errorJson(outcome) }, { ...headers, ...own }, request)
}

/** Not from the seeded sequence: asking must not change what the next write gets. */
const requestId = (core: Core): string => {
  const answered = (answers.get(core) ?? 0) + 1
  answers.set(core, answered)
  return `00000000-0000-4000-8000-${answered.toString(16).padStart(12, '0')}`
}

/** How many there were from each estate. */
const answers = new WeakMap<Core, number>()

const lowered = (headers: Readonly<Record<string, unknown>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), `${value}`]))

function json(status: number, body: Json | undefined, given: Readonly<Record<string, string>>, { method, url }: Sent): Answered {
  if (body === undefined || method === 'HEAD' || status === 204) return { status, headers: given, body: undefined }
  const text = JSON.stringify(body)
  const escaped = given['x-ms-failure-cause'] !== 'gateway' && escapesSlashes(url.split('?', 1)[0] ?? '')
  const headers = { ...given, 'content-type': 'application/json; charset=utf-8' }
  return { status, headers, body: escaped ? text.replaceAll('/', '\\/') : text }
}
