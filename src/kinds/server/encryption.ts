import type { DataEncryption } from '@azure/arm-postgresql-flexible'
import { given } from '../../model/given.ts'
import type { ResourceId } from '../../model/id.ts'
import { idOf } from '../kind.ts'
import { depending, type FieldRule, sameText } from '../rule.ts'
import { block, filled, type ServerAspect } from './serverAspect.ts'

interface Encryption {
  /** The address of a key of the user's, with or without its version; absent with Azure's own key. */
  readonly encryptionKey: string | undefined
  readonly encryptionIdentity: ResourceId | undefined
  readonly geoBackupKey: string | undefined
  readonly geoBackupIdentity: ResourceId | undefined
}

const isMade =
  'Azure chooses between its own key and one of yours when the server is made: restore the server to a new one with the other, or make a new one and move the data.'

/** `https://VAULT/keys/NAME`, without the version behind it. */
const withoutVersion = (key: string): string => /^(https:\/\/[^/]+\/keys\/[^/]+)\/[^/]+\/?$/i.exec(key)?.[1] ?? key.replace(/\/$/, '')

/** A key without a version is whichever version Azure has rotated to [learn.microsoft.com/azure/postgresql/flexible-server/concepts-data-encryption]. */
const sameKey = (live: string | undefined, desired: string | undefined): boolean =>
  live === undefined || desired === undefined
    ? live === desired
    : sameText(withoutVersion(desired) === desired.replace(/\/$/, '') ? withoutVersion(live) : live, desired.replace(/\/$/, ''))

/** Rotates in place where there is one; on or off is the choice of the create. */
const rotates = <Value extends string>(
  at: FieldRule<Value | undefined>['at'],
  equal: (live: Value | undefined, desired: Value | undefined) => boolean
): FieldRule<Value | undefined, Encryption> =>
  depending<Value | undefined, Encryption>(live => (live === undefined ? 'fixed' : 'update'), {
    ...(at !== undefined && { at }),
    equal,
    instead: isMade
  })

/** The type of what keys lie in. */
export const vaultType = 'Microsoft.KeyVault/vaults'

const identityType = 'Microsoft.ManagedIdentity/userAssignedIdentities'

/** The key that the storage is encrypted with, and the one of the backups in the paired region. */
export const encryption: ServerAspect<Encryption> = {
  desired: ({ encryption: says }, ctx) => ({
    encryptionKey: says?.key,
    encryptionIdentity: says && ctx.canonical(says.identity),
    geoBackupKey: says?.geoBackup?.key,
    geoBackupIdentity: says?.geoBackup && ctx.canonical(says.geoBackup.identity)
  }),
  needs: ({ encryptionKey, geoBackupKey }, fields) =>
    [
      { field: 'encryptionKey', key: encryptionKey },
      { field: 'geoBackupKey', key: geoBackupKey }
    ].flatMap(({ field, key }) => (key && (fields === undefined || fields.has(field)) ? [{ need: 'vault', field, key } as const] : [])),
  fields: {
    encryptionKey: rotates('encryption/key', sameKey),
    encryptionIdentity: { ...rotates<ResourceId>('encryption/identity', (live, desired) => live === desired), leadsTo: [identityType] },
    geoBackupKey: rotates('encryption/geoBackup/key', sameKey),
    geoBackupIdentity: {
      ...rotates<ResourceId>('encryption/geoBackup/identity', (live, desired) => live === desired),
      leadsTo: [identityType]
    }
  },
  toArm: ({ encryptionKey, encryptionIdentity, geoBackupKey, geoBackupIdentity }) =>
    block(
      'dataEncryption',
      given<DataEncryption>({
        type: encryptionKey && 'AzureKeyVault',
        primaryKeyURI: encryptionKey,
        primaryUserAssignedIdentityId: encryptionIdentity,
        geoBackupKeyURI: geoBackupKey,
        geoBackupUserAssignedIdentityId: geoBackupIdentity
      })
    ),
  // A member that stays is not sent: the version that Azure has rotated to would be held fast with it.
  toPatch(props, fields) {
    const changed = <Name extends keyof Encryption>(name: Name): Encryption[Name] | undefined =>
      fields.has(name) ? props[name] : undefined
    return block(
      'dataEncryption',
      given<DataEncryption>({
        type: 'AzureKeyVault',
        primaryKeyURI: changed('encryptionKey'),
        primaryUserAssignedIdentityId: changed('encryptionIdentity'),
        geoBackupKeyURI: changed('geoBackupKey'),
        geoBackupUserAssignedIdentityId: changed('geoBackupIdentity')
      })
    )
  },
  fromArm: ({ dataEncryption: has }) => ({
    encryptionKey: filled(has?.primaryKeyURI),
    encryptionIdentity: idOf(has?.primaryUserAssignedIdentityId),
    geoBackupKey: filled(has?.geoBackupKeyURI),
    geoBackupIdentity: idOf(has?.geoBackupUserAssignedIdentityId)
  }),
  // A word of ours, in the form of Azure's: the server is Ready while Azure does not know yet whether it can use the new key [CORPUS: Unknown].
  facts: ({ state, dataEncryption }) => (sameText(state, 'Ready') && isRotating(dataEncryption) ? { state: 'KeyRotating' } : {})
}

/** Whether Azure does not know yet if it can use the key that a server was given. */
export const isRotating = (has: DataEncryption | undefined): boolean =>
  [has?.primaryEncryptionKeyStatus, has?.geoBackupEncryptionKeyStatus].some(status => sameText(status, 'Unknown'))
