import type { VirtualNetwork } from '@azure/arm-network'
import { given } from '../model/given.ts'
import { resourceId } from '../model/id.ts'
import type { Peering } from '../model/paths.ts'
import type { Facts } from '../model/resource.ts'
import type { Network } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import { type Kind, location } from './kind.ts'
import { matching } from './names.ts'
import { interfacesLeaving, whenFree } from './removal.ts'
import { fixed, sameText, update } from './rule.ts'

interface Props {
  readonly location: string
  readonly addressSpace: readonly string[] | undefined
  /** None means Azure's own. */
  readonly dnsServers: readonly string[] | undefined
}

/** The halves that lie in a network, whoever made them: they come with its body, and a write that leaves them out keeps them [TF-PEERING]. */
const peeringsIn = ({ virtualNetworkPeerings: all = [] }: VirtualNetwork): readonly Peering[] =>
  all.flatMap(({ remoteVirtualNetwork: remote, peeringState: state = '' }) => (remote?.id ? [{ with: resourceId(remote.id), state }] : []))

/** Machines take DNS servers from DHCP [learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances]. */
const asked = (servers: readonly string[]): string =>
  servers.length === 0
    ? `goes back to Azure's own DNS: a machine that runs there asks it from its next restart on, or when it renews its lease`
    : `asks ${servers.join(', ')} for names: a machine that runs there does so from its next restart on, or when it renews its lease. Names in private DNS zones are found then only where those servers forward to 168.63.129.16`

const ranges = (prefixes: readonly string[] | undefined) => prefixes?.map(prefix => prefix.toLowerCase()).sort()

/**
 * The network without its subnets, which are resources of their own. A PUT that lists subnets deletes every one it does not list; one that
 * leaves the member out keeps them all, from API version 2023-11-01 on [GH Azure/bicep-types-az#1687].
 */
export const virtualNetwork: Kind = defineKind({
  name: 'virtualNetwork',
  title: 'virtual network',
  duty: 'network',
  inChangeHistory: true,
  seconds: { create: 10, update: 4, remove: 10 },
  // A second write answers 409 or 429 [CORPUS].
  oneWriteAtATime: true,
  drawn: { shape: 'box', icon: 'M4.5 4.5 1.5 8l3 3.5M11.5 4.5l3 3.5-3 3.5M5.5 8h.01M8 8h.01M10.5 8h.01' },
  type: 'Microsoft.Network/virtualNetworks',
  inFile: {
    at: 'networks/*',
    names: matching(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9_]$/,
      '2 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit and not ending in a dot or hyphen'
    ),
    inRegion: true
  },
  client: 'network',
  carriesMarkers: { rank: 9, onlyOurs: true },
  taggable: true,
  precious: true,

  // Both halves of a peering are one line.
  joins: (_props: Partial<Props>, own, { peerings = [] }: Facts) =>
    peerings.map(({ with: other, state }) => ({
      from: own < other ? own : other,
      to: own < other ? other : own,
      label: /^connected$/i.test(state) ? 'peering' : `peering (${state})`
    })),
  way: ({ dnsServers: said }: Partial<Props>, _name, { dnsServers: seen }: Facts) => {
    const servers = said ?? seen ?? []
    return servers.length === 0 ? undefined : `DNS servers ${servers.join(', ')}`
  },

  desired: (entry: Network, ctx): Props => ({
    location: ctx.location,
    addressSpace: ranges(entry.addressSpace),
    dnsServers: entry.dnsServers
  }),
  byHand: ({ dnsServers = [] }, fields) => (fields?.has('dnsServers') ? asked(dnsServers) : undefined),
  fields: {
    location: fixed<string>(
      'Azure cannot move a virtual network: declare a network of another name in that region, and move what is in this one.',
      { at: 'location', equal: sameText }
    ),
    addressSpace: update({ at: 'addressSpace' }),
    // The first is asked first.
    dnsServers: update<readonly string[] | undefined>({
      at: 'dnsServers',
      equal: (live = [], wanted = []) => live.join(' ').toLowerCase() === wanted.join(' ').toLowerCase(),
      isUsual: (live = []) => live.length === 0,
      whenGone: []
    })
  },

  toArm: ({ location, addressSpace: prefixes, dnsServers }): VirtualNetwork =>
    given({
      location,
      addressSpace: prefixes && { addressPrefixes: [...prefixes] },
      dhcpOptions: dnsServers && { dnsServers: [...dnsServers] }
    }),
  fromArm: body => ({
    location: location(body.location),
    addressSpace: ranges(body.addressSpace?.addressPrefixes),
    dnsServers: body.dhcpOptions?.dnsServers
  }),
  facts: body =>
    given({
      location: location(body.location),
      state: body.provisioningState,
      dnsServers: body.dhcpOptions?.dnsServers ?? [],
      peerings: peeringsIn(body)
    }),

  read: (network, at) => network.virtualNetworks.get(...at),
  list: network => network.virtualNetworks.listAll(),
  listGroup: (network, group) => network.virtualNetworks.list(group),
  put: (network, at, body, call) => network.virtualNetworks.beginCreateOrUpdateAndWait(...at, body, call),
  remove: (network, at, call, io) =>
    whenFree(
      io,
      interfacesLeaving(network, async () => (await network.virtualNetworks.get(...at)).subnets ?? []),
      () => network.virtualNetworks.beginDeleteAndWait(...at, call)
    )
})
