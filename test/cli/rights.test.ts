import { existsSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { folder } from '../support/cli.ts'
import { sandboxHere, tokenFrom } from '../support/sandbox.ts'

const subscription = '11111111-1111-4111-8111-111111111111'
const net = `/subscriptions/${subscription}/resourceGroups/rg-net`
const data = `/subscriptions/${subscription}/resourceGroups/rg-data`
const server = `${data}/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg`

const seed = {
  [net]: { location: 'westeurope' },
  [data]: { location: 'westeurope' },
  [server]: {
    location: 'westeurope',
    sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
    properties: { version: '17', administratorLogin: 'dba', storage: { storageSizeGB: 128 }, network: { publicNetworkAccess: 'Disabled' } }
  }
}

const principals = [
  {
    name: 'net-admin',
    clientId: '55555555-5555-4555-8555-555555555555',
    secret: 's',
    roles: [
      { scope: net, role: 'Network Contributor' },
      { scope: data, role: 'Reader' }
    ]
  },
  {
    name: 'auditor',
    clientId: '66666666-6666-4666-8666-666666666666',
    secret: 's',
    roles: [{ scope: `/subscriptions/${subscription}`, role: 'Reader' }]
  },
  {
    name: 'tagger',
    clientId: '77777777-7777-4777-8777-777777777777',
    secret: 's',
    roles: [
      { scope: `/subscriptions/${subscription}`, role: 'Reader' },
      { scope: data, actions: ['Microsoft.Resources/tags/*'] }
    ]
  }
]

const topology = (approval: string): string => `version: 1
name: net
subscription: ${subscription}
location: westeurope
resourceGroup: { name: rg-net, existing: true }
networks: { app: { addressSpace: [10.10.0.0/16], subnets: { endpoints: { addressPrefix: 10.10.1.0/24 } } } }
servers:
  shop-pg:
    id: ${server}
    privateEndpoints:
      shop-pe: { resourceGroup: rg-net, location: westeurope, subnet: app/endpoints, privateDns: none, approval: ${approval} }
`

test('a login without the right to approve: plan says so, apply writes nothing and names the way out, which works', async () => {
  const here = folder({
    'topology.yaml': topology('automatic'),
    'manual.yaml': topology('{ manual: "net asks" }'),
    'seed.json': JSON.stringify(seed),
    'principals.json': JSON.stringify(principals)
  })
  const files = ['--seed', `${here.path}/seed.json`, '--principals', `${here.path}/principals.json`, '--speed', '600']
  const served = await sandboxHere(files)
  onTestFinished(async () => void (await served.stop()))
  const env = { NODE_EXTRA_CA_CERTS: served.caFile, ARM_TOKEN: await tokenFrom(served, '55555555-5555-4555-8555-555555555555') }
  const at = `--arm-endpoint ${served.url}`
  const approval = `Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnectionsApproval/action on servers/shop-pg (${server.toLowerCase()})`

  const planned = await here.pglink(`plan topology.yaml ${at}`, env)
  expect(planned.stdout).toContain(`Rights that this login lacks (fine where another one applies):\n  ${approval}`)
  expect([planned.code, planned.stderr]).toEqual([0, ''])
  expect((await here.pglink(`plan topology.yaml ${at} --check-rights`, env)).code).toBe(7)
  const document = JSON.parse((await here.pglink(`plan topology.yaml ${at} --json`, env)).stdout)
  expect(document.rights.lacking.map(({ scope }: { scope: string }) => scope)).toEqual([server.toLowerCase()])
  const markdown = await here.pglink(`plan topology.yaml ${at} --markdown -`, env)
  expect(markdown.stdout).toContain('<summary>Rights that this login lacks (fine where another one applies) (1)</summary>')

  const refused = await here.pglink(`apply topology.yaml ${at} --auto-approve`, env)
  expect(refused.stderr).toContain(`Error: This login lacks rights that the plan takes. Nothing was changed.\n  ${approval}`)
  expect(refused.stderr).toContain('`approval: { manual: MESSAGE }` asks the owner of the server instead')
  expect(refused.code).toBe(7)
  // The sandbox keeps what was written, from the first write on.
  expect(existsSync(served.stateFile)).toBe(false)

  const asked = await here.pglink(`plan manual.yaml ${at} --check-rights`, env)
  expect([asked.code, asked.stdout.includes('Rights that')]).toEqual([0, false])
  const applied = await here.pglink(`apply manual.yaml ${at} --auto-approve`, env)
  expect(applied.stdout).toContain('shop-pe: Creation complete')
  expect(applied.code).toBe(7)
}, 240_000)

test('a Reader imports what is there, locks and all, and plans no change; with a right on tags it adopts', async () => {
  const network = `${net}/providers/Microsoft.Network/virtualNetworks/app`
  const endpoint = {
    location: 'westeurope',
    properties: {
      subnet: { id: `${network}/subnets/endpoints` },
      privateLinkServiceConnections: [{ name: 'c', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }]
    }
  }
  const estate = {
    ...seed,
    [network]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.10.0.0/16'] } } },
    [`${network}/subnets/endpoints`]: { properties: { addressPrefix: '10.10.1.0/24' } },
    [`${net}/providers/Microsoft.Network/privateEndpoints/shop-pe`]: endpoint,
    [`${server}/providers/Microsoft.Authorization/locks/keep`]: { properties: { level: 'CanNotDelete', notes: 'holds the shop' } }
  }
  const here = folder({ 'seed.json': JSON.stringify(estate), 'principals.json': JSON.stringify(principals) })
  const files = ['--seed', `${here.path}/seed.json`, '--principals', `${here.path}/principals.json`, '--speed', '600']
  const served = await sandboxHere(files)
  onTestFinished(async () => void (await served.stop()))
  const token = await tokenFrom(served, '66666666-6666-4666-8666-666666666666')
  const env = { NODE_EXTRA_CA_CERTS: served.caFile, ARM_TOKEN: token }
  const imported = await here.pglink(`import --server ${server} --out topology.yaml --arm-endpoint ${served.url}`, env)
  expect([imported.code, imported.stderr]).toEqual([0, ''])
  expect(imported.stdout).toContain('4 entries, 0 of them by their id.')
  expect(here.read('topology.yaml')).toContain('locks: { keep: { level: CanNotDelete, notes: holds the shop } }')
  const planned = await here.pglink(`plan topology.yaml --allow-env SHOP_PG_PASSWORD --arm-endpoint ${served.url}`, env)
  expect(planned.stdout).toContain('No changes.')

  const adopt = `adopt servers/shop-pg --auto-approve --allow-env SHOP_PG_PASSWORD --arm-endpoint ${served.url}`
  const refused = await here.pglink(adopt, env)
  expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining('Microsoft.Resources/tags/write on servers/shop-pg')])
  const tagger = { ...env, ARM_TOKEN: await tokenFrom(served, '77777777-7777-4777-8777-777777777777') }
  const adopted = await here.pglink(adopt, tagger)
  expect([adopted.code, adopted.stderr]).toEqual([0, ''])
  expect(adopted.stdout).toContain('Read again. The tag pglink-topology is on servers/shop-pg.')
})
