import type { InForce } from './sandbox.ts'
import { issueToken } from './token.ts'

type Settled = Pick<InForce, 'behaviours' | 'principals'>

/** The identity of a request that names none: a machine has one of its own. */
const systemAssigned = '00000000-0000-4000-8000-0000000051d0'

/**
 * Tokens as a machine in Azure gets them, by either of the ways that clients know: an App Service's endpoint, asked with
 * X-IDENTITY-HEADER, and the instance metadata service, asked with `Metadata: true`. Undefined for every other address.
 */
export function managedIdentity(path: string, asked: URLSearchParams, headers: Headers, settled: Settled): Response | undefined {
  switch (path) {
    case '/msi/token':
      // Any value will do: here it is no secret.
      if (headers.has('x-identity-header')) return token(asked, settled)
      // Terraform's ARM_MSI_ENDPOINT is asked as the metadata service is.
      return headers.get('metadata') === 'true'
        ? token(asked, settled)
        : refused('unauthorized_client', 'Required X-IDENTITY-HEADER header not specified', 401)
    case '/metadata/identity/oauth2/token':
      return headers.get('metadata') === 'true'
        ? token(asked, settled)
        : refused('invalid_request', 'Required metadata header not specified')
    default:
      return undefined
  }
}

function token(asked: URLSearchParams, { behaviours, principals }: Settled): Response {
  const resource = asked.get('resource')
  if (resource === null) return refused('invalid_request', 'Required audience parameter not specified')
  const wanted = (asked.get('client_id') ?? asked.get('clientid'))?.toLowerCase()
  // Where it is said who may ask, the machine is one of them: the first, unless it says which.
  const known = wanted === undefined ? principals[0] : principals.find(one => one.clientId === wanted)
  if (known === undefined && principals.length > 0) return refused('invalid_request', 'Identity not found')
  const clientId = known?.clientId ?? wanted ?? systemAssigned
  const seconds = behaviours.tokenLifetimeSeconds
  const now = Date.now()
  const from = Math.floor(now / 1000)
  // All of them texts, as both endpoints answer.
  return Response.json({
    access_token: issueToken(clientId, resource, now, seconds, known?.objectId),
    client_id: clientId,
    expires_in: `${seconds}`,
    expires_on: `${from + seconds}`,
    ext_expires_in: `${seconds}`,
    not_before: `${from}`,
    resource,
    token_type: 'Bearer'
  })
}

const refused = (error: string, error_description: string, status = 400): Response =>
  Response.json({ error, error_description }, { status })
