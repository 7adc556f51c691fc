import { kindOf } from '../kinds/index.ts'
import type { ChangingCall } from '../kinds/said.ts'
import type { Action } from '../model/change.ts'

/** The call by which a step makes its change, where it writes nothing. */
export const callOf = ({ resource, call }: Extract<Action, { do: 'update' }>): ChangingCall | undefined =>
  call === undefined ? undefined : kindOf(resource).calls?.[call]

/** The cost of a step for clients, where more is known than that a connection may drop. */
export function costOf(action: Action): string | undefined {
  if (action.do === 'update') return callOf(action)?.meanwhile
  if (action.do !== 'prove' || action.after === undefined) return undefined
  return kindOf(action.after).calls?.[action.after.call]?.afterwards
}
