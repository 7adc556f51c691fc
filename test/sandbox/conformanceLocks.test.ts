import { ManagementLockClient as Client, type ManagementLockObject } from '@azure/arm-locks'
import { expect } from 'vitest'
import type { Json } from './arm.ts'
import { all, conformanceGroup, conformanceSubscription, conforms, type Table } from './conformance.ts'

const group = 'rg-net'
const hub = `${conformanceGroup}/providers/Microsoft.Network/virtualNetworks/hub`
const lockOn = (scope: string): string => `${scope}/providers/Microsoft.Authorization/locks/keep`
const subscription = `/subscriptions/${conformanceSubscription}`
const kept: Json = { properties: { level: 'CanNotDelete', notes: 'kept' } }

const seed: Readonly<Record<string, Json>> = {
  [conformanceGroup]: { location: 'eastus2' },
  [hub]: {
    location: 'eastus2',
    properties: {
      addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
      subnets: [{ name: 'a', properties: { addressPrefix: '10.0.0.0/24' } }]
    }
  },
  [lockOn(subscription)]: kept,
  [lockOn(conformanceGroup)]: kept,
  [lockOn(hub)]: kept,
  [lockOn(`${hub}/subnets/a`)]: kept
}

const readOnly: ManagementLockObject = { level: 'ReadOnly', notes: 'for a while' }
const wrong: ManagementLockObject = { level: 'ReadOnly', notes: 'n'.repeat(513) }
const subnet = ['Microsoft.Network', 'virtualNetworks/hub', 'subnets', 'a'] as const
const network = ['Microsoft.Network', '', 'virtualNetworks', 'hub'] as const
const noGroup = 'ResourceGroupNotFound'
const ids = (locks: readonly ManagementLockObject[]): string[] => locks.map(one => one.id ?? '').sort()

const lists: Table<Client> = {
  'managementLocks.listAtSubscriptionLevel': {
    happy: async client => expect(await all(client.managementLocks.listAtSubscriptionLevel())).toHaveLength(4),
    unhappy: { cannotFail: 'Everybody who is signed in can list the locks of a subscription.' }
  },
  'managementLocks.listAtResourceGroupLevel': {
    happy: async client => {
      expect(await all(client.managementLocks.listAtResourceGroupLevel(group))).toHaveLength(3)
      expect(ids(await all(client.managementLocks.listAtResourceGroupLevel(group, { filter: 'atScope()' })))).toEqual([
        lockOn(conformanceGroup)
      ])
    },
    unhappy: client => all(client.managementLocks.listAtResourceGroupLevel('nosuch')),
    code: noGroup
  },
  'managementLocks.listAtResourceLevel': {
    happy: async client => {
      expect(ids(await all(client.managementLocks.listAtResourceLevel(group, ...subnet)))).toEqual([lockOn(`${hub}/subnets/a`)])
      expect(await all(client.managementLocks.listAtResourceLevel(group, ...network))).toHaveLength(2)
    },
    unhappy: client => all(client.managementLocks.listAtResourceLevel(group, 'Microsoft.Network', '', 'virtualNetworks', 'nosuch')),
    code: 'ResourceNotFound'
  },
  'managementLocks.listByScope': {
    happy: async client => expect(await all(client.managementLocks.listByScope(hub))).toHaveLength(2),
    unhappy: client => all(client.managementLocks.listByScope(`${subscription}/resourceGroups/nosuch`)),
    code: noGroup
  },
  'authorizationOperations.list': { leftOut: 'Lists the names of rights for a portal; no client of a topology asks for it.' }
}

const reads: Table<Client> = {
  'managementLocks.getAtSubscriptionLevel': {
    happy: async client => expect(await client.managementLocks.getAtSubscriptionLevel('keep')).toMatchObject({ notes: 'kept' }),
    unhappy: client => client.managementLocks.getAtSubscriptionLevel('nosuch'),
    code: 'LockNotFound'
  },
  'managementLocks.getAtResourceGroupLevel': {
    happy: async client =>
      expect(await client.managementLocks.getAtResourceGroupLevel(group, 'keep')).toMatchObject({
        id: expect.stringMatching(/\/resourceGroups\/rg-net\/providers\/Microsoft.Authorization\/locks\/keep$/),
        level: 'CanNotDelete'
      }),
    unhappy: client => client.managementLocks.getAtResourceGroupLevel('nosuch', 'keep'),
    code: noGroup
  },
  'managementLocks.getAtResourceLevel': {
    happy: async client =>
      expect(await client.managementLocks.getAtResourceLevel(group, ...subnet, 'keep')).toMatchObject({ name: 'keep' }),
    unhappy: client => client.managementLocks.getAtResourceLevel(group, ...network, 'nosuch'),
    code: 'LockNotFound'
  },
  'managementLocks.getByScope': {
    happy: async client => expect((await client.managementLocks.getByScope(hub, 'keep')).systemData?.createdAt).toBeInstanceOf(Date),
    unhappy: client => client.managementLocks.getByScope(hub, 'nosuch'),
    code: 'LockNotFound'
  }
}

