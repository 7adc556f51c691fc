import { createHash } from 'node:crypto'
import { isObject, type Json, type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { World, Write } from '../../type.ts'
import { factoryNameOf } from './document.ts'

/** Ten asterisks, whatever the secret's length (CORPUS). */
const mask = '**********'

interface Hidden {
  readonly body: JsonObject
  /** The secrets that were sent; a mask that came back is none. */
  readonly found: readonly string[]
  readonly masked: boolean
}

/** `password=…` in a connection string that is sent in clear text, or what other services than databases have in its place. */
const inConnectionString = /(^|;)\s*(?:password|pwd|accountkey|sharedaccesskey|sharedaccesssignature)\s*=\s*([^;]*);?/i

function hide(properties: JsonObject): Hidden {
  const found: string[] = []
  let masked = false
  const secureString = (value: JsonObject): JsonObject => {
    const text = textAt(value, 'value') ?? ''
    masked = true
    if (text !== mask) found.push(text)
    return { ...value, value: mask }
  }
  const walk = (value: Json, key: string): Json => {
    if (Array.isArray(value)) return value.map(each => walk(each, key))
    if (isObject(value)) {
      if (value['type'] === 'SecureString') return secureString(value)
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each, name)]))
    }
    if (typeof value !== 'string') return value
    if (key === 'password') return secureString({ type: 'SecureString', value })
    const inside = key === 'connectionString' ? inConnectionString.exec(value) : null
    if (inside === null) return value
    masked = true
    found.push(inside[2] ?? '')
    return value.replace(inConnectionString, '$1')
  }
  return { body: objectAt({ properties: walk(properties, '') }, 'properties'), found, masked }
}

const fingerprint = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Names a credential that Data Factory keeps elsewhere; nothing of the secret is in it. */
function newCredential(world: World, id: string): string {
  const credential = {
    Version: '2017-11-30',
    ProtectionMode: 'Key',
    SecretContentType: 'Plaintext',
    CredentialId: `${factoryNameOf(world, id).toUpperCase()}_${world.random.guid()}`
  }
  return Buffer.from(JSON.stringify(credential)).toString('base64')
}

/**
 * The properties as they are kept and shown, secrets masked, with the credential that stands for them. The secret
 * itself is remembered by its hash alone, so that neither an answer nor a saved state can show it.
 */
export function concealed(world: World, { id, body, live }: Write): { readonly properties: JsonObject; readonly secrets: readonly Json[] } {
  const sent = objectAt(body, 'properties')
  const { body: properties, found, masked } = hide(sent)
  const typeProperties = objectAt(properties, 'typeProperties')
  const credential = textAt(sent, 'typeProperties', 'encryptedCredential')
  const before = Array.isArray(live?.memory['secrets']) ? live.memory['secrets'] : []
  // A body that was read is taken back as it is, mask and credential: the secret stays (CORPUS).
  const isLost = !masked && world.behaviours.credentialWithoutMask === 'lost'
  if (found.length === 0 && credential !== undefined && !isLost) return { properties, secrets: before }
  if (isLost) return { properties: { ...properties, typeProperties: without(typeProperties, 'encryptedCredential') }, secrets: [] }
  if (!masked) return { properties, secrets: [] }
  // A mask without its credential is a password of ten asterisks.
  const secrets = (found.length > 0 ? found : [mask]).map(fingerprint)
  const encryptedCredential = newCredential(world, id)
  return {
    properties: { ...properties, typeProperties: { ...without(typeProperties, 'encryptedCredential'), encryptedCredential } },
    secrets
  }
}
