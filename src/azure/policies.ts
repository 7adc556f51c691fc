import { isRestError, type PipelinePolicy, type PipelineRequest } from '@azure/core-rest-pipeline'
import { askedFor } from '../model/reads.ts'
import { isHome, placeOf } from './address.ts'
import { ofAnswer, StrayRequest } from './error.ts'
import { type Clock, refusal } from './operation.ts'

/**
 * Every refusal leaves the pipeline as an ArmError. The SDKs throw errors of their own, some of them only further up, and keep code and
 * message of what Azure said.
 */
export const errors = (clock: Clock): PipelinePolicy => ({
  name: 'errors',
  async sendRequest(request, next) {
    const response = await next(request).catch((error: unknown) => {
      if (isRestError(error) && error.response && error.response.status >= 400) return error.response
      throw isRestError(error) ? ofAnswer(error, `${request.method} ${placeOf(request.url)}`) : error
    })
    // A redirect that was not followed is no answer to the request.
    if (response.status >= 300) throw refusal(response, clock)
    return response
  }
})

/** The questions that are a POST: whether a name is free, and whether a linked service connects. They change nothing. */
const questions = [
  /\/providers\/microsoft\.dbforpostgresql\/(locations\/[^/]+\/)?checknameavailability$/i,
  /\/providers\/microsoft\.datafactory\/factories\/[^/]+\/testconnectivity$/i
]

/** The one path of the query language of Resource Graph, which has no word for a change. */
const graphQuery = /^\/providers\/microsoft\.resourcegraph\/resources$/i

const onlyLooks = ({ method, url }: PipelineRequest, more: readonly RegExp[] = [graphQuery]): boolean =>
  method === 'GET' || (method === 'POST' && [...questions, ...more].some(question => question.test(new URL(url).pathname)))

/**
 * A command that only looks must not be able to write, also where the code above has a bug.
 *
 * @param asksGraph whether it may query Resource Graph as well, which few commands do
 */
export const readOnly = (asksGraph: boolean): PipelinePolicy => ({
  name: 'readOnly',
  async sendRequest(request, next) {
    if (!onlyLooks(request, asksGraph ? [graphQuery] : [])) throw new Error(`bug: ${request.method} ${request.url} while only reading`)
    return next(request)
  }
})

/** One lock, or those of a scope. A slash that is escaped would be one segment here, and may be two for whoever reads the address. */
const aboutLocks = /^(?!.*%(?:2f|5c)).*\/providers\/microsoft\.authorization\/locks(\/[^/]+)?$/i

/** The login's own rights, on whatever scope. */
const ownRights = /^(?!.*%(?:2f|5c)).*\/providers\/microsoft\.authorization\/permissions$/i

function isOfLocks({ method, url }: PipelineRequest): boolean {
  const { pathname } = new URL(url)
  const [isLock, name] = aboutLocks.exec(pathname) ?? []
  if (method === 'GET') return isLock !== undefined || ownRights.test(pathname)
  return name !== undefined && (method === 'PUT' || method === 'DELETE')
}

/**
 * The guard of a login that is there for locks alone: it lists, reads, writes and deletes locks, whatever the code above asks of it. It may
 * also ask what its own rights are, since Azure tells them to their holder alone [DOC, Permissions - List For Resource Group].
 *
 * @throws Error for any other request, which is not sent
 */
export const locksOnly: PipelinePolicy = {
  name: 'locksOnly',
  async sendRequest(request, next) {
    if (!isOfLocks(request)) throw new Error(`bug: ${request.method} ${request.url} by the login that is for locks alone`)
    return next(request)
  }
}

/** Ends a request in flight as well, and the waiting between tries. @param stopping what its reason is, is thrown */
export const stoppedBy = (stopping: AbortSignal): PipelinePolicy => ({
  name: 'stoppedBy',
  async sendRequest(request, next) {
    stopping.throwIfAborted()
    const own = request.abortSignal as AbortSignal | undefined
    request.abortSignal = own ? AbortSignal.any([own, stopping]) : stopping
    try {
      return await next(request)
    } catch (error) {
      // The clients say no more than that it was aborted.
      throw stopping.aborted ? stopping.reason : error
    }
  }
})

/** @param standstill from its abort on nothing is sent, and a caller waits for its answer for ever */
export const untilStandstill = (standstill: AbortSignal): PipelinePolicy => ({
  name: 'untilStandstill',
  async sendRequest(request, next) {
    const never = new Promise<never>(() => undefined)
    if (standstill.aborted) return never
    try {
      return await next(request)
    } finally {
      if (standstill.aborted) await never
    }
  }
})

/**
 * A token goes to the cloud's endpoint alone, and to its regions, which lie beneath its name. Addresses to go on at come out
 * of answers, of error texts and of journals that a user brought along.
 */
export function onlyTo(endpoint: string): PipelinePolicy {
  const own = new URL(endpoint)
  return {
    name: 'onlyTo',
    async sendRequest(request, next) {
      const url = new URL(request.url)
      const { host } = url
      if (isHome(url, own)) return next(request)
      throw new StrayRequest(`A request would have gone to ${host} and not to ${own.host}, with the token. It was not sent.`)
    }
  }
}

export interface Counts {
  reads: number
  writes: number
  /** The reads, by what was asked for. */
  readonly asked: Map<string, number>
}

/** Counts what goes over the wire, retries and polls included: that is what Azure's limits count. */
export const count = (counts: Counts): PipelinePolicy => ({
  name: 'count',
  async sendRequest(request, next) {
    if (onlyLooks(request)) {
      const key = askedFor(request.method, request.url)
      counts.reads += 1
      counts.asked.set(key, (counts.asked.get(key) ?? 0) + 1)
    } else counts.writes += 1
    return next(request)
  }
})

/** A request as it went over the wire, retries and polls included. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  /** The status of the answer, or why there was none. */
  readonly came: number | string
  /** Milliseconds. */
  readonly tookMs: number
  /** The number under which Azure knows it. */
  readonly requestId: string | undefined
}

export const logged = (clock: Clock, told: (seen: SeenRequest) => void): PipelinePolicy => ({
  name: 'logged',
  async sendRequest(request, next) {
    const from = clock.now()
    const tell = (came: number | string, requestId?: string): void =>
      told({ method: request.method, url: request.url, came, tookMs: clock.now() - from, requestId })
    try {
      const response = await next(request)
      tell(response.status, response.headers.get('x-ms-request-id'))
      return response
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error))
      throw error
    }
  }
})

export const correlated = (id: string): PipelinePolicy => ({
  name: 'correlated',
  async sendRequest(request, next) {
    request.headers.set('x-ms-correlation-request-id', id)
    return next(request)
  }
})
