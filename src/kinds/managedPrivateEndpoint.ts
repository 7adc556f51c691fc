import type { ManagedPrivateEndpointResource } from '@azure/arm-datafactory'
import { until } from '../azure/deadline.ts'
import { given } from '../model/given.ts'
import { nameOf, parentOf, type ResourceId, typeOf } from '../model/id.ts'
import type { Facts } from '../model/resource.ts'
import type { ManagedPrivateEndpoint, PrivateLinkResource, Reference } from '../model/topology.generated.ts'
import { privateLink } from '../model/words.ts'
import { defineKind } from './define.ts'
import type { Written } from './inFile.ts'
import { idOf, isOpen, type Kind, named } from './kind.ts'
import { matching } from './names.ts'
import { replace, sameText } from './rule.ts'
import { byId, ref, set } from './setting.ts'

interface Spec {
  /** Absent for one that leads to another resource. */
  readonly server?: ResourceId
  readonly resource?: PrivateLinkResource
}

interface Props {
  /** The server that it leads to. */
  readonly target: ResourceId | undefined
  /** Any other resource that it leads to. */
  readonly resource: ResourceId | undefined
  readonly groupId: string
  /** Azure fills them in for all but private link services. */
  readonly fqdns?: readonly string[] | undefined
  /** It was made, and its connection is not Disconnected. */
  readonly usable: boolean
}

/** The one subresource of a server that an endpoint can lead to. */
const subresource = 'postgresqlServer'

const serverType = 'microsoft.dbforpostgresql/flexibleservers'

/** Whether Azure does not know the names of a resource by itself, and the file gives them. @param id an ARM id */
export const isWithoutNames = (id: string): boolean => typeOf(id) === 'microsoft.network/privatelinkservices'

/** Learned from servers: for what else has the other end it is inferred (I). */
const onTheServer = 'hashicorp/terraform-provider-azurerm#17478: the other end of the connection lies on the server'

type Ends = Pick<Props, 'target' | 'resource'>

const endOf = ({ target, resource }: Ends): readonly ResourceId[] => [target ?? resource].filter(id => id !== undefined)

const endsOf = (end: ResourceId | undefined): Ends =>
  end === undefined || typeOf(end) === serverType ? { target: end, resource: undefined } : { target: undefined, resource: end }

const sameNames = (live: readonly string[] | undefined = [], wanted: readonly string[] | undefined = []): boolean =>
  [...live].sort().join(' ').toLowerCase() === [...wanted].sort().join(' ').toLowerCase()

/**
 * The owner of a resource that is no server decides on the connection there: pglink neither reads nor writes it
 * [learn.microsoft.com/cli/azure/network/private-endpoint-connection].
 */
function waitsElsewhere({ resource }: Props, facts: Facts): string | undefined {
  const status = facts.connection?.status ?? ''
  if (resource === undefined || !/^(pending|rejected)$/i.test(status)) return undefined
  if (/^rejected$/i.test(status))
    return `was rejected by the owner of ${resource}. A rejected connection cannot be approved any more: settle it with him, delete the endpoint and make it again.`
  return `is Pending on ${nameOf(resource)}: its owner finds the connection with \`az network private-endpoint-connection list --id ${resource}\`, and approves it with \`az network private-endpoint-connection approve --id CONNECTION\`, or in the portal under Networking.`
}

const limitMinutes = 30

/** Data Factory names no reason while it goes on; that a delete ends it is inferred (I). */
const whenStuck = `where it is still Provisioning after ${limitMinutes} minutes, delete the endpoint in Data Factory Studio (Manage, Managed private endpoints) and apply again; where that ends so as well, the support of Azure has to look`

/** Data Factory's account of the connection; the SDK's model does not know all of it. */
interface Extra {
  readonly resourceId?: string | null
  readonly ipAddress?: string | null
  readonly error?: { readonly code?: string; readonly message?: string } | null
}

