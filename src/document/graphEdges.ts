import { byPolicy } from '../kinds/drawn.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import { nameOf, parentOf, type ResourceId, resourceId } from '../model/id.ts'
import { privateLink } from '../model/words.ts'
import type { Nodes } from './graph.ts'
import type { Side, Subject } from './graphSubjects.ts'
import type { GraphEdge, Mark } from './plan.generated.ts'

/** An edge of which both ends are known. */
interface Ends {
  readonly from: ResourceId
  readonly to: ResourceId
  readonly label: string
}

interface Drawing {
  readonly nodes: Nodes
  readonly isSeen: boolean
  /** A linked service as Data Factory answers it names a host, and no server. */
  readonly serverOfHost: ReadonlyMap<string, ResourceId>
  /** The endpoint behind a managed one has an id of Microsoft's; a connection comes from that. */
  readonly managedOf: ReadonlyMap<ResourceId, ResourceId>
}

/** An edge while both sides, and both ends of a connection, have their say. */
interface Draft extends Ends {
  mark: Mark
  before: string | null
  after: string | null
}

/** Every edge of both sides: what only one of them has was added, or goes. */
export function edgesBetween(subjects: readonly Subject[], nodes: Nodes, isSeen: boolean): GraphEdge[] {
  const drawing: Drawing = {
    nodes,
    isSeen,
    serverOfHost: new Map(
      subjects.flatMap(({ kind, id, path }) => (kind === flexibleServer.name ? [[nameOf(path).toLowerCase(), id] as const] : []))
    ),
    managedOf: new Map(subjects.flatMap(({ id, before }) => (before?.facts.endpointId ? [[before.facts.endpointId, id] as const] : [])))
  }
  const drafts = new Map<string, Draft>()
  for (const subject of subjects) if (!isDecision(subject)) draw(subject, drafts, drawing)
  for (const subject of subjects) if (isDecision(subject)) decide(subject, drafts, drawing)
  return [...drafts].flatMap(([id, { from, to, label, mark, before, after }]) => {
    const [source, target] = [nodes.ensure(from), nodes.ledTo(to)]
    return source && target && source.id !== target.id
      ? [{ id: keyOf({ from: source.id, to: target.id, label }) ?? id, from: source.id, to: target.id, label, mark, before, after }]
      : []
  })
}

const keyOf = ({ from, to, label }: { readonly from: string; readonly to: string; readonly label: string }): string =>
  `${from} -> ${to}: ${label}`

const isDecision = (subject: Subject): boolean => kindOf(subject).path?.part === 'decision'

function draw(subject: Subject, drafts: Map<string, Draft>, drawing: Drawing): void {
  const before = joinsOf(subject, subject.before, drawing)
  const after = joinsOf(subject, subject.after, drawing)
  for (const join of [...before, ...after]) {
    const key = keyOf(join)
    const was = before.some(one => keyOf(one) === key)
    const is = after.some(one => keyOf(one) === key)
    const mark = drawing.isSeen ? (join.label === byPolicy ? policyMark(subject.mark) : markBetween(subject.mark, was, is)) : 'same'
    drafts.set(key, { ...join, mark, before: null, after: null, ...(join.label === privateLink && states(subject, was, is)) })
  }
}

/** A policy's write is no change of a plan: it comes and goes with its endpoint. */
const policyMark = (mark: Mark): Mark => (mark === 'update' ? 'same' : mark)

function markBetween(mark: Mark, was: boolean, is: boolean): Mark {
  if (mark === 'unknown' || mark === 'unmanaged') return mark
  if (was && is) return mark === 'replace' ? 'replace' : 'same'
  return is ? 'create' : 'delete'
}

/** As the endpoint itself knows it: the decision on the server, where the file has one, comes on top. */
function states({ kind, mark, before, after }: Subject, was: boolean, is: boolean): Pick<Draft, 'before' | 'after'> {
  const now = was ? (before?.facts.connection?.status ?? null) : null
  if (!is || mark === 'unknown') return { before: now, after: null }
  const isNew = mark === 'create' || mark === 'replace' || before === undefined
  return { before: now, after: isNew ? arrives(kind, after) : now }
}

/** Its own word, where a person has to approve it; nothing of an endpoint of which the file says no more than that it is there. */
function arrives(kind: string, after: Side | undefined): string | null {
  const asks = kindOf({ kind }).path?.asks?.(after?.props ?? {})
  return asks === undefined ? null : asks ? 'Pending' : 'Approved'
}

/** The connection that the file decides on, or the one that it takes away. */
function decide(subject: Subject, drafts: Map<string, Draft>, { nodes, isSeen, managedOf }: Drawing): void {
  const to = parentOf(subject.id)
  const seen = idIn(subject.before, 'from')
  // The file knows the endpoint of a declared decision; the server knows that of one that goes.
  const from = subject.mark === 'delete' ? seen && (managedOf.get(seen) ?? seen) : (idIn(subject.after, 'from') ?? seen)
  if (to === undefined || from === undefined) return
  const known = managedOf.get(from) ?? from
  const join: Ends = { from: known, to, label: privateLink }
  const draft = drafts.get(keyOf(join))
  const before = textIn(subject.before, 'status')
  const after = subject.mark === 'delete' ? null : textIn(subject.after, 'status')
  if (draft?.mark === 'delete') return
  const isUnread = isSeen && (nodes.all.get(known)?.mark === 'unknown' || subject.mark === 'unknown')
  const mark = draft && draft.mark !== 'same' ? draft.mark : isUnread ? 'unknown' : marked(subject, before, after, draft !== undefined)
  drafts.set(keyOf(join), { ...join, mark, before: before ?? draft?.before ?? null, after })
}

function marked({ mark }: Subject, before: string | null, after: string | null, isDrawn: boolean): Mark {
  if (mark === 'delete' || mark === 'unmanaged' || mark === 'unknown') return mark
  if (mark === 'create') return isDrawn ? 'update' : 'create'
  return mark === 'same' || before === after ? 'same' : 'update'
}

function idIn(side: Side | undefined, field: string): ResourceId | undefined {
  const id = side?.props[field]
  return typeof id === 'string' && id !== '' ? resourceId(id) : undefined
}

function textIn(side: Side | undefined, field: string): string | null {
  const text = side?.props[field]
  return typeof text === 'string' && text !== '' ? text : null
}

function joinsOf(subject: Subject, side: Side | undefined, drawing: Drawing): Ends[] {
  if (side === undefined) return []
  const joins = kindOf(subject).joins?.(side.props, subject.id, side.facts) ?? []
  return joins.flatMap(({ from, to, host, label }) => {
    const [name = ''] = (host ?? '').toLowerCase().split('.')
    const end = drawing.serverOfHost.get(name) ?? (to || (label === privateLink ? serverAround(subject, drawing) : undefined))
    return from && end ? [{ from, to: end, label }] : []
  })
}

/** The file says of another's endpoint which server it stands under, and nothing more. */
function serverAround({ address }: Subject, { nodes }: Drawing): ResourceId | undefined {
  const server = address.split('/').slice(0, 2).join('/')
  return [...nodes.all].find(([, node]) => node.kind === flexibleServer.name && node.id === server)?.[0]
}
