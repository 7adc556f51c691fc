/** The `error` member of an ARM answer, as every provider sends it. */
export interface ErrorBody {
  readonly code?: string
  readonly message?: string
  readonly target?: string
  readonly details?: readonly ErrorBody[]
}

/** Azure said no. An operating error: expected, reported, never a crash. */
export class ArmError extends Error {
  override readonly name = 'ArmError'
  readonly status: number
  readonly code: string
  readonly details: readonly ErrorBody[]
  /** How long Azure asks to wait before it is asked again. */
  readonly retryAfterMs: number | undefined
  /** It answers the question how an operation goes, and says nothing of the operation itself. */
  readonly ofPoll: boolean
  constructor(status: number, body: ErrorBody, { retryAfterMs, ofPoll = false }: Beside = {}) {
    super(body.message ?? `Azure answered ${status} and did not say why`)
    this.status = status
    this.code = body.code ?? ''
    this.details = body.details ?? []
    this.retryAfterMs = retryAfterMs
    this.ofPoll = ofPoll
  }
}

interface Beside {
  readonly retryAfterMs?: number | undefined
  readonly ofPoll?: boolean
}

/**
 * An answer that cannot be used: HTML of some proxy, half a body, JSON of another shape. We treat it as a 502 of a gateway: a read tells
 * nothing, and a write may have happened.
 */
export class UnusableAnswer extends ArmError {
  /** @param saying a sentence without its beginning "Azure answered with", which names the address */
  constructor(saying: string) {
    super(502, { message: `Azure answered with ${saying}` })
  }
}

/** An answer that names an address which is none, or leads elsewhere: nothing is sent there. */
export class StrayAddress extends UnusableAnswer {}

/**
 * The error of code that reads an answer. An answer may have any shape, so that a TypeError there is the fault of the answer. An error that
 * was thrown on purpose is handed on as it is.
 *
 * @param of what was asked, such as "GET /subscriptions/…"
 */
export function ofAnswer(error: unknown, of: string): unknown {
  const isMeant = !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError || error instanceof URIError)
  const isOfNode = error instanceof Error && 'code' in error
  const isOfClient = error instanceof Error && error.name === 'RestError' && 'response' in error && error.response !== undefined
  if ((isMeant || isOfNode) && !isOfClient) return error
  return new UnusableAnswer(`something that cannot be read, to ${of}: ${(error as Error).message.slice(0, 200)}`)
}

/**
 * Asks something of Azure and takes the answer apart.
 *
 * @param of what is asked, such as "GET /subscriptions/…"
 * @throws UnusableAnswer in place of what breaks on an answer, see {@link ofAnswer}: a write may have happened all the same
 */
export async function asking<T>(of: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw ofAnswer(error, of)
  }
}

/** Takes an answer apart that was read before. @throws UnusableAnswer in place of what breaks on it */
export function taken<T>(of: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw ofAnswer(error, of)
  }
}

/** A login that may see nothing of a subscription is told that there is none, with a 404: that says nothing of what is in it. */
const isHidden = ({ code }: ArmError): boolean => /^(SubscriptionNotFound|InvalidSubscriptionId)$/.test(code)

/** Not for us to see or do. In another tenant a login is not known at all. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof ArmError && (error.status === 403 || error.status === 401 || isHidden(error))

/**
 * Azure has answered that this one resource cannot be read: this login may not, the resource is stopped [GH steampipe-plugin-azure#1015], or
 * its provider fails. Its neighbours may be readable all the same. Throttling is no such answer, since then nothing can be read.
 */
export const isUnreadable = (error: unknown): error is ArmError =>
  error instanceof ArmError && !isNotFound(error) && error.status >= 400 && error.status !== 429

/** A request that would have been for something else than it names: it was not sent. */
export class StrayRequest extends Error {
  override readonly name = 'StrayRequest'
}

/** A wait of ours came to its end before Azure did: the work may still go on there. */
export class WaitTimedOut extends Error {
  override readonly name = 'WaitTimedOut'
}

export const isNotFound = (error: unknown): boolean => error instanceof ArmError && error.status === 404 && !isHidden(error)

/** `undefined` where Azure answers that it is not there. Any other error stands. */
export const orAbsent = <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })

/** At once with 412, or in an operation that private DNS had accepted [REC-DNS]. */
export const isPreconditionFailed = (error: unknown): boolean => error instanceof ArmError && error.code === 'PreconditionFailed'

/** Some providers leave the `error` wrapper out, or write its members large [FINDINGS 8.2]. `undefined` where nothing is to be read. */
export function errorIn(text: string | null | undefined): ErrorBody | undefined {
  const body = parsed(text)
  const inner = memberOf(body, 'error')
  if (typeof inner === 'string') return { message: inner }
  return errorBody(inner) ?? errorBody(body)
}

/** No provider writes deeper than this, and no user would read it. */
const detailsDepthMax = 8

/** A body without code and message is no error body. It comes from outside, and may have any shape. */
export function errorBody(value: unknown, depth = 0): ErrorBody | undefined {
  const said = {
    code: textOf(memberOf(value, 'code')),
    message: textOf(memberOf(value, 'message')),
    target: textOf(memberOf(value, 'target'))
  }
  const below = memberOf(value, 'details')
  const inner: readonly unknown[] = Array.isArray(below) && depth < detailsDepthMax ? below : []
  const details = inner.flatMap(one => errorBody(one, depth + 1) ?? [])
  if (said.code === undefined && said.message === undefined && details.length === 0) return undefined
  return { ...Object.fromEntries(Object.entries(said).filter(([, one]) => one !== undefined)), ...(Array.isArray(below) && { details }) }
}

/** A sentence longer than this is none. */
const charactersMax = 8_000

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.slice(0, charactersMax) : typeof value === 'number' ? String(value) : undefined

function memberOf(value: unknown, name: string): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  const key = Object.keys(value).find(one => one.toLowerCase() === name)
  return key === undefined ? undefined : (value as Readonly<Record<string, unknown>>)[key]
}

/** A proxy between us and Azure answers in HTML; that is no reason to lose the status. */
export function parsed(text: string | null | undefined): unknown {
  try {
    return text ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}
