import { describe, expect, test } from 'vitest'
import { graphOf, oneGraph } from '../../src/document/graph.ts'
import type { GraphEdge, TopologyGraph } from '../../src/document/plan.generated.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { exampleGraphs, exampleNames, exampleOf, ofFile, ofPlan } from '../report/graphs.ts'
import { arm, estate, plan, reconcile, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'
import { base, built, changed, node, outline } from './graphs.ts'

/** An edge in a line: what the picture says of it. */
const line = ({ from, to, label, mark, before, after }: GraphEdge): string =>
  `${mark} ${from} -> ${to} (${label})${before === null && after === null ? '' : ` ${before} -> ${after}`}`
const lines = ({ edges }: TopologyGraph): string[] => edges.map(line)

test('a file alone: what it declares, what joins it, and the state a connection will have', () => {
  const graph = ofFile(topologyFrom(base))
  expect(outline(graph)).toEqual([
    'same networks/hub',
    'same networks/hub/subnets/a in networks/hub',
    'same networks/hub/subnets/b in networks/hub',
    'same privateDnsZones/link',
    'same servers/base-pg',
    'same servers/base-pg/privateEndpoints/pe in networks/hub/subnets/a'
  ])
  expect(lines(graph)).toEqual([
    'same privateDnsZones/link -> networks/hub (DNS link)',
    'same servers/base-pg/privateEndpoints/pe -> privateDnsZones/link (DNS zone group)',
    'same servers/base-pg/privateEndpoints/pe -> servers/base-pg (private link) null -> Approved'
  ])
})

describe('before → after', () => {
  test('a resource that is there and stays is the same on both sides', async () => {
    const graph = await ofPlan(await built(), topologyFrom(base))
    expect(new Set([...graph.nodes, ...graph.edges].map(({ mark }) => mark))).toEqual(new Set(['same']))
    expect(lines(graph).at(-1)).toBe('same servers/base-pg/privateEndpoints/pe -> servers/base-pg (private link) Approved -> Approved')
  })

  test('a resource without a box of its own marks its parent', async () => {
    const graph = await ofPlan(await built(), changed('databases: { one: {} }', 'databases: { one: {}, two: {} }'))
    expect(node(graph, 'servers/base-pg')?.mark).toBe('inside')
    expect(graph.nodes.filter(({ mark }) => mark !== 'same')).toHaveLength(1)
  })

  test('an endpoint that moves is replaced, in its new place, with its connection', async () => {
    const graph = await ofPlan(await built(), changed('subnet: hub/a', 'subnet: hub/b'))
    expect(node(graph, 'servers/base-pg/privateEndpoints/pe')).toMatchObject({ mark: 'replace', parent: 'networks/hub/subnets/b' })
    expect(lines(graph)).toContain('replace servers/base-pg/privateEndpoints/pe -> servers/base-pg (private link) Approved -> Approved')
  })

  test('a zone group that leads elsewhere is one line that goes and one that comes', async () => {
    const zones = base.replace('servers:', '  other: { name: other.postgres.database.azure.com }\nservers:')
    const graph = await ofPlan(await built(), changed('privateDns: { zone: link }', 'privateDns: { zone: other }', zones))
    expect(lines(graph).filter(one => one.includes('zone group'))).toEqual([
      'delete servers/base-pg/privateEndpoints/pe -> privateDnsZones/link (DNS zone group)',
      'create servers/base-pg/privateEndpoints/pe -> privateDnsZones/other (DNS zone group)'
    ])
  })

  test('a deleted resource is drawn, with those that go along', async () => {
    const graph = (await exampleGraphs('data-factory')).removed
    expect(new Set(graph.nodes.map(({ mark }) => mark))).toEqual(new Set(['delete']))
    expect(outline(graph)).toContain('delete dataFactories/sales-adf/managedPrivateEndpoints/to-sales in dataFactories/sales-adf')
    expect(lines(graph)).toContain(
      'delete dataFactories/sales-adf/managedPrivateEndpoints/to-sales -> servers/sales-pg (private link) Approved -> null'
    )
  })

  test('a resource that left the file and stays is said to', async () => {
    const on = await built()
    const without = topologyFrom(base.replace(/ {4}privateEndpoints:[\s\S]*$/, ''))
    const { plan: made, live, wanted } = await plan(on, without, { baseline: topologyFrom(base) })
    const graph = graphOf(wanted.desired, { live, plan: made })
    expect(node(graph, 'servers/base-pg/privateEndpoints/pe')).toMatchObject({ mark: 'unmanaged', parent: 'networks/hub/subnets/a' })
    expect(lines(graph)).toContain('unmanaged servers/base-pg/privateEndpoints/pe -> servers/base-pg (private link) Approved -> Approved')
  })

  test('an unreadable resource is unknown, and not absent', async () => {
    const on = await built()
    const { plan: made, live, wanted } = await plan(on, topologyFrom(base))
    const id = [...wanted.desired.values()].find(({ kind }) => kind === 'privateEndpoint')?.id
    const blind = new Map(
      [...live.resources].map(([key, found]) => [
        key,
        key === id ? { ...found, observed: { state: 'unreadable' as const, reason: '403' } } : found
      ])
    )
    const graph = graphOf(wanted.desired, { live: { ...live, resources: blind }, plan: made })
    expect(node(graph, 'servers/base-pg/privateEndpoints/pe')?.mark).toBe('unknown')
    expect(lines(graph).at(-1)).toBe('unknown servers/base-pg/privateEndpoints/pe -> servers/base-pg (private link)')
  })
})

describe('connections', () => {
  const decided = (decision: string): Topology =>
    changed('    databases:', `    connections: [{ from: servers/base-pg/privateEndpoints/pe, decision: ${decision} }]\n    databases:`)

  test('a decision changes the line, and not the endpoint', async () => {
    const graph = await ofPlan(await built(), decided('reject'))
    expect(node(graph, 'servers/base-pg/privateEndpoints/pe')?.mark).toBe('same')
    expect(lines(graph).at(-1)).toBe('update servers/base-pg/privateEndpoints/pe -> servers/base-pg (private link) Approved -> Rejected')
  })

  test('an endpoint that waits stays Pending until the file decides', async () => {
    const manual = base.replace('approval: automatic', 'approval: { manual: please }')
    const on = estate()
    expect(lines(await ofPlan(on, topologyFrom(manual))).at(-1)).toContain('(private link) null -> Pending')
    await reconcile(on, topologyFrom(manual))
    expect(lines(await ofPlan(on, topologyFrom(manual))).at(-1)).toContain(
      'same servers/base-pg/privateEndpoints/pe -> servers/base-pg (private link) Pending -> Pending'
    )
    const approving = topologyFrom(
      manual.replace(
        '    databases:',
        '    connections: [{ from: servers/base-pg/privateEndpoints/pe, decision: approve }]\n    databases:'
      )
    )
    expect(lines(await ofPlan(on, approving)).at(-1)).toContain(
      'update servers/base-pg/privateEndpoints/pe -> servers/base-pg (private link) Pending -> Approved'
    )
  })

  test("somebody else's endpoint that the file decides on is drawn as theirs", () => {
    const id = `/subscriptions/${subscription}/resourceGroups/rg-vendor/providers/Microsoft.Network/privateEndpoints/vendor`
    const graph = ofFile(changed('    databases:', `    connections: [{ from: { id: ${id} }, decision: reject }]\n    databases:`))
    expect(node(graph, id.toLowerCase())).toMatchObject({ existing: true, kind: 'privateEndpoint', name: 'vendor', parent: null })
    expect(lines(graph)[0]).toBe(`same ${id.toLowerCase()} -> servers/base-pg (private link) null -> Rejected`)
  })

  test('a managed endpoint is approved by what the file says at the server', async () => {
    const { made, file } = await exampleGraphs('data-factory')
    const own = 'dataFactories/sales-adf/managedPrivateEndpoints/to-sales -> servers/sales-pg (private link) null -> Approved'
    expect(lines(made)).toContain(`create ${own}`)
    expect(lines(file)).toContain(`same ${own}`)
    const { topology, on } = exampleOf('data-factory')
    await reconcile(on, topology)
    expect(lines(await ofPlan(on, topology))).toContain(
      'same dataFactories/sales-adf/managedPrivateEndpoints/to-sales -> servers/sales-pg (private link) Approved -> Approved'
    )
  })
})

test('what lies in no other resource says its subscription, and its region where it has one', async () => {
  const { made } = await exampleGraphs('multi-server')
  const places = made.nodes.map(({ id, subscription: of, region, parent }) => [id, of?.slice(0, 4), region, parent === null])
  expect(places).toEqual(
    expect.arrayContaining([
      ['networks/north', '1111', 'westeurope', true],
      ['networks/north/subnets/endpoints', undefined, undefined, false],
      ['privateDnsZones/central', '2222', undefined, true],
      ['servers/fleet-pg-4', '1111', 'westeurope', true]
    ])
  )
})

test('an integrated server leads to its subnet and its zone', async () => {
  const { made } = await exampleGraphs('vnet-integration')
  expect(lines(made)).toEqual([
    'create privateDnsZones/ledger -> networks/core (DNS link)',
    'create servers/ledger-pg -> networks/core/subnets/injected (VNet integration)',
    'create servers/ledger-pg -> privateDnsZones/ledger (private DNS zone)'
  ])
})

test('a linked service that leads to another server says where it led', async () => {
  const { topology, on } = exampleOf('data-factory')
  await reconcile(on, topology)
  const service = (await (await arm(on, 'GET', servicePath, '2018-06-01')).json()) as {
    properties: { typeProperties: Record<string, unknown> }
  }
  service.properties.typeProperties['server'] = 'elsewhere.postgres.database.azure.com'
  expect((await arm(on, 'PUT', servicePath, '2018-06-01', service)).status).toBe(200)
  const graph = await ofPlan(on, topology)
  expect(node(graph, 'dataFactories/sales-adf/linkedServices/sales_pg')?.mark).toBe('update')
  expect(lines(graph)).toContain('create dataFactories/sales-adf/linkedServices/sales_pg -> servers/sales-pg (connects to)')
})
const servicePath = `/subscriptions/${subscription}/resourceGroups/rg-pipeline/providers/Microsoft.DataFactory/factories/sales-adf/linkedservices/sales_pg`

test.each(exampleNames)('%s: every end and parent is a node, and the order is that of the ids', async name => {
  for (const { nodes, edges } of Object.values(await exampleGraphs(name))) {
    const ids = nodes.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].sort())
    expect(edges.map(({ id }) => id)).toEqual([...new Set(edges.map(({ id }) => id))].sort())
    for (const { parent } of nodes) if (parent !== null) expect(ids).toContain(parent)
    for (const { from, to } of edges) expect(ids).toEqual(expect.arrayContaining([from, to]))
  }
})

test('several topologies are one graph, each in a frame of its own', () => {
  const graph = ofFile(topologyFrom(base))
  const both = oneGraph([
    { name: 'one', graph },
    { name: 'one', graph }
  ])
  expect(both.nodes).toHaveLength(2 * graph.nodes.length + 2)
  expect(new Set(both.nodes.map(({ id }) => id)).size).toBe(both.nodes.length)
  expect(both.edges).toHaveLength(2 * graph.edges.length)
  expect(oneGraph([{ name: 'one', graph }])).toBe(graph)
})
