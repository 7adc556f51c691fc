import type { HttpHeaders, PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline'
import { leftMs, limitOfStepMs, pause, timedOut } from './deadline.ts'
import { ArmError, type ErrorBody, errorIn, parsed } from './error.ts'

/** Time, passed in, so that tests do not wait for Azure's minutes. */
export interface Clock {
  now(): number
  /** `passive`: for who only looks on. On a clock that jumps from wake-up to wake-up it does not make time pass. */
  sleep(ms: number, signal?: unknown, passive?: boolean): Promise<void>
}

/** Where Azure does not say. */
const intervalMs = 2_000

/** Servers take minutes. We give up one that takes longer than this, and do not undo it: Azure may still finish it. */
export const limitMs = 60 * 60_000

/** Throttled, a poll has said nothing of its operation: that goes on. */
const throttled = new Set([429, 503])

/** The addresses of operations that a run before this one started, which no answer has told us of. */
const startedElsewhere = (url: string): boolean =>
  /\/(operations|operationResults|azureAsyncOperation|privateDnsOperationStatuses)\/[^/]+$/i.test(new URL(url).pathname)

export interface Began {
  readonly method: string
  readonly path: string
  /** Where to ask how it goes, signed: to be used as it is. */
  readonly url: string
}

export type OperationListener = (operation: Began) => void | Promise<void>

interface Poll {
  readonly notBefore: number
  readonly since: number
}

/** Whoever waits for an operation asks when the time is up, not an hour later. */
const isAbandoned = (poll: Poll | undefined, clock: Clock): boolean => poll !== undefined && clock.now() - poll.notBefore > limitMs

/**
 * Long-running operations. The SDK's pollers ask at once, whatever the first answer says about Retry-After,
 * never stop asking, and of a failed operation they keep a sentence. Here the polls are held back for as long
 * as Azure asks, and a failure is thrown with its code and details, through the poller, to whoever waits.
 */
export function operations(clock: Clock, began: OperationListener = async () => undefined): PipelinePolicy {
  const polls = new Map<string, Poll>()

  return {
    name: 'operations',
    async sendRequest(request, next) {
      // A write begins anew; and one that was answered as still running need not have been followed by anybody.
      if (request.method !== 'GET' || isAbandoned(polls.get(keyOf(request.url)), clock)) polls.delete(keyOf(request.url))
      const known = polls.get(keyOf(request.url))
      const since = known?.since ?? clock.now()
      const isPoll = known !== undefined || (request.method === 'GET' && startedElsewhere(request.url))
      const left = (): number => {
        const ms = leftMs() ?? limitMs - (clock.now() - since)
        if (ms > 0) return ms
        // Whoever asks after it later, as before a lock is restored, has a time of their own.
        polls.delete(keyOf(request.url))
        throw timedOut(decodeURI(new URL(request.url).pathname), limitOfStepMs() ?? limitMs)
      }
      // The last poll is made when the time is up, and not before.
      if (known !== undefined && known.notBefore > clock.now())
        await clock.sleep(Math.min(known.notBefore - clock.now(), left()), request.abortSignal)
      else left()

      let response = await next(request)
      while (isPoll && throttled.has(response.status)) {
        await pause(clock, Math.min(retryAfterMs(response.headers, clock) ?? intervalMs, left()), request.abortSignal)
        response = await next(request)
      }
      const polled = polls.delete(keyOf(request.url)) || startedElsewhere(request.url)
      if (polled) refuse(response, clock)
      if (!polled && request.method === 'GET') return response

      const poll = { since, notBefore: clock.now() + (retryAfterMs(response.headers, clock) ?? intervalMs) }
      const urls = operationUrls(response.headers)
      const [url] = urls
      if (!polled && url !== undefined) await began({ method: request.method, path: decodeURI(new URL(request.url).pathname), url })
      for (const url of urls) polls.set(keyOf(url), poll)
      // No new address: the same one is asked again, which for some types is that of the resource itself.
      if (urls.length === 0 && isRunning(response)) polls.set(keyOf(request.url), poll)
      // Said here and waited for here: the poller would wait once more, on its own clock.
      if (response.status < 400) response.headers.delete('retry-after')
      return response
    }
  }
}

/** Private DNS answers each poll with a new signed address, so every answer is looked at. */
function operationUrls(headers: HttpHeaders): string[] {
  return ['azure-asyncoperation', 'operation-location', 'location'].flatMap(name => headers.get(name) ?? [])
}

/** How long Azure asks to wait: in milliseconds, in seconds, or until a date. */
export function retryAfterMs(headers: HttpHeaders, clock: Clock): number | undefined {
  const ms = headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms')
  const after = headers.get('retry-after') ?? ''
  const asked = ms !== undefined ? Number(ms) : /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - clock.now()
  // A text that is no time must not become a poll without a pause.
  return Number.isNaN(asked) ? undefined : Math.max(0, asked)
}

interface Said {
  readonly status?: unknown
  readonly properties?: { readonly provisioningState?: unknown }
  readonly error?: ErrorBody
}

const said = (response: PipelineResponse) => parsed(response.bodyAsText) as Said | undefined

/** Whatever Azure calls it, Restarting or something new: what has not ended goes on. */
export function isRunning(response: PipelineResponse): boolean {
  const body = said(response)
  const state = body?.status ?? body?.properties?.provisioningState
  return typeof state === 'string' ? !/^(succeeded|failed|cancell?ed)$/i.test(state) : response.status === 202
}

/** A failed operation is reported with HTTP 200; what is refused with another status is the question how it goes. */
function refuse(response: PipelineResponse, clock: Clock): void {
  const body = said(response)
  if (typeof body?.status !== 'string' || !/^(failed|cancell?ed)$/i.test(body.status)) {
    if (response.status >= 400) throw refusal(response, clock, true)
    return
  }
  throw new ArmError(response.status, body.error ?? { code: body.status, message: `The operation ended as ${body.status}.` })
}

/** Azure's refusal, with the time that it asks to wait. @param ofPoll it was asked how an operation goes */
export const refusal = ({ status, bodyAsText, headers }: PipelineResponse, clock: Clock, ofPoll = false): ArmError =>
  new ArmError(status, errorIn(bodyAsText) ?? {}, { retryAfterMs: retryAfterMs(headers, clock), ofPoll })

const keyOf = (url: string): string => new URL(url).href
