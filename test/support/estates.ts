import fc from 'fast-check'
import { subscription } from './estate.ts'

/*
 * Whole estates as somebody would write them, with more in them than the topologies of the other simulations: several networks, zones of one name
 * in several groups, hub and spoke, two endpoints to a server, approvals that nobody has given, policies that have not come.
 */

type Entry = Readonly<Record<string, unknown>>

/** A file, the one that follows it, and what is there that neither declares. */
export interface DrawnEstate {
  readonly first: Entry
  readonly second: Entry
  readonly locks: readonly { readonly scope: string; readonly level: 'CanNotDelete' | 'ReadOnly' }[]
  readonly prune: boolean
}

const zoneName = 'privatelink.postgres.database.azure.com'

interface EndpointChoice {
  readonly network: 'hub' | 'spoke'
  readonly subnet: 'a' | 'b'
  readonly dns: 'none' | 'zone' | 'policy'
  readonly approval: 'automatic' | 'decided' | 'open'
  readonly address: boolean
}

const endpointChoice: fc.Arbitrary<EndpointChoice> = fc.record({
  network: fc.constantFrom('hub' as const, 'hub' as const, 'spoke' as const),
  subnet: fc.constantFrom('a' as const, 'b' as const),
  dns: fc.oneof(
    { arbitrary: fc.constant('zone' as const), weight: 6 },
    { arbitrary: fc.constant('none' as const), weight: 2 },
    { arbitrary: fc.constant('policy' as const), weight: 1 }
  ),
  approval: fc.oneof(
    { arbitrary: fc.constant('automatic' as const), weight: 5 },
    { arbitrary: fc.constant('decided' as const), weight: 2 },
    { arbitrary: fc.constant('open' as const), weight: 1 }
  ),
  address: fc.boolean()
})

const serverChoice = fc.record({
  // A choice that Azure only ever lets grow is drawn once for both files.
  integrated: fc.oneof({ arbitrary: fc.constant(false), weight: 5 }, { arbitrary: fc.constant(true), weight: 1 }),
  restart: fc.oneof({ arbitrary: fc.constant(true), weight: 5 }, { arbitrary: fc.constant(false), weight: 1 })
})

const stageChoice = fc.record({
  there: fc.oneof({ arbitrary: fc.constant(true), weight: 5 }, { arbitrary: fc.constant(false), weight: 1 }),
  open: fc.boolean(),
  rules: fc.subarray(['office', 'home']),
  databases: fc.subarray(['orders', 'ledger']),
  parameters: fc.subarray(['log_checkpoints', 'max_connections']),
  value: fc.constantFrom(200, 300),
  sizeGiB: fc.constantFrom(128, 256),
  retentionDays: fc.constantFrom(7, 14),
  tags: fc.boolean(),
  main: fc.option(endpointChoice, { nil: undefined, freq: 4 }),
  other: fc.option(endpointChoice, { nil: undefined, freq: 1 })
})

const networkChoice = fc.record({
  wide: fc.boolean(),
  linked: fc.subarray(['hub', 'spoke']),
  linkedSpoke: fc.boolean(),
  keep: fc.option(fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const), { nil: undefined, freq: 1 })
})

const factoryChoice = fc.record({
  managed: fc.boolean(),
  to: fc.subarray(['pg1', 'pg2']),
  decided: fc.boolean(),
  service: fc.boolean(),
  username: fc.constantFrom('reader', 'writer')
})

type Stage = typeof stageChoice extends fc.Arbitrary<infer T> ? T : never
type Common = typeof serverChoice extends fc.Arbitrary<infer T> ? T : never
type Networks = typeof networkChoice extends fc.Arbitrary<infer T> ? T : never
type Factory = typeof factoryChoice extends fc.Arbitrary<infer T> ? T : never

interface Drawn {
  readonly networks: Networks
  readonly pg1: Stage
  readonly pg2: Stage
  readonly factory: Factory | undefined
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  networks: networkChoice,
  pg1: stageChoice,
  pg2: stageChoice,
  factory: fc.option(factoryChoice, { nil: undefined, freq: 1 })
})

function topology({ networks, pg1, pg2, factory }: Drawn, common: Readonly<Record<'pg1' | 'pg2', Common>>): Entry {
  const servers = {
    ...(pg1.there && { pg1: server('pg1', pg1, common.pg1, factory) }),
    ...(pg2.there && { pg2: server('pg2', pg2, common.pg2, factory) })
  }
  const integrated = Object.entries(common).some(([name, { integrated: yes }]) => yes && name in servers)
  return {
    version: 1,
    name: 'sim',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a file says
    subscription: '${env:AZURE_SUBSCRIPTION_ID}',
    location: 'westeurope',
    resourceGroup: 'rg-sim',
    networks: {
      hub: {
        addressSpace: networks.wide ? ['10.0.0.0/16', '10.1.0.0/16'] : ['10.0.0.0/16'],
        subnets: {
          a: { addressPrefix: '10.0.1.0/24' },
          b: { addressPrefix: '10.0.2.0/24' },
          ...(integrated && { injected: { addressPrefix: '10.0.3.0/26', delegation: 'Microsoft.DBforPostgreSQL/flexibleServers' } })
        },
        ...(networks.keep && { locks: { declared: { level: networks.keep, notes: 'in the file' } } })
      },
      spoke: { addressSpace: ['10.8.0.0/16'], subnets: { a: { addressPrefix: '10.8.1.0/24' }, b: { addressPrefix: '10.8.2.0/24' } } }
    },
    privateDnsZones: {
      link: { name: zoneName, links: Object.fromEntries(networks.linked.map(name => [name, {}])) },
      ...(integrated && { own: { name: 'sim.private.postgres.database.azure.com', links: { hub: {} } } })
    },
    servers,
    ...(factory && { dataFactories: { adf: dataFactory(factory, Object.keys(servers)) } })
  }
}

