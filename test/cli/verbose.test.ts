import { expect, test } from 'vitest'
import { here } from '../hostile/here.ts'

const files = {
  'topology.yaml': `version: 1
name: net
subscription: 11111111-1111-4111-8111-111111111111
location: eastus2
resourceGroup: rg-net
networks: { hub: { addressSpace: [10.0.0.0/16] } }
`
}

const requests = (stderr: string): string[] => stderr.split('\n').filter(line => line.startsWith('debug: '))

test.each([
  ['-v', {}],
  ['--verbose', {}],
  ['', { PGLINK_LOG: 'debug' }]
])('every request is logged on stderr: %s %j', async (flag, env) => {
  const { code, stdout, stderr } = await here(files).pglink(['plan', '--sandbox', ...(flag === '' ? [] : [flag])], env)
  expect(code).toBe(0)
  const [, reads = ''] = /(\d+) ARM reads/.exec(stdout) ?? []
  expect(requests(stderr)).toHaveLength(Number(reads))
  expect(
    requests(stderr).every(line => /^debug: GET https:\/\/management\.azure\.com\/\S+ \d{3} in \d+ ms \(x-ms-request-id \S+\)$/.test(line))
  ).toBe(true)
})

test('addresses of operations are shown without what they are signed with, and no header or body is', async () => {
  const { stderr } = await here(files).pglink(['apply', '--sandbox', '--auto-approve', '-v'])
  expect(requests(stderr).some(line => line.startsWith('debug: PUT '))).toBe(true)
  const values = requests(stderr).flatMap(line => [...line.matchAll(/[?&]([^=&\s]+)=([^&\s]*)/g)])
  expect(values.filter(([, name, value]) => name !== 'api-version' && name !== '$filter' && value !== '…')).toEqual([])
  expect(stderr).not.toMatch(/authorization:|bearer/i)
})

test('another level is refused', async () => {
  const { code, stderr } = await here(files).pglink(['plan', '--sandbox'], { PGLINK_LOG: 'trace' })
  expect(code).toBe(64)
  expect(stderr).toContain('PGLINK_LOG takes debug, not "trace".')
})
