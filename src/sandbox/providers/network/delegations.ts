import { type Json, objectAt, textAt } from '../../json.ts'

const join = 'Microsoft.Network/virtualNetworks/subnets/join/action'
const policies = 'Microsoft.Network/virtualNetworks/subnets'

/** The actions of a service in a subnet that is delegated to it, where they are more or other than to join it (CORPUS). */
const actions: Readonly<Record<string, readonly string[]>> = {
  'microsoft.netapp/volumes': ['Microsoft.Network/networkinterfaces/*', join],
  'microsoft.sql/managedinstances': [join, `${policies}/prepareNetworkPolicies/action`, `${policies}/unprepareNetworkPolicies/action`],
  'microsoft.web/serverfarms': ['Microsoft.Network/virtualNetworks/subnets/action']
}

const serviceOf = (delegation: Json): string => (textAt(delegation, 'properties', 'serviceName') ?? '').toLowerCase()

export function showDelegation(subnet: string, etag: string, delegation: Json): Json {
  const name = textAt(delegation, 'name') ?? ''
  return {
    name,
    id: `${subnet}/delegations/${name}`,
    etag,
    properties: {
      provisioningState: 'Succeeded',
      ...objectAt(delegation, 'properties'),
      actions: actions[serviceOf(delegation)] ?? [join]
    },
    type: 'Microsoft.Network/virtualNetworks/subnets/delegations'
  }
}

/** NetApp alone, among the services that have been recorded, makes its subnets say so (CORPUS). */
export const purposeOf = (delegations: readonly Json[]): string | undefined =>
  delegations.some(one => serviceOf(one) === 'microsoft.netapp/volumes') ? 'HostedWorkloads' : undefined
