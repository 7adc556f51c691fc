import type { PrivateEndpoint as EndpointBody, PrivateLinkServiceConnection } from '@azure/arm-network'
import { parsed } from '../azure/error.ts'
import { given } from '../model/given.ts'
import { parentOf, type ResourceId } from '../model/id.ts'
import type { Facts } from '../model/resource.ts'
import type { PrivateEndpoint } from '../model/topology.generated.ts'
import { privateLink } from '../model/words.ts'
import { defineKind } from './define.ts'
import { byPolicy } from './drawn.ts'
import type { Written } from './inFile.ts'
import { type Context, idOf, isOpen, type Kind, location } from './kind.ts'
import { networkName } from './names.ts'
import { addressLeaving, whenFree } from './removal.ts'
import { replace, sameText, update } from './rule.ts'
import { oneOf, only, ref } from './setting.ts'

interface Spec {
  readonly entry: PrivateEndpoint
  readonly server: ResourceId
}

interface Props {
  readonly location: string
  readonly subnet: ResourceId | undefined
  readonly target: ResourceId | undefined
  readonly groupIds: readonly string[]
  /** A person at the target decides on the connection. */
  readonly manual: boolean | undefined
  readonly requestMessage: string | undefined
  readonly networkInterfaceName: string | undefined
  readonly ipAddress: string | undefined
  /** Its connection is not Disconnected. */
  readonly usable: boolean
  readonly connectionName: string
  /** The zone in which a policy keeps the record of this endpoint. */
  readonly policyZone?: ResourceId | undefined
}

/** The one subresource of a server that an endpoint can lead to; its member has the same name [REC-PE]. */
const subresource = 'postgresqlServer'
const member = { name: subresource, groupId: subresource, memberName: subresource }

const howTo = 'Create and manage virtual networks with Private Link (portal)'
const onTheServer = 'hashicorp/terraform-provider-azurerm#17478: the other end of the connection lies on the server'

type KnownEndpoint = EndpointBody & { readonly resourceGuid?: string }

/** Asked for only where the target's owner decides, in a list of its own. */
const connectionOf = (body: EndpointBody): PrivateLinkServiceConnection | undefined =>
  body.privateLinkServiceConnections?.[0] ?? body.manualPrivateLinkServiceConnections?.[0]

const sameSet = (a: readonly string[], b: readonly string[]) => sameText(a.join(), b.join())

const forItsServer = 'an endpoint is made for its server: what it leads to is not a setting'

