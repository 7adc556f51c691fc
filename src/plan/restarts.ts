import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import { type Change, type FieldChange, type Note, type StepId, subjectOf } from '../model/change.ts'
import type { Graph } from '../model/graph.ts'
import { nameOf, parentOf } from '../model/id.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { type Existing, presentIn } from '../model/resource.ts'

/** A parameter that reads as declared and that the server does not use yet. No write mends it: only a restart does. */
export const inForce = 'inForce'

/** A run before this one wrote it and did not come to the restart, or somebody else wrote it. */
export const notInForceYet = ({ facts }: Existing): FieldChange[] =>
  facts.pendingRestart ? [{ field: inForce, from: false, to: true, forces: 'update', phase: 'main', restarts: true }] : []

/** The differences that an apply mends: none that takes a restart which nobody agreed to. */
export const mendable = (fields: readonly FieldChange[], restartAllowed: boolean): FieldChange[] =>
  fields.filter(({ field }) => field !== inForce || restartAllowed)

/**
 * A parameter that only a restart puts in force gets one, after all of the server's that do: agreed to by `restart: allowed`. Which
 * parameters of a new server are of that sort only Azure says, once it is there: that step looks first.
 */
export function addRestarts(graph: Graph, { changes, desired }: PlanInput): void {
  const writes = changes.flatMap(change => restarting(change) ?? [])
  for (const server of new Set(writes.map(one => one.server))) {
    const own = writes.filter(one => one.server === server)
    const known = own.filter(({ surely }) => surely)
    const resource = desired.get(server) ?? own.find(one => one.resource)?.resource
    if (resource === undefined) continue
    const [first] = known.length > 0 ? known : own
    const path = first?.path.split('/').slice(0, -2).join('/') ?? resource.path
    const surely = known.length > 0
    const step = graph.add(
      {
        do: 'invoke',
        verb: surely ? 'restart' : 'restartIfWaiting',
        kind: flexibleServer.name,
        id: server,
        path,
        title: `restart ${desired.get(server)?.address ?? nameOf(path)}${surely ? '' : ', if a parameter waits for it'}`,
        because: `${own.map(({ name }) => name).join(', ')} ${own.length === 1 ? 'takes' : 'take'} effect with it`,
        resource
      },
      surely
    )
    for (const { step: write } of own) graph.needs(step.id, write)
  }
}

/** The restart that a change of a parameter asks of its server; a reset is a write as well. */
function restarting(change: Change) {
  const subject = subjectOf(change)
  const server = parentOf(subject.id)
  if (!kindOf(subject).waitsForRestart || server === undefined) return undefined
  const resource = change.op === 'delete' ? undefined : change.resource
  const asks =
    change.op === 'delete'
      ? change.old.facts.needsRestart
      : change.op === 'create'
        ? change.resource.restartAllowed
        : change.fields.some(({ restarts }) => restarts)
  if (!asks) return undefined
  const step: StepId = `${change.op === 'replace' ? 'update' : change.op} ${subject.id}`
  const path = change.op === 'create' ? subject.path : change.old.path
  // Only of one that is there Azure has said that it takes a restart.
  return { server, name: nameOf(subject.path), path, step, surely: change.op !== 'create', resource }
}

/** Parameters that are not in force and stay so, since nobody agreed to a restart. */
export function notInForce({ desired, live, changes }: PlanInput): Note[] {
  const changed = new Set(changes.flatMap(change => (change.op === 'delete' ? [] : [change.resource.id])))
  return [...desired.values()].flatMap(({ id, address }) => {
    if (changed.has(id) || !presentIn(live, id)?.facts.pendingRestart) return []
    return [{ address, message: `${waiting}. With \`restart: allowed\` on the server the next apply restarts it` }]
  })
}

export const waiting = 'is set, and takes effect with the next restart of the server'
