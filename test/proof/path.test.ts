import { describe, expect, test } from 'vitest'
import type { EndpointProof } from '../../src/model/change.ts'
import { type ResourceId, resourceId } from '../../src/model/id.ts'
import { nothingRead, type PathsRead, recordIn } from '../../src/model/paths.ts'
import type { Facts, Found, Live, Resource } from '../../src/model/resource.ts'
import { type EndpointPath, type Hop, pathsOf } from '../../src/proof/path.ts'

// The reads, as data: what holds and what does not is from the issue of a reachable server, not from the model.
const net = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network'
const ids = {
  server: resourceId('/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg'),
  endpoint: resourceId(`${net}/privateEndpoints/pe`),
  group: resourceId(`${net}/privateEndpoints/pe/privateDnsZoneGroups/default`),
  zone: resourceId(`${net}/privateDnsZones/privatelink.postgres.database.azure.com`),
  link: resourceId(`${net}/privateDnsZones/privatelink.postgres.database.azure.com/virtualNetworkLinks/app`),
  network: resourceId(`${net}/virtualNetworks/app`),
  spoke: resourceId(`${net}/virtualNetworks/spoke`)
}
const record = recordIn(ids.zone, ids.server)

const resource = (kind: string, id: ResourceId, address: string, more: Partial<Resource> = {}): [ResourceId, Resource] => [
  id,
  {
    kind,
    id,
    path: id,
    address,
    props: {},
    tags: {},
    refs: [],
    reach: [],
    advice: [],
    gates: [],
    invokes: [],
    at: { file: 'topology.yaml', line: 1, column: 1 },
    managed: true,
    adopt: false,
    protect: false,
    restartAllowed: false,
    timeoutMs: undefined,
    ...more
  }
]

const found = (kind: string, id: ResourceId, facts: Facts = {}, more: object = {}): [ResourceId, Found] => [
  id,
  { kind, path: id, observed: { state: 'present', props: {}, tags: {}, refs: [], reach: [], facts, ...more } }
]

interface Estate {
  readonly live: Map<ResourceId, Found>
  readonly paths: {
    -readonly [Part in keyof PathsRead]: Map<ResourceId, PathsRead[Part] extends ReadonlyMap<ResourceId, infer Value> ? Value : never>
  }
  readonly declared: Map<ResourceId, Resource>
  proof: EndpointProof
}

/** Everything is as declared. */
const whole = (): Estate => ({
  declared: new Map([
    resource('flexibleServer', ids.server, 'servers/pg', { props: { publicAccess: false } }),
    resource('privateEndpoint', ids.endpoint, 'servers/pg/privateEndpoints/pe', {
      refs: [`${ids.network}/subnets/a` as ResourceId, ids.server]
    }),
    resource('privateDnsZoneGroup', ids.group, 'servers/pg/privateEndpoints/pe/privateDns', { refs: [ids.zone] }),
    resource('virtualNetworkLink', ids.link, 'privateDnsZones/link/links/app', { refs: [ids.network], props: { network: ids.network } })
  ]),
  live: new Map([
    found('flexibleServer', ids.server, { fqdn: 'pg.postgres.database.azure.com' }, { props: { publicAccess: false } }),
    found('privateEndpoint', ids.endpoint, { connection: { status: 'Approved', description: '' }, guid: 'g1' }),
    found('privateDnsZoneGroup', ids.group, { zones: [{ zone: ids.zone, addresses: ['10.0.0.4'] }] }),
    found('virtualNetworkLink', ids.link, {}, { refs: [ids.network] }),
    found('virtualNetwork', ids.network, { dnsServers: [] })
  ]),
  paths: {
    ...(Object.fromEntries(Object.keys(nothingRead).map(part => [part, new Map()])) as unknown as Estate['paths']),
    addresses: new Map([[ids.endpoint, ['10.0.0.4']]]),
    records: new Map([[record, { state: 'present' as const, addresses: ['10.0.0.4'], creator: { endpoint: 'pe', guid: 'g1' } }]]),
    connections: new Map([[ids.server, [{ from: ids.endpoint, status: 'Approved', description: '' }]]])
  },
  proof: {
    endpoint: ids.endpoint,
    path: ids.endpoint,
    address: 'servers/pg/privateEndpoints/pe',
    server: ids.server,
    dns: { zone: ids.zone, group: ids.group, managedBy: 'pglink' },
    managed: false,
    decided: false,
    timeoutMs: undefined
  }
})

