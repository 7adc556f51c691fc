import type { Change, EndpointProof, Note, Waiting } from '../model/change.ts'
import { nameOf, type ResourceId } from '../model/id.ts'
import type { Desired, Live } from '../model/resource.ts'
import type { Graph } from './graph.ts'

interface GateInput {
  readonly changes: readonly Change[]
  readonly desired: Desired
  readonly live: Live
  readonly endpoints: readonly EndpointProof[]
}

/** What is written only once an endpoint is Approved at both ends, and the calls that follow a write. */
export function addGates(graph: Graph, { changes, desired, live, endpoints }: GateInput): void {
  for (const change of changes) {
    if (change.op === 'delete') continue
    const writes = [`create ${change.resource.id}`, `update ${change.resource.id}`] as const
    for (const gate of change.resource.gates) {
      const endpoint = endpoints.find(({ endpoint }) => endpoint === gate.endpoint)
      if (endpoint === undefined || approved(live, gate.endpoint, changes)) continue
      const address = desired.get(gate.server)?.address ?? nameOf(gate.server)
      const proof = graph.add({ do: 'prove', server: gate.server, address, endpoints: [endpoint], for: 'gate' })
      for (const write of writes) graph.needs(write, proof.id)
      graph.needs(proof.id, `create ${gate.endpoint}`)
      for (const other of changes)
        if (other.op !== 'delete' && other.resource.kind === 'privateEndpointConnection' && other.resource.refs.includes(gate.endpoint))
          for (const decision of ['create', 'update'] as const) graph.needs(proof.id, `${decision} ${other.resource.id}`)
    }
    let last: (typeof writes)[number] | `invoke ${string}` | undefined
    for (const invocation of change.resource.invokes) {
      const step = graph.add({ do: 'invoke', ...invocation, resource: desired.get(invocation.id) ?? change.resource })
      for (const write of writes) graph.needs(step.id, write)
      graph.needs(step.id, `create ${invocation.id}`)
      if (last) graph.needs(step.id, last)
      last = step.id as `invoke ${string}`
    }
  }
}

/** As far as this read can tell: approved at the consumer's end, which is the last to notice. */
function approved(live: Live, endpoint: ResourceId, changes: readonly Change[]): boolean {
  if (changes.some(change => change.op !== 'delete' && change.resource.id === endpoint && change.op !== 'update')) return false
  return stateOf(live, endpoint)?.status === 'Approved'
}

const stateOf = (live: Live, id: ResourceId) => {
  const observed = live.resources.get(id)?.observed
  return observed?.state === 'present' ? observed.facts.connection : undefined
}

/** Endpoints that somebody else has to decide on, in the state they are in. */
export function waitingOn(live: Live, endpoints: readonly EndpointProof[]): Waiting[] {
  return endpoints.flatMap(({ endpoint, address, server, decided }) => {
    const connection = stateOf(live, endpoint)
    if (connection === undefined || decided) return []
    const on = nameOf(server)
    if (connection.status === 'Pending')
      return [
        {
          address,
          message: `${address} is Pending on the server ${on}: its DBA approves or rejects the connection, in a topology with \`connections\` for it or in the portal.`
        }
      ]
    if (connection.status === 'Rejected')
      return [
        {
          address,
          message: `${address} was rejected on the server ${on}${connection.description ? ` ("${connection.description}")` : ''}. A rejected connection cannot be approved any more: settle it with the DBA, delete the endpoint and make it again.`
        }
      ]
    return []
  })
}

/** What linking a zone hides: servers of the file that have no record in it, and are reached by their public name today. */
export function hiddenByLinks(changes: readonly Change[], desired: Desired, endpoints: readonly EndpointProof[]): Note[] {
  return changes.flatMap(change => {
    if (change.op !== 'create' || change.resource.kind !== 'virtualNetworkLink') return []
    const zone = change.resource.id.split('/virtualnetworklinks/')[0] ?? ''
    if (!nameOf(zone).startsWith('privatelink.')) return []
    if ((change.resource.props as { readonly resolution?: string }).resolution === 'NxDomainRedirect') return []
    const recorded = new Set(endpoints.filter(({ dns }) => dns?.zone === zone).map(({ server }) => server))
    const hidden = [...desired.values()].filter(
      ({ kind, id, props }) =>
        kind === 'flexibleServer' && !recorded.has(id) && (props as { readonly publicAccess?: boolean }).publicAccess === true
    )
    if (hidden.length === 0) return []
    return [
      {
        address: change.resource.address,
        message: `from the linked network, ${hidden.map(({ address }) => address).join(', ')} will not resolve any more unless it has an endpoint there: the zone has no record for it. \`resolution: NxDomainRedirect\` on the link falls back to the public name.`
      }
    ]
  })
}
