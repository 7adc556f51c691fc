// Estates of any size: as files have them, and as bodies that a sandbox takes for an estate that has been there for long.

const subscription = '11111111-1111-4111-8111-111111111111'
const location = 'westeurope'
const zoneName = 'privatelink.postgres.database.azure.com'

/** The most servers of one file, whose network has a /22 for their endpoints. */
const serversInFile = 1_000

export interface FleetSize {
  readonly servers: number
  /** Networks of each file, among which its endpoints are spread; one unless said otherwise. */
  readonly networks?: number
  /** Firewall rules and databases of each server. */
  readonly firewallRules?: number
  readonly databases?: number
  /** Data factories of each file, and managed private endpoints of all of them together. */
  readonly factories?: number
  readonly managedEndpoints?: number
}

type Members = Readonly<Record<string, unknown>>

export interface Fleet {
  /** One a file. */
  readonly topologies: readonly (Members & { readonly name: string })[]
  /** By id. */
  readonly bodies: Readonly<Record<string, Members>>
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)
const named = <T>(items: readonly number[], entry: (index: number) => readonly [string, T]): Readonly<Record<string, T>> =>
  Object.fromEntries(items.map(entry))

/**
 * Servers with a private endpoint and a zone group each; the managed private endpoints wait for whoever owns the servers. Each file of a
 * large fleet has a group, a zone and networks of its own.
 */
export function fleetOf(size: FleetSize): Fleet {
  const files = upTo(Math.ceil(size.servers / serversInFile))
  const parts = files.map(file => {
    const first = file * serversInFile
    const own = { ...size, servers: Math.min(serversInFile, size.servers - first) }
    return { topology: topologyOf(file, first, own), bodies: bodiesOf(file, first, own) }
  })
  return { topologies: parts.map(({ topology }) => topology), bodies: Object.assign({}, ...parts.map(({ bodies }) => bodies)) }
}

const networkName = (index: number): string => `hub-${index}`
const serverName = (index: number): string => `fleet-pg-${index}`
const endpointName = (index: number): string => `fleet-pe-${index}`
const addressSpace = (file: number, network: number): string => `10.${file}.${network * 4}.0/22`

function topologyOf(file: number, first: number, size: FleetSize) {
  const { servers, networks = 1, firewallRules = 0, databases = 0, factories = 0, managedEndpoints = 0 } = size
  const perFactory = Math.ceil(managedEndpoints / Math.max(1, factories))
  const server = (index: number) => ({
    version: '17',
    compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
    storage: { sizeGiB: 128 },
    administrator: { login: 'fleet_admin', password: ['$', '{env:BENCH_PASSWORD}'].join('') },
    networking: {
      publicAccess: {
        enabled: firewallRules > 0,
        ...(firewallRules > 0 && { firewallRules: named(upTo(firewallRules), rule => [`rule-${rule}`, rangeOf(rule)]) })
      }
    },
    ...(databases > 0 && { databases: named(upTo(databases), database => [`db-${database}`, {}]) }),
    privateEndpoints: {
      [endpointName(index)]: {
        subnet: `${networkName(index % networks)}/endpoints`,
        privateDns: { zone: 'link' },
        approval: 'automatic'
      }
    }
  })
  return {
    version: 1,
    name: `fleet-${file}`,
    subscription,
    location,
    resourceGroup: `rg-fleet-${file}`,
    networks: named(upTo(networks), network => [
      networkName(network),
      { addressSpace: [addressSpace(file, network)], subnets: { endpoints: { addressPrefix: addressSpace(file, network) } } }
    ]),
    privateDnsZones: {
      link: { name: zoneName, links: named(upTo(networks), network => [networkName(network), {}]) }
    },
    servers: named(upTo(servers), index => [serverName(first + index), server(first + index)]),
    ...(factories > 0 && {
      dataFactories: named(upTo(factories), factory => [
        factoryName(file, factory),
        {
          managedVirtualNetwork: true,
          managedPrivateEndpoints: named(ofFactory(factory, perFactory, managedEndpoints), index => [
            `to-${first + index}`,
            { server: serverName(first + index) }
          ])
        }
      ])
    })
  }
}