function judged(change: (estate: Estate) => void): EndpointPath {
  const on = whole()
  change(on)
  const live: Pick<Live, 'resources' | 'paths'> = { resources: on.live, paths: on.paths }
  const [path] = pathsOf({ desired: on.declared, live, endpoints: [on.proof] })
  if (path === undefined) throw new Error('no path of a declared endpoint')
  return path
}

const short = ({ hops }: EndpointPath): string =>
  hops
    .filter(({ as }) => as !== 'holds')
    .map(({ hop, as }) => `${hop} ${as}`)
    .join(', ')

const hopOf = ({ hops }: EndpointPath, name: Hop['hop']): Hop | undefined => hops.find(({ hop }) => hop === name)

test('a path is whole when each of its hops holds, and says where it leads', () => {
  const path = judged(() => undefined)
  expect(path.hops.map(({ hop, as }) => `${hop} ${as}`)).toEqual([
    'connection holds',
    'zoneGroup holds',
    'record holds',
    'link holds',
    'publicAccess holds'
  ])
  expect(path).toMatchObject({
    as: 'whole',
    addresses: ['10.0.0.4'],
    fqdn: 'pg.postgres.database.azure.com',
    connection: 'Approved',
    notes: []
  })
})

const state = (status: string) => found('privateEndpoint', ids.endpoint, { connection: { status, description: '' } })
const leadsTo = (...addresses: string[]) => [record, { state: 'present' as const, addresses, creator: undefined }] as const

describe('a path that does not hold', () => {
  const rows: [string, (on: Estate) => void, EndpointPath['as'], string][] = [
    ['the endpoint is not there', on => on.live.delete(ids.endpoint), 'broken', 'connection broken'],
    ['it is rejected at its own end', on => on.live.set(...state('Rejected')), 'broken', 'connection broken'],
    ['it is Disconnected', on => on.live.set(...state('Disconnected')), 'broken', 'connection broken'],
    [
      'the server rejected it and it has not noticed',
      on => on.paths.connections.set(ids.server, [{ from: ids.endpoint, status: 'Rejected', description: '' }]),
      'broken',
      'connection broken'
    ],
    ['it is Pending', on => on.live.set(...state('Pending')), 'waiting', 'connection waiting, record waiting'],
    [
      'the server shows no connection of it yet',
      on => on.paths.connections.set(ids.server, []),
      'waiting',
      'connection waiting, record waiting'
    ],
    ['the connections of the server may not be read', on => on.paths.connections.clear(), 'unknown', 'connection unknown'],
    ['the zone group is gone', on => on.live.delete(ids.group), 'broken', 'zoneGroup broken'],
    [
      'the zone group is on another zone',
      on => on.live.set(...found('privateDnsZoneGroup', ids.group, { zones: [{ zone: ids.spoke, addresses: [] }] })),
      'broken',
      'zoneGroup broken'
    ],
    ['there is no record', on => on.paths.records.set(record, { state: 'absent' }), 'broken', 'record broken'],
    ['the record leads elsewhere', on => on.paths.records.set(...leadsTo('10.0.0.99')), 'broken', 'record broken'],
    ['the record has an address more', on => on.paths.records.set(...leadsTo('10.0.0.4', '10.0.0.99')), 'broken', 'record broken'],
    [
      'the record may not be read',
      on => on.paths.records.set(record, { state: 'unreadable', reason: 'no right' }),
      'unknown',
      'record unknown'
    ],
    ['the link is gone', on => on.live.delete(ids.link), 'broken', 'link broken'],
    [
      'the link joins another network',
      on => on.live.set(...found('virtualNetworkLink', ids.link, {}, { refs: [ids.spoke] })),
      'broken',
      'link broken'
    ],
    [
      'public access is on and declared off',
      on => on.live.set(...found('flexibleServer', ids.server, {}, { props: { publicAccess: true } })),
      'broken',
      'publicAccess broken'
    ]
  ]
  test.each(rows)('%s', (_name, change, as, hops) => {
    const path = judged(change)
    expect([path.as, short(path)]).toEqual([as, hops])
  })

  test('the order of several addresses is no difference', () => {
    const path = judged(on => {
      on.paths.addresses.set(ids.endpoint, ['10.0.0.4', '10.0.0.5'])
      on.paths.records.set(...leadsTo('10.0.0.5', '10.0.0.4'))
    })
    expect(path.as).toBe('whole')
  })

  test('a record that nobody may read is said as Azure wrote it', () => {
    const path = judged(on => on.paths.records.set(record, { state: 'unreadable', reason: 'no right' }))
    expect(hopOf(path, 'record')?.message).toContain('10.0.0.4 is what Azure said when it wrote it')
  })

  test('where the network interface may not be read, the address is the one that Azure wrote for the group', () => {
    const path = judged(on => on.paths.addresses.clear())
    expect([path.as, path.addresses]).toEqual(['whole', ['10.0.0.4']])
    expect(
      judged(on => {
        on.paths.addresses.clear()
        on.paths.records.set(...leadsTo('10.0.0.99'))
      }).as
    ).toBe('broken')
  })
})

