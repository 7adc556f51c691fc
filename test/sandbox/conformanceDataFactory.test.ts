import { DataFactoryManagementClient as Client } from '@azure/arm-datafactory'
import { expect } from 'vitest'
import { type Json, subscriptionId } from './arm.ts'
import { all, conformanceGroup, conforms, type Table } from './conformance.ts'

const group = 'rg-net'
const factory = 'Sales-Factory'
const nowhere = 'no-factory'
const at = `${conformanceGroup}/providers/Microsoft.DataFactory/factories/${factory}`
const server = `${conformanceGroup}/providers/Microsoft.DBforPostgreSQL/flexibleServers/gold`
const endpoint = `${conformanceGroup}/providers/Microsoft.Network/privateEndpoints/to-factory`
const connection = `${factory}.5b0a9b1c`

const ofService = { type: 'LinkedServiceReference' as const, referenceName: 'kv' }
const pending = { status: 'Pending', description: '', actionsRequired: 'None' }
const managed = {
  type: 'Managed' as const,
  managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference' as const, referenceName: 'default' }
}

const seed: Readonly<Record<string, Json>> = {
  [server]: {
    location: 'eastus2',
    sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
    properties: { version: '16', administratorLogin: 'adm', storage: { storageSizeGB: 128 } }
  },
  [at]: { location: 'eastus2', identity: { type: 'SystemAssigned' } },
  [`${at}/managedVirtualNetworks/default`]: { properties: {} },
  [`${at}/managedVirtualNetworks/default/managedPrivateEndpoints/gold`]: {
    properties: { privateLinkResourceId: server, groupId: 'postgresqlServer' }
  },
  [`${at}/integrationRuntimes/ir-vnet`]: { properties: managed },
  [`${at}/integrationRuntimes/self`]: { properties: { type: 'SelfHosted' } },
  [`${at}/integrationRuntimes/ssis`]: { properties: { type: 'Managed', typeProperties: { ssisProperties: {} } } },
  [`${at}/linkedservices/kv`]: { properties: { type: 'AzureKeyVault', typeProperties: { baseUrl: 'https://kv.vault.azure.net/' } } },
  [`${at}/datasets/orders`]: { properties: { type: 'Json', linkedServiceName: ofService, typeProperties: {} } },
  [`${at}/pipelines/nightly`]: { properties: { activities: [] } },
  [`${at}/privateEndpointConnections/${connection}`]: {
    properties: { privateEndpoint: { id: endpoint }, privateLinkServiceConnectionState: pending }
  }
}

const names = (items: readonly { readonly name?: string }[]): unknown[] => items.map(one => one.name)

const factories: Table<Client> = {
  'factories.list': {
    happy: async ({ factories }) => expect(names(await all(factories.list()))).toEqual([factory]),
    unhappy: { cannotFail: 'there is nothing in the address that could be wrong' }
  },
  'factories.listByResourceGroup': {
    happy: async ({ factories }) => expect(names(await all(factories.listByResourceGroup(group)))).toEqual([factory]),
    unhappy: ({ factories }) => all(factories.listByResourceGroup('no-group')),
    code: 'ResourceGroupNotFound'
  },
  'factories.createOrUpdate': {
    happy: async ({ factories }) =>
      expect(await factories.createOrUpdate(group, 'Other-Factory', { location: 'eastus2' })).toMatchObject({
        name: 'Other-Factory',
        provisioningState: 'Succeeded',
        version: '2018-06-01'
      }),
    unhappy: ({ factories }) => factories.createOrUpdate(group, factory, { location: 'eastus2' }, { ifMatch: 'stale' }),
    code: 'PreconditionFailed'
  },
  'factories.update': {
    happy: async ({ factories }) =>
      expect(await factories.update(group, factory, { tags: { a: 'b' } })).toMatchObject({ tags: { a: 'b' } }),
    unhappy: ({ factories }) => factories.update(group, nowhere, { tags: {} }),
    code: 'ResourceNotFound'
  },
  'factories.get': {
    happy: async ({ factories }) =>
      expect(await factories.get(group, factory)).toMatchObject({ name: factory, identity: { type: 'SystemAssigned' } }),
    unhappy: ({ factories }) => factories.get(group, nowhere),
    code: 'ResourceNotFound'
  },
  'factories.delete': {
    happy: async ({ factories }) => {
      await factories.delete(group, factory)
      await factories.delete(group, factory)
      expect(await all(factories.list())).toEqual([])
    },
    unhappy: ({ factories }) => factories.delete('no-group', factory),
    code: 'ResourceGroupNotFound'
  }
}

