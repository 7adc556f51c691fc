import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { example, exampleNames } from '../examples/example.ts'
import { type Folder, folder } from '../support/cli.ts'
import { schemaProblems } from '../support/planDocument.ts'
import { network } from './topologies.ts'

type Members = Readonly<Record<string, unknown>>

const jsonIn = (text: string): Members => JSON.parse(text) as Members

const linesIn = (text: string): Members[] => {
  expect(text.endsWith('\n')).toBe(true)
  return text.trimEnd().split('\n').map(jsonIn)
}

const typesIn = (text: string): unknown[] => linesIn(text).map(({ type }) => type)

const requestsIn = (here: Folder): string[] => (existsSync(join(here.path, 'log')) ? here.read('log').trim().split('\n') : [])

const filesIn = ({ path }: Folder): string[] =>
  readdirSync(path)
    .filter(name => name !== '.pglink')
    .sort()

const files = '--json-into e.ndjson --markdown p.md --html p.html --sarif p.sarif --out p.json'

test('every report comes from one read, and the text as ever', async () => {
  const [plainly, here] = [folder({ 'topology.yaml': network() }), folder({ 'topology.yaml': network() })]
  const bare = await plainly.pglink('plan --sandbox --sandbox-log log')
  const ran = await here.pglink(`plan --sandbox --sandbox-log log ${files}`)
  expect([ran.code, ran.stderr]).toEqual([0, ''])
  expect(requestsIn(here)).toHaveLength(requestsIn(plainly).length)
  expect(requestsIn(here).length).toBeGreaterThan(0)
  const [text, saved] = ran.stdout.split('Saved. ')
  expect(text?.replace(/sha256:\w+/, '')).toBe(bare.stdout.replace(/sha256:\w+/, ''))
  expect(saved).toBe('Apply exactly this with: pglink apply p.json\n')
  const document = jsonIn(here.read('p.json'))
  const { digest } = document as { readonly digest: string }
  expect(schemaProblems(document)).toEqual([])
  expect(here.read('p.md')).toContain(digest.slice('sha256:'.length, 'sha256:'.length + 12))
  expect(here.read('p.html')).toMatch(/^<!doctype html>/i)
  expect(here.read('p.html')).toContain(digest)
  expect(jsonIn(here.read('p.sarif'))).toMatchObject({ version: '2.1.0', runs: [{ results: [] }] })
  expect(linesIn(here.read('e.ndjson')).at(-1)).toMatchObject({ type: 'change_summary', digest })
  expect(filesIn(here)).toEqual(['e.ndjson', 'log', 'p.html', 'p.json', 'p.md', 'p.sarif', 'topology.yaml'])
})

describe.each(exampleNames)('%s', name => {
  test('its plan is a document as the schema has it, before it is applied and after', async () => {
    const here = example(name)
    const before = jsonIn((await here.run('plan topology.yaml --json')).stdout)
    expect(schemaProblems(before)).toEqual([])
    expect(before).toMatchObject({ format_version: '2.0', source: 'sandbox' })
    const ran = await here.run('apply topology.yaml --auto-approve --json-into e.ndjson')
    const events = linesIn(here.files.read('e.ndjson'))
    const { steps } = before as { readonly steps: readonly { readonly n: number }[] }
    const begun = events.filter(({ type }) => type === 'apply_start').map(({ hook }) => (hook as { readonly step: number }).step)
    if (ran.code === 0) expect(begun.sort((a, b) => a - b)).toEqual(steps.map(({ n }) => n))
    expect(events.at(-1)).toMatchObject({ type: 'change_summary', changes: { operation: 'apply' } })
    const after = jsonIn((await here.run('plan topology.yaml --json')).stdout)
    expect(schemaProblems(after)).toEqual([])
    here.keepsSecrets(here.files.read('e.ndjson'))
  })
})

