import { expect, test } from 'vitest'
import { folder } from '../support/cli.ts'
import { subnetIn } from './topologies.ts'

const { 'topology.yaml': one = '', 'seed.json': seed = '' } = subnetIn('ReadOnly')
const payments = one.replace('name: net', 'name: payments')
const billing = one
  .replace('name: net', 'name: billing')
  .replace('ours: { addressPrefix: 10.20.1.0/24 }', 'theirs: { addressPrefix: 10.20.2.0/24 }')
const files = 'payments.yaml billing.yaml'
const estate = '--sandbox --sandbox-seed seed.json --data-dir .pglink'

test('topologies of one run that lift the same lock lift it once, and it comes back after both', async () => {
  const here = folder({ 'payments.yaml': payments, 'billing.yaml': billing, 'seed.json': seed })
  const applied = await here.pglink(`apply ${files} ${estate} --sandbox-log log --auto-approve`)
  expect(applied.stdout).toContain('payments and billing lift the same locks, and are carried out together.')
  expect(applied.stdout).toContain('billing: networks/hub/subnets/theirs: Creating...')
  expect(applied.stdout.match(/Apply complete! Resources: 1 added/g)).toHaveLength(2)
  expect(applied.code).toBe(0)
  const log = here
    .read('log')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { readonly method: string; readonly path: string })
  const writes = log.filter(({ method }) => method !== 'GET')
  expect(writes.map(({ method, path }) => `${method} ${path.split('/').slice(-2).join('/')}`)).toEqual([
    'PUT locks/keep',
    'PUT subnets/ours',
    'PUT subnets/theirs',
    'PUT locks/keep'
  ])
  const after = await here.pglink(`locks list payments.yaml ${estate}`)
  expect(after.stdout).toMatch(/keep +ReadOnly +networks\/hub +on/)
  expect((await here.pglink(`plan ${files} ${estate} --detailed-exitcode`)).code).toBe(0)
})

test('each of them alone can put back what a run of both left off', async () => {
  const here = folder({
    'payments.yaml': payments,
    'billing.yaml': billing,
    'seed.json': seed,
    'faults.json': JSON.stringify(
      [2, 3, 4, 5, 6].map(nth => ({ method: 'PUT', path: '/locks/keep$', nth, status: 403, code: 'AuthorizationFailed' }))
    )
  })
  const applied = await here.pglink(`apply ${files} ${estate} --sandbox-faults faults.json --auto-approve`)
  expect(applied.code).toBe(9)
  expect(applied.stdout).toContain('pglink locks restore payments.yaml')
  expect((await here.pglink(`locks list billing.yaml ${estate}`)).code).toBe(9)
  expect((await here.pglink(`locks restore billing.yaml ${estate}`)).code).toBe(0)
  expect((await here.pglink(`locks restore payments.yaml ${estate}`)).code).toBe(0)
  expect((await here.pglink(`locks list ${files} ${estate}`)).code).toBe(0)
})

test('the windows of different estates have nothing to do with each other', async () => {
  const here = folder({ 'a/topology.yaml': payments, 'b/topology.yaml': billing, 'seed.json': seed })
  const applied = await here.pglink('apply a/topology.yaml b/topology.yaml --sandbox --sandbox-seed seed.json --auto-approve')
  expect(applied.stdout).not.toContain('together')
  expect(applied.code).toBe(0)
})

const at = '11111111-1111-4111-8111-111111111111'
const zone = `/subscriptions/${at}/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const head = (name: string): string => `version: 1\nname: ${name}\nsubscription: ${at}\nlocation: westeurope\nresourceGroup: rg-${name}\n`
const net = `${head('net')}networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { endpoints: { addressPrefix: 10.0.1.0/24 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } } }
`
const app = `${head('app')}networks: { shared: { name: hub, existing: true, resourceGroup: rg-net, subnets: { endpoints: { existing: true } } } }
servers:
  app-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: app_admin, password: "\${env:PW}" }
    networking: { publicAccess: { enabled: false } }
    privateEndpoints:
      app-pe: { subnet: shared/endpoints, privateDns: { zone: { id: ${zone} } }, approval: automatic }
`

test('a topology may refer to what one before it makes, and not to what one after it does', async () => {
  const here = folder({ 'net.yaml': net, 'app.yaml': app })
  const on = '--sandbox --data-dir .pglink --allow-env PW'
  const env = { PW: 'Throw-away-4' }
  const planned = await here.pglink(`plan net.yaml app.yaml ${on}`, env)
  expect(planned.stdout).toContain('networks/shared: is not there yet: topology net of this command makes it, before this one is applied')
  expect(planned.stdout).toContain(`${zone.toLowerCase()} is not there yet: topology net of this command makes it`)
  expect([planned.code, planned.stderr]).toEqual([0, ''])
  const late = await here.pglink(`apply app.yaml net.yaml ${on} --auto-approve`, env)
  expect(late.stdout.match(/Topology net of this command makes it: give its file first\./g)).toHaveLength(3)
  expect(late.code).toBe(1)

  const fresh = folder({ 'net.yaml': net, 'app.yaml': app })
  const digestsOf = (text: string): (string | undefined)[] => [...text.matchAll(/Plan digest: (\S+)/g)].map(([, digest]) => digest)
  expect((await fresh.pglink(`apply net.yaml app.yaml ${on} --auto-approve`, env)).code).toBe(0)
  // The run carries out after the first one exactly what the user agreed to before it.
  const partly = await here.pglink(`plan app.yaml ${on}`, env)
  expect(digestsOf(partly.stdout)).toEqual(digestsOf(planned.stdout).slice(1))
}, 60_000)

test('a resource that an earlier topology was to make and did not is missing', async () => {
  const faults = [{ method: 'PUT', path: '/virtualNetworks/hub$', nth: 'every', status: 403, code: 'RequestDisallowedByPolicy' }]
  const here = folder({ 'net.yaml': net, 'app.yaml': app, 'faults.json': JSON.stringify(faults) })
  const applied = await here.pglink('apply net.yaml app.yaml --sandbox --allow-env PW --sandbox-faults faults.json --auto-approve', {
    PW: 'Throw-away-4'
  })
  expect(applied.stdout).toContain('networks/shared is declared as existing (`id:`), but there is no such virtual network')
  expect(applied.stdout).not.toContain('makes it, before this one is applied')
  expect(applied.code).toBe(8)
}, 60_000)
