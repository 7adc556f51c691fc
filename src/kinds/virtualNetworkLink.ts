import type { GenericResource } from '@azure/arm-resources'
import { until } from '../azure/deadline.ts'
import { orAbsent } from '../azure/error.ts'
import { itemsOf } from '../azure/items.ts'
import { given } from '../model/given.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import type { VirtualNetworkLink } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import type { Written } from './inFile.ts'
import { type Context, type Io, idOf, type Kind, type Reference } from './kind.ts'
import { networkName } from './names.ts'
import { fixed, replace, sameText, update } from './rule.ts'
import { ref } from './setting.ts'

/** The key of a link stands for its network unless the entry names another. */
type Spec = VirtualNetworkLink & { readonly network: Reference }

interface Props {
  readonly network: ResourceId | undefined
  readonly registration: boolean | undefined
  readonly resolution: string | undefined
  /** Only as far as the file says it. */
  readonly name: string | undefined
  readonly ownName: string | undefined
}

interface LinkBody extends GenericResource {
  readonly properties: {
    virtualNetwork?: { id?: string }
    registrationEnabled?: boolean
    resolutionPolicy?: string
    readonly provisioningState?: string
    readonly virtualNetworkLinkState?: string
    readonly [member: string]: unknown
  }
}

/** The first with `resolutionPolicy`. The private DNS client stops before it and drops the member, so links go through the client for any resource. */
const apiVersion = '2024-06-01'

const redirect = 'NxDomainRedirect'

/** By name: a network asks only one zone of a name. */
const zoneOf = (link: ResourceId): string => nameOf(parentOf(link) ?? '')

/** That client puts a slash before the id it is given. */
const pathOf = ({ path }: Io) => path.slice(1)

/**
 * A network has one link to a zone, whatever its name, so that is how one is found. Where none joins the network, a link of the
 * name itself may still be there, to another network.
 */
export const virtualNetworkLink: Kind = defineKind({
  name: 'virtualNetworkLink',
  title: 'virtual network link',
  duty: 'network',
  inChangeHistory: true,
  seconds: { create: 46, update: 46, remove: 46 },
  oneWriteAtATime: false,
  drawn: 'between nodes',
  type: 'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
  inFile: {
    at: 'privateDnsZones/*/links/*',
    names: networkName,
    spec: ({ key, entry }: Written<VirtualNetworkLink>) => ({ network: key, ...entry })
  },
  client: 'resources',
  taggable: true,
  undeclared: { says: () => 'sees the records of this zone' },
  path: {
    part: 'link',
    // A network can be linked to only one zone of a name.
    excludes: (old, made) => old.refs.some(network => made.refs.includes(network)) && zoneOf(old.id) === zoneOf(made.id)
  },

  desired: (entry: Spec, ctx: Context): Props => ({
    network: ctx.ref('virtualNetwork', entry.network),
    registration: entry.registration,
    resolution: entry.resolution,
    name: entry.name?.toLowerCase(),
    ownName: ctx.name.toLowerCase()
  }),
  linkedRights: ({ network }) => (network ? [{ action: 'Microsoft.Network/virtualNetworks/join/action', scope: network }] : []),
  needs: ({ network, registration }, fields) =>
    network && (fields === undefined || (fields.has('registration') && registration))
      ? [{ need: 'link', network, registration: registration === true }]
      : [],
  refs: props => (props.network ? [props.network] : []),
  joins: ({ network }, own) => [{ from: parentOf(own), to: network, label: 'DNS link' }],
  fields: {
    network: replace({ at: ref('network'), givesPath: true, leadsTo: ['Microsoft.Network/virtualNetworks'] }),
    registration: update({ at: 'registration', whenGone: false }),
    // Azure names the policy for privatelink zones only; elsewhere it is the default [CORPUS].
    resolution: update<string | undefined>({
      at: 'resolution',
      whenGone: 'Default',
      equal: (live, desired) => sameText(live ?? 'Default', desired),
      givesPath: true,
      // With the redirect a server without a record is found by its public name.
      cutsPath: (live, desired) => sameText(live, redirect) && !sameText(desired, redirect)
    }),
    // Azure lower-cases it.
    name: fixed<string | undefined, Props>(
      ({ name }) =>
        `Azure renames no link, and a network has one link to a zone: write name: ${name}, or leave it out to have the link whatever it is called.`,
      { at: 'name' }
    ),
    ownName: replace({ equal: () => true, internal: true })
  },

  toArm: ({ ownName: name, network, registration = false, resolution: resolutionPolicy }): LinkBody =>
    given({
      name,
      location: 'global',
      properties: given({ virtualNetwork: network && { id: network }, registrationEnabled: registration, resolutionPolicy })
    }),
  fromArm: ({ name, properties }) => ({
    network: idOf(properties.virtualNetwork?.id),
    registration: properties.registrationEnabled,
    resolution: properties.resolutionPolicy,
    name: name?.toLowerCase(),
    ownName: name?.toLowerCase()
  }),
  // One that registers has succeeded before it works [REC-DNS].
  facts: ({ properties: { provisioningState: state, virtualNetworkLinkState: linked } }) =>
    given({ state, linking: sameText(linked, 'InProgress') || undefined }),

  read: async (_, __, io) => (await io.send({ method: 'GET', path: io.path, apiVersion })) as LinkBody,
  list: (_, __, { path, send }) => itemsOf<LinkBody>(send, `${path}/virtualNetworkLinks`, apiVersion),
  put: (resources, _, body, call, io) => resources.resources.beginCreateOrUpdateByIdAndWait(pathOf(io), apiVersion, body, call),
  remove: (resources, _, call, io) => resources.resources.beginDeleteByIdAndWait(pathOf(io), apiVersion, call),

  match: (props, among) =>
    (among.find(one => one.props.network === props.network) ?? among.find(one => one.props.ownName === props.ownName))?.path,
  answersTo: (key, { name, network }) => name === key.toLowerCase() || (network !== undefined && nameOf(network) === key.toLowerCase()),
  gone: (_, __, ___, io) => goneForGood(io),

  authored: {
    key: ({ network, ownName }, { refer }) => {
      const key = network === undefined ? ownName : refer(network)
      return typeof key === 'string' ? key : (ownName ?? '')
    },
    instead: ['name', 'network'],
    entry: ({ network }, _, { key, refer }) => {
      if (network === undefined) return { cannot: 'Azure does not say which network it leads to' }
      const to = refer(network)
      return { says: to === key ? {} : { network: to } }
    }
  }
})

/** After the delete is reported done a read may find the link again, and then not: once absent is not yet gone [TF-DNSLINK, which asks ten times]. */
const absentForMs = 15_000

async function goneForGood(io: Io): Promise<void> {
  const { clock } = io.azure
  let absentSince = Number.POSITIVE_INFINITY
  await until({ azure: io.azure, limitMs: 10 * 60_000, what: 'the deleted link is still shown' }, async () => {
    const there = await orAbsent(io.send({ method: 'GET', path: io.path, apiVersion }))
    absentSince = there === undefined ? Math.min(absentSince, clock.now()) : Number.POSITIVE_INFINITY
    if (clock.now() - absentSince >= absentForMs) return true
    io.say('waiting for the deleted link to stay away')
    return undefined
  })
}
