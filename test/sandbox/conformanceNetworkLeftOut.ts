import type { NetworkManagementClient as Client } from '@azure/arm-network'
import type { Table } from './conformance.ts'

/** By the reason, the groups of the client that no operation is called of. */
const groups: Readonly<Record<string, string>> = {
  'Parts of a network interface that no private endpoint makes and no client in scope asks for by themselves.':
    'networkInterfaceIPConfigurations networkInterfaceLoadBalancers networkInterfaceTapConfigurations',
  'Links that other services leave in a subnet; the services that are here leave none.': 'resourceNavigationLinks serviceAssociationLinks',
  'The other side of a private link of one’s own service; endpoints here lead to PostgreSQL servers.':
    'privateLinkServices applicationGatewayPrivateLinkResources applicationGatewayPrivateEndpointConnections availableServiceAliases',
  'A list of what Azure offers at a location, which no topology is made of.':
    'availableDelegations availableResourceGroupDelegations availableEndpointServices serviceTags serviceTagInformationOperations bgpServiceCommunities usages operations webCategories',
  'Application gateways and their firewalls are outside of what a private topology is made of.':
    'applicationGateways applicationGatewayWafDynamicManifestsDefault applicationGatewayWafDynamicManifests webApplicationFirewallPolicies',
  'Groups by name are referred to by endpoints and interfaces; what they hold is not looked at.': 'applicationSecurityGroups',
  'Azure Firewall and its policies filter traffic, of which there is none here.':
    'azureFirewalls azureFirewallFqdnTags firewallPolicies firewallPolicyRuleCollectionGroups firewallPolicyIdpsSignatures firewallPolicyIdpsSignaturesOverrides firewallPolicyIdpsSignaturesFilterValues firewallPolicyDrafts firewallPolicyDeployments firewallPolicyRuleCollectionGroupDrafts ipGroups securityPartnerProviders',
  'Public addresses and what hands them out have no part in a topology that is private.':
    'publicIPAddresses publicIPPrefixes customIPPrefixes natGateways vipSwap ddosCustomPolicies ddosProtectionPlans bastionHosts dscpConfigurationOperations serviceGateways',
  'Load balancers spread traffic, of which there is none here.':
    'loadBalancers loadBalancerBackendAddressPools loadBalancerFrontendIPConfigurations inboundNatRules loadBalancerLoadBalancingRules loadBalancerOutboundRules loadBalancerNetworkInterfaces loadBalancerProbes',
  'ExpressRoute connects to places outside of Azure, which the sandbox does not have.':
    'expressRouteCircuitAuthorizations expressRouteCircuitPeerings expressRouteCircuitConnections peerExpressRouteCircuitConnections expressRouteCircuits expressRouteServiceProviders expressRouteCrossConnections expressRouteCrossConnectionPeerings expressRoutePortsLocations expressRoutePorts expressRouteLinks expressRoutePortAuthorizations expressRouteProviderPortsLocation expressRouteGateways expressRouteConnections routeFilters routeFilterRules',
  'Network Manager governs many networks at once, by rules that nothing here evaluates.':
    'ipamPools staticCidrs ipAllocations networkManagers networkManagerCommits networkManagerDeploymentStatusOperations subscriptionNetworkManagerConnections managementGroupNetworkManagerConnections connectivityConfigurations networkGroups staticMembers networkManagerRoutingConfigurations routingRuleCollections routingRules scopeConnections securityAdminConfigurations adminRuleCollections adminRules securityUserConfigurations securityUserRuleCollections securityUserRules reachabilityAnalysisIntents reachabilityAnalysisRuns verifierWorkspaces',
  'Containers and other hosts’ profiles of a network; no such host is here.': 'networkProfiles',
  'Perimeters govern access to services in another way than private endpoints do.':
    'networkSecurityPerimeters networkSecurityPerimeterProfiles networkSecurityPerimeterAccessRules networkSecurityPerimeterAssociations networkSecurityPerimeterAssociableResourceTypes networkSecurityPerimeterLinks networkSecurityPerimeterLinkReferences networkSecurityPerimeterLoggingConfigurations networkSecurityPerimeterOperationStatuses networkSecurityPerimeterServiceTags',
  'Virtual appliances and routers are machines in a network, and there are no machines here.':
    'networkVirtualAppliances virtualApplianceSites virtualApplianceSkus inboundSecurityRuleOperations networkVirtualApplianceConnections virtualNetworkAppliances virtualNetworkTaps virtualRouters virtualRouterPeerings',
  'Network Watcher looks at traffic, of which there is none here.': 'networkWatchers packetCaptures connectionMonitors flowLogs',
  'Policies of service endpoints are referred to by subnets and not looked into.':
    'serviceEndpointPolicies serviceEndpointPolicyDefinitions',
  'Gateways and VPN lead out of Azure, which ends at the sandbox’s edge.':
    'virtualNetworkGateways virtualNetworkGatewayConnections localNetworkGateways virtualNetworkGatewayNatRules vpnSites vpnSiteLinks vpnSitesConfiguration vpnServerConfigurations configurationPolicyGroups vpnGateways vpnLinkConnections vpnConnections vpnSiteLinkConnections natRules p2SVpnGateways vpnServerConfigurationsAssociatedWithVirtualWan',
  'Virtual WAN and its hubs are another way to build networks, which no topology here uses.':
    'virtualWans virtualHubs routeMaps hubVirtualNetworkConnections virtualHubRouteTableV2S virtualHubBgpConnection virtualHubBgpConnections virtualHubIpConfiguration hubRouteTables routingIntentOperations',
  'The client’s own operations are about bastions, gateways and network managers, none of which is here.': 'client'
}

const machines = 'It is about the interfaces of machines in scale sets or cloud services, and there are no machines here.'
const effective = 'It says what a machine’s interface ends up with, and no interface here is in a machine.'

const operations: Readonly<Record<string, string>> = {
  'virtualNetworks.listUsage': 'It counts addresses in use for the portal’s display; no client in scope asks for it.',
  'virtualNetworks.listDdosProtectionStatus': 'Protection against floods of traffic is kept as a setting; there is no traffic to look at.',
  'subnets.prepareNetworkPolicies': 'Services call it for managed instances that are put into a subnet; there are none here.',
  'subnets.unprepareNetworkPolicies': 'Services call it for managed instances that leave a subnet; there are none here.',
  'networkInterfaces.getEffectiveRouteTable': effective,
  'networkInterfaces.listEffectiveNetworkSecurityGroups': effective,
  ...Object.fromEntries(
    [
      'listCloudServiceRoleInstanceNetworkInterfaces',
      'listCloudServiceNetworkInterfaces',
      'getCloudServiceNetworkInterface',
      'listVirtualMachineScaleSetVMNetworkInterfaces',
      'listVirtualMachineScaleSetNetworkInterfaces',
      'listVirtualMachineScaleSetIpConfigurations',
      'getVirtualMachineScaleSetNetworkInterface',
      'getVirtualMachineScaleSetIpConfiguration'
    ].map(operation => [`networkInterfaces.${operation}`, machines])
  )
}

const rows = (reasons: readonly (readonly [operation: string, reason: string])[]): Table<Client> =>
  Object.fromEntries(reasons.map(([operation, leftOut]) => [operation, { leftOut }]))

/** Every group and operation of the client that is not called, with the reason. */
export const leftOut: Table<Client> = {
  ...rows(Object.entries(groups).flatMap(([reason, names]) => names.split(' ').map(name => [`${name}.*`, reason] as const))),
  ...rows(Object.entries(operations))
}
