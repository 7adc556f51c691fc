import type { Json, JsonObject } from '../../json.ts'

const rule = (
  name: string,
  description: string,
  [access, priority, direction]: readonly [access: 'Allow' | 'Deny', priority: number, direction: 'Inbound' | 'Outbound'],
  [from, to]: readonly [from: string, to: string]
): { readonly name: string; readonly properties: JsonObject } => ({
  name,
  properties: {
    description,
    protocol: '*',
    sourcePortRange: '*',
    destinationPortRange: '*',
    sourceAddressPrefix: from,
    destinationAddressPrefix: to,
    access,
    priority,
    direction,
    sourcePortRanges: [],
    destinationPortRanges: [],
    sourceAddressPrefixes: [],
    destinationAddressPrefixes: []
  }
})

/** The six that every security group begins with [DOC-NSG]. */
const rules = [
  rule('AllowVnetInBound', 'Allow inbound traffic from all VMs in VNET', ['Allow', 65000, 'Inbound'], ['VirtualNetwork', 'VirtualNetwork']),
  rule(
    'AllowAzureLoadBalancerInBound',
    'Allow inbound traffic from azure load balancer',
    ['Allow', 65001, 'Inbound'],
    ['AzureLoadBalancer', '*']
  ),
  rule('DenyAllInBound', 'Deny all inbound traffic', ['Deny', 65500, 'Inbound'], ['*', '*']),
  rule(
    'AllowVnetOutBound',
    'Allow outbound traffic from all VMs to all VMs in VNET',
    ['Allow', 65000, 'Outbound'],
    ['VirtualNetwork', 'VirtualNetwork']
  ),
  rule('AllowInternetOutBound', 'Allow outbound traffic from all VMs to Internet', ['Allow', 65001, 'Outbound'], ['*', 'Internet']),
  rule('DenyAllOutBound', 'Deny all outbound traffic', ['Deny', 65500, 'Outbound'], ['*', '*'])
]

export const defaultSecurityRules = (group: string, etag: string): Json[] =>
  rules.map(({ name, properties }) => ({
    name,
    id: `${group}/defaultSecurityRules/${name}`,
    etag,
    type: 'Microsoft.Network/networkSecurityGroups/defaultSecurityRules',
    properties: { provisioningState: 'Succeeded', ...properties }
  }))
