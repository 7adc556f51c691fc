import { PrivateDnsManagementClient as Client, type RecordSet, type RecordType } from '@azure/arm-privatedns'
import { expect } from 'vitest'
import type { Json } from './arm.ts'
import { all, conformanceGroup, conformanceSubscription, conforms, type Table } from './conformance.ts'

const group = 'rg-net'
const zone = 'privatelink.postgres.database.azure.com'
const of = (type: string, name: string): string => `${conformanceGroup}/providers/Microsoft.Network/${type}/${name}`
const hub = of('virtualNetworks', 'hub')
const spoke = of('virtualNetworks', 'spoke')
const network: Json = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
const location = 'global'

const seed: Readonly<Record<string, Json>> = {
  [hub]: network,
  [spoke]: network,
  [of('privateDnsZones', zone)]: { location },
  [of('privateDnsZones', 'contoso.org')]: { location },
  [`${of('privateDnsZones', zone)}/A/orders`]: { properties: { ttl: 10, aRecords: [{ ipv4Address: '10.0.0.4' }] } },
  [`${of('privateDnsZones', zone)}/virtualNetworkLinks/hub`]: {
    location,
    properties: { virtualNetwork: { id: hub }, registrationEnabled: false }
  }
}

const noGroup = { code: 'ResourceGroupNotFound' } as const
const noParent = { code: 'ParentResourceNotFound' } as const
const precondition = { code: 'PreconditionFailed', message: /exists already|has been modified/ } as const
const names = (items: readonly { readonly name?: string | undefined }[]): (string | undefined)[] => items.map(one => one.name)

const zones: Table<Client> = {
  'privateZones.list': {
    happy: async client => expect(names(await all(client.privateZones.list()))).toEqual(['contoso.org', zone]),
    unhappy: { cannotFail: 'Everybody who is signed in can list the zones of a subscription.' }
  },
  'privateZones.listByResourceGroup': {
    happy: async client => expect(names(await all(client.privateZones.listByResourceGroup(group)))).toEqual(['contoso.org', zone]),
    unhappy: client => all(client.privateZones.listByResourceGroup('nosuch')),
    ...noGroup
  },
  'privateZones.get': {
    happy: async client =>
      expect(await client.privateZones.get(group, zone)).toMatchObject({
        name: zone,
        location,
        etag: expect.any(String),
        numberOfRecordSets: 2,
        numberOfVirtualNetworkLinks: 1,
        maxNumberOfRecordSets: 25000,
        provisioningState: 'Succeeded'
      }),
    unhappy: client => client.privateZones.get(group, 'nosuch.net'),
    code: 'ResourceNotFound'
  },
  'privateZones.createOrUpdate': {
    happy: async client =>
      expect(await client.privateZones.beginCreateOrUpdateAndWait(group, 'new.net', { location, tags: { a: 'b' } })).toMatchObject({
        name: 'new.net',
        tags: { a: 'b' },
        provisioningState: 'Succeeded'
      }),
    unhappy: client => client.privateZones.beginCreateOrUpdateAndWait(group, zone, { location }, { ifNoneMatch: '*' }),
    ...precondition
  },
  'privateZones.update': {
    happy: async client =>
      expect(await client.privateZones.beginUpdateAndWait(group, zone, { tags: { c: 'd' } })).toMatchObject({
        name: zone,
        tags: { c: 'd' }
      }),
    unhappy: client => client.privateZones.beginUpdateAndWait(group, zone, { tags: {} }, { ifMatch: 'stale' }),
    ...precondition
  },
  'privateZones.delete': {
    happy: async client => {
      await client.privateZones.beginDeleteAndWait(group, 'contoso.org')
      expect(names(await all(client.privateZones.list()))).toEqual([zone])
    },
    unhappy: client => client.privateZones.beginDeleteAndWait(group, zone),
    code: 'CannotDeleteResource'
  }
}

const linkTo = (id: string, registrationEnabled = false) => ({ location, virtualNetwork: { id }, registrationEnabled })

const links: Table<Client> = {
  'virtualNetworkLinks.list': {
    happy: async client => expect(names(await all(client.virtualNetworkLinks.list(group, zone)))).toEqual(['hub']),
    unhappy: client => all(client.virtualNetworkLinks.list(group, 'nosuch.net')),
    ...noParent
  },
  'virtualNetworkLinks.get': {
    happy: async client =>
      expect(await client.virtualNetworkLinks.get(group, zone, 'hub')).toMatchObject({
        virtualNetwork: { id: hub },
        registrationEnabled: false,
        virtualNetworkLinkState: 'Completed',
        etag: expect.stringMatching(/^".*"$/)
      }),
    unhappy: client => client.virtualNetworkLinks.get(group, zone, 'nosuch'),
    code: 'ResourceNotFound'
  },
  'virtualNetworkLinks.createOrUpdate': {
    happy: async client =>
      expect(await client.virtualNetworkLinks.beginCreateOrUpdateAndWait(group, zone, 'Spoke', linkTo(spoke, true))).toMatchObject({
        name: 'spoke',
        provisioningState: 'Succeeded',
        registrationEnabled: true
      }),
    unhappy: client => client.virtualNetworkLinks.beginCreateOrUpdateAndWait(group, zone, 'again', linkTo(hub)),
    code: 'BadRequest',
    message: /overlapping namespaces/
  },
  'virtualNetworkLinks.update': {
    happy: async client =>
      expect(await client.virtualNetworkLinks.beginUpdateAndWait(group, zone, 'hub', { tags: { a: 'b' } })).toMatchObject({
        tags: { a: 'b' },
        virtualNetwork: { id: hub }
      }),
    unhappy: client => client.virtualNetworkLinks.beginUpdateAndWait(group, zone, 'hub', { tags: {} }, { ifMatch: 'stale' }),
    ...precondition
  },
  'virtualNetworkLinks.delete': {
    happy: async client => {
      await client.virtualNetworkLinks.beginDeleteAndWait(group, zone, 'hub')
      expect(await all(client.virtualNetworkLinks.list(group, zone))).toEqual([])
    },
    unhappy: client => client.virtualNetworkLinks.beginDeleteAndWait(group, zone, 'hub', { ifMatch: 'stale' }),
    ...precondition
  }
}

