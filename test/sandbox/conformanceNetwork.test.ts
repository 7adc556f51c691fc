import { NetworkManagementClient as Client } from '@azure/arm-network'
import { expect } from 'vitest'
import { type Json, subscriptionId } from './arm.ts'
import { all, conformanceGroup, conforms, type Table } from './conformance.ts'
import { children } from './conformanceNetworkChildren.ts'
import { leftOut } from './conformanceNetworkLeftOut.ts'

const group = 'rg-net'
const of = (type: string, name: string): string => `${conformanceGroup}/providers/${type}/${name}`
const server = of('Microsoft.DBforPostgreSQL/flexibleServers', 'orders')
const hub = of('Microsoft.Network/virtualNetworks', 'hub')
const subnet = `${hub}/subnets/endpoints`
const endpoint = of('Microsoft.Network/privateEndpoints', 'pe-orders')
const zone = of('Microsoft.Network/privateDnsZones', 'privatelink.postgres.database.azure.com')
const connection = { name: 'to-orders', privateLinkServiceId: server, groupIds: ['postgresqlServer'] }
const names = (items: readonly { readonly name?: string | undefined }[]): (string | undefined)[] => items.map(one => one.name)
const location = 'eastus2'
const tags = { a: 'b' }
const noGroup = { code: 'ResourceGroupNotFound' } as const
const missing = { code: 'ResourceNotFound' } as const
const cannotFail = (what: string) => ({ cannotFail: `Everybody who is signed in can list the ${what} of a subscription.` })

const seed: Record<string, Json> = {
  [server]: {
    location,
    sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
    properties: { version: '17', administratorLogin: 'dba', storage: { storageSizeGB: 64 } }
  },
  [of('Microsoft.Network/networkSecurityGroups', 'nsg')]: { location, properties: {} },
  [of('Microsoft.Network/routeTables', 'routes')]: { location, properties: {} },
  [hub]: {
    location,
    properties: {
      addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
      subnets: [
        { name: 'endpoints', properties: { addressPrefix: '10.0.1.0/28' } },
        {
          name: 'free',
          properties: {
            addressPrefix: '10.0.2.0/28',
            networkSecurityGroup: { id: of('Microsoft.Network/networkSecurityGroups', 'nsg') },
            routeTable: { id: of('Microsoft.Network/routeTables', 'routes') }
          }
        }
      ]
    }
  },
  [of('Microsoft.Network/virtualNetworks', 'empty')]: { location, properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } } },
  [endpoint]: {
    location,
    properties: {
      subnet: { id: subnet },
      customNetworkInterfaceName: 'nic-orders',
      privateLinkServiceConnections: [{ name: 'to-orders', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }]
    }
  },
  [zone]: { location: 'global' }
}

