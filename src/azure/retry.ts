import {
  isRestError,
  type PipelinePolicy,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
  type SendRequest
} from '@azure/core-rest-pipeline'
import { type Deadline, spoken } from './deadline.ts'
import { UnusableAnswer } from './error.ts'
import { type AskedWait, type Clock, retryAfterMs } from './operation.ts'
import { delay, growingMs } from './poll.ts'

/** A read may be asked again after any of these: nothing happened, or nothing that asking again makes worse. */
const againAfterRead = new Set([408, 429, 500, 502, 503, 504])

/**
 * A write is sent again only where Azure says it was not taken: throttled, with the time to wait [CORE-PIPE].
 * After a 500 or a lost connection it may have happened, and only a read can tell.
 */
const againAfterWrite = new Set([429, 503])

const sentOnce = new WeakSet<PipelineRequest>()

/** Keeps a request from being sent again, whatever the answer to it is. */
export function neverAgain(request: PipelineRequest): PipelineRequest {
  sentOnce.add(request)
  return request
}

/** A wait of this length is said. */
const saidMs = 5_000

/** Asks again what may be asked again, on the clock passed in. Bounded: after `retriesMax` the last answer stands. */
export function retries(
  clock: Clock,
  deadline: Deadline,
  retriesMax: number,
  waiting: (wait: AskedWait) => void = () => undefined
): PipelinePolicy {
  return {
    name: 'retries',
    async sendRequest(request, next) {
      for (let tries = 1; ; tries += 1) {
        const answer = await answered(request, next).catch((error: unknown) => {
          if (isRestError(error) && error.response && error.response.status >= 400) return error.response
          if (tries <= retriesMax && (isRestError(error) || error instanceof UnusableAnswer) && request.method === 'GET') return undefined
          throw error
        })
        const waitMs = answer === undefined ? growingMs(tries) : pauseMs(request, answer, tries, clock)
        if (answer !== undefined && (waitMs === undefined || tries > retriesMax || sentOnce.has(request))) return answer
        const ms = waitMs ?? growingMs(tries)
        if (ms >= saidMs) waiting({ method: request.method, url: request.url, ms })
        if (answer !== undefined && againAfterWrite.has(answer.status)) await deadline.pause(ms, request.abortSignal)
        else await delay(clock, ms, request.abortSignal)
      }
    }
  }
}

/** A connection over which nothing comes any more is a broken one. Azure's own gateway gives up sooner, and says so [CORPUS: GatewayTimeout]. */
export const answerMs = 5 * 60_000

async function answered(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
  request.timeout ||= answerMs
  try {
    return await next(request)
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError') || request.abortSignal?.aborted) throw error
    throw new RestError(`No answer after ${spoken(answerMs)}`, { code: 'ETIMEDOUT', request })
  }
}

/** `undefined`: this answer stands. */
function pauseMs(request: PipelineRequest, { status, headers }: PipelineResponse, tries: number, clock: Clock): number | undefined {
  const asked = retryAfterMs(headers, clock)
  if (request.method === 'GET') return againAfterRead.has(status) ? (asked ?? growingMs(tries)) : undefined
  return againAfterWrite.has(status) ? asked : undefined
}
