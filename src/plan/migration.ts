import { kindOf } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { migrationsIn, waysIn } from '../kinds/migration.ts'
import { type Action, type Change, type EndpointProof, isWrite, type Refusal, subjectOf } from '../model/change.ts'
import { callIdOf, type Graph, type Node, proofId } from '../model/graph.ts'
import { grouped } from '../model/grouped.ts'
import { parentOf, type ResourceId, scopesOf } from '../model/id.ts'
import { option } from '../model/option.ts'
import { names, type PlanInput, type PlanOptions } from '../model/planOptions.ts'
import { presentIn, type Resource } from '../model/resource.ts'
import { addLook } from './proofs.ts'

/** The looks at the new paths, so that other steps that wait for one of these share it. */
export function addMigrationProofs(graph: Graph, input: PlanInput): void {
  const migrations = migrationsIn(input.changes)
  if (migrations.length === 0) return
  const leadingTo = endpointsIn(input)
  for (const { resource, verb } of migrations) {
    const [first, ...others] = leadingTo(resource.id)
    const after = { kind: resource.kind, call: verb }
    if (first !== undefined) addLook(graph, [first, ...others], { depth: 'path', for: 'cut-over', after }, input.desired).interrupts = true
  }
}

type LeadingTo = (server: ResourceId) => readonly EndpointProof[]

/** The private endpoints of a server that are there by then: in the part of a duty, others may make them later. */
function endpointsIn({ changes, desired, live, options: { endpoints } }: PlanInput): LeadingTo {
  const ways = waysIn(desired, endpoints)
  const changed = new Set(changes.map(change => subjectOf(change).id))
  return server => ways.leadingTo(server).filter(one => presentIn(live, one.endpoint) !== undefined || changed.has(one.endpoint))
}

/**
 * Puts migrations between all that does not need them and all that does: networks, subnets and zones come first, then the calls, each followed
 * by the endpoints with their records and links, and their proof; what is left of the old path goes after that.
 *
 * @param isWhole whether what has nothing to do with them comes first as well: the order of a plan, and no need of a part of it
 */
export function addMigrations(graph: Graph, input: PlanInput, isWhole: boolean): void {
  const migrations = migrationsIn(input.changes)
  const earlier = leftEarlier(input, new Set(migrations.map(({ resource }) => resource.id)))
  if (migrations.length === 0 && earlier.length === 0) return
  const leadingTo = endpointsIn(input)
  const steps = stepsIn(graph)
  for (const one of earlier) addAfterwards(graph, one, leadingTo(one.server), steps, input)
  const begun: Begun[] = []
  for (const { resource, old } of migrations) {
    const call = graph.get(callIdOf(resource.id))
    if (call === undefined) continue
    call.unproven = names(input.options.allowMigrateUnproven, resource)
    const look = addProof(graph, call, leadingTo(resource.id), steps)
    goesAfter(graph, steps.ofOldPath(old.refs.filter(ref => !resource.refs.includes(ref))), look, call)
    begun.push({ call, look })
  }
  addNeededFirst(graph, begun, isWhole)
}

interface Left {
  readonly server: ResourceId
  /** The subnet and the zone that it had. */
  readonly left: readonly ResourceId[]
}

/** Servers that have left their network already, as a run that died had it. The baseline says what they left there. */
const leftEarlier = ({ desired, options: { baseline } }: PlanInput, migrating: ReadonlySet<ResourceId>): Left[] =>
  [...(baseline?.values() ?? [])].flatMap(({ id, refs }) => {
    const resource = desired.get(id)
    if (resource === undefined || kindOf(resource).calls === undefined || migrating.has(id)) return []
    const left = refs.filter(ref => !resource.refs.includes(ref))
    return left.length === 0 ? [] : [{ server: id, left }]
  })

/** The steps that take away what it left go after the proof of the new path as well. */
function addAfterwards(graph: Graph, { left }: Left, all: readonly EndpointProof[], steps: Steps, { desired }: PlanInput): void {
  const old = steps.ofOldPath(left)
  const [first, ...others] = all
  if (old.length === 0 || first === undefined) return
  const look = addLook(graph, [first, ...others], { depth: 'path', for: 'cut-over' }, desired)
  addMaking(graph, look, all, steps)
  goesAfter(graph, old, look, undefined)
}

/** The look at the new path, after the steps that make it. Until then no client reaches the server. */
function addProof(graph: Graph, call: Node, all: readonly EndpointProof[], steps: Steps): Node | undefined {
  const [first] = all
  const look = first && graph.get(proofId({ server: first.server, endpoints: [first], depth: 'path', for: 'cut-over' }))
  if (first === undefined || look === undefined) return undefined
  graph.needs(look.id, call.id)
  graph.needs(look.id, `update ${first.server}#later`)
  addMaking(graph, look, all, steps)
  return look
}

function addMaking(graph: Graph, look: Node, all: readonly EndpointProof[], steps: Steps): void {
  const behind = graph.behind([look.id])
  for (const one of all) for (const step of steps.making(one)) if (!behind.has(step.id)) graph.needs(look.id, step.id)
}