/** A private endpoint of a server. Next to nothing of one can be changed in place [TF-PE]. */
export const privateEndpoint: Kind = defineKind({
  name: 'privateEndpoint',
  title: 'private endpoint',
  duty: 'network',
  inChangeHistory: true,
  seconds: { create: 32, update: 4, remove: 11 },
  oneWriteAtATime: false,
  alsoReads: ['Microsoft.Network/networkInterfaces/read', 'Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnections/read'],
  drawn: { shape: 'oval', icon: 'M1.5 8h3.2M11.3 8h3.2M8 4.7a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6z', lies: 'subnet' },
  knownAfterApply: ['networkInterface', 'ipAddress'],
  type: 'Microsoft.Network/privateEndpoints',
  inFile: {
    at: 'servers/*/privateEndpoints/*',
    names: networkName,
    inRegion: true,
    spec: ({ entry, above }: Written<PrivateEndpoint>, ctx) => ({ entry, server: ctx.canonical(above.path) })
  },
  client: 'network',
  carriesMarkers: { rank: 3, onlyOurs: false },
  taggable: true,
  path: {
    part: 'endpoint',
    leads: ({ facts }) => isOpen(facts),
    asks: props => (props as Partial<Props>).manual,
    source: ({ id }) => [id],
    // An address of a subnet is one endpoint's.
    excludes: (old, made) => {
      const [had, has] = [old.props, made.props] as Props[]
      if (has?.ipAddress === undefined || had?.subnet !== has.subnet) return false
      return had?.ipAddress === has.ipAddress || old.facts?.addresses?.includes(has.ipAddress) === true
    }
  },

  desired: ({ entry, server }: Spec, ctx: Context): Props => ({
    location: ctx.location,
    subnet: entry.subnet === undefined ? undefined : ctx.ref('subnet', entry.subnet),
    target: server,
    groupIds: [subresource],
    manual: entry.approval === undefined ? undefined : entry.approval !== 'automatic',
    requestMessage: typeof entry.approval === 'object' ? entry.approval.manual : undefined,
    networkInterfaceName: entry.networkInterfaceName,
    ipAddress: entry.ipAddress,
    usable: true,
    connectionName: ctx.name,
    policyZone: policyZoneOf(entry, ctx)
  }),
  refs: props => [props.subnet, props.target].filter(id => id !== undefined),
  // A login whose connection is approved at once has to be allowed to approve it [DOC-PERBAC, GH MicrosoftDocs/azure-docs#96892].
  linkedRights: ({ subnet, target, manual }) => [
    ...(subnet ? [{ action: 'Microsoft.Network/virtualNetworks/subnets/join/action', scope: subnet }] : []),
    ...(target && !manual
      ? [
          {
            action: 'Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnectionsApproval/action',
            scope: target,
            instead: '`approval: { manual: MESSAGE }` asks the owner of the server instead'
          }
        ]
      : [])
  ],
  needs: ({ subnet, ipAddress }, fields) =>
    subnet && fields === undefined
      ? [{ need: 'address', field: 'subnet', subnet, ...(ipAddress !== undefined && { address: ipAddress }) }]
      : [],
  // A request takes no right on its target, which may lie in a tenant of its own [DOC-PERBAC, GH MicrosoftDocs/azure-docs#72045].
  unseen: ({ manual, target }) => (manual && target ? [target] : []),
  // Azure keeps the other end of the connection on the target, makes and removes it there, and takes an address from the subnet.
  reach: ({ target, subnet }, as) => [
    ...(target ? [{ scope: target, as, source: onTheServer }] : []),
    ...(subnet && as === 'write' ? [{ scope: subnet, as, source: howTo }] : [])
  ],
  advice({ subnet }) {
    const network = subnet && parentOf(subnet)
    return network ? [{ scope: network, children: 'Microsoft.Network/virtualNetworks/subnets', source: howTo }] : []
  },
  joins: ({ target, policyZone }, own) => [
    { from: own, to: target, label: privateLink },
    { from: own, to: policyZone, label: byPolicy }
  ],
  fields: {
    location: replace({ at: 'location', equal: sameText }),
    subnet: replace({ at: ref('subnet'), leadsTo: ['Microsoft.Network/virtualNetworks/subnets'] }),
    target: replace({ at: only([], forItsServer), leadsTo: ['Microsoft.DBforPostgreSQL/flexibleServers'] }),
    groupIds: replace({ at: only([], forItsServer), equal: sameSet }),
    manual: replace({
      at: oneOf(['approval'], { false: 'automatic' }, 'a manual approval without its message, manual ='),
      because: 'Azure does not change who approves the connection of a private endpoint'
    }),
    // No recording shows Azure giving the message back. Where it does not, there is nothing to compare.
    requestMessage: update({ at: 'approval/manual', equal: (live, desired) => live === undefined || live === desired }),
    networkInterfaceName: replace({ at: 'networkInterfaceName', equal: sameText }),
    ipAddress: replace({ at: 'ipAddress', equal: sameText }),
    // Disconnected, an endpoint is only good for being deleted [DOC-PEOV].
    usable: replace({ internal: true, because: 'its connection is Disconnected, which nothing revives' }),
    // A change of the name would make a new connection, and the name has no meaning: one that is there keeps its own.
    connectionName: replace({ equal: () => true, internal: true }),
    // Azure holds it in the zone group; the drawn graph needs it here.
    policyZone: update({ equal: () => true, internal: true })
  },

  toArm: (props): EndpointBody =>
    given({
      location: props.location,
      subnet: props.subnet && { id: props.subnet },
      [props.manual ? 'manualPrivateLinkServiceConnections' : 'privateLinkServiceConnections']: [connectionTo(props)],
      customNetworkInterfaceName: props.networkInterfaceName,
      ipConfigurations: props.ipAddress === undefined ? undefined : [{ ...member, privateIPAddress: props.ipAddress }]
    }),
  fromArm(body) {
    const connection = connectionOf(body)
    return {
      location: location(body.location),
      subnet: idOf(body.subnet?.id),
      target: idOf(connection?.privateLinkServiceId),
      groupIds: [...(connection?.groupIds ?? [])].sort(),
      manual: Boolean(body.manualPrivateLinkServiceConnections?.length),
      requestMessage: connection?.requestMessage || undefined,
      networkInterfaceName: body.customNetworkInterfaceName || undefined,
      ipAddress: body.ipConfigurations?.[0]?.privateIPAddress || undefined,
      usable: !sameText(connection?.privateLinkServiceConnectionState?.status, 'Disconnected'),
      connectionName: connection?.name ?? ''
    }
  },
  facts: factsOf,

  async read(network, at) {
    const guids = guidsHeard()
    return guids.known(await network.privateEndpoints.get(...at, guids.listening))
  },
  list(network) {
    const guids = guidsHeard()
    return guids.each(network.privateEndpoints.listBySubscription(guids.listening))
  },
  listGroup(network, group) {
    const guids = guidsHeard()
    return guids.each(network.privateEndpoints.list(group, guids.listening))
  },
  put: (network, at, body, call, io) =>
    call.requestOptions === undefined
      ? whenFree(io, addressLeaving(network), () => network.privateEndpoints.beginCreateOrUpdateAndWait(...at, body, call))
      : network.privateEndpoints.beginCreateOrUpdateAndWait(...at, changeable(body), call),
  remove: (network, at, call) => network.privateEndpoints.beginDeleteAndWait(...at, call),

  authored: {
    instead: ['target', 'groupIds', 'manual', 'requestMessage'],
    entry(props, body) {
      const cannot = inexpressible(props, body)
      if (cannot !== undefined) return { cannot }
      return { says: props.manual ? { approval: { manual: props.requestMessage ?? '' } } : {} }
    }
  }
})

