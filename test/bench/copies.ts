// Copies of examples/data-factory side by side, each with a group, a network and a factory of its own.

/** One file that has them all. */
export function copiesOf(count: number): Readonly<Record<string, unknown>> {
  const copies = Array.from({ length: count }, (_, index) => copyOf(index))
  const all = (name: 'networks' | 'servers' | 'dataFactories'): object => Object.assign({}, ...copies.map(copy => copy[name]))
  return {
    version: 1,
    name: 'copies',
    subscription: '11111111-1111-4111-8111-111111111111',
    location: 'eastus2',
    resourceGroup: 'rg-copies',
    networks: all('networks'),
    servers: all('servers'),
    dataFactories: all('dataFactories')
  }
}

const variable = (name: string): string => ['$', `{env:${name}}`].join('')

function copyOf(index: number) {
  const resourceGroup = `rg-copy-${index}`
  const [server, factory, network] = [`copy-pg-${index}`, `copy-adf-${index}`, `copy-net-${index}`]
  const service = { type: 'AzurePostgreSql', server, database: 'sales', encryption: 'SSL', integrationRuntime: 'managed' }
  const password = { keyVault: { linkedService: 'kv_sales', secret: 'adf-reader' } }
  return {
    networks: {
      [network]: {
        resourceGroup,
        addressSpace: [`10.${index % 250}.0.0/16`],
        subnets: { endpoints: { addressPrefix: `10.${index % 250}.1.0/24` } }
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
