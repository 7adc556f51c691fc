import { nameOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { objectAt, textAt } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { ResourceType, World, Write } from '../../type.ts'
import {
  busyOutcome,
  childBody,
  invalid,
  invalidParameter,
  missingOfType,
  operationNameOf,
  postgresVersions,
  replicasOf,
  serverIdOf,
  serverType,
  stopped
} from './server.ts'

const databaseType = `${serverType}/databases`

const systemDatabases = ['azure_maintenance', 'azure_sys', 'postgres']

const locale = 'en_US.utf8'

const charsetOf = (write: Write): string => (textAt(write.body, 'properties', 'charset') ?? 'UTF8').toUpperCase()

const collationOf = (write: Write): string => textAt(write.body, 'properties', 'collation') ?? locale

/** Every new server has them. */
export function addSystemDatabases(world: World, server: string): void {
  for (const name of systemDatabases) {
    const id = `${server}/databases/${name}`
    if (!world.store.has(id)) world.put({ id, type: databaseType, body: { properties: { charset: 'UTF8', collation: locale } } })
  }
}

function check(world: World, write: Write): Refusal | undefined {
  const { method, id, live } = write
  const name = nameOf(id)
  if (method === 'DELETE') {
    return systemDatabases.includes(name.toLowerCase())
      ? invalid('OperationNotAllowedOnSystemDatabase', `The operation is not allowed on the system database '${name}'.`)
      : stopped(world, id)
  }
  if (!/^[a-zA-Z_][\w-]{0,62}$/.test(name)) return invalidParameter('databaseName')
  if (live === undefined) return stopped(world, id)
  const kept = objectAt(live.body, 'properties')
  if (kept['charset'] !== charsetOf(write)) return invalidParameter('charset')
  return kept['collation'] === collationOf(write) ? stopped(world, id) : invalidParameter('collation')
}

export const databases: ResourceType = {
  type: databaseType,
  apiVersions: postgresVersions,
  style: 'postgres',
  timing: timings.database,
  visible: 'whenDone',
  operationName: operationNameOf('ServerDatabase'),
  check,
  outcome: busyOutcome,
  // Its replicas follow [DOC: read replicas].
  done(world, { resource: { id, type, body } }) {
    for (const replica of replicasOf(world, serverIdOf(id))) world.put({ id: `${replica.id}/databases/${nameOf(id)}`, type, body })
    return undefined
  },
  removed(world, { id }) {
    for (const replica of replicasOf(world, serverIdOf(id))) world.store.drop(`${replica.id}/databases/${nameOf(id)}`)
  },
  kept: (_world, write) => childBody(write.body, { charset: charsetOf(write), collation: collationOf(write) }),
  show: (_world, { body }) => body,
  closed: stopped,
  missing: missingOfType(databaseType)
}
