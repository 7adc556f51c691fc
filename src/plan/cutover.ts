import { kindOf } from '../kinds/index.ts'
import type { Change, EndpointProof, ProofDepth, StepId } from '../model/change.ts'
import type { Graph } from '../model/graph.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { type Desired, presentIn } from '../model/resource.ts'
import { isLetGo } from './letGo.ts'
import { type PathStep, pathSteps } from './pathSteps.ts'
import { addLook, depths, partsOf } from './proofs.ts'

/**
 * The old path goes only when the new one is proven. A step that takes a path to a server away comes after those that give one to the same
 * server, and after a look at every endpoint that the file declares for it; it is skipped with them. Where the old has to go
 * before the new can be made, the look goes as far as it can.
 */
export function addCutOver(graph: Graph, input: PlanInput): void {
  replaceLast(graph, input)
  const steps = pathSteps(graph.nodes, input)
  const gives = steps.filter(({ does }) => does === 'give')
  const takes = steps.filter(({ does }) => does === 'take')
  for (const { node } of takes) node.takes = true
  const paths: Paths = { ...input, graph, gives, ...standing(gives, input) }
  for (const take of takes) {
    const remakes = among(take, paths).filter(give => excludes(take, give))
    for (const { node } of remakes) {
      graph.needs(node.id, take.node.id)
      node.interrupts = true
      take.node.interrupts = true
    }
  }
  for (const take of takes) if (isLetGo(take, input.options.allowInterrupt)) unproven(take, paths)
  const waiting = takes.filter(take => !take.node.unproven && !servesUnproven(take, takes))
  for (const take of waiting) for (const give of among(take, paths)) orderUnlessTold(graph, take, give)
  for (const take of waiting) prove(take, paths)
}

/** A resource that is made again goes only when everything is there that the new one needs. */
function replaceLast(graph: Graph, { changes, options: { allowInterrupt } }: PlanInput): void {
  for (const change of changes) {
    if (change.op !== 'replace' || isLetGo(change.resource, allowInterrupt)) continue
    const goes: StepId = `delete ${change.old.id}`
    for (const before of graph.get(`create ${change.resource.id}`)?.after ?? [])
      if (before !== goes && !graph.waitsFor(before, goes)) graph.needs(goes, before)
  }
}

type Paths = PlanInput & ReturnType<typeof standing> & { readonly graph: Graph; readonly gives: readonly PathStep[] }

/** The steps of this plan and the endpoints of the file that lead to each server. */
function standing(gives: readonly PathStep[], { changes, desired, live, options: { endpoints } }: PlanInput) {
  const givesTo = new Map<ResourceId, PathStep[]>()
  for (const step of gives) for (const server of step.servers) givesTo.set(server, [...(givesTo.get(server) ?? []), step])
  const gone = new Set(changes.flatMap(change => (change.op === 'delete' ? [change.old.id] : [])))
  const made = new Set(changes.flatMap(change => (change.op === 'create' ? [change.resource.id] : [])))
  const givenUp = new Set([...rejectedBy(desired), ...changes.flatMap(removedConnection)])
  // The endpoints to be proven before a path to the server goes.
  const proven = new Map<ResourceId, EndpointProof[]>()
  // Every endpoint that the file declares, also one whose connection it rejects.
  const declared = new Map<ResourceId, EndpointProof[]>()
  for (const one of endpoints) {
    declared.set(one.server, [...(declared.get(one.server) ?? []), one])
    const behind = presentIn(live, one.endpoint)?.facts.endpointId
    if (givenUp.has(one.endpoint) || (behind !== undefined && givenUp.has(behind))) continue
    proven.set(one.server, [...(proven.get(one.server) ?? []), one])
  }
  return { givesTo, gone, made, proven, declared }
}

/** The endpoints whose connection the file rejects: no path of theirs is to be proven. */
const rejectedBy = (desired: Desired): ResourceId[] =>
  [...desired.values()].flatMap(({ kind, props, refs }) => {
    const { path } = kindOf({ kind })
    return path?.part === 'decision' && path.leads?.({ props, facts: {} }, undefined) === false ? refs : []
  })

const removedConnection = (change: Change): readonly ResourceId[] =>
  change.op === 'delete' && kindOf(change.old).path?.part === 'decision' ? change.old.refs : []

/** The steps that give a path to one of the servers; a link of a zone in which no server is found matters to all. */
function among({ part, servers }: PathStep, { gives, givesTo }: Paths): readonly PathStep[] {
  if (servers.length === 0) return part === 'link' ? gives : []
  const everywhere = gives.filter(give => give.part === 'link' && give.servers.length === 0)
  return [...new Set([...servers.flatMap(server => givesTo.get(server) ?? []), ...everywhere])]
}

