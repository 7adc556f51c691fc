import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import { type Change, type FieldChange, type Note, type StepId, subjectOf } from '../model/change.ts'
import type { Graph } from '../model/graph.ts'
import { nameOf, parentOf } from '../model/id.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { type Existing, presentIn } from '../model/resource.ts'

/** A parameter that reads as declared and that the server does not use yet. No write mends it: only a restart does. */
export const inForce = 'inForce'

/** An earlier run wrote the parameter and did not restart the server, or a person wrote it. */
export const notInForceYet = ({ facts }: Existing): FieldChange[] =>
  facts.pendingRestart ? [{ field: inForce, from: false, to: true, forces: 'update', phase: 'main', restarts: true }] : []

/** The differences that an apply mends: those that take a restart only where the file allows it. */
export const mendable = (fields: readonly FieldChange[], restartAllowed: boolean): FieldChange[] =>
  fields.filter(({ field }) => field !== inForce || restartAllowed)

/**
 * Adds one restart of a server, after the writes of all its parameters that take one: the file agrees with `restart: allowed`. Only Azure
 * says which parameters of a new server take a restart, once it is there: then the step looks first.
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

/** Parameters that are not in force and stay so, since the file does not allow a restart. */
export function notInForce({ desired, live, changes }: PlanInput): Note[] {
  const changed = new Set(changes.flatMap(change => (change.op === 'delete' ? [] : [change.resource.id])))
  return [...desired.values()].flatMap(({ id, address }) => {
    if (changed.has(id) || !presentIn(live, id)?.facts.pendingRestart) return []
    return [{ address, message: `${waiting}. With \`restart: allowed\` on the server the next apply restarts it` }]
  })
}

export const waiting = 'is set, and takes effect with the next restart of the server'
