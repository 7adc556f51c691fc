import { kindOf } from '../kinds/index.ts'
import type { Change, EndpointProof, StepId, Waiting } from '../model/change.ts'
import type { Graph } from '../model/graph.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import { recordIn, sameAddresses } from '../model/paths.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { type Live, presentIn } from '../model/resource.ts'
import { pathsOf } from '../proof/path.ts'
import { isLetGo } from './letGo.ts'
import { addLook } from './proofs.ts'

/** Steps that write only once an endpoint is Approved at both ends, and the calls that follow a write. */
export function addGates(graph: Graph, input: PlanInput): void {
  const { changes, desired } = input
  const { endpoints, allowInterrupt } = input.options
  const known = new Map(endpoints.map(one => [one.endpoint, one]))
  const waits = waitsOf(graph, input)
  for (const change of changes) {
    if (change.op === 'delete') continue
    const writes = [`create ${change.resource.id}`, `update ${change.resource.id}`] as const
    for (const gate of change.resource.gates) {
      const endpoint = known.get(gate.endpoint)
      if (endpoint === undefined || waits.approved(endpoint) || goesUnproven(graph, change, allowInterrupt)) continue
      waits.add(writes, endpoint)
      const update = graph.get(`update ${change.resource.id}`)
      if (update !== undefined) update.takes = true
    }
    const taker = change.op === 'update' ? undefined : takerOf(change, known)
    if (taker !== undefined && takesOver(taker, input)) {
      const letGo = isLetGo(change.resource, allowInterrupt)
      for (const write of writes) takesAway(graph, write, letGo)
      if (!waits.approved(taker) && !letGo) waits.add(writes, taker)
    }
    let last: (typeof writes)[number] | `invoke ${string}` | undefined
    const { keepsCredential = false, invokes } = change.resource
    for (const { only, ...invocation } of invokes) {
      if (only !== undefined && !keepsCredential) continue
      const because = keepsCredential ? { because: 'only a test tells whether the credential that was sent back still works' } : {}
      const step = graph.add({ do: 'invoke', ...invocation, ...because, resource: desired.get(invocation.id) ?? change.resource })
      for (const write of writes) graph.needs(step.id, write)
      graph.needs(step.id, `create ${invocation.id}`)
      if (last) graph.needs(step.id, last)
      last = step.id as `invoke ${string}`
    }
  }
}

/** Steps that wait until an endpoint is Approved, and come after the step of this plan that approves it. */
function waitsOf(graph: Graph, { changes, desired, live }: PlanInput) {
  const made = new Set<ResourceId>()
  const deciding = new Map<ResourceId, StepId[]>()
  for (const change of changes) {
    if (change.op === 'delete') continue
    const { id, kind, refs } = change.resource
    if (change.op !== 'update') made.add(id)
    if (kindOf({ kind }).path?.part !== 'decision') continue
    for (const ref of refs) deciding.set(ref, [...(deciding.get(ref) ?? []), `create ${id}`, `update ${id}`])
  }
  return {
    /** As far as this read can tell: at both ends, or at the endpoint's where the other may not be read. */
    approved: (one: EndpointProof): boolean => {
      const connection = pathsOf({ desired, live, endpoints: [one] })[0]?.hops.find(({ hop }) => hop === 'connection')
      if (made.has(one.endpoint) || connection === undefined) return false
      return connection.as === 'holds' || (connection.as === 'unknown' && stateOf(live, one.endpoint)?.status === 'Approved')
    },
    add(writes: readonly StepId[], endpoint: EndpointProof): void {
      const look = addLook(graph, [endpoint], { depth: 'connection', for: 'gate' }, desired)
      for (const write of writes) graph.needs(write, look.id)
      for (const before of [`create ${endpoint.endpoint}` as const, ...(deciding.get(endpoint.endpoint) ?? [])])
        graph.needs(look.id, before)
    }
  }
}

/** The endpoint for which a zone group that is written has Azure write a record. */
function takerOf(
  { resource }: Exclude<Change, { op: 'delete' }>,
  known: ReadonlyMap<ResourceId, EndpointProof>
): EndpointProof | undefined {
  const above = kindOf(resource).path?.part === 'record' ? parentOf(resource.id) : undefined
  return above === undefined ? undefined : known.get(above)
}

/** The record leads to another endpoint today, or this login may not read it: the step that writes it takes that path away. */
function takesOver({ endpoint, server, dns }: EndpointProof, { live }: PlanInput): boolean {
  const record = dns && live.paths.records.get(recordIn(dns.zone, server))
  // No way leads yet to a server that is still to be made.
  if (live.resources.get(server)?.observed.state === 'absent') return false
  if (record === undefined || record.state === 'absent') return false
  if (record.state === 'unreadable') return true
  return record.addresses.length > 0 && !sameAddresses(record.addresses, live.paths.addresses.get(endpoint) ?? [])
}

function takesAway(graph: Graph, step: StepId, letGo: boolean): void {
  const node = graph.get(step)
  if (node === undefined) return
  node.takes = true
  node.interrupts = true
  node.unproven ||= letGo
}

/** A resource that works over the old path is changed without a proof of the new one, as `--allow-interrupt` lets it. */
function goesUnproven(graph: Graph, change: Exclude<Change, { op: 'delete' }>, allowInterrupt: readonly string[]): boolean {
  const { id } = change.resource
  if (change.op === 'create' || !isLetGo(change.resource, allowInterrupt)) return false
  for (const step of [`delete ${id}`, `update ${id}`] as const) {
    const node = graph.get(step)
    if (node === undefined) continue
    node.unproven = true
    node.interrupts = true
  }
  return true
}

const stateOf = (live: Live, id: ResourceId) => presentIn(live, id)?.facts.connection

/** Resources that wait for the decision of a person at the other end, where that is in no topology. One that is made again asks anew. */
export function waitingElsewhere({ changes, desired, live }: PlanInput): Waiting[] {
  const made = new Set(changes.flatMap(change => (change.op === 'replace' ? [change.resource.id] : [])))
  return [...desired.values()].flatMap((resource): Waiting[] => {
    const { id, address, managed } = resource
    const there = presentIn(live, id)
    if (!managed || there === undefined || made.has(id)) return []
    const message = kindOf(resource).waitsElsewhere?.(there.props, there.facts)
    return message === undefined ? [] : [{ address, message: `${address} ${message}` }]
  })
}

/** Endpoints that wait for the decision of the server's owner, and how they stand. */
export function waitingOn(live: Live, endpoints: readonly EndpointProof[]): Waiting[] {
  return endpoints.flatMap(({ endpoint, address, server, decided }) => {
    const connection = stateOf(live, endpoint)
    if (connection === undefined || decided) return []
    const on = nameOf(server)
    const say = (message: string): Waiting[] => [{ address, message: `${address} ${message}` }]
    if (connection.status === 'Pending')
      return say(
        `is Pending on the server ${on}: its DBA approves or rejects the connection, in a topology with \`connections\` for it, with \`pglink connections approve\`, or in the portal.`
      )
    if (connection.status !== 'Rejected') return []
    const because = connection.description ? ` ("${connection.description}")` : ''
    return say(
      `was rejected on the server ${on}${because}. A rejected connection cannot be approved any more: settle it with the DBA, delete the endpoint and make it again.`
    )
  })
}
