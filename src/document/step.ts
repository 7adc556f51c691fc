import { kindOf } from '../kinds/index.ts'
import type { Action, Step } from '../model/change.ts'
import { unreachable } from '../model/invariant.ts'
import type { Naming } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import type { Position } from '../model/resource.ts'
import type { PlanStep } from './plan.generated.ts'

/** The DBA's decision, if this step writes one. */
export function decisionOf(action: Action): 'approve' | 'reject' | undefined {
  if ((action.do !== 'create' && action.do !== 'update') || kindOf(action.resource).path?.part !== 'decision') return undefined
  const { status } = action.resource.props as { readonly status?: string }
  return status === 'Rejected' ? 'reject' : 'approve'
}

/** The operation of a step, in the words of the document. */
export function operation(action: Action): PlanStep['op'] {
  const decision = decisionOf(action)
  if (decision) return `connection.${decision}`
  if (action.do === 'lift') return action.how === 'lower' ? 'lock.lower' : 'lock.lift'
  return action.do === 'restore' ? 'lock.restore' : action.do
}

/** A step's subject: one short name that is the same in the plan, in the progress and in the summary. */
export function subjectOf(action: Action, naming: Naming): string {
  switch (action.do) {
    case 'lift':
      return `${naming(action.lock.scope)} lock ${printable(action.lock.name)}`
    case 'restore':
      return `${naming(action.was.scope)} lock ${printable(action.was.name)}`
    case 'create':
    case 'update':
      return printable(action.resource.address)
    case 'delete':
      return printable(action.old.address)
    case 'prove':
      return printable(action.for !== 'cut-over' ? (action.endpoints[0]?.address ?? action.address) : action.address)
    case 'invoke':
      return printable(action.resource.address)
    default:
      return unreachable(action)
  }
}

export const positionOf = (action: Action): Position | undefined => ('resource' in action ? action.resource?.at : undefined)

/** Steps are numbered in the order they are printed in. */
export const numbered = (steps: readonly Step[]): ReadonlyMap<string, number> => new Map(steps.map(({ id }, index) => [id, index + 1]))
