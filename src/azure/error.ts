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
  /** Said to who asked how an operation goes: of the operation itself it says nothing. */
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

/** A login that may see nothing of a subscription is told that there is none, with a 404: that says nothing of what is in it. */
const isHidden = ({ code }: ArmError): boolean => /^(SubscriptionNotFound|InvalidSubscriptionId)$/.test(code)

/** Not for us to see or do. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof ArmError && (error.status === 403 || error.status === 401 || isHidden(error))

/**
 * Azure has answered, and this one thing cannot be looked at: it is not for us to see, it is stopped [GH steampipe-plugin-azure#1015], or
 * what keeps it fails. That says nothing of what lies beside it. A login that is throttled sees nothing anywhere: that is no such answer.
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

/** At once with 412, or in an operation that private DNS had accepted [REC-DNS]. */
export const isPreconditionFailed = (error: unknown): boolean => error instanceof ArmError && error.code === 'PreconditionFailed'

/** Some providers leave the `error` wrapper out. */
export function errorIn(text: string | null | undefined): ErrorBody | undefined {
  const body = parsed(text) as { error?: ErrorBody; code?: string } | undefined
  return body?.error ?? (typeof body?.code === 'string' ? (body as ErrorBody) : undefined)
}

/** A proxy between us and Azure answers in HTML; that is no reason to lose the status. */
export function parsed(text: string | null | undefined): unknown {
  try {
    return text ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}
