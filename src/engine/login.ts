import type { TokenCredential } from '@azure/core-auth'
import { printable } from '../model/printable.ts'
import { keepHidden } from '../model/redact.ts'
import { shellWord } from '../model/shell.ts'
import type { Host } from './host.ts'
import type { Settings } from './settings.ts'
import { causesOf } from './signInText.ts'
import { Stop } from './stop.ts'

/** The audience of a federated credential, [GH Azure/login#360]. */
const audience = 'api://AzureADTokenExchange'

export interface Authority {
  readonly authorityHost: string
  readonly disableInstanceDiscovery?: boolean
}

/** Whether the job can prove who it is, and it is known as whom it is to sign in. */
export const provesItself = ({ environment: env }: Pick<Settings, 'environment'>, { idToken }: Pick<Host, 'idToken'>): boolean =>
  hasConnection(env) || (idToken !== undefined && isSet(env['AZURE_CLIENT_ID']) && isSet(env['AZURE_TENANT_ID']))

/** The task AzureCLI@2 sets these of a service connection with workload identity federation [GH microsoft/azure-pipelines-tasks, AzureCLIV2]. */
const hasConnection = (env: Settings['environment']): boolean =>
  ['SERVICE_CONNECTION_ID', 'CLIENT_ID', 'TENANT_ID'].every(name => isSet(env[`AZURESUBSCRIPTION_${name}`])) &&
  isSet(env['SYSTEM_OIDCREQUESTURI']) &&
  isSet(env['SYSTEM_ACCESSTOKEN'])

const isSet = (value: string | undefined): boolean => value !== undefined && value !== ''

interface SigningIn {
  readonly settings: Settings
  readonly host: Pick<Host, 'idToken' | 'signedInUntil'>
  readonly authority: Authority
  /** Signs in in place of what the surroundings have. */
  readonly given?: TokenCredential | 'default'
}

export interface Login {
  readonly credential: TokenCredential
  /** The first one it gave. */
  readonly token: string
  /** Another tool is signed in, such as the Azure CLI: it has this one login, and cannot sign in as another. */
  readonly ofTool?: boolean
}

/**
 * The login that there is. A token is asked for at once, so that who is not signed in is told so once, and not by the first of
 * many reads.
 *
 * @throws Stop naming the federated credential that is missing
 */
export async function signIn({ settings, host, authority, given = 'default' }: SigningIn, scope: string): Promise<Login> {
  const { environment: env } = settings
  if (given !== 'default') return tokenFirst(given, scope)
  const job = asJob({ settings, host, authority, clientId: undefined }, scope)
  if (job !== undefined) return job
  const { DefaultAzureCredential } = await import('@azure/identity')
  const credential = new DefaultAzureCredential(authority)
  try {
    const { expiresOnTimestamp, token } = await credential.getToken(scope)
    host.signedInUntil?.(expiresOnTimestamp)
    return { credential, token, ofTool: !hasOwnLogin(env) && !isManagedIdentity(token) }
  } catch (error) {
    if (env['GITHUB_ACTIONS'] === 'true') throw notSignedIn(error, ofAction)
    throw env['TF_BUILD'] === 'True' ? notSignedIn(error, ofPipelines) : error
  }
}

interface AsJob extends Omit<SigningIn, 'given'> {
  /** Signs in as this application or managed identity, and not as the one that the surroundings name. */
  readonly clientId: string | undefined
}

/** The login of a job that can prove who it is; `undefined` where it cannot. @throws Stop naming the federated credential that is missing */
export function asJob({ settings, host, authority, clientId }: AsJob, scope: string): Promise<Login> | undefined {
  const { environment: env } = settings
  const { idToken } = host
  if (hasConnection(env)) return throughConnection(env, { scope, authority, clientId })
  if (idToken === undefined || !provesItself(settings, host)) return undefined
  const tenantId = env['AZURE_TENANT_ID'] ?? ''
  return federated({ idToken, clientId: clientId ?? env['AZURE_CLIENT_ID'] ?? '', tenantId }, scope, authority)
}

