import { expect, test } from 'vitest'
import { here } from '../hostile/here.ts'

const subscription = '11111111-1111-4111-8111-111111111111'
const topology = {
  version: 1,
  name: 'net',
  subscription,
  location: 'eastus2',
  resourceGroup: 'rg-net',
  networks: { hub: { addressSpace: ['10.0.0.0/16'] } }
}

test('a plan is known by its content, under whatever name it was saved', async () => {
  const line = here({ 'topology.json': JSON.stringify(topology) })
  const planned = await line.pglink(['plan', 'topology.json', '--sandbox', '--out', 'tfplan'])
  expect(planned.stdout).toContain('pglink apply tfplan')
  const applied = await line.pglink(['apply', 'tfplan', '--auto-approve'])
  expect(applied.code).toBe(0)
  expect(applied.stdout).toContain('Apply complete! Resources: 2 added')
  expect((await line.pglink(['graph', 'tfplan'])).stdout).toContain('1 added')
})

test('a topology in JSON works with every command', async () => {
  const line = here({ 'topology.json': JSON.stringify(topology) })
  for (const command of [
    'validate',
    'plan --sandbox',
    'apply --sandbox --auto-approve',
    'graph',
    'graph --sandbox',
    'drift --sandbox',
    'locks list --sandbox'
  ]) {
    const { code, stderr } = await line.pglink([...command.split(' '), 'topology.json'])
    expect([command, code, stderr]).toEqual([command, 0, ''])
  }
})

test.each([
  ['cut off', '{"format_version":"2.0","digest":"sha256:1', /^Error: saved is not a plan that pglink saved: /],
  [
    'without a format',
    '{"digest":"sha256:1","foundation":{}}',
    /^Error: saved is not a plan that pglink saved: its format_version is not one/
  ]
])('a plan that is %s is refused as one', async (_name, content, says) => {
  const { code, stderr } = await here({ saved: content }).pglink(['apply', 'saved'])
  expect(code).toBe(4)
  expect(stderr).toMatch(says)
})

test('a saved plan stands alone', async () => {
  const line = here({ 'topology.json': JSON.stringify(topology) })
  await line.pglink(['plan', 'topology.json', '--sandbox', '--out', 'tfplan'])
  const { code, stderr } = await line.pglink(['apply', 'tfplan', 'topology.json'])
  expect(code).toBe(64)
  expect(stderr).toContain('A saved plan is applied alone: apply tfplan by itself.')
})
