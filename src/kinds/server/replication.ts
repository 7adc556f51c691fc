import type { PostgreSQLManagementFlexibleServerClient, Server as ServerBody } from '@azure/arm-postgresql-flexible'
import type { Azure } from '../../azure/azure.ts'
import { unpaced } from '../../azure/call.ts'
import { orAbsent } from '../../azure/error.ts'
import { gathered } from '../../azure/items.ts'
import { given } from '../../model/given.ts'
import { groupOf, nameOf, type ResourceId, resourceId, subscriptionOf } from '../../model/id.ts'
import { type InvokeResult, type Io, idOf } from '../kind.ts'
import { update } from '../rule.ts'
import { only } from '../setting.ts'
import { type Ours, ownIds } from '../undeclared.ts'
import type { ServerAspect } from './serverAspect.ts'

export interface Replication {
  readonly role: 'primary' | 'replica'
  /** The server that a replica follows. */
  readonly source: ResourceId | undefined
}

/** A replica has its version, its administrators and its data from its source [CORPUS, DOC: read replicas]. */
export const follows = ({ role }: Pick<Replication, 'role'>): boolean => role === 'replica'

const whole = only(['replicaOf'], 'the roles of a server and its replicas belong together: write them by hand, or import them')

/** A server that follows another. It is made as a copy of that one. */
export const replication: ServerAspect<Replication> = {
  desired: ({ replicaOf }, ctx) => ({
    role: replicaOf === undefined ? 'primary' : 'replica',
    source: replicaOf === undefined ? undefined : ctx.ref('flexibleServer', replicaOf)
  }),
  refs: ({ source }) => (source === undefined ? [] : [source]),
  needs: ({ source }, fields) => [
    ...(source !== undefined && fields === undefined ? [{ need: 'source', source } as const] : []),
    ...(fields?.has('role') && source === undefined ? [{ need: 'promotion' } as const] : []),
    ...(fields?.has('version') ? [{ need: 'unfollowed' } as const] : [])
  ],
  joins: ({ source }, own) => (source === undefined ? [] : [{ from: source, to: own, label: 'read replica' }]),
  follows: ({ source }) => source,
  fields: {
    role: update({ at: whole, internal: true, leads: true }),
    source: update({ at: whole, leads: true, leadsTo: ['Microsoft.DBforPostgreSQL/flexibleServers'] })
  },
  toArm: ({ source }) => (source === undefined ? {} : { createMode: 'Replica', sourceServerResourceId: source }),
  toPatch: () => ({}),
  fromArm: body => ({
    role: isReplica(body) ? 'replica' : 'primary',
    source: isReplica(body) ? idOf(body.sourceServerResourceId) : undefined
  }),
  facts: body =>
    given({ replica: isReplica(body) || undefined, source: idOf(body.sourceServerResourceId), replicaCapacity: body.replicaCapacity }),
  instead: ['role', 'source'],
  says: ({ source }, _, { refer }) => (source === undefined ? {} : { replicaOf: refer(source) }),
  cannot: ({ role, source }) =>
    role === 'replica' && source === undefined ? 'it is a read replica, and Azure does not say of which server' : undefined
}

/** By its role, or as a create asks for one. A server made from a backup has a source, too, and shows none [CORPUS]. */
const isReplica = ({ replicationRole = '', createMode }: ServerBody): boolean =>
  /replica$/i.test(replicationRole) || createMode === 'Replica'

/** The replicas of a server that stay when it goes: those that are in no file of ours, and were not. @throws ArmError */
export async function othersReplicas(azure: Azure, path: string, ours: Ours): Promise<readonly string[]> {
  const own = ownIds(ours)
  const replicas = await replicasOf(azure, path)
  return replicas.filter(id => !own.has(resourceId(id)))
}

/** The ids of the servers that follow one [SDK-PG: replicas.listByServer]. @throws ArmError */
export async function replicasOf(azure: Azure, path: string): Promise<readonly string[]> {
  const postgres = await azure.client('postgres', subscriptionOf(path))
  const all = await orAbsent(gathered(postgres.replicas.listByServer(groupOf(path) ?? '', nameOf(path))))
  return (all ?? []).flatMap(({ id }) => id ?? [])
}

type Promote = (
  postgres: PostgreSQLManagementFlexibleServerClient,
  at: readonly [string, string],
  props: unknown,
  io: Io
) => Promise<InvokeResult>

/** One PATCH, as az sends it [azure-cli: flexible_replica_promote]. Of one that follows no other any more nothing is left to do. */
const promote =
  (promoteMode: 'Standalone' | 'Switchover', promoteOption: 'Planned' | 'Forced'): Promote =>
  async (postgres, at, _props, { say }) => {
    if (!isReplica(await postgres.servers.get(...at))) return { outcome: 'ok', message: 'it is no read replica any more' }
    say('promoting the read replica')
    const role = promoteMode === 'Switchover' ? 'Primary' : 'None'
    await postgres.servers.beginUpdateAndWait(...at, { replica: { role, promoteMode, promoteOption } }, unpaced)
    return { outcome: 'ok', message: 'promoted' }
  }

/** The calls that change the roles of servers, by their verb. */
export const promotions = {
  switchover: promote('Switchover', 'Planned'),
  switchoverForced: promote('Switchover', 'Forced'),
  standalone: promote('Standalone', 'Planned'),
  standaloneForced: promote('Standalone', 'Forced')
}

/** How far the replication to one of the replicas of a server is: `Active` where it is well [SDK-PG: ReplicationState]. @throws ArmError */
export async function replicationState(azure: Azure, source: string, replica: ResourceId): Promise<string | undefined> {
  const postgres = await azure.client('postgres', subscriptionOf(source))
  const all = await gathered(postgres.replicas.listByServer(groupOf(source) ?? '', nameOf(source)))
  return all.find(({ id }) => id !== undefined && resourceId(id) === replica)?.replica?.replicationState
}
