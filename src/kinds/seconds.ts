import { type Action, isWrite, subjectOf } from '../model/change.ts'
import { kindOf } from './index.ts'

/** How long a step usually takes, in seconds. A step that waits for people is not done under a lock. */
export function secondsOf(action: Action): number {
  if (!isWrite(action)) return action.do === 'invoke' ? 60 : 1
  if (action.do === 'update' && action.call !== undefined) return kindOf(action.resource).calls?.[action.call]?.seconds ?? 60
  const { create, update, remove } = kindOf(subjectOf(action)).seconds
  return { create, update, delete: remove }[action.do]
}
