import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { sarifOf } from '../../src/report/sarif.ts'
import { rules, rulesById } from '../../src/topology/rules/index.ts'
import { estate, plan, subscription } from '../support/estate.ts'
import { planDocument } from '../support/planDocument.ts'
import { topologyFrom } from '../support/yaml.ts'
import { load } from '../topology/load.ts'

interface Region {
  readonly startLine: number
  readonly startColumn: number
  readonly endLine?: number
  readonly endColumn?: number
}

interface Location {
  readonly physicalLocation?: { readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string }; readonly region?: Region }
  readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[]
}

interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly locations: readonly Location[]
  readonly relatedLocations?: readonly Location[]
  readonly partialFingerprints: { readonly primaryLocationLineHash: string }
}

interface Rule {
  readonly id: string
  readonly helpUri?: string
  readonly help: { readonly text: string; readonly markdown?: string }
  readonly shortDescription: { readonly text: string }
  readonly defaultConfiguration: { readonly level: string }
}

interface Log {
  readonly version: string
  readonly runs: readonly [{ readonly tool: { readonly driver: { readonly rules: readonly Rule[] } }; readonly results: readonly Result[] }]
}

interface Case {
  readonly rule: string
  readonly wrong?: string
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

const folder = new URL('../topology/cases/', import.meta.url)
const cases = readdirSync(folder).map(name => parse(readFileSync(new URL(name, folder), 'utf8')) as Case)
const written = cases.filter(({ wrong }) => wrong !== undefined)

const sarif = (diagnostics: readonly Diagnostic[], documents: readonly PlanDocument[] = []): Log =>
  JSON.parse(
    JSON.stringify(
      sarifOf(diagnostics, documents, { toolVersion: '1.2.3', homepage: 'https://example.test/pglink', ruleOf: id => rulesById.get(id) })
    )
  ) as Log

const filesOf = ({ wrong = '', files }: Case): Readonly<Record<string, string>> => ({ ...files, 'topology.yaml': wrong })

const linesOf = (text: string): string[] => text.split(/\r\n|\n|\r/)

/** The text of a region, where it is of one line. */
const textIn = (text: string, { startLine, startColumn, endLine = startLine, endColumn = startColumn }: Region): string | undefined =>
  startLine === endLine ? linesOf(text)[startLine - 1]?.slice(startColumn - 1, endColumn - 1) : undefined

const broken: Case = {
  rule: '',
  wrong: `version: 1
name: orders
subscription: 11111111-1111-4111-8111-111111111111
location: eastus2
resourceGroup: rg-orders
networks:
  hub: { addressSpace: [10.20.0.0/16], subnets: { a: { addressPrefix: 10.20.1.0/24 }, "b": { addressPrefix: 10.20.1.0/25 } } }
privateDnsZones:
  link: { name: privatelink.postgresql.database.azure.com, links: { hubb: {} } }
`
}

describe('a file that is wrong', () => {
  let log: Log
  beforeAll(async () => {
    log = sarif((await load(filesOf(broken))).diagnostics)
  })

  test('gives a result for each problem, where it is and what it is about', () => {
    const found = log.runs[0].results.map(({ ruleId, level, locations: [at] }) => {
      const { artifactLocation, region } = at?.physicalLocation ?? {}
      expect(artifactLocation).toEqual({ uri: 'topology.yaml', uriBaseId: '%SRCROOT%' })
      return [ruleId, level, region && textIn(broken.wrong ?? '', region), at?.logicalLocations?.[0]?.fullyQualifiedName]
    })
    expect(found).toMatchInlineSnapshot(`
      [
        [
          "PGL041",
          "error",
          "10.20.1.0/25",
          "networks/hub/subnets/b/addressPrefix",
        ],
        [
          "PGL001",
          "error",
          "privatelink.postgresql.database.azure.com",
          "privateDnsZones/link/name",
        ],
        [
          "PGL930",
          "error",
          "hubb",
          "privateDnsZones/link/links/hubb",
        ],
      ]
    `)
  })

  test('says the rule of each, with its help and page', () => {
    const { driver } = log.runs[0].tool
    for (const { ruleId, ruleIndex } of log.runs[0].results) {
      const rule = driver.rules[ruleIndex]
      const known = rules.find(({ id }) => id === ruleId)
      expect(rule?.id).toBe(ruleId)
      expect(rule?.help.text).toContain(known?.why)
      expect(rule?.help.markdown).toContain(`pglink explain ${ruleId}`)
      expect(rule?.helpUri ?? 'https://').toMatch(/^https:\/\/\S*$/)
    }
  })

  test('keeps its fingerprints when lines move, and none is like another', async () => {
    const prints = (one: Log): string[] => one.runs[0].results.map(({ partialFingerprints: print }) => print.primaryLocationLineHash)
    const moved = `# A comment\n\n${broken.wrong}`
    const again = sarif((await load(filesOf({ ...broken, wrong: moved }))).diagnostics)
    expect(prints(again)).toEqual(prints(log))
    expect(new Set(prints(log)).size).toBe(prints(log).length)
    expect(prints(log).every(print => /^[0-9a-f]{32}:\d+$/.test(print))).toBe(true)
  })
})

test('the page of every rule that has one is an address', () => {
  const pages = rules.flatMap(({ id }) => {
    const diagnostic: Diagnostic = { severity: 'error', rule: id, name: 'x', summary: 'x', address: '', related: [] }
    return sarif([diagnostic]).runs[0].tool.driver.rules.flatMap(({ helpUri }) => helpUri ?? [])
  })
  expect(pages.length).toBeGreaterThan(40)
  expect(pages.filter(page => !/^https:\/\/[\w.-]+\/[\w\-./#]+$/.test(page))).toEqual([])
})

test.each(written)('$rule: each region is what the diagnostic marks', async one => {
  const files = filesOf(one)
  const { diagnostics } = await load(files, one.env)
  const { results } = sarif(diagnostics).runs[0]
  expect(results).toHaveLength(diagnostics.length)
  for (const [index, { locations = [], relatedLocations = [] }] of results.entries()) {
    const { range, snippet, related } = diagnostics[index] as Diagnostic
    const marked = [...(range && snippet ? [{ range, snippet }] : []), ...related]
    const places = [...(range && snippet ? locations : []), ...relatedLocations]
    expect(places).toHaveLength(marked.length)
    for (const [at, { physicalLocation }] of places.entries()) {
      const { range: where, snippet: line } = marked[at] as (typeof marked)[number]
      const text = files[where.file] ?? ''
      const region = physicalLocation?.region
      if (region?.startLine !== region?.endLine) continue
      const found = region && textIn(text.replace(/^\ufeff/, ''), region)
      const shown = line.code.slice(line.highlightStart, line.highlightStart + (found?.length ?? 0))
      // A password in clear is masked in the line that is printed, which ends at 200 characters.
      if (!/^\*+$/.test(shown)) expect(line.code.length < 200 ? found : found?.slice(0, shown.length)).toBe(shown)
    }
  }
})

async function refusedPlan(): Promise<PlanDocument> {
  const topology = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16], tags: { a: b } } }')
  const id = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.Network/virtualNetworks/hub`
  const on = estate({
    seedBodies: { [id]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } } } }
  })
  return planDocument(await plan(on, topology))
}

test('a plan that is refused gives a result at what is refused', async () => {
  const document = await refusedPlan()
  const [refused] = document.refusals
  const [run] = sarif([], [document]).runs
  expect(run.results).toHaveLength(document.refusals.length)
  expect(run.results[0]).toMatchObject({
    ruleId: `plan/${refused?.code}`,
    level: 'error',
    message: { text: expect.stringContaining(refused?.message ?? 'none') },
    locations: [{ physicalLocation: { artifactLocation: { uri: 'topology.yaml' }, region: { startLine: 1, startColumn: 1 } } }]
  })
  expect(run.tool.driver.rules[run.results[0]?.ruleIndex ?? -1]).toMatchObject({ id: `plan/${refused?.code}` })
})

test('a name in a path is escaped, and a path from the root is said whole', () => {
  const at = { line: 1, column: 1, byte: 0 }
  const uriOf = (file: string): unknown => {
    const range = { file, start: at, end: at }
    const { results } = sarif([{ severity: 'error', rule: 'PGL001', name: 'x', summary: 'x', address: '', related: [], range }]).runs[0]
    return results[0]?.locations[0]?.physicalLocation?.artifactLocation
  }
  expect(uriOf('./a b/100%#?.yaml')).toEqual({ uri: 'a%20b/100%25%23%3F.yaml', uriBaseId: '%SRCROOT%' })
  expect(uriOf('/srv/a.yaml')).toEqual({ uri: 'file:///srv/a.yaml' })
  expect(uriOf('C:\\a\\b.yaml')).toEqual({ uri: 'file:///C:/a/b.yaml' })
})

// The schema that OASIS publishes comes with this package; where it is not installed the tests above are what there is.
const published = createRequire(import.meta.url)
  .resolve.paths('x')
  ?.map(path => `${path}/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json`)
const schemaFile = [process.env['PGLINK_SARIF_SCHEMA'] ?? '', ...(published ?? [])].find(path => path !== '' && existsSync(path))

test.skipIf(schemaFile === undefined)('the published schema has nothing against any of it', async () => {
  const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(schemaFile ?? '', 'utf8')) as Readonly<Record<string, unknown>>
  const ajv = new Ajv({
    strict: false,
    unicodeRegExp: false,
    formats: { uri: text => URL.canParse(text), 'uri-reference': text => !/\s/.test(text), 'date-time': true }
  })
  const validate = ajv.compile(schema)
  const problems = (log: object): unknown => (validate(log) ? [] : validate.errors)
  for (const one of [broken, ...written]) expect(problems(sarif((await load(filesOf(one), one.env)).diagnostics))).toEqual([])
  const refused = sarif([], [await refusedPlan()])
  expect(problems(refused)).toEqual([])
  expect(problems({ ...refused, version: '2.0.0' })).not.toEqual([])
})
