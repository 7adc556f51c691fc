import { given } from '../model/given.ts'
import { nameOf } from '../model/id.ts'
import type { Body } from '../model/json.ts'
import type { LinkedServiceProps } from './linkedServiceBody.ts'
import { sameText } from './rule.ts'

/** The ways to sign in, as the file names them. */
export const byPassword = 'password'
export const byManagedIdentity = 'managedIdentity'
export const byServicePrincipal = 'servicePrincipal'
/** The first as Data Factory names it, and takes it where no way is named. */
const basic = 'BasicAuth'

/** The members by which version 2.0 signs in [learn.microsoft.com/azure/postgresql/integration/how-to-connect-data-factory]: another way keeps none of them. */
export const signInMembers = [
  'authenticationType',
  'username',
  'password',
  'encryptedCredential',
  'tenant',
  'servicePrincipalId',
  'servicePrincipalCredentialType',
  'servicePrincipalKey',
  'servicePrincipalEmbeddedCert',
  'servicePrincipalEmbeddedCertPassword',
  'azureCloudType',
  'credential'
]

/** The name of the way to sign in: none is said by what was written before there were others. */
export const wayOf = ({ authenticationType: way }: Body): string => (typeof way === 'string' ? way : basic)

/** Without the value where it is not at hand: the write then keeps the one that Data Factory has, or says that it cannot. */
function passwordBody({ passwordType, keyVaultSecret: vault, password }: LinkedServiceProps): Body | undefined {
  if (passwordType === 'AzureKeyVaultSecret' && vault)
    return given({
      type: passwordType,
      store: { type: 'LinkedServiceReference', referenceName: vault.linkedService },
      secretName: vault.secret,
      secretVersion: vault.version
    })
  return passwordType === 'SecureString' ? given({ type: passwordType, value: password?.isSet ? password.reveal() : undefined }) : undefined
}

/** The members of each way to sign in. That with a password is the usual one, and Data Factory is not told its name. */
export function signIn(props: LinkedServiceProps): Body {
  const { authentication, username, tenant, servicePrincipalId } = props
  if (authentication === byManagedIdentity) return { authenticationType: 'SystemAssignedManagedIdentity' }
  if (authentication !== byServicePrincipal) return given({ username, password: passwordBody(props) })
  return given({
    authenticationType: 'ServicePrincipal',
    username,
    tenant,
    servicePrincipalId,
    servicePrincipalCredentialType: 'ServicePrincipalKey',
    servicePrincipalKey: passwordBody(props)
  })
}

/** In the words of the file; a way that has none there in Data Factory's. */
export function authenticationOf(its: Body): string {
  const way = wayOf(its)
  if (sameText(way, basic)) return byPassword
  if (sameText(way, 'SystemAssignedManagedIdentity')) return byManagedIdentity
  if (!sameText(way, 'ServicePrincipal')) return way
  return sameText(String(its['servicePrincipalCredentialType']), 'ServicePrincipalCert') ? 'ServicePrincipalCert' : byServicePrincipal
}

const quoted = (name: string, by: string): string => `${by}${name.replaceAll(by, by + by)}${by}`

/**
 * The role that a service without a password of PostgreSQL signs in as; `undefined` for one with a password. A system-assigned identity
 * has the name of its factory.
 */
function roleOf({ authentication, username }: LinkedServiceProps, path: string): string | undefined {
  if (authentication === byManagedIdentity) return path.split('/').at(-3)
  return authentication === byServicePrincipal ? username : undefined
}

/**
 * The SQL that a DBA runs before such a service can sign in, as a sentence without its subject: ARM makes no role of PostgreSQL
 * [learn.microsoft.com/azure/postgresql/security/security-manage-entra-users].
 */
export function roleToMake(props: LinkedServiceProps, fields: ReadonlySet<string> | undefined, path: string): string | undefined {
  const { database, server } = props
  const role = roleOf(props, path)
  const isNews = fields === undefined || ['authentication', 'username', 'host'].some(field => fields.has(field))
  if (role === undefined || database === undefined || server === undefined || !isNews) return undefined
  const make = `select * from pgaadauth_create_principal(${quoted(role, "'")}, false, false);`
  const grant = `grant connect on database ${quoted(database, '"')} to ${quoted(role, '"')};`
  return `signs in as the role ${role}: where ${nameOf(server)} does not have it yet, a Microsoft Entra administrator of the server runs ${make} in its database postgres, and ${grant}`
}

/** PostgreSQL's refusals of a role that it does not know, or does not let in [postgresql.org/docs/current/errcodes-appendix.html, class 28]. */
const refusesRole = /\b28(?:000|P01)\b|role "[^"]*" does not exist|authentication failed/i

/** The DBA's part in a refusal of a service without a password; `undefined` where the refusal is about another matter. */
export function waitsForRole(props: LinkedServiceProps, path: string, refusal: string): string | undefined {
  const role = roleOf(props, path)
  if (role === undefined || !refusesRole.test(refusal)) return undefined
  return `waiting on dba: ${props.host} does not let the role ${role} in: ${refusal}. Once it is made, verify asks Data Factory again`
}
