import { ResourceManagementClient as Client } from '@azure/arm-resources'
import { expect } from 'vitest'
import type { Json } from './arm.ts'
import { all, conformanceGroup, conformanceSubscription, conforms, type Table } from './conformance.ts'

const group = 'rg-net'
const hub = `${conformanceGroup}/providers/Microsoft.Network/virtualNetworks/hub`
const server = `${conformanceGroup}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders`
const nowhere = hub.replace('rg-net', 'nosuch')
const network = '2025-05-01'
const postgres = '2025-08-01'

const space = { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }

const seed: Readonly<Record<string, Json>> = {
  [conformanceGroup]: { location: 'eastus2', tags: { team: 'blue' } },
  [hub]: { location: 'eastus2', tags: { team: 'blue' }, properties: space },
  [server]: {
    location: 'eastus2',
    sku: { name: 'Standard_D2ds_v4', tier: 'GeneralPurpose' },
    properties: { version: '17', administratorLogin: 'dba', administratorLoginPassword: 'correct-Horse-7' }
  }
}

const resource = { location: 'eastus2', properties: space }
const named = (name: string) => [group, 'Microsoft.Network', '', 'virtualNetworks', name] as const
const serverNamed = (name: string) => [group, 'Microsoft.DBforPostgreSQL', '', 'flexibleServers', name] as const
const tagged = { tags: { team: 'red' } }
/** The answer to a HEAD has no body, so that its error says nothing else. */
const status = ({ statusCode }: { readonly statusCode?: number }): never => {
  throw new Error(`Answered ${statusCode}.`)
}
const noGroup = 'ResourceGroupNotFound'
const noNamespace = 'InvalidResourceNamespace'

const groups: Table<Client> = {
  'resourceGroups.list': {
    happy: async client => {
      expect(await all(client.resourceGroups.list())).toMatchObject([{ name: group, location: 'eastus2', tags: { team: 'blue' } }])
      expect(await all(client.resourceGroups.list({ filter: "tagName eq 'team' and tagValue eq 'red'" }))).toEqual([])
    },
    unhappy: client => all(client.resourceGroups.list({ filter: 'team is blue' })),
    code: 'InvalidFilterInQueryString'
  },
  'resourceGroups.checkExistence': {
    happy: async client => {
      expect(await client.resourceGroups.checkExistence(group)).toMatchObject({ body: true })
      expect(await client.resourceGroups.checkExistence('nosuch')).toMatchObject({ body: false })
    },
    unhappy: { cannotFail: 'A group that is not there is an answer, too: false.' }
  },
  'resourceGroups.createOrUpdate': {
    happy: async client =>
      expect(await client.resourceGroups.createOrUpdate('rg-new', { location: 'westeurope' })).toMatchObject({
        name: 'rg-new',
        location: 'westeurope',
        properties: { provisioningState: 'Succeeded' }
      }),
    unhappy: client => client.resourceGroups.createOrUpdate(group, { location: 'westeurope' }),
    code: 'InvalidResourceGroupLocation'
  },
  'resourceGroups.delete': {
    happy: async client => {
      await client.resourceGroups.beginDeleteAndWait(group)
      expect(await client.resourceGroups.checkExistence(group)).toMatchObject({ body: false })
    },
    unhappy: client => client.resourceGroups.beginDeleteAndWait('nosuch'),
    code: noGroup
  },
  'resourceGroups.get': {
    happy: async client =>
      expect(await client.resourceGroups.get(group)).toMatchObject({ id: conformanceGroup, type: 'Microsoft.Resources/resourceGroups' }),
    unhappy: client => client.resourceGroups.get('nosuch'),
    code: noGroup
  },
  'resourceGroups.update': {
    happy: async client =>
      expect(await client.resourceGroups.update(group, tagged)).toMatchObject({ location: 'eastus2', tags: { team: 'red' } }),
    unhappy: client => client.resourceGroups.update('nosuch', tagged),
    code: noGroup
  },
  'resourceGroups.exportTemplate': { leftOut: 'Templates are a deployment language of their own, which nothing in scope writes or reads.' }
}

