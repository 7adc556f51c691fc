import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable } from '../../src/model/printable.ts'

test.each([
  ['a\u001b[31mred', 'a\\u001b[31mred'],
  ['two\nlines\r\n\tand a tab', 'two\\nlines\\r\\n\\tand a tab'],
  ['\u009b2J', '\\u009b2J'],
  ['abc\u202edcba', 'abc\\u202edcba'],
  ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
  ['\ud800', '\\ud800'],
  ['tag \u{e0041}', 'tag \\u{e0041}'],
  ['::error::x', '\\u003a:error::x'],
  ['  ::add-mask::x', '  \\u003a:add-mask::x'],
  ['a ##[command]x ##vso[y]', 'a #\\u0023[command]x #\\u0023vso[y]'],
  ['Grüße, 東京 ✓ 🔒', 'Grüße, 東京 ✓ 🔒']
])('%j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('whatever goes in, one line comes out that moves no cursor', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(printable(text)).not.toMatch(/\p{Cc}|\p{Zl}|\p{Zp}|[\u202a-\u202e\u2066-\u2069]/u)
      expect(printable(printable(text))).toBe(printable(text))
    }),
    { seed: 20261122 }
  )
})
