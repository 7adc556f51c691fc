import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { requestsIn, writes } from '../examples/example.ts'
import { variable } from '../simulate/commandLine.ts'
import { endpoint, forbidden, group, locks, made, network, on, server, serverBody, subscription, zone } from './portalEstate.ts'

test('a server is imported with all that belongs to it, and the plan of the file is empty', async () => {
  const here = on()
  const imported = await here.import(`--server ${server} --out topology.yaml`)
  expect([imported.code, imported.stderr]).toEqual([0, ''])
  expect(imported.stdout).toMatchInlineSnapshot(`
    "Wrote topology.yaml: 10 entries, 0 of them by their id.

    Read it, and then: pglink plan topology.yaml --allow-env SHOP_PG_PASSWORD --sandbox --sandbox-state estate.json
    "
  `)
  expect(here.read('topology.yaml')).toMatchInlineSnapshot(`
    "# yaml-language-server: $schema=.pglink/schema/topology.schema.json
    #
    # Written by \`pglink import\` from what is in Azure, of:
    #   /subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg
    #
    # Azure gives no password back: each is a variable, which is sent only when a \`passwordVersion\` beside it rises. Until one has a value
    # \`pglink validate\` warns that it is not set.
    #
    # These carry no tag of ours, and plan as no change. \`pglink adopt ADDRESS...\` writes the tag:
    #   privateDnsZones/privatelink.postgres.database.azure.com/links/vnet-app
    #   servers/shop-pg
    #   servers/shop-pg/privateEndpoints/shop-pe
    version: 1
    name: shop-pg
    subscription: 11111111-1111-4111-8111-111111111111
    location: westeurope
    resourceGroup: { name: rg-shop, existing: true }

    networks:
      vnet-app:
        existing: true
        subnets: { snet-pe: { existing: true } }
        locks: { netops: { level: ReadOnly, notes: change freeze } }

    privateDnsZones:
      privatelink.postgres.database.azure.com:
        existing: true
        resourceGroup: rg-dns
        links: { vnet-app: { name: yk3x2uq7l5a4e } }

    servers:
      # Not here: its tags env, which would hold for what stands under it too. They stay as they are.
      shop-pg:
        version: "16"
        compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
        storage: { sizeGiB: 128, autoGrow: true }
        administrator: { login: x_admin, password: "\${env:SHOP_PG_PASSWORD}" }
        networking:
          publicAccess:
            enabled: true
            firewallRules: { office: { start: 203.0.113.1, end: 203.0.113.9 } }
        databases: { legacy: { charset: LATIN1, collation: C }, shop: {} }
        privateEndpoints:
          shop-pe:
            subnet: vnet-app/snet-pe
            privateDns: { zone: privatelink.postgres.database.azure.com }
        locks: { keep: { level: CanNotDelete, notes: holds the shop } }
    "
  `)
  const planned = await here.plan()
  expect(planned.stdout).toContain('No changes. Your infrastructure matches the topology.')
  expect(planned.code).toBe(0)
  expect(writes(requestsIn(join(here.path, 'requests.ndjson')))).toEqual([])
})

