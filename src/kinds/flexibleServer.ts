import type { PostgreSQLManagementFlexibleServerClient, Server as ServerBody } from '@azure/arm-postgresql-flexible'
import { unpaced } from '../azure/call.ts'
import { until } from '../azure/deadline.ts'
import { gathered } from '../azure/items.ts'
import { given } from '../model/given.ts'
import { shellWord } from '../model/shell.ts'
import type { Server } from '../model/topology.generated.ts'
import { composed, type PropsOf } from './aspect.ts'
import { defineKind } from './define.ts'
import { identity } from './identity.ts'
import { type InvokeResult, type Io, type Kind, location } from './kind.ts'
import { usualMotion } from './motion.ts'
import { matching } from './names.ts'
import type { Need } from './need.ts'
import { sameText } from './rule.ts'
import { availability } from './server/availability.ts'
import { backup } from './server/backup.ts'
import { cluster } from './server/cluster.ts'
import { compute } from './server/compute.ts'
import { credentials } from './server/credentials.ts'
import { encryption, isRotating } from './server/encryption.ts'
import { maintenance } from './server/maintenance.ts'
import { migrated, migrateNetwork, networkMigration } from './server/migration.ts'
import { networking } from './server/networking.ts'
import { place } from './server/place.ts'
import { othersReplicas, promotions, replication } from './server/replication.ts'
import { filled, type ServerAspect } from './server/serverAspect.ts'
import { storage } from './server/storage.ts'
import { version } from './server/version.ts'

/** In the order in which a plan shows their fields. */
const parts = [
  place,
  version,
  compute,
  storage,
  replication,
  credentials,
  identity,
  encryption,
  networking,
  availability,
  backup,
  maintenance,
  cluster
] as const
type Props = PropsOf<typeof parts>

const aspects: readonly Pick<ServerAspect<Props>, 'offer' | 'toArm'>[] = parts
const { toArm, toPatch, facts, needs, ...whole } = composed<Server, Props, ServerBody>(parts)

const serverName = {
  ...matching(
    /^(?=.{3,63}$)[a-z0-9][a-z0-9-]*[a-z0-9]$/,
    '3 to 63 lower-case letters, digits and hyphens, neither beginning nor ending with a hyphen'
  ),
  isGlobal: true
}

