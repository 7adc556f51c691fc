import { expect, test } from 'vitest'
import { subscription } from '../support/estate.ts'
import { cameOf } from './estates.ts'

/* A company: 60 servers with an endpoint each, 12 networks, 8 factories with a managed endpoint and a linked service, none of it with our tag. */

const group = `/subscriptions/${subscription}/resourceGroups/rg-all`
const networks = `${group}/providers/Microsoft.Network/virtualNetworks`
const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const serverAt = (index: number): string => `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-${index}`
const endpointAt = (index: number): string => `${group}/providers/Microsoft.Network/privateEndpoints/pe-${index}`

const each = <T>(count: number, make: (index: number) => Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.assign({}, ...Array.from({ length: count }, (_, index) => make(index)))

const network = (index: number) => ({
  [`${networks}/vnet-${index}`]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: [`10.${index}.0.0/16`] } } },
  [`${networks}/vnet-${index}/subnets/snet-pe`]: { properties: { addressPrefix: `10.${index}.1.0/24` } },
  [`${zone}/virtualNetworkLinks/link-${index}`]: {
    location: 'global',
    properties: { registrationEnabled: false, virtualNetwork: { id: `${networks}/vnet-${index}` } }
  }
})

const server = (index: number) => ({
  [serverAt(index)]: {
    location: 'West Europe',
    tags: { env: index % 2 === 0 ? 'prod' : 'test' },
    sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
    properties: {
      version: '16',
      administratorLogin: 'company_admin',
      storage: { storageSizeGB: 128 },
      network: { publicNetworkAccess: 'Disabled' }
    }
  },
  [`${serverAt(index)}/databases/app`]: { properties: { charset: 'UTF8', collation: 'en_US.utf8' } },
  [endpointAt(index)]: {
    location: 'westeurope',
    properties: {
      privateLinkServiceConnections: [{ name: 'c', properties: { privateLinkServiceId: serverAt(index), groupIds: ['postgresqlServer'] } }],
      subnet: { id: `${networks}/vnet-${index % 12}/subnets/snet-pe` }
    }
  },
  [`${endpointAt(index)}/privateDnsZoneGroups/default`]: {
    properties: { privateDnsZoneConfigs: [{ name: 'z', properties: { privateDnsZoneId: zone } }] }
  }
})

const factory = (index: number) => {
  const at = `${group}/providers/Microsoft.DataFactory/factories/adf-${index}`
  return {
    [at]: { location: 'westeurope', properties: {} },
    [`${at}/integrationRuntimes/onprem`]: { properties: { type: 'SelfHosted' } },
    [`${at}/linkedservices/pg`]: {
      properties: {
        type: 'AzurePostgreSql',
        version: '2.0',
        connectVia: { referenceName: 'onprem', type: 'IntegrationRuntimeReference' },
        typeProperties: {
          server: `pg-${index}.postgres.database.azure.com`,
          port: 5432,
          database: 'app',
          username: 'reader',
          sslMode: 3,
          password: { type: 'SecureString', value: '**********' }
        }
      }
    }
  }
}

test('a company with 60 servers imports in fewer than 40 lines a server, to a file without changes', async () => {
  const seed = {
    [group]: { location: 'westeurope' },
    [zone]: { location: 'global' },
    ...each(12, network),
    ...each(60, server),
    ...each(8, factory)
  }
  const came = await cameOf({
    name: 'company',
    files: { 'seed.json': JSON.stringify(seed) },
    topologies: [],
    asked: ['--resource-group', group, '--topology-name', 'company'],
    secrets: {}
  })
  expect([came.imported.code, came.imported.stderr]).toEqual([0, ''])
  const lines = came.text.split('\n').length
  console.log(`${lines} lines, ${(lines / 60).toFixed(1)} a server, ${came.byId} of ${came.entries} entries by their id`)
  expect(lines / 60).toBeLessThan(40)
  expect(came.byId).toBe(0)
  expect(came.planned.stdout).toMatch(/^No changes\./m)
  expect(came.again.stdout).toBe(came.text)
  expect(came.text).not.toContain('***')
}, 120_000)
