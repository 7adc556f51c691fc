import { azureFailures, type Failing } from './azureFailures.ts'
import type { Core } from './core.ts'
import { type Estate, supposing } from './estate.ts'
import type { FaultAnswer, FaultEffect } from './faults.ts'
import { isDeep, isObject, type JsonObject } from './json.ts'
import { Random } from './random.ts'
import { type ErrorDetail, isRefusal } from './refusal.ts'
import type { SentHeaders } from './request.ts'
import { isRaw, type Outcome } from './response.ts'
import { operationNotFound, route } from './route.ts'
import type { InForce } from './sandbox.ts'
import type { StoredResource } from './state.ts'
import type { Throttle } from './throttle.ts'

/** A request that has been read, and what is to go wrong with it. */
interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: SentHeaders
  readonly text: string
  readonly principal: string | undefined
  readonly effects: readonly FaultEffect[]
}

interface Parts {
  readonly estate: () => Estate
  readonly settings: () => InForce
  readonly throttle: Throttle
}

export interface Answering {
  /** Carries a request out, with all that goes wrong inside Azure; what goes wrong on the way is not its business. */
  answer(asked: Asked): Outcome
  /** Forgets what was remembered of the estate before. */
  clear(): void
}

/** As many states are remembered for answers from the past as one can want of an index that lags. */
const rememberedMax = 50

/** Answers requests, from the state of the estate, the limits and the faults. */
export function answering({ estate, settings, throttle }: Parts): Answering {
  /** Before each of the last writes. Only kept where a fault asks for it. */
  let earlier: (readonly StoredResource[])[] = []
  const expired = new Set<string>()
  const random = new Random({ at: 1 })

  function answer(asked: Asked): Outcome {
    const failing = failingOf(asked, estate().core.now, random)
    const fault = asked.effects.find(one => one.do === 'answer')
    if (fault?.when === 'instead') return faultAnswer(fault.answer, failing)
    const { refusal, headers } = throttle.count(
      { method: asked.method, pathname: asked.url.pathname, principal: asked.principal ?? 'anonymous' },
      estate().core.now
    )
    if (refusal) return refusal
    const outcome = inTime(asked, failing)
    if (asked.method !== 'GET' && asked.effects.some(one => one.do === 'expire')) for (const id of begunBy(outcome)) expired.add(id)
    if (fault) return faultAnswer(fault.answer, failing)
    // An answer of ARM's own has not come to the provider, which counts the rest (CORPUS).
    if (isRaw(outcome) || (isRefusal(outcome) && outcome.cause === 'gateway')) return outcome
    return { ...outcome, headers: { ...headers, ...('headers' in outcome && isObject(outcome.headers) ? outcome.headers : {}) } }
  }

  function inTime(asked: Asked, failing: Failing): Outcome {
    const { core } = estate()
    const operation = operationIn(asked.url)
    const poll = core.store.operations.has(operation)
    if (poll && asked.effects.some(one => one.do === 'expire')) expired.add(operation)
    if (asked.method === 'GET' && expired.has(operation)) return operationNotFound(operation)
    if (asked.method !== 'GET' && settings().faults.some(({ effect }) => effect.do === 'stale')) {
      earlier = [...earlier.slice(1 - rememberedMax), core.store.all()]
    }
    const now = carriedOut(core, asked, failing)
    return asked.method === 'GET' && asked.effects.some(one => one.do === 'stale') ? (different(asked, failing, now) ?? now) : now
  }

  /** The answer of before the last write that made a difference to it. */
  function different(asked: Asked, failing: Failing, now: Outcome): Outcome | undefined {
    const text = JSON.stringify(now)
    for (const resources of earlier.toReversed()) {
      const then = carriedOut(supposing(estate(), resources, settings), asked, failing)
      if (JSON.stringify(then) !== text) return then
    }
    return undefined
  }

  return {
    answer,
    clear() {
      earlier = []
      expired.clear()
    }
  }
}

/** The operation that a write has begun, as its addresses name it. */
function begunBy(outcome: Outcome): string[] {
  if (isRaw(outcome) || isRefusal(outcome)) return []
  return ['azure-asyncoperation', 'location'].flatMap(name => {
    const address = outcome.headers?.[name]
    return address === undefined ? [] : operationIn(new URL(address))
  })
}

/** The last word of an operation's address, and of any other. */
function operationIn({ pathname }: URL): string {
  const last = pathname.slice(pathname.lastIndexOf('/') + 1)
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

function failingOf({ method, url, headers }: Asked, now: number, random: Random): Failing {
  const guid = (): string => random.guid()
  // The correlation id of a request that has none is made up only when it is needed.
  return { method, path: url.pathname, correlation: headers.get('x-ms-correlation-request-id') ?? '', now, guid }
}

function faultAnswer(answer: FaultAnswer, failing: Failing): Outcome {
  switch (answer.form) {
    case 'error':
      return { ...answer.error, status: answer.status, ...(Object.keys(answer.headers).length > 0 && { headers: answer.headers }) }
    case 'raw':
      return answer
    case 'azure': {
      const failure = azureFailures[answer.name]
      if (failure?.in !== 'answer') throw new Error(`${answer.name} is not an answer of Azure.`)
      return failure.of(failing)
    }
    default:
      return answer satisfies never
  }
}

function operationError(error: ErrorDetail | { readonly azure: string }, failing: Failing): ErrorDetail {
  if (!('azure' in error)) return error
  const failure = azureFailures[error.azure]
  if (failure?.in !== 'operation') throw new Error(`${error.azure} is not how an operation of Azure ends.`)
  return failure.of(failing)
}

function carriedOut(core: Core, { method, url, headers, text, effects }: Asked, failing: Failing): Outcome {
  const body = bodyOf(text)
  const failed = effects.find(one => one.do === 'failOperation')
  return route(core, {
    method,
    url,
    headers,
    body: body ?? {},
    ...(body === undefined && { malformed: true }),
    ...(failed && { operationFault: operationError(failed.error, failing) })
  })
}

function bodyOf(text: string): JsonObject | undefined {
  if (text.trim() === '') return {}
  try {
    const json: unknown = JSON.parse(text)
    return isObject(json) && !isDeep(json) ? json : undefined
  } catch {
    return undefined
  }
}
