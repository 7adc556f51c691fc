import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TopologyGraph } from '../../src/document/plan.generated.ts'
import { dotOf } from '../../src/report/dot.ts'
import { anyGraph, exampleGraphs, exampleNames, frameCount, hostileNames, largeGraph } from './graphs.ts'

/** Tokens of the DOT language as its grammar has them, comments aside, which we never write. */
function tokensOf(text: string): string[] {
  const token = /\s*("(?:[^"\\]|\\[\s\S])*"|->|[{}[\]=,;]|[A-Za-z_][A-Za-z_0-9]*|-?(?:\.\d+|\d+(?:\.\d*)?))/y
  const tokens: string[] = []
  while (text.slice(token.lastIndex).trim() !== '') {
    const at = token.lastIndex
    const found = token.exec(text)
    if (found === null) throw new Error(`no token at ${JSON.stringify(text.slice(at, at + 60))}`)
    tokens.push(found[1] ?? '')
  }
  return tokens
}

interface Dot {
  readonly nodes: Set<string>
  readonly edges: string[]
  readonly clusters: Set<string>
  readonly labels: string[]
}

/** Reads `digraph ID { stmt_list }`, and nothing that is not in the grammar. */
function read(text: string): Dot {
  const tokens = tokensOf(text)
  const dot: Dot = { nodes: new Set(), edges: [], clusters: new Set(), labels: [] }
  let at = 0
  const next = (): string => tokens[at++] ?? ''
  const take = (wanted: string): void => expect(next()).toBe(wanted)
  const id = (): string => {
    const token = next()
    expect(token).toMatch(/^("[\s\S]*"|[A-Za-z_]\w*|-?[\d.]+)$/)
    return token
  }
  const attributes = (): void => {
    if (tokens[at] !== '[') return
    take('[')
    while (tokens[at] !== ']') {
      const name = id()
      take('=')
      const value = id()
      if (name === 'label') dot.labels.push(value)
      if (tokens[at] === ',' || tokens[at] === ';') next()
    }
    take(']')
  }
  const statements = (): void => {
    take('{')
    while (tokens[at] !== '}') {
      const first = id()
      if (first === 'subgraph') {
        dot.clusters.add(id())
        statements()
      } else if (['graph', 'node', 'edge'].includes(first)) attributes()
      else if (tokens[at] === '->') {
        next()
        dot.edges.push(`${first} ${id()}`)
        attributes()
      } else {
        dot.nodes.add(first)
        attributes()
      }
    }
    take('}')
  }
  take('digraph')
  id()
  statements()
  expect(at).toBe(tokens.length)
  return dot
}

function isSound(graph: TopologyGraph): Dot {
  const dot = read(dotOf(graph))
  for (const edge of dot.edges) for (const end of edge.split(' ')) expect(dot.nodes).toContain(end)
  return dot
}

describe.each(exampleNames)('%s', name => {
  test('alone, before → after and when it goes, it is in the grammar, and whole', async () => {
    for (const graph of Object.values(await exampleGraphs(name))) {
      const dot = isSound(graph)
      expect(dot.nodes.size).toBe(graph.nodes.length + frameCount(graph))
      expect(dot.edges).toHaveLength(graph.edges.length)
    }
  })
})

test('a network with what lies in it, and a line to it', async () => {
  expect(dotOf((await exampleGraphs('vnet-integration')).made)).toMatchInlineSnapshot(`
    "digraph topology {
      graph [rankdir=LR, compound=true, fontname="sans-serif", fontsize=11, tooltip="4 resources and 3 connections, of these 4 added."]
      node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=11]
      edge [fontname="sans-serif", fontsize=10]
      subgraph cluster_n1 {
        graph [label="11111111-1111-4111-8111-111111111111\\nsubscription", tooltip="subscription 11111111-1111-4111-8111-111111111111", labeljust=l, style="rounded,solid", color="#818b98"]
        n1 [label="", shape=point, style=invis]
        n2 [label="+ ledger.private.postgres.database.azure.com\\nprivate DNS zone", tooltip="privateDnsZones/ledger", shape=hexagon, style="filled,solid", fillcolor="#dafbe1", color="#1a7f37"]
        subgraph cluster_n3 {
          graph [label="northeurope\\nregion", tooltip="region northeurope in subscription 11111111-1111-4111-8111-111111111111", labeljust=l, style="rounded,solid", color="#818b98"]
          n3 [label="", shape=point, style=invis]
          subgraph cluster_n4 {
            graph [label="+ core\\nvirtual network", tooltip="networks/core", labeljust=l, style="rounded,solid", color="#1a7f37"]
            n4 [label="", shape=point, style=invis]
            n5 [label="+ injected\\nsubnet", tooltip="networks/core/subnets/injected", style="filled,solid", fillcolor="#dafbe1", color="#1a7f37"]
          }
          n6 [label="+ ledger-pg\\nserver", tooltip="servers/ledger-pg", shape=cylinder, style="filled,solid", fillcolor="#dafbe1", color="#1a7f37"]
        }
      }
      n4 -> n2 [label="+ DNS link", color="#1a7f37", style=solid, ltail=cluster_n4, dir=back]
      n5 -> n6 [label="+ VNet integration", color="#1a7f37", style=solid, dir=back]
      n6 -> n2 [label="+ private DNS zone", color="#1a7f37", style=solid]
    }
    "
  `)
})

test.each(hostileNames)('%j stays a name', name => {
  const graph: TopologyGraph = {
    nodes: [
      { id: name, kind: name, name, parent: null, mark: 'delete', existing: false, locks: [{ name, level: 'ReadOnly', mark: 'same' }] }
    ],
    edges: []
  }
  const { nodes, clusters, labels } = isSound(graph)
  expect([[...nodes], [...clusters]]).toEqual([['n1'], []])
  // Graphviz would put a name or an id of its own in the place of these.
  for (const label of labels) expect(label.replaceAll('\\\\', '').replaceAll('\\"', '')).not.toMatch(/\\[^n]|&(?!#\d+;)/)
})

test('whatever the document says, it is in the grammar', () => {
  fc.assert(
    fc.property(anyGraph, graph => {
      const { clusters } = isSound(graph)
      for (const cluster of clusters) expect(cluster).toMatch(/^cluster_n\d+$/)
    }),
    { seed: 12, numRuns: 200 }
  )
})

test('2,000 resources are all there', () => {
  const graph = largeGraph(1000)
  const dot = read(dotOf(graph))
  expect([dot.nodes.size, dot.edges.length]).toEqual([graph.nodes.length, graph.edges.length])
})
