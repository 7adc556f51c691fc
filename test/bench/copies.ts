// Copies of examples/data-factory side by side, each with a group, a network and a factory of its own.
import type { JsonObject } from '../../src/sandbox/json.ts'

/** One file that has them all. @param locked the networks are there, see {@link lockedNetworks} */
export function copiesOf(count: number, locked = false): Readonly<Record<string, unknown>> {
  const copies = Array.from({ length: count }, (_, index) => copyOf(index, locked))
  const all = (name: 'networks' | 'servers' | 'dataFactories'): object => Object.assign({}, ...copies.map(copy => copy[name]))
  return {
    version: 1,
    name: 'copies',
    subscription,
    location,
    resourceGroup: 'rg-copies',
    networks: all('networks'),
    servers: all('servers'),
    dataFactories: all('dataFactories')
  }
}

/** Bodies of the networks by id, each with a ReadOnly lock on it that is in the way of the endpoint. */
export function lockedNetworks(count: number): Readonly<Record<string, JsonObject>> {
  const bodies = Array.from({ length: count }, (_, index) => {
    const group = `/subscriptions/${subscription}/resourceGroups/rg-copy-${index}`
    const network = `${group}/providers/Microsoft.Network/virtualNetworks/copy-net-${index}`
    const subnets = [{ name: 'endpoints', properties: { addressPrefix: rangeOf(index, '1.0/24') } }]
    const properties = { addressSpace: { addressPrefixes: [rangeOf(index, '0.0/16')] }, subnets }
    return [
      [group, { location }],
      [network, { location, properties }],
      [`${network}/providers/Microsoft.Authorization/locks/keep`, { properties: { level: 'ReadOnly', notes: 'of the network team' } }]
    ] as const
  })
  return Object.fromEntries(bodies.flat())
}

const subscription = '11111111-1111-4111-8111-111111111111'
const location = 'eastus2'
const rangeOf = (index: number, rest: string): string => `10.${index % 250}.${rest}`

const variable = (name: string): string => ['$', `{env:${name}}`].join('')

function copyOf(index: number, locked: boolean) {
  const resourceGroup = `rg-copy-${index}`
  const [server, factory, network] = [`copy-pg-${index}`, `copy-adf-${index}`, `copy-net-${index}`]
  const service = { type: 'AzurePostgreSql', server, database: 'sales', encryption: 'SSL', integrationRuntime: 'managed' }
  const password = { keyVault: { linkedService: 'kv_sales', secret: 'adf-reader' } }
  return {
    networks: {
      [network]: {
        resourceGroup,
        ...(locked
          ? { existing: true, subnets: { endpoints: { existing: true } } }
          : { addressSpace: [rangeOf(index, '0.0/16')], subnets: { endpoints: { addressPrefix: rangeOf(index, '1.0/24') } } })
      }
    },
    servers: {
      [server]: {
        resourceGroup,
        version: '16',
        compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
        storage: { sizeGiB: 64 },
        administrator: { login: 'sales_admin', password: variable('BENCH_PASSWORD') },
        networking: { publicAccess: { enabled: false } },
        databases: { sales: {} },
        privateEndpoints: { [`${server}-pe`]: { subnet: `${network}/endpoints`, privateDns: 'none', approval: 'automatic' } },
        connections: [{ from: `dataFactories/${factory}/managedPrivateEndpoints/to-sales`, decision: 'approve' }]
      }
    },
    dataFactories: {
      [factory]: {
        resourceGroup,
        managedVirtualNetwork: true,
        integrationRuntimes: {
          managed: {
            type: 'Azure',
            managedVirtualNetwork: true,
            dataFlow: { computeType: 'General', coreCount: 8, timeToLiveMinutes: 10 }
          },
          onprem: { type: 'SelfHosted' }
        },
        managedPrivateEndpoints: { 'to-sales': { server } },
        linkedServices: {
          kv_sales: { type: 'AzureKeyVault', baseUrl: 'https://kv-sales.vault.azure.net' },
          sales_pg: { ...service, username: 'adf_reader', password, testConnection: true },
          sales_pg_direct: { ...service, username: 'adf_writer', password: variable('BENCH_PASSWORD') }
        }
      }
    }
  }
}
