import type { Subnet as SubnetBody, VirtualNetwork } from '@azure/arm-network'
import { until } from '../azure/deadline.ts'
import { given } from '../model/given.ts'
import type { ResourceId } from '../model/id.ts'
import type { Subnet } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import { type Io, idOf, type Kind } from './kind.ts'
import { networkName } from './names.ts'
import { interfacesLeaving, whenFree } from './removal.ts'
import { sameText, update } from './rule.ts'
import { byId, single } from './setting.ts'

interface Props {
  readonly addressPrefixes: readonly string[] | undefined
  readonly delegation: string | undefined
  readonly networkSecurityGroup: ResourceId | undefined
  readonly routeTable: ResourceId | undefined
  readonly privateEndpointNetworkPolicies: string | undefined
}

/** Absent in a body means Disabled: that is what Azure makes of it [REC-PE, CORPUS], and what the SDK reads. */
const policiesByDefault = 'Disabled'

/** A subnet. Its prefix comes back as a string or as a list of one, as it was sent [TF-SUBNET]; here it is always a list. */
export const subnet: Kind = defineKind({
  name: 'subnet',
  title: 'subnet',
  duty: 'network',
  seconds: { create: 4, update: 1, remove: 10 },
  oneWriteAtATime: false,
  drawn: { shape: 'box', icon: 'M2.5 4h11v8h-11zM5 8h.01M8 8h.01M11 8h.01' },
  type: 'Microsoft.Network/virtualNetworks/subnets',
  inFile: { at: 'networks/*/subnets/*', names: networkName },
  client: 'network',
  carriesMarkers: { rank: 8, onlyOurs: true },
  fallsWithParent: true,
  embedded: (network: VirtualNetwork) => network.subnets ?? [],

  desired: (entry: Subnet, ctx): Props => ({
    addressPrefixes: entry.addressPrefix === undefined ? undefined : [entry.addressPrefix.toLowerCase()],
    delegation: entry.delegation,
    networkSecurityGroup: entry.networkSecurityGroup && ctx.canonical(entry.networkSecurityGroup.id),
    routeTable: entry.routeTable && ctx.canonical(entry.routeTable.id),
    privateEndpointNetworkPolicies: entry.privateEndpointNetworkPolicies
  }),
  // Every PUT carries them [DOC-PERBAC].
  linkedRights: ({ networkSecurityGroup, routeTable }) => [
    ...(networkSecurityGroup ? [{ action: 'Microsoft.Network/networkSecurityGroups/join/action', scope: networkSecurityGroup }] : []),
    ...(routeTable ? [{ action: 'Microsoft.Network/routeTables/join/action', scope: routeTable }] : [])
  ],
  fields: {
    addressPrefixes: update({ at: { path: ['addressPrefix'], writes: single('prefixes', value => value, 'addressPrefix') } }),
    delegation: update({ at: 'delegation', equal: sameText }),
    networkSecurityGroup: update({ at: byId('networkSecurityGroup'), leadsTo: ['Microsoft.Network/networkSecurityGroups'], near: true }),
    routeTable: update({ at: byId('routeTable'), leadsTo: ['Microsoft.Network/routeTables'], near: true }),
    privateEndpointNetworkPolicies: update({ at: 'privateEndpointNetworkPolicies', equal: sameText, whenGone: policiesByDefault })
  },

  toArm: ({ addressPrefixes, delegation, networkSecurityGroup, routeTable, privateEndpointNetworkPolicies }): SubnetBody =>
    given({
      ...(addressPrefixes && prefixesAs(addressPrefixes, false)),
      delegations: delegation === undefined ? undefined : [{ name: 'delegation', serviceName: delegation }],
      networkSecurityGroup: byIdOf(networkSecurityGroup),
      routeTable: byIdOf(routeTable),
      privateEndpointNetworkPolicies
    }),
  fromArm: body => ({
    addressPrefixes: prefixesOf(body),
    delegation: body.delegations?.[0]?.serviceName,
    networkSecurityGroup: idOf(body.networkSecurityGroup?.id),
    routeTable: idOf(body.routeTable?.id),
    privateEndpointNetworkPolicies: body.privateEndpointNetworkPolicies ?? policiesByDefault
  }),
  facts: ({ provisioningState: state, ipConfigurations = [] }) =>
    given({ used: ipConfigurations.length, interfaces: ipConfigurations.flatMap(({ id }) => id ?? []), state }),

  read: (network, at) => network.subnets.get(...at),
  list: (network, under) => network.subnets.list(...under),
  async put(network, at, body, call) {
    // Asked to carry the rest along, this is an update: what it would be laid over says which form to write.
    const sent = call.requestOptions === undefined ? body : inFormOf(await network.subnets.get(...at), body)
    return network.subnets.beginCreateOrUpdateAndWait(...at, sent, call)
  },
  remove: (network, at, call, io) =>
    whenFree(
      io,
      interfacesLeaving(network, async () => [await network.subnets.get(...at)]),
      () => network.subnets.beginDeleteAndWait(...at, call)
    ),
  // The operation can end while the subnet and its network go on updating, and an endpoint made then fails [TF-SUBNET, GH hashicorp/terraform-provider-azurerm#30197].
  async ready(network, [group, above, name], _, io) {
    await atRest(io, `subnet ${name}`, () => network.subnets.get(group, above, name))
    await atRest(io, `virtual network ${above}`, () => network.virtualNetworks.get(group, above))
  }
})

const byIdOf = (id: ResourceId | undefined) => (id === undefined ? undefined : { id })

const prefixesAs = (prefixes: readonly string[], asList: boolean): SubnetBody => {
  const [only] = prefixes
  return only !== undefined && prefixes.length === 1 && !asList ? { addressPrefix: only } : { addressPrefixes: [...prefixes] }
}

/** The list is empty, not absent, in some bodies that have the string. */
function prefixesOf({ addressPrefix, addressPrefixes }: SubnetBody): string[] | undefined {
  const prefixes = addressPrefixes?.length ? addressPrefixes : addressPrefix === undefined ? undefined : [addressPrefix]
  return prefixes?.map(prefix => prefix.toLowerCase()).sort()
}

/**
 * An update is laid over the live body member by member. A prefix sent in the other form would stand beside the old one, and a delegation
 * that only differs in its name, which is of no meaning, would be another delegation to Azure.
 */
function inFormOf(live: SubnetBody, { addressPrefix, addressPrefixes, delegations, ...rest }: SubnetBody): SubnetBody {
  const prefixes = prefixesOf(given({ addressPrefix, addressPrefixes }))
  const kept = sameText(live.delegations?.[0]?.serviceName, delegations?.[0]?.serviceName)
  return {
    ...rest,
    ...(prefixes && prefixesAs(prefixes, Boolean(live.addressPrefixes?.length))),
    ...(delegations && !kept && { delegations })
  }
}

async function atRest(io: Io, what: string, read: () => Promise<{ readonly provisioningState?: string }>): Promise<void> {
  await until({ azure: io.azure, limitMs: 10 * 60_000, what: `${what} is still updating` }, async () => {
    const { provisioningState = 'Succeeded' } = await read()
    if (/^(succeeded|failed|canceled)$/i.test(provisioningState)) return provisioningState
    io.say(`waiting for ${what} to be at rest`)
    return undefined
  })
}
