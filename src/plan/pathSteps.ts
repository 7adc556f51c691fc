import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import type { OnPath, PathPart } from '../kinds/kind.ts'
import { isWrite, subjectOf } from '../model/change.ts'
import type { Node } from '../model/graph.ts'
import { ancestorOfType, nameOf, parentOf, type ResourceId, within } from '../model/id.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { type Existing, type Facts, type Live, presentIn, type Resource } from '../model/resource.ts'
import { existing } from './existing.ts'

/** A step that gives a path from a client to a server, or takes one away. */
export interface PathStep extends Subject {
  readonly node: Node
  readonly does: 'give' | 'take'
  readonly part: PathPart
  /** The servers that it leads to; empty for a link to a zone in which no server of the file is found. */
  readonly servers: readonly ResourceId[]
  readonly facts: Facts | undefined
  readonly excludes: OnPath['excludes']
  /** The zones from which a record goes with an endpoint that goes, though its zone group is no entry of any file. */
  readonly zones: readonly ResourceId[]
}

type Subject = Pick<Resource | Existing, 'kind' | 'id' | 'address' | 'refs' | 'props'>

/** The effects of a plan's steps on the paths that clients have to the servers. */
export function pathSteps(nodes: readonly Node[], input: PlanInput): PathStep[] {
  const serversOf = serverFinder(input)
  return nodes.flatMap((node): PathStep[] => {
    const old = node.action.do === 'delete' ? node.action.old : undefined
    const along = old === undefined ? [] : goingAlong(old, input)
    if (old !== undefined && along.length > 0) {
      const servers = [...new Set(along.flatMap(serversOf))]
      return [{ ...old, node, does: 'take', part: 'client', servers, excludes: undefined, zones: [] }]
    }
    // A step that a look may find needless is there to mend the record, not to take it away.
    const does = node.unless === undefined ? effectOf(node, input) : undefined
    const [subject, ...others] = subjectsOf(node)
    if (does === undefined || subject === undefined) return []
    const path = kindOf(subject).path
    const servers = [...new Set([subject, ...others].flatMap(serversOf))]
    const part = path?.part ?? 'access'
    const zones = old !== undefined && part === 'endpoint' ? zonesOf(old.id, servers, input) : []
    return [{ ...subject, node, does, part, facts: old?.facts, servers, excludes: path?.excludes, zones }]
  })
}

/** Resources that use a server, or lead to it, and fall with what they lie in: with a factory. */
function goingAlong(gone: Existing, { live }: PlanInput): readonly Subject[] {
  if (kindOf(gone).path !== undefined) return []
  return [...live.resources.keys()].flatMap(id => {
    const old = id !== gone.id && within(id, gone.id) ? existing(live, id, '') : undefined
    return old !== undefined && kindOf(old).fallsWithParent && takes({ old }, live) ? [old] : []
  })
}

/** An endpoint that we know by its tag alone may have a group that this login may not read: that may be on any zone of the server's. */
function zonesOf(endpoint: ResourceId, servers: readonly ResourceId[], { live, options: { endpoints } }: PlanInput): readonly ResourceId[] {
  const known = live.paths.groups.get(endpoint)
  if (known !== undefined || !live.unmanaged.some(({ id }) => id === endpoint)) return known ?? []
  return endpoints.flatMap(({ server, dns }) => (dns !== undefined && servers.includes(server) ? [dns.zone] : []))
}

/** The resource that a step writes or removes; for an update the old one, too. */
function subjectsOf({ action }: Node): readonly Subject[] {
  return isWrite(action) ? [subjectOf(action), ...(action.do === 'update' && action.old ? [action.old] : [])] : []
}

function effectOf({ action }: Node, { live }: PlanInput): PathStep['does'] | undefined {
  if (action.do === 'create') return kindOf(action.resource).path && 'give'
  if (action.do === 'delete') return takes(action, live) ? 'take' : undefined
  if (action.do !== 'update') return undefined
  if (action.phase === 'cut-over') return 'take'
  return action.fields.some(({ field }) => gives(action.resource.kind, field)) ? 'give' : undefined
}

