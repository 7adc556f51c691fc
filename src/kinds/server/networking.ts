import { given } from '../../model/given.ts'
import { parentOf, type ResourceId } from '../../model/id.ts'
import { idOf } from '../kind.ts'
import { depending, fixed, update } from '../rule.ts'
import { ref } from '../setting.ts'
import { type Availability, isHighlyAvailable } from './availability.ts'
import { migrateNetwork } from './migration.ts'
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

/** From VNet integration to Private Link is the one way [DOC-MIGRATE]. */
const intoNetwork =
  'Azure puts no server that is there into a virtual network, nor into another subnet: make a new server with VNet integration and move the data. One that is integrated can leave its network for private endpoints: write `publicAccess` and `privateEndpoints` in place of `virtualNetwork`.'

/** The file has the server with public access, on or off, and Azure has it in a virtual network. */
const leavesNetwork = (have: Networking, want: Networking): boolean => have.delegatedSubnet !== undefined && want.publicAccess !== undefined

const leavesBy = (have: Networking, want: Networking) => (leavesNetwork(have, want) ? migrateNetwork : undefined)

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
    // The documentation says both of how a migration leaves it.
    publicAccess: update<boolean | undefined, Networking>({
      at: 'networking/publicAccess/enabled',
      afterCall: leavesNetwork,
      givesPath: true,
      cutsPath: (live, desired) => live === true && desired === false
    }),
    delegatedSubnet: fixed(intoNetwork, {
      leavesBy,
      irreversible: true,
      at: ref('networking', 'virtualNetwork', 'subnet'),
      leadsTo: ['Microsoft.Network/virtualNetworks/subnets']
    }),
    privateDnsZone: depending<ResourceId | undefined, Networking & Pick<Availability, 'highAvailability'>>(
      (_live, _desired, have) => (isHighlyAvailable(have) ? 'fixed' : 'update'),
      {
        leavesBy,
        at: ref('networking', 'virtualNetwork', 'privateDnsZone'),
        leadsTo: ['Microsoft.Network/privateDnsZones'],
        instead:
          'Azure does not change the private DNS zone of a server with high availability: turn that off in a change of its own first.'
      }
    )
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
