import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import { touched } from '../kinds/touched.ts'
import type { Action, Note, Plan, StepId } from '../model/change.ts'
import { type ResourceId, resourceId, within } from '../model/id.ts'
import type { Desired } from '../model/resource.ts'
import { type Foundation, movedSince } from './digest.ts'

/** A plan that a command makes beside others. The same id in another estate is another lock. */
export interface Beside {
  readonly topology: string
  readonly estate: string
  readonly plan: Plan
}

/** For each plan a note on each lock that another of them lifts, too: each lifts it and restores it by itself. */
export const liftedForEach = (all: readonly Beside[]): readonly (readonly Note[])[] =>
  all.map(one =>
    liftedBy(one.plan).flatMap(path => {
      const id = resourceId(path)
      const others = all.filter(({ estate, plan }) => estate === one.estate && liftedBy(plan).some(other => resourceId(other) === id))
      const names = others.map(({ topology }) => topology).join(', ')
      return others.length < 2 ? [] : [{ address: path, message: `lifted and restored once for each of ${names}` }]
    })
  )

const liftedBy = ({ steps, refusals }: Plan): readonly string[] =>
  refusals.length > 0 ? [] : steps.flatMap(({ action }) => (action.do === 'unlock' ? [action.lock.path] : []))

/** The resources that the steps of a plan wrote to, and the scopes that these writes reached. */
export interface Wrote {
  readonly own: readonly ResourceId[]
  readonly reached: readonly ResourceId[]
}

/** A step that failed may have had an effect. */
export function wroteBy({ steps }: Plan, outcomes: ReadonlyMap<StepId, { readonly as: string }>): Wrote {
  const ran = steps.filter(({ id }) => ['done', 'failed', 'unknown'].includes(outcomes.get(id)?.as ?? '')).map(({ action }) => action)
  return { own: ran.flatMap(ownOf), reached: ran.flatMap(action => touched(action).map(({ scope }) => scope)) }
}

const ownOf = (action: Action): readonly ResourceId[] => {
  if (action.do === 'create' || action.do === 'update') return [action.resource.id]
  if (action.do === 'delete') return [action.old.id]
  return action.do === 'invoke' ? [action.id] : []
}

/** A plan with all that its digest was made of. */
export interface Founded {
  readonly plan: Plan
  readonly foundation: Foundation
  readonly view: { readonly desired: Desired }
}

/** The differences between a plan that was shown and the same plan made anew, less those that earlier members of the command wrote. */
export function movedBeside(shown: Founded, now: Founded, wrote: readonly Wrote[]): string[] {
  const subjects = new Map([...subjectsOf(shown), ...subjectsOf(now)])
  return movedSince(shown.foundation, now.foundation, name => {
    const { ids, joins = false } = subjects.get(name) ?? {
      ids: name.startsWith(ofRecord) ? [name.slice(ofRecord.length) as ResourceId] : []
    }
    return ids.some(id =>
      wrote.some(
        ({ own, reached }) => own.some(scope => within(id, scope)) || reached.some(scope => id === scope || (joins && within(id, scope)))
      )
    )
  })
}

const ofRecord = 'record '

interface Subject {
  readonly ids: readonly ResourceId[]
  /** Azure writes it at both ends: a write that reaches the one above it reaches it. */
  readonly joins?: boolean
}

/** The resources that the members of a foundation are of. */
function subjectsOf({ plan, view: { desired } }: Founded): ReadonlyMap<string, Subject> {
  const subjects = new Map<string, Subject>()
  for (const { address, id, kind, refs } of desired.values()) {
    const joins = kind === privateEndpointConnection.name
    const subject = { ids: joins ? [id, ...refs] : [id], joins }
    subjects.set(`live ${address}`, subject).set(`connection ${address}`, subject)
  }
  for (const change of plan.changes) if (change.op === 'delete') subjects.set(`live ${change.old.address}`, { ids: [change.old.id] })
  for (const path of liftedBy(plan)) subjects.set(`lock ${path}`, { ids: [resourceId(path)] })
  return subjects
}
