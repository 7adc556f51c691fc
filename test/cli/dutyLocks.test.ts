import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Request, requestsIn } from '../examples/example.ts'
import { folder } from '../support/cli.ts'
import { sandboxHere, tokenFrom } from '../support/sandbox.ts'

const subscription = '11111111-1111-4111-8111-111111111111'
const group = `/subscriptions/${subscription}/resourceGroups/rg-shop`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg`
const lock = `${server}/providers/Microsoft.Authorization/locks/frozen`
const network = `${group}/providers/Microsoft.Network/virtualNetworks/hub`

const seed = {
  [group]: { location: 'westeurope' },
  [network]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.10.0.0/16'] } } },
  [server]: {
    location: 'westeurope',
    sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
    properties: { version: '17', administratorLogin: 'dba', storage: { storageSizeGB: 128 }, network: { publicNetworkAccess: 'Disabled' } }
  },
  [lock]: { properties: { level: 'ReadOnly', notes: 'owned by the DBA' } }
}

const topology = `version: 1
name: shop
subscription: ${subscription}
location: westeurope
resourceGroup: { name: rg-shop, existing: true }
networks: { hub: { existing: true, subnets: { ours: { addressPrefix: 10.10.1.0/24 } } } }
servers: { shop-pg: { existing: true, databases: { shop: {} } } }
`

const [dba, admin, blind] = [
  '55555555-5555-4555-8555-555555555555',
  '66666666-6666-4666-8666-666666666666',
  '77777777-7777-4777-8777-777777777777'
] as const
const reads = ['*/read']
const subnets = ['Microsoft.Network/virtualNetworks/subnets/write']
const databases = ['Microsoft.DBforPostgreSQL/flexibleServers/databases/write']
const locks = ['Microsoft.Authorization/locks/write', 'Microsoft.Authorization/locks/delete']

test('a lock that the part of one duty left off is known to the others: who may not restore it writes nothing under it', async () => {
  // The dba's run cannot restore its lock: Azure takes the first write of it, which lowers it, and refuses the second.
  const faults = [{ method: 'PUT', path: '/locks/frozen$', nth: 2, status: 400, code: 'InvalidRequest' }]
  const principal = (clientId: string, actions: readonly string[], notActions: readonly string[] = []) => ({
    name: clientId,
    clientId,
    secret: 's',
    roles: [{ scope: group, actions, notActions }]
  })
  const principals = [
    principal(dba, [...reads, ...databases, ...locks]),
    principal(admin, [...reads, ...subnets]),
    principal(blind, [...reads, ...subnets], ['Microsoft.Authorization/locks/read'])
  ]
  const here = folder({
    'topology.yaml': topology,
    'seed.json': JSON.stringify(seed),
    'faults.json': JSON.stringify(faults),
    'principals.json': JSON.stringify(principals)
  })
  const at = (file: string): string => join(here.path, file)
  const files = ['--seed', at('seed.json'), '--faults', at('faults.json'), '--principals', at('principals.json'), '--log', at('log.ndjson')]
  const served = await sandboxHere([...files, '--speed', '36000'])
  onTestFinished(async () => void (await served.stop()))
  const apply = async (client: string, duty: string, dataDir = 'data') => {
    const env = { NODE_EXTRA_CA_CERTS: served.caFile, ARM_TOKEN: await tokenFrom(served, client) }
    return here.pglink(`apply --duty ${duty} --auto-approve --data-dir ${dataDir} --arm-endpoint ${served.url}`, env)
  }
  const subnetsMade = (): Request[] =>
    requestsIn(at('log.ndjson')).filter(({ method, path, status }) => method === 'PUT' && path.includes('/subnets/') && status < 400)

  expect((await apply(dba, 'dba')).code).toBe(9)
  const refused = await apply(admin, 'network')
  expect([refused.code, refused.stderr + refused.stdout]).toEqual([
    9,
    expect.stringMatching(
      /This login may not write 1 lock\. Only whoever has .*locks\/write there can restore it, as the login of the run [\w-]{36} had\./
    )
  ])
  expect(refused.stderr).toContain('Nothing else was changed.')
  // On another machine, with a login that may not even see that a lock is off.
  const unseeing = await apply(blind, 'network', 'another-machine')
  expect([unseeing.code, unseeing.stderr]).toEqual([7, expect.stringContaining('Microsoft.Authorization/locks/read')])
  expect(subnetsMade()).toEqual([])
  // The login of that part restores it first, and then the others go on.
  expect((await apply(dba, 'dba')).stdout).toContain('frozen on servers/shop-pg: restored')
  expect((await apply(admin, 'network')).code).toBe(0)
  expect(subnetsMade()).toHaveLength(1)
}, 120_000)
