import type { HttpHeaders, PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline'
import { addressKey, readablePath } from './address.ts'
import { isOfOperation } from './answers.ts'
import type { Deadline } from './deadline.ts'
import { ArmError, errorBody, errorIn, parsed } from './error.ts'
import { growingMs } from './poll.ts'

/** Time, passed in, so that tests do not wait for Azure's minutes. */
export interface Clock {
  now(): number
  /** `passive`: for who only looks on. On a clock that jumps from wake-up to wake-up it does not make time pass. */
  sleep(ms: number, signal?: unknown, passive?: boolean): Promise<void>
}

/** Servers take minutes. We give up one that takes longer than this, and do not undo it: Azure may still finish it. */
export const limitMs = 60 * 60_000

/** Throttled, a poll has said nothing of its operation: that is still in flight. */
const throttled = new Set([429, 503])

interface Began {
  readonly method: string
  readonly path: string
  /** Where to ask how it goes, signed: to be used as it is. */
  readonly url: string
}

/** Azure asks to be left alone for a while. */
export interface AskedWait {
  readonly method: string
  readonly url: string
  readonly ms: number
}

/** As long as that is waited for between polls without a word. */
const unsaidMs = 60_000

export type OperationListener = (operation: Began) => void | Promise<void>

/** When each operation may be asked about again, by the address to ask at. */
export type Following = Map<string, Poll>

interface Poll {
  readonly notBefore: number
  readonly since: number
  /** How often it was asked. */
  readonly looks: number
}

/** A wait for an operation asks when the time is up; where an hour went by since then, no wait follows it any more. */
const isAbandoned = (poll: Poll | undefined, clock: Clock): boolean => poll !== undefined && clock.now() - poll.notBefore > limitMs

/**
 * Long-running operations. The SDK's pollers ignore the Retry-After of the first answer, never stop asking, and keep only a sentence of a
 * failed operation. Here we hold the polls back for as long as Azure asks, and else ask less and less often; a failure is thrown through the
 * poller, with its code and details.
 */
export function operations(
  clock: Clock,
  deadline: Deadline,
  polls: Following,
  began: OperationListener = async () => undefined,
  waiting: (wait: AskedWait) => void = () => undefined
): PipelinePolicy {
  return {
    name: 'operations',
    async sendRequest(request, next) {
      // A write begins a new operation, and no wait may have followed the last one to its end.
      if (request.method !== 'GET' || isAbandoned(polls.get(addressKey(request.url)), clock)) polls.delete(addressKey(request.url))
      const known = polls.get(addressKey(request.url))
      const since = known?.since ?? clock.now()
      const isPoll = known !== undefined || (request.method === 'GET' && isOfOperation(request.url))
      const left = (): number => {
        const ms = deadline.leftMs() ?? limitMs - (clock.now() - since)
        if (ms > 0) return ms
        // A later wait for it, such as that before a lock is restored, has a time of its own.
        polls.delete(addressKey(request.url))
        throw deadline.timedOut(readablePath(request.url), limitMs)
      }
      // The last poll is made when the time is up, and not before.
      const ms = Math.min((known?.notBefore ?? 0) - clock.now(), left())
      if (ms > unsaidMs) waiting({ method: request.method, url: request.url, ms })
      if (ms > 0) await deadline.wait(ms, request.abortSignal)

      let response = await next(request)
      for (let tries = 1; isPoll && throttled.has(response.status); tries += 1) {
        const asked = Math.min(retryAfterMs(response.headers, clock) ?? growingMs(tries), left())
        waiting({ method: request.method, url: request.url, ms: asked })
        await deadline.pause(asked, request.abortSignal)
        response = await next(request)
      }
      const polled = polls.delete(addressKey(request.url)) || isOfOperation(request.url)
      if (polled) refuse(response, clock)
      if (!polled && request.method === 'GET') return response

      const looks = polled ? (known?.looks ?? 0) + 1 : 0
      const unsaid = looks === 0 ? 0 : growingMs(looks)
      const poll = { since, looks, notBefore: clock.now() + (retryAfterMs(response.headers, clock) ?? unsaid) }
      const urls = operationUrls(response.headers)
      const [url] = urls
      if (!polled && url !== undefined) await began({ method: request.method, path: readablePath(request.url), url })
      for (const url of urls) polls.set(addressKey(url), poll)
      // No new address: the same one is asked again, which for some types is that of the resource itself.
      if (urls.length === 0 && isRunning(response)) polls.set(addressKey(request.url), poll)
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

/** The longest that we wait before we ask Azure again, also where it says more, and the shortest, also where it says 0. */
export const longestAskedMs = 15 * 60_000
const shortestAskedMs = 1_000

/** How long Azure asks to wait, in ms from {@link shortestAskedMs} to {@link longestAskedMs}: it says so in milliseconds, in seconds, or until a date. */
export function retryAfterMs(headers: HttpHeaders, clock: Clock): number | undefined {
  const ms = headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms')
  const after = headers.get('retry-after')?.trim() ?? ''
  const asked = ms === undefined ? numberIn(after, 1_000) : numberIn(ms.trim(), 1)
  const until = asked ?? untilIn(after, headers, clock)
  // A text that is no time must not become a poll without a pause, nor a wait without an end.
  return until === undefined ? undefined : Math.min(longestAskedMs, Math.max(shortestAskedMs, until))
}

const numberIn = (text: string, unitMs: number): number | undefined => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) * unitMs : undefined)

/** By the clock of Azure, which the answer says in its Date: ours may differ. */
function untilIn(after: string, headers: HttpHeaders, clock: Clock): number | undefined {
  const until = /[a-z]/i.test(after) ? Date.parse(after) : Number.NaN
  const said = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(until) ? undefined : until - (Number.isNaN(said) ? clock.now() : said)
}

interface Said {
  readonly status?: unknown
  readonly properties?: { readonly provisioningState?: unknown }
  readonly error?: unknown
}

const said = (response: PipelineResponse) => parsed(response.bodyAsText) as Said | undefined

/** Any state but those of an end is in flight: Restarting, and states that we do not know. */
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
  throw new ArmError(response.status, errorBody(body.error) ?? { code: body.status, message: `The operation ended as ${body.status}.` })
}

/** Azure's refusal, with the time that it asks to wait. @param ofPoll it was asked how an operation goes */
export const refusal = ({ status, bodyAsText, headers }: PipelineResponse, clock: Clock, ofPoll = false): ArmError =>
  new ArmError(status, errorIn(bodyAsText) ?? {}, { retryAfterMs: retryAfterMs(headers, clock), ofPoll })