/** The reasons why the file cannot say one so that a write would keep it. */
function inexpressible({ groupIds, usable }: Props, body: EndpointBody): string | undefined {
  const all = [...(body.privateLinkServiceConnections ?? []), ...(body.manualPrivateLinkServiceConnections ?? [])]
  if (all.length !== 1) return `it has ${all.length} connections, and an entry has one`
  if (!sameSet(groupIds, [subresource])) return `it leads to ${groupIds.join(', ') || 'no subresource'}, and not to ${subresource}`
  if ((body.ipConfigurations ?? []).length > 1) return 'it has several addresses of its own, and an entry has one'
  return usable ? undefined : 'its connection is Disconnected, which nothing revives: delete it, or an entry would have it made again'
}

/** The SDK's model leaves out what tells an endpoint from another of its name; the answer has it [REC-PE]. */
function guidsHeard() {
  const guids = new Map<string, string>()
  const known = (body: EndpointBody): KnownEndpoint => {
    const guid = guids.get(body.id?.toLowerCase() ?? '')
    return guid === undefined ? body : { ...body, resourceGuid: guid }
  }
  return {
    listening: {
      onResponse({ bodyAsText }: { readonly bodyAsText?: string | null }) {
        const answer = parsed(bodyAsText) as (Raw & { readonly value?: readonly Raw[] }) | undefined
        for (const { id, properties } of answer?.value ?? (answer === undefined ? [] : [answer]))
          if (id !== undefined && properties?.resourceGuid !== undefined) guids.set(id.toLowerCase(), properties.resourceGuid.toLowerCase())
      }
    },
    known,
    async *each(listed: AsyncIterable<EndpointBody>): AsyncGenerator<KnownEndpoint> {
      for await (const body of listed) yield known(body)
    }
  }
}

interface Raw {
  readonly id?: string
  readonly properties?: { readonly resourceGuid?: string }
}

function policyZoneOf({ privateDns }: PrivateEndpoint, ctx: Context): ResourceId | undefined {
  if (privateDns === undefined || privateDns === 'none' || privateDns.managedBy !== 'policy') return undefined
  return ctx.ref('privateDnsZone', privateDns.zone)
}

const connectionTo = ({ connectionName: name, target, groupIds, manual, requestMessage }: Props): PrivateLinkServiceConnection =>
  given({ name, privateLinkServiceId: target, groupIds: [...groupIds], requestMessage: manual ? requestMessage : undefined })

/** An update carries along what was there, in words that Azure chose: the name of an ip configuration is one it would not see changed. */
function changeable({ subnet: _subnet, ipConfigurations: _ip, customNetworkInterfaceName: _nic, ...rest }: EndpointBody): EndpointBody {
  return rest
}

function factsOf(body: KnownEndpoint): Facts {
  const state = connectionOf(body)?.privateLinkServiceConnectionState
  // Empty while the endpoint has a zone group: the records of the group then say the same.
  const resolved = (body.customDnsConfigs ?? []).flatMap(({ ipAddresses = [] }) => ipAddresses)
  const fixed = (body.ipConfigurations ?? []).flatMap(({ privateIPAddress }) => privateIPAddress ?? [])
  return given({
    location: location(body.location),
    state: body.provisioningState,
    connection: state && { status: state.status ?? '', description: state.description ?? '' },
    addresses: [...new Set([...resolved, ...fixed])].sort(),
    ownNames: body.customDnsConfigs?.length,
    guid: body.resourceGuid,
    interfaces: (body.networkInterfaces ?? []).flatMap(({ id }) => id ?? [])
  })
}
