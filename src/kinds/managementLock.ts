import type { ManagementLockObject } from '@azure/arm-locks'
import { given } from '../model/given.ts'
import type { Lock } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import type { Kind } from './kind.ts'
import { matching } from './names.ts'
import { sameText, update } from './rule.ts'

interface Props {
  readonly level: string
  readonly notes: string | undefined
  readonly owners: readonly string[] | undefined
}

/** The lock API's answer: the SDK takes the members out of `properties`. */
interface Wire {
  readonly id?: string
  readonly name?: string
  readonly properties: Omit<ManagementLockObject, 'id' | 'name'>
}

const apiVersion = '2020-05-01'

const inOrder = (owners: readonly string[]) => [...owners].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
const sameOwners = (a: readonly string[] = [], b: readonly string[] = []) => sameText(inOrder(a).join(), inOrder(b).join())

/**
 * A lock that the file declares, on a scope of any kind. It is read and written at its path as a whole, not by names in it, and raw:
 * the SDK escapes the slashes of a scope.
 */
export const managementLock: Kind = defineKind({
  name: 'managementLock',
  title: 'management lock',
  duty: 'locks',
  seconds: { create: 1, update: 1, remove: 1 },
  oneWriteAtATime: false,
  drawn: 'between nodes',
  type: 'Microsoft.Authorization/locks',
  inFile: {
    at: '**/locks/*',
    isNeverReferred: true,
    under: 'providers/Microsoft.Authorization/locks',
    word: 'lock',
    names: matching(/^[A-Za-z0-9._()-]{1,90}$/, '1 to 90 letters, digits, dots, hyphens, underscores and brackets'),
    emptiest: () => ({ level: 'CanNotDelete' })
  },
  client: 'locks',
  fallsWithParent: true,
  declarationIsConsent: true,

  desired: (entry: Lock): Props => ({ level: entry.level, notes: entry.notes, owners: entry.owners && inOrder(entry.owners) }),
  // Azure changes all three in place, which leaves no moment without the lock.
  fields: {
    level: update({ at: 'level', equal: sameText }),
    // Absent when never set, empty when set so [REC-LOCK].
    notes: update({ at: 'notes', usual: '', equal: (live, desired) => (live ?? '') === (desired ?? '') }),
    owners: update({ at: 'owners', equal: sameOwners })
  },

  toArm: ({ level, notes, owners }): ManagementLockObject =>
    given({ level, notes, owners: owners?.map(applicationId => ({ applicationId })) }),
  fromArm: body => ({
    level: body.level,
    notes: body.notes,
    owners: body.owners && inOrder(body.owners.flatMap(({ applicationId }) => applicationId ?? []))
  }),

  async read(_, __, io) {
    const { id, name, properties } = (await io.send({ method: 'GET', path: io.path, apiVersion })) as Wire
    return given({ ...properties, id, name })
  },
  list: locks => locks.managementLocks.listAtSubscriptionLevel(),
  put: (_, __, { level, notes, owners = [] }, ___, io) =>
    io.send({
      method: 'PUT',
      path: io.path,
      apiVersion,
      body: {
        properties: {
          ...given<{ level: string; notes?: string }>({ level, notes }),
          ...(owners.length > 0 && { owners: owners.map(({ applicationId = '' }) => ({ applicationId })) })
        }
      }
    }),
  remove: (_, __, ___, io) => io.send({ method: 'DELETE', path: io.path, apiVersion })
})

/** The rights that lifting a lock and restoring it take: it is read right before, and read again. */
export const lockRights: readonly string[] = ['delete', 'read', 'write'].map(verb => `${managementLock.type}/${verb}`)
