import type { PostgreSQLManagementFlexibleServerClient as Client } from '@azure/arm-postgresql-flexible'
import { expect } from 'vitest'
import { all, type Table } from './conformance.ts'
import { administrator, group, member, missing, names, nobody, objectId, orders, rule } from './conformancePostgresEstate.ts'

export const children: Table<Client> = {
  'firewallRules.get': {
    happy: async ({ firewallRules }) => expect(await firewallRules.get(group, orders, 'office')).toMatchObject(rule),
    unhappy: ({ firewallRules }) => firewallRules.get(group, orders, 'none'),
    code: 'ResourceNotFound',
    message: /of type 'Microsoft.DBforPostgreSQL\/flexibleServers' with name 'none' was not found/
  },
  'firewallRules.listByServer': {
    happy: async ({ firewallRules }) => expect(names(await all(firewallRules.listByServer(group, orders)))).toEqual(['office']),
    unhappy: ({ firewallRules }) => all(firewallRules.listByServer(group, nobody)),
    ...missing
  },
  'firewallRules.createOrUpdate': {
    happy: async ({ firewallRules }) =>
      expect(await firewallRules.beginCreateOrUpdateAndWait(group, orders, 'home', rule)).toMatchObject({ name: 'home', ...rule }),
    unhappy: ({ firewallRules }) => firewallRules.beginCreateOrUpdateAndWait(group, orders, 'home', { ...rule, endIpAddress: 'x' }),
    code: 'InvalidParameterValue'
  },
  'firewallRules.delete': {
    async happy({ firewallRules }) {
      await firewallRules.beginDeleteAndWait(group, orders, 'office')
      expect(await all(firewallRules.listByServer(group, orders))).toEqual([])
    },
    unhappy: ({ firewallRules }) => firewallRules.beginDeleteAndWait(group, nobody, 'office'),
    ...missing
  },
  'databases.get': {
    happy: async ({ databases }) => expect(await databases.get(group, orders, 'app')).toMatchObject({ charset: 'UTF8' }),
    unhappy: ({ databases }) => databases.get(group, orders, 'none'),
    code: 'ResourceNotFound',
    message: /flexibleServers\/databases' with name 'none'/
  },
  'databases.listByServer': {
    happy: async ({ databases }) =>
      expect(names(await all(databases.listByServer(group, orders)))).toEqual(['app', 'azure_maintenance', 'azure_sys', 'postgres']),
    unhappy: ({ databases }) => all(databases.listByServer(group, nobody)),
    ...missing
  },
  'databases.create': {
    happy: async ({ databases }) =>
      expect(await databases.beginCreateAndWait(group, orders, 'new', { charset: 'utf8' })).toMatchObject({
        charset: 'UTF8',
        collation: 'en_US.utf8'
      }),
    unhappy: ({ databases }) => databases.beginCreateAndWait(group, orders, 'app', { charset: 'LATIN1' }),
    code: 'InvalidParameterValue'
  },
  'databases.delete': {
    async happy({ databases }) {
      await databases.beginDeleteAndWait(group, orders, 'app')
      await expect(databases.get(group, orders, 'app')).rejects.toMatchObject({ statusCode: 404 })
    },
    unhappy: ({ databases }) => databases.beginDeleteAndWait(group, nobody, 'app'),
    ...missing
  },
  'configurations.get': {
    happy: async ({ configurations }) =>
      expect(await configurations.get(group, orders, 'lock_timeout')).toMatchObject({ value: '0', dataType: 'Integer', isReadOnly: false }),
    unhappy: ({ configurations }) => configurations.get(group, orders, 'nonsense'),
    code: 'ResourceNotFound'
  },
  'configurations.listByServer': {
    happy: async ({ configurations }) => expect(names(await all(configurations.listByServer(group, orders)))).toContain('max_connections'),
    unhappy: ({ configurations }) => all(configurations.listByServer(group, nobody)),
    ...missing
  },
  'configurations.update': {
    happy: async ({ configurations }) =>
      expect(await configurations.beginUpdateAndWait(group, orders, 'lock_timeout', { value: '7', source: 'user-override' })).toMatchObject(
        { value: '7' }
      ),
    unhappy: ({ configurations }) => configurations.beginUpdateAndWait(group, orders, 'fsync', { value: 'off', source: 'user-override' }),
    code: 'OperationFailed',
    message: /\{0\}/
  },
  'configurations.put': {
    happy: async ({ configurations }) =>
      expect(
        await configurations.beginPutAndWait(group, orders, 'max_connections', { value: '99', source: 'user-override' })
      ).toMatchObject({
        value: '99',
        isConfigPendingRestart: true
      }),
    unhappy: ({ configurations }) => configurations.beginPutAndWait(group, orders, 'lock_timeout', { value: 'soon' }),
    code: 'InvalidParameterValue'
  },
  'administratorsMicrosoftEntra.get': {
    happy: async client =>
      expect(await client.administratorsMicrosoftEntra.get(group, orders, objectId)).toMatchObject({ name: 'dba-team', objectId }),
    unhappy: client => client.administratorsMicrosoftEntra.get(group, orders, crypto.randomUUID()),
    code: 'ResourceNotFound'
  },
  'administratorsMicrosoftEntra.listByServer': {
    happy: async client => expect(names(await all(client.administratorsMicrosoftEntra.listByServer(group, orders)))).toEqual(['dba-team']),
    unhappy: client => all(client.administratorsMicrosoftEntra.listByServer(group, nobody)),
    ...missing
  },
  'administratorsMicrosoftEntra.createOrUpdate': {
    happy: async client =>
      expect(await client.administratorsMicrosoftEntra.beginCreateOrUpdateAndWait(group, orders, objectId, administrator)).toMatchObject({
        objectId
      }),
    async unhappy(client) {
      await client.servers.beginStopAndWait(group, orders)
      return client.administratorsMicrosoftEntra.beginCreateOrUpdateAndWait(group, orders, objectId, administrator)
    },
    code: 'AadAuthOperationCannotBePerformedWhenServerIsNotAccessible'
  },
  'administratorsMicrosoftEntra.delete': {
    async happy(client) {
      await client.administratorsMicrosoftEntra.beginDeleteAndWait(group, orders, objectId)
      expect(await all(client.administratorsMicrosoftEntra.listByServer(group, orders))).toEqual([])
    },
    unhappy: client => client.administratorsMicrosoftEntra.beginDeleteAndWait(group, nobody, objectId),
    ...missing
  }
}

