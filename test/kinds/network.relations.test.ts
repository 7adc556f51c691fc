import { describe, expect, test } from 'vitest'
import { managementLock } from '../../src/kinds/managementLock.ts'
import { privateDnsZone } from '../../src/kinds/privateDnsZone.ts'
import { privateDnsZoneGroup } from '../../src/kinds/privateDnsZoneGroup.ts'
import { privateEndpoint } from '../../src/kinds/privateEndpoint.ts'
import { resourceGroup } from '../../src/kinds/resourceGroup.ts'
import { subnet } from '../../src/kinds/subnet.ts'
import { virtualNetwork } from '../../src/kinds/virtualNetwork.ts'
import { virtualNetworkLink } from '../../src/kinds/virtualNetworkLink.ts'
import { resourceId } from '../../src/model/id.ts'
import { json, networkArm } from './networkArm.ts'
import * as at from './networkSpecs.ts'

const spec = { server: resourceId(at.server), entry: { subnet: 'hub/endpoints' } }

test('which are ours by tag, which need consent, which take a path away', () => {
  const marks = ({ taggable, precious, path, fallsWithParent, declarationIsConsent }: typeof resourceGroup) =>
    Object.entries({ taggable, precious, path, fallsWithParent, declarationIsConsent }).flatMap(([mark, set]) => (set ? mark : []))
  expect(marks(resourceGroup)).toEqual(['taggable', 'precious'])
  expect(marks(virtualNetwork)).toEqual(['taggable', 'precious'])
  expect(marks(privateDnsZone)).toEqual(['taggable', 'precious'])
  expect(marks(subnet)).toEqual(['fallsWithParent'])
  expect(marks(managementLock)).toEqual(['fallsWithParent', 'declarationIsConsent'])
  expect(marks(virtualNetworkLink)).toEqual(['taggable', 'path'])
  expect(marks(privateEndpoint)).toEqual(['taggable', 'path'])
  expect(marks(privateDnsZoneGroup)).toEqual(['path'])
})

describe('a private endpoint', () => {
  const props = at.desired(privateEndpoint, at.endpointPath, spec)

  test('reaches the server and the subnet, and wants the locks of the network and its subnets off', () => {
    const { refs, reach, advice } = privateEndpoint.relations(props, at.context(at.endpointPath))
    expect(refs).toEqual([resourceId(at.subnetPath), resourceId(at.server)])
    expect(reach.map(({ scope, as }) => ({ scope, as }))).toEqual([
      { scope: resourceId(at.server), as: 'write' },
      { scope: resourceId(at.subnetPath), as: 'write' }
    ])
    expect(advice).toMatchObject([{ scope: resourceId(at.network), children: 'Microsoft.Network/virtualNetworks/subnets' }])
    for (const { source } of [...reach, ...advice]) expect(source).not.toBe('')
  })

  test('once there, is deleted from the server too', async () => {
    const { azure } = networkArm({
      [at.endpointPath]: {
        location: 'eastus2',
        properties: {
          provisioningState: 'Succeeded',
          subnet: { id: at.subnetPath },
          customDnsConfigs: [{ ipAddresses: ['10.0.0.5'] }],
          manualPrivateLinkServiceConnections: [
            {
              name: 'c',
              properties: { privateLinkServiceId: at.server, privateLinkServiceConnectionState: { status: 'Rejected', description: 'no' } }
            }
          ]
        }
      }
    })
    const { observed } = await privateEndpoint.observe(azure, at.endpointPath)
    expect(observed).toMatchObject({
      reach: [{ scope: resourceId(at.server), as: 'delete' }],
      facts: { location: 'eastus2', state: 'Succeeded', connection: { status: 'Rejected', description: 'no' }, addresses: ['10.0.0.5'] }
    })
  })
})

test('a zone group writes in every zone, and is found whatever its name', async () => {
  const zones = [resourceId(at.zone), resourceId(`${at.zone}2`)]
  const props = at.desired(privateDnsZoneGroup, at.zoneGroupPath, { zones, server: resourceId(at.server) })
  expect(privateDnsZoneGroup.relations(props, at.context(at.zoneGroupPath)).reach).toMatchObject(
    // A lock may lie on the zone, or on the record itself.
    zones.flatMap(zone => [zone, `${zone}/a/orders-pg`]).map(scope => ({ scope, as: 'write' }))
  )

  const byPolicy = `${at.endpointPath}/privateDnsZoneGroups/deployedByPolicy`
  const recordSets = [{ recordType: 'A', ipAddresses: ['10.0.0.5'] }]
  const { azure } = networkArm({
    [byPolicy]: { properties: { privateDnsZoneConfigs: [{ name: 'z', properties: { privateDnsZoneId: at.zone, recordSets } }] } }
  })
  const among = await privateDnsZoneGroup.list(azure, at.endpointPath)
  expect(privateDnsZoneGroup.match?.(props, among, () => undefined)).toBe(byPolicy)
  expect(among[0]?.observed).toMatchObject({
    facts: { zones: [{ addresses: ['10.0.0.5'] }] },
    reach: [{ scope: resourceId(at.zone), as: 'delete' }]
  })
})

test('a link is found by its network, over every page of the list', async () => {
  const link = (name: string, to: string) => ({
    id: `${at.zone}/virtualNetworkLinks/${name}`,
    name,
    properties: { virtualNetwork: { id: to }, registrationEnabled: false, provisioningState: 'Succeeded' }
  })
  const next = 'https://management.azure.com/more?page=2'
  const arm = networkArm({}, ({ method, path }) => {
    if (method !== 'GET') return undefined
    const page =
      path === '/more' ? { value: [link('any-name', at.network.toUpperCase())] } : { value: [link('hub', '/other')], nextLink: next }
    return json(200, page)
  })
  const among = await virtualNetworkLink.list(arm.azure, at.zone)
  const match = (network: string | { id: string }, path = at.linkPath) =>
    virtualNetworkLink.match?.(at.desired(virtualNetworkLink, path, { network }), among, () => undefined)
  expect(match('hub')).toBe(`${at.zone}/virtualNetworkLinks/any-name`)
  expect(match({ id: '/third' }, `${at.zone}/virtualNetworkLinks/Hub`)).toBe(at.linkPath)
  expect(match({ id: '/third' }, `${at.linkPath}2`)).toBeUndefined()
  expect(arm.requests[0]?.apiVersion).toBe('2024-06-01')
})

test('subnets are read out of their network', async () => {
  const [first, second] =
    subnet.embedded?.({ subnets: [{ id: at.subnetPath, addressPrefix: '10.0.0.0/24' }, { id: `${at.subnetPath}2` }] }) ?? []
  expect(first).toMatchObject({ path: at.subnetPath, observed: { state: 'present', props: { addressPrefixes: ['10.0.0.0/24'] } } })
  expect(second?.path).toBe(`${at.subnetPath}2`)
})
