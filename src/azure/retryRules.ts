import { type ResourceId, resourceId, typeOf } from '../model/id.ts'
import { ArmError, type ErrorBody } from './error.ts'
import { longestAskedMs } from './operation.ts'

/** Our answer to one thing that Azure says of a write to one sort of resource. */
interface Rule {
  /** ARM's type of what was written to, in lower case. */
  readonly type?: RegExp
  readonly code: RegExp
  /** Against code, message and details together. */
  readonly message?: RegExp
  readonly stands?: true
  /** The operation that the message names is followed to its end first. */
  readonly follow?: true
}

const anything = /(?:)/
const network = /^microsoft\.network\//
const postgres = /^microsoft\.dbforpostgresql\//
/** An endpoint is refused for what is in flight at the server it leads to. */
const busyHosts = /^microsoft\.dbforpostgresql\/|^microsoft\.network\/privateendpoints$/
const busyCode = /^(ServerIsBusy|ServerBusy|ProvisioningServerBusy|VirtualEndpointOwnerServerNotInReadyState)$/
const isBusy = /busy|not in ready state|should be in ready state/i

/** The refusals that pass, and those that do not: the first that fits. A refusal that fits none stands. */
const rules: readonly Rule[] = [
  // So ends the approval of a connection that was rejected once, and any other step that PostgreSQL does not have: for good
  // [CORPUS, GH MicrosoftDocs/azure-docs#71740].
  { type: /\/privateendpointconnections$/, code: /^InternalServerError$/, stands: true },
  // [CORPUS, GH pulumi/pulumi-azure-native#1024]
  { type: network, code: /^AnotherOperationInProgress$/, follow: true },
  // [CORPUS, TF-SUBNET]
  { type: network, code: /^RetryableError/ },
  // [CORPUS, GH hashicorp/terraform-provider-azurerm#21293]
  { type: network, code: /^ReferencedResourceNotProvisioned$/ },
  // [CORPUS]
  { type: network, code: /^Canceled$/, message: /CanceledAndSuperseded/ },
  // [CORPUS, GH hashicorp/terraform-provider-azurerm#28298]
  { type: busyHosts, code: busyCode, message: isBusy },
  // A server that is stopped stays so; any other state passes [GH hashicorp/terraform-provider-azurerm#29219].
  { type: postgres, code: /^ServerIsNotReady$/, message: /Current Server State = (?!Stopp)/i },
  // Older versions of its API say the same without a code [CORPUS].
  { type: postgres, code: /^$/, message: isBusy },
  // [CORPUS]
  { type: postgres, code: /^OperationTimedOut$/, message: /automatically rolled back/ },
  // [CORPUS, DOC-THR]
  { code: /RequestsThrottled$|^TooManyRequests$/ }
]

/** Tries after which the last answer stands: where Azure does not say how long to wait, three and a half minutes. */
export const triesMax = 18

/** Azure still refuses for a while after a lock is gone [TF-LOCK: about two minutes]: five minutes. */
export const enforcedTriesMax = 24

/** A minute: then the user is told of the lock that is off. */
const restoreTriesMax = 8

/** The wait before the same write is sent anew. */
export interface Passes {
  /** Azure itself said how long: that is not the step's time. Else we wait as for any other look. */
  readonly askedMs: number | undefined
  readonly triesMax: number
  /** The operation that stands in the way, at the address that Azure gave. */
  readonly follow: string | undefined
  /** The scopes on which a lifted lock seems to be enforced still. */
  readonly enforced?: readonly ResourceId[]
}

/** @returns `undefined` where this refusal stands. @param path of what was written to */
export function againAfter(error: unknown, path: string, lifted: ReadonlySet<ResourceId>): Passes | undefined {
  if (!(error instanceof ArmError)) return undefined
  if (error.code === 'ScopeLocked' || /following scope\(s\) are locked/.test(error.message)) {
    const enforced = lockedScopes(error.message)
    return namesOnly(enforced, lifted) ? { askedMs: undefined, triesMax: enforcedTriesMax, follow: undefined, enforced } : undefined
  }
  const said = textOf({ code: error.code, message: error.message, details: error.details })
  const rule = rules.find(
    ({ type = anything, code, message = anything }) => type.test(typeOf(path)) && code.test(error.code) && message.test(said)
  )
  if (rule === undefined || rule.stands) return undefined
  return { askedMs: error.retryAfterMs ?? msIn(said), triesMax, follow: rule.follow && namedOperation(said) }
}

/** `The call can be retried in 11 seconds.` `Please try again after '5' seconds.` [CORPUS] */
function msIn(said: string): number | undefined {
  const seconds = /(?:can be retried in|try again after) '?(\d{1,4})'? seconds?/i.exec(said)?.[1]
  return seconds === undefined ? undefined : Math.min(longestAskedMs, Math.max(1, Number(seconds)) * 1_000)
}

/** `To retrieve status of the operation use uri: https://….`: the full stop ends the sentence [CORPUS]. */
export const namedOperation = (said: string): string | undefined => /use uri: (https:\/\/\S+?)\.?(?=\s|$)/i.exec(said)?.[1]

/**
 * A restore is sent again after any failure of the network: the whole body is sent, so that sending it twice does no harm.
 * `undefined`: the refusal stands.
 */
export function restoreAfter(error: unknown): Passes | undefined {
  const passes = error instanceof ArmError ? [408, 409, 429].includes(error.status) || error.status >= 500 : isBrokenConnection(error)
  return passes ? { askedMs: undefined, triesMax: restoreTriesMax, follow: undefined } : undefined
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