describe('a zone group that a policy writes', () => {
  const byPolicy = (on: Estate): void => {
    on.declared.delete(ids.group)
    on.live.delete(ids.group)
    on.proof = { ...on.proof, dns: { zone: ids.zone, group: undefined, managedBy: 'policy' } }
  }
  test('is waited for while it is not there', () => {
    const path = judged(on => {
      byPolicy(on)
      on.paths.groups.set(ids.endpoint, [])
      on.paths.records.set(record, { state: 'absent' })
    })
    expect([path.as, short(path)]).toEqual(['waiting', 'zoneGroup waiting, record waiting'])
  })
  test('makes a path whole once it and its record are there', () => {
    expect(
      judged(on => {
        byPolicy(on)
        on.paths.groups.set(ids.endpoint, [ids.zone])
      }).as
    ).toBe('whole')
  })
  test('keeps a record that is not ours to write, which is said', () => {
    const path = judged(on => {
      byPolicy(on)
      on.paths.groups.set(ids.endpoint, [ids.zone])
      on.paths.records.set(...leadsTo('10.0.0.99'))
    })
    expect(path.as).toBe('broken')
    expect(hopOf(path, 'record')?.message).toContain('the policy writes that record, not pglink')
  })
})

describe('a note that is no fault', () => {
  const undeclared = (on: Estate): void => void on.declared.delete(ids.link)
  test('the network of the endpoint is not linked, and nothing declares that it is', () => {
    const path = judged(on => {
      undeclared(on)
      on.paths.linked.set(ids.zone, [ids.spoke])
    })
    expect(path.as).toBe('whole')
    expect(path.notes.join()).toMatch(/is not linked to app, the network of servers\/pg\/privateEndpoints\/pe/)
  })
  test('not where it is linked all the same, and not where nobody may look', () => {
    expect(
      judged(on => {
        undeclared(on)
        on.paths.linked.set(ids.zone, [ids.network])
      }).notes
    ).toEqual([])
    expect(judged(undeclared).notes).toEqual([])
  })
  test.each([
    ['of the file', (on: Estate) => void on.live.set(...found('virtualNetwork', ids.network, { dnsServers: ['10.9.9.9'] }))],
    [
      'of nobody’s file',
      (on: Estate) => {
        on.live.delete(ids.network)
        on.paths.networks.set(ids.network, { dnsServers: ['10.9.9.9'] })
      }
    ]
  ])('DNS servers of its own that a network %s has', (_name, change) => {
    const path = judged(change)
    expect(path.as).toBe('whole')
    expect(path.notes).toEqual([expect.stringMatching(/^app asks DNS servers of its own \(10\.9\.9\.9\): .* forward to 168\.63\.129\.16$/)])
  })
})

test('an endpoint without DNS has no zone group, record or link to look at', () => {
  const path = judged(on => {
    on.proof = { ...on.proof, dns: undefined }
    on.paths.records.clear()
  })
  expect([path.as, path.hops.map(({ hop }) => hop)]).toEqual(['whole', ['connection', 'publicAccess']])
})
