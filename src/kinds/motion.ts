import type { Facts, Observed } from '../model/resource.ts'

/** Whether Azure is working on a resource, and on what. */
export type Motion = 'at rest' | 'being made' | 'being deleted' | 'changing'

/**
 * Told from the state that Azure gives: Updating, Restarting, Scaling, whatever it calls it, it goes on. A server has words of its own
 * for being made and deleted [CORPUS]. `Pending` waits for a person, and Azure works on nothing.
 */
export function motionOf({ state = '' }: Pick<Facts, 'state'>): Motion {
  if (/^(creating|provisioning)$/i.test(state)) return 'being made'
  if (/^(deleting|dropping)$/i.test(state)) return 'being deleted'
  return /ing$/i.test(state) && !/^pending$/i.test(state) ? 'changing' : 'at rest'
}

/** How it moves, where there is anything to move. */
export const motionIn = (observed: Observed | undefined): Motion => (observed?.state === 'present' ? motionOf(observed.facts) : 'at rest')
