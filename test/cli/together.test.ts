import { expect, test } from 'vitest'
import type { Surroundings } from '../../src/cli/terminal.ts'
import { folder } from '../support/cli.ts'
import { ranOn, silentTerminal } from '../support/terminal.ts'
import { subnetIn } from './topologies.ts'

const { 'topology.yaml': one = '', 'seed.json': seed = '' } = subnetIn('ReadOnly')
const payments = one.replace('name: net', 'name: payments')
const billing = one
  .replace('name: net', 'name: billing')
  .replace('ours: { addressPrefix: 10.20.1.0/24 }', 'theirs: { addressPrefix: 10.20.2.0/24 }')
const files = 'payments.yaml billing.yaml'
const estate = '--sandbox --sandbox-seed seed.json --data-dir .pglink'

const third = billing.replace('name: billing', 'name: third').replace('theirs: { addressPrefix: 10.20.2', 'more: { addressPrefix: 10.20.3')

const apart = 'version: 1\nname: apart\nsubscription: 11111111-1111-4111-8111-111111111111\nlocation: eastus2\nresourceGroup: rg-apart\n'

const logged = (log: string): readonly { readonly method: string; readonly path: string }[] =>
  log
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

/** The writes of a log, each as its method and the last two parts of its path. */
const writesIn = (log: string): string[] =>
  logged(log)
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path.split('/').slice(-2).join('/')}`)

const refusing = (times: readonly number[], path = '/locks/keep$'): string =>
  JSON.stringify(times.map(nth => ({ method: 'PUT', path, nth, status: 403, code: 'AuthorizationFailed' })))

test('a lock that several topologies need is lifted once for each, in the order given, and the plan says so', async () => {
  const here = folder({ 'payments.yaml': payments, 'billing.yaml': billing, 'seed.json': seed })
  const planned = await here.pglink(`plan ${files} ${estate}`)
  expect(planned.stdout.match(/lifted and restored once for each of payments, billing/g)).toHaveLength(2)
  const applied = await here.pglink(`apply ${files} ${estate} --sandbox-log log --auto-approve`)
  expect(applied.stdout.match(/Apply complete! Resources: 1 added/g)).toHaveLength(2)
  expect(applied.code).toBe(0)
  const said = [
    'networks/hub/subnets/theirs (subnet) will be created',
    'networks/hub/subnets/ours: Creating...',
    'subnets/theirs: Creating...'
  ]
  expect(said.map(one => applied.stdout.indexOf(one)).toSorted((one, other) => one - other)).toEqual(
    said.map(one => applied.stdout.indexOf(one))
  )
  const lifted = (name: string): string[] => ['PUT locks/keep', `PUT subnets/${name}`, 'PUT locks/keep']
  expect(writesIn(here.read('log'))).toEqual([...lifted('ours'), ...lifted('theirs')])
  const after = await here.pglink(`locks list payments.yaml ${estate}`)
  expect(after.stdout).toMatch(/keep +ReadOnly +networks\/hub +on/)
  expect((await here.pglink(`plan ${files} ${estate} --detailed-exitcode`)).code).toBe(0)
})

test('a topology that needs a lock which one before it could not restore is skipped', async () => {
  const faults = refusing(Array.from({ length: 30 }, (_, index) => index + 2))
  const here = folder({ 'payments.yaml': payments, 'billing.yaml': billing, 'apart.yaml': apart, 'seed.json': seed, 'faults.json': faults })
  const applied = await here.pglink(`apply ${files} apart.yaml ${estate} --sandbox-faults faults.json --sandbox-log log --auto-approve`)
  expect(applied.stderr).toContain('billing.yaml is skipped: a topology before it left off ReadOnly lock keep on networks/hub')
  expect(applied.stdout).toContain('pglink locks restore payments.yaml')
  expect(applied.code).toBe(9)
  // It is in nobody else's way.
  expect(writesIn(here.read('log'))).not.toContain('PUT subnets/theirs')
  expect(here.read('log')).toContain('rg-apart')
  expect((await here.pglink(`locks restore payments.yaml ${estate}`)).code).toBe(0)
  expect((await here.pglink(`locks list ${files} ${estate}`)).code).toBe(0)
})

test('a lock that a topology left off is restored before the next one begins', async () => {
  const here = folder({ 'payments.yaml': payments, 'billing.yaml': billing, 'seed.json': seed, 'faults.json': refusing([2]) })
  const applied = await here.pglink(`apply ${files} ${estate} --sandbox-faults faults.json --sandbox-log log --auto-approve`)
  expect(applied.stdout).toContain('A topology before this one did not come to its end.')
  expect(applied.stdout).toContain('networks/hub/subnets/theirs: Creation complete')
  expect(applied.code).toBe(8)
  expect((await here.pglink(`locks list ${files} ${estate}`)).code).toBe(0)
})

test('of different subscriptions they are read side by side before the first write', async () => {
  const own = (digit: string): string => apart.replaceAll('apart', `apart${digit}`).replace('11111111-1111', `${digit.repeat(8)}-1111`)
  const here = folder({ 'two.yaml': own('2'), 'three.yaml': own('3') })
  const { code } = await here.pglink('apply two.yaml three.yaml --sandbox --data-dir .pglink --sandbox-log log --auto-approve')
  expect(code).toBe(0)
  const requests = logged(here.read('log'))
  const reads = requests.slice(
    0,
    requests.findIndex(({ method }) => method !== 'GET')
  )
  const of = (digit: string) => (request: { readonly path: string }) => request.path.startsWith(`/subscriptions/${digit}`)
  expect(reads.findIndex(of('3'))).toBeLessThan(reads.findLastIndex(of('2')))
  expect(reads.findIndex(of('2'))).toBeLessThan(reads.findLastIndex(of('3')))
})

test('a lock that an earlier run left off is restored for one, and the next is planned from what is there then', async () => {
  const faults = refusing(Array.from({ length: 30 }, (_, index) => index + 2))
  const here = folder({ 'payments.yaml': payments, 'billing.yaml': billing, 'seed.json': seed, 'faults.json': faults })
  expect((await here.pglink(`apply payments.yaml ${estate} --sandbox-faults faults.json --auto-approve`)).code).toBe(9)
  const { stdout, code } = await here.pglink(`apply ${files} ${estate} --sandbox-log log --auto-approve`)
  expect(stdout.match(/are restored first/g)).toHaveLength(1)
  expect(stdout).toContain('Locks: 1 to lift, 1 to restore.')
  expect(code).toBe(0)
  expect(writesIn(here.read('log'))).toEqual(['PUT locks/keep', 'PUT locks/keep', 'PUT subnets/theirs', 'PUT locks/keep'])
})

test('a topology whose plan moved meanwhile ends with 5, and the next one goes on', async () => {
  const faults = JSON.stringify([{ method: 'GET', path: '/subnets/theirs$', nth: 2, status: 403, code: 'AuthorizationFailed' }])
  const here = folder({ 'payments.yaml': payments, 'billing.yaml': billing, 'third.yaml': third, 'seed.json': seed, 'faults.json': faults })
  const applied = await here.pglink(`apply ${files} third.yaml ${estate} --sandbox-faults faults.json --sandbox-log log --auto-approve`)
  expect(applied.stderr).toContain('Error: Something moved since the plan was shown, beyond what this command wrote.')
  expect(writesIn(here.read('log')).filter(one => one.includes('subnets'))).toEqual(['PUT subnets/ours', 'PUT subnets/more'])
  expect(applied.code).toBe(5)
})

test('after Ctrl-C none begins, and the lock of the one that was at work is back', async () => {
  const here = folder({ 'payments.yaml': payments, 'billing.yaml': billing, 'seed.json': seed })
  const handlers: ((signal: 'SIGINT') => void)[] = []
  let said = ''
  const out = (text: string): void => {
    said += text
    if (text.includes('subnets/ours: Creating...')) for (const handle of handlers.splice(0)) handle('SIGINT')
  }
  const terminal: Surroundings = {
    ...silentTerminal({ cwd: here.path, env: { AZURE_SUBSCRIPTION_ID: '11111111-1111-4111-8111-111111111111' } }, out, () => undefined),
    onSignal: handle => {
      handlers.push(handle)
      return () => undefined
    }
  }
  expect(await ranOn(terminal, `apply ${files} ${estate} --sandbox-log log --auto-approve`.split(' '))).toBe(130)
  expect(said).toContain('networks/hub/subnets/theirs (subnet) will be created')
  const writes = writesIn(here.read('log'))
  expect([writes[0], writes.at(-1), writes.some(one => one.includes('theirs'))]).toEqual(['PUT locks/keep', 'PUT locks/keep', false])
  expect((await here.pglink(`locks list payments.yaml ${estate}`)).stdout).toMatch(/keep +ReadOnly +networks\/hub +on/)
})

test('the windows of different estates have nothing to do with each other', async () => {
  const here = folder({ 'a/topology.yaml': payments, 'b/topology.yaml': billing, 'seed.json': seed })
  const applied = await here.pglink('apply a/topology.yaml b/topology.yaml --sandbox --sandbox-seed seed.json --auto-approve')
  expect(applied.stdout).not.toContain('once for each')
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
  expect([planned.code, planned.stderr]).toEqual([0, 'Read 1 of 2 topologies: net.yaml\nRead 2 of 2 topologies: app.yaml\n'])
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
  // It said so of the plan that was shown first.
  expect(applied.stdout.match(/makes it, before this one is applied/g)).toHaveLength(3)
  expect(applied.code).toBe(8)
}, 60_000)
