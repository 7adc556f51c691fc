import { ArmError, type ErrorBody } from '../azure/error.ts'
import { type ResourceId, resourceId } from '../model/id.ts'

/** One thing Azure says when it only means "not now". `waitMs` is how long before the write is sent anew. */
interface Transient {
  readonly code: RegExp
  readonly message: RegExp
  readonly waitMs: number
  readonly source: string
}

/** The whole of what is tried again, by code and text; everything else stands. */
const transients: readonly Transient[] = [
  { code: /^AnotherOperationInProgress$/, message: /./, waitMs: 10_000, source: 'CORPUS' },
  { code: /^RetryableError/, message: /./, waitMs: 12_000, source: 'CORPUS' },
  { code: /^ReferencedResourceNotProvisioned$/, message: /./, waitMs: 10_000, source: 'CORPUS' },
  {
    code: /^(ServerIsBusy|ServerBusy|ProvisioningServerBusy|VirtualEndpointOwnerServerNotInReadyState|)$/,
    message: /busy|not in ready state|should be in ready state/i,
    waitMs: 30_000,
    source: 'CORPUS'
  },
  { code: /^OperationTimedOut$/, message: /automatically rolled back/, waitMs: 30_000, source: 'CORPUS' },
  { code: /^Canceled$/, message: /CanceledAndSuperseded/, waitMs: 10_000, source: 'CORPUS' }
]

/** Tries after which the last answer stands. */
export const triesMax = 8

/** Azure goes on refusing for a while after a lock is gone [TF-LOCK: about two minutes]. */
const settlingMs = 5_000
export const settleTriesMax = 60

/** How long to wait before the same write is sent anew, or `undefined`: this refusal stands. */
export function retryAfterMs(
  error: unknown,
  lifted: ReadonlySet<ResourceId>
): { readonly ms: number; readonly triesMax: number } | undefined {
  if (!(error instanceof ArmError)) return undefined
  if (error.code === 'ScopeLocked' || /following scope\(s\) are locked/.test(error.message)) {
    return namesOnly(lockedScopes(error.message), lifted) ? { ms: settlingMs, triesMax: settleTriesMax } : undefined
  }
  const said = textOf({ code: error.code, message: error.message, details: error.details })
  const known = transients.find(({ code, message }) => code.test(error.code) && message.test(said))
  return known && { ms: known.waitMs, triesMax }
}

/**
 * A lock goes back whatever the network does: its body is sent whole, so that sending it twice does no harm.
 * `undefined`: the refusal stands.
 */
export function relockAfterMs(error: unknown): { readonly ms: number; readonly triesMax: number } | undefined {
  const passes = error instanceof ArmError ? [408, 409, 429].includes(error.status) || error.status >= 500 : isBrokenConnection(error)
  return passes ? { ms: settlingMs, triesMax } : undefined
}

const isBrokenConnection = (error: unknown): boolean => error instanceof Error && error.name === 'RestError'

function textOf({ code = '', message = '', details = [] }: ErrorBody): string {
  return [code, message, ...(details ?? []).map(textOf)].join(' ')
}

/** The scopes a ScopeLocked names [CORPUS]: `… are locked: 'a,b'. Please …`. */
export const lockedScopes = (message: string): ResourceId[] =>
  [...message.matchAll(/are locked: '([^']*)'/g)].flatMap(([, list = '']) => list.split(',').map(scope => resourceId(scope.trim())))

/** A lock that is not one of those we lifted will not go away by waiting. */
const namesOnly = (scopes: readonly ResourceId[], lifted: ReadonlySet<ResourceId>): boolean =>
  scopes.length > 0 && scopes.every(scope => lifted.has(scope))
