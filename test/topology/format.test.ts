import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { globSync } from 'tinyglobby'
import { expect, test } from 'vitest'
import { parseDocument, stringify } from 'yaml'
import { formatted } from '../../src/topology/format.ts'
import { runs } from '../support/parts.ts'

const meaningOf = (text: string): unknown => parseDocument(text, { uniqueKeys: false }).toJS({ maxAliasCount: -1 })

/** A comment of these tests ends with its number, whatever stands before it. */
const commentsOf = (text: string): readonly string[] => [...text.matchAll(/# \w+ \d+$/gm)].map(([comment]) => comment)

function expectForm(text: string): void {
  const once = formatted(text, false)
  if (!once.ok) throw new Error(once.reason)
  expect(formatted(once.text, false)).toEqual(once)
  expect(meaningOf(once.text)).toEqual(meaningOf(text))
  expect(commentsOf(once.text)).toEqual(commentsOf(text))
}

const corpus = [
  ...globSync('examples/**/*.yaml'),
  ...readdirSync('test/topology/cases').map(file => `test/topology/cases/${file}`),
  ...globSync('test/cases/*.yaml')
]

test.each(corpus)('%s comes to a form that means the same and stays', file => expectForm(readFileSync(file, 'utf8')))

const scalar = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ maxLength: 30 }),
  fc.constantFrom('10.0.0.0/16', 'yes', '1e3', 'a\nb\n', ' x ', `\${env:NAME}`, 'x'.repeat(100))
)
const { tree } = fc.letrec(tie => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z][\w -]{0,8}[a-z]$/), tie('tree'), { maxKeys: 4 })
  )
}))
const drawn = fc.record({
  value: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tree, { minKeys: 1, maxKeys: 5 }),
  indent: fc.integer({ min: 1, max: 6 }),
  flow: fc.boolean(),
  padding: fc.boolean(),
  width: fc.constantFrom(0, 40, 80),
  remarks: fc.array(fc.record({ line: fc.nat(40), beside: fc.boolean() }), { maxLength: 6 }),
  ends: fc.constantFrom('\n', '\r\n')
})

/** Comments at lines of their own and beside others, where YAML has a comment there. */
function remarked(text: string, remarks: readonly { readonly line: number; readonly beside: boolean }[]): string {
  let made = text
  for (const [index, { line, beside }] of remarks.entries()) {
    const lines = made.split('\n')
    const at = line % lines.length
    lines.splice(
      at,
      1,
      ...(beside ? [`${lines[at]} # note ${index}`] : [`${/^ */.exec(lines[at] ?? '')?.[0]}# line ${index}`, lines[at] ?? ''])
    )
    const next = lines.join('\n')
    const document = parseDocument(next)
    if (document.errors.length === 0 && JSON.stringify(document.toJS()) === JSON.stringify(meaningOf(text))) made = next
  }
  return made
}

test('any file comes to a form that means the same and stays, or is left alone', () => {
  let left = 0
  let count = 0
  let remarksSeen = 0
  fc.assert(
    fc.property(drawn, ({ value, indent, flow, padding, width, remarks, ends }) => {
      const plain = stringify(value, { indent, collectionStyle: flow ? 'flow' : 'any', flowCollectionPadding: padding, lineWidth: width })
      const text = remarked(plain, remarks).replaceAll('\n', ends)
      count += 1
      remarksSeen += commentsOf(text).length
      if (formatted(text, false).ok) expectForm(text)
      else left += 1
    }),
    { numRuns: runs(400, 150), seed: 20261130 }
  )
  expect(left).toBe(0)
  expect(remarksSeen).toBeGreaterThan(count)
})
