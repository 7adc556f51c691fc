import { parentOf, sameId } from '../../armPath.ts'
import { atOnce } from '../../durations.ts'
import { type JsonObject, textAt } from '../../json.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { ResourceType, World } from '../../type.ts'
import { networkVersions } from './versions.ts'

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

const type = 'Microsoft.Network/networkSecurityGroups/defaultSecurityRules'

/** @param provisioning of the group, which its rules have too (CORPUS) */
export const defaultSecurityRules = (group: string, etag: string, provisioning: string): JsonObject[] =>
  rules.map(({ name, properties }) => ({
    name,
    id: `${group}/defaultSecurityRules/${name}`,
    etag,
    type,
    properties: { provisioningState: provisioning, ...properties }
  }))

/** Each of a group's rules as one that can be read: nobody has put them there. */
function membersOf(world: World, group: string): StoredResource[] {
  const live = world.store.get(group)
  if (live === undefined) return []
  return defaultSecurityRules(live.id, networkEtag(live), live.provisioning).map(body => ({
    ...live,
    id: textAt(body, 'id') ?? '',
    type,
    body
  }))
}

export const defaultSecurityRuleType: ResourceType = {
  type,
  apiVersions: networkVersions,
  style: 'network',
  timing: atOnce,
  methods: [],
  etagHeader: 'GET',
  given: (world, id) => membersOf(world, parentOf(id)).find(one => sameId(one.id, id)),
  members: (world, group) => membersOf(world, group),
  show: (_world, { body }) => body,
  missing: (_world, id) => ({ status: 404, code: 'NotFound', message: `Resource ${id} not found.`, details: [] })
}
