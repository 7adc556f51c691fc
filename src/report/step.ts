import { kindOf } from '../kinds/index.ts'
import type { Action, Step } from '../model/change.ts'
import { unreachable } from '../model/invariant.ts'
import type { Naming } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import type { Position } from '../model/resource.ts'
import type { Style, Symbols } from './style.ts'

/** The DBA's decision, if this step writes one. */
export function decisionOf(action: Action): 'approve' | 'reject' | undefined {
  if ((action.do !== 'create' && action.do !== 'update') || kindOf(action.resource).path?.part !== 'decision') return undefined
  const { status } = action.resource.props as { readonly status?: string }
  return status === 'Rejected' ? 'reject' : 'approve'
}

export function symbolOf(action: Action): keyof Symbols {
  switch (action.do) {
    case 'unlock':
    case 'relock':
      return 'lock'
    case 'create':
    case 'update':
      return decisionOf(action) ?? (action.do === 'update' ? 'update' : action.replaces ? 'replace' : 'create')
    case 'delete':
      return action.replaced ? 'replace' : 'delete'
    case 'prove':
      return 'prove'
    case 'invoke':
      return 'invoke'
    default:
      return unreachable(action)
  }
}

export function painted(symbol: keyof Symbols, { colors, symbols }: Style): string {
  const paint = {
    create: colors.green,
    update: colors.yellow,
    delete: colors.red,
    replace: colors.red,
    lock: colors.magenta,
    approve: colors.cyan,
    reject: colors.red,
    prove: colors.blue,
    invoke: colors.blue,
    arrow: (text: string) => text
  }
  return paint[symbol](symbols[symbol])
}

/** A step's subject: one short name that is the same in the plan, in the progress and in the summary. */
export function subjectOf(action: Action, naming: Naming): string {
  switch (action.do) {
    case 'unlock':
      return `${naming(action.lock.scope)} lock ${printable(action.lock.name)}`
    case 'relock':
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

/** The kind in the words of a reader. */
export function titleOf(action: Action): string {
  switch (action.do) {
    case 'unlock':
    case 'relock':
      return 'management lock'
    case 'create':
    case 'update':
      return kindOf(action.resource).title
    case 'delete':
      return kindOf(action.old).title
    case 'prove':
      return 'flexible server'
    case 'invoke':
      return kindOf(action).title
    default:
      return unreachable(action)
  }
}

export const positionOf = (action: Action): Position | undefined => ('resource' in action ? action.resource?.at : undefined)

/** Steps are numbered in the order they are printed in. */
export const numbered = (steps: readonly Step[]): ReadonlyMap<string, number> => new Map(steps.map(({ id }, index) => [id, index + 1]))
