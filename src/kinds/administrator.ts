import type { AdministratorMicrosoftEntra } from '@azure/arm-postgresql-flexible'
import { given } from '../model/given.ts'
import { parentOf } from '../model/id.ts'
import type { EntraAdministrator, Server } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import type { Written } from './inFile.ts'
import type { Kind } from './kind.ts'
import { replace, sameText } from './rule.ts'

/** The resource is named by the object id; the principal's own name is a field of it. */
interface Spec {
  readonly entry: EntraAdministrator
  readonly principalName: string
  readonly tenantId: string | undefined
}

interface Props {
  readonly principalName: string | undefined
  readonly principalType: string | undefined
  readonly tenantId: string | undefined
}

/** A Microsoft Entra administrator of a server. Nothing of one changes in place: it is a role that is dropped and made. */
export const administrator: Kind = defineKind({
  name: 'administrator',
  title: 'Entra administrator',
  duty: 'dba',
  seconds: { create: 30, update: 30, remove: 30 },
  oneWriteAtATime: false,
  alsoReads: [
    'Microsoft.DBforPostgreSQL/locations/administratorAzureAsyncOperation/read',
    'Microsoft.DBforPostgreSQL/locations/administratorOperationResults/read'
  ],
  drawn: 'on its parent',
  type: 'Microsoft.DBforPostgreSQL/flexibleServers/administrators',
  inFile: {
    at: 'servers/*/authentication/entra/administrators/*',
    isNeverReferred: true,
    // It is addressed by the object's id, whatever its name [CORPUS].
    nameAt: 'objectId',
    spec: ({ key, entry, above }: Written<EntraAdministrator, Server>) => ({
      entry,
      principalName: entry.name ?? key,
      tenantId: above.entry.authentication?.entra?.tenantId
    })
  },
  client: 'postgres',
  fallsWithParent: true,
  ofLeader: true,
  nameIs: 'objectId',

  desired: ({ entry, principalName, tenantId }: Spec): Props => ({ principalName, principalType: entry.type, tenantId }),
  needs: (_, __, id) => [{ need: 'primary', server: parentOf(id) ?? id }],
  fields: {
    principalName: replace({ at: 'name', equal: sameText }),
    principalType: replace({ at: 'type', equal: sameText }),
    tenantId: replace({ equal: sameText })
  },

  toArm: ({ principalName, principalType, tenantId }): AdministratorMicrosoftEntra => given({ principalName, principalType, tenantId }),
  fromArm: ({ principalName, principalType, tenantId }) => ({ principalName, principalType, tenantId }),

  answersTo: (key, { principalName }) => principalName === key,

  read: (postgres, at) => postgres.administratorsMicrosoftEntra.get(...at),
  list: (postgres, under) => postgres.administratorsMicrosoftEntra.listByServer(...under),
  put: (postgres, at, body, call) => postgres.administratorsMicrosoftEntra.beginCreateOrUpdateAndWait(...at, body, call),
  remove: (postgres, at, call) => postgres.administratorsMicrosoftEntra.beginDeleteAndWait(...at, call),

  authored: {
    // A replica has those of its source [CORPUS].
    isAzures: (_, __, { id, look }) => look(parentOf(id) ?? id)?.facts.replica === true,
    key: ({ principalName }) => principalName ?? '',
    // The tenant is the server's, and said there.
    instead: ['principalName', 'tenantId'],
    entry: ({ principalName }, _, { key }) => ({
      says: principalName === undefined || principalName === key ? {} : { name: principalName }
    })
  }
})
