import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { examine } from '../../src/engine/doctor.ts'
import { folder, jsonLines, type Ran, transcript } from '../support/cli.ts'
import { sandboxHere, tokenFrom } from '../support/sandbox.ts'
import { network } from './topologies.ts'

const subscription = '11111111-1111-4111-8111-111111111111'
const reader = '66666666-6666-4666-8666-666666666666'
const principals = [
  { name: 'auditor', clientId: reader, secret: 's', roles: [{ scope: `/subscriptions/${subscription}`, role: 'Reader' }] }
]

const shown = (ran: Ran): string => transcript(ran).replaceAll(/localhost:\d+|\d+ more minutes|(?<=Node )[\d.]+/g, '…')

test('in the sandbox of a process all is there, and the file is told', async () => {
  expect(shown(await folder({ 'topology.yaml': network() }).pglink('doctor --sandbox'))).toMatchInlineSnapshot(`
    "$ pglink doctor --sandbox
    ✓ Node …
    ✓ topology.yaml: topology net, 5 resources
    ✓ The sandbox asks for no login
    ✓ Provider Microsoft.Network, subscription 11111111-1111-4111-8111-111111111111: registered
    ✓ Provider Microsoft.Resources, subscription 11111111-1111-4111-8111-111111111111: registered
    ✓ Rights on /subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-net: all that it takes to write
    [exit 0]
    "
  `)
})

test('a Reader may not write, a provider is not registered: both are told with the way out, by requests that only read', async () => {
  const here = folder({
    'topology.yaml': network(),
    'principals.json': JSON.stringify(principals),
    'behaviours.json': JSON.stringify({ providersRegistered: false })
  })
  const files = ['principals', 'behaviours'].flatMap(name => [`--${name}`, join(here.path, `${name}.json`)])
  const served = await sandboxHere([...files, '--log', join(here.path, 'requests.ndjson')])
  onTestFinished(async () => void (await served.stop()))
  const env = { NODE_EXTRA_CA_CERTS: served.caFile, ARM_TOKEN: await tokenFrom(served, reader) }
  const at = `--arm-endpoint ${served.url}`
  const seen = await here.pglink(`doctor ${at}`, env)
  expect(shown(seen)).toMatchInlineSnapshot(`
    "$ pglink doctor --arm-endpoint https://…
    ✓ Node …
    ✓ topology.yaml: topology net, 5 resources
    ✓ The sandbox answers at …
    ✓ This clock agrees with that of …
    ✓ Signed in: the application 66666666-6666-4666-8666-666666666666, tenant 72f988bf-0000-4000-8000-2d7cd011db47
    ✓ The token is good for …
    ✗ Provider Microsoft.Network, subscription 11111111-1111-4111-8111-111111111111: NotRegistered
        az provider register --namespace Microsoft.Network --subscription 11111111-1111-4111-8111-111111111111
    ✓ Provider Microsoft.Resources, subscription 11111111-1111-4111-8111-111111111111: registered
    ✗ Rights on /subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-net: without Microsoft.Network/privateDnsZones/virtualNetworkLinks/write, Microsoft.Network/privateDnsZones/write, Microsoft.Network/virtualNetworks/subnets/write, Microsoft.Network/virtualNetworks/write, Microsoft.Resources/subscriptions/resourceGroups/write
        Enough to plan. For an apply ask for a role that has them.
    [exit 7]
    "
  `)
  const asked = jsonLines<{ readonly method: string; readonly path?: string }>(here, 'requests.ndjson')
  expect(asked.length).toBeGreaterThan(2)
  expect(asked.filter(({ method, path = '' }) => method !== 'GET' && !path.endsWith('/token'))).toEqual([])
  const { findings } = JSON.parse((await here.pglink(`doctor ${at} --json`, env)).stdout)
  expect(findings.map(({ check, state }: Record<string, string>) => `${check} ${state}`)).toContain('provider wrong')
  // Without what tells who it is.
  expect(await here.pglink(`doctor ${at}`, { NODE_EXTRA_CA_CERTS: served.caFile })).toMatchObject({
    stdout: expect.stringContaining('✗ With --arm-endpoint the token is read from ARM_TOKEN'),
    code: 1
  })
})

test('what does not answer, a file that is not sound and an old Node are told together', async () => {
  const here = folder({ 'topology.yaml': 'version: 1\n' })
  const { stdout, code } = await here.pglink('doctor --arm-endpoint https://localhost:1', { ARM_TOKEN: 'x' })
  expect(stdout).toMatch(/✗ 1 error, first: the topology has no name\n {4}`pglink validate`/)
  expect(stdout).toMatch(/✗ The sandbox does not answer at localhost:1: /)
  expect(code).toBe(4)
  const host = { notify: () => undefined } as never
  const found = await examine({ files: 'topology.yaml', cwd: here.path, estate: { sandbox: true } }, host, '20.18.3')
  expect(found[0]).toEqual({ check: 'node', state: 'wrong', says: 'Node 20.18.3', fix: 'Install Node 20.19 or newer.' })
})
