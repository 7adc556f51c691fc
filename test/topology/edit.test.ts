import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Json } from '../../src/model/json.ts'
import { edited } from '../../src/topology/edit.ts'
import type { Path } from '../../src/topology/tree.ts'

const text = `# The first line.
version: 1   # with blanks

servers:
    orders-pg:            # four blanks, and kept so
        version: "17"
        storage: { sizeGiB: 128, autoGrow: true } # on one line
        tags:
            - not really
            # between
            - a list
        # before a database
        databases:
            orders: { charset: UTF8 }

            ledger: {}   # the last
        notes: 'it''s'
        empty: {}
        none:
        password: "\${env:PG_PASSWORD}"
        literal: $\${env:NOT}
shared: &shared { a: 1 }
other: *shared
`

const write = (path: Path, value: Json | undefined): string => {
  const made = edited(text, path, value)
  return made.ok ? made.text : made.reason
}

/** The lines that are not the same, as they were and as they are. */
function changed(path: Path, value: Json | undefined): string[] {
  const [before, after] = [text.split('\n'), write(path, value).split('\n')]
  return [
    ...before.filter(line => !after.includes(line)).map(line => `- ${line}`),
    ...after.filter(line => !before.includes(line)).map(line => `+ ${line}`)
  ]
}

test.each<readonly [string, Path, Json | undefined, readonly string[]]>([
  ['a quoted text stays quoted', ['servers', 'orders-pg', 'version'], '18', ['-         version: "17"', '+         version: "18"']],
  [
    'a number in a map on one line',
    ['servers', 'orders-pg', 'storage', 'sizeGiB'],
    256,
    [
      '-         storage: { sizeGiB: 128, autoGrow: true } # on one line',
      '+         storage: { sizeGiB: 256, autoGrow: true } # on one line'
    ]
  ],
  [
    'a member taken out of a map on one line',
    ['servers', 'orders-pg', 'storage', 'sizeGiB'],
    undefined,
    ['-         storage: { sizeGiB: 128, autoGrow: true } # on one line', '+         storage: { autoGrow: true } # on one line']
  ],
  ['the last entry of a map', ['servers', 'orders-pg', 'databases', 'ledger'], undefined, ['-             ledger: {}   # the last']],
  ['a new key', ['servers', 'orders-pg', 'databases', 'more'], {}, ['+             more: {}']],
  [
    'a new key in an empty map',
    ['servers', 'orders-pg', 'empty', 'team'],
    'a b',
    ['-         empty: {}', '+         empty: { team: "a b" }']
  ],
  [
    'a new map',
    ['servers', 'orders-pg', 'databases', 'orders', 'tags', 'team'],
    'x',
    ['-             orders: { charset: UTF8 }', '+             orders: { charset: UTF8, tags: { team: x } }']
  ],
  ['a single quote', ['servers', 'orders-pg', 'notes'], "it isn't", ["-         notes: 'it''s'", "+         notes: 'it isn''t'"]],
  [
    'a text that looks like a variable is none',
    ['servers', 'orders-pg', 'version'],
    '$'.concat('{env:SECRET}'),
    ['-         version: "17"', `+         version: "$\${env:SECRET}"`]
  ],
  ['a word that YAML takes for another', ['version'], 'on', ['- version: 1   # with blanks', '+ version: "on"   # with blanks']],
  [
    'a list, item by item',
    ['servers', 'orders-pg', 'tags'],
    ['not really', 'y: z', 'x'],
    ['-             - a list', '+             - "y: z"', '+             - x']
  ],
  ['a shorter list', ['servers', 'orders-pg', 'tags'], ['x'], ['-             - not really', '-             - a list', '+             - x']]
])('%s', (_, path, value, expected) => expect(changed(path, value)).toEqual(expected))

test.each<readonly [string, Path, string]>([
  ['a variable', ['servers', 'orders-pg', 'password'], 'written as a variable'],
  ['what an anchor shares', ['shared', 'a'], 'anchor'],
  ['what an alias leads to', ['other', 'a'], 'alias'],
  ['what is below a text', ['version', 'a'], 'not a map']
])('%s is not written over', (_, path, why) => {
  const made = edited(text, path, 'x')
  expect(made).toMatchObject({ ok: false, reason: expect.stringContaining(why) })
})

test('a key that is not there is not taken out, to the byte', () => expect(write(['servers', 'orders-pg', 'nosuch'], undefined)).toBe(text))

test('line ends stay as they are', () => {
  const made = edited('a: 1\r\nb:\r\n  c: 2\r\n', ['b', 'd'], 3)
  expect(made).toEqual({ ok: true, text: 'a: 1\r\nb:\r\n  c: 2\r\n  d: 3\r\n' })
})

// Whatever the value: it is there afterwards, and nothing else is another.
test('any value, anywhere', () => {
  const place = fc.constantFrom<Path>(
    ['version'],
    ['servers', 'orders-pg', 'storage', 'autoGrow'],
    ['servers', 'orders-pg', 'notes'],
    ['servers', 'orders-pg', 'new']
  )
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.array(fc.string()))
  fc.assert(
    fc.property(place, value, (path, wanted) => {
      const after = parse(write(path, wanted)) as Record<string, unknown>
      const before = parse(text) as Record<string, unknown>
      const [target, original] = [after, before].map(root => path.slice(0, -1).reduce((node, key) => node[String(key)] as never, root))
      const literal = (one: unknown): unknown => (typeof one === 'string' ? one.split('$'.concat('{')).join('$$'.concat('{')) : one)
      const key = String(path.at(-1))
      expect(target?.[key]).toEqual(Array.isArray(wanted) ? wanted.map(literal) : literal(wanted))
      for (const side of [target, original]) delete side?.[key]
      expect(after).toEqual(before)
    }),
    { numRuns: 300, seed: 20261122 }
  )
})
