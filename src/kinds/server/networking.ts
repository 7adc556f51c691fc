import { given } from '../../model/given.ts'
import { parentOf, type ResourceId } from '../../model/id.ts'
import { idOf } from '../kind.ts'
import { depending, fixed } from '../rule.ts'
import { ref } from '../setting.ts'
import { type Availability, isHighlyAvailable } from './availability.ts'
import { block, isOn, onOff, type ServerAspect } from './serverAspect.ts'

interface Networking {
  /** Only of a server in public mode. */
  readonly publicAccess: boolean | undefined
  readonly delegatedSubnet: ResourceId | undefined
  readonly privateDnsZone: ResourceId | undefined
}

const howTo = 'Create and manage virtual networks with Private Link (portal): remove locks before you add a server'
const recordInZone = 'learn.microsoft.com/azure/postgresql/network/concepts-networking-private: the server keeps its record in the zone'
const addressesInSubnet =
  'learn.microsoft.com/azure/postgresql/network/concepts-networking-private: the server is made in the delegated subnet'

const modes =
  'A server is made with public access or with VNet integration and stays so. Make a new server, or migrate this one from VNet integration in the portal first.'

/** Public access, or VNet integration. */
export const networking: ServerAspect<Networking, Pick<Availability, 'highAvailability'>> = {
  desired({ networking: says }, ctx) {
    const integration = says?.virtualNetwork
    return {
      publicAccess: says?.publicAccess?.enabled,
      delegatedSubnet: integration && ctx.ref('subnet', integration.subnet),
      privateDnsZone: integration && ctx.ref('privateDnsZone', integration.privateDnsZone)
    }
  },
  // Its PATCH sends no more of them than changes [DOC-OPS].
  linkedRights: ({ delegatedSubnet, privateDnsZone }, fields) => [
    ...(delegatedSubnet && fields === undefined
      ? [{ action: 'Microsoft.Network/virtualNetworks/subnets/join/action', scope: delegatedSubnet }]
      : []),
    ...(privateDnsZone && (fields === undefined || fields.has('privateDnsZone'))
      ? [{ action: 'Microsoft.Network/privateDnsZones/join/action', scope: privateDnsZone }]
      : [])
  ],
  needs: ({ delegatedSubnet }, fields) =>
    delegatedSubnet && fields === undefined ? [{ need: 'delegation', subnet: delegatedSubnet }] : [],
  refs: ({ delegatedSubnet, privateDnsZone }) => [delegatedSubnet, privateDnsZone].filter(id => id !== undefined),
  // It takes its addresses from the subnet while it is made.
  reach: ({ privateDnsZone, delegatedSubnet }, as) => [
    ...(privateDnsZone ? [{ scope: privateDnsZone, as, source: recordInZone }] : []),
    ...(delegatedSubnet && as === 'write' ? [{ scope: delegatedSubnet, as, only: 'create' as const, source: addressesInSubnet }] : [])
  ],
  advice({ delegatedSubnet }) {
    const network = delegatedSubnet && parentOf(delegatedSubnet)
    return network ? [{ scope: network, children: 'Microsoft.Network/virtualNetworks/subnets', source: howTo }] : []
  },

  way: ({ publicAccess }) => (publicAccess === undefined ? undefined : `public access ${publicAccess ? 'on' : 'off'}`),
  joins: ({ delegatedSubnet, privateDnsZone }, own) => [
    { from: own, to: delegatedSubnet, label: 'VNet integration' },
    { from: own, to: privateDnsZone, label: 'private DNS zone' }
  ],
  exposes: ({ publicAccess }, before) => (publicAccess && !before?.publicAccess ? 'public network access will be on' : undefined),

  fields: {
    publicAccess: depending((live: boolean | undefined) => (live === undefined ? 'fixed' : 'update'), {
      at: 'networking/publicAccess/enabled',
      instead: modes,
      givesPath: true,
      cutsPath: (live, desired) => live === true && desired === false
    }),
    delegatedSubnet: fixed(modes, {
      at: ref('networking', 'virtualNetwork', 'subnet'),
      leadsTo: ['Microsoft.Network/virtualNetworks/subnets']
    }),
    privateDnsZone: depending((_live, _desired, have) => (isHighlyAvailable(have) ? 'fixed' : 'update'), {
      at: ref('networking', 'virtualNetwork', 'privateDnsZone'),
      leadsTo: ['Microsoft.Network/privateDnsZones'],
      instead: 'Azure does not change the private DNS zone of a server with high availability: turn that off in a change of its own first.'
    })
  },
  // Public access is always said in public mode. With VNet integration Azure wants it off or not said [GH DFE-Digital/terraform-azurerm-container-apps-hosting#442].
  toArm: ({ publicAccess, delegatedSubnet, privateDnsZone }) =>
    delegatedSubnet === undefined
      ? block('network', given({ publicNetworkAccess: onOff(publicAccess) }))
      : block('network', given({ delegatedSubnetResourceId: delegatedSubnet, privateDnsZoneArmResourceId: privateDnsZone })),
  fromArm: ({ network }) => ({
    publicAccess: network?.delegatedSubnetResourceId ? undefined : isOn(network?.publicNetworkAccess),
    delegatedSubnet: idOf(network?.delegatedSubnetResourceId),
    privateDnsZone: idOf(network?.privateDnsZoneArmResourceId)
  }),
  cannot({ privateDnsZone, delegatedSubnet, publicAccess }) {
    if (delegatedSubnet !== undefined && privateDnsZone === undefined) return 'it lies in a subnet and has no private DNS zone'
    if (delegatedSubnet === undefined && publicAccess === undefined) return 'Azure does not say whether its public access is on'
    return undefined
  }
}
