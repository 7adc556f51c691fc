import fc from 'fast-check'
import { Secret } from '../../src/model/secret.ts'
import type { DataFactory, PrivateEndpoint, Server, Topology } from '../../src/model/topology.generated.ts'
import { subscription } from './estate.ts'

const password = new Secret('SIM_PASSWORD', 'Simulated-1')
const zoneName = 'privatelink.postgres.database.azure.com'

/** How far along: what Azure only ever lets grow is larger in the second topology of a pair. */
export type Stage = 1 | 2

interface EndpointChoice {
  readonly subnet: string
  readonly zone: boolean
  readonly manual: boolean
  readonly decision: boolean
}

const endpointChoice: fc.Arbitrary<EndpointChoice> = fc.record({
  subnet: fc.constantFrom('a', 'b'),
  zone: fc.boolean(),
  manual: fc.boolean(),
  decision: fc.boolean()
})

const serverChoice = (stage: Stage) =>
  fc.record({
    version: stage === 1 ? fc.constant('16' as const) : fc.constantFrom('16' as const, '17' as const),
    sizeGiB: stage === 1 ? fc.constant(128) : fc.constantFrom(128, 256),
    retentionDays: fc.constantFrom(7, 14),
    enabled: fc.boolean(),
    rules: fc.subarray(['office', 'home']),
    end: fc.constantFrom('203.0.113.9', '203.0.113.20'),
    databases: fc.subarray(['orders', 'ledger']),
    parameters: fc.subarray(['log_checkpoints', 'jit']),
    value: fc.constantFrom('on', 'off'),
    window: fc.option(fc.constantFrom('Sunday' as const, 'Monday' as const), { nil: undefined }),
    endpoint: fc.option(endpointChoice, { nil: undefined })
  })

type ServerChoice = ReturnType<typeof serverChoice> extends fc.Arbitrary<infer T> ? T : never

const factoryChoice = fc.record({
  runtimes: fc.subarray(['managed', 'onprem']),
  to: fc.subarray(['pg1', 'pg2']),
  vault: fc.boolean(),
  minutes: fc.constantFrom(5, 10)
})

type FactoryChoice = typeof factoryChoice extends fc.Arbitrary<infer T> ? T : never

/** Any small topology that the rules allow. */
export const topologies = (stage: Stage): fc.Arbitrary<Topology> =>
  fc
    .record({
      space: fc.constantFrom(['10.0.0.0/16'], ['10.0.0.0/16', '10.1.0.0/16']),
      policies: fc.constantFrom('Disabled' as const, 'Enabled' as const),
      linked: fc.boolean(),
      keep: fc.option(fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const), { nil: undefined }),
      pg1: fc.option(serverChoice(stage), { nil: undefined }),
      pg2: fc.option(serverChoice(stage), { nil: undefined }),
      factory: fc.option(factoryChoice, { nil: undefined })
    })
    .map(({ space, policies, linked, keep, pg1, pg2, factory }) => {
      const servers = { ...(pg1 && { pg1: server('pg1', pg1, factory) }), ...(pg2 && { pg2: server('pg2', pg2, factory) }) }
      return {
        version: 1,
        name: 'sim',
        subscription,
        location: 'westeurope',
        resourceGroup: 'rg-sim',
        networks: {
          hub: {
            addressSpace: space,
            subnets: { a: { addressPrefix: '10.0.1.0/24', privateEndpointNetworkPolicies: policies }, b: { addressPrefix: '10.0.2.0/24' } },
            ...(keep && { locks: { declared: { level: keep, notes: 'in the file' } } })
          }
        },
        privateDnsZones: { link: { name: zoneName, ...(linked && { links: { hub: {} } }) } },
        servers,
        ...(factory && { dataFactories: { adf: dataFactory(factory, Object.keys(servers)) } })
      }
    })

