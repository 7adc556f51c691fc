import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { folder } from '../support/cli.ts'
import { editorIn } from './languageServer.ts'

const shipped = pathToFileURL(join(process.cwd(), 'schema/topology.schema.json')).href
const header = `# yaml-language-server: $schema=${shipped}\n`
const server = 'servers:\n  orders-pg:\n    '

/** A text that has a bar where the cursor is, and the labels that must be offered there, the first ones in this order. */
const places: readonly (readonly [string, string, readonly string[]])[] = [
  ['an entry of servers', 'servers:\n  |', ['{ orders-pg: { version: 17, compute: { tier: GeneralPurpose…']],
  ['an entry of networks', 'networks:\n  |', ['{ hub: { addressSpace: [10.20.0.0/16], subnets: { endpoints…']],
  ['a new server, before one by its id', `${server}|`, ['{ version: 17, compute: { tier: GeneralPurpose, size: Stand…', 'adopt']],
  ['a new endpoint', `${server}privateEndpoints:\n      pe:\n        |`, ['{ subnet: hub/endpoints, privateDns: { zone: link }, approv…']],
  ['versions of a server', `${server}version: |`, ['"11"', '"12"', '"13"', '"14"', '"15"', '"16"', '"17"', '"18"']],
  ['levels of a lock', 'networks:\n  hub:\n    locks:\n      keep:\n        level: |', ['CanNotDelete', 'ReadOnly']],
  ['tiers', `${server}compute: { tier: |`, ['Burstable', 'GeneralPurpose', 'MemoryOptimized']],
  ['clouds', 'cloud: |', ['AzureChinaCloud', 'AzureCloud', 'AzureUSGovernment']],
  [
    'the approval of an endpoint',
    `${server}privateEndpoints:\n      pe:\n        approval: |`,
    ['automatic', '{ manual: orders team, CHG-1042 }']
  ],
  ['a group', 'resourceGroup: |', ['rg-orders', '{ name: rg-net, existing: true }']],
  ['a reference', `${server}privateEndpoints:\n      pe:\n        privateDns: |`, ['none']],
  ['a linked service', 'dataFactories:\n  adf:\n    linkedServices:\n      kv:\n        |', ['AzureKeyVaultLinkedService']]
]

describe('the language server', () => {
  test('completes', async () => {
    const { completes } = await editorIn(folder().path)
    for (const [name, text, wanted] of places) {
      const items = await completes(header + text)
      const labels = items.map(({ label }) => label)
      expect(labels, name).toEqual(expect.arrayContaining([...wanted]))
      expect(
        labels.filter(label => label.includes('[object')),
        name
      ).toEqual([])
      const first = labels.indexOf('id')
      if (first >= 0)
        expect(
          labels.findIndex(label => label.startsWith('{ ')),
          name
        ).toBeLessThan(first)
    }
    // A text that YAML takes for a number keeps its quotes.
    const [entry] = await completes(`${header}servers:\n  |`)
    expect(entry?.insertText).toContain('version: "17"')
  })

  test('finds no object without a label at any key', async () => {
    const { completes } = await editorIn(folder().path)
    const { properties } = JSON.parse(readFileSync('schema/topology.schema.json', 'utf8'))
    for (const key of Object.keys(properties)) {
      const labels = (await completes(`${header}${key}: |`)).map(({ label }) => label)
      expect(
        labels.filter(label => label.includes('[object')),
        key
      ).toEqual([])
    }
  })

  test('shows the description of a key', async () => {
    const { hovers } = await editorIn(folder().path)
    expect(await hovers(`${header}version: 1\nna|me: orders\n`)).toContain('It goes into the tag')
    expect(await hovers(`${header}${server}ver|sion: "17"\n`)).toContain('PostgreSQL')
  })

  test.each([
    ['a sound example', readFileSync('examples/quickstart/topology.yaml', 'utf8').split('\n').slice(1).join('\n'), []],
    ['a key that is none', 'version: 1\nname: x\nlocaton: eastus2\n', ['4: Property locaton is not allowed.']],
    ['a number for a text', 'version: 1\nname: x\nlocation: 5\n', ['4: Incorrect type. Expected "string".']],
    ['a name that is malformed', 'version: 1\nname: a b\n', ['3: The name of the topology is 1 to 63 letters']],
    [
      'the misspelt zone',
      'version: 1\nname: x\nprivateDnsZones:\n  link: { name: privatelink.postgresql.database.azure.com }\n',
      ['5: No service uses the zone privatelink.postgresql.database.azure.com']
    ]
  ])('judges %s', async (_, text, wanted) => {
    const { judges } = await editorIn(folder().path)
    const found = await judges(header + text)
    expect(found).toHaveLength(wanted.length)
    for (const [index, message] of wanted.entries()) expect(found[index]).toContain(message)
  })

  test('works offline in a folder that init has made', async () => {
    const here = folder()
    expect((await here.pglink('init --topology-name orders --location eastus2')).code).toBe(0)
    const text = here.read('topology.yaml')
    const { judges, completes } = await editorIn(here.path)
    expect(await judges(text)).toEqual([])
    expect(await judges(text.replace('location: eastus2', 'locaton: eastus2'))).toHaveLength(1)
    expect((await completes(text.replace('    version: "17"', '    version: |'))).map(({ label }) => label)).toContain('"17"')
  })
})
