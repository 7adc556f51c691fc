import { kindOf } from '../kinds/index.ts'
import type { Action, Change, EndpointProof } from '../model/change.ts'
import { ancestorOfType, nameOf, parentOf, type ResourceId } from '../model/id.ts'
import type { Desired, Live } from '../model/resource.ts'
import { type Graph, idOf, type Node } from './graph.ts'
import { clearedEndpoints } from './recordSteps.ts'
import type { Rewrite } from './records.ts'

export interface CutOverInput {
  readonly changes: readonly Change[]
  readonly desired: Desired
  readonly live: Live
  readonly endpoints: readonly EndpointProof[]
  readonly rewrites: readonly Rewrite[]
}

const serverType = 'microsoft.dbforpostgresql/flexibleservers'

/**
 * The old path goes only when the new one is proven. What removes a path comes after what gives one to the same
 * server; and before a server loses public access, a firewall rule or an endpoint, every endpoint the file declares
 * for it is looked at, at both ends and in DNS.
 */
export function addCutOver(graph: Graph, input: CutOverInput): void {
  const gone = new Set(input.changes.flatMap(change => (change.op === 'delete' ? [change.old.id] : [])))
  const nodes = graph.nodes
  const gives = nodes.filter(node => givesPath(node))
  const removals = nodes.filter(node => removesPath(node))
  for (const removal of removals) {
    const remakes = gives.filter(give => contends(removal, give, input))
    for (const remake of remakes) graph.needs(remake.id, removal.id)
    if (remakes.length > 0) removal.interrupts = true
  }
  for (const removal of removals) {
    const servers = serversOf(removal, input)
    for (const give of gives) if (meet(servers, serversOf(give, input))) orderUnlessTold(graph, removal, give)
  }
  const clears = clearedEndpoints(input.rewrites)
  const cleared = new Set([...clears.values()].flatMap(endpoints => [...endpoints]))
  for (const removal of removals.filter(needsProof))
    for (const server of serversOf(removal, input)) {
      if (gone.has(server)) continue
      if (clears.has(removal.id)) proveFirst(graph, removal, server, cleared, input)
      else prove(graph, removal, server, gives, input)
    }
}

/**
 * What takes a record away that stays in use comes before the write of that record, and its proof. Before it, the endpoints have to be
 * Approved at both ends; where the record is another one, that is proven as well.
 */
function proveFirst(graph: Graph, removal: Node, server: ResourceId, cleared: ReadonlySet<ResourceId>, input: CutOverInput): void {
  const address = input.desired.get(server)?.address ?? nameOf(server)
  for (const endpoint of input.endpoints) {
    if (endpoint.server !== server || endpoint.managed) continue
    const looked = cleared.has(endpoint.endpoint) ? { ...endpoint, dns: undefined } : endpoint
    const action: Action = { do: 'prove', server, address, endpoints: [looked], for: 'gate' }
    const proof = graph.get(idOf(action)) ?? graph.add(action)
    graph.needs(removal.id, proof.id)
    for (const give of graph.nodes) if (givesPath(give) && isOf(give, endpoint)) orderUnlessTold(graph, proof, give)
  }
}

/** Whether a step makes an endpoint, or decides on its connection. */
function isOf(give: Node, { endpoint }: EndpointProof): boolean {
  const subject = subjectOf(give)
  return subject !== undefined && (subject.id === endpoint || parentOf(subject.id) === endpoint || subject.refs.includes(endpoint))
}

function prove(graph: Graph, removal: Node, server: ResourceId, gives: readonly Node[], input: CutOverInput): void {
  const endpoints = input.endpoints.filter(endpoint => endpoint.server === server && !endpoint.managed)
  if (endpoints.length === 0) {
    removal.interrupts = true
    return
  }
  const address = input.desired.get(server)?.address ?? nameOf(server)
  const proof = graph.get(`prove ${server}`) ?? graph.add({ do: 'prove', server, address, endpoints, for: 'cut-over' })
  for (const give of gives) if (meet([server], serversOf(give, input)) && !graph.waitsFor(give.id, proof.id)) graph.needs(proof.id, give.id)
  graph.needs(removal.id, proof.id)
}

