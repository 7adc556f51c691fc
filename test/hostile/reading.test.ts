import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jsonIn } from '../../src/model/json.ts'
import { jsonIn as inSandbox } from '../../src/sandbox/json.ts'
import { here, top } from './here.ts'

const kept = 'name: hunter2-of-somebody-else: [\n'

test.each([
  ['a symbolic link as a base', 'extends: base.yaml\n', ['base.yaml']],
  ['a symbolic link as the topology', undefined, ['topology.yaml']],
  ['a symbolic link as a folder', 'extends: shared/outside.yaml\n', ['shared']],
  ['a symbolic link as the overlay', top, ['topology.prod.yaml']]
])('%s does not lead out of the folder', async (_, topology, [link = '']) => {
  const outside = here({ 'outside.yaml': kept })
  const { path, pglink } = here(topology === undefined ? {} : { 'repo/topology.yaml': topology })
  mkdirSync(join(path, 'repo'), { recursive: true })
  symlinkSync(link === 'shared' ? outside.path : join(outside.path, 'outside.yaml'), join(path, 'repo', link))
  const args = link.includes('prod') ? ['--env', 'prod'] : []
  for (const json of [[], ['--json']]) {
    const { code, stdout, stderr } = await pglink(['validate', 'repo/topology.yaml', ...args, ...json])
    expect(stdout + stderr).toContain('leads out of the folder of the topology')
    expect(stdout + stderr).not.toContain('hunter2')
    expect(code).toBe(4)
  }
})

test('a symbolic link within the folder is followed', async () => {
  const { path, pglink } = here({ 'bases/base.yaml': top, 'topology.yaml': 'extends: base.yaml\n' })
  symlinkSync('bases/base.yaml', join(path, 'base.yaml'))
  const { code, stdout } = await pglink(['validate'])
  expect(stdout).toContain('Valid: topology.yaml')
  expect(code).toBe(0)
})

/** Ways to hold up or feed for ever whoever reads a file. */
const noFiles: readonly (readonly [string, (path: string) => void])[] = [
  ['a pipe', path => void execFileSync('mkfifo', [path])],
  ['a device', path => symlinkSync('/dev/zero', path)],
  ['a link to itself', path => symlinkSync(path, path)]
]

const argumentsWith: readonly (readonly string[])[] = [
  ['validate', 'x.yaml'],
  ['plan', '--sandbox', 'x.yaml'],
  ['apply', 'x.yaml'],
  ['validate', '--env-file', 'x.yaml'],
  ['plan', '--sandbox', '--baseline', 'x.yaml'],
  ['locks', 'list', '--sandbox', '--journal', 'x.yaml'],
  ['plan', '--sandbox', '--sandbox-state', 'x.yaml'],
  ['plan', '--sandbox', '--sandbox-seed', 'x.yaml'],
  ['plan', '--sandbox', '--sandbox-log', 'x.yaml'],
  ['sandbox', '--state', 'x.yaml'],
  ['sandbox', '--principals', 'x.yaml'],
  ['validate', '--env', 'x'],
  ['validate', 'extending.yaml']
]

test.each(noFiles)('%s in place of a file is exit 4 at once', async (_, make) => {
  const { path, pglink } = here({ 'topology.yaml': top, 'extending.yaml': 'extends: x.yaml\n' })
  make(join(path, 'x.yaml'))
  make(join(path, 'topology.x.yaml'))
  for (const args of argumentsWith) {
    const { code, stdout, stderr } = await pglink(args)
    expect(stdout + stderr, args.join(' ')).toMatch(/cannot be read|leads out/)
    expect(code, args.join(' ')).toBe(4)
  }
})

const token = 'AUTHORIZATION: basic hunter2'
const secrets = {
  'repo/.git/config': `[http]\n\textraheader = ${token}\n`,
  'repo/.npmrc': `//registry/:_authToken=hunter2: [\n`,
  'repo/.env': 'TOKEN=hunter2\n',
  'repo/.config/x.yaml': `x: ${token}: [\n`,
  'repo/node_modules/x/x.yaml': `x: ${token}: [\n`,
  'repo/x.json': '{ "token": "hunter2", }, [\n'
}

describe.each(Object.keys(secrets).map(path => path.slice('repo/'.length)))('%s beside the topology', path => {
  test.each([
    ['as a base', `extends: ${path}\n${top}`, undefined],
    ['as a base by a symbolic link', `extends: base.yaml\n${top}`, 'base.yaml'],
    ['as an overlay by a symbolic link', top, 'topology.prod.yaml']
  ])('is not read %s', async (_, topology, link) => {
    const { path: folder, pglink } = here({ ...secrets, 'repo/topology.yaml': topology })
    if (link !== undefined) symlinkSync(path, join(folder, 'repo', link))
    const args = link?.includes('prod') ? ['--env', 'prod'] : []
    for (const json of [[], ['--json'], ['--sarif', '-']]) {
      const { code, stdout, stderr } = await pglink(['validate', 'repo/topology.yaml', ...args, ...json])
      expect(stdout).toMatch(link?.includes('prod') ? /PGL901/ : /PGL916/)
      expect(stdout + stderr).not.toContain('hunter2')
      expect(code).toBe(4)
    }
  })
})

test.each(['.git/config', '.env', 'x.json'])('%s is not read through a link in place of the topology', async path => {
  const { path: folder, pglink } = here(secrets)
  symlinkSync(path, join(folder, 'repo', 'topology.yaml'))
  const { code, stdout, stderr } = await pglink(['validate', 'repo/topology.yaml'])
  expect(stdout).toContain('PGL901')
  expect(stdout).toContain('a symbolic link to what is no .yaml or .yml file')
  expect(stdout + stderr).not.toContain('hunter2')
  expect(code).toBe(4)
})

