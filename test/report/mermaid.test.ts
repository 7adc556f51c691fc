import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TopologyGraph } from '../../src/document/plan.generated.ts'
import { escaped, mermaidOf } from '../../src/report/mermaid.ts'
import { mermaidKind } from '../support/mermaid.ts'
import { runs } from '../support/parts.ts'
import { anyGraph, exampleGraphs, exampleNames, hostileNames, largeGraph } from './graphs.ts'

/** As mermaid calls what it reads here. */
const flowchart = 'flowchart-v2'

/** Every line that is written, with all that is not ours in quotes: a name that got out of them matches none. */
const quoted = '"(?:[A-Za-z0-9 ./(),🔒🔓🌐×→…]|#\\d+;|<br/>)*"'
const statements = [
  'flowchart LR',
  'accTitle: Topology',
  'accDescr: [A-Za-z0-9 ,.]+',
  'direction LR',
  'end',
  `subgraph n\\d+\\[${quoted}\\]`,
  `(?:n\\d+|n\\d+locks|note)(?:\\[|\\[\\(|\\{\\{|\\(\\[|\\[\\[|\\[/)${quoted}(?:\\]|\\)\\]|\\}\\}|\\]\\)|\\]\\]|/\\])(?::::(?:locks|note))?`,
  `n\\d+ (?:-->|---|-\\.->|-\\.-)(?:\\|${quoted}\\|)? n\\d+`,
  'classDef \\w+ [a-z0-9:#,. -]+',
  'class n\\d+(?:,n\\d+)* \\w+',
  'linkStyle \\d+(?:,\\d+)* [a-z0-9:#,-]+'
]
const statement = new RegExp(`^ *(?:${statements.join('|')})$`, 'u')

const strangeLines = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .filter(line => !statement.test(line))

async function isSound(text: string): Promise<void> {
  expect(strangeLines(text)).toEqual([])
  expect(await mermaidKind(text)).toBe(flowchart)
}

describe.each(exampleNames)('%s', name => {
  test('alone, before → after and when it goes, mermaid can read it', async () => {
    for (const graph of Object.values(await exampleGraphs(name))) {
      const text = mermaidOf(graph)
      await isSound(text)
      expect(text).toBe(mermaidOf({ nodes: [...graph.nodes].reverse(), edges: [...graph.edges].reverse() }))
    }
  })
})

test('the quickstart, before → after', async () => {
  expect(mermaidOf((await exampleGraphs('quickstart')).made)).toMatchInlineSnapshot(`
    "flowchart LR
      accTitle: Topology
      accDescr: 5 resources and 3 connections, of these 3 added, 2 locks lifted and restored.
      subgraph n1["11111111#45;1111#45;4111#45;8111#45;111111111111 (subscription)"]
        direction LR
        n2{{"#43;#160;privatelink.postgres.database.azure.com<br/>private DNS zone"}}
        subgraph n3["eastus2 (region)"]
          direction LR
          subgraph n4["vnet#45;hub (existing virtual network)"]
            direction LR
            n4locks["🔓 keep (CanNotDelete), lifted and restored"]:::locks
            subgraph n5["snet#45;endpoints (existing subnet)"]
              direction LR
              n5locks["🔓 frozen (ReadOnly), lifted and restored"]:::locks
              n6(["#43;#160;orders#45;pg#45;pe<br/>private endpoint"])
            end
          end
          n7[("#43;#160;orders#45;pg<br/>server<br/>🌐 #43;#160;public access off<br/>🔒 #43;#160;keep (CanNotDelete)")]
        end
      end
      n4 ---|"#43;#160;DNS link"| n2
      n6 -->|"#43;#160;DNS zone group"| n2
      n6 -->|"#43;#160;Approved"| n7
      classDef sameFrame fill:transparent,stroke:#8c959f
      class n1,n3,n4,n5 sameFrame
      classDef create fill:#dafbe1,stroke:#1a7f37,color:#0b3d17,stroke-width:2px
      class n2,n6,n7 create
      classDef locks fill:#fff,stroke:#8c959f,color:#1f2328
      linkStyle 0,1,2 stroke:#2da44e,stroke-width:2px
    "
  `)
})