const networks: Table<Client> = {
  'managedVirtualNetworks.listByFactory': {
    happy: async client => expect(names(await all(client.managedVirtualNetworks.listByFactory(group, factory)))).toEqual(['default']),
    unhappy: client => all(client.managedVirtualNetworks.listByFactory(group, nowhere)),
    code: 'ResourceNotFound'
  },
  'managedVirtualNetworks.createOrUpdate': {
    happy: async client =>
      expect(await client.managedVirtualNetworks.createOrUpdate(group, factory, 'default', { properties: {} })).toMatchObject({
        properties: { alias: factory.toLowerCase() }
      }),
    unhappy: client => client.managedVirtualNetworks.createOrUpdate(group, factory, 'default', { properties: {} }, { ifMatch: 'stale' }),
    code: 'PreconditionFailed'
  },
  'managedVirtualNetworks.get': {
    happy: async client =>
      expect(await client.managedVirtualNetworks.get(group, factory, 'default')).toMatchObject({
        properties: { preventDataExfiltration: false }
      }),
    unhappy: client => client.managedVirtualNetworks.get(group, factory, 'none'),
    code: 'NotFound'
  },
  'managedPrivateEndpoints.listByFactory': {
    happy: async client =>
      expect(names(await all(client.managedPrivateEndpoints.listByFactory(group, factory, 'default')))).toEqual(['gold']),
    unhappy: client => all(client.managedPrivateEndpoints.listByFactory(group, factory, 'none')),
    code: 'ResourceNotFound'
  },
  'managedPrivateEndpoints.createOrUpdate': {
    happy: async client => {
      const properties = { privateLinkResourceId: `${server}2`, groupId: 'postgresqlServer' }
      const made = await client.managedPrivateEndpoints.createOrUpdate(group, factory, 'default', 'new', { properties })
      expect(made).toMatchObject({ name: 'new', properties: { ...properties, provisioningState: 'Provisioning', fqdns: [] } })
    },
    unhappy: client =>
      client.managedPrivateEndpoints.createOrUpdate(group, factory, 'default', 'second', {
        properties: { privateLinkResourceId: server, groupId: 'postgresqlServer' }
      }),
    code: 'InvalidResourceRequest'
  },
  'managedPrivateEndpoints.get': {
    happy: async client =>
      expect(await client.managedPrivateEndpoints.get(group, factory, 'default', 'gold')).toMatchObject({
        properties: { provisioningState: 'Succeeded', connectionState: { status: 'Pending' } }
      }),
    unhappy: client => client.managedPrivateEndpoints.get(group, factory, 'default', 'none'),
    code: 'BadRequest'
  },
  'managedPrivateEndpoints.delete': {
    happy: client => client.managedPrivateEndpoints.delete(group, factory, 'default', 'gold'),
    unhappy: client => client.managedPrivateEndpoints.delete(group, nowhere, 'default', 'gold'),
    code: 'ResourceNotFound'
  }
}