/** Already told the other way round: a record set can only be made again after the old one is gone. */
function orderUnlessTold(graph: Graph, removal: Node, give: Node): void {
  if (!graph.waitsFor(give.id, removal.id)) graph.needs(removal.id, give.id)
}

const pathKinds = new Set([
  'privateEndpoint',
  'privateDnsZoneGroup',
  'virtualNetworkLink',
  'privateEndpointConnection',
  'firewallRule',
  'managedPrivateEndpoint'
])

function givesPath({ action }: Node): boolean {
  if (action.do === 'create') return pathKinds.has(action.resource.kind)
  if (action.do !== 'update' || action.phase === 'cut-over') return false
  const changes = (name: string): boolean => action.fields.some(({ field }) => field === name)
  switch (action.resource.kind) {
    case 'flexibleServer':
      return changes('publicAccess')
    case 'linkedService':
      // From another runtime it reaches the server on another way.
      return changes('integrationRuntime')
    default:
      return pathKinds.has(action.resource.kind)
  }
}

function removesPath({ action }: Node): boolean {
  if (action.do === 'update') return action.phase === 'cut-over'
  return action.do === 'delete' && !action.replaced && kindOf(action.old).path
}

function needsProof({ action }: Node): boolean {
  if (action.do === 'update') return action.resource.kind === 'flexibleServer'
  return action.do === 'delete' && ['firewallRule', 'privateEndpoint'].includes(action.old.kind)
}

const subjectOf = ({ action }: Node) =>
  action.do === 'create' || action.do === 'update' ? action.resource : action.do === 'delete' ? action.old : undefined

/** The servers whose paths a step gives or takes; nothing for a link, which speaks for all. */
function serversOf(node: Node, { desired, live }: CutOverInput): ResourceId[] {
  const subject = subjectOf(node)
  if (subject === undefined) return []
  const parent = parentOf(subject.id)
  const observed = parent === undefined ? undefined : live.resources.get(parent)?.observed
  const above = parent === undefined ? [] : (desired.get(parent)?.refs ?? (observed?.state === 'present' ? observed.refs : []))
  const all = [subject.id, ...subject.refs, ...(subject.kind === 'privateDnsZoneGroup' ? above : [])]
  return [...new Set(all.flatMap(id => ancestorOfType(id, serverType) ?? []))]
}

/** A link has no server of its own: it matters to every one. */
const meet = (a: readonly ResourceId[], b: readonly ResourceId[]): boolean =>
  a.length === 0 || b.length === 0 || a.some(one => b.includes(one))

/**
 * Two that cannot stand side by side. Two endpoints of one server on one zone remove each other's record [DOC-PEDNS];
 * a network can be linked to only one zone of a name; a factory has one managed endpoint to a server [GH Azure-DataFactory#250].
 */
function contends(removal: Node, give: Node, input: CutOverInput): boolean {
  const old = subjectOf(removal)
  const made = subjectOf(give)
  if (old === undefined || made === undefined || old.kind !== made.kind || give.action.do !== 'create') return false
  if (old.kind === 'privateDnsZoneGroup')
    return (
      old.refs.some(zone => made.refs.includes(zone)) && serversOf(removal, input).some(server => serversOf(give, input).includes(server))
    )
  if (old.kind === 'managedPrivateEndpoint') return parentOf(old.id) === parentOf(made.id) && old.refs.some(one => made.refs.includes(one))
  if (old.kind === 'virtualNetworkLink')
    return old.refs.some(network => made.refs.includes(network)) && nameOf(parentOf(old.id) ?? '') === nameOf(parentOf(made.id) ?? '')
  return false
}
