import { expect } from 'vitest'
import type { GraphEdge, GraphNode, PlanDocument, PlanStep } from '../../src/document/plan.generated.ts'
import { Secret } from '../../src/model/secret.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { anything, estate, failures, plan, putLockOn, reconcile, subscription } from '../support/estate.ts'
import { planDocument } from '../support/planDocument.ts'

export const password = 'Throw-away-1'

const topologyOf = (servers: NonNullable<Topology['servers']>): Topology => ({
  version: 1,
  name: 'orders',
  subscription,
  location: 'eastus2',
  resourceGroup: 'rg-orders',
  networks: {
    hub: { addressSpace: ['10.0.0.0/16'], subnets: { a: { addressPrefix: '10.0.1.0/24' }, b: { addressPrefix: '10.0.2.0/24' } } }
  },
  privateDnsZones: { link: { name: 'privatelink.postgres.database.azure.com', links: { hub: {} } } },
  servers
})

type Server = NonNullable<Topology['servers']>[string]

const server = (more: Partial<Server>): Server => ({
  version: '17',
  compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
  storage: { sizeGiB: 128 },
  administrator: { login: 'orders_admin', password: new Secret('PG_PASSWORD', password), passwordVersion: 1 },
  networking: { publicAccess: { enabled: false } },
  ...more
})

const before = topologyOf({
  'orders-pg': server({ privateEndpoints: { first: { subnet: 'hub/a', privateDns: { zone: 'link' }, approval: 'automatic' } } })
})

const after = topologyOf({
  'orders-pg': server({
    restart: 'allowed',
    compute: { tier: 'GeneralPurpose', size: 'Standard_D4ds_v5' },
    networking: { publicAccess: { enabled: true, firewallRules: { azure: { start: '0.0.0.0', end: '0.0.0.0' } } } },
    privateEndpoints: { second: { subnet: 'hub/b', privateDns: { zone: 'link' }, approval: { manual: 'CHG-1' } } },
    connections: [{ from: 'servers/orders-pg/privateEndpoints/second', decision: 'approve', response: 'CHG-1' }]
  })
})

const network = `/subscriptions/${subscription}/resourceGroups/rg-orders/providers/Microsoft.Network/virtualNetworks/hub`

/** A plan with something of everything: a lock that is lifted, an update, a delete, creates, an approval, a restart, exposure. */
export async function mixedDocument(): Promise<PlanDocument> {
  const on = estate()
  expect(failures(await reconcile(on, before))).toEqual([])
  await putLockOn(on, `${network}/subnets/b`, 'keep', { level: 'ReadOnly', notes: 'change freeze' })
  return planDocument(await plan(on, after, anything(before)), { source: 'azure' })
}

export async function emptyDocument(): Promise<PlanDocument> {
  const on = estate()
  expect(failures(await reconcile(on, before))).toEqual([])
  return planDocument(await plan(on, before), { source: 'azure' })
}

/** The plan of one server and its endpoint, as many times over as makes `count` resources. */
export async function largeDocument(count: number): Promise<PlanDocument> {
  const one = await planDocument(await plan(estate(), topologyOf({ pg000: server({ privateEndpoints: endpointOf('pg000-pe') }) })))
  const isOwn = (part: unknown): boolean => JSON.stringify(part).includes('pg000')
  const own = one.resource_changes.filter(isOwn)
  const shared = { steps: one.steps.filter(step => !isOwn(step)), changes: one.resource_changes.filter(change => !isOwn(change)) }
  const copies = Math.ceil((count - shared.changes.length) / own.length)
  const copied = <Part>(parts: readonly Part[]): Part[] =>
    Array.from({ length: copies }, (_, index) =>
      JSON.parse(JSON.stringify(parts.filter(isOwn)).replaceAll('pg000', `pg-${index + 1}`))
    ).flat()
  const rest = <Part>(parts: readonly Part[]): Part[] => parts.filter(part => !isOwn(part))
  const nodes: GraphNode[] = [...rest(one.graph.nodes), ...copied(one.graph.nodes)]
  const edges: GraphEdge[] = [...rest(one.graph.edges), ...copied(one.graph.edges)]
  const changes = [...shared.changes, ...copied(own)]
  return {
    ...one,
    resource_changes: changes,
    steps: numbered(shared.steps, one.steps.filter(isOwn), copied(one.steps)),
    graph: { nodes, edges },
    summary: { ...one.summary, add: changes.length }
  }
}

const endpointOf = (name: string): NonNullable<Server['privateEndpoints']> => ({
  [name]: { subnet: 'hub/a', privateDns: { zone: 'link' }, approval: 'automatic' }
})

/** Steps of the copies wait for their own, and for the shared ones as before. */
function numbered(shared: readonly PlanStep[], own: readonly PlanStep[], copies: readonly PlanStep[]): PlanStep[] {
  const sharedNumbers = new Map(shared.map(({ n }, index) => [n, index + 1]))
  const ownIndex = new Map(own.map(({ n }, index) => [n, index]))
  const copied = copies.map((step, index) => {
    const first = shared.length + 1 + index - (index % own.length)
    const again = (numbers: readonly number[]): number[] =>
      numbers.map(n => sharedNumbers.get(n) ?? first + (ownIndex.get(n) ?? 0)).sort((a, b) => a - b)
    return { ...step, n: shared.length + 1 + index, depends_on: again(step.depends_on), settles: again(step.settles) }
  })
  const kept = (numbers: readonly number[]): number[] => numbers.flatMap(n => sharedNumbers.get(n) ?? [])
  return [
    ...shared.map((step, index) => ({ ...step, n: index + 1, depends_on: kept(step.depends_on), settles: kept(step.settles) })),
    ...copied
  ]
}

/** A plan in which every text is `name`, and everything that can be said is said. */
export function hostileDocument(document: PlanDocument, name: string): PlanDocument {
  const said = { address: name, message: name }
  const renamed = JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    typeof value === 'string' && textKeys.has(key) ? name : value
  ) as PlanDocument
  return {
    ...renamed,
    timestamp: name,
    refusals: [{ code: name, ...said, exit: 6, source: { file: name, line: 1, column: 1 } }],
    waiting: [said],
    notes: [said],
    unknown: [said],
    unmanaged: [{ address: name, id: name, type: name }],
    diagnostics: [{ severity: 'warning', rule: name, summary: name, address: name }],
    resource_drift: [{ class: 'drifted', address: name, id: name, type: name, message: name }],
    topology: { name, path: name, env: name, flags: { 'env-file': [name] } }
  }
}

const textKeys = new Set([
  'subject',
  'says',
  'reason',
  'text',
  'remark',
  'why',
  'name',
  'kind',
  'label',
  'before',
  'after',
  'from',
  'to',
  'message',
  'title',
  'file',
  'size',
  'login',
  'field',
  'level',
  'digest'
])