test('an empty topology is a picture, too', async () => {
  const text = mermaidOf({ nodes: [], edges: [] })
  await isSound(text)
  expect(text).toContain('Nothing is declared')
})

const named = (name: string): TopologyGraph => ({
  nodes: [
    {
      id: name,
      kind: 'virtualNetwork',
      name,
      parent: null,
      mark: 'same',
      existing: false,
      locks: [{ name, level: 'ReadOnly', mark: 'lifted' }]
    },
    {
      id: `${name}/s`,
      kind: 'subnet',
      name,
      parent: name,
      mark: 'delete',
      existing: true,
      locks: [{ name, level: 'CanNotDelete', mark: 'create' }]
    },
    { id: `${name}/z`, kind: name, name, parent: null, mark: 'update', existing: false, locks: [] }
  ],
  edges: [
    { id: name, from: `${name}/s`, to: `${name}/z`, label: name, mark: 'update', before: name, after: name },
    { id: `${name}2`, from: `${name}/z`, to: name, label: 'private link', mark: 'create', before: null, after: name }
  ]
})

test.each(hostileNames)('%j stays a name', async name => {
  const text = mermaidOf(named(name))
  await isSound(text)
  expect(text).not.toMatch(/%%|`|<(?!br\/>)|javascript:|\p{Bidi_Control}/u)
})

test('a name that mermaid would read as Markdown, or as a link, is text', () => {
  expect(['1. one', '- two', '* three', '**bold**', 'www.example.com', 'https://x'].map(escaped)).toEqual([
    '1#46; one',
    '#45; two',
    '#42; three',
    '#42;#42;bold#42;#42;',
    'www#46;example.com',
    'https#58;//x'
  ])
})

test('whatever the document says, the picture is sound and within its limits', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(anyGraph, fc.constantFrom(4, 120), async (graph, maxNodes) => {
      const text = mermaidOf(graph, { maxNodes })
      await isSound(text)
      expect(text.length).toBeLessThanOrEqual(45_000)
    }),
    { seed: 11, numRuns: runs(150, 40) }
  )
})

describe('2,000 resources', () => {
  const edgesIn = (text: string): number => text.split('\n').filter(line => /^ {2}n\d+ -/.test(line)).length

  test.each([
    ['of which none changes', () => 'same' as const, 'A box with × stands for several that do not change.'],
    [
      'with a few changes',
      (index: number) => (index % 100 === 0 ? ('update' as const) : ('same' as const)),
      'stands for several that do not change'
    ],
    ['which are all new', () => 'create' as const, 'A box with × stands for several.'],
    ['of which a fifth goes', (index: number) => (index % 5 === 0 ? ('delete' as const) : ('same' as const)), 'Left out, unchanged: ']
  ])('%s', async (_, markOf, says) => {
    const graph = largeGraph(1000, markOf)
    const text = mermaidOf(graph)
    await isSound(text)
    expect(text.length).toBeLessThan(45_000)
    expect(edgesIn(text)).toBeLessThanOrEqual(400)
    expect(text).toContain(says.replaceAll(':', '#58;'))
    expect(text).toContain(`accDescr: ${graph.nodes.length} resources and ${graph.edges.length} connections`)
  })

  test('a change is shown by name as long as that is possible', () => {
    const text = mermaidOf(largeGraph(1000, index => (index === 700 ? 'replace' : 'same')))
    expect(text).toContain(escaped('-/+\u00a0pg-0700-pe'))
    expect(text).toContain(escaped('-/+\u00a0pg-0700'))
    expect(text).toContain(escaped('999 ×'))
  })

  test('a limit that holds nothing gives a sentence', async () => {
    const text = mermaidOf(
      largeGraph(10, () => 'create'),
      { maxNodes: 0 }
    )
    await isSound(text)
    expect(text).toContain('Too large to be drawn')
  })
})
