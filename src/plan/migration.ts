import { kindOf } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { isRejected, migrationsIn, waysTo } from '../kinds/migration.ts'
import { type Change, type EndpointProof, isWrite, type Note, type Refusal, subjectOf } from '../model/change.ts'
import { callIdOf, type Graph, type Node, proofId } from '../model/graph.ts'
import { parentOf, type ResourceId, within } from '../model/id.ts'
import { option } from '../model/option.ts'
import { names, type PlanInput, type PlanOptions } from '../model/planOptions.ts'
import { presentIn, type Resource } from '../model/resource.ts'
import { addLook } from './proofs.ts'

/** The looks at the new paths, so that other steps that wait for one of these share it. */
export function addMigrationProofs(graph: Graph, input: PlanInput): void {
  const { changes, desired } = input
  for (const { resource, verb } of migrationsIn(changes)) {
    const [first, ...others] = leadingTo(resource.id, input)
    const after = { kind: resource.kind, call: verb }
    if (first !== undefined) addLook(graph, [first, ...others], { depth: 'path', for: 'cut-over', after }, desired).interrupts = true
  }
}

/** The private endpoints of a server that are there by then: in the part of a duty, others may make them later. */
const leadingTo = (server: ResourceId, { changes, desired, live, options: { endpoints } }: PlanInput): EndpointProof[] =>
  endpoints.filter(
    one =>
      one.server === server &&
      !one.managed &&
      !isRejected(one.endpoint, desired) &&
      (presentIn(live, one.endpoint) !== undefined || changes.some(change => subjectOf(change).id === one.endpoint))
  )

/**
 * Puts a migration between all that does not need it and all that does: networks, subnets and zones come first, then the call, then the
 * endpoints with their records and links, and their proof; what is left of the old path goes after that.
 *
 * @param isWhole whether what has nothing to do with it comes first as well: the order of a plan, and no need of a part of it
 */
export function addMigrations(graph: Graph, input: PlanInput, isWhole: boolean): void {
  addAfterwards(graph, input)
  for (const { resource, old } of migrationsIn(input.changes)) {
    const call = graph.get(callIdOf(resource.id))
    if (call === undefined) continue
    call.unproven = names(input.options.allowMigrateUnproven, resource)
    const look = addProof(graph, call, resource, input)
    const left = new Set(old.refs.filter(ref => !resource.refs.includes(ref)))
    for (const node of graph.nodes) if (isOfOldPath(node, left)) goesAfter(graph, node, look, call)
    for (const step of graph.nodes)
      if (step.id !== call.id && isNeededFirst(step, graph, call, isWhole ? undefined : look)) graph.needs(call.id, step.id)
  }
}

/**
 * A server that has left its network already, as a run that died had it: what it left there goes after the proof of the new path as well. The
 * baseline says what that is.
 */
function addAfterwards(graph: Graph, input: PlanInput): void {
  const { desired, options, changes } = input
  const migrating = new Set(migrationsIn(changes).map(({ resource }) => resource.id))
  for (const resource of desired.values()) {
    if (kindOf(resource).calls === undefined || migrating.has(resource.id)) continue
    const left = new Set((options.baseline?.get(resource.id)?.refs ?? []).filter(ref => !resource.refs.includes(ref)))
    const old = graph.nodes.filter(node => left.size > 0 && isOfOldPath(node, left))
    const all = leadingTo(resource.id, input)
    const [first, ...others] = all
    if (old.length === 0 || first === undefined) continue
    const look = addLook(graph, [first, ...others], { depth: 'path', for: 'cut-over' }, desired)
    for (const node of graph.nodes)
      if (all.some(one => makes(node, one)) && !graph.waitsFor(node.id, look.id)) graph.needs(look.id, node.id)
    for (const node of old) if (!graph.waitsFor(look.id, node.id)) graph.needs(node.id, look.id)
  }
}

/** The look at the new path, after the steps that make it. Until then no client reaches the server. */
function addProof(graph: Graph, call: Node, { id }: Resource, input: PlanInput): Node | undefined {
  const all = leadingTo(id, input)
  const [first] = all
  const look = first && graph.get(proofId({ server: id, endpoints: [first], depth: 'path', for: 'cut-over' }))
  if (look === undefined) return undefined
  graph.needs(look.id, call.id)
  graph.needs(look.id, `update ${id}#later`)
  for (const node of graph.nodes) if (all.some(one => makes(node, one)) && !graph.waitsFor(node.id, look.id)) graph.needs(look.id, node.id)
  return look
}

