import { parseArmPath } from './armPath.ts'
import type { Behaviours } from './behaviours.ts'
import type { Json } from './json.ts'
import type { Refusal } from './refusal.ts'
import { actorRefusal, type LimitedBy, limitsOf, operationRefusal, providerLimitOf, providerRefusal } from './throttleLimits.ts'

export type Kind = 'reads' | 'writes' | 'deletes'

/** A request as the counting of requests sees it. */
export interface Counted {
  readonly method: string
  readonly pathname: string
  /** Whoever has no token that names somebody counts as one. */
  readonly principal: string
}

interface Throttled {
  /** The refusal, when throttling is on and there were too many. */
  readonly refusal?: Refusal
  /** How many are left, as the answer's headers say it. */
  readonly headers: Readonly<Record<string, string>>
}

export interface Throttle {
  /** Counts a request; one that is refused does not count. */
  count(request: Counted, now: number): Throttled
  /** The rest of every limit that was counted. */
  report(now: number): Json
  clear(): void
}

interface Bucket {
  tokens: number
  filledAt: number
}

interface Window {
  used: number
  beganAt: number
}

/** The limit of the subscription as a whole, in multiples of one caller's [DOC-THR, REC-PE]. */
const wholeSubscription = 15

/** ARM's token buckets for each subscription, caller and kind of request [DOC-THR], and the providers' own limits. */
export function throttleOf(behaviours: () => Behaviours): Throttle {
  const buckets = new Map<string, Bucket>()
  const windows = new Map<string, Window>()

  function left(key: string, size: number, perSecond: number, now: number): Bucket {
    const known = buckets.get(key) ?? { tokens: size, filledAt: now }
    const tokens = Math.min(size, known.tokens + (Math.max(0, now - known.filledAt) / 1000) * perSecond)
    const bucket = { tokens, filledAt: now }
    buckets.set(key, bucket)
    return bucket
  }

  function windowOf(key: string, spanMs: number, now: number): Window {
    const known = windows.get(key)
    if (known !== undefined && now - known.beganAt < spanMs && now >= known.beganAt) return known
    const fresh = { used: 0, beganAt: now }
    windows.set(key, fresh)
    return fresh
  }

  function count(request: Counted, now: number): Throttled {
    const { throttling, throttlingLimits, throttlingMessage, throttlingRetryAfter } = behaviours()
    const limits = limitsOf(throttlingLimits)
    const kind = kindOf(request.method)
    const path = parseArmPath(request.pathname)
    const scope = path?.subscription?.toLowerCase() ?? ''
    const [size, perSecond] = limits[kind]
    const own = left(`${scope} ${request.principal} ${kind}`, size, perSecond, now)
    const whole = left(`${scope} * ${kind}`, size * wholeSubscription, perSecond * wholeSubscription, now)
    const limit = path && providerLimitOf(path, kind, limits)
    const window = limit && windowOf(`${scope} ${limit.name}`, limit.spanMs, now)
    const refusal = tooMany({ own, whole, perSecond, limit, window, now, request, scope, kind, words: throttlingMessage })
    if (refusal && throttling === 'arm') {
      return { refusal: throttlingRetryAfter ? refusal : withoutRetryAfter(refusal), headers: {} }
    }
    own.tokens = Math.max(0, own.tokens - 1)
    whole.tokens = Math.max(0, whole.tokens - 1)
    if (window) window.used += 1
    return { headers: remaining(scope, kind, own, whole, limit, window) }
  }

  return {
    count,
    report: now => ({
      buckets: Object.fromEntries(
        [...buckets]
          .map(([key, { tokens }]) => [key, { remaining: Math.floor(tokens) }])
          .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
      ),
      providers: Object.fromEntries(
        [...windows].map(([key, { used, beganAt }]) => [key, { used, sinceSeconds: Math.floor((now - beganAt) / 1000) }])
      )
    }),
    clear() {
      buckets.clear()
      windows.clear()
    }
  }
}

/** A POST is counted among the writes, also one that only reads [REC-PE]. */
const kindOf = (method: string): Kind => (method === 'GET' || method === 'HEAD' ? 'reads' : method === 'DELETE' ? 'deletes' : 'writes')

const withoutRetryAfter = ({ retryAfter: _, ...refusal }: Refusal): Refusal => refusal

interface Asked {
  readonly own: Bucket
  readonly whole: Bucket
  readonly perSecond: number
  readonly limit: LimitedBy | undefined
  readonly window: Window | undefined
  readonly now: number
  readonly request: Counted
  readonly scope: string
  readonly kind: Kind
  readonly words: Behaviours['throttlingMessage']
}

function tooMany({ own, whole, perSecond, limit, window, now, request, scope, kind, words }: Asked): Refusal | undefined {
  const short = own.tokens < 1 ? (1 - own.tokens) / perSecond : whole.tokens < 1 ? (1 - whole.tokens) / (perSecond * wholeSubscription) : 0
  // With no refill at all it would be forever; an hour is as far as Azure ever puts anybody off.
  if (short > 0) {
    const seconds = Math.min(3600, Math.ceil(short))
    return words === 'actor' ? actorRefusal(request, scope, kind, seconds) : operationRefusal(request, scope, seconds)
  }
  if (limit === undefined || window === undefined || window.used < limit.most) return undefined
  return providerRefusal(limit, scope, Math.max(1, Math.ceil((window.beganAt + limit.spanMs - now) / 1000)))
}

/** Private DNS says what is left of its own limit in place of ARM's [REC-DNS]; outside a subscription the tenant's is meant. */
function remaining(
  scope: string,
  kind: Kind,
  own: Bucket,
  whole: Bucket,
  limit: LimitedBy | undefined,
  window: Window | undefined
): Record<string, string> {
  if (limit?.shown && window)
    return { 'x-ms-ratelimit-remaining-subscription-resource-requests': `${Math.max(0, limit.most - window.used)}` }
  if (scope === '') return { [`x-ms-ratelimit-remaining-tenant-${kind}`]: `${Math.floor(own.tokens)}` }
  return {
    [`x-ms-ratelimit-remaining-subscription-${kind}`]: `${Math.floor(own.tokens)}`,
    [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: `${Math.floor(whole.tokens)}`
  }
}
