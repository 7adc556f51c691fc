import { azLine } from '../locks/index.ts'
import { type ResourceId, within } from '../model/id.ts'
import type { Lease } from '../model/marker.ts'
import type { Desired, Lock } from '../model/resource.ts'
import type { Session } from './session.ts'
import { workflowIn } from './workflow.ts'

/** On something of the topology, beneath it, or above it. */
export const matters = (scope: Lock['scope'], desired: Desired): boolean =>
  [...desired.keys()].some(id => within(id, scope) || within(scope, id))

/** Above all that the topology names of it: a lock there is on more than that. */
const isAbove = (scope: ResourceId, desired: Desired): boolean =>
  matters(scope, desired) && ![...desired.keys()].some(id => within(scope, id))

/**
 * A journal or a marker is a claim, and not an order: another program may have written it. A lock is made only where it lies on, above or
 * beneath something of the topology, and above it only where its user agreed to that.
 *
 * @returns why a lock that a memory says is owed is not made; `undefined` where it is
 */
export function refusalOf({
  prepared,
  baseline,
  settings,
  restoreLine
}: Session): (lock: Lock, lease: Lease | undefined) => string | undefined {
  const { desired, safety } = prepared.resolved
  // The workflow run that lifted a lock needs no flag.
  const { workflow } = workflowIn(settings.environment)
  const known: Desired = new Map([...(baseline?.desired ?? []), ...desired])
  const agreed = settings.liftInheritedLocks || safety.liftInheritedLocks
  return (lock, lease) => {
    const { scope, path } = lock
    if (!matters(scope, known))
      return `it lies on nothing that the topology names, nor above or beneath that, so that it is not made for what a journal says. If it is missing, restore it by: ${azLine(lock)} . If it is not, say so: ${restoreLine({ keep: path })}`
    if (!isAbove(scope, known) || agreed || (workflow !== undefined && lease?.workflow === workflow)) return undefined
    return `it lies above what the topology names, and holds for more than that. Look at it, and agree to it: ${restoreLine({ liftInheritedLocks: true })}`
  }
}
