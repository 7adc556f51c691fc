import { readdirSync, readFileSync } from 'node:fs'
import { globSync } from 'tinyglobby'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderedOf, renderedText } from '../../src/engine/render.ts'
import { resolve } from '../../src/topology/resolve.ts'
import type { Loaded } from '../../src/topology/topology.ts'
import { load } from '../topology/load.ts'

const schema = JSON.parse(readFileSync('schema/topology.schema.json', 'utf8'))
const subscription = '11111111-1111-4111-8111-111111111111'
const passwords = ['ORDERS_PG_PASSWORD', 'SALES_PG_PASSWORD', 'ADF_WRITER_PASSWORD', 'LEDGER_PG_PASSWORD', 'FLEET_PG_PASSWORD']
const env = { AZURE_SUBSCRIPTION_ID: subscription, ...Object.fromEntries(passwords.map(name => [name, 'Tr0ub4dor&3'])) }

const cases = readdirSync('test/topology/cases').map(
  file => [file, String(parse(readFileSync(`test/topology/cases/${file}`, 'utf8')).right)] as const
)
const files = [...globSync('examples/**/*.yaml'), 'test/topology/fixtures/orders.yaml'].map(
  file => [file, readFileSync(file, 'utf8')] as const
)

type Sound = Extract<Loaded, { ok: true }>
const loaded = async (text: string): Promise<Sound | undefined> => {
  const found = await load({ 'topology.yaml': text }, env, { subscription })
  return found.ok ? found : undefined
}

/** All that a topology comes to, wherever it is written. */
function meaningOf({ topology, positions }: Sound): unknown {
  const { placeOf, ...all } = resolve(topology, { subscription, positions })
  return JSON.parse(JSON.stringify({ ...all, desired: [...all.desired.values()] }, (key, value) => (key === 'at' ? undefined : value)))
}

test('a topology comes to the same as its text with all put in, which is its own', async () => {
  let count = 0
  for (const [name, text] of [...files, ...cases]) {
    const before = await loaded(text)
    if (before === undefined) continue
    const rendered = renderedOf(before.document, schema)
    const after = await loaded(renderedText(rendered))
    if (after === undefined) throw new Error(`${name} is not sound any more:\n${renderedText(rendered)}`)
    expect(meaningOf(after), name).toEqual(meaningOf(before))
    const again = renderedOf(after.document, schema)
    expect(again.topology, name).toEqual(rendered.topology)
    // Each line has an origin, and no line of the second one comes from a default.
    expect(
      [...again.origins.values()].filter(origin => origin === 'default'),
      name
    ).toEqual([])
    for (const line of renderedText(rendered).trimEnd().split('\n'))
      expect(line, name).toMatch(/ # (topology\.yaml:\d+:\d+|default)$|^ +- |^ +[\]}]$|\|$/)
    count += 1
  }
  expect(count).toBeGreaterThan(60)
})

test('each default of the schema is the one that its description names', () => {
  const found: string[] = []
  const look = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('default' in node && 'description' in node) {
      const [, said] = /[Bb]y default (\w+)[.;]?/.exec(String(node.description)) ?? []
      expect(said, String(node.description)).toBe(String(node.default))
      found.push(String(node.default))
    }
    for (const part of Object.values(node)) look(part)
  }
  look(schema)
  expect(found.length).toBeGreaterThan(8)
})