/** An Azure Database for PostgreSQL flexible server, made of its aspects. It is never replaced: what cannot be changed is said so. */
export const flexibleServer: Kind = defineKind({
  name: 'flexibleServer',
  title: 'server',
  duty: 'dba',
  inChangeHistory: true,
  seconds: { create: 302, update: 61, remove: 47 },
  // A second write fails as busy [CORPUS, TF-PG].
  oneWriteAtATime: true,
  alsoReads: [
    'Microsoft.DBforPostgreSQL/locations/capabilities/read',
    'Microsoft.DBforPostgreSQL/checkNameAvailability/action',
    'Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnections/read'
  ],
  drawn: {
    shape: 'cylinder',
    icon: 'M3 4c0-1.1 2.2-2 5-2s5 .9 5 2v8c0 1.1-2.2 2-5 2s-5-.9-5-2zM3 4c0 1.1 2.2 2 5 2s5-.9 5-2M3 8c0 1.1 2.2 2 5 2s5-.9 5-2'
  },
  type: 'Microsoft.DBforPostgreSQL/flexibleServers',
  inFile: { at: 'servers/*', names: serverName, inRegion: true },
  client: 'postgres',
  verbRights: {
    ...Object.fromEntries(Object.keys(promotions).map(verb => [verb, 'Microsoft.DBforPostgreSQL/flexibleServers/write'])),
    restart: 'Microsoft.DBforPostgreSQL/flexibleServers/restart/action',
    [migrateNetwork]: `Microsoft.DBforPostgreSQL/flexibleServers/${migrateNetwork}/action`
  },
  calls: { [migrateNetwork]: networkMigration },
  carriesMarkers: { rank: 1, onlyOurs: false },
  taggable: true,
  precious: true,
  undeclaredInside: othersReplicas,
  // Azure deletes no source [GH hashicorp/terraform-provider-azurerm: ReadReplicaServersExistForSourceServer].
  othersInside: 'has read replicas that stay',

  ...whole,
  needs: (props, fields, id) => [
    ...needs(props, fields, id),
    ...(fields === undefined ? [{ need: 'name', ask: true } as const] : []),
    ...offerOf(props, fields)
  ],
  toArm: (props): ServerBody => ({ createMode: 'Default', ...toArm(props), location: props.location }),
  // Provisioning and Dropping are a server's words for being made and being deleted [CORPUS].
  motion: seen => (sameText(seen.state, 'Dropping') ? 'being deleted' : usualMotion(seen)),
  facts: body => ({
    ...given({
      location: location(body.location),
      state: body.state,
      // A stopped one refuses every write, of what lies in it as well [GH steampipe-plugin-azure#1015: ServerStoppedError].
      startedBy: sameText(body.state, 'Stopped') ? `az postgres flexible-server start --ids ${shellWord(body.id ?? '')}` : undefined,
      fqdn: filled(body.fullyQualifiedDomainName)
    }),
    ...facts(body)
  }),

  read: (postgres, at) => postgres.servers.get(...at),
  list: postgres => postgres.servers.listBySubscription(),
  listGroup: (postgres, group) => postgres.servers.listByResourceGroup(group),
  put(postgres, at, body: ServerBody, call) {
    if (body.administratorLogin !== undefined && body.administratorLoginPassword === undefined)
      return Promise.reject(
        new Error(`The password of ${body.administratorLogin} has to be sent to make the server ${at[1]}, and its variable is not set.`)
      )
    return postgres.servers.beginCreateOrUpdateAndWait(...at, body, call)
  },
  // Its operation ends before Azure knows whether it can use a new key: half an hour later it did in the one recording [CORPUS].
  async ready(postgres, at, { encryptionKey }, { azure, say }) {
    if (encryptionKey === undefined) return
    say(`waiting for ${at[1]} to have its key`)
    await until({ azure, limitMs: 60 * 60_000, what: `the status of the key of ${at[1]} is still Unknown` }, async () =>
      isRotating((await postgres.servers.get(...at)).dataEncryption) ? undefined : true
    )
  },
  // A PUT on a server that is there would want its password again, and runs a full operation even for nothing [CORPUS].
  patch: (postgres, at, { location: _, createMode: __, ...body }, call) => postgres.servers.beginUpdateAndWait(...at, body, call),
  toPatch: (props, fields): ServerBody => ({ ...toPatch(props, fields), location: props.location }),
  remove: (postgres, at, call) => postgres.servers.beginDeleteAndWait(...at, call),
  verbs: {
    ...promotions,
    restart: (postgres, at, _props, io) => restart(postgres, at, io),
    [migrateNetwork]: (postgres, at, _props, io) => migrated(postgres, at, io),
    async restartIfWaiting(postgres, at, _props, io) {
      const parameters = await gathered(postgres.configurations.listByServer(...at))
      const isWaiting = parameters.some(({ isConfigPendingRestart }) => isConfigPendingRestart === true)
      return isWaiting ? restart(postgres, at, io) : { outcome: 'ok', message: 'no parameter waits for a restart' }
    }
  }
})

/** One question for all that its aspects want of the region: what it offers depends on the size. */
function offerOf(props: Props, fields: ReadonlySet<string> | undefined): Need[] {
  const offers = aspects.flatMap(one => one.offer?.(props, field => fields === undefined || fields.has(field)) ?? [])
  if (offers.length === 0) return []
  const { location: where, computeTier: tier, computeSize: size } = props
  return [{ need: 'offer', offer: Object.assign({ location: where, tier, size }, ...offers) }]
}

async function restart(
  postgres: PostgreSQLManagementFlexibleServerClient,
  at: readonly [string, string],
  { say }: Io
): Promise<InvokeResult> {
  say('restarting the server')
  await postgres.servers.beginRestartAndWait(...at, unpaced)
  return { outcome: 'ok', message: 'restarted' }
}
