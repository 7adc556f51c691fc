import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, parseDocument, Scalar } from 'yaml'
import { diagnosticsText, explain } from '../../src/report/diagnostics.ts'
import { rules } from '../../src/topology/rules/index.ts'
import { load } from './load.ts'

interface Variant {
  readonly title?: string
  readonly wrong?: string
  /** For what cannot be written as text in a YAML file. */
  readonly wrongBase64?: string
  readonly wrongLength?: number
  /** How often `wrong` stands one below the other. */
  readonly wrongTimes?: number
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly expected?: string
  /** Where what is printed is long: how it ends. */
  readonly expectedEnd?: string
}

interface Case extends Variant {
  readonly rule: string
  readonly right: string
  readonly more?: readonly Variant[]
}

const folder = new URL('cases/', import.meta.url)
const names = readdirSync(folder).filter(name => name.endsWith('.yaml'))
const cases = names.map(name => ({ name, ...(parse(readFileSync(new URL(name, folder), 'utf8')) as Case) }))

const variantsOf = (one: Case): Variant[] => [one, ...(one.more ?? [])]

function wrongBytes({ wrong, wrongBase64, wrongLength, wrongTimes = 1 }: Variant): string | Uint8Array | undefined {
  if (wrongBase64 !== undefined) return Buffer.from(wrongBase64, 'base64')
  return wrongLength === undefined ? wrong?.repeat(wrongTimes) : new Uint8Array(wrongLength).fill(0x23)
}

async function printed(variant: Variant): Promise<string> {
  const topology = wrongBytes(variant)
  const files = { ...variant.files, ...(topology !== undefined && { 'topology.yaml': topology }) }
  const loaded = await load(files, variant.env)
  return diagnosticsText(loaded.diagnostics)
}

// UPDATE_CASES=1 writes what is printed into the files; read it before you believe it.
if (process.env['UPDATE_CASES']) {
  for (const one of cases) {
    const file = new URL(one.name, folder)
    const document = parseDocument(readFileSync(file, 'utf8'))
    for (const [index, variant] of variantsOf(one).entries()) {
      if (variant.expectedEnd !== undefined) continue
      const expected = new Scalar(await printed(variant))
      expected.type = 'BLOCK_LITERAL'
      document.setIn(index === 0 ? ['expected'] : ['more', index - 1, 'expected'], expected)
    }
    writeFileSync(file, document.toString({ lineWidth: 0 }))
  }
}

describe.each(cases)('$name', one => {
  test('the right file has nothing wrong', async () => {
    const { diagnostics } = await load({ ...one.files, 'topology.yaml': one.right }, one.env)
    expect(diagnosticsText(diagnostics)).toBe('')
  })

  test.each(variantsOf(one))('the wrong file $title', async variant => {
    const text = await printed(variant)
    if (variant.expectedEnd === undefined) expect(text).toBe(variant.expected)
    else expect(text.slice(-variant.expectedEnd.length)).toBe(variant.expectedEnd)
    expect(text).toContain(one.rule)
  })
})

const preflightTests = readdirSync('test/live/preflight')
  .map(name => readFileSync(`test/live/preflight/${name}`, 'utf8'))
  .join('\n')

describe('every rule', () => {
  test.each(rules)('$id is broken by a case, says where it is from, and has a page', rule => {
    // A rule that only Azure can judge is broken there, by an estate.
    if (rule.seenBy === 'plan') expect(preflightTests).toContain(`'${rule.id}'`)
    else expect(cases.map(one => one.rule)).toContain(rule.id)
    expect(rule.source.length).toBeGreaterThan(10)
    expect(explain(rule, {})).toContain(rule.source)
  })

  test('has an id of its own', () => {
    expect(new Set(rules.map(rule => rule.id)).size).toBe(rules.length)
  })
})

test('an id is of one rule', () => {
  const ids = rules.map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})
