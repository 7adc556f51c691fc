import type { Database as DatabaseBody } from '@azure/arm-postgresql-flexible'
import { given } from '../model/given.ts'
import { nameOf, parentOf } from '../model/id.ts'
import type { Database } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import type { Kind } from './kind.ts'
import { matching } from './names.ts'
import { fixed, sameText } from './rule.ts'

interface Props {
  readonly charset: string | undefined
  readonly collation: string | undefined
}

/** Every server has them from the start [DOC-PL, learn.microsoft.com/azure/postgresql/configure-maintain/concepts-servers]. */
const azures: readonly string[] = ['postgres', 'azure_maintenance', 'azure_sys']

const another = 'Make a database of another name, move the data there, and take this one out.'

/** A database of a server. */
export const database: Kind = defineKind({
  name: 'database',
  title: 'database',
  duty: 'dba',
  seconds: { create: 11, update: 11, remove: 11 },
  oneWriteAtATime: false,
  drawn: 'on its parent',
  type: 'Microsoft.DBforPostgreSQL/flexibleServers/databases',
  inFile: {
    at: 'servers/*/databases/*',
    names: matching(/^[A-Za-z_][\w-]{0,62}$/, '1 to 63 letters, digits, underscores and hyphens, beginning with a letter or underscore')
  },
  client: 'postgres',
  carriesMarkers: { rank: 5, onlyOurs: true },
  precious: true,
  ofLeader: true,
  fallsWithParent: true,

  desired: ({ charset, collation }: Database): Props => ({ charset, collation }),
  needs: (_, fields, id) => (fields === undefined ? [{ need: 'primary', server: parentOf(id) ?? id }] : []),
  fields: {
    // Answered in upper case, however it was sent [CORPUS of 81].
    charset: fixed(another, { at: 'charset', equal: sameText, isUsual: live => sameText(live, 'UTF8') }),
    collation: fixed(another, { at: 'collation', usual: 'en_US.utf8' })
  },

  toArm: ({ charset, collation }): DatabaseBody => given({ charset, collation }),
  fromArm: ({ charset, collation }) => ({ charset, collation }),

  read: (postgres, at) => postgres.databases.get(...at),
  list: (postgres, under) => postgres.databases.listByServer(...under),
  put: (postgres, at, body, call) => postgres.databases.beginCreateAndWait(...at, body, call),
  remove: (postgres, at, call) => postgres.databases.beginDeleteAndWait(...at, call),

  // A replica has those of its source.
  authored: { isAzures: (_, __, { id, look }) => azures.includes(nameOf(id)) || look(parentOf(id) ?? id)?.facts.replica === true }
})
