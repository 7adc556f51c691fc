import { kindOf } from '../kinds/index.ts'
import type { Change, FieldChange } from '../model/change.ts'
import { callIdOf, type Graph } from '../model/graph.ts'
import { unreachable } from '../model/invariant.ts'
import type { Resource } from '../model/resource.ts'
import { inForce } from './restarts.ts'

type Props = Readonly<Record<string, unknown>>

/** The calls that a change comes to. One change may be several: what a create does not take, what has to come last. */
export function addSteps(graph: Graph, changes: readonly Change[]): void {
  for (const change of changes) {
    switch (change.op) {
      case 'create':
        addCreate(graph, change.resource, false)
        break
      case 'replace':
        graph.add({ do: 'delete', old: change.old, replaced: true }, onPath(change.old))
        addCreate(graph, change.resource, true)
        break
      case 'update':
        addUpdates(graph, change)
        break
      case 'delete':
        graph.add({ do: 'delete', old: change.old, replaced: false })
        break
      default:
        unreachable(change)
    }
  }
}

const onPath = (of: { readonly kind: string }): boolean => kindOf(of).path !== undefined

function addCreate(graph: Graph, resource: Resource, replaces: boolean): void {
  const { fields } = kindOf(resource)
  const props = resource.props as Props
  const later = Object.keys(props).filter(
    field => fields[field]?.atCreate === false && props[field] !== undefined && props[field] !== fields[field]?.whenGone
  )
  const now = Object.fromEntries(Object.entries(props).filter(([field]) => !later.includes(field)))
  graph.add({ do: 'create', resource, props: now, replaces }, replaces && onPath(resource))
  if (later.length === 0) return
  const changes = later.map(
    (field): FieldChange => ({ field, from: undefined, to: props[field], forces: 'update', phase: 'later', restarts: false })
  )
  graph.add({ do: 'update', resource, path: resource.path, old: undefined, props, fields: changes, phase: 'later' })
  graph.needs(`update ${resource.id}#later`, `create ${resource.id}`)
}

function addUpdates(graph: Graph, change: Extract<Change, { op: 'update' }>): void {
  const { resource, old, fields } = change
  const have = old.props as Props
  const want = resource.props as Props
  const uncompared = Object.entries(kindOf(resource).fields).filter(
    ([field, rule]) => rule.secret || (rule.sentAlong && want[field] !== undefined)
  )
  const written = (field: string): unknown => kindOf(resource).fields[field]?.completed?.(have[field], want[field]) ?? want[field]
  // An equal field keeps the form it has there; only one that differs, or is never compared, is sent as declared.
  let sent: Props = { ...have, ...Object.fromEntries(uncompared.map(([field]) => [field, want[field]])) }
  for (const phase of ['main', 'cut-over'] as const) {
    // A field that only a restart mends is written already.
    // A promotion, too, is a step of its own.
    const own = fields.filter(({ phase: at, field }) => at === phase && field !== inForce && !kindOf(resource).fields[field]?.leads)
    if (own.length === 0) continue
    sent = { ...sent, ...Object.fromEntries(own.filter(({ field }) => field !== 'tags').map(({ field }) => [field, written(field)])) }
    // A parameter is written at no cost; the restart that puts it in force is a step of its own.
    const interrupts = !kindOf(resource).waitsForRestart && own.some(({ restarts }) => restarts)
    const props = resource.keepsCredential ? kindOf(resource).storedCredential?.keep(sent) : sent
    graph.add({ do: 'update', resource, path: old.path, old, props, fields: own, phase }, interrupts)
  }
  graph.needs(`update ${resource.id}#cut-over`, `update ${resource.id}`)
  addCall(graph, change)
}

/** The call that makes a part of a change, and the write after it of what that may have left otherwise. */
function addCall(graph: Graph, { resource, old, fields }: Extract<Change, { op: 'update' }>): void {
  const own = fields.filter(({ phase }) => phase === 'call')
  const call = own[0]?.call
  if (call === undefined) return
  const wanted: Props = { ...(old.props as Props), ...(resource.props as Props) }
  const props: Props = { ...wanted, ...Object.fromEntries(own.map(({ field, to }) => [field, to])) }
  graph.add({ do: 'update', resource, path: old.path, old, props, fields: own, phase: 'call', call }, true)
  graph.needs(callIdOf(resource.id), `update ${resource.id}`)
  const after = fields.filter(({ phase }) => phase === 'later')
  if (after.length === 0) return
  graph.add({ do: 'update', resource, path: old.path, old: undefined, props, fields: after, phase: 'later', ifNeeded: true })
  graph.needs(`update ${resource.id}#later`, callIdOf(resource.id))
}