const runtimes: Table<Client> = {
  'integrationRuntimes.listByFactory': {
    happy: async client =>
      expect(names(await all(client.integrationRuntimes.listByFactory(group, factory)))).toEqual(['ir-vnet', 'self', 'ssis']),
    unhappy: client => all(client.integrationRuntimes.listByFactory(group, nowhere)),
    code: 'ResourceNotFound'
  },
  'integrationRuntimes.createOrUpdate': {
    happy: async client =>
      expect(await client.integrationRuntimes.createOrUpdate(group, factory, 'new', { properties: managed })).toMatchObject({
        properties: managed
      }),
    unhappy: client =>
      client.integrationRuntimes.createOrUpdate(group, factory, 'new', {
        properties: { ...managed, managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'none' } }
      }),
    code: 'BadRequest',
    message: /invalid reference 'none'/
  },
  'integrationRuntimes.get': {
    happy: async client =>
      expect(await client.integrationRuntimes.get(group, factory, 'self')).toMatchObject({ properties: { type: 'SelfHosted' } }),
    unhappy: client => client.integrationRuntimes.get(group, factory, 'none'),
    code: 'NotFound'
  },
  'integrationRuntimes.update': {
    happy: async client =>
      expect(await client.integrationRuntimes.update(group, factory, 'self', { autoUpdate: 'Off' })).toMatchObject({ name: 'self' }),
    unhappy: client => client.integrationRuntimes.update(group, factory, 'none', { autoUpdate: 'Off' }),
    code: 'NotFound'
  },
  'integrationRuntimes.delete': {
    happy: async client => {
      await client.integrationRuntimes.delete(group, factory, 'self')
      await client.integrationRuntimes.delete(group, factory, 'self')
    },
    unhappy: client => client.integrationRuntimes.delete(group, nowhere, 'self'),
    code: 'ResourceNotFound'
  },
  'integrationRuntimes.getStatus': {
    happy: async client =>
      expect(await client.integrationRuntimes.getStatus(group, factory, 'ir-vnet')).toMatchObject({ properties: { state: 'Online' } }),
    unhappy: client => client.integrationRuntimes.getStatus(group, factory, 'none'),
    code: 'NotFound'
  },
  'integrationRuntimes.listAuthKeys': {
    happy: async client =>
      expect(await client.integrationRuntimes.listAuthKeys(group, factory, 'self')).toMatchObject({
        authKey1: expect.stringContaining('IR@')
      }),
    unhappy: client => client.integrationRuntimes.listAuthKeys(group, factory, 'ir-vnet'),
    code: 'BadRequest'
  },
  'integrationRuntimes.regenerateAuthKey': {
    happy: async client =>
      expect(await client.integrationRuntimes.regenerateAuthKey(group, factory, 'self', { keyName: 'authKey2' })).toMatchObject({
        authKey2: expect.stringContaining('IR@')
      }),
    unhappy: client => client.integrationRuntimes.regenerateAuthKey(group, factory, 'none', { keyName: 'authKey2' }),
    code: 'NotFound'
  },
  'integrationRuntimes.start': {
    happy: async client => {
      await client.integrationRuntimes.beginStartAndWait(group, factory, 'ssis')
      expect(await client.integrationRuntimes.getStatus(group, factory, 'ssis')).toMatchObject({ properties: { state: 'Started' } })
    },
    unhappy: client => client.integrationRuntimes.beginStartAndWait(group, factory, 'self'),
    code: 'BadRequest'
  },
  'integrationRuntimes.stop': {
    happy: async client => {
      await client.integrationRuntimes.beginStartAndWait(group, factory, 'ssis')
      await client.integrationRuntimes.beginStopAndWait(group, factory, 'ssis')
      expect(await client.integrationRuntimes.getStatus(group, factory, 'ssis')).toMatchObject({ properties: { state: 'Stopped' } })
    },
    unhappy: client => client.integrationRuntimes.beginStopAndWait(group, factory, 'ssis'),
    code: 'BadRequest'
  }
}

