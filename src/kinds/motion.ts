import type { Facts } from '../model/resource.ts'

/** Whether Azure is working on a resource, and on what. */
export type Motion = 'at rest' | 'being made' | 'being deleted' | 'changing'

/**
 * The usual way to tell from the state that Azure gives: Updating, Restarting, Scaling, whatever it calls it, Azure works on it.
 * `Pending` waits for a person, and Azure works on nothing.
 */
export function usualMotion({ state = '' }: Pick<Facts, 'state'>): Motion {
  if (/^(creating|provisioning)$/i.test(state)) return 'being made'
  if (/^deleting$/i.test(state)) return 'being deleted'
  return /ing$/i.test(state) && !/^pending$/i.test(state) ? 'changing' : 'at rest'
}
