import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Kind } from '../../src/kinds/kind.ts'
import { managementLock } from '../../src/kinds/managementLock.ts'
import { privateDnsZone } from '../../src/kinds/privateDnsZone.ts'
import { privateDnsZoneGroup } from '../../src/kinds/privateDnsZoneGroup.ts'
import { privateEndpoint } from '../../src/kinds/privateEndpoint.ts'
import { resourceGroup } from '../../src/kinds/resourceGroup.ts'
import { subnet } from '../../src/kinds/subnet.ts'
import { virtualNetwork } from '../../src/kinds/virtualNetwork.ts'
import { virtualNetworkLink } from '../../src/kinds/virtualNetworkLink.ts'
import { resourceId } from '../../src/model/id.ts'
import * as at from './networkSpecs.ts'

const location = fc.constantFrom('eastus2', 'uksouth', 'westeurope')
const cidr = fc.tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 8, max: 29 })).map(([a, b, size]) => `10.${a}.${b}.0/${size}`)
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/)
const id = name.map(one => `${at.group}/providers/Microsoft.Network/networkSecurityGroups/${one}`)
const maybe = { requiredKeys: [] } as { requiredKeys: [] }

/** Every kind with its path, what a file may say of it, and whether a bare entry is one that exists. */
const cases: readonly { readonly kind: Kind; readonly path: string; readonly spec: fc.Arbitrary<unknown> }[] = [
  { kind: resourceGroup, path: at.group, spec: fc.constant({}) },
  { kind: virtualNetwork, path: at.network, spec: fc.record({ addressSpace: fc.array(cidr, { minLength: 1, maxLength: 4 }) }) },
  {
    kind: subnet,
    path: at.subnetPath,
    spec: fc.record(
      {
        addressPrefix: cidr,
        delegation: fc.constantFrom('Microsoft.DBforPostgreSQL/flexibleServers', 'Microsoft.Web/serverFarms'),
        networkSecurityGroup: fc.record({ id }),
        routeTable: fc.record({ id }),
        privateEndpointNetworkPolicies: fc.constantFrom('Disabled', 'Enabled', 'NetworkSecurityGroupEnabled', 'RouteTableEnabled')
      },
      maybe
    )
  },
  {
    kind: managementLock,
    path: at.lockPath,
    spec: fc.record(
      {
        level: fc.constantFrom('CanNotDelete', 'ReadOnly'),
        notes: fc.string({ maxLength: 512 }),
        owners: fc.array(fc.uuid(), { minLength: 1 })
      },
      { requiredKeys: ['level'] }
    )
  },
  { kind: privateDnsZone, path: at.zone, spec: fc.constant({}) },
  {
    kind: virtualNetworkLink,
    path: at.linkPath,
    spec: fc.record(
      { network: fc.constant('hub'), registration: fc.boolean(), resolution: fc.constantFrom('Default', 'NxDomainRedirect') },
      { requiredKeys: ['network'] }
    )
  },
  {
    kind: privateEndpoint,
    path: at.endpointPath,
    spec: fc.record({
      server: fc.constant(resourceId(at.server)),
      entry: fc.record(
        {
          subnet: fc.constant('hub/endpoints'),
          approval: fc.oneof(fc.constant('automatic'), fc.record({ manual: fc.string({ minLength: 1, maxLength: 140 }) })),
          networkInterfaceName: name,
          ipAddress: fc.ipV4()
        },
        { requiredKeys: ['subnet'] }
      )
    })
  },
  {
    kind: privateDnsZoneGroup,
    path: at.zoneGroupPath,
    spec: fc.record({
      zones: fc
        .uniqueArray(name, { minLength: 1, maxLength: 5 })
        .map(zones => zones.map(zone => resourceId(`${at.group}/providers/Microsoft.Network/privateDnsZones/${zone}.com`))),
      server: fc.constant(resourceId(at.server))
    })
  }
]

