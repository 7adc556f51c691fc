import { isRestError, type PipelinePolicy, type PipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline'
import { type Clock, retryAfterMs } from './operation.ts'

/** A read may be asked again after any of these: nothing happened, or nothing that asking again makes worse. */
const againAfterRead = new Set([408, 429, 500, 502, 503, 504])

/**
 * A write is sent again only where Azure says it was not taken: throttled, with the time to wait [CORE-PIPE].
 * After a 500 or a lost connection it may have happened, and only a read can tell.
 */
const againAfterWrite = new Set([429, 503])

const firstWaitMs = 1_000
const longestWaitMs = 64_000

/** Asks again what may be asked again, on the clock passed in. Bounded: after `retriesMax` the last answer stands. */
export function retries(clock: Clock, retriesMax: number): PipelinePolicy {
  return {
    name: 'retries',
    async sendRequest(request, next) {
      for (let attempt = 0; ; attempt += 1) {
        const answer = await next(request).catch((error: unknown) => {
          if (isRestError(error) && error.response) return error.response
          if (attempt < retriesMax && isRestError(error) && request.method === 'GET') return undefined
          throw error
        })
        const waitMs = answer === undefined ? backoffMs(attempt) : pauseMs(request, answer, attempt, clock)
        if (answer !== undefined && (waitMs === undefined || attempt >= retriesMax)) return answer
        await clock.sleep(waitMs ?? backoffMs(attempt), request.abortSignal)
      }
    }
  }
}

/** `undefined`: this answer stands. */
function pauseMs(request: PipelineRequest, { status, headers }: PipelineResponse, attempt: number, clock: Clock): number | undefined {
  const asked = retryAfterMs(headers, clock)
  if (request.method === 'GET') return againAfterRead.has(status) ? (asked ?? backoffMs(attempt)) : undefined
  return againAfterWrite.has(status) ? asked : undefined
}

const backoffMs = (attempt: number): number => Math.min(longestWaitMs, firstWaitMs * 2 ** attempt)