const rangeOf = (rule: number) => ({ start: `203.0.113.${rule * 2 + 1}`, end: `203.0.113.${rule * 2 + 2}` })
const factoryName = (file: number, factory: number): string => `fleet-adf-${file}-${factory}`
const ofFactory = (factory: number, perFactory: number, all: number): readonly number[] =>
  upTo(perFactory).flatMap(index => (factory * perFactory + index < all ? [factory * perFactory + index] : []))

function bodiesOf(file: number, first: number, size: FleetSize): Record<string, Members> {
  const { servers, networks = 1, factories = 0, managedEndpoints = 0 } = size
  const tags = { 'pglink-topology': `fleet-${file}` }
  const group = `/subscriptions/${subscription}/resourceGroups/rg-fleet-${file}`
  const zone = `${group}/providers/Microsoft.Network/privateDnsZones/${zoneName}`
  const network = (index: number): string => `${group}/providers/Microsoft.Network/virtualNetworks/${networkName(index)}`
  const ofNetwork = (index: number): readonly (readonly [string, Members])[] => {
    const subnets = [{ name: 'endpoints', properties: { addressPrefix: addressSpace(file, index) } }]
    const properties = { addressSpace: { addressPrefixes: [addressSpace(file, index)] }, subnets }
    const link = { registrationEnabled: false, virtualNetwork: { id: network(index) } }
    return [
      [network(index), { location, tags, properties }],
      [`${zone}/virtualNetworkLinks/${networkName(index)}`, { location: 'global', tags, properties: link }]
    ]
  }
  return {
    [group]: { location, tags },
    [zone]: { location: 'global', tags, properties: {} },
    ...Object.fromEntries(upTo(networks).flatMap(ofNetwork)),
    ...Object.fromEntries(
      upTo(servers).flatMap(index => ofServer(first + index, { group, zone, tags, network: network((first + index) % networks), size }))
    ),
    ...Object.fromEntries(
      upTo(factories).flatMap(factory =>
        ofDataFactory(
          `${group}/providers/Microsoft.DataFactory/factories/${factoryName(file, factory)}`,
          ofFactory(factory, Math.ceil(managedEndpoints / Math.max(1, factories)), managedEndpoints).map(index => first + index),
          { group, tags }
        )
      )
    )
  }
}

interface Around {
  readonly group: string
  readonly zone: string
  readonly tags: Readonly<Record<string, string>>
  readonly network: string
  readonly size: FleetSize
}

const serverId = (group: string, index: number): string =>
  `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${serverName(index)}`

function ofServer(index: number, { group, zone, tags, network, size }: Around): readonly (readonly [string, Members])[] {
  const { firewallRules = 0, databases = 0 } = size
  const server = serverId(group, index)
  const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/${endpointName(index)}`
  const connection = { name: endpointName(index), properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }
  const properties = {
    version: '17',
    administratorLogin: 'fleet_admin',
    administratorLoginPassword: 'Bench-only-1',
    storage: { storageSizeGB: 128 },
    network: { publicNetworkAccess: firewallRules > 0 ? 'Enabled' : 'Disabled' },
    createMode: 'Create'
  }
  const rules = upTo(firewallRules).map(rule => {
    const { start, end } = rangeOf(rule)
    return [`${server}/firewallRules/rule-${rule}`, { properties: { startIpAddress: start, endIpAddress: end } }] as const
  })
  const config = { name: 'link', properties: { privateDnsZoneId: zone } }
  return [
    [server, { location, tags, sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }, properties }],
    ...rules,
    ...upTo(databases).map(database => [`${server}/databases/db-${database}`, { properties: {} }] as const),
    [
      endpoint,
      { location, tags, properties: { subnet: { id: `${network}/subnets/endpoints` }, privateLinkServiceConnections: [connection] } }
    ],
    [`${endpoint}/privateDnsZoneGroups/default`, { properties: { privateDnsZoneConfigs: [config] } }]
  ]
}

function ofDataFactory(
  factory: string,
  targets: readonly number[],
  { group, tags }: Pick<Around, 'group' | 'tags'>
): readonly (readonly [string, Members])[] {
  const network = `${factory}/managedVirtualNetworks/default`
  return [
    [factory, { location, tags, identity: { type: 'SystemAssigned' }, properties: {} }],
    [network, { properties: {} }],
    ...targets.map(
      index =>
        [
          `${network}/managedPrivateEndpoints/to-${index}`,
          { properties: { privateLinkResourceId: serverId(group, index), groupId: 'postgresqlServer' } }
        ] as const
    )
  ]
}