const networks: Table<Client> = {
  'virtualNetworks.get': {
    happy: async ({ virtualNetworks }) =>
      expect(await virtualNetworks.get(group, 'hub')).toMatchObject({
        name: 'hub',
        provisioningState: 'Succeeded',
        subnets: [{ name: 'endpoints', privateEndpointNetworkPolicies: 'Disabled' }, { name: 'free' }]
      }),
    unhappy: ({ virtualNetworks }) => virtualNetworks.get(group, 'none'),
    ...missing
  },
  'virtualNetworks.list': {
    happy: async ({ virtualNetworks }) => expect(names(await all(virtualNetworks.list(group)))).toEqual(['empty', 'hub']),
    unhappy: ({ virtualNetworks }) => all(virtualNetworks.list('rg-none')),
    ...noGroup
  },
  'virtualNetworks.listAll': {
    happy: async ({ virtualNetworks }) => expect(names(await all(virtualNetworks.listAll()))).toEqual(['empty', 'hub']),
    unhappy: cannotFail('networks')
  },
  'virtualNetworks.createOrUpdate': {
    happy: async ({ virtualNetworks }) =>
      expect(
        await virtualNetworks.beginCreateOrUpdateAndWait(group, 'new', {
          location,
          addressSpace: { addressPrefixes: ['10.5.0.0/16'] },
          subnets: [{ name: 'a', addressPrefix: '10.5.0.0/24' }]
        })
      ).toMatchObject({ provisioningState: 'Succeeded', subnets: [{ name: 'a', provisioningState: 'Succeeded' }] }),
    unhappy: ({ virtualNetworks }) =>
      virtualNetworks.beginCreateOrUpdateAndWait(group, 'new', { location, addressSpace: { addressPrefixes: ['ten'] } }),
    code: 'InvalidAddressPrefixFormat'
  },
  'virtualNetworks.updateTags': {
    happy: async ({ virtualNetworks }) => expect(await virtualNetworks.updateTags(group, 'hub', { tags })).toMatchObject({ tags }),
    unhappy: ({ virtualNetworks }) => virtualNetworks.updateTags(group, 'none', { tags }),
    ...missing
  },
  'virtualNetworks.delete': {
    async happy({ virtualNetworks }) {
      await virtualNetworks.beginDeleteAndWait(group, 'empty')
      await expect(virtualNetworks.get(group, 'empty')).rejects.toMatchObject(missing)
    },
    unhappy: ({ virtualNetworks }) => virtualNetworks.beginDeleteAndWait(group, 'hub'),
    code: 'InUseSubnetCannotBeDeleted',
    message: /^Subnet endpoints is in use by .*nic-orders\/ipConfigurations/
  },
  'subnets.get': {
    happy: async ({ subnets }) => expect(await subnets.get(group, 'hub', 'free')).toMatchObject({ addressPrefix: '10.0.2.0/28' }),
    unhappy: ({ subnets }) => subnets.get(group, 'hub', 'none'),
    code: 'NotFound'
  },
  'subnets.list': {
    happy: async ({ subnets }) => expect(names(await all(subnets.list(group, 'hub')))).toEqual(['endpoints', 'free']),
    unhappy: ({ subnets }) => all(subnets.list(group, 'none')),
    ...missing
  },
  'subnets.createOrUpdate': {
    happy: async ({ subnets }) =>
      expect(await subnets.beginCreateOrUpdateAndWait(group, 'hub', 'more', { addressPrefix: '10.0.3.0/28' })).toMatchObject({
        provisioningState: 'Succeeded',
        privateLinkServiceNetworkPolicies: 'Enabled'
      }),
    unhappy: ({ subnets }) => subnets.beginCreateOrUpdateAndWait(group, 'hub', 'more', { addressPrefix: '10.0.1.0/29' }),
    code: 'NetcfgSubnetRangesOverlap'
  },
  'subnets.delete': {
    async happy({ subnets }) {
      await subnets.beginDeleteAndWait(group, 'hub', 'free')
      expect(names(await all(subnets.list(group, 'hub')))).toEqual(['endpoints'])
    },
    unhappy: ({ subnets }) => subnets.beginDeleteAndWait(group, 'hub', 'endpoints'),
    code: 'InUseSubnetCannotBeDeleted'
  }
}

