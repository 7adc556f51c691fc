import { PostgreSQLManagementFlexibleServerClient as Client } from '@azure/arm-postgresql-flexible'
import { expect } from 'vitest'
import { subscriptionId } from './arm.ts'
import { all, conforms, type Table } from './conformance.ts'
import { children, lesserChildren } from './conformancePostgresChildren.ts'
import {
  connection,
  endpoint,
  group,
  missing,
  names,
  network,
  nobody,
  orders,
  rejected,
  seed,
  server,
  serverId,
  sku
} from './conformancePostgresEstate.ts'

const servers: Table<Client> = {
  'servers.get': {
    happy: async ({ servers }) =>
      expect(await servers.get(group, orders)).toMatchObject({ name: orders, state: 'Ready', location: 'East US 2' }),
    unhappy: ({ servers }) => servers.get(group, nobody),
    ...missing
  },
  'servers.listByResourceGroup': {
    happy: async ({ servers }) => expect(names(await all(servers.listByResourceGroup(group)))).toEqual([orders]),
    unhappy: ({ servers }) => all(servers.listByResourceGroup('rg-none')),
    code: 'ResourceGroupNotFound'
  },
  'servers.listBySubscription': {
    happy: async ({ servers }) => expect(names(await all(servers.listBySubscription()))).toEqual([orders]),
    unhappy: { cannotFail: 'Everybody who is signed in can list the servers of a subscription.' }
  },
  'servers.createOrUpdate': {
    happy: async ({ servers }) =>
      expect(await servers.beginCreateOrUpdateAndWait(group, 'orders-new', server)).toMatchObject({ state: 'Ready', minorVersion: '7' }),
    unhappy: ({ servers }) => servers.beginCreateOrUpdateAndWait(group, 'orders-new', { ...server, sku: { ...sku, tier: 'Burstable' } }),
    code: 'ServerEditionIncompatibleWithSkuSize'
  },
  'servers.update': {
    happy: async ({ servers }) =>
      expect(await servers.beginUpdateAndWait(group, orders, { network: { publicNetworkAccess: 'Disabled' } })).toMatchObject({
        network: { publicNetworkAccess: 'Disabled' },
        storage: { storageSizeGB: 64 }
      }),
    unhappy: ({ servers }) => servers.beginUpdateAndWait(group, orders, { storage: { storageSizeGB: 32 } }),
    code: 'StorageSizeDecreaseNotAllowed'
  },
  'servers.delete': {
    async happy({ servers }) {
      await servers.beginDeleteAndWait(group, orders)
      await expect(servers.get(group, orders)).rejects.toMatchObject({ code: 'ResourceNotFound' })
    },
    unhappy: ({ servers }) => servers.beginDeleteAndWait('rg-none', orders),
    code: 'ResourceGroupNotFound'
  },
  'servers.restart': {
    async happy({ servers }) {
      await servers.beginRestartAndWait(group, orders)
      expect(await servers.get(group, orders)).toMatchObject({ state: 'Ready' })
    },
    async unhappy({ servers }) {
      await servers.beginStopAndWait(group, orders)
      return servers.beginRestartAndWait(group, orders)
    },
    code: 'ServerIsNotReady'
  },
  'servers.start': {
    async happy({ servers }) {
      await servers.beginStopAndWait(group, orders)
      await servers.beginStartAndWait(group, orders)
      expect(await servers.get(group, orders)).toMatchObject({ state: 'Ready' })
    },
    unhappy: ({ servers }) => servers.beginStartAndWait(group, nobody),
    ...missing
  },
  'servers.stop': {
    async happy({ servers }) {
      await servers.beginStopAndWait(group, orders)
      expect(await servers.get(group, orders)).toMatchObject({ state: 'Stopped' })
    },
    unhappy: ({ servers }) => servers.beginStopAndWait(group, nobody),
    ...missing
  },
  'replicas.listByServer': {
    async happy({ servers, replicas }) {
      const body = { location: 'eastus2', createMode: 'Replica', sourceServerResourceId: serverId } as const
      await servers.beginCreateOrUpdateAndWait(group, 'orders-replica', body)
      expect(names(await all(replicas.listByServer(group, orders)))).toEqual(['orders-replica'])
    },
    unhappy: ({ replicas }) => all(replicas.listByServer(group, nobody)),
    ...missing
  }
}

const approved = { privateLinkServiceConnectionState: { status: 'Approved', description: 'ok' } }

