import type { Action } from '../model/change.ts'
import { unreachable } from '../model/invariant.ts'
import { kindOf } from './index.ts'

/** How long a step usually takes, in seconds. A step that waits for people is not done under a lock. */
export function secondsOf(action: Action): number {
  switch (action.do) {
    case 'lift':
    case 'restore':
      return 1
    case 'create':
      return kindOf(action.resource).seconds.create
    case 'update':
      return kindOf(action.resource).seconds.update
    case 'delete':
      return kindOf(action.old).seconds.remove
    case 'prove':
      return 1
    case 'invoke':
      return 60
    default:
      return unreachable(action)
  }
}
