import type { Waiting } from '../model/change.ts'
import type { Graph } from '../model/graph.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { type EndpointPath, type Hop, pathsOf } from '../proof/path.ts'
import { addLookBehind } from './proofs.ts'

/**
 * We wait for a policy's writes, also where no step of the plan needs them: an apply has not done what the file declares before
 * the server is found. A look that comes before a cut-over waits for the same.
 */
export function addPolicyWaits(graph: Graph, input: PlanInput): Waiting[] {
  const byPolicy = input.options.endpoints.filter(({ dns }) => dns?.managedBy === 'policy')
  if (byPolicy.length === 0) return []
  const made = new Set(input.changes.flatMap(change => (change.op === 'create' || change.op === 'replace' ? [change.resource.id] : [])))
  const paths = new Map(pathsOf({ ...input, endpoints: byPolicy }).map(path => [path.endpoint, path]))
  const looked = new Set(
    graph.nodes.flatMap(({ action }) =>
      action.do === 'prove' && action.depth !== 'connection' ? action.endpoints.map(one => one.endpoint) : []
    )
  )
  return byPolicy.flatMap(endpoint => {
    const late = missing(paths.get(endpoint.endpoint))
    const isMade = made.has(endpoint.endpoint)
    if ((isMade || late !== undefined) && !looked.has(endpoint.endpoint))
      addLookBehind(graph, endpoint, { depth: 'record', for: 'policy' }, input)
    return isMade || late === undefined ? [] : [{ address: endpoint.address, message: late.message }]
  })
}

/** The hop of an Approved endpoint that the policy has not written yet. */
function missing(path: EndpointPath | undefined): Hop | undefined {
  const holds = path?.hops.some(({ hop, as }) => hop === 'connection' && as === 'holds')
  return holds ? path?.hops.find(({ hop, as }) => (hop === 'zoneGroup' || hop === 'record') && as === 'waiting') : undefined
}
