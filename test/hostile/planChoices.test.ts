import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CommandLine, variable } from '../simulate/commandLine.ts'
import { here, top } from './here.ts'

const topology = `${top}networks: { hub: { addressSpace: [10.20.0.0/16] } }\n`
const secret = 'TOKEN=hunter2\nname: hunter2-of-somebody-else: [\n'

interface Scene extends CommandLine {
  /** Applies the plan with these flags, or this path of the topology, written into it. */
  edited(
    flags: Readonly<Record<string, unknown>>,
    args?: readonly string[],
    path?: string,
    env?: Readonly<Record<string, string>>
  ): ReturnType<CommandLine['pglink']>
}

/** A plan that was saved in `work`, beside which somebody else's files are. */
async function scene(): Promise<Scene> {
  const outer = here({ 'outside.yaml': secret, 'outside.env': secret, 'other/topology.yaml': topology })
  const line = here({
    'topology.yaml': topology,
    'infra/topology.yaml': topology,
    'vars.env': 'A=1\n',
    '.git/config': secret,
    '.env': secret,
    '.config/x.yaml': secret,
    'node_modules/x/x.yaml': secret,
    'token.json': '{ "token": "hunter2", }, [\n',
    'package.json': '{ "name": "x", "version": "1.0.0", "token": "hunter2" }\n',
    'notes.txt': secret
  })
  symlinkSync(outer.path, join(line.path, 'out'))
  symlinkSync(join(outer.path, 'outside.yaml'), join(line.path, 'link.yaml'))
  symlinkSync('.git/config', join(line.path, 'config.yaml'))
  symlinkSync('/nowhere/at/all', join(line.path, 'dangling.yaml'))
  symlinkSync('round.yaml', join(line.path, 'round.yaml'))
  mkdirSync(join(line.path, 'data'))
  expect((await line.pglink(['plan', '--sandbox', '--out', 'plan.json'])).code).toBe(0)
  const plan = JSON.parse(readFileSync(join(line.path, 'plan.json'), 'utf8'))
  return {
    ...line,
    edited(flags, args = [], path = plan.topology.path, env = {}) {
      const topologyOf = { ...plan.topology, path, flags: { ...plan.topology.flags, ...flags } }
      writeFileSync(join(line.path, 'plan.json'), JSON.stringify({ ...plan, topology: topologyOf }))
      return line.pglink(['apply', 'plan.json', '--auto-approve', ...args], env)
    }
  }
}

const elsewhere = [
  '../outside.yaml',
  'infra/../../outside.yaml',
  '/etc/passwd',
  '/proc/self/environ',
  '/dev/stdin',
  '//server/share/x.yaml',
  '\\\\server\\share\\x.yaml',
  'C:\\x.yaml',
  '~/x.yaml',
  'file:///etc/passwd',
  'https://evil.example/x.yaml',
  'out/outside.yaml',
  'out/topology.yaml',
  'link.yaml',
  'dangling.yaml',
  '.git/config',
  'config.yaml',
  '.config/x.yaml',
  'node_modules/x/x.yaml'
]
/** Files whose lines would be quoted. */
const noTopology = ['token.json', 'package.json', 'notes.txt', '.env', 'vars.env']

describe('a saved plan names what is outside, and it is not followed', () => {
  test.each<[string, (path: string) => Readonly<Record<string, unknown>>, readonly string[]]>([
    ['--baseline', path => ({ baseline: path }), noTopology],
    ['--env-file', path => ({ 'env-file': ['vars.env', path] }), ['.env']],
    ['--data-dir', path => ({ 'data-dir': path }), ['.secret', 'out']],
    ['--sandbox-state', path => ({ 'sandbox-state': path }), ['.bashrc']],
    ['--sandbox-seed', path => ({ 'sandbox-seed': path }), ['.npmrc']]
  ])('as %s', async (flag, flags, more) => {
    const { edited, files } = await scene()
    const before = [...files().keys()].sort()
    for (const path of [...elsewhere, ...more]) {
      const { code, stdout, stderr } = await edited(flags(path))
      expect([path, code, stdout], stderr).toEqual([path, 64, ''])
      expect(stderr).toContain(`for ${flag}, which `)
      expect(stderr).toMatch(new RegExp(`give it yourself: .*${flag}=`))
      expect(stderr).not.toContain('hunter2')
    }
    expect([...files().keys()].sort()).toEqual(before)
  })

  test('as the topology', async () => {
    const { edited } = await scene()
    for (const path of [...elsewhere, ...noTopology]) {
      const { code, stdout, stderr } = await edited({}, [], path)
      expect([path, code, stdout], stderr).toEqual([path, 64, ''])
      expect(stderr).toContain('give it yourself: pglink apply plan.json ')
      expect(stderr).not.toContain('hunter2')
    }
  })

  test.each(['fifo.yaml', 'round.yaml', 'data'])('nor is what is no file, and at once: %s', async path => {
    const { edited, path: within } = await scene()
    if (path === 'fifo.yaml') execFileSync('mkfifo', [join(within, path)])
    for (const ended of [await edited({}, [], path), await edited({ 'env-file': [path] }), await edited({ 'sandbox-seed': path })])
      expect([ended.code, ended.stderr]).toEqual([4, expect.stringContaining(path)])
  })
})

