import { kindOf } from '../kinds/index.ts'
import type { Action, Plan, Step } from '../model/change.ts'
import { unreachable } from '../model/invariant.ts'
import { lockTitle, type Naming } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import { recordField } from '../plan/records.ts'
import { decisionOf, subjectOf } from './step.ts'

/** The plan of a step, and the words for what it names. */
export interface Telling {
  readonly naming: Naming
  readonly numbers: ReadonlyMap<string, number>
  readonly plan: Plan
  /** By a lock's path, for how long it is off. */
  readonly lifted: ReadonlyMap<string, number>
}

/** One step in one sentence. */
export function sentenceOf({ action, unless }: Step, telling: Telling): string {
  const { naming } = telling
  const about = ({ kind }: { readonly kind: string }, becomes: string): string =>
    `${subjectOf(action, naming)} (${kindOf({ kind }).title}) will be ${becomes}`
  switch (action.do) {
    case 'lift':
      return `${lockTitle(action.lock, naming)} will be ${action.how === 'lower' ? 'lowered to CanNotDelete' : 'removed'}${restored(action, telling)}`
    case 'restore':
      return `${lockTitle(action.lock, naming)} ${action.scope === 'goes' ? 'goes with what it is on' : 'will be restored'}`
    case 'create':
    case 'update': {
      const decision = decisionOf(action)
      if (decision) return about(action.resource, decision === 'approve' ? 'approved' : 'rejected')
      if (action.do === 'create')
        return about(action.resource, unless !== undefined ? 'created again, if need be' : action.replaces ? 'created again' : 'created')
      const called = action.call === undefined ? undefined : kindOf(action.resource).calls?.[action.call]
      if (called !== undefined) return about(action.resource, called.becomes)
      if (action.ifNeeded) return about(action.resource, 'updated in-place, if need be')
      return about(action.resource, action.fields.every(({ field }) => field === recordField) ? 'written again' : 'updated in-place')
    }
    case 'delete': {
      const again = unless !== undefined ? ', then created again, if need be' : action.replaced ? ', then created again' : ''
      return about(action.old, `destroyed${again}`)
    }
    case 'prove':
      return `${subjectOf(action, naming)}${looked(action)}`
    case 'invoke':
      return printable(action.title)
    default:
      return unreachable(action)
  }
}

function looked({ for: purpose, depth, decides }: Extract<Action, { do: 'prove' }>): string {
  if (purpose === 'record') return `: its record will be ${decides ? 'looked at' : 'proven'}`
  if (purpose === 'policy') return ' will be waited for until the policy has written its record'
  return depth === 'connection'
    ? ' will be waited for'
    : ` will be proven reachable over its ${purpose === 'gate' ? 'address' : 'endpoints'}`
}

function restored({ lock }: Extract<Action, { do: 'lift' }>, { plan, numbers }: Telling): string {
  for (const { id, action } of plan.steps)
    if (action.do === 'restore' && action.was.path === lock.path)
      return action.scope === 'goes' ? ', goes with its scope' : `, restored in step ${numbers.get(id) ?? 0}`
  return ''
}
