import type { ManagedPrivateEndpointResource } from '@azure/arm-datafactory'
import { until } from '../azure/deadline.ts'
import { given } from '../model/given.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import type { Facts } from '../model/resource.ts'
import type { ManagedPrivateEndpoint, Reference } from '../model/topology.generated.ts'
import { privateLink } from '../model/words.ts'
import { defineKind } from './define.ts'
import type { Written } from './inFile.ts'
import { idOf, isOpen, type Kind, named } from './kind.ts'
import { matching } from './names.ts'
import { replace, sameText } from './rule.ts'
import { ref } from './setting.ts'

interface Spec {
  readonly server: ResourceId
}

interface Props {
  readonly target: ResourceId | undefined
  readonly groupId: string
  /** It was made, and its connection is not Disconnected. */
  readonly usable: boolean
}

/** The one subresource of a server that an endpoint can lead to. */
const subresource = 'postgresqlServer'

const onTheServer = 'hashicorp/terraform-provider-azurerm#17478: the other end of the connection lies on the server'

/** Data Factory's account of the connection; the SDK's model does not know all of it. */
interface Extra {
  readonly resourceId?: string | null
  readonly ipAddress?: string | null
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
  type: 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints',
  inFile: {
    at: 'dataFactories/*/managedPrivateEndpoints/*',
    under: 'managedVirtualNetworks/default/managedPrivateEndpoints',
    names: matching(
      /^\w(?:[\w-]{0,125}\w)?$/,
      '1 to 127 letters, digits, hyphens and underscores, neither beginning nor ending in a hyphen'
    ),
    spec: ({ entry: { server } }: Written<ManagedPrivateEndpoint>, ctx) => ({
      server: server === undefined ? ctx.id : ctx.ref('flexibleServer', server as Reference)
    })
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

  desired: ({ server }: Spec): Props => ({ target: server, groupId: subresource, usable: true }),
  refs: ({ target }) => (target ? [target] : []),
  // Microsoft asks for the connection, and its target's owner decides later [HOWTO-ADF].
  unseen: ({ target }) => (target ? [target] : []),
  reach: ({ target }, as) => (target ? [{ scope: target, as, source: onTheServer }] : []),
  // Nothing of one can be changed in place [TF-MPE].
  joins: ({ target }, own) => [{ from: own, to: target, label: privateLink }],
  fields: {
    target: replace({ at: ref('server'), leadsTo: ['Microsoft.DBforPostgreSQL/flexibleServers'] }),
    groupId: replace({ equal: sameText }),
    usable: replace({ internal: true, because: 'its connection is Disconnected, which nothing revives' })
  },

  // `fqdns` is Azure's to fill for such a target, and refused when sent [TF-MPE, GH hashicorp/terraform-provider-azurerm#15640].
  toArm: ({ target, groupId }): ManagedPrivateEndpointResource => ({ properties: given({ groupId, privateLinkResourceId: target }) }),
  fromArm: body => ({
    target: idOf(body.properties.privateLinkResourceId),
    groupId: body.properties.groupId ?? '',
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
    const state = await until({ azure, limitMs: 30 * 60_000, what: `${name} is still being provisioned` }, async () => {
      const body = await named(client.managedPrivateEndpoints.listByFactory(group, factory, network), name)
      const now = body?.properties.provisioningState
      return now !== undefined && /^(succeeded|failed|cancell?ed)$/i.test(now) ? now : undefined
    })
    if (!/^succeeded$/i.test(state))
      throw new Error(`Data Factory could not make the managed private endpoint ${name}: it ended as ${state}.`)
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
    entry({ target, groupId, usable }) {
      if (target === undefined || !sameText(groupId, subresource)) return { cannot: 'it leads to no server' }
      return usable ? { says: {} } : { cannot: 'its connection is Disconnected, or it failed: an entry would have it made again' }
    }
  }
})