const documents: Table<Client> = {
  'linkedServices.listByFactory': {
    happy: async client => expect(names(await all(client.linkedServices.listByFactory(group, factory)))).toEqual(['kv']),
    unhappy: client => all(client.linkedServices.listByFactory(group, nowhere)),
    code: 'ResourceNotFound'
  },
  'linkedServices.createOrUpdate': {
    happy: async client => {
      const connectionString = { type: 'SecureString', value: 'host=gold;password=s3cret' }
      const made = await client.linkedServices.createOrUpdate(group, factory, 'pg', {
        properties: { type: 'AzurePostgreSql', connectionString }
      })
      expect(made).toMatchObject({ properties: { connectionString: { type: 'SecureString', value: '**********' } } })
    },
    unhappy: client =>
      client.linkedServices.createOrUpdate(group, factory, 'pg', {
        properties: { type: 'AzurePostgreSql', connectVia: { type: 'IntegrationRuntimeReference', referenceName: 'none' } }
      }),
    code: 'BadRequest'
  },
  'linkedServices.get': {
    happy: async client =>
      expect(await client.linkedServices.get(group, factory, 'kv')).toMatchObject({ properties: { type: 'AzureKeyVault' } }),
    unhappy: client => client.linkedServices.get(group, factory, 'none'),
    code: 'NotFound'
  },
  'linkedServices.delete': {
    happy: async client => {
      await client.datasets.delete(group, factory, 'orders')
      await client.linkedServices.delete(group, factory, 'kv')
    },
    unhappy: client => client.linkedServices.delete(group, factory, 'kv'),
    code: 'BadRequest',
    message: /referenced by orders/
  },
  'datasets.listByFactory': {
    happy: async client => expect(names(await all(client.datasets.listByFactory(group, factory)))).toEqual(['orders']),
    unhappy: client => all(client.datasets.listByFactory(group, nowhere)),
    code: 'ResourceNotFound'
  },
  'datasets.createOrUpdate': {
    happy: async client =>
      expect(
        await client.datasets.createOrUpdate(group, factory, 'new', { properties: { type: 'Json', linkedServiceName: ofService } })
      ).toMatchObject({ properties: { linkedServiceName: ofService } }),
    unhappy: client =>
      client.datasets.createOrUpdate(group, factory, 'new', {
        properties: { type: 'Json', linkedServiceName: { ...ofService, referenceName: 'none' } }
      }),
    code: 'BadRequest'
  },
  'datasets.get': {
    happy: async client => expect(await client.datasets.get(group, factory, 'orders')).toMatchObject({ properties: { type: 'Json' } }),
    unhappy: client => client.datasets.get(group, factory, 'none'),
    code: 'NotFound'
  },
  'datasets.delete': {
    happy: client => client.datasets.delete(group, factory, 'orders'),
    unhappy: client => client.datasets.delete(group, nowhere, 'orders'),
    code: 'ResourceNotFound'
  },
  'pipelines.listByFactory': {
    happy: async client => expect(names(await all(client.pipelines.listByFactory(group, factory)))).toEqual(['nightly']),
    unhappy: client => all(client.pipelines.listByFactory(group, nowhere)),
    code: 'ResourceNotFound'
  },
  'pipelines.createOrUpdate': {
    happy: async client =>
      expect(await client.pipelines.createOrUpdate(group, factory, 'new', { activities: [], annotations: ['a'] })).toMatchObject({
        annotations: ['a']
      }),
    unhappy: client => client.pipelines.createOrUpdate(group, factory, 'nightly', {}, { ifMatch: 'stale' }),
    code: 'PreconditionFailed'
  },
  'pipelines.get': {
    happy: async client => expect(await client.pipelines.get(group, factory, 'nightly')).toMatchObject({ name: 'nightly' }),
    unhappy: client => client.pipelines.get(group, factory, 'none'),
    code: 'NotFound'
  },
  'pipelines.delete': {
    happy: client => client.pipelines.delete(group, factory, 'nightly'),
    unhappy: client => client.pipelines.delete(group, nowhere, 'nightly'),
    code: 'ResourceNotFound'
  }
}

const approved = { privateLinkServiceConnectionState: { status: 'Approved', description: 'yes' } }

