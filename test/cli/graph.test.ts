import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Folder, folder } from '../support/cli.ts'
import { mermaidKind } from '../support/mermaid.ts'

const example = (name: string): string => readFileSync(`examples/${name}/topology.yaml`, 'utf8')
const secrets = 'ORDERS_PG_PASSWORD=Quickstart-1\n'

const quickstart = (): Folder =>
  folder({
    'topology.yaml': example('quickstart'),
    'sandbox-seed.json': readFileSync('examples/quickstart/sandbox.json', 'utf8'),
    '.env': secrets
  })

test.each([
  ['a subscription that is not set', (text: string) => text.replace('AZURE_SUBSCRIPTION_ID', 'ELSEWHERE')],
  ['no subscription', (text: string) => text.replace(/^subscription:.*$/m, '')]
])('a file is drawn as it is: with %s, without a secret, and with no way to Azure', async (_, change) => {
  const here = folder({ 'topology.yaml': change(example('quickstart')) })
  const { code, stdout, stderr } = await here.pglink('graph --allow-env ORDERS_PG_PASSWORD --allow-env ELSEWHERE')
  expect([code, stderr]).toEqual([0, ''])
  expect(await mermaidKind(stdout)).toBe('flowchart-v2')
  expect(stdout).toContain('orders#45;pg#45;pe')
  expect(stdout).not.toContain('#43;')
})

test('a plan made now is drawn before and after, and nothing is written', async () => {
  const here = quickstart()
  const seen = await here.pglink('graph --sandbox --sandbox-seed sandbox-seed.json --env-file .env --format svg --sandbox-log log.ndjson')
  expect([seen.code, seen.stderr]).toEqual([0, ''])
  expect(seen.stdout).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
  expect(seen.stdout).toContain('5 resources and 3 connections, of these 3 added, 2 locks lifted and restored.')
  const methods = here
    .read('log.ndjson')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { readonly method: string; readonly path: string })
    // Whether a name is free is asked with a POST, which writes nothing.
    .filter(({ path }) => !path.endsWith('/checkNameAvailability'))
    .map(({ method }) => method)
  expect(new Set(methods)).toEqual(new Set(['GET']))
})

test('a saved plan is drawn as it was made: the picture is the one that was made with it', async () => {
  const here = quickstart()
  const flags = '--sandbox --sandbox-seed sandbox-seed.json --env-file .env'
  expect((await here.pglink(`plan ${flags} --out plan.json`)).code).toBe(0)
  const [saved, read] = [await here.pglink('graph plan.json --format dot'), await here.pglink(`graph ${flags} --format dot`)]
  expect([saved.code, saved.stderr]).toEqual([0, ''])
  expect(saved.stdout).toBe(read.stdout)
  expect(saved.stdout).toMatch(/^digraph topology \{\n/)
})

test('several files are one picture', async () => {
  const here = folder({ 'a/topology.yaml': 'version: 1\nname: first\n', 'b/topology.yaml': 'version: 1\nname: second\n' })
  const { code, stdout } = await here.pglink('graph a b')
  expect(code).toBe(0)
  expect(await mermaidKind(stdout)).toBe('flowchart-v2')
  expect(stdout).toMatch(/first<br\/>topology[\s\S]*second<br\/>topology/)
  expect(stdout).toContain('accDescr: 0 resources and 0 connections.')
})

test('a file that is not sound is not drawn', async () => {
  const here = folder({ 'topology.yaml': 'version: 1\nname: x\nservers: { a: { version: 3 } }\n' })
  const { code, stdout, stderr } = await here.pglink('graph')
  expect([code, stdout]).toEqual([4, ''])
  expect(stderr).toContain('topology.yaml:3')
})

test.each([
  ['{"format_version":"2.0"', 'is not a plan that pglink saved'],
  ['{"format_version":"2.0","graph":{"nodes":[]}}', 'is not a plan that pglink saved'],
  ['{"plans":[{}]}', 'is not a plan that pglink saved']
])('%s is no plan', async (text, says) => {
  const { code, stdout, stderr } = await folder({ 'plan.json': text }).pglink('graph plan.json')
  expect([code, stdout]).toEqual([4, ''])
  expect(stderr).toContain(says)
})

test.each([
  ['graph --format svgz', 'Did you mean svg?'],
  ['graph --sandbox --arm-endpoint https://localhost:1', 'Give --sandbox or --arm-endpoint'],
  ['graph --prune', 'add --live, --sandbox or --arm-endpoint'],
  ['graph plan.json --sandbox', 'leave out --sandbox'],
  ['graph plan.json --prune', 'leave out --prune'],
  ['graph plan.json --env prod', 'leave out --env'],
  ['graph topology.yaml plan.json', 'draw plan.json by itself'],
  ['graph --sandbox-seed seed.json', 'add --live, --sandbox or --arm-endpoint']
])('%s is wrong usage', async (args, says) => {
  const { code, stdout, stderr } = await folder({
    'topology.yaml': 'version: 1\nname: nothing\n',
    'plan.json': '{"format_version":"2.0"}'
  }).pglink(args)
  expect(stderr.toLowerCase()).toContain(says.toLowerCase())
  expect([code, stdout]).toEqual([64, ''])
})
