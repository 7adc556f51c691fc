import type { Server } from '../../model/topology.generated.ts'
import type { Finding, RuleText, Sound } from './rule.ts'
import { each, ourServersOf } from './walk.ts'

/** The identities that a server uses for its keys, each with its place below the server. */
const used = ({ encryption }: Sound<Server>) =>
  [
    { at: ['encryption', 'identity'], id: encryption?.identity },
    { at: ['encryption', 'geoBackup', 'identity'], id: encryption?.geoBackup?.identity }
  ].flatMap(({ at, id }) => (id === undefined ? [] : [{ at, id }]))

const identityOfKey = each(ourServersOf, function* ({ path, entry }, ctx): Generator<Finding> {
  const list = [...path, 'identity', 'userAssigned']
  const ids = entry.identity?.userAssigned
  // An id that a variable leaves open may be the one.
  if (ids === undefined && ctx.declared(list)) return
  if ((ids ?? []).some(id => id === undefined)) return
  const own = new Set((ids ?? []).map(id => id?.toLowerCase()))
  for (const { at, id } of used(entry)) {
    if (own.has(id.toLowerCase())) continue
    yield {
      path: [...path, ...at],
      summary: 'the identity that reads the key is none of the server',
      fix: 'add it to identity.userAssigned',
      ...(ctx.declared(list) && { related: [{ path: list, message: 'the identities of the server' }] })
    }
  }
})

const keyOfGeoBackup = each(ourServersOf, function* ({ path, entry }, ctx): Generator<Finding> {
  if (entry.encryption === undefined) return
  const geo = [...path, 'backup', 'geoRedundant']
  const own = [...path, 'encryption', 'geoBackup']
  if (entry.backup?.geoRedundant === true && !ctx.declared(own))
    yield {
      path: geo,
      summary: 'geo-redundant backup of a server with a key of yours needs a key in the paired region',
      fix: 'add geoBackup: {key, identity} to encryption',
      related: [{ path: [...path, 'encryption'], aim: 'key', message: 'its key' }]
    }
  if (ctx.declared(own) && entry.backup?.geoRedundant !== true && (entry.backup?.geoRedundant === false || !ctx.declared(geo)))
    yield {
      path: own,
      aim: 'key',
      summary: 'a server without geo-redundant backup has no key for it',
      fix: 'take geoBackup out, or write backup: {geoRedundant: true}'
    }
})

const source = 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-data-encryption'

export const encryptionRules: readonly RuleText[] = [
  {
    id: 'PGL113',
    name: 'encryption-identity',
    source: `${source} (Requirements), https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/azure/cli/command_modules/postgresql/utils/validators.py`,
    summary: 'The identities that read the keys of a server are among its user-assigned identities.',
    why: 'Azure reads a key as an identity of the server, and takes none away that is in use.',
    fix: 'add the identity to identity.userAssigned',
    check: identityOfKey
  },
  {
    id: 'PGL114',
    name: 'encryption-geo-backup',
    source: `${source}, https://github.com/pulumi/pulumi-azure-native/issues/4014 (CMKInvalidEncryptionParameters)`,
    summary: 'A server with a key of yours and geo-redundant backup has a key for the backup in the paired region.',
    why: 'Azure refuses the server without it, and keeps the choice for its life.',
    fix: 'write encryption.geoBackup, or no geo-redundant backup',
    check: keyOfGeoBackup
  }
]
