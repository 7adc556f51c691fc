import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { graphOf } from '../../src/document/graph.ts'
import type { GraphEdge, GraphNode, Mark, TopologyGraph } from '../../src/document/plan.generated.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import type { ArmBody } from '../../src/sandbox/json.ts'
import { anything, type Estate, estate, plan, reconcile, resolved, type Settings } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

export const exampleNames = readdirSync('examples', { withFileTypes: true })
  .filter(entry => entry.isDirectory() && existsSync(`examples/${entry.name}/topology.yaml`))
  .map(({ name }) => name)
  .sort()

/** The frames that a picture of a graph has beside its resources: one a subscription, and one a region in it. */
export function frameCount({ nodes }: TopologyGraph): number {
  const lying = nodes.filter(({ parent, subscription }) => parent === null && subscription !== undefined)
  const regions = lying.flatMap(({ subscription, region }) => (region === undefined ? [] : [`${subscription} ${region}`]))
  return new Set([...lying.map(({ subscription }) => subscription), ...regions]).size
}

/** One example as it begins: its topology, and the sandbox with what the example says is there. */
export function exampleOf(name: string): { readonly topology: Topology; readonly on: Estate } {
  const seed = `examples/${name}/sandbox.json`
  const on = estate(existsSync(seed) ? { seedBodies: JSON.parse(readFileSync(seed, 'utf8')) as Record<string, ArmBody> } : {})
  return { topology: topologyFrom(readFileSync(`examples/${name}/topology.yaml`, 'utf8')), on }
}

export const ofFile = (topology: Topology): TopologyGraph => graphOf(resolved(topology).desired)

export async function ofPlan(on: Estate, topology: Topology, settings: Settings = {}): Promise<TopologyGraph> {
  const { plan: made, live, wanted } = await plan(on, topology, settings)
  return graphOf(wanted.desired, { live, plan: made })
}

/** Each example alone, before it is applied, and when all of it goes again. */
export function exampleGraphs(name: string): Promise<ExampleGraphs> {
  const known = drawn.get(name) ?? drawnFrom(name)
  drawn.set(name, known)
  return known
}

type ExampleGraphs = Readonly<Record<'file' | 'made' | 'removed', TopologyGraph>>
const drawn = new Map<string, Promise<ExampleGraphs>>()

async function drawnFrom(name: string): Promise<ExampleGraphs> {
  const { topology, on } = exampleOf(name)
  const made = await ofPlan(on, topology)
  await reconcile(on, topology)
  const { networks: _n, privateDnsZones: _z, servers: _s, dataFactories: _d, ...nothing } = topology
  return { file: ofFile(topology), made, removed: await ofPlan(on, nothing, anything(topology)) }
}

/** Names that somebody could choose to get more than a name out of a picture. */
export const hostileNames = [
  '"]; click n1 call alert() %%{init: {"securityLevel":"loose"}}%%',
  '</title><script>alert(1)</script>',
  "' onload='alert(1)",
  'end',
  'subgraph',
  '`**markdown**`',
  'a\nb --> c',
  '%% comment',
  '#quot;]]',
  '\u202egnp.exe\u2066',
  '&lt;b&gt; &amp; ]]>',
  '\\N\\"; } digraph { x',
  'click n1 href "javascript:alert(1)"',
  ':::delete',
  '|"x"|',
  '🔒 \u0000\u001b[31mred',
  '-->',
  '$$\\href{javascript:alert(1)}{x}$$',
  'fa:fa-ban x'
] as const

const marks: readonly Mark[] = ['same', 'create', 'update', 'replace', 'delete', 'unmanaged', 'unknown']
const kinds = [
  'virtualNetwork',
  'subnet',
  'privateDnsZone',
  'flexibleServer',
  'privateEndpoint',
  'dataFactory',
  'linkedService',
  '__proto__'
]
const text = fc.oneof(fc.constantFrom(...hostileNames), fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ maxLength: 300 }))

/** Any graph of the type, sound or not: as a document of somebody else's could have it. */
export const anyGraph: fc.Arbitrary<TopologyGraph> = fc.uniqueArray(text, { minLength: 1, maxLength: 14 }).chain(ids => {
  const id = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: text })
  const lock = fc.record({
    name: text,
    level: fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const),
    mark: fc.constantFrom('same' as const, 'create' as const, 'update' as const, 'delete' as const, 'lifted' as const)
  })
  const node: fc.Arbitrary<GraphNode> = fc.record({
    id,
    kind: fc.constantFrom(...kinds),
    name: text,
    parent: fc.option(id),
    mark: fc.constantFrom(...marks),
    existing: fc.boolean(),
    locks: fc.array(lock, { maxLength: 5 })
  })
  const edge: fc.Arbitrary<GraphEdge> = fc.record({
    id: text,
    from: id,
    to: id,
    label: fc.oneof(text, fc.constant('private link'), fc.constant('DNS link')),
    mark: fc.constantFrom(...marks),
    before: fc.option(text),
    after: fc.option(text)
  })
  return fc.record({ nodes: fc.array(node, { minLength: 1, maxLength: 14 }), edges: fc.array(edge, { maxLength: 20 }) })
})

/** `count` endpoints and servers, so that there are about three times as many resources with networks and their subnets. */
export function largeGraph(count: number, markOf: (index: number) => Mark = () => 'same'): TopologyGraph {
  const node = (id: string, kind: string, parent: string | null, mark: Mark): GraphNode => ({
    id,
    kind,
    name: id.split('/').at(-1) ?? id,
    parent,
    mark,
    existing: false,
    locks: []
  })
  const nodes: GraphNode[] = [node('privateDnsZones/link', 'privateDnsZone', null, 'same')]
  const edges: GraphEdge[] = []
  for (let index = 0; index < count; index += 1) {
    const network = `networks/net-${String(Math.floor(index / 40)).padStart(3, '0')}`
    const subnet = `${network}/subnets/endpoints`
    const server = `servers/pg-${String(index).padStart(4, '0')}`
    const endpoint = `${server}/privateEndpoints/pg-${String(index).padStart(4, '0')}-pe`
    if (index % 40 === 0) nodes.push(node(network, 'virtualNetwork', null, 'same'), node(subnet, 'subnet', network, 'same'))
    const mark = markOf(index)
    nodes.push(node(server, 'flexibleServer', null, mark), node(endpoint, 'privateEndpoint', subnet, mark))
    const edge = (to: string, label: string, after: string | null): GraphEdge => ({
      id: `${endpoint} -> ${to}: ${label}`,
      from: endpoint,
      to,
      label,
      mark,
      before: mark === 'same' ? after : null,
      after
    })
    edges.push(edge(server, 'private link', 'Approved'), edge('privateDnsZones/link', 'DNS zone group', null))
  }
  return { nodes, edges }
}
