import { typeOf } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import type { Authored, SaidEntry, Writing } from './authored.ts'
import type { LinkedServiceBody, LinkedServiceProps } from './linkedServiceBody.ts'
import { byManagedIdentity, byPassword, byServicePrincipal } from './linkedServiceSignIn.ts'

const serviceType = 'microsoft.datafactory/factories/linkedservices'

function password({ passwordType, keyVaultSecret, uses }: LinkedServiceProps, { refer, secret }: Writing): Json | undefined {
  if (passwordType === 'SecureString') return secret()
  const vault = uses.find(id => typeOf(id) === serviceType)
  if (passwordType !== 'AzureKeyVaultSecret' || keyVaultSecret === undefined || vault === undefined) return undefined
  const { secret: name, version } = keyVaultSecret
  return { keyVault: { linkedService: refer(vault), secret: name, ...(version !== undefined && { version }) } }
}

function postgreSql(props: LinkedServiceProps, writing: Writing): SaidEntry {
  const { type, version, host, database, authentication, username, encryption } = props
  if (version !== '2.0') return { cannot: `it is of version ${version ?? '1.0'} of its connector, and an entry is of version 2.0` }
  if (authentication !== byPassword && authentication !== byManagedIdentity && authentication !== byServicePrincipal)
    return { cannot: `it signs in by ${authentication}, which no entry says` }
  const takesUser = authentication !== byManagedIdentity
  if (host === undefined || database === undefined || (takesUser && username === undefined))
    return { cannot: 'its server, database or username is no plain text' }
  // A write says one, hence would change it.
  if (encryption === undefined || /^sslMode /.test(encryption))
    return { cannot: encryption === undefined ? 'it says no sslMode' : `its ${encryption} is none that an entry has` }
  const server = writing.serverAt(host)
  if (server === undefined) return { cannot: `no server that may be read here has the name ${host}` }
  if (!takesUser) return { says: { type, server: writing.refer(server) } }
  const its = password(props, writing)
  if (its === undefined) return { cannot: 'it signs in without a password, or with one from elsewhere than a key vault' }
  return { says: { type, server: writing.refer(server), password: its } }
}

/** How a linked service is written into a file, beside its fields: no password of one, nor its mask. */
export const linkedServiceEntry: Authored<LinkedServiceProps, LinkedServiceBody> = {
  instead: ['type', 'host', 'passwordType', 'keyVaultSecret', 'version'],
  entry(props, _, writing) {
    if (props.type === 'AzurePostgreSql') return postgreSql(props, writing)
    if (props.type !== 'AzureKeyVault') return { cannot: `it is of the type ${props.type}` }
    return props.baseUrl === undefined ? { cannot: 'its baseUrl is no plain text' } : { says: { type: props.type } }
  }
}