const endpoints: Table<Client> = {
  'privateEndpoints.get': {
    happy: async ({ privateEndpoints }) =>
      expect(await privateEndpoints.get(group, 'pe-orders', { expand: 'networkInterfaces' })).toMatchObject({
        provisioningState: 'Succeeded',
        privateLinkServiceConnections: [{ name: 'to-orders', privateLinkServiceConnectionState: { status: 'Approved' } }],
        customDnsConfigs: [{ fqdn: 'orders.postgres.database.azure.com' }]
      }),
    unhappy: ({ privateEndpoints }) => privateEndpoints.get(group, 'none'),
    ...missing
  },
  'privateEndpoints.list': {
    happy: async ({ privateEndpoints }) => expect(names(await all(privateEndpoints.list(group)))).toEqual(['pe-orders']),
    unhappy: ({ privateEndpoints }) => all(privateEndpoints.list('rg-none')),
    ...noGroup
  },
  'privateEndpoints.listBySubscription': {
    happy: async ({ privateEndpoints }) => expect(names(await all(privateEndpoints.listBySubscription()))).toEqual(['pe-orders']),
    unhappy: cannotFail('private endpoints')
  },
  'privateEndpoints.createOrUpdate': {
    happy: async ({ privateEndpoints }) =>
      expect(
        await privateEndpoints.beginCreateOrUpdateAndWait(group, 'pe-2', {
          location,
          subnet: { id: subnet },
          manualPrivateLinkServiceConnections: [{ ...connection, requestMessage: 'please' }]
        })
      ).toMatchObject({
        provisioningState: 'Succeeded',
        manualPrivateLinkServiceConnections: [{ privateLinkServiceConnectionState: { status: 'Pending', description: 'please' } }]
      }),
    unhappy: ({ privateEndpoints }) =>
      privateEndpoints.beginCreateOrUpdateAndWait(group, 'pe-2', {
        location,
        subnet: { id: subnet },
        privateLinkServiceConnections: [{ ...connection, privateLinkServiceId: `${server}-none` }]
      }),
    code: 'InvalidResourceReference'
  },
  'privateEndpoints.delete': {
    async happy({ privateEndpoints }) {
      await privateEndpoints.beginDeleteAndWait(group, 'pe-orders')
      await expect(privateEndpoints.get(group, 'pe-orders')).rejects.toMatchObject(missing)
    },
    unhappy: ({ privateEndpoints }) => privateEndpoints.beginDeleteAndWait('rg-none', 'pe-orders'),
    ...noGroup
  },
  'privateDnsZoneGroups.createOrUpdate': {
    happy: async ({ privateDnsZoneGroups }) =>
      expect(
        await privateDnsZoneGroups.beginCreateOrUpdateAndWait(group, 'pe-orders', 'default', {
          privateDnsZoneConfigs: [{ name: 'config', privateDnsZoneId: zone }]
        })
      ).toMatchObject({
        provisioningState: 'Succeeded',
        privateDnsZoneConfigs: [{ recordSets: [{ recordSetName: 'orders', ipAddresses: ['10.0.1.4'] }] }]
      }),
    unhappy: ({ privateDnsZoneGroups }) =>
      privateDnsZoneGroups.beginCreateOrUpdateAndWait(group, 'pe-orders', 'default', {
        privateDnsZoneConfigs: [{ name: 'config', privateDnsZoneId: `${zone}.none` }]
      }),
    code: 'InvalidResourceReference'
  },
  'privateDnsZoneGroups.get': {
    async happy({ privateDnsZoneGroups }) {
      await privateDnsZoneGroups.beginCreateOrUpdateAndWait(group, 'pe-orders', 'default', { privateDnsZoneConfigs: [] })
      expect(await privateDnsZoneGroups.get(group, 'pe-orders', 'default')).toMatchObject({ name: 'default', privateDnsZoneConfigs: [] })
    },
    unhappy: ({ privateDnsZoneGroups }) => privateDnsZoneGroups.get(group, 'pe-orders', 'none'),
    code: 'NotFound'
  },
  'privateDnsZoneGroups.list': {
    happy: async ({ privateDnsZoneGroups }) => expect(await all(privateDnsZoneGroups.list('pe-orders', group))).toEqual([]),
    unhappy: ({ privateDnsZoneGroups }) => all(privateDnsZoneGroups.list('none', group)),
    ...missing
  },
  'privateDnsZoneGroups.delete': {
    async happy({ privateDnsZoneGroups }) {
      await privateDnsZoneGroups.beginCreateOrUpdateAndWait(group, 'pe-orders', 'default', { privateDnsZoneConfigs: [] })
      await privateDnsZoneGroups.beginDeleteAndWait(group, 'pe-orders', 'default')
      expect(await all(privateDnsZoneGroups.list('pe-orders', group))).toEqual([])
    },
    unhappy: ({ privateDnsZoneGroups }) => privateDnsZoneGroups.beginDeleteAndWait(group, 'none', 'default'),
    ...missing
  },
  'availablePrivateEndpointTypes.list': {
    happy: async ({ availablePrivateEndpointTypes }) =>
      expect(await all(availablePrivateEndpointTypes.list(location))).toContainEqual(
        expect.objectContaining({ resourceName: 'Microsoft.DBforPostgreSQL/flexibleServers' })
      ),
    unhappy: cannotFail('types of endpoints')
  },
  'availablePrivateEndpointTypes.listByResourceGroup': {
    happy: async ({ availablePrivateEndpointTypes }) =>
      expect((await all(availablePrivateEndpointTypes.listByResourceGroup(location, group))).length).toBeGreaterThan(0),
    unhappy: { cannotFail: 'The offer of a location does not depend on the group that is named with it.' }
  }
}

