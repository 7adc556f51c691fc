import { expect, test } from 'vitest'
import { here, top } from './here.ts'

const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'abcdefghi'
  .split('')
  .slice(1)
  .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}]`)
  .join('\n')}\n`

const times = (count: number, line: (index: number) => string): string => Array.from({ length: count }, (_, index) => line(index)).join('')
const server = (index: number): string =>
  `  s${index}: { version: "17", storage: { sizeGiB: 128 }, networking: { publicAccess: { enabled: false } }, privateEndpoints: { e: { subnet: hbu/${index} } } }\n`

test.each<[string, string]>([
  ['aliases', `${top}x:\n  ${bomb.replaceAll('\n', '\n  ')}`],
  ['an alias of itself', `${top}networks: &a { hub: *a }\n`],
  ['deep flow', `${top}tags: ${'['.repeat(100_000)}`],
  ['deep flow that is closed', `${top}tags: ${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}\n`],
  ['deep blocks', `${top}tags:\n${Array.from({ length: 2_000 }, (_, depth) => `${' '.repeat(depth + 1)}a:\n`).join('')}`],
  ['deep sequences', `${top}tags:\n  ${'- '.repeat(50_000)}a\n`],
  ['a huge scalar', `${top}tags: { a: ${'x'.repeat(500_000)} }\n`],
  ['a huge key', `${top}${'x'.repeat(500_000)}: 1\n`],
  ['a huge number', `${top}safety: { maxDeletes: ${'9'.repeat(500_000)} }\n`],
  ['many keys', `${top}tags:\n${Array.from({ length: 20_000 }, (_, index) => `  k${index}: v\n`).join('')}`],
  ['the same key often', `${top}${'tags: {}\n'.repeat(20_000)}`],
  ['many wrong keys', `${top}${Array.from({ length: 20_000 }, (_, index) => `k${index}: v\n`).join('')}`],
  ['many documents', `---\n${'--- 1\n'.repeat(50_000)}`],
  ['an alias in many places', `${top}tags:\n  k: &a v\n${times(9_000, index => `  k${index}: *a\n`)}`],
  ['many aliases of nothing', `${top}tags:\n${times(9_000, index => `  k${index}: *a\n`)}`],
  ['many anchors', `${top}tags:\n${times(6_000, index => `  k${index}: &a${index} v\n  l${index}: *a${index}\n`)}`],
  ['an alias of much text', `${top}networks:\n  n: &n { name: ${'x'.repeat(50_000)} }\n${times(9_000, index => `  n${index}: *n\n`)}`],
  ['commas', `[${','.repeat(500_000)}`],
  ['quotes', '"'.repeat(500_000)],
  ['closing brackets', ']'.repeat(500_000)],
  ['anchors of nothing', '&a '.repeat(170_000)],
  ['the same key often on one line', `{${'a: 1,'.repeat(16_000)}}`],
  ['the same key more often than there are arguments of a function', `{${'a: 1,'.repeat(300_000)}}`],
  [
    'many subnets of one range',
    `${top}networks: { hub: { subnets: {${times(8_000, index => `s${index}: { addressPrefix: 10.0.0.0/24 },`)}} } }\n`
  ],
  ['many ranges', `${top}networks: { hub: { addressSpace: [${'10.0.0.0/8,'.repeat(45_000)}] } }\n`],
  [
    'many references to nothing',
    `${top}networks: { hub: { subnets: {${times(1_500, index => `e${index}: {},`)}} } }\nservers:\n${times(1_200, server)}`
  ],
  [
    'many links to nothing',
    `${top}networks: {${times(6_000, index => `network-${index}: {},`)}}\nprivateDnsZones: { y: { links: {${times(6_000, index => `netwrk-${index}: {},`)}} } }\n`
  ],
  [
    'many rules of a firewall',
    `${top}servers: { s: { networking: { publicAccess: { firewallRules: {${times(5_000, index => `r${index}: { start: x, end: y },`)}} } } } }\n`
  ],
  ['many networks', `${top}networks:\n${times(6_500, index => `  n${index}: { addressSpace: [10.0.0.0/33] }\n`)}`],
  ['many secrets on one line', `${top}servers: {${times(6_000, index => `s${index}: { administrator: { password: x } },`)}}\n`],
  ['much below a long key', `${top}servers:\n  ${'x'.repeat(300_000)}:\n${times(9_000, index => `    k${index}: 1\n`)}`],
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
    expect(performance.now() - began).toBeLessThan(20_000)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_500_000_000)
    expect(stdout + stderr).not.toMatch(/pglink has a bug|\n {4}at /)
    expect(stdout).toMatch(/error PGL\d+/)
    expect(stdout.length).toBeLessThan(1_000_000)
    expect(code).toBe(4)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  },
  60_000
)

test('the errors of many mistakes are shown, and how many more there are', async () => {
  const warnings = times(300, index => `  w${index}: "\${env:AZURE_TENANT_ID}"\n`)
  const { pglink } = here({ 'topology.yaml': `${top}tags:\n${warnings}${times(250, index => `k${index}: v\n`)}` })
  const { stdout } = await pglink(['validate', '--json'])
  const { diagnostics, error_count: errors } = JSON.parse(stdout) as {
    diagnostics: { rule: string; summary: string }[]
    error_count: number
  }
  expect(diagnostics.length).toBe(201)
  expect(errors).toBe(201)
  expect(new Set(diagnostics.slice(0, -1).map(({ rule }) => rule))).toEqual(new Set(['PGL920', 'PGL925']))
  expect(diagnostics.at(-1)).toMatchObject({
    rule: 'PGL918',
    summary: 'there are 351 more problems than these 200: 51 errors and 300 warnings'
  })
})