const extra = (body: ManagedPrivateEndpointResource): Extra => body.properties as Extra

/** `<factory>.<endpoint>`, in lower case, is what Microsoft calls the endpoint behind a managed one [REC-ADF; C]. */
function nameBehind(managed: ResourceId): string {
  const parts = managed.split('/')
  return `${parts[parts.indexOf('factories') + 1] ?? ''}.${nameOf(managed)}`
}

/** The state both ends start with is an empty text, until the endpoint has been made [CORPUS]. */
const statusOf = (body: ManagedPrivateEndpointResource): string => body.properties.connectionState?.status ?? ''

function factsOf(body: ManagedPrivateEndpointResource): Facts {
  const { provisioningState: state, connectionState } = body.properties
  const { resourceId: endpoint, ipAddress } = extra(body)
  const status = statusOf(body)
  return given({
    state,
    connection: status === '' ? undefined : { status, description: connectionState?.description ?? '' },
    endpointId: idOf(endpoint),
    addresses: ipAddress ? [ipAddress] : undefined
  })
}

/**
 * A private endpoint in a factory's managed virtual network. Microsoft makes the endpoint behind it in a
 * subscription of its own, so it always arrives Pending on the server.
 */
export const managedPrivateEndpoint: Kind = defineKind({
  name: 'managedPrivateEndpoint',
  title: 'managed private endpoint',
  duty: 'data',
  seconds: { create: 120, update: 120, remove: 60 },
  oneWriteAtATime: false,
  alsoReads: ['Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnections/read'],
  // Data Factory takes the write, and Microsoft asks the server for the connection in its own time.
  writtenBesideRefs: true,
  drawn: { shape: 'oval', icon: 'M1.5 8h3.2M11.3 8h3.2M8 4.7a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6zM8 8h.01', bringsAbove: true },
  knownAfterApply: ['privateEndpointId'],
  remadeWhenFailed: true,
  whenStuck,
  type: 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints',
  inFile: {
    at: 'dataFactories/*/managedPrivateEndpoints/*',
    under: 'managedVirtualNetworks/default/managedPrivateEndpoints',
    names: matching(
      /^\w(?:[\w-]{0,125}\w)?$/,
      '1 to 127 letters, digits, hyphens and underscores, neither beginning nor ending in a hyphen'
    ),
    spec: ({ entry: { server, resource } }: Written<ManagedPrivateEndpoint>, ctx): Spec =>
      resource === undefined ? { server: server === undefined ? ctx.id : ctx.ref('flexibleServer', server as Reference) } : { resource }
  },
  client: 'factories',
  path: {
    part: 'endpoint',
    leads: ({ facts }) => isOpen(facts),
    asks: () => true,
    // Data Factory did not always say which endpoint is behind a managed one.
    source: ({ facts }) => (facts?.endpointId ? [facts.endpointId] : []),
    nameBehind,
    // A factory has one managed endpoint to a server [GH Azure-DataFactory#250].
    excludes: (old, made) => parentOf(old.id) === parentOf(made.id) && old.refs.some(server => made.refs.includes(server))
  },

  desired: ({ server, resource }: Spec, ctx): Props => ({
    target: server,
    resource: resource && ctx.canonical(resource.id),
    groupId: resource?.groupId ?? subresource,
    fqdns: resource?.fqdns,
    usable: true
  }),
  refs: endOf,
  // Microsoft asks for the connection, and its target's owner decides later [HOWTO-ADF].
  unseen: endOf,
  reach: (props, as) => endOf(props).map(scope => ({ scope, as, source: onTheServer })),
  waitsElsewhere,
  // Nothing of one can be changed in place [TF-MPE].
  joins: ({ target, resource }, own) => [{ from: own, to: target ?? resource, label: privateLink }],
  fields: {
    target: replace({ at: ref('server'), leadsTo: ['Microsoft.DBforPostgreSQL/flexibleServers'] }),
    resource: replace({ at: byId('resource') }),
    groupId: replace<string, Props>({
      at: set('resource', 'groupId'),
      equal: sameText,
      isUsual: (_live, { resource }) => resource === undefined
    }),
    fqdns: replace<readonly string[] | undefined, Props>({
      at: set('resource', 'fqdns'),
      equal: sameNames,
      isUsual: (_live, { resource }) => resource === undefined || !isWithoutNames(resource)
    }),
    usable: replace({ internal: true, because: 'its connection is Disconnected, which nothing revives' })
  },

  // `fqdns` is Azure's to fill for a server, and refused when sent [TF-MPE, GH hashicorp/terraform-provider-azurerm#15640].
  toArm: ({ target, resource, groupId, fqdns }): ManagedPrivateEndpointResource => ({
    properties: given({ groupId, privateLinkResourceId: target ?? resource, fqdns: fqdns && [...fqdns] })
  }),
  fromArm: body => ({
    ...endsOf(idOf(body.properties.privateLinkResourceId)),
    groupId: body.properties.groupId ?? '',
    fqdns: body.properties.fqdns,
    usable: !/^failed$/i.test(body.properties.provisioningState ?? '') && !/^disconnected$/i.test(statusOf(body))
  }),
  facts: factsOf,

  // A GET of one that is not there answers 400 [TF-MPE], which could mean anything.
  read: (client, [group, factory, network, name]) => named(client.managedPrivateEndpoints.listByFactory(group, factory, network), name),
  list: (client, under) => client.managedPrivateEndpoints.listByFactory(...under),
  put: (client, at, body, call) => client.managedPrivateEndpoints.createOrUpdate(...at, body, call),
  remove: (client, at, call) => client.managedPrivateEndpoints.delete(...at, call),

  // The PUT answers 200 at once, without an operation to follow, while the endpoint is still being made [CORPUS].
  async ready(client, [group, factory, network, name], _props, { azure, say }) {
    say(`waiting for the managed private endpoint ${name} to be provisioned`)
    const what = `Data Factory still says Provisioning of ${name}, which it makes in a few minutes as a rule: ${whenStuck}`
    const state = await until({ azure, limitMs: limitMinutes * 60_000, what }, async () => {
      const body = await named(client.managedPrivateEndpoints.listByFactory(group, factory, network), name)
      const now = body?.properties.provisioningState
      return body && now !== undefined && /^(succeeded|failed|cancell?ed)$/i.test(now) ? { now, error: extra(body).error } : undefined
    })
    // Such as RemotePrivateLinkServiceSubscriptionNotRegistered [MicrosoftDocs/azure-docs#66095].
    const why = [state.error?.code, state.error?.message].filter(Boolean).join(': ')
    if (!/^succeeded$/i.test(state.now))
      throw new Error(`Data Factory could not make the managed private endpoint ${name}: it ended as ${state.now}${why && `, ${why}`}.`)
  },
  // The DELETE answers before the endpoint is gone, and its name or target is not free until then [GH hashicorp/terraform-provider-azurerm#31547].
  async gone(client, [group, factory, network, name], _props, { azure, say }) {
    say(`waiting for the managed private endpoint ${name} to be gone`)
    await until({ azure, limitMs: 30 * 60_000, what: `${name} is still in the list of ${factory}` }, async () => {
      const body = await named(client.managedPrivateEndpoints.listByFactory(group, factory, network), name)
      return body === undefined ? true : undefined
    })
  },

  authored: {
    entry({ target, resource, groupId, usable }) {
      if (target !== undefined && !sameText(groupId, subresource)) return { cannot: `it leads to ${groupId} of a server` }
      if (target === undefined && resource === undefined) return { cannot: 'it leads nowhere' }
      return usable ? { says: {} } : { cannot: 'its connection is Disconnected, or it failed: an entry would have it made again' }
    }
  }
})
