import { createHmac } from 'node:crypto'
import { isObject, textAt } from './json.ts'
import { tenantId } from './subscriptions.ts'

/** Anything signs a sandbox's tokens: they are good nowhere else. */
const key = 'sandbox'

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** A token of the shape that Entra gives, for whoever says to be `clientId`. */
export function issueToken(clientId: string, audience: string, nowMs: number): string {
  const now = Math.floor(nowMs / 1000)
  const claims = {
    aud: audience,
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: now,
    nbf: now,
    exp: now + 86_400,
    appid: clientId,
    oid: clientId,
    tid: tenantId
  }
  const text = `${encoded({ typ: 'JWT', alg: 'HS256' })}.${encoded(claims)}`
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
}

/** The object id in a bearer token; undefined for a token that is none of Entra's shape. */
export function principalOf(authorization: string | null): string | undefined {
  const payload = /^Bearer [\w-]+\.([\w-]+)\./i.exec(authorization ?? '')?.[1]
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return isObject(claims) ? (textAt(claims, 'oid') ?? textAt(claims, 'appid')) : undefined
  } catch {
    return undefined
  }
}