describe('what is given again is followed', () => {
  test('each flag, and the topology', async () => {
    const { edited } = await scene()
    const files = { baseline: 'out/other/topology.yaml', 'env-file': ['.env'], 'data-dir': 'out/data', 'sandbox-state': 'out/state.json' }
    const again = Object.entries(files).flatMap(([name, value]) => [value].flat().map(one => `--${name}=${one}`))
    expect((await edited(files)).code).toBe(64)
    const { code, stderr, stdout } = await edited(files, again)
    expect([code, stderr], stdout).toEqual([0, ''])
    const outside = await edited({}, ['out/other/topology.yaml'], 'out/other/topology.yaml')
    expect(outside.stderr).not.toContain('The saved plan names')
    expect(outside.code).not.toBe(64)
  })

  test('and nothing else in its place', async () => {
    const { edited } = await scene()
    for (const other of ['topology.yaml', 'infra/topology.yaml']) expect((await edited({}, [other], '../outside.yaml')).code).toBe(64)
    expect((await edited({ baseline: '../outside.yaml' }, ['--baseline', 'topology.yaml'])).code).toBe(64)
  })
})

describe('a saved plan says where a token goes, or what is read of the environment, and that is not followed', () => {
  // It would be read into a tag, which Azure shows to whoever may read the network.
  const token = `${top}tags: { a: "${variable('MY_TOKEN')}" }\nnetworks: { hub: { addressSpace: [10.20.0.0/16] } }\n`
  const env = { MY_TOKEN: 'hunter2', ARM_TOKEN: 'hunter2' }
  const elsewhereId = '99999999-1111-4111-8111-111111111111'

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['an endpoint', { 'arm-endpoint': 'https://localhost:1', sandbox: false }, '--arm-endpoint=https://localhost:1'],
    ['a variable', { 'allow-env': ['AZURE_TENANT_ID', 'MY_TOKEN'] }, '--allow-env=AZURE_TENANT_ID --allow-env=MY_TOKEN'],
    ['a file that names a variable', { 'env-file': ['names.env'] }, '--env-file=names.env'],
    ['another subscription', { subscription: elsewhereId }, `--subscription=${elsewhereId}`],
    ['an overlay elsewhere', { env: 'x/../../outside' }, '--env=x/../../outside'],
    ['an overlay that is a link', { env: 'linked' }, '--env=linked']
  ])('%s', async (_what, flags, again) => {
    const { edited, write, path } = await scene()
    write('topology.yaml', token)
    write('names.env', 'MY_TOKEN=\n')
    symlinkSync('../outside.yaml', join(path, 'topology.linked.yaml'))
    const { code, stdout, stderr } = await edited(flags, [], 'topology.yaml', env)
    expect([code, stdout], stderr).toEqual([64, ''])
    expect(stderr).toContain(`give it yourself: ${again}\n`)
    expect(stderr).not.toContain('hunter2')
    expect((await edited(flags, again.split(' '), 'topology.yaml', env)).stderr).not.toContain('The saved plan names')
    // Another value on the command line does not stand for it.
    if (flags['allow-env'] !== undefined) expect((await edited(flags, ['--allow-env=OTHER'], 'topology.yaml', env)).code).toBe(64)
  })

  test('nor that it is not of the sandbox, where the command line says so', async () => {
    const { edited } = await scene()
    const { code, stdout, stderr } = await edited({ sandbox: false }, ['--sandbox'])
    expect([code, stderr], stdout).toEqual([0, ''])
  })

  test('and the line that saved it has all of that, and works as it is printed', async () => {
    const { pglink } = here({ 'topology.yaml': token, 'vars.env': 'MY_TOKEN=of the file\n' })
    const plans = [
      ['--allow-env', 'MY_TOKEN'],
      ['--env-file', 'vars.env']
    ]
    for (const args of plans) {
      const { stdout } = await pglink(['plan', '--sandbox', '--sandbox-state', `${args[0]}.json`, '--out', 'plan.json', ...args], env)
      const [, line = ''] = /Apply exactly this with: pglink (.*)\n/.exec(stdout) ?? []
      expect(line).toBe(`apply plan.json ${args.join('=')}`)
      const { code, stderr } = await pglink(line.split(' '), env)
      expect([code, stderr]).toEqual([0, ''])
    }
  })
})

test('what lies beneath is followed as it was recorded', async () => {
  const { edited, path } = await scene()
  const flags = {
    baseline: 'infra/topology.yaml',
    'env-file': ['vars.env'],
    'data-dir': 'data/.pglink',
    'sandbox-state': `${path}/data/s.json`
  }
  const { code, stderr, stdout } = await edited(flags)
  expect([code, stderr], stdout).toEqual([0, ''])
})

test('a line that is quoted is cut, around what is meant', async () => {
  const { pglink } = here({ 'topology.yaml': `${top}tags: { a: ${'x'.repeat(400)}, a: 1, b: ${'y'.repeat(400)} }\n` })
  const { diagnostics } = JSON.parse((await pglink(['validate', '--json'])).stdout) as { diagnostics: { snippet?: { code: string } }[] }
  const codes = diagnostics.flatMap(({ snippet }) => (snippet ? [snippet.code] : []))
  expect(codes.length).toBeGreaterThan(0)
  for (const code of codes) expect(code.length).toBeLessThanOrEqual(200)
  expect(codes.join('')).toContain('a: 1')
})