describe('with a dash for the file', () => {
  const starts = {
    '--out': '{\n  "format_version"',
    '--markdown': '#',
    '--html': '<!doctype html>',
    '--sarif': '{\n  "$schema"',
    '--json-into': '{"@level":"info","@message":"pglink '
  }
  test.each(Object.entries(starts))('%s has standard output to itself', async (flag, start) => {
    const here = folder({ 'topology.yaml': network() })
    const { stdout, stderr, code } = await here.pglink(`plan --sandbox ${flag} -`)
    expect([code, stderr, stdout.slice(0, start.length).toLowerCase()]).toEqual([0, '', start.toLowerCase()])
    expect(stdout).not.toContain('Steps are indicated')
    expect(filesIn(here)).toEqual(['topology.yaml'])
  })

  test('the events of an apply go there, and what a person reads beside it', async () => {
    const here = folder({ 'topology.yaml': network() })
    const { stdout, stderr, code } = await here.pglink('apply --sandbox --auto-approve --json-into -')
    expect(code).toBe(0)
    expect(typesIn(stdout)).toEqual(
      expect.arrayContaining(['version', 'planned_change', 'apply_start', 'apply_complete', 'change_summary'])
    )
    expect(stderr).toContain('Apply complete! Resources: 5 added')
  })

  test('validate says nothing beside the report', async () => {
    const here = folder({ 'topology.yaml': network('10.99.0.0/24') })
    const { stdout, code } = await here.pglink('validate --sarif -')
    expect(code).toBe(4)
    expect(jsonIn(stdout)['runs']).toMatchObject([{ results: [{ level: 'error' }] }])
  })
})

describe('impossible outputs are refused before anything is read', () => {
  const here = (): Folder => folder({ 'topology.yaml': network(), 'vars.env': '', 'seed.json': '{}' })
  const cases: readonly (readonly [string, number, string])[] = [
    ['plan --json --sarif -', 64, '--sarif would go to the same place as --json'],
    ['plan --markdown a --sarif ./a', 64, '--sarif would go to the same place as --markdown'],
    ['plan --markdown topology.yaml', 64, '--markdown would go to the same place as the file topology.yaml, which is read'],
    ['apply --json-into topology.yaml', 64, '--json-into would go to the same place as the file topology.yaml, which is read'],
    ['plan --env-file vars.env --sarif vars.env', 64, 'as the file vars.env, which is read'],
    ['plan --sandbox-seed seed.json --html seed.json', 64, 'as the file seed.json, which is read'],
    ['plan --baseline old.yaml --html old.yaml', 64, 'as the file old.yaml, which is read'],
    ['plan --env prod --markdown topology.prod.yaml', 64, 'as the file topology.prod.yaml, which is read'],
    ['apply --json-into .pglink/sandbox.json', 64, 'as the file .pglink/sandbox.json, which is read'],
    ['plan --markdown no/where.md', 1, '--markdown no/where.md cannot be written: there is no such folder'],
    ['plan --json-into no/where', 1, '--json-into no/where cannot be written: there is no such folder'],
    ['plan --out .', 1, '--out . cannot be written: it is a folder'],
    ['validate --sarif no/where', 1, '--sarif no/where cannot be written: there is no such folder']
  ]
  test.each(cases)('%s', async (command, code, says) => {
    const at = here()
    const sandbox = command.startsWith('validate') ? '' : ' --sandbox --sandbox-log log'
    const ran = await at.pglink(`${command}${sandbox}`)
    expect([ran.code, ran.stdout]).toEqual([code, ''])
    expect(ran.stderr).toContain(says)
    expect(requestsIn(at)).toEqual([])
    expect(at.read('topology.yaml')).toBe(network())
  })
})

test('a file is known by whatever link leads to it', async () => {
  const here = folder({ 'topology.yaml': network() })
  symlinkSync('topology.yaml', join(here.path, 'link'))
  const ran = await here.pglink('validate --sarif link')
  expect(ran.stderr).toContain('--sarif would go to the same place as the file topology.yaml, which is read')
  expect([ran.code, here.read('topology.yaml')]).toEqual([64, network()])
})

test.skipIf(!existsSync('/dev/full'))('where one file cannot be written the others stay as they were', async () => {
  const here = folder({ 'topology.yaml': network(), 'p.json': 'old plan', 'p.sarif': 'old log' })
  const ran = await here.pglink('plan --sandbox --out p.json --markdown /dev/full --sarif p.sarif')
  expect(ran.code).toBe(1)
  expect(ran.stderr).toBe('Error: --markdown /dev/full cannot be written: the disk is full.\n')
  expect([here.read('p.json'), here.read('p.sarif')]).toEqual(['old plan', 'old log'])
  expect(filesIn(here)).toEqual(['p.json', 'p.sarif', 'topology.yaml'])
})

test('a link stays a link, and a file keeps who may read it', async () => {
  const here = folder({ 'topology.yaml': network(), 'real/plan.md': 'old' })
  symlinkSync('real/plan.md', join(here.path, 'plan.md'))
  chmodSync(join(here.path, 'real/plan.md'), 0o600)
  expect((await here.pglink('plan --sandbox --markdown plan.md')).code).toBe(0)
  expect(lstatSync(join(here.path, 'plan.md')).isSymbolicLink()).toBe(true)
  expect(here.read('real/plan.md')).not.toBe('old')
  expect(statSync(join(here.path, 'real/plan.md')).mode & 0o777).toBe(0o600)
})