const writes: Table<Client> = {
  'managementLocks.createOrUpdateAtSubscriptionLevel': {
    happy: async client =>
      expect(await client.managementLocks.createOrUpdateAtSubscriptionLevel('more', readOnly)).toMatchObject({
        id: lockOn(subscription).replace('keep', 'more'),
        ...readOnly
      }),
    unhappy: client => client.managementLocks.createOrUpdateAtSubscriptionLevel('more', wrong),
    code: 'InvalidRequestContent'
  },
  'managementLocks.createOrUpdateAtResourceGroupLevel': {
    happy: async client =>
      expect(await client.managementLocks.createOrUpdateAtResourceGroupLevel(group, 'keep', readOnly)).toMatchObject(readOnly),
    unhappy: client => client.managementLocks.createOrUpdateAtResourceGroupLevel('nosuch', 'keep', readOnly),
    code: noGroup
  },
  'managementLocks.createOrUpdateAtResourceLevel': {
    happy: async client =>
      expect(await client.managementLocks.createOrUpdateAtResourceLevel(group, ...subnet, 'more', readOnly)).toMatchObject(readOnly),
    unhappy: client =>
      client.managementLocks.createOrUpdateAtResourceLevel(group, 'Microsoft.Network', '', 'virtualNetworks', 'nosuch', 'more', readOnly),
    code: 'ResourceNotFound'
  },
  'managementLocks.createOrUpdateByScope': {
    happy: async client =>
      expect(
        await client.managementLocks.createOrUpdateByScope(hub, 'more', { level: 'CanNotDelete', owners: [{ applicationId: 'a' }] })
      ).toMatchObject({ owners: [{ applicationId: 'a' }] }),
    unhappy: client => client.managementLocks.createOrUpdateByScope(`${hub}/subnets/nosuch`, 'more', readOnly),
    message: /not found/
  }
}

/** A lock that is not there is answered with 204, which is no refusal; a group that is not there is refused. */
const absent = { cannotFail: 'A lock that is not there is deleted without complaint, and a subscription is always there.' }

const deletes: Table<Client> = {
  'managementLocks.deleteAtSubscriptionLevel': {
    happy: async client => {
      await client.managementLocks.deleteAtSubscriptionLevel('keep')
      expect(await all(client.managementLocks.listAtSubscriptionLevel())).toHaveLength(3)
    },
    unhappy: absent
  },
  'managementLocks.deleteAtResourceGroupLevel': {
    happy: async client => {
      await client.managementLocks.deleteAtResourceGroupLevel(group, 'keep')
      await client.managementLocks.deleteAtResourceGroupLevel(group, 'keep')
    },
    unhappy: client => client.managementLocks.deleteAtResourceGroupLevel('nosuch', 'keep'),
    code: noGroup
  },
  'managementLocks.deleteAtResourceLevel': {
    happy: async client => {
      await client.managementLocks.deleteAtResourceLevel(group, ...subnet, 'keep')
      expect(await all(client.managementLocks.listAtResourceLevel(group, ...subnet))).toEqual([])
    },
    unhappy: client => client.managementLocks.deleteAtResourceLevel('nosuch', ...subnet, 'keep'),
    code: noGroup
  },
  'managementLocks.deleteByScope': {
    happy: async client => {
      await client.managementLocks.deleteByScope(hub, 'keep')
      expect(ids(await all(client.managementLocks.listByScope(hub)))).toEqual([lockOn(`${hub}/subnets/a`)])
    },
    unhappy: client => client.managementLocks.deleteByScope(`${subscription}/resourceGroups/nosuch`, 'keep'),
    code: noGroup
  }
}

conforms<Client>({
  client: '@azure/arm-locks',
  make: (credential, options) => new Client(credential, conformanceSubscription, options),
  seed,
  table: { ...lists, ...reads, ...writes, ...deletes }
})
