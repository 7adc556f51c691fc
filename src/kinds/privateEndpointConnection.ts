import type { PrivateEndpointConnection as ConnectionBody, Server } from '@azure/arm-postgresql-flexible'
import type { Azure } from '../azure/azure.ts'
import { unpaced } from '../azure/call.ts'
import { until } from '../azure/deadline.ts'
import { ArmError } from '../azure/error.ts'
import { given } from '../model/given.ts'
import { groupOf, nameOf, parentOf, type ResourceId, resourceId, subscriptionOf, typeOf } from '../model/id.ts'
import type { Facts } from '../model/resource.ts'
import type { Connection } from '../model/topology.generated.ts'
import { connectionKeys } from './connectionKeys.ts'
import { defineKind } from './define.ts'
import type { Written } from './inFile.ts'
import { idOf, type Kind, named } from './kind.ts'
import { nameBehind } from './managedPrivateEndpoint.ts'
import { depending, sameText, update } from './rule.ts'
import { oneOf } from './setting.ts'

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

const managedType = 'microsoft.datafactory/factories/managedvirtualnetworks/managedprivateendpoints'
const isManaged = (id: ResourceId): boolean => typeOf(id) === managedType

const is = (status: string | undefined, wanted: string): boolean => sameText(status, wanted)

/** Which of a server's connections comes from `wanted`. Where an old one lingers beside the new, the living one is meant. */
function pick<T extends { readonly from: ResourceId | undefined; readonly status: string }>(
  among: readonly T[],
  wanted: ResourceId,
  endpointId: ResourceId | undefined
): T | undefined {
  const exact = among.filter(({ from }) => from !== undefined && (from === wanted || from === endpointId))
  // Data Factory did not always say which endpoint is behind a managed one.
  const named =
    isManaged(wanted) && endpointId === undefined
      ? among.filter(({ from }) => from !== undefined && nameOf(from) === nameBehind(wanted))
      : []
  const found = exact.length > 0 ? exact : named
  return found.find(({ status }) => is(status, 'Pending') || is(status, 'Approved')) ?? found[0]
}

const fromArm = ({ privateEndpoint, privateLinkServiceConnectionState: state }: ConnectionBody): Props => ({
  from: idOf(privateEndpoint?.id),
  status: state?.status ?? '',
  description: state?.description
})

function factsOf(body: ConnectionBody): Facts {
  const { from, status, description = '' } = fromArm(body)
  return given({ from, state: body.provisioningState, connection: { status, description } })
}

/** Azure's own words for a connection that it approved by itself [REC-PE]. */
const autoApproved = 'Auto-Approved'

/** The DBA's decision on one private endpoint connection of a server. Azure makes the connection, with a name of its own [REC-PE]. */
export const privateEndpointConnection: Kind = defineKind({
  name: 'privateEndpointConnection',
  title: 'private endpoint connection',
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
  path: { part: 'decision', leads: ({ props }) => is((props as Props).status, 'Approved'), source: ({ refs }) => ({ ids: refs }) },
  undeclared: {
    // A DBA decides on connections of a server that the file does not make, and wants to see the others that are let in.
    inOthers: true,
    matters: server => (server as { readonly publicAccess?: boolean }).publicAccess !== undefined,
    says: ({ props: { status, from } }, server) =>
      is(status, 'Approved') ? `is Approved and reaches ${server} from ${from ?? 'an endpoint that Azure does not name'}` : undefined
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

  async put(postgres, at, { privateLinkServiceConnectionState: wanted = {} }, _call, { say }) {
    const { privateLinkServiceConnectionState: state } = await postgres.privateEndpointConnections.get(...at)
    if (is(state?.status, wanted.status ?? '') && (wanted.description === undefined || wanted.description === state?.description)) return
    if (is(state?.status, 'Rejected') && is(wanted.status, 'Approved'))
      throw new Error(
        `The connection ${at[2]} was rejected in the meantime. Azure cannot approve it any more: its private endpoint has to be made again.`
      )
    say(is(wanted.status, 'Approved') ? 'approving the connection' : 'rejecting the connection')
    // The state alone: nothing else of a connection can be written, nor can it be another's. The request message stays to be read.
    const decided = { ...given<typeof wanted>({ description: state?.description }), ...wanted }
    await postgres.privateEndpointConnections.beginUpdateAndWait(...at, { privateLinkServiceConnectionState: decided }, unpaced)
  },
  remove: (postgres, at, call) => postgres.privateEndpointConnections.beginDeleteAndWait(...at, call),

  match({ from }, among, lookup) {
    if (from === undefined) return undefined
    const source = isManaged(from) ? lookup(from) : undefined
    const endpointId = source?.state === 'present' ? source.facts.endpointId : undefined
    return pick(
      among.map(({ path, props, facts }) => ({ path, from: facts.from, status: props.status })),
      from,
      endpointId
    )?.path
  },

  // It shows on the server only after the endpoint's own operation has ended [CORPUS].
  async locate(azure, path, { from }) {
    const server = path.split('/').slice(0, 9)
    const [group = '', name = ''] = [server[4], server[8]]
    if (from === undefined) throw new Error(`bug: a connection of ${name} that comes from nowhere`)
    const postgres = await azure.client('postgres', subscriptionOf(path))
    const what = `no connection from ${nameOf(from)} has come to ${name}`
    return until({ azure, limitMs: 15 * 60_000, what }, async () => {
      const endpointId = isManaged(from) ? (await managedSource(azure, from))?.endpointId : undefined
      const among: { readonly path: string; readonly from: ResourceId | undefined; readonly status: string }[] = []
      for await (const body of postgres.privateEndpointConnections.listByServer(group, name))
        among.push({ path: body.id ?? '', from: fromArm(body).from, status: fromArm(body).status })
      return pick(among, from, endpointId)?.path
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

/** The connection as its consumer sees it. An endpoint of another tenant, or of Microsoft's, cannot be looked at. */
async function consumerStatus(azure: Azure, from: ResourceId): Promise<string | 'unreadable' | undefined> {
  try {
    if (isManaged(from)) return (await managedSource(azure, from))?.status
    const network = await azure.client('network', subscriptionOf(from))
    const endpoint = await network.privateEndpoints.get(groupOf(from) ?? '', nameOf(from))
    const connection = endpoint.privateLinkServiceConnections?.[0] ?? endpoint.manualPrivateLinkServiceConnections?.[0]
    return connection?.privateLinkServiceConnectionState?.status
  } catch (error) {
    if (error instanceof ArmError && (error.status === 403 || error.status === 404)) return 'unreadable'
    throw error
  }
}

/** Read by list: a GET of one that is not there answers 400 [TF-MPE]. */
async function managedSource(
  azure: Azure,
  id: ResourceId
): Promise<{ readonly status: string | undefined; readonly endpointId: ResourceId | undefined } | undefined> {
  const [, , subscription = '', , group = '', , , , factory = '', , network = '', , name = ''] = id.split('/')
  const client = await azure.client('factories', subscription)
  const body = await named(client.managedPrivateEndpoints.listByFactory(group, factory, network), name)
  if (body === undefined) return undefined
  const { resourceId: endpoint } = body.properties as { readonly resourceId?: string | null }
  return { status: body.properties.connectionState?.status, endpointId: endpoint ? resourceId(endpoint) : undefined }
}