export const lesserChildren: Table<Client> = {
  'virtualEndpoints.get': {
    happy: async ({ virtualEndpoints }) =>
      expect(await virtualEndpoints.get(group, orders, 'orders-ve')).toMatchObject({
        virtualEndpoints: [expect.stringMatching(/^orders-ve\.writer\./), expect.any(String)]
      }),
    unhappy: ({ virtualEndpoints }) => virtualEndpoints.get(group, orders, 'none'),
    code: 'ResourceNotFound'
  },
  'virtualEndpoints.listByServer': {
    happy: async ({ virtualEndpoints }) => expect(names(await all(virtualEndpoints.listByServer(group, orders)))).toEqual(['orders-ve']),
    unhappy: ({ virtualEndpoints }) => all(virtualEndpoints.listByServer(group, nobody)),
    ...missing
  },
  'virtualEndpoints.create': {
    async happy({ virtualEndpoints }) {
      await virtualEndpoints.beginDeleteAndWait(group, orders, 'orders-ve')
      expect(await virtualEndpoints.beginCreateAndWait(group, orders, 'orders-two', member)).toMatchObject(member)
    },
    async unhappy({ servers, virtualEndpoints }) {
      await virtualEndpoints.beginDeleteAndWait(group, orders, 'orders-ve')
      await servers.beginStopAndWait(group, orders)
      return virtualEndpoints.beginCreateAndWait(group, orders, 'orders-two', member)
    },
    code: 'VirtualEndpointOwnerServerNotInReadyState'
  },
  'virtualEndpoints.update': {
    happy: async ({ virtualEndpoints }) =>
      expect(await virtualEndpoints.beginUpdateAndWait(group, orders, 'orders-ve', { members: [orders] })).toMatchObject({
        endpointType: 'ReadWrite',
        members: [orders]
      }),
    unhappy: ({ virtualEndpoints }) => virtualEndpoints.beginUpdateAndWait(group, orders, 'none', member),
    code: 'ResourceNotFound'
  },
  'virtualEndpoints.delete': {
    async happy({ virtualEndpoints }) {
      await virtualEndpoints.beginDeleteAndWait(group, orders, 'orders-ve')
      expect(await all(virtualEndpoints.listByServer(group, orders))).toEqual([])
    },
    unhappy: ({ virtualEndpoints }) => virtualEndpoints.beginDeleteAndWait(group, nobody, 'orders-ve'),
    ...missing
  },
  'backupsAutomaticAndOnDemand.get': {
    happy: async client =>
      expect(await client.backupsAutomaticAndOnDemand.get(group, orders, 'one')).toMatchObject({
        backupType: 'Customer On-Demand',
        completedTime: expect.any(Date)
      }),
    unhappy: client => client.backupsAutomaticAndOnDemand.get(group, orders, 'none'),
    code: 'ResourceNotFound'
  },
  'backupsAutomaticAndOnDemand.listByServer': {
    happy: async client => expect(names(await all(client.backupsAutomaticAndOnDemand.listByServer(group, orders)))).toContain('one'),
    async unhappy(client) {
      await client.servers.beginStopAndWait(group, orders)
      return all(client.backupsAutomaticAndOnDemand.listByServer(group, orders))
    },
    code: 'ServerStoppedError'
  },
  'backupsAutomaticAndOnDemand.create': {
    happy: async client =>
      expect(await client.backupsAutomaticAndOnDemand.beginCreateAndWait(group, orders, 'two')).toMatchObject({ name: 'two' }),
    unhappy: client => client.backupsAutomaticAndOnDemand.beginCreateAndWait(group, orders, 'one'),
    code: 'BackupAlreadyExists'
  },
  'backupsAutomaticAndOnDemand.delete': {
    async happy(client) {
      await client.backupsAutomaticAndOnDemand.beginDeleteAndWait(group, orders, 'one')
      expect(names(await all(client.backupsAutomaticAndOnDemand.listByServer(group, orders)))).not.toContain('one')
    },
    unhappy: client => client.backupsAutomaticAndOnDemand.beginDeleteAndWait(group, nobody, 'one'),
    ...missing
  },
  'advancedThreatProtectionSettings.get': {
    happy: async client =>
      expect(await client.advancedThreatProtectionSettings.get(group, orders, 'Default')).toMatchObject({ state: 'Disabled' }),
    unhappy: client => client.advancedThreatProtectionSettings.get(group, nobody, 'Default'),
    ...missing
  },
  'advancedThreatProtectionSettings.listByServer': {
    happy: async client =>
      expect(names(await all(client.advancedThreatProtectionSettings.listByServer(group, orders)))).toEqual(['Default']),
    unhappy: client => all(client.advancedThreatProtectionSettings.listByServer(group, nobody)),
    ...missing
  },
  'serverThreatProtectionSettings.createOrUpdate': {
    happy: async client =>
      expect(
        await client.serverThreatProtectionSettings.beginCreateOrUpdateAndWait(group, orders, 'Default', { state: 'Enabled' })
      ).toMatchObject({
        state: 'Enabled'
      }),
    unhappy: client => client.serverThreatProtectionSettings.beginCreateOrUpdateAndWait(group, nobody, 'Default', { state: 'Enabled' }),
    ...missing
  }
}
