import { expect, test } from 'vitest'
import { openStateFile } from '../../src/sandbox/stateFile.ts'
import { type Folder, folder, type Ran, transcript } from '../support/cli.ts'
import { arm, type Estate, estate } from '../support/estate.ts'

/*
 * An estate that teams made by calls on ARM: a hub and a zone in a subscription of their own, ids in a casing that nobody wrote twice, tags
 * that are not ours, and a zone group that a policy made.
 */

const [shop, hub] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
const group = `/subscriptions/${shop}/resourceGroups/RG-Shop`
const hubGroup = `/subscriptions/${hub}/resourceGroups/rg-hub`
const networks = (of: string, name: string): string => `${of}/providers/Microsoft.Network/virtualNetworks/${name}`
const [network, spoke] = [networks(hubGroup, 'vnet-Hub'), networks(group, 'vnet-App')]
const zone = `${hubGroup}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const servers = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers`
const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/PE-shop`

const networkVersion = '2024-05-01'
const server = {
  location: 'West Europe',
  tags: { CostCentre: '42', env: 'Prod' },
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: {
    version: '16',
    administratorLogin: 'x_admin',
    administratorLoginPassword: 'Secr3t-of-somebody',
    storage: { storageSizeGB: 128, autoGrow: 'Enabled' },
    network: { publicNetworkAccess: 'Disabled' }
  }
}

const networkOf = (of: string, subnets: readonly object[]): object => ({
  location: 'westeurope',
  tags: { team: 'net' },
  properties: { addressSpace: { addressPrefixes: [`${of}.0.0/16`] }, subnets }
})

const linkTo = (id: string): object => ({ location: 'global', properties: { registrationEnabled: false, virtualNetwork: { id } } })

/** In the order in which their makers sent them. */
const puts: readonly (readonly [path: string, version: string, body: object])[] = [
  [group, '2024-07-01', { location: 'westeurope', tags: { Owner: 'Shop' } }],
  [hubGroup, '2024-07-01', { location: 'westeurope' }],
  [network, networkVersion, networkOf('10.60', [])],
  [spoke, networkVersion, networkOf('10.61', [{ name: 'Snet-PE', properties: { addressPrefix: '10.61.1.0/24' } }])],
  [zone, '2024-06-01', { location: 'global' }],
  [`${zone}/virtualNetworkLinks/to-hub`, '2024-06-01', linkTo(network)],
  [`${zone}/virtualNetworkLinks/to-app`, '2024-06-01', linkTo(spoke.toLowerCase())],
  [`${servers}/shop-pg`, '2024-08-01', server],
  [`${servers}/orders-pg`, '2024-08-01', { ...server, tags: { env: 'prod' } }],
  [
    endpoint,
    networkVersion,
    {
      location: 'westeurope',
      tags: { madeBy: 'portal' },
      properties: {
        privateLinkServiceConnections: [
          { name: 'c', properties: { privateLinkServiceId: `${servers}/shop-pg`.toUpperCase(), groupIds: ['postgresqlServer'] } }
        ],
        subnet: { id: `${spoke}/subnets/Snet-PE`.replace('resourceGroups', 'resourcegroups') }
      }
    }
  ],
  [
    `${endpoint}/privateDnsZoneGroups/deployedByPolicy`,
    networkVersion,
    { properties: { privateDnsZoneConfigs: [{ name: 'pg', properties: { privateDnsZoneId: zone } }] } }
  ]
]

async function made(): Promise<Folder> {
  const on: Estate = estate()
  for (const [path, version, body] of puts) {
    const answer = await arm(on, 'PUT', path, version, body)
    expect([path, answer.status < 300, answer.status < 300 ? '' : await answer.text()]).toEqual([path, true, ''])
    await on.sandbox.clock.sleep(30 * 60_000)
  }
  const here = folder()
  const file = openStateFile(`${here.path}/estate.json`)
  file.save(on.sandbox.exportState())
  file.close()
  return here
}

test('an estate that others made: import, an empty plan, one endpoint more, no drift, and a release', async () => {
  const here = await made()
  const allowed = '--allow-env ORDERS_PG_PASSWORD --allow-env SHOP_PG_PASSWORD'
  const on = (command: string, flags = allowed): Promise<Ran> => here.pglink(`${command} ${flags} --sandbox --sandbox-state estate.json`)
  const imported = await on(`import --server ${servers}/shop-pg --server ${servers}/orders-pg --out topology.yaml`, '')
  expect(here.read('topology.yaml')).toMatchInlineSnapshot(`
    "# yaml-language-server: $schema=.pglink/schema/topology.schema.json
    #
    # Written by \`pglink import\` from what is in Azure, of:
    #   /subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/RG-Shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg
    #   /subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/RG-Shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg
    #
    # Azure gives no password back: each is a variable, which is sent only when a \`passwordVersion\` beside it rises. Until one has a value
    # \`pglink validate\` warns that it is not set.
    #
    # These carry no tag of ours, and plan as no change. \`pglink adopt ADDRESS...\` writes the tag:
    #   privateDnsZones/privatelink.postgres.database.azure.com/links/vnet-App
    #   servers/orders-pg
    #   servers/shop-pg
    #   servers/shop-pg/privateEndpoints/PE-shop
    version: 1
    name: shop-pg
    subscription: 11111111-1111-4111-8111-111111111111
    location: westeurope
    resourceGroup: { name: RG-Shop, existing: true }

    networks:
      vnet-App: { existing: true, subnets: { Snet-PE: { existing: true } } }

    privateDnsZones:
      privatelink.postgres.database.azure.com:
        existing: true
        subscription: 22222222-2222-4222-8222-222222222222
        resourceGroup: rg-hub
        links: { vnet-App: { name: to-app } }

    servers:
      orders-pg:
        tags: { env: prod }
        version: "16"
        compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
        storage: { sizeGiB: 128, autoGrow: true }
        administrator: { login: x_admin, password: "\${env:ORDERS_PG_PASSWORD}" }
        networking: { publicAccess: { enabled: false } }
      # Not here: its tags CostCentre, env, which would hold for what stands under it too. They stay as they are.
      shop-pg:
        version: "16"
        compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
        storage: { sizeGiB: 128, autoGrow: true }
        administrator: { login: x_admin, password: "\${env:SHOP_PG_PASSWORD}" }
        networking: { publicAccess: { enabled: false } }
        privateEndpoints:
          PE-shop:
            tags: { madeBy: portal }
            subnet: vnet-App/Snet-PE
            privateDns: { zone: privatelink.postgres.database.azure.com, managedBy: policy }
    "
  `)
  const empty = await on('plan')
  expect(transcript(imported, empty)).toMatchInlineSnapshot(`
    "$ pglink import --server /subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/RG-Shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg --server /subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/RG-Shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg --out topology.yaml  --sandbox --sandbox-state estate.json
    Wrote topology.yaml: 8 entries, 0 of them by their id.

    Read it, and then: pglink plan topology.yaml --allow-env ORDERS_PG_PASSWORD --allow-env SHOP_PG_PASSWORD --sandbox --sandbox-state estate.json
    [exit 0]

    $ pglink plan --allow-env ORDERS_PG_PASSWORD --allow-env SHOP_PG_PASSWORD --sandbox --sandbox-state estate.json
    Estate: sandbox estate.json, subscriptions 11111111-1111-4111-8111-111111111111, 22222222-2222-4222-8222-222222222222

    No changes. Your infrastructure matches the topology.
    11 ARM reads.
    Plan digest: sha256:…
    [exit 0]
    "
  `)

  const closed = 'networking: { publicAccess: { enabled: false } }\n'
  const zoneName = 'privatelink.postgres.database.azure.com'
  const added = `${closed}    privateEndpoints:
      orders-pe: { subnet: vnet-App/Snet-PE, privateDns: { zone: ${zoneName} }, approval: automatic }