describe.each(cases)('$kind.name', ({ kind, path, spec }) => {
  test('a declared value comes back from the body it is written as, and differs from itself in nothing', () => {
    fc.assert(
      fc.property(spec, location, (entry, region) => {
        const props = at.desired(kind, path, entry, region)
        const back = kind.roundTrip(props) as Record<string, unknown>
        // A name that Azure alone writes, and answers later, is in no body of ours.
        const isAnswered = (field: string): boolean => kind.fields[field]?.internal === true && back[field] === undefined
        for (const [field, value] of Object.entries(props))
          if (value !== undefined && !isAnswered(field)) expect(back[field]).toEqual(value)
        expect(kind.diff(back, props)).toEqual([])
        expect(kind.diff(props, props)).toEqual([])
      }),
      { numRuns: 50, seed: 20261122 }
    )
  })

  test('has a rule for each field it compares', () => {
    const [entry] = fc.sample(spec, 1)
    expect(Object.keys(kind.fields).sort()).toEqual(Object.keys(at.desired(kind, path, entry)).sort())
  })
})

/** `live` against `declared`: one field that differs, and what that means. */
const differences: readonly [
  kind: Kind,
  path: string,
  live: unknown,
  declared: unknown,
  field: string,
  forces: string,
  from: unknown,
  to: unknown
][] = [
  [
    virtualNetwork,
    at.network,
    { addressSpace: ['10.0.0.0/16'] },
    { addressSpace: ['10.1.0.0/16', '10.0.0.0/16'] },
    'addressSpace',
    'update',
    ['10.0.0.0/16'],
    ['10.0.0.0/16', '10.1.0.0/16']
  ],
  [
    subnet,
    at.subnetPath,
    { addressPrefix: '10.0.0.0/24' },
    { addressPrefix: '10.0.1.0/24' },
    'addressPrefixes',
    'update',
    ['10.0.0.0/24'],
    ['10.0.1.0/24']
  ],
  [
    subnet,
    at.subnetPath,
    {},
    { delegation: 'Microsoft.DBforPostgreSQL/flexibleServers' },
    'delegation',
    'update',
    undefined,
    'Microsoft.DBforPostgreSQL/flexibleServers'
  ],
  [subnet, at.subnetPath, {}, { networkSecurityGroup: { id: '/NSG' } }, 'networkSecurityGroup', 'update', undefined, '/nsg'],
  [subnet, at.subnetPath, { routeTable: { id: '/a' } }, { routeTable: { id: '/b' } }, 'routeTable', 'update', '/a', '/b'],
  [
    subnet,
    at.subnetPath,
    {},
    { privateEndpointNetworkPolicies: 'Enabled' },
    'privateEndpointNetworkPolicies',
    'update',
    'Disabled',
    'Enabled'
  ],
  [managementLock, at.lockPath, { level: 'ReadOnly' }, { level: 'CanNotDelete' }, 'level', 'update', 'ReadOnly', 'CanNotDelete'],
  [managementLock, at.lockPath, { level: 'ReadOnly' }, { level: 'ReadOnly', notes: 'netops' }, 'notes', 'update', undefined, 'netops'],
  [managementLock, at.lockPath, { level: 'ReadOnly' }, { level: 'ReadOnly', owners: ['a'] }, 'owners', 'update', undefined, ['a']],
  [
    virtualNetworkLink,
    at.linkPath,
    { network: { id: '/other' } },
    { network: 'hub' },
    'network',
    'replace',
    '/other',
    resourceId(at.network)
  ],
  [virtualNetworkLink, at.linkPath, { network: 'hub' }, { network: 'hub', registration: true }, 'registration', 'update', false, true],
  [
    virtualNetworkLink,
    at.linkPath,
    { network: 'hub' },
    { network: 'hub', resolution: 'NxDomainRedirect' },
    'resolution',
    'update',
    undefined,
    'NxDomainRedirect'
  ],
  [
    privateDnsZoneGroup,
    at.zoneGroupPath,
    { zones: ['/a'], server: at.server },
    { zones: ['/b', '/a'], server: at.server },
    'zones',
    'replace',
    ['/a'],
    ['/a', '/b']
  ]
]

