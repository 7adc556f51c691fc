import type { Change, Plan, Step } from '../model/change.ts'

export interface Counts {
  readonly add: number
  readonly change: number
  readonly destroy: number
}

/** Resources, once each, by the most severe thing that happens to them; a replacement is one to add and one to destroy, as in Terraform. */
export function countChanges(changes: readonly Change[]): Counts {
  const count = (...ops: Change['op'][]): number => changes.filter(({ op }) => ops.includes(op)).length
  return { add: count('create', 'replace'), change: count('update'), destroy: count('delete', 'replace') }
}

export const summaryLine = ({ add, change, destroy }: Counts): string => `Plan: ${add} to add, ${change} to change, ${destroy} to destroy.`

/** Whether there is anything to do at all: a plan may consist of a wait alone. */
export const isEmpty = ({ changes }: Pick<Plan, 'changes'>): boolean => changes.length === 0

export const countSteps = (steps: readonly Step[], what: Step['action']['do']): number =>
  steps.filter(({ action }) => action.do === what).length