const privateLink: Table<Client> = {
  'privateEndpointConnections.get': {
    happy: async client =>
      expect(await client.privateEndpointConnections.get(group, orders, connection)).toMatchObject({
        groupIds: ['postgresqlServer'],
        provisioningState: 'Succeeded',
        privateLinkServiceConnectionState: { status: 'Pending' }
      }),
    unhappy: client => client.privateEndpointConnections.get(group, orders, 'pe-none.0000'),
    code: 'ResourceNotFound'
  },
  'privateEndpointConnections.listByServer': {
    happy: async client =>
      expect(names(await all(client.privateEndpointConnections.listByServer(group, orders)))).toEqual([connection, rejected]),
    unhappy: client => all(client.privateEndpointConnections.listByServer(group, nobody)),
    ...missing
  },
  'privateEndpointConnections.update': {
    happy: async client =>
      expect(await client.privateEndpointConnections.beginUpdateAndWait(group, orders, connection, approved)).toMatchObject({
        privateEndpoint: { id: endpoint },
        privateLinkServiceConnectionState: { status: 'Approved', description: 'ok', actionsRequired: 'None' }
      }),
    unhappy: client => client.privateEndpointConnections.beginUpdateAndWait(group, orders, rejected, approved),
    code: 'InternalServerError',
    message: /Tracking ID: '[0-9a-f-]{36}'/
  },
  'privateEndpointConnections.delete': {
    async happy(client) {
      await client.privateEndpointConnections.beginDeleteAndWait(group, orders, connection)
      expect(names(await all(client.privateEndpointConnections.listByServer(group, orders)))).toEqual([rejected])
    },
    unhappy: client => client.privateEndpointConnections.beginDeleteAndWait(group, nobody, connection),
    ...missing
  },
  'privateLinkResources.get': {
    happy: async client =>
      expect(await client.privateLinkResources.get(group, orders, 'postgresqlServer')).toMatchObject({
        requiredZoneNames: ['privatelink.postgres.database.azure.com']
      }),
    unhappy: client => client.privateLinkResources.get(group, orders, 'other'),
    code: 'ResourceNotFound'
  },
  'privateLinkResources.listByServer': {
    happy: async client => expect(names(await all(client.privateLinkResources.listByServer(group, orders)))).toEqual(['postgresqlServer']),
    unhappy: client => all(client.privateLinkResources.listByServer(group, nobody)),
    ...missing
  }
}

const type = 'Microsoft.DBforPostgreSQL/flexibleServers'

const functions: Table<Client> = {
  'nameAvailability.checkGlobally': {
    happy: async client =>
      expect(await client.nameAvailability.checkGlobally({ name: orders, type })).toMatchObject({
        nameAvailable: false,
        reason: 'AlreadyExists'
      }),
    unhappy: { cannotFail: 'A name that is none is an answer, too: 200 with the reason.' }
  },
  'nameAvailability.checkWithLocation': {
    happy: async client =>
      expect(await client.nameAvailability.checkWithLocation('eastus2', { name: 'free', type })).toMatchObject({ nameAvailable: true }),
    unhappy: { cannotFail: 'A name that is none is an answer, too: 200 with the reason.' }
  },
  'capabilitiesByLocation.list': {
    happy: async client => expect(names(await all(client.capabilitiesByLocation.list('eastus2')))).toEqual(['FlexibleServerCapabilities']),
    unhappy: client => all(client.capabilitiesByLocation.list('nowhere')),
    code: 'InvalidParameterValue'
  },
  'capabilitiesByServer.list': {
    happy: async client =>
      expect(names(await all(client.capabilitiesByServer.list(group, orders)))).toEqual(['FlexibleServerCapabilities']),
    unhappy: client => all(client.capabilitiesByServer.list(group, nobody)),
    ...missing
  },
  'virtualNetworkSubnetUsage.list': {
    happy: async client =>
      expect(await client.virtualNetworkSubnetUsage.list('eastus2', { virtualNetworkArmResourceId: network })).toMatchObject({
        delegatedSubnetsUsage: [{ subnetName: 'servers', usage: 0 }],
        subscriptionId
      }),
    unhappy: client => client.virtualNetworkSubnetUsage.list('eastus2', { virtualNetworkArmResourceId: `${network}-none` }),
    code: 'InvalidParameterValue'
  },
  'privateDnsZoneSuffix.get': {
    happy: async client => expect(await client.privateDnsZoneSuffix.get()).toMatchObject({ body: 'postgres.database.azure.com' }),
    unhappy: { cannotFail: 'It takes no argument and answers everybody.' }
  }
}

const leftOut: Table<Client> = {
  'operations.*': { leftOut: 'The list of actions that roles can be given, of no consequence for a server or its network.' },
  'migrations.*': { leftOut: 'Moves databases from other servers: nothing in a database is there in the sandbox.' },
  'backupsLongTermRetention.*': { leftOut: 'Backups in a vault of another service, which the sandbox has not.' },
  'capturedLogs.*': { leftOut: 'Files that an engine writes, and the sandbox has no engine.' },
  'tuningOptionsOperations.*': { leftOut: 'Advice on indexes, which needs an engine with queries.' },
  'quotaUsages.*': { leftOut: 'Every subscription of the sandbox has room for everything.' }
}

conforms<Client>({
  client: '@azure/arm-postgresql-flexible',
  make: (credential, options) => new Client(credential, subscriptionId, options),
  seed,
  behaviours: { pageSize: 2 },
  table: { ...servers, ...children, ...lesserChildren, ...privateLink, ...functions, ...leftOut }
})