test.each(
  differences.map(([kind, path, live, declared, field, forces, from, to]) => ({ kind, path, live, declared, field, forces, from, to }))
)('$kind.name: another $field is $forces', ({ kind, path, live, declared, field, forces, from, to }) => {
  const changes = kind.diff(kind.roundTrip(at.desired(kind, path, live)), at.desired(kind, path, declared))
  expect(changes).toMatchObject([{ field, forces, to }])
  expect(changes[0]?.from).toEqual(from)
})

describe('a region', () => {
  test.each([resourceGroup, virtualNetwork])('on a $title is fixed, and the refusal says what to do', kind => {
    const [change] = kind.diff(at.desired(kind, at.network, {}, 'uksouth'), at.desired(kind, at.network, {}, 'eastus2'))
    expect(change).toMatchObject({ field: 'location', forces: 'fixed', from: 'uksouth', to: 'eastus2' })
    expect(change?.instead).toMatch(/declare/)
  })
})

describe('a private endpoint', () => {
  const entry = { subnet: 'hub/endpoints', approval: { manual: 'please' }, networkInterfaceName: 'nic', ipAddress: '10.0.0.4' }
  const spec = (changes: object = {}) => ({ server: resourceId(at.server), entry: { ...entry, ...changes } })
  const live = privateEndpoint.roundTrip(at.desired(privateEndpoint, at.endpointPath, spec()))
  const against = (declared: unknown, location?: string) =>
    privateEndpoint
      .diff(live, at.desired(privateEndpoint, at.endpointPath, declared, location))
      .map(({ field, forces }) => `${forces} ${field}`)

  test('is made again for nearly everything', () => {
    expect(against(spec(), 'uksouth')).toEqual(['replace location'])
    expect(against(spec({ subnet: { id: '/other' } }))).toEqual(['replace subnet'])
    expect(against({ ...spec(), server: resourceId('/other') })).toEqual(['replace target'])
    expect(against(spec({ approval: 'automatic' }))).toEqual(['replace manual'])
    expect(against(spec({ networkInterfaceName: 'other' }))).toEqual(['replace networkInterfaceName'])
    expect(against(spec({ ipAddress: '10.0.0.5' }))).toEqual(['replace ipAddress'])
    expect(against(spec({ approval: { manual: 'now' } }))).toEqual(['update requestMessage'])
  })

  test('is left alone in what the file does not say', () => {
    expect(against({ server: resourceId(at.server), entry: { subnet: 'hub/endpoints' } })).toEqual([])
    const silent = {
      ...(live as object),
      requestMessage: undefined,
      connectionName: 'chosen-in-the-portal',
      groupIds: ['PostgresqlServer']
    }
    expect(privateEndpoint.diff(silent, at.desired(privateEndpoint, at.endpointPath, spec()))).toEqual([])
  })

  test('that is Disconnected is made again, one that is Rejected is not', () => {
    const connection = (status: string) => ({
      subnet: { id: at.subnetPath },
      location: 'eastus2',
      privateLinkServiceConnections: [
        { name: 'c', privateLinkServiceId: at.server, groupIds: ['postgresqlServer'], privateLinkServiceConnectionState: { status } }
      ]
    })
    const declared = at.desired(privateEndpoint, at.endpointPath, { server: resourceId(at.server), entry: { subnet: 'hub/endpoints' } })
    const [change, ...others] = privateEndpoint.diff(privateEndpoint.fromArm(connection('Disconnected')), declared)
    expect(change).toMatchObject({ field: 'usable', forces: 'replace', from: false, to: true })
    expect(others).toEqual([])
    expect(privateEndpoint.diff(privateEndpoint.fromArm(connection('Rejected')), declared)).toEqual([])
  })
})