test('locks that are inherited are imported with their group, or named where they lie above it; the file is in its form', async () => {
  const above = `${subscription}/${locks}/audit`
  const level = { properties: { level: 'CanNotDelete', notes: 'audit' } }
  const beside = `${subscription}/resourceGroups/rg-dns/${locks}/dns`
  const here = on({ [above]: level, [`${group}/${locks}/team`]: level, [beside]: level })
  expect((await here.import(`--server ${server} --own ${network} --out topology.yaml`)).code).toBe(0)
  const text = here.read('topology.yaml')
  expect(text.split('\n').filter(line => line.includes('Not in this file'))).toEqual([
    `# Not in this file, and in force for all beneath it: the CanNotDelete lock ${above}`,
    `# Not in this file, and in force for all beneath it: the CanNotDelete lock ${beside}`
  ])
  expect(Object.keys(parse(text).resourceGroup.locks)).toEqual(['team'])
  expect(text).toMatch(/^# yaml-language-server: \$schema=(\S+)\n/)
  const [, schema = ''] = /\$schema=(\S+)\n/.exec(text) ?? []
  expect(JSON.parse(here.read(schema)).properties).toHaveProperty('servers')
  expect(text).toContain('addressSpace: [10.10.0.0/16]\n')
  const inForm = await here.pglink('fmt --check topology.yaml')
  expect([inForm.code, inForm.stdout]).toEqual([0, ''])
})

test('--own declares a network with all of its subnets', async () => {
  const here = on()
  const { code } = await here.import(`--server ${server} --own ${network} --out topology.yaml`)
  expect(code).toBe(0)
  expect((parse(here.read('topology.yaml')) as { networks: unknown }).networks).toEqual({
    'vnet-app': {
      addressSpace: ['10.10.0.0/16'],
      subnets: { 'snet-other': { addressPrefix: '10.10.2.0/24' }, 'snet-pe': { addressPrefix: '10.10.1.0/24' } },
      locks: { netops: { level: 'ReadOnly', notes: 'change freeze' } }
    }
  })
  expect((await here.plan()).stdout).toContain('No changes.')
})

test('a file that is there is written over with --force alone', async () => {
  const here = on()
  here.write('topology.yaml', 'mine')
  const refused = await here.import(`--server ${server} --out .`)
  expect([refused.code, refused.stderr]).toEqual([
    6,
    'Error: topology.yaml is there already, and nothing was written over it. Name another file, or give --force.\n'
  ])
  expect(here.read('topology.yaml')).toBe('mine')
  expect((await here.import(`--server ${server} --out . --force`)).code).toBe(0)
  expect(here.read('topology.yaml')).toContain('name: shop-pg')
})

test('without --out the file goes to standard output, and nothing else does', async () => {
  const here = on()
  const { stdout, stderr, code } = await here.import(`--resource-group ${group} --topology-name shop`)
  expect(code).toBe(0)
  expect((parse(stdout) as { name: string }).name).toBe('shop')
  expect(stderr).toBe('Imported 10 entries, 0 of them by their id.\n')
  expect(existsSync(join(here.path, 'topology.yaml'))).toBe(false)
})

test('what may not be read is named in the file, which is written all the same', async () => {
  const here = on({}, [forbidden])
  const { code, stdout } = await here.import(`--server ${server} --out topology.yaml`)
  expect(code).toBe(8)
  expect(stdout).toContain(`Not read: ${endpoint} (403 AuthorizationFailed)`)
  const text = here.read('topology.yaml')
  expect(text).toContain(`# not read: ${endpoint} (403 AuthorizationFailed)`)
  const file = parse(text) as { servers: { 'shop-pg': { connections: unknown; privateEndpoints?: unknown } } }
  expect(file.servers['shop-pg'].connections).toEqual([{ from: { id: endpoint }, decision: 'approve' }])
  expect(file.servers['shop-pg'].privateEndpoints).toBeUndefined()
})

test('what carries the tag of another topology is there by its id, and its children where they can be', async () => {
  const here = on({ [server]: serverBody({ 'pglink-topology': 'other' }) })
  const { code } = await here.import(`--server ${server} --topology-name mine --out topology.yaml`)
  expect(code).toBe(0)
  const text = here.read('topology.yaml')
  expect(text).toContain('# By its id: it belongs to the topology other.\n')
  const file = parse(text) as { servers: { 'shop-pg': Readonly<Record<string, unknown>> } }
  expect(Object.keys(file.servers['shop-pg'])).toEqual(['id', 'databases', 'privateEndpoints', 'locks'])
  expect((await here.plan()).stdout).toContain('No changes.')
})

test('the file names a cloud that is not the public one', async () => {
  const { stdout } = await on().import(`--server ${server} --cloud AzureUSGovernment`)
  expect((parse(stdout) as { cloud: string }).cloud).toBe('AzureUSGovernment')
})

test('the name is that of the tag, where there is one', async () => {
  const here = on({ [server]: serverBody({ 'pglink-topology': 'orders' }) })
  expect((parse((await here.import(`--server ${server}`)).stdout) as { name: string }).name).toBe('orders')
})

test('a server that no entry can say so that a write would keep it is there by its id', async () => {
  const here = on({ [server]: serverBody({}, { storage: { storageSizeGB: 100, type: 'UltraSSD_LRS' } }) })
  const { stdout } = await here.import(`--server ${server} --out topology.yaml`)
  expect(stdout).toContain('servers/shop-pg: its storage is UltraSSD_LRS, and an entry is of Premium_LRS or PremiumV2_LRS')
  expect(here.read('topology.yaml')).toContain('# By its id: its storage is UltraSSD_LRS, and an entry is of Premium_LRS or PremiumV2_LRS.')
  expect((await here.plan()).stdout).toContain('No changes.')
})

test('rules that what is there breaks are commented out with exit code 2, and lowered when that is wanted', async () => {
  // In another region than its server, which Azure allows and the how-to does not.
  const far = `${group}/providers/Microsoft.Network/virtualNetworks/vnet-far`
  const here = on({
    [far]: { location: 'northeurope', properties: { addressSpace: { addressPrefixes: ['10.20.0.0/16'] } } },
    [`${far}/subnets/snet-pe`]: { properties: { addressPrefix: '10.20.1.0/24' } },
    [endpoint]: {
      location: 'northeurope',
      properties: {
        privateLinkServiceConnections: [{ name: 'c', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }],
        subnet: { id: `${far}/subnets/snet-pe` }
      }
    }
  })
  const broken = await here.import(`--server ${server} --own ${far} --out topology.yaml`)
  expect(broken.code).toBe(2)
  expect(here.read('topology.yaml')).toMatch(/\n# {3}PGL002: \{ level: warn, reason: "it was so when it was imported: .*" \}\n/)
  expect((await here.plan()).code).toBe(4)

  const lowered = await here.import(`--server ${server} --own ${far} --out topology.yaml --force --lower-rules`)
  expect(lowered.code).toBe(0)
  expect((parse(here.read('topology.yaml')) as { rules: object }).rules).toMatchObject({ PGL002: { level: 'warn' } })
  expect((await here.plan()).stdout).toContain('No changes.')
})

test('an endpoint whose record leads elsewhere is there by its id, with what looks wrong', async () => {
  const here = on({ [`${zone}/A/shop-pg`]: { properties: { ttl: 10, aRecords: [{ ipv4Address: '10.10.1.99' }] } } })
  await here.import(`--server ${server} --out topology.yaml`)
  const text = here.read('topology.yaml')
  expect(text).toMatch(/# By its id: of its private DNS zone group: a plan would update it: record from \["10\.10\.1\.99"\]/)
  expect(text).toContain('# Looks wrong: shop-pg leads to 10.10.1.99 in privatelink.postgres.database.azure.com')
  expect((await here.plan()).stdout).toContain('No changes.')
})

test('names and texts that mean something to YAML, to the file or to a build agent stay what they are', async () => {
  const tags = { note: `a ${variable('HOME')} b`, 'a:b': 'yes', '##vso[x]': '::set-output', turned: 'x\u202ey' }
  const notes = `first\n::second ${variable('HOME')} # third`
  const here = on({
    [server]: serverBody(tags, { authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Enabled' } }),
    [endpoint]: undefined,
    [`${endpoint}/privateDnsZoneGroups/default`]: undefined,
    [`${server}/${locks}/on`]: { properties: { level: 'CanNotDelete', notes } },
    [`${server}/administrators/22222222-0000-4000-8000-000000000001`]: {
      properties: { principalName: 'DOM/ann@contoso.com', principalType: 'User' }
    },
    [`${server}/firewallRules/all-of-azure`]: { properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' } }
  })
  const { code } = await here.import(`--server ${server} --out topology.yaml`)
  expect(code).toBe(0)
  const text = here.read('topology.yaml')
  expect(text).not.toMatch(/##vso\[|^\s*::|\u202e/m)
  const file = parse(text) as { servers: { 'shop-pg': Readonly<Record<string, object>> } }
  const escaped = (one: string): string => one.replace('${', () => '$${')
  expect(parse(text)).toMatchObject({ tags: { ...tags, note: escaped(tags.note) } })
  expect(file.servers['shop-pg']['locks']).toMatchObject({ on: { level: 'CanNotDelete', notes: escaped(notes) } })
  expect(text).toContain('DOM-ann@contoso.com')
  // The file explains the warning that validate gives of it.
  expect(text).toContain('# PGL035: all-of-azure lets in everything that runs in Azure')
  expect((await here.plan()).stdout).toContain('No changes.')
})

test('what lies in a stopped server is named as not read', async () => {
  const nothingIn = Object.keys(made).filter(id => id.startsWith(`${server}/`) || id.startsWith(endpoint))
  const here = on({ ...Object.fromEntries(nothingIn.map(id => [id, undefined])), [server]: serverBody({}, { state: 'Stopped' }) })
  const { code, stdout } = await here.import(`--server ${server} --out topology.yaml`)
  expect(code).toBe(8)
  expect(stdout).toContain(`Not read: each database of ${server} (400 ServerStoppedError)`)
  expect((await here.plan()).stdout).toMatch(/^No changes/m)
})

test('a zone that is not linked to the network of an endpoint is noted on that', async () => {
  const here = on({ [`${zone}/virtualNetworkLinks/yk3x2uq7l5a4e`]: undefined })
  await here.import(`--server ${server} --out topology.yaml`)
  expect(here.read('topology.yaml')).toContain('# Note: privatelink.postgres.database.azure.com is not linked to vnet-app, the network of')
  expect((await here.plan()).stdout).toContain('No changes.')
})

test('--own declares a group and a zone, with every link of the zone', async () => {
  const far = `${subscription}/resourceGroups/rg-far/providers/Microsoft.Network/virtualNetworks/vnet-far`
  const here = on({
    [`${subscription}/resourceGroups/rg-far`]: { location: 'westeurope' },
    [far]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.20.0.0/16'] } } },
    [`${zone}/virtualNetworkLinks/far`]: { location: 'global', properties: { registrationEnabled: false, virtualNetwork: { id: far } } }
  })
  const { code } = await here.import(`--server ${server} --own ${group} --own ${zone} --out topology.yaml`)
  expect(code).toBe(0)
  const file = parse(here.read('topology.yaml')) as { resourceGroup: unknown; privateDnsZones: object }
  expect(file.resourceGroup).toBe('rg-shop')
  expect(file.privateDnsZones).toEqual({
    'privatelink.postgres.database.azure.com': {
      resourceGroup: { name: 'rg-dns', existing: true },
      links: { 'vnet-app': { name: 'yk3x2uq7l5a4e' }, 'vnet-far': { name: 'far' } }
    }
  })
  expect((await here.plan()).stdout).toContain('No changes.')
})

test.each([
  ['nothing', '', 'Give what to import'],
  ['an id of something else', `--server ${network}`, '--server takes the ARM id of a server'],
  ['what is no id', '--factory adf', '--factory takes the ARM id of a data factory'],
  ['a server to own', `--server ${server} --own ${server}`, '--own takes the ARM id of a virtual network'],
  ['a cloud that there is none of', `--server ${server} --cloud Azure`, '--cloud takes AzureCloud, AzureUSGovernment, AzureChinaCloud'],
  ['a name that none can have', `--server ${server} --topology-name -x`, '--topology-name takes 1 to 63']
])('%s is wrong usage', async (_, args, says) => {
  const { code, stderr } = await on().import(args)
  expect([code, stderr]).toEqual([64, expect.stringContaining(says)])
})

test('an id that leads to nothing is an error', async () => {
  const { code, stderr } = await on().import(`--server ${server}-2`)
  expect([code, stderr]).toEqual([1, `Error: Nothing is there under this id: ${server}-2\n`])
})