/** A change that is no field of the kind's is written to mend the path: an endpoint that had failed, a record that had gone. */
function gives(kind: string, field: string): boolean {
  const { fields, path } = kindOf({ kind })
  const rule = fields[field]
  return rule === undefined ? path !== undefined && field !== 'tags' : rule.givesPath === true
}

/** Deleting a part that leads nowhere takes no path away. */
function takes({ old }: { readonly old: Existing }, live: Live): boolean {
  const { path } = kindOf(old)
  if (path === undefined) return false
  const above = parentOf(old.id)
  return path.leads?.(old, above && live.resources.get(above)?.observed) ?? true
}

/** Finds the servers that a part of a path leads to, by what it lies in, refers to, or is referred to by. */
function serverFinder(input: PlanInput): (subject: Subject) => readonly ResourceId[] {
  const byName = serversByName(input)
  const byZone = serversByZone(input)
  const byUse = new Map<ResourceId, ResourceId[]>()
  const direct = ({ id, kind, refs, props }: Subject): ResourceId[] => {
    const { path } = kindOf({ kind })
    const above = path?.part === 'record' ? refsOfEndpoint(parentOf(id), input) : []
    const host = path?.host?.(props)?.split('.')[0]?.toLowerCase()
    return [...[id, ...refs, ...above].flatMap(one => ancestorOfType(one, flexibleServer.type) ?? []), ...(byName.get(host ?? '') ?? [])]
  }
  for (const client of clients(input)) for (const used of client.refs) byUse.set(used, [...(byUse.get(used) ?? []), ...direct(client)])
  return subject => {
    const part = kindOf(subject).path?.part
    if (part === 'link') return byZone.get(nameOf(parentOf(subject.id) ?? '')) ?? []
    return [...direct(subject), ...(part === 'client' ? (byUse.get(subject.id) ?? []) : [])]
  }
}

/** Linked services say which runtime they use; a runtime does not say for what. */
function clients({ desired, changes }: PlanInput): Subject[] {
  const all: Subject[] = [...desired.values(), ...changes.flatMap(change => (change.op === 'create' ? [] : [change.old]))]
  return all.filter(({ kind }) => kindOf({ kind }).path?.part === 'client')
}

function serversByName({ desired }: PlanInput): ReadonlyMap<string, readonly ResourceId[]> {
  const found = new Map<string, ResourceId[]>()
  for (const id of desired.keys())
    if (ancestorOfType(id, flexibleServer.type) === id) found.set(nameOf(id), [...(found.get(nameOf(id)) ?? []), id])
  return found
}

/** By the zone's name: a network asks only one zone of a name, so that another zone of the name is where a server goes to. */
function serversByZone(input: PlanInput): ReadonlyMap<string, readonly ResourceId[]> {
  const found = new Map<string, Set<ResourceId>>()
  const add = (zone: ResourceId, servers: readonly ResourceId[]): void => {
    const name = nameOf(zone)
    found.set(name, new Set([...(found.get(name) ?? []), ...servers]))
  }
  for (const { dns, server } of input.options.endpoints) if (dns) add(dns.zone, [server])
  for (const change of input.changes) {
    if (change.op === 'create' || kindOf(change.old).path?.part !== 'record') continue
    const servers = refsOfEndpoint(parentOf(change.old.id), input).flatMap(one => ancestorOfType(one, flexibleServer.type) ?? [])
    for (const zone of change.old.refs) add(zone, servers)
  }
  return new Map([...found].map(([name, servers]) => [name, [...servers]]))
}

function refsOfEndpoint(endpoint: ResourceId | undefined, { desired, live }: PlanInput): readonly ResourceId[] {
  if (endpoint === undefined) return []
  return desired.get(endpoint)?.refs ?? presentIn(live, endpoint)?.refs ?? []
}
