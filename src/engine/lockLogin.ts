import type { TokenCredential } from '@azure/core-auth'
import { tenantIn } from '../azure/estate.ts'
import { isGuid } from '../model/id.ts'
import { option } from '../model/option.ts'
import { keepHidden } from '../model/redact.ts'
import type { Host } from './host.ts'
import { type Authority, asJob, hasIdentityEndpoint, isManagedIdentity, type Login } from './login.ts'
import type { Settings } from './settings.ts'
import { causesOf } from './signInText.ts'
import { Stop, UsageError } from './stop.ts'

/** The variable with the secret of the login for locks. */
const secretName = 'AZURE_LOCK_CLIENT_SECRET'

interface SigningIn {
  readonly settings: Settings
  readonly host: Pick<Host, 'idToken'>
  readonly authority: Authority
  /** The login that does all else. */
  readonly first: Login
}

/**
 * The second login of a run, which is for locks alone: `undefined` where none is asked for. It signs in with its own secret where that is set,
 * else as the first login does: by the same proof of the job, the same federated token file, or as another managed identity of the machine.
 *
 * @param scope of the token
 * @throws UsageError where the surroundings have no way to sign in twice, Stop where it does not sign in, or in another tenant
 */
export async function signInForLocks({ settings, host, authority, first }: SigningIn, scope: string): Promise<Login | undefined> {
  const clientId = lockClient(settings)
  if (clientId === undefined) return undefined
  const flag = option(settings, 'lockIdentity')
  if (first.ofTool === true)
    throw new UsageError(
      `${flag} needs a login that can sign in twice: a managed identity, a job or workload with federation, or AZURE_CLIENT_ID with AZURE_CLIENT_SECRET. This run has the login of the Azure CLI or of another tool, which is one person or application: leave ${flag} out, or sign in as one of those.`
    )
  const login = await loginOf({ settings, host, authority, first, clientId }, scope)
  const [tenant, other] = [tenantIn(first.token), tenantIn(login.token)]
  if (tenant !== other)
    throw new Stop(
      'refused',
      `The login for locks, ${clientId}, is of the tenant ${other || 'that its token does not name'}, and the login of this run of ${tenant || 'one that its token does not name'}: both have to be of one tenant. Nothing was changed.`
    )
  return login
}

/** The client id of the login for locks. @throws UsageError where it is none */
export function lockClient(settings: Pick<Settings, 'lockIdentity' | 'words'>): string | undefined {
  const { lockIdentity } = settings
  if (lockIdentity !== undefined && !isGuid(lockIdentity))
    throw new UsageError(`${option(settings, 'lockIdentity')} takes the client id of an application or managed identity, a GUID.`)
  return lockIdentity?.toLowerCase()
}

function loginOf({ clientId, first, ...way }: SigningIn & { readonly clientId: string }, scope: string): Promise<Login> {
  const { environment: env } = way.settings
  const secret = env[secretName] ?? ''
  if (secret !== '') return withSecret({ ...way, first }, { clientId, secret }, scope)
  const job = asJob({ ...way, clientId }, scope)
  if (job !== undefined) return job
  const tokenFilePath = env['AZURE_FEDERATED_TOKEN_FILE'] ?? ''
  if (tokenFilePath !== '') {
    const tenantId = env['AZURE_TENANT_ID'] || tenantIn(first.token)
    return signedIn(clientId, scope, async () => {
      const { WorkloadIdentityCredential } = await import('@azure/identity')
      return new WorkloadIdentityCredential({ ...way.authority, clientId, tenantId, tokenFilePath })
    })
  }
  if (hasIdentityEndpoint(env) || isManagedIdentity(first.token))
    return signedIn(clientId, scope, async () => {
      const { ManagedIdentityCredential } = await import('@azure/identity')
      return new ManagedIdentityCredential({ clientId })
    })
  throw new UsageError(
    `${option(way.settings, 'lockIdentity')} has no way to sign in as ${clientId}: set ${secretName}, or run where there is a managed identity, or a job or workload with federation.`
  )
}

function withSecret(
  { settings, authority, first }: Omit<SigningIn, 'host'>,
  { clientId, secret }: { readonly clientId: string; readonly secret: string },
  scope: string
): Promise<Login> {
  keepHidden(secret)
  const tenantId = settings.environment['AZURE_TENANT_ID'] || tenantIn(first.token)
  if (tenantId === '') throw new Stop('error', `Set AZURE_TENANT_ID beside ${secretName}: the token of this run names no tenant.`)
  return signedIn(clientId, scope, async () => {
    const { ClientSecretCredential } = await import('@azure/identity')
    return new ClientSecretCredential(tenantId, clientId, secret, authority)
  })
}

/** Asks for a token at once, as for the first login. @throws Stop where there is none */
async function signedIn(clientId: string, scope: string, make: () => Promise<TokenCredential>): Promise<Login> {
  try {
    const credential = await make()
    // As the clients ask for it, so that theirs is answered from the cache.
    const token = await credential.getToken(scope, { enableCae: true })
    if (token === null) throw new Error('it has no token')
    return { credential, token: token.token }
  } catch (error) {
    const causes = causesOf(error)
    throw new Stop(
      'error',
      `The login for locks, ${clientId}, does not sign in to Azure. Nothing was changed.`,
      causes.length > 0 ? causes.map(cause => `It said: ${cause}`) : [`It said: ${error instanceof Error ? error.message : String(error)}`]
    )
  }
}
