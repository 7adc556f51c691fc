import { tenantId } from './subscriptions.ts'
import { issueToken } from './token.ts'

/**
 * What clients ask for before they speak to ARM: the cloud's metadata and a token. Undefined for every other address.
 * The form of both is the least with which the Azure CLI and Terraform were seen to work.
 */
export async function signIn(request: Request): Promise<Response | undefined> {
  const { pathname, origin } = new URL(request.url)
  if (request.method === 'GET' && pathname === '/metadata/endpoints') return Response.json(metadata(origin))
  if (request.method === 'GET' && pathname === '/adfs/.well-known/openid-configuration') return Response.json(openIdConfiguration(origin))
  if (request.method === 'POST' && /^(\/[^/]+\/oauth2\/v2\.0\/token|\/adfs\/oauth2\/token)$/.test(pathname)) return token(request)
  return undefined
}

const metadata = (origin: string) => ({
  name: 'PglinkSandbox',
  resourceManager: origin,
  microsoftGraphResourceId: origin,
  // `common` and `AAD`, or Terraform takes it for Azure Stack.
  authentication: { loginEndpoint: origin, audiences: [`${origin}/`], tenant: 'common', identityProvider: 'AAD' },
  suffixes: { storage: 'core.sandbox.local', keyVaultDns: 'vault.sandbox.local', postgresqlServerEndpoint: 'postgres.database.azure.com' }
})

const openIdConfiguration = (origin: string) => ({
  authorization_endpoint: `${origin}/adfs/oauth2/authorize`,
  token_endpoint: `${origin}/adfs/oauth2/token`,
  issuer: `https://sts.windows.net/${tenantId}/`
})

/** Whoever asks gets one: what a caller may do is not decided by its secret. */
async function token(request: Request): Promise<Response> {
  const form = new URLSearchParams(await request.text())
  const clientId = form.get('client_id')
  if (clientId === null) {
    return Response.json({ error: 'invalid_request', error_description: 'The body must contain the parameter client_id.' }, { status: 400 })
  }
  const audience = (form.get('scope') ?? form.get('resource') ?? '').replace(/\/\.default$/, '')
  // The wall's time, not the sandbox's: clients compare it with their own.
  const accessToken = issueToken(clientId, audience, Date.now())
  // Terraform asks again for every call when it is 1200 or less.
  return Response.json({ token_type: 'Bearer', expires_in: 86_399, ext_expires_in: 86_399, access_token: accessToken })
}
