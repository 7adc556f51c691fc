import type { ArmPath } from './armPath.ts'
import type { Behaviours } from './behaviours.ts'
import type { Refusal } from './refusal.ts'
import type { Counted, Kind } from './throttle.ts'

/** ARM's buckets as size and refill in a second, and the providers' limits as numbers of requests. */
export interface Limits extends Readonly<Record<Kind, readonly [size: number, perSecond: number]>> {
  readonly networkReads: number
  readonly networkWrites: number
  readonly privateDnsReads: number
  readonly privateDnsWrites: number
  readonly authorization: number
}

/** A provider's own limit: at most so many requests in a span of time, for a whole subscription. */
export interface LimitedBy {
  readonly provider: 'network' | 'privateDns' | 'authorization'
  /** The name of requests that are counted together. */
  readonly name: string
  readonly most: number
  readonly spanMs: number
  /** Whether its answers say how many are left. */
  readonly shown?: true
}

const minute = 60_000

/** Azure's figures [DOC-THR, REC-DNS, GH Azure/alzlib#168], with those of a test laid over them. */
export function limitsOf(given: Behaviours['throttlingLimits']): Limits {
  const limit = (name: string, usual: number): number => given[name] ?? usual
  return {
    reads: [limit('reads', 250), limit('readsPerSecond', 25)],
    writes: [limit('writes', 200), limit('writesPerSecond', 10)],
    deletes: [limit('deletes', 200), limit('deletesPerSecond', 10)],
    networkReads: limit('networkReads', 10_000),
    networkWrites: limit('networkWrites', 1000),
    privateDnsReads: limit('privateDnsReads', 500),
    privateDnsWrites: limit('privateDnsWrites', 12_000),
    authorization: limit('authorization', 120)
  }
}

/** Undefined for providers that are not known to have a limit of their own. */
export function providerLimitOf({ part }: ArmPath, kind: Kind, limits: Limits): LimitedBy | undefined {
  switch (part?.namespace.toLowerCase()) {
    case 'microsoft.authorization':
      return { provider: 'authorization', name: 'Microsoft.Authorization', most: limits.authorization, spanMs: minute }
    case 'microsoft.network': {
      const reads = kind === 'reads'
      if (/^privatedns(zones|operation)/i.test(part?.types[0] ?? '')) {
        const most = reads ? limits.privateDnsReads : limits.privateDnsWrites
        const action = `Microsoft.Network/privateDnsZones/${reads ? 'read' : 'write'}`
        return { provider: 'privateDns', name: action, most, spanMs: 5 * minute, shown: true }
      }
      const most = reads ? limits.networkReads : limits.networkWrites
      return { provider: 'network', name: `Microsoft.Network ${reads ? 'reads' : 'writes'}`, most, spanMs: 5 * minute }
    }
    default:
      return undefined
  }
}

/** The types of a path without the names, in capitals, as ARM names an operation when it refuses one (CORPUS). */
function operationOf({ method, pathname }: Counted): string {
  const segments = pathname.split('/').filter(Boolean)
  const kept: string[] = []
  let nameNext = false
  for (const segment of segments) {
    if (nameNext) {
      nameNext = false
      continue
    }
    kept.push(segment.toUpperCase())
    const isProviders = segment.toLowerCase() === 'providers'
    // A namespace follows `providers` and is kept, and so is the type after it.
    nameNext = !isProviders && kept.at(-2) !== 'PROVIDERS'
  }
  return `${method}/${kept.join('/')}${method === 'POST' ? '' : '/'}`
}

const throttled = (message: string, retryAfter: number): Refusal => ({
  status: 429,
  code: 'SubscriptionRequestsThrottled',
  message,
  cause: 'gateway',
  retryAfter
})

/** ARM's own refusal, in the words that were recorded (CORPUS). */
export const operationRefusal = (request: Counted, scope: string, seconds: number): Refusal =>
  throttled(
    `Number of requests for subscription '${scope}' and operation '${operationOf(request)}' exceeded the backend storage limit. Please try again after '${seconds}' seconds.`,
    seconds
  )

/** ARM's own refusal, in the words that are reported since there are buckets [GH Azure/ARO-HCP, its test logs]. */
export const actorRefusal = ({ principal }: Counted, scope: string, kind: Kind, seconds: number): Refusal =>
  throttled(
    `Number of '${kind.slice(0, -1)}' requests for subscription '${scope}' actor '${principal}' exceeded. Please try again after '${seconds}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`,
    seconds
  )

const spanText = (ms: number): string => new Date(ms).toISOString().slice(11, 19)

export function providerRefusal({ provider, name, most, spanMs }: LimitedBy, scope: string, seconds: number): Refusal {
  switch (provider) {
    case 'authorization':
    case 'privateDns':
      // [GH Azure/alzlib#168] for the namespace as a whole, (CORPUS) for an action.
      return {
        status: 429,
        code: 'ResourceRequestsThrottled',
        message: `Number of requests for ${provider === 'privateDns' ? `action '${name}'` : name} exceeded the limit of '${most}' for time interval '${spanText(spanMs)}'. Please try again after '${seconds}' seconds.`,
        cause: 'gateway',
        retryAfter: seconds
      }
    case 'network':
      return tooManyCalls(scope, seconds)
    default:
      return provider satisfies never
  }
}

/** The network provider has words of its own for too many requests. */
export const tooManyCalls = (subscription: string, seconds: number): Refusal => ({
  status: 429,
  code: 'RetryableError',
  message: 'A retryable error occurred.',
  details: [
    {
      code: 'RetryableErrorDueToTooManyCalls',
      message: `Subscription ${subscription} was used to perform too many calls within last 5 minutes. The number of calls exceeds Microsoft.Network throttling limit. The call can be retried in ${seconds} seconds.`
    }
  ],
  cause: 'service',
  retryAfter: seconds
})