test('several topologies are in one file each', async () => {
  const here = folder({ 'a/topology.yaml': network(), 'b/topology.yaml': network('10.20.9.0/24').replace('name: net', 'name: other') })
  mkdirSync(join(here.path, 'data'))
  const ran = await here.pglink('plan . --sandbox --data-dir data --json-into e.ndjson --markdown p.md --html p.html --sarif p.sarif')
  expect([ran.code, ran.stderr]).toEqual([0, 'Read 1 of 2 topologies: a/topology.yaml\nRead 2 of 2 topologies: b/topology.yaml\n'])
  expect(ran.stdout).toMatch(/^Topology net \(a\/topology\.yaml\):\n\n[\s\S]*^Topology other \(b\/topology\.yaml\):\n\n/m)
  for (const file of ['p.md', 'p.html']) expect(here.read(file)).toMatch(/a\/topology\.yaml[\s\S]*b\/topology\.yaml/)
  const summaries = linesIn(here.read('e.ndjson')).filter(({ type }) => type === 'change_summary')
  expect(summaries.map(({ topology }) => topology)).toEqual(['a/topology.yaml', 'b/topology.yaml'])
  expect(typesIn(here.read('e.ndjson')).filter(type => type === 'version')).toHaveLength(1)
  const { plans } = jsonIn((await here.pglink('plan . --sandbox --data-dir data --json')).stdout) as { readonly plans: readonly unknown[] }
  expect(plans.map(schemaProblems)).toEqual([[], []])
})

test('with a baseline the plan says what moved in Azure since', async () => {
  const edited = network().replace('[10.20.0.0/16]', '[10.20.0.0/16, 10.30.0.0/16]')
  const here = folder({ 'topology.yaml': edited, 'applied.yaml': network() })
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  here.write('topology.yaml', network())
  const withBaseline = jsonIn((await here.pglink('plan --sandbox --baseline applied.yaml --json')).stdout)
  expect(schemaProblems(withBaseline)).toEqual([])
  expect(withBaseline['resource_drift']).toMatchObject([
    { class: 'drifted', address: 'networks/hub', field: 'addressSpace', live: ['10.20.0.0/16', '10.30.0.0/16'], desired: ['10.20.0.0/16'] }
  ])
  expect((await here.pglink('plan --sandbox --baseline applied.yaml --json-into e.ndjson')).code).toBe(0)
  expect(linesIn(here.read('e.ndjson'))).toContainEqual(expect.objectContaining({ type: 'resource_drift', field: 'addressSpace' }))
  expect(jsonIn((await here.pglink('plan --sandbox --json')).stdout)).not.toHaveProperty('resource_drift')
})

test('a file that is not sound has a log and events, and no plan', async () => {
  const here = folder({ 'topology.yaml': network('10.99.0.0/24') })
  const ran = await here.pglink(`plan --sandbox ${files}`)
  expect(ran.code).toBe(4)
  expect(jsonIn(here.read('p.sarif'))['runs']).toMatchObject([
    { results: [{ ruleId: 'PGL040', locations: [{ physicalLocation: { region: { startLine: 10 } } }] }] }
  ])
  const [version, problem, ...more] = linesIn(here.read('e.ndjson'))
  expect([version?.['type'], problem?.['type'], more]).toEqual(['version', 'diagnostic', []])
  expect(problem?.['diagnostic']).toMatchObject({
    severity: 'error',
    rule: 'PGL040',
    range: { filename: 'topology.yaml', start: { line: 10 } }
  })
  expect(filesIn(here)).toEqual(['e.ndjson', 'p.sarif', 'topology.yaml'])
})

test('the error that ends a command is the last event', async () => {
  const here = folder({ 'topology.yaml': network() })
  const ran = await here.pglink('apply --sandbox --json-into e.ndjson')
  expect(ran.code).toBe(6)
  const last = linesIn(here.read('e.ndjson')).at(-1)
  expect(last).toMatchObject({ '@level': 'error', type: 'diagnostic', diagnostic: { severity: 'error' } })
  expect(ran.stderr).toContain(String(last?.['@message']))
})

test.skipIf(!existsSync('/dev/full'))('events that cannot be written any more stop no apply, and are no success', async () => {
  const here = folder({ 'topology.yaml': network() })
  const ran = await here.pglink('apply --sandbox --auto-approve --json-into /dev/full')
  expect(ran.stdout).toContain('Apply complete! Resources: 5 added')
  expect(ran.stderr).toBe('Error: --json-into /dev/full takes no more events: the disk is full. The run goes on.\n')
  expect(ran.code).toBe(1)
})
