import { createHmac } from 'node:crypto'
import { isObject, textAt, valueAt } from './json.ts'
import { tenantId } from './subscriptions.ts'

/** Anything signs a sandbox's tokens: they are good nowhere else. */
const key = 'sandbox'

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

const signatureOf = (text: string): string => createHmac('sha256', key).update(text).digest('base64url')

/** A token of the shape that Entra gives, for whoever says to be `clientId`; its service principal has the same id unless told. */
export function issueToken(clientId: string, audience: string, nowMs: number, lifetimeSeconds: number, objectId = clientId): string {
  const now = Math.floor(nowMs / 1000)
  const claims = {
    aud: audience,
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: now,
    nbf: now,
    exp: now + lifetimeSeconds,
    appid: clientId,
    oid: objectId,
    tid: tenantId
  }
  const text = `${encoded({ typ: 'JWT', alg: 'HS256' })}.${encoded(claims)}`
  return `${text}.${signatureOf(text)}`
}

/** The claims of a token. */
export interface Claims {
  readonly objectId: string | undefined
  readonly clientId: string | undefined
  /** In milliseconds; undefined when it does not say when it ends. */
  readonly expires: number | undefined
}

/** Undefined for a token that is none of Entra's shape. */
export function claimsOf(authorization: string | null): Claims | undefined {
  const [, payload] = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/i.exec(authorization ?? '') ?? []
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    if (!isObject(claims)) return undefined
    const exp = valueAt(claims, 'exp')
    return {
      objectId: textAt(claims, 'oid'),
      clientId: textAt(claims, 'appid'),
      expires: typeof exp === 'number' ? exp * 1000 : undefined
    }
  } catch {
    return undefined
  }
}

/** Whether a token was given out here, by whichever sandbox. */
export function isGenuine(authorization: string): boolean {
  const [, text = '', signature] = /^Bearer ([\w-]+\.[\w-]+)\.([\w-]*)$/i.exec(authorization) ?? []
  return signature === signatureOf(text)
}

/** The object id in a bearer token; undefined for a token that is none of Entra's shape. */
export function principalOf(authorization: string | null): string | undefined {
  const claims = claimsOf(authorization)
  return claims?.objectId ?? claims?.clientId
}