/** One record set of every type, as the client writes it. */
const records: Readonly<Record<Exclude<RecordType, 'SOA'>, RecordSet>> = {
  A: { aRecords: [{ ipv4Address: '10.0.0.5' }] },
  AAAA: { aaaaRecords: [{ ipv6Address: 'fd00::5' }] },
  CNAME: { cnameRecord: { cname: 'contoso.com' } },
  MX: { mxRecords: [{ preference: 10, exchange: 'mail.contoso.com' }] },
  PTR: { ptrRecords: [{ ptrdname: 'web.contoso.com' }] },
  SRV: { srvRecords: [{ priority: 1, weight: 2, port: 443, target: 'web.contoso.com' }] },
  TXT: { txtRecords: [{ value: ['one', 'two'] }] }
}

const recordSets: Table<Client> = {
  'recordSets.list': {
    happy: async client => expect(names(await all(client.recordSets.list(group, zone))).sort()).toEqual(['@', 'orders']),
    unhappy: client => all(client.recordSets.list(group, 'nosuch.net')),
    ...noParent
  },
  'recordSets.listByType': {
    happy: async client => {
      expect(names(await all(client.recordSets.listByType(group, zone, 'A')))).toEqual(['orders'])
      expect(await all(client.recordSets.listByType(group, zone, 'TXT'))).toEqual([])
    },
    unhappy: client => all(client.recordSets.listByType(group, 'nosuch.net', 'A')),
    ...noParent
  },
  'recordSets.get': {
    happy: async client => {
      expect(await client.recordSets.get(group, zone, 'A', 'orders')).toMatchObject({
        fqdn: `orders.${zone}.`,
        ttl: 10,
        aRecords: [{ ipv4Address: '10.0.0.4' }],
        isAutoRegistered: false
      })
      expect((await client.recordSets.get(group, zone, 'SOA', '@')).soaRecord).toMatchObject({ serialNumber: 1, minimumTtl: 10 })
    },
    unhappy: client => client.recordSets.get(group, zone, 'A', 'nosuch'),
    // Without an envelope the client finds no code: the status and the text are all it has.
    code: '',
    message: /resource record 'nosuch' does not exist/
  },
  'recordSets.createOrUpdate': {
    happy: async client => {
      for (const [type, content] of Object.entries(records)) {
        const put = await client.recordSets.createOrUpdate(group, zone, type as RecordType, `of-${type.toLowerCase()}`, {
          ttl: 60,
          ...content
        })
        expect(put).toMatchObject({ type: `Microsoft.Network/privateDnsZones/${type}`, ttl: 60, ...content })
      }
    },
    unhappy: client => client.recordSets.createOrUpdate(group, zone, 'A', 'orders', { ttl: 1 }, { ifNoneMatch: '*' }),
    code: '',
    message: /The Record set orders exists already and hence cannot be created again\./
  },
  'recordSets.update': {
    happy: async client =>
      expect(await client.recordSets.update(group, zone, 'A', 'orders', { metadata: { owner: 'dba' } })).toMatchObject({
        ttl: 10,
        metadata: { owner: 'dba' },
        aRecords: [{ ipv4Address: '10.0.0.4' }]
      }),
    unhappy: client => client.recordSets.update(group, zone, 'A', 'orders', { ttl: 1 }, { ifMatch: 'stale' }),
    code: '',
    message: /The Record set orders has been modified \(etag mismatch\)\./
  },
  'recordSets.delete': {
    happy: async client => {
      await client.recordSets.delete(group, zone, 'A', 'orders')
      await client.recordSets.delete(group, zone, 'A', 'orders')
      expect(names(await all(client.recordSets.list(group, zone)))).toEqual(['@'])
    },
    unhappy: client => client.recordSets.delete(group, 'nosuch.net', 'A', 'orders'),
    ...noParent
  }
}

conforms<Client>({
  client: '@azure/arm-privatedns',
  make: (credential, options) => new Client(credential, conformanceSubscription, options),
  seed,
  table: { ...zones, ...links, ...recordSets }
})
