import { describe, expect, test } from 'vitest'
import type { Kind } from '../../src/kinds/kind.ts'
import { managementLock } from '../../src/kinds/managementLock.ts'
import { privateDnsZoneGroup } from '../../src/kinds/privateDnsZoneGroup.ts'
import { privateEndpoint } from '../../src/kinds/privateEndpoint.ts'
import { resourceGroup } from '../../src/kinds/resourceGroup.ts'
import { subnet } from '../../src/kinds/subnet.ts'
import { virtualNetwork } from '../../src/kinds/virtualNetwork.ts'
import { virtualNetworkLink } from '../../src/kinds/virtualNetworkLink.ts'
import { resourceId } from '../../src/model/id.ts'
import * as at from './networkSpecs.ts'

describe('no difference', () => {
  const same = (kind: Kind, path: string, body: unknown, spec: unknown) =>
    expect(kind.diff(kind.fromArm(body), at.desired(kind, path, spec))).toEqual([])

  test('case of regions, ranges, ids, levels and service names', () => {
    same(
      virtualNetwork,
      at.network,
      { location: 'East US 2', addressSpace: { addressPrefixes: ['FD00::/48', '10.0.0.0/16'] } },
      { addressSpace: ['10.0.0.0/16', 'fd00::/48'] }
    )
    same(resourceGroup, at.group, { location: 'EASTUS2' }, {})
    same(
      subnet,
      at.subnetPath,
      { delegations: [{ serviceName: 'microsoft.dbforpostgresql/FLEXIBLESERVERS' }] },
      { delegation: 'Microsoft.DBforPostgreSQL/flexibleServers' }
    )
    same(
      subnet,
      at.subnetPath,
      { networkSecurityGroup: { id: '/SUBSCRIPTIONS/X/NSG' } },
      { networkSecurityGroup: { id: '/subscriptions/x/nsg' } }
    )
    same(managementLock, at.lockPath, { level: 'readOnly' }, { level: 'ReadOnly' })
  })

  test('a prefix in either form, beside an empty list too', () => {
    for (const body of [
      { addressPrefix: '10.0.0.0/24' },
      { addressPrefixes: ['10.0.0.0/24'] },
      { addressPrefix: '10.0.0.0/24', addressPrefixes: [] }
    ]) {
      same(subnet, at.subnetPath, body, { addressPrefix: '10.0.0.0/24' })
    }
  })

  test('a value that stands for a default where nothing is said', () => {
    same(subnet, at.subnetPath, {}, { privateEndpointNetworkPolicies: 'Disabled' })
    same(
      virtualNetworkLink,
      at.linkPath,
      { properties: { virtualNetwork: { id: at.network }, registrationEnabled: false } },
      { network: 'hub', registration: false, resolution: 'Default' }
    )
    same(managementLock, at.lockPath, { level: 'ReadOnly' }, { level: 'ReadOnly', notes: '' })
  })

  test('the order of owners, zones and ranges', () => {
    same(
      managementLock,
      at.lockPath,
      { level: 'ReadOnly', owners: [{ applicationId: 'B' }, { applicationId: 'a' }] },
      { level: 'ReadOnly', owners: ['A', 'b'] }
    )
    same(
      privateDnsZoneGroup,
      at.zoneGroupPath,
      { privateDnsZoneConfigs: [{ privateDnsZoneId: '/B' }, { privateDnsZoneId: '/a' }] },
      { zones: ['/a', '/b'], server: at.server }
    )
  })

  test('texts of a connection, and server-filled members of an endpoint', () => {
    const body = {
      location: 'eastus2',
      subnet: { id: at.subnetPath.toUpperCase() },
      customNetworkInterfaceName: '',
      ipConfigurations: [],
      customDnsConfigs: [{ fqdn: 'orders-pg.postgres.database.azure.com', ipAddresses: ['10.0.0.4'] }],
      manualPrivateLinkServiceConnections: [],
      privateLinkServiceConnections: [
        {
          name: 'c',
          privateLinkServiceId: at.server.toUpperCase(),
          groupIds: ['postgresqlServer'],
          privateLinkServiceConnectionState: { status: 'Approved', description: 'Auto-Approved', actionsRequired: '' }
        }
      ]
    }
    same(privateEndpoint, at.endpointPath, body, {
      server: resourceId(at.server),
      entry: { subnet: 'hub/endpoints', approval: 'automatic' }
    })
  })
})
