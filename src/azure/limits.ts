import type { HttpHeaders, PipelineResponse } from '@azure/core-rest-pipeline'
import { Bucket, type Budget, Window } from './budget.ts'

/** A limit that a request counts for. */
export interface RequestLimit {
  /** Requests of one key count together. */
  readonly key: string
  readonly of: 'ARM' | 'provider' | 'us'
  /** The requests that are meant, such as «reads of private DNS». */
  readonly what: string
  readonly rule: string
  readonly budget: () => Budget
  /** How many are left, by Azure's answer. */
  readonly left: (headers: HttpHeaders) => number | undefined
}

type Sort = 'reads' | 'writes' | 'deletes'

/** As ARM counts them: a POST is a write, whatever it does [REC-PE]. */
export const sortOf = (method: string): Sort =>
  method === 'GET' || method === 'HEAD' ? 'reads' : method === 'DELETE' ? 'deletes' : 'writes'

const minuteMs = 60_000

/** ARM's token buckets: for each login and subscription, and for each login outside of one [DOC-THR]. */
const buckets: Readonly<Record<Sort, readonly [size: number, perSecond: number]>> = {
  reads: [250, 25],
  writes: [200, 10],
  deletes: [200, 10]
}

/** The limits of Azure that a request counts for, those of ARM and those of its provider. */
export function limitsOn(method: string, url: string): readonly RequestLimit[] {
  const { pathname } = new URL(url)
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(pathname)?.[1]?.toLowerCase()
  const sort = sortOf(method)
  const of = ofProvider(pathname, sort, subscription ?? '')
  return of === undefined ? [ofArm(sort, subscription)] : [of, ofArm(sort, subscription)]
}

const where = (subscription: string | undefined): string => (subscription === undefined ? '' : ` in subscription ${subscription}`)

function ofArm(sort: Sort, subscription: string | undefined): RequestLimit {
  const [size, perSecond] = buckets[sort]
  return {
    key: `${subscription ?? ''} ${sort}`,
    of: 'ARM',
    what: `${sort}${where(subscription)}`,
    rule: `Azure takes ${size} at once and ${perSecond} a second of a login`,
    budget: () => new Bucket(size, perSecond),
    left: headers => numberIn(headers, `x-ms-ratelimit-remaining-${subscription === undefined ? 'tenant' : 'subscription'}-${sort}`)
  }
}

/** The namespace of the last provider of a path, and the type that follows it. */
const providerIn = /^.*\/providers\/([^/]+)(?:\/([^/]+))?/i

/** [DOC-THR, REC-DNS for private DNS, GH Azure/alzlib#168 for locks, roles and policies] */
function ofProvider(pathname: string, sort: Sort, subscription: string): RequestLimit | undefined {
  const [, namespace = '', type = ''] = providerIn.exec(pathname) ?? []
  switch (namespace.toLowerCase()) {
    case 'microsoft.authorization':
      return window({ key: 'authorization', what: 'locks and rights', most: 120, minutes: 1, subscription })
    case 'microsoft.network': {
      if (/^privatedns(zones|operation)/i.test(type)) {
        const [what, most] = sort === 'reads' ? (['reads', 500] as const) : (['writes', 12_000] as const)
        return window({ key: `privateDns ${what}`, what: `${what} of private DNS`, most, minutes: 5, subscription, says: saysLeft })
      }
      const [what, most] = sort === 'reads' ? (['reads', 10_000] as const) : (['writes', 1_000] as const)
      return window({ key: `network ${what}`, what: `${what} of networks and endpoints`, most, minutes: 5, subscription })
    }
    default:
      return undefined
  }
}

/** Private DNS says how many are left of its own limit, in place of ARM's [REC-DNS]. */
const saysLeft: RequestLimit['left'] = headers => numberIn(headers, 'x-ms-ratelimit-remaining-subscription-resource-requests')

interface Windowed {
  readonly key: string
  readonly what: string
  readonly most: number
  readonly minutes: number
  readonly subscription: string
  readonly says?: RequestLimit['left']
}

const window = ({ key, what, most, minutes, subscription, says = () => undefined }: Windowed): RequestLimit => ({
  key: `${subscription} ${key}`,
  of: 'provider',
  what: `${what} in subscription ${subscription}`,
  rule: `Azure takes ${most} in ${minutes} min`,
  budget: () => new Window(most, minutes * minuteMs),
  left: says
})

/** Our own, for all subscriptions together: Azure does not tell us how many other programs want. */
export const ownLimit = (most: number): RequestLimit => ({
  key: 'own',
  of: 'us',
  what: 'reads',
  rule: `no more than ${most} a minute are asked for`,
  budget: () => new Window(most, minuteMs),
  left: () => undefined
})

/**
 * The one whose limit a 429 is about; `undefined` where it is not about too many requests: the network provider answers so as well while another
 * write of the same network is in flight [CORPUS].
 */
export function limitRefused({ status, bodyAsText }: Pick<PipelineResponse, 'status' | 'bodyAsText'>): 'ARM' | 'provider' | undefined {
  const text = status === 429 ? (bodyAsText ?? '') : ''
  if (/SubscriptionRequestsThrottled|TenantRequestsThrottled/.test(text)) return 'ARM'
  return /RequestsThrottled|TooManyRequests|TooManyCalls/.test(text) ? 'provider' : undefined
}

function numberIn(headers: HttpHeaders, name: string): number | undefined {
  const text = headers.get(name) ?? ''
  return /^\d+$/.test(text) ? Number(text) : undefined
}