const connections: Table<Client> = {
  'privateEndPointConnections.listByFactory': {
    happy: async client => expect(names(await all(client.privateEndPointConnections.listByFactory(group, factory)))).toEqual([connection]),
    unhappy: client => all(client.privateEndPointConnections.listByFactory(group, nowhere)),
    code: 'ResourceNotFound'
  },
  'privateEndpointConnection.createOrUpdate': {
    happy: async client =>
      expect(await client.privateEndpointConnection.createOrUpdate(group, factory, connection, { properties: approved })).toMatchObject({
        properties: approved
      }),
    unhappy: client => client.privateEndpointConnection.createOrUpdate(group, factory, 'none', { properties: approved }),
    code: 'NotFound'
  },
  'privateEndpointConnection.get': {
    happy: async client =>
      expect(await client.privateEndpointConnection.get(group, factory, connection)).toMatchObject({
        properties: { privateLinkServiceConnectionState: { status: 'Pending' } }
      }),
    unhappy: client => client.privateEndpointConnection.get(group, factory, 'none'),
    code: 'NotFound'
  },
  'privateEndpointConnection.delete': {
    happy: client => client.privateEndpointConnection.delete(group, factory, connection),
    unhappy: client => client.privateEndpointConnection.delete(group, nowhere, connection),
    code: 'ResourceNotFound'
  },
  'privateLinkResources.get': {
    happy: async client => {
      const { value = [] } = await client.privateLinkResources.get(group, factory)
      expect(value.map(one => one.properties?.groupId)).toEqual(['dataFactory', 'portal'])
    },
    unhappy: client => client.privateLinkResources.get(group, nowhere),
    code: 'ResourceNotFound'
  }
}

const running = 'Nothing runs in the factories of the sandbox, so there is nothing to start, to follow or to look at.'
const noNodes = 'A self-hosted runtime of the sandbox never has a node that this could be about.'
const noType = 'The type is none that a private path to a server needs, and is not played.'

const leftOut: Table<Client> = {
  'operations.*': { leftOut: 'A list for portals of what could be asked for, which nothing here depends on.' },
  'exposureControl.*': { leftOut: 'Tells which previews are switched on, which is Microsoft’s to decide.' },
  'factories.configureFactoryRepo': { leftOut: 'A repository of code belongs to the portal; the sandbox has none.' },
  'factories.getGitHubAccessToken': { leftOut: 'A repository of code belongs to the portal; the sandbox has none.' },
  'factories.getDataPlaneAccess': { leftOut: 'It gives a token for another service, which is not played.' },
  'integrationRuntimes.listOutboundNetworkDependenciesEndpoints': { leftOut: 'It lists addresses of services that are not played.' },
  'integrationRuntimes.getConnectionInfo': { leftOut: noNodes },
  'integrationRuntimes.syncCredentials': { leftOut: noNodes },
  'integrationRuntimes.getMonitoringData': { leftOut: noNodes },
  'integrationRuntimes.upgrade': { leftOut: noNodes },
  'integrationRuntimes.removeLinks': { leftOut: 'Runtimes that factories share are not played.' },
  'integrationRuntimes.createLinkedIntegrationRuntime': { leftOut: 'Runtimes that factories share are not played.' },
  'integrationRuntimeObjectMetadata.*': { leftOut: running },
  'integrationRuntimeNodes.*': { leftOut: noNodes },
  'pipelines.createRun': { leftOut: running },
  'pipelineRuns.*': { leftOut: running },
  'activityRuns.*': { leftOut: running },
  'triggers.*': { leftOut: noType },
  'triggerRuns.*': { leftOut: running },
  'dataFlows.*': { leftOut: noType },
  'dataFlowDebugSession.*': { leftOut: running },
  'credentialOperations.*': { leftOut: noType },
  'globalParameters.*': { leftOut: noType },
  'changeDataCapture.*': { leftOut: noType }
}

conforms<Client>({
  client: '@azure/arm-datafactory',
  make: (credential, options) => new Client(credential, subscriptionId, options),
  seed,
  table: { ...factories, ...networks, ...runtimes, ...documents, ...connections, ...leftOut }
})
