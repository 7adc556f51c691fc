import type { ResourceId } from '../model/id.ts'
import { type Body, isBody, type Json, overlay } from '../model/json.ts'
import type { Secret } from '../model/secret.ts'
import { signInMembers, wayOf } from './linkedServiceSignIn.ts'
import { sameText } from './rule.ts'
import type { StoredCredential } from './said.ts'

export interface KeyVaultSecret {
  readonly linkedService: string
  readonly secret: string
  readonly version?: string
}

export interface LinkedServiceProps {
  readonly type: string
  /** The connector's version: Data Factory has two for PostgreSQL under one type. */
  readonly version?: string | undefined
  readonly baseUrl?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly database?: string | undefined
  /** How it signs in, in the words of the file; a way that has none there in Data Factory's. */
  readonly authentication?: string | undefined
  readonly username?: string | undefined
  readonly tenant?: string | undefined
  readonly servicePrincipalId?: string | undefined
  /** In the words of the file; a mode that has none there as Npgsql counts it. */
  readonly encryption?: string | undefined
  readonly passwordType?: string | undefined
  readonly keyVaultSecret?: KeyVaultSecret | undefined
  readonly password?: Secret | undefined
  readonly passwordVersion?: number | undefined
  readonly integrationRuntime?: string | undefined
  readonly server?: ResourceId | undefined
  /** Things of its factory that it refers to by name. */
  readonly uses: readonly ResourceId[]
  readonly testConnection?: boolean | undefined
}

/** A linked service as it is on the wire. */
export interface LinkedServiceBody {
  readonly id?: string
  readonly properties: {
    readonly type: string
    readonly version?: string
    readonly annotations?: readonly Json[]
    readonly connectVia?: { readonly referenceName: string; readonly type: string }
    readonly typeProperties?: Body
  }
}

const note = 'pglink-password-version='

export const versionNote = (version: number): string => `${note}${version}`

const isNote = (annotation: Json): annotation is string => typeof annotation === 'string' && annotation.startsWith(note)

/** Which password was sent last, as remembered among the annotations: Data Factory gives none back, and a child of a factory has no tags. */
export function passwordVersionIn(annotations: readonly Json[] | undefined): number | undefined {
  const version = Number((annotations ?? []).find(isNote)?.slice(note.length) ?? Number.NaN)
  return Number.isInteger(version) ? version : undefined
}

/**
 * Whether a body of version 2.0 has a stored password and shows no mask of it: so is one that was written with `encryptedCredential` in its
 * place, as the output of New-AzDataFactoryV2LinkedServiceEncryptedCredential is
 * [MicrosoftDocs/azure-docs articles/data-factory/encrypt-credentials-self-hosted-integration-runtime.md].
 */
export const storesAlone = ({ version, typeProperties: its = {} }: LinkedServiceBody['properties']): boolean =>
  version === '2.0' && its['encryptedCredential'] !== undefined && secretMembers.every(member => its[member] === undefined)

/**
 * An update without the password. Data Factory takes a body that it gave back, with `encryptedCredential` in it and the mask [CORPUS;
 * azure-cli-extensions], and takes that member in place of a password where it was encrypted for a self-hosted runtime [azure-docs,
 * encrypt-credentials-self-hosted-integration-runtime]. That it keeps its own without the mask is inferred (I): hence the test after it.
 */
export const storedCredential: StoredCredential<LinkedServiceProps> = {
  instead: 'use Key Vault: `password: { keyVault: { linkedService: …, secret: … } }`',
  refuses(have, want, fields) {
    const changed = ['authentication', 'type', 'version', 'passwordType', 'password', 'passwordVersion', 'keyVaultSecret'].find(field =>
      fields.has(field)
    )
    if (changed !== undefined) return `this update changes its ${changed}, for which the password is sent`
    if (want.passwordType === 'AzureKeyVaultSecret') return 'its password is in a key vault, and the reference is sent in any case'
    return have.passwordType === 'SecureString' ? undefined : 'Data Factory has no password stored for it'
  },
  keep: ({ password: _, passwordType: __, passwordVersion: ___, ...props }) => props
}

/**
 * The body to PUT: `body` laid over the one that is there, which the PUT replaces as a whole. The password is taken whole. The mask
 * that Data Factory shows in its place is never sent back, as it might become the password [CORPUS; azure-cli-extensions].
 * `encryptedCredential` goes back only with a body that has no password at all, see {@link storedCredential}.
 * @throws when a password has to be sent that is not at hand.
 */
export function laidOver(there: LinkedServiceBody | undefined, body: LinkedServiceBody, name: string): Body {
  const sent = body.properties as unknown as Body
  const old = (there?.properties ?? {}) as Body
  const sameConnector =
    there !== undefined &&
    there.properties.type === body.properties.type &&
    (there.properties.version ?? '1.0') === (body.properties.version ?? '1.0')
  const annotations = [...(there?.properties.annotations ?? []).filter(one => !isNote(one)), ...ours(there, body)]
  const { typeProperties: before = {}, ...around } = old
  const properties = overlay(around, sent) as Body
  return {
    properties: {
      ...properties,
      ...(annotations.length > 0 && { annotations }),
      typeProperties: withSecret(sameConnector && isBody(before) ? before : {}, body.properties.typeProperties ?? {}, name)
    }
  }
}

const ours = (there: LinkedServiceBody | undefined, body: LinkedServiceBody): readonly Json[] => {
  const sent = (body.properties.annotations ?? []).filter(isNote)
  return sent.length > 0 ? sent : (there?.properties.annotations ?? []).filter(isNote)
}

const secretMembers = ['password', 'servicePrincipalKey']

const without = (body: Body, keys: readonly string[]): Body =>
  Object.fromEntries(Object.entries(body).filter(([key]) => !keys.includes(key)))

function withSecret(before: Body, sent: Body, name: string): Body {
  const old = sameText(wayOf(before), wayOf(sent)) ? before : without(before, signInMembers)
  const both = overlay(without(old, [...secretMembers, 'encryptedCredential']), sent) as Body
  const secret = sent['password'] ?? sent['servicePrincipalKey']
  if (isBody(secret) && secret['type'] === 'SecureString' && secret['value'] === undefined)
    throw new Error(`The password of the linked service ${name} has to be sent, and its variable is not set.`)
  if (isBody(secret)) return both
  const credential = old['encryptedCredential']
  const inVault = Object.entries(old).filter(
    ([key, value]) => secretMembers.includes(key) && isBody(value) && value['type'] !== 'SecureString'
  )
  return { ...both, ...Object.fromEntries(inVault), ...(credential !== undefined && { encryptedCredential: credential }) }
}
