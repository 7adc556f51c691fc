import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type CommandLine, commandLine } from '../simulate/commandLine.ts'

const opened: CommandLine[] = []
const here = (files: Readonly<Record<string, string>>): CommandLine => {
  const one = commandLine(files)
  opened.push(one)
  return one
}
afterEach(() => {
  for (const one of opened.splice(0)) one.remove()
})

const top = 'version: 1\nname: net\nsubscription: 11111111-1111-4111-8111-111111111111\nlocation: eastus2\nresourceGroup: rg-net\n'
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

const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'abcdefghi'
  .split('')
  .slice(1)
  .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}]`)
  .join('\n')}\n`

test.each<[string, string]>([
  ['aliases', `${top}x:\n  ${bomb.replaceAll('\n', '\n  ')}`],
  ['an alias of itself', `${top}networks: &a { hub: *a }\n`],
  ['deep flow', `${top}tags: ${'['.repeat(100_000)}`],
  ['deep flow that is closed', `${top}tags: ${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}\n`],
  ['deep blocks', `${top}tags:\n${Array.from({ length: 2_000 }, (_, depth) => `${' '.repeat(depth + 1)}a:\n`).join('')}`],
  ['deep sequences', `${top}tags:\n  ${'- '.repeat(50_000)}a\n`],
  ['a huge scalar', `${top}tags: { a: ${'x'.repeat(2_000_000)} }\n`],
  ['a huge key', `${top}${'x'.repeat(2_000_000)}: 1\n`],
  ['a huge number', `${top}safety: { maxDeletes: ${'9'.repeat(1_000_000)} }\n`],
  ['many keys', `${top}tags:\n${Array.from({ length: 20_000 }, (_, index) => `  k${index}: v\n`).join('')}`],
  ['the same key often', `${top}${'tags: {}\n'.repeat(20_000)}`],
  ['many wrong keys', `${top}${Array.from({ length: 20_000 }, (_, index) => `k${index}: v\n`).join('')}`],
  ['many documents', `---\n${'--- 1\n'.repeat(50_000)}`],
  ['a type of JavaScript', `${top}tags: !!js/function "function () { throw 1 }"\n`],
  ['a type of Python', `${top}tags: !!python/object/apply:os.system ["id"]\n`],
  [
    'a prototype',
    `${top}__proto__: { polluted: true }\ntags: { __proto__: { polluted: 1 } }\nconstructor: { prototype: { polluted: 1 } }\n`
  ],
  [
    'names of every object',
    `${top}networks: { constructor: {}, __proto__: {}, toString: {}, hasOwnProperty: {} }\nservers: { valueOf: { connections: [{ from: constructor, decision: approve }] } }\n`
  ],
  [
    'a pattern that could take for ever',
    `${top}networks: { hub: { id: "/subscriptions/${'a/'.repeat(50_000)}" } }\nprivateDnsZones: { z: { name: "${'a.'.repeat(50_000)}!" } }\n`
  ]
])(
  '%s end in a diagnostic, soon',
  async (_, text) => {
    const { pglink } = here({ 'topology.yaml': text })
    const before = process.memoryUsage().heapUsed
    const began = performance.now()
    const { code, stdout, stderr } = await pglink(['validate'])
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_500_000_000)
    expect(stdout + stderr).not.toMatch(/pglink has a bug|\n {4}at /)
    expect(stdout).toMatch(/error PGL\d+/)
    expect(code).toBe(4)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  },
  30_000
)