const interfaces: Table<Client> = {
  'networkInterfaces.get': {
    happy: async ({ networkInterfaces }) =>
      expect(await networkInterfaces.get(group, 'nic-orders')).toMatchObject({ privateEndpoint: { id: endpoint } }),
    unhappy: ({ networkInterfaces }) => networkInterfaces.get(group, 'none'),
    ...missing
  },
  'networkInterfaces.list': {
    happy: async ({ networkInterfaces }) => expect(names(await all(networkInterfaces.list(group)))).toEqual(['nic-orders']),
    unhappy: ({ networkInterfaces }) => all(networkInterfaces.list('rg-none')),
    ...noGroup
  },
  'networkInterfaces.listAll': {
    happy: async ({ networkInterfaces }) => expect(names(await all(networkInterfaces.listAll()))).toEqual(['nic-orders']),
    unhappy: cannotFail('network interfaces')
  },
  'networkInterfaces.createOrUpdate': {
    happy: async ({ networkInterfaces }) =>
      expect(
        await networkInterfaces.beginCreateOrUpdateAndWait(group, 'own', {
          location,
          ipConfigurations: [{ name: 'ip', subnet: { id: `${hub}/subnets/free` } }]
        })
      ).toMatchObject({ provisioningState: 'Succeeded', ipConfigurations: [{ privateIPAddress: '10.0.2.4' }] }),
    unhappy: ({ networkInterfaces }) => networkInterfaces.beginCreateOrUpdateAndWait(group, 'nic-orders', { location }),
    code: 'NicInUse'
  },
  'networkInterfaces.updateTags': {
    happy: async ({ networkInterfaces }) =>
      expect(await networkInterfaces.updateTags(group, 'nic-orders', { tags })).toMatchObject({ tags }),
    unhappy: ({ networkInterfaces }) => networkInterfaces.updateTags(group, 'none', { tags }),
    ...missing
  },
  'networkInterfaces.delete': {
    async happy({ networkInterfaces }) {
      await networkInterfaces.beginCreateOrUpdateAndWait(group, 'own', { location, ipConfigurations: [] })
      await networkInterfaces.beginDeleteAndWait(group, 'own')
      await expect(networkInterfaces.get(group, 'own')).rejects.toMatchObject(missing)
    },
    unhappy: ({ networkInterfaces }) => networkInterfaces.beginDeleteAndWait(group, 'nic-orders'),
    code: 'NicInUse'
  }
}

