import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { diagnosticsText, validateJson } from '../../src/report/diagnostics.ts'
import { formats } from '../../src/topology/rules/keywords.ts'
import { runs } from '../support/parts.ts'
import { load } from './load.ts'

const orders = readFileSync(new URL('fixtures/orders.yaml', import.meta.url), 'utf8')
const environment = { AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000000', ORDERS_PG_PASSWORD: 'Tr0ub4dor&3' }

/** Whatever the file is, it is answered with diagnostics that point into it; nothing is thrown. */
async function answered(text: string): Promise<readonly Diagnostic[]> {
  const { ok, diagnostics } = await load({ 'topology.yaml': text }, environment)
  expect(ok).toBe(diagnostics.every(({ severity }) => severity === 'warning'))
  const lines = text.split('\n')
  for (const { range, snippet } of diagnostics) {
    expect(range).toBeDefined()
    expect(range?.start.line).toBeLessThanOrEqual(lines.length)
    expect(lines[(snippet?.startLine ?? 1) - 1]?.replace(/\r$/, '').length).toBe(snippet?.code.length)
  }
  expect(diagnosticsText(diagnostics)).not.toContain(environment.ORDERS_PG_PASSWORD)
  expect(JSON.stringify(validateJson(diagnostics))).not.toContain(environment.ORDERS_PG_PASSWORD)
  return diagnostics
}

/** As an editor reads the schema, with `anyOf` as it stands and our own keywords unknown. */
const editor = new Ajv2020({ strict: false, formats: { date: formats.date } }).compile(
  JSON.parse(readFileSync(new URL('../../schema/topology.schema.json', import.meta.url), 'utf8'))
)

function agreesWithEditor(text: string, diagnostics: readonly Diagnostic[]): void {
  // A variable without a value stands for a value that may be right, which an editor cannot know.
  if (diagnostics.some(({ rule }) => rule === 'PGL914')) return
  if (editor(parse(text))) expect(diagnostics.filter(({ rule }) => /^PGL92[0-5]$/.test(rule))).toEqual([])
  else expect(diagnostics.map(({ severity }) => severity)).toContain('error')
}

type Path = readonly (string | number)[]

function pathsIn(value: unknown, path: Path = []): Path[] {
  const below =
    typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, part]) => pathsIn(part, [...path, key])) : []
  return path.length > 0 ? [path, ...below] : below
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return by
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) }
  const parts = copy as Record<string | number, unknown>
  parts[key] = replaced(parts[key], rest, by)
  return copy
}

const whole: unknown = parse(orders)
const somewhere = fc.constantFrom(...pathsIn(whole))
const something = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    undefined,
    null,
    {},
    [],
    '',
    'hub',
    'hub/endpoints',
    'Azure-SSIS',
    `\${env:NOPE}`,
    `\${env:AZURE_TENANT_ID}`,
    `\${`,
    { id: 'x' },
    { existing: true }
  )
)

test('a topology with other values in it', async () => {
  const changes = fc.array(fc.tuple(somewhere, something), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(changes, async list => {
      const changed = list.reduce((value, [path, by]) => {
        try {
          return replaced(value, path, by)
        } catch {
          return value
        }
      }, whole)
      const text = stringify(changed, { aliasDuplicateObjects: false })
      agreesWithEditor(text, await answered(text))
    }),
    { numRuns: runs(150, 40), seed: 20261122 }
  )
}, 60_000)

test('a topology with other characters in it', async () => {
  const piece = fc.constantFrom(
    '',
    ' ',
    '\n',
    '\t',
    ':',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '&a ',
    '*a',
    '!',
    '#',
    '---\n',
    `\${`,
    '\u0000',
    '\ud83d\ude00',
    '<<: ',
    '? ',
    '| '
  )
  const edit = fc.record({ at: fc.nat(orders.length - 1), cut: fc.nat(20), piece })
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async edits => {
      const text = edits.reduce((whole, { at, cut, piece }) => whole.slice(0, at) + piece + whole.slice(at + cut), orders)
      await answered(text)
    }),
    { numRuns: runs(150, 40), seed: 20261122 }
  )
}, 60_000)
