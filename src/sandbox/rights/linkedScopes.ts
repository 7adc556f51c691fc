import { parentOf, typeOf } from '../armPath.ts'
import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../json.ts'
import { connectionsOf } from '../providers/privateLink/connection.ts'
import type { Link, ResourceType, World, Write } from '../type.ts'

type Linked = NonNullable<ResourceType['linked']>

const joins: Readonly<Record<string, string>> = {
  subnet: 'Microsoft.Network/virtualNetworks/subnets/join/action',
  virtualNetwork: 'Microsoft.Network/virtualNetworks/join/action',
  privateDnsZone: 'Microsoft.Network/privateDnsZones/join/action',
  networkSecurityGroup: 'Microsoft.Network/networkSecurityGroups/join/action',
  routeTable: 'Microsoft.Network/routeTables/join/action',
  natGateway: 'Microsoft.Network/natGateways/join/action'
}

const join = (what: keyof typeof joins & string, scope: string | undefined): readonly Link[] =>
  scope === undefined || scope === '' ? [] : [{ scope, action: joins[what] ?? '' }]

const approval = (target: string): Link => ({ scope: target, action: `${typeOf(target)}/privateEndpointConnectionsApproval/action` })

/** Whoever makes a connection that is approved at once has to be allowed to approve it; a request needs no right there [DOC-PERBAC]. */
export const ofPrivateEndpoint: Linked = (_world, { sent }) => [
  ...join('subnet', textAt(sent, 'properties', 'subnet', 'id')),
  ...connectionsOf(sent)
    .filter(one => one.list === 'privateLinkServiceConnections' && one.target !== '')
    .map(one => approval(one.target))
]

export const ofZoneGroup: Linked = (_world, { sent }) =>
  listAt(sent, 'properties', 'privateDnsZoneConfigs').flatMap(one => join('privateDnsZone', textAt(one, 'properties', 'privateDnsZoneId')))

export const ofZoneLink: Linked = (_world, { sent }) => join('virtualNetwork', textAt(sent, 'properties', 'virtualNetwork', 'id'))

/** A caller that peers a network with another one needs a right on that one, too [DOC-VNET]. */
export const ofPeering: Linked = (_world, { sent }) => {
  const scope = textAt(sent, 'properties', 'remoteVirtualNetwork', 'id')
  return scope === undefined || scope === '' ? [] : [{ scope, action: 'Microsoft.Network/virtualNetworks/peer/action' }]
}

export const ofSubnet: Linked = (_world, { sent }) => ofSubnetProperties(objectAt(sent, 'properties'))

const ofSubnetProperties = (properties: JsonObject): readonly Link[] =>
  ['networkSecurityGroup', 'routeTable', 'natGateway'].flatMap(what => join(what, textAt(properties, what, 'id')))

/** The scopes of the subnets in its body. */
export const ofVirtualNetwork: Linked = (_world, { sent }) =>
  listAt(sent, 'properties', 'subnets')
    .filter((one: Json) => isObject(one))
    .flatMap(one => ofSubnetProperties(objectAt(one, 'properties')))

export const ofServer: Linked = (_world: World, { sent }: Write) => [
  ...join('subnet', textAt(sent, 'properties', 'network', 'delegatedSubnetResourceId')),
  ...join('privateDnsZone', textAt(sent, 'properties', 'network', 'privateDnsZoneArmResourceId')),
  ...assigned(sent['identity'])
]

/** Whoever gives an identity to a resource needs the right to assign it [DOC-OPS]. */
const assigned = (identity: Json | undefined): readonly Link[] =>
  Object.entries(objectAt(identity, 'userAssignedIdentities')).flatMap(([scope, given]) =>
    given === null ? [] : [{ scope, action: 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' }]
  )

export const ofFactory: Linked = (_world, { sent }) => assigned(sent['identity'])

/** To decide on a connection takes the right to approve on the server beside the right to write the connection [DOC-OPS]. */
export const ofConnection: Linked = (_world, { id }) => [approval(parentOf(id))]