function server(name: string, choice: ServerChoice, factory: FactoryChoice | undefined): Server {
  const { endpoint } = choice
  const own =
    endpoint && (endpoint.manual || endpoint.decision)
      ? [{ from: `servers/${name}/privateEndpoints/${name}-pe`, decision: 'approve' as const }]
      : []
  const managed = factory?.to.includes(name)
    ? [{ from: `dataFactories/adf/managedPrivateEndpoints/to-${name}`, decision: 'approve' as const, response: 'yes' }]
    : []
  return {
    version: choice.version,
    restart: 'allowed',
    compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
    storage: { sizeGiB: choice.sizeGiB },
    administrator: { login: 'sim_admin', password },
    backup: { retentionDays: choice.retentionDays },
    networking: {
      publicAccess: {
        enabled: choice.enabled,
        firewallRules: Object.fromEntries(choice.rules.map(rule => [rule, { start: '203.0.113.1', end: choice.end }]))
      }
    },
    databases: Object.fromEntries(choice.databases.map(database => [database, {}])),
    parameters: Object.fromEntries(choice.parameters.map(parameter => [parameter, choice.value])),
    ...(choice.window && { maintenanceWindow: { day: choice.window, hour: 2, minute: 30 } }),
    ...(endpoint && { privateEndpoints: { [`${name}-pe`]: privateEndpoint(endpoint) } }),
    connections: [...own, ...managed]
  }
}

const privateEndpoint = ({ subnet, zone, manual }: EndpointChoice): PrivateEndpoint => ({
  subnet: `hub/${subnet}`,
  privateDns: zone ? { zone: 'link' } : 'none',
  approval: manual ? { manual: 'please' } : 'automatic'
})

function dataFactory({ runtimes, to, vault, minutes }: FactoryChoice, servers: readonly string[]): DataFactory {
  const targets = to.filter(name => servers.includes(name))
  return {
    managedVirtualNetwork: true,
    integrationRuntimes: {
      ...(runtimes.includes('managed') && {
        managed: { type: 'Azure' as const, managedVirtualNetwork: true, dataFlow: { timeToLiveMinutes: minutes } }
      }),
      ...(runtimes.includes('onprem') && { onprem: { type: 'SelfHosted' as const } })
    },
    managedPrivateEndpoints: Object.fromEntries(targets.map(name => [`to-${name}`, { server: name }])),
    linkedServices: {
      ...(vault && { kv: { type: 'AzureKeyVault' as const, baseUrl: 'https://kv-sim.vault.azure.net' } }),
      ...(runtimes.includes('managed') &&
        Object.fromEntries(
          targets.map(name => [
            `ls_${name}`,
            {
              type: 'AzurePostgreSql' as const,
              server: name,
              database: 'orders',
              username: 'reader',
              password,
              integrationRuntime: 'managed'
            }
          ])
        ))
    }
  }
}

const group = `/subscriptions/${subscription}/resourceGroups/rg-sim`
const providers = `${group}/providers`

/** Where somebody may have put a lock on what topologies of the above make. */
const lockableScopes: readonly string[] = [
  group,
  `${providers}/Microsoft.Network/virtualNetworks/hub`,
  `${providers}/Microsoft.Network/virtualNetworks/hub/subnets/a`,
  `${providers}/Microsoft.Network/privateDnsZones/${zoneName}`,
  `${providers}/Microsoft.Network/privateEndpoints/pg1-pe`,
  `${providers}/Microsoft.DBforPostgreSQL/flexibleServers/pg1`,
  `${providers}/Microsoft.DBforPostgreSQL/flexibleServers/pg2`,
  `${providers}/Microsoft.DataFactory/factories/adf`
]

export interface ForeignLock {
  readonly scope: string
  readonly level: 'CanNotDelete' | 'ReadOnly'
}

export const foreignLocks: fc.Arbitrary<ForeignLock[]> = fc.uniqueArray(
  fc.record({ scope: fc.constantFrom(...lockableScopes), level: fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const) }),
  { selector: ({ scope }) => scope, maxLength: 4 }
)