/** The steps of a plan, by what they have to do with a path. */
interface Steps {
  /** Those that make a part of the path of an endpoint: itself, the decision on it, its record, or a link of its zone. */
  making(endpoint: EndpointProof): readonly Node[]
  /** Those that take away, or change, what clients found a server by: its subnet and zone, what lies in them, or what they lie in. */
  ofOldPath(left: readonly ResourceId[]): readonly Node[]
}

function stepsIn({ nodes }: Graph): Steps {
  const writes = nodes.flatMap(node => (isWrite(node.action) ? [{ node, action: node.action, subject: subjectOf(node.action) }] : []))
  const by = (ids: (write: (typeof writes)[number]) => readonly (ResourceId | undefined)[]) =>
    grouped(
      writes.flatMap(write => ids(write).map(id => ({ id, node: write.node }))),
      ({ id }) => id
    )
  const partOf = ({ action, subject }: (typeof writes)[number]) => (action.do === 'delete' ? undefined : kindOf(subject).path?.part)
  const ofEndpoint = by(write => {
    const { id, refs } = write.subject
    if (write.action.do === 'delete') return []
    const part = partOf(write)
    return [id, ...(part === 'decision' ? refs : []), ...(part === 'record' ? [parentOf(id)] : [])]
  })
  const linking = by(write => (partOf(write) === 'link' ? [parentOf(write.subject.id)] : []))
  const updating = by(({ action, subject }) => (action.do === 'update' ? [subject.id] : []))
  const deleting = by(({ action, subject }) => (action.do === 'delete' ? [subject.id] : []))
  const deletingIn = by(({ action, subject }) => (action.do === 'delete' ? scopesOf(subject.id) : []))
  const at = (map: ReturnType<typeof by>, id: ResourceId | undefined): Node[] => (map.get(id) ?? []).map(({ node }) => node)
  return {
    making: ({ endpoint, dns }) => [...at(ofEndpoint, endpoint), ...(dns === undefined ? [] : at(linking, dns.zone))],
    ofOldPath: left => [
      ...new Set(
        left.flatMap(one => [...at(updating, one), ...at(deletingIn, one), ...scopesOf(one).flatMap(scope => at(deleting, scope))])
      )
    ]
  }
}

/** After the proof; where the new path takes the place of the old one, as in its subnet, at least after the call. */
function goesAfter(graph: Graph, old: readonly Node[], look: Node | undefined, call: Node | undefined): void {
  const beforeLook = look && graph.before([look.id])
  const beforeCall = call && graph.before([call.id])
  for (const { id } of old)
    if (look !== undefined && !beforeLook?.has(id)) graph.needs(id, look.id)
    else if (call !== undefined && !beforeCall?.has(id)) graph.needs(id, call.id)
}

interface Begun {
  readonly call: Node
  readonly look: Node | undefined
}

/**
 * No call waits for what waits for another: servers are migrated side by side. A step that waits for a look may wait for a person, and no call
 * does. In a part, only what the new path is made of comes first.
 */
function addNeededFirst(graph: Graph, begun: readonly Begun[], isWhole: boolean): void {
  const { nodes } = graph
  const behindCalls = graph.behind(begun.map(({ call }) => call.id))
  const behindLooks = graph.behind(nodes.flatMap(({ id, action }) => (action.do === 'prove' ? [id] : [])))
  const first = new Set(nodes.flatMap(({ id, action }) => (comesFirst(action) && !behindCalls.has(id) && !behindLooks.has(id) ? [id] : [])))
  // Whoever waits for the last of them waits for all.
  const last = [...first].filter(id => !graph.next(id).some(next => first.has(next.id)))
  for (const { call, look } of begun) {
    const needed = isWhole || look === undefined ? last : [...graph.before([look.id])].filter(id => first.has(id))
    for (const step of needed) graph.needs(call.id, step)
  }
}

/** Locks come on whenever their own steps say. */
function comesFirst(action: Action): boolean {
  if (action.do === 'invoke') return true
  if (action.do !== 'create' && action.do !== 'update') return false
  return action.do === 'update' && action.call !== undefined ? false : action.resource.kind !== managementLock.name
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
  const migrations = migrationsIn(changes)
  if (migrations.length === 0) return []
  const all = waysIn(desired, options.endpoints)
  const changed = new Set(changes.map(change => subjectOf(change).id))
  return migrations.flatMap(({ resource, call }) => {
    const ways = all.to(resource.id)
    // Another duty makes it.
    const isThere = ({ endpoint }: EndpointProof): boolean =>
      options.duty !== undefined || presentIn(live, endpoint) !== undefined || changed.has(endpoint)
    if (ways.some(isThere)) return []
    const why =
      ways.length > 0
        ? `and this plan leaves ${ways.map(one => one.address).join(', ')} out, by which clients would reach it then.`
        : 'and the file has no private endpoint by which clients would reach it then. Declare one with `approval: automatic` and `privateDns: { zone: ZONE }`.'
    return [refusal(resource, 'migration-without-endpoint', `it would be ${call.becomes}, ${why}`)]
  })
}
