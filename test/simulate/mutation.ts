import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { variable } from './commandLine.ts'

/** One mutation; the same numbers make the same one. */
interface Edit {
  readonly sort: 'flip' | 'cut' | 'double' | 'swap' | 'insert' | 'nest' | 'huge'
  readonly at: number
  readonly length: number
  readonly piece: string
}

const pieces = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    ',',
    '"',
    "'",
    '\n',
    '\t',
    '  ',
    '#',
    '|',
    '>',
    '&a ',
    '*a',
    '!!js/function ',
    '!x ',
    '<<: *a',
    '? ',
    '---\n',
    '...\n',
    '%YAML 9.9\n'
  ],
  ...[
    'null',
    '~',
    '.inf',
    '.nan',
    '0x1F',
    '1e999',
    '-0',
    '9'.repeat(400),
    'true',
    '""',
    '{}',
    '[]',
    '__proto__',
    'constructor',
    'toString',
    'id',
    'existing: true'
  ],
  ...[
    variable('A'),
    variable('A').slice(0, 6),
    `$${variable('').slice(0, 2)}`,
    '\0',
    '\u001b[2J',
    '\u202e',
    '\ud800',
    '\ufeff',
    '::error::x',
    '\\u0000',
    '\\',
    '2000-01-01T00:00:00Z',
    '../',
    '/subscriptions//'
  ]
]

export const edit: fc.Arbitrary<Edit> = fc.record({
  sort: fc.constantFrom('flip', 'flip', 'cut', 'double', 'swap', 'insert', 'insert', 'nest', 'huge'),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.integer({ min: 1, max: 200 }),
  piece: fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 6 }))
})

export function edited(bytes: Buffer, { sort, at, length, piece }: Edit): Buffer {
  const place = Math.floor(at * bytes.length)
  const before = bytes.subarray(0, place)
  const here = bytes.subarray(place, place + length)
  const behind = bytes.subarray(place + length)
  switch (sort) {
    case 'flip': {
      const copy = Buffer.from(bytes)
      for (let index = 0; index < Math.min(length, 4); index += 1)
        copy[place + index] = (copy[place + index] ?? 0) ^ (1 << ((length + index) % 8))
      return copy
    }
    case 'cut':
      return Buffer.concat([before, behind])
    case 'double':
      return Buffer.concat([before, here, here, behind])
    case 'swap':
      return Buffer.concat([before, behind, here])
    case 'insert':
      return Buffer.concat([before, Buffer.from(piece), bytes.subarray(place)])
    case 'nest':
      return Buffer.concat([before, Buffer.from((piece || '[').repeat(length * 20).slice(0, 20_000)), bytes.subarray(place)])
    case 'huge':
      return Buffer.concat([before, Buffer.from((piece || 'x').repeat(length * 100).slice(0, 100_000)), bytes.subarray(place)])
  }
}