const attached: Table<Client> = {
  'networkSecurityGroups.get': {
    happy: async ({ networkSecurityGroups }) =>
      expect((await networkSecurityGroups.get(group, 'nsg')).defaultSecurityRules?.length).toBe(6),
    unhappy: ({ networkSecurityGroups }) => networkSecurityGroups.get(group, 'none'),
    ...missing
  },
  'networkSecurityGroups.list': {
    happy: async ({ networkSecurityGroups }) => expect(names(await all(networkSecurityGroups.list(group)))).toEqual(['nsg']),
    unhappy: ({ networkSecurityGroups }) => all(networkSecurityGroups.list('rg-none')),
    ...noGroup
  },
  'networkSecurityGroups.listAll': {
    happy: async ({ networkSecurityGroups }) => expect(names(await all(networkSecurityGroups.listAll()))).toEqual(['nsg']),
    unhappy: cannotFail('security groups')
  },
  'networkSecurityGroups.createOrUpdate': {
    happy: async ({ networkSecurityGroups }) =>
      expect(await networkSecurityGroups.beginCreateOrUpdateAndWait(group, 'new', { location })).toMatchObject({
        provisioningState: 'Succeeded'
      }),
    unhappy: ({ networkSecurityGroups }) => networkSecurityGroups.beginCreateOrUpdateAndWait(group, 'nsg', { location: 'westus' }),
    code: 'InvalidResourceLocation'
  },
  'networkSecurityGroups.updateTags': {
    happy: async ({ networkSecurityGroups }) =>
      expect(await networkSecurityGroups.updateTags(group, 'nsg', { tags })).toMatchObject({ tags }),
    unhappy: ({ networkSecurityGroups }) => networkSecurityGroups.updateTags(group, 'none', { tags }),
    ...missing
  },
  'networkSecurityGroups.delete': {
    async happy({ networkSecurityGroups, subnets }) {
      await subnets.beginDeleteAndWait(group, 'hub', 'free')
      await networkSecurityGroups.beginDeleteAndWait(group, 'nsg')
      expect(await all(networkSecurityGroups.list(group))).toEqual([])
    },
    unhappy: ({ networkSecurityGroups }) => networkSecurityGroups.beginDeleteAndWait(group, 'nsg'),
    code: 'InUseNetworkSecurityGroupCannotBeDeleted'
  },
  'routeTables.get': {
    happy: async ({ routeTables }) => expect(await routeTables.get(group, 'routes')).toMatchObject({ disableBgpRoutePropagation: false }),
    unhappy: ({ routeTables }) => routeTables.get(group, 'none'),
    ...missing
  },
  'routeTables.list': {
    happy: async ({ routeTables }) => expect(names(await all(routeTables.list(group)))).toEqual(['routes']),
    unhappy: ({ routeTables }) => all(routeTables.list('rg-none')),
    ...noGroup
  },
  'routeTables.listAll': {
    happy: async ({ routeTables }) => expect(names(await all(routeTables.listAll()))).toEqual(['routes']),
    unhappy: cannotFail('route tables')
  },
  'routeTables.createOrUpdate': {
    happy: async ({ routeTables }) =>
      expect(await routeTables.beginCreateOrUpdateAndWait(group, 'new', { location })).toMatchObject({ provisioningState: 'Succeeded' }),
    unhappy: ({ routeTables }) => routeTables.beginCreateOrUpdateAndWait(group, 'routes', { location: 'westus' }),
    code: 'InvalidResourceLocation'
  },
  'routeTables.updateTags': {
    happy: async ({ routeTables }) => expect(await routeTables.updateTags(group, 'routes', { tags })).toMatchObject({ tags }),
    unhappy: ({ routeTables }) => routeTables.updateTags(group, 'none', { tags }),
    ...missing
  },
  'routeTables.delete': {
    async happy({ routeTables, subnets }) {
      await subnets.beginDeleteAndWait(group, 'hub', 'free')
      await routeTables.beginDeleteAndWait(group, 'routes')
      expect(await all(routeTables.list(group))).toEqual([])
    },
    unhappy: ({ routeTables }) => routeTables.beginDeleteAndWait(group, 'routes'),
    code: 'InUseRouteTableCannotBeDeleted'
  }
}

conforms<Client>({
  client: '@azure/arm-network',
  make: (credential, options) => new Client(credential, subscriptionId, options),
  seed,
  table: { ...networks, ...endpoints, ...interfaces, ...attached, ...children, ...leftOut }
})