test('a file of another name is read where the command line names it', async () => {
  const { pglink } = here({ 'topology.conf': top })
  const { code, stdout } = await pglink(['validate', 'topology.conf'])
  expect(stdout).toContain('Valid: topology.conf')
  expect(code).toBe(0)
})

test.each([
  '../outside.yaml',
  '/etc/passwd',
  'https://example.com/x.yaml',
  'file:///etc/passwd',
  'sub/../../outside.yaml',
  '\\\\server\\share\\x.yaml',
  '..\\outside.yaml',
  '~/x.yaml',
  'x\\0.yaml'
])('extends: %s is refused and not read', async base => {
  const { path, pglink } = here({ 'repo/topology.yaml': `extends: ${JSON.stringify(base).replace('\\\\0', '\\0')}\n${top}` })
  writeFileSync(join(path, 'outside.yaml'), kept)
  const { code, stdout } = await pglink(['validate', 'repo/topology.yaml'])
  expect(stdout).toContain('PGL916')
  expect(stdout).not.toContain('hunter2')
  expect(code).toBe(4)
})

test('a variable that is not allowed from outside is not read', async () => {
  const { pglink } = here({ 'topology.yaml': `${top}tags: { a: "\${env:HOME_TOKEN}" }\n` })
  const { code, stdout, stderr } = await pglink(['plan', '--sandbox', '--json'], { HOME_TOKEN: 'hunter2' })
  expect(stdout).toContain('PGL911')
  expect(stdout + stderr).not.toContain('hunter2')
  expect(code).toBe(4)
})

test.each([
  'subscription: "https://evil.example/$${env:A}"',
  'networks: { hub: { id: "https://evil.example/$${env:A}" } }',
  'networks: { hub: { id: "@evil.example/$${env:A}" } }',
  'networks: { hub: { id: "//evil.example/x" } }',
  'networks: { hub: { id: /subscriptions/x/resourceGroups/../providers/Microsoft.Network/virtualNetworks/a } }',
  'networks: { hub: { id: /subscriptions/x/resourceGroups/a%2Fb/providers/Microsoft.Network/virtualNetworks/a } }',
  'networks: { hub: { id: "/subscriptions/x/resourceGroups/a?b/providers/Microsoft.Network/virtualNetworks/a" } }',
  'networks: { hub: { id: "/subscriptions/x/resourceGroups/a\\\\b/providers/Microsoft.Network/virtualNetworks/a" } }',
  'networks: { hub: { existing: true, name: "../../x" } }',
  'networks: { hub: { existing: true, name: ".." } }',
  'networks: { hub: { existing: true, name: "a?b" } }',
  'networks: { hub: { existing: true, subnets: { "..": { existing: true } } } }',
  'networks: { hub: { existing: true, resourceGroup: "..", subnets: {} } }',
  'networks: { hub: { existing: true, resourceGroup: { name: "a/../b", existing: true } } }',
  'cloud: https://evil.example'
])('%s leads nowhere: it is not valid', async line => {
  const { pglink, files } = here({
    'topology.yaml': `${top.replace(line.startsWith('subscription') ? /subscription.*\n/ : /$^/, '')}${line}\n`
  })
  const { code, stdout, stderr } = await pglink(['plan', '--sandbox', '--sandbox-log', 'requests.ndjson'])
  expect(stdout + stderr).toMatch(/error PGL\d+/)
  expect(files().has('requests.ndjson')).toBe(false)
  expect(code).toBe(4)
})

// A file that is meant as JSON may be another one than was meant: V8 quotes what stands around the fault.
describe('of a file that is no JSON nothing is quoted, but its place is said', () => {
  const files = {
    'topology.yaml': `${top}networks: { hub: { addressSpace: [10.20.0.0/16] } }\n`,
    'env.json': '{\n  "digest": hunter2-of-somebody-else-and-more\n}\n',
    'short.json': '{\n  "digest": hunter2\n}\n'
  }
  test.each(['env.json', 'short.json'])('%s', async file => {
    const { pglink } = here(files)
    const lines = [
      ['apply', file, '--sandbox'],
      ['graph', file],
      ...['--sandbox-seed', '--sandbox-state', '--sandbox-faults'].map(flag => ['plan', '--sandbox', flag, file]),
      ...['--seed', '--state', '--faults', '--behaviours', '--principals'].map(flag => ['sandbox', '--port', '0', flag, file])
    ]
    for (const line of lines) {
      const { code, stdout, stderr } = await pglink(line)
      expect([line, code === 0, stdout], stderr).toEqual([line, false, ''])
      expect([line, stderr]).toEqual([line, expect.stringContaining('is no JSON: line 2, column 13')])
      expect([line, stderr]).toEqual([line, expect.not.stringContaining('hunter')])
    }
  })

  // The first character that RFC 8259 allows no text to go on with, counted by hand.
  test.each([
    ['', 1, 1],
    ['{"a":1', 1, 7],
    ['{"a":1,}', 1, 8],
    ['[1,2', 1, 5],
    ['[1 2]', 1, 4],
    ['{"a":"x\ny"}', 1, 8],
    ['[\n  tru\n]', 2, 6],
    [`{\n\n${' '.repeat(200)}a`, 3, 201],
    [`["${'é'.repeat(100)}", 'x']`, 1, 106]
  ])('%j', (text, line, column) => {
    for (const read of [jsonIn, inSandbox]) expect(() => read(text)).toThrow(`is no JSON: line ${line}, column ${column}`)
  })
})
