import { openIdConfiguration } from './cloudMetadata.ts'
import type { JsonObject } from './json.ts'
import { managedIdentity } from './managedIdentity.ts'
import { signedInAs } from './rights/authenticate.ts'
import type { InForce } from './sandbox.ts'
import { tenantId } from './subscriptions.ts'
import { issueToken } from './token.ts'

type Settled = Pick<InForce, 'behaviours' | 'principals'>

/** A request for a token, and the form of its answer: `v1` is the older one, in which numbers are texts. */
interface Asked {
  readonly form: URLSearchParams
  readonly v1: boolean
  readonly seconds: number
}

/**
 * Answers the requests of clients before they speak to ARM, beside the cloud's metadata: where to sign in, and a token. Undefined for every
 * other address. The forms are those with which the Azure CLI and Terraform were seen to work.
 */
export async function signIn(request: Request, { behaviours, principals }: Settled): Promise<Response | undefined> {
  const { pathname, origin, searchParams } = new URL(request.url)
  const path = pathname.replace(/\/{2,}/g, '/')
  if (request.method === 'GET') {
    const [, tenant, version] = /^\/([^/]+)(?:\/(v2\.0))?\/\.well-known\/openid-configuration$/i.exec(path) ?? []
    if (tenant !== undefined) return Response.json(openIdConfiguration(origin, tenant, version === undefined ? 'v1' : 'v2.0'))
    return managedIdentity(path, searchParams, request.headers, { behaviours, principals })
  }
  if (request.method !== 'POST') return undefined
  const [, tenant = '', version, what] = /^\/([^/]+)\/oauth2(?:\/(v2\.0))?\/(token|devicecode)$/i.exec(path) ?? []
  if (what === undefined) return undefined
  const form = new URLSearchParams(await request.text())
  if (what === 'devicecode') return deviceCode(origin)
  const v1 = version === undefined && tenant.toLowerCase() !== 'adfs'
  return granted({ form, v1, seconds: behaviours.tokenLifetimeSeconds }, principals)
}

/** A request for a token, of any of the grants that the clients use. */
function granted(asked: Asked, principals: Settled['principals']): Response {
  const { form } = asked
  const clientId = form.get('client_id')
  const grant = form.get('grant_type') ?? ''
  if (clientId === null)
    return refusal(400, 'invalid_request', 900144, "The request body must contain the following parameter: 'client_id'.")
  const signedIn = signedInAs(principals, { clientId, secret: form.get('client_secret') ?? undefined })
  if (!('principal' in signedIn)) return Response.json(signedIn.body, { status: signedIn.status })
  switch (grant) {
    case 'client_credentials':
      return Response.json(tokenBody(clientId, asked, signedIn.principal?.objectId))
    case 'password':
      return userToken(form.get('username') ?? '', clientId, asked)
    case 'refresh_token':
      return userToken(userOf(form.get('refresh_token') ?? ''), clientId, asked)
    case 'device_code':
    case 'urn:ietf:params:oauth:grant-type:device_code':
      return userToken('person@sandbox.local', clientId, asked)
    default:
      return refusal(400, 'unsupported_grant_type', 70003, `The app requested an unsupported grant type '${grant}'.`)
  }
}

function tokenBody(who: string, { form, v1, seconds }: Asked, objectId = who): JsonObject {
  const resource = form.get('resource') ?? resourceIn(form.get('scope') ?? '')
  // The wall's time, not the sandbox's: clients compare it with their own.
  const now = Date.now()
  const access_token = issueToken(who, resource.replace(/\/\.default$/, ''), now, seconds, objectId)
  if (!v1) return { token_type: 'Bearer', expires_in: seconds, ext_expires_in: seconds, access_token }
  const from = Math.floor(now / 1000)
  return { token_type: 'Bearer', expires_in: `${seconds}`, expires_on: `${from + seconds}`, not_before: `${from}`, resource, access_token }
}

/** The one of the requested scopes that is no word of OpenID's. */
const resourceIn = (scopes: string): string => scopes.split(' ').find(one => one.includes('://')) ?? ''

/** For people there is more than a token to ARM: who they are, and what to ask for the next token with. */
function userToken(user: string, clientId: string, asked: Asked): Response {
  if (user === '') return refusal(400, 'invalid_grant', 70000, 'The provided grant is invalid or malformed.')
  const now = Math.floor(Date.now() / 1000)
  const { form, seconds } = asked
  const claims = { aud: clientId, exp: now + seconds, iat: now, nbf: now, oid: user, sub: user, tid: tenantId, ver: '2.0' }
  const idToken = [
    { typ: 'JWT', alg: 'none' },
    { ...claims, upn: user, unique_name: user, preferred_username: user, name: user }
  ]
  return Response.json({
    ...tokenBody(user, asked),
    scope: form.get('scope') ?? '',
    id_token: `${idToken.map(encoded).join('.')}.`,
    refresh_token: encoded({ user }),
    client_info: encoded({ uid: user, utid: tenantId })
  })
}

const encoded = (part: JsonObject): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** In whose name a refresh token was given; '' for one that was not given here. */
function userOf(refreshToken: string): string {
  try {
    const { user } = JSON.parse(Buffer.from(refreshToken, 'base64url').toString())
    return typeof user === 'string' ? user : ''
  } catch {
    return ''
  }
}

/** No user has to type the code in anywhere: the sandbox has no people to ask. */
const deviceCode = (origin: string): Response =>
  Response.json({
    device_code: 'sandbox',
    user_code: 'SANDBOX',
    verification_uri: `${origin}/devicelogin`,
    expires_in: 900,
    interval: 1,
    message: 'The sandbox signs you in without a code: there is nothing to open.'
  })

/** In the form of Entra, by whose numbers clients tell what went wrong. */
const refusal = (status: number, error: string, number: number, says: string): Response =>
  Response.json({ error, error_description: `AADSTS${number}: ${says}`, error_codes: [number] }, { status })