`
  here.write('topology.yaml', here.read('topology.yaml').replace(closed, added))
  const applied = await on('apply --auto-approve')
  const after = { ...applied, stdout: applied.stdout.slice(applied.stdout.indexOf('Plan digest')) }
  const release = await on('release servers/orders-pg/privateEndpoints/orders-pe --auto-approve')
  const released = { ...release, stdout: release.stdout.slice(release.stdout.indexOf('Plan digest')) }
  expect(transcript(after, await on('drift'), released, await on('plan'))).toMatchInlineSnapshot(`
    "$ pglink apply --auto-approve --allow-env ORDERS_PG_PASSWORD --allow-env SHOP_PG_PASSWORD --sandbox --sandbox-state estate.json
    Plan digest: sha256:…
    servers/orders-pg/privateEndpoints/orders-pe: Creating...
    servers/orders-pg/privateEndpoints/orders-pe: Still creating... [30s elapsed]
    servers/orders-pg/privateEndpoints/orders-pe: Creation complete after 40s
    servers/orders-pg/privateEndpoints/orders-pe/privateDns: Creating...
    servers/orders-pg/privateEndpoints/orders-pe/privateDns: Creation complete after 10s

    Apply complete! Resources: 2 added, 0 changed, 0 destroyed.
    Proven by a fresh read: your infrastructure matches the topology.
    Endpoints:
      servers/orders-pg/privateEndpoints/orders-pe
        10.61.1.5 for orders-pg.postgres.database.azure.com, Approved
        ✓ connection, zone group, record, link, public access
      servers/shop-pg/privateEndpoints/PE-shop
        10.61.1.4 for shop-pg.postgres.database.azure.com, Approved
        ✓ connection, zone group, record, link, public access
    [exit 0]

    $ pglink drift --allow-env ORDERS_PG_PASSWORD --allow-env SHOP_PG_PASSWORD --sandbox --sandbox-state estate.json
    No drift. Azure is as the topology says.
    16 ARM reads.
    [exit 0]

    $ pglink release servers/orders-pg/privateEndpoints/orders-pe --auto-approve --allow-env ORDERS_PG_PASSWORD --allow-env SHOP_PG_PASSWORD --sandbox --sandbox-state estate.json
    Plan digest: sha256:…
    servers/orders-pg/privateEndpoints/orders-pe: Modifying...
    servers/orders-pg/privateEndpoints/orders-pe: Modifications complete after 0s

    Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
    Read again. The tag pglink-topology is not on servers/orders-pg/privateEndpoints/orders-pe.
    Endpoints:
      servers/orders-pg/privateEndpoints/orders-pe
        10.61.1.5 for orders-pg.postgres.database.azure.com, Approved
        ✓ connection, zone group, record, link, public access
      servers/shop-pg/privateEndpoints/PE-shop
        10.61.1.4 for shop-pg.postgres.database.azure.com, Approved
        ✓ connection, zone group, record, link, public access
    [exit 0]

    $ pglink plan --allow-env ORDERS_PG_PASSWORD --allow-env SHOP_PG_PASSWORD --sandbox --sandbox-state estate.json
    Estate: sandbox estate.json, subscriptions 11111111-1111-4111-8111-111111111111, 22222222-2222-4222-8222-222222222222

    No changes. Your infrastructure matches the topology.
    10 ARM reads.
    Plan digest: sha256:…
    [exit 0]
    "
  `)
  expect(tagged(here)).toEqual([])
})

/** The resources that carry a tag of ours. */
const tagged = (here: Folder): string[] =>
  (JSON.parse(here.read('estate.json')) as { resources: { id: string; body: { tags?: object } }[] }).resources
    .filter(({ body }) => Object.keys(body.tags ?? {}).some(name => name.startsWith('pglink-')))
    .map(({ id }) => id)