const generic: Table<Client> = {
  'resources.list': {
    happy: async client => {
      const types = (await all(client.resources.list({ expand: 'createdTime,provisioningState' }))).map(one => [
        one.type,
        one.provisioningState
      ])
      expect(types).toEqual([
        ['Microsoft.DBforPostgreSQL/flexibleServers', 'Succeeded'],
        ['Microsoft.Network/virtualNetworks', 'Succeeded']
      ])
      expect(await all(client.resources.list({ filter: "substringof('ord', name)" }))).toMatchObject([{ id: server }])
    },
    unhappy: client => all(client.resources.list({ filter: 'substringof(name)' })),
    code: 'InvalidFilterInQueryString'
  },
  'resources.listByResourceGroup': {
    happy: async client => expect(await all(client.resources.listByResourceGroup(group, { top: 1 }))).toHaveLength(2),
    unhappy: client => all(client.resources.listByResourceGroup('nosuch')),
    code: noGroup
  },
  'resources.moveResources': { leftOut: 'Moves between groups rewrite ids across all providers; what is in scope is never moved.' },
  'resources.validateMoveResources': { leftOut: 'Goes with moving resources, which is left out.' },
  'resources.checkExistence': {
    happy: async client => {
      expect(await client.resources.checkExistence(...named('hub'), network)).toMatchObject({ body: true })
      expect(await client.resources.checkExistence(...named('nosuch'), network)).toMatchObject({ body: false })
    },
    unhappy: client => client.resources.checkExistence(...named('hub'), 'soon').catch(status),
    message: /^Answered 400/
  },
  'resources.checkExistenceById': {
    happy: async client => {
      expect(await client.resources.checkExistenceById(hub, network)).toMatchObject({ body: true })
      expect(await client.resources.checkExistenceById(`${hub}2`, network)).toMatchObject({ body: false })
    },
    unhappy: client => client.resources.checkExistenceById(hub, 'soon').catch(status),
    message: /^Answered 400/
  },
  'resources.get': {
    happy: async client => expect(await client.resources.get(...named('hub'), network)).toMatchObject({ id: hub, tags: { team: 'blue' } }),
    unhappy: client => client.resources.get(...named('nosuch'), network),
    code: 'ResourceNotFound'
  },
  'resources.getById': {
    happy: async client =>
      expect(await client.resources.getById(server, postgres)).toMatchObject({ id: server, sku: { tier: 'GeneralPurpose' } }),
    unhappy: client => client.resources.getById(nowhere, network),
    code: noGroup
  },
  'resources.createOrUpdate': {
    happy: async client => {
      await client.resources.beginCreateOrUpdateAndWait(...named('spoke'), network, resource)
      expect(await client.resources.get(...named('spoke'), network)).toMatchObject({
        properties: { provisioningState: 'Succeeded', ...space }
      })
    },
    unhappy: client => client.resources.beginCreateOrUpdateAndWait(...named('spoke'), network, { properties: space }),
    code: 'LocationRequired'
  },
  'resources.createOrUpdateById': {
    happy: async client =>
      expect(await client.resources.beginCreateOrUpdateByIdAndWait(`${hub}2`, network, resource)).toMatchObject({ name: 'hub2' }),
    unhappy: client => client.resources.beginCreateOrUpdateByIdAndWait(nowhere, network, resource),
    code: noGroup
  },
  'resources.update': {
    happy: async client => {
      await client.resources.beginUpdateAndWait(...serverNamed('orders'), postgres, tagged)
      expect(await client.resources.getById(server, postgres)).toMatchObject({ tags: { team: 'red' } })
    },
    unhappy: client => client.resources.beginUpdateAndWait(...serverNamed('nosuch'), postgres, tagged),
    code: 'ResourceNotFound'
  },
  'resources.updateById': {
    happy: async client => {
      await client.resources.beginUpdateByIdAndWait(server, postgres, tagged)
      expect(await client.resources.getById(server, postgres)).toMatchObject({ tags: { team: 'red' } })
    },
    unhappy: client => client.resources.beginUpdateByIdAndWait(`${server}2`, postgres, tagged),
    code: 'ResourceNotFound'
  },
  'resources.delete': {
    happy: async client => {
      await client.resources.beginDeleteAndWait(...named('hub'), network)
      expect(await client.resources.checkExistenceById(hub, network)).toMatchObject({ body: false })
    },
    unhappy: client => client.resources.beginDeleteAndWait('nosuch', 'Microsoft.Network', '', 'virtualNetworks', 'hub', network),
    code: noGroup
  },
  'resources.deleteById': {
    happy: async client => {
      await client.resources.beginDeleteByIdAndWait(server, postgres)
      expect(await client.resources.checkExistenceById(server, postgres)).toMatchObject({ body: false })
    },
    unhappy: client => client.resources.beginDeleteByIdAndWait(nowhere, network),
    code: noGroup
  }
}