function server(name: string, stage: Stage, { integrated, restart }: Common, factory: Factory | undefined): Entry {
  const own = Object.entries(integrated ? {} : { main: stage.main, other: stage.other }).flatMap(([key, choice]) =>
    choice === undefined ? [] : [[`${name}-${key}`, choice] as const]
  )
  // A zone holds one record for a server: the second endpoint does without.
  const endpoints = own.map(
    ([key, choice], index) => [key, index > 0 && own[0]?.[1].dns !== 'none' ? { ...choice, dns: 'none' } : choice] as const
  )
  const decisions = endpoints.flatMap(([key, { approval }]) =>
    approval === 'decided' ? [{ from: `servers/${name}/privateEndpoints/${key}`, decision: 'approve' }] : []
  )
  const managed =
    factory?.managed && factory.decided && factory.to.includes(name)
      ? [{ from: `dataFactories/adf/managedPrivateEndpoints/to-${name}`, decision: 'approve', response: 'yes' }]
      : []
  return {
    version: '16',
    compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
    storage: { sizeGiB: stage.sizeGiB },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a file says
    administrator: { login: 'sim_admin', password: '${env:PG_PASSWORD}', passwordVersion: 1 },
    backup: { retentionDays: stage.retentionDays },
    ...(stage.tags && { tags: { team: 'payments' } }),
    ...(restart && { restart: 'allowed' }),
    networking: integrated
      ? { virtualNetwork: { subnet: 'hub/injected', privateDnsZone: 'own' } }
      : {
          publicAccess: {
            enabled: stage.open,
            ...(stage.open && {
              firewallRules: Object.fromEntries(stage.rules.map(rule => [rule, { start: '203.0.113.1', end: '203.0.113.9' }]))
            })
          }
        },
    databases: Object.fromEntries(stage.databases.map(database => [database, {}])),
    parameters: Object.fromEntries(stage.parameters.map(parameter => [parameter, parameter === 'max_connections' ? stage.value : 'on'])),
    ...(endpoints.length > 0 && {
      privateEndpoints: Object.fromEntries(endpoints.map(([key, choice], index) => [key, endpoint(choice, index, name)]))
    }),
    ...(decisions.length + managed.length > 0 && { connections: [...decisions, ...managed] })
  }
}

const endpoint = (
  { network, subnet, dns, approval, address }: Omit<EndpointChoice, 'dns'> & { readonly dns: string },
  index: number,
  name: string
): Entry => ({
  subnet: `${network}/${subnet}`,
  privateDns: dns === 'none' ? 'none' : { zone: 'link', ...(dns === 'policy' && { managedBy: 'policy' }) },
  approval: approval === 'automatic' ? 'automatic' : { manual: 'please' },
  ...(address && { ipAddress: `10.${network === 'hub' ? 0 : 8}.${subnet === 'a' ? 1 : 2}.${(name === 'pg1' ? 40 : 60) + index}` })
})

function dataFactory({ managed, to, service, username }: Factory, servers: readonly string[]): Entry {
  const targets = managed ? to.filter(name => servers.includes(name)) : []
  return {
    ...(managed && { managedVirtualNetwork: true }),
    integrationRuntimes: { azure: { type: 'Azure', ...(managed && { managedVirtualNetwork: true }) } },
    managedPrivateEndpoints: Object.fromEntries(targets.map(name => [`to-${name}`, { server: name }])),
    linkedServices: Object.fromEntries(
      (service ? (managed ? targets : servers) : []).map(name => [
        `ls_${name}`,
        {
          type: 'AzurePostgreSql',
          server: name,
          database: 'orders',
          username,
          // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a file says
          password: '${env:ADF_PASSWORD}',
          integrationRuntime: 'azure'
        }
      ])
    )
  }
}

const group = `/subscriptions/${subscription}/resourceGroups/rg-sim`
const scopes = [
  group,
  `${group}/providers/Microsoft.Network/virtualNetworks/hub`,
  `${group}/providers/Microsoft.Network/virtualNetworks/hub/subnets/a`,
  `${group}/providers/Microsoft.Network/virtualNetworks/spoke`,
  `${group}/providers/Microsoft.Network/privateDnsZones/${zoneName}`,
  `${group}/providers/Microsoft.Network/privateEndpoints/pg1-main`,
  `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg1`,
  `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg2`,
  `${group}/providers/Microsoft.DataFactory/factories/adf`
]

export const estates: fc.Arbitrary<DrawnEstate> = fc
  .record({
    common: fc.record({ pg1: serverChoice, pg2: serverChoice }),
    one: drawn,
    two: drawn,
    locks: fc.uniqueArray(
      fc.record({ scope: fc.constantFrom(...scopes), level: fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const) }),
      { selector: ({ scope }) => scope, maxLength: 3 }
    ),
    prune: fc.boolean()
  })
  .map(({ common, one, two, locks, prune }) => ({ first: topology(one, common), second: topology(grown(one, two), common), locks, prune }))

/** A disk never shrinks, and a factory's managed network never goes: else the plan only refuses. */
const grown = (one: Drawn, two: Drawn): Drawn => ({
  ...two,
  pg1: { ...two.pg1, sizeGiB: Math.max(one.pg1.sizeGiB, two.pg1.sizeGiB) as 128 | 256 },
  pg2: { ...two.pg2, sizeGiB: Math.max(one.pg2.sizeGiB, two.pg2.sizeGiB) as 128 | 256 },
  factory: two.factory && { ...two.factory, managed: two.factory.managed || one.factory?.managed === true }
})
