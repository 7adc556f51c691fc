import { expect, test } from 'vitest'
import type { Topology } from '../../src/model/topology.generated.ts'
import { estate, failures, reconcile, subscription } from '../support/estate.ts'

const group = `/subscriptions/${subscription}/resourceGroups/RG-Shop`
const net = `${group}/providers/Microsoft.Network`
const others = `/subscriptions/${subscription}/resourceGroups/RG-Net`
const guarded = {
  networkSecurityGroup: `${others}/providers/Microsoft.Network/networkSecurityGroups/NSG-Shop`,
  routeTable: `${others}/providers/Microsoft.Network/routeTables/RT-Shop`
}

/** Every kind whose body names another resource by its id, each with capitals in it. */
const shop: Topology = {
  version: 1,
  name: 'shop',
  location: 'eastus2',
  resourceGroup: { name: 'RG-Shop' },
  networks: {
    hub: {
      name: 'VNet-Hub',
      addressSpace: ['10.0.0.0/16'],
      subnets: {
        endpoints: {
          name: 'Snet-Endpoints',
          addressPrefix: '10.0.0.0/24',
          networkSecurityGroup: { id: guarded.networkSecurityGroup },
          routeTable: { id: guarded.routeTable }
        },
        injected: { name: 'Snet-Injected', addressPrefix: '10.0.1.0/24', delegation: 'Microsoft.DBforPostgreSQL/flexibleServers' }
      }
    }
  },
  privateDnsZones: {
    link: { name: 'privatelink.postgres.database.azure.com', links: { hub: {} } },
    inner: { name: 'shop.private.postgres.database.azure.com', links: { hub: {} } }
  },
  servers: {
    'shop-pg': {
      version: '16',
      compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
      storage: { sizeGiB: 128 },
      authentication: {
        password: false,
        entra: { administrators: { dba: { objectId: '22222222-2222-4222-8222-222222222222', type: 'Group' } } }
      },
      networking: { publicAccess: { enabled: true } },
      privateEndpoints: { 'PE-Shop': { subnet: 'hub/endpoints', privateDns: { zone: 'link' }, approval: 'automatic' } },
      connections: [{ from: 'dataFactories/ADF-Shop/managedPrivateEndpoints/To-Shop', decision: 'approve' }]
    },
    'inner-pg': {
      version: '16',
      compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
      storage: { sizeGiB: 128 },
      authentication: {
        password: false,
        entra: { administrators: { dba: { objectId: '22222222-2222-4222-8222-222222222222', type: 'Group' } } }
      },
      networking: { virtualNetwork: { subnet: 'hub/injected', privateDnsZone: 'inner' } }
    }
  },
  dataFactories: { 'ADF-Shop': { managedVirtualNetwork: true, managedPrivateEndpoints: { 'To-Shop': { server: 'shop-pg' } } } }
}

/** As Azure and its portal write them. */
const canonical = [
  guarded.networkSecurityGroup,
  guarded.routeTable,
  `${net}/virtualNetworks/VNet-Hub`,
  `${net}/virtualNetworks/VNet-Hub/subnets/Snet-Endpoints`,
  `${net}/virtualNetworks/VNet-Hub/subnets/Snet-Injected`,
  `${net}/privateDnsZones/privatelink.postgres.database.azure.com`,
  `${net}/privateDnsZones/shop.private.postgres.database.azure.com`,
  `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg`
]

const idsIn = (value: unknown): readonly string[] =>
  typeof value === 'string'
    ? value.toLowerCase().startsWith('/subscriptions/')
      ? [value]
      : []
    : value !== null && typeof value === 'object'
      ? Object.values(value).flatMap(idsIn)
      : []

test('each id in a body that we send is in the casing of the resource that it names', async () => {
  const sent: string[] = []
  const on = estate({}, {}, async (request, sandbox) => {
    if (request.method === 'PUT' || request.method === 'PATCH') sent.push(...idsIn(JSON.parse(await request.clone().text())))
    return sandbox.handle(request)
  })
  await on.sandbox.add({
    [others]: { location: 'eastus2' },
    ...Object.fromEntries(Object.values(guarded).map(id => [id, { location: 'eastus2' }]))
  })
  expect(failures(await reconcile(on, shop))).toEqual([])
  expect(failures(await reconcile(on, { ...shop, tags: { team: 'Net' } }))).toEqual([])
  // Others are Azure's own, carried along as it gave them.
  const named = new Map(canonical.map(id => [id.toLowerCase(), id]))
  expect([...new Set(sent)].filter(id => (named.get(id.toLowerCase()) ?? id) !== id)).toEqual([])
  expect(canonical.filter(id => !sent.includes(id))).toEqual([])
})
