import { kindOf } from '../kinds/index.ts'
import type { PathPart } from '../kinds/kind.ts'
import type { Action, EndpointProof, ProofDepth } from '../model/change.ts'
import { type Graph, type Node, proofId } from '../model/graph.ts'
import { nameOf, parentOf } from '../model/id.ts'
import type { PlanInput } from '../model/planOptions.ts'
import type { Desired } from '../model/resource.ts'

/** From the farthest look to the nearest. */
export const depths: readonly ProofDepth[] = ['path', 'record', 'connection']

/** The parts of a path that a look of each depth takes in. */
export const partsOf: Readonly<Record<ProofDepth, readonly PathPart[]>> = {
  connection: ['endpoint', 'decision'],
  record: ['endpoint', 'decision', 'record'],
  path: ['endpoint', 'decision', 'record', 'link']
}

type Prove = Extract<Action, { do: 'prove' }>

/** A look at endpoints of one server; every step that needs a look which the plan has already shares it. */
export function addLook(
  graph: Graph,
  endpoints: readonly [EndpointProof, ...EndpointProof[]],
  look: Pick<Prove, 'depth' | 'for' | 'decides' | 'after'>,
  desired: Desired
): Node {
  const [{ server }] = endpoints
  const address = desired.get(server)?.address ?? nameOf(server)
  const action: Prove = { do: 'prove', server, address, endpoints, ...look }
  return graph.get(proofId(action)) ?? graph.add(action)
}

/** A look at one endpoint, after the steps of this plan that make it, decide on it, or write its record. */
export function addLookBehind(
  graph: Graph,
  endpoint: EndpointProof,
  look: Pick<Prove, 'depth' | 'for'>,
  { changes, desired }: PlanInput
): Node {
  const node = addLook(graph, [endpoint], look, desired)
  for (const change of changes) {
    if (change.op === 'delete') continue
    const { id, refs, kind } = change.resource
    const isRecord = kindOf({ kind }).path?.part === 'record' && parentOf(id) === endpoint.endpoint
    if (id !== endpoint.endpoint && !refs.includes(endpoint.endpoint) && !isRecord) continue
    for (const step of [`create ${id}`, `update ${id}`] as const) if (!graph.waitsFor(step, node.id)) graph.needs(node.id, step)
  }
  return node
}