const providers: Table<Client> = {
  'providers.list': {
    happy: async client => {
      const found = (await all(client.providers.list())).map(one => one.namespace)
      expect(found).toEqual(expect.arrayContaining(['Microsoft.DBforPostgreSQL', 'Microsoft.DataFactory', 'Microsoft.Network']))
    },
    unhappy: { cannotFail: 'Everybody who is signed in can list the namespaces of a subscription.' }
  },
  'providers.listAtTenantScope': {
    happy: async client =>
      expect((await all(client.providers.listAtTenantScope())).map(one => one.namespace)).toContain('Microsoft.Network'),
    unhappy: { cannotFail: 'Everybody who is signed in can list the namespaces there are.' }
  },
  'providers.get': {
    happy: async client => {
      const { id, registrationState, resourceTypes } = await client.providers.get('Microsoft.DataFactory')
      expect([id, registrationState]).toEqual([`/subscriptions/${conformanceSubscription}/providers/Microsoft.DataFactory`, 'Registered'])
      expect(resourceTypes?.find(one => one.resourceType === 'factories')?.apiVersions).toContain('2018-06-01')
    },
    unhappy: client => client.providers.get('Microsoft.Nothing'),
    code: noNamespace
  },
  'providers.getAtTenantScope': {
    happy: async client =>
      expect(await client.providers.getAtTenantScope('Microsoft.Network')).toMatchObject({ namespace: 'Microsoft.Network' }),
    unhappy: client => client.providers.getAtTenantScope('Microsoft.Nothing'),
    code: noNamespace
  },
  'providers.register': {
    happy: async client => expect(await client.providers.register('Microsoft.Network')).toMatchObject({ registrationState: 'Registered' }),
    unhappy: client => client.providers.register('Microsoft.Nothing'),
    code: noNamespace
  },
  'providers.unregister': {
    happy: async client => expect((await client.providers.unregister('Microsoft.DataFactory')).registrationState).toMatch(/^Unregister/),
    unhappy: client => client.providers.unregister('Microsoft.Nothing'),
    code: noNamespace
  },
  'providers.registerAtManagementGroupScope': {
    leftOut: 'Management groups are above what is in scope: a subscription is the topmost here.'
  },
  'providers.providerPermissions': { leftOut: 'Lists what a provider asks of roles, for an editor of roles; nothing in scope reads it.' },
  'providerResourceTypes.list': {
    happy: async client =>
      expect((await client.providerResourceTypes.list('Microsoft.DBforPostgreSQL')).value?.map(one => one.resourceType)).toContain(
        'flexibleServers'
      ),
    unhappy: client => client.providerResourceTypes.list('Microsoft.Nothing'),
    code: noNamespace
  }
}

const tagsOfHub = async (client: Client): Promise<unknown> => (await client.resources.get(...named('hub'), network)).tags

const others: Table<Client> = {
  'operations.list': { leftOut: 'The catalogue of what ARM itself can be asked is for documentation; nothing in scope reads it.' },
  'tagsOperations.list': {
    happy: async client =>
      expect(await all(client.tagsOperations.list())).toMatchObject([
        { tagName: 'team', count: { value: 2 }, values: [{ tagValue: 'blue' }] }
      ]),
    unhappy: { cannotFail: 'Everybody who is signed in can list the tags of a subscription.' }
  },
  'tagsOperations.createOrUpdate': { leftOut: 'Predefined tag names are a list beside the resources, without effect on any of them.' },
  'tagsOperations.createOrUpdateValue': { leftOut: 'Predefined tag names are a list beside the resources, without effect on any of them.' },
  'tagsOperations.delete': { leftOut: 'Predefined tag names are a list beside the resources, without effect on any of them.' },
  'tagsOperations.deleteValue': { leftOut: 'Predefined tag names are a list beside the resources, without effect on any of them.' },
  'tagsOperations.createOrUpdateAtScope': {
    happy: async client => {
      const { properties } = await client.tagsOperations.beginCreateOrUpdateAtScopeAndWait(hub, { properties: tagged })
      expect([properties, await tagsOfHub(client)]).toEqual([tagged, tagged.tags])
    },
    unhappy: client => client.tagsOperations.beginCreateOrUpdateAtScopeAndWait(hub, { properties: { tags: { 'a/b': '' } } }),
    code: 'InvalidTagNameCharacters'
  },
  'tagsOperations.updateAtScope': {
    happy: async client => {
      const change = { operation: 'Merge', properties: { tags: { stage: 'test' } } }
      const { properties } = await client.tagsOperations.beginUpdateAtScopeAndWait(conformanceGroup, change)
      expect(properties).toEqual({ tags: { team: 'blue', stage: 'test' } })
    },
    unhappy: client => client.tagsOperations.beginUpdateAtScopeAndWait(`${hub}2`, { operation: 'Merge', properties: tagged }),
    code: 'ResourceNotFound'
  },
  'tagsOperations.getAtScope': {
    happy: async client =>
      expect(await client.tagsOperations.getAtScope(hub)).toMatchObject({ name: 'default', properties: { tags: { team: 'blue' } } }),
    unhappy: client => client.tagsOperations.getAtScope(`${hub}2`),
    code: 'ResourceNotFound'
  },
  'tagsOperations.deleteAtScope': {
    happy: async client => {
      await client.tagsOperations.beginDeleteAtScopeAndWait(hub)
      expect(await tagsOfHub(client)).toEqual({})
    },
    unhappy: client => client.tagsOperations.beginDeleteAtScopeAndWait(`${hub}2`),
    code: 'ResourceNotFound'
  }
}

conforms({
  client: '@azure/arm-resources',
  make: (credential, options) => new Client(credential, conformanceSubscription, options),
  seed,
  table: { ...groups, ...generic, ...providers, ...others }
})