/** The old one goes before the new one is made: they cannot stand side by side, or the old one takes the new record along when it goes. */
function excludes(take: PathStep, give: PathStep): boolean {
  if (give.node.action.do !== 'create' || give.node.unless !== undefined) return false
  if (take.excludes !== undefined && take.excludes === give.excludes) return take.excludes(take, give)
  return give.part === 'record' && give.refs.some(zone => take.zones.includes(zone)) && give.servers.some(one => take.servers.includes(one))
}

/**
 * The old path goes after the new one. Where the new one can only be made once the old one is gone, the old one goes after the proofs that
 * the new one waits for.
 */
function orderUnlessTold(graph: Graph, take: PathStep, give: PathStep): void {
  if (!graph.waitsFor(give.node.id, take.node.id)) graph.needs(take.node.id, give.node.id)
  else for (const look of looksBefore(graph, give.node.id)) if (!graph.waitsFor(look, take.node.id)) graph.needs(take.node.id, look)
}

const looksBefore = (graph: Graph, step: StepId): StepId[] => [...graph.before([step])].filter(id => graph.get(id)?.action.do === 'prove')

/** The step comes after the steps that give the new path, however they end, unless these wait for a person's decision. */
function unproven(take: PathStep, paths: Paths): void {
  const { node } = take
  node.unproven = true
  node.interrupts = true
  for (const give of among(take, paths))
    if (looksBefore(paths.graph, give.node.id).length === 0 && !paths.graph.waitsFor(give.node.id, node.id))
      paths.graph.waitsForEndOf(node.id, give.node.id)
}

/** Whether all linked services that use a runtime go without a proof: then the runtime does not wait for one either. */
function servesUnproven({ part, id }: PathStep, takes: readonly PathStep[]): boolean {
  const users = part === 'client' ? takes.filter(other => other.part === 'client' && other.refs.includes(id)) : []
  return users.length > 0 && users.every(({ node }) => node.unproven)
}

function prove(take: PathStep, paths: Paths): void {
  const { graph, gone, made, proven, declared } = paths
  const servers = take.servers.filter(server => !gone.has(server) && !made.has(server))
  for (const server of servers) {
    // The last way in does not close where the only endpoint that is declared leads nowhere, since the file itself rejects it.
    const endpoints = proven.get(server) ?? (take.part === 'access' ? declared.get(server) : undefined) ?? []
    const [first, ...others] = endpoints
    if (first === undefined) {
      // A client that goes takes no path away from other clients.
      take.node.interrupts ||= take.part !== 'client'
      continue
    }
    const whole = endpoints.flatMap(endpoint => neededBy(endpoint, 'path', paths))
    if (canWaitFor(take, whole, graph)) {
      const look = addLook(graph, [first, ...others], { depth: 'path', for: 'cut-over' }, paths.desired)
      for (const step of whole) graph.needs(look.id, step)
      graph.needs(take.node.id, look.id)
    } else for (const endpoint of endpoints) proveInPart(take, endpoint, paths)
  }
  if (servers.length > 0 && !hasSuccessor(take, paths)) take.node.interrupts = true
}

/** As far as a look can go that does not need what this step makes room for. */
function proveInPart(take: PathStep, endpoint: EndpointProof, paths: Paths): void {
  const { graph, desired } = paths
  for (const depth of depths) {
    const needed = neededBy(endpoint, depth, paths)
    if (!canWaitFor(take, needed, graph)) continue
    const look = addLook(graph, [endpoint], { depth, for: 'gate' }, desired)
    for (const step of needed) graph.needs(look.id, step)
    graph.needs(take.node.id, look.id)
    return
  }
}

const canWaitFor = ({ node }: PathStep, steps: readonly StepId[], graph: Graph): boolean =>
  steps.every(step => !graph.waitsFor(step, node.id))

/** The steps of this plan that give what a look at an endpoint is to find. */
const neededBy = (endpoint: EndpointProof, depth: ProofDepth, { givesTo }: Paths): StepId[] =>
  (givesTo.get(endpoint.server) ?? []).flatMap(({ node, part, id, refs }) => {
    if (!partsOf[depth].includes(part)) return []
    const own =
      part === 'endpoint'
        ? id === endpoint.endpoint
        : part === 'decision'
          ? refs.includes(endpoint.endpoint)
          : part === 'record'
            ? parentOf(id) === endpoint.endpoint
            : parentOf(id) === endpoint.dns?.zone
    return own ? [node.id] : []
  })

/** Whether a name that stops leading to a server here leads there some other way: by a record, or from the network by a link. */
function hasSuccessor({ part, id, refs, servers }: PathStep, { proven, desired }: Paths): boolean {
  if (part === 'record') return servers.some(server => proven.get(server)?.some(({ dns }) => dns !== undefined))
  if (part !== 'link') return true
  const zone = nameOf(parentOf(id) ?? '')
  return [...desired.values()].some(
    other =>
      kindOf(other).path?.part === 'link' && nameOf(parentOf(other.id) ?? '') === zone && other.refs.some(network => refs.includes(network))
  )
}
