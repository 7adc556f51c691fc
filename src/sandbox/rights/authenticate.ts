import type { Refusal } from '../refusal.ts'
import { tenantId } from '../subscriptions.ts'
import { claimsOf, isGenuine } from '../token.ts'
import { anybody, type Caller } from './caller.ts'
import type { Principal } from './principals.ts'

/** A 401, which says where to get a token. */
interface Challenge extends Refusal {
  readonly headers: Readonly<Record<string, string>>
}

function challenge(origin: string, code: string, message: string, description = message): Challenge {
  const uri = `${origin}/${tenantId}`
  return {
    status: 401,
    code,
    message,
    cause: 'gateway',
    headers: { 'www-authenticate': `Bearer authorization_uri="${uri}", error="invalid_token", error_description="${description}"` }
  }
}

/** As ARM writes a time in its texts: 3/21/2023 12:44:36 PM [GH vscode-azureappservice#2483]. */
function american(at: number): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = date.getUTCHours()
  const time = `${hours % 12 === 0 ? 12 : hours % 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? 'AM' : 'PM'}`
  return `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()} ${time}`
}

/**
 * The caller of a request. With no principal configured everybody is let in, whatever the token, unless it has run out: that is asked by
 * the wall's clock, since clients that have to ask for a new one go by theirs.
 */
export function authenticate(principals: readonly Principal[], authorization: string | null, origin: string): Caller | Challenge {
  const claims = claimsOf(authorization)
  const now = Date.now()
  if (claims?.expires !== undefined && claims.expires <= now) {
    return challenge(
      origin,
      'ExpiredAuthenticationToken',
      `The access token expiry UTC time '${american(claims.expires)}' is earlier than current UTC time '${american(now)}'.`,
      'The access token has expired.'
    )
  }
  if (principals.length === 0) {
    const id = claims?.objectId ?? claims?.clientId
    return id === undefined ? anybody : { ...anybody, clientId: claims?.clientId ?? id, objectId: id }
  }
  if (authorization === null || authorization.trim() === '') {
    const description = "The authentication failed because of missing 'Authorization' header."
    return challenge(origin, 'AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.", description)
  }
  if (!/^Bearer +\S+$/i.test(authorization)) {
    const message = "Authentication failed. The 'Authorization' header is provided in an invalid format."
    return challenge(origin, 'AuthenticationFailedInvalidHeader', message)
  }
  // A managed identity is asked for by its client id, and its token has that for an object id.
  const isOf = ({ clientId, objectId }: Principal): boolean => objectId === claims?.objectId || clientId === claims?.clientId?.toLowerCase()
  const known = isGenuine(authorization) ? principals.find(isOf) : undefined
  return known ?? challenge(origin, 'InvalidAuthenticationToken', 'The access token is invalid.')
}

/** Entra's answer to a login that it does not know. */
interface SignInError {
  readonly status: number
  readonly body: Readonly<Record<string, string | number | readonly number[]>>
}

/**
 * The principal that a client id and a secret stand for; undefined where nobody is configured, so that anybody may
 * have a token. The texts are Entra's (sap-automation#418, azure-docs#21690).
 */
export function signedInAs(
  principals: readonly Principal[],
  { clientId, secret }: { readonly clientId: string; readonly secret: string | undefined }
): { readonly principal: Principal | undefined } | SignInError {
  if (principals.length === 0) return { principal: undefined }
  const principal = principals.find(one => one.clientId === clientId.toLowerCase())
  if (principal === undefined) {
    const text = `Application with identifier '${clientId}' was not found in the directory '${tenantId}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`
    return signInError(400, 'unauthorized_client', 700_016, text)
  }
  if (principal.secret === undefined || principal.secret === secret) return { principal }
  const text = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`
  return signInError(401, 'invalid_client', 7_000_215, text)
}

function signInError(status: number, error: string, code: number, text: string): SignInError {
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`
  const id = '00000000-0000-4000-8000-000000000000'
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${text} Trace ID: ${id} Correlation ID: ${id} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: id,
      correlation_id: id,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`
    }
  }
}
