import type { PrivateEndpointConnection as ConnectionBody, Server } from '@azure/arm-postgresql-flexible'
import { unpaced } from '../azure/call.ts'
import { until } from '../azure/deadline.ts'
import { WaitTimedOut } from '../azure/error.ts'
import { given } from '../model/given.ts'
import { groupOf, nameOf, parentOf, type ResourceId, resourceId, subscriptionOf } from '../model/id.ts'
import type { Facts } from '../model/resource.ts'
import type { Connection } from '../model/topology.generated.ts'
import { connectionKeys } from './connectionKeys.ts'
import { consumerStatus, isManaged, managedSource } from './consumerEnd.ts'
import { defineKind } from './define.ts'
import type { Written } from './inFile.ts'
import { idOf, type Kind } from './kind.ts'
import { depending, sameText, update } from './rule.ts'
import { oneOf } from './setting.ts'
import { isLiving, type Joined, Untold, unclear, unclearText } from './untold.ts'

/** `from` is the id of a private endpoint, or of a managed one, which has another id on the server. */
interface Spec {
  readonly from: ResourceId
  readonly decision: 'approve' | 'reject'
  readonly response?: string | undefined
}

interface Props {
  readonly from: ResourceId | undefined
  readonly status: string
  readonly description: string | undefined
}

const is = (status: string | undefined, wanted: string): boolean => sameText(status, wanted)

/**
 * Which of a server's connections comes from an endpoint, by its id alone: names and texts are free for everybody to choose. Where an old
 * one lingers beside the new, the living one is meant.
 */
function pick<T extends Joined>(among: readonly T[], endpointId: ResourceId | undefined): T | undefined {
  const found = among.filter(({ from }) => from !== undefined && from === endpointId)
  return found.find(isLiving) ?? found[0]
}

const fromArm = ({ privateEndpoint, privateLinkServiceConnectionState: state }: ConnectionBody): Props => ({
  from: idOf(privateEndpoint?.id),
  status: state?.status ?? '',
  description: state?.description
})

const joined = ({
  path,
  props: { status, description },
  facts
}: {
  readonly path: string
  readonly props: Props
  readonly facts: Facts
}) => ({
  path,
  from: facts.from,
  status,
  description
})

function factsOf(body: ConnectionBody): Facts {
  const { from, status, description = '' } = fromArm(body)
  return given({ from, state: body.provisioningState, connection: { status, description } })
}

/** More of a connection's body than a topology compares. @param body as a read of one gives it */
export function detailsOf(body: unknown): { readonly groupIds: readonly string[]; readonly createdAt: string | undefined } {
  const { groupIds = [], systemData } = (body ?? {}) as ConnectionBody
  // The recorded connections have no systemData [CORPUS].
  return { groupIds, createdAt: systemData?.createdAt === undefined ? undefined : new Date(systemData.createdAt).toISOString() }
}

const unnamed = 'an endpoint that Azure does not name'

/** Azure's own words for a connection that it approved by itself [REC-PE]. */
const autoApproved = 'Auto-Approved'