/** Whether a step makes a part of the path of an endpoint: itself, the decision on it, its record, or a link of its zone. */
function makes({ action }: Node, { endpoint, dns }: EndpointProof): boolean {
  if (action.do !== 'create' && action.do !== 'update') return false
  const { id, refs } = action.resource
  const part = kindOf(action.resource).path?.part
  return (
    id === endpoint ||
    (part === 'decision' && refs.includes(endpoint)) ||
    (part === 'record' && parentOf(id) === endpoint) ||
    (part === 'link' && parentOf(id) === dns?.zone)
  )
}

/** Whether a step takes away, or changes, what clients found the server by: its subnet and zone, what lies in them, or what they lie in. */
function isOfOldPath({ action }: Node, left: ReadonlySet<ResourceId>): boolean {
  if (action.do === 'update') return left.has(action.resource.id)
  return action.do === 'delete' && [...left].some(one => within(action.old.id, one) || within(one, action.old.id))
}

/** After the proof; where the new path takes the place of the old one, as in its subnet, at least after the call. */
function goesAfter(graph: Graph, node: Node, look: Node | undefined, call: Node): void {
  if (look !== undefined && !graph.waitsFor(look.id, node.id)) graph.needs(node.id, look.id)
  else if (!graph.waitsFor(call.id, node.id)) graph.needs(node.id, call.id)
}

/** @param look where it is given, only what the new path is made of comes first */
function isNeededFirst({ id, action }: Node, graph: Graph, call: Node, look: Node | undefined): boolean {
  if (action.do !== 'create' && action.do !== 'update' && action.do !== 'invoke') return false
  if (action.do === 'update' && action.call !== undefined) return false
  if (isWrite(action) && subjectOf(action).kind === managementLock.name) return false
  if (graph.waitsFor(id, call.id) || (look !== undefined && !graph.waitsFor(look.id, id))) return false
  // A step that waits for a look may wait for a person.
  return ![...graph.before([id])].some(before => graph.get(before)?.action.do === 'prove')
}

/** Why a server may not be migrated, as far as consent and the server itself tell. A server that is stopped is among these changes as well. */
export function migrationConsents(changes: readonly Change[], options: PlanOptions): Refusal[] {
  return migrationsIn(changes).flatMap(({ resource, old, call }) => {
    const { address } = resource
    const untried = call.untried(old)
    return [
      ...(names(options.allowMigrate, resource)
        ? []
        : [
            refusal(
              resource,
              'migration-not-allowed',
              `Azure has it in a virtual network, and the file does not any more. It can be ${call.becomes}: ${call.meanwhile}; ${call.afterwards}. To agree, give \`${option(options, 'allowMigrate', address)}\`.`
            )
          ]),
      ...(untried.length === 0 || names(options.allowMigrateUnproven, resource)
        ? []
        : [
            refusal(
              resource,
              'migration-unproven',
              `it would be ${call.becomes}, and ${untried.join(', and ')}: no documentation says that Azure migrates such a server. Change that first, or give \`${option(options, 'allowMigrateUnproven', address)}\` to try it all the same.`
            )
          ])
    ]
  })
}

const refusal = ({ address, at }: Resource, code: string, message: string): Refusal => ({
  code,
  address,
  message: `${address}: ${message}`,
  exit: 6,
  at
})

/** Why a server may not be migrated, as far as the file has a way for its clients, and this plan makes it. */
export function wayless({ desired, options, changes, live }: PlanInput): Refusal[] {
  return migrationsIn(changes).flatMap(({ resource, call }) => {
    const ways = waysTo(resource.id, desired, options.endpoints)
    // Another duty makes it.
    const isThere = ({ endpoint }: EndpointProof): boolean =>
      options.duty !== undefined || presentIn(live, endpoint) !== undefined || changes.some(change => subjectOf(change).id === endpoint)
    if (ways.some(isThere)) return []
    const why =
      ways.length > 0
        ? `and this plan leaves ${ways.map(one => one.address).join(', ')} out, by which clients would reach it then.`
        : 'and the file has no private endpoint by which clients would reach it then. Declare one with `approval: automatic` and `privateDns: { zone: ZONE }`.'
    return [refusal(resource, 'migration-without-endpoint', `it would be ${call.becomes}, ${why}`)]
  })
}

/** Notes on each consent to a migration that this plan does not make: it is done, or not what the file asks for. */
export function needlessConsents({ changes, options }: Pick<PlanInput, 'changes' | 'options'>): Note[] {
  const migrated = migrationsIn(changes).map(({ resource }) => resource)
  return (['allowMigrate', 'allowMigrateUnproven'] as const).flatMap(name =>
    options[name].flatMap(one =>
      migrated.some(resource => names([one], resource))
        ? []
        : [{ address: one, message: `\`${option(options, name, one)}\` names no server that this plan migrates.` }]
    )
  )
}
