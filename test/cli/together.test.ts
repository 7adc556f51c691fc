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