/** The DBA's decision on one private endpoint connection of a server. Azure makes the connection, with a name of its own [REC-PE]. */
export const privateEndpointConnection: Kind = defineKind({
  name: 'privateEndpointConnection',
  title: 'private endpoint connection',
  duty: 'dba',
  seconds: { create: 61, update: 61, remove: 61 },
  oneWriteAtATime: false,
  alsoReads: [
    'Microsoft.DBforPostgreSQL/locations/privateEndpointConnectionAzureAsyncOperation/read',
    'Microsoft.DBforPostgreSQL/locations/privateEndpointConnectionOperationResults/read'
  ],
  drawn: 'between nodes',
  keptWhenGone: true,
  knownAfterApply: ['name'],
  type: 'Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnections',
  inFile: {
    at: 'servers/*/connections/#',
    isNeverReferred: true,
    // Azure names the connection; ours is named after where it comes from, so that two lines of a file can be told apart.
    keysOf: connectionKeys,
    emptiest: from => ({ from, decision: 'reject' }),
    spec: ({ entry: { from, decision, response } }: Written<Connection>, ctx) => ({
      from:
        typeof from === 'object' && 'factory' in from
          ? ctx.canonical(`${from.factory}/managedVirtualNetworks/default/managedPrivateEndpoints/${from.managedPrivateEndpoint}`)
          : ctx.ref('connectionSource', from),
      decision,
      response
    })
  },
  client: 'postgres',
  fallsWithParent: true,
  declarationIsConsent: true,
  comesWithRef: true,
  path: { part: 'decision', leads: ({ props }) => is((props as Props).status, 'Approved'), source: ({ refs }) => refs },
  undeclared: {
    // A DBA decides on connections of a server that the file does not make, and wants to see the others that are let in.
    inOthers: true,
    matters: server => (server as { readonly publicAccess?: boolean }).publicAccess !== undefined,
    says: ({ props: { status, from } }, server) =>
      is(status, 'Approved') ? `is Approved and reaches ${server} from ${from ?? unnamed}` : undefined,
    asks: ({ props: { status, from } }, server) =>
      is(status, 'Pending') ? `is Pending and asks to reach ${server} from ${from ?? unnamed}` : undefined
  },
  embedded: (server: Server) => server.privateEndpointConnections ?? [],

  desired: ({ from, decision, response }: Spec): Props => ({
    from,
    status: decision === 'approve' ? 'Approved' : 'Rejected',
    description: response
  }),
  refs: ({ from }) => (from ? [from] : []),
  linkedRights: (_, __, id) => [
    { action: 'Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnectionsApproval/action', scope: parentOf(id) ?? id }
  ],
  // A DBA decides on a connection without a right to read the endpoint that it comes from.
  unseen: ({ from }) => (from ? [from] : []),
  // An endpoint that the file does not make gives its owner a way to the data, the more so from another subscription.
  exposes({ status, from }, before, own, isOurs) {
    if (status !== 'Approved' || from === undefined || is(before?.status, status)) return undefined
    if (subscriptionOf(from) !== subscriptionOf(own)) return `approves ${from}, which is in another subscription`
    return isOurs(from) ? undefined : `approves ${from}, which is not made by this file`
  },
  fields: {
    // The id it was found by; a managed endpoint has another id at this end.
    from: update({
      equal: () => true,
      leadsTo: ['Microsoft.Network/privateEndpoints', 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints']
    }),
    // To approve a rejected one is accepted, and the operation fails with InternalServerError [REC-PE].
    status: depending((live, desired) => (is(live, 'Rejected') && is(desired, 'Approved') ? 'fixed' : 'update'), {
      at: oneOf(['decision'], { approved: 'approve', rejected: 'reject' }, 'the state'),
      equal: sameText,
      instead: ({ from }) =>
        `Azure cannot approve a connection that was rejected: delete the private endpoint ${from === undefined ? 'it comes from' : nameOf(from)} and let it be made again.`,
      exit: 7,
      givesPath: true,
      cutsPath: (live, desired) => is(live, 'Approved') && is(desired, 'Rejected')
    }),
    // Each end keeps texts of its own, and Azure writes its own over ours [CORPUS].
    description: update({ equal: () => true, sentAlong: true })
  },

  toArm: ({ from, status, description }): ConnectionBody =>
    given({ privateEndpoint: from && { id: from }, privateLinkServiceConnectionState: given({ status, description }) }),
  fromArm,
  facts: factsOf,

  // The key is the last of where it comes from, with what it lies in where two end alike; Microsoft has the factory before a managed one's.
  answersTo: (key, { from }) =>
    from !== undefined && `.${subscriptionOf(from)}.${groupOf(from) ?? ''}.${nameOf(from)}`.endsWith(`.${key.toLowerCase()}`),

  read: (postgres, at) => postgres.privateEndpointConnections.get(...at),
  list: (postgres, under) => postgres.privateEndpointConnections.listByServer(...under),

  async put(postgres, at, { privateEndpoint: wantedFrom, privateLinkServiceConnectionState: wanted = {} }, _call, { say, path, audit }) {
    const { privateEndpoint, privateLinkServiceConnectionState: state } = await postgres.privateEndpointConnections.get(...at)
    const endpoint = privateEndpoint?.id
    if (wantedFrom?.id !== undefined && !isManaged(resourceId(wantedFrom.id)) && !sameText(endpoint, wantedFrom.id))
      throw new Error(
        `The connection ${at[2]} comes from ${endpoint ?? 'no endpoint'} now, and not from ${wantedFrom.id}. Nothing was written.`
      )
    if (is(state?.status, wanted.status ?? '') && (wanted.description === undefined || wanted.description === state?.description)) return
    if (is(state?.status, 'Rejected') && is(wanted.status, 'Approved'))
      throw new Error(
        `The connection ${at[2]} was rejected in the meantime. Azure cannot approve it any more: its private endpoint has to be made again.`
      )
    const to = is(wanted.status, 'Approved') ? 'Approved' : 'Rejected'
    say(to === 'Approved' ? 'approving the connection' : 'rejecting the connection')
    // The state alone: nothing else of a connection can be written, nor can it be another's. The request message stays to be read.
    const decided = { ...given<typeof wanted>({ description: state?.description }), ...wanted }
    const decision = { connection: path, from: state?.status ?? '', to, ...given({ endpoint, response: wanted.description }) } as const
    await audit.record(decision, () =>
      postgres.privateEndpointConnections.beginUpdateAndWait(...at, { privateLinkServiceConnectionState: decided }, unpaced)
    )
  },
  async remove(postgres, at, call, { path, audit, say }) {
    const { privateEndpoint, privateLinkServiceConnectionState: state } = await postgres.privateEndpointConnections.get(...at)
    const decision = { connection: path, from: state?.status ?? '', to: 'Removed', ...given({ endpoint: privateEndpoint?.id }) } as const
    say('removing the connection')
    await audit.record(decision, () => postgres.privateEndpointConnections.beginDeleteAndWait(...at, call))
  },

  joinedBy: ({ from }) => (from !== undefined && isManaged(from) ? [from] : []),

  match({ from }, among, lookup) {
    if (from === undefined) return undefined
    const source = isManaged(from) ? lookup(from) : undefined
    const endpointId = source?.state === 'present' ? source.facts.endpointId : undefined
    return pick(among.map(joined), isManaged(from) ? endpointId : from)?.path
  },

  untold({ from, status }, among, lookup) {
    if (from === undefined || !isManaged(from)) return undefined
    const source = lookup(from)
    if (source === undefined || source.state === 'absent') return undefined
    if (source.state === 'present' && (source.facts.endpointId !== undefined || source.facts.state === 'Provisioning')) return undefined
    const seen = source.state === 'present' ? source.facts.connection?.status : undefined
    return {
      ...unclear({ wanted: from, among: among.map(joined), decision: is(status, 'Approved') ? 'approve' : 'reject', seen }),
      isAsWanted: is(seen, status)
    }
  },

  // It shows on the server only after the endpoint's own operation has ended [CORPUS].
  async locate(azure, path, { from, status }) {
    const server = path.split('/').slice(0, 9)
    const [group = '', name = ''] = [server[4], server[8]]
    if (from === undefined) throw new Error(`bug: a connection of ${name} that comes from nowhere`)
    const postgres = await azure.client('postgres', subscriptionOf(path))
    const what = `no connection from ${nameOf(from)} has come to ${name}`
    const located = until({ azure, limitMs: 15 * 60_000, what }, async () => {
      const source = isManaged(from) ? await managedSource(azure, from) : { endpointId: from, isMade: true, status: undefined }
      if (source === undefined) return undefined
      const among = []
      for await (const body of postgres.privateEndpointConnections.listByServer(group, name))
        among.push({ path: body.id ?? '', ...fromArm(body) })
      if (source.endpointId === undefined && source.isMade)
        throw new Untold(
          unclearText(unclear({ wanted: from, among, decision: is(status, 'Approved') ? 'approve' : 'reject', seen: source.status }))
        )
      return pick(among, source.endpointId)?.path
    })
    return located.catch((error: unknown) => {
      // Its owner has not asked, or is another than the file says: nothing was sent, and another connection is none of ours.
      throw error instanceof WaitTimedOut ? new Untold(`${what}: its owner has to ask first`) : error
    })
  },

  // The other end follows within a minute; a data factory takes several to look [how-to "Connect to Azure Data Factory privately networked pipeline"].
  async ready(postgres, at, { from, status }, { azure, say }) {
    if (from === undefined) return
    const source = isManaged(from) ? 'data factory' : 'private endpoint'
    let said = false
    await until({ azure, limitMs: 15 * 60_000, what: `the ${source} has not noticed that the connection is ${status}` }, async () => {
      const seen = await consumerStatus(azure, from)
      if (seen === 'unreadable' || is(seen, status)) return true
      const { privateLinkServiceConnectionState: state } = await postgres.privateEndpointConnections.get(...at)
      if (!is(state?.status, status))
        throw new Error(
          `The connection ${at[2]} was ${status} and is ${state?.status ?? 'gone'} now: another person or tool decided on it meanwhile.`
        )
      if (!said) say(`waiting for the ${source} to notice the ${is(status, 'Approved') ? 'approval' : 'rejection'}`)
      said = true
      return undefined
    })
  },

  authored: {
    instead: ['status'],
    // The login that made the endpoint may approve it, and then Azure does so at once: no person decided anything.
    isAzures: ({ from, status }, _, { look }) => {
      const endpoint = from === undefined ? undefined : look(from)
      return is(status, 'Approved') && endpoint !== undefined && (endpoint.props as { readonly manual?: boolean }).manual === false
    },
    entry: ({ from, status, description }, _, { refer }) => {
      if (from === undefined) return { cannot: 'Azure does not say which endpoint it comes from' }
      const decision = is(status, 'Approved') ? 'approve' : is(status, 'Rejected') ? 'reject' : undefined
      if (decision === undefined) return { cannot: `it is ${status}, and no decision has been made on it` }
      const response = description && !is(description, autoApproved) ? { response: description } : {}
      return { says: { from: refer(from), decision, ...response } }
    }
  }
})
