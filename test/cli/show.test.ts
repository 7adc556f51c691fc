import { expect, test } from 'vitest'
import { transcript } from '../support/cli.ts'
import { endpoint, forbidden, type Here, locks, network, on, server, serverBody } from './portalEstate.ts'

const imported = async (over: Parameters<typeof on>[0] = {}, faults: Parameters<typeof on>[1] = []): Promise<Here> => {
  const first = on()
  await first.import(`--server ${server} --out topology.yaml`)
  const here = on(over, faults)
  here.write('topology.yaml', first.read('topology.yaml'))
  return here
}

test('show prints one entry as Azure has it, with the locks that hold for it', async () => {
  const here = await imported({ [`${network}/${locks}/more`]: { properties: { level: 'CanNotDelete' } } })
  const shown = await here.run('show networks/vnet-app/subnets/snet-pe')
  expect(transcript(shown, await here.run('show servers/shop-pg/privateEndpoints/shop-pe'))).toMatchInlineSnapshot(`
    "$ pglink show networks/vnet-app/subnets/snet-pe --sandbox --sandbox-state estate.json --sandbox-seed seed.json --sandbox-log requests.ndjson --allow-env SHOP_PG_PASSWORD
    networks/vnet-app/subnets/snet-pe (subnet), only referred to at topology.yaml:22:16
      id                             = /subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-shop/providers/Microsoft.Network/virtualNetworks/vnet-app/subnets/snet-pe
      provisioning state             = Succeeded
      owner                          = no topology
      addressPrefixes                = ["10.10.1.0/24"]
      privateEndpointNetworkPolicies = "Disabled"
      tags                           = {}
      lock                           = CanNotDelete more, from above
      lock                           = ReadOnly netops, from above
    [exit 0]

    $ pglink show servers/shop-pg/privateEndpoints/shop-pe --sandbox --sandbox-state estate.json --sandbox-seed seed.json --sandbox-log requests.ndjson --allow-env SHOP_PG_PASSWORD
    servers/shop-pg/privateEndpoints/shop-pe (private endpoint), declared at topology.yaml:44:7
      id                 = /subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-shop/providers/Microsoft.Network/privateEndpoints/shop-pe
      fqdn               = shop-pg.postgres.database.azure.com
      private address    = 10.10.1.4
      connection         = Approved
      provisioning state = Succeeded
      owner              = no topology
      location           = "westeurope"
      subnet             = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-shop/providers/Microsoft.Network/virtualNetworks/vnet-app/subnets/snet-pe"
      target             = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg"
      groupIds           = ["postgresqlServer"]
      manual             = false
      tags               = {}
    [exit 0]
    "
  `)
})

test('show as JSON has the fields and tags that Azure has, and no secret', async () => {
  const here = await imported({ [server]: serverBody({ env: 'prod', 'pglink-topology': 'theirs' }) })
  const { stdout, code } = await here.run('show servers/shop-pg --json')
  const { resource } = JSON.parse(stdout) as { resource: Record<string, unknown> }
  expect(code).toBe(0)
  expect(resource).toMatchObject({
    address: 'servers/shop-pg',
    id: server,
    state: 'present',
    owner: 'theirs',
    fqdn: 'shop-pg.postgres.database.azure.com',
    fields: { version: '16', login: 'x_admin', storageGiB: 128 },
    tags: { env: 'prod', 'pglink-topology': 'theirs' },
    locks: [{ name: 'keep', level: 'CanNotDelete', inherited: false }]
  })
  expect(stdout).not.toMatch(/password"/i)
})

test.each([
  ['an entry that is not in the file', 'servers/shop', 4, 'topology.yaml has no entry servers/shop: did you mean servers/shop-pg?'],
  ['one that may not be read', 'servers/shop-pg/privateEndpoints/shop-pe', 7, 'could not be read']
])('show of %s', async (_, address, code, said) => {
  const here = await imported({}, [forbidden, { ...forbidden, path: '/privateEndpoints$' }])
  const { stdout, stderr, code: ended } = await here.run(`show ${address}`)
  expect(ended).toBe(code)
  expect(`${stdout}${stderr}`).toContain(said)
})

test('show of an entry that is not there', async () => {
  const here = await imported()
  here.write('topology.yaml', here.read('topology.yaml').replace('databases: {', 'databases: { new: {},'))
  const { stdout, code } = await here.run('show servers/shop-pg/databases/new')
  expect([code, stdout]).toEqual([1, expect.stringContaining('not there')])
})

test('output prints ids, names and addresses of what is there, in the same order each time', async () => {
  const here = await imported()
  const { stdout, code } = await here.run('output --json')
  const { outputs } = JSON.parse(stdout) as { outputs: { topology: string; resources: Record<string, unknown>[] }[] }
  expect([code, outputs.length, outputs[0]?.topology]).toEqual([0, 1, 'shop-pg'])
  const resources = outputs[0]?.resources ?? []
  expect(resources.find(one => one['address'] === 'servers/shop-pg/privateEndpoints/shop-pe')).toEqual({
    address: 'servers/shop-pg/privateEndpoints/shop-pe',
    type: 'Microsoft.Network/privateEndpoints',
    id: endpoint,
    fqdn: 'shop-pg.postgres.database.azure.com',
    addresses: ['10.10.1.4'],
    connection: 'Approved'
  })
  const addresses = resources.map(one => String(one['address']))
  expect(addresses).toEqual([...addresses].sort())
  expect((await here.run('output')).stdout).toContain('  private address = 10.10.1.4\n')
})

test('output names what may not be read, and ends with 8', async () => {
  const here = await imported({}, [forbidden, { ...forbidden, path: '/privateEndpoints$' }])
  const { stdout, stderr, code } = await here.run('output')
  expect([code, stderr]).toEqual([8, expect.stringContaining('Not read: servers/shop-pg/privateEndpoints/shop-pe')])
  expect(stdout).toContain('servers/shop-pg\n')
})
