import { errorLine } from '../engine/errorText.ts'
import type { Action } from '../model/change.ts'
import type { ApplyEvent } from '../model/events.ts'
import { doOf } from '../model/graph.ts'
import { resourceId } from '../model/id.ts'
import { unreachable } from '../model/invariant.ts'
import type { Naming } from '../model/naming.ts'
import type { PlanStep } from './plan.generated.ts'

/** An event of an apply to be told: about a step of the plan document, with errors and reasons in words. */
export type Happened = { readonly step: PlanStep } & (
  | { readonly type: 'started' }
  | { readonly type: 'progress'; readonly elapsedMs: number; readonly waitingFor: string | undefined }
  | { readonly type: 'retried'; readonly error: string; readonly inMs: number }
  | { readonly type: 'finished'; readonly elapsedMs: number; readonly message: string | undefined }
  | { readonly type: 'failed'; readonly elapsedMs: number; readonly error: string }
  | { readonly type: 'skipped'; readonly reason: string }
  | { readonly type: 'waiting'; readonly reason: string }
)

/** Tells the events of a plan's apply. @returns `undefined` for a step that the document does not have */
export function happenings(steps: readonly PlanStep[], naming: Naming): (event: ApplyEvent) => Happened | undefined {
  const byId = new Map<string, PlanStep>(steps.map(step => [step.id, step]))
  return event => {
    const step = byId.get(event.step.id)
    if (step === undefined) return undefined
    switch (event.type) {
      case 'retried':
      case 'failed':
        return { ...event, step, error: errorLine(event.error) }
      case 'skipped':
        return { type: event.type, step, reason: skipReason(event.because, naming) }
      case 'started':
      case 'progress':
      case 'finished':
      case 'waiting':
        return { ...event, step }
      default:
        return unreachable(event)
    }
  }
}

/** Why a step was skipped, in words. */
export function skipReason(because: Extract<ApplyEvent, { type: 'skipped' }>['because'], naming: Naming): string {
  if (because === 'cancelled') return 'the run was interrupted'
  if (because === 'not needed') return 'nothing is left to do under it'
  if (because === 'is right') return 'the record is right without it'
  if (because === 'unlocked too long') return 'a lock in its way has been off for longer than safety.maxUnlockedSeconds'
  const [, id = '', of = ''] = /^\S+ ([^#]*)(?:#([^@]*))?/.exec(because) ?? []
  const name = naming(resourceId(id))
  const what = doOf(because)
  const told = what === '' ? undefined : notDone[what]
  return told?.(name, of.startsWith('/') ? naming(resourceId(of)) : undefined) ?? `${name} comes first and was not done`
}

/** The words for an earlier step that did not come to its end, by its operation. */
const notDone: Readonly<Record<Action['do'], (name: string, of: string | undefined) => string>> = {
  prove: (server, endpoint) => (endpoint === undefined ? `the new path to ${server} is not proven` : `${endpoint} is not proven`),
  create: name => `${name} was not made`,
  update: name => `${name} was not changed`,
  delete: name => `${name} was not deleted`,
  lift: name => `${name} was not lifted`,
  restore: name => `${name} was not restored`,
  invoke: name => `a call on ${name} comes first and was not made`
}
