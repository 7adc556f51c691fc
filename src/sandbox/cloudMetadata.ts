import type { JsonObject } from './json.ts'
import { tenantId } from './subscriptions.ts'

/** The versions in which the document is one cloud, before and after those in which it is a list of all clouds. */
const listedFrom = '2019-05-01'
const oneAgainFrom = '2022-09-01'

interface Own {
  readonly estate: string
  readonly throttling: 'off' | 'arm'
}

/**
 * A cloud's metadata, for a client before it signs in. Its shape goes by the api-version, since each client asks with its
 * own: older releases of the Azure CLI for the oldest, its ARM_CLOUD_METADATA_URL for the list, Terraform for the newest.
 * Beside what Azure says there, `sandboxEstate` tells which estate is served, and `sandboxThrottling` whether it
 * refuses what is beyond Azure's limits: no client that does not know them looks at them.
 */
export function cloudMetadata(origin: string, apiVersion: string, own: Own): JsonObject | readonly JsonObject[] {
  const marked = (document: JsonObject): JsonObject => ({ ...document, sandboxEstate: own.estate, sandboxThrottling: own.throttling })
  if (apiVersion !== '' && apiVersion < listedFrom) return marked(oldest(origin))
  return apiVersion < oneAgainFrom && apiVersion !== '' ? [marked(cloud(origin, `${origin}/adfs`))] : marked(cloud(origin, origin))
}

/** The Azure CLI does not take a cloud without a graph, though it never asks it for anything. */
const oldest = (origin: string): JsonObject => ({
  galleryEndpoint: `${origin}/`,
  graphEndpoint: `${origin}/`,
  portalEndpoint: `${origin}/`,
  graphAudience: `${origin}/`,
  // In the style of AD FS, where the Azure CLI does not first ask the public cloud whether this host may sign people in.
  authentication: { loginEndpoint: `${origin}/adfs`, audiences: [`${origin}/`] }
})

/** The audience of tokens with which users sign in to the databases of a server [DOC: Entra authentication]. */
const databaseAudience = 'https://ossrdbms-aad.database.windows.net'

const cloud = (origin: string, loginEndpoint: string): JsonObject => ({
  name: 'PglinkSandbox',
  // Terraform takes no slash at the end of either, and has no trimming for the second.
  resourceManager: origin,
  // `common` and `AAD`, or Terraform takes it for Azure Stack.
  authentication: { loginEndpoint, audiences: [`${origin}/`], tenant: 'common', identityProvider: 'AAD' },
  portal: origin,
  gallery: `${origin}/`,
  graph: `${origin}/`,
  graphAudience: `${origin}/`,
  microsoftGraphResourceId: origin,
  // As the Azure CLI and as Terraform spell it; both have it of the public cloud.
  ossrdbmsResourceId: databaseAudience,
  ossrDbmsResourceId: databaseAudience,
  suffixes: { storage: 'core.sandbox.local', keyVaultDns: 'vault.sandbox.local', postgresqlServerEndpoint: 'postgres.database.azure.com' }
})

/** Where tokens are had, in one of the three forms: v2.0 and v1 of Entra with a tenant in the path, and AD FS without one. */
export function openIdConfiguration(origin: string, tenant: string, version: 'v2.0' | 'v1'): JsonObject {
  const isAdfs = tenant.toLowerCase() === 'adfs'
  const at = isAdfs || version === 'v1' ? `${origin}/${tenant}/oauth2` : `${origin}/${tenant}/oauth2/v2.0`
  return {
    issuer: isAdfs ? `${origin}/adfs` : version === 'v1' ? `https://sts.windows.net/${tenantId}/` : `${origin}/${tenant}/v2.0`,
    authorization_endpoint: `${at}/authorize`,
    token_endpoint: `${at}/token`,
    device_authorization_endpoint: `${at}/devicecode`,
    // Without it MSAL for Node takes the answer for none [SDK-MSAL]; nobody asks there, since nobody checks a signature.
    jwks_uri: isAdfs ? `${origin}/adfs/discovery/keys` : `${origin}/${tenant}/discovery/${version === 'v1' ? '' : 'v2.0/'}keys`,
    response_types_supported: ['code', 'id_token', 'token'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    scopes_supported: ['openid', 'profile', 'offline_access'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt']
  }
}
