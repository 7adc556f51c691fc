import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import { touched } from '../kinds/touched.ts'
import { type Action, isWrite, type Note, type Plan, type StepId, subjectOf } from '../model/change.ts'
import { idOf } from '../model/graph.ts'
import { type ResourceId, resourceId, scopesOf } from '../model/id.ts'
import type { Desired } from '../model/resource.ts'
import { type Foundation, movedSince } from './digest.ts'

/** A plan that a command makes beside others. The same id in another estate is another lock. */
export interface Beside {
  readonly topology: string
  readonly estate: string
  readonly plan: Plan
}

/** For each plan a note on each lock that another of them lifts, too: each lifts it and restores it by itself. */
export function liftedForEach(all: readonly Beside[]): readonly (readonly Note[])[] {
  const key = (estate: string, path: string): string => `${estate} ${resourceId(path)}`
  const lifts = new Map<string, string[]>()
  for (const { topology, estate, plan } of all)
    for (const path of liftedBy(plan)) lifts.set(key(estate, path), [...(lifts.get(key(estate, path)) ?? []), topology])
  return all.map(({ estate, plan }) =>
    liftedBy(plan).flatMap(path => {
      const names = lifts.get(key(estate, path)) ?? []
      return names.length < 2 ? [] : [{ address: path, message: `lifted and restored once for each of ${names.join(', ')}` }]
    })
  )
}

const liftedBy = ({ steps, refusals }: Plan): readonly string[] =>
  refusals.length > 0 ? [] : steps.flatMap(({ action }) => (action.do === 'lift' ? [action.lock.path] : []))

/** The writes of the steps of a plan that ran, as the digest of another plan may show them. */
export interface Wrote {
  /** Made or deleted, with all that lies in them. */
  readonly own: readonly ResourceId[]
  /** Changed. A change by others of what lies in one of them still counts. */
  readonly changed: readonly ResourceId[]
  /** Azure went there for a write of ours, to a record for instance. */
  readonly reached: readonly ResourceId[]
}

/** A step that failed may have had an effect. */
export function wroteBy({ steps }: Plan, outcomes: ReadonlyMap<StepId, { readonly as: string }>): Wrote {
  const ran = steps.filter(({ id }) => ['done', 'failed', 'unknown'].includes(outcomes.get(id)?.as ?? '')).map(({ action }) => action)
  return {
    own: ran.flatMap(action => (action.do === 'create' || action.do === 'delete' ? [subjectOf(action).id] : [])),
    changed: ran.flatMap(changedBy),
    reached: ran.flatMap(action => touched(action).map(({ scope }) => scope))
  }
}

const changedBy = (action: Action): readonly ResourceId[] =>
  action.do === 'update' || action.do === 'restore' || action.do === 'invoke' ? (action.resource ? [action.resource.id] : []) : []

/** A plan with all that its digest was made of. */
export interface Founded {
  readonly plan: Plan
  readonly foundation: () => Foundation
  readonly desired: Desired
}

/**
 * The differences between a plan that was shown and the same plan made anew, less those that earlier topologies of the command wrote.
 * In doubt a difference counts as not ours, since a plan with differences of ours alone is carried out without being shown.
 */
export function movedBeside(shown: Founded, now: Founded, wrote: readonly Wrote[]): string[] {
  const own = new Set(wrote.flatMap(one => one.own))
  const changed = new Set(wrote.flatMap(one => one.changed))
  const reached = new Set(wrote.flatMap(one => one.reached))
  const isOurs = (id: ResourceId): boolean => changed.has(id) || scopesOf(id).some(scope => own.has(scope))
  const subjects = new Map([...subjectsOf(shown), ...subjectsOf(now)])
  const moved = movedSince(shown.foundation(), now.foundation(), name => {
    if (name.startsWith(ofRecord)) {
      const record = name.slice(ofRecord.length) as ResourceId
      return reached.has(record) || isOurs(record)
    }
    return (subjects.get(name) ?? []).some(isOurs)
  })
  return moved.length > 0 ? moved : addedSteps(shown, now)
}

/** Where only our own writes moved it, a plan may have fewer steps than were shown. The user did not agree to another one. */
function addedSteps(shown: Founded, now: Founded): string[] {
  const known = new Set(shown.plan.steps.map(({ action }) => workOf(action)))
  return now.plan.steps.flatMap(({ id, action }) => (known.has(workOf(action)) ? [] : [`the step "${id}" was not part of the plan`]))
}

/** The work of a step, without its place in the order; of a lift also how, and where its markers lie. */
function workOf(action: Action): string {
  if (isWrite(action)) return `${action.do === 'delete' ? 'delete' : 'write'} ${subjectOf(action).id}`
  if (action.do === 'lift') return `lift ${resourceId(action.lock.path)} ${action.how} ${action.memory.in}`
  return action.do === 'prove' ? action.do : idOf(action)
}

const ofRecord = 'record '

/** The resources that the members of a foundation are of. */
function subjectsOf({ plan, desired }: Founded): ReadonlyMap<string, readonly ResourceId[]> {
  const subjects = new Map<string, readonly ResourceId[]>()
  for (const { address, id, kind, refs } of desired.values()) {
    // A connection comes with the endpoint that it is from.
    const ids = kind === privateEndpointConnection.name ? [id, ...refs] : [id]
    subjects.set(`live ${address}`, ids).set(`connection ${address}`, ids)
  }
  for (const change of plan.changes) if (change.op === 'delete') subjects.set(`live ${change.old.address}`, [change.old.id])
  for (const { action } of plan.steps) if (action.do === 'lift') subjects.set(`lock ${action.lock.path}`, [resourceId(action.lock.path)])
  return subjects
}
