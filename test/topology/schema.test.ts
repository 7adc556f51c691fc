import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import pkg from '../../package.json' with { type: 'json' }
import { load } from './load.ts'

type Schema = AnySchemaObject
const schema = JSON.parse(readFileSync(new URL('../../schema/topology.schema.json', import.meta.url), 'utf8')) as Schema
const definitions = Object.entries(schema['$defs'] as Record<string, Schema>)

/** As an editor reads it: our own keywords are annotations it does not know. */
const editor = new Ajv2020({ strict: false, allErrors: true, formats: { date: true } })
editor.addSchema(schema, 'topology')

/** The examples of a part, those with a label included: as the editor writes them there, or those of the part that it refers to. */
function examplesIn(part: Schema): readonly unknown[] {
  const { examples, defaultSnippets, $ref } = part as { examples?: unknown[]; defaultSnippets?: { body: unknown }[]; $ref?: string }
  if (examples !== undefined) return examples
  if (defaultSnippets !== undefined) return defaultSnippets.map(({ body }) => asWritten(body))
  return $ref === undefined ? [] : examplesIn((schema['$defs'] as Record<string, Schema>)[$ref.split('/').at(-1) ?? ''] ?? {})
}

function asWritten(body: unknown): unknown {
  if (typeof body === 'string') return parse(body.replaceAll('\\$', '$'))
  if (Array.isArray(body)) return body.map(asWritten)
  return typeof body === 'object' && body !== null
    ? Object.fromEntries(Object.entries(body).map(([key, one]) => [key, asWritten(one)]))
    : body
}

describe('the schema', () => {
  test('is JSON Schema 2020-12', () => {
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(editor.validateSchema(schema)).toBe(true)
  })

  test('has the address of this version', () =>
    expect(schema['$id']).toBe(`https://unpkg.com/pglink@${pkg.version}/schema/topology.schema.json`))

  test.each([['the top', schema] as const, ...definitions])('%s is closed and described, and so is every key', (_, part) => {
    const properties = Object.entries((part['properties'] ?? {}) as Record<string, Schema>)
    if (part['type'] === 'object') expect(part['additionalProperties']).not.toBe(undefined)
    if (properties.length > 0) expect(part['additionalProperties']).toBe(false)
    for (const [key, property] of [['', part] as const, ...properties]) {
      expect(property['description'], key).toBeTypeOf('string')
      expect(property['markdownDescription'], key).toBeTypeOf('string')
      expect(examplesIn(property), key).not.toHaveLength(0)
    }
  })

  test.each(definitions)('the examples of %s are what it describes', (name, definition) => {
    const check = editor.compile({ $ref: `topology#/$defs/${name}` })
    for (const example of examplesIn(definition)) {
      expect(check(example), `${JSON.stringify(example)} ${JSON.stringify(check.errors)}`).toBe(true)
    }
    for (const [key, property] of Object.entries((definition['properties'] ?? {}) as Record<string, Schema>)) {
      const checkKey = editor.compile({ $ref: `topology#/$defs/${name}/properties/${key}` })
      for (const example of examplesIn(property)) {
        expect(checkKey(example), `${key}: ${JSON.stringify(example)} ${JSON.stringify(checkKey.errors)}`).toBe(true)
      }
    }
  })
})

const folder = new URL('cases/', import.meta.url)
const files = readdirSync(folder).filter(name => name.endsWith('.yaml'))

/** The rules that the schema alone can judge. An editor must see them too, and see nothing else in a right file. */
const shapeRules = /^PGL92[0-5]$/

describe.each(files)('an editor sees of %s', name => {
  const one = parse(readFileSync(new URL(name, folder), 'utf8')) as { rule: string; right: string; wrong?: string }
  const check = editor.compile({ $ref: 'topology' })

  test('nothing in the right file', () => {
    expect(check(parse(one.right)), JSON.stringify(check.errors)).toBe(true)
  })

  const { wrong } = one
  if (wrong === undefined || !shapeRules.test(one.rule)) return
  test('the mistake in the wrong file', () => {
    // The format of a date is left to the editor.
    expect(check(parse(wrong))).toBe(false)
  })
})

test('the compiled validator accepts what an editor accepts', async () => {
  const orders = readFileSync(new URL('fixtures/orders.yaml', import.meta.url), 'utf8')
  const check = editor.compile({ $ref: 'topology' })
  expect(check(parse(orders)), JSON.stringify(check.errors)).toBe(true)
  const { ok } = await load(
    { 'topology.yaml': orders },
    { AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000000', ORDERS_PG_PASSWORD: 'Tr0ub4dor&3' }
  )
  expect(ok).toBe(true)
})