/** Whether the environment names a login of its own: DefaultAzureCredential takes that before it asks a tool for one [SDK-IDENTITY]. */
const hasOwnLogin = (env: Settings['environment']): boolean =>
  (isSet(env['AZURE_CLIENT_ID']) &&
    isSet(env['AZURE_TENANT_ID']) &&
    ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_FEDERATED_TOKEN_FILE'].some(name => isSet(env[name]))) ||
  hasIdentityEndpoint(env)

/** Whether this machine says where its managed identities are asked for; one in Azure need not. */
export const hasIdentityEndpoint = (env: Settings['environment']): boolean =>
  ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT'].some(name => isSet(env[name]))

/** The token of a managed identity has the id of its resource. */
export const isManagedIdentity = (token: string): boolean => bodyOf(token)['xms_mirid'] !== undefined

/**
 * A token of a credential that a program gave, which may be of its own making: an error of it is no bug of ours.
 *
 * @throws Stop where it has no token
 */
async function tokenFirst(credential: TokenCredential, scope: string): Promise<Login> {
  const token = await credential.getToken(scope).catch((error: unknown) => {
    throw new Stop('error', 'The credential that was given does not sign in to Azure', [], error)
  })
  if (token === null) throw new Stop('error', 'The credential that was given has no token for Azure.')
  return { credential, token: token.token }
}

/** The ways of a job are others than those of a person. */
const notSignedIn = (error: unknown, way: string): Stop =>
  new Stop('error', 'This job is not signed in to Azure.', [way, ...causesOf(error).map(cause => `It said: ${cause}`)])

const ofAction = 'Give the action client-id and tenant-id, and the job permissions: { id-token: write }; or run azure/login before it.'
const ofPipelines =
  'Run pglink in the task AzureCLI@2 with a service connection that this pipeline may use, and env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }.'

/** The login of `az` in that task is not renewed; this one is, whenever its token runs out. */
async function throughConnection(
  env: Settings['environment'],
  { scope, authority, clientId }: Pick<AsJob, 'authority' | 'clientId'> & { readonly scope: string }
): Promise<Login> {
  const { AzurePipelinesCredential } = await import('@azure/identity')
  const of = (name: string): string => env[name] ?? ''
  keepHidden(of('SYSTEM_ACCESSTOKEN'))
  const [tenant, client, id] = ['TENANT_ID', 'CLIENT_ID', 'SERVICE_CONNECTION_ID'].map(name => of(`AZURESUBSCRIPTION_${name}`)) as Three
  try {
    const credential = new AzurePipelinesCredential(tenant, clientId ?? client, id, of('SYSTEM_ACCESSTOKEN'), authority)
    const { token } = await credential.getToken(scope, { enableCae: true })
    return { credential, token }
  } catch (error) {
    throw notSignedIn(error, ofPipelines)
  }
}

type Three = [string, string, string]

interface Job {
  readonly idToken: (audience: string) => Promise<string>
  readonly clientId: string
  readonly tenantId: string
}

/**
 * GitHub's token is good for some minutes and Azure's for about an hour. One is exchanged for the other anew whenever Azure's runs
 * out, in the middle of an apply, too: a token that was kept from the beginning would be refused then (AADSTS700024).
 */
async function federated({ idToken, clientId, tenantId }: Job, scope: string, authority: Authority): Promise<Login> {
  const { ClientAssertionCredential } = await import('@azure/identity')
  const last: { token: string } = { token: '' }
  const assertion = async (): Promise<string> => {
    last.token = await idToken(audience)
    return last.token
  }
  const credential = new ClientAssertionCredential(tenantId, clientId, assertion, authority)
  try {
    // As the clients ask for it, so that theirs is answered from the cache.
    const { token } = await credential.getToken(scope, { enableCae: true })
    return { credential, token }
  } catch (error) {
    throw refused(error, { clientId, tenantId, ...claimsOf(last.token) })
  }
}

interface Claims {
  readonly subject: string
  readonly issuer: string
}

/** The claims of a token that we need not trust: they are only shown. */
function claimsOf(token: string): Claims {
  const { sub, iss } = bodyOf(token)
  return {
    subject: typeof sub === 'string' ? sub : '',
    issuer: typeof iss === 'string' ? iss : 'https://token.actions.githubusercontent.com'
  }
}

function bodyOf(token: string): { readonly [claim: string]: unknown } {
  try {
    const body: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return typeof body === 'object' && body !== null ? { ...body } : {}
  } catch {
    return {}
  }
}

/** Applications of Microsoft's whose logins others use [GH docs, Azure/azure-cli, Azure/azure-powershell]. */
const apps: Readonly<Record<string, string>> = {
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46': 'the Azure CLI',
  '1950a258-227b-4e31-a9cf-717495945fc2': 'Azure PowerShell'
}

/** The holder of a token, as it says itself: a person or an application, by which login, in which tenant. */
export function holderOf(token: string): string {
  const { upn, unique_name: name, appid, tid } = bodyOf(token)
  const app = String(appid ?? '')
  const who = String(upn ?? name ?? (app === '' ? 'a login that does not say whose' : `the application ${app}`))
  const by = apps[app] ?? (isManagedIdentity(token) ? 'a managed identity' : '')
  return `${who}${by === '' ? '' : ` by ${by}`}${tid === undefined ? '' : `, tenant ${String(tid)}`}`
}

/** The object id of a token's holder in Entra; `undefined` for a token that does not say it. */
export function objectIdOf(token: string): string | undefined {
  const { oid } = bodyOf(token)
  return typeof oid === 'string' ? oid : undefined
}

/** When a token says that it ends, in milliseconds; `undefined` for a token that does not say so. */
export function expiryOf(token: string): number | undefined {
  const { exp } = bodyOf(token)
  return typeof exp === 'number' ? exp * 1_000 : undefined
}

/** Entra's numbers: no federated credential matches the token at all, its issuer, audience or subject, or that but for the case [GH Azure/login#453, #360, #515]. */
const noneMatches = /AADSTS(70021|70021[123]|7002138)\b/

interface Asked extends Claims {
  readonly clientId: string
  readonly tenantId: string
}

function refused(error: unknown, { clientId, tenantId, subject, issuer }: Asked): Stop {
  const said = error instanceof Error ? error.message : String(error)
  if (subject === '')
    return new Stop('error', 'GitHub gave no ID token to sign in with. Give the job permissions: { id-token: write }.', [
      `It said: ${firstLine(said)}`
    ])
  if (noneMatches.test(said)) {
    const parameters = JSON.stringify({ name: nameFor(subject), issuer, subject, audiences: [audience] })
    return new Stop('error', `Azure does not trust this job: ${clientId} has no federated credential for the subject ${subject}`, [
      'Add it once, to an app registration with',
      `az ad app federated-credential create --id ${shellWord(clientId)} --parameters ${shellWord(parameters)}`,
      'or to a user-assigned managed identity with',
      `az identity federated-credential create --identity-name NAME --resource-group GROUP --name ${nameFor(subject)} --issuer ${shellWord(issuer)} --subject ${shellWord(subject)} --audiences ${audience}`,
      `Entra said: ${firstLine(said)}`
    ])
  }
  if (/AADSTS700016\b/.test(said))
    return new Stop('error', `There is no application ${clientId} in the tenant ${tenantId}: look at client-id and tenant-id.`)
  if (/AADSTS9000(2|23)\b/.test(said)) return new Stop('error', `There is no tenant ${tenantId}: look at tenant-id.`)
  return new Stop('error', `The sign-in to Azure failed: ${firstLine(said)}`)
}

/** Entra's text goes on with a trace id and a time, a line each. */
const firstLine = (text: string): string => printable(text.split(/\r?\n|Trace ID:/, 1)[0]?.trim() ?? '')

/** The name of a federated credential: letters, digits, `-` and `_`, from 3 to 120 of them. */
const nameFor = (subject: string): string => `github-${subject.replace(/[^A-Za-z0-9]+/g, '-')}`.slice(0, 120)
