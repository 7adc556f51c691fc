import { type Action, isWrite, subjectOf } from '../model/change.ts'

/** The path of the resource that a step writes to; locks have entries of their own. */
export function writtenBy(action: Action): string | undefined {
  if (action.do === 'update' || action.do === 'invoke') return action.path
  return isWrite(action) ? subjectOf(action).path : undefined
}
