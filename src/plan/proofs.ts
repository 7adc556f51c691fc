import type { PathPart } from '../kinds/kind.ts'
import type { EndpointProof, ProofDepth } from '../model/change.ts'
import { type Graph, type Node, proofId } from '../model/graph.ts'
import { nameOf, type ResourceId } from '../model/id.ts'
import type { Desired } from '../model/resource.ts'

/** From the farthest look to the nearest. */
export const depths: readonly ProofDepth[] = ['path', 'record', 'connection']

/** The parts of a path that a look of each depth takes in. */
export const partsOf: Readonly<Record<ProofDepth, readonly PathPart[]>> = {
  connection: ['endpoint', 'decision'],
  record: ['endpoint', 'decision', 'record'],
  path: ['endpoint', 'decision', 'record', 'link']
}

interface Look {
  readonly server: ResourceId
  readonly endpoints: readonly EndpointProof[]
  readonly depth: ProofDepth
  readonly desired: Desired
  readonly for: 'cut-over' | 'gate' | 'policy'
}

/** A look at endpoints of a server; one that the plan has already serves everybody who needs it. */
export function addLook(graph: Graph, { server, endpoints, depth, desired, for: purpose }: Look): Node {
  const address = desired.get(server)?.address ?? nameOf(server)
  const action = { do: 'prove', server, address, endpoints, depth, for: purpose } as const
  return graph.get(proofId(action)) ?? graph.add(action)
}
