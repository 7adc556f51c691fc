import type { Action } from '../model/change.ts'
import { unreachable } from '../model/invariant.ts'

/** The path of the resource that a step writes to; locks have entries of their own. */
export function writtenBy(action: Action): string | undefined {
  switch (action.do) {
    case 'create':
      return action.resource.path
    case 'update':
    case 'invoke':
      return action.path
    case 'delete':
      return action.old.path
    case 'lift':
    case 'restore':
    case 'prove':
      return undefined
    default:
      return unreachable(action)
  }
}
